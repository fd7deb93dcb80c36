//! The statistics themselves: BSADF of every day, SADF, GSADF.

#![allow(clippy::inline_always, reason = "compiled with the vector instructions of the caller")]

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::columns::{Columns, DAYS, LANES, Lanes, PAD, SERIES};
use super::lag_zero;
use super::lagged::{self, MOST_LAGS};
use crate::StatError;
use crate::observed::{require_finite, require_setting};

/// Groups of eight days worked on by one task.
const GROUPS_PER_TASK: usize = 4;

/// How many lagged changes the regression has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lag {
    /// This many, in every window.
    Fixed(usize),
    /// In every window the number from 0 to this with the least Bayesian criterion `n ln(RSS / n) + (lags + 2) ln n`,
    /// all numbers fitted on the same rows.
    Bic(usize),
}

impl Lag {
    /// Most lagged changes a window may use; its rows start that much later.
    pub fn most(self) -> usize {
        match self {
            Self::Fixed(lags) | Self::Bic(lags) => lags,
        }
    }
}

/// What is asked of a series. A value of this type is always legal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SupTest {
    min_window: usize,
    lag: Lag,
}

impl SupTest {
    /// A test with windows of at least `min_window` *levels* (the convention of the R package psymonitor; exuber counts
    /// regression rows, which are one fewer at lag 0).
    ///
    /// # Errors
    /// More than six lags, or windows too short to leave a degree of freedom.
    pub fn new(min_window: usize, lag: Lag) -> Result<Self, StatError> {
        let lags = lag.most();
        require_setting("lag", lags as f64, "0 to 6", lags <= MOST_LAGS)?;
        let is_enough = min_window >= 2 * lags + 4;
        require_setting("min_window", min_window as f64, "at least 4 + 2 * lag", is_enough)?;
        Ok(Self { min_window, lag })
    }

    /// The shortest window that Phillips, Shi and Yu recommend for `n` levels: `n (0.01 + 1.8 / sqrt n)`, cut down.
    pub fn recommended_window(n: usize) -> usize {
        let n = n as f64;
        (n * (0.01 + 1.8 / n.sqrt())) as usize
    }

    /// Levels of the shortest window.
    pub fn min_window(&self) -> usize {
        self.min_window
    }

    /// The lags.
    pub fn lag(&self) -> Lag {
        self.lag
    }

    /// Regression rows of the shortest window.
    fn least_rows(&self) -> usize {
        self.min_window - 1 - self.lag.most()
    }

    /// BSADF: for each end from position `min_window - 1` on, the greatest t-ratio over the windows that end there.
    ///
    /// A window's levels are known at its end, so no value looks ahead. NaN where no window has a t-ratio (levels that
    /// stand still, or a fit without any residual).
    ///
    /// # Errors
    /// A level that is not finite, or fewer levels than the shortest window.
    ///
    /// # Example
    /// ```
    /// use shoals_stats::explosive::{Lag, SupTest};
    /// let levels: Vec<f64> = (0..60).map(|t| 1.1_f64.powi(t) + 0.1 * f64::from(t % 3)).collect();
    /// let bsadf = SupTest::new(12, Lag::Fixed(0))?.bsadf(&levels)?;
    /// assert_eq!(bsadf.len(), 49);
    /// assert!(bsadf[48] > 5.0);
    /// # Ok::<(), shoals_stats::StatError>(())
    /// ```
    pub fn bsadf(&self, levels: &[f64]) -> Result<Vec<f64>, StatError> {
        self.require(levels)?;
        let columns = Columns::of_days(levels);
        let first = self.min_window - 1;
        let mut out = vec![0.0; levels.len() - first];
        let (task, arch) = (LANES * GROUPS_PER_TASK, Arch::new());
        out.par_chunks_mut(task).enumerate().for_each(|(i, out)| {
            arch.dispatch(EndDays { test: *self, columns: &columns, first: first + i * task, out });
        });
        Ok(out)
    }

    /// SADF: the greatest t-ratio over the windows that start with the sample.
    ///
    /// # Errors
    /// As [`SupTest::bsadf`].
    pub fn sadf(&self, levels: &[f64]) -> Result<f64, StatError> {
        self.require(levels)?;
        let unit = super::columns::unit_of(levels);
        let rows = levels.iter().flat_map(|y| [y / unit; LANES]).collect();
        Ok(Arch::new().dispatch(FromStart { test: *self, columns: &Columns::of_series(rows) })[0])
    }

    fn require(&self, levels: &[f64]) -> Result<(), StatError> {
        require_finite(levels)?;
        if levels.len() < self.min_window {
            let (needed, found) = (self.min_window, levels.len());
            return Err(StatError::TooFewObservations { needed, found });
        }
        Ok(())
    }

    /// Writes the greatest t-ratio over windows of at most `levels` levels that end on row `end`, a lane each.
    #[inline(always)]
    fn write_greatest<S: Simd, const STRIDE: usize>(
        &self,
        simd: S,
        columns: &Columns,
        end: usize,
        levels: usize,
        out: &mut [f64],
    ) {
        let rows = [self.least_rows(), levels - 1 - self.lag.most()];
        for (part, out) in out.chunks_mut(S::F64_LANES).enumerate() {
            let at = [end, part * S::F64_LANES];
            let t = greatest::<S, STRIDE>(simd, self.lag, columns, at, rows);
            simd.partial_store_f64s(out, t);
        }
    }
}

