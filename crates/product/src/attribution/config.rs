//! What is attributed to what: the words of `[attribution]`.

use serde::{Deserialize, Serialize};
use shoals_core::{FutureProduct, Seed, Symbol, TradingDay};

use crate::Error;

/// `[attribution]`: factors, windows and error bands. [`AttributionConfig::check`] says whether it is legal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AttributionConfig {
    /// First day; the first with every factor when it is not written or earlier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<TradingDay>,
    /// Last day, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<TradingDay>,
    /// Small side of the size premium.
    pub small: Symbol,
    /// Large side of it, the market factor, and what straddles are sold on.
    pub large: Symbol,
    /// Underlying of the implied-volatility series straddles are priced at.
    pub implied_volatility: Symbol,
    /// Calendar days of the straddles, sold anew each day.
    pub straddle_days: u32,
    /// Futures product (`IM`, `IC`, `IF` or `IH`) whose rolled hedge makes the basis factor; none when empty.
    pub future: String,
    /// Days of a rolling regression.
    pub rolling_days: usize,
    /// Probability outside every band, both tails together.
    pub tail_probability: f64,
    /// Share of the sample at either end in which no break is looked for.
    pub trim: f64,
    /// Trading days on either side of a top.
    pub top_days: usize,
    /// Paths of the null a top is compared with.
    pub replications: usize,
    /// Seed of those paths.
    pub seed: Seed,
    /// Series to attribute, beside the study's replications.
    pub symbols: Vec<Symbol>,
    /// Series whose tops are measured besides.
    pub tops: Vec<Symbol>,
}

impl Default for AttributionConfig {
    /// Micro caps against the CSI 300, 30-day straddles at the volatility of the 300 ETF's options, IM's basis.
    fn default() -> Self {
        Self {
            from: None,
            to: None,
            small: Symbol::literal("868008.WI"),
            large: Symbol::literal("000300.SH"),
            implied_volatility: Symbol::literal("510300.SH"),
            straddle_days: 30,
            future: String::new(),
            rolling_days: 60,
            tail_probability: 0.10,
            trim: 0.15,
            top_days: 60,
            replications: 500,
            seed: Seed::default(),
            symbols: Vec::new(),
            tops: Vec::new(),
        }
    }
}

impl AttributionConfig {
    /// Refuses what could not be asked.
    ///
    /// # Errors
    /// A value outside its legal range, with key, value and range.
    pub fn check(&self) -> Result<(), Error> {
        let refuse = |key, found: String, expected: &str| {
            Err(Error::OutOfRange { key, found, expected: expected.to_owned() })
        };
        let counts = [
            ("attribution.straddle_days", self.straddle_days as usize, 5, 365),
            ("attribution.rolling_days", self.rolling_days, 20, 1_000),
            ("attribution.top_days", self.top_days, 5, 500),
            ("attribution.replications", self.replications, 100, 100_000),
        ];
        for (key, found, low, high) in counts {
            if !(low..=high).contains(&found) {
                return refuse(key, found.to_string(), &format!("{low} to {high}"));
            }
        }
        let tail = self.tail_probability;
        if !(0.001..=0.5).contains(&tail) {
            return refuse(
                "attribution.tail_probability",
                tail.to_string(),
                "a decimal in [0.001, 0.5]",
            );
        }
        if !(0.05..=0.45).contains(&self.trim) {
            return refuse("attribution.trim", self.trim.to_string(), "a decimal in [0.05, 0.45]");
        }
        if self.small == self.large {
            return refuse(
                "attribution.small",
                self.small.to_string(),
                "another index than `large`",
            );
        }
        self.product().map(|_| ())
    }

    /// The product of the basis factor.
    ///
    /// # Errors
    /// A word that is none.
    pub fn product(&self) -> Result<Option<FutureProduct>, Error> {
        if self.future.is_empty() {
            return Ok(None);
        }
        let named = FutureProduct::ALL.into_iter().find(|product| product.code() == self.future);
        named.map(Some).ok_or_else(|| Error::WrongCode {
            key: "attribution.future",
            found: self.future.clone(),
            expected: "IM, IC, IF or IH, or nothing for no basis factor",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn illegal_settings_are_refused_with_key_value_and_range() {
        let legal = AttributionConfig::default();
        assert!(legal.check().is_ok());
        for (text, parts) in [
            ("rolling_days = 5", ["`attribution.rolling_days` is 5", "20 to 1000"]),
            ("tail_probability = 10.0", ["`attribution.tail_probability` is 10", "[0.001, 0.5]"]),
            ("trim = 0.0", ["`attribution.trim` is 0", "[0.05, 0.45]"]),
            ("future = \"IX\"", ["`attribution.future` is `IX`", "IM, IC, IF or IH"]),
            ("small = \"000300.SH\"", ["`attribution.small` is 000300.SH", "another index"]),
            ("replications = 1", ["`attribution.replications` is 1", "100 to 100000"]),
        ] {
            let config: AttributionConfig = toml::from_str(text).unwrap();
            let refusal = config.check().unwrap_err().to_string();
            for part in parts {
                assert!(refusal.contains(part), "{text}: {refusal}");
            }
        }
        assert!(toml::from_str::<AttributionConfig>("rolling = 5").is_err());
    }
}
