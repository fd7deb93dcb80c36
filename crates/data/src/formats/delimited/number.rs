//! Decimal numbers from bytes: exact, and several times faster than the general parser.
//!
//! Up to 15 or so significant digits a decimal is `mantissa / 10^k` with both sides exact doubles,
//! so one division is correctly rounded (Clinger 1990, "How to read floating point numbers
//! accurately"). Everything else goes to the standard parser; the result is the same bit for bit.

/// Powers of ten that are exact doubles.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Largest integer below which every integer is an exact double.
const EXACT: u64 = 1 << 53;

/// Most digits a `u64` holds for sure.
const MAX_DIGITS: usize = 19;

/// A factor to a canonical unit. A power of ten moves the decimal point before the number is rounded,
/// so that 17853444.74 万元 is 178534447400 yuan and 3.1 % is 0.031, with nothing after.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scale {
    /// Ten to this power.
    Shift(i32),
    /// Any other factor.
    Factor(f64),
}

impl Scale {
    /// The number as written.
    pub(crate) const ONE: Self = Self::Shift(0);

    /// The scale of a factor.
    pub(crate) fn of(factor: f64) -> Self {
        let power = factor.log10().round();
        let is_power = power.abs() <= 12.0 && factor == 10_f64.powi(power as i32);
        if is_power { Self::Shift(power as i32) } else { Self::Factor(factor) }
    }

    fn parts(self) -> (i32, f64) {
        match self {
            Self::Shift(shift) => (shift, 1.0),
            Self::Factor(factor) => (0, factor),
        }
    }
}

/// Reads the plain decimal `bytes` starts with: its scaled value and its length.
///
/// `None` when there is no digit, or too many for the exact path; what follows the digits is the
/// caller's to judge.
#[inline]
pub(crate) fn leading_decimal(bytes: &[u8], scale: Scale) -> Option<(f64, usize)> {
    let (is_negative, start) = match bytes.first()? {
        b'-' => (true, 1),
        b'+' => (false, 1),
        _ => (false, 0),
    };
    let (whole, n_whole) = digits(&bytes[start..], 0);
    let mut end = start + n_whole;
    let (mut mantissa, mut n_fraction) = (whole, 0);
    if bytes.get(end) == Some(&b'.') {
        (mantissa, n_fraction) = digits(&bytes[end + 1..], whole);
        end += 1 + n_fraction;
    }
    let n_digits = n_whole + n_fraction;
    if n_digits == 0 || n_digits > MAX_DIGITS || mantissa > EXACT {
        return None;
    }
    let (shift, factor) = scale.parts();
    let exponent = shift - n_fraction as i32;
    let power = *POWERS.get(exponent.unsigned_abs() as usize)?;
    let mantissa = mantissa as f64;
    let magnitude = factor * if exponent < 0 { mantissa / power } else { mantissa * power };
    Some((if is_negative { -magnitude } else { magnitude }, end))
}

/// Reads the whole number `bytes` starts with: its value and its length.
#[inline]
pub(crate) fn leading_integer(bytes: &[u8]) -> Option<(i64, usize)> {
    let (is_negative, start) = match bytes.first()? {
        b'-' => (true, 1),
        _ => (false, 0),
    };
    let (value, n) = digits(&bytes[start..], 0);
    if n == 0 || n >= MAX_DIGITS {
        return None;
    }
    let value = value as i64;
    Some((if is_negative { -value } else { value }, start + n))
}

/// `seed` with the leading digits of `bytes` appended, and how many there were. Wraps after 19.
#[inline]
fn digits(bytes: &[u8], seed: u64) -> (u64, usize) {
    let mut value = seed;
    let mut n = 0;
    for &byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        n += 1;
    }
    (value, n)
}

/// Reads a number as exports write it: thousands separators, full-width digits, a trailing `%`, 万 or
/// 亿, blanks. `Ok(None)` is a missing value.
///
/// A `%` in the cell stands for the column's percent, it is not applied twice.
///
/// # Errors
/// When the text is no number.
pub(crate) fn from_text(text: &str, scale: Scale) -> Result<Option<f64>, ()> {
    let text = text.trim();
    if is_missing(text) {
        return Ok(None);
    }
    let plain: String = text.chars().map(half_width).filter(|c| *c != ' ').collect();
    let (body, sign) = signed(&plain);
    let (shift, factor) = if sign == Some(PERCENT) { (0, 1.0) } else { scale.parts() };
    let body = without_thousands(body).ok_or(())?;
    let value = shifted(&body, shift + sign.unwrap_or(0)).ok_or(())? * factor;
    Ok(if value.is_nan() { None } else { Some(value) })
}

/// A number times a power of ten, rounded once.
fn shifted(body: &str, shift: i32) -> Option<f64> {
    if shift == 0 || !body.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+')) {
        let value: f64 = body.parse().ok()?;
        return Some(value * 10_f64.powi(shift));
    }
    format!("{body}e{shift}").parse().ok()
}

/// A word that stands for a number no price, count or ratio can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotFinite {
    /// The result of a computation that failed.
    NotANumber,
    /// An infinity.
    Infinite,
}

/// What a text says that programs write for numbers that are not finite; `None` for any other text.
///
/// Such a word is no missing value: a computation went wrong where it was written.
pub(crate) fn not_finite(text: &str) -> Option<NotFinite> {
    const NOT_A_NUMBER: &[&str] = &["nan", "1.#qnan", "1.#ind", "#div/0!", "#num!"];
    const INFINITE: &[&str] = &["inf", "infinity", "1.#inf", "∞"];
    if text.is_empty() {
        return None;
    }
    let word = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_one_of = |words: &[&str]| words.iter().any(|w| w.eq_ignore_ascii_case(word));
    if is_one_of(NOT_A_NUMBER) {
        return Some(NotFinite::NotANumber);
    }
    is_one_of(INFINITE).then_some(NotFinite::Infinite)
}

