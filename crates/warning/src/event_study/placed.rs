//! The events on trading days, and which of them stand in each other's way.

use serde::Serialize;
use shoals_core::{Calendar, CoreError, PolicyEvent, Text, Timeline, TradingDay};

use super::{EventConfig, EventWindow};

/// An event with its day 0 and its neighbours.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Placed {
    /// The event.
    pub event: PolicyEvent,
    /// The first trading day it could act on.
    pub day_0: TradingDay,
    /// Events of the same day 0.
    pub same_day: Vec<String>,
    /// Other events whose main window shares a day with this one's.
    pub overlapping: Vec<String>,
    /// Further events whose day 0 lies in any of this one's windows.
    pub nearby: Vec<String>,
    /// Events whose day 0 lies among the estimation days.
    pub n_in_estimation: usize,
    /// Day and title of each event the main window cannot be told apart from.
    pub confounders: Vec<Text>,
}

/// The events that act from `config.from` to `config.to`, in the order of their day 0.
pub(super) fn place(
    timeline: &Timeline,
    config: &EventConfig,
    calendar: &Calendar,
) -> Result<Vec<Placed>, CoreError> {
    // Neighbours are looked for among all events known by then, told or not.
    let mut all: Vec<(PolicyEvent, TradingDay)> = Vec::new();
    for event in timeline.events() {
        let day_0 = event.acts_on(config.anchor, calendar)?;
        if config.to.is_none_or(|to| day_0 <= to) {
            all.push((event.clone(), day_0));
        }
    }
    all.sort_by_key(|(_, day_0)| *day_0);
    let mut placed = Vec::new();
    for (event, day_0) in &all {
        if config.from.is_some_and(|from| *day_0 < from) {
            continue;
        }
        let mut one = Placed {
            event: event.clone(),
            day_0: *day_0,
            same_day: Vec::new(),
            overlapping: Vec::new(),
            nearby: Vec::new(),
            n_in_estimation: 0,
            confounders: Vec::new(),
        };
        for (other, its_day) in all.iter().filter(|(other, _)| other.event_id != event.event_id) {
            let away = calendar.days_between(*day_0, *its_day)?;
            one.meet(other, *its_day, away, config);
        }
        placed.push(one);
    }
    Ok(placed)
}

impl Placed {
    /// Notes another event, `away` trading days after this one.
    fn meet(&mut self, other: &PolicyEvent, its_day: TradingDay, away: i32, config: &EventConfig) {
        let EventWindow { from, to } = config.hull();
        let id = || other.event_id.clone();
        if away == 0 {
            self.same_day.push(id());
        } else if away.unsigned_abs() < config.main_window.len() as u32 {
            self.overlapping.push(id());
        } else if (from..=to).contains(&away) {
            self.nearby.push(id());
        }
        if away.unsigned_abs() < config.main_window.len() as u32 {
            let (zh, en) = (&other.title_zh, &other.title_en);
            self.confounders
                .push(Text::new(format!("{its_day}「{zh}」"), format!("{its_day} “{en}”")));
        }
        let (gap, days) = (config.gap_days as i32, config.estimation_days as i32);
        self.n_in_estimation += usize::from((-gap - days..-gap).contains(&away));
    }
}
