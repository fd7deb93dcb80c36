//! A micro-cap index from every side: paper, implementable, premium, capacity, years and size buckets.

use serde::Serialize;
use shoals_core::{Calendar, Convention, Outcome, Rules, Series, Symbol, Table, Text, TradingDay};

use super::capacity::DAYS_A_YEAR;
use super::{
    BucketReturn, CapacityPoint, Implementation, IndexDay, LedgerDay, MicroCapConfig,
    MicroCapWords, MonthPremium, SuspendedInBuckets, YearReturn, by_year, capacity_curve,
    implementable_index, paper_index, rebalancing_premium, select, size_bucket_months,
};
use crate::MarketError;
use crate::impact::ImpactWords;
use crate::universe::{MarketCap, StockMarket, Tradability};

/// What a micro-cap index earned, and what following it would have.
#[derive(Debug, Clone, Serialize)]
pub struct MicroCapOutcome {
    /// Settings it was made under.
    pub config: MicroCapConfig,
    /// The index as a publisher computes it.
    pub paper: Vec<IndexDay>,
    /// The ledger of `implementation.assets`.
    pub implementable: Vec<LedgerDay>,
    /// The rebalancing premium of whole months.
    pub premium: Vec<MonthPremium>,
    /// What is left at growing assets.
    pub capacity: Vec<CapacityPoint>,
    /// Calendar years against the benchmark.
    pub years: Vec<YearReturn>,
    /// Size buckets of the market, formed anew every month.
    pub size_buckets: Vec<BucketReturn>,
    /// Members after the last rebalancing.
    pub members: Vec<Symbol>,
    /// Day of the last rebalancing with members.
    pub members_on: TradingDay,
    /// Name of the benchmark; empty without one.
    pub benchmark: String,
}

/// Builds the index and everything measured against it.
///
/// # Errors
/// What [`select`], [`paper_index`] and [`implementable_index`] refuse.
pub fn micro_cap_index(
    market: &StockMarket,
    benchmark: Option<&Series>,
    config: &MicroCapConfig,
    calendar: &Calendar,
    rules: &Rules,
) -> Result<MicroCapOutcome, MarketError> {
    let tradability = Tradability::of(market, config.universe, calendar, rules);
    let membership = select(market, &tradability, config, calendar)?;
    let paper = paper_index(market, &membership, config)?;
    let money = &config.implementation;
    let implementable =
        implementable_index(market, &tradability, &membership, config, money, rules)?;
    let last = market.days().len() - 1;
    let members = membership.held_on(last).unwrap_or_default();
    let chosen = membership.day_indices().iter().rev();
    let members_on = chosen.copied().find(|&t| membership.chosen_on(t).is_some()).unwrap_or(last);
    Ok(MicroCapOutcome {
        premium: rebalancing_premium(market, &membership, &paper, config, calendar)?,
        capacity: capacity_curve(market, &tradability, &membership, &paper, config, rules)?,
        years: by_year(&paper, &implementable, benchmark),
        size_buckets: size_bucket_months(market, &tradability, config, calendar)?,
        members: members.iter().map(|&i| market.symbols()[i as usize]).collect(),
        members_on: market.days()[members_on],
        benchmark: benchmark.map(|series| series.name().to_owned()).unwrap_or_default(),
        config: config.clone(),
        paper,
        implementable,
    })
}

impl Outcome for MicroCapOutcome {
    const NAME: &'static str = "index";

    fn tables(&self) -> Vec<Table> {
        vec![
            nav_table(&self.paper),
            implementable_table(&self.implementable),
            premium_table(&self.premium),
            capacity_table(&self.capacity),
            year_table(&self.years),
            size_bucket_table(&self.size_buckets),
            Table::new("member")
                .with(
                    "date",
                    "close of the last rebalancing",
                    vec![self.members_on; self.members.len()],
                )
                .with("symbol", "stock", self.members.clone()),
        ]
    }

