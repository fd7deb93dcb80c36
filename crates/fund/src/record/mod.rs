//! What did the fund earn, at what risk, beside what, and how sure is that?
//!
//! Returns go by dates: a year's is its last published value over the last one before it, whatever lies between. Risk goes by
//! the fund's own periods and how many of them make a year. Benchmark and cash are measured over exactly those periods, so a
//! weekly fund is never compared with a day it has not seen. A period belongs to the year, quarter, month and week of its later
//! day. What a record cannot give (a Sharpe ratio of four weeks) is missing, not zero. Sources: Sharpe (1994); Lo (2002);
//! Mertens (2002); Bailey and Lopez de Prado (2012, 2014); Bacon (2008).
//!
//! Method page: `docs/method/fund_record.md`

mod config;
mod convention;
mod crisis;
mod curve;
mod fall;
mod measure;
mod path;
mod peer;
mod tables;
mod trial;

use serde::Serialize;
use shoals_core::{Series, TradingDay};

pub use config::{NamedPeriod, RecordConfig, SharpeError};
pub use convention::record_convention;
pub use crisis::{Crisis, CrisisRow};
pub use curve::{CurvePoint, MonthRow};
pub use fall::{FallRow, WorstWeek};
pub use measure::RecordRow;
pub use peer::{Peer, PeerFigures, peer_figures, peer_table};
pub use tables::record_tables;
pub use trial::{Deflated, TrackRecord, deflated};

use crate::{Frequency, Fund, FundError, Periods};
use path::Path;

/// The record of one fund as it was known at the last of its periods.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecordPart {
    /// The fund's code.
    pub fund: String,
    /// The fund's name.
    pub name: String,
    /// How often it publishes.
    pub frequency: Frequency,
    /// Periods a year that annualise its risk.
    pub per_year: f64,
    /// Name of the benchmark, where there is one.
    pub benchmark: Option<String>,
    /// Day of its first value.
    pub from: TradingDay,
    /// Day of its last.
    pub to: TradingDay,
    /// The whole record first, then the years, the quarters where asked, and the user's periods.
    pub rows: Vec<RecordRow>,
    /// Its deepest falls, deepest first.
    pub falls: Vec<FallRow>,
    /// The episodes it lived through from beginning to end, in order of time.
    pub crises: Vec<CrisisRow>,
    /// Its worst calendar weeks, worst first; its worst periods if it publishes more rarely.
    pub worst: Vec<WorstWeek>,
    /// Every calendar month with a value.
    pub months: Vec<MonthRow>,
    /// A point a calendar week: wealth, benchmark, fall, trailing ratio.
    pub curve: Vec<CurvePoint>,
    /// What the whole record says of its ratio; missing for a record too short.
    pub track: Option<TrackRecord>,
}

/// The record of a fund over its `periods`, beside `benchmark` levels and above a `risk_free` rate.
///
/// `benchmark`: levels by day; over a period without a level at both ends (a level at most four days old stands in) the
/// comparison is missing. `risk_free`: simple yearly rates, decimals, ACT/365, as known at each period's first day; the
/// setting's constant where there is none. Only days up to the last period are read: `periods.up_to(day)` is the record as of a
/// day.
///
/// # Errors
/// A setting outside its range, or fewer than two periods.
pub fn record(
    fund: &Fund,
    periods: &Periods,
    benchmark: Option<&Series>,
    risk_free: Option<&Series>,
    config: &RecordConfig,
) -> Result<RecordPart, FundError> {
    config.check()?;
    let (Some(&from), Some(&to), true) =
        (periods.from.first(), periods.to.last(), periods.len() >= 2)
    else {
        return Err(too_few(&fund.code, "a record", periods, 3));
    };
    let path = Path::new(periods, benchmark, risk_free, config.risk_free_rate);
    Ok(RecordPart {
        fund: fund.code.clone(),
        name: fund.name.clone(),
        frequency: periods.frequency,
        per_year: periods.per_year,
        benchmark: benchmark.map(|levels| levels.name().to_owned()),
        from,
        to,
        rows: measure::rows(&path, config),
        falls: fall::falls(&path, config.n_drawdowns),
        crises: crisis::crises(&path, &config.crises),
        worst: fall::worst_weeks(&path, config.n_worst),
        months: curve::months(&path),
        curve: curve::curve(&path),
        track: trial::track(&path, config.min_observations),
    })
}

fn too_few(fund: &str, what: &'static str, periods: &Periods, needed: usize) -> FundError {
    let n_values = periods.len() + usize::from(!periods.is_empty());
    FundError::TooFewValues { fund: fund.to_owned(), what, found: n_values, needed }
}
