//! One option of many: value and volatility without a branch, so that a loop of them fills vector registers.
//!
//! Both answer NaN where an option needs another look; the callers ([`black76`](super::black76),
//! [`implied_volatility`](super::implied_volatility) and their columns) then take it.
#![expect(
    clippy::inline_always,
    reason = "a call would keep the loop around it from vector registers"
)]

use super::elementary::{Wide, exp, ln, ln_ratio, polynomial, sqrt, two_sum};
use super::normalised::{INV_SQRT_2PI, parts, rough};
use super::{Black76, Valuation};

/// `√(2π)`.
const SQRT_2PI: f64 = 2.506_628_274_631_000_7;
/// Steps of Halley before the exact one.
pub(super) const ROUGH_STEPS: usize = 3;
/// A last step larger than this part of the answer has not settled: its cube is what is left.
const SETTLED: f64 = 3e-6;
/// Above this part of its upper bound a price says more by what is missing from the bound.
const NEAR_MAXIMUM: f64 = 0.8;
/// `h/τ` of Bachelier's formula in powers of `τ/(1 + τ)`, `τ² = ln(1 + |x|/β)`, to 1.3 %; ours.
const START: [f64; 8] = [
    -0.000_288_267_712_677_704_5,
    0.423_594_851_140_279_2,
    -0.222_059_281_892_340_06,
    6.379_307_356_790_976,
    -24.849_229_511_287_07,
    49.213_261_272_530_23,
    -39.484_219_625_058_98,
    9.882_172_214_474_124,
];

/// [`value`] of one option, with the machine's fused multiply-add.
pub(super) struct Value<'a> {
    pub(super) sign: f64,
    pub(super) terms: &'a Black76,
}

impl pulp::WithSimd for Value<'_> {
    type Output = Valuation;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Valuation {
        value(self.sign, self.terms)
    }
}

/// [`implied`] of one option, likewise.
pub(super) struct Implied {
    pub(super) sign: f64,
    pub(super) price: f64,
    pub(super) forward: f64,
    pub(super) strike: f64,
    pub(super) years: f64,
    pub(super) rate: f64,
}

impl pulp::WithSimd for Implied {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> f64 {
        let Self { sign, price, forward, strike, years, rate } = self;
        implied(sign, price, forward, strike, years, rate)
    }
}

/// Price and greeks; NaN when there is no deviation to price or a term is illegal.
#[inline(always)]
pub(super) fn value(sign: f64, terms: &Black76) -> Valuation {
    let Black76 { forward, strike, volatility, years, rate } = *terms;
    let x = ln_ratio(forward.min(strike), forward.max(strike));
    let root = sqrt(years);
    let s = root.times(volatility);
    let h = x.over(s);
    let t = Wide { hi: 0.5 * s.hi, lo: 0.5 * s.lo };
    let (h_square, t_square) = (h.square(), t.square());
    let square = two_sum(h_square.hi, t_square.hi);
    let square_lo = square.lo + (h_square.lo + t_square.lo);
    let scale = INV_SQRT_2PI * exp(Wide { hi: -0.5 * square.hi, lo: -0.5 * square_lo });

    let mean = (forward * strike).sqrt();
    let found = parts(h.hi, t.hi, scale, (forward.min(strike) / forward.max(strike)).sqrt());
    let discount = exp(Wide { hi: -rate * years, lo: -rate.mul_add(years, -(rate * years)) });
    let price = discount * (mean * found.value + (sign * (forward - strike)).max(0.0));

    // φ(d₁), and Φ of the out-of-the-money side's d₁ by its smaller tail.
    let density = scale * (strike / forward).sqrt();
    let is_call_out = strike >= forward;
    let (at, mills) =
        if is_call_out { (h.hi + t.hi, found.upper) } else { (h.hi - t.hi, found.lower) };
    let tail = density * mills;
    let is_out = (sign > 0.0) == is_call_out;
    let probability = if is_out == (at <= 0.0) { tail } else { 1.0 - tail };

    let vega = discount * mean * scale * root.hi;
    let is_legal = forward > 0.0
        && strike > 0.0
        && s.hi > 1e-150
        && s.hi < 1e150
        && mean < f64::INFINITY
        && years > 0.0
        && rate.abs() < f64::INFINITY;
    let legal = |x: f64| if is_legal { x } else { f64::NAN };
    Valuation {
        price: legal(price),
        delta: legal(sign * discount * probability),
        gamma: legal(discount * density / (forward * s.hi)),
        vega: legal(vega),
        theta: legal(rate * price - 0.5 * vega * volatility / years),
        rho: legal(-years * price),
    }
}

