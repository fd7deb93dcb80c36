//! `[factor]`: which factors, how they are cleaned, in which buckets and spans they are judged.
//!
//! ```toml
//! [factor]
//! factors = ["book_to_price", "low_volatility_60"]     # or { name = "mine", file = "mine.csv" }
//!                                                      # or { name = "calm", expression = "-rolling_std(return, 20)" }
//!                                                      # or { name = "asked", sql = "select date, symbol, ..." }
//! buckets = { market_cap = { n = 5 } }                 # or { members = ["868008.WI"] }, or "none"
//! cleaning = { neutralise = "industry_and_size" }
//! evaluation = { horizons = [1, 5, 20], n_quantiles = 10 }
//! holding = { days = 20, cost_rate = 0.0015 }
//! periods = [{ name = "crowding", from = 2021-01-04, to = 2023-06-30 }]
//! events = [{ name = "DMA limits", on = 2024-02-05, before = 60, after = 60 }]
//! ```

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use shoals_core::{Seed, Symbol, TradingDay};
use shoals_market::MarketError;
use shoals_market::factor::clean::Cleaning;
use shoals_market::factor::definition::{Cap, Factor};
use shoals_market::factor::expression::Expression;
use shoals_market::factor::portfolio::Holding;
use shoals_market::factor::summary::Testing;
use shoals_market::factor::{EvaluationConfig, LabConfig, LongShort, LookBack, Period};
use shoals_market::universe::UniverseConfig;
use shoals_stats::significance::Adjustment;

use crate::StudyError;

/// Settings of the factor lab on a market's stocks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FactorConfig {
    /// First day judged; look-backs reach before it. The study's own when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<TradingDay>,
    /// Last day known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<TradingDay>,
    /// The factors tried, all of them: significance is judged by their number.
    pub factors: Vec<ChosenFactor>,
    /// Which stocks may be chosen.
    pub universe: UniverseConfig,
    /// Whether a stock sealed at a price limit stands in the day's ranks.
    pub sealed: Sealed,
    /// How tails are tamed, and what is taken out. Nothing unless asked: ranks do not need it, and
    /// clipping makes ties.
    pub cleaning: Cleaning,
    /// The buckets each day's stocks are split into.
    pub buckets: BucketRule,
    /// Horizons, quantiles, lags, the kind of double sort.
    pub evaluation: EvaluationConfig,
    /// Lags of Newey-West errors, bands.
    pub testing: Testing,
    /// How the extreme quantiles are held, and at which costs.
    pub holding: Holding,
    /// How the long-short value is made.
    pub long_short: LongShort,
    /// How p-values are adjusted for the number of factors.
    pub adjustment: Adjustment,
    /// Spans told about beside the whole.
    pub periods: Vec<Period>,
    /// Days before and after events, each a span told about.
    pub events: Vec<EventSpan>,
}

impl Default for FactorConfig {
    /// Cheap and quiet inside five size buckets.
    fn default() -> Self {
        let lab = LabConfig::default();
        Self {
            from: None,
            to: None,
            factors: ["book_to_price", "low_volatility_60"].map(ChosenFactor::literal).into(),
            universe: UniverseConfig::default(),
            sealed: Sealed::default(),
            cleaning: Cleaning::nothing(),
            buckets: BucketRule::default(),
            evaluation: lab.evaluation,
            testing: lab.testing,
            holding: lab.holding,
            long_short: lab.long_short,
            adjustment: Adjustment::default(),
            periods: lab.periods,
            events: Vec::new(),
        }
    }
}

/// Whether stocks sealed at a price limit stand in the day's ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sealed {
    /// No: at that close nobody could buy, or nobody could sell.
    #[default]
    LeftOut,
    /// Yes.
    Ranked,
}

/// The buckets of a double sort.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BucketRule {
    /// The whole market only.
    None,
    /// Equal numbers of the day's stocks by market cap, 1 the smallest.
    MarketCap(CapBuckets),
    /// Members of these indices, in this order, smallest first; a stock in none is in no bucket.
    Members(Vec<Symbol>),
}

impl Default for BucketRule {
    fn default() -> Self {
        Self::MarketCap(CapBuckets::default())
    }
}

/// Size buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CapBuckets {
    /// Number of buckets.
    pub n: u8,
    /// Total or free float.
    pub cap: Cap,
}

impl Default for CapBuckets {
    fn default() -> Self {
        Self { n: 5, cap: Cap::Total }
    }
}

/// Some days on either side of an event; the event's own day counts as after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventSpan {
    /// Its name in tables.
    pub name: String,
    /// The day it acts from.
    pub on: TradingDay,
    /// Trading days before it.
    #[serde(default = "a_quarter")]
    pub before: usize,
    /// Trading days from it on.
    #[serde(default = "a_quarter")]
    pub after: usize,
}

const fn a_quarter() -> usize {
    60
}

/// A factor as a study names it. A value of this type is always legal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "toml::Value", into = "toml::Value")]
pub struct ChosenFactor {
    /// Its name in tables.
    pub name: String,
    /// Where its values come from.
    pub source: FactorSource,
}

