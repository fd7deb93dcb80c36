//! The terms of a swap: a TOML file in the field's words, and the legal value made of it.

use std::ops::Deref;

use serde::{Deserialize, Serialize};
use shoals_core::{Calendar, TradingDay};

use super::legs::{Hedge, Long};
use super::limits::{Concentration, Unwind};
use crate::Error;
use crate::error::require_ratio;

/// Terms of one DMA book. A value of this type is always legal; read its words through `Deref`.
///
/// # Example
/// ```
/// use shoals_product::swap::SwapTerms;
///
/// let text = r#"
///     [swap]
///     opened_on = 2024-01-02
///     closed_on = 2024-03-15
///     notional = 100.0
///     initial_margin_ratio = 25      # a percent, by mistake
///     call_ratio = 0.15
///     liquidation_ratio = 0.10
///     financing_rate = 0.04
///     financing_base = "notional"
///     on_breach = "report"
///     [long]
///     symbol = "868008.WI"
/// "#;
/// let refusal = SwapTerms::from_toml(text).unwrap_err().to_string();
/// assert_eq!(
///     refusal,
///     "`initial_margin_ratio` is 25, expected a decimal in (0, 1] (25% is written 0.25)"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "SwapWords", into = "SwapWords")]
pub struct SwapTerms(SwapWords);

/// The words of the TOML file, not yet believed. [`SwapTerms::try_from`] checks them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SwapWords {
    /// `[swap]`: dates, margin and financing.
    pub swap: Swap,
    /// `[long]`: what the fund receives the return of.
    pub long: Long,
    /// `[[hedge]]`: what it pays the return of; may be empty.
    #[serde(default)]
    pub hedge: Vec<Hedge>,
    /// `[cost]`: what trading costs; nothing unless written.
    #[serde(default)]
    pub cost: Costs,
    /// `[unwind]`: how a book of names sells under the market's rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unwind: Option<Unwind>,
    /// `[concentration]`: rules checked at every close; none unless written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concentration: Option<Concentration>,
}

/// `[swap]`: dates, margin and financing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Swap {
    /// Both legs are opened at this day's close.
    pub opened_on: TradingDay,
    /// Both legs are closed at this day's close.
    pub closed_on: TradingDay,
    /// Long market value at the opening, CNY.
    pub notional: f64,
    /// Margin paid in at the opening, a fraction of the margin base, in `(0, 1]`.
    pub initial_margin_ratio: f64,
    /// Below this ratio the broker warns; no such line when it is not written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning_ratio: Option<f64>,
    /// Below this ratio the broker calls (追保).
    pub call_ratio: f64,
    /// Below this ratio the broker may liquidate (平仓).
    pub liquidation_ratio: f64,
    /// Annual decimal, ACT/365 over calendar days.
    pub financing_rate: f64,
    /// What financing is charged on.
    #[serde(default)]
    pub financing_base: FinancingBase,
    /// What margin ratios are measured against.
    #[serde(default)]
    pub margin_base: MarginBase,
    /// What happens when the ratio closes below the call line.
    #[serde(default)]
    pub on_breach: OnBreach,
    /// What happens below the liquidation line, always at the next close; as `on_breach` unless written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_liquidation: Option<OnBreach>,
    /// Trading days from a call to its deadline, when what was called is done; 1 to 20.
    #[serde(default = "next_day", skip_serializing_if = "is_next_day")]
    pub cure_days: u32,
    /// Cash the fund can still pay in, CNY; a call beyond it is not met and the book is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve: Option<f64>,
    /// The manager's own stop: part of all cash paid in, which once lost closes the book; in `(0, 1)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_loss: Option<f64>,
}

const fn next_day() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
const fn is_next_day(days: &u32) -> bool {
    *days == next_day()
}

/// What financing is charged on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinancingBase {
    /// The long notional at the opening, less what has been sold since.
    #[default]
    Notional,
    /// What the broker has lent: long value less equity at the close before, at least 0.
    Borrowed,
}

/// What margin ratios are measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarginBase {
    /// Market value of the long leg.
    #[default]
    Long,
    /// Market value of the long leg plus value of the hedge, both as magnitudes.
    Gross,
}

/// What happens when the margin ratio closes below the call line: fixed at that close, done at the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnBreach {
    /// Nothing: the book runs on and the lines it breaks are reported.
    #[default]
    Report,
    /// The cash is paid in that would have restored the initial ratio at the breached close.
    TopUp,
    /// Both legs are sold down pro rata by the fraction that would have restored the initial ratio at the
    /// breached close.
    Deleverage,
    /// Both legs are closed, and the book with them.
    Liquidate,
}

