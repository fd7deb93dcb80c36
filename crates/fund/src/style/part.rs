//! What one fund holds: its style, window by window, wandering, and when it changed.

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_stats::StatError;
use shoals_stats::breaks::{MIN_OBSERVATIONS, Noise, mean_break};
use shoals_stats::kalman::walking_regression;
use shoals_stats::moments;
use shoals_stats::normal::normal_quantile;
use shoals_stats::regression::{Intercept, ols};
use shoals_stats::significance::{Adjustment, adjusted_p_values};
use shoals_stats::style::{Mandate, Range, StyleFit, rolling_style, style_weights};

use super::StyleConfig;
use super::factors::{CASH, Group, SHORT_VOLATILITY, StyleFactors};
use crate::{Fund, FundError, Periods};

/// Net equity of the factors that tell what changes with time.
const NET_EQUITY: &str = Group::NetEquity.name();
/// Small caps beyond it.
const SMALL_CAP: &str = Group::SmallCap.name();
/// Fewest periods of a stretch whose exposures are measured by themselves.
const SHORTEST_STRETCH: usize = 8;
/// Most stretches of a record.
const MOST_STRETCHES: usize = 60;

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

/// When an exposure most likely changed, and whether it did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StyleBreak {
    /// `net_equity`, `small_cap` (beyond it) or `short_volatility`.
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
    /// Wandering exposures, filtered: no range, what was known at the date. `net_equity` (all segments less the hedge), `small_cap`
    /// (beyond it), `short_volatility`.
    pub walking: Vec<Exposure>,
    /// Most likely changes, one an exposure looked at; none of a record of fewer than 20 stretches of eight periods.
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
    let (n, needed) = (sample.returns.len(), config.min_periods.max(sample.names.len() + 12));
    if n < needed {
        let (code, what) = (fund.code.clone(), "style analysis");
        return Err(FundError::TooFewValues { fund: code, what, found: n, needed });
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
        let breaks = self.breaks(config)?;
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

    /// Few factors that hardly lean on each other, for what changes with time: the largest segment over cash, the smallest
    /// beyond the largest, the straddle. A hedge goes into equity. None without a segment or cash.
    fn coarse(&self) -> Option<Coarse> {
        let cash = self.column(CASH)?;
        let is_segment = |name: &&&str| Group::Equity.combination(&[name]) == [1.0];
        let mut segments = self.names.iter().filter(is_segment);
        let small = segments.next()?;
        let small_returns = self.column(small)?;
        let large = self.column(segments.next_back().unwrap_or(small))?;
        let less = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x - y).collect();
        let mut coarse = Coarse {
            names: vec![NET_EQUITY],
            response: less(&self.returns, cash),
            columns: vec![less(large, cash)],
        };
        if !std::ptr::eq(small_returns, large) {
            coarse.names.push(SMALL_CAP);
            coarse.columns.push(less(small_returns, large));
        }
        if let Some(straddle) = self.column(SHORT_VOLATILITY) {
            coarse.names.push(SHORT_VOLATILITY);
            coarse.columns.push(straddle.to_vec());
        }
        Some(coarse)
    }

    fn walking(
        &self,
        config: &StyleConfig,
        periods: &Periods,
        z: f64,
    ) -> Result<Vec<Exposure>, StatError> {
        let Some(coarse) = self.coarse() else { return Ok(Vec::new()) };
        let (_, every) = config.window(periods.frequency);
        let n_blocks = self.returns.len() / every;
        let sums = |x: &[f64]| -> Vec<f64> {
            x.chunks_exact(every).map(|block| block.iter().sum()).collect()
        };
        let columns: Vec<Vec<f64>> = coarse.columns.iter().map(|x| sums(x)).collect();
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
        let walk = walking_regression(&sums(&coarse.response), &design, &weights)?;
        let mut rows = Vec::with_capacity(n_blocks * coarse.names.len());
        for b in design.len() - 1..n_blocks {
            for (i, factor) in coarse.names.iter().enumerate() {
                let (weight, error) = (walk.filtered[b][i + 1], walk.standard_errors[b][i + 1]);
                rows.push(Exposure {
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

    /// One break in the mean of the exposures of stretches in a row. A stretch's exposure does not care how wild its
    /// returns were, which differ tenfold between a quiet year and a February of 2024.
    fn breaks(&self, config: &StyleConfig) -> Result<Vec<StyleBreak>, StatError> {
        let Some(coarse) = self.coarse() else { return Ok(Vec::new()) };
        let n = self.returns.len();
        let stretch = SHORTEST_STRETCH.max(n / MOST_STRETCHES);
        if n / stretch < MIN_OBSERVATIONS {
            return Ok(Vec::new());
        }
        let mut paths = vec![Vec::new(); coarse.names.len()];
        let mut ends = Vec::new();
        // The first stretch takes what does not fill one.
        let mut from = 0;
        for end in (n % stretch + stretch..=n).step_by(stretch) {
            let columns: Vec<&[f64]> = coarse.columns.iter().map(|x| &x[from..end]).collect();
            // A stretch in which a factor stands still has no exposure.
            if let Ok(fit) = ols(&coarse.response[from..end], &columns, Intercept::Included) {
                ends.push(end - 1);
                for (path, slope) in paths.iter_mut().zip(&fit.coefficients[1..]) {
                    path.push(*slope);
                }
            }
            from = end;
        }
        let coverage = 1.0 - config.tail_probability;
        let mut found = Vec::new();
        for (factor, path) in coarse.names.iter().zip(&paths) {
            // A fund the factors tell wholly has exposures that do not vary.
            let Ok(change) = mean_break(path, config.trim, coverage, Noise::Independent) else {
                continue;
            };
            let last = ends.len() - 1;
            let after = |position: usize| (ends[position.min(last)] + 1).min(n - 1);
            let first = |position: usize| self.to[after(position)];
            // A change inside a stretch belongs to neither side: the band takes in the stretches beside it.
            let low = change.low.min(change.last_before).saturating_sub(1);
            let high = change.high.max(change.last_before) + 1;
            found.push(StyleBreak {
                factor,
                date: first(change.last_before),
                low: first(low),
                high: first(high),
                before: change.mean_before,
                after: change.mean_after,
                sup_f: change.sup_f,
                p_value: change.p_value,
                is_proven: false,
            });
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

/// Response over cash and the factors of [`Sample::coarse`].
struct Coarse {
    names: Vec<&'static str>,
    response: Vec<f64>,
    columns: Vec<Vec<f64>>,
}
