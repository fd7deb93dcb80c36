//! Several breaks of a mean at once: Bai and Perron (1998, 2003).
//!
//! The least-squares dates of `m` breaks come from a dynamic programme over all segments, O(m n^2). How
//! many there are is chosen by BIC (Yao 1988), by the heavier LWZ (Liu, Wu and Zidek 1997), or by testing
//! `l + 1` against `l` until the next is not significant. The statistic of that test is the greatest sup F
//! inside the `l + 1` segments; without a further break its distribution is that of one sup F to the power
//! `l + 1` (Bai and Perron 1998, proposition 8).

use serde::{Deserialize, Serialize};

use super::{Noise, Regime, interval, mean_break, require_coverage, require_sample, require_trim};
use crate::StatError;
use crate::moments::mean_of;

/// Critical values at 5 % of the test of `l + 1` breaks against `l`, `l` from 0, one coefficient, 15 % trimming:
/// Bai and Perron (2003, Econometrics Journal), table 2.
pub const SEQUENTIAL_CRITICAL: [f64; 5] = [8.58, 10.13, 11.14, 11.83, 12.25];

/// How many breaks are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakChoice {
    /// The number with the smallest BIC.
    #[default]
    Bic,
    /// The number with the smallest LWZ, which asks more of each break.
    Lwz,
    /// As many as the sequence of tests rejects at 5 %.
    Sequential,
}

/// The best segmentation with a given number of breaks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Segmentation {
    /// Positions of the last observation before each break, rising.
    pub last_before: Vec<usize>,
    /// Sum of squared deviations from the segments' means.
    pub rss: f64,
    /// `n (ln(rss / n) + 1 + ln 2 pi) + 2 (m + 1) ln n`, as `strucchange` prints it.
    pub bic: f64,
    /// `ln(rss / (n - p)) + 0.299 p (ln n)^2.1 / n` with `p = 2 m + 1`.
    pub lwz: f64,
    /// Greatest sup F of one more break inside a segment; NaN where no segment is long enough.
    pub next_sup_f: f64,
    /// Probability of a greater one when there is no further break.
    pub next_p_value: f64,
}

/// One of several breaks.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DatedBreak {
    /// Position of the last observation before the break.
    pub last_before: usize,
    /// Lower end of that position's interval.
    pub low: usize,
    /// Upper end.
    pub high: usize,
    /// Mean of the segment before.
    pub mean_before: f64,
    /// Mean of the segment after.
    pub mean_after: f64,
}

/// The breaks of a mean, and what other numbers of them would have given.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeanBreaks {
    /// By number of breaks, from none.
    pub by_count: Vec<Segmentation>,
    /// Number with the smallest BIC.
    pub by_bic: usize,
    /// Number with the smallest LWZ.
    pub by_lwz: usize,
    /// Number the sequence of tests rejects at 5 %.
    pub by_sequence: usize,
    /// The breaks of the number chosen, rising.
    pub breaks: Vec<DatedBreak>,
}

/// How breaks are looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BreakSearch {
    /// Most breaks.
    pub max_breaks: usize,
    /// Shortest segment as a share of the sample.
    pub trim: f64,
    /// Coverage of each date's interval.
    pub confidence: f64,
    /// Noise around the means.
    pub noise: Noise,
    /// How many are kept.
    pub choice: BreakChoice,
}

impl Default for BreakSearch {
    fn default() -> Self {
        let (noise, choice) = (Noise::Independent, BreakChoice::Bic);
        Self { max_breaks: 5, trim: 0.15, confidence: 0.95, noise, choice }
    }
}

