//! Lagged changes in the regression: moments of all columns, and the lags swept out of them.
//!
//! Columns stand in the order change one, two ... `K` days back, level, change. Sweeping out the first `j` leaves the
//! level and the change with `j` lags taken out, so one pass gives the t-ratio of every number of lags.

#![allow(clippy::inline_always, reason = "compiled with the vector instructions of the caller")]
#![allow(clippy::many_single_char_names, reason = "the sums carry the letters of lag_zero")]
#![allow(clippy::needless_range_loop, reason = "rows and columns of one triangle run together")]

use pulp::Simd;

use super::columns::{Columns, load};
use super::lag_zero::{Best, signed, t_ratio};

/// Most lagged changes.
pub(super) const MOST_LAGS: usize = 6;

/// Columns of the longest regression: the lags, level, change.
const WIDEST: usize = MOST_LAGS + 2;

/// Sums and sums of products of the columns, over a window that grows.
struct Moments<S: Simd, const K: usize> {
    sum: [S::f64s; WIDEST],
    /// Upper triangle.
    product: [[S::f64s; WIDEST]; WIDEST],
}

impl<S: Simd, const K: usize> Moments<S, K> {
    #[inline(always)]
    fn empty(simd: S) -> Self {
        let zero = simd.splat_f64s(0.0);
        Self { sum: [zero; WIDEST], product: [[zero; WIDEST]; WIDEST] }
    }

    /// Adds the regression row of day `t`, levels measured from `origin`.
    #[inline(always)]
    fn add<const STRIDE: usize>(
        &mut self,
        simd: S,
        columns: &Columns,
        [t, part]: [usize; 2],
        origin: S::f64s,
    ) {
        let mut value = [origin; WIDEST];
        for (j, value) in value[..K].iter_mut().enumerate() {
            *value = load::<S, STRIDE>(&columns.change, t - 1 - j, part);
        }
        value[K] = simd.sub_f64s(load::<S, STRIDE>(&columns.level, t - 1, part), origin);
        if K > 0 {
            // A row without its oldest lag is no row, whatever number of lags is chosen.
            let nothing = simd.mul_f64s(value[K - 1], simd.splat_f64s(0.0));
            value[K] = simd.add_f64s(value[K], nothing);
        }
        value[K + 1] = load::<S, STRIDE>(&columns.change, t, part);
        for i in 0..K + 2 {
            self.sum[i] = simd.add_f64s(self.sum[i], value[i]);
            for j in i..K + 2 {
                let product = simd.mul_f64s(value[i], value[j]);
                self.product[i][j] = simd.add_f64s(self.product[i][j], product);
            }
        }
    }

    /// The signed square of the level's t-ratio as a fraction, all `K` lags in; with `BIC`, of the number of lags with
    /// the least Bayesian criterion `n ln(RSS / n) + (j + 2) ln n`.
    #[inline(always)]
    fn fraction<const BIC: bool>(&self, simd: S, n_rows: usize) -> Best<S> {
        let n = n_rows as f64;
        let rows = simd.splat_f64s(n);
        let mut m = self.product;
        for i in 0..K + 2 {
            for j in i..K + 2 {
                let raw = simd.mul_f64s(rows, self.product[i][j]);
                m[i][j] = simd.sub_f64s(raw, simd.mul_f64s(self.sum[i], self.sum[j]));
            }
        }
        // With a lag more the residual sum of squares must be this many times smaller.
        let penalty = if BIC { (n.ln() / n).exp() } else { 1.0 };
        let mut found = Best::none(simd);
        // The least criterion so far, as the fraction of `RSS = denominator / a` times its penalty.
        let (mut least, mut scale) = (simd.splat_f64s(1.0), simd.splat_f64s(0.0));
        let mut factor = 1.0;
        for j in 0..=K {
            if BIC || j == K {
                let freedom = simd.splat_f64s(n - (j + 2) as f64);
                let (a, b, c) = (m[K][K], m[K][K + 1], m[K + 1][K + 1]);
                let b2 = simd.mul_f64s(b, b);
                let numerator = simd.mul_f64s(freedom, signed(simd, b, b2));
                let denominator = simd.sub_f64s(simd.mul_f64s(a, c), b2);
                let own = simd.mul_f64s(denominator, simd.splat_f64s(factor));
                let is_less =
                    simd.less_than_f64s(simd.mul_f64s(own, scale), simd.mul_f64s(least, a));
                found.numerator = simd.select_f64s(is_less, numerator, found.numerator);
                found.denominator = simd.select_f64s(is_less, denominator, found.denominator);
                least = simd.select_f64s(is_less, own, least);
                scale = simd.select_f64s(is_less, a, scale);
                factor *= penalty;
            }
            if j < K {
                sweep::<S, K>(simd, &mut m, j);
            }
        }
        found
    }
}

/// Takes column `j` out of the columns after it.
#[inline(always)]
fn sweep<S: Simd, const K: usize>(simd: S, m: &mut [[S::f64s; WIDEST]; WIDEST], j: usize) {
    let pivot = m[j];
    let inverse = simd.div_f64s(simd.splat_f64s(1.0), pivot[j]);
    for i in j + 1..K + 2 {
        let slope = simd.mul_f64s(pivot[i], inverse);
        for k in i..K + 2 {
            m[i][k] = simd.sub_f64s(m[i][k], simd.mul_f64s(slope, pivot[k]));
        }
    }
}

/// Lanes `part` and following: the greatest t-ratio over windows of `least` to `most` regression rows that end on row
/// `end`.
#[inline(always)]
pub(super) fn greatest<S: Simd, const STRIDE: usize, const K: usize, const BIC: bool>(
    simd: S,
    columns: &Columns,
    [end, part]: [usize; 2],
    [least, most]: [usize; 2],
) -> S::f64s {
    let origin = load::<S, STRIDE>(&columns.level, end, part);
    let mut moments = Moments::<S, K>::empty(simd);
    let mut best = Best::none(simd);
    for n in 1..=most {
        moments.add::<STRIDE>(simd, columns, [end + 1 - n, part], origin);
        if n >= least {
            best.take(simd, &moments.fraction::<BIC>(simd, n));
        }
    }
    t_ratio(simd, best.numerator, best.denominator)
}

/// Likewise over windows of `least` to `most` regression rows that start on the first row.
#[inline(always)]
pub(super) fn greatest_from_start<S: Simd, const STRIDE: usize, const K: usize, const BIC: bool>(
    simd: S,
    columns: &Columns,
    part: usize,
    [least, most]: [usize; 2],
) -> S::f64s {
    let origin = load::<S, STRIDE>(&columns.level, 0, part);
    let mut moments = Moments::<S, K>::empty(simd);
    let mut best = Best::none(simd);
    for n in 1..=most {
        moments.add::<STRIDE>(simd, columns, [K + n, part], origin);
        if n >= least {
            best.take(simd, &moments.fraction::<BIC>(simd, n));
        }
    }
    t_ratio(simd, best.numerator, best.denominator)
}
