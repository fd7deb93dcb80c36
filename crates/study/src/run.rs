//! Running a study: every analysis it asks for, in order, and the lock that reproduces them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use shoals_core::{Outcome, Table, Text};
use shoals_data::SourceFile;
use shoals_fund::xray::FundOutcome;
use shoals_market::factor::FactorOutcome;
use shoals_market::index::{BucketReturn, MicroCapOutcome, window_bucket_table};
use shoals_market::option::OptionOutcome;
use shoals_product::ab_swap::AbSwapOutcome;
use shoals_product::attribution::AttributionOutcome;
use shoals_product::replication::ReplicationOutcome;
use shoals_product::swap::SwapOutcome;
use shoals_spiral::counterfactual::CounterfactualOutcome;
use shoals_spiral::replay::SpiralOutcome;
use shoals_warning::analogue::AnalogueOutcome;
use shoals_warning::basis_watch::BasisOutcome;
use shoals_warning::bubble::BubbleOutcome;
use shoals_warning::crowding::CrowdingOutcome;
use shoals_warning::event_study::EventOutcome;
use shoals_warning::gauge::GaugeOutcome;
use shoals_warning::inversion::InversionOutcome;
use shoals_warning::liquidity::LiquidityOutcome;
use shoals_warning::rotation::RotationOutcome;

use crate::config::{Analysis, Named};
use crate::{
    EffectiveValue, FactorConfig, FactorSheet, Fingerprint, MarketView, Study, StudyConfig,
    StudyError, ask,
};

/// What a study found.
#[derive(Debug, Clone)]
pub struct StudyOutcome {
    /// What the report is called.
    pub title: String,
    /// The size ladder.
    pub inversion: Option<InversionOutcome>,
    /// The futures basis.
    pub basis: Option<BasisOutcome>,
    /// The DMA books, in the study's order.
    pub books: Vec<Named<SwapOutcome>>,
    /// The AB swaps, in the study's order.
    pub ab_swaps: Vec<Named<AbSwapOutcome>>,
    /// The replications, in the study's order.
    pub replications: Vec<Named<ReplicationOutcome>>,
    /// Where gains came from: the replications, the books, then series.
    pub attributions: Vec<AttributionOutcome>,
    /// What an option chain said.
    pub option: Option<OptionOutcome>,
    /// The factors, in the study's order.
    pub factors: Vec<FactorOutcome>,
    /// The settings the factors were asked under.
    pub factor_config: FactorConfig,
    /// The micro-cap index.
    pub index: Option<MicroCapOutcome>,
    /// Its market's size buckets over the windows asked for.
    pub window_buckets: Vec<BucketReturn>,
    /// The liquidity of the smallest companies.
    pub liquidity: Option<LiquidityOutcome>,
    /// How crowded they are.
    pub crowding: Option<CrowdingOutcome>,
    /// The policy events.
    pub event: Option<EventOutcome>,
    /// The funds under the X-ray.
    pub fund: Option<FundOutcome>,
    /// The gauge and its record.
    pub gauge: Option<GaugeOutcome>,
    /// Episodes the path looks like.
    pub analogue: Option<AnalogueOutcome>,
    /// The ratio of small to large companies.
    pub rotation: Option<RotationOutcome>,
    /// Bubble tests of index ratios.
    pub bubble: Option<BubbleOutcome>,
    /// The storm run through.
    pub spiral: Option<SpiralOutcome>,
    /// What levers would have changed in it.
    pub levers: Option<CounterfactualOutcome>,
    /// Analyses that could not be asked: name and reason.
    pub unanswered: Vec<(String, String)>,
    /// Analyses left out because the market has nothing of their kind, each with a sentence.
    pub skipped: Vec<Text>,
    /// What reproduces it.
    pub lock: Lock,
}

/// What reproduces a study: program, data, configuration, and the fingerprint of all it found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lock {
    /// Program and version.
    pub tool_version: String,
    /// SHA-256 of everything the study found.
    pub fingerprint: String,
    /// Seed of everything random.
    pub seed: u64,
    /// Import of the store the market was read at; none without a store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import_no: Option<u64>,
    /// Store version of each table read.
    pub data: BTreeMap<String, i64>,
    /// Calendar and rule files over the built-in ones, in the order they were set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rulebook: Vec<SourceFile>,
    /// Files of the user's own factors, in the study's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<SourceFile>,
    /// Every value of the configuration, with who set it.
    pub config: Vec<EffectiveValue>,
}

