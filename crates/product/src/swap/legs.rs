//! What the two legs are: the words of `[long]` and `[[hedge]]`.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use shoals_core::{Calendar, FutureContract, FutureProduct, Symbol, Text, TradingDay};
use shoals_market::future::Mark;
use shoals_market::future::roll::RollRule;
use shoals_market::index::Weighting;
use shoals_market::universe::MarketCap;

use super::terms::count;
use crate::Error;
use crate::error::require_ratio;

/// `[long]`: what the fund receives the return of; one of the three.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Long {
    /// Index or security that stands for the basket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symbol: Option<Symbol>,
    /// File of names and weights, columns `symbol` and `weight`; held as shares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basket: Option<PathBuf>,
    /// The smallest names of the market at the close before the opening; held as shares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub micro_cap: Option<MicroCapLong>,
    /// When names go back to their weights; the smallest names are then chosen anew.
    #[serde(skip_serializing_if = "BasketRebalance::is_never")]
    pub rebalance: BasketRebalance,
}

/// When a basket of names goes back to its weights: `"never"`, `"monthly"` or `{ every_days = 20 }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BasketRebalance {
    /// What is bought at the opening is held.
    #[default]
    Never,
    /// At the close of the first trading day of a month.
    Monthly,
    /// At every so-many-th close after the opening; 1 to 250.
    EveryDays(u32),
}

impl BasketRebalance {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    fn is_never(&self) -> bool {
        *self == Self::Never
    }

    /// Whether the close of `today` is one, `n_days` trading days after the opening.
    fn falls_on(self, previous: TradingDay, today: TradingDay, n_days: usize) -> bool {
        match self {
            Self::Never => false,
            Self::Monthly => previous.month_key() != today.month_key(),
            Self::EveryDays(every) => n_days.is_multiple_of(every as usize),
        }
    }

    /// The closes it falls on between the opening and the agreed closing, both left out.
    pub(super) fn days(
        self,
        opened_on: TradingDay,
        closed_on: TradingDay,
        calendar: &Calendar,
    ) -> Vec<TradingDay> {
        let days = calendar.days(opened_on, closed_on);
        let pairs = days.windows(2).enumerate();
        pairs
            .filter(|(i, pair)| pair[1] < closed_on && self.falls_on(pair[0], pair[1], i + 1))
            .map(|(_, pair)| pair[1])
            .collect()
    }

    /// What readers call it.
    pub(super) fn words(self) -> Text {
        match self {
            Self::Never => Text::new("不再平衡", "never rebalanced"),
            Self::Monthly => Text::new(
                "每月首个交易日再平衡",
                "rebalanced at the close of the first trading day of a month",
            ),
            Self::EveryDays(n) => Text::new(
                format!("每 {n} 个交易日再平衡"),
                format!("rebalanced at every {n}th close"),
            ),
        }
    }
}

/// `[long.micro_cap]`: the smallest names of the market.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MicroCapLong {
    /// How many.
    pub n_names: u32,
    /// Which capitalisation orders them.
    pub market_cap: MarketCap,
    /// Their weights at the opening.
    pub weighting: Weighting,
}

impl Default for MicroCapLong {
    /// The smallest 400 by total capitalisation, equal weights.
    fn default() -> Self {
        Self { n_names: 400, market_cap: MarketCap::Total, weighting: Weighting::Equal }
    }
}

/// What the long leg is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LongKind<'a> {
    /// One series stands for it.
    Series(Symbol),
    /// The names of a file.
    Basket(&'a Path),
    /// The smallest names.
    MicroCap(MicroCapLong),
}

impl Long {
    /// A long leg that one series stands for.
    pub fn of(symbol: Symbol) -> Self {
        Self { symbol: Some(symbol), ..Self::default() }
    }

    /// What it is.
    ///
    /// # Errors
    /// None or several of `symbol`, `basket` and `micro_cap`.
    pub fn kind(&self) -> Result<LongKind<'_>, Error> {
        match (self.symbol, &self.basket, self.micro_cap) {
            (Some(symbol), None, None) => Ok(LongKind::Series(symbol)),
            (None, Some(path), None) => Ok(LongKind::Basket(path)),
            (None, None, Some(choice)) => Ok(LongKind::MicroCap(choice)),
            _ => Err(Error::Terms {
                reason: "[long] needs exactly one of `symbol`, `basket` and `micro_cap`".to_owned(),
            }),
        }
    }

    /// Whether it is held name by name.
    pub fn is_of_names(&self) -> bool {
        self.symbol.is_none()
    }

    /// What readers call it.
    pub fn name(&self) -> Text {
        match self.kind() {
            Ok(LongKind::Series(symbol)) => Text::same(symbol.as_str()),
            Ok(LongKind::Basket(path)) => Text::same(path.display().to_string()),
            Ok(LongKind::MicroCap(MicroCapLong { n_names, .. })) => {
                Text::new(format!("市值最小 {n_names} 只"), format!("the smallest {n_names}"))
            }
            Err(_) => Text::same("?"),
        }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if let BasketRebalance::EveryDays(n) = self.rebalance {
            count("rebalance.every_days", n, 1, 250)?;
        }
        if self.symbol.is_some() && self.rebalance != BasketRebalance::Never {
            return Err(Error::Terms {
                reason: "`long.rebalance` is for names; one series has no weights to go back to"
                    .to_owned(),
            });
        }
        match self.kind()? {
            LongKind::MicroCap(choice) => count("n_names", choice.n_names, 1, 5000),
            LongKind::Series(_) | LongKind::Basket(_) => Ok(()),
        }
    }
}

