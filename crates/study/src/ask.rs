//! One question to a market view: the analyses, each with the part of the market it needs.

use shoals_core::{Rulebook, Segment, Series, Symbol, Text};
use shoals_market::future::roll::{RollConfig, RolledHedge, roll_short_hedge};
use shoals_product::replication::{
    Instrument, LegMarket, ReplicationMarket, ReplicationOutcome, ReplicationTerms, StraddleMarket,
    StraddleSource, replicate as carry_replication,
};
use shoals_warning::analogue::{AnalogueConfig, AnalogueOutcome, analogue as look_up};
use shoals_warning::basis_watch::{BasisConfig, BasisOutcome, basis_watch};
use shoals_warning::inversion::{InversionConfig, InversionOutcome, inversion as read_ladder};
use shoals_warning::rotation::{RotationConfig, RotationOutcome, rotation as read_ratio};

use crate::market_view::no_contracts;
use crate::{MarketView, StudyError};

mod attribution;
mod book;
mod bubble;
mod crowd;
mod event;
mod fund;
mod fund_proof;
mod gauge;
mod option;
mod spiral;
mod stocks;

pub use attribution::{attribute_book, attribute_replication, attribute_symbol};
pub use book::{ab, swap};
pub use bubble::{bubble, bubble_missing};
pub use crowd::{crowding, lacks_traded_stocks, liquidity};
pub use event::{event, events_missing};
pub use fund::{fund, funds_missing};
pub use fund_proof::fund_proof;
pub(crate) use gauge::gauge_settings;
pub use gauge::{gauge, gauge_missing};
pub use option::{chain_between, chain_missing, option};
pub use spiral::{levers, seen, spiral, storm};
pub use stocks::{factors, index, missing_benchmark, window_bucket_table, window_buckets};

/// Did smaller companies earn less, in order of size?
///
/// # Errors
/// Fewer than three segments in the market, or settings that are not legal.
pub fn inversion(
    view: &MarketView,
    config: &InversionConfig,
) -> Result<InversionOutcome, StudyError> {
    let series: Vec<(Segment, Series)> = Segment::ALL
        .into_iter()
        .filter_map(|segment| Some((segment, view.indices.get(&segment.symbol())?.clone())))
        .collect();
    Ok(read_ladder(&series, config)?)
}

/// What did the hedge quote and cost, and when did it squeeze?
///
/// # Errors
/// No futures in the market, or settings that are not legal.
pub fn basis(view: &MarketView, config: &BasisConfig) -> Result<BasisOutcome, StudyError> {
    let micro = view.indices.get(&Segment::Micro.symbol());
    let Rulebook { calendar, rules } = &view.rulebook;
    Ok(basis_watch(&view.futures, micro, config, calendar, rules)?)
}

/// Which episode does the path look like, and would a random path?
///
/// # Errors
/// No such index or benchmark in the market, too short a record, or settings that are not legal.
pub fn analogue(view: &MarketView, config: &AnalogueConfig) -> Result<AnalogueOutcome, StudyError> {
    Ok(look_up(&view.indices, config)?)
}

/// Do small or large companies lead, and was whoever said so right?
///
/// # Errors
/// An index the market does not hold, too short a record, or settings that are not legal.
pub fn rotation(view: &MarketView, config: &RotationConfig) -> Result<RotationOutcome, StudyError> {
    Ok(read_ratio(view.series(config.small)?, view.series(config.large)?, config)?)
}

/// What did small-cap long, large-cap short and a short straddle earn?
///
/// # Errors
/// A leg the market does not hold, or no day on which all legs have a price.
pub fn replicate(
    view: &MarketView,
    terms: &ReplicationTerms,
) -> Result<ReplicationOutcome, StudyError> {
    let straddle = if terms.straddle.weight > 0.0 { Some(straddle(view, terms)?) } else { None };
    let rolled = rolled_short(view, terms)?;
    let short = leg(view, terms.short.symbol, rolled.as_ref())?;
    let (long, calendar) = (leg(view, terms.long.symbol, None)?, &view.rulebook.calendar);
    let target = terms.fit.map(|fit| view.series(fit.target)).transpose()?;
    Ok(carry_replication(terms, &ReplicationMarket { long, short, straddle, target, calendar })?)
}

/// The short product, carried through all its contracts by its rule; none for any other leg.
fn rolled_short(
    view: &MarketView,
    terms: &ReplicationTerms,
) -> Result<Option<RolledHedge>, StudyError> {
    let (Instrument::Product(product), Some(rule)) = (terms.short.symbol, terms.short.roll_rule())
    else {
        return Ok(None);
    };
    let Rulebook { calendar, rules } = &view.rulebook;
    let market = view.future_market(product)?;
    Ok(Some(roll_short_hedge(market, rule, &RollConfig::default(), calendar, rules)?))
}