/// Where a factor's values come from.
#[derive(Debug, Clone, PartialEq)]
pub enum FactorSource {
    /// One of the usual ones.
    Usual(Factor),
    /// Written down over the stock columns.
    Written(Expression),
    /// A file of the user's own; whoever runs the study reads it.
    Own(OwnFactor),
    /// A query over the market's tables with columns `date`, `symbol` and one number; whoever runs the
    /// study asks it.
    Query(String),
}

impl FactorSource {
    /// Whether whoever runs the study brings the values.
    pub const fn is_brought(&self) -> bool {
        matches!(self, Self::Own(_) | Self::Query(_))
    }
}

/// A factor in a file: days, stocks, values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnFactor {
    /// Its name in tables.
    pub name: String,
    /// CSV, Excel or Parquet, a column a stock or a row a day and stock.
    pub file: PathBuf,
    /// Column of the values, where the file has a row a day and stock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

/// A factor of the user's own as a study writes it: the name, and one place its values come from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnWords {
    name: String,
    file: Option<PathBuf>,
    column: Option<String>,
    expression: Option<String>,
    sql: Option<String>,
}

impl OwnWords {
    fn source(self) -> Result<FactorSource, StudyError> {
        let name = self.name;
        match (self.file, self.expression, self.sql) {
            (Some(file), None, None) => {
                Ok(FactorSource::Own(OwnFactor { name, file, column: self.column }))
            }
            (None, Some(text), None) if self.column.is_none() => {
                let expression = text.parse().map_err(|error| StudyError::Config {
                    reason: format!("in `factors`, `{name}`: {error}"),
                })?;
                Ok(FactorSource::Written(expression))
            }
            (None, None, Some(query)) if self.column.is_none() => Ok(FactorSource::Query(query)),
            _ => Err(StudyError::Config {
                reason: format!(
                    "in `factors`, `{name}` needs one of `file` (with `column` where it has several), \
                     `expression` and `sql`"
                ),
            }),
        }
    }
}

/// A factor of the days it looks back.
type Make = fn(LookBack) -> Factor;

/// Words of the usual factors, with the days each looks back unless told.
const LOOKING_BACK: [(&str, usize, Make); 5] = [
    ("low_volatility", 60, |days| Factor::LowVolatility { days }),
    ("low_idiosyncratic_volatility", 60, |days| Factor::LowIdiosyncraticVolatility { days }),
    ("illiquidity", 20, |days| Factor::Illiquidity { days }),
    ("low_turnover", 20, |days| Factor::LowTurnover { days }),
    ("reversal", 20, |days| Factor::Reversal { days }),
];

/// Words of the usual factors that look at one day.
const OF_ONE_DAY: [(&str, Factor); 4] = [
    ("size", Factor::Size { cap: Cap::Total }),
    ("free_float_size", Factor::Size { cap: Cap::FreeFloat }),
    ("book_to_price", Factor::BookToPrice),
    ("earnings_yield", Factor::EarningsYield),
];

impl ChosenFactor {
    /// A usual factor by its word, as `book_to_price` or `low_volatility_60`.
    ///
    /// # Errors
    /// No such word, or a look-back that is not legal.
    pub fn usual(word: &str) -> Result<Self, StudyError> {
        let one_day = OF_ONE_DAY.into_iter().find(|(known, _)| *known == word);
        let factor = match one_day {
            Some((_, factor)) => factor,
            None => looking_back(word)?,
        };
        Ok(Self { name: word.to_owned(), source: FactorSource::Usual(factor) })
    }

    fn literal(word: &str) -> Self {
        Self::usual(word).expect("the defaults are legal")
    }

    /// Trading days it looks back beyond its own.
    pub fn look_back(&self) -> usize {
        match &self.source {
            FactorSource::Written(expression) => expression.look_back(),
            FactorSource::Usual(
                Factor::LowVolatility { days }
                | Factor::LowIdiosyncraticVolatility { days }
                | Factor::Illiquidity { days }
                | Factor::LowTurnover { days }
                | Factor::Reversal { days },
            ) => days.days(),
            _ => 0,
        }
    }
}

fn looking_back(word: &str) -> Result<Factor, StudyError> {
    let find = |known: &str| LOOKING_BACK.into_iter().find(|factor| factor.0 == known);
    let (found, days) = match word.rsplit_once('_').map(|(stem, days)| (stem, days.parse())) {
        Some((stem, Ok(days))) => (find(stem), Some(days)),
        _ => (find(word), None),
    };
    let (_, usual_days, make) = found.ok_or_else(|| {
        let words = OF_ONE_DAY.iter().map(|factor| factor.0.to_owned());
        let days = LOOKING_BACK.iter().map(|factor| format!("{}_{}", factor.0, factor.1));
        let reason = format!(
            "there is no factor `{word}`; the factors are {}, and your own as {{ name, file }}, \
             {{ name, expression }} or {{ name, sql }}",
            words.chain(days).collect::<Vec<_>>().join(", ")
        );
        StudyError::Config { reason }
    })?;
    Ok(make(LookBack::new(days.unwrap_or(usual_days))?))
}