/// Runs a study on a market. `progress` hears the name of each step as it starts.
///
/// An analysis whose part of the market is missing is unanswered, not an error.
///
/// # Errors
/// When no analysis at all could be asked.
pub fn run(
    study: &Study,
    view: &MarketView,
    tool_version: &str,
    progress: &dyn Fn(&str),
) -> Result<StudyOutcome, StudyError> {
    let mut outcome = StudyOutcome {
        title: study.config.title.clone(),
        inversion: None,
        basis: None,
        books: Vec::new(),
        ab_swaps: Vec::new(),
        replications: Vec::new(),
        attributions: Vec::new(),
        option: None,
        factors: Vec::new(),
        factor_config: study.config.factor.clone(),
        index: None,
        window_buckets: Vec::new(),
        liquidity: None,
        crowding: None,
        event: None,
        fund: None,
        gauge: None,
        analogue: None,
        rotation: None,
        bubble: None,
        spiral: None,
        levers: None,
        unanswered: Vec::new(),
        skipped: Vec::new(),
        lock: Lock {
            tool_version: tool_version.to_owned(),
            fingerprint: String::new(),
            seed: study.config.seed.0,
            import_no: view.import_no,
            data: view.versions.clone(),
            rulebook: view.rulebook_files.clone(),
            factors: view.factor_files.clone(),
            config: study.effective.clone(),
        },
    };
    let mut analyses = study.config.analyses.clone();
    analyses.sort_unstable();
    analyses.dedup();
    let asks_the_market = analyses.iter().any(|analysis| *analysis != Analysis::Spiral);
    for analysis in analyses {
        outcome.answer(analysis, &study.config, view, progress);
    }
    // The library's storm answers on any market; of this one it says nothing.
    let sections = outcome.sections();
    let is_answer = |section: &&Section| !asks_the_market || !section.name.starts_with("spiral");
    if sections.iter().find(is_answer).is_none() {
        return Err(StudyError::NothingAnswered {
            reasons: outcome
                .unanswered
                .iter()
                .map(|(name, why)| format!("{name}: {why}"))
                .collect(),
        });
    }
    outcome.lock.fingerprint = outcome.fingerprint();
    Ok(outcome)
}

/// One answered analysis of a study, as tables.
#[derive(Debug, Clone)]
pub struct Section {
    /// Stable name; a file-name part, as `inversion` or `swap_1`.
    pub name: String,
    /// Every table of it.
    pub tables: Vec<Table>,
}

impl StudyOutcome {
    fn answer(
        &mut self,
        analysis: Analysis,
        config: &StudyConfig,
        view: &MarketView,
        progress: &dyn Fn(&str),
    ) {
        match analysis {
            Analysis::Inversion => {
                progress("inversion");
                let answer = ask::inversion(view, &config.inversion);
                self.inversion = self.kept("inversion", answer);
            }
            Analysis::Basis => {
                progress("basis");
                let answer = ask::basis(view, &config.basis);
                self.basis = self.kept("basis", answer);
            }
            Analysis::Swap => {
                for Named { name, terms } in &config.book {
                    progress(name);
                    let answer = ask::swap(view, terms);
                    let kept = self.kept(name, answer);
                    self.books.extend(kept.map(|terms| Named { name: name.clone(), terms }));
                }
            }
            Analysis::Ab => {
                for Named { name, terms } in &config.ab_swap {
                    progress(name);
                    let answer = ask::ab(view, terms);
                    let kept = self.kept(name, answer);
                    self.ab_swaps.extend(kept.map(|terms| Named { name: name.clone(), terms }));
                }
            }
            Analysis::Replicate => {
                for Named { name, terms } in &config.replication {
                    progress(name);
                    let answer = ask::replicate(view, terms);
                    let kept = self.kept(name, answer);
                    self.replications.extend(kept.map(|terms| Named { name: name.clone(), terms }));
                }
            }
            Analysis::Attribute => self.attribute(config, view, progress),
            Analysis::Option => {
                progress("option");
                if self.leaves_out(ask::chain_missing(view)) {
                    return;
                }
                let answer = ask::option(view, &config.option);
                self.option = self.kept("option", answer);
            }
            Analysis::Factor => {
                progress("factor");
                let answer = ask::factors(view, &config.factor);
                self.factors = self.kept("factor", answer).unwrap_or_default();
            }
            Analysis::Index => {
                progress("index");
                let answer = ask::index(view, &config.index);
                self.index = self.kept("index", answer);
                let answer = ask::window_buckets(view, &config.index);
                self.window_buckets = self.kept("index windows", answer).unwrap_or_default();
            }
            Analysis::Liquidity => {
                progress("liquidity");
                if self.leaves_out(ask::lacks_traded_stocks(view)) {
                    return;
                }
                let answer = ask::liquidity(view, &config.liquidity);
                self.liquidity = self.kept("liquidity", answer);
            }
            Analysis::Crowding => {
                progress("crowding");
                if self.leaves_out(ask::lacks_traded_stocks(view)) {
                    return;
                }
                let answer = ask::crowding(view, &config.crowding);
                self.crowding = self.kept("crowding", answer);
            }
            Analysis::Bubble => {
                progress("bubble");
                if self.leaves_out(ask::bubble_missing(view)) {
                    return;
                }
                let answer = ask::bubble(view, &config.bubble);
                self.bubble = self.kept("bubble", answer);
            }
            Analysis::Analogue => self.look_up(config, view, progress),
            Analysis::Rotation => self.rotate(config, view, progress),
            Analysis::Event => self.study_events(config, view, progress),
            Analysis::Fund => self.x_ray(config, view, progress),
            Analysis::Gauge => {
                progress("gauge");
                if self.leaves_out(ask::gauge_missing(view, &config.gauge)) {
                    return;
                }
                let answer = ask::gauge(view, config);
                self.gauge = self.kept("gauge", answer);
            }
            Analysis::Spiral => self.walk(config, view, progress),
        }
    }

