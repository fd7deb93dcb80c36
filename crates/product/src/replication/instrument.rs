//! What an index leg holds or sells, as its `symbol` names it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use shoals_core::{FutureContract, FutureProduct, Symbol, Text};

use crate::Error;

/// What an index leg holds or sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Instrument {
    /// An index, a fund or an own series, at its close: `000300.SH`.
    Series(Symbol),
    /// One futures contract, at its closes from listing to expiry: `IF2403.CFE`.
    Contract(FutureContract),
    /// A product carried from contract to contract by a roll rule: `IF`.
    Product(FutureProduct),
}

impl Instrument {
    /// Whether it is a future, which settles in cash every day and needs no financing.
    pub fn is_future(self) -> bool {
        !matches!(self, Self::Series(_))
    }

    /// The stable name of its kind.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Series(_) => "series",
            Self::Contract(_) => "contract",
            Self::Product(_) => "product",
        }
    }

    /// What prices it, for readers.
    pub(super) fn pricing(self) -> Text {
        match self {
            Self::Series(_) => Text::new("收盘价", "at its close"),
            Self::Contract(_) => Text::new(
                "单一合约，自上市至到期按收盘价",
                "one contract, at its closes from listing to expiry",
            ),
            Self::Product(_) => Text::new(
                "逐合约展期，当日收盘决定、次日收盘成交",
                "rolled from contract to contract, decided at a close and traded at the next",
            ),
        }
    }
}

impl FromStr for Instrument {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some(product) = FutureProduct::ALL.into_iter().find(|p| p.code() == text) {
            return Ok(Self::Product(product));
        }
        let symbol = Symbol::parse(text).map_err(|_| Error::WrongCode {
            key: "symbol",
            found: text.to_owned(),
            expected: "a code with its exchange (000300.SH, IF2403.CFE) or a product to be rolled (IH, IF, \
                       IC, IM)",
        })?;
        Ok(FutureContract::try_from(symbol).map_or(Self::Series(symbol), Self::Contract))
    }
}

impl TryFrom<String> for Instrument {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Instrument> for String {
    fn from(instrument: Instrument) -> Self {
        instrument.to_string()
    }
}

impl fmt::Display for Instrument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Series(symbol) => f.pad(symbol.as_str()),
            Self::Contract(contract) => f.pad(contract.symbol().as_str()),
            Self::Product(product) => f.pad(product.code()),
        }
    }
}
