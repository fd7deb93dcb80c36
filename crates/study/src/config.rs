//! A study as written: which questions, with which settings.
//!
//! ```toml
//! title = "What the books held"
//! seed = 20240205
//! from = 2021-01-04
//! to = 2024-06-28
//! analyses = ["inversion", "basis", "swap", "replicate"]
//! calendar = "holidays.toml"     # over the built-in calendar, named from this file
//! rules = ["broker.toml"]        # over the built-in rules
//!
//! [inversion]
//! windows = [{ from = 2023-12-29, to = 2024-02-07 }]
//!
//! [[book]]
//! name = "micro against IM2403"
//! swap = { opened_on = 2024-01-02, closed_on = 2024-03-15, notional = 100.0, initial_margin_ratio = 0.25,
//!          call_ratio = 0.15, liquidation_ratio = 0.10, financing_rate = 0.04 }
//! long = { symbol = "868008.WI" }
//! hedge = [{ contract = "IM2403.CFE", weight = 1.0 }]
//!
//! [[replication]]
//! name = "CSI 1000 against CSI 300"
//! straddle = { weight = 0.3 }
//! ```

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use shoals_core::{Seed, TradingDay};
use shoals_fund::xray::XrayConfig;
use shoals_product::ab_swap::AbSwapTerms;
use shoals_product::attribution::AttributionConfig;
use shoals_product::replication::{ReplicationTerms, ReplicationWords, StraddleSource};
use shoals_product::swap::SwapTerms;
use shoals_spiral::scenario_file::Episode;
use shoals_warning::analogue::AnalogueConfig;
use shoals_warning::basis_watch::BasisConfig;
use shoals_warning::bubble::BubbleConfig;
use shoals_warning::event_study::EventConfig;
use shoals_warning::gauge::GaugeConfig;
use shoals_warning::inversion::InversionConfig;
use shoals_warning::liquidity::LiquidityConfig;
use shoals_warning::rotation::RotationConfig;

use crate::origin::effective_values;
use crate::{
    BucketRule, CrowdingConfig, EffectiveValue, FactorConfig, IndexConfig, OptionConfig, StockView,
    StudyError,
};

/// One of the analyses a study can run, in the order they are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Analysis {
    /// The size ladder.
    Inversion,
    /// The futures basis.
    Basis,
    /// The DMA books.
    Swap,
    /// The AB swaps, beside DMA on the same path.
    Ab,
    /// The replications.
    Replicate,
    /// Where the gains of books, replications and series came from.
    Attribute,
    /// An option chain: volatility index, parity, a straddle's history.
    Option,
    /// Factors inside size buckets.
    Factor,
    /// The micro-cap index.
    Index,
    /// The liquidity of the smallest companies.
    Liquidity,
    /// How crowded they are.
    Crowding,
    /// Bubble tests of index ratios.
    Bubble,
    /// Episodes a path looks like.
    Analogue,
    /// The ratio of small to large companies.
    Rotation,
    /// The policy events.
    Event,
    /// The funds under the X-ray.
    Fund,
    /// The gauge and its record.
    Gauge,
    /// The spiral: replay, levers.
    Spiral,
}

