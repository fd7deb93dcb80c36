//! The terms of a replication: a TOML file in the field's words, and the legal value made of it.

use std::ops::Deref;

use serde::{Deserialize, Serialize};
use shoals_core::{Symbol, TradingDay, day};
use shoals_market::future::roll::RollRule;

use super::Instrument;
use crate::Error;
use crate::error::require_ratio;

/// Terms of one replication. A value of this type is always legal; read its words through `Deref`.
///
/// # Example
/// ```
/// use shoals_product::replication::ReplicationTerms;
///
/// let terms = ReplicationTerms::from_toml(
///     r#"
///     [long]
///     symbol = "932000.CSI"
///     [straddle]
///     weight = 0.3
///     roll = "restrike"
///     "#,
/// )?;
/// assert_eq!(terms.straddle.restrike_threshold, 0.03);
/// assert!(ReplicationTerms::from_toml("[straddle]\nwieght = 0.3").is_err());
/// # Ok::<(), shoals_product::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "ReplicationWords", into = "ReplicationWords")]
pub struct ReplicationTerms(ReplicationWords);

/// The words of the TOML file, not yet believed. [`ReplicationTerms::try_from`] checks them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReplicationWords {
    /// `[replication]`: days, rebalancing, financing.
    pub replication: Replication,
    /// `[long]`: the small-cap leg.
    pub long: LongLeg,
    /// `[short]`: the large-cap leg.
    pub short: ShortLeg,
    /// `[straddle]`: the short volatility leg.
    pub straddle: StraddleLeg,
    /// `[fit]`: the series that legs of `sizing = "fitted"` are fitted to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fit: Option<FitRule>,
    /// `[cost]`: what trading costs; nothing unless written.
    pub cost: Cost,
    /// `[[window]]`: periods to report beside the whole and each year.
    pub window: Vec<Window>,
}

/// `[replication]`: days, rebalancing, financing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Replication {
    /// First day; the first day with every price when it is not written or earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<TradingDay>,
    /// Last day; the last day with every price when it is not written or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<TradingDay>,
    /// How often both index legs return to their weights.
    pub rebalance: Rebalance,
    /// Annual decimal, ACT/365, on the long value beyond equity.
    pub financing_rate: f64,
}

/// How often both index legs return to their weights of equity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rebalance {
    /// At every close: the return of a day is the difference of the legs' returns.
    #[default]
    Daily,
    /// At the close of the first trading day of a month; the legs drift in between.
    Monthly,
}

/// `[long]`: the small-cap leg.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LongLeg {
    /// Index, fund or futures contract held.
    pub symbol: Instrument,
    /// Value held, a fraction of equity, in `[0, 10]`.
    pub weight: f64,
    /// `fixed`, or `fitted` by `[fit]`.
    pub sizing: Sizing,
}

/// `[short]`: the large-cap leg.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ShortLeg {
    /// Index, fund, futures contract or futures product sold.
    pub symbol: Instrument,
    /// Value sold, a fraction of equity, in `[0, 10]`.
    pub weight: f64,
    /// Which contract carries a product; `fixed_days` when not written. Only a product is rolled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roll: Option<RollRule>,
    /// How its value is found at a rebalancing.
    pub sizing: Sizing,
    /// Ledger days before that one which `risk_parity` and `beta` are measured on; `weight` holds until there are
    /// as many.
    pub sizing_days: u32,
}

/// How the value of a leg is found at a rebalancing (of straddles, at a sale); from days before it only, unless
/// a fit says that it is in-sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sizing {
    /// `weight` of equity.
    #[default]
    Fixed,
    /// As volatile as the long leg: the long weight times the ratio of the legs' deviations.
    RiskParity,
    /// What the long leg moves with: the long weight times its beta on the short one, in `[0, 10]`. Short leg only.
    Beta,
    /// The leg's slope in a regression of the `[fit]` target on all fitted legs, each in `[0, 10]`.
    Fitted,
}

impl Sizing {
    /// The stable name, as `risk_parity`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::RiskParity => "risk_parity",
            Self::Beta => "beta",
            Self::Fitted => "fitted",
        }
    }
}

