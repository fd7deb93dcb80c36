//! Black's formula in two dimensionless numbers, accurate to the last digits everywhere.
//!
//! With `x = −|ln(F/K)|` and `s = σ√t` the out-of-the-money option of a strike costs `e^{-rt} √(FK) · b(x, s)`,
//!
//! ```text
//! b = e^{x/2} Φ(h + t) − e^{−x/2} Φ(h − t) = scale · [Y(h + t) − Y(h − t)],   h = x/s,  t = s/2,
//! Y(z) = Φ(z)/φ(z),   scale = e^{−(h² + t²)/2}/√(2π).
//! ```
//!
//! The difference of the two `Φ` loses every digit far out of the money. The difference of the two `Y` loses
//! few where `t` is large, and where it is small it is the integral of `Y'`, see [`mills`](super::mills).
//! Where `h + t > 0` and `t` is large the complement is small instead. Source of the normalisation: Jäckel,
//! "Let's be rational" (2016), section 2.
#![expect(
    clippy::inline_always,
    reason = "a call would keep the loop around it from vector registers"
)]

use shoals_stats::normal::normal_cdf;

use super::mills::{ratio, rise, rough_rise};

/// `1/√(2π)`.
pub(super) const INV_SQRT_2PI: f64 = 0.398_942_280_401_432_7;
/// Up to this `t` the difference of two `Y` is an integral of their slope.
const SMALL_T: f64 = 0.43;

/// `b` and the two Mills ratios it is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts {
    /// `b(x, s)`.
    pub(super) value: f64,
    /// `Y(−|h + t|)`.
    pub(super) upper: f64,
    /// `Y(h − t)`.
    pub(super) lower: f64,
}

/// `b` from `h <= 0`, `t > 0`, the scale that belongs to them and `e^{x/2}`.
#[inline(always)]
pub(super) fn parts(h: f64, t: f64, scale: f64, maximum: f64) -> Parts {
    let (upper, lower) = (ratio(-(h + t).abs()), ratio(h - t));
    let value = if t <= SMALL_T {
        scale * rise(h, t)
    } else if h + t <= 0.0 {
        scale * (upper - lower)
    } else {
        maximum - scale * (upper + lower)
    };
    Parts { value, upper, lower }
}

/// `b/scale` to six digits, for the steps of an iteration.
#[inline(always)]
pub(super) fn rough(h: f64, t: f64, scale: f64, maximum: f64) -> f64 {
    let (upper, lower) = (ratio(-(h + t).abs()), ratio(h - t));
    if t <= SMALL_T {
        rough_rise(h, t)
    } else if h + t <= 0.0 {
        upper - lower
    } else {
        maximum / scale - (upper + lower)
    }
}

/// `b(x, s)` for `x <= 0`, `s >= 0`.
pub(super) fn black(x: f64, s: f64) -> f64 {
    if s <= 0.0 {
        return 0.0;
    }
    let (h, t) = (x / s, 0.5 * s);
    parts(h, t, scale(h, t), (0.5 * x).exp()).value
}

/// `ln b(x, s)` for `x <= 0`, `s > 0`; does not underflow.
pub(super) fn ln_black(x: f64, s: f64) -> f64 {
    let (h, t) = (x / s, 0.5 * s);
    if h + t > 0.0 && t > SMALL_T {
        return black(x, s).ln();
    }
    -0.5 * (h * h + t * t) + parts(h, t, INV_SQRT_2PI, 0.0).value.ln()
}

/// `e^{x/2} − b(x, s)`: what is left to the upper bound, without cancellation.
pub(super) fn black_complement(x: f64, s: f64) -> f64 {
    let (h, t) = (x / s, 0.5 * s);
    (0.5 * x).exp() * normal_cdf(-h - t) + (-0.5 * x).exp() * normal_cdf(h - t)
}

/// `∂b/∂s = e^{−(h² + t²)/2}/√(2π)`.
pub(super) fn vega(x: f64, s: f64) -> f64 {
    scale(x / s, 0.5 * s)
}

fn scale(h: f64, t: f64) -> f64 {
    INV_SQRT_2PI * (-0.5 * (h * h + t * t)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

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