impl Analysis {
    /// The market tables it may read.
    pub const fn tables(self) -> &'static [&'static str] {
        match self {
            Self::Inversion | Self::Bubble | Self::Analogue | Self::Rotation => &["index_daily"],
            Self::Basis => &["index_daily", "index_valuation", "future_daily"],
            Self::Swap | Self::Ab => &[
                "index_daily",
                "etf_daily",
                "future_daily",
                "stock_daily",
                "stock_adjusted_daily",
                "stock_valuation",
                "security",
            ],
            Self::Spiral => &["index_daily", "future_daily"],
            Self::Replicate => &[
                "index_daily",
                "etf_daily",
                "future_daily",
                "implied_volatility_daily",
                "option_daily",
                "fund_nav",
            ],
            Self::Attribute => &[
                "index_daily",
                "etf_daily",
                "future_daily",
                "implied_volatility_daily",
                "option_daily",
                "fund_nav",
                "stock_daily",
                "stock_adjusted_daily",
                "stock_valuation",
                "security",
            ],
            Self::Option => &["option_daily"],
            Self::Factor => &[
                "stock_daily",
                "stock_adjusted_daily",
                "stock_valuation",
                "security",
                "index_member",
            ],
            Self::Event => &[
                "index_daily",
                "policy_event",
                "stock_daily",
                "stock_adjusted_daily",
                "stock_valuation",
                "security",
            ],
            Self::Index => &[
                "stock_daily",
                "stock_adjusted_daily",
                "stock_valuation",
                "security",
                "index_daily",
            ],
            Self::Fund => &[
                "fund_nav",
                "fund_profile",
                "index_daily",
                "etf_daily",
                "future_daily",
                "implied_volatility_daily",
                "rate_daily",
            ],
            Self::Gauge => &[
                "index_daily",
                "index_valuation",
                "future_daily",
                "margin_balance",
                "stock_daily",
                "stock_adjusted_daily",
                "stock_valuation",
                "security",
            ],
            Self::Liquidity => {
                &["stock_daily", "stock_adjusted_daily", "stock_valuation", "security"]
            }
            Self::Crowding => &[
                "stock_daily",
                "stock_adjusted_daily",
                "stock_valuation",
                "security",
                "margin_balance",
            ],
        }
    }
}

/// A study as written. Everything has a default: an empty file asks every question that needs no terms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StudyConfig {
    /// What the report is called.
    pub title: String,
    /// Seed of everything random.
    pub seed: Seed,
    /// First day told about, where an analysis does not say its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<TradingDay>,
    /// Last day known, where an analysis does not say its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<TradingDay>,
    /// What to run.
    pub analyses: Vec<Analysis>,
    /// Calendar file over the built-in calendar. Whoever runs the study reads it; the lock keeps its hash.
    #[serde(skip_serializing)]
    pub calendar: Option<PathBuf>,
    /// Rule files over the built-in rules, likewise.
    #[serde(skip_serializing)]
    pub rules: Vec<PathBuf>,
    /// `[inversion]`.
    pub inversion: InversionConfig,
    /// `[basis]`.
    pub basis: BasisConfig,
    /// `[[book]]`: DMA books.
    pub book: Vec<Named<SwapTerms>>,
    /// `[[ab_swap]]`: AB swaps, each with the DMA book it is held against.
    pub ab_swap: Vec<Named<AbSwapTerms>>,
    /// `[[replication]]`: replications.
    pub replication: Vec<Named<ReplicationTerms>>,
    /// `[attribution]`.
    pub attribution: AttributionConfig,
    /// `[option]`.
    pub option: OptionConfig,
    /// `[factor]`.
    pub factor: FactorConfig,
    /// `[index]`.
    pub index: IndexConfig,
    /// `[liquidity]`.
    pub liquidity: LiquidityConfig,
    /// `[crowding]`.
    pub crowding: CrowdingConfig,
    /// `[event]`.
    pub event: EventConfig,
    /// `[fund]`.
    pub fund: XrayConfig,
    /// `[gauge]`.
    pub gauge: GaugeConfig,
    /// `[analogue]`.
    pub analogue: AnalogueConfig,
    /// `[rotation]`.
    pub rotation: RotationConfig,
    /// Bubble tests of index ratios.
    pub bubble: BubbleConfig,
    /// `[spiral]`.
    pub spiral: SpiralConfig,
}

/// `[spiral]`: which storm is told, and on how many paths.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SpiralConfig {
    /// An episode of the library.
    pub episode: String,
    /// Paths of the replay.
    pub paths: u64,
    /// Paths the mechanisms' shares are taken over.
    pub share_paths: u64,
    /// Paths of each lever.
    pub lever_paths: u64,
}

impl Default for SpiralConfig {
    fn default() -> Self {
        Self { episode: "china_2024".to_owned(), paths: 200, share_paths: 4, lever_paths: 60 }
    }
}