/// `[fit]`: what fitted legs are fitted to, and on which days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FitRule {
    /// Index, own series or fund (its adjusted NAV) whose daily return the replica follows.
    pub target: Symbol,
    /// Ledger days before a close that its weights are fitted on, in 60 to 1,000; what is written holds until there are
    /// as many. Fewer days than these are refused.
    #[serde(default = "usual_fit_days")]
    pub days: u32,
    /// Which days are fitted on.
    #[serde(default)]
    pub sample: FitSample,
}

const fn usual_fit_days() -> u32 {
    250
}

/// Which days weights are fitted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FitSample {
    /// The days before each close: out of sample.
    #[default]
    Past,
    /// All days of the ledger, once: in-sample, and said so.
    Whole,
}

impl FitSample {
    /// The stable name, as `past`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Past => "past",
            Self::Whole => "whole",
        }
    }
}

/// `[straddle]`: the short volatility leg.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StraddleLeg {
    /// Underlying value of the straddles sold at each sale, a fraction of equity, in `[0, 10]`; 0 sells none.
    pub weight: f64,
    /// How its value is found at a sale: `fixed`, `risk_parity` or `fitted`.
    pub sizing: Sizing,
    /// Ledger days before a sale that `risk_parity` is measured on; `weight` holds until there are as many.
    pub sizing_days: u32,
    /// Where prices come from.
    pub source: StraddleSource,
    /// Index the options are on (source `implied_volatility`).
    pub symbol: Symbol,
    /// Underlying of the implied-volatility series (source `implied_volatility`).
    pub implied_volatility: Symbol,
    /// Rule of the expiry days (source `implied_volatility`; a chain brings its own).
    pub expiry: ExpiryRule,
    /// Calendar days an expiry must be away when it is sold; the next month otherwise.
    pub min_days_to_expiry: u32,
    /// Strike at the sale (source `implied_volatility`; a chain has its own strikes).
    pub strike: StrikeRule,
    /// Distance of strikes for `strike = "step"`, in the underlying's unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strike_step: Option<f64>,
    /// When the position is renewed.
    pub roll: Roll,
    /// Relative distance of the forward from the strike that re-strikes (roll `restrike`).
    pub restrike_threshold: f64,
    /// Continuously compounded annual rate.
    pub rate: f64,
    /// Continuously compounded annual dividend yield of the underlying.
    pub dividend_yield: f64,
}

/// Where straddle prices come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StraddleSource {
    /// Black (1976) with the day's value of an implied-volatility series.
    #[default]
    ImpliedVolatility,
    /// Closes of an option chain.
    Chain,
}

/// Rule of the expiry days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryRule {
    /// Third Friday of the month or the next trading day: CFFEX index options.
    #[default]
    ThirdFriday,
    /// Fourth Wednesday of the month or the next trading day: ETF options in Shanghai and Shenzhen.
    FourthWednesday,
}

/// Strike at the sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StrikeRule {
    /// The forward itself: exactly at the money.
    #[default]
    Forward,
    /// The strike of CFFEX's grid nearest the forward (25, 50, 100 or 200 points by level).
    Cffex,
    /// The multiple of `strike_step` nearest the forward.
    Step,
}

/// When the short straddle is renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Roll {
    /// Held to the trading day before expiry, then the next one is sold.
    #[default]
    Hold,
    /// The same, and renewed the day after the forward has left the strike by the threshold.
    Restrike,
}

/// `[cost]`: one-way costs as fractions of what is traded. All 0 unless written: gross of costs.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cost {
    /// Of the long value bought or sold.
    pub long: f64,
    /// Of the short value bought or sold.
    pub short: f64,
    /// Of the premium bought or sold.
    pub straddle: f64,
}

/// `[[window]]`: a period to report beside the whole and each year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// First day.
    pub from: TradingDay,
    /// Last day, included.
    pub to: TradingDay,
}

impl Default for ReplicationWords {
    /// Long the CSI 1000, short the CSI 300, straddles on half of equity; the squeeze of early 2024.
    fn default() -> Self {
        Self {
            replication: Replication::default(),
            long: LongLeg::default(),
            short: ShortLeg::default(),
            straddle: StraddleLeg::default(),
            fit: None,
            cost: Cost::default(),
            window: vec![Window { from: day(2024, 1, 2), to: day(2024, 2, 29) }],
        }
    }
}

