//! Lag 0: all starts of the windows that end on one row, without a division or a root.
//!
//! With levels measured from the last one, `x_t = y_{t-1} - y_end` and `d_t = y_t - y_{t-1}`, sums over the window that
//! starts at `y_s` telescope: the sum of `d` is `-x`, the sum of `x d` is `-(x^2 + sum of d^2) / 2`, `x` being that of
//! the first row. Three running sums are left: of `x`, of `x^2` and of `d^2`.
//!
//! The squared t-ratio is `(n - 2) B^2 / (A C - B^2)`, with `A`, `B`, `C` the centred sums of `x x`, `x d`, `d d` times
//! `n`. Two windows are compared by cross-multiplying, the sign of `B` put to the numerator.

#![allow(clippy::inline_always, reason = "compiled with the vector instructions of the caller")]
#![allow(
    clippy::many_single_char_names,
    reason = "the sums carry the letters of the formula above"
)]

use pulp::Simd;

use super::columns::{Columns, load};

/// The greatest signed square of the t-ratio in each lane of a register, as a fraction; denominator 0 where there is
/// none.
#[derive(Debug)]
pub(super) struct Best<S: Simd> {
    pub(super) numerator: S::f64s,
    pub(super) denominator: S::f64s,
}

impl<S: Simd> Best<S> {
    /// Below everything.
    #[inline(always)]
    pub(super) fn none(simd: S) -> Self {
        Self { numerator: simd.splat_f64s(-1.0), denominator: simd.splat_f64s(0.0) }
    }

    /// Takes the fraction where it is greater.
    #[inline(always)]
    pub(super) fn take(&mut self, simd: S, other: &Self) {
        let ours = simd.mul_f64s(self.numerator, other.denominator);
        let theirs = simd.mul_f64s(other.numerator, self.denominator);
        let is_greater = simd.less_than_f64s(ours, theirs);
        self.numerator = simd.select_f64s(is_greater, other.numerator, self.numerator);
        self.denominator = simd.select_f64s(is_greater, other.denominator, self.denominator);
    }
}

/// The t-ratio whose signed square is a fraction; NaN where the denominator is 0.
#[inline(always)]
pub(super) fn t_ratio<S: Simd>(simd: S, numerator: S::f64s, denominator: S::f64s) -> S::f64s {
    let zero = simd.splat_f64s(0.0);
    let square = simd.div_f64s(numerator, denominator);
    let root = simd.sqrt_f64s(signed(simd, square, square));
    let t = simd.select_f64s(simd.less_than_f64s(square, zero), simd.sub_f64s(zero, root), root);
    let is_found = simd.less_than_f64s(simd.splat_f64s(f64::NEG_INFINITY), square);
    simd.select_f64s(is_found, t, simd.splat_f64s(f64::NAN))
}

/// The square with the number's sign. (The library's absolute value is not inlined into a development build.)
#[inline(always)]
pub(super) fn signed<S: Simd>(simd: S, number: S::f64s, square: S::f64s) -> S::f64s {
    let zero = simd.splat_f64s(0.0);
    let is_negative = simd.less_than_f64s(number, zero);
    simd.select_f64s(is_negative, simd.sub_f64s(zero, square), square)
}

/// Lanes `part` and following: the greatest t-ratio over windows of `least` to `most` regression rows that end on row
/// `end`.
#[inline(always)]
pub(super) fn greatest<S: Simd, const STRIDE: usize>(
    simd: S,
    columns: &Columns,
    [end, part]: [usize; 2],
    [least, most]: [usize; 2],
) -> S::f64s {
    let origin = load::<S, STRIDE>(&columns.level, end, part);
    let (zero, one) = (simd.splat_f64s(0.0), simd.splat_f64s(1.0));
    let (mut sum, mut squares, mut changes) = (zero, zero, zero);
    for n in 1..least {
        let level = load::<S, STRIDE>(&columns.level, end - n, part);
        let square = load::<S, STRIDE>(&columns.square, end - n + 1, part);
        let x = simd.sub_f64s(level, origin);
        sum = simd.add_f64s(sum, x);
        squares = simd.mul_add_f64s(x, x, squares);
        changes = simd.add_f64s(changes, square);
    }
    // The best fraction is kept in two registers, not in a struct, which would live in memory.
    let mut numerator = simd.splat_f64s(-1.0);
    let mut denominator = simd.splat_f64s(0.0);
    let mut rows = simd.splat_f64s(least as f64);
    let half = simd.splat_f64s(0.5);
    for n in least..=most {
        let level = load::<S, STRIDE>(&columns.level, end - n, part);
        let square = load::<S, STRIDE>(&columns.square, end - n + 1, part);
        let x = simd.sub_f64s(level, origin);
        let x2 = simd.mul_f64s(x, x);
        sum = simd.add_f64s(sum, x);
        squares = simd.mul_add_f64s(x, x, squares);
        changes = simd.add_f64s(changes, square);
        let a = simd.negate_mul_add_f64s(sum, sum, simd.mul_f64s(rows, squares));
        let moved = simd.mul_f64s(half, simd.add_f64s(x2, changes));
        let b = simd.negate_mul_add_f64s(rows, moved, simd.mul_f64s(sum, x));
        let c = simd.sub_f64s(simd.mul_f64s(rows, changes), x2);
        let b2 = simd.mul_f64s(b, b);
        let signed = signed(simd, b, b2);
        let q = simd.sub_f64s(simd.mul_f64s(a, c), b2);
        let freedom = simd.sub_f64s(rows, simd.add_f64s(one, one));
        let p = simd.mul_f64s(freedom, signed);
        let ours = simd.mul_f64s(numerator, q);
        let theirs = simd.mul_f64s(p, denominator);
        let is_greater = simd.less_than_f64s(ours, theirs);
        numerator = simd.select_f64s(is_greater, p, numerator);
        denominator = simd.select_f64s(is_greater, q, denominator);
        rows = simd.add_f64s(rows, one);
    }
    t_ratio(simd, numerator, denominator)
}
