//! What the securities of a sheet are: named by a column, by the file, or by the user.

use shoals_core::{SecurityKind, Symbol};

use super::{Bound, Sheet, mapped};
use crate::formats::ReadOptions;
use crate::formats::delimited::symbol::{kind_of, parse as parse_symbol};
use crate::formats::headers::kind_of_column;
use crate::formats::sniff::samples;
use crate::{DataError, MarketTable};

/// What the codes of a sheet are: the kind of bare ones, one fixed security, or both open.
pub(super) struct Codes {
    /// How bare codes are read.
    pub(super) reading: Option<SecurityKind>,
    /// What the securities are, as far as known.
    pub(super) kind: Option<SecurityKind>,
    /// The security of a sheet without a code column.
    pub(super) fixed: Option<Symbol>,
}

impl Codes {
    pub(super) fn of(
        sheet: &Sheet<'_>,
        options: &ReadOptions,
        bound: &[Bound],
    ) -> Result<Self, DataError> {
        let table = options.table.or(mapped(options, |m| m.table));
        let told = options.kind.or(mapped(options, |m| m.kind)).or(table.and_then(kind_of_table));
        let column = bound.iter().find(|b| b.canonical == "symbol");
        let Some(column) = column else {
            let fixed = fixed_symbol(sheet, options, told)?;
            return Ok(Self { reading: told, kind: fixed.and_then(kind_of).or(told), fixed });
        };
        let reading = told.or_else(|| bare_kind(&column.folded, bound));
        let first = samples(sheet.grid, column.source).first().map(|s| (*s).to_owned());
        let Some(first) = first else { return Ok(Self { reading, kind: reading, fixed: None }) };
        match parse_symbol(&first, reading) {
            Ok(symbol) => Ok(Self { reading, kind: kind_of(symbol), fixed: None }),
            Err(shoals_core::CoreError::AmbiguousSymbol { .. }) => Err(bare_code(sheet, &first)),
            Err(_) if reading.is_none() && first.bytes().all(|b| b.is_ascii_digit()) => {
                Err(bare_code(sheet, &first))
            }
            Err(_) => Ok(Self { reading, kind: reading, fixed: None }),
        }
    }
}

/// What a column's own name says of its bare codes; 基金代码 beside a bar is an exchange-traded fund.
fn bare_kind(folded: &str, bound: &[Bound]) -> Option<SecurityKind> {
    let has_bar = bound.iter().any(|b| b.canonical == "high");
    match kind_of_column(folded) {
        Some(SecurityKind::Fund) if has_bar => Some(SecurityKind::Etf),
        kind => kind,
    }
}

fn bare_code(sheet: &Sheet<'_>, code: &str) -> DataError {
    DataError::Ambiguous {
        file: sheet.file.to_owned(),
        question: format!(
            "codes such as `{code}` do not say what they name (000852 is an index in Shanghai and \
             a stock in Shenzhen)"
        ),
        how: "--kind stock, index, etf or fund".to_owned(),
    }
}

/// What the securities of a table are.
pub(crate) fn kind_of_table(table: MarketTable) -> Option<SecurityKind> {
    use MarketTable as T;
    Some(match table {
        T::StockDaily
        | T::StockAdjustedDaily
        | T::StockValuation
        | T::FundamentalQuarterly
        | T::StockMinute
        | T::IndexMember => SecurityKind::Stock,
        T::IndexDaily | T::IndexValuation => SecurityKind::Index,
        T::EtfDaily => SecurityKind::Etf,
        T::FutureDaily => SecurityKind::Future,
        T::OptionDaily => SecurityKind::Option,
        T::FundNav | T::FundProfile => SecurityKind::Fund,
        _ => return None,
    })
}

/// The one security of a file: as the user says, or as the file is named.
fn fixed_symbol(
    sheet: &Sheet<'_>,
    options: &ReadOptions,
    kind: Option<SecurityKind>,
) -> Result<Option<Symbol>, DataError> {
    let told = options.symbol.clone().or(mapped(options, |m| m.symbol.clone()));
    if let Some(text) = told {
        return Ok(Some(parse_symbol(&text, kind)?));
    }
    Ok(Symbol::parse(sheet.stem).ok().or_else(|| qvix_underlying(sheet.stem)))
}

/// Underlying of a file saved from AKShare's `index_option_*_qvix`.
fn qvix_underlying(stem: &str) -> Option<Symbol> {
    const NAMES: &[(&str, &str)] = &[
        ("50etf", "510050.SH"),
        ("300etf", "510300.SH"),
        ("500etf", "510500.SH"),
        ("100etf", "159901.SZ"),
        ("cyb", "159915.SZ"),
        ("kcb", "588000.SH"),
        ("50index", "000016.SH"),
        ("300index", "000300.SH"),
        ("1000index", "000852.SH"),
    ];
    let stem = stem.to_lowercase();
    if !stem.contains("qvix") {
        return None;
    }
    // Longer names first: `1000index` ends in no other, `300etf` does not contain `50etf`.
    NAMES.iter().find(|(part, _)| stem.contains(part)).map(|row| Symbol::literal(row.1))
}