impl Default for Replication {
    /// Daily rebalancing, as a long-short NAV compounds the difference of returns; 4 % financing.
    fn default() -> Self {
        Self { from: None, to: None, rebalance: Rebalance::Daily, financing_rate: 0.04 }
    }
}

impl Default for LongLeg {
    /// All of equity in the CSI 1000.
    fn default() -> Self {
        let symbol = Instrument::Series(Symbol::literal("000852.SH"));
        Self { symbol, weight: 1.0, sizing: Sizing::Fixed }
    }
}

impl Default for ShortLeg {
    /// All of equity short the CSI 300.
    fn default() -> Self {
        let symbol = Instrument::Series(Symbol::literal("000300.SH"));
        Self { symbol, weight: 1.0, roll: None, sizing: Sizing::Fixed, sizing_days: 60 }
    }
}

impl ShortLeg {
    /// The rule that carries the leg from contract to contract; none for what is not a product.
    pub fn roll_rule(&self) -> Option<RollRule> {
        matches!(self.symbol, Instrument::Product(_))
            .then(|| self.roll.unwrap_or(RollRule::FixedDays))
    }
}

impl Default for StraddleLeg {
    /// Half of equity in CSI 300 straddles at the volatility of the 300 ETF's options, held to the
    /// day before expiry.
    fn default() -> Self {
        Self {
            weight: 0.5,
            sizing: Sizing::Fixed,
            sizing_days: 60,
            source: StraddleSource::ImpliedVolatility,
            symbol: Symbol::literal("000300.SH"),
            implied_volatility: Symbol::literal("510300.SH"),
            expiry: ExpiryRule::ThirdFriday,
            min_days_to_expiry: 7,
            strike: StrikeRule::Forward,
            strike_step: None,
            roll: Roll::Hold,
            restrike_threshold: 0.03,
            rate: 0.02,
            dividend_yield: 0.0,
        }
    }
}

impl ReplicationTerms {
    /// Reads the terms of a TOML file; what is not written has its default.
    ///
    /// # Errors
    /// A misspelt key, or a value outside its legal range, with key, value and range.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let words: ReplicationWords = toml::from_str(text)
            .map_err(|error| Error::Terms { reason: error.to_string().trim_end().to_owned() })?;
        Self::try_from(words)
    }
}

impl ReplicationWords {
    /// Whether any leg's weight is found by a rule.
    pub fn is_sized(&self) -> bool {
        let sizings = [self.long.sizing, self.short.sizing, self.straddle.sizing];
        sizings.iter().any(|sizing| *sizing != Sizing::Fixed)
    }
}

impl Deref for ReplicationTerms {
    type Target = ReplicationWords;

    fn deref(&self) -> &ReplicationWords {
        &self.0
    }
}

impl From<ReplicationTerms> for ReplicationWords {
    fn from(terms: ReplicationTerms) -> Self {
        terms.0
    }
}

impl TryFrom<ReplicationWords> for ReplicationTerms {
    type Error = Error;

    fn try_from(words: ReplicationWords) -> Result<Self, Error> {
        let (straddle, cost) = (&words.straddle, &words.cost);
        for (key, found) in [
            ("long.weight", words.long.weight),
            ("short.weight", words.short.weight),
            ("straddle.weight", straddle.weight),
        ] {
            require_ratio(key, found, "[0, 10]", (0.0..=10.0).contains(&found))?;
        }
        for (key, found) in
            [("cost.long", cost.long), ("cost.short", cost.short), ("cost.straddle", cost.straddle)]
        {
            require_ratio(key, found, "[0, 0.2]", (0.0..=0.2).contains(&found))?;
        }
        let financing = words.replication.financing_rate;
        require_ratio("financing_rate", financing, "[0, 1)", (0.0..1.0).contains(&financing))?;
        check_sizings(&words)?;
        check_rolls(&words)?;
        check_straddle(straddle)?;
        check_days(&words)?;
        Ok(Self(words))
    }
}

