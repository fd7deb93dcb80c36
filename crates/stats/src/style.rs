//! What must a fund hold to move as it does? Sharpe's style analysis.
//!
//! The weights `w` minimise the variance of `y - X w`: not its sum of squares, so what a manager adds on average is not
//! pressed into a weight. Each weight lies in its own range; those of *funded* factors sum to 1, *overlay* factors (a
//! futures hedge, a sold straddle) cost no money and only keep to their range. With ranges of 0 to 1 and every factor
//! funded this is Sharpe (1992). The minimum is found by a primal active set, exactly: a weight at an end of its range
//! is that end to the last bit, and factors that are combinations of each other do no harm.
//!
//! The error of a weight is that of the regression with the same sum and no range, `s^2` times the inverse moments: for
//! funded factors the formula of Lobosco and `DiBartolomeo` (1997, Financial Analysts Journal 53(4)). It knows nothing of
//! the range and so is too wide rather than too narrow near an end; two factors that move alike have wide errors each
//! and a narrow one together, which [`StyleFit::standard_error`] gives.
//!
//! Source: Sharpe (1992), Asset allocation, Journal of Portfolio Management 18(2); Nocedal and Wright, Numerical
//! Optimization, section 16.5. Method page: `docs/method/fund_style.md`

mod active_set;
mod moments;
mod rolling;
mod side_by_side;

pub use rolling::{RollingStyle, rolling_style};
pub use side_by_side::{ManyStyles, rolling_style_of_many};

use serde::Serialize;

use crate::StatError;
use crate::observed::{require_finite, require_same_length, require_setting};
use active_set::ActiveSet;
use moments::{MOST, Moments, Row};

/// Most factors of one analysis.
pub const MOST_FACTORS: usize = MOST;
/// What is left of a factor beside the others, as a share of its own variation, for it to count as their combination.
const SINGULAR: f64 = 1e-11;

/// Which weights are allowed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mandate {
    low: Vec<f64>,
    high: Vec<f64>,
    is_funded: Vec<bool>,
}

/// One factor's place in a mandate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range {
    /// Least weight, finite.
    pub low: f64,
    /// Greatest weight, finite.
    pub high: f64,
    /// Whether it costs money: the weights of funded factors sum to 1.
    pub is_funded: bool,
}

impl Mandate {
    /// Ranges in the order of the factors. Without a funded factor there is no sum.
    ///
    /// # Errors
    /// No factor or more than [`MOST_FACTORS`]; a range that is empty or not finite; funded ranges within which no sum
    /// of 1 lies.
    pub fn new(ranges: &[Range]) -> Result<Self, StatError> {
        let k = ranges.len();
        require_setting("factors", k as f64, "1 to 16", (1..=MOST).contains(&k))?;
        for range in ranges {
            let is_legal =
                range.low.is_finite() && range.high.is_finite() && range.low <= range.high;
            require_setting("high", range.high, "finite and not below `low`", is_legal)?;
        }
        let mandate = Self {
            low: ranges.iter().map(|range| range.low).collect(),
            high: ranges.iter().map(|range| range.high).collect(),
            is_funded: ranges.iter().map(|range| range.is_funded).collect(),
        };
        if mandate.has_budget() {
            let sum = |ends: &[f64]| -> f64 {
                ends.iter().zip(&mandate.is_funded).filter(|end| *end.1).map(|end| end.0).sum()
            };
            let (least, most) = (sum(&mandate.low), sum(&mandate.high));
            require_setting("the sum of the lowest weights", least, "at most 1", least <= 1.0)?;
            require_setting("the sum of the highest weights", most, "at least 1", most >= 1.0)?;
        }
        Ok(mandate)
    }

    /// Sharpe's: `k` funded factors, no weight below 0.
    ///
    /// # Errors
    /// As [`Mandate::new`].
    pub fn long_only(k: usize) -> Result<Self, StatError> {
        Self::new(&vec![Range { low: 0.0, high: 1.0, is_funded: true }; k])
    }

    /// Number of factors.
    pub fn len(&self) -> usize {
        self.low.len()
    }

    /// Never: a mandate has a factor.
    pub fn is_empty(&self) -> bool {
        self.low.is_empty()
    }

    fn has_budget(&self) -> bool {
        self.is_funded.contains(&true)
    }

    /// 1 for a funded factor, 0 for an overlay.
    fn funded(&self) -> Row {
        let mut row = [0.0; MOST];
        for (cell, is_funded) in row.iter_mut().zip(&self.is_funded) {
            *cell = f64::from(u8::from(*is_funded));
        }
        row
    }
}

/// The weights that follow a return most closely.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StyleFit {
    /// One a factor; exactly the end of its range where it lies there.
    pub weights: Vec<f64>,
    /// Share of the variance of the response explained, `1 - Var(y - Xw) / Var(y)`.
    pub r_squared: f64,
    /// Variance of what is left, divisor `n - 1 - (free weights - 1)`, without the last 1 where nothing is funded.
    pub residual_variance: f64,
    /// Observations.
    pub n: usize,
    /// Covariance of the weights without ranges, row-major; 0 for a factor that is a combination of others.
    #[serde(skip)]
    covariance: Vec<f64>,
    /// Directions in which nothing is known, a vector of `k` each.
    #[serde(skip)]
    unknown: Vec<Row>,
}