impl TryFrom<toml::Value> for ChosenFactor {
    type Error = StudyError;

    fn try_from(written: toml::Value) -> Result<Self, StudyError> {
        if let toml::Value::String(word) = &written {
            return Self::usual(word);
        }
        let own: OwnWords = written.try_into().map_err(|error: toml::de::Error| {
            StudyError::Config { reason: format!("in `factors`: {}", error.message()) }
        })?;
        Ok(Self { name: own.name.clone(), source: own.source()? })
    }
}

impl From<ChosenFactor> for toml::Value {
    fn from(chosen: ChosenFactor) -> Self {
        let named = |word: &str, text: String| {
            let words = [("name".to_owned(), chosen.name.clone()), (word.to_owned(), text)];
            Self::Table(words.into_iter().map(|(key, text)| (key, Self::String(text))).collect())
        };
        match chosen.source {
            FactorSource::Usual(_) => Self::String(chosen.name),
            FactorSource::Written(expression) => named("expression", expression.to_string()),
            FactorSource::Own(own) => Self::try_from(own).expect("text only"),
            FactorSource::Query(query) => named("sql", query),
        }
    }
}

impl FactorConfig {
    /// Refuses settings that do not go together.
    ///
    /// # Errors
    /// No factor, two of one name, no bucket, or `to` before `from`.
    pub fn check(&self) -> Result<(), StudyError> {
        let illegal =
            |reason: String| Err(StudyError::Config { reason: format!("[factor] {reason}") });
        if self.factors.is_empty() {
            return illegal("`factors` is empty, expected at least one".to_owned());
        }
        for (i, factor) in self.factors.iter().enumerate() {
            if self.factors[..i].iter().any(|earlier| earlier.name == factor.name) {
                return illegal(format!("two factors are named `{}`", factor.name));
            }
        }
        if self.n_buckets() == Some(0) {
            return illegal("`buckets` has none; write \"none\" for the whole market".to_owned());
        }
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to < from
        {
            return illegal(format!("`to` is {to}, before `from` {from}"));
        }
        Ok(())
    }

    fn n_buckets(&self) -> Option<usize> {
        match &self.buckets {
            BucketRule::None => None,
            BucketRule::MarketCap(buckets) => Some(usize::from(buckets.n)),
            BucketRule::Members(indices) => Some(indices.len()),
        }
    }

    /// Names of the buckets in tables, smallest first: `size_1`, or the index.
    pub fn bucket_names(&self) -> Vec<String> {
        match &self.buckets {
            BucketRule::None => Vec::new(),
            BucketRule::MarketCap(buckets) => {
                (1..=buckets.n).map(|bucket| format!("size_{bucket}")).collect()
            }
            BucketRule::Members(indices) => indices.iter().map(Symbol::to_string).collect(),
        }
    }

    /// The lab's settings over these days, the spans around events among its periods.
    ///
    /// # Errors
    /// An event without days on either side.
    pub fn lab(&self, days: &[TradingDay]) -> Result<LabConfig, MarketError> {
        let mut periods = self.periods.clone();
        for EventSpan { name, on, before, after } in &self.events {
            periods.extend(Period::around(name, *on, days, *before, *after)?);
        }
        Ok(LabConfig {
            evaluation: self.evaluation.clone(),
            testing: self.testing,
            holding: self.holding,
            long_short: self.long_short,
            periods,
        })
    }

    /// Draws the bands from another seed.
    pub fn set_seed(&mut self, seed: Seed) {
        self.testing = self.testing.with_seed(seed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(factors: &str) -> Result<FactorConfig, String> {
        toml::from_str(&format!("factors = [{factors}]")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_factor_of_ones_own_comes_back_as_it_was_written() {
        let written = r#"{ name = "calm", expression = "-rolling_std(return, 20)" },
            { name = "mine", file = "mine.csv", column = "x" },
            { name = "asked", sql = "select date, symbol, pb from stock_valuation" }, "size""#
            .replace('\n', "");
        let config = read(&written).unwrap();
        assert_eq!(config.factors[0].look_back(), 20);
        assert!(config.factors[1].source.is_brought() && config.factors[2].source.is_brought());
        let again: FactorConfig = toml::from_str(&toml::to_string(&config).unwrap()).unwrap();
        assert_eq!(again, config);
    }

    #[test]
    fn what_is_no_factor_is_refused_with_its_place() {
        for (factors, part) in [
            (r#"{ name = "x", expression = "rank(pbb)" }"#, "`pbb` at character 6"),
            (r#"{ name = "x", expression = "pb", file = "x.csv" }"#, "needs one of `file`"),
            (r#"{ name = "x" }"#, "needs one of `file`"),
            (r#"{ name = "x", sql = "select 1", column = "y" }"#, "needs one of `file`"),
            (r#"{ name = "x", expresion = "pb" }"#, "expresion"),
            (r#""momentum""#, "{ name, expression }"),
        ] {
            let refusal = read(factors).unwrap_err();
            assert!(refusal.contains(part), "{factors}: {refusal}");
        }
    }
}