/// The volatility of a price; NaN when there is none or the iteration has not settled.
#[inline(always)]
fn implied(sign: f64, price: f64, forward: f64, strike: f64, years: f64, rate: f64) -> f64 {
    let mut search = Search::of(sign, price, forward, strike, years * rate);
    for _ in 0..ROUGH_STEPS {
        search.deviation = search.improved();
    }
    search.volatility(years)
}

/// The search for the deviation `s` of one price.
#[derive(Debug, Clone, Copy)]
pub(super) struct Search {
    /// `−|ln(F/K)|`.
    pub(super) x: f64,
    /// `e^{x/2}`.
    pub(super) maximum: f64,
    /// Normalised time value.
    pub(super) beta: f64,
    /// Its logarithm.
    pub(super) ln_beta: f64,
    /// `s` as far as known.
    pub(super) deviation: f64,
}

impl Search {
    /// The reduced problem, with a start. `growth`: rate times years.
    #[inline(always)]
    pub(super) fn of(sign: f64, price: f64, forward: f64, strike: f64, growth: f64) -> Self {
        let x = ln_ratio(forward.min(strike), forward.max(strike)).hi;
        let maximum = (forward.min(strike) / forward.max(strike)).sqrt();
        let undiscounted = price * exp(Wide { hi: growth, lo: 0.0 });
        let time_value = undiscounted - (sign * (forward - strike)).max(0.0);
        let beta = time_value / (forward * strike).sqrt();
        Self { x, maximum, beta, ln_beta: ln(beta).hi, deviation: start(beta, -x) }
    }

    /// The deviation after a step.
    #[inline(always)]
    pub(super) fn improved(self) -> f64 {
        let s = self.deviation;
        let (h, t) = (self.x / s, 0.5 * s);
        let exponent = -0.5 * h.mul_add(h, t * t);
        let scale = INV_SQRT_2PI * exp(Wide { hi: exponent, lo: 0.0 });
        let reduced = rough(h, t, scale, self.maximum);
        let error = exponent + ln(INV_SQRT_2PI * reduced).hi - self.ln_beta;
        (s - halley(error, reduced, h, s)).max(0.1 * s)
    }

    /// The volatility after a last, exact step.
    #[inline(always)]
    pub(super) fn volatility(self, years: f64) -> f64 {
        let (s, beta) = (self.deviation, self.beta);
        let (h, t) = (self.x / s, 0.5 * s);
        let scale = INV_SQRT_2PI * exp(Wide { hi: -0.5 * h.mul_add(h, t * t), lo: 0.0 });
        let value = parts(h, t, scale, self.maximum).value;
        // ln(b/β) of two neighbours.
        let excess = (value - beta) / beta;
        let error = excess * (1.0 - excess * (0.5 - excess * (1.0 / 3.0)));
        let step = halley(error, value / scale, h, s);
        let is_settled = step.abs() < SETTLED * s
            && beta > 1e-290
            && beta < NEAR_MAXIMUM * self.maximum
            && self.x <= 0.0
            && years > 0.0;
        if is_settled { (s - step) / years.sqrt() } else { f64::NAN }
    }
}

/// The step of Halley's method on `ln b`, of which `reduced = b/b'` and the error are known.
#[inline(always)]
fn halley(error: f64, reduced: f64, h: f64, s: f64) -> f64 {
    let newton = error * reduced;
    let curvature = h * h / s - 0.25 * s - 1.0 / reduced;
    let bend = 1.0 - 0.5 * newton * curvature;
    if bend > 0.2 { newton / bend } else { newton }
}

/// The deviation by Bachelier's formula, which knows `β/|x|` only, corrected for the lognormal at the money.
#[inline(always)]
fn start(beta: f64, distance: f64) -> f64 {
    let tau = ln(1.0 + distance / beta).hi.sqrt();
    let h = tau * polynomial(&START, tau / (1.0 + tau));
    let near = SQRT_2PI * 0.5_f64.mul_add(distance, beta);
    let s = if distance < 1e-3 * beta { near } else { distance / h };
    s * (s * s).mul_add(1.0 / 24.0, 1.0)
}
