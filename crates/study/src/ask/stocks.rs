//! Questions to the stocks of a market: factors inside size buckets, and the micro-cap index.

use rayon::prelude::*;
use shoals_core::{Panel, Rulebook, Symbol, Table, TradingDay};
use shoals_market::factor::clean::{Beside, clean};
use shoals_market::factor::definition::{Cap, Factor};
use shoals_market::factor::{Buckets, FactorOutcome, FactorPanel, lab};
use shoals_market::index::{BucketReturn, MicroCapOutcome, micro_cap_index, size_bucket_returns};
use shoals_market::universe::{Reasons, StockMarket, Tradability};

use crate::stock_view::columns_of;
use crate::{
    BucketRule, ChosenFactor, FactorConfig, FactorSource, IndexConfig, MarketView, Sealed,
    StockView, StudyError,
};

/// Do these factors pay, where among the sizes, and until when?
///
/// # Errors
/// No stocks in the market, a column a factor needs is missing, or settings that are not legal.
pub fn factors(view: &MarketView, config: &FactorConfig) -> Result<Vec<FactorOutcome>, StudyError> {
    let cross_sections = CrossSections::of(view, config)?;
    config.factors.iter().map(|chosen| cross_sections.lab(chosen, config)).collect()
}

/// The days judged: prices, who is left out and the buckets, once for all factors.
struct CrossSections<'a> {
    stocks: &'a StockView,
    /// First cell of the days judged.
    start: usize,
    /// Returns between two closes, before and on the days judged.
    bars: Bars,
    is_excluded: Vec<bool>,
    members: Option<Vec<u8>>,
}

/// Adjusted closes as look-backs and forward returns read them, day-major.
struct Bars {
    /// The last adjusted close known.
    price: Vec<f64>,
    /// The one of the day before.
    price_before: Vec<f64>,
}

impl<'a> CrossSections<'a> {
    fn of(view: &'a MarketView, config: &FactorConfig) -> Result<Self, StudyError> {
        let stocks = view.stocks()?;
        let market = &stocks.market;
        let Rulebook { calendar, rules } = &view.rulebook;
        let start = first_day(market, config.from)? * market.symbols().len();
        let tradability = Tradability::of(market, config.universe, calendar, rules);
        let is_excluded = (0..market.days().len())
            .flat_map(|t| tradability.row(t))
            .map(|reasons| is_left_out(*reasons, config.sealed))
            .collect();
        let members = match &config.buckets {
            BucketRule::Members(indices) => Some(member_labels(stocks, indices)?),
            BucketRule::None | BucketRule::MarketCap(_) => None,
        };
        Ok(Self { stocks, start, bars: Bars::of(market)?, is_excluded, members })
    }

    fn lab(
        &self,
        chosen: &ChosenFactor,
        config: &FactorConfig,
    ) -> Result<FactorOutcome, StudyError> {
        let (market, start) = (&self.stocks.market, self.start);
        let width = market.symbols().len();
        let days = &market.days()[start / width..];
        let factor = self.cleaned(self.raw(chosen)?, config)?;
        let panel = FactorPanel::new(days, &factor, &self.bars.price[start..])?
            .excluding(&self.is_excluded[start..])?;
        let panel = match (&config.buckets, &self.members) {
            (BucketRule::MarketCap(buckets), _) => {
                let key = &market.panel().column(buckets.cap.column())?[start..];
                panel.bucketed(Buckets::Quantiles { key, n: usize::from(buckets.n) })?
            }
            (BucketRule::Members(indices), Some(label)) => {
                let label = &label[start..];
                panel.bucketed(Buckets::Members { label, n: indices.len() })?
            }
            _ => panel,
        };
        Ok(lab(&chosen.name, &panel, &config.bucket_names(), &config.lab(days)?)?)
    }

    /// The factor on the days judged.
    fn raw(&self, chosen: &ChosenFactor) -> Result<Vec<f64>, StudyError> {
        let mut values = match &chosen.source {
            FactorSource::Usual(factor) => {
                factor.compute(&self.bars.panel(&self.stocks.market, *factor)?)?
            }
            FactorSource::Own(own) => {
                let found = self.stocks.own.get(&own.name);
                found.ok_or_else(|| StudyError::NoFactor { name: own.name.clone() })?.clone()
            }
        };
        values.drain(..self.start);
        Ok(values)
    }

    fn cleaned(&self, factor: Vec<f64>, config: &FactorConfig) -> Result<Vec<f64>, StudyError> {
        let width = self.stocks.market.symbols().len();
        let industry = config
            .cleaning
            .needs_industry()
            .then(|| self.stocks.industries.repeat(factor.len() / width));
        let market_cap = if config.cleaning.needs_cap() {
            Some(&self.stocks.market.panel().column(Cap::Total.column())?[self.start..])
        } else {
            None
        };
        let beside = Beside {
            industry: industry.as_deref(),
            market_cap,
            is_excluded: Some(&self.is_excluded[self.start..]),
        };
        Ok(clean(&factor, width, beside, &config.cleaning)?)
    }
}

fn is_left_out(reasons: Reasons, sealed: Sealed) -> bool {
    let is_open = reasons.can_buy() && reasons.can_sell();
    !reasons.is_eligible() || (sealed == Sealed::LeftOut && !is_open)
}

