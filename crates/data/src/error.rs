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

    /// A word of the day, symbol or rule kind that is not legal.
    #[error(transparent)]
    Core(#[from] CoreError),

    /// A columnar operation that failed.
    #[error("columnar operation failed")]
    Arrow(#[from] arrow_schema::ArrowError),
}