/// One `[[hedge]]`: a short position in a contract, in a product rolled by a rule, or in an index itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hedge {
    /// One contract, as `IM2403.CFE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Symbol>,
    /// A product carried from contract to contract, as `IM`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<FutureProduct>,
    /// Which contract of the product carries the hedge; `fixed_days` unless written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roll: Option<RollRule>,
    /// An index sold at its own close, as `000905.SH`: what the hedge would be without a basis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<Symbol>,
    /// Short value at the opening, a fraction of the long notional, in `[0, 2]`.
    pub weight: f64,
    /// Price the position is marked at.
    #[serde(default)]
    pub mark: Mark,
    /// Whether lots may be fractions.
    #[serde(default)]
    pub lots: Lots,
}

/// What a hedge is short of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HedgeKind {
    /// One contract.
    Contract(FutureContract),
    /// A product under a roll rule.
    Product(FutureProduct, RollRule),
    /// An index itself.
    Index(Symbol),
}

/// Whether lots may be fractions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lots {
    /// Any number of lots, for study.
    #[default]
    Fractional,
    /// Rounded to the nearest whole lot, as the exchange trades them.
    Whole,
}

impl Hedge {
    /// A hedge of one contract at its close, fractional lots.
    pub fn of_contract(contract: Symbol, weight: f64) -> Self {
        Self {
            contract: Some(contract),
            product: None,
            roll: None,
            symbol: None,
            weight,
            mark: Mark::Close,
            lots: Lots::Fractional,
        }
    }

    /// What it is short of.
    ///
    /// # Errors
    /// A `contract` that is no index future; none or several of `contract`, `product` and `symbol`.
    pub fn kind(&self) -> Result<HedgeKind, Error> {
        match (self.contract, self.product, self.symbol) {
            (Some(contract), None, None) => FutureContract::try_from(contract)
                .map(HedgeKind::Contract)
                .map_err(|_| Error::WrongCode {
                    key: "contract",
                    found: contract.to_string(),
                    expected: "an index future, IF, IH, IC or IM and a month, as IM2403.CFE",
                }),
            (None, Some(product), None) => {
                Ok(HedgeKind::Product(product, self.roll.unwrap_or(RollRule::FixedDays)))
            }
            (None, None, Some(symbol)) => Ok(HedgeKind::Index(symbol)),
            _ => Err(Error::Terms {
                reason: "[[hedge]] needs exactly one of `contract`, `product` and `symbol`"
                    .to_owned(),
            }),
        }
    }

    /// What readers call it: `IM2403.CFE`, `IM fixed_days`, `000905.SH`.
    pub fn name(&self) -> String {
        match self.kind() {
            Ok(HedgeKind::Contract(contract)) => contract.symbol().to_string(),
            Ok(HedgeKind::Product(product, rule)) => format!("{} {}", product.code(), rule.name()),
            Ok(HedgeKind::Index(symbol)) => symbol.to_string(),
            Err(_) => "?".to_owned(),
        }
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        require_ratio("weight", self.weight, "[0, 2]", (0.0..=2.0).contains(&self.weight))?;
        let kind = self.kind()?;
        let is_product = matches!(kind, HedgeKind::Product(..));
        let refusal = if self.roll.is_some() && !is_product {
            Some("`roll` carries a `product`; a contract is not rolled and an index never expires")
        } else if matches!(kind, HedgeKind::Index(_)) && self.lots == Lots::Whole {
            Some("an index has no lots; leave `lots` out beside `symbol`")
        } else if self.roll == Some(RollRule::ConstantMaturity) && self.lots == Lots::Whole {
            Some("`constant_maturity` splits the hedge every day; write `lots = \"fractional\"`")
        } else {
            None
        };
        refusal.map_or(Ok(()), |reason| Err(Error::Terms { reason: reason.to_owned() }))
    }
}
