//! What a style analysis may be told.

use serde::{Deserialize, Serialize};

use crate::{Frequency, FundError};

/// `[fund.style]`: ranges, windows and bands. [`StyleConfig::check`] says whether it is legal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StyleConfig {
    /// Greatest weight of an equity segment and of the futures hedge; 1 is a fund without leverage.
    pub max_leverage: f64,
    /// Greatest short or long straddle exposure, of net assets.
    pub max_short_volatility: f64,
    /// Calendar days of the straddles, sold anew each day.
    pub straddle_days: u32,
    /// Cash earns this where no rate is given, annualised decimal, ACT/365.
    pub cash_rate: f64,
    /// Leverage of the DMA proxy.
    pub proxy_leverage: f64,
    /// What the DMA proxy pays on its long value, annualised decimal, ACT/365.
    pub financing_rate: f64,
    /// Periods of a rolling window of a daily fund.
    pub window_days: usize,
    /// Periods of a rolling window of a weekly (or irregular) fund.
    pub window_weeks: usize,
    /// Periods of a rolling window of a monthly fund.
    pub window_months: usize,
    /// Periods of a daily fund from one window's end to the next; other funds have a window every period.
    pub every_days: usize,
    /// Fewest periods a style is asked of.
    pub min_periods: usize,
    /// A factor is used when it is known in this share of the fund's periods.
    pub min_known: f64,
    /// Probability outside every band, both tails together.
    pub tail_probability: f64,
    /// Share of the sample at either end in which no change is looked for.
    pub trim: f64,
    /// Funds are clones where the lower end of their correlation's band is above this.
    pub clone_correlation: f64,
    /// Fewest common periods of a correlation.
    pub min_common: usize,
}

impl Default for StyleConfig {
    /// A fund that may be levered four times as a DMA book was, half a year of days, a year of weeks, 90 % bands.
    fn default() -> Self {
        Self {
            max_leverage: 4.0,
            max_short_volatility: 3.0,
            straddle_days: 30,
            cash_rate: 0.02,
            proxy_leverage: 4.0,
            financing_rate: 0.04,
            window_days: 120,
            window_weeks: 52,
            window_months: 36,
            every_days: 5,
            min_periods: 40,
            min_known: 0.9,
            tail_probability: 0.10,
            trim: 0.15,
            clone_correlation: 0.7,
            min_common: 20,
        }
    }
}

impl StyleConfig {
    /// Refuses what could not be asked.
    ///
    /// # Errors
    /// A value outside its legal range, with key, value and range.
    pub fn check(&self) -> Result<(), FundError> {
        let refuse = |key, found: String, expected: &str| {
            Err(FundError::Setting { key, found, expected: expected.to_owned() })
        };
        let counts = [
            ("style.straddle_days", self.straddle_days as usize, 5, 365),
            ("style.window_days", self.window_days, 30, 2_500),
            ("style.window_weeks", self.window_weeks, 26, 520),
            ("style.window_months", self.window_months, 24, 240),
            ("style.every_days", self.every_days, 1, 250),
            ("style.min_periods", self.min_periods, 24, 2_500),
            ("style.min_common", self.min_common, 10, 2_500),
        ];
        for (key, found, low, high) in counts {
            if !(low..=high).contains(&found) {
                return refuse(key, found.to_string(), &format!("{low} to {high}"));
            }
        }
        let ratios = [
            ("style.max_leverage", self.max_leverage, 1.0, 10.0),
            ("style.max_short_volatility", self.max_short_volatility, 0.0, 20.0),
            ("style.cash_rate", self.cash_rate, -0.05, 0.3),
            ("style.proxy_leverage", self.proxy_leverage, 0.1, 10.0),
            ("style.financing_rate", self.financing_rate, -0.05, 0.3),
            ("style.min_known", self.min_known, 0.5, 1.0),
            ("style.tail_probability", self.tail_probability, 0.001, 0.5),
            ("style.trim", self.trim, 0.05, 0.45),
            ("style.clone_correlation", self.clone_correlation, 0.0, 0.99),
        ];
        for (key, found, low, high) in ratios {
            if !(low..=high).contains(&found) {
                return refuse(key, found.to_string(), &format!("a decimal in [{low}, {high}]"));
            }
        }
        Ok(())
    }

    /// Periods of a rolling window, and from one window's end to the next.
    pub(super) fn window(&self, frequency: Frequency) -> (usize, usize) {
        match frequency {
            Frequency::Daily => (self.window_days, self.every_days),
            Frequency::Weekly | Frequency::Irregular => (self.window_weeks, 1),
            Frequency::Monthly => (self.window_months, 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn illegal_settings_are_refused_with_key_value_and_range() {
        assert!(StyleConfig::default().check().is_ok());
        for (text, parts) in [
            ("window_days = 5", ["`style.window_days` is 5", "30 to 2500"]),
            ("tail_probability = 10.0", ["`style.tail_probability` is 10", "[0.001, 0.5]"]),
            ("max_leverage = 0.5", ["`style.max_leverage` is 0.5", "[1, 10]"]),
            ("cash_rate = nan", ["`style.cash_rate` is NaN", "[-0.05, 0.3]"]),
        ] {
            let config: StyleConfig = toml::from_str(text).expect("TOML");
            let refusal = config.check().expect_err("illegal").to_string();
            for part in parts {
                assert!(refusal.contains(part), "{text}: {refusal}");
            }
        }
        assert!(toml::from_str::<StyleConfig>("windows = 5").is_err());
    }
}
