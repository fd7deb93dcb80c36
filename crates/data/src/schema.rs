//! The market tables: names, keys, columns and units, fixed.
//!
//! Dates are `Date32` exchange days, symbols canonical codes, money CNY, ratios decimals. In memory a
//! symbol column is `Dictionary(Int32, Utf8)`; on disk it is plain text. Columns that are not part of
//! the key may be null: "no observation".

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde::{Deserialize, Serialize};

use crate::DataError;

/// A table of the market directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarketTable {
    /// Unadjusted daily bars of stocks, with adjust factor, shares and status.
    StockDaily,
    /// Adjusted daily bars from sources that give no unadjusted price.
    StockAdjustedDaily,
    /// Daily valuation ratios and market caps.
    StockValuation,
    /// Quarterly statements with the day they were announced.
    FundamentalQuarterly,
    /// Daily levels of indices, and of series a user treats as one.
    IndexDaily,
    /// Daily dividend yield of indices.
    IndexValuation,
    /// Index members and weights.
    IndexMember,
    /// Daily bars of exchange-traded funds.
    EtfDaily,
    /// Daily bars of futures contracts.
    FutureDaily,
    /// Daily closes of options.
    OptionDaily,
    /// Daily implied volatility of a constant tenor.
    ImpliedVolatilityDaily,
    /// Net asset values of funds.
    FundNav,
    /// What a fund is.
    FundProfile,
    /// Balances of margin trading.
    MarginBalance,
    /// Daily interest rates.
    RateDaily,
    /// What a security is.
    Security,
    /// Open and closed days.
    TradingDay,
    /// Policy events.
    PolicyEvent,
    /// Minute bars.
    StockMinute,
}

/// Type of a column, in the words of the data model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// `Date32` exchange day.
    Day,
    /// Microseconds, Asia/Shanghai wall clock without zone.
    Timestamp,
    /// Canonical code, `Dictionary(Int32, Utf8)`.
    Symbol,
    /// Text, `Utf8`.
    Text,
    /// `Float64`.
    Number,
    /// `Int64`.
    Count,
    /// `Boolean`.
    Flag,
}

impl ColumnKind {
    /// The Arrow type in memory.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Day => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Symbol => {
                DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
            }
            Self::Text => DataType::Utf8,
            Self::Number => DataType::Float64,
            Self::Count => DataType::Int64,
            Self::Flag => DataType::Boolean,
        }
    }
}

/// A column of a market table.
#[derive(Debug, Clone, Copy)]
pub struct ColumnSpec {
    /// Canonical name.
    pub name: &'static str,
    /// Type.
    pub kind: ColumnKind,
    /// Meaning and unit.
    pub about: &'static str,
}

struct TableSpec {
    table: MarketTable,
    name: &'static str,
    n_key: usize,
    columns: &'static [ColumnSpec],
}

macro_rules! columns {
    ($($name:ident: $kind:ident, $about:literal;)*) => {
        &[$(ColumnSpec { name: stringify!($name), kind: ColumnKind::$kind, about: $about }),*]
    };
}

