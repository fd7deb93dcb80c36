//! What one fund holds: its style, window by window, wandering, and when it changed.

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_stats::StatError;
use shoals_stats::breaks::{MIN_OBSERVATIONS, Noise, mean_break};
use shoals_stats::hac::automatic_lag;
use shoals_stats::kalman::walking_regression;
use shoals_stats::moments;
use shoals_stats::normal::normal_quantile;
use shoals_stats::significance::{Adjustment, adjusted_p_values};
use shoals_stats::style::{Mandate, Range, StyleFit, rolling_style, style_weights};

use super::StyleConfig;
use super::factors::{CASH, Group, HEDGE, SHORT_VOLATILITY, StyleFactors};
use crate::{Fund, FundError, Periods};

/// A weight or a sum of weights, with its band.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Exposure {
    /// Last day it knows.
    pub date: TradingDay,
    /// A factor, or a [`Group`]'s name.
    pub factor: &'static str,
    /// Fraction of net assets; negative is short.
    pub weight: f64,
    /// Lower end of its band, not outside its range.
    pub low: f64,
    /// Upper end; the range's where the factors cannot tell this one from others.
    pub high: f64,
}

/// How closely a style follows the fund over a window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StyleWindow {
    /// First day of it.
    pub from: TradingDay,
    /// Last day.
    pub to: TradingDay,
    /// Whether it is the whole record.
    pub is_whole: bool,
    /// Periods.
    pub n: usize,
    /// Share of the variance explained.
    pub r_squared: f64,
    /// Annualised deviation of what is left.
    pub residual_volatility: f64,
    /// Annualised mean of what is left: return that no factor at these weights gave, fees paid.
    pub selection: f64,
}

/// A wandering exposure, filtered: no range, what was known at the date.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WalkingExposure {
    /// Day.
    pub date: TradingDay,
    /// `equity` (net of the hedge, all segments), `small_cap` (beyond equity), `short_volatility`.
    pub factor: &'static str,
    /// Fraction of net assets.
    pub weight: f64,
    /// Lower end of its band.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// When an exposure most likely changed, and whether it did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StyleBreak {
    /// A factor or a group.
    pub factor: &'static str,
    /// First day of the new exposure.
    pub date: TradingDay,
    /// Lower end of that day's band.
    pub low: TradingDay,
    /// Upper end.
    pub high: TradingDay,
    /// Exposure before.
    pub before: f64,
    /// Exposure after.
    pub after: f64,
    /// Greatest F.
    pub sup_f: f64,
    /// Probability of a greater one if nothing changed, for as many exposures as were looked at (Holm).
    pub p_value: f64,
    /// Whether that is below the tail probability.
    pub is_proven: bool,
}

/// The style of one fund as known at the end of its periods.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StylePart {
    /// The fund's code.
    pub fund: String,
    /// Factors used, in order.
    pub factors: Vec<&'static str>,
    /// Factors that were not known over enough of the fund's periods.
    pub unknown: Vec<&'static str>,
    /// The whole record: every factor, then the groups.
    pub exposures: Vec<Exposure>,
    /// Every window's weights and groups; empty where the record is shorter than a window.
    pub rolling: Vec<Exposure>,
    /// The whole record, then the windows.
    pub windows: Vec<StyleWindow>,
    /// Wandering exposures.
    pub walking: Vec<WalkingExposure>,
    /// Most likely changes, one an exposure looked at.
    pub breaks: Vec<StyleBreak>,
}

impl StylePart {
    /// The exposure of the whole record by a factor's or a group's name.
    pub fn exposure(&self, factor: &str) -> Option<&Exposure> {
        self.exposures.iter().find(|row| row.factor == factor)
    }

    /// How the whole record is followed.
    pub fn whole(&self) -> &StyleWindow {
        &self.windows[0]
    }
}

