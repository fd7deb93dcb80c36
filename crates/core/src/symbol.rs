//! One canonical code per security: seven styles in, `000852.SH` out.
//!
//! | style | who writes it |
//! |---|---|
//! | `000852.SH`, `430047.BJ` | tushare, Wind, Choice (canonical) |
//! | `sh000852`, `SH000852` | sina, qlib, xueqiu |
//! | `000852.XSHG`, `IF2401.CCFX`, `000852.SSE` | rqalpha, joinquant, vnpy |
//! | `sh.000852` | baostock |
//! | `1.000852`, `0.000001`, `90.BK1158` | eastmoney secid |
//! | `SSE.000852`, `CFFEX.IF2401` | goldminer |
//! | `IF2401`, `io2401C3300`, `IO2401-C-3300` | CFFEX, sina |
//!
//! Six bare digits are refused unless the caller says what kind of security they name: `000852` is
//! the CSI 1000 index in Shanghai and a stock in Shenzhen.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::CoreError;

const CAPACITY: usize = 23;

/// A canonical code such as `000852.SH`, `IM2403.CFE` or `MO2403-C-5000.CFE`. Cheap to copy.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol {
    // Zero-padded, so byte order is text order.
    text: [u8; CAPACITY],
    len: u8,
}

/// Where a security is listed or an index is published; the suffix of its symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Exchange {
    /// Shanghai Stock Exchange, and indices published there.
    Shanghai,
    /// Shenzhen Stock Exchange, and indices published there.
    Shenzhen,
    /// Beijing Stock Exchange.
    Beijing,
    /// China Financial Futures Exchange.
    Cffex,
    /// China Securities Index Company.
    Csi,
    /// Wind indices.
    Wind,
    /// Eastmoney boards.
    Eastmoney,
    /// Open-end funds, not listed.
    OpenFund,
    /// Series of a user's own making.
    Own,
}

/// What a bare code is known to name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityKind {
    /// An A share.
    Stock,
    /// An index.
    Index,
    /// An exchange-traded fund.
    Etf,
    /// An open-end fund.
    Fund,
    /// A futures contract.
    Future,
    /// An option contract.
    Option,
}

/// The part of the stock market a share is listed on; price limits differ between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Board {
    /// Main boards of Shanghai and Shenzhen (including the former SME board).
    Main,
    /// ChiNext, Shenzhen.
    Chinext,
    /// STAR Market, Shanghai.
    Star,
    /// Beijing Stock Exchange.
    Beijing,
}

/// Suffix table: canonical suffix, exchange, other spellings (compared without case).
const SUFFIXES: &[(&str, Exchange, &[&str])] = &[
    ("SH", Exchange::Shanghai, &["XSHG", "SSE", "SHSE", "SS"]),
    ("SZ", Exchange::Shenzhen, &["XSHE", "SZSE"]),
    ("BJ", Exchange::Beijing, &["XBSE", "BSE", "NEEQ"]),
    ("CFE", Exchange::Cffex, &["CFFEX", "CCFX", "CFX"]),
    ("CSI", Exchange::Csi, &[]),
    ("WI", Exchange::Wind, &[]),
    ("EM", Exchange::Eastmoney, &["90"]),
    ("OF", Exchange::OpenFund, &[]),
    ("OWN", Exchange::Own, &[]),
];

impl Exchange {
    /// The canonical suffix, as `SH`.
    pub fn suffix(self) -> &'static str {
        SUFFIXES.iter().find(|row| row.1 == self).expect("every exchange has a row").0
    }

    fn from_spelling(text: &str) -> Option<Self> {
        SUFFIXES
            .iter()
            .find(|(canonical, _, others)| {
                canonical.eq_ignore_ascii_case(text)
                    || others.iter().any(|other| other.eq_ignore_ascii_case(text))
            })
            .map(|row| row.1)
    }
}

impl Symbol {
    /// Reads a code in any of the seven styles.
    ///
    /// # Errors
    /// Six bare digits are refused as ambiguous, anything else as no security code.
    pub fn parse(text: &str) -> Result<Self, CoreError> {
        let text = text.trim();
        if let Some(symbol) = from_marked(text) {
            return symbol;
        }
        if is_digits(text, 6) {
            return Err(CoreError::AmbiguousSymbol { found: text.to_owned() });
        }
        Err(unknown(
            text,
            "write it as 600519.SH, sh600519, 600519.XSHG, sh.600519, 1.600519 or IM2403",
        ))
    }

