//! How alike funds hold.
//!
//! Two funds that hold the same stocks in the same parts have an overlap of one, two that share none of
//! zero. Weights are seen through depth: a stock that little money moves counts for more, since selling it
//! in common costs more. With `P` the funds' weights and `D` the stocks' depth, `P D^-1 P'` is how much of
//! each fund's loss the other's sales make. Source: Cont and Schaanning (2019), Monitoring indirect
//! contagion, Journal of Banking and Finance 104.

use std::collections::BTreeMap;

use shoals_core::{Symbol, TradingDay};

use crate::leg::{Leg, mean};

/// One line of a fund's holdings.
#[derive(Debug, Clone, PartialEq)]
pub struct Holding {
    /// Day from which the holdings are known to the reader: of publication, not of the report.
    pub date: TradingDay,
    /// Name of the fund.
    pub fund: String,
    /// The stock.
    pub symbol: Symbol,
    /// Share of the fund, any scale, positive.
    pub weight: f64,
}

/// Positions among the market's stocks, and their weights.
type List = Vec<(usize, f64)>;

/// Trading days of the mean amount that stands for depth.
const DEPTH_DAYS: usize = 20;

/// Mean overlap of every two funds each day, by the last holdings of each that were known; NaN while
/// fewer than two funds hold a stock of the market.
///
/// Depth is the mean amount of a month; a stock without one counts for nothing.
pub(super) fn fund_overlap(leg: &Leg, amount: &[f64], holdings: &[Holding]) -> Vec<f64> {
    let days = leg.market.days();
    let symbols = leg.market.symbols();
    let place: BTreeMap<Symbol, usize> = symbols.iter().enumerate().map(|(i, &s)| (s, i)).collect();
    let mut lists: BTreeMap<&str, BTreeMap<TradingDay, List>> = BTreeMap::new();
    for line in holdings.iter().filter(|line| line.weight > 0.0) {
        if let Some(&i) = place.get(&line.symbol) {
            let of_fund = lists.entry(&line.fund).or_default();
            of_fund.entry(line.date).or_default().push((i, line.weight));
        }
    }
    let overlap = |t: usize| {
        let known: Vec<&[(usize, f64)]> = lists
            .values()
            .filter_map(|lists| lists.range(..=days[t]).next_back())
            .map(|(_, list)| list.as_slice())
            .collect();
        let depth = |i: usize| {
            let first = (t + 1).saturating_sub(DEPTH_DAYS);
            mean((first..=t).map(|day| amount[day * leg.width + i]))
        };
        mean_overlap(&known, &depth)
    };
    (0..days.len()).map(overlap).collect()
}

/// Mean over all pairs of the cosine of weights scaled by the root of depth, as the square of their sum.
fn mean_overlap(funds: &[&[(usize, f64)]], depth: &dyn Fn(usize) -> f64) -> f64 {
    let mut sum: BTreeMap<usize, f64> = BTreeMap::new();
    let mut n = 0.0;
    for fund in funds {
        let scaled: Vec<(usize, f64)> = fund
            .iter()
            .map(|&(i, weight)| (i, weight / depth(i).sqrt()))
            .filter(|(_, scaled)| scaled.is_finite())
            .collect();
        let length = scaled.iter().map(|(_, x)| x * x).sum::<f64>().sqrt();
        if length > 0.0 {
            for (i, x) in scaled {
                *sum.entry(i).or_default() += x / length;
            }
            n += 1.0;
        }
    }
    if n < 2.0 {
        return f64::NAN;
    }
    (sum.values().map(|x| x * x).sum::<f64>() - n) / (n * (n - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: like funds 1, unlike funds 0; of three, two alike and one apart, a third of the pairs.
    /// Weights 1 and 1 against 1 alone at depths 1 and 4: `1 / sqrt(1 + 1/4)`.
    #[test]
    fn overlaps_are_what_one_works_out_by_hand() {
        let flat = |_: usize| 1.0;
        let a: &[(usize, f64)] = &[(0, 0.5), (1, 0.5)];
        let b: &[(usize, f64)] = &[(2, 1.0)];
        assert!((mean_overlap(&[a, a], &flat) - 1.0).abs() < 1e-15);
        assert!(mean_overlap(&[a, b], &flat).abs() < 1e-15);
        assert!((mean_overlap(&[a, a, b], &flat) - 1.0 / 3.0).abs() < 1e-15);
        let deep = |i: usize| if i == 1 { 4.0 } else { 1.0 };
        let found = mean_overlap(&[a, &[(0, 1.0)]], &deep);
        assert!((found - 1.0 / 1.25_f64.sqrt()).abs() < 1e-15);
        assert!(mean_overlap(&[a], &flat).is_nan());
    }
}
