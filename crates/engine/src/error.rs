//! Why a question in SQL could not be answered.

use shoals_data::DataError;

/// Why the engine could not be opened or a query not be answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "every field is named and explained by its message")]
pub enum EngineError {
    /// The store's files could not be named.
    #[error(transparent)]
    Data(#[from] DataError),

    /// The engine's threads could not be started.
    #[error("cannot start the engine's threads")]
    Threads {
        #[source]
        cause: std::io::Error,
    },

    /// A table that cannot be registered.
    #[error("cannot open table `{table}` for queries")]
    Table {
        table: String,
        #[source]
        cause: Box<datafusion::error::DataFusionError>,
    },

    /// A statement that would change something.
    #[error(
        "only questions are answered, and this statement is none: {reason}; \
         rows enter the store with `shoals import`"
    )]
    ReadOnly { reason: String },

    /// A query that is wrong, or failed on the way.
    #[error("the query failed: {reason}")]
    Query {
        reason: String,
        #[source]
        cause: Box<datafusion::error::DataFusionError>,
    },
}