/// A leg is sized by a rule that fits it, and the fit by a target.
fn check_sizings(words: &ReplicationWords) -> Result<(), Error> {
    let (long, short, straddle) = (words.long.sizing, words.short.sizing, words.straddle.sizing);
    let refuse = |key, found: String, expected: &str| {
        Err(Error::OutOfRange { key, found, expected: expected.to_owned() })
    };
    for (key, days) in [
        ("short.sizing_days", words.short.sizing_days),
        ("straddle.sizing_days", words.straddle.sizing_days),
    ] {
        if !(20..=500).contains(&days) {
            return refuse(key, days.to_string(), "ledger days in 20 to 500");
        }
    }
    if !matches!(long, Sizing::Fixed | Sizing::Fitted) {
        let expected = "`fixed` or `fitted`: the other legs are sized by this one";
        return refuse("long.sizing", long.name().to_owned(), expected);
    }
    if straddle == Sizing::Beta {
        let expected = "`fixed`, `risk_parity` or `fitted`";
        return refuse("straddle.sizing", straddle.name().to_owned(), expected);
    }
    if straddle != Sizing::Fixed && words.straddle.weight == 0.0 {
        let expected = "`fixed`: a `straddle.weight` of 0 sells none";
        return refuse("straddle.sizing", straddle.name().to_owned(), expected);
    }
    let is_fitted = [long, short, straddle].contains(&Sizing::Fitted);
    match &words.fit {
        None if is_fitted => refuse(
            "fit.target",
            "missing".to_owned(),
            "the series that `sizing = \"fitted\"` is fitted to",
        ),
        Some(_) if !is_fitted => {
            refuse("fit", "written".to_owned(), "a leg of `sizing = \"fitted\"` beside it")
        }
        Some(fit) if !(60..=1_000).contains(&fit.days) => {
            refuse("fit.days", fit.days.to_string(), "ledger days in 60 to 1000")
        }
        Some(_) if short != Sizing::Fixed && short != Sizing::Fitted => {
            refuse("short.sizing", short.name().to_owned(), "`fixed` or `fitted` beside a `[fit]`")
        }
        Some(_) if straddle == Sizing::RiskParity => refuse(
            "straddle.sizing",
            straddle.name().to_owned(),
            "`fixed` or `fitted` beside a `[fit]`",
        ),
        _ => Ok(()),
    }
}

/// The roll rules carry a short product, and nothing else.
fn check_rolls(words: &ReplicationWords) -> Result<(), Error> {
    if let Instrument::Product(product) = words.long.symbol {
        return Err(Error::WrongCode {
            key: "long.symbol",
            found: product.code().to_owned(),
            expected: "an index, a fund or one contract (the roll rules carry a short)",
        });
    }
    match words.short.roll {
        Some(rule) if words.short.roll_rule().is_none() => Err(Error::OutOfRange {
            key: "short.roll",
            found: rule.name().to_owned(),
            expected: format!(
                "none for `{}`: only a product is rolled (IH, IF, IC or IM)",
                words.short.symbol
            ),
        }),
        _ => Ok(()),
    }
}

fn check_straddle(straddle: &StraddleLeg) -> Result<(), Error> {
    let threshold = straddle.restrike_threshold;
    require_ratio("restrike_threshold", threshold, "(0, 1)", 0.0 < threshold && threshold < 1.0)?;
    for (key, found) in [("rate", straddle.rate), ("dividend_yield", straddle.dividend_yield)] {
        require_ratio(key, found, "(-0.2, 0.5)", -0.2 < found && found < 0.5)?;
    }
    let refuse = |key, found: String, expected: &str| {
        Err(Error::OutOfRange { key, found, expected: expected.to_owned() })
    };
    if straddle.min_days_to_expiry > 60 {
        let found = straddle.min_days_to_expiry.to_string();
        return refuse("min_days_to_expiry", found, "calendar days in 0 to 60");
    }
    let is_step = straddle.strike == StrikeRule::Step;
    match straddle.strike_step {
        None if is_step => {
            refuse("strike_step", "missing".to_owned(), "a number above 0 for `strike = \"step\"`")
        }
        Some(step) if !(step > 0.0 && step.is_finite()) => {
            refuse("strike_step", step.to_string(), "a number above 0")
        }
        _ => Ok(()),
    }
}

