//! What an X-ray found: the funds, their cards, and the record of the flags.

use serde::Serialize;
use shoals_core::{Convention, Lines, Outcome, Table, Text};

use super::card::CardLine;
use super::claim::Claim;
use super::config::XrayConfig;
use super::proof::{Flagged, Proof};
use super::verdict::Verdict;
use crate::hidden::{HiddenPart, hidden_convention, hidden_tables};
use crate::nav::{self, NavPart};
use crate::record::{RecordPart, record_convention, record_tables};
use crate::style::{self, SimilarityPart, StylePart};
use crate::{Frequency, Fund};

/// One fund.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FundXray {
    /// What it calls itself, and its values.
    pub fund: Fund,
    /// How often it publishes.
    pub frequency: Frequency,
    /// Returns in its record.
    pub n_periods: usize,
    /// Whether it is held to a promise of calm, by what was known on `as_of`.
    pub claim: Claim,
    /// What its card of `as_of` comes to.
    pub verdict_before: Verdict,
    /// The card of `as_of`.
    pub before: Vec<CardLine>,
    /// What its card on all data comes to.
    pub verdict: Verdict,
    /// The card on all data.
    pub card: Vec<CardLine>,
    /// The card of `as_of` in a sentence.
    pub sentence: Text,
    /// Return from the last value by `as_of` to the lowest in the fall; NaN where it has none.
    pub fall: f64,
    /// Its record. In the tables.
    #[serde(skip)]
    pub record: Option<RecordPart>,
    /// What it holds. In the tables.
    #[serde(skip)]
    pub style: Option<StylePart>,
    /// What it hides. In the tables.
    #[serde(skip)]
    pub hidden: HiddenPart,
    /// Parts its record cannot carry, each with the reason.
    pub left_out: Vec<(&'static str, String)>,
}

impl FundXray {
    /// The flag of `as_of` and whether the fall gave it right; none for a fund that promises nothing or has no value.
    pub(super) fn flagged(&self, config: &XrayConfig) -> Option<Flagged> {
        let counts = self.claim.is_calm() && self.verdict_before != Verdict::Unknown;
        (counts && self.fall.is_finite()).then(|| Flagged {
            is_flagged: self.verdict_before == Verdict::Hides,
            is_true: self.fall < -config.calm_loss,
        })
    }

    fn exposure(&self, test: super::Test) -> [f64; 3] {
        let line =
            self.before.iter().chain(&self.card).find(|l| l.test == test && !l.value.is_nan());
        line.map_or([f64::NAN; 3], |line| [line.value, line.low, line.high])
    }
}

/// The record of flags over some funds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PopulationProof {
    /// Which funds, and what deserving a flag means there.
    pub population: Text,
    /// Its figures.
    pub proof: Proof,
}

/// Funds under the X-ray.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FundOutcome {
    /// Settings it was made under.
    pub config: XrayConfig,
    /// The funds, in the order given.
    pub funds: Vec<FundXray>,
    /// How their values were published, what was recovered and what looks odd. In the tables.
    #[serde(skip)]
    pub navs: Vec<NavPart>,
    /// How alike they are, and how like a DMA book. In the tables.
    #[serde(skip)]
    pub alike: SimilarityPart,
    /// How often flags were right.
    pub proofs: Vec<PopulationProof>,
}

impl Outcome for FundOutcome {
    const NAME: &'static str = "fund";

    fn tables(&self) -> Vec<Table> {
        let mut tables = vec![self.fund_table(), self.card_table(), proof_table(&self.proofs)];
        tables.extend(nav::tables(&self.navs));
        tables.extend(record_tables(&self.parts(|ray| ray.record.clone())));
        tables.extend(style::tables(&self.parts(|ray| ray.style.clone())));
        tables.push(self.alike.table());
        tables.extend(hidden_tables(&self.parts(|ray| Some(ray.hidden.clone()))));
        tables.push(self.left_out_table());
        tables
    }

