//! The terms of an AB swap: `[ab]` in front of the words of a DMA book.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::require_ratio;
use crate::swap::{MarginBase, OnBreach, SwapTerms, SwapWords};

/// Terms of one AB swap and of the DMA book it is held against. A value of this type is always legal.
///
/// `[swap]`, `[long]`, `[[hedge]]` and `[cost]` are a DMA book's own words: both structures hold these legs
/// from `opened_on` to `closed_on`, and the DMA book is margined and financed by them. `[ab]` says how the
/// notional is put in by A, B and the buffer.
///
/// # Example
/// ```
/// use shoals_product::ab_swap::AbSwapTerms;
///
/// let text = r#"
///     [ab]
///     senior_rate = 6.5                # a percent, by mistake
///     junior_share = 0.20
///     [swap]
///     opened_on = 2020-01-02
///     closed_on = 2020-12-31
///     notional = 100.0
///     initial_margin_ratio = 0.25
///     call_ratio = 0.15
///     liquidation_ratio = 0.10
///     financing_rate = 0.04
///     [long]
///     symbol = "868008.WI"
/// "#;
/// let refusal = AbSwapTerms::from_toml(text).unwrap_err().to_string();
/// assert_eq!(refusal, "`ab.senior_rate` is 6.5, expected a decimal in [0, 1) (25% is written 0.25)");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "toml::Table", into = "Words")]
pub struct AbSwapTerms {
    ab: Ab,
    book: SwapTerms,
}

/// `[ab]`: who puts in how much, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ab {
    /// Annual decimal, simple, ACT/365, that A is promised.
    pub senior_rate: f64,
    /// Part of the notional B puts in, in `(0, 1)`.
    pub junior_share: f64,
    /// Part of the notional that loses before B; 0 unless written.
    #[serde(default)]
    pub buffer: f64,
    /// Part of the gain over all claims that goes to the buffer's owner; 0 unless written.
    #[serde(default)]
    pub buffer_gain_share: f64,
    /// NAV (value over notional) below which the product warns; no such line when it is not written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning_nav: Option<f64>,
    /// NAV below which both legs are closed at the next close (平仓线); no such line when it is not written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_nav: Option<f64>,
}

/// The words as they stand in TOML, for writing.
#[derive(Serialize)]
struct Words {
    ab: Ab,
    #[serde(flatten)]
    book: SwapTerms,
}

impl AbSwapTerms {
    /// The terms of these two parts.
    ///
    /// # Errors
    /// A value of `[ab]` outside its legal range, with key, value and range.
    pub fn new(ab: Ab, book: SwapTerms) -> Result<Self, Error> {
        check(&ab)?;
        Ok(Self { ab, book })
    }

    /// Reads the terms of a TOML file.
    ///
    /// # Errors
    /// A misspelt key, or a value outside its legal range, with key, value and range.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let words: toml::Table = text.parse().map_err(|error: toml::de::Error| illegal(&error))?;
        Self::try_from(words)
    }

    /// `[ab]`.
    pub fn ab(&self) -> &Ab {
        &self.ab
    }

    /// The DMA book.
    pub fn book(&self) -> &SwapTerms {
        &self.book
    }

    /// Money of A, CNY.
    pub fn senior_money(&self) -> f64 {
        (1.0 - self.ab.junior_share - self.ab.buffer) * self.book.swap.notional
    }

    /// Money of B, CNY.
    pub fn junior_money(&self) -> f64 {
        self.ab.junior_share * self.book.swap.notional
    }

    /// Money of the buffer, CNY.
    pub fn buffer_money(&self) -> f64 {
        self.ab.buffer * self.book.swap.notional
    }

    /// Long value over the money that loses before A, at the opening.
    pub fn opening_leverage(&self) -> f64 {
        1.0 / (self.ab.junior_share + self.ab.buffer)
    }

    /// The same legs held by a product that owns them: the whole notional paid in, nothing borrowed.
    pub(super) fn paid_in_full(&self) -> Result<SwapTerms, Error> {
        let mut words = SwapWords::from(self.book.clone());
        words.swap.initial_margin_ratio = 1.0;
        words.swap.financing_rate = 0.0;
        words.swap.margin_base = MarginBase::Long;
        words.swap.on_breach = OnBreach::Report;
        SwapTerms::try_from(words)
    }
}

impl From<AbSwapTerms> for Words {
    fn from(terms: AbSwapTerms) -> Self {
        Self { ab: terms.ab, book: terms.book }
    }
}

impl TryFrom<toml::Table> for AbSwapTerms {
    type Error = Error;

