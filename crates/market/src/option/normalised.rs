//! Black's formula in two dimensionless numbers, accurate to the last digits everywhere.
//!
//! With `x = ln(F/K)` and `s = σ√t` an out-of-the-money option (call with `x <= 0`, put mirrored) costs
//! `e^{-rt} √(FK) · b(x, s)`,
//!
//! ```text
//! b = e^{x/2} Φ(h + t) − e^{−x/2} Φ(h − t) = φ-scale · [Y(h + t) − Y(h − t)],   h = x/s,  t = s/2,
//! Y(z) = Φ(z)/φ(z) = ∫₀^∞ e^{zu − u²/2} du,   scale = e^{−(h² + t²)/2}/√(2π).
//! ```
//!
//! The difference of the two `Φ` loses every digit far out of the money; the difference of the two `Y`
//! does not, and for small `t` its Taylor series in `t` has positive terms only.
//! Source: Jäckel, "Let's be rational" (2016), sections 2 and 6. We keep three of his four regions:
//! the asymptotic one buys accuracy in the price that the implied volatility cannot feel.
//! `erfcx` is Cody's (1969) rational approximation as in netlib's `calerf`.

use std::f64::consts::FRAC_1_SQRT_2;

/// `1/√(2π)`.
pub(super) const INV_SQRT_2PI: f64 = 0.398_942_280_401_432_7;
/// `1/√π`.
const INV_SQRT_PI: f64 = 0.564_189_583_547_756_3;
/// `√(π/2)`.
const SQRT_HALF_PI: f64 = 1.253_314_137_315_500_3;
/// Below this `t` (and with `|x|` under [`SMALL_X`]) the Taylor series is used.
const SMALL_T: f64 = 0.21;
/// Beyond this `|x|` the difference of two `Y` has no cancellation left to avoid.
const SMALL_X: f64 = 1.0;
/// Above this `h + t` both normal probabilities are of ordinary size.
const ORDINARY: f64 = 0.85;

/// Standard normal density.
pub(super) fn density(z: f64) -> f64 {
    INV_SQRT_2PI * (-0.5 * z * z).exp()
}