impl Bars {
    fn of(market: &StockMarket) -> Result<Self, StudyError> {
        let width = market.symbols().len();
        let mut price = market.panel().column("adjusted_close")?.to_vec();
        for cell in width..price.len() {
            if price[cell].is_nan() {
                price[cell] = price[cell - width];
            }
        }
        let mut price_before = vec![f64::NAN; width];
        price_before.extend_from_slice(&price[..price.len() - width]);
        Ok(Self { price, price_before })
    }

    /// What a factor is made of, with adjusted closes in the place of `close` and `pre_close`: the
    /// ex-right reference at another scale, so every return is the same.
    fn panel(&self, market: &StockMarket, factor: Factor) -> Result<Panel, StudyError> {
        let mut panel = Panel::new(market.days().to_vec(), market.symbols().to_vec())?
            .with_column("close", self.price.clone())?
            .with_column("pre_close", self.price_before.clone())?;
        for name in columns_of(factor) {
            panel = panel.with_column(*name, market.panel().column(name)?.to_vec())?;
        }
        Ok(panel)
    }
}

/// The first day from `from` on.
fn first_day(market: &StockMarket, from: Option<TradingDay>) -> Result<usize, StudyError> {
    let days = market.days();
    let first = from.map_or(0, |from| days.partition_point(|&day| day < from));
    match (days.get(first), days.last(), from) {
        (None, Some(&last), Some(from)) => Err(StudyError::NothingFrom { from, last }),
        _ => Ok(first),
    }
}

/// Position of the first index each stock is in, from 1, by the latest list of that day or before.
fn member_labels(stocks: &StockView, indices: &[Symbol]) -> Result<Vec<u8>, StudyError> {
    let (days, width) = (stocks.market.days(), stocks.market.symbols().len());
    let mut labels = vec![0; days.len() * width];
    for (index, label) in indices.iter().zip(1..).collect::<Vec<_>>().into_iter().rev() {
        let lists = stocks.members.get(index).ok_or_else(|| StudyError::NoMembers {
            index: *index,
            available: stocks.members.keys().copied().collect(),
        })?;
        labels.par_chunks_mut(width).zip(days).for_each(|(row, day)| {
            let list = lists.range(..=*day).next_back();
            list.into_iter().flat_map(|(_, list)| list).for_each(|&i| row[i] = label);
        });
    }
    Ok(labels)
}

/// What did the smallest companies earn, and what would following them have?
///
/// # Errors
/// No stocks in the market, or a column the index needs is missing.
pub fn index(view: &MarketView, config: &IndexConfig) -> Result<MicroCapOutcome, StudyError> {
    let market = &view.stocks()?.market;
    let Rulebook { calendar, rules } = &view.rulebook;
    let benchmark = view.indices.get(&config.benchmark);
    let first = first_day(market, config.from)?;
    let ask = |market: &StockMarket| {
        Ok(micro_cap_index(market, benchmark, &config.micro_cap, calendar, rules)?)
    };
    if first == 0 { ask(market) } else { ask(&from_day(market, first)?) }
}

/// What each size bucket earned over the windows asked for: formed at the first close, held to the
/// second.
///
/// # Errors
/// No stocks in the market, or a day that is none of its.
pub fn window_buckets(
    view: &MarketView,
    config: &IndexConfig,
) -> Result<Vec<BucketReturn>, StudyError> {
    if config.windows.is_empty() {
        return Ok(Vec::new());
    }
    let market = &view.stocks()?.market;
    let Rulebook { calendar, rules } = &view.rulebook;
    let words = &config.micro_cap;
    let tradability = Tradability::of(market, words.universe, calendar, rules);
    let held = config
        .windows
        .iter()
        .map(|window| size_bucket_returns(market, &tradability, words, window.from, window.to));
    Ok(held.collect::<Result<Vec<_>, _>>()?.concat())
}

/// `window_bucket(from, to, bucket, return, n, mean_market_cap)`.
pub fn window_bucket_table(rows: &[BucketReturn]) -> Table {
    let days = |day: fn(&BucketReturn) -> TradingDay| rows.iter().map(day).collect::<Vec<_>>();
    let numbers = |value: fn(&BucketReturn) -> f64| rows.iter().map(value).collect::<Vec<_>>();
    let counts = |n: fn(&BucketReturn) -> usize| -> Vec<i64> {
        rows.iter().map(|row| n(row) as i64).collect()
    };
    Table::new("window_bucket")
        .with("from", "close the buckets are formed at", days(|row| row.from))
        .with("to", "close they are held to", days(|row| row.to))
        .with("bucket", "1 the smallest companies", counts(|row| row.bucket))
        .with(
            "return",
            "simple decimal, equal weights at the start",
            numbers(|row| row.bucket_return),
        )
        .with("n", "stocks", counts(|row| row.n_names))
        .with("mean_market_cap", "CNY at the start", numbers(|row| row.mean_market_cap))
}

/// The market from a day on, with what the index reads.
fn from_day(market: &StockMarket, first: usize) -> Result<StockMarket, StudyError> {
    let start = first * market.symbols().len();
    let mut panel = Panel::new(market.days()[first..].to_vec(), market.symbols().to_vec())?;
    for name in market.panel().column_names().filter(|name| !OF_FACTORS.contains(name)) {
        panel = panel.with_column(name, market.panel().column(name)?[start..].to_vec())?;
    }
    Ok(StockMarket::new(panel, market.listings().to_vec())?)
}

/// Columns no index is made of.
const OF_FACTORS: [&str; 4] = ["pb", "pe_ttm", "volume", "free_float_shares"];