    fn try_from(mut words: toml::Table) -> Result<Self, Error> {
        let ab = words.remove("ab").ok_or_else(|| Error::Terms {
            reason: "there is no `[ab]`; it says `senior_rate` and `junior_share`".to_owned(),
        })?;
        let ab = Ab::deserialize(ab).map_err(|error| illegal(&error))?;
        let book = SwapTerms::deserialize(words).map_err(|error| illegal(&error))?;
        Self::new(ab, book)
    }
}

fn illegal(error: &toml::de::Error) -> Error {
    Error::Terms { reason: error.to_string().trim_end().to_owned() }
}

fn check(ab: &Ab) -> Result<(), Error> {
    let (rate, junior, buffer) = (ab.senior_rate, ab.junior_share, ab.buffer);
    require_ratio("ab.senior_rate", rate, "[0, 1)", (0.0..1.0).contains(&rate))?;
    require_ratio("ab.junior_share", junior, "(0, 1)", 0.0 < junior && junior < 1.0)?;
    let left = format!("[0, {:.4}), what `junior_share` leaves to A", 1.0 - junior);
    require_ratio("ab.buffer", buffer, &left, 0.0 <= buffer && buffer + junior < 1.0)?;
    let share = ab.buffer_gain_share;
    require_ratio("ab.buffer_gain_share", share, "[0, 1]", (0.0..=1.0).contains(&share))?;
    if share > 0.0 && buffer == 0.0 {
        require_ratio(
            "ab.buffer_gain_share",
            share,
            "0: there is no buffer, so nobody to take it",
            false,
        )?;
    }
    if let Some(stop) = ab.stop_nav {
        require_ratio("ab.stop_nav", stop, "(0, 1)", 0.0 < stop && stop < 1.0)?;
    }
    if let Some(warning) = ab.warning_nav {
        let stop = ab.stop_nav.unwrap_or(0.0);
        let expected = format!("[{stop}, 1), from `stop_nav` to 1");
        require_ratio(
            "ab.warning_nav",
            warning,
            &expected,
            stop.max(1e-9) <= warning && warning < 1.0,
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: &str = r#"
[ab]
senior_rate = 0.065
junior_share = 0.20
buffer = 0.05
warning_nav = 0.95
stop_nav = 0.90
[swap]
opened_on = 2024-01-02
closed_on = 2024-03-01
notional = 100.0
initial_margin_ratio = 0.25
call_ratio = 0.15
liquidation_ratio = 0.10
financing_rate = 0.04
[long]
symbol = "868008.WI"
[[hedge]]
contract = "IM2403.CFE"
weight = 1.0
"#;

    #[test]
    fn legal_terms_read_back_as_themselves_and_carry_four_times_the_first_loss() {
        let terms = AbSwapTerms::from_toml(TERMS).unwrap();
        let again = AbSwapTerms::from_toml(&toml::to_string(&terms).unwrap()).unwrap();
        assert_eq!(terms, again);
        assert!((terms.opening_leverage() - 4.0).abs() < 1e-12);
        assert!((terms.senior_money() - 75.0).abs() < 1e-12);
        assert_eq!(terms.paid_in_full().unwrap().opening_leverage(), 1.0);
    }

    #[test]
    fn misspelt_keys_and_illegal_values_are_refused_with_key_value_and_range() {
        for (typed, instead, parts) in [
            ("= 0.065", "= 6.5", ["`ab.senior_rate` is 6.5", "[0, 1)"]),
            ("share = 0.20", "share = 1.0", ["`ab.junior_share` is 1", "(0, 1)"]),
            ("share = 0.20", "share = nan", ["`ab.junior_share` is NaN", "(0, 1)"]),
            ("buffer = 0.05", "buffer = 0.85", ["`ab.buffer` is 0.85", "[0, 0.8000)"]),
            ("buffer = 0.05", "buffer_gain_share = 0.2", ["gain_share` is 0.2", "no buffer"]),
            ("stop_nav = 0.90", "stop_nav = 90", ["`ab.stop_nav` is 90", "(0, 1)"]),
            ("nav = 0.95", "nav = 0.85", ["`ab.warning_nav` is 0.85", "[0.9, 1)"]),
            ("buffer =", "bufer =", ["unknown field `bufer`", "buffer_gain_share"]),
            ("[ab]", "[AB]", ["no `[ab]`", "senior_rate"]),
            ("call_ratio = 0.15", "call_ratio = 15", ["`call_ratio` is 15", "0.25"]),
            ("notional = 100.0", "principal = 100.0", ["unknown field `principal`", "notional"]),
        ] {
            let refusal = AbSwapTerms::from_toml(&TERMS.replace(typed, instead)).unwrap_err();
            for part in parts {
                assert!(refusal.to_string().contains(part), "{instead}: {refusal}");
            }
        }
    }
}
