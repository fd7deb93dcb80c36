//! What a chain says, as plain tables: the index, the surface of its last day, a straddle's history.

use std::collections::BTreeMap;

use serde::Serialize;
use shoals_core::{Convention, Outcome, Symbol, Table, Text, TradingDay};

use super::{
    IndexLine, OptionKind, ParityLine, StraddleDay, StraddleGain, StraddleHistory, StraddleTrade,
    SurfacePoint, SurfaceSlice, TermUse, surface_volatility,
};

/// Days ahead of the surface's grid.
const GRID_DAYS: [f64; 3] = [30.0, 60.0, 90.0];
/// Moneyness `K/F − 1` of the surface's grid.
const GRID_MONEYNESS: [f64; 5] = [-0.10, -0.05, 0.0, 0.05, 0.10];

/// An option chain's answers; parts that were not asked for are empty.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OptionOutcome {
    /// Underlying of the chain.
    pub underlying: Symbol,
    /// The volatility index, a line a day.
    pub index: Vec<IndexLine>,
    /// How far the quotes are from parity, a line a day and expiry.
    pub parity: Vec<ParityLine>,
    /// The surface of one day, a slice an expiry.
    pub surface: Vec<SurfaceSlice>,
    /// A straddle held through the chain.
    pub straddle: Option<StraddleHistory>,
}

impl Outcome for OptionOutcome {
    const NAME: &'static str = "option";

    fn tables(&self) -> Vec<Table> {
        let mut tables = Vec::new();
        if !self.index.is_empty() {
            tables.push(index_table(&self.index));
        }
        if !self.parity.is_empty() {
            tables.push(parity_table(&self.parity));
        }
        if !self.surface.is_empty() {
            tables.extend([
                slice_table(&self.surface),
                grid_table(&self.surface),
                point_table(&self.surface),
            ]);
        }
        if let Some(history) = &self.straddle {
            tables.extend([
                year_table(&history.days),
                trade_table(&history.trades),
                day_table(&history.days),
            ]);
        }
        tables
    }

    fn convention(&self) -> Convention {
        let mut lines = Convention::from([
            ("years".to_owned(), Text::same("ACT/365")),
            (
                "price".to_owned(),
                Text::new(
                    "收盘价；同一行权价有多张合约的不用",
                    "closes; strikes of several contracts left out",
                ),
            ),
            (
                "forward".to_owned(),
                Text::new("由看涨看跌平价推出", "from put-call parity, expiry by expiry"),
            ),
        ]);
        if !self.index.is_empty() {
            lines.insert(
                "index".to_owned(),
                Text::new(
                    "2003 年 VIX 方法，30 日；距到期不足 7 日的不用；没有买卖价，以收盘价代",
                    "VIX of 2003, 30 days; expiries under 7 days passed over; closes stand for quotes",
                ),
            );
        }
        if let Some(history) = &self.straddle {
            let terms = &history.terms;
            lines.insert(
                "gain".to_owned(),
                Text::new(
                    "占开仓时标的价值的比例，不复利；各项之和等于合计",
                    "fractions of the underlying value at the entry, not compounded; the lines add up to the total",
                ),
            );
            let (premium, hedge) = (terms.premium_cost, terms.hedge_cost);
            lines.insert(
                "cost".to_owned(),
                Text::new(
                    format!("期权费的 {premium}，对冲成交额的 {hedge}"),
                    format!("{premium} of the premium, {hedge} of the hedge traded"),
                ),
            );
        }
        lines
    }
}

fn word(kind: OptionKind) -> String {
    match kind {
        OptionKind::Call => "call".to_owned(),
        OptionKind::Put => "put".to_owned(),
    }
}

fn numbers<T>(rows: &[T], value: impl Fn(&T) -> f64) -> Vec<f64> {
    rows.iter().map(value).collect()
}

fn index_table(rows: &[IndexLine]) -> Table {
    let terms = |use_: TermUse| match use_ {
        TermUse::Interpolated => "interpolated",
        TermUse::Extrapolated => "extrapolated",
        TermUse::Single => "single",
    };
    Table::new("volatility_index")
        .with("date", "trading day", rows.iter().map(|row| row.date).collect::<Vec<_>>())
        .with("volatility", "30 days, annualised decimal", numbers(rows, |r| r.index.volatility))
        .with(
            "terms",
            "how the expiries were joined",
            rows.iter().map(|row| terms(row.index.terms).to_owned()).collect::<Vec<_>>(),
        )
        .with("near_years", "of the nearer expiry", numbers(rows, |r| r.index.near.years))
        .with("near_variance", "annualised", numbers(rows, |r| r.index.near.variance))
        .with("next_years", "of the farther expiry", numbers(rows, |r| r.index.next.years))
        .with("next_variance", "annualised", numbers(rows, |r| r.index.next.variance))
}

