//! How well a score tells the days that ended badly from the days that did not.
//!
//! The area under the receiver operating characteristic is the chance that a bad day scored higher than a quiet one, ties
//! counted half: 0.5 says nothing, 1 says all. Sources: Mann and Whitney (1947); Hanley and `McNeil` (1982).

use serde::Serialize;

use crate::StatError;
use crate::rank::average_ranks;

/// A score beside what happened, sorted once and asked many times.
#[derive(Debug, Clone)]
pub struct Discrimination {
    /// Positions of scored days, lowest score first.
    order: Vec<usize>,
    /// First place of every run of equal scores in `order`.
    ties: Vec<usize>,
    scores: Vec<f64>,
    is_event: Vec<bool>,
}

/// What an alarm at one threshold would have been worth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RocPoint {
    /// An alarm stands at this score and above; NaN for none at all.
    pub threshold: f64,
    /// Share of the events with an alarm.
    pub hit_rate: f64,
    /// Share of the quiet days with an alarm.
    pub false_alarm_rate: f64,
}

impl Discrimination {
    /// Pairs scores, higher for more danger, with what happened.
    ///
    /// Missing: a day with a NaN score is left out.
    ///
    /// # Errors
    /// Slices of different length, an infinite score, or no event or no quiet day among the scored.
    pub fn new(scores: &[f64], is_event: &[bool]) -> Result<Self, StatError> {
        if scores.len() != is_event.len() {
            return Err(StatError::LengthMismatch { left: scores.len(), right: is_event.len() });
        }
        if let Some(position) = scores.iter().position(|score| score.is_infinite()) {
            return Err(StatError::NotFinite { position, found: scores[position] });
        }
        let mut order: Vec<usize> = (0..scores.len()).filter(|&i| !scores[i].is_nan()).collect();
        order.sort_unstable_by(|&a, &b| scores[a].total_cmp(&scores[b]).then(a.cmp(&b)));
        let n_events = order.iter().filter(|&&i| is_event[i]).count();
        if n_events == 0 || n_events == order.len() {
            return Err(StatError::Constant { what: "what happened" });
        }
        let starts =
            |&place: &usize| place == 0 || scores[order[place]] != scores[order[place - 1]];
        let ties = (0..order.len()).filter(starts).collect();
        Ok(Self { order, ties, scores: scores.to_vec(), is_event: is_event.to_vec() })
    }

    /// Chance that an event scored above a quiet day, ties counted half.
    ///
    /// # Example
    /// ```
    /// use shoals_stats::discrimination::Discrimination;
    ///
    /// let scored = Discrimination::new(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true])?;
    /// assert_eq!(scored.area(), 0.75); // three of four pairs in order
    /// # Ok::<(), shoals_stats::StatError>(())
    /// ```
    pub fn area(&self) -> f64 {
        self.weighted_area(|_| 1.0)
    }

    /// The same when day `i` counts `weights[i]` times, as in a resample; NaN when one side has no weight.
    pub fn area_of_resample(&self, weights: &[u32]) -> f64 {
        self.weighted_area(|i| f64::from(weights[i]))
    }

    fn weighted_area(&self, weight: impl Fn(usize) -> f64) -> f64 {
        let (mut quiet_below, mut events, mut in_order) = (0.0, 0.0, 0.0);
        for (k, &start) in self.ties.iter().enumerate() {
            let end = self.ties.get(k + 1).copied().unwrap_or(self.order.len());
            let (mut quiet, mut bad) = (0.0, 0.0);
            for &i in &self.order[start..end] {
                if self.is_event[i] { bad += weight(i) } else { quiet += weight(i) }
            }
            in_order += bad * (quiet_below + 0.5 * quiet);
            quiet_below += quiet;
            events += bad;
        }
        in_order / (events * quiet_below)
    }

    /// Every threshold there is, from no alarm at all to an alarm on every day.
    pub fn curve(&self) -> Vec<RocPoint> {
        let n_events = self.order.iter().filter(|&&i| self.is_event[i]).count() as f64;
        let n_quiet = self.order.len() as f64 - n_events;
        let (mut hits, mut alarms) = (0.0, 0.0);
        let none = RocPoint { threshold: f64::NAN, hit_rate: 0.0, false_alarm_rate: 0.0 };
        let mut curve = vec![none];
        let mut end = self.order.len();
        for &start in self.ties.iter().rev() {
            let tied = &self.order[start..end];
            hits += tied.iter().filter(|&&i| self.is_event[i]).count() as f64;
            alarms += tied.len() as f64;
            curve.push(RocPoint {
                threshold: self.scores[tied[0]],
                hit_rate: hits / n_events,
                false_alarm_rate: (alarms - hits) / n_quiet,
            });
            end = start;
        }
        curve
    }