/// The style of a fund, from its periods up to any day: `periods.up_to(day)` is what was known then.
///
/// Missing: a factor unknown over more than the configured share of the fund's periods is left out and named; a period
/// that one of the others does not know is left out.
///
/// # Errors
/// Illegal settings, too few periods, or a NAV that does not move.
pub fn style(
    fund: &Fund,
    periods: &Periods,
    factors: &StyleFactors,
    config: &StyleConfig,
) -> Result<StylePart, FundError> {
    config.check()?;
    let sample = Sample::gather(periods, factors, config);
    let (found, needed) = (sample.returns.len(), config.min_periods.max(sample.names.len() + 12));
    if found < needed {
        let what = "style analysis";
        return Err(FundError::TooFewValues { fund: fund.code.clone(), what, found, needed });
    }
    let failed = |error| FundError::Statistics { fund: fund.code.clone(), error };
    sample.analyse(fund, periods, config).map_err(failed)
}

/// Returns of fund and factors on the periods all are known.
struct Sample {
    from: Vec<TradingDay>,
    to: Vec<TradingDay>,
    returns: Vec<f64>,
    names: Vec<&'static str>,
    columns: Vec<Vec<f64>>,
    ranges: Vec<Range>,
    unknown: Vec<&'static str>,
}

impl Sample {
    fn gather(periods: &Periods, factors: &StyleFactors, config: &StyleConfig) -> Self {
        let over = factors.set.over(periods);
        let n = periods.len();
        let mut sample = Self {
            from: Vec::new(),
            to: Vec::new(),
            returns: Vec::new(),
            names: Vec::new(),
            columns: Vec::new(),
            ranges: Vec::new(),
            unknown: factors.missing.clone(),
        };
        let mut used: Vec<&[f64]> = Vec::new();
        for ((name, column), range) in over.names.iter().zip(&over.returns).zip(&factors.ranges) {
            let known = column.iter().filter(|x| x.is_finite()).count();
            if known as f64 >= config.min_known * n as f64 && known > 0 {
                sample.names.push(name);
                sample.ranges.push(*range);
                used.push(column);
            } else {
                sample.unknown.push(name);
            }
        }
        let complete: Vec<usize> = (0..n)
            .filter(|&t| periods.returns[t].is_finite() && used.iter().all(|x| x[t].is_finite()))
            .collect();
        sample.from = complete.iter().map(|&t| periods.from[t]).collect();
        sample.to = complete.iter().map(|&t| periods.to[t]).collect();
        sample.returns = complete.iter().map(|&t| periods.returns[t]).collect();
        sample.columns = used.iter().map(|x| complete.iter().map(|&t| x[t]).collect()).collect();
        sample
    }

    fn slices(&self) -> Vec<&[f64]> {
        self.columns.iter().map(Vec::as_slice).collect()
    }

    fn analyse(
        self,
        fund: &Fund,
        periods: &Periods,
        config: &StyleConfig,
    ) -> Result<StylePart, StatError> {
        let mandate = Mandate::new(&self.ranges)?;
        let factors = self.slices();
        let whole = style_weights(&self.returns, &factors, &mandate)?;
        let z = normal_quantile(1.0 - config.tail_probability / 2.0);
        let n = self.returns.len();
        let mut exposures = Vec::new();
        self.tell(&whole, n - 1, z, &mut exposures)?;
        let mut windows = vec![self.window(&whole, 0, n - 1, periods.per_year, true)];
        let mut rolling = Vec::new();
        let (window, every) = config.window(periods.frequency);
        if n >= window && window >= factors.len() + 12 {
            let styles = rolling_style(&self.returns, &factors, &mandate, window, every)?;
            for (&end, fit) in styles.ends.iter().zip(&styles.fits) {
                let Some(fit) = fit else { continue };
                self.tell(fit, end, z, &mut rolling)?;
                windows.push(self.window(fit, end + 1 - window, end, periods.per_year, false));
            }
        }
        let walking = self.walking(config, periods, z)?;
        let breaks = self.breaks(&whole, config)?;
        Ok(StylePart {
            fund: fund.code.clone(),
            factors: self.names.clone(),
            unknown: self.unknown.clone(),
            exposures,
            rolling,
            windows,
            walking,
            breaks,
        })
    }

