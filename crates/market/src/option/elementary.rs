//! Exponential and logarithm without branches, so that a loop over options runs on vector registers.
//!
//! The library's own functions are as accurate but are calls, one option at a time. These are straight
//! lines of arithmetic with explicit fused multiply-adds: the same bits on every machine, whatever its
//! registers. Where a price turns a rounding error into many (`e^{−h²/2}` at `h = 20` makes 400 of one),
//! a number is carried as an unevaluated sum of two, `hi + lo`. Source: Dekker (1971); Muller et al.,
//! "Handbook of Floating-Point Arithmetic" (2018), sections 4.3 and 4.4.
#![expect(
    clippy::inline_always,
    reason = "a call would keep the loop around it from vector registers"
)]

/// An unevaluated sum: `hi` is the number, `lo` what rounding took from it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wide {
    pub(super) hi: f64,
    pub(super) lo: f64,
}

/// `1.5 · 2⁵²`: added to a small number it leaves the nearest integer in the last bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
/// `ln 2` with 21 zero bits at its end, so that a small integer times it is exact.
const LN_2_HI: f64 = 0.693_147_180_369_123_8;
/// What is missing from it.
const LN_2_LO: f64 = 1.908_214_929_270_587_7e-10;
/// Below this the exponential is 0 (half of the least positive number).
const UNDERFLOW: f64 = -745.2;
/// `1/2!, 1/3!, … 1/13!`.
const INVERSE_FACTORIAL: [f64; 12] = [
    1.0 / 2.0,
    1.0 / 6.0,
    1.0 / 24.0,
    1.0 / 120.0,
    1.0 / 720.0,
    1.0 / 5_040.0,
    1.0 / 40_320.0,
    1.0 / 362_880.0,
    1.0 / 3_628_800.0,
    1.0 / 39_916_800.0,
    1.0 / 479_001_600.0,
    1.0 / 6_227_020_800.0,
];
/// `2/3, 2/5, … 2/25`: the series of `2 artanh` after its first term.
const ARTANH: [f64; 12] = [
    2.0 / 3.0,
    2.0 / 5.0,
    2.0 / 7.0,
    2.0 / 9.0,
    2.0 / 11.0,
    2.0 / 13.0,
    2.0 / 15.0,
    2.0 / 17.0,
    2.0 / 19.0,
    2.0 / 21.0,
    2.0 / 23.0,
    2.0 / 25.0,
];

/// `coefficients[0] + coefficients[1] x + …`.
#[inline(always)]
pub(super) fn polynomial<const N: usize>(coefficients: &[f64; N], x: f64) -> f64 {
    let mut sum = coefficients[N - 1];
    for k in (0..N - 1).rev() {
        sum = sum.mul_add(x, coefficients[k]);
    }
    sum
}

/// `e^{hi + lo}` to an ulp; 0 far below. `hi` at most 700.
#[inline(always)]
pub(super) fn exp(x: Wide) -> f64 {
    let rounded = x.hi.max(UNDERFLOW - 1.0).mul_add(std::f64::consts::LOG2_E, ROUNDER);
    let n = rounded - ROUNDER;
    let n_bits = rounded.to_bits().wrapping_sub(ROUNDER.to_bits()).cast_signed();
    let r = (-n).mul_add(LN_2_LO, (-n).mul_add(LN_2_HI, x.hi)) + x.lo;
    let value = (r * r).mul_add(polynomial(&INVERSE_FACTORIAL, r), r) + 1.0;
    // Two steps, since 2ⁿ alone may be too small a number to be written.
    let half = n_bits >> 1;
    let scaled = value * power_of_two(half) * power_of_two(n_bits - half);
    if x.hi < UNDERFLOW { 0.0 } else { scaled }
}

#[inline(always)]
fn power_of_two(n: i64) -> f64 {
    f64::from_bits(((n + 1023) << 52).cast_unsigned())
}

/// `ln(a/b)`, some 60 bits of it, also where the two are close. Both normal numbers above 0.
#[inline(always)]
pub(super) fn ln_ratio(a: f64, b: f64) -> Wide {
    let ratio = a / b;
    // What the division rounded away: a/b = ratio (1 + remainder).
    let remainder = (-ratio).mul_add(b, a) / a;
    let main = ln(ratio);
    sum(main.hi, main.lo + remainder)
}

