//! Did the mean of the ratio's change break? In sample, over the whole record: history, not warning.

use serde::Serialize;
use shoals_core::TradingDay;
use shoals_stats::StatError;
use shoals_stats::breaks::{
    BreakSearch, Cusum, Noise, SEQUENTIAL_CRITICAL, mean_breaks, ols_cusum, ols_cusum_path,
    recursive_cusum, recursive_cusum_path,
};

use super::RotationConfig;
use super::ratio::Ratio;
use crate::WarningError;

/// Trading days of a year.
const DAYS_PER_YEAR: f64 = 252.0;

/// A break of the mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RatioBreak {
    /// Last day before it.
    pub date: TradingDay,
    /// Lower end of the date's interval.
    pub low: TradingDay,
    /// Upper end.
    pub high: TradingDay,
    /// Log lead of small companies a year before it.
    pub lead_before: f64,
    /// Log lead a year after it.
    pub lead_after: f64,
}

/// One number of breaks, with what speaks for it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BreakCount {
    /// Number of breaks.
    pub n_breaks: usize,
    /// Sum of squares.
    pub rss: f64,
    /// BIC.
    pub bic: f64,
    /// LWZ.
    pub lwz: f64,
    /// Sup F of one break more.
    pub next_sup_f: f64,
    /// Probability of a greater one without a further break.
    pub next_p_value: f64,
    /// Bai and Perron's critical value at 5 %, 15 % trimming; NaN beyond their table or for another trim.
    pub critical: f64,
    /// Whether this is the number kept.
    pub is_chosen: bool,
}

/// Cumulated residuals of one mean, after each day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CusumDay {
    /// The day.
    pub date: TradingDay,
    /// Residuals of the whole sample's mean; beyond 1.358 on either side 5 %.
    pub ols: f64,
    /// Surprises against the mean so far, over the boundary `1 + 2 s`; beyond 0.948 on either side 5 %.
    pub recursive: f64,
}

/// A test against any change at all.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CusumTest {
    /// `ols` or `recursive`.
    pub test: String,
    /// Greatest distance from zero.
    pub statistic: f64,
    /// Probability of a greater one without a change.
    pub p_value: f64,
    /// Day on which it stands.
    pub date: TradingDay,
}

/// The breaks, what other numbers of them would give, and the cumulated residuals.
pub(super) struct Changes {
    pub(super) breaks: Vec<RatioBreak>,
    pub(super) counts: Vec<BreakCount>,
    pub(super) cusum: Vec<CusumDay>,
    pub(super) tests: Vec<CusumTest>,
}

pub(super) fn changes(ratio: &Ratio, config: &RotationConfig) -> Result<Changes, WarningError> {
    found(ratio, config)
        .map_err(|cause| WarningError::Statistic { what: "the breaks of the ratio", cause })
}

fn found(ratio: &Ratio, config: &RotationConfig) -> Result<Changes, StatError> {
    let noise = match config.break_lag {
        0 => Noise::Independent,
        lag => Noise::Autocorrelated(lag),
    };
    let search = BreakSearch {
        max_breaks: config.max_breaks,
        trim: config.trim,
        confidence: 1.0 - config.tail_probability,
        noise,
        choice: config.break_choice,
    };
    let values = &ratio.changes;
    let broken = mean_breaks(values, search)?;
    let day = |change: usize| ratio.days[change + 1];
    let breaks = broken.breaks.iter().map(|one| RatioBreak {
        date: day(one.last_before),
        low: day(one.low),
        high: day(one.high),
        lead_before: one.mean_before * DAYS_PER_YEAR,
        lead_after: one.mean_after * DAYS_PER_YEAR,
    });
    let critical = |n: usize| {
        let is_tabled = (config.trim - 0.15).abs() < 1e-12;
        SEQUENTIAL_CRITICAL.get(n).copied().filter(|_| is_tabled).unwrap_or(f64::NAN)
    };
    let counts = broken.by_count.iter().enumerate().map(|(n_breaks, one)| BreakCount {
        n_breaks,
        rss: one.rss,
        bic: one.bic,
        lwz: one.lwz,
        next_sup_f: one.next_sup_f,
        next_p_value: one.next_p_value,
        critical: critical(n_breaks),
        is_chosen: n_breaks == broken.breaks.len(),
    });
    let (ols, surprises) = (ols_cusum_path(values, noise)?, recursive_cusum_path(values, noise)?);
    let n = surprises.len() as f64;
    let cusum = surprises.iter().enumerate().map(|(j, sum)| CusumDay {
        date: day(j + 1),
        ols: ols[j + 1],
        recursive: sum / (1.0 + 2.0 * (j + 1) as f64 / n),
    });
    let test = |name: &str, cusum: Cusum| CusumTest {
        test: name.to_owned(),
        statistic: cusum.statistic,
        p_value: cusum.p_value,
        date: day(cusum.at),
    };
    Ok(Changes {
        breaks: breaks.collect(),
        counts: counts.collect(),
        cusum: cusum.collect(),
        tests: vec![
            test("ols", ols_cusum(values, noise)?),
            test("recursive", recursive_cusum(values, noise)?),
        ],
    })
}
