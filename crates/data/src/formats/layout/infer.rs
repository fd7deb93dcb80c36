//! The table a sheet belongs to, told from its columns and its first code.

use shoals_core::SecurityKind;

use super::{Bound, Sheet};
use crate::formats::sniff::samples;
use crate::{DataError, MarketTable};

/// Columns that only stocks have.
pub(super) const STOCK_ONLY: &[&str] =
    &["is_st", "is_suspended", "limit_up", "total_shares", "free_float_shares"];

/// The table a sheet's columns and codes belong to.
pub(super) fn infer_table(
    sheet: &Sheet<'_>,
    bound: &[Bound],
    kind: Option<SecurityKind>,
) -> Result<MarketTable, DataError> {
    use MarketTable as T;
    let has = |name: &str| bound.iter().any(|b| b.canonical == name);
    let any = |names: &[&str]| names.iter().any(|name| has(name));
    let by_columns = [
        (has("event_id"), T::PolicyEvent),
        (has("weight") && has("index"), T::IndexMember),
        (any(&["unit_nav", "accumulated_nav", "adjusted_nav"]), T::FundNav),
        (has("is_open"), T::TradingDay),
        (any(&["financing_balance", "securities_lending_balance"]), T::MarginBalance),
        (has("implied_volatility"), T::ImpliedVolatilityDaily),
        (sheet.stem.to_lowercase().contains("qvix"), T::ImpliedVolatilityDaily),
        (has("rate") && has("tenor"), T::RateDaily),
        (has("eps") || has("book_per_share"), T::FundamentalQuarterly),
        (any(&["listed_on", "industry"]) && !has("close"), T::Security),
        (has("timestamp"), T::StockMinute),
        (kind == Some(SecurityKind::Option), T::OptionDaily),
        (any(&["settle", "open_interest"]) || kind == Some(SecurityKind::Future), T::FutureDaily),
    ];
    if names_only(sheet, bound) {
        return Err(no_values(sheet));
    }
    if let Some((_, table)) = by_columns.iter().find(|row| row.0) {
        return Ok(*table);
    }
    let has_bar = any(&["open", "high", "low"]);
    let has_ratio = any(&["pb", "pe_ttm", "ps_ttm", "total_market_cap", "free_float_market_cap"]);
    let is_stock_only = any(STOCK_ONLY);
    // Of stocks, each row goes where its own flag says.
    if kind != Some(SecurityKind::Stock) && is_adjusted(sheet, bound) {
        return Ok(T::StockAdjustedDaily);
    }
    match kind {
        Some(SecurityKind::Index) if !is_stock_only && !has_ratio => {
            return Ok(if has("close") { T::IndexDaily } else { T::IndexValuation });
        }
        Some(SecurityKind::Etf) => return Ok(T::EtfDaily),
        Some(SecurityKind::Fund) => return Ok(T::FundProfile),
        _ => {}
    }
    let is_stock = kind == Some(SecurityKind::Stock);
    if has_ratio && !has_bar && (is_stock || kind.is_none()) {
        return Ok(T::StockValuation);
    }
    let is_bar = has("close") || has("adjust_factor") || is_stock_only;
    if is_bar && (is_stock || is_stock_only) {
        return Ok(T::StockDaily);
    }
    let is_calendar = has("date") && sheet.header.len() == 1;
    if is_calendar {
        return Ok(T::TradingDay);
    }
    Err(no_table(sheet, bound))
}

/// Whether the columns that are recognised only say when and who.
fn names_only(sheet: &Sheet<'_>, bound: &[Bound]) -> bool {
    const NAMES: &[&str] = &["date", "timestamp", "symbol", "index", "underlying", "name"];
    let has = |name: &str| bound.iter().any(|b| b.canonical == name);
    let is_dated = has("date") || has("timestamp");
    let is_calendar = sheet.header.len() == 1;
    is_dated && !is_calendar && bound.iter().all(|b| NAMES.contains(&b.canonical.as_str()))
}

/// The error of a sheet with days and names and nothing about them.
fn no_values(sheet: &Sheet<'_>) -> DataError {
    DataError::UnknownLayout {
        file: sheet.file.to_owned(),
        reason: format!(
            "its columns are {}, which say when and who and nothing more; a price (close, 收盘价), \
             a net asset value or another value is missing, or has a name that is not known \
             (name it in a mapping file: --mapping FILE)",
            sheet.header.join(", ")
        ),
    }
}

/// The error of a sheet no table fits: which question is open, or that nothing is recognised.
fn no_table(sheet: &Sheet<'_>, bound: &[Bound]) -> DataError {
    let has = |name: &str| bound.iter().any(|b| b.canonical == name);
    let file = sheet.file.to_owned();
    if has("close") && !has("symbol") {
        return DataError::Ambiguous {
            file,
            question: "it holds one security and does not name it".to_owned(),
            how: "--symbol 000852.SH".to_owned(),
        };
    }
    if has("date") && has("symbol") {
        return DataError::Ambiguous {
            file,
            question: format!("its columns {} fit no table alone", sheet.header.join(", ")),
            how: "--table stock_daily (or another table) and a mapping file: --mapping FILE"
                .to_owned(),
        };
    }
    DataError::UnknownLayout {
        file,
        reason: format!(
            "its columns are {}; name them in a mapping file: --mapping FILE",
            sheet.header.join(", ")
        ),
    }
}

/// baostock says which price it gave: 3 is unadjusted, 1 and 2 are adjusted.
fn is_adjusted(sheet: &Sheet<'_>, bound: &[Bound]) -> bool {
    bound.iter().find(|b| b.canonical == "adjust_flag").is_some_and(|b| {
        let flags = samples(sheet.grid, b.source);
        flags.iter().any(|flag| matches!(flag.trim(), "1" | "2"))
    })
}