fn parity_table(rows: &[ParityLine]) -> Table {
    Table::new("parity")
        .with("date", "trading day", rows.iter().map(|row| row.date).collect::<Vec<_>>())
        .with("expiry", "last trading day", rows.iter().map(|row| row.expiry).collect::<Vec<_>>())
        .with(
            "n_strikes",
            "strikes with one call and one put",
            rows.iter().map(|row| row.n_strikes as i64).collect::<Vec<_>>(),
        )
        .with(
            "median_error",
            "of the strikes, absolute, a fraction of the forward",
            numbers(rows, |row| row.median),
        )
        .with("worst_error", "greatest of the strikes", numbers(rows, |row| row.worst))
}

fn slice_table(rows: &[SurfaceSlice]) -> Table {
    let days = |day: fn(&SurfaceSlice) -> TradingDay| rows.iter().map(day).collect::<Vec<_>>();
    Table::new("surface_slice")
        .with("date", "trading day", days(|row| row.date))
        .with("expiry", "last trading day", days(|row| row.expiry))
        .with("years", "ACT/365", numbers(rows, |row| row.years))
        .with("forward", "by parity", numbers(rows, |row| row.forward))
        .with("discount", "present value of 1 at expiry", numbers(rows, |row| row.discount))
        .with("at_the_money", "volatility at the forward", numbers(rows, |row| row.at_the_money))
        .with(
            "median_parity_error",
            "absolute, a fraction of the forward",
            numbers(rows, |row| row.median_parity_error),
        )
        .with(
            "n_strikes",
            "strikes with one call and one put",
            rows.iter().map(|row| row.points.len() as i64).collect::<Vec<_>>(),
        )
        .with(
            "has_calendar_arbitrage",
            "total variance below that of the expiry before",
            rows.iter().map(|row| row.has_calendar_arbitrage).collect::<Vec<_>>(),
        )
}

fn point_table(slices: &[SurfaceSlice]) -> Table {
    let rows: Vec<(&SurfaceSlice, &SurfacePoint)> = slices
        .iter()
        .flat_map(|slice| slice.points.iter().map(move |point| (slice, point)))
        .collect();
    Table::new("surface_point")
        .with("expiry", "last trading day", rows.iter().map(|row| row.0.expiry).collect::<Vec<_>>())
        .with("strike", "strike", numbers(&rows, |row| row.1.strike))
        .with(
            "kind",
            "the option out of the money",
            rows.iter().map(|row| word(row.1.kind)).collect::<Vec<_>>(),
        )
        .with("price", "close", numbers(&rows, |row| row.1.price))
        .with("log_moneyness", "ln(K/F)", numbers(&rows, |row| row.1.log_moneyness))
        .with(
            "implied_volatility",
            "annualised decimal",
            numbers(&rows, |row| row.1.implied_volatility),
        )
        .with(
            "parity_error",
            "C - P less its forward value, a fraction of the forward",
            numbers(&rows, |row| row.1.parity_error),
        )
}

fn grid_table(slices: &[SurfaceSlice]) -> Table {
    let cells: Vec<(f64, f64)> =
        GRID_DAYS.iter().flat_map(|&days| GRID_MONEYNESS.map(|m| (days, m))).collect();
    Table::new("surface_grid")
        .with("days", "calendar days ahead", numbers(&cells, |cell| cell.0))
        .with("moneyness", "K/F - 1", numbers(&cells, |cell| cell.1))
        .with(
            "volatility",
            "annualised decimal; missing beyond the quotes",
            numbers(&cells, |cell| surface_volatility(slices, cell.1.ln_1p(), cell.0)),
        )
}

fn with_gains(table: Table, gains: &[StraddleGain]) -> Table {
    table
        .with("delta", "by the move of the forward", numbers(gains, |g| g.delta))
        .with("gamma", "by its square", numbers(gains, |g| g.gamma))
        .with("vega", "by the change of implied volatility", numbers(gains, |g| g.vega))
        .with("theta", "by the passing of time", numbers(gains, |g| g.theta))
        .with("residual", "what the four leave", numbers(gains, |g| g.residual))
        .with("hedge", "of the hedge", numbers(gains, |g| g.hedge))
        .with("cost", "a positive magnitude", numbers(gains, |g| g.cost))
        .with("total", "sum of the lines", numbers(gains, |g| g.total))
}