fn check_days(words: &ReplicationWords) -> Result<(), Error> {
    let whole = match (words.replication.from, words.replication.to) {
        (Some(from), Some(to)) => Some(Window { from, to }),
        _ => None,
    };
    match words.window.iter().chain(&whole).find(|window| window.to < window.from) {
        Some(window) => Err(Error::DatesReversed {
            earlier_key: "from",
            earlier: window.from,
            later_key: "to",
            later: window.to,
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_is_legal() {
        let text = include_str!("../../../../examples/02_replication_microcap.toml");
        assert_eq!(ReplicationTerms::from_toml(text).unwrap().long.symbol.to_string(), "868008.WI");
    }

    #[test]
    fn an_empty_file_is_the_documented_default_and_reads_back() {
        let terms = ReplicationTerms::from_toml("").unwrap();
        assert_eq!(terms, ReplicationTerms::default());
        let written = toml::to_string(&terms).unwrap();
        assert_eq!(ReplicationTerms::from_toml(&written).unwrap(), terms);
    }

    #[test]
    fn a_contract_and_a_product_are_named_by_their_codes() {
        for (code, kind, roll) in [
            ("IF2403", "contract", None),
            ("IF2403.CFE", "contract", None),
            ("IF", "product", Some(RollRule::FixedDays)),
            ("000300.SH", "series", None),
        ] {
            let file = format!("[short]\nsymbol = \"{code}\"");
            let terms = ReplicationTerms::from_toml(&file).unwrap();
            assert_eq!((terms.short.symbol.kind(), terms.short.roll_rule()), (kind, roll));
            let written = toml::to_string(&terms).unwrap();
            assert_eq!(ReplicationTerms::from_toml(&written).unwrap(), terms);
        }
    }

    #[test]
    fn misspelt_keys_and_illegal_values_are_refused_with_key_value_and_range() {
        for (file, parts) in [
            ("[long]\nweight = 11", ["`long.weight` is 11", "[0, 10]"]),
            ("[cost]\nstraddle = -1", ["`cost.straddle` is -1", "[0, 0.2]"]),
            ("[straddle]\nstrike = \"step\"", ["`strike_step` is missing", "above 0"]),
            ("[straddle]\nstrike_step = nan", ["`strike_step` is NaN", "above 0"]),
            ("[straddle]\nmin_days_to_expiry = 61", ["61", "0 to 60"]),
            ("[straddle]\nrestrike_threshold = 3", ["`restrike_threshold` is 3", "(0, 1)"]),
            ("[straddle]\nroll = \"never\"", ["never", "restrike"]),
            ("[replication]\nfrom = 2024-01-02\nto = 2023-01-03", ["`to` 2023-01-03", "`from`"]),
            ("[short]\nwheight = 1", ["wheight", "weight"]),
            ("[short]\nsymbol = \"IX\"", ["`IX`", "IH, IF, IC, IM"]),
            (
                "[short]\nsymbol = \"IF\"\nroll = \"weekly\"",
                ["weekly", "`fixed_days`, `most_traded`, `constant_maturity`, `best_carry`"],
            ),
            ("[short]\nroll = \"fixed_days\"", ["`short.roll` is fixed_days", "000300.SH"]),
            ("[long]\nsymbol = \"IM\"", ["`long.symbol` is `IM`", "one contract"]),
            ("[long]\nsizing = \"beta\"", ["`long.sizing` is beta", "`fitted`"]),
            ("[straddle]\nsizing = \"beta\"", ["`straddle.sizing` is beta", "`risk_parity`"]),
            ("[straddle]\nsizing = \"risk_parity\"\nweight = 0", ["risk_parity", "sells none"]),
            ("[long]\nsizing = \"fitted\"", ["`fit.target` is missing", "fitted"]),
            ("[fit]\ntarget = \"000905.SH\"", ["`fit` is written", "fitted"]),
            (
                "[fit]\ntarget = \"000905.SH\"\ndays = 5\n[long]\nsizing = \"fitted\"",
                ["`fit.days` is 5", "60 to 1000"],
            ),
            (
                "[fit]\ntarget = \"000905.SH\"\n[long]\nsizing = \"fitted\"\n\
                 [short]\nsizing = \"risk_parity\"",
                ["`short.sizing` is risk_parity", "`[fit]`"],
            ),
        ] {
            let refusal = ReplicationTerms::from_toml(file).unwrap_err().to_string();
            for part in parts {
                assert!(refusal.contains(part), "{file}: {refusal}");
            }
        }
    }
}
