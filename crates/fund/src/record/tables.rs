//! The tables of many funds' records.

use shoals_core::{Lines, Table, TradingDay};

use super::{RecordPart, deflated};

/// A row with the code of its fund.
type Of<'a, R> = (&'a str, &'a R);

/// `record`, `drawdown`, `crisis`, `worst`, `month`, `curve` and `deflated`, with a column `fund`.
pub fn record_tables(parts: &[RecordPart]) -> Vec<Table> {
    vec![
        record_table(parts),
        drawdown_table(parts),
        crisis_table(parts),
        worst_table(parts),
        month_table(parts),
        curve_table(parts),
        deflated_table(parts),
    ]
}

fn rows<R>(parts: &[RecordPart], of: impl Fn(&RecordPart) -> &[R]) -> Vec<Of<'_, R>> {
    parts.iter().flat_map(|part| of(part).iter().map(|row| (part.fund.as_str(), row))).collect()
}

fn lines<'a, R>(name: &str, rows: &'a [Of<'a, R>]) -> Lines<'a, Of<'a, R>> {
    Lines::new(name, rows).with("fund", "code of the fund", |(fund, _)| (*fund).to_owned())
}

fn record_table(parts: &[RecordPart]) -> Table {
    let rows = rows(parts, |part| &part.rows);
    lines("record", &rows)
        .with("period", "all, a year, a quarter, or the user's name", |(_, r)| r.period.clone())
        .with("from", "day of the value it opens with", |(_, r)| r.from)
        .with("to", "day of the value it closes with", |(_, r)| r.to)
        .with("n", "periods in it", |(_, r)| r.n as i64)
        .with("return", "simple return, decimal", |(_, r)| r.total_return)
        .with("annualised_return", "on 365.25 days; none below 350 days", |(_, r)| {
            r.annualised_return
        })
        .with("benchmark", "the benchmark's return over the same days", |(_, r)| r.benchmark)
        .with("excess", "geometric, (1 + return) / (1 + benchmark) - 1", |(_, r)| r.excess)
        .with("excess_arithmetic", "return less benchmark", |(_, r)| r.excess_arithmetic)
        .with("tracking_error", "annualised deviation of the difference", |(_, r)| r.tracking_error)
        .with("information_ratio", "annualised mean difference over it", |(_, r)| {
            r.information_ratio
        })
        .with("beta", "slope on the benchmark", |(_, r)| r.beta)
        .with("up_capture", "annualised return over the benchmark's where it rose", |(_, r)| {
            r.up_capture
        })
        .with("down_capture", "the same where it fell", |(_, r)| r.down_capture)
        .with("volatility", "annualised sample deviation", |(_, r)| r.volatility)
        .with("sharpe", "annualised, above cash", |(_, r)| r.sharpe)
        .with("sharpe_low", "lower end of its band", |(_, r)| r.sharpe_low)
        .with("sharpe_high", "upper end of its band", |(_, r)| r.sharpe_high)
        .with("sharpe_lo", "over a year with autocorrelation (Lo 2002)", |(_, r)| r.sharpe_lo)
        .with("sharpe_error_iid", "standard error, independent normal returns", |(_, r)| {
            r.sharpe_error_iid
        })
        .with("sharpe_error_mertens", "independent returns of any shape", |(_, r)| {
            r.sharpe_error_mertens
        })
        .with("sharpe_error_hac", "dependent returns of any shape", |(_, r)| r.sharpe_error_hac)
        .with("sharpe_probability", "that the true ratio exceeds the one asked about", |(_, r)| {
            r.sharpe_probability
        })
        .with("minimum_track_record", "years to know it; none if it does not", |(_, r)| {
            r.minimum_track_record
        })
        .with("sortino", "annualised, against cash", |(_, r)| r.sortino)
        .with("omega", "mean gain over mean loss, against cash", |(_, r)| r.omega)
        .with("kappa", "of order 3, a period, against cash", |(_, r)| r.kappa)
        .with("calmar", "annualised return over the deepest drawdown", |(_, r)| r.calmar)
        .with("max_drawdown", "deepest inside the stretch, at or below zero", |(_, r)| {
            r.max_drawdown
        })
        .with("ulcer", "root mean square drawdown", |(_, r)| r.ulcer)
        .with("conditional_drawdown", "mean of the deepest, at or below zero", |(_, r)| {
            r.conditional_drawdown
        })
        .with("weekly_win_rate", "share of calendar weeks with a gain", |(_, r)| r.win_rate)
        .with("weekly_ahead_rate", "share of weeks ahead of the benchmark", |(_, r)| r.ahead_rate)
        .with("value_at_risk", "historical, a return a period", |(_, r)| r.value_at_risk)
        .with("expected_shortfall", "historical, a return a period", |(_, r)| r.expected_shortfall)
        .with("tail_ratio", "size of a great gain over a great loss", |(_, r)| r.tail_ratio)
        .with("skewness", "of the period's returns", |(_, r)| r.skewness)
        .with("excess_kurtosis", "of the period's returns", |(_, r)| r.excess_kurtosis)
        .with("stability", "R2 of the log wealth on time", |(_, r)| r.stability)
        .done()
}