/// `[cost]`: one-way costs, fractions of the traded value. All 0 unless written or taken from the rules.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Costs {
    /// Buying the long leg.
    pub long_buy: f64,
    /// Selling the long leg (commission and stamp duty).
    pub long_sell: f64,
    /// Opening or closing the hedge.
    pub hedge: f64,
    /// Where costs come from.
    pub schedule: CostSchedule,
}

/// Where costs come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostSchedule {
    /// The three fractions of `[cost]`, whatever the day.
    #[default]
    Written,
    /// Commission, stamp duty and exchange fees of the day, from the market rules; the fractions are 0.
    Rules,
}

impl SwapTerms {
    /// Reads the terms of a TOML file.
    ///
    /// # Errors
    /// A misspelt key, or a value outside its legal range, with key, value and range.
    pub fn from_toml(text: &str) -> Result<Self, Error> {
        let words: SwapWords = toml::from_str(text)
            .map_err(|error| Error::Terms { reason: error.to_string().trim_end().to_owned() })?;
        Self::try_from(words)
    }

    /// The closes at which the names go back to their weights.
    pub fn rebalancing_days(&self, calendar: &Calendar) -> Vec<TradingDay> {
        self.long.rebalance.days(self.swap.opened_on, self.swap.closed_on, calendar)
    }

    /// Long value over equity at the opening: 4 for a margin of 25 % on the long leg.
    pub fn opening_leverage(&self) -> f64 {
        let gross = match self.swap.margin_base {
            MarginBase::Long => 1.0,
            MarginBase::Gross => 1.0 + self.hedge.iter().map(|hedge| hedge.weight).sum::<f64>(),
        };
        1.0 / (self.swap.initial_margin_ratio * gross)
    }
}

impl Deref for SwapTerms {
    type Target = SwapWords;

    fn deref(&self) -> &SwapWords {
        &self.0
    }
}

impl From<SwapTerms> for SwapWords {
    fn from(terms: SwapTerms) -> Self {
        terms.0
    }
}

impl TryFrom<SwapWords> for SwapTerms {
    type Error = Error;

    fn try_from(words: SwapWords) -> Result<Self, Error> {
        check_swap(&words.swap)?;
        words.long.check()?;
        words.hedge.iter().try_for_each(Hedge::check)?;
        check_costs(words.cost)?;
        if let Some(unwind) = &words.unwind {
            unwind.check(&words.long)?;
        }
        words.concentration.as_ref().map_or(Ok(()), Concentration::check)?;
        Ok(Self(words))
    }
}

fn check_costs(cost: Costs) -> Result<(), Error> {
    let Costs { long_buy, long_sell, hedge, schedule } = cost;
    for (key, found) in [("long_buy", long_buy), ("long_sell", long_sell), ("hedge", hedge)] {
        require_ratio(key, found, "[0, 0.1]", (0.0..=0.1).contains(&found))?;
        let is_written = schedule == CostSchedule::Written || found == 0.0;
        require_ratio(key, found, "0 where `schedule = \"rules\"`", is_written)?;
    }
    Ok(())
}

fn check_swap(swap: &Swap) -> Result<(), Error> {
    if swap.closed_on <= swap.opened_on {
        return Err(Error::DatesReversed {
            earlier_key: "opened_on",
            earlier: swap.opened_on,
            later_key: "closed_on",
            later: swap.closed_on,
        });
    }
    if !(swap.notional > 0.0 && swap.notional.is_finite()) {
        return Err(Error::OutOfRange {
            key: "notional",
            found: swap.notional.to_string(),
            expected: "an amount in CNY above 0".to_owned(),
        });
    }
    check_ratios(swap)
}

fn check_ratios(swap: &Swap) -> Result<(), Error> {
    let (initial, call, liquidation) =
        (swap.initial_margin_ratio, swap.call_ratio, swap.liquidation_ratio);
    require_ratio("initial_margin_ratio", initial, "(0, 1]", 0.0 < initial && initial <= 1.0)?;
    let below_initial = format!("(0, {initial}), below `initial_margin_ratio`");
    require_ratio("call_ratio", call, &below_initial, 0.0 < call && call < initial)?;
    if let Some(warning) = swap.warning_ratio {
        let expected = format!("[{call}, {initial}), from `call_ratio` to `initial_margin_ratio`");
        require_ratio("warning_ratio", warning, &expected, call <= warning && warning < initial)?;
    }
    let up_to_call = format!("(0, {call}], up to `call_ratio`");
    require_ratio(
        "liquidation_ratio",
        liquidation,
        &up_to_call,
        0.0 < liquidation && liquidation <= call,
    )?;
    let rate = swap.financing_rate;
    require_ratio("financing_rate", rate, "[0, 1)", (0.0..1.0).contains(&rate))?;
    if let Some(stop) = swap.stop_loss {
        require_ratio("stop_loss", stop, "(0, 1)", 0.0 < stop && stop < 1.0)?;
    }
    count("cure_days", swap.cure_days, 1, 20)?;
    match swap.reserve {
        Some(reserve) if !(reserve >= 0.0 && reserve.is_finite()) => Err(Error::OutOfRange {
            key: "reserve",
            found: reserve.to_string(),
            expected: "an amount in CNY, 0 or above".to_owned(),
        }),
        Some(_) if swap.on_breach != OnBreach::TopUp => Err(Error::Terms {
            reason:
                "`reserve` is cash for calls, and means nothing unless `on_breach = \"top_up\"`"
                    .to_owned(),
        }),
        _ => Ok(()),
    }
}