impl SpiralConfig {
    /// Refuses an episode the library does not have, and no path.
    fn check(&self) -> Result<(), StudyError> {
        Episode::named(&self.episode)?;
        let counts = [
            ("paths", self.paths),
            ("share_paths", self.share_paths),
            ("lever_paths", self.lever_paths),
        ];
        match counts.into_iter().find(|(_, n)| *n == 0) {
            Some((key, n)) => Err(StudyError::Config {
                reason: format!("`spiral.{key}` is {n}, expected 1 or more"),
            }),
            None => Ok(()),
        }
    }
}

impl Default for StudyConfig {
    fn default() -> Self {
        Self {
            title: "Shoals".to_owned(),
            seed: Seed::default(),
            from: None,
            to: None,
            analyses: vec![
                Analysis::Inversion,
                Analysis::Basis,
                Analysis::Swap,
                Analysis::Ab,
                Analysis::Replicate,
                Analysis::Liquidity,
                Analysis::Crowding,
                Analysis::Event,
                Analysis::Fund,
                Analysis::Gauge,
                Analysis::Analogue,
                Analysis::Rotation,
                Analysis::Bubble,
                Analysis::Spiral,
            ],
            calendar: None,
            rules: Vec::new(),
            inversion: InversionConfig::default(),
            basis: BasisConfig::default(),
            book: Vec::new(),
            ab_swap: Vec::new(),
            replication: Vec::new(),
            attribution: AttributionConfig::default(),
            option: OptionConfig::default(),
            factor: FactorConfig::default(),
            index: IndexConfig::default(),
            liquidity: LiquidityConfig::default(),
            crowding: CrowdingConfig::default(),
            event: EventConfig::default(),
            fund: XrayConfig::default(),
            gauge: GaugeConfig::default(),
            analogue: AnalogueConfig::default(),
            rotation: RotationConfig::default(),
            bubble: BubbleConfig::default(),
            spiral: SpiralConfig::default(),
        }
    }
}

/// Terms with the name a study gives them; in TOML the name stands beside the terms' own words.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "toml::Table", bound(deserialize = "T: DeserializeOwned"))]
pub struct Named<T> {
    /// The name in tables and exhibits.
    pub name: String,
    /// The terms.
    pub terms: T,
}

impl<T: DeserializeOwned> TryFrom<toml::Table> for Named<T> {
    type Error = String;

    fn try_from(mut words: toml::Table) -> Result<Self, String> {
        let name = match words.remove("name") {
            Some(toml::Value::String(name)) if !name.is_empty() => name,
            _ => {
                return Err(
                    "every [[book]], [[ab_swap]] and [[replication]] needs a `name`".to_owned()
                );
            }
        };
        let terms =
            T::deserialize(words).map_err(|error| format!("`{name}`: {}", error.message()))?;
        Ok(Self { name, terms })
    }
}

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut words = toml::Table::try_from(&self.terms).map_err(serde::ser::Error::custom)?;
        words.insert("name".to_owned(), self.name.clone().into());
        words.serialize(serializer)
    }
}

/// What the command line sets over the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StudyFlags {
    /// `--seed`.
    pub seed: Option<u64>,
    /// `--from`.
    pub from: Option<TradingDay>,
    /// `--to`.
    pub to: Option<TradingDay>,
}

/// A study ready to run, with the origin of every value.
#[derive(Debug, Clone, PartialEq)]
pub struct Study {
    /// The effective configuration.
    pub config: StudyConfig,
    /// Every value of it, and who set it.
    pub effective: Vec<EffectiveValue>,
}