fn leg<'a>(
    view: &'a MarketView,
    instrument: Instrument,
    rolled: Option<&'a RolledHedge>,
) -> Result<LegMarket<'a>, StudyError> {
    match instrument {
        Instrument::Series(symbol) => view.series(symbol).map(LegMarket::Series),
        Instrument::Contract(contract) => view.contract(contract).map(LegMarket::Contract),
        Instrument::Product(product) => {
            rolled.map(LegMarket::Rolled).ok_or_else(|| no_contracts(product).into())
        }
    }
}

fn straddle<'a>(
    view: &'a MarketView,
    terms: &ReplicationTerms,
) -> Result<StraddleMarket<'a>, StudyError> {
    let leg = &terms.straddle;
    match leg.source {
        StraddleSource::ImpliedVolatility => Ok(StraddleMarket::ImpliedVolatility {
            underlying: view.series(leg.symbol)?,
            implied_volatility: view.implied_volatility(leg.implied_volatility)?,
        }),
        StraddleSource::Chain => Ok(StraddleMarket::Chain(view.option_chain(leg.symbol)?)),
    }
}

/// Why an analysis is left out, when the market lacks an index it reads.
pub(crate) fn index_missing(
    view: &MarketView,
    en: &str,
    zh: &str,
    symbols: &[Symbol],
) -> Option<Text> {
    let symbol = symbols.iter().find(|&&symbol| view.series(symbol).is_err())?;
    Some(Text::new(
        format!("市场没有指数 {symbol}，未作{zh}；导入其收盘价后再问"),
        format!("the market holds no index {symbol}, so {en} left out; import its closes to ask"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::{Calendar, Outcome, Symbol, Table, TradingDay, day};

    /// Days from 2024-01-02 of both indices and two contracts of the CSI 300, all standing still.
    fn view() -> MarketView {
        let days = Calendar::shanghai().days(day(2024, 1, 2), day(2024, 3, 15));
        let daily = |name: &str, key: &str, rows: [(&str, f64); 2]| {
            let cells = || rows.iter().flat_map(|row| days.iter().map(move |day| (*row, *day)));
            let numbers = |of: fn(f64) -> f64| -> Vec<f64> { cells().map(|c| of(c.0.1)).collect() };
            Table::new(name)
                .with("date", "", cells().map(|cell| cell.1).collect::<Vec<TradingDay>>())
                .with(key, "", cells().map(|c| Symbol::literal(c.0.0)).collect::<Vec<Symbol>>())
                .with("close", "", numbers(|close| close))
                .with("settle", "", numbers(|close| close))
                .with("volume", "", numbers(|_| 1.0))
                .with("open_interest", "", numbers(|_| f64::NAN))
        };
        let indices = [("000852.SH", 5_000.0), ("000300.SH", 3_300.0)];
        let contracts = [("IF2403.CFE", 3_250.0), ("IF2406.CFE", 3_200.0)];
        let indices = daily("index_daily", "symbol", indices);
        let contracts = daily("future_daily", "contract", contracts);
        MarketView::gather([&indices, &contracts], Rulebook::default()).unwrap()
    }

    fn terms(short: &str) -> ReplicationTerms {
        ReplicationTerms::from_toml(&format!("[straddle]\nweight = 0\n[short]\n{short}")).unwrap()
    }

    #[test]
    fn a_contract_and_a_rolled_product_are_sold_from_the_market() {
        let view = view();
        for (short, part) in [
            ("symbol = \"IF2403.CFE\"", "short IF2403.CFE: one contract"),
            ("symbol = \"IF\"\nroll = \"most_traded\"", "roll rule most_traded"),
        ] {
            let outcome = replicate(&view, &terms(short)).unwrap();
            assert!(outcome.nav.iter().all(|line| line.nav == 1.0), "{short}");
            assert!(outcome.convention()["legs"].en.contains(part), "{short}");
        }
        for (short, part) in
            [("symbol = \"IF2405\"", "no record of IF2405.CFE"), ("symbol = \"IH\"", "000016.SH")]
        {
            let refusal = replicate(&view, &terms(short)).unwrap_err().to_string();
            assert!(refusal.contains(part), "{short}: {refusal}");
        }
    }

    #[test]
    fn a_chain_that_is_not_held_is_missed_by_its_name() {
        let mut view = view();
        view.options.insert(Symbol::literal("510050.SH"), Vec::new());
        let terms = ReplicationTerms::from_toml("[straddle]\nsource = \"chain\"").unwrap();
        let refusal = replicate(&view, &terms).unwrap_err().to_string();
        for part in ["no option chain of 000300.SH", "510050.SH", "`straddle.symbol`"] {
            assert!(refusal.contains(part), "{part}: {refusal}");
        }
    }
}