/// Words exports write where there is no observation.
pub(crate) fn is_missing(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "", "-", "--", "---", "—", "——", "－", "#N/A", "#N/A N/A", "N/A", "n/a", "NA", "NaN",
        "nan", "NAN", "null", "NULL", "Null", "None", "none", "\\N", "#VALUE!", "#REF!", "#DIV/0!",
        "NaT", "<NA>", "无", "停牌",
    ];
    WORDS.contains(&text)
}

/// A full-width character in its ASCII form, others as they are.
pub(crate) fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(c as u32 - 0xFEE0).expect("the block mirrors ASCII")
        }
        '\u{3000}' | '\u{A0}' => ' ',
        '\u{2212}' => '-',
        other => other,
    }
}

/// Power of ten of `%`.
const PERCENT: i32 = -2;

/// The digits before a unit sign, and the sign's power of ten.
fn signed(text: &str) -> (&str, Option<i32>) {
    for (sign, power) in [("%", PERCENT), ("万亿", 12), ("亿", 8), ("万", 4)] {
        if let Some(body) = text.strip_suffix(sign) {
            return (body, Some(power));
        }
    }
    (text, None)
}

/// `1,234,567.8` without its separators; `None` when they do not part groups of three.
fn without_thousands(text: &str) -> Option<String> {
    if !text.contains(',') {
        return Some(text.to_owned());
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.trim_start_matches(['-', '+']).split(',');
    let is_first_legal = (1..=3).contains(&groups.next()?.len());
    let is_legal = is_first_legal && groups.all(|group| group.len() == 3);
    (is_legal && !fraction.contains(',')).then(|| text.replace(',', ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fast_or_std(text: &str) -> Option<f64> {
        match leading_decimal(text.as_bytes(), Scale::ONE) {
            Some((value, n)) if n == text.len() => Some(value),
            _ => text.parse().ok(),
        }
    }

    /// Witness: the standard library's correctly rounded parser, bit for bit.
    #[test]
    fn hard_decimals_equal_the_standard_parser() {
        for text in [
            "0",
            "-0",
            "0.1",
            "0.30000000000000004",
            "9007199254740992",
            "9007199254740993",
            "9007199254740993.5",
            "123456789012345678",
            "1234567890123456789012",
            "8.1485",
            "0.0000000000000000000001",
            "5.",
            ".5",
            "-12.50",
            "3200.4218",
            "1.7976931348623157e308",
        ] {
            let fast = fast_or_std(text).unwrap();
            assert_eq!(fast.to_bits(), text.parse::<f64>().unwrap().to_bits(), "{text}");
        }
        assert_eq!(leading_decimal(b".", Scale::ONE), None);
        assert_eq!(leading_decimal(b"", Scale::ONE), None);
        assert_eq!(leading_decimal(b"-", Scale::ONE), None);
        assert_eq!(leading_integer(b"-42,"), Some((-42, 3)));
    }

    #[test]
    fn numbers_as_exports_write_them() {
        for (text, expected) in [
            ("1,234,567.80", Ok(Some(1_234_567.8))),
            ("１２．５", Ok(Some(12.5))),
            ("－３", Ok(Some(-3.0))),
            ("12.5%", Ok(Some(0.125))),
            ("3.2亿", Ok(Some(320_000_000.0))),
            ("1,5", Err(())),
            ("12.3.4", Err(())),
            ("--", Ok(None)),
            ("#N/A", Ok(None)),
            ("NaN", Ok(None)),
            (" 7 ", Ok(Some(7.0))),
            ("7x", Err(())),
        ] {
            assert_eq!(from_text(text, Scale::ONE), expected, "{text}");
        }
    }

    /// Witness: the decimals themselves, written with their point moved.
    #[test]
    fn units_move_the_decimal_point_exactly() {
        for (text, factor, expected) in [
            ("17853444.74", 1e4, 178_534_447_400.0),
            ("3.1", 0.01, 0.031),
            ("1,940,591.82", 1e4, 19_405_918_200.0),
            ("0.05%", 0.01, 0.0005),
            ("12.5", 1e8, 1_250_000_000.0),
            ("4", 250.0, 1000.0),
        ] {
            let scale = Scale::of(factor);
            assert_eq!(from_text(text, scale), Ok(Some(expected)), "{text}");
            if let Some((value, n)) = leading_decimal(text.as_bytes(), scale)
                && n == text.len()
            {
                assert_eq!(value, expected, "{text}");
            }
        }
    }

    proptest! {
        /// Every decimal equals the standard parser's answer, bit for bit.
        #[test]
        fn decimals_equal_the_standard_parser(text in "[-+]?[0-9]{1,20}(\\.[0-9]{0,24})?") {
            let fast = fast_or_std(&text).unwrap();
            prop_assert_eq!(fast.to_bits(), text.parse::<f64>().unwrap().to_bits());
        }

        /// Every double survives being written and read.
        #[test]
        fn doubles_round_trip(value in proptest::num::f64::NORMAL) {
            let text = value.to_string();
            prop_assert_eq!(fast_or_std(&text).unwrap().to_bits(), value.to_bits());
        }

        /// Separators never change the value.
        #[test]
        fn thousands_separators_are_transparent(n in 0_u64..1_000_000_000_000_u64) {
            let digits = n.to_string();
            let mut text = String::new();
            for (i, c) in digits.chars().enumerate() {
                if i > 0 && (digits.len() - i).is_multiple_of(3) { text.push(','); }
                text.push(c);
            }
            prop_assert_eq!(from_text(&text, Scale::ONE), Ok(Some(n as f64)));
        }
    }
}