impl Study {
    /// Reads a study file and sets the flags over it.
    ///
    /// # Errors
    /// A misspelt key or an illegal value, with its place in the file.
    pub fn from_toml(text: &str, flags: &StudyFlags) -> Result<Self, StudyError> {
        let illegal = |error: toml::de::Error| StudyError::Config {
            reason: error.to_string().trim_end().to_owned(),
        };
        let file: toml::Table = text.parse().map_err(illegal)?;
        let mut config: StudyConfig = toml::from_str(text).map_err(illegal)?;
        let set = flags.set_over(&mut config);
        config.spread(&file)?;
        config.inversion.check()?;
        config.basis.check()?;
        config.attribution.check()?;
        config.option.check()?;
        config.factor.check()?;
        config.index.check()?;
        config.liquidity.check()?;
        config.crowding.check()?;
        config.event.check()?;
        config.gauge.check()?;
        config.analogue.check()?;
        config.rotation.check()?;
        config.fund.check()?;
        config.spiral.check()?;
        let whole = toml::Table::try_from(&config)
            .map_err(|error| StudyError::Config { reason: error.to_string() })?;
        Ok(Self { effective: effective_values(&whole, &file, &set), config })
    }
}

impl StudyFlags {
    /// Sets what was given and returns its keys.
    fn set_over(&self, config: &mut StudyConfig) -> Vec<String> {
        let mut set = Vec::new();
        if let Some(seed) = self.seed {
            config.seed = Seed(seed);
            set.push("seed".to_owned());
        }
        for (key, flag, slot) in
            [("from", self.from, &mut config.from), ("to", self.to, &mut config.to)]
        {
            if flag.is_some() {
                *slot = flag;
                set.push(key.to_owned());
            }
        }
        set
    }
}

