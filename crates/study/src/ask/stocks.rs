//! Questions to the stocks of a market: factors inside size buckets, and the micro-cap index.

use rayon::prelude::*;
use shoals_core::{Panel, Rulebook, Symbol, Text, TradingDay};
use shoals_market::factor::clean::{Beside, clean};
use shoals_market::factor::definition::{Cap, traded_returns};
use shoals_market::factor::expression::Expression;
use shoals_market::factor::{Bars, Buckets, FactorOutcome, FactorPanel, lab};
use shoals_market::index::{BucketReturn, MicroCapOutcome, micro_cap_index, size_bucket_returns};
use shoals_market::universe::{Reasons, StockMarket, Tradability};

pub use shoals_market::index::window_bucket_table;

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
        Ok(Self { stocks, start, bars: Bars::of(market), is_excluded, members })
    }

    fn lab(
        &self,
        chosen: &ChosenFactor,
        config: &FactorConfig,
    ) -> Result<FactorOutcome, StudyError> {
        let (market, start) = (&self.stocks.market, self.start);
        let width = market.symbols().len();
        let days = &market.days()[start / width..];
        let factor = self.cleaned(&self.raw(chosen)?, config)?;
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
                factor.compute(&self.bars.panel(&self.stocks.market, columns_of(*factor))?)?
            }
            FactorSource::Written(expression) => {
                let panel = columns(&self.bars, &self.stocks.market, expression)?;
                expression.compute_grouped(&panel, &self.stocks.industries)?
            }
            FactorSource::Own(_) | FactorSource::Query(_) => {
                let found = self.stocks.own.get(&chosen.name);
                found.ok_or_else(|| StudyError::NoFactor { name: chosen.name.clone() })?.clone()
            }
        };
        values.drain(..self.start);
        Ok(values)
    }

    fn cleaned(&self, factor: &[f64], config: &FactorConfig) -> Result<Vec<f64>, StudyError> {
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
        Ok(clean(factor, width, beside, &config.cleaning)?)
    }
}

fn is_left_out(reasons: Reasons, sealed: Sealed) -> bool {
    let is_open = reasons.can_buy() && reasons.can_sell();
    !reasons.is_eligible() || (sealed == Sealed::LeftOut && !is_open)
}