    /// Reads a code in any of the seven styles, or bare digits of a known kind.
    ///
    /// A bare stock or fund code names its exchange by its first digits; a bare CSI index code is
    /// placed by the publisher's own ranges (`000xxx` and `H...` Shanghai or CSI, `399xxx` Shenzhen).
    ///
    /// # Errors
    /// When the code fits no style, or no exchange uses such a number for that kind.
    pub fn parse_as(text: &str, kind: SecurityKind) -> Result<Self, CoreError> {
        let text = text.trim();
        if let Some(symbol) = from_marked(text) {
            return symbol;
        }
        let exchange = match kind {
            SecurityKind::Stock if is_digits(text, 6) => stock_exchange(text),
            SecurityKind::Etf if is_digits(text, 6) => match text.as_bytes()[0] {
                b'5' => Some(Exchange::Shanghai),
                b'1' => Some(Exchange::Shenzhen),
                _ => None,
            },
            SecurityKind::Index => index_publisher(text),
            SecurityKind::Fund if is_digits(text, 6) => Some(Exchange::OpenFund),
            _ => None,
        };
        match exchange {
            Some(exchange) => Self::canonical(text, exchange),
            None => Err(unknown(text, "no exchange lists such a number for that kind of security")),
        }
    }

    /// A symbol from a literal in our own code.
    ///
    /// # Panics
    /// When the text is not a security code.
    pub fn literal(text: &str) -> Self {
        Self::parse(text).expect("a literal symbol must be legal")
    }

    /// A symbol for a user's own series, `NAME.OWN`.
    ///
    /// # Errors
    /// When the name is empty, too long, or not letters, digits, `_` and `-`.
    pub fn own(name: &str) -> Result<Self, CoreError> {
        Self::canonical(name, Exchange::Own)
    }

    fn canonical(code: &str, exchange: Exchange) -> Result<Self, CoreError> {
        let legal = !code.is_empty()
            && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let suffix = exchange.suffix();
        let len = code.len() + 1 + suffix.len();
        if !legal || len > CAPACITY {
            return Err(unknown(code, "letters, digits and `-` only, at most 19 of them"));
        }
        let mut text = [0; CAPACITY];
        text[..code.len()].copy_from_slice(code.as_bytes());
        text[code.len()] = b'.';
        text[code.len() + 1..len].copy_from_slice(suffix.as_bytes());
        if exchange != Exchange::Own {
            text[..code.len()].make_ascii_uppercase();
        }
        Ok(Self { text, len: len as u8 })
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text[..self.len as usize]).expect("ascii by construction")
    }

    /// The part before the suffix.
    pub fn code(&self) -> &str {
        self.as_str().rsplit_once('.').expect("canonical text has a suffix").0
    }

    /// The exchange or publisher.
    pub fn exchange(&self) -> Exchange {
        let suffix = self.as_str().rsplit_once('.').expect("canonical text has a suffix").1;
        Exchange::from_spelling(suffix).expect("canonical suffix")
    }

    /// The board of a stock; `None` when the code is not an A share's.
    pub fn board(&self) -> Option<Board> {
        let code = self.code();
        match self.exchange() {
            Exchange::Shanghai if code.starts_with("688") || code.starts_with("689") => {
                Some(Board::Star)
            }
            Exchange::Shanghai if code.starts_with("60") => Some(Board::Main),
            Exchange::Shenzhen if code.starts_with("30") => Some(Board::Chinext),
            Exchange::Shenzhen if code.starts_with("00") => Some(Board::Main),
            Exchange::Beijing => Some(Board::Beijing),
            _ => None,
        }
    }
}

/// The symbol of a text that marks its exchange, or a bare CFFEX contract; `None` when it does not.
fn from_marked(text: &str) -> Option<Result<Symbol, CoreError>> {
    if let Some((left, right)) = text.rsplit_once('.') {
        return Some(from_dotted(text, left, right));
    }
    if !text.is_ascii() {
        return None;
    }
    if text.len() == 8 && is_digits(&text[2..], 6) {
        let exchange = Exchange::from_spelling(&text[..2])?;
        return Some(Symbol::canonical(&text[2..], exchange));
    }
    cffex_code(text).map(|code| Symbol::canonical(&code, Exchange::Cffex))
}