impl StudyConfig {
    /// The market tables its analyses read with these books and replications, by name.
    pub fn tables(&self) -> Vec<&'static str> {
        let asked = |&analysis: &Analysis| {
            let tables = analysis.tables().iter().copied();
            tables.filter(move |table| self.reads(analysis, table))
        };
        let tables: BTreeSet<&str> = self.analyses.iter().flat_map(asked).collect();
        tables.into_iter().collect()
    }

    /// Whether any question of that analysis reads the table.
    fn reads(&self, analysis: Analysis, table: &str) -> bool {
        let sells_straddles_at = |source: StraddleSource| {
            let mut legs = self.replication.iter().map(|named| &named.terms.straddle);
            legs.any(|leg| leg.weight > 0.0 && leg.source == source)
        };
        match (analysis, table) {
            (Analysis::Factor, "index_member") => {
                matches!(self.factor.buckets, BucketRule::Members(_))
            }
            (Analysis::Swap | Analysis::Attribute, _) if StockView::TABLES.contains(&table) => {
                self.book.iter().any(|named| named.terms.long.is_of_names())
            }
            (Analysis::Ab, _) if StockView::TABLES.contains(&table) => {
                self.ab_swap.iter().any(|named| named.terms.book().long.is_of_names())
            }
            (Analysis::Attribute, "future_daily") => {
                let hedges = !self.book.is_empty() || !self.attribution.future.is_empty();
                hedges || self.reads(Analysis::Replicate, table)
            }
            (Analysis::Attribute, "option_daily") => self.reads(Analysis::Replicate, table),
            (Analysis::Replicate, "fund_nav") => {
                self.replication.iter().any(|named| named.terms.fit.is_some())
            }
            (Analysis::Attribute, "fund_nav") => {
                !self.attribution.symbols.is_empty() || self.reads(Analysis::Replicate, table)
            }
            (Analysis::Swap, _) => !self.book.is_empty(),
            (Analysis::Ab, _) => !self.ab_swap.is_empty(),
            (Analysis::Replicate, "implied_volatility_daily") => {
                sells_straddles_at(StraddleSource::ImpliedVolatility)
            }
            (Analysis::Replicate, "option_daily") => sells_straddles_at(StraddleSource::Chain),
            (Analysis::Replicate, "future_daily") => self.replication.iter().any(|named| {
                let (long, short) = (named.terms.long.symbol, named.terms.short.symbol);
                long.is_future() || short.is_future()
            }),
            (Analysis::Replicate, _) => !self.replication.is_empty(),
            (
                Analysis::Inversion
                | Analysis::Basis
                | Analysis::Attribute
                | Analysis::Option
                | Analysis::Factor
                | Analysis::Index
                | Analysis::Liquidity
                | Analysis::Crowding
                | Analysis::Event
                | Analysis::Fund
                | Analysis::Gauge
                | Analysis::Analogue
                | Analysis::Rotation
                | Analysis::Bubble
                | Analysis::Spiral,
                _,
            ) => true,
        }
    }

    /// Spreads the study's seed and days to the analyses that do not say their own.
    fn spread(&mut self, file: &toml::Table) -> Result<(), StudyError> {
        let says =
            |section: &str, key: &str| file.get(section).and_then(|part| part.get(key)).is_some();
        if !says("inversion", "seed") {
            self.inversion.seed = self.seed;
        }
        self.inversion.from = self.inversion.from.or(self.from);
        self.inversion.to = self.inversion.to.or(self.to);
        self.basis.from = self.basis.from.or(self.from);
        self.basis.to = self.basis.to.or(self.to);
        if !says("bubble", "seed") {
            self.bubble.seed = self.seed;
        }
        self.bubble.to = self.bubble.to.or(self.to);
        if !says("attribution", "seed") {
            self.attribution.seed = self.seed;
        }
        self.attribution.from = self.attribution.from.or(self.from);
        self.attribution.to = self.attribution.to.or(self.to);
        self.option.from = self.option.from.or(self.from);
        self.option.to = self.option.to.or(self.to);
        let says_testing_seed = file
            .get("factor")
            .and_then(|factor| factor.get("testing"))
            .is_some_and(|testing| testing.get("seed").is_some());
        if !says_testing_seed {
            self.factor.set_seed(self.seed);
        }
        self.factor.from = self.factor.from.or(self.from);
        self.factor.to = self.factor.to.or(self.to);
        self.index.from = self.index.from.or(self.from);
        self.index.to = self.index.to.or(self.to);
        self.liquidity.from = self.liquidity.from.or(self.from);
        self.liquidity.to = self.liquidity.to.or(self.to);
        let crowding = &mut self.crowding.measured;
        crowding.from = crowding.from.or(self.from);
        crowding.to = crowding.to.or(self.to);
        if !says("event", "seed") {
            self.event.seed = self.seed;
        }
        self.event.from = self.event.from.or(self.from);
        self.event.to = self.event.to.or(self.to);
        if !says("fund", "seed") {
            self.fund.set_seed(self.seed);
        }
        // Values before the first day told about are the record the flags rest on.
        self.fund.to = self.fund.to.or(self.to);
        if !says("gauge", "seed") {
            self.gauge.seed = self.seed;
        }
        self.gauge.from = self.gauge.from.or(self.from);
        self.gauge.to = self.gauge.to.or(self.to);
        if !says("analogue", "seed") {
            self.analogue.seed = self.seed;
        }
        self.analogue.to = self.analogue.to.or(self.to);
        if !says("rotation", "seed") {
            self.rotation.seed = self.seed;
        }
        self.rotation.from = self.rotation.from.or(self.from);
        self.rotation.to = self.rotation.to.or(self.to);
        for named in &mut self.replication {
            let mut words = ReplicationWords::from(named.terms.clone());
            words.replication.from = words.replication.from.or(self.from);
            words.replication.to = words.replication.to.or(self.to);
            named.terms = ReplicationTerms::try_from(words)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Origin;
    use shoals_core::day;

    const STUDY: &str = r#"
title = "test"
from = 2023-01-03
analyses = ["inversion", "basis", "swap", "ab", "replicate", "spiral"]
[inversion]
rolling_days = 10
[[book]]
name = "IM2403"
long = { symbol = "868008.WI" }
hedge = [{ contract = "IM2403.CFE", weight = 1.0 }]
[book.swap]
opened_on = 2024-01-02
closed_on = 2024-03-15
notional = 100.0
initial_margin_ratio = 0.25
call_ratio = 0.15
liquidation_ratio = 0.10
financing_rate = 0.04
[[replication]]
name = "small against large"
straddle = { weight = 0.3 }
"#;

    #[test]
    fn settings_reach_their_analysis_and_say_where_they_came_from() {
        let flags =
            StudyFlags { seed: Some(7), to: Some(day(2024, 6, 28)), ..StudyFlags::default() };
        let study = Study::from_toml(STUDY, &flags).unwrap();
        assert_eq!(study.config.inversion.seed, Seed(7));
        assert_eq!(study.config.inversion.from, Some(day(2023, 1, 3)));
        assert_eq!(study.config.basis.to, Some(day(2024, 6, 28)));
        assert_eq!(study.config.replication[0].terms.replication.from, Some(day(2023, 1, 3)));
        let origin = |key: &str| {
            study.effective.iter().find(|value| value.key == key).map(|value| value.origin)
        };
        assert_eq!(study.config.factor.from, Some(day(2023, 1, 3)));
        assert_eq!(study.config.index.to, Some(day(2024, 6, 28)));
        assert_eq!(origin("factor.testing.seed"), Some(Origin::Default));
        assert!(study.effective.iter().any(|v| v.key == "factor.testing.seed" && v.value == "7"));
        assert_eq!(origin("seed"), Some(Origin::Flag));
        assert_eq!(origin("inversion.rolling_days"), Some(Origin::File));
        assert_eq!(origin("inversion.flag_threshold"), Some(Origin::Default));
        assert_eq!(origin("book.0.swap.call_ratio"), Some(Origin::File));
    }

    /// Witness: what each analysis asks the view for (`ask.rs`).
    #[test]
    fn only_the_tables_of_the_questions_asked_are_read() {
        let tables = |text: &str| {
            Study::from_toml(text, &StudyFlags::default()).unwrap().config.tables().join(" ")
        };
        let stocks = "security stock_adjusted_daily stock_daily stock_valuation";
        let all = format!(
            "etf_daily fund_nav fund_profile future_daily implied_volatility_daily index_daily index_valuation \
             margin_balance policy_event rate_daily {stocks}"
        );
        assert_eq!(tables(""), all);
        assert_eq!(tables("analyses = [\"liquidity\"]"), stocks);
        let no_terms = "analyses = [\"inversion\", \"basis\", \"swap\", \"replicate\"]";
        assert_eq!(tables(no_terms), "future_daily index_daily index_valuation");
        assert_eq!(
            tables("analyses = [\"event\"]"),
            "index_daily policy_event security stock_adjusted_daily stock_daily stock_valuation"
        );
        assert_eq!(tables("analyses = [\"inversion\"]"), "index_daily");
        assert_eq!(
            tables(STUDY),
            "etf_daily future_daily implied_volatility_daily index_daily index_valuation"
        );
        let short_future = "analyses = [\"replicate\"]\n[[replication]]\nname = \"a\"\nshort = { symbol = \"IF2403.CFE\" }";
        assert_eq!(
            tables(short_future),
            "etf_daily future_daily implied_volatility_daily index_daily"
        );
        let at_chain = STUDY.replace("weight = 0.3 }", "weight = 0.3, source = \"chain\" }");
        assert_eq!(
            tables(&at_chain),
            "etf_daily future_daily index_daily index_valuation option_daily"
        );
        let fitted = "analyses = [\"replicate\"]\n[[replication]]\nname = \"a\"\n\
                      long = { sizing = \"fitted\" }\nfit = { target = \"000905.SH\" }";
        assert!(tables(fitted).contains("fund_nav"));
        let unsold = STUDY.replace("weight = 0.3 }", "weight = 0.0 }");
        assert_eq!(tables(&unsold), "etf_daily future_daily index_daily index_valuation");
        assert!(tables("analyses = [\"gauge\"]").starts_with("future_daily index_daily"));
        assert_eq!(
            tables("analyses = [\"factor\"]"),
            "security stock_adjusted_daily stock_daily stock_valuation"
        );
        let attributed = "analyses = [\"attribute\"]";
        assert_eq!(tables(attributed), "etf_daily implied_volatility_daily index_daily");
        let names = "[[book]]\nname = \"n\"\nlong = { micro_cap = { n_names = 100 } }\n\
                     hedge = [{ contract = \"IM2403.CFE\", weight = 1.0 }]\n\
                     swap = { opened_on = 2024-01-02, closed_on = 2024-03-15, notional = 100.0, \
                     initial_margin_ratio = 0.25, call_ratio = 0.15, liquidation_ratio = 0.10, \
                     financing_rate = 0.04 }";
        let of_names = tables(&format!("{attributed}\n{names}"));
        assert!(of_names.ends_with("security stock_adjusted_daily stock_daily stock_valuation"));
        let with_basis = format!("{attributed}\n[attribution]\nfuture = \"IM\"");
        assert!(tables(&with_basis).contains("future_daily"));
        let members = "analyses = [\"factor\"]\n[factor]\nbuckets = { members = [\"000300.SH\"] }";
        assert!(tables(members).starts_with("index_member"));
    }

    #[test]
    fn misspelt_keys_and_illegal_terms_are_refused_with_their_name() {
        for (piece, typed, part) in [
            ("title", "titel", "titel"),
            ("rolling_days", "rolling_day", "rolling_day"),
            ("name = \"IM2403\"", "nom = \"x\"", "name"),
            ("call_ratio = 0.15", "call_ratio = 15", "`call_ratio` is 15"),
            ("weight = 0.3", "wieght = 0.3", "wieght"),
            ("[inversion]", "[factor]\nfactors = [\"momentum\"]\n[inversion]", "`momentum`"),
            ("[inversion]", "[factor]\nfactors = []\n[inversion]", "at least one"),
            ("[inversion]", "[factor]\nevent = []\n[inversion]", "event"),
            ("[inversion]", "[attribution]\ntrim = 15\n[inversion]", "`attribution.trim` is 15"),
            ("[inversion]", "[[ab_swap]]\nname = \"a\"\n[inversion]", "no `[ab]`"),
            ("[inversion]", "[option]\nrate = 2.0\n[inversion]", "[option] `rate` is 2"),
            ("[inversion]", "[option]\nstraddle = { sides = 1 }\n[inversion]", "sides"),
            ("[inversion]", "[index]\nnames = 400\n[inversion]", "names"),
            ("[inversion]", "[gauge]\ndrawdown = 8\n[inversion]", "`drawdown` is 8"),
            ("[inversion]", "[event]\ngap_days = 2\n[inversion]", "`gap_days` is 2"),
            ("[inversion]", "[event]\nwindow = [0, 1]\n[inversion]", "window"),
            ("[inversion]", "[index]\nn_names = 0\n[inversion]", "`n_names` is 0"),
            ("[inversion]", "[liquidity]\nholding = -1\n[inversion]", "`holding` is -1"),
            ("[inversion]", "[crowding]\nyardstick = 1\n[inversion]", "yardstick"),
            ("[inversion]", "[crowding]\nmin_measures = 0\n[inversion]", "`min_measures` is 0"),
            ("[inversion]", "[rotation]\nhorizon_days = 0\n[inversion]", "`horizon_days` is 0"),
            ("[inversion]", "[analogue]\nepisodes = []\n[inversion]", "episodes"),
            ("[inversion]", "[analogue]\ndraws = 3\n[inversion]", "`draws` is 3"),
            ("[inversion]", "[spiral]\npaths = 0\n[inversion]", "`spiral.paths` is 0"),
            ("[inversion]", "[spiral]\nepisode = \"x\"\n[inversion]", "`x`, expected one of"),
        ] {
            let error = Study::from_toml(&STUDY.replace(piece, typed), &StudyFlags::default());
            let message = error.unwrap_err().to_string();
            assert!(message.contains(part), "{typed}: {message}");
        }
    }
}