    fn walk(&mut self, config: &StudyConfig, view: &MarketView, progress: &dyn Fn(&str)) {
        progress("spiral");
        let answer = ask::spiral(view, &config.spiral, config.seed);
        self.spiral = self.kept("spiral", answer);
        let answer = ask::levers(&config.spiral, config.seed);
        self.levers = self.kept("spiral levers", answer);
    }

    /// Whether there is a reason to leave an analysis out; it is told once.
    fn leaves_out(&mut self, why: Option<Text>) -> bool {
        let is_left_out = why.is_some();
        self.skipped.extend(why.filter(|why| !self.skipped.contains(why)));
        is_left_out
    }

    fn attribute(&mut self, config: &StudyConfig, view: &MarketView, progress: &dyn Fn(&str)) {
        progress("attribution");
        let with = &config.attribution;
        for Named { name, terms } in &config.replication {
            let answer = ask::replicate(view, terms)
                .and_then(|outcome| ask::attribute_replication(view, name, &outcome, with));
            let kept = self.kept(&format!("attribution of {name}"), answer);
            self.attributions.extend(kept);
        }
        // Books stand beside the first replication.
        let replica = self.attributions.first().cloned();
        for Named { name, terms } in &config.book {
            let answer = ask::swap(view, terms).and_then(|outcome| {
                ask::attribute_book(view, name, &outcome, replica.as_ref(), with)
            });
            let kept = self.kept(&format!("attribution of {name}"), answer);
            self.attributions.extend(kept);
        }
        for &symbol in &with.symbols {
            let answer = ask::attribute_symbol(view, symbol, with);
            let kept = self.kept(&format!("attribution of {symbol}"), answer);
            self.attributions.extend(kept);
        }
    }

    fn look_up(&mut self, config: &StudyConfig, view: &MarketView, progress: &dyn Fn(&str)) {
        progress("analogue");
        if let Some(why) =
            ask::index_missing(view, "the look-alikes were", "相似片段", &[config.analogue.symbol])
        {
            self.skipped.push(why);
            return;
        }
        let answer = ask::analogue(view, &config.analogue);
        let Some(found) = self.kept("analogue", answer) else { return };
        if found.matches.is_empty() {
            self.skipped.push(found.verdict);
        } else {
            self.analogue = Some(found);
        }
    }

    fn study_events(&mut self, config: &StudyConfig, view: &MarketView, progress: &dyn Fn(&str)) {
        progress("event");
        if self.leaves_out(ask::events_missing(view, &config.event)) {
            return;
        }
        let answer = ask::event(view, &config.event);
        self.event = self.kept("event", answer);
    }

    fn x_ray(&mut self, config: &StudyConfig, view: &MarketView, progress: &dyn Fn(&str)) {
        progress("fund");
        if self.leaves_out(ask::funds_missing(view, &config.fund)) {
            return;
        }
        let answer = ask::fund(view, &config.fund);
        self.fund = self.kept("fund", answer);
    }

