//! Units as exports write them, and the factor to the unit of the canonical column.
//!
//! Money is CNY, stock volumes are shares, futures volumes lots, ratios decimals. A hand (手) is 100
//! shares of a stock or fund and one lot of a future, so a unit is always read together with the
//! column it stands in.

use crate::MarketTable;

/// What a canonical column measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dimension {
    /// CNY.
    Money,
    /// Shares, fund shares or units.
    Shares,
    /// Lots of a derivative.
    Lots,
    /// A decimal ratio.
    Ratio,
    /// A price, a level or anything else that is kept as written.
    Plain,
}

/// What a column of a table measures.
pub(crate) fn dimension(table: MarketTable, column: &str) -> Dimension {
    let is_derivative = matches!(table, MarketTable::FutureDaily | MarketTable::OptionDaily);
    match column {
        "amount"
        | "net_asset"
        | "total_market_cap"
        | "free_float_market_cap"
        | "revenue"
        | "net_profit"
        | "total_equity"
        | "financing_balance"
        | "financing_purchase"
        | "securities_lending_balance" => Dimension::Money,
        "volume" | "open_interest" if is_derivative => Dimension::Lots,
        "volume" | "total_shares" | "free_float_shares" => Dimension::Shares,
        "weight" | "dividend_yield" | "implied_volatility" | "rate" | "return_on_equity"
        | "management_fee" | "performance_fee" => Dimension::Ratio,
        _ => Dimension::Plain,
    }
}

/// Unit word, dimension, factor to the canonical unit.
const UNITS: &[(&str, Dimension, f64)] = &[
    ("元", Dimension::Money, 1.0),
    ("人民币元", Dimension::Money, 1.0),
    ("cny", Dimension::Money, 1.0),
    ("yuan", Dimension::Money, 1.0),
    ("千元", Dimension::Money, 1e3),
    ("万元", Dimension::Money, 1e4),
    ("万", Dimension::Money, 1e4),
    ("百万元", Dimension::Money, 1e6),
    ("百万", Dimension::Money, 1e6),
    ("亿元", Dimension::Money, 1e8),
    ("亿", Dimension::Money, 1e8),
    ("股", Dimension::Shares, 1.0),
    ("份", Dimension::Shares, 1.0),
    ("shares", Dimension::Shares, 1.0),
    ("手", Dimension::Shares, 100.0),
    ("百股", Dimension::Shares, 100.0),
    ("千股", Dimension::Shares, 1e3),
    ("万股", Dimension::Shares, 1e4),
    ("万份", Dimension::Shares, 1e4),
    ("万", Dimension::Shares, 1e4),
    ("万手", Dimension::Shares, 1e6),
    ("百万股", Dimension::Shares, 1e6),
    ("亿股", Dimension::Shares, 1e8),
    ("亿份", Dimension::Shares, 1e8),
    ("亿", Dimension::Shares, 1e8),
    ("手", Dimension::Lots, 1.0),
    ("张", Dimension::Lots, 1.0),
    ("lots", Dimension::Lots, 1.0),
    ("万手", Dimension::Lots, 1e4),
    ("万张", Dimension::Lots, 1e4),
    ("decimal", Dimension::Ratio, 1.0),
    ("%", Dimension::Ratio, 0.01),
    ("percent", Dimension::Ratio, 0.01),
    ("bp", Dimension::Ratio, 1e-4),
    ("点", Dimension::Plain, 1.0),
    ("元", Dimension::Plain, 1.0),
    ("cny", Dimension::Plain, 1.0),
    ("倍", Dimension::Plain, 1.0),
    ("元/股", Dimension::Plain, 1.0),
];

/// The factor from a written unit to the canonical one; `None` when the unit does not fit the column.
pub(crate) fn factor(unit: &str, dimension: Dimension) -> Option<f64> {
    let unit = unit.trim().to_lowercase();
    if let Ok(number) = unit.parse::<f64>() {
        return (number.is_finite() && number > 0.0).then_some(number);
    }
    UNITS.iter().find(|row| row.0 == unit && row.1 == dimension).map(|row| row.2)
}

/// Whether a word is a unit of anything.
pub(crate) fn is_unit(word: &str) -> bool {
    UNITS.iter().any(|row| row.0 == word)
}

/// Whether a told unit is a factor or a unit of anything.
pub(crate) fn is_known(unit: &str) -> bool {
    let unit = unit.trim().to_lowercase();
    let is_factor = unit.parse::<f64>().is_ok_and(|n| n.is_finite() && n > 0.0);
    is_factor || is_unit(&unit)
}

/// Every unit word, for messages.
pub(crate) fn words() -> String {
    let mut words: Vec<&str> = UNITS.iter().map(|row| row.0).collect();
    words.sort_unstable();
    words.dedup();
    words.join(", ")
}

/// The unit words legal for a dimension, for messages.
pub(crate) fn legal(dimension: Dimension) -> String {
    let words: Vec<&str> = UNITS.iter().filter(|row| row.1 == dimension).map(|row| row.0).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hand_is_a_hundred_shares_and_one_lot() {
        let shares = dimension(MarketTable::StockDaily, "volume");
        let lots = dimension(MarketTable::FutureDaily, "volume");
        assert_eq!(factor("手", shares), Some(100.0));
        assert_eq!(factor("手", lots), Some(1.0));
        assert_eq!(factor("万股", lots), None);
        assert_eq!(factor(" 万元 ", dimension(MarketTable::StockDaily, "amount")), Some(1e4));
        assert_eq!(factor("%", dimension(MarketTable::IndexMember, "weight")), Some(0.01));
        assert_eq!(factor("250", shares), Some(250.0));
        assert_eq!(factor("-3", shares), None);
    }
}
