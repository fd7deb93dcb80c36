//! The factors a fund may be made of, from what the market offers.

use std::collections::BTreeMap;

use serde::Serialize;
use shoals_core::number::CALENDAR_DAYS_PER_YEAR;
use shoals_core::{Segment, Series, Text, TradingDay};
use shoals_market::future::roll::RolledHedge;
use shoals_product::attribution::{Factor, return_factor, short_volatility_factor};
use shoals_stats::style::Range;

use super::StyleConfig;
use crate::{FactorSet, FundError};

/// A short future carried through its contracts: unfunded.
pub const HEDGE: &str = "hedge";
/// A sold straddle hedged against its delta: unfunded.
pub const SHORT_VOLATILITY: &str = "short_volatility";
/// A bond index.
pub const BOND: &str = "bond";
/// Money at the cash rate.
pub const CASH: &str = "cash";
/// The levered book that funds are compared with; not a factor of any style.
pub const DMA_PROXY: &str = "dma_proxy";

/// The series factors are made of; what is not there is left out.
#[derive(Debug, Clone, Default)]
pub struct StyleMarket<'a> {
    /// Closes of the segments' indices, total return where there is one.
    pub segments: Vec<(Segment, &'a Series)>,
    /// Rolled short hedges, the first that has a day counts: usually IM, then IC for the days before IM was listed.
    pub hedges: Vec<&'a RolledHedge>,
    /// What straddles are sold on, closes, and its implied volatility, annualised decimal.
    pub option: Option<(&'a Series, &'a Series)>,
    /// A bond index, closes.
    pub bond: Option<&'a Series>,
    /// Cash rate of each day, annualised decimal, ACT/365.
    pub rate: Option<&'a Series>,
}

/// Factors with their ranges, and what could not be made.
#[derive(Debug, Clone, PartialEq)]
pub struct StyleFactors {
    /// Daily returns, segments first.
    pub set: FactorSet,
    /// Range of each weight.
    pub ranges: Vec<Range>,
    /// The levered book, where there is a micro-cap series and something to sell against it.
    pub dma_proxy: Option<Factor>,
    /// Names of the factors whose series are not there.
    pub missing: Vec<&'static str>,
}

/// Makes the factors: segments and bonds by their closes, cash by its rate, the hedge and the straddle by what they
/// would have paid.
///
/// Segments may weigh 0 to the greatest leverage, the hedge too; straddles may be sold or bought; cash and bonds may be
/// borrowed as far as leverage goes. Segments, bonds and cash sum to 1. Where no rate is given cash earns the configured
/// one on the days of the first segment. A long segment beside a short hedge on it is the basis: it needs no factor.
///
/// # Errors
/// Settings that are not legal, or no segment.
pub fn factors(market: &StyleMarket, config: &StyleConfig) -> Result<StyleFactors, FundError> {
    config.check()?;
    let Some((_, first)) = market.segments.first() else {
        return Err(FundError::Setting {
            key: "style.segments",
            found: "none".to_owned(),
            expected: "the closes of one size segment or more".to_owned(),
        });
    };
    let leverage = config.max_leverage;
    let (mut made, mut ranges, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    let mut add = |factor: Factor, low: f64, high: f64, is_funded: bool| {
        made.push(factor);
        ranges.push(Range { low, high, is_funded });
    };
    for segment in Segment::ALL {
        match market.segments.iter().find(|(named, _)| *named == segment) {
            Some((_, closes)) => add(return_factor(segment.name(), closes), 0.0, leverage, true),
            None => missing.push(segment.name()),
        }
    }
    match hedge_factor(&market.hedges) {
        Some(hedge) => add(hedge, 0.0, leverage, false),
        None => missing.push(HEDGE),
    }
    let straddle = config.max_short_volatility;
    match market.option {
        Some((index, volatility)) => add(
            short_volatility_factor(index, volatility, config.straddle_days),
            -straddle,
            straddle,
            false,
        ),
        None => missing.push(SHORT_VOLATILITY),
    }
    match market.bond {
        Some(closes) => add(return_factor(BOND, closes), 0.0, leverage, true),
        None => missing.push(BOND),
    }
    add(cash_factor(market.rate, first, config.cash_rate), 1.0 - 2.0 * leverage, leverage, true);
    let dma_proxy = dma_proxy(market, config);
    Ok(StyleFactors { set: FactorSet::new(made), ranges, dma_proxy, missing })
}

fn hedge_factor(hedges: &[&RolledHedge]) -> Option<Factor> {
    let mut earned: BTreeMap<TradingDay, f64> = BTreeMap::new();
    for hedge in hedges {
        for day in &hedge.days {
            earned.entry(day.date).or_insert(day.hedge_return);
        }
    }
    let (days, returns) = earned.into_iter().unzip();
    (!hedges.is_empty()).then_some(Factor { name: HEDGE, days, returns })
}

/// Interest from one day to the next at the earlier day's rate.
fn cash_factor(rate: Option<&Series>, otherwise: &Series, flat: f64) -> Factor {
    let days = rate.map_or(otherwise.days(), Series::days);
    let earned = |i: usize| {
        let known = rate.map_or(Some(flat), |rate| rate.as_of(days[i]).map(|(_, r)| r));
        known.unwrap_or(flat) * years(days[i], days[i + 1])
    };
    Factor {
        name: CASH,
        days: days.iter().skip(1).copied().collect(),
        returns: (0..days.len().saturating_sub(1)).map(earned).collect(),
    }
}

/// A day of the book: leverage times (micro caps up, the hedge's gain, less financing of the long side). Where there is
/// no hedge the CSI 1000, else the CSI 500, is sold itself.
fn dma_proxy(market: &StyleMarket, config: &StyleConfig) -> Option<Factor> {
    let of = |segment| market.segments.iter().find(|(named, _)| *named == segment).map(|s| s.1);
    let long = return_factor(DMA_PROXY, of(Segment::Micro)?);
    let short = if let Some(hedge) = hedge_factor(&market.hedges) {
        hedge
    } else {
        let index = of(Segment::Csi1000).or_else(|| of(Segment::Csi500))?;
        let mut sold = return_factor(HEDGE, index);
        for r in &mut sold.returns {
            *r = -*r;
        }
        sold
    };
    let mut proxy = Factor { name: DMA_PROXY, days: Vec::new(), returns: Vec::new() };
    for i in 1..long.days.len() {
        let (before, day) = (long.days[i - 1], long.days[i]);
        if let (Some(up), Some(hedged)) = (long.at(day), short.at(day)) {
            let financing = config.financing_rate * years(before, day);
            proxy.days.push(day);
            proxy.returns.push(config.proxy_leverage * (up + hedged - financing));
        }
    }
    (!proxy.days.is_empty()).then_some(proxy)
}

fn years(from: TradingDay, to: TradingDay) -> f64 {
    f64::from(from.calendar_days_until(to)) / CALENDAR_DAYS_PER_YEAR
}

/// A sum of weights that is told by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Micro caps and CSI 2000: told together because they move together.
    SmallCap,
    /// All segments.
    Equity,
    /// All segments less the hedge.
    NetEquity,
    /// Bonds and cash.
    FixedIncome,
}