    fn convention(&self) -> Convention {
        let mut lines = record_convention(&self.config.record);
        lines.extend(style::convention(&self.config.style));
        lines.extend(hidden_convention(&self.config.hidden));
        lines.extend(flag_convention(&self.config));
        lines
    }
}

impl FundOutcome {
    /// One of its funds by itself: what compares it with others is left out.
    #[must_use]
    pub fn alone(&self, fund: &FundXray) -> Self {
        Self {
            config: self.config.clone(),
            funds: vec![fund.clone()],
            navs: Vec::new(),
            alike: SimilarityPart { pairs: Vec::new(), clusters: Vec::new() },
            proofs: Vec::new(),
        }
    }

    fn parts<T>(&self, of: fn(&FundXray) -> Option<T>) -> Vec<T> {
        self.funds.iter().filter_map(of).collect()
    }

    fn left_out_table(&self) -> Table {
        let rows: Vec<(&str, &(&str, String))> = self
            .funds
            .iter()
            .flat_map(|ray| ray.left_out.iter().map(|line| (ray.fund.code.as_str(), line)))
            .collect();
        Lines::new("left_out", &rows)
            .with("fund", "code", |r| r.0.to_owned())
            .with("part", "what its record cannot carry", |r| r.1.0.to_owned())
            .with("reason", "why", |r| r.1.1.clone())
            .done()
    }

    fn fund_table(&self) -> Table {
        use super::Test::{HiddenShortVolatility, HiddenSize};
        let config = &self.config;
        Lines::new("fund", &self.funds)
            .with("fund", "code", |r| r.fund.code.clone())
            .with("name", "name", |r| r.fund.name.clone())
            .with("kind", "what it calls itself", |r| r.fund.kind.clone().unwrap_or_default())
            .with("claim", "said_calm, looks_calm or plain_risk", |r| r.claim.name().to_owned())
            .with("frequency", "how often it publishes", |r| r.frequency.name().to_owned())
            .with("n_periods", "returns in its record", |r| r.n_periods as i64)
            .with("as_of", "last day the flags before the fall know", |_| config.as_of)
            .with(
                "verdict_before",
                "hides, watch, clear, plain or unknown, on data to `as_of`",
                |r| r.verdict_before.name().to_owned(),
            )
            .with("verdict", "the same on all data", |r| r.verdict.name().to_owned())
            .with(
                "size",
                "exposure to small over large companies, part of value, on data to `as_of` or all",
                |r| r.exposure(HiddenSize)[0],
            )
            .with("size_low", "lower end of its 95 % band", |r| r.exposure(HiddenSize)[1])
            .with("size_high", "upper end", |r| r.exposure(HiddenSize)[2])
            .with("short_volatility", "straddles sold, part of value, likewise", |r| {
                r.exposure(HiddenShortVolatility)[0]
            })
            .with("short_volatility_low", "lower end of its 95 % band", |r| {
                r.exposure(HiddenShortVolatility)[1]
            })
            .with("short_volatility_high", "upper end", |r| r.exposure(HiddenShortVolatility)[2])
            .with("fall_from", "the fall begins after this day", |_| config.as_of)
            .with("fall_to", "last day of the fall", |_| config.fall_to)
            .with(
                "fall",
                "return from the last value by `fall_from` to the lowest by `fall_to`",
                |r| r.fall,
            )
            .with("sentence", "the card of `as_of` in words", |r| r.sentence.clone())
            .done()
    }

    fn card_table(&self) -> Table {
        let rows: Vec<(&FundXray, bool, &CardLine)> = self
            .funds
            .iter()
            .flat_map(|ray| {
                let before = ray.before.iter().map(move |line| (ray, true, line));
                before.chain(ray.card.iter().map(move |line| (ray, false, line)))
            })
            .collect();
        Lines::new("card", &rows)
            .with("fund", "code", |r| r.0.fund.code.clone())
            .with("name", "name", |r| r.0.fund.name.clone())
            .with("is_before", "whether on data to `as_of` only", |r| r.1)
            .with("test", "what was asked", |r| r.2.test.name().to_owned())
            .with("value", "what was found", |r| r.2.value)
            .with("low", "lower end of its band", |r| r.2.low)
            .with("high", "upper end of its band", |r| r.2.high)
            .with("threshold", "the line it is held against", |r| r.2.threshold)
            .with("flag", "clear, amber, red or unknown", |r| r.2.flag.name().to_owned())
            .with("reason", "why it is not known", |r| r.2.reason.clone())
            .done()
    }
}

