//! Mills' ratio of the normal distribution and its slope, to a few ulps as far out as numbers go.
//!
//! ```text
//! Y(z) = Φ(z)/φ(z) = ∫₀^∞ e^{zu − u²/2} du,   Y'(z) = 1 + z Y(z) = ∫₀^∞ u e^{zu − u²/2} du > 0.
//! ```
//!
//! `1 + zY` loses `z²` ulps in the tail, so the slope has an approximation of its own. Both are Chebyshev
//! series in `(y − 5)/(y + 5)`, `y = −z` from −0.45 to infinity, after taking out `1/(y + 0.8)` and
//! `1/(y + 1)²`, which leave functions between 0.55 and 1.42; the method is that of Shepherd and Laframboise
//! (1981) for `erfcx`. Coefficients: ours, fitted with mpmath (60 digits), `tests/option_hard/fit_mills.py`.
#![expect(
    clippy::inline_always,
    reason = "a call would keep the loop around it from vector registers"
)]

use super::elementary::polynomial;

/// Largest `z` of [`ratio`] and [`slope`].
#[cfg(test)]
const Z_MAX: f64 = 0.45;
/// Scale of the variable.
const CENTRE: f64 = 5.0;
/// Distance of the least `y` from `−CENTRE`.
const REACH: f64 = 4.55;

/// `Y(z)` for `z <= 0.45`.
#[inline(always)]
pub(super) fn ratio(z: f64) -> f64 {
    let (near, far) = (0.8 - z, CENTRE - z);
    let inverse = 1.0 / (near * far);
    let centred = (-2.0 * REACH * near).mul_add(inverse, 1.0);
    polynomial(&RATIO, centred) * (far * inverse)
}

/// `Y'(z)` for `z <= 0.45`.
#[inline(always)]
pub(super) fn slope(z: f64) -> f64 {
    let (near, far) = (1.0 - z, CENTRE - z);
    let inverse = 1.0 / (near * far);
    let centred = (-2.0 * REACH * near).mul_add(inverse, 1.0);
    let weight = far * inverse;
    polynomial(&SLOPE, centred) * weight * weight
}

/// `Y(h + t) − Y(h − t)` as the integral of the slope, eight points: no digit is lost however small `t`
/// is. For `t <= 0.43` and `h <= 0`; the formula's own error there is below 2e-17.
#[inline(always)]
pub(super) fn rise(h: f64, t: f64) -> f64 {
    let pair = |node: f64| slope(t.mul_add(node, h)) + slope(t.mul_add(-node, h));
    let inner = 0.362_683_783_378_362_f64.mul_add(
        pair(0.183_434_642_495_649_8),
        0.313_706_645_877_887_27 * pair(0.525_532_409_916_329),
    );
    let outer = 0.222_381_034_453_374_48_f64.mul_add(
        pair(0.796_666_477_413_626_7),
        0.101_228_536_290_376_26 * pair(0.960_289_856_497_536_3),
    );
    t * (inner + outer)
}

/// The same with four points: six digits, for the steps of an iteration.
#[inline(always)]
pub(super) fn rough_rise(h: f64, t: f64) -> f64 {
    let pair = |node: f64| slope(t.mul_add(node, h)) + slope(t.mul_add(-node, h));
    let (inner, outer) = (pair(0.339_981_043_584_856_26), pair(0.861_136_311_594_052_6));
    t * 0.652_145_154_862_546_1_f64.mul_add(inner, 0.347_854_845_137_453_85 * outer)
}