fn drawdown_table(parts: &[RecordPart]) -> Table {
    let rows = rows(parts, |part| &part.falls);
    lines("drawdown", &rows)
        .with("rank", "1 is the deepest", |(_, r)| r.rank as i64)
        .with("depth", "at the trough, below zero", |(_, r)| r.depth)
        .with("peak_on", "day of the value it fell from", |(_, r)| r.peak_on)
        .with("trough_on", "day of the lowest value", |(_, r)| r.trough_on)
        .with("recovered_on", "first day back at the peak; empty while under water", |(_, r)| {
            r.recovered_on.map_or_else(String::new, |day: TradingDay| day.to_string())
        })
        .with("days_down", "calendar days from peak to trough", |(_, r)| i64::from(r.days_down))
        .with(
            "days_up",
            "calendar days from trough to recovery; none while under water",
            |(_, r)| r.days_up.map_or(f64::NAN, f64::from),
        )
        .done()
}

fn crisis_table(parts: &[RecordPart]) -> Table {
    let rows = rows(parts, |part| &part.crises);
    lines("crisis", &rows)
        .with("episode", "what it is called", |(_, r)| r.episode.clone())
        .with("from", "last value on or before the top", |(_, r)| r.from)
        .with("to", "last value on or before the bottom", |(_, r)| r.to)
        .with("return", "simple return, decimal", |(_, r)| r.total_return)
        .with("benchmark", "the benchmark's over the same days", |(_, r)| r.benchmark)
        .with("excess", "geometric", |(_, r)| r.excess)
        .with("max_drawdown", "deepest inside it, at or below zero", |(_, r)| r.max_drawdown)
        .done()
}

fn worst_table(parts: &[RecordPart]) -> Table {
    let rows = rows(parts, |part| &part.worst);
    lines("worst", &rows)
        .with("rank", "1 is the worst", |(_, r)| r.rank as i64)
        .with("from", "day of the value before the week", |(_, r)| r.from)
        .with("to", "day of the week's last value", |(_, r)| r.to)
        .with("return", "simple return of the week, decimal", |(_, r)| r.total_return)
        .with("benchmark", "the benchmark's over the same days", |(_, r)| r.benchmark)
        .with("excess", "geometric", |(_, r)| r.excess)
        .done()
}

fn month_table(parts: &[RecordPart]) -> Table {
    let rows = rows(parts, |part| &part.months);
    lines("month", &rows)
        .with("year", "calendar year", |(_, r)| i64::from(r.year))
        .with("month", "1 to 12", |(_, r)| i64::from(r.month))
        .with("return", "simple return, decimal", |(_, r)| r.total_return)
        .with("benchmark", "the benchmark's over the same days", |(_, r)| r.benchmark)
        .with("excess", "geometric", |(_, r)| r.excess)
        .done()
}

fn curve_table(parts: &[RecordPart]) -> Table {
    let rows = rows(parts, |part| &part.curve);
    lines("curve", &rows)
        .with("date", "last value of a calendar week", |(_, r)| r.date)
        .with("wealth", "what 1 at the first value became", |(_, r)| r.wealth)
        .with("benchmark_wealth", "what 1 in the benchmark became", |(_, r)| r.benchmark)
        .with("drawdown", "deepest of the week, at or below zero", |(_, r)| r.drawdown)
        .with("trailing_sharpe", "annualised, of the trailing year", |(_, r)| r.trailing_sharpe)
        .done()
}

fn deflated_table(parts: &[RecordPart]) -> Table {
    Lines::new("deflated", &deflated(parts))
        .with("fund", "code of the fund", |r| r.fund.clone())
        .with("sharpe", "annualised, of the whole record", |r| r.sharpe)
        .with("trials", "funds looked at", |r| r.trials as i64)
        .with("deviation", "sample deviation of their ratios", |r| r.deviation)
        .with("expected_maximum", "greatest ratio to expect of as many without skill", |r| {
            r.expected_maximum
        })
        .with("probability", "that the true ratio exceeds it (deflated Sharpe)", |r| r.probability)
        .done()
}