    fn rotate(&mut self, config: &StudyConfig, view: &MarketView, progress: &dyn Fn(&str)) {
        progress("rotation");
        let symbols = [config.rotation.small, config.rotation.large];
        if let Some(why) = ask::index_missing(view, "rotation was", "大小盘轮动", &symbols) {
            self.skipped.push(why);
            return;
        }
        let answer = ask::rotation(view, &config.rotation);
        self.rotation = self.kept("rotation", answer);
    }

    fn kept<T>(&mut self, name: &str, answer: Result<T, StudyError>) -> Option<T> {
        answer.map_err(|error| self.unanswered.push((name.to_owned(), error.to_string()))).ok()
    }

    /// Every answered analysis as tables, in the order they are told.
    pub fn sections(&self) -> Vec<Section> {
        let one = |name: String, tables| Section { name, tables };
        let mut sections = Vec::new();
        sections.extend(self.inversion.as_ref().map(section));
        sections.extend(self.basis.as_ref().map(section));
        let numbered = |kind: &str, i: usize| format!("{kind}_{}", i + 1);
        let books = self.books.iter().enumerate();
        sections.extend(books.map(|(i, o)| one(numbered("swap", i), o.terms.tables())));
        let ab_swaps = self.ab_swaps.iter().enumerate();
        sections.extend(ab_swaps.map(|(i, o)| one(numbered("ab", i), o.terms.tables())));
        let replications = self.replications.iter().enumerate();
        sections.extend(replications.map(|(i, o)| one(numbered("replicate", i), o.terms.tables())));
        let attributions = self.attributions.iter().enumerate();
        sections.extend(attributions.map(|(i, o)| one(numbered("attribute", i), o.tables())));
        sections.extend(self.option.as_ref().map(section));
        if !self.factors.is_empty() {
            let sheet = FactorSheet::of(&self.factors, &self.factor_config);
            sections.push(one("factor".to_owned(), sheet.tables()));
        }
        sections.extend(self.index.iter().map(|o| one("index".to_owned(), self.index_tables(o))));
        sections.extend(self.liquidity.as_ref().map(section));
        sections.extend(self.crowding.as_ref().map(section));
        sections.extend(self.event.as_ref().map(section));
        sections.extend(self.fund.as_ref().map(section));
        sections.extend(self.gauge.as_ref().map(section));
        sections.extend(self.analogue.as_ref().map(section));
        sections.extend(self.rotation.as_ref().map(section));
        sections.extend(self.bubble.as_ref().map(section));
        sections.extend(self.spiral.as_ref().map(section));
        sections.extend(self.levers.as_ref().map(section));
        sections
    }

    fn index_tables(&self, index: &MicroCapOutcome) -> Vec<Table> {
        let windows = window_bucket_table(&self.window_buckets);
        let has_windows = windows.n_rows() > 0;
        index.tables().into_iter().chain(has_windows.then_some(windows)).collect()
    }

    /// The fingerprint of everything found, of the seed, the configuration, the user's rules and factors.
    fn fingerprint(&self) -> String {
        let mut fingerprint = Fingerprint::default();
        fingerprint.text(&self.lock.seed.to_string());
        for value in &self.lock.config {
            fingerprint.text(&value.key);
            fingerprint.text(&value.value);
        }
        for file in self.lock.rulebook.iter().chain(&self.lock.factors) {
            fingerprint.text(&file.sha256);
        }
        for section in self.sections() {
            fingerprint.text(&section.name);
            section.tables.iter().for_each(|table| fingerprint.table(table));
        }
        for skipped in &self.skipped {
            fingerprint.text(&skipped.en);
        }
        for (name, reason) in &self.unanswered {
            fingerprint.text(name);
            fingerprint.text(reason);
        }
        fingerprint.finish()
    }
}

fn section<O: Outcome>(outcome: &O) -> Section {
    Section { name: O::NAME.to_owned(), tables: outcome.tables() }
}

impl Lock {
    /// The lock as a TOML file.
    ///
    /// # Errors
    /// Never for a lock a study made.
    pub fn to_toml(&self) -> Result<String, StudyError> {
        toml::to_string(self).map_err(|error| StudyError::Config { reason: error.to_string() })
    }

    /// Reads a lock file.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_toml(text: &str) -> Result<Self, StudyError> {
        toml::from_str(text).map_err(|error| StudyError::Config {
            reason: format!("lock file: {}", error.message()),
        })
    }
}
