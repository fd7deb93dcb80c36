//! One row of a record: a stretch of periods measured.

use std::ops::Range;

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_stats::benchmark::{self, Side};
use shoals_stats::hac::automatic_lag;
use shoals_stats::normal::normal_quantile;
use shoals_stats::performance::lo_standard_error;
use shoals_stats::sharpe::{hac_standard_error, mertens_standard_error, truncated_time_scaling};
use shoals_stats::significance::Shape;
use shoals_stats::{StatError, drawdown, moments, performance, tail};

use super::config::{RecordConfig, SharpeError};
use super::path::{Path, deepest, geometric_excess};
use crate::period::DAYS_PER_YEAR;

/// Fewest calendar days of which a return is put on a year: shorter ones would promise what was not earned.
const LEAST_DAYS_OF_A_YEAR: i32 = 350;

/// Order of the kappa ratio.
const KAPPA_ORDER: u32 = 3;

/// A stretch of the record. Missing (NaN) wherever the stretch is too short or lacks what it takes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecordRow {
    /// `all`, `2023`, `2023Q1`, or the name the user gave.
    pub period: String,
    /// Day of the value it opens with.
    pub from: TradingDay,
    /// Day of the value it closes with.
    pub to: TradingDay,
    /// Periods in it.
    pub n: usize,
    /// Simple return over the stretch.
    pub total_return: f64,
    /// The same put on a year of 365.25 calendar days; missing below 350 days.
    pub annualised_return: f64,
    /// The benchmark's return over the same days.
    pub benchmark: f64,
    /// Geometric excess, `(1 + return) / (1 + benchmark) - 1`: years multiply to the whole.
    pub excess: f64,
    /// Arithmetic excess, `return - benchmark`.
    pub excess_arithmetic: f64,
    /// Annualised deviation of the difference of the two returns.
    pub tracking_error: f64,
    /// Annualised mean difference over it.
    pub information_ratio: f64,
    /// Slope of the returns on the benchmark's.
    pub beta: f64,
    /// Annualised return over the benchmark's in periods in which it rose.
    pub up_capture: f64,
    /// The same in periods in which it fell.
    pub down_capture: f64,
    /// Annualised sample deviation.
    pub volatility: f64,
    /// Annualised arithmetic ratio of returns above cash.
    pub sharpe: f64,
    /// Lower end of its band by the error asked for.
    pub sharpe_low: f64,
    /// Upper end.
    pub sharpe_high: f64,
    /// The ratio over a year when returns depend on each other (Lo 2002).
    pub sharpe_lo: f64,
    /// Annualised standard error for independent normal returns.
    pub sharpe_error_iid: f64,
    /// For independent returns of any shape.
    pub sharpe_error_mertens: f64,
    /// For dependent ones.
    pub sharpe_error_hac: f64,
    /// Probability that the true ratio exceeds the one asked about.
    pub sharpe_probability: f64,
    /// Years after which it would be known with the confidence asked for; missing when it does not exceed it.
    pub minimum_track_record: f64,
    /// Annualised mean above cash over the downside deviation below it.
    pub sortino: f64,
    /// Mean gain over mean loss, against cash.
    pub omega: f64,
    /// Mean above cash over the cube root of the mean cubed shortfall, a period.
    pub kappa: f64,
    /// Annualised return over the depth of the deepest drawdown.
    pub calmar: f64,
    /// Deepest drawdown inside the stretch, at or below zero.
    pub max_drawdown: f64,
    /// Root mean square of the drawdowns.
    pub ulcer: f64,
    /// Mean of the deepest drawdowns, at or below zero.
    pub conditional_drawdown: f64,
    /// Share of calendar weeks with a gain.
    pub win_rate: f64,
    /// Share of calendar weeks ahead of the benchmark.
    pub ahead_rate: f64,
    /// Historical value at risk, a return a period.
    pub value_at_risk: f64,
    /// Historical expected shortfall, a return a period.
    pub expected_shortfall: f64,
    /// Size of a great gain over that of a great loss.
    pub tail_ratio: f64,
    /// Skewness of the returns.
    pub skewness: f64,
    /// Excess kurtosis of the returns.
    pub excess_kurtosis: f64,
    /// Share of the log wealth's variance on a straight line.
    pub stability: f64,
}

