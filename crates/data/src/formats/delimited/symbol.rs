//! Security codes to small numbers: each spelling is understood once a file, not once a row.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use arrow_array::{ArrayRef, DictionaryArray, Int32Array, StringArray};
use shoals_core::{CoreError, SecurityKind, Symbol};

/// A multiplicative hash (the one of the Rust compiler): codes are short and not hostile.
#[derive(Default)]
struct CodeHasher(u64);

impl Hasher for CodeHasher {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }

    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            let mixed = self.0.rotate_left(5) ^ u64::from_le_bytes(word);
            self.0 = mixed.wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }
}

type CodeMap<K> = HashMap<K, i32, BuildHasherDefault<CodeHasher>>;

/// Numbers the symbols of a file in order of appearance.
#[derive(Default)]
pub(crate) struct SymbolCoder {
    kind: Option<SecurityKind>,
    by_spelling: CodeMap<Box<[u8]>>,
    by_symbol: HashMap<Symbol, i32>,
    symbols: Vec<Symbol>,
    last: (Vec<u8>, i32),
}

impl SymbolCoder {
    /// A coder that reads bare codes as `kind`.
    pub(crate) fn new(kind: Option<SecurityKind>) -> Self {
        Self { kind, last: (Vec::new(), -1), ..Self::default() }
    }

    /// The number of the spelling `bytes` starts with, when it is that of the row before.
    #[inline]
    pub(crate) fn repeated(&self, bytes: &[u8], delimiter: u8) -> Option<(i32, usize)> {
        let n = self.last.0.len();
        let is_same = n > 0
            && bytes.get(..n) == Some(&self.last.0[..])
            && bytes.get(n).is_some_and(|b| *b == delimiter || *b == b'\n');
        is_same.then_some((self.last.1, n))
    }

    /// The number of a spelling.
    ///
    /// # Errors
    /// When it is no security code, or a bare one of unknown kind.
    #[inline]
    pub(crate) fn code(&mut self, spelling: &[u8]) -> Result<i32, CoreError> {
        let code = match self.by_spelling.get(spelling) {
            Some(code) => *code,
            None => self.learn(spelling)?,
        };
        self.last.0.clear();
        self.last.0.extend_from_slice(spelling);
        self.last.1 = code;
        Ok(code)
    }

    fn learn(&mut self, spelling: &[u8]) -> Result<i32, CoreError> {
        let symbol = parse(&String::from_utf8_lossy(spelling), self.kind)?;
        let code = self.of_symbol(symbol);
        self.by_spelling.insert(spelling.into(), code);
        Ok(code)
    }

    /// The number of a symbol.
    pub(crate) fn of_symbol(&mut self, symbol: Symbol) -> i32 {
        let next = self.symbols.len() as i32;
        *self.by_symbol.entry(symbol).or_insert_with(|| {
            self.symbols.push(symbol);
            next
        })
    }

    /// The symbols, by number.
    pub(crate) fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// The symbols as dictionary values.
    pub(crate) fn values(&self) -> ArrayRef {
        Arc::new(StringArray::from_iter_values(self.symbols.iter().map(Symbol::as_str)))
    }
}

/// Reads a code; with a kind, digits that lost their leading zeros in a spreadsheet get them back.
///
/// # Errors
/// When it is no security code, or a bare one of unknown kind.
pub(crate) fn parse(text: &str, kind: Option<SecurityKind>) -> Result<Symbol, CoreError> {
    let text = text.trim().trim_matches(['\'', '"', '=']);
    let Some(kind) = kind else { return Symbol::parse(text) };
    let is_number = !text.is_empty() && text.len() < 6 && text.bytes().all(|b| b.is_ascii_digit());
    if is_number {
        return Symbol::parse_as(&format!("{text:0>6}"), kind);
    }
    Symbol::parse_as(text, kind)
}

/// A symbol column from numbers and the dictionary they index.
pub(crate) fn dictionary(keys: Int32Array, values: &ArrayRef) -> ArrayRef {
    let array = DictionaryArray::try_new(keys, Arc::clone(values));
    Arc::new(array.expect("keys are numbers the coder gave"))
}

/// What a symbol is, as far as its code tells.
pub(crate) fn kind_of(symbol: Symbol) -> Option<SecurityKind> {
    use shoals_core::Exchange as E;
    let code = symbol.code().as_bytes();
    let kind = match symbol.exchange() {
        E::Csi | E::Wind | E::Eastmoney | E::Own => SecurityKind::Index,
        E::OpenFund => SecurityKind::Fund,
        E::Cffex if code.len() <= 7 => SecurityKind::Future,
        E::Cffex => SecurityKind::Option,
        _ if code.len() > 6 => SecurityKind::Option,
        E::Shanghai => match code {
            [b'0' | b'H', ..] | [b'8', b'8', ..] => SecurityKind::Index,
            [b'6' | b'9', ..] => SecurityKind::Stock,
            [b'5', ..] => SecurityKind::Etf,
            _ => return None,
        },
        E::Shenzhen => match code {
            [b'3', b'9', b'9', ..] => SecurityKind::Index,
            [b'0' | b'2' | b'3', ..] => SecurityKind::Stock,
            [b'1', ..] => SecurityKind::Etf,
            _ => return None,
        },
        E::Beijing if code.starts_with(b"899") => SecurityKind::Index,
        E::Beijing => SecurityKind::Stock,
    };
    Some(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spelling_is_learnt_once_and_styles_meet_in_one_symbol() {
        let mut coder = SymbolCoder::new(None);
        assert_eq!(coder.code(b"600519.SH").unwrap(), 0);
        assert_eq!(coder.repeated(b"600519.SH,1", b','), Some((0, 9)));
        assert_eq!(coder.repeated(b"600519.SHX,1", b','), None);
        assert_eq!(coder.code(b"sz.000001").unwrap(), 1);
        assert_eq!(coder.code(b"sh600519").unwrap(), 0);
        assert!(coder.code(b"000852").is_err());
        assert_eq!(coder.symbols().len(), 2);
    }

    #[test]
    fn codes_say_what_they_name() {
        use SecurityKind as K;
        for (code, kind) in [
            ("000852.SH", Some(K::Index)),
            ("000852.SZ", Some(K::Stock)),
            ("399303.SZ", Some(K::Index)),
            ("510050.SH", Some(K::Etf)),
            ("159915.SZ", Some(K::Etf)),
            ("430047.BJ", Some(K::Stock)),
            ("868008.WI", Some(K::Index)),
            ("IM2403.CFE", Some(K::Future)),
            ("IF-MAIN.CFE", Some(K::Future)),
            ("MO2403-C-5000.CFE", Some(K::Option)),
            ("10001313.SH", Some(K::Option)),
            ("000411.OF", Some(K::Fund)),
        ] {
            assert_eq!(kind_of(Symbol::literal(code)), kind, "{code}");
        }
    }

    #[test]
    fn lost_zeros_come_back_when_the_kind_is_known() {
        let stock = Some(SecurityKind::Stock);
        assert_eq!(parse("1", stock).unwrap().as_str(), "000001.SZ");
        assert_eq!(parse("'600519", stock).unwrap().as_str(), "600519.SH");
    }
}
