//! What the basis watch returns.

use serde::Serialize;
use shoals_core::{Convention, FutureProduct, Outcome, Series, Table, Text, Values};
use shoals_market::future::roll::{
    HedgeCost, Roll, RollRule, RolledHedge, hedge_cost, hedge_cost_by_year,
};
use shoals_market::future::{BasisPoint, FutureMarket};

use super::{Alarm, BasisConfig, CurvePoint, SqueezeDay, StressDay};

/// The basis of every contract, what hedging cost, and when it turned.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BasisOutcome {
    /// Settings it was made under.
    pub config: BasisConfig,
    /// The products watched.
    pub products: Vec<FutureProduct>,
    /// Name of the micro-cap index, when one is given.
    pub micro: Option<String>,
    /// Whether any market came with a dividend yield.
    pub has_dividend_yield: bool,
    /// Every contract of every day, by date; in the table `term`.
    #[serde(skip)]
    pub points: Vec<BasisPoint>,
    /// The term structure by slot.
    pub curve: Vec<CurvePoint>,
    /// The stress of each product's constant-maturity rate.
    pub stress: Vec<StressDay>,
    /// Days on which both legs lost.
    pub squeezes: Vec<SqueezeDay>,
    /// The short hedge of each product under each roll rule; in the tables `roll`, `roll_trade` and
    /// `hedge`.
    #[serde(skip)]
    pub hedges: Vec<RolledHedge>,
    /// The days to hear of.
    pub alarms: Vec<Alarm>,
}

impl BasisOutcome {
    pub(super) fn empty(
        config: &BasisConfig,
        markets: &[FutureMarket],
        micro: Option<&Series>,
    ) -> Self {
        Self {
            config: *config,
            products: markets.iter().map(|market| market.product).collect(),
            micro: micro.map(|series| series.name().to_owned()),
            has_dividend_yield: markets.iter().any(|market| market.dividend_yield.is_some()),
            points: Vec::new(),
            curve: Vec::new(),
            stress: Vec::new(),
            squeezes: Vec::new(),
            hedges: Vec::new(),
            alarms: Vec::new(),
        }
    }

    pub(super) fn sort_by_date(&mut self) {
        self.points.sort_by_key(|row| (row.date, row.contract));
        self.curve.sort_by_key(|row| (row.date, row.product, row.slot));
        self.stress.sort_by_key(|row| (row.date, row.product));
        self.squeezes.sort_by_key(|row| (row.date, row.product));
    }
}

impl Outcome for BasisOutcome {
    const NAME: &'static str = "basis";

    fn tables(&self) -> Vec<Table> {
        vec![
            term_table(&self.points),
            roll_table(&self.hedges),
            roll_trade_table(&self.hedges),
            hedge_table(&self.hedges),
            curve_table(&self.curve),
            stress_table(&self.stress, self.config.maturity_days),
            squeeze_table(&self.squeezes),
            alarm_table(&self.alarms),
        ]
    }

    fn convention(&self) -> Convention {
        let config = &self.config;
        let mark = config.mark.words();
        let micro = self.micro.as_ref().map_or_else(
            || Text::new("未给出，因此没有挤压日", "none given, so no squeeze days"),
            Text::same,
        );
        let lines = [
            (
                "basis",
                Text::new(
                    format!("期货{}减指数收盘价，指数点；贴水为负", mark.zh),
                    format!(
                        "future {} minus index close, index points; a discount is negative",
                        mark.en
                    ),
                ),
            ),
            (
                "basis_rate",
                Text::new(
                    "基差 / 现货 × 365 / 距到期自然日；最后交易日不计",
                    "basis / spot x 365 / calendar days to expiry; missing on the last trading day",
                ),
            ),
            (
                "basis_rate_242",
                Text::new(
                    "基差 / 现货 × 242 / 距到期交易日",
                    "basis / spot x 242 / trading days to expiry",
                ),
            ),
            ("dividends", self.dividends()),
            ("roll", roll(config.days_before_expiry, &mark)),
            ("price", mark),
            ("stress", stress(config)),
            ("squeeze", squeeze(config)),
            ("micro", micro),
        ];
        lines.into_iter().map(|(key, line)| (key.to_owned(), line)).collect()
    }
}

impl BasisOutcome {
    fn dividends(&self) -> Text {
        if !self.has_dividend_yield {
            return Text::new("未给出股息率，不作调整", "no yield given, nothing is adjusted");
        }
        let season = self.config.dividend_season.name();
        Text::new(
            format!("用当日已知的股息率，分红季节 {season}，加回基差"),
            format!("yield known on the day, {season} season, added back to the basis"),
        )
    }
}