/// `ln x` of a normal number above 0.
#[inline(always)]
pub(super) fn ln(x: f64) -> Wide {
    // x = 2ᵏ m with m between √½ and √2.
    const ROOT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
    let bits = x.to_bits();
    let k = bits.wrapping_sub(ROOT_HALF).cast_signed() >> 52;
    let m = f64::from_bits(bits.wrapping_sub((k << 52).cast_unsigned()));
    let k = f64::from_bits(ROUNDER.to_bits().wrapping_add(k.cast_unsigned())) - ROUNDER;
    // ln m = 2 artanh f, f = (m − 1)/(m + 1).
    let (above, below) = (m - 1.0, m + 1.0);
    let below_lo = m - (below - 1.0);
    let f = above / below;
    let f_lo = ((-f).mul_add(below, above) - f * below_lo) / below;
    let square = f * f;
    let rest = f * square * polynomial(&ARTANH, square) + 2.0 * f_lo;
    let whole = two_sum(k * LN_2_HI, 2.0 * f);
    sum(whole.hi, whole.lo + k.mul_add(LN_2_LO, rest))
}

/// `√x`, of a normal number above 0.
#[inline(always)]
pub(super) fn sqrt(x: f64) -> Wide {
    let hi = x.sqrt();
    Wide { hi, lo: (-hi).mul_add(hi, x) / (2.0 * hi) }
}

/// The sum of any two numbers, exact.
#[inline(always)]
pub(super) fn two_sum(a: f64, b: f64) -> Wide {
    let hi = a + b;
    let part = hi - a;
    Wide { hi, lo: (a - (hi - part)) + (b - part) }
}

/// The sum of a number and a smaller one.
#[inline(always)]
fn sum(large: f64, small: f64) -> Wide {
    let hi = large + small;
    Wide { hi, lo: (large - hi) + small }
}

impl Wide {
    /// The square.
    #[inline(always)]
    pub(super) fn square(self) -> Self {
        let hi = self.hi * self.hi;
        Self { hi, lo: self.hi.mul_add(self.hi, -hi) + 2.0 * self.hi * self.lo }
    }

    /// Times a number.
    #[inline(always)]
    pub(super) fn times(self, x: f64) -> Self {
        let hi = self.hi * x;
        Self { hi, lo: self.hi.mul_add(x, -hi) + self.lo * x }
    }

    /// Over another.
    #[inline(always)]
    pub(super) fn over(self, other: Self) -> Self {
        let hi = self.hi / other.hi;
        let rest = (-hi).mul_add(other.hi, self.hi) - hi * other.lo + self.lo;
        Self { hi, lo: rest / other.hi }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Witness: the platform's `exp`, correctly rounded to within an ulp.
        #[test]
        fn the_exponential_agrees_with_the_librarys(x in -700.0_f64..700.0) {
            let ours = exp(Wide { hi: x, lo: 0.0 });
            prop_assert!((ours / x.exp() - 1.0).abs() <= 3.0 * f64::EPSILON, "{x}");
        }

        /// Witness: the platform's `ln`.
        #[test]
        fn the_logarithm_agrees_with_the_librarys(exponent in -600.0_f64..600.0) {
            let x = exponent.exp();
            let ours = ln(x);
            prop_assert!((ours.hi - x.ln()).abs() <= f64::EPSILON * x.ln().abs(), "{x}");
            prop_assert!(ours.lo.abs() <= f64::EPSILON * ours.hi.abs());
        }

        /// `ln(a/b)` of neighbours is the series in their relative distance, to a part in 1e18.
        #[test]
        fn a_logarithm_near_one_keeps_its_digits(b in 1.0_f64..1e4, steps in 1_u32..4_000) {
            let a = b + f64::from(steps) * f64::EPSILON * b;
            let d = (a - b) / b;
            let ours = ln_ratio(a, b);
            prop_assert!((ours.hi / (d - 0.5 * d * d) - 1.0).abs() < 4.0 * f64::EPSILON);
        }
    }

    #[test]
    fn a_number_too_small_is_zero_and_the_least_is_kept() {
        assert_eq!(exp(Wide { hi: -746.0, lo: 0.0 }), 0.0);
        assert_eq!(exp(Wide { hi: f64::NEG_INFINITY, lo: 0.0 }), 0.0);
        assert_eq!(exp(Wide { hi: -745.0, lo: 0.0 }), (-745.0_f64).exp());
        assert_eq!(exp(Wide { hi: 0.0, lo: 0.0 }), 1.0);
    }
}