/// `CODE.EXCHANGE` or `EXCHANGE.CODE`.
fn from_dotted(text: &str, left: &str, right: &str) -> Result<Symbol, CoreError> {
    if let Some(exchange) = Exchange::from_spelling(right) {
        // A CFFEX code may be written in sina's lower case or without dashes.
        let code = if exchange == Exchange::Cffex { cffex_code(left) } else { None };
        return Symbol::canonical(code.as_deref().unwrap_or(left), exchange);
    }
    let exchange = match left {
        // Eastmoney's market numbers: 1 Shanghai, 0 Shenzhen and Beijing.
        "1" if is_digits(right, 6) => Some(Exchange::Shanghai),
        "0" if is_digits(right, 6) => Some(match stock_exchange(right) {
            Some(Exchange::Beijing) => Exchange::Beijing,
            _ => Exchange::Shenzhen,
        }),
        _ => Exchange::from_spelling(left),
    };
    match exchange {
        Some(exchange) => {
            let code = if exchange == Exchange::Cffex { cffex_code(right) } else { None };
            Symbol::canonical(code.as_deref().unwrap_or(right), exchange)
        }
        None => Err(unknown(
            text,
            "its exchange is none of SH, SZ, BJ, CFE, CSI, WI, OF and their other spellings",
        )),
    }
}

/// `IF2401`, `io2401C3300` or `IO2401-C-3300` in the exchange's own spelling.
fn cffex_code(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    let (product, rest) = (upper.get(..2)?, upper.get(2..)?);
    if matches!(product, "IF" | "IH" | "IC" | "IM" | "TS" | "TF" | "TL") && is_digits(rest, 4) {
        return Some(upper);
    }
    if !matches!(product, "IO" | "HO" | "MO") || !is_digits(rest.get(..4)?, 4) {
        return None;
    }
    let tail = rest[4..].replace('-', "");
    let (right, strike) = (tail.get(..1)?, tail.get(1..)?);
    let is_option = matches!(right, "C" | "P")
        && !strike.is_empty()
        && strike.bytes().all(|b| b.is_ascii_digit());
    is_option.then(|| format!("{product}{}-{right}-{strike}", &rest[..4]))
}

/// Exchange of a stock by the exchanges' own number ranges.
fn stock_exchange(code: &str) -> Option<Exchange> {
    match code.as_bytes() {
        [b'6', ..] => Some(Exchange::Shanghai),
        [b'0' | b'3', ..] => Some(Exchange::Shenzhen),
        [b'9', b'2', ..] | [b'8' | b'4', ..] => Some(Exchange::Beijing),
        _ => None,
    }
}

fn index_publisher(code: &str) -> Option<Exchange> {
    if is_digits(code, 6) {
        return match &code[..3] {
            "000" => Some(Exchange::Shanghai),
            "399" => Some(Exchange::Shenzhen),
            "868" => Some(Exchange::Wind),
            "930" | "931" | "932" => Some(Exchange::Csi),
            _ => None,
        };
    }
    let is_total_return =
        code.len() == 6 && code.starts_with(['H', 'h']) && is_digits(&code[1..], 5);
    is_total_return.then_some(Exchange::Csi)
}

fn is_digits(text: &str, n: usize) -> bool {
    text.len() == n && text.bytes().all(|b| b.is_ascii_digit())
}

