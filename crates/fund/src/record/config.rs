//! Settings of a record.

use serde::{Deserialize, Serialize};
use shoals_core::TradingDay;

use super::crisis::{Crisis, library};
use crate::FundError;
use crate::error::require;

/// Which standard error bounds a Sharpe ratio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SharpeError {
    /// Lo's for independent normal returns.
    Iid,
    /// Mertens' for independent returns of any shape.
    Mertens,
    /// For dependent returns of any shape, autocovariances by Bartlett weights.
    #[default]
    Hac,
}

/// A stretch of the calendar with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedPeriod {
    /// What the table calls it.
    pub name: String,
    /// The last value on or before this day opens it.
    pub from: TradingDay,
    /// The last value on or before this day closes it.
    pub to: TradingDay,
}

/// Settings of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecordConfig {
    /// Simple yearly rate of cash, decimal, where no series of rates is given.
    pub risk_free_rate: f64,
    /// Which error bounds the Sharpe ratio.
    pub sharpe_error: SharpeError,
    /// Probability between `sharpe_low` and `sharpe_high`, and of the minimum track record.
    pub confidence: f64,
    /// Yearly Sharpe ratio that the probability and the minimum track record ask about.
    pub sharpe_benchmark: f64,
    /// Autocovariances that errors and Lo's scaling take in; none for Newey and West's rule.
    pub lag: Option<usize>,
    /// Probability of the tail in value at risk, expected shortfall, tail ratio and conditional drawdown.
    pub tail_probability: f64,
    /// Fewest periods of which risk is told.
    pub min_observations: usize,
    /// Whether each quarter has a row.
    pub quarters: bool,
    /// Stretches with a row of their own.
    pub periods: Vec<NamedPeriod>,
    /// How many drawdowns are listed.
    pub n_drawdowns: usize,
    /// How many of the worst weeks are listed.
    pub n_worst: usize,
    /// Episodes of the crisis table.
    pub crises: Vec<Crisis>,
}

impl Default for RecordConfig {
    /// Against cash that earns nothing, 95 % bands that allow for dependence, the worst twentieth, years without quarters, five
    /// drawdowns, ten weeks and the episodes of the library.
    fn default() -> Self {
        Self {
            risk_free_rate: 0.0,
            sharpe_error: SharpeError::default(),
            confidence: 0.95,
            sharpe_benchmark: 0.0,
            lag: None,
            tail_probability: 0.05,
            min_observations: 8,
            quarters: false,
            periods: Vec::new(),
            n_drawdowns: 5,
            n_worst: 10,
            crises: library(),
        }
    }
}

impl RecordConfig {
    /// Refuses settings outside their legal range.
    ///
    /// # Errors
    /// The setting, its value and the range.
    pub fn check(&self) -> Result<(), FundError> {
        let numbers = [
            ("risk_free_rate", self.risk_free_rate, "a yearly rate between -0.1 and 1", -0.1, 1.0),
            ("confidence", self.confidence, "a probability between 0.5 and 0.9999", 0.5, 0.9999),
            ("sharpe_benchmark", self.sharpe_benchmark, "a ratio between -10 and 10", -10.0, 10.0),
            (
                "tail_probability",
                self.tail_probability,
                "a probability between 0.001 and 0.5",
                0.001,
                0.5,
            ),
        ];
        for (key, found, expected, low, high) in numbers {
            require(key, &found, expected, (low..=high).contains(&found))?;
        }
        let (least, lag) = (self.min_observations, self.lag.unwrap_or_default());
        require("min_observations", &least, "4 to 1000 periods", (4..=1_000).contains(&least))?;
        require("lag", &lag, "at most 250 periods", lag <= 250)?;
        for NamedPeriod { name, from, to } in &self.periods {
            require(
                "periods",
                &format!("{name}: {from} to {to}"),
                "`from` before `to`",
                from < to,
            )?;
        }
        for Crisis { name, from, to, .. } in &self.crises {
            let found = format!("{}: {from} to {to}", name.en);
            require("crises", &found, "`from` before `to`", from < to)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), String> {
        let config: RecordConfig = toml::from_str(text).map_err(|error| error.to_string())?;
        config.check().map_err(|error| error.to_string())
    }

    #[test]
    fn illegal_settings_are_refused_by_name() {
        assert_eq!(check(""), Ok(()));
        for (text, word) in [
            ("confidence = 1.0", "confidence"),
            ("risk_free_rate = 2.0", "risk_free_rate"),
            ("min_observations = 1", "min_observations"),
            ("sharpe_errror = 'iid'", "sharpe_errror"),
            ("periods = [{ name = 'x', from = 2024-02-01, to = 2024-01-01 }]", "before"),
            (
                "crises = [{ name = { zh = '坏', en = 'bad' }, from = 2024-02-01, to = 2024-02-01 }]",
                "bad",
            ),
        ] {
            let said = check(text).expect_err(text);
            assert!(said.contains(word), "{text}: {said}");
        }
    }
}