/// Looks for up to `max_breaks` breaks of the mean. As many are looked for as fit between the trimmed ends.
///
/// Missing: refused, a gap would shift every date.
///
/// # Errors
/// As [`mean_break`], and a `max_breaks` of 0.
pub fn mean_breaks(values: &[f64], search: BreakSearch) -> Result<MeanBreaks, StatError> {
    let BreakSearch { max_breaks, trim, confidence, noise, choice } = search;
    require_sample(values, noise)?;
    require_trim(trim)?;
    require_coverage(confidence)?;
    crate::observed::require_setting(
        "max_breaks",
        max_breaks as f64,
        "1 or more",
        max_breaks >= 1,
    )?;
    let n = values.len();
    let shortest = (trim * n as f64).floor().max(2.0) as usize;
    let most = max_breaks.min(n / shortest - 1);
    let squares = Squares::of(values);
    let by_count = dated(&squares, most, shortest)
        .into_iter()
        .map(|(last_before, rss)| segmentation(values, last_before, rss, trim, noise))
        .collect::<Result<Vec<_>, _>>()?;
    let least = |of: fn(&Segmentation) -> f64| {
        let order = |&a: &usize, &b: &usize| of(&by_count[a]).total_cmp(&of(&by_count[b]));
        (0..by_count.len()).min_by(order).unwrap_or(0)
    };
    let (by_bic, by_lwz) = (least(|s| s.bic), least(|s| s.lwz));
    let is_last = |s: &Segmentation| s.next_p_value.is_nan() || s.next_p_value > 0.05;
    let by_sequence = by_count.iter().position(is_last).unwrap_or(by_count.len() - 1);
    let chosen = match choice {
        BreakChoice::Bic => by_bic,
        BreakChoice::Lwz => by_lwz,
        BreakChoice::Sequential => by_sequence,
    };
    let breaks = breaks(values, &by_count[chosen].last_before, confidence, noise)?;
    Ok(MeanBreaks { by_count, by_bic, by_lwz, by_sequence, breaks })
}

