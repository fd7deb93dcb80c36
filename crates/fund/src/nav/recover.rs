//! From published values to what a holder's money became.

use serde::Serialize;
use shoals_core::{Calendar, Series, TradingDay};

use super::event::{NavEvent, NavEventKind};
use super::law::{Decision, Law, Pair, Step};
use super::published::half_units;
use super::{NavBasis, NavConfig, PublishedNav};
use crate::FundError;

/// A NAV with dividends reinvested, and how it came about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TotalReturnNav {
    /// CNY a unit of the first day, dividends reinvested; one value a day that had one.
    pub nav: Series,
    /// What each value's return was computed from; the first value's own.
    pub basis: Vec<NavBasis>,
    /// Distributions, splits and what does not fit, by day.
    pub events: Vec<NavEvent>,
}

impl TotalReturnNav {
    /// How many values came from that basis.
    pub fn count(&self, basis: NavBasis) -> usize {
        self.basis.iter().filter(|&&b| b == basis).count()
    }

    /// The basis most values have, the best of equals.
    pub fn main_basis(&self) -> NavBasis {
        let count = |basis: &NavBasis| self.count(*basis);
        NavBasis::ALL.into_iter().rev().max_by_key(count).unwrap_or(NavBasis::Unit)
    }
}

/// Reinvests what was paid: the total-return NAV of published values.
///
/// Every return uses the best basis its two days have (see [`NavBasis`]), or the one told. On a day of a distribution it is
/// `(unit + dividend) / unit before - 1`; the dividend is the published one where it can be seen in the values, else what
/// the accumulated value says. Nothing looks ahead: a value depends on the days up to its own only. Missing: a day without
/// a usable value is left out and spanned.
///
/// # Errors
/// Columns of other lengths, days that do not rise, a value that is no NAV, or no usable value at all.
///
/// # Example
/// ```
/// use shoals_core::day;
/// use shoals_fund::nav::{NavConfig, PublishedNav, total_return};
///
/// // 0.05 a unit is paid on the second day.
/// let mut fund = PublishedNav::new("fund");
/// fund.push(day(2024, 4, 26), [1.00, 1.00, f64::NAN, f64::NAN]);
/// fund.push(day(2024, 4, 29), [0.97, 1.02, f64::NAN, f64::NAN]);
/// let nav = total_return(&fund, &NavConfig::default())?;
/// assert!((nav.nav.values()[1] - 1.02).abs() < 1e-12);
/// assert!((nav.events[0].amount - 0.05).abs() < 1e-12);
/// # Ok::<(), shoals_fund::FundError>(())
/// ```
pub fn total_return(
    published: &PublishedNav,
    config: &NavConfig,
) -> Result<TotalReturnNav, FundError> {
    config.check()?;
    published.check()?;
    let mut walk = Walk::new(published, *config);
    (0..published.len()).for_each(|t| walk.take(t));
    if walk.values.is_empty() {
        let wanted = config.basis.map_or("a usable value", NavBasis::name);
        return Err(FundError::NoUsableValue { fund: published.code.clone(), wanted });
    }
    let nav = Series::new(published.code.clone(), walk.days, walk.values)?;
    walk.events.sort_by_key(|event| event.date);
    Ok(TotalReturnNav { nav, basis: walk.basis, events: walk.events })
}

/// The columns a return can be read from.
#[derive(Clone, Copy, PartialEq)]
enum Column {
    Adjusted,
    Unit,
    Accumulated,
}

struct Walk<'a> {
    published: &'a PublishedNav,
    config: NavConfig,
    halves: [Vec<f64>; 3],
    law: Option<Law>,
    /// Row of the last value of a column, and the NAV then.
    last: [Option<(usize, f64)>; 3],
    /// Row at which unit and accumulated value were last known together.
    last_both: Option<usize>,
    /// Event that waits to be told what it was.
    waiting: Option<usize>,
    days: Vec<TradingDay>,
    values: Vec<f64>,
    basis: Vec<NavBasis>,
    events: Vec<NavEvent>,
}

/// What the unit's side of the record says of a period.
struct UnitReturn {
    value: f64,
    basis: NavBasis,
    event: Option<NavEvent>,
}