    /// The weights of a fit, then its groups, with bands cut at the ranges.
    fn tell(
        &self,
        fit: &StyleFit,
        end: usize,
        z: f64,
        out: &mut Vec<Exposure>,
    ) -> Result<(), StatError> {
        let date = self.to[end];
        let row = |factor, weight: f64, error: f64, [least, most]: [f64; 2]| {
            let (low, high) = ((weight - z * error).max(least), (weight + z * error).min(most));
            Exposure { date, factor, weight, low, high }
        };
        for (i, error) in fit.standard_errors().into_iter().enumerate() {
            let Range { low, high, .. } = self.ranges[i];
            out.push(row(self.names[i], fit.weights[i], error, [low, high]));
        }
        for group in Group::ALL {
            let combination = group.combination(&self.names);
            if combination.iter().all(|c| *c == 0.0) {
                continue;
            }
            let (mut weight, mut ends) = (0.0, [0.0; 2]);
            for (i, c) in combination.iter().enumerate() {
                let Range { low, high, .. } = self.ranges[i];
                weight += c * fit.weights[i];
                ends[0] += (c * low).min(c * high);
                ends[1] += (c * low).max(c * high);
            }
            out.push(row(group.name(), weight, fit.standard_error(&combination)?, ends));
        }
        Ok(())
    }

    fn residuals(&self, fit: &StyleFit, from: usize, to: usize) -> Vec<f64> {
        let told = |t: usize| -> f64 {
            fit.weights.iter().zip(&self.columns).map(|(w, column)| w * column[t]).sum()
        };
        (from..=to).map(|t| self.returns[t] - told(t)).collect()
    }

    fn window(
        &self,
        fit: &StyleFit,
        from: usize,
        to: usize,
        per_year: f64,
        is_whole: bool,
    ) -> StyleWindow {
        let residuals = self.residuals(fit, from, to);
        let n = residuals.len();
        StyleWindow {
            from: self.from[from],
            to: self.to[to],
            is_whole,
            n,
            r_squared: fit.r_squared,
            residual_volatility: (fit.residual_variance * per_year).sqrt(),
            selection: residuals.iter().sum::<f64>() / n as f64 * per_year,
        }
    }

    /// Column of a factor.
    fn column(&self, name: &str) -> Option<&[f64]> {
        let i = self.names.iter().position(|known| *known == name)?;
        Some(&self.columns[i])
    }

    /// Exposures that wander: the large segment over cash, the smallest beyond it, the straddle. A hedge goes into equity.
    fn walking(
        &self,
        config: &StyleConfig,
        periods: &Periods,
        z: f64,
    ) -> Result<Vec<WalkingExposure>, StatError> {
        let segments: Vec<&str> = self
            .names
            .iter()
            .copied()
            .filter(|name| Group::Equity.combination(&[name]) == [1.0])
            .collect();
        let (Some(&small), Some(&large), Some(cash)) =
            (segments.first(), segments.last(), self.column(CASH))
        else {
            return Ok(Vec::new());
        };
        let (_, every) = config.window(periods.frequency);
        let n_blocks = self.returns.len() / every;
        let sum = |of: &dyn Fn(usize) -> f64| -> Vec<f64> {
            (0..n_blocks).map(|b| (b * every..(b + 1) * every).map(of).sum()).collect()
        };
        let mut names = vec!["equity"];
        let response = sum(&|t| self.returns[t] - cash[t]);
        let mut columns = Vec::new();
        if let Some(large) = self.column(large) {
            columns.push(sum(&|t| large[t] - cash[t]));
        }
        if let (Some(small), Some(large), true) =
            (self.column(small), self.column(large), small != large)
        {
            names.push(Group::SmallCap.name());
            columns.push(sum(&|t| small[t] - large[t]));
        }
        if let Some(straddle) = self.column(SHORT_VOLATILITY) {
            names.push(SHORT_VOLATILITY);
            columns.push(sum(&|t| straddle[t]));
        }
        if n_blocks < columns.len() + 11 {
            return Ok(Vec::new());
        }
        let ones = vec![1.0; n_blocks];
        let mut design: Vec<&[f64]> = vec![&ones];
        let mut weights = vec![0.0];
        for column in &columns {
            design.push(column);
            weights.push(1.0 / moments::variance(column, 1)?);
        }
        let walk = walking_regression(&response, &design, &weights)?;
        let mut rows = Vec::with_capacity(n_blocks * names.len());
        for b in design.len() - 1..n_blocks {
            for (i, factor) in names.iter().enumerate() {
                let (weight, error) = (walk.filtered[b][i + 1], walk.standard_errors[b][i + 1]);
                rows.push(WalkingExposure {
                    date: self.to[(b + 1) * every - 1],
                    factor,
                    weight,
                    low: weight - z * error,
                    high: weight + z * error,
                });
            }
        }
        Ok(rows)
    }