fn roll(n_days: u32, mark: &Text) -> Text {
    Text::new(
        format!(
            "做空一单位指数，收盘决定、下一日{}成交，到期前 {n_days} 个交易日移仓，计交易所费用；\
             成本为正即对冲有损",
            mark.zh
        ),
        format!(
            "short one index unit, decided at a close and traded at the next {}, out {n_days} trading days \
             before expiry, exchange fees paid; cost positive when the hedge cost",
            mark.en
        ),
    )
}

fn stress(config: &BasisConfig) -> Text {
    let (maturity, days) = (config.maturity_days, config.stress_days);
    Text::new(
        format!("{maturity} 个自然日期限的年化基差，与此前 {days} 个交易日相比，不含当日"),
        format!(
            "rate at {maturity} calendar days against the {days} trading days before, the day itself not \
             among them"
        ),
    )
}

fn squeeze(config: &BasisConfig) -> Text {
    let change = config.squeeze_basis_change;
    Text::new(
        format!(
            "前一日成交最活跃合约的基差上行超过现货的 {change}，同时微盘股下跌；both_legs_lost：期货也上涨"
        ),
        format!(
            "basis of the contract most traded the day before up by more than {change} of spot while \
             micro caps fell; both_legs_lost: the future rose as well"
        ),
    )
}

/// A table with a line for each of `rows`.
struct Lines<'a, R> {
    rows: &'a [R],
    table: Table,
}

impl<'a, R> Lines<'a, R> {
    fn new(name: &str, rows: &'a [R]) -> Self {
        Self { rows, table: Table::new(name) }
    }

    /// Adds what `of` says of each row.
    fn with<T>(mut self, name: &str, about: &str, of: impl Fn(&R) -> T) -> Self
    where
        Values: From<Vec<T>>,
    {
        self.table = self.table.with(name, about, self.rows.iter().map(of).collect::<Vec<T>>());
        self
    }

    fn product(self, of: impl Fn(&R) -> FutureProduct) -> Self {
        self.with("product", "index future", |row| of(row).code().to_owned())
    }

    fn rule(self, of: impl Fn(&R) -> RollRule) -> Self {
        self.with("rule", "which contract carries the hedge", |row| of(row).name().to_owned())
    }
}

fn term_table(rows: &[BasisPoint]) -> Table {
    let slot = |row: &BasisPoint| row.slot.map_or_else(String::new, |slot| slot.name().to_owned());
    Lines::new("term", rows)
        .with("date", "exchange day", |r| r.date)
        .with("contract", "futures contract", |r| r.contract.symbol())
        .with("spot", "index close, points", |r| r.spot)
        .with("price", "futures price of the chosen kind, points", |r| r.price)
        .with("basis", "price minus spot, points; a discount is negative", |r| r.basis)
        .with("days_to_expiry", "calendar days", |r| i64::from(r.days_to_expiry))
        .with("basis_rate", "annualised decimal, 365 calendar days", |r| r.basis_rate)
        .with("basis_rate_242", "annualised decimal, 242 trading days", |r| r.basis_rate_242)
        .with(
            "basis_rate_dividend_adjusted",
            "basis_rate with expected dividends added back",
            |r| r.basis_rate_dividend_adjusted,
        )
        .with("expected_dividend", "dividends expected before expiry, points", |r| {
            r.expected_dividend
        })
        .with("trading_days_to_expiry", "trading days", |r| i64::from(r.trading_days_to_expiry))
        .product(|r| r.contract.product)
        .with("slot", "near, next, quarter1 or quarter2", slot)
        .with("close", "last trade, points", |r| r.quote.close)
        .with("settle", "settlement, points", |r| r.quote.settle)
        .with("volume", "lots", |r| r.quote.volume)
        .with("open_interest", "lots", |r| r.quote.open_interest)
        .table
}

/// The cost of every hedge by year, then over everything.
fn roll_table(hedges: &[RolledHedge]) -> Table {
    let rows: Vec<(&RolledHedge, String, HedgeCost)> = hedges
        .iter()
        .flat_map(|hedge| {
            let years = hedge_cost_by_year(hedge).into_iter();
            let named = years.map(|cost| (cost.to.year().to_string(), cost));
            let whole = std::iter::once(("all".to_owned(), hedge_cost(hedge)));
            named.chain(whole).map(move |(period, cost)| (hedge, period, cost))
        })
        .collect();
    Lines::new("roll", &rows)
        .with("period", "year, or all", |r| r.1.clone())
        .product(|r| r.0.product)
        .rule(|r| r.0.rule)
        .with(
            "cost_annualised",
            "cost a year of 365 days, decimal of spot; positive when it cost",
            |r| r.2.cost_annualised,
        )
        .with("cost", "sum of daily costs, fees included, decimal of spot", |r| r.2.cost)
        .with("fees", "exchange fees within the cost", |r| r.2.fees)
        .with("n_rolls", "moves between contracts, in whole units", |r| r.2.n_rolls)
        .with("mean_spread_rate", "mean annualised spread rolled at; negative at a discount", |r| {
            r.2.mean_spread_rate
        })
        .with("hedge_return", "sum of daily returns of the short, fees paid", |r| r.2.hedge_return)
        .with("index_return", "sum of daily index returns over the days held", |r| r.2.index_return)
        .with("days", "days with a position", |r| r.2.n_days as i64)
        .with("from", "first day", |r| r.2.from)
        .with("to", "last day", |r| r.2.to)
        .table
}

