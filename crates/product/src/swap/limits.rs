//! Rules over a book: how it may sell, and how concentrated it may be.

use serde::{Deserialize, Serialize};
use shoals_core::{Rules, Symbol, TradingDay};

use super::legs::Long;
use super::terms::count;
use crate::Error;
use crate::error::require_ratio;

/// `[unwind]`: how a book of names sells. Both legs shrink together, by what the names let it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Unwind {
    /// Most a day's sale may take of a name's average daily amount; `inf` for no bound.
    pub participation: f64,
    /// Days of that average, the day of the sale not among them.
    pub average_days: u32,
    /// Cost of every share traded beside `[cost]`, a fraction of the amount.
    pub slippage: f64,
    /// Days on which sales may not exceed purchases; a book that only sells waits, one that switches does
    /// not.
    pub net_sell_ban: Vec<Days>,
    /// Index bought with the proceeds of the day's sales under a ban, as `000300.SH`, and sold with the
    /// rest of the order once the ban is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub switch_into: Option<Symbol>,
}

/// A stretch of days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Days {
    /// First.
    pub from: TradingDay,
    /// Last.
    pub to: TradingDay,
}

impl Default for Unwind {
    /// A tenth of a month's average amount, no slippage, no ban.
    fn default() -> Self {
        Self {
            participation: 0.10,
            average_days: 20,
            slippage: 0.0,
            net_sell_ban: Vec::new(),
            switch_into: None,
        }
    }
}

impl Unwind {
    /// Whether net selling is banned on `day`.
    pub fn is_banned(&self, day: TradingDay) -> bool {
        self.net_sell_ban.iter().any(|days| (days.from..=days.to).contains(&day))
    }

    pub(super) fn check(&self, long: &Long) -> Result<(), Error> {
        if !long.is_of_names() {
            return Err(Error::Terms {
                reason:
                    "[unwind] sells names, and `[long] symbol` is one series; write `basket` or \
                         `micro_cap` instead"
                        .to_owned(),
            });
        }
        let share = self.participation;
        require_ratio("participation", share, "(0, inf], `inf` for no bound", share > 0.0)?;
        count("average_days", self.average_days, 1, 250)?;
        let cost = self.slippage;
        require_ratio("slippage", cost, "[0, 0.1]", (0.0..=0.1).contains(&cost))?;
        if self.switch_into.is_some() && self.net_sell_ban.is_empty() {
            return Err(Error::Terms {
                reason: "`switch_into` is bought under a ban; write `net_sell_ban` beside it"
                    .to_owned(),
            });
        }
        match self.net_sell_ban.iter().find(|days| days.to < days.from) {
            Some(days) => Err(Error::DatesReversed {
                earlier_key: "net_sell_ban.from",
                earlier: days.from,
                later_key: "net_sell_ban.to",
                later: days.to,
            }),
            None => Ok(()),
        }
    }
}

/// `[concentration]`: rules checked at every close. A key that is not written is the broker's of the day
/// the book was opened (`swap_terms` of the rules).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Concentration {
    /// Most of the long value in one name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_single_stock: Option<f64>,
    /// Fewest names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_names: Option<u32>,
    /// Most that long less hedge may be of the long value, either way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_net_exposure: Option<f64>,
    /// Least correlation of the two legs' daily returns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_long_short_correlation: Option<f64>,
    /// Days of that correlation, from the book's own; none is told before there are as many; 60 unless
    /// written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_days: Option<u32>,
}

/// The rules of a concentration with every number known: written, or the broker's of the opening day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ConcentrationLines {
    /// Most of the long value in one name.
    pub max_single_stock: f64,
    /// Fewest names.
    pub min_names: u32,
    /// Most that long less hedge may be of the long value, either way.
    pub max_net_exposure: f64,
    /// Least correlation of the two legs' daily returns.
    pub min_correlation: f64,
    /// Days of that correlation.
    pub correlation_days: usize,
}

impl Concentration {
    pub(super) fn lines(
        &self,
        opened_on: TradingDay,
        rules: &Rules,
    ) -> Result<ConcentrationLines, Error> {
        let broker = rules.swap_terms(opened_on)?;
        let days = self.correlation_days.unwrap_or(60);
        Ok(ConcentrationLines {
            max_single_stock: self.max_single_stock.unwrap_or(broker.max_single_stock),
            min_names: self.min_names.unwrap_or(broker.min_names),
            max_net_exposure: self.max_net_exposure.unwrap_or(broker.max_net_exposure),
            min_correlation: self
                .min_long_short_correlation
                .unwrap_or(broker.min_long_short_correlation),
            correlation_days: days as usize,
        })
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let most = |key, found: Option<f64>, expected, least: f64, most: f64| {
            found.map_or(Ok(()), |x| require_ratio(key, x, expected, (least..=most).contains(&x)))
        };
        most("max_single_stock", self.max_single_stock, "[0, 1]", 0.0, 1.0)?;
        most("max_net_exposure", self.max_net_exposure, "[0, 2]", 0.0, 2.0)?;
        let correlation = self.min_long_short_correlation;
        most("min_long_short_correlation", correlation, "[-1, 1]", -1.0, 1.0)?;
        self.min_names.map_or(Ok(()), |n| count("min_names", n, 0, 5000))?;
        self.correlation_days.map_or(Ok(()), |n| count("correlation_days", n, 5, 250))
    }
}