fn unknown(found: &str, expected: &'static str) -> CoreError {
    CoreError::NoSuchSymbol { found: found.to_owned(), expected }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Symbol {
    type Err = CoreError;

    fn from_str(text: &str) -> Result<Self, CoreError> {
        Self::parse(text)
    }
}

impl Serialize for Symbol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Symbol {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Rows of FORMATS.md section 2, one canonical code each.
    #[test]
    fn every_style_becomes_the_canonical_code() {
        for (written, canonical) in [
            ("000852.SH", "000852.SH"),
            ("430047.BJ", "430047.BJ"),
            ("sh000852", "000852.SH"),
            ("SH600000", "600000.SH"),
            ("000852.XSHG", "000852.SH"),
            ("000001.XSHE", "000001.SZ"),
            ("sh.000852", "000852.SH"),
            ("bj.430047", "430047.BJ"),
            ("1.000852", "000852.SH"),
            ("0.000001", "000001.SZ"),
            ("0.430047", "430047.BJ"),
            ("90.BK1158", "BK1158.EM"),
            ("SSE.000852", "000852.SH"),
            ("SZSE.000852", "000852.SZ"),
            ("CFFEX.IF2401", "IF2401.CFE"),
            ("000852.SSE", "000852.SH"),
            ("IF2401", "IF2401.CFE"),
            ("if2401", "IF2401.CFE"),
            ("IF2401.CCFX", "IF2401.CFE"),
            ("IO2401-C-3300", "IO2401-C-3300.CFE"),
            ("io2401C3300", "IO2401-C-3300.CFE"),
            ("mo2208P6200", "MO2208-P-6200.CFE"),
            ("MO2403-C-5000.CFE", "MO2403-C-5000.CFE"),
            ("868008.WI", "868008.WI"),
            ("932000.CSI", "932000.CSI"),
            ("H00300.CSI", "H00300.CSI"),
            (" 600519.sh ", "600519.SH"),
        ] {
            assert_eq!(Symbol::parse(written).unwrap().as_str(), canonical, "{written}");
        }
    }

    #[test]
    fn six_bare_digits_are_refused_with_the_reason() {
        let refusal = Symbol::parse("000852").unwrap_err().to_string();
        assert!(refusal.contains("CSI 1000 index"), "{refusal}");
        assert!(refusal.contains("Shenzhen stock"), "{refusal}");
        assert!(refusal.contains("`000852.SH`"), "{refusal}");
    }

    #[test]
    fn a_known_kind_places_bare_digits() {
        for (code, kind, canonical) in [
            ("000852", SecurityKind::Stock, "000852.SZ"),
            ("000852", SecurityKind::Index, "000852.SH"),
            ("600519", SecurityKind::Stock, "600519.SH"),
            ("920799", SecurityKind::Stock, "920799.BJ"),
            ("510050", SecurityKind::Etf, "510050.SH"),
            ("159915", SecurityKind::Etf, "159915.SZ"),
            ("399303", SecurityKind::Index, "399303.SZ"),
            ("H00905", SecurityKind::Index, "H00905.CSI"),
            ("932000", SecurityKind::Index, "932000.CSI"),
            ("000411", SecurityKind::Fund, "000411.OF"),
        ] {
            assert_eq!(
                Symbol::parse_as(code, kind).unwrap().as_str(),
                canonical,
                "{code} {kind:?}"
            );
        }
        assert!(Symbol::parse_as("100000", SecurityKind::Stock).is_err());
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in [
            "",
            ".",
            "abc",
            "12345",
            "1234567",
            "000852.XX",
            "数据来源：Wind",
            "IO2401-X-1",
            "000852.",
        ] {
            assert!(Symbol::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn boards_follow_the_number_ranges() {
        for (code, board) in [
            ("600519.SH", Some(Board::Main)),
            ("688981.SH", Some(Board::Star)),
            ("300750.SZ", Some(Board::Chinext)),
            ("002594.SZ", Some(Board::Main)),
            ("830799.BJ", Some(Board::Beijing)),
            ("IM2403.CFE", None),
            ("510050.SH", None),
        ] {
            assert_eq!(Symbol::literal(code).board(), board, "{code}");
        }
    }

    proptest! {
        /// A canonical code reads back as itself, and any text at all is answered without a panic.
        #[test]
        fn canonical_codes_are_fixed_points(text in "\\PC{0,24}") {
            if let Ok(symbol) = Symbol::parse(&text) {
                prop_assert_eq!(Symbol::parse(symbol.as_str()).unwrap(), symbol);
                prop_assert_eq!(symbol.as_str(), symbol.to_string());
            }
        }

        /// Symbols order as their text does.
        #[test]
        fn order_is_text_order(a in "[0-9]{6}\\.(SH|SZ)", b in "[0-9]{6}\\.(SH|SZ|BJ)") {
            let (x, y) = (Symbol::literal(&a), Symbol::literal(&b));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
        }
    }
}