/// Every table; the first `n_key` columns are its key.
const TABLES: &[TableSpec] = &[
    TableSpec {
        table: MarketTable::StockDaily,
        name: "stock_daily",
        n_key: 2,
        columns: columns! {
            date: Day, "exchange day";
            symbol: Symbol, "stock";
            open: Number, "CNY, unadjusted";
            high: Number, "CNY, unadjusted";
            low: Number, "CNY, unadjusted";
            close: Number, "CNY, unadjusted";
            pre_close: Number, "CNY, the ex-right reference price of the day";
            volume: Count, "shares";
            amount: Number, "CNY";
            adjust_factor: Number, "close times this is the adjusted close; its level is the source's";
            total_shares: Number, "shares";
            free_float_shares: Number, "shares";
            is_st: Flag, "special treatment; null when the source does not say";
            is_suspended: Flag, "no trading that day";
            limit_up: Number, "CNY, highest legal price";
            limit_down: Number, "CNY, lowest legal price";
        },
    },
    TableSpec {
        table: MarketTable::StockAdjustedDaily,
        name: "stock_adjusted_daily",
        n_key: 2,
        columns: columns! {
            date: Day, "exchange day";
            symbol: Symbol, "stock";
            open: Number, "CNY, adjusted to the source's base day";
            high: Number, "CNY, adjusted";
            low: Number, "CNY, adjusted";
            close: Number, "CNY, adjusted";
            volume: Count, "shares";
        },
    },
    TableSpec {
        table: MarketTable::StockValuation,
        name: "stock_valuation",
        n_key: 2,
        columns: columns! {
            date: Day, "exchange day";
            symbol: Symbol, "stock";
            pb: Number, "price to book";
            pe_ttm: Number, "price to earnings of twelve months";
            ps_ttm: Number, "price to sales of twelve months";
            dividend_yield: Number, "decimal a year";
            total_market_cap: Number, "CNY";
            free_float_market_cap: Number, "CNY";
        },
    },
    TableSpec {
        table: MarketTable::FundamentalQuarterly,
        name: "fundamental_quarterly",
        n_key: 2,
        columns: columns! {
            date: Day, "last day of the quarter reported on";
            symbol: Symbol, "stock";
            announced_on: Day, "day it was published: nothing is known before";
            eps: Number, "CNY a share";
            book_per_share: Number, "CNY a share";
            revenue: Number, "CNY";
            net_profit: Number, "CNY";
            total_equity: Number, "CNY";
            return_on_equity: Number, "decimal";
            source: Text, "who reported it";
        },
    },
    TableSpec {
        table: MarketTable::IndexDaily,
        name: "index_daily",
        n_key: 2,
        columns: columns! {
            date: Day, "exchange day";
            symbol: Symbol, "index";
            open: Number, "points";
            high: Number, "points";
            low: Number, "points";
            close: Number, "points";
            volume: Count, "shares";
            amount: Number, "CNY";
            variant: Text, "price or total_return";
        },
    },
    TableSpec {
        table: MarketTable::IndexValuation,
        name: "index_valuation",
        n_key: 2,
        columns: columns! {
            date: Day, "exchange day";
            symbol: Symbol, "index";
            dividend_yield: Number, "decimal a year";
        },
    },
    TableSpec {
        table: MarketTable::IndexMember,
        name: "index_member",
        n_key: 3,
        columns: columns! {
            date: Day, "day the weights stand for";
            index: Symbol, "index";
            symbol: Symbol, "member";
            weight: Number, "decimal";
        },
    },
    TableSpec {
        table: MarketTable::EtfDaily,
        name: "etf_daily",
        n_key: 2,
        columns: columns! {
            date: Day, "exchange day";
            symbol: Symbol, "fund";
            open: Number, "CNY, unadjusted";
            high: Number, "CNY, unadjusted";
            low: Number, "CNY, unadjusted";
            close: Number, "CNY, unadjusted";
            volume: Count, "fund shares";
            amount: Number, "CNY";
            adjust_factor: Number, "close times this is the adjusted close";
        },
    },
    TableSpec {
        table: MarketTable::FutureDaily,
        name: "future_daily",
        n_key: 2,
        columns: columns! {
            date: Day, "exchange day";
            contract: Symbol, "contract, or IF-MAIN.CFE and IF-NEAR.CFE for a source's continuous series";
            open: Number, "points";
            high: Number, "points";
            low: Number, "points";
            close: Number, "points";
            settle: Number, "points, exchange settlement";
            volume: Count, "lots";
            amount: Number, "CNY";
            open_interest: Count, "lots";
        },
    },
    TableSpec {
        table: MarketTable::OptionDaily,
        name: "option_daily",
        n_key: 2,
        columns: columns! {
            date: Day, "exchange day";
            contract: Symbol, "contract";
            underlying: Symbol, "what it is written on";
            kind: Text, "call or put";
            strike: Number, "points or CNY";
            expiry: Day, "last trading day";
            close: Number, "points or CNY";
            settle: Number, "points or CNY";
            volume: Count, "lots";
            open_interest: Count, "lots";
        },
    },
    TableSpec {
        table: MarketTable::ImpliedVolatilityDaily,
        name: "implied_volatility_daily",
        n_key: 3,
        columns: columns! {
            date: Day, "exchange day";
            underlying: Symbol, "index or fund";
            tenor_days: Count, "calendar days";
            implied_volatility: Number, "annualised decimal, at the close";
            source: Text, "who computed it and how";
        },
    },
    TableSpec {
        table: MarketTable::FundNav,
        name: "fund_nav",
        n_key: 2,
        columns: columns! {
            date: Day, "valuation day";
            fund: Symbol, "fund";
            unit_nav: Number, "CNY a unit";
            accumulated_nav: Number, "CNY a unit, dividends added";
            adjusted_nav: Number, "CNY a unit, dividends reinvested";
            net_asset: Number, "CNY";
            dividend: Number, "CNY a unit paid that day";
        },
    },
    TableSpec {
        table: MarketTable::FundProfile,
        name: "fund_profile",
        n_key: 1,
        columns: columns! {
            fund: Symbol, "fund";
            name: Text, "name";
            kind: Text, "what it calls itself";
            benchmark: Symbol, "benchmark";
            management_fee: Number, "decimal a year";
            performance_fee: Number, "decimal of the gain";
        },
    },
    TableSpec {
        table: MarketTable::MarginBalance,
        name: "margin_balance",
        n_key: 2,
        columns: columns! {
            date: Day, "exchange day";
            exchange: Text, "SH, SZ, BJ or all";
            financing_balance: Number, "CNY";
            financing_purchase: Number, "CNY bought that day";
            securities_lending_balance: Number, "CNY";
        },
    },
    TableSpec {
        table: MarketTable::RateDaily,
        name: "rate_daily",
        n_key: 2,
        columns: columns! {
            date: Day, "exchange day";
            tenor: Text, "as 1D, 3M, 1Y";
            rate: Number, "annualised decimal";
        },
    },
    TableSpec {
        table: MarketTable::Security,
        name: "security",
        n_key: 1,
        columns: columns! {
            symbol: Symbol, "security";
            name: Text, "name";
            kind: Text, "stock, index, etf, fund, future or option";
            board: Text, "main, chinext, star or beijing";
            listed_on: Day, "first trading day";
            delisted_on: Day, "last trading day";
            industry: Text, "industry in the source's classification";
        },
    },
    TableSpec {
        table: MarketTable::TradingDay,
        name: "trading_day",
        n_key: 1,
        columns: columns! {
            date: Day, "civil day";
            is_open: Flag, "whether the exchange traded";
        },
    },
    TableSpec {
        table: MarketTable::PolicyEvent,
        name: "policy_event",
        n_key: 1,
        columns: columns! {
            event_id: Text, "stable name";
            announced_on: Day, "day it became known";
            effective_on: Day, "day it came into force";
            title_zh: Text, "Chinese title";
            title_en: Text, "English title";
            targets: Text, "what it hits";
            expected_sign: Text, "expected sign for small caps";
            source: Text, "who reports it";
        },
    },
    TableSpec {
        table: MarketTable::StockMinute,
        name: "stock_minute",
        n_key: 2,
        columns: columns! {
            timestamp: Timestamp, "end of the minute, Asia/Shanghai";
            symbol: Symbol, "stock";
            open: Number, "CNY, unadjusted";
            high: Number, "CNY, unadjusted";
            low: Number, "CNY, unadjusted";
            close: Number, "CNY, unadjusted";
            volume: Count, "shares";
            amount: Number, "CNY";
        },
    },
];