impl StyleFit {
    /// Standard error of `sum of combination x weight`; infinite where the factors cannot tell it.
    ///
    /// # Errors
    /// Not one number a factor.
    pub fn standard_error(&self, combination: &[f64]) -> Result<f64, StatError> {
        require_same_length(&self.weights, combination)?;
        let k = combination.len();
        let along = |direction: &Row| -> f64 {
            combination.iter().zip(direction).map(|(c, d)| c * d).sum()
        };
        if self.unknown.iter().any(|direction| along(direction).abs() > 1e-8) {
            return Ok(f64::INFINITY);
        }
        let mut variance = 0.0;
        for i in 0..k {
            for j in 0..k {
                variance += combination[i] * combination[j] * self.covariance[i * k + j];
            }
        }
        Ok(variance.max(0.0).sqrt())
    }

    /// How each observation moves `sum of combination x weight`: its influence is this times the deviations of the
    /// factors times `n` times its residual. 0 where the factors cannot tell the combination.
    ///
    /// # Errors
    /// Not one number a factor.
    pub fn influence(&self, combination: &[f64]) -> Result<Vec<f64>, StatError> {
        if !self.standard_error(combination)?.is_finite() || self.residual_variance == 0.0 {
            return Ok(vec![0.0; combination.len()]);
        }
        let rows = self.covariance.chunks(combination.len());
        let along = |row: &[f64]| row.iter().zip(combination).map(|(v, c)| v * c).sum::<f64>();
        Ok(rows.map(|row| along(row) / self.residual_variance).collect())
    }

    /// Standard error of each weight.
    pub fn standard_errors(&self) -> Vec<f64> {
        let k = self.weights.len();
        let is_unknown = |i: usize| self.unknown.iter().any(|direction| direction[i].abs() > 1e-8);
        (0..k)
            .map(|i| {
                if is_unknown(i) {
                    f64::INFINITY
                } else {
                    self.covariance[i * k + i].max(0.0).sqrt()
                }
            })
            .collect()
    }

    fn of(moments: &Moments, set: &ActiveSet) -> Self {
        let k = moments.k;
        let squares = set.unexplained(moments);
        let residual_variance = squares / set.freedom(moments.n).max(1.0);
        let (inverse, unknown) = moments.inverse(set.funded());
        Self {
            weights: set.weights()[..k].to_vec(),
            r_squared: 1.0 - squares / moments.s,
            residual_variance,
            n: moments.n,
            covariance: inverse.iter().map(|x| x * residual_variance).collect(),
            unknown,
        }
    }
}

/// The style of one response over its whole sample.
///
/// * `response`: simple decimal returns a period.
/// * `factors`: one slice a factor, in the mandate's order, the same periods.
/// * Missing: refused; leave out incomplete periods first.
///
/// # Errors
/// Slices of different length, a value that is not finite, fewer than `k + 2` observations, a response that does not
/// vary.
///
/// # Example
/// ```
/// use shoals_stats::style::{Mandate, style_weights};
/// let small = [0.03, -0.02, 0.01, 0.00, -0.04, 0.02];
/// let large = [0.01, 0.01, -0.02, 0.03, -0.01, 0.00];
/// let fund: Vec<f64> = small.iter().zip(&large).map(|(s, l)| 0.001 + 0.25 * s + 0.75 * l).collect();
/// let fit = style_weights(&fund, &[&small, &large], &Mandate::long_only(2)?)?;
/// assert!((fit.weights[0] - 0.25).abs() < 1e-12 && fit.r_squared > 1.0 - 1e-12);
/// # Ok::<(), shoals_stats::StatError>(())
/// ```
pub fn style_weights(
    response: &[f64],
    factors: &[&[f64]],
    mandate: &Mandate,
) -> Result<StyleFit, StatError> {
    require(&[response], factors, mandate, response.len())?;
    let moments = Moments::of(response, factors);
    require_variation(&moments)?;
    let mut set = ActiveSet::new(mandate);
    set.solve(&moments);
    Ok(StyleFit::of(&moments, &set))
}

/// Refuses what cannot be fitted; `window` observations are the fewest a fit has.
fn require(
    responses: &[&[f64]],
    factors: &[&[f64]],
    mandate: &Mandate,
    window: usize,
) -> Result<(), StatError> {
    if factors.len() != mandate.len() {
        return Err(StatError::LengthMismatch { left: factors.len(), right: mandate.len() });
    }
    let needed = factors.len() + 2;
    if window < needed {
        return Err(StatError::TooFewObservations { needed, found: window });
    }
    for column in responses.iter().chain(factors) {
        require_same_length(factors[0], column)?;
        require_finite(column)?;
    }
    if factors[0].len() < window {
        return Err(StatError::TooFewObservations { needed: window, found: factors[0].len() });
    }
    Ok(())
}

fn require_variation(moments: &Moments) -> Result<(), StatError> {
    if moments.s > 0.0 { Ok(()) } else { Err(StatError::Constant { what: "the response" }) }
}