    fn convention(&self) -> Convention {
        let lines = [
            ("names", names(&self.config)),
            (
                "return",
                Text::new(
                    "简单收益率，分红再投于派息的股票",
                    "simple decimal, dividends reinvested in the name that pays them",
                ),
            ),
            (
                "paper",
                Text::new(
                    "同一收盘选股并成交，无成本，不计涨跌停",
                    "chosen and filled at the same close, no cost, limits ignored",
                ),
            ),
            ("implementable", implementable(&self.config.implementation)),
            (
                "annualisation",
                Text::new(
                    format!("几何年化，每年 {DAYS_A_YEAR} 个交易日"),
                    format!("geometric, {DAYS_A_YEAR} days a year"),
                ),
            ),
            (
                "turnover",
                Text::new("单边：全部权重变动的一半", "one-way: half of all weight changes"),
            ),
            (
                "suspended",
                Text::new(
                    "不选入、不交易，按最后价格持有",
                    "not chosen, not traded, kept at the last price",
                ),
            ),
            ("suspended_in_buckets", suspended_in_buckets(self.config.suspended_in_buckets)),
            ("benchmark", benchmark(&self.benchmark)),
        ];
        lines.into_iter().map(|(key, line)| (key.to_owned(), line)).collect()
    }
}

fn suspended_in_buckets(rule: SuspendedInBuckets) -> Text {
    match rule {
        SuspendedInBuckets::LeftOut => {
            Text::new("市值组不计当日停牌股", "suspended stocks are in no size bucket that day")
        }
        SuspendedInBuckets::Counted => Text::new(
            "当日停牌股按数据所载价格与市值计入市值组",
            "suspended stocks count in size buckets at the price and cap the data carry",
        ),
    }
}

fn benchmark(name: &str) -> Text {
    if name.is_empty() {
        return Text::new("无：逐年表的基准与超额为空", "none: `benchmark` and `excess` are empty");
    }
    Text::same(name.to_owned())
}

fn names(config: &MicroCapConfig) -> Text {
    let MicroCapWords { n_names, buffer, market_cap, .. } = &**config;
    let cap = match market_cap {
        MarketCap::Total => "总市值",
        MarketCap::FreeFloat => "自由流通市值",
    };
    let column = market_cap.column();
    Text::new(
        format!("{cap}最小的 {n_names} 只，缓冲 {buffer}，并列按代码"),
        format!("the smallest {n_names} by {column}, buffer {buffer}, ties by symbol order"),
    )
}

fn implementable(money: &Implementation) -> Text {
    let Implementation { assets, participation, average_days, slippage, impact } = money;
    let ImpactWords { coefficient, exponent, volatility_days } = impact.words();
    let (moved_zh, moved_en) = if impact.is_some() {
        (
            format!(
                "自身冲击 {coefficient} × {volatility_days} 日波动率 × (金额 / 平均成交额)^{exponent}，\
                 全单平均付其 1 / (1 + {exponent})"
            ),
            format!(
                "own impact {coefficient} x the volatility of {volatility_days} days x (order / mean \
                 amount)^{exponent}, of which an order pays 1 / (1 + {exponent})"
            ),
        )
    } else {
        ("不计自身冲击".to_owned(), "no impact of its own".to_owned())
    };
    Text::new(
        format!(
            "{assets} 元，收盘选股、其后收盘成交，每日至多为 {average_days} 日平均成交额的 {participation}，\
             佣金与印花税按当日规则，滑点 {slippage}，{moved_zh}"
        ),
        format!(
            "{assets} CNY, chosen at a close and filled at the next ones, at most {participation} of \
             {average_days} days' mean amount a day, commission and duty by date, slippage {slippage}, \
             {moved_en}"
        ),
    )
}

/// The values of one field.
fn column<R, V>(rows: &[R], of: impl Fn(&R) -> V) -> Vec<V> {
    rows.iter().map(of).collect()
}

fn nav_table(rows: &[IndexDay]) -> Table {
    Table::new("nav")
        .with("date", "exchange day", column(rows, |r| r.date))
        .with("return", "simple decimal since the day before", column(rows, |r| r.index_return))
        .with("nav", "value of one yuan put in at the first close", column(rows, |r| r.nav))
        .with("turnover", "one-way, at this close", column(rows, |r| r.turnover))
        .with("new_share", "share of the members new today", column(rows, |r| r.new_share))
        .with("n_members", "names held", column(rows, |r| r.n_members as i64))
        .with("n_frozen", "names without a price today", column(rows, |r| r.n_frozen as i64))
}