#[inline(always)]
fn greatest<S: Simd, const STRIDE: usize>(
    simd: S,
    lag: Lag,
    c: &Columns,
    at: [usize; 2],
    rows: [usize; 2],
) -> S::f64s {
    use lagged::greatest as lagged;
    match lag {
        Lag::Fixed(0) | Lag::Bic(0) => lag_zero::greatest::<S, STRIDE>(simd, c, at, rows),
        Lag::Fixed(1) => lagged::<S, STRIDE, 1, false>(simd, c, at, rows),
        Lag::Fixed(2) => lagged::<S, STRIDE, 2, false>(simd, c, at, rows),
        Lag::Fixed(3) => lagged::<S, STRIDE, 3, false>(simd, c, at, rows),
        Lag::Fixed(4) => lagged::<S, STRIDE, 4, false>(simd, c, at, rows),
        Lag::Fixed(5) => lagged::<S, STRIDE, 5, false>(simd, c, at, rows),
        Lag::Fixed(_) => lagged::<S, STRIDE, 6, false>(simd, c, at, rows),
        Lag::Bic(1) => lagged::<S, STRIDE, 1, true>(simd, c, at, rows),
        Lag::Bic(2) => lagged::<S, STRIDE, 2, true>(simd, c, at, rows),
        Lag::Bic(3) => lagged::<S, STRIDE, 3, true>(simd, c, at, rows),
        Lag::Bic(4) => lagged::<S, STRIDE, 4, true>(simd, c, at, rows),
        Lag::Bic(5) => lagged::<S, STRIDE, 5, true>(simd, c, at, rows),
        Lag::Bic(_) => lagged::<S, STRIDE, 6, true>(simd, c, at, rows),
    }
}

#[inline(always)]
fn greatest_from_start<S: Simd>(
    simd: S,
    lag: Lag,
    c: &Columns,
    part: usize,
    rows: [usize; 2],
) -> S::f64s {
    use lagged::greatest_from_start as forward;
    match lag {
        Lag::Fixed(0) | Lag::Bic(0) => forward::<S, SERIES, 0, false>(simd, c, part, rows),
        Lag::Fixed(1) => forward::<S, SERIES, 1, false>(simd, c, part, rows),
        Lag::Fixed(2) => forward::<S, SERIES, 2, false>(simd, c, part, rows),
        Lag::Fixed(3) => forward::<S, SERIES, 3, false>(simd, c, part, rows),
        Lag::Fixed(4) => forward::<S, SERIES, 4, false>(simd, c, part, rows),
        Lag::Fixed(5) => forward::<S, SERIES, 5, false>(simd, c, part, rows),
        Lag::Fixed(_) => forward::<S, SERIES, 6, false>(simd, c, part, rows),
        Lag::Bic(1) => forward::<S, SERIES, 1, true>(simd, c, part, rows),
        Lag::Bic(2) => forward::<S, SERIES, 2, true>(simd, c, part, rows),
        Lag::Bic(3) => forward::<S, SERIES, 3, true>(simd, c, part, rows),
        Lag::Bic(4) => forward::<S, SERIES, 4, true>(simd, c, part, rows),
        Lag::Bic(5) => forward::<S, SERIES, 5, true>(simd, c, part, rows),
        Lag::Bic(_) => forward::<S, SERIES, 6, true>(simd, c, part, rows),
    }
}

/// Neighbouring ends of one series: work as an object, since a closure would stay a call out of reach of the vector
/// registers.
struct EndDays<'a> {
    test: SupTest,
    columns: &'a Columns,
    /// Position of the first end in the series.
    first: usize,
    out: &'a mut [f64],
}

impl WithSimd for EndDays<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for (i, out) in self.out.chunks_mut(LANES).enumerate() {
            let end = self.first + i * LANES;
            // The last lane has the longest windows; the others run into the padding.
            let test = self.test;
            test.write_greatest::<S, DAYS>(simd, self.columns, PAD + end, end + LANES, out);
        }
    }
}

/// Every end of eight series.
pub(super) struct EveryEnd<'a> {
    pub(super) test: SupTest,
    pub(super) columns: &'a Columns,
    /// BSADF of each end, one row an end.
    pub(super) out: &'a mut [Lanes],
}

impl WithSimd for EveryEnd<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for (i, out) in self.out.iter_mut().enumerate() {
            let end = self.test.min_window - 1 + i;
            self.test.write_greatest::<S, SERIES>(simd, self.columns, end, end + 1, out);
        }
    }
}

/// Every window from the first row on, of eight series.
pub(super) struct FromStart<'a> {
    pub(super) test: SupTest,
    pub(super) columns: &'a Columns,
}

impl WithSimd for FromStart<'_> {
    type Output = Lanes;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Lanes {
        let levels = self.columns.level.len() / LANES;
        let rows = [self.test.least_rows(), levels - 1 - self.test.lag.most()];
        let mut out = [0.0; LANES];
        for (part, out) in out.chunks_mut(S::F64_LANES).enumerate() {
            let part = part * S::F64_LANES;
            let t = greatest_from_start(simd, self.test.lag, self.columns, part, rows);
            simd.partial_store_f64s(out, t);
        }
        out
    }
}
