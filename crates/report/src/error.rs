//! Why a report or a table could not be written.

use std::path::PathBuf;

/// Why a report or a table could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A file could not be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: std::io::Error,
    },

    /// A table could not be written in its form.
    #[error(transparent)]
    Data(#[from] shoals_data::DataError),

    /// A lock could not be written.
    #[error(transparent)]
    Lock(#[from] shoals_study::StudyError),

    /// An exhibit asks for a table its outcome does not have.
    #[error("exhibit `{exhibit}` needs table `{table}`, the outcome has {available}")]
    NoSuchTable {
        /// The exhibit.
        exhibit: &'static str,
        /// The table it needs.
        table: &'static str,
        /// The tables there are.
        available: String,
    },

    /// An exhibit asks for a column its table does not have, or not of that kind.
    #[error("exhibit `{exhibit}` needs column `{column}` of {kind} in table `{table}`")]
    NoSuchColumn {
        /// The exhibit.
        exhibit: &'static str,
        /// The table.
        table: String,
        /// The column.
        column: &'static str,
        /// What it should hold.
        kind: &'static str,
    },
}
