//! The stocks name by name, and the difference between the treated and their control.

use std::collections::BTreeSet;
use std::ops::Range;

use rayon::prelude::*;
use serde::Serialize;
use shoals_core::{Calendar, Series, Symbol, TradingDay};
use shoals_market::universe::StockMarket;
use shoals_stats::event_study::sample::{CrossSection, Sample};
use shoals_stats::significance::two_sided_p_value;

use super::placed::Placed;
use super::subject::{Subject, SubjectName, return_over};
use super::{EventConfig, EventWindow};
use crate::WarningError;

/// A group of stocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// The smallest, or the names of the user's list.
    Treated,
    /// The next by size, or the names nearest in size to those of the list.
    Control,
}

impl Group {
    /// The stable name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Treated => "treated",
            Self::Control => "control",
        }
    }
}

/// The tests across a group's names in one window of one event.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StockTest {
    /// The event.
    pub event_id: String,
    /// The group.
    pub group: Group,
    /// The window.
    pub window: EventWindow,
    /// The close the group was formed at: before the first estimation day, so that no name is in it for what it
    /// did in the estimation.
    pub formed_on: TradingDay,
    /// The tests.
    pub tests: CrossSection,
    /// Two-sided, of the Kolari-Pynnonen statistic, normal.
    pub kolari_pynnonen_p: f64,
}

/// Daily returns of the stocks on their market's days, and what orders them.
pub(super) struct Stocks<'a> {
    days: &'a [TradingDay],
    width: usize,
    /// Day-major simple returns; NaN without a close on the day and the one before.
    returns: Vec<f64>,
    cap: &'a [f64],
    is_st: Option<&'a [f64]>,
    /// Whether the user's list names it.
    listed: Option<Vec<bool>>,
    /// The index of the market model on these days.
    market: Vec<f64>,
}

impl<'a> Stocks<'a> {
    pub(super) fn of(
        stocks: &'a StockMarket,
        market: &Series,
        treated: Option<&[Symbol]>,
    ) -> Result<Self, WarningError> {
        let (days, width) = (stocks.days(), stocks.symbols().len());
        let price = stocks.panel().column("adjusted_close")?;
        let mut returns = vec![f64::NAN; price.len()];
        let rest = returns.get_mut(width..).unwrap_or_default();
        rest.par_chunks_mut(width.max(1)).enumerate().for_each(|(t, row)| {
            let (before, now) = (&price[t * width..][..width], &price[(t + 1) * width..][..width]);
            for ((cell, before), now) in row.iter_mut().zip(before).zip(now) {
                *cell = now / before - 1.0;
            }
        });
        let is_held = |name: &Symbol| stocks.symbols().contains(name);
        if let Some(names @ [first, ..]) = treated
            && !names.iter().any(is_held)
        {
            return Err(WarningError::NoTreated { n: names.len(), first: *first });
        }
        let listed = treated.map(|names| {
            let names: BTreeSet<&Symbol> = names.iter().collect();
            stocks.symbols().iter().map(|symbol| names.contains(symbol)).collect()
        });
        let of_market = days.windows(2).map(|pair| return_over(market, pair));
        Ok(Self {
            days,
            width,
            returns,
            cap: stocks.panel().column("total_market_cap")?,
            is_st: stocks.panel().column("is_st").ok(),
            listed,
            market: [f64::NAN].into_iter().chain(of_market).take(days.len()).collect(),
        })
    }

    /// Names with a size on that day and no special treatment, smallest first.
    fn by_size(&self, t: usize) -> Vec<usize> {
        let row = |column: &'a [f64]| &column[t * self.width..][..self.width];
        let (cap, is_st) = (row(self.cap), self.is_st.map(row));
        let is_ordinary = |i: &usize| is_st.is_none_or(|is_st| is_st[*i] != 1.0);
        let mut names: Vec<usize> =
            (0..self.width).filter(|i| cap[*i] > 0.0).filter(is_ordinary).collect();
        names.sort_by(|&a, &b| cap[a].total_cmp(&cap[b]).then(a.cmp(&b)));
        names
    }

    /// The treated and their control as of the close of day `t`.
    fn groups(&self, t: usize, config: &EventConfig) -> [Vec<usize>; 2] {
        let names = self.by_size(t);
        let Some(listed) = &self.listed else {
            let n = |share: f64| (share * names.len() as f64).round() as usize;
            let first = n(config.stocks.smallest);
            let second = n(config.stocks.smallest + config.stocks.next);
            return [names[..first].to_vec(), names[first..second].to_vec()];
        };
        let treated: Vec<usize> = names.iter().copied().filter(|&i| listed[i]).collect();
        // The nearest in the order of size that is not on the list, the smaller one first.
        let nearest = |place: usize| {
            (1..names.len()).find_map(|away| {
                let below = place.checked_sub(away).map(|at| names[at]);
                let above = names.get(place + away).copied();
                [below, above].into_iter().flatten().find(|&i| !listed[i])
            })
        };
        let control: BTreeSet<usize> =
            (0..names.len()).filter(|&place| listed[names[place]]).filter_map(nearest).collect();
        [treated, control.into_iter().collect()]
    }

