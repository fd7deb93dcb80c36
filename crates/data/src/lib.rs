//! The only reader of market files: formats in, findings out, versioned tables kept.
//!
//! ```text
//! file ──► formats (sniff, read, normalise units) ──► doctor (findings) ──► store (one Delta commit)
//! ```
//!
//! [`import`] walks that path: nothing is written unless the whole import passed, and a process killed
//! at any moment leaves the last version whole.

pub mod arrow_table;
mod chinese;
pub mod doctor;
mod error;
pub mod formats;
mod import;
mod loaded;
pub mod schema;
pub mod store;

pub use chinese::{FindingWords, finding_words};
pub use error::DataError;
pub use import::{ImportOptions, ImportReport, import};
pub use loaded::Loaded;
pub use schema::MarketTable;
pub use store::{ImportRecord, PreparedImport, Selection, SourceFile, Store, Version};
