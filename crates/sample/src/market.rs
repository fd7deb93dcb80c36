//! The market as a whole: from a configuration or a factor path to tables and truth.

use shoals_core::{Seed, Segment, Table};

use crate::crowd::{Crowd, CrowdTruth};
use crate::fund::Factors;
use crate::future::FutureMarket;
use crate::index::IndexBook;
use crate::truth::StockTruth;
use crate::{FactorPath, SampleConfig, SampleError, Scenario, Truth};
use crate::{calendar_table, fund, future, option, stock_market, stock_table, universe};

/// The built-in market: tables as the data room names them, and what is true behind them.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleMarket {
    /// `stock_daily`, `stock_valuation`, `security`, `index_daily`, `index_member`, `future_daily`,
    /// `implied_volatility_daily`, `fund_nav`, `fund_profile`, `margin_balance`, `rate_daily`,
    /// `trading_day` and `policy_event`, with the columns and units of the market tables; NaN is
    /// "no observation", an empty text "not given".
    pub tables: Vec<Table>,
    /// The known answers.
    pub truth: Truth,
    /// What funds could hold day by day.
    pub(crate) factors: Factors,
}

/// Generates the built-in market of the built-in scenario.
///
/// The same configuration and seed give the same bytes on any number of threads.
///
/// # Errors
/// When the configured period is not inside the scenario.
///
/// # Example
/// ```
/// use shoals_core::{Seed, day};
/// use shoals_sample::{SampleConfig, generate};
///
/// let config = SampleConfig::new(day(2023, 10, 9), day(2024, 3, 29), 200)?;
/// let market = generate(&config, Seed::default())?;
/// assert_eq!(market.tables[0].name(), "stock_daily");
/// # Ok::<(), shoals_sample::SampleError>(())
/// ```
pub fn generate(config: &SampleConfig, seed: Seed) -> Result<SampleMarket, SampleError> {
    let scenario = Scenario::builtin();
    let (first, last) = (scenario.first_day()?, scenario.last_day());
    if config.from() < first || config.to() > last {
        let (from, to) = (config.from(), config.to());
        return Err(SampleError::OutsideScenario { from, to, first, last });
    }
    let (path, crowd) = scenario.crowded(seed, config.to())?;
    let path = path.between(config.from(), config.to());
    let mut market = build(path, Some(&crowd), config.n_stocks(), seed)?;
    market.truth.episodes = scenario.episodes()?;
    Ok(market)
}

/// Generates a market of `n_stocks` names driven by any factor path, such as a simulated spiral.
///
/// The truth has no episodes and no crowd: the path does not name them.
///
/// # Errors
/// When a column of the path is uneven or outside what a market can follow, its days are not trading
/// days, or the number of names is not legal.
pub fn generate_from(
    path: FactorPath,
    n_stocks: usize,
    seed: Seed,
) -> Result<SampleMarket, SampleError> {
    build(path, None, n_stocks, seed)
}

fn build(
    path: FactorPath,
    crowd: Option<&Crowd>,
    n_stocks: usize,
    seed: Seed,
) -> Result<SampleMarket, SampleError> {
    path.check()?;
    let (Some(&first), Some(&last)) = (path.days.first(), path.days.last()) else {
        return Err(SampleError::OutOfRange {
            key: "days",
            found: 0.0,
            expected: "two days or more",
        });
    };
    SampleConfig::new(first, last, n_stocks)?;

    let stocks = universe::draw(n_stocks, &path.days, seed);
    let market = stock_market::simulate(&stocks, &path, crowd, seed);
    let mut futures = future::simulate(&path, &market.indices, seed)?;
    let factors = factors(&path, &market.indices, &futures);
    let funds = fund::simulate(&path, &factors, seed);
    let (free_float, amount) = market.indices.all_share();
    let [daily, valuation] = market.columns.into_tables();
    let tables = vec![
        daily,
        valuation,
        stock_table::security_table(&stocks, &path.days),
        market.indices.table(&path, seed),
        market.indices.member_table(&stocks, &path.days),
        futures.table(),
        option::table(&path),
        funds.nav,
        funds.profile,
        calendar_table::margin_table(&path.days, &free_float, &amount),
        calendar_table::rate_table(&path.days, seed),
        calendar_table::trading_day_table(&path.days),
        calendar_table::policy_table(&path.days),
    ];
    let mut known = crowd.map_or_else(CrowdTruth::default, |c| c.truth(first, last, n_stocks));
    known.stocks = market.held;
    let truth = Truth {
        crowd: known,
        short_volatility: factors.short_volatility.clone(),
        stocks: stocks.iter().map(stock_truth).collect(),
        basis: futures.truth,
        exposures: funds.exposures,
        funds: funds.truth,
        episodes: Vec::new(),
        path,
    };
    Ok(SampleMarket { tables, truth, factors })
}

fn stock_truth(stock: &universe::Stock) -> StockTruth {
    StockTruth {
        symbol: stock.symbol,
        beta: stock.beta,
        low_volatility: stock.quietness,
        volatility_multiplier: stock.volatility_multiplier(),
        crowding: stock.crowding,
    }
}

/// What the funds can hold: index total returns, the rolled hedge, sold volatility, cash.
fn factors(path: &FactorPath, indices: &IndexBook, futures: &FutureMarket) -> Factors {
    let segments = Segment::ALL.map(|segment| indices.levels(Some(segment)).total_return);
    let [.., ic, im] = &futures.rolled_return;
    let hedge = |(&ic, &im): (&f64, &f64)| if im.is_nan() { ic } else { im };
    Factors {
        short_volatility: option::short_straddle_return(path, &segments[Segment::Csi300 as usize]),
        // The first day of a product has no return yet.
        future: ic.iter().zip(im).map(hedge).map(|r| if r.is_nan() { 0.0 } else { r }).collect(),
        cash: calendar_table::cash_rate(&path.days),
        segments,
    }
}