/// What a flag means.
fn flag_convention(config: &XrayConfig) -> Convention {
    let words = Text::new(
        format!(
            "截至 {} 的数据；红色须整个误差带在界线之上；自称或看似平稳（年化波动不超过 {}）者才受检",
            config.as_of, config.calm_volatility
        ),
        format!(
            "on data to {}; red needs the whole band above its line; only funds that say or look calm (volatility up to {} a year) \
             are held to it",
            config.as_of, config.calm_volatility
        ),
    );
    Convention::from([("flag".to_owned(), words)])
}

fn proof_table(proofs: &[PopulationProof]) -> Table {
    Lines::new("proof", proofs)
        .with("population", "which funds, and what deserving a flag means", |r| {
            r.population.clone()
        })
        .with("as_of", "last day the flags knew", |r| r.proof.as_of)
        .with("n_true", "funds that deserved a flag", |r| r.proof.n_true as i64)
        .with("n_caught", "of these, flagged", |r| r.proof.n_caught as i64)
        .with("caught", "share caught", |r| r.proof.caught[0])
        .with("caught_low", "lower end of its Wilson band, 95 %", |r| r.proof.caught[1])
        .with("caught_high", "upper end", |r| r.proof.caught[2])
        .with("n_false", "funds that did not deserve one", |r| r.proof.n_false as i64)
        .with("n_false_alarms", "of these, flagged", |r| r.proof.n_false_alarms as i64)
        .with("false_alarms", "share of false alarms", |r| r.proof.false_alarms[0])
        .with("false_alarms_low", "lower end of its Wilson band, 95 %", |r| r.proof.false_alarms[1])
        .with("false_alarms_high", "upper end", |r| r.proof.false_alarms[2])
        .done()
}

/// One fund whose truth is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Member {
    /// Its code.
    pub fund: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// Small companies it holds, part of value: the truth.
    pub small_caps: f64,
    /// Straddles it sells, part of value: the truth.
    pub short_volatility: f64,
    /// What its card of `as_of` came to.
    pub verdict: Verdict,
    /// That card.
    pub card: Vec<CardLine>,
}

/// The record of flags on funds whose truth is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProofOutcome {
    /// Settings it was made under.
    pub config: XrayConfig,
    /// All of them, then kind by kind.
    pub proofs: Vec<PopulationProof>,
    /// The funds.
    pub members: Vec<Member>,
}

impl Outcome for ProofOutcome {
    const NAME: &'static str = "fund_proof";

    fn tables(&self) -> Vec<Table> {
        let found = |member: &Member, test| {
            member.card.iter().find(|line| line.test == test).map_or(f64::NAN, |line| line.value)
        };
        let members = Lines::new("member", &self.members)
            .with("fund", "code", |r| r.fund.clone())
            .with("name", "name", |r| r.name.clone())
            .with("kind", "what it is", |r| r.kind.clone())
            .with("small_caps", "small companies it holds, part of value: the truth", |r| {
                r.small_caps
            })
            .with("size", "what its value gave away by `as_of`", |r| {
                found(r, super::Test::HiddenSize)
            })
            .with("short_volatility", "straddles it sells, part of value: the truth", |r| {
                r.short_volatility
            })
            .with("found_short_volatility", "what its value gave away by `as_of`", |r| {
                found(r, super::Test::HiddenShortVolatility)
            })
            .with("verdict", "hides, watch, clear, plain or unknown, by `as_of`", |r| {
                r.verdict.name().to_owned()
            })
            .done();
        vec![proof_table(&self.proofs), members]
    }

    fn convention(&self) -> Convention {
        flag_convention(&self.config)
    }
}