    /// Where the influence of the observations on an exposure changed its mean: there the exposure changed.
    fn breaks(&self, fit: &StyleFit, config: &StyleConfig) -> Result<Vec<StyleBreak>, StatError> {
        let n = self.returns.len();
        if n < MIN_OBSERVATIONS.max(config.min_periods) {
            return Ok(Vec::new());
        }
        let residuals = self.residuals(fit, 0, n - 1);
        let centre = residuals.iter().sum::<f64>() / n as f64;
        let means: Vec<f64> =
            self.columns.iter().map(|x| x.iter().sum::<f64>() / n as f64).collect();
        let single = |name: &str| -> Vec<f64> {
            self.names.iter().map(|known| f64::from(u8::from(*known == name))).collect()
        };
        let asked = [
            (Group::SmallCap.name(), Group::SmallCap.combination(&self.names)),
            (Group::NetEquity.name(), Group::NetEquity.combination(&self.names)),
            (HEDGE, single(HEDGE)),
            (SHORT_VOLATILITY, single(SHORT_VOLATILITY)),
        ];
        let noise = Noise::Autocorrelated(automatic_lag(n));
        let mut found = Vec::new();
        for (factor, combination) in asked {
            let along = fit.influence(&combination)?;
            let pushed = |t: usize| -> f64 {
                let deviation = |i: usize| along[i] * (self.columns[i][t] - means[i]);
                let x: f64 = (0..along.len()).map(deviation).sum();
                n as f64 * x * (residuals[t] - centre)
            };
            let path: Vec<f64> = (0..n).map(pushed).collect();
            // An exposure the factors cannot tell, or a fund they tell wholly, has no path.
            let Ok(change) = mean_break(&path, config.trim, 1.0 - config.tail_probability, noise)
            else {
                continue;
            };
            let weight: f64 = combination.iter().zip(&fit.weights).map(|(c, w)| c * w).sum();
            let day = |position: usize| self.to[position.min(n - 1)];
            found.push(StyleBreak {
                factor,
                date: day(change.last_before + 1),
                low: day(change.low),
                high: day(change.high),
                before: weight + change.mean_before,
                after: weight + change.mean_after,
                sup_f: change.sup_f,
                p_value: change.p_value,
                is_proven: false,
            });
        }
        if found.is_empty() {
            return Ok(found);
        }
        let p_values: Vec<f64> = found.iter().map(|change| change.p_value).collect();
        let adjusted = adjusted_p_values(&p_values, Adjustment::Holm)?;
        for (change, p_value) in found.iter_mut().zip(adjusted) {
            change.p_value = p_value;
            change.is_proven = p_value < config.tail_probability;
        }
        Ok(found)
    }
}