/// The whole, the years, the quarters where asked, the user's periods.
pub(super) fn rows(path: &Path<'_>, config: &RecordConfig) -> Vec<RecordRow> {
    let whole = 0..path.periods.len();
    let first_of = |range: &Range<usize>| path.periods.to[range.start];
    let mut rows = vec![row(path, "all".to_owned(), whole.clone(), config)];
    for year in path.runs(whole.clone(), TradingDay::year) {
        rows.push(row(path, first_of(&year).year().to_string(), year, config));
    }
    let quarter_of = |day: TradingDay| (day.year(), day.month().div_ceil(3));
    if config.quarters {
        for quarter in path.runs(whole, quarter_of) {
            let (year, q) = quarter_of(first_of(&quarter));
            rows.push(row(path, format!("{year}Q{q}"), quarter, config));
        }
    }
    for asked in &config.periods {
        let range = path.between(asked.from, asked.to);
        if !range.is_empty() {
            rows.push(row(path, asked.name.clone(), range, config));
        }
    }
    rows
}

fn row(path: &Path<'_>, period: String, range: Range<usize>, config: &RecordConfig) -> RecordRow {
    let (from, to) = (path.periods.from[range.start], path.periods.to[range.end - 1]);
    let total_return = path.fund_return(range.clone());
    let benchmark = path.benchmark_return(range.clone());
    let days = from.calendar_days_until(to);
    let annualised_return = if days < LEAST_DAYS_OF_A_YEAR {
        f64::NAN
    } else {
        (1.0 + total_return).powf(DAYS_PER_YEAR / f64::from(days)) - 1.0
    };
    let part = Part {
        returns: &path.periods.returns[range.clone()],
        above_cash: &path.above_cash[range.clone()],
        benchmark: path.benchmark.as_ref().map(|all| &all[range.clone()]),
        per_year: path.periods.per_year,
        is_long_enough: range.len() >= config.min_observations,
    };
    let ratio = part.ratio(config);
    let beside = part.beside();
    let max_drawdown = deepest(part.returns);
    let (win_rate, ahead_rate) = weeks_won(path, range.clone());
    let tail_probability = config.tail_probability;
    RecordRow {
        period,
        from,
        to,
        n: range.len(),
        total_return,
        annualised_return,
        benchmark,
        excess: geometric_excess(total_return, benchmark),
        excess_arithmetic: total_return - benchmark,
        tracking_error: beside.tracking_error,
        information_ratio: beside.information_ratio,
        beta: beside.beta,
        up_capture: beside.up_capture,
        down_capture: beside.down_capture,
        volatility: part.told(|p| performance::volatility(p.returns, p.per_year)),
        sharpe: ratio.annual,
        sharpe_low: ratio.annual - ratio.half_band,
        sharpe_high: ratio.annual + ratio.half_band,
        sharpe_lo: ratio.lo,
        sharpe_error_iid: ratio.errors[0],
        sharpe_error_mertens: ratio.errors[1],
        sharpe_error_hac: ratio.errors[2],
        sharpe_probability: ratio.probability,
        minimum_track_record: ratio.minimum_years,
        sortino: part.told(|p| performance::sortino_ratio(p.above_cash, 0.0, p.per_year)),
        omega: part.told(|p| performance::omega_ratio(p.above_cash, 0.0)),
        kappa: part.told(|p| performance::kappa_ratio(p.above_cash, 0.0, KAPPA_ORDER)),
        calmar: if max_drawdown < 0.0 { annualised_return / -max_drawdown } else { f64::NAN },
        max_drawdown,
        ulcer: part.told(|p| drawdown::ulcer_index(p.returns)),
        conditional_drawdown: part
            .told(|p| drawdown::conditional_drawdown_at_risk(p.returns, tail_probability)),
        win_rate,
        ahead_rate,
        value_at_risk: part.told(|p| tail::value_at_risk(p.returns, tail_probability)),
        expected_shortfall: part.told(|p| tail::expected_shortfall(p.returns, tail_probability)),
        tail_ratio: part.told(|p| tail::tail_ratio(p.returns, tail_probability)),
        skewness: part.told(|p| moments::skewness(p.returns)),
        excess_kurtosis: part.told(|p| moments::excess_kurtosis(p.returns)),
        stability: part.told(|p| performance::stability(p.returns)),
    }
}