impl<'a> Walk<'a> {
    fn new(published: &'a PublishedNav, config: NavConfig) -> Self {
        let halves =
            [&published.adjusted, &published.unit, &published.accumulated].map(|c| half_units(c));
        Self {
            published,
            config,
            halves,
            law: None,
            last: [None; 3],
            last_both: None,
            waiting: None,
            days: Vec::new(),
            values: Vec::new(),
            basis: Vec::new(),
            events: Vec::new(),
        }
    }

    fn at(&self, column: Column, t: usize) -> f64 {
        match column {
            Column::Adjusted => self.published.adjusted[t],
            Column::Unit => self.published.unit[t],
            Column::Accumulated => self.published.accumulated[t],
        }
    }

    fn half(&self, column: Column, t: usize) -> f64 {
        self.halves[column as usize][t]
    }

    /// The columns that may be used, the best first.
    fn columns(&self) -> &'static [Column] {
        match self.config.basis {
            None => &[Column::Adjusted, Column::Unit, Column::Accumulated],
            Some(NavBasis::Adjusted) => &[Column::Adjusted],
            Some(NavBasis::Accumulated) => &[Column::Accumulated],
            Some(_) => &[Column::Unit],
        }
    }

    fn dividend(&self, t: usize) -> Option<f64> {
        let is_used = matches!(self.config.basis, None | Some(NavBasis::UnitAndDividends));
        Some(self.published.dividend[t]).filter(|&d| is_used && d > 0.0)
    }

    fn accumulated(&self, t: usize) -> Option<f64> {
        let is_used = matches!(self.config.basis, None | Some(NavBasis::UnitAndAccumulated));
        Some(self.published.accumulated[t]).filter(|x| is_used && !x.is_nan())
    }

    fn take(&mut self, t: usize) {
        let known = |column: &&Column| !self.at(**column, t).is_nan();
        let usable: Vec<Column> = self.columns().iter().filter(known).copied().collect();
        let Some(&best) = usable.first() else { return };
        let unit = self.unit_return(t);
        // Of the columns known today the one whose last value is the latest, the best of equals.
        let from = |column: &Column| self.last[*column as usize].map(|(row, _)| row);
        let used =
            usable.iter().copied().filter(|c| from(c).is_some()).rev().max_by_key(|c| from(c));
        let (nav, basis) = match used {
            None => (self.start(best, t), self.plain_basis(best, t)),
            Some(column) => self.grown(column, t, unit),
        };
        self.days.push(self.published.days[t]);
        self.values.push(nav);
        self.basis.push(basis);
        for column in usable {
            self.last[column as usize] = Some((t, nav));
        }
        if self.accumulated(t).is_some() && !self.at(Column::Unit, t).is_nan() {
            self.last_both = Some(t);
        }
    }

    /// The NAV of a first value, or of one that shares no column with any before: the last NAV stands.
    fn start(&self, column: Column, t: usize) -> f64 {
        self.values.last().copied().unwrap_or(self.at(column, t))
    }

    fn plain_basis(&self, column: Column, t: usize) -> NavBasis {
        match column {
            Column::Adjusted => NavBasis::Adjusted,
            Column::Accumulated => NavBasis::Accumulated,
            Column::Unit if self.accumulated(t).is_some() => NavBasis::UnitAndAccumulated,
            Column::Unit => self.unit_basis(t),
        }
    }

    /// A unit value beside a column of dividends, or alone.
    fn unit_basis(&self, t: usize) -> NavBasis {
        match self.config.basis {
            Some(basis) => basis,
            None if self.published.dividend[..=t].iter().any(|d| !d.is_nan()) => {
                NavBasis::UnitAndDividends
            }
            None => NavBasis::Unit,
        }
    }

    /// The NAV by the column used, and the events of the day.
    fn grown(&mut self, column: Column, t: usize, unit: Option<UnitReturn>) -> (f64, NavBasis) {
        let (row, before) = self.last[column as usize].expect("only columns with a last value");
        let day = self.published.days[t];
        let plain = self.at(column, t) / self.at(column, row) - 1.0;
        let (value, basis) = match (&unit, column) {
            (Some(unit), Column::Unit) => (unit.value, unit.basis),
            _ => (plain, self.plain_basis(column, t)),
        };
        let mut explained = None;
        if let Some(unit) = unit {
            explained = unit.event.map(|event| NavEvent { used: value, ..event });
            let is_beside = column == Column::Adjusted
                && self.last[Column::Unit as usize].is_some_and(|l| l.0 == row);
            if is_beside && explained.is_none_or(|e| e.kind != NavEventKind::DividendNotSeen) {
                explained = explained.or_else(|| self.by_adjusted(row, t, value, &unit));
                if let Some(odd) = self.disagreement(row, t, value, &unit) {
                    self.events.push(odd);
                }
            }
        }
        let believed = self.believed(row, t);
        if let Some(event) = explained {
            if event.kind == NavEventKind::DividendOrSplit {
                self.waiting = Some(self.events.len());
            }
            self.events.push(event);
        }
        if value.abs() > believed {
            self.events.push(NavEvent {
                date: day,
                known_on: day,
                kind: NavEventKind::Jump,
                amount: f64::NAN,
                factor: f64::NAN,
                used: value,
                otherwise: plain,
            });
        }
        (before * (1.0 + value), basis)
    }

    /// Return that is still believed between two rows, in size.
    fn believed(&self, from: usize, to: usize) -> f64 {
        let days = &self.published.days;
        let calendar = Calendar::shanghai();
        let open = calendar
            .days_between(days[from], days[to])
            .unwrap_or_else(|_| days[from].calendar_days_until(days[to]) * 5 / 7);
        self.config.largest_daily_move * f64::from(open.max(1)).sqrt()
    }

    /// The period's return by the unit value and what goes with it.
    fn unit_return(&mut self, t: usize) -> Option<UnitReturn> {
        let u1 = self.at(Column::Unit, t);
        if u1.is_nan() {
            return None;
        }
        let Some((row, _)) = self.last[Column::Unit as usize].or_else(|| self.unit_before(t))
        else {
            self.begin_law(t);
            return None;
        };
        let u0 = self.at(Column::Unit, row);
        let plain = u1 / u0 - 1.0;
        let told = self.dividend(t);
        let Some(step) = self.law_step(t) else {
            // No accumulated value beside it: the dividend told is all there is.
            let value = (u1 + told.unwrap_or(0.0)) / u0 - 1.0;
            let event =
                told.map(|d| self.event(t, NavEventKind::Dividend, d, f64::NAN, value, plain));
            return Some(UnitReturn { value, basis: self.unit_basis(t), event });
        };
        let basis = NavBasis::UnitAndAccumulated;
        let make = |kind, amount, factor, value| self.event(t, kind, amount, factor, value, plain);
        let (value, event) = match (step, told) {
            (Step::Ordinary, None) => (plain, None),
            (Step::Ordinary, Some(d)) => {
                (plain, Some(make(NavEventKind::DividendNotSeen, d, f64::NAN, plain)))
            }
            (Step::Distribution { .. }, Some(d)) => {
                let value = (u1 + d) / u0 - 1.0;
                let event = make(NavEventKind::Dividend, d, f64::NAN, value);
                return Some(UnitReturn {
                    value,
                    basis: NavBasis::UnitAndDividends,
                    event: Some(event),
                });
            }
            (Step::Distribution { dividend, factor }, None) => {
                let value = (u1 + dividend) / u0 - 1.0;
                let is_open = self.law.is_some_and(|law| law.is_open());
                let kind =
                    if is_open { NavEventKind::DividendOrSplit } else { NavEventKind::Dividend };
                let factor = if is_open { factor } else { f64::NAN };
                (value, Some(make(kind, dividend, factor, value)))
            }
            (Step::Split { factor }, _) => {
                let value = u1 * factor / u0 - 1.0;
                (value, Some(make(NavEventKind::Split, f64::NAN, factor, value)))
            }
            (Step::Restated { by }, _) => {
                (plain, Some(make(NavEventKind::Restated, by, f64::NAN, plain)))
            }
        };
        Some(UnitReturn { value, basis, event })
    }

    /// Unit values are followed even where another column is used.
    fn unit_before(&self, t: usize) -> Option<(usize, f64)> {
        let row = (0..t).rev().find(|&row| !self.at(Column::Unit, row).is_nan())?;
        Some((row, f64::NAN))
    }

    fn event(
        &self,
        t: usize,
        kind: NavEventKind,
        amount: f64,
        factor: f64,
        used: f64,
        otherwise: f64,
    ) -> NavEvent {
        let date = self.published.days[t];
        NavEvent { date, known_on: date, kind, amount, factor, used, otherwise }
    }

    fn begin_law(&mut self, t: usize) {
        if let Some(accumulated) = self.accumulated(t) {
            let rounding = self.half(Column::Unit, t) + self.half(Column::Accumulated, t);
            let law = Law::beginning(self.at(Column::Unit, t), accumulated, rounding);
            self.law.get_or_insert(law);
        }
    }

    /// What unit and accumulated value together say of the time since both were last known.
    fn law_step(&mut self, t: usize) -> Option<Step> {
        let accumulated = self.accumulated(t)?;
        let unit_row = self.unit_before(t).map(|(row, _)| row);
        let Some(row) = self.last_both.filter(|row| Some(*row) == unit_row) else {
            self.begin_law(t);
            return None;
        };
        let halves = |column| [self.half(column, row), self.half(column, t)];
        let pair = Pair {
            unit: [self.at(Column::Unit, row), self.at(Column::Unit, t)],
            accumulated: [self.at(Column::Accumulated, row), accumulated],
            unit_halves: halves(Column::Unit),
            accumulated_halves: halves(Column::Accumulated),
            believed: self.believed(row, t),
        };
        let (step, decision) = self.law.as_mut()?.step(&pair);
        if let (Some(decision), Some(i)) = (decision, self.waiting.take_if(|_| decision.is_some()))
        {
            let event = &mut self.events[i];
            event.known_on = self.published.days[t];
            match decision {
                Decision::Dividend => {
                    event.kind = NavEventKind::Dividend;
                    event.factor = f64::NAN;
                }
                Decision::Split => {
                    event.kind = NavEventKind::Split;
                    event.amount = f64::NAN;
                }
            }
        }
        Some(step)
    }

    /// A distribution only the adjusted value shows.
    fn by_adjusted(&self, row: usize, t: usize, value: f64, unit: &UnitReturn) -> Option<NavEvent> {
        let is_alone = matches!(unit.basis, NavBasis::Unit);
        if !is_alone || (value - unit.value).abs() <= self.rounding(row, t) {
            return None;
        }
        let (u0, u1) = (self.at(Column::Unit, row), self.at(Column::Unit, t));
        let (amount, factor) = (u0 * (1.0 + value) - u1, u0 * (1.0 + value) / u1);
        Some(self.event(t, NavEventKind::DividendOrSplit, amount, factor, value, unit.value))
    }

    /// The adjusted value and the recovered return, where they differ by more than rounding.
    fn disagreement(
        &self,
        row: usize,
        t: usize,
        value: f64,
        unit: &UnitReturn,
    ) -> Option<NavEvent> {
        let is_recovered =
            matches!(unit.basis, NavBasis::UnitAndAccumulated | NavBasis::UnitAndDividends);
        let is_odd = is_recovered && (value - unit.value).abs() > self.rounding(row, t);
        is_odd.then(|| {
            let difference = value - unit.value;
            let kind = NavEventKind::Disagreement;
            self.event(
                t,
                kind,
                difference * self.at(Column::Unit, row),
                f64::NAN,
                value,
                unit.value,
            )
        })
    }

    /// The most that rounding can make of the difference between adjusted and recovered return.
    fn rounding(&self, row: usize, t: usize) -> f64 {
        let of = |column: Column| {
            let (from, to) = (self.at(column, row), self.at(column, t));
            (self.half(column, row) * to / from + self.half(column, t)) / from
        };
        let paid = if self.accumulated(t).is_some() { of(Column::Accumulated) } else { 0.0 };
        of(Column::Adjusted) + 2.0 * of(Column::Unit) + paid * 2.0
    }
}
