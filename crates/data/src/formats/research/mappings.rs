//! Column names of the known files, and the mapping of those that need no more.

use super::Reader::{self, Ashare, Derived, Mapped};
use super::derived::Kind;

/// Columns of a file (in any order, a space between) and how it is read.
pub(super) const FILES: &[(&str, Reader)] = &[
    (
        "date code open high low close volume amount amount_measured close_raw raw_src total_mv \
         float_mv pb pb_src pe_ttm is_st px_src",
        Ashare,
    ),
    ("date symbol open high low close volume src", Mapped(INDEX)),
    ("date code name open high low close volume amount", Mapped(INDEX_STYLE)),
    ("date symbol div_yield_pct close", Mapped(INDEX_DIVIDEND_YIELD)),
    (
        "date product contract open high low close settle volume listed_date last_trade_date src \
         underlying spot_close basis",
        Mapped(FUTURE_CONTRACTS),
    ),
    (
        "date product open high low close volume amount open_interest contract last_trade_date",
        Derived(Kind::FutureMain),
    ),
    ("date product open high low close volume amount settle", Derived(Kind::FutureNear)),
    ("date type expiry strike close", Derived(Kind::OptionChain)),
    ("code date open high low close", Mapped(QVIX)),
    ("date csi1000_close atm_iv", Mapped(ATM_VOLATILITY)),
    ("code date open high low close volume close_qfq", Derived(Kind::Etf)),
    ("date fund fund_name invest_type unit_nav acc_nav pct dividend", Derived(Kind::Fund)),
    (
        "report_date eps bps net_profit revenue notice_date total_equity source roe code",
        Mapped(FUNDAMENTALS),
    ),
    ("date code open high low close volume", Mapped(ADJUSTED_BARS)),
    ("date mao_ew_proxy", Mapped(PROXY_INDEX)),
    ("date series close", Derived(Kind::Series)),
    ("date ew400_exst_daily_ret wind_868008_ret all_a_capw_ret", Derived(Kind::Returns)),
    (
        "code first_date last_date px_src area industry list_date name_2023_08 name_2023_03 \
         csmar_date csmar_market close_raw_2023_06 total_shares_2023_06 float_shares_2023_06 \
         st_2023_03 st_2023_08 board",
        Derived(Kind::Security),
    ),
    ("date fin_balance_100m_yuan fin_buy_100m_yuan", Mapped(MARGIN)),
];

/// A mapping to `$table`: lines before the columns, columns that keep their name, and what follows.
macro_rules! mapping {
    ($table:literal, $before:literal, [$($same:literal)+], $after:literal) => {
        concat!(
            "table = \"", $table, "\"\n", $before, "\n[columns]\n",
            $($same, " = \"", $same, "\"\n",)+
            $after,
        )
    };
}

pub(super) const INDEX: &str =
    mapping!("index_daily", "", ["date" "symbol" "open" "high" "low" "close" "volume"], "");

// Shanghai's index files count volume in hands of 100 shares: amount / volume is about 100 prices.
pub(super) const INDEX_STYLE: &str = mapping!(
    "index_daily",
    r#"kind = "index""#,
    ["date" "open" "high" "low" "close"],
    r#"
code = "symbol"
volume = { to = "volume", unit = "手" }
amount = { to = "amount", unit = "元" }
"#
);

const INDEX_DIVIDEND_YIELD: &str = mapping!(
    "index_valuation",
    "",
    ["date" "symbol"],
    r#"div_yield_pct = { to = "dividend_yield", unit = "%" }"#
);

const FUTURE_CONTRACTS: &str = mapping!(
    "future_daily",
    "",
    ["date" "contract" "open" "high" "low" "close" "settle"],
    r#"volume = { to = "volume", unit = "手" }"#
);

pub(super) const QVIX: &str = mapping!(
    "implied_volatility_daily",
    r#"kind = "etf""#,
    ["date"],
    r#"
code = "symbol"
close = { to = "implied_volatility", unit = "%" }
[constants]
tenor_days = "30"
source = "qvix"
"#
);

const ATM_VOLATILITY: &str = mapping!(
    "implied_volatility_daily",
    r#"symbol = "000852.SH""#,
    ["date"],
    r#"
atm_iv = { to = "implied_volatility", unit = "decimal" }
[constants]
tenor_days = "30"
source = "at the money, index options"
"#
);

const FUNDAMENTALS: &str = mapping!(
    "fundamental_quarterly",
    r#"kind = "stock""#,
    ["eps" "revenue" "net_profit" "total_equity" "source"],
    r#"
report_date = "date"
code = "symbol"
notice_date = "announced_on"
bps = "book_per_share"
roe = { to = "return_on_equity", unit = "%" }
"#
);

pub(super) const ADJUSTED_BARS: &str = mapping!(
    "stock_adjusted_daily",
    r#"kind = "stock""#,
    ["date" "open" "high" "low" "close" "volume"],
    r#"code = "symbol""#
);

pub(super) const PROXY_INDEX: &str = mapping!(
    "index_daily",
    r#"symbol = "mao_ew_proxy.OWN""#,
    ["date"],
    r#"mao_ew_proxy = "close""#
);

const MARGIN: &str = mapping!(
    "margin_balance",
    "",
    ["date"],
    r#"
fin_balance_100m_yuan = { to = "financing_balance", unit = "亿元" }
fin_buy_100m_yuan = { to = "financing_purchase", unit = "亿元" }
[constants]
exchange = "all"
"#
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_mapping_is_legal() {
        for (columns, reader) in FILES {
            if let Mapped(text) = reader {
                let mapping: crate::formats::Mapping = text.parse().unwrap();
                for name in mapping.columns.keys() {
                    assert!(columns.split(' ').any(|column| column == name), "{name}");
                }
            }
        }
    }
}