fn year_table(days: &[StraddleDay]) -> Table {
    let mut years: BTreeMap<i32, Vec<&StraddleDay>> = BTreeMap::new();
    for line in days {
        years.entry(line.date.year()).or_default().push(line);
    }
    let mut rows: Vec<(String, Vec<&StraddleDay>)> =
        years.into_iter().map(|(year, lines)| (year.to_string(), lines)).collect();
    rows.push(("all".to_owned(), days.iter().collect()));
    let sum = |lines: &[&StraddleDay]| {
        let of = |part: fn(&StraddleGain) -> f64| lines.iter().map(|line| part(&line.gain)).sum();
        StraddleGain {
            delta: of(|g| g.delta),
            gamma: of(|g| g.gamma),
            vega: of(|g| g.vega),
            theta: of(|g| g.theta),
            residual: of(|g| g.residual),
            hedge: of(|g| g.hedge),
            cost: of(|g| g.cost),
            total: of(|g| g.total),
        }
    };
    let gains: Vec<StraddleGain> = rows.iter().map(|row| sum(&row.1)).collect();
    let table = Table::new("straddle_year").with(
        "year",
        "calendar year; all of them last",
        rows.iter().map(|row| row.0.clone()).collect::<Vec<_>>(),
    );
    with_gains(table, &gains)
        .with(
            "worst_day",
            "least total of a day",
            numbers(&rows, |row| row.1.iter().map(|d| d.gain.total).fold(f64::INFINITY, f64::min)),
        )
        .with("max_drawdown", "deepest fall of the sum", numbers(&rows, |row| drawdown(&row.1)))
}

/// The deepest fall of the sum of totals from its highest point, a positive magnitude.
fn drawdown(days: &[&StraddleDay]) -> f64 {
    let (mut sum, mut high, mut deepest) = (0.0_f64, 0.0_f64, 0.0_f64);
    for line in days {
        sum += line.gain.total;
        high = high.max(sum);
        deepest = deepest.max(high - sum);
    }
    deepest
}

fn trade_table(rows: &[StraddleTrade]) -> Table {
    let days = |day: fn(&StraddleTrade) -> TradingDay| rows.iter().map(day).collect::<Vec<_>>();
    let reason = |row: &StraddleTrade| match row.reason {
        super::ExitReason::BeforeExpiry => Text::new("到期前一日", "before expiry"),
        super::ExitReason::Restrike => Text::new("换行权价", "re-strike"),
        super::ExitReason::Unquoted => Text::new("没有报价", "no quotes"),
        super::ExitReason::StillHeld => Text::new("仍持有", "still held"),
    };
    Table::new("straddle_trade")
        .with("entered", "trading day", days(|row| row.entered))
        .with("left", "trading day", days(|row| row.left))
        .with("expiry", "last trading day of the options", days(|row| row.expiry))
        .with("strike", "strike", numbers(rows, |row| row.strike))
        .with("premium", "a fraction of the forward", numbers(rows, |row| row.premium))
        .with("implied_volatility", "at the entry", numbers(rows, |row| row.implied_volatility))
        .with(
            "realised_volatility",
            "of the forward while held, 242 days a year",
            numbers(rows, |row| row.realised_volatility),
        )
        .with("gain", "sum of its days", numbers(rows, |row| row.gain))
        .with("reason", "why it was left", rows.iter().map(reason).collect::<Vec<_>>())
}

fn day_table(rows: &[StraddleDay]) -> Table {
    let days = |day: fn(&StraddleDay) -> TradingDay| rows.iter().map(day).collect::<Vec<_>>();
    let table = Table::new("straddle_day")
        .with("date", "trading day", days(|row| row.date))
        .with("expiry", "held at the close", days(|row| row.expiry))
        .with("strike", "held at the close", numbers(rows, |row| row.strike))
        .with("forward", "at the close", numbers(rows, |row| row.forward))
        .with("implied_volatility", "of the straddle", numbers(rows, |row| row.implied_volatility))
        .with(
            "net_delta",
            "after hedging, a fraction of the underlying value",
            numbers(rows, |row| row.net_delta),
        );
    let gains: Vec<StraddleGain> = rows.iter().map(|row| row.gain).collect();
    with_gains(table, &gains).with(
        "cumulative",
        "sum of the totals so far",
        numbers(rows, |row| row.cumulative),
    )
}
