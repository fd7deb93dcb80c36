//! Levels and changes laid out for eight windows side by side.

#![allow(clippy::inline_always, reason = "compiled with the vector instructions of the caller")]

use pulp::Simd;

/// Windows worked on side by side.
pub(super) const LANES: usize = 8;

/// One number a lane.
pub(super) type Lanes = [f64; LANES];

/// Stride of eight series side by side: row `t` holds the eight numbers of day `t`.
pub(super) const SERIES: usize = LANES;

/// Stride of one series: the eight numbers from row `t` on are eight days, so eight windows end on neighbouring days.
pub(super) const DAYS: usize = 1;

/// Missing rows before the first and after the last day of one series: windows that have run out read them, and a
/// NaN wins no comparison.
pub(super) const PAD: usize = 2 * LANES;

/// Levels, their changes and the squares of these, with one stride.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    pub(super) level: Vec<f64>,
    pub(super) change: Vec<f64>,
    pub(super) square: Vec<f64>,
}

impl Columns {
    /// One series, padded, in units of its typical change.
    pub(super) fn of_days(levels: &[f64]) -> Self {
        let unit = unit_of(levels);
        let mut level = vec![f64::NAN; PAD];
        level.extend(levels.iter().map(|y| y / unit));
        level.resize(levels.len() + 2 * PAD, f64::NAN);
        Self::new::<DAYS>(level)
    }

    /// Eight series, row by row.
    pub(super) fn of_series(level: Vec<f64>) -> Self {
        Self::new::<SERIES>(level)
    }

    fn new<const STRIDE: usize>(level: Vec<f64>) -> Self {
        let mut change = vec![f64::NAN; STRIDE];
        change.extend(level[STRIDE..].iter().zip(&level).map(|(y, before)| y - before));
        let square = change.iter().map(|d| d * d).collect();
        Self { level, change, square }
    }
}

/// A power of two near the root mean square change: dividing by it loses no digit and keeps products in range.
pub(super) fn unit_of(levels: &[f64]) -> f64 {
    let largest = levels.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f64::max);
    if largest == 0.0 || !largest.is_finite() {
        return 1.0;
    }
    let squares = levels.windows(2).map(|w| ((w[1] - w[0]) / largest).powi(2));
    let typical = largest * (squares.sum::<f64>() / (levels.len() - 1) as f64).sqrt();
    libm::exp2(libm::log2(typical).round())
}

/// A register of the row's numbers, from lane `part` on.
#[inline(always)]
pub(super) fn load<S: Simd, const STRIDE: usize>(
    column: &[f64],
    row: usize,
    part: usize,
) -> S::f64s {
    let at = row * STRIDE + part;
    S::as_simd_f64s(&column[at..at + S::F64_LANES]).0[0]
}