/// Sums that give any segment's squares about its mean at once.
struct Squares {
    /// Sum of the deviations before each position.
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl Squares {
    /// Deviations from the whole mean: the same segments, and nothing cancels.
    fn of(values: &[f64]) -> Self {
        let mean = mean_of(values);
        let (mut sums, mut squares) = (vec![0.0], vec![0.0]);
        for (i, x) in values.iter().enumerate() {
            let deviation = x - mean;
            sums.push(sums[i] + deviation);
            squares.push(squares[i] + deviation * deviation);
        }
        Self { sums, squares }
    }

    fn n(&self) -> usize {
        self.sums.len() - 1
    }

    /// Squares of `from..to` about its mean.
    fn about_mean(&self, from: usize, to: usize) -> f64 {
        let sum = self.sums[to] - self.sums[from];
        self.squares[to] - self.squares[from] - sum * sum / (to - from) as f64
    }
}

/// The best dates and their squares for 0 to `most` breaks.
fn dated(squares: &Squares, most: usize, shortest: usize) -> Vec<(Vec<usize>, f64)> {
    let n = squares.n();
    // Best squares of the first `end` observations in one segment more a round; where the last begins.
    let mut best: Vec<f64> = (0..=n)
        .map(|end| if end < shortest { f64::INFINITY } else { squares.about_mean(0, end) })
        .collect();
    let mut begun: Vec<Vec<usize>> = Vec::new();
    let mut found = vec![(Vec::new(), best[n])];
    for m in 1..=most {
        let (mut next, mut begins) = (vec![f64::INFINITY; n + 1], vec![0; n + 1]);
        for end in (m + 1) * shortest..=n {
            let earlier = best.iter().enumerate().take(end - shortest + 1).skip(m * shortest);
            for (from, squares_before) in earlier {
                let total = squares_before + squares.about_mean(from, end);
                if total < next[end] {
                    (next[end], begins[end]) = (total, from);
                }
            }
        }
        best = next;
        begun.push(begins);
        let mut last_before = vec![0; m];
        let mut end = n;
        for (k, begins) in begun.iter().enumerate().rev() {
            end = begins[end];
            last_before[k] = end - 1;
        }
        found.push((last_before, best[n]));
    }
    found
}

fn segmentation(
    values: &[f64],
    last_before: Vec<usize>,
    rss: f64,
    trim: f64,
    noise: Noise,
) -> Result<Segmentation, StatError> {
    let (n, m) = (values.len() as f64, last_before.len());
    let n_parameters = (2 * m + 1) as f64;
    if rss <= 0.0 {
        return Err(StatError::Constant { what: "the series" });
    }
    let bic =
        n * ((rss / n).ln() + 1.0 + std::f64::consts::TAU.ln()) + 2.0 * (m + 1) as f64 * n.ln();
    let penalty = 0.299 * n_parameters * n.ln().powf(2.1) / n;
    let lwz = (rss / (n - n_parameters)).ln() + penalty;
    let mut next = (f64::NAN, f64::NAN);
    for segment in segments(&last_before, values.len()) {
        // A segment too short or too still to break is passed over.
        let Ok(one) = mean_break(&values[segment], trim, 0.95, noise) else { continue };
        if next.0.is_nan() || one.sup_f > next.0 {
            next = (one.sup_f, 1.0 - (1.0 - one.p_value).powi(m as i32 + 1));
        }
    }
    let (next_sup_f, next_p_value) = next;
    Ok(Segmentation { last_before, rss, bic, lwz, next_sup_f, next_p_value })
}

/// The segments between breaks.
fn segments(last_before: &[usize], n: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
    let starts = std::iter::once(0).chain(last_before.iter().map(|&at| at + 1));
    let ends = last_before.iter().map(|&at| at + 1).chain([n]);
    starts.zip(ends).map(|(from, to)| from..to)
}

fn breaks(
    values: &[f64],
    last_before: &[usize],
    confidence: f64,
    noise: Noise,
) -> Result<Vec<DatedBreak>, StatError> {
    let n = values.len();
    let regimes = segments(last_before, n)
        .map(|segment| Regime::of(&values[segment], noise))
        .collect::<Result<Vec<_>, _>>()?;
    let dated = last_before.iter().zip(regimes.windows(2)).map(|(&last_before, pair)| {
        let [low, high] = interval(last_before + 1, n, [pair[0], pair[1]], confidence);
        let (mean_before, mean_after) = (pair[0].mean, pair[1].mean);
        DatedBreak { last_before, low, high, mean_before, mean_after }
    });
    Ok(dated.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn stepped(levels: &[f64], length: usize) -> Vec<f64> {
        let noise = |i: usize| (i as f64 * 12.989_8).sin() * 43_758.545_3 % 1.0;
        let at = |i: usize| levels[i / length] + noise(i);
        (0..levels.len() * length).map(at).collect()
    }

    #[test]
    fn three_steps_are_counted_and_dated() {
        let values = stepped(&[0.0, 2.0, -1.0, 1.0], 60);
        let found = mean_breaks(&values, BreakSearch::default()).unwrap();
        assert_eq!((found.by_bic, found.by_lwz, found.by_sequence), (3, 3, 3));
        let dates: Vec<usize> = found.breaks.iter().map(|b| b.last_before).collect();
        assert_eq!(dates, [59, 119, 179]);
        assert!(
            found.breaks.iter().all(|b| b.low + 4 >= b.last_before && b.high <= b.last_before + 4)
        );
        let none = mean_breaks(&stepped(&[0.0; 4], 60), BreakSearch::default()).unwrap();
        assert_eq!((none.by_bic, none.by_lwz, none.by_sequence), (0, 0, 0));
        assert!(none.breaks.is_empty());
    }

    proptest! {
        /// Witness: every placement of two breaks, tried one by one.
        #[test]
        fn the_programme_finds_what_trying_all_finds(
            values in proptest::collection::vec(-1.0..1.0_f64, 24..40)
        ) {
            let n = values.len();
            let shortest = (0.15 * n as f64).floor() as usize;
            let squares = |part: &[f64]| {
                let mean = part.iter().sum::<f64>() / part.len() as f64;
                part.iter().map(|x| (x - mean).powi(2)).sum::<f64>()
            };
            let mut best = f64::INFINITY;
            for first in shortest..=n - 2 * shortest {
                for second in first + shortest..=n - shortest {
                    let total = squares(&values[..first])
                        + squares(&values[first..second])
                        + squares(&values[second..]);
                    best = best.min(total);
                }
            }
            let found = dated(&Squares::of(&values), 2, shortest);
            prop_assert!((found[2].1 - best).abs() < 1e-9);
            prop_assert!(found[0].1 >= found[1].1 && found[1].1 >= found[2].1);
        }
    }

    /// The asymptotic law against Bai and Perron's simulated table: their critical values have
    /// probabilities of 5 % within a percentage point, ours being the more cautious.
    #[test]
    fn probabilities_stand_beside_the_printed_table() {
        for (l, critical) in SEQUENTIAL_CRITICAL.into_iter().enumerate() {
            let one = super::super::sup_f_p_value(critical, 0.15);
            let p = 1.0 - (1.0 - one).powi(l as i32 + 1);
            assert!((0.045..0.065).contains(&p), "{l}: {p}");
        }
    }

    #[test]
    fn no_break_at_all_is_refused() {
        let search = BreakSearch { max_breaks: 0, ..BreakSearch::default() };
        assert!(mean_breaks(&stepped(&[0.0, 1.0], 30), search).is_err());
        assert!(mean_breaks(&[1.0; 60], BreakSearch::default()).is_err());
    }
}
