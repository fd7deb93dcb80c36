//! The telling: exhibits in two languages, drawn, printed and written as files.
//!
//! ```text
//! tables of an outcome ──► exhibits::*  ──► Report ──► html::write_html      one self-contained page
//!                                              tables::{write_tables, json_outcome, csv, schema}
//!                                              terminal::{table, sparkline}
//! ```
//!
//! An exhibit answers its question first, in words with numbers and bands, then shows it. Titles are
//! findings and are computed from the data. The visual language is `docs/visual.md`.

pub mod chart;
pub mod columns;
pub mod diagram;
mod error;
pub mod exhibit;
pub mod exhibits;
mod files;
mod fund_pages;
pub mod html;
pub mod i18n;
pub mod number;
pub mod tables;
mod telling;
pub mod terminal;

pub use error::ReportError;
pub use exhibit::{Exhibit, Provenance, Report, Shown, Verdict};
pub use fund_pages::write_funds;
pub use html::write_html;
pub use i18n::{Lang, Text};
pub use tables::{Form, csv, json_outcome, json_rows, schema, table_bytes, write_tables};
pub use telling::{tell, write_study};
