//! How numbers and days look to a reader: one place, so that a page, a tooltip and a terminal agree.
//!
//! A true minus sign, thousands separated by a comma, a fixed number of decimals in a column, a dash for
//! "no observation". Ratios become percent here and nowhere else.

use serde::Serialize;
use shoals_core::TradingDay;

use crate::i18n::Lang;

/// Shown where there is no observation.
pub const NOTHING: &str = "–";

/// How the numbers of a column or an axis are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "kind", content = "digits", rename_all = "snake_case")]
pub enum Format {
    /// A ratio shown as percent, with so many decimals.
    Percent(usize),
    /// A plain number with so many decimals and thousands separated.
    Number(usize),
}

impl Format {
    /// The number as a reader sees it.
    pub fn show(self, value: f64) -> String {
        match self {
            Self::Percent(digits) => percent(value, digits),
            Self::Number(digits) => fixed(value, digits),
        }
    }
}

/// `−21.3%` from `-0.213`.
pub fn percent(value: f64, digits: usize) -> String {
    if value.is_finite() {
        format!("{}%", fixed(value * 100.0, digits))
    } else {
        NOTHING.to_owned()
    }
}

/// `−1,234.50`: so many decimals, thousands separated, never a negative zero.
pub fn fixed(value: f64, digits: usize) -> String {
    if !value.is_finite() {
        return NOTHING.to_owned();
    }
    let magnitude = format!("{:.digits$}", value.abs());
    let is_zero = magnitude.bytes().all(|b| matches!(b, b'0' | b'.'));
    let (whole, decimals) = magnitude.split_at(magnitude.find('.').unwrap_or(magnitude.len()));
    let sign = if value < 0.0 && !is_zero { "\u{2212}" } else { "" };
    format!("{sign}{}{decimals}", grouped(whole))
}

fn grouped(whole: &str) -> String {
    let mut out = String::with_capacity(whole.len() + whole.len() / 3);
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Money in yuan, in the language's own units: `1.20 亿元`, `CNY 120.0 million`.
pub fn money(value: f64, lang: Lang) -> String {
    let magnitude = value.abs();
    match lang {
        Lang::Zh if magnitude >= 1e8 => format!("{} 亿元", fixed(value / 1e8, 2)),
        Lang::Zh if magnitude >= 1e4 => format!("{} 万元", fixed(value / 1e4, 1)),
        Lang::Zh => format!("{} 元", fixed(value, 2)),
        Lang::En if magnitude >= 1e9 => format!("CNY {} billion", fixed(value / 1e9, 2)),
        Lang::En if magnitude >= 1e6 => format!("CNY {} million", fixed(value / 1e6, 1)),
        Lang::En => format!("CNY {}", fixed(value, 2)),
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `2024年2月5日` or `5 February 2024`; text that is no day comes back unchanged.
pub fn long_day(iso: &str, lang: Lang) -> String {
    let Ok(day) = iso.parse::<TradingDay>() else { return iso.to_owned() };
    let (year, month, day_of_month) = day.ymd();
    match lang {
        Lang::Zh => format!("{year}年{month}月{day_of_month}日"),
        Lang::En => format!("{day_of_month} {} {year}", MONTHS[month as usize - 1]),
    }
}

/// `2024年1月` or `January 2024` from `2024-01`; text that is no month comes back unchanged.
pub fn long_month(key: &str, lang: Lang) -> String {
    let parts = key.split_once('-').and_then(|(y, m)| Some((y, m.parse::<usize>().ok()?)));
    match parts {
        Some((year, month @ 1..=12)) => match lang {
            Lang::Zh => format!("{year}年{month}月"),
            Lang::En => format!("{} {year}", MONTHS[month - 1]),
        },
        _ => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_a_newspaper_prints_them() {
        for (shown, expected) in [
            (percent(-0.212_77, 1), "−21.3%"),
            (percent(f64::NAN, 1), "–"),
            (fixed(-0.0004, 2), "0.00"),
            (fixed(-1_234_567.891, 2), "−1,234,567.89"),
            (fixed(999.6, 0), "1,000"),
            (money(1.2e8, Lang::Zh), "1.20 亿元"),
            (money(1.2e8, Lang::En), "CNY 120.0 million"),
            (long_day("2024-02-05", Lang::Zh), "2024年2月5日"),
            (long_day("2024-02-05", Lang::En), "5 February 2024"),
            (long_month("2024-01", Lang::En), "January 2024"),
            (long_month("rolling 20 days", Lang::En), "rolling 20 days"),
        ] {
            assert_eq!(shown, expected);
        }
    }
}
