//! Why files could not be read, examined or kept.

use shoals_core::{CoreError, Finding};

/// Why an import, a read or a store could not be carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "every field is named and explained by its message")]
pub enum DataError {
    /// A file that cannot be opened or read.
    #[error("cannot read `{file}`")]
    Unreadable {
        file: String,
        #[source]
        cause: std::io::Error,
    },

    /// A file whose content is broken as a whole.
    #[error("`{file}` is not a whole {format} file: {reason}; export or download it again")]
    Corrupt { file: String, format: &'static str, reason: String },

    /// A cell that must hold one of a few words and holds another.
    #[error(
        "`{file}` row {row}: column `{column}` says `{found}` and may only say {expected}; \
         mend the cell, or leave the column out with a mapping file: --mapping FILE"
    )]
    BadValue { file: String, row: u64, column: String, found: String, expected: String },

    /// A cell that holds what its column cannot.
    #[error(
        "`{file}` row {row}: column `{column}` holds `{found}`, expected {expected}; mend the cell, or leave it empty \
         where there is no observation"
    )]
    BadCell { file: String, row: u64, column: String, found: String, expected: String },

    /// A file no profile recognises.
    #[error("`{file}` is in no known layout: {reason}")]
    UnknownLayout { file: String, reason: String },

    /// Something only the user can know.
    #[error("`{file}`: {question}; say it with {how}")]
    Ambiguous { file: String, question: String, how: String },

    /// Severe findings that were not accepted.
    #[error(
        "the import was stopped by {n} severe {}; nothing was written. \
         Mend the source, or let a kind pass with --accept KIND",
        if *n == 1 { "finding" } else { "findings" }
    )]
    Refused { n: usize, findings: Vec<Finding> },

    /// A directory that holds no store.
    #[error("`{path}` holds no market data yet; import some first, or name another directory")]
    NoStore { path: String },

    /// Somebody else is importing.
    #[error("another import into `{path}` is running; wait until it is done and try again")]
    StoreBusy { path: String },

    /// A version, table or column the store does not hold.
    #[error("there is no {what} `{name}` in the store; it holds {available}")]
    NotInStore { what: &'static str, name: String, available: String },

    /// A table somebody else wrote to.
    #[error(
        "table `{table}` was changed by another program after the last import (its version is \
         {found}, the last import left {expected}); restore version {expected} with that program"
    )]
    ForeignCommit { table: String, found: i64, expected: i64 },

    /// Rows that do not have the shape of their table.
    #[error("rows for `{table}` do not fit it: {reason}")]
    WrongShape { table: String, reason: String },

    /// A transaction log that cannot be read or written.
    #[error("the version log of `{table}` cannot be {action}")]
    Log {
        table: String,
        action: &'static str,
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },

    /// A file of the store that cannot be written.
    #[error("cannot write `{file}`")]
    Unwritable {
        file: String,
        #[source]
        cause: std::io::Error,
    },

    /// A Parquet file that cannot be encoded or decoded.
    #[error("cannot encode or decode the columns of `{file}`")]
    Parquet {
        file: String,
        #[source]
        cause: parquet::errors::ParquetError,
    },

    /// A word of the day, symbol or rule kind that is not legal.
    #[error(transparent)]
    Core(#[from] CoreError),

    /// A columnar operation that failed.
    #[error("columnar operation failed")]
    Arrow(#[from] arrow_schema::ArrowError),
}
