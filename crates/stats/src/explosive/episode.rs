//! When was the statistic above its critical value?

use serde::Serialize;

/// Positions in a row at which the statistic is above its critical value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Episode {
    /// First position above.
    pub start: usize,
    /// Position of the greatest statistic.
    pub peak: usize,
    /// Last position above.
    pub end: usize,
}

impl Episode {
    /// Number of positions.
    pub fn duration(&self) -> usize {
        self.end - self.start + 1
    }
}

/// The runs of at least `min_duration` positions at which `statistic` is above `critical`.
///
/// Missing: a NaN on either side is not above. A run that began is known to be one only `min_duration` positions later.
///
/// # Example
/// ```
/// use shoals_stats::explosive::episodes;
/// let found = episodes(&[0.0, 2.0, 3.0, 1.5, 0.0, 2.0, 0.0], &[1.0; 7], 2);
/// assert_eq!(found.len(), 1);
/// assert_eq!((found[0].start, found[0].peak, found[0].end), (1, 2, 3));
/// ```
pub fn episodes(statistic: &[f64], critical: &[f64], min_duration: usize) -> Vec<Episode> {
    let is_above: Vec<(usize, bool)> =
        statistic.iter().zip(critical).map(|(s, c)| s > c).enumerate().collect();
    is_above
        .chunk_by(|a, b| a.1 == b.1)
        .filter(|run| run[0].1 && run.len() >= min_duration)
        .map(|run| {
            let (start, end) = (run[0].0, run[run.len() - 1].0);
            let greatest = |a: usize, b: usize| if statistic[b] > statistic[a] { b } else { a };
            Episode { start, peak: (start..=end).fold(start, greatest), end }
        })
        .collect()
}
