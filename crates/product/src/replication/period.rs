//! Months, years and windows of a replica, and what each looked like.

use shoals_core::TradingDay;
use shoals_core::number::TRADING_DAYS_PER_YEAR;
use shoals_stats::moments;
use shoals_stats::performance::{Performance, win_rate};

use super::ReplicationTerms;
use super::outcome::{NavLine, PeriodLine, StatisticLine};

/// A line with the equity it started from; the opening day has no return.
struct Day<'a> {
    before: f64,
    line: &'a NavLine,
    has_return: bool,
}

/// Months, years and statistics of a NAV. The opening day belongs to its month with its costs, but is
/// not a daily return.
pub(super) fn periods(
    terms: &ReplicationTerms,
    nav: &[NavLine],
) -> (Vec<PeriodLine>, Vec<PeriodLine>, Vec<StatisticLine>) {
    let before = std::iter::once(1.0).chain(nav.iter().map(|line| line.nav));
    let days: Vec<Day> = before
        .zip(nav)
        .enumerate()
        .map(|(i, (before, line))| Day { before, line, has_return: i > 0 })
        .collect();
    let years = by(&days, |date| date.year().to_string());
    let windows = terms.window.iter().map(|window| {
        let start = days.partition_point(|day| day.line.date < window.from);
        let end = days.partition_point(|day| day.line.date <= window.to).max(start);
        (format!("{}..{}", window.from, window.to), &days[start..end])
    });
    let statistics = std::iter::once(("whole".to_owned(), &days[..]))
        .chain(years.iter().cloned())
        .chain(windows)
        .filter(|(_, days)| !days.is_empty())
        .map(|(name, days)| statistic(name, days))
        .collect();
    (sums(by(&days, TradingDay::month_key)), sums(years), statistics)
}

/// Runs of days of one calendar month or year, by name.
fn by<'a, 'b>(
    days: &'b [Day<'a>],
    name: impl Fn(TradingDay) -> String,
) -> Vec<(String, &'b [Day<'a>])> {
    days.chunk_by(|a, b| name(a.line.date) == name(b.line.date))
        .map(|days| (name(days[0].line.date), days))
        .collect()
}

fn sums(periods: Vec<(String, &[Day])>) -> Vec<PeriodLine> {
    periods.into_iter().map(|(name, days)| sum(name, days)).collect()
}

/// Sums each leg in money and divides by the equity at the start, so that the parts add up to the return.
fn sum(name: String, days: &[Day]) -> PeriodLine {
    let start = days.first().map_or(1.0, |day| day.before);
    let end = days.last().map_or(1.0, |day| day.line.nav);
    let part = |pick: fn(&NavLine) -> f64| {
        days.iter().map(|day| pick(day.line) * day.before).sum::<f64>() / start
    };
    PeriodLine {
        period: name,
        r#return: end / start - 1.0,
        long: part(|l| l.long),
        short: part(|l| l.short),
        straddle: part(|l| l.straddle),
        cost: part(|l| l.cost),
        n_days: days.iter().filter(|day| day.has_return).count(),
    }
}

fn statistic(name: String, days: &[Day]) -> StatisticLine {
    let whole = sum(name, days);
    let daily: Vec<f64> =
        days.iter().filter(|day| day.has_return).map(|day| day.line.r#return).collect();
    let months: Vec<f64> =
        sums(by(days, TradingDay::month_key)).iter().map(|month| month.r#return).collect();
    let record = Performance::of(&daily, TRADING_DAYS_PER_YEAR).ok();
    let measure = |pick: fn(&Performance) -> f64| record.as_ref().map_or(f64::NAN, pick);
    StatisticLine {
        period: whole.period,
        win_rate: win_rate(&months).unwrap_or(f64::NAN),
        sharpe: measure(|r| r.sharpe),
        volatility: measure(|r| r.volatility),
        max_drawdown: measure(|r| r.max_drawdown),
        skew: measure(|r| r.skewness),
        r#return: whole.r#return,
        annualised_return: measure(|r| r.annualised_return),
        sharpe_standard_error: measure(|r| r.sharpe_standard_error),
        excess_kurtosis: measure(|r| r.excess_kurtosis),
        daily_win_rate: measure(|r| r.win_rate),
        worst_day: least(&daily),
        worst_month: least(&months),
        monthly_skew: moments::skewness(&months).unwrap_or(f64::NAN),
        expected_shortfall: measure(|r| r.expected_shortfall),
        long: whole.long,
        short: whole.short,
        straddle: whole.straddle,
        cost: whole.cost,
        n_days: daily.len(),
        n_months: months.len(),
    }
}

fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NAN, f64::min)
}