/// `(y + 0.8) Y(−y)` in powers of the centred variable, to 3e-16.
const RATIO: [f64; 26] = [
    1.133_989_521_061_795,
    -0.174_870_430_069_672_34,
    -0.007_175_226_269_916_523,
    0.145_096_688_980_365_5,
    -0.194_314_518_800_014_88,
    0.163_962_601_653_917_18,
    -0.098_340_225_859_645_14,
    0.040_395_036_095_804_57,
    -0.008_579_224_725_410_55,
    -0.001_389_834_972_962_155_5,
    0.001_565_263_963_955_456,
    -2.374_851_203_629_078_5e-4,
    -1.751_908_990_495_086e-4,
    6.677_932_061_287_83e-5,
    1.944_029_105_892_785e-5,
    -1.294_708_757_708_473e-5,
    -2.683_214_708_158_396_4e-6,
    2.388_551_821_081_740_7e-6,
    5.115_878_267_246_443e-7,
    -4.347_748_432_518_774e-7,
    -1.128_700_775_608_634_5e-7,
    7.369_106_311_971_753e-8,
    2.081_599_731_525_323e-8,
    -1.002_973_889_773_385_3e-8,
    -2.100_623_355_880_531e-9,
    7.803_846_504_929_383e-10,
];
/// `(y + 1)² Y'(−y)` in powers of the centred variable, to 3e-16.
const SLOPE: [f64; 29] = [
    1.330_453_772_336_558_1,
    -0.389_429_722_277_308_5,
    -0.148_652_008_687_682_8,
    0.510_754_930_343_389_7,
    -0.514_301_655_943_088_1,
    0.260_865_764_044_275_4,
    0.006_363_387_931_467_079,
    -0.126_263_569_764_657_55,
    0.105_983_152_443_349_22,
    -0.040_684_169_253_194_825,
    2.226_627_884_477_835_6e-4,
    0.007_078_798_444_364_134,
    -0.002_085_737_308_017_505,
    -8.297_522_007_285_428e-4,
    5.354_442_234_138_769e-4,
    9.473_708_876_761_938e-5,
    -1.138_896_227_073_361_4e-4,
    -1.466_118_962_908_647_9e-5,
    2.381_130_237_808_817e-5,
    3.736_493_697_755_531e-6,
    -4.965_660_214_135_474e-6,
    -1.166_481_111_516_931_5e-6,
    9.854_943_606_132_358e-7,
    3.217_283_451_384_973_4e-7,
    -1.700_743_405_466_530_8e-7,
    -6.283_477_791_343_32e-8,
    2.194_284_308_622_496e-8,
    6.224_099_149_706_594e-9,
    -1.532_298_563_538_417e-9,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// `∫₀^∞ weight(u) e^{zu − u²/2} du` by the trapezoid rule in `u = e^{v − e^{−v}}`: exponentially
    /// convergent, positive terms only; rounding of its exponents leaves it 1e-14.
    fn by_quadrature(z: f64, weight: impl Fn(f64) -> f64) -> f64 {
        let step = 1.0 / 128.0;
        (-640..=640)
            .map(|i| {
                let v = f64::from(i) * step;
                let u = (v - (-v).exp()).exp();
                weight(u) * (z * u - 0.5 * u * u).exp() * u * (1.0 + (-v).exp())
            })
            .filter(|term| term.is_finite())
            .sum::<f64>()
            * step
    }

    /// Witness: the integrals themselves, a method that shares nothing with the series. The last digits are
    /// judged by mpmath in `tests/option_hard.rs`.
    #[test]
    fn ratio_slope_and_rise_agree_with_their_integrals() {
        for i in 0..=120 {
            let z = Z_MAX - f64::from(i) * 0.2;
            let (y, dy) = (by_quadrature(z, |_| 1.0), by_quadrature(z, |u| u));
            assert!((ratio(z) / y - 1.0).abs() < 1e-14, "Y({z})");
            assert!((slope(z) / dy - 1.0).abs() < 1e-14, "Y'({z})");
        }
        for h in [0.0, -1e-3, -0.5, -2.0, -7.0, -20.0] {
            for t in [1e-6, 1e-3, 0.1, 0.25, 0.43] {
                let exact = by_quadrature(h, |u| 2.0 * (t * u).sinh());
                assert!((rise(h, t) / exact - 1.0).abs() < 1e-14, "h {h} t {t}");
                assert!((rough_rise(h, t) / exact - 1.0).abs() < 1e-6, "h {h} t {t}");
            }
        }
    }

    /// Witness: the first terms of the asymptotic series, `1/y − 1/y³` and `1/y² − 3/y⁴`.
    #[test]
    fn the_far_tail_is_its_series() {
        for y in [1e5, 1e8, 1e20, 1e100] {
            let w = (1.0_f64 / y).powi(2);
            assert!((ratio(-y) * y / (1.0 - w) - 1.0).abs() < 1e-15);
            assert!((slope(-y) * y * y / (1.0 - 3.0 * w) - 1.0).abs() < 2e-15);
        }
    }
}