fn implementable_table(rows: &[LedgerDay]) -> Table {
    Table::new("implementable")
        .with("date", "exchange day", column(rows, |r| r.date))
        .with("return", "simple decimal, after costs", column(rows, |r| r.net_return))
        .with("nav", "cash and positions, CNY", column(rows, |r| r.nav))
        .with("cash", "CNY", column(rows, |r| r.cash))
        .with("positions", "shares at the last price seen, CNY", column(rows, |r| r.positions))
        .with("price_gain", "gain of the shares held, CNY", column(rows, |r| r.price_gain))
        .with("commission", "CNY, positive", column(rows, |r| r.commission))
        .with("stamp_duty", "CNY, positive", column(rows, |r| r.stamp_duty))
        .with("slippage", "CNY, positive", column(rows, |r| r.slippage))
        .with("impact", "paid for moving prices, CNY, positive", column(rows, |r| r.impact))
        .with("turnover", "one-way, of yesterday's nav", column(rows, |r| r.turnover))
        .with("unfilled", "orders waiting, of nav", column(rows, |r| r.unfilled))
        .with(
            "n_blocked_buys",
            "names that could not be bought",
            column(rows, |r| r.n_blocked_buys as i64),
        )
        .with(
            "n_blocked_sells",
            "names that could not be sold",
            column(rows, |r| r.n_blocked_sells as i64),
        )
        .with("n_capped", "orders cut to the participation", column(rows, |r| r.n_capped as i64))
        .with("n_names", "names held", column(rows, |r| r.n_names as i64))
}

fn premium_table(rows: &[MonthPremium]) -> Table {
    Table::new("premium")
        .with("month", "the whole month told about", column(rows, |r| r.to.month_key()))
        .with("index", "return of the index", column(rows, |r| r.index))
        .with("buy_and_hold", "its first names, untouched", column(rows, |r| r.buy_and_hold))
        .with("reset_daily", "its first names, weights reset", column(rows, |r| r.reset_daily))
        .with("reweighting", "reset_daily - buy_and_hold", column(rows, |r| r.reweighting))
        .with("reselection", "index - reset_daily", column(rows, |r| r.reselection))
        .with("premium", "index - buy_and_hold", column(rows, |r| r.premium))
}

fn capacity_table(rows: &[CapacityPoint]) -> Table {
    Table::new("capacity")
        .with("assets", "at the start, CNY", column(rows, |r| r.assets))
        .with("annual_return", "geometric, after costs", column(rows, |r| r.annual_return))
        .with("shortfall", "annual return of paper less this", column(rows, |r| r.shortfall))
        .with("annual_cost", "costs, of mean nav a year", column(rows, |r| r.annual_cost))
        .with("annual_impact", "of them for moving prices", column(rows, |r| r.annual_impact))
        .with("annual_turnover", "one-way, a year", column(rows, |r| r.annual_turnover))
        .with("mean_unfilled", "orders waiting, of nav", column(rows, |r| r.mean_unfilled))
        .with("mean_cash", "cash, of nav", column(rows, |r| r.mean_cash))
}

fn year_table(rows: &[YearReturn]) -> Table {
    Table::new("year")
        .with("year", "calendar year", column(rows, |r| i64::from(r.year)))
        .with("index", "return of the paper index", column(rows, |r| r.index))
        .with("implementable", "after costs", column(rows, |r| r.implementable))
        .with("benchmark", "return of the benchmark", column(rows, |r| r.benchmark))
        .with("excess", "index - benchmark", column(rows, |r| r.excess))
        .with("turnover", "one-way, summed", column(rows, |r| r.turnover))
        .with("from", "close the year counts from", column(rows, |r| r.from))
        .with("to", "last close", column(rows, |r| r.to))
}

fn size_bucket_table(rows: &[BucketReturn]) -> Table {
    let months = Table::new("size_bucket").with(
        "month",
        "the whole month told about",
        column(rows, |r| r.to.month_key()),
    );
    of_buckets(months, rows)
}

/// `window_bucket(from, to, bucket, return, n, mean_market_cap)`.
pub fn window_bucket_table(rows: &[BucketReturn]) -> Table {
    let windows = Table::new("window_bucket")
        .with("from", "close the buckets are formed at", column(rows, |r| r.from))
        .with("to", "close they are held to", column(rows, |r| r.to));
    of_buckets(windows, rows)
}

/// What size buckets earned, beside the columns that say when.
fn of_buckets(when: Table, rows: &[BucketReturn]) -> Table {
    when.with("bucket", "1 for the smallest companies", column(rows, |r| r.bucket as i64))
        .with("return", "equal weights at the start, untouched", column(rows, |r| r.bucket_return))
        .with("n", "names", column(rows, |r| r.n_names as i64))
        .with("mean_market_cap", "at the start, CNY", column(rows, |r| r.mean_market_cap))
}
