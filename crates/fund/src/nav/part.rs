//! A fund's NAV as read, its events and what is odd about it.

use serde::Serialize;
use shoals_core::{Convention, Table, Text, TradingDay};

use super::check::checks;
use super::{NavBasis, NavCheck, NavConfig, NavEvent, PublishedNav, TotalReturnNav, total_return};
use crate::{FundError, Periods};

/// What can be said of one fund's NAV before anything is measured on it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NavPart {
    /// The fund's code, or the heading of its column in a file.
    pub fund: String,
    /// The total-return NAV and its events.
    pub read: TotalReturnNav,
    /// Its returns.
    pub periods: Periods,
    /// Everything looked for.
    pub checks: Vec<NavCheck>,
}

/// Reads a published NAV and looks for what is odd about it.
///
/// What was known by a day is what this says of [`PublishedNav::up_to`] that day.
///
/// # Errors
/// As [`total_return`].
pub fn examine(published: &PublishedNav, config: &NavConfig) -> Result<NavPart, FundError> {
    let read = total_return(published, config)?;
    let periods = Periods::of(&read.nav);
    let checks = checks(published, &read, &periods, config);
    Ok(NavPart { fund: published.code.clone(), read, periods, checks })
}

impl NavPart {
    /// The check of that kind.
    pub fn check(&self, kind: super::NavCheckKind) -> Option<&NavCheck> {
        self.checks.iter().find(|check| check.kind == kind)
    }

    fn row(&self) -> Record<'_> {
        let days = self.read.nav.days();
        let values = self.read.nav.values();
        Record {
            fund: &self.fund,
            basis: self.read.main_basis(),
            n_values: values.len(),
            first: days.first().copied(),
            last: days.last().copied(),
            earned: values.last().zip(values.first()).map_or(f64::NAN, |(b, a)| b / a - 1.0),
        }
    }
}

struct Record<'a> {
    fund: &'a str,
    basis: NavBasis,
    n_values: usize,
    first: Option<TradingDay>,
    last: Option<TradingDay>,
    earned: f64,
}

/// The tables of many funds: `nav_record`, `nav_event`, `nav_check`, a `fund` column in each.
pub fn tables(parts: &[NavPart]) -> Vec<Table> {
    vec![record_table(parts), event_table(parts), check_table(parts)]
}

fn record_table(parts: &[NavPart]) -> Table {
    let rows: Vec<Record<'_>> = parts.iter().map(NavPart::row).collect();
    let count = |kind: fn(&NavEvent) -> bool| -> Vec<i64> {
        let of = |part: &NavPart| part.read.events.iter().filter(|e| kind(e)).count() as i64;
        parts.iter().map(of).collect()
    };
    let frequency = |part: &NavPart| format!("{:?}", part.periods.frequency).to_lowercase();
    Table::new("nav_record")
        .with("fund", "fund", rows.iter().map(|r| r.fund.to_owned()).collect::<Vec<_>>())
        .with(
            "basis",
            "what most returns were computed from",
            rows.iter().map(|r| r.basis.name().to_owned()).collect::<Vec<_>>(),
        )
        .with("frequency", "how often values come", parts.iter().map(frequency).collect::<Vec<_>>())
        .with(
            "first",
            "day of the first value",
            rows.iter().map(|r| day_text(r.first)).collect::<Vec<_>>(),
        )
        .with(
            "last",
            "day of the last value",
            rows.iter().map(|r| day_text(r.last)).collect::<Vec<_>>(),
        )
        .with(
            "values",
            "number of values",
            rows.iter().map(|r| r.n_values as i64).collect::<Vec<_>>(),
        )
        .with(
            "earned",
            "from first to last value, dividends reinvested, decimal",
            rows.iter().map(|r| r.earned).collect::<Vec<_>>(),
        )
        .with("distributions", "dividends and splits recovered", count(NavEvent::is_distribution))
        .with(
            "oddities",
            "other events: restated, not seen, disagreeing, jumps",
            count(|e| !e.is_distribution()),
        )
}