fn roll_trade_table(hedges: &[RolledHedge]) -> Table {
    let mut rows: Vec<(&RolledHedge, &Roll)> =
        hedges.iter().flat_map(|hedge| hedge.rolls.iter().map(move |roll| (hedge, roll))).collect();
    rows.sort_by_key(|(hedge, roll)| (roll.date, hedge.product, hedge.rule));
    Lines::new("roll_trade", &rows)
        .with("date", "day of the trade", |r| r.1.date)
        .product(|r| r.0.product)
        .rule(|r| r.0.rule)
        .with("from", "contract bought back", |r| r.1.from.symbol())
        .with("to", "contract sold", |r| r.1.to.symbol())
        .with("units", "index units moved", |r| r.1.units)
        .with("from_price", "points", |r| r.1.from_price)
        .with("to_price", "points", |r| r.1.to_price)
        .with("spread_rate", "annualised spread; negative at a discount", |r| r.1.spread_rate)
        .with("fee", "exchange fees of both sides, points", |r| r.1.fee)
        .table
}

/// The daily return of every hedge.
fn hedge_table(hedges: &[RolledHedge]) -> Table {
    let mut rows: Vec<_> =
        hedges.iter().flat_map(|hedge| hedge.days.iter().map(move |day| (hedge, day))).collect();
    rows.sort_by_key(|(hedge, day)| (day.date, hedge.product, hedge.rule));
    Lines::new("hedge", &rows)
        .with("date", "exchange day", |r| r.1.date)
        .product(|r| r.0.product)
        .rule(|r| r.0.rule)
        .with("hedge_return", "return of the short on the index value before, fees paid", |r| {
            r.1.hedge_return
        })
        .with("cost", "what the hedge earned less than the index fell, decimal", |r| r.1.cost)
        .table
}

fn curve_table(rows: &[CurvePoint]) -> Table {
    Lines::new("curve", rows)
        .with("date", "exchange day", |r| r.date)
        .product(|r| r.product)
        .with("slot", "near, next, quarter1 or quarter2", |r| r.slot.name().to_owned())
        .with("basis_rate", "annualised decimal, 365 calendar days", |r| r.basis_rate)
        .with("days_to_expiry", "calendar days", |r| i64::from(r.days_to_expiry))
        .with("z_score", "deviations from the slot's own days before", |r| r.z_score)
        .with("percentile", "share of the slot's days before that lay below", |r| r.percentile)
        .table
}

fn stress_table(rows: &[StressDay], maturity_days: u32) -> Table {
    Lines::new("stress", rows)
        .with("date", "exchange day", |r| r.date)
        .product(|r| r.product)
        .with("basis_rate", "annualised rate at the constant maturity", |r| r.basis_rate)
        .with("z_score", "deviations from the days before", |r| r.z_score)
        .with("percentile", "share of the days before that lay below", |r| r.percentile)
        .with("maturity_days", "calendar days of the constant maturity", |_| {
            i64::from(maturity_days)
        })
        .table
}

fn squeeze_table(rows: &[SqueezeDay]) -> Table {
    Lines::new("squeeze", rows)
        .with("date", "exchange day", |r| r.date)
        .product(|r| r.product)
        .with("basis_change", "rise of the basis, decimal of spot", |r| r.basis_change)
        .with("micro_return", "return of the micro-cap index", |r| r.micro_return)
        .with("book_return", "long micro, short the contract, on equal notional", |r| r.book_return)
        .with("contract", "most traded the day before", |r| r.contract.symbol())
        .with("index_return", "return of the product's index", |r| r.index_return)
        .with("future_return", "change of the future, decimal of spot", |r| r.future_return)
        .with("both_legs_lost", "whether the short future lost as well as micro caps", |r| {
            r.both_legs_lost
        })
        .table
}

fn alarm_table(rows: &[Alarm]) -> Table {
    Lines::new("alarm", rows)
        .with("date", "day at whose close it was known", |r| r.date)
        .with("kind", "discount_stress, premium_stress or hedge_squeeze", |r| {
            r.kind.name().to_owned()
        })
        .with("detail", "one sentence with the figures", |r| r.detail.clone())
        .table
}
