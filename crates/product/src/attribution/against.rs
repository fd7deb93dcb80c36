//! A book leg by leg against a replica, on the days both have.

use serde::Serialize;
use shoals_stats::rank::pearson;

use super::SourceLine;

/// One source of a book's gain beside the replica's, summed over their common days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgainstLine {
    /// `all`, `size`, `market`, `basis`, `straddle` or `costs`.
    pub leg: String,
    /// Of the book, a fraction of its notional.
    pub book: f64,
    /// Of the replica, fractions of its equity at each day's start.
    pub replica: f64,
    /// Book less replica.
    pub difference: f64,
    /// Correlation of the two a day; NaN where either stands still.
    pub correlation: f64,
    /// Common days.
    pub n_days: usize,
}

/// A leg: its name and its gain on a line.
type Leg = (&'static str, fn(&SourceLine) -> f64);

/// What is told as one leg.
const LEGS: [Leg; 6] = [
    ("all", |l| l.pnl),
    ("size", |l| l.size),
    ("market", |l| l.market),
    ("basis", |l| l.carry + l.basis),
    ("straddle", |l| l.delta + l.gamma + l.theta + l.vega + l.option_residual),
    ("costs", |l| l.financing + l.costs),
];

/// Compares a book's lines (CNY) with a replica's (opening equities) on their common days; the differences of the legs
/// add up to that of `all`. Empty without a common day.
///
/// * `notional`: long value of the book at its opening, CNY, above 0.
pub fn against(book: &[SourceLine], notional: f64, replica: &[SourceLine]) -> Vec<AgainstLine> {
    let mut equity = 1.0;
    let scaled: Vec<(&SourceLine, f64)> = replica
        .iter()
        .map(|line| {
            let before = equity;
            equity += line.pnl;
            (line, before)
        })
        .collect();
    // The opening days only pay costs.
    let common: Vec<(&SourceLine, &SourceLine, f64)> = book
        .iter()
        .skip(1)
        .filter_map(|line| {
            let i = scaled.binary_search_by_key(&line.date, |(other, _)| other.date).ok()?;
            (i > 0).then(|| (line, scaled[i].0, scaled[i].1))
        })
        .collect();
    if common.is_empty() {
        return Vec::new();
    }
    let one = |&(name, of): &Leg| {
        let mine: Vec<f64> = common.iter().map(|(line, _, _)| of(line) / notional).collect();
        let other: Vec<f64> = common.iter().map(|(_, line, before)| of(line) / before).collect();
        let (book, replica) = (mine.iter().sum::<f64>(), other.iter().sum::<f64>());
        AgainstLine {
            leg: name.to_owned(),
            book,
            replica,
            difference: book - replica,
            correlation: pearson(&mine, &other).unwrap_or(f64::NAN),
            n_days: common.len(),
        }
    };
    LEGS.iter().map(one).collect()
}
