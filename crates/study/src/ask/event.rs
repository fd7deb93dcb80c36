//! Did a policy event move small companies, and could it be told from the others of that week?

use shoals_core::{Segment, Series, Text, Timeline};
use shoals_warning::event_study::{
    EventConfig, EventMarket, EventOutcome, event_study as study_events,
};

use crate::{MarketView, StudyError};

/// The timeline, event by event: the market's own events where it holds them, else the built-in ones.
///
/// # Errors
/// No index of micro caps or of the CSI 300, treated names without stocks in the market, no event on the days asked for, or settings that are not legal.
pub fn event(view: &MarketView, config: &EventConfig) -> Result<EventOutcome, StudyError> {
    let segments: Vec<(Segment, Series)> = Segment::ALL
        .into_iter()
        .filter_map(|segment| Some((segment, view.indices.get(&segment.symbol())?.clone())))
        .collect();
    let market = match view.indices.get(&config.market) {
        Some(market) => market,
        None => view.series(Segment::Csi300.symbol())?,
    };
    if view.treated.is_some() {
        view.stocks()?;
    }
    let market = EventMarket {
        segments: &segments,
        market,
        stocks: view.stocks.as_ref().map(|stocks| &stocks.market),
        treated: view.treated.as_deref(),
        calendar: &view.rulebook.calendar,
    };
    Ok(study_events(timeline(view), &market, config)?)
}

fn timeline(view: &MarketView) -> &Timeline {
    view.timeline.as_ref().unwrap_or_else(|| Timeline::builtin())
}

/// Why events cannot be asked of this market, where they cannot: an index it does not hold, or no event whose days
/// it covers.
pub fn events_missing(view: &MarketView, config: &EventConfig) -> Option<Text> {
    for segment in [Segment::Micro, Segment::Csi300] {
        let symbol = segment.symbol();
        if !view.indices.contains_key(&symbol) {
            return Some(Text::new(
                format!("市场没有指数 {symbol}，未作政策事件分析；导入后再问"),
                format!(
                    "the market holds no index {symbol}, so policy events were left out; import it to ask"
                ),
            ));
        }
    }
    let days = view.indices.get(&Segment::Micro.symbol()).map(Series::days)?;
    let calendar = &view.rulebook.calendar;
    let is_covered = |day: &shoals_core::TradingDay| {
        config.from.is_none_or(|from| *day >= from)
            && config.to.is_none_or(|to| *day <= to)
            && days
                .binary_search(day)
                .is_ok_and(|t| t >= config.gap_days + config.min_estimation_days)
    };
    let events = timeline(view).events().iter();
    let mut acting = events.filter_map(|event| event.acts_on(config.anchor, calendar).ok());
    acting.all(|day| !is_covered(&day)).then(|| {
        Text::new(
            "时间线上的事件都不在市场数据之内，未作政策事件分析",
            "no event of the timeline lies within the market's days, so policy events were left out",
        )
    })
}