impl MarketTable {
    /// Every table.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLES.iter().map(|spec| spec.table)
    }

    fn spec(self) -> &'static TableSpec {
        TABLES.iter().find(|spec| spec.table == self).expect("every table has a row")
    }

    /// The table's name, as `stock_daily`.
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// The columns, key first.
    pub fn columns(self) -> &'static [ColumnSpec] {
        self.spec().columns
    }

    /// The columns that name a row.
    pub fn key(self) -> &'static [ColumnSpec] {
        &self.spec().columns[..self.spec().n_key]
    }

    /// The Arrow schema in memory; key columns are not nullable.
    pub fn schema(self) -> SchemaRef {
        let n_key = self.spec().n_key;
        let fields: Vec<Field> = self
            .columns()
            .iter()
            .enumerate()
            .map(|(i, column)| Field::new(column.name, column.kind.data_type(), i >= n_key))
            .collect();
        Arc::new(Schema::new(fields))
    }
}

impl fmt::Display for MarketTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for MarketTable {
    type Err = DataError;

    fn from_str(text: &str) -> Result<Self, DataError> {
        TABLES.iter().find(|spec| spec.name == text).map(|spec| spec.table).ok_or_else(|| {
            DataError::UnknownLayout {
                file: text.to_owned(),
                reason: format!(
                    "there is no such table; the tables are {}",
                    TABLES.iter().map(|spec| spec.name).collect::<Vec<_>>().join(", ")
                ),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_a_row_a_key_and_a_name_that_reads_back() {
        for table in MarketTable::all() {
            assert_eq!(table.name().parse::<MarketTable>().unwrap(), table);
            assert!(!table.key().is_empty());
            let schema = table.schema();
            assert!(!schema.field(0).is_nullable());
            assert_eq!(schema.fields().len(), table.columns().len());
        }
    }
}