/// Standard normal probability below `z`, accurate in both tails.
pub(super) fn probability(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// `b(x, s)` for `x <= 0`, `s >= 0`.
pub(super) fn black(x: f64, s: f64) -> f64 {
    if s <= 0.0 {
        return 0.0;
    }
    let (h, t) = (x / s, 0.5 * s);
    if h + t > ORDINARY {
        return (0.5 * x).exp() * probability(h + t) - (-0.5 * x).exp() * probability(h - t);
    }
    scale(h, t) * mills_difference(x, h, t)
}

/// `ln b(x, s)` for `x <= 0`, `s > 0`; does not underflow.
pub(super) fn ln_black(x: f64, s: f64) -> f64 {
    let (h, t) = (x / s, 0.5 * s);
    if h + t > ORDINARY {
        return black(x, s).ln();
    }
    -0.5 * (h * h + t * t) + (INV_SQRT_2PI * mills_difference(x, h, t)).ln()
}

/// `e^{x/2} − b(x, s)`: what is left to the upper bound, without cancellation.
pub(super) fn black_complement(x: f64, s: f64) -> f64 {
    let (h, t) = (x / s, 0.5 * s);
    (0.5 * x).exp() * probability(-h - t) + (-0.5 * x).exp() * probability(h - t)
}

/// `∂b/∂s = e^{−(h² + t²)/2}/√(2π)`.
pub(super) fn vega(x: f64, s: f64) -> f64 {
    scale(x / s, 0.5 * s)
}

fn scale(h: f64, t: f64) -> f64 {
    INV_SQRT_2PI * (-0.5 * (h * h + t * t)).exp()
}

fn is_small(x: f64, t: f64) -> bool {
    t < SMALL_T && x.abs() < SMALL_X
}

/// `Y(h + t) − Y(h − t)`.
fn mills_difference(x: f64, h: f64, t: f64) -> f64 {
    if is_small(x, t) { mills_series(h, t) } else { mills(h + t) - mills(h - t) }
}

/// `Y(z) = Φ(z)/φ(z)`.
fn mills(z: f64) -> f64 {
    SQRT_HALF_PI * erfcx(-z * FRAC_1_SQRT_2)
}

/// `2 Σ t^{2k+1} Y^{(2k+1)}(h)/(2k+1)!`, with `Y' = 1 + hY` and `Y^{(n+1)} = h Y^{(n)} + n Y^{(n−1)}`.
fn mills_series(h: f64, t: f64) -> f64 {
    let (mut even, mut odd) = (mills(h), 0.0);
    let (mut power, mut sum) = (t, 0.0);
    for n in (1..=19).step_by(2) {
        let k = f64::from(n);
        // Y^{(n)}/n!·t^n from the two derivatives before; the first is 1 + hY.
        odd = if n == 1 { 1.0 + h * even } else { h * even + (k - 1.0) * odd };
        let term = odd * power;
        sum += term;
        if term.abs() < 1e-18 * sum {
            break;
        }
        even = h * odd + k * even;
        power *= t * t / ((k + 1.0) * (k + 2.0));
    }
    2.0 * sum
}

/// `e^{x²} erfc(x)`.
pub(super) fn erfcx(x: f64) -> f64 {
    let y = x.abs();
    if y <= 0.468_75 {
        return (y * y).exp() * (1.0 - erf_near_zero(x));
    }
    let positive = if y <= 4.0 { erfcx_middle(y) } else { erfcx_far(y) };
    if x > 0.0 { positive } else { 2.0 * (x * x).exp() - positive }
}

fn erf_near_zero(x: f64) -> f64 {
    let square = x * x;
    let (mut top, mut bottom) = (A[4] * square, square);
    for i in 0..3 {
        top = (top + A[i]) * square;
        bottom = (bottom + B[i]) * square;
    }
    x * (top + A[3]) / (bottom + B[3])
}

fn erfcx_middle(y: f64) -> f64 {
    let (mut top, mut bottom) = (C[8] * y, y);
    for i in 0..7 {
        top = (top + C[i]) * y;
        bottom = (bottom + D[i]) * y;
    }
    (top + C[7]) / (bottom + D[7])
}

fn erfcx_far(y: f64) -> f64 {
    let z = 1.0 / (y * y);
    let (mut top, mut bottom) = (P[5] * z, z);
    for i in 0..4 {
        top = (top + P[i]) * z;
        bottom = (bottom + Q[i]) * z;
    }
    (INV_SQRT_PI - z * (top + P[4]) / (bottom + Q[4])) / y
}

const A: [f64; 5] = [
    3.161_123_743_870_565_6,
    113.864_154_151_050_16,
    377.485_237_685_302,
    3_209.377_589_138_469_5,
    0.185_777_706_184_603_15,
];
const B: [f64; 4] = [
    23.601_290_952_344_122,
    244.024_637_934_444_17,
    1_282.616_526_077_372_3,
    2_844.236_833_439_171,
];
const C: [f64; 9] = [
    0.564_188_496_988_670_1,
    8.883_149_794_388_377,
    66.119_190_637_141_63,
    298.635_138_197_400_1,
    881.952_221_241_769,
    1_712.047_612_634_070_7,
    2_051.078_377_826_071_6,
    1_230.339_354_797_997_2,
    2.153_115_354_744_038_3e-8,
];
const D: [f64; 8] = [
    15.744_926_110_709_835,
    117.693_950_891_312_5,
    537.181_101_862_009_9,
    1_621.389_574_566_690_3,
    3_290.799_235_733_459_7,
    4_362.619_090_143_247,
    3_439.367_674_143_721_6,
    1_230.339_354_803_749_5,
];
const P: [f64; 6] = [
    0.305_326_634_961_232_36,
    0.360_344_899_949_804_45,
    0.125_781_726_111_229_26,
    0.016_083_785_148_742_275,
    6.587_491_615_298_378e-4,
    0.016_315_387_137_302_097,
];
const Q: [f64; 5] = [
    2.568_520_192_289_822,
    1.872_952_849_923_460_4,
    0.527_905_102_951_428_5,
    0.060_518_341_312_441_32,
    0.002_335_204_976_268_691_8,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    /// `Y(h + t) − Y(h − t) = ∫₀^∞ 2 sinh(tu) e^{hu − u²/2} du`, by the trapezoid rule in
    /// `u = e^{v − e^{−v}}`, which converges exponentially and has positive terms only.
    fn by_quadrature(h: f64, t: f64) -> f64 {
        let step = 1.0 / 128.0;
        (-640..=640)
            .map(|i| {
                let v = f64::from(i) * step;
                let u = (v - (-v).exp()).exp();
                let weight = u * (1.0 + (-v).exp());
                2.0 * (t * u).sinh() * (h * u - 0.5 * u * u).exp() * weight
            })
            .filter(|term| term.is_finite())
            .sum::<f64>()
            * step
    }

    /// Witness: the integral of Mills' ratio, a method that shares nothing with the three regions.
    #[test]
    fn the_price_has_full_relative_accuracy_in_every_region() {
        for h in [0.0, -1e-3, -0.1, -0.5, -1.0, -2.0, -4.0, -7.0, -9.9] {
            for t in [1e-4, 1e-2, 0.1, 0.2, 0.22, 0.5, 1.0, 1.5] {
                let (s, x) = (2.0 * t, 2.0 * t * h);
                let ours = black(x, s);
                let theirs = scale(h, t) * by_quadrature(h, t);
                assert!((ours / theirs - 1.0).abs() < 4e-14, "h {h} t {t}: {ours:e} {theirs:e}");
            }
        }
    }

    /// Witness: `libm::erfc`, correctly rounded to an ulp, where `e^{x²}` is still tame.
    #[test]
    fn erfcx_agrees_with_erfc() {
        for i in -40..=40 {
            let x = f64::from(i) / 20.0;
            let expected = (x * x).exp() * libm::erfc(x);
            assert!((erfcx(x) / expected - 1.0).abs() < 4e-15, "{x}");
        }
        // Witness: the continued fraction's first terms, 1/(x√π)(1 − 1/(2x²) + 3/(4x⁴) − 15/(8x⁶)).
        let x: f64 = 200.0;
        let z = 1.0 / (x * x);
        let series = (1.0 - 0.5 * z + 0.75 * z * z - 1.875 * z * z * z) / (x * PI.sqrt());
        assert!((erfcx(x) / series - 1.0).abs() < 1e-15);
    }

    #[test]
    fn the_logarithm_and_the_complement_are_the_same_function() {
        for (x, s) in [(-0.3, 0.1), (-0.01, 0.3), (0.0, 1.0), (-1.0, 2.0), (-0.2, 3.0)] {
            let b = black(x, s);
            assert!((ln_black(x, s) - b.ln()).abs() < 1e-13 * b.ln().abs());
            assert!((black_complement(x, s) + b - (0.5_f64 * x).exp()).abs() < 1e-15);
        }
        assert!(ln_black(-5.0, 0.1) < -1_000.0);
    }
}
