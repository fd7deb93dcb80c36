//! Who wrote the files: the columns, codes and units a source is known to use.

use std::fmt;
use std::str::FromStr;

use crate::DataError;

/// A source's habits: column names, code style, units where the file does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Profile {
    /// Recognise each file by its content; what stays open is asked for.
    #[default]
    Auto,
    /// The research files of a prepared market folder, each known by its columns.
    Market,
    /// tushare pro: JSON API responses saved to disk, and CSV.
    Tushare,
    /// AKShare data frames saved as CSV or Excel, Chinese columns.
    Akshare,
    /// Wind exports: Excel and CSV.
    Wind,
    /// Choice exports: Excel and CSV.
    Choice,
    /// qlib binary folders.
    Qlib,
    /// CSV with rqalpha and joinquant codes.
    Rqalpha,
    /// baostock data frames saved as CSV.
    Baostock,
    /// Any CSV, best with a mapping file.
    Csv,
    /// Any Parquet, best with a mapping file.
    Parquet,
}

/// Every profile with its lower-case name.
const NAMES: &[(Profile, &str)] = &[
    (Profile::Auto, "auto"),
    (Profile::Market, "market"),
    (Profile::Tushare, "tushare"),
    (Profile::Akshare, "akshare"),
    (Profile::Wind, "wind"),
    (Profile::Choice, "choice"),
    (Profile::Qlib, "qlib"),
    (Profile::Rqalpha, "rqalpha"),
    (Profile::Baostock, "baostock"),
    (Profile::Csv, "csv"),
    (Profile::Parquet, "parquet"),
];

impl Profile {
    /// Every profile, in the order of the manual.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|row| row.0)
    }

    /// The name on the command line, as `tushare`.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|row| row.0 == self).expect("every profile has a name").1
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Profile {
    type Err = DataError;

    fn from_str(text: &str) -> Result<Self, DataError> {
        NAMES.iter().find(|row| row.1 == text).map(|row| row.0).ok_or_else(|| {
            DataError::UnknownLayout {
                file: text.to_owned(),
                reason: format!(
                    "there is no such profile; the profiles are {}",
                    NAMES.iter().map(|row| row.1).collect::<Vec<_>>().join(", ")
                ),
            }
        })
    }
}