fn event_table(parts: &[NavPart]) -> Table {
    let rows: Vec<(&str, &NavEvent)> = parts
        .iter()
        .flat_map(|part| part.read.events.iter().map(|event| (part.fund.as_str(), event)))
        .collect();
    let numbers = |of: fn(&NavEvent) -> f64| rows.iter().map(|r| of(r.1)).collect::<Vec<f64>>();
    Table::new("nav_event")
        .with("fund", "fund", rows.iter().map(|r| r.0.to_owned()).collect::<Vec<_>>())
        .with("date", "first day that shows it", rows.iter().map(|r| r.1.date).collect::<Vec<_>>())
        .with(
            "known_on",
            "day it could be told",
            rows.iter().map(|r| r.1.known_on).collect::<Vec<_>>(),
        )
        .with(
            "event",
            "what happened",
            rows.iter().map(|r| r.1.kind.name().to_owned()).collect::<Vec<_>>(),
        )
        .with("words", "in words", rows.iter().map(|r| r.1.kind.words()).collect::<Vec<_>>())
        .with("amount", "CNY a unit", numbers(|e| e.amount))
        .with("factor", "units one unit became", numbers(|e| e.factor))
        .with("used", "return used, simple decimal", numbers(|e| e.used))
        .with(
            "otherwise",
            "return of the unit value alone, or of the recovered ones",
            numbers(|e| e.otherwise),
        )
}

fn check_table(parts: &[NavPart]) -> Table {
    let rows: Vec<(&str, &NavCheck)> = parts
        .iter()
        .flat_map(|part| part.checks.iter().map(|check| (part.fund.as_str(), check)))
        .collect();
    let numbers = |of: fn(&NavCheck) -> f64| rows.iter().map(|r| of(r.1)).collect::<Vec<f64>>();
    Table::new("nav_check")
        .with("fund", "fund", rows.iter().map(|r| r.0.to_owned()).collect::<Vec<_>>())
        .with(
            "check",
            "what was looked for",
            rows.iter().map(|r| r.1.kind.name().to_owned()).collect::<Vec<_>>(),
        )
        .with("words", "in words", rows.iter().map(|r| r.1.kind.words()).collect::<Vec<_>>())
        .with("found", "whether it is there", rows.iter().map(|r| r.1.is_found).collect::<Vec<_>>())
        .with(
            "count",
            "longest run, steps, gaps, days",
            rows.iter().map(|r| r.1.count as i64).collect::<Vec<_>>(),
        )
        .with("statistic", "share, autocorrelation or mean step, decimal", numbers(|c| c.statistic))
        .with("error", "standard error of it", numbers(|c| c.error))
        .with("expected", "what chance gives", numbers(|c| c.expected))
        .with("p_value", "chance of as much", numbers(|c| c.p_value))
        .with(
            "first",
            "first day concerned",
            rows.iter().map(|r| day_text(r.1.first)).collect::<Vec<_>>(),
        )
        .with(
            "every_months",
            "rhythm of a fee step, months",
            rows.iter().map(|r| i64::from(r.1.every_months)).collect::<Vec<_>>(),
        )
}

fn day_text(day: Option<TradingDay>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// What the figures mean.
pub fn convention(config: &NavConfig) -> Convention {
    let p = config.significance;
    let move_of = config.largest_daily_move * 100.0;
    let lines = [
        (
            "nav",
            Text::new(
                "红利于除息日按当日单位净值再投资；优先用复权净值，其次单位净值加所列分红，再次由单位与累计净值还原，再次仅累计净值\
                 （低估复利），最后仅单位净值；只用当日及以前的值",
                "dividends reinvested at the unit value of the day they leave it; by the adjusted value where there is one, else unit \
                 value and dividends told, else recovered from unit and accumulated value, else the accumulated value alone (which \
                 understates compounding), else the unit value alone; from values of the day and before",
            ),
        ),
        (
            "nav_event",
            Text::new(
                format!(
                    "单日变动超过 {move_of:.0}%（乘以间隔交易日数的平方根）为跳动；分红与拆分当日收益相同，其后各日方可分辨"
                ),
                format!(
                    "a move beyond {move_of:.0} % a day (times the root of the trading days between) is a jump; a dividend and a split leave \
                     the same return, and only the days after tell them apart"
                ),
            ),
        ),
        (
            "nav_check",
            Text::new(
                format!(
                    "停滞、平滑、报酬台阶为单侧检验，p < {p} 为发现；台阶试月、季、年三种，p 乘以三"
                ),
                format!(
                    "stale, smoothed and fee steps are one-sided tests, found at p < {p}; months, quarters and years are tried for steps and \
                     the p-value is multiplied by three"
                ),
            ),
        ),
    ];
    lines.into_iter().map(|(key, line)| (key.to_owned(), line)).collect()
}