/// What an expression is made of, under the names it uses: `close` is the unadjusted one.
fn columns(
    bars: &Bars,
    market: &StockMarket,
    expression: &Expression,
) -> Result<Panel, StudyError> {
    let mut panel = Panel::new(market.days().to_vec(), market.symbols().to_vec())?;
    for name in expression.columns() {
        let values = match name {
            "return" => traded_returns(&bars.panel(market, &["amount"])?)?,
            name => market.panel().column(name)?.to_vec(),
        };
        panel = panel.with_column(name, values)?;
    }
    Ok(panel)
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

/// What a reader must know when the benchmark asked for is not in the market.
pub fn missing_benchmark(view: &MarketView, config: &IndexConfig) -> Option<Text> {
    let benchmark = config.benchmark;
    (!view.indices.contains_key(&benchmark)).then(|| {
        Text::new(
            format!(
                "市场数据中没有基准 {benchmark}：表 `year` 的 `benchmark` 与 `excess` 为空；\
                 请导入该指数，或在 [index] 中以 `benchmark` 另指一个"
            ),
            format!(
                "the market holds no index {benchmark}: `benchmark` and `excess` of table `year` are empty; \
                 import it, or name another as `benchmark` of [index]"
            ),
        )
    })
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
const OF_FACTORS: [&str; 12] = [
    "pb",
    "pe_ttm",
    "ps_ttm",
    "dividend_yield",
    "volume",
    "free_float_shares",
    "total_shares",
    "open",
    "high",
    "low",
    "adjusted_high",
    "adjusted_low",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Analysis, StockNeeds, Study, StudyFlags};
    use shoals_core::{Calendar, Outcome as _, Table, Values, day};
    use shoals_data::MarketTable;

    const STUDY: &str = r#"
analyses = ["factor", "index"]
[factor]
factors = ["size", "low_volatility_5"]
buckets = { market_cap = { n = 2 } }
evaluation = { horizons = [1, 3], n_quantiles = 3 }
testing = { replications = 0 }
[index]
n_names = 4
n_buckets = 2
capacity_assets = [1e8]
"#;

    fn wave(t: usize, i: usize) -> f64 {
        ((t * 7 + i * 13) as f64 * 0.37).sin()
    }

    /// Whether stock 3 is suspended: for ten days, after which it reopens far away.
    fn is_closed(t: usize, i: usize) -> bool {
        i == 3 && (30..40).contains(&t)
    }

    /// Twelve stocks on sixty days of 2023; the last has adjusted bars only.
    fn tables() -> Vec<Table> {
        let calendar = Calendar::shanghai();
        let all = &calendar.days(day(2023, 1, 1), day(2024, 1, 1))[..60];
        let symbol = |i: usize| Symbol::literal(&format!("{}.SH", 600_000 + i));
        let mut price: Vec<f64> = (0..12).map(|i| 10.0 + f64::from(i)).collect();
        let (mut days, mut symbols, mut close, mut adjusted) = (vec![], vec![], vec![], vec![]);
        for (t, day) in all.iter().enumerate() {
            for (i, price) in price.iter_mut().enumerate() {
                *price *= 1.0 + 0.02 * wave(t, i);
                if (t, i) == (40, 3) {
                    *price *= 2.0;
                }
                if !is_closed(t, i) {
                    days.push(*day);
                    symbols.push(symbol(i));
                    close.push(if i == 11 { f64::NAN } else { *price / 2.0 });
                    adjusted.push(*price);
                }
            }
        }
        let n = days.len();
        let key = |name: &str| {
            Table::new(name).with("date", "", days.clone()).with("symbol", "", symbols.clone())
        };
        let missing = || vec![f64::NAN; n];
        let daily = key(MarketTable::StockDaily.name())
            .with("close", "", close)
            .with("adjust_factor", "", vec![2.0; n])
            .with("amount", "", vec![1e8; n])
            .with("is_st", "", vec![false; n])
            .with("is_suspended", "", vec![false; n])
            .with("limit_up", "", missing())
            .with("limit_down", "", missing());
        let bars = key("stock_adjusted_daily").with("close", "", adjusted.clone());
        let caps = adjusted.iter().map(|price| price * 1e8).collect::<Vec<f64>>();
        let valuation = key("stock_valuation").with("total_market_cap", "", caps);
        let securities = (0..12).map(symbol).collect::<Vec<_>>();
        let texts = |text: &str| vec![text.to_owned(); 12];
        let security = Table::new("security")
            .with("symbol", "", securities)
            .with("name", "", texts("x"))
            .with("listed_on", "", texts("2001-01-04"))
            .with("industry", "", texts("y"));
        vec![daily, bars, valuation, security]
    }

    fn view_and_study() -> (MarketView, Study) {
        let study = Study::from_toml(STUDY, &StudyFlags::default()).unwrap();
        assert!(study.config.analyses.contains(&Analysis::Factor));
        let needs = StockNeeds::of(&study.config, Calendar::shanghai()).unwrap();
        let stocks = StockView::gather(&tables(), &needs).unwrap();
        (MarketView { stocks: Some(stocks), ..MarketView::default() }, study)
    }

    /// By hand: twice the close, and the adjusted bar where there is none.
    #[test]
    fn prices_are_adjusted_and_gaps_stay_gaps() {
        let (view, _) = view_and_study();
        let panel = view.stocks().unwrap().market.panel();
        let (first, second) =
            (panel.row("close", 0).unwrap(), panel.row("adjusted_close", 0).unwrap());
        assert_eq!(second[0], 2.0 * first[0]);
        assert!(first[11].is_nan() && second[11] > 0.0);
        assert!(panel.row("adjusted_close", 35).unwrap()[3].is_nan());
        let bars = Bars::of(&view.stocks().unwrap().market);
        assert_eq!(bars.price[35 * 12 + 3], bars.price[29 * 12 + 3]);
    }

    /// Invariant 3: what is cut off later changes no number whose returns were known.
    #[test]
    fn the_future_changes_nothing_that_was_known() {
        let (view, study) = view_and_study();
        let days = view.stocks().unwrap().market.days().to_vec();
        let whole = factors(&view, &study.config.factor).unwrap();
        let index_whole = index(&view, &study.config.index).unwrap();
        for cut in [33, 39, 45] {
            let known = view.clone().known_on(days[cut]);
            let part = factors(&known, &study.config.factor).unwrap();
            for (whole, part) in whole.iter().zip(&part) {
                // A row counts only with the returns of all horizons, three days ahead at most.
                let n = cut + 1 - 3;
                for group in 0..3 {
                    let ics = |o: &FactorOutcome| -> Vec<u64> {
                        o.evaluation.rank_ic(group, 0).take(n).map(f64::to_bits).collect()
                    };
                    assert_eq!(ics(whole), ics(part), "cut {cut}, group {group}");
                }
                let nav = |o: &FactorOutcome| o.sheets[0].net_nav[..=cut].to_vec();
                assert_eq!(nav(whole), nav(part), "cut {cut}");
            }
            let part = index(&known, &study.config.index).unwrap();
            assert_eq!(format!("{:?}", part.paper), format!("{:?}", &index_whole.paper[..=cut]));
        }
    }

    #[test]
    fn windows_become_a_table_and_unknown_members_are_named() {
        let (view, study) = view_and_study();
        let mut config = study.config.index.clone();
        let days = view.stocks().unwrap().market.days();
        config.windows = vec![crate::BucketWindow { from: days[5], to: days[9] }];
        let table =
            shoals_market::index::window_bucket_table(&window_buckets(&view, &config).unwrap());
        assert_eq!(table.n_rows(), 2);
        assert_eq!(table.column("from").unwrap().values, Values::Day(vec![days[5]; 2]));
        let mut config = study.config.factor.clone();
        config.buckets = BucketRule::Members(vec![Symbol::literal("000300.SH")]);
        let refusal = factors(&view, &config).unwrap_err().to_string();
        assert!(refusal.contains("no members of 000300.SH"), "{refusal}");
        assert!(factors(&MarketView::default(), &config).is_err());
        assert!(whole_tables(&view, &study).contains(&"trial".to_owned()));
    }

    fn whole_tables(view: &MarketView, study: &Study) -> Vec<String> {
        let config = &study.config.factor;
        let found = factors(view, config).unwrap();
        let tables = crate::FactorSheet::of(&found, config).tables();
        assert!(tables.iter().all(|table| table.columns()[0].name == "factor"));
        tables.iter().map(|table| table.name().to_owned()).collect()
    }
}