    /// The treated less the control, equally weighted, formed anew at every `reform_days`-th close of the calendar, so
    /// that no value depends on where the data begin but those of the first formation.
    pub(super) fn difference(
        &self,
        config: &EventConfig,
        calendar: &Calendar,
    ) -> Result<Subject, WarningError> {
        let n = self.days.len();
        let every = config.stocks.reform_days as i32;
        let turns = self
            .days
            .iter()
            .map(|day| Ok(calendar.days_between(calendar.first(), *day)? / every))
            .collect::<Result<Vec<i32>, WarningError>>()?;
        let last = n.saturating_sub(1);
        let formed: Vec<usize> =
            (0..last).filter(|&t| t == 0 || turns[t] != turns[t - 1]).collect();
        let parts: Vec<Vec<f64>> = formed
            .par_iter()
            .enumerate()
            .map(|(k, &formed_at)| {
                let [treated, control] = self.groups(formed_at, config);
                let until = formed.get(k + 1).copied().unwrap_or(last);
                (formed_at + 1..=until)
                    .map(|t| self.mean(t, &treated) - self.mean(t, &control))
                    .collect()
            })
            .collect();
        let difference = parts.concat();
        let days = self.days.get(1..).unwrap_or_default();
        let none = vec![0.0; difference.len()];
        Ok(Subject::new(SubjectName::Difference, days, &difference, &none))
    }

    fn mean(&self, t: usize, names: &[usize]) -> f64 {
        let row = &self.returns[t * self.width..][..self.width];
        let seen = names.iter().map(|&i| row[i]).filter(|r| !r.is_nan());
        let (mut sum, mut n) = (0.0, 0_usize);
        seen.for_each(|r| {
            sum += r;
            n += 1;
        });
        sum / n as f64
    }

    /// The tests of both groups through every event the stocks cover.
    pub(super) fn tests(&self, placed: &[Placed], config: &EventConfig) -> Vec<StockTest> {
        let of_events: Vec<Vec<StockTest>> =
            placed.par_iter().map(|one| self.event(one, config)).collect();
        of_events.concat()
    }

    fn event(&self, one: &Placed, config: &EventConfig) -> Vec<StockTest> {
        let (Ok(t), hull) = (self.days.binary_search(&one.day_0), config.hull()) else {
            return Vec::new();
        };
        let days = estimation_and_event(t, self.days.len(), hull, config);
        let Some((estimation, event)) = days else { return Vec::new() };
        // The day before the first estimation return.
        let formed = estimation.start - 1;
        let mut all = Vec::new();
        for (group, names) in
            [Group::Treated, Group::Control].into_iter().zip(self.groups(formed, config))
        {
            let columns: Vec<usize> = estimation.clone().chain(event.clone()).collect();
            let returns: Vec<f64> = names
                .iter()
                .flat_map(|i| columns.iter().map(move |t| self.returns[t * self.width + i]))
                .collect();
            let market: Vec<f64> = columns.iter().map(|&t| self.market[t]).collect();
            let (n, least) = (estimation.len(), config.min_estimation_days);
            // Too few names for a test is no error: the group is not told.
            let Ok(sample) = Sample::fit(&returns, &market, n, least, config.scaling) else {
                continue;
            };
            let reached: Vec<EventWindow> = config
                .windows
                .iter()
                .copied()
                .filter(|window| t.saturating_add_signed(window.to as isize) < event.end)
                .collect();
            let place = |window: &EventWindow| -> Range<usize> {
                let from = n + (window.from - hull.from) as usize;
                from..from + window.len()
            };
            let windows: Vec<Range<usize>> = reached.iter().map(place).collect();
            let Ok(tests) = sample.tests(&windows) else { continue };
            all.extend(reached.iter().zip(tests).map(|(window, tests)| StockTest {
                event_id: one.event.event_id.clone(),
                group,
                window: *window,
                formed_on: self.days[formed],
                tests,
                kolari_pynnonen_p: two_sided_p_value(tests.kolari_pynnonen_t),
            }));
        }
        all
    }
}

/// The estimation days of an event at `t` and the days of its windows, cut where the data end; none when the
/// estimation, the formation before it or day 0 do not fit.
fn estimation_and_event(
    t: usize,
    n: usize,
    hull: EventWindow,
    config: &EventConfig,
) -> Option<(Range<usize>, Range<usize>)> {
    let end = t.checked_sub(config.gap_days)?;
    // Day 0 of the market has no return, and the groups are formed a day before the estimation.
    let start = end.saturating_sub(config.estimation_days).max(1);
    let first = t.checked_add_signed(hull.from as isize)?;
    let last = t.checked_add_signed(hull.to as isize)?.min(n - 1);
    let is_whole = end.saturating_sub(start) >= config.min_estimation_days && first >= end;
    is_whole.then_some((start..end, first..last + 1))
}
