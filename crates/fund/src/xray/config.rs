//! `[fund]`: what is asked of funds, and where each test draws its line.

use serde::{Deserialize, Serialize};
use shoals_core::{Seed, Symbol, TradingDay, day};

use crate::FundError;
use crate::hidden::HiddenConfig;
use crate::record::RecordConfig;
use crate::style::StyleConfig;

/// `[fund]`. [`XrayConfig::check`] says whether it is legal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct XrayConfig {
    /// First day of the values used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<TradingDay>,
    /// Last day of the values used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<TradingDay>,
    /// Funds asked about, by code or name; all when empty.
    pub funds: Vec<String>,
    /// What excess returns are over; a fund's own benchmark when none is named, else the market.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<Symbol>,
    /// Small side of the size premium.
    pub small: Symbol,
    /// Large side of it, the market, and what straddles are sold on.
    pub large: Symbol,
    /// Underlying of the implied-volatility series straddles are priced at.
    pub implied_volatility: Symbol,
    /// Last day the flags that count may know.
    pub as_of: TradingDay,
    /// Last day of the fall they are held against, which begins after `as_of`.
    pub fall_to: TradingDay,
    /// Loss in that fall, positive decimal, that a fund which promises calm must not have.
    pub calm_loss: f64,
    /// Yearly volatility up to which a fund that says nothing is read as promising calm.
    pub calm_volatility: f64,
    /// Exposure to small over large companies, a part of value, from which it is hidden risk.
    pub size_line: f64,
    /// Short straddles, a part of value, from which they are.
    pub short_volatility_line: f64,
    /// Correlation with a DMA book from which a fund is like one.
    pub dma_line: f64,
    /// Loss beyond a straight line when the market moves 5 %, a part of value, from which a fund sells insurance.
    pub insurance_line: f64,
    /// Share of a return told late from which a fund smooths.
    pub smoothing_line: f64,
    /// Tail dependence beyond what correlation explains from which it counts.
    pub tail_line: f64,
    /// Loss in the stress of small companies, positive decimal, from which it counts.
    pub peso_line: f64,
    /// Drawdown, positive decimal, that the budget allows.
    pub budget: f64,
    /// Probability of breaking it within a year from which it counts.
    pub budget_line: f64,
    /// A fall of small companies against large ones that has not happened: the peso loss's, simple decimal, negative.
    pub stress_size: f64,
    /// The record.
    pub record: RecordConfig,
    /// The style.
    pub style: StyleConfig,
    /// What is hidden.
    pub hidden: HiddenConfig,
}

impl Default for XrayConfig {
    /// Micro caps against the CSI 300; flags of the last day of 2023 against the fall to 8 February 2024.
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            funds: Vec::new(),
            benchmark: None,
            small: Symbol::literal("868008.WI"),
            large: Symbol::literal("000300.SH"),
            implied_volatility: Symbol::literal("510300.SH"),
            as_of: day(2023, 12, 29),
            fall_to: day(2024, 2, 8),
            calm_loss: 0.05,
            calm_volatility: 0.06,
            size_line: 0.05,
            short_volatility_line: 0.10,
            dma_line: 0.5,
            insurance_line: 0.001,
            smoothing_line: 0.10,
            tail_line: 0.0,
            peso_line: 0.05,
            budget: 0.05,
            budget_line: 0.05,
            stress_size: -0.20,
            record: RecordConfig::default(),
            style: StyleConfig::default(),
            hidden: HiddenConfig::default(),
        }
    }
}

impl XrayConfig {
    /// Sets the seed of every band that is drawn.
    pub fn set_seed(&mut self, seed: Seed) {
        self.hidden.seed = seed;
    }

    /// Refuses what could not be asked.
    ///
    /// # Errors
    /// A value outside its legal range, with key, value and range.
    pub fn check(&self) -> Result<(), FundError> {
        let refuse = |key, found: String, expected: &str| {
            Err(FundError::Setting { key, found, expected: expected.to_owned() })
        };
        if self.fall_to <= self.as_of {
            let expected = format!("a day after `as_of`, which is {}", self.as_of);
            return refuse("fall_to", self.fall_to.to_string(), &expected);
        }
        let shares = [
            ("calm_loss", self.calm_loss),
            ("calm_volatility", self.calm_volatility),
            ("peso_line", self.peso_line),
            ("budget", self.budget),
            ("budget_line", self.budget_line),
        ];
        if let Some((key, found)) = shares.into_iter().find(|(_, x)| !(*x > 0.0 && *x < 1.0)) {
            return refuse(key, found.to_string(), "a positive decimal below 1");
        }
        let lines = [
            ("size_line", self.size_line),
            ("short_volatility_line", self.short_volatility_line),
            ("dma_line", self.dma_line),
            ("insurance_line", self.insurance_line),
            ("smoothing_line", self.smoothing_line),
            ("tail_line", self.tail_line),
        ];
        if let Some((key, found)) = lines.into_iter().find(|(_, x)| !(0.0..10.0).contains(x)) {
            return refuse(key, found.to_string(), "0 or a positive decimal below 10");
        }
        if !(self.stress_size > -1.0 && self.stress_size < 0.0) {
            return refuse("stress_size", self.stress_size.to_string(), "a fall between -1 and 0");
        }
        self.record.check()?;
        self.style.check()?;
        self.hidden.check()
    }
}