/// A measure of returns beside a benchmark's, and periods a year.
type Measure = fn(&[f64], &[f64], f64) -> Result<f64, StatError>;

/// The returns of a stretch.
struct Part<'a> {
    returns: &'a [f64],
    above_cash: &'a [f64],
    benchmark: Option<&'a [f64]>,
    per_year: f64,
    is_long_enough: bool,
}

/// Measures beside a benchmark.
struct Beside {
    tracking_error: f64,
    information_ratio: f64,
    beta: f64,
    up_capture: f64,
    down_capture: f64,
}

/// What is known of the Sharpe ratio; errors in the order of [`SharpeError`].
struct Ratio {
    annual: f64,
    half_band: f64,
    lo: f64,
    errors: [f64; 3],
    probability: f64,
    minimum_years: f64,
}

impl Part<'_> {
    /// A measure, missing where the stretch is too short for it or it cannot be taken.
    fn told(&self, measure: impl Fn(&Self) -> Result<f64, StatError>) -> f64 {
        if self.is_long_enough { measure(self).unwrap_or(f64::NAN) } else { f64::NAN }
    }

    fn beside(&self) -> Beside {
        let told = |measure: Measure| {
            let beside = |theirs| self.told(|p| measure(p.returns, theirs, p.per_year));
            self.benchmark.map_or(f64::NAN, beside)
        };
        Beside {
            tracking_error: told(benchmark::tracking_error),
            information_ratio: told(benchmark::information_ratio),
            beta: told(|ours, theirs, _| benchmark::beta(ours, theirs)),
            up_capture: told(|ours, theirs, p| benchmark::capture(ours, theirs, Side::Up, p)),
            down_capture: told(|ours, theirs, p| benchmark::capture(ours, theirs, Side::Down, p)),
        }
    }

    fn ratio(&self, config: &RecordConfig) -> Ratio {
        let root = self.per_year.sqrt();
        let n = self.above_cash.len();
        let lag = config.lag.unwrap_or_else(|| automatic_lag(n)).min(n.saturating_sub(2));
        let a_period = self.told(|p| performance::sharpe_ratio(p.above_cash, 1.0));
        let errors = [
            self.told(|_| Ok(lo_standard_error(a_period, n))),
            self.told(|p| mertens_standard_error(p.above_cash)),
            self.told(|p| hac_standard_error(p.above_cash, lag)),
        ]
        .map(|error| if a_period.is_nan() { f64::NAN } else { error * root });
        let asked = config.sharpe_benchmark / root;
        let shape = Shape {
            skewness: self.told(|p| moments::skewness(p.above_cash)),
            kurtosis: self.told(|p| moments::excess_kurtosis(p.above_cash)) + 3.0,
        };
        let years = shape.minimum_track_record(a_period, asked, config.confidence) / self.per_year;
        let error = errors[match config.sharpe_error {
            SharpeError::Iid => 0,
            SharpeError::Mertens => 1,
            SharpeError::Hac => 2,
        }];
        Ratio {
            annual: a_period * root,
            half_band: normal_quantile(f64::midpoint(1.0, config.confidence)) * error,
            lo: a_period * self.told(|p| p.lo_scaling(lag)),
            errors,
            probability: shape.probability_above(a_period, asked, n),
            minimum_years: if years.is_finite() { years } else { f64::NAN },
        }
    }

    fn lo_scaling(&self, lag: usize) -> Result<f64, StatError> {
        let year = self.per_year.round().max(1.0) as usize;
        let lags = lag.min(year - 1);
        truncated_time_scaling(&moments::autocorrelations(self.above_cash, lags)?, year)
    }
}

/// Shares of weeks with a gain, and ahead of the benchmark where it is known.
fn weeks_won(path: &Path<'_>, range: Range<usize>) -> (f64, f64) {
    let (mut n, mut won, mut n_beside, mut ahead) = (0, 0, 0, 0);
    for week in path.weeks(range) {
        let ours = path.fund_return(week.clone());
        let theirs = path.benchmark_return(week);
        n += 1;
        won += usize::from(ours > 0.0);
        n_beside += usize::from(!theirs.is_nan());
        ahead += usize::from(ours > theirs);
    }
    let share = |k: usize, of: usize| if of == 0 { f64::NAN } else { k as f64 / of as f64 };
    (share(won, n), share(ahead, n_beside))
}