impl Group {
    /// Every group.
    pub const ALL: [Self; 4] = [Self::SmallCap, Self::Equity, Self::NetEquity, Self::FixedIncome];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SmallCap => "small_cap",
            Self::Equity => "equity",
            Self::NetEquity => "net_equity",
            Self::FixedIncome => "fixed_income",
        }
    }

    /// For readers.
    pub fn words(self) -> Text {
        match self {
            Self::SmallCap => {
                Text::new("小微盘（微盘加中证2000）", "small caps (micro and CSI 2000)")
            }
            Self::Equity => Text::new("股票合计", "all equity"),
            Self::NetEquity => Text::new("股票净敞口（减去对冲）", "net equity (less the hedge)"),
            Self::FixedIncome => Text::new("债券与现金", "bonds and cash"),
        }
    }

    /// How often each factor counts in it.
    pub(super) fn combination(self, names: &[&str]) -> Vec<f64> {
        let is_segment = |name: &str| Segment::ALL.iter().any(|segment| segment.name() == name);
        let small = [Segment::Micro.name(), Segment::Csi2000.name()];
        let one = |name: &&str| match self {
            Self::SmallCap => f64::from(u8::from(small.contains(name))),
            Self::NetEquity if *name == HEDGE => -1.0,
            Self::Equity | Self::NetEquity => f64::from(u8::from(is_segment(name))),
            Self::FixedIncome => f64::from(u8::from([BOND, CASH].contains(name))),
        };
        names.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use shoals_core::day;

    use super::*;

    fn closes(name: &str, values: [f64; 3]) -> Series {
        let days = vec![day(2024, 2, 2), day(2024, 2, 5), day(2024, 2, 6)];
        Series::new(name, days, values.to_vec()).expect("rising days")
    }

    /// Expected, by hand. On Tuesday micro caps gain 10 %, the CSI 1000 5 %: four times 5 % less a day's interest of 4 % a
    /// year. Monday, which has no day before it among the returns, has no interest and is left out.
    #[test]
    fn the_proxy_is_four_times_the_spread_less_interest() {
        let (micro, mid) = (closes("m", [100.0, 90.0, 99.0]), closes("i", [100.0, 100.0, 105.0]));
        let segments = vec![(Segment::Micro, &micro), (Segment::Csi1000, &mid)];
        let market = StyleMarket { segments, ..StyleMarket::default() };
        let made = factors(&market, &StyleConfig::default()).expect("two segments");
        let proxy = made.dma_proxy.expect("micro caps and something to sell");
        assert_eq!(proxy.days, [day(2024, 2, 6)]);
        let expected = 4.0 * (0.10 - 0.05 - 0.04 / 365.0);
        assert!((proxy.returns[0] - expected).abs() < 1e-12, "{proxy:?}");
        let cash = made.set.factor(CASH).expect("cash is always there");
        // Friday to Monday is three days.
        assert!((cash.returns[0] - 0.02 * 3.0 / 365.0).abs() < 1e-15, "{cash:?}");
        let names: Vec<&str> = made.set.factors().iter().map(|factor| factor.name).collect();
        assert_eq!(names, ["micro", "csi1000", "cash"]);
        assert_eq!(
            made.missing,
            ["csi2000", "csi500", "csi300", "hedge", "short_volatility", "bond"]
        );
        assert_eq!(Group::SmallCap.combination(&names), [1.0, 0.0, 0.0]);
    }

    #[test]
    fn no_segment_is_no_question() {
        let refusal = factors(&StyleMarket::default(), &StyleConfig::default()).expect_err("none");
        assert!(refusal.to_string().contains("one size segment or more"), "{refusal}");
    }
}