pub(super) fn count(key: &'static str, found: u32, least: u32, most: u32) -> Result<(), Error> {
    if (least..=most).contains(&found) {
        return Ok(());
    }
    let expected = format!("{least} to {most}");
    Err(Error::OutOfRange { key, found: found.to_string(), expected })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEGAL: &str = r#"
[swap]
opened_on = 2024-01-02
closed_on = 2024-03-15
notional = 100.0
initial_margin_ratio = 0.25
call_ratio = 0.15
liquidation_ratio = 0.10
financing_rate = 0.04
financing_base = "notional"
on_breach = "report"
[long]
symbol = "868008.WI"
[[hedge]]
contract = "IM2403.CFE"
weight = 1.0
mark = "close"
lots = "fractional"
"#;

    #[test]
    fn legal_terms_read_back_as_themselves() {
        let terms = SwapTerms::from_toml(LEGAL).unwrap();
        assert_eq!(terms.opening_leverage(), 4.0);
        assert_eq!(terms.hedge[0].name(), "IM2403.CFE");
        let written = toml::to_string(&terms).unwrap();
        assert_eq!(SwapTerms::from_toml(&written).unwrap(), terms);
    }

    /// Each row: a piece of the file, what is typed instead, and what the refusal must say.
    #[test]
    fn misspelt_keys_and_illegal_values_are_refused_with_key_value_and_range() {
        for (piece, typed, parts) in [
            ("= 0.25", "= 25", ["`initial_margin_ratio` is 25", "(0, 1]"]),
            ("= 0.25", "= nan", ["`initial_margin_ratio` is NaN", "(0, 1]"]),
            ("= 0.25", "= 0", ["`initial_margin_ratio` is 0", "(0, 1]"]),
            ("= 0.15", "= 0.25", ["`call_ratio` is 0.25", "(0, 0.25)"]),
            ("= 0.10", "= 0.2", ["`liquidation_ratio` is 0.2", "(0, 0.15]"]),
            ("= 0.04", "= 4", ["`financing_rate` is 4", "[0, 1)"]),
            ("= 100.0", "= -1", ["`notional` is -1", "above 0"]),
            ("weight = 1.0", "weight = 3", ["`weight` is 3", "[0, 2]"]),
            ("2024-03-15", "2024-01-02", ["`closed_on` 2024-01-02", "not after"]),
            ("financing_rate", "finance_rate", ["finance_rate", "financing_rate"]),
            ("\"report\"", "\"panic\"", ["panic", "top_up"]),
            ("[long]", "[cost]\nhedge = 2\n[long]", ["`hedge` is 2", "[0, 0.1]"]),
            ("IM2403.CFE", "000852.SH", ["`contract` is `000852.SH`", "IM2403.CFE"]),
            ("868008.WI", "000852", ["000852", "ambiguous"]),
            ("[long]", "[long]\nrebalance = \"monthly\"", ["`long.rebalance`", "names"]),
            (
                "symbol = \"868008.WI\"",
                "basket = \"a.csv\"\nrebalance = { every_days = 0 }",
                ["`rebalance.every_days` is 0", "1 to 250"],
            ),
            (
                "symbol = \"868008.WI\"",
                "basket = \"a.csv\"\nrebalance = \"weekly\"",
                ["weekly", "every_days"],
            ),
            ("call_ratio", "warning_ratio = 0.1\ncall_ratio", ["`warning_ratio` is 0.1", "[0.15"]),
        ] {
            let refusal =
                SwapTerms::from_toml(&LEGAL.replacen(piece, typed, 1)).unwrap_err().to_string();
            for part in parts {
                assert!(refusal.contains(part), "{typed}: {refusal}");
            }
        }
    }
}
