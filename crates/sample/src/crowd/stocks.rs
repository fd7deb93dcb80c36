//! The crowd stock by stock: which names of a segment it prefers, and what it holds of each.

use shoals_core::{Seed, Segment, TradingDay};

use super::{Crowd, CrowdHolding};
use crate::index::Membership;
use crate::noise::normal;
use crate::universe::Stock;

/// Standard deviation of the log of what the crowd holds of a name over its share of the segment's free float.
const PREFERENCE: f64 = 0.4;

/// What the crowd holds of each stock over its share of the segment's free float, mean one: its exposure to what the crowd's
/// orders do to the segment.
pub(crate) fn crowding(n_stocks: usize, seed: Seed) -> Vec<f64> {
    let seed = seed.part("crowding");
    let draw = |k| normal(&mut seed.stream(k as u64)).clamp(-2.5, 2.5);
    (0..n_stocks).map(|k| (PREFERENCE * draw(k) - 0.5 * PREFERENCE * PREFERENCE).exp()).collect()
}

/// What the crowd holds of each member at a month's open, in the size of a market of that many names.
///
/// * `free_float`: CNY, stock by stock, at that open.
pub(crate) fn holdings(
    crowd: &Crowd,
    stocks: &[Stock],
    membership: &Membership,
    free_float: &[f64],
    date: TradingDay,
) -> Vec<CrowdHolding> {
    let scale = stocks.len() as f64 / super::world::REAL_STOCKS;
    let before = crowd.days.partition_point(|day| day.date < date);
    let Some(day) = before.checked_sub(1).map(|i| &crowd.days[i]) else { return Vec::new() };
    let mut rows = Vec::new();
    for segment in Segment::ALL {
        let held: f64 = day.held.iter().map(|held| held[segment as usize]).sum();
        let weights = membership.weights(segment);
        let wanted = |k: usize| free_float[k] * stocks[k].crowding;
        let whole: f64 = weights.iter().map(|&(k, _)| wanted(k)).sum();
        rows.extend(weights.iter().map(|&(k, _)| {
            let held = scale * held * wanted(k) / whole;
            CrowdHolding { date, symbol: stocks[k].symbol, held, share: held / free_float[k] }
        }));
    }
    rows.sort_by_key(|row| row.symbol);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: a log-normal of log-deviation 0.4 has mean one and deviation `sqrt(exp(0.16) - 1)` = 0.417; cut at two and a half
    /// deviations it loses less than two hundredths of either.
    #[test]
    fn preferences_are_log_normal_with_mean_one() {
        let drawn = crowding(200_000, Seed(3));
        let n = drawn.len() as f64;
        let mean = drawn.iter().sum::<f64>() / n;
        let deviation = (drawn.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / n).sqrt();
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
        assert!((deviation - 0.417).abs() < 0.02, "{deviation}");
    }
}
