//! Readers: files as sources write them in, canonical tables and findings out.
//!
//! A text file is sniffed (encoding, delimiter, date format, header), its columns are recognised by
//! the source's own names, units are brought to CNY, shares and decimals, codes to canonical symbols.
//! What only the user can know — what a bare `000852` names, whether 成交额 is in 万元 — is asked for
//! with [`DataError::Ambiguous`], never guessed. A cell that cannot be read is a finding with its row.
//!
//! Method page: docs/method/data_formats.md

#![expect(clippy::disallowed_methods, reason = "the data room reads files")]

mod mapping;
mod profile;
mod sniff;
mod units;

use std::collections::BTreeMap;
use std::path::Path;

use shoals_core::{SecurityKind, Table};

pub use mapping::{Mapping, Target, TargetWithUnit};
pub use profile::Profile;
pub use sniff::{DateFormat, Sniffed, sniff};

use crate::{DataError, Loaded, MarketTable};

/// What the user says about a file; everything left out is recognised or asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadOptions {
    /// Table the rows belong to.
    pub table: Option<MarketTable>,
    /// The security of a file that holds one without naming it, in any code style.
    pub symbol: Option<String>,
    /// What bare codes name.
    pub kind: Option<SecurityKind>,
    /// What the columns mean.
    pub mapping: Option<Mapping>,
    /// Encoding, as `gb18030`.
    pub encoding: Option<String>,
    /// Delimiter of a text file.
    pub delimiter: Option<char>,
    /// How dates are written.
    pub date_format: Option<DateFormat>,
    /// Unit of a column, source or canonical name: `成交额` to `万元`.
    pub units: BTreeMap<String, String>,
    /// Canonical column the cells of a wide file hold (dates down, codes across), as `close`.
    pub value: Option<String>,
}

/// Reads a file, or every recognised file of a directory in sorted order.
///
/// `progress` is told the bytes done and the total. Rows stay in the source's order.
///
/// # Errors
/// A file that is unreadable, broken as a whole, of no known layout, or that leaves a question open.
/// Single cells and rows are findings of the result instead.
pub fn read(
    profile: Profile,
    path: &Path,
    options: &ReadOptions,
    progress: &dyn Fn(u64, u64),
) -> Result<Vec<Loaded>, DataError> {
    let _ = (profile, options, progress);
    Err(DataError::UnknownLayout {
        file: path.display().to_string(),
        reason: "no reader takes it".to_owned(),
    })
}

/// Reads a CSV, Excel or Parquet file as a plain table: every column, types inferred.
///
/// Days become days, numbers numbers (an empty cell is NaN), everything else text; rows stay in file
/// order. For series, NAVs and panels that need no market directory.
///
/// # Errors
/// A file that is unreadable or broken as a whole.
pub fn read_table(path: &Path) -> Result<Table, DataError> {
    Err(DataError::UnknownLayout {
        file: path.display().to_string(),
        reason: "no reader takes it".to_owned(),
    })
}
