//! Flags that mean the same everywhere.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use shoals_core::TradingDay;

/// Where an analysis finds its series: a market directory, or plain files.
#[derive(Debug, Clone, Args)]
pub(crate) struct SourceArgs {
    /// Market directory, as `shoals import` makes it
    #[arg(long, value_name = "DIR", default_value = "market")]
    pub(crate) market: PathBuf,
    /// Take series from this file instead of a market directory (repeatable)
    #[arg(long, value_name = "FILE")]
    pub(crate) series: Vec<PathBuf>,
    /// Column of --series that holds the values, where the file is no known export (repeatable)
    #[arg(long, value_name = "COLUMN[=CODE]", requires = "series")]
    pub(crate) value: Vec<String>,
    /// Column of --series that holds the dates; without it rows are taken in file order
    #[arg(long, value_name = "COLUMN", requires = "series")]
    pub(crate) date: Option<String>,
    /// Security of a --series file that does not name one, as 868008.WI
    #[arg(long, value_name = "CODE", requires = "series")]
    pub(crate) symbol: Option<String>,
    /// Take futures contracts from this file (repeatable; needs --series)
    #[arg(long, value_name = "FILE", requires = "series")]
    pub(crate) futures: Vec<PathBuf>,
    /// Use --series and --futures in spite of a severe kind of finding (repeatable)
    #[arg(long, value_name = "KIND", requires = "series")]
    pub(crate) accept: Vec<String>,
}

/// The days an answer tells about.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct PeriodArgs {
    /// First day
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub(crate) from: Option<TradingDay>,
    /// Last day
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    pub(crate) to: Option<TradingDay>,
}

/// What is printed, and where to.
#[derive(Debug, Clone, Args)]
pub(crate) struct OutputArgs {
    /// What to write on standard output
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// The one table to print; csv and parquet print the first without it
    #[arg(long, value_name = "NAME")]
    pub(crate) table: Option<String>,
    /// Write every table into this directory, in the chosen format, instead of standard output
    #[arg(long, short, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Language of what people read: text tables and notes; json, csv and parquet are English
    #[arg(long, value_enum, default_value_t = Lang::of_environment())]
    pub(crate) lang: Lang,
    /// Print no progress and no findings below severe
    #[arg(long)]
    pub(crate) quiet: bool,
}

/// Form of the data on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Text tables that fit the terminal
    Table,
    /// The outcome, its conventions, data versions and tables
    Json,
    /// One table
    Csv,
    /// One table
    Parquet,
}

/// Language of what people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

/// Reads a day of the command line.
pub(crate) fn parse_day(text: &str) -> Result<TradingDay, String> {
    text.parse().map_err(|error: shoals_core::CoreError| error.to_string())
}

impl Lang {
    /// The language of the user's locale: Chinese where it is, English elsewhere.
    pub(crate) fn of_environment() -> Self {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        if locale.is_some_and(|locale| locale.starts_with("zh")) { Self::Zh } else { Self::En }
    }
}

impl From<Lang> for shoals_report::Lang {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Zh => Self::Zh,
            Lang::En => Self::En,
        }
    }
}
