//! How a column of an outcome is shown: its heading in both languages and the format of its numbers.
//!
//! Tables carry ratios as decimals and money in yuan; a reader wants percent and two decimals. The choice
//! hangs on the column's name alone, so page, terminal and dashboard agree.

use shoals_core::{Column, Values};

use crate::i18n::{self, Text};
use crate::number::Format;

/// Names, or ends of names, shown as percent with so many decimals.
const PERCENT: [(&str, usize); 52] = [
    ("car", 2),
    ("detectable", 2),
    ("abnormal", 2),
    ("basis_rate_242", 2),
    ("basis_rate_dividend_adjusted", 2),
    ("cost_annualised", 2),
    ("basis_change", 2),
    ("worst_day", 2),
    ("restoring_sale", 2),
    ("percentile", 0),
    ("long", 2),
    ("short", 2),
    ("straddle", 2),
    ("low", 2),
    ("high", 2),
    ("return", 2),
    ("basis_rate", 2),
    ("win_rate", 1),
    ("rate", 2),
    ("ratio", 2),
    ("drawdown", 2),
    ("volatility", 2),
    ("micro_minus_large", 2),
    ("excess", 2),
    ("weight", 2),
    ("share", 2),
    ("cost", 2),
    ("turnover", 2),
    ("implied_volatility", 2),
    ("value_at_risk", 2),
    ("expected_shortfall", 2),
    ("distance_to_call", 2),
    ("return_low", 2),
    ("return_high", 2),
    ("yield", 2),
    ("worst_month", 2),
    ("best_month", 2),
    ("corwin_schultz", 2),
    ("roll", 2),
    ("mean_after", 2),
    ("mean_otherwise", 2),
    ("probability_small", 1),
    ("probability_lead", 1),
    ("expected_lead", 2),
    ("hit_rate", 1),
    ("mean_lead", 2),
    ("came_after", 2),
    ("benchmark", 2),
    ("excess_arithmetic", 2),
    ("tracking_error", 2),
    ("ulcer", 2),
    ("depth", 2),
];

/// Names, or ends of names, shown as plain numbers with so many decimals.
const NUMBER: [(&str, usize); 30] = [
    ("price", 2),
    ("spot", 2),
    ("basis", 2),
    ("close", 2),
    ("settle", 2),
    ("strike", 2),
    ("value", 2),
    ("pnl", 4),
    ("financing", 4),
    ("fees", 4),
    ("equity", 4),
    ("cash", 4),
    ("leverage", 2),
    ("nav", 4),
    ("correlation", 3),
    ("sharpe", 2),
    ("skew", 2),
    ("kurtosis", 2),
    ("sharpe_standard_error", 2),
    ("borrowed", 4),
    ("restoring_call", 4),
    ("sold", 4),
    ("z_score", 2),
    ("lots", 3),
    ("p", 3),
    ("distance", 3),
    ("brier", 3),
    ("log_score", 3),
    ("information_ratio", 2),
    ("tail_ratio", 2),
];

/// Magnitude below which a number is what rounding left of zero.
const ROUNDING: f64 = 1e-12;

/// The heading of a column: its words in the catalogue, else its name.
pub fn heading(name: &str) -> Text {
    let key = format!("column-{name}");
    if i18n::has_message(&key) { i18n::words(&key) } else { Text::same(name) }
}

/// How a column's numbers are shown.
pub fn format_of(column: &Column) -> Option<Format> {
    match &column.values {
        Values::Number(values) => {
            let format = format_named(&column.name).unwrap_or_else(|| by_magnitude(values));
            Some(fine_enough(format, values))
        }
        Values::Count(_) => Some(Format::Number(0)),
        _ => None,
    }
}

/// The format a column of that name has, when the name says it.
pub fn format_named(name: &str) -> Option<Format> {
    let name = name.trim_end_matches("_low").trim_end_matches("_high");
    let ends = |(word, _): &&(&str, usize)| {
        name == *word || name.strip_suffix(word).is_some_and(|start| start.ends_with('_'))
    };
    let longest = |list: &[(&'static str, usize)]| {
        list.iter().filter(ends).max_by_key(|(word, _)| word.len()).copied()
    };
    match (longest(&PERCENT), longest(&NUMBER)) {
        (Some(p), Some(n)) if n.0.len() > p.0.len() => Some(Format::Number(n.1)),
        (Some(p), _) => Some(Format::Percent(p.1)),
        (None, Some(n)) => Some(Format::Number(n.1)),
        (None, None) => None,
    }
}

fn largest(values: &[f64]) -> f64 {
    values.iter().filter(|x| x.is_finite()).fold(0.0_f64, |m, x| m.max(x.abs()))
}

/// That format, or one with so many decimals that the largest number of a tiny column keeps three
/// significant digits; what is below 1e-12 is taken for rounding.
fn fine_enough(format: Format, values: &[f64]) -> Format {
    let largest = largest(values);
    let (shown, digits) = match format {
        Format::Percent(digits) => (100.0 * largest, digits),
        Format::Number(digits) => (largest, digits),
    };
    if largest < ROUNDING || shown * 10_f64.powi(digits as i32) >= 10.0 {
        return format;
    }
    let digits = (2.0 - shown.log10().floor()) as usize;
    match format {
        Format::Percent(_) => Format::Percent(digits),
        Format::Number(_) => Format::Number(digits),
    }
}

fn by_magnitude(values: &[f64]) -> Format {
    Format::Number(match largest(values) {
        x if x >= 100.0 => 2,
        x if x >= 1.0 => 3,
        _ => 4,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tiny_column_keeps_three_significant_digits() {
        for (name, values, shown) in [
            ("lots", vec![8.6e-5, 0.0], "0.0000860"),
            ("lots", vec![2.0], "2.000"),
            ("lots", vec![0.0], "0.000"),
            ("cost", vec![1e-6], "0.000100%"),
            ("cost", vec![8.5e-16], "0.00%"),
            ("return", vec![0.003], "0.30%"),
        ] {
            let first = values[0];
            let table = shoals_core::Table::new("t").with(name, "", values);
            let format = format_of(&table.columns()[0]).unwrap();
            assert_eq!(format.show(first), shown, "{name}");
        }
    }

    #[test]
    fn the_name_of_a_column_says_how_it_is_shown() {
        for (name, expected) in [
            ("return", Some(Format::Percent(2))),
            ("excess_return", Some(Format::Percent(2))),
            ("rank_correlation", Some(Format::Number(3))),
            ("rank_correlation_low", Some(Format::Number(3))),
            ("margin_ratio", Some(Format::Percent(2))),
            ("hedge_pnl", Some(Format::Number(4))),
            ("basis", Some(Format::Number(2))),
            ("basis_rate", Some(Format::Percent(2))),
            ("migration", None),
        ] {
            assert_eq!(format_named(name), expected, "{name}");
        }
    }
}
