//! Did a policy event move small companies, and could it be told from the others of that week?
//!
//! Every event is held against the days before it: a market model on the estimation days, the abnormal return of its
//! windows with MacKinlay's (1997) error and with that of Newey and West, the share of other days that moved as far
//! (placebo), and windows drawn in blocks. All stocks share one date, so across names only tests that allow for their
//! correlation are believed (Kolari and Pynnonen 2010, 2011). Events days apart share their windows: each verdict names
//! them, and p-values are adjusted for the number of days tested.
//!
//! Everything said of an event is from days up to the end of its windows, but for the adjusted p-values and the
//! calendar-time regression, which are of the whole timeline.
//!
//! Method page: docs/method/event.md

mod calendar_time;
mod config;
mod every_day;
mod outcome;
mod placed;
mod series_test;
mod stocks;
mod subject;
mod tables;
mod verdict;

use shoals_core::{Calendar, Segment, Series, Symbol, Timeline, TradingDay};
use shoals_market::universe::StockMarket;

pub use calendar_time::CalendarTime;
pub use config::{EventConfig, EventWindow, StockGroup};
pub use outcome::EventOutcome;
pub use placed::Placed;
pub use series_test::{PathDay, SeriesTest};
pub use stocks::{Group, StockTest};
pub use subject::SubjectName;
pub use verdict::{EventVerdict, Finding};

use crate::WarningError;
use stocks::Stocks;

/// What the events may have moved.
#[derive(Debug, Clone, Copy)]
pub struct EventMarket<'a> {
    /// Closes of the segments' indices; the micro caps and the CSI 300 are needed.
    pub segments: &'a [(Segment, Series)],
    /// Closes of the index of the market model.
    pub market: &'a Series,
    /// The stocks, where there are any: `adjusted_close`, `total_market_cap`, and `is_st` where known.
    pub stocks: Option<&'a StockMarket>,
    /// Names treated in place of the smallest.
    pub treated: Option<&'a [Symbol]>,
    /// The exchange's days.
    pub calendar: &'a Calendar,
}

/// Studies every event of the timeline that acts on the days asked for.
///
/// Missing: a day without a return of the subject or of the market is left out for both; a name without a return on
/// a day of a window is left out of that window.
///
/// # Errors
/// Illegal settings, no index of micro caps or of the CSI 300, a close that is not positive, an event on a day the calendar
/// does not know, or no event on the days asked for.
pub fn event_study(
    timeline: &Timeline,
    market: &EventMarket,
    config: &EventConfig,
) -> Result<EventOutcome, WarningError> {
    config.check()?;
    for segment in [Segment::Micro, Segment::Csi300] {
        if !market.segments.iter().any(|(given, _)| *given == segment) {
            return Err(WarningError::SegmentMissing { segment, symbol: segment.symbol() });
        }
    }
    let placed = placed::place(timeline, config, market.calendar)?;
    if placed.is_empty() {
        let n = timeline.events().len();
        let asked = shoals_core::range_in_words(config.from, config.to);
        return Err(WarningError::NoEvent { n, asked });
    }
    let first = TradingDay::from_epoch_days(i32::MIN);
    let known = |series: &Series| match config.to {
        Some(to) => series.between(first, to),
        None => series.clone(),
    };
    let segments: Vec<(Segment, Series)> =
        market.segments.iter().map(|(segment, series)| (*segment, known(series))).collect();
    let index = known(market.market);
    let mut subjects = subject::of_indices(&segments, &index)?;
    let last = subjects
        .iter()
        .filter(|subject| subject.name == SubjectName::Spread)
        .find_map(|subject| subject.days.last().copied())
        .ok_or(WarningError::NoCommonDay)?;
    let mut of_stocks = Vec::new();
    if let Some(stocks) = market.stocks {
        let cut = config.to.filter(|to| stocks.days().last().is_some_and(|last| last > to));
        let cut = cut.map(|to| stocks.up_to(to));
        let stocks = Stocks::of(cut.as_ref().unwrap_or(stocks), &index, market.treated)?;
        subjects.push(stocks.difference(config, market.calendar)?);
        of_stocks = stocks.tests(&placed, config);
    }
    let (series, path) = series_test::tests(&subjects, &placed, config)?;
    Ok(EventOutcome {
        config: config.clone(),
        market: index.name().to_owned(),
        last,
        verdicts: verdict::verdicts(&placed, &series, &of_stocks, last, config)?,
        calendar_time: calendar_time::regressions(&subjects, &placed, config)?,
        series,
        stocks: of_stocks,
        path,
        is_listed: market.treated.is_some(),
    })
}
