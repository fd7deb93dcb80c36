//! The kinds of findings that reading raises, and the words of those about single cells and rows.

use shoals_core::Severity::{self, Note, Severe, Warning};

use super::delimited::Trouble;

/// How a trouble is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    trouble: Trouble,
    /// Stable name of the finding.
    pub(crate) kind: &'static str,
    /// How much it matters.
    pub(crate) severity: Severity,
    /// What should stand there.
    pub(crate) expected: &'static str,
    /// What the user can do.
    pub(crate) remedy: &'static str,
}

const fn row(
    trouble: Trouble,
    kind: &'static str,
    severity: Severity,
    expected: &'static str,
    remedy: &'static str,
) -> Words {
    Words { trouble, kind, severity, expected, remedy }
}

/// Every trouble with a cell or a row.
const TROUBLES: &[Words] = &[
    row(
        Trouble::MissingKey,
        "missing_key",
        Severe,
        "a day and a code in every row",
        "fill the cell; rows without a key are left out",
    ),
    row(
        Trouble::BadDate,
        "bad_date",
        Severe,
        "a day, as 2024-02-05 or 20240205",
        "mend the cell, or say how days are written with --date-format",
    ),
    row(
        Trouble::BadNumber,
        "bad_number",
        Severe,
        "a number, or nothing",
        "mend the cell; it is read as no observation",
    ),
    row(
        Trouble::NotANumber,
        "not_finite",
        Warning,
        "a number, or nothing",
        "leave the cell empty when there is no observation; it is read as none",
    ),
    row(
        Trouble::Infinite,
        "not_finite",
        Severe,
        "a finite number, or nothing",
        "mend the cell or leave it empty; it is read as no observation",
    ),
    row(
        Trouble::BadFlag,
        "bad_flag",
        Severe,
        "1 or 0, true or false, 是 or 否",
        "mend the cell; it is read as not known",
    ),
    row(
        Trouble::BadSymbol,
        "bad_symbol",
        Severe,
        "a security code, as 600519.SH",
        "mend the code, or say --kind when bare codes are meant; the row is left out",
    ),
    row(
        Trouble::BadEncoding,
        "bad_encoding",
        Severe,
        "UTF-8 throughout, as the beginning of the file",
        "say --encoding gb18030, or save the file again as UTF-8",
    ),
    row(
        Trouble::RaggedRow,
        "ragged_row",
        Severe,
        "as many cells as the header has",
        "mend the row, or quote cells that hold the delimiter; the row is left out",
    ),
    row(
        Trouble::OpenQuote,
        "open_quote",
        Severe,
        "quotation marks in pairs",
        "mend the row: a cell is opened with a quotation mark and never closed",
    ),
    row(
        Trouble::SourceLine,
        "source_line",
        Note,
        "rows of the table",
        "nothing: the exporter's own line is left out",
    ),
];

/// Kinds about files, columns and whole series.
const OTHERS: &[&str] = &[
    "assumed_nav",
    "assumed_unit",
    "bad_bin_start",
    "bin_past_calendar",
    "closed_day",
    "column_not_read",
    "contract_not_identified",
    "day_from_file_name",
    "duplicate_nav",
    "empty_bin",
    "estimated_amount",
    "estimated_price",
    "estimated_ratio",
    "factor_jump",
    "file_not_recognised",
    "has_more",
    "long_bin",
    "mixed_kinds",
    "no_unadjusted_price",
    "row_cap",
    "short_bin",
    "torn_bin",
    "uneven_bins",
    "unknown_status",
    "wrong_extension",
];

/// How a trouble is told.
pub(crate) fn words(trouble: Trouble) -> &'static Words {
    TROUBLES.iter().find(|words| words.trouble == trouble).expect("every trouble has a row")
}

/// Every kind of finding that reading raises, some of them twice.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    TROUBLES.iter().map(|words| words.kind).chain(OTHERS.iter().copied())
}