    /// Chance of an area this large when what happened is turned around the calendar against the score.
    ///
    /// Turning keeps both sides' runs of days together, so a slow score is not given credit for being slow. Turns
    /// shorter than `min_shift` either way leave the two nearly aligned and are not counted. NaN when none is left.
    /// Source: the circular-shift test of point patterns, Lotwick and Silverman (1982).
    pub fn p_value_by_turning(&self, min_shift: usize) -> f64 {
        let mut kept = self.order.clone();
        kept.sort_unstable();
        let n = kept.len();
        let scores: Vec<f64> = kept.iter().map(|&i| self.scores[i]).collect();
        let ranks = average_ranks(&scores);
        let events: Vec<usize> = (0..n).filter(|&k| self.is_event[kept[k]]).collect();
        let rank_sum =
            |shift: usize| -> f64 { events.iter().map(|&k| ranks[(k + shift) % n]).sum() };
        let observed = rank_sum(0);
        let (first, last) = (min_shift.max(1), n.saturating_sub(min_shift.max(1)));
        if first > last {
            return f64::NAN;
        }
        let at_least = (first..=last).filter(|&shift| rank_sum(shift) >= observed - 1e-9).count();
        (1 + at_least) as f64 / (2 + last - first) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition: every pair of an event and a quiet day.
    fn by_pairs(scores: &[f64], is_event: &[bool]) -> f64 {
        let (mut pairs, mut in_order) = (0.0, 0.0);
        for i in (0..scores.len()).filter(|&i| is_event[i] && !scores[i].is_nan()) {
            for j in (0..scores.len()).filter(|&j| !is_event[j] && !scores[j].is_nan()) {
                pairs += 1.0;
                in_order += if scores[i] > scores[j] {
                    1.0
                } else if scores[i] == scores[j] {
                    0.5
                } else {
                    0.0
                };
            }
        }
        in_order / pairs
    }

    proptest! {
        #[test]
        fn the_area_is_the_share_of_pairs_in_order(
            days in proptest::collection::vec((-3_i32..4, any::<bool>(), 0_u32..10), 2..60)
        ) {
            let scores: Vec<f64> =
                days.iter().map(|d| if d.2 == 0 { f64::NAN } else { f64::from(d.0) }).collect();
            let is_event: Vec<bool> = days.iter().map(|d| d.1).collect();
            if let Ok(scored) = Discrimination::new(&scores, &is_event) {
                let area = scored.area();
                prop_assert!((area - by_pairs(&scores, &is_event)).abs() < 1e-12);
                // The same area under the curve by trapezoids.
                let under: f64 = scored
                    .curve()
                    .windows(2)
                    .map(|p| {
                        (p[1].false_alarm_rate - p[0].false_alarm_rate)
                            * f64::midpoint(p[0].hit_rate, p[1].hit_rate)
                    })
                    .sum();
                prop_assert!((area - under).abs() < 1e-12);
                // A score turned upside down has the rest.
                let down: Vec<f64> = scores.iter().map(|x| -x).collect();
                let other = Discrimination::new(&down, &is_event).unwrap().area();
                prop_assert!((area + other - 1.0).abs() < 1e-12);
            }
        }

        #[test]
        fn a_resample_counts_days_as_often_as_it_holds_them(
            days in proptest::collection::vec((-3_i32..4, any::<bool>(), 0_u32..4), 4..40)
        ) {
            let scores: Vec<f64> = days.iter().map(|d| f64::from(d.0)).collect();
            let is_event: Vec<bool> = days.iter().map(|d| d.1).collect();
            let weights: Vec<u32> = days.iter().map(|d| d.2).collect();
            let (mut drawn, mut drawn_events) = (Vec::new(), Vec::new());
            for (score, event, times) in days {
                for _ in 0..times {
                    drawn.push(f64::from(score));
                    drawn_events.push(event);
                }
            }
            if let (Ok(all), Ok(resample)) =
                (Discrimination::new(&scores, &is_event), Discrimination::new(&drawn, &drawn_events))
            {
                prop_assert!((all.area_of_resample(&weights) - resample.area()).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_slow_score_that_met_one_storm_proves_little() {
        // One storm, one hump of the score on it: as good as it looks, and one turn in many looks as good.
        let n = 400;
        let is_event: Vec<bool> = (0..n).map(|t| (200..220).contains(&t)).collect();
        let hump: Vec<f64> = (0..n).map(|t| -((t as f64 - 209.5).abs())).collect();
        let scored = Discrimination::new(&hump, &is_event).unwrap();
        assert_eq!(scored.area(), 1.0);
        assert_eq!(scored.p_value_by_turning(20), 1.0 / 362.0);
        let flat: Vec<f64> = vec![0.0; n];
        assert_eq!(Discrimination::new(&flat, &is_event).unwrap().p_value_by_turning(20), 1.0);
    }

    #[test]
    fn what_cannot_be_scored_is_refused() {
        let refuse =
            |scores: &[f64], events: &[bool]| Discrimination::new(scores, events).unwrap_err();
        assert!(matches!(refuse(&[1.0], &[]), StatError::LengthMismatch { .. }));
        assert!(matches!(
            refuse(&[f64::INFINITY, 0.0], &[true, false]),
            StatError::NotFinite { .. }
        ));
        assert!(matches!(refuse(&[1.0, f64::NAN], &[true, false]), StatError::Constant { .. }));
    }
}
