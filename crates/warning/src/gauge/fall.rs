//! What happened: falls of small over large companies, dated, and how far each day was from one.

use serde::Serialize;
use shoals_core::TradingDay;

use super::Ratio;

/// One fall of small over large, from its peak.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Fall {
    /// The highest close before it.
    pub peak: TradingDay,
    /// The day the fall first reached the size warned of.
    pub breach: TradingDay,
    /// The lowest close.
    pub trough: TradingDay,
    /// From peak to trough, a negative decimal.
    pub depth: f64,
    /// Position of the peak among the ratio's days.
    #[serde(skip)]
    pub(super) peak_at: usize,
    /// Position of the breach.
    #[serde(skip)]
    pub(super) breach_at: usize,
}

/// Every fall of at least `size`, in order. A fall is over when the ratio has risen by as much from its trough.
pub(super) fn falls(ratio: &Ratio, size: f64) -> Vec<Fall> {
    let values = &ratio.values;
    let mut found: Vec<Fall> = Vec::new();
    let (mut peak, mut trough, mut is_falling) = (0, 0, false);
    for t in 1..values.len() {
        if !is_falling {
            if values[t] >= values[peak] {
                peak = t;
            } else if values[t] / values[peak] - 1.0 <= -size {
                (is_falling, trough) = (true, t);
                found.push(Fall {
                    peak: ratio.days[peak],
                    breach: ratio.days[t],
                    trough: ratio.days[t],
                    depth: values[t] / values[peak] - 1.0,
                    peak_at: peak,
                    breach_at: t,
                });
            }
        } else if values[t] < values[trough] {
            trough = t;
            if let Some(fall) = found.last_mut() {
                (fall.trough, fall.depth) = (ratio.days[t], values[t] / values[peak] - 1.0);
            }
        } else if values[t] / values[trough] - 1.0 >= size {
            (is_falling, peak) = (false, t);
        }
    }
    found
}

/// The worst return of small over large within the next `horizon` days, at most zero; NaN where those days are not all known.
pub(super) fn worst_ahead(values: &[f64], horizon: usize) -> Vec<f64> {
    (0..values.len())
        .map(|t| match values.get(t + 1..=t + horizon) {
            Some(ahead) => {
                let lowest = ahead.iter().copied().fold(values[t], f64::min);
                lowest / values[t] - 1.0
            }
            None => f64::NAN,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::day;

    fn ratio(values: &[f64]) -> Ratio {
        let start = day(2024, 1, 1);
        let days = (0..values.len()).map(|t| start.plus_calendar_days(t as i32)).collect();
        Ratio { days, values: values.to_vec(), spread: vec![0.0; values.len()] }
    }

    #[test]
    fn a_fall_runs_from_its_peak_and_is_over_after_a_rise_of_its_size() {
        let path = ratio(&[1.0, 1.2, 1.15, 1.05, 0.9, 0.95, 1.0, 0.99, 0.85, 0.8, 0.85]);
        let found = falls(&path, 0.10);
        let dates: Vec<(usize, usize)> = found.iter().map(|f| (f.peak_at, f.breach_at)).collect();
        // 1.2 to 0.9, over at 1.0 (+11 %), then 1.0 to 0.8.
        assert_eq!(dates, [(1, 3), (6, 8)]);
        assert!((found[0].depth + 0.25).abs() < 1e-12 && (found[1].depth + 0.2).abs() < 1e-12);
        assert_eq!(found[1].trough, day(2024, 1, 10));
        assert!(falls(&ratio(&[1.0, 1.1, 1.2]), 0.1).is_empty());
    }

    #[test]
    fn what_lies_ahead_is_known_only_when_all_of_it_is() {
        let ahead = worst_ahead(&[1.0, 1.1, 0.99, 1.2, 1.3], 2);
        assert!((ahead[0] + 0.01).abs() < 1e-12);
        assert!((ahead[1] + 0.1).abs() < 1e-12);
        assert_eq!(ahead[2], 0.0);
        assert!(ahead[3].is_nan() && ahead[4].is_nan());
    }
}
