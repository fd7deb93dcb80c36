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

/// The flags every analysis of series takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct AnalysisArgs {
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// The flags every question to the stocks of a market takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct StockArgs {
    /// Market directory, as `shoals import` makes it
    #[arg(long, value_name = "DIR", default_value = "market")]
    pub(crate) market: PathBuf,
    #[command(flatten)]
    pub(crate) common: CommonArgs,
}

/// The flags every question takes, whatever it is asked of.
#[derive(Debug, Clone, Args)]
pub(crate) struct CommonArgs {
    #[command(flatten)]
    pub(crate) rulebook: RulebookArgs,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
    /// Seed of everything random
    #[arg(long, allow_negative_numbers = true)]
    pub(crate) seed: Option<u64>,
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Files that win over the built-in calendar and rules.
#[derive(Debug, Clone, Args)]
pub(crate) struct RulebookArgs {
    /// Exchange calendar in TOML; its days replace the built-in ones
    #[arg(long, value_name = "FILE")]
    pub(crate) calendar: Option<PathBuf>,
    /// Market rules in TOML; their rows win over the built-in ones (repeatable)
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Vec<PathBuf>,
}

/// Where the work is done.
#[derive(Debug, Clone, Args)]
pub(crate) struct EngineArgs {
    /// Where the work is done: local, or ballista://HOST:PORT
    #[arg(long, value_name = "ENGINE", default_value = "local", value_parser = parse_engine)]
    engine: Engine,
}

/// A place that can do the work.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Engine {
    /// This process.
    Local,
    /// A Ballista cluster.
    Ballista(String),
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

fn parse_engine(text: &str) -> Result<Engine, String> {
    if text == "local" {
        return Ok(Engine::Local);
    }
    let address = text.strip_prefix("ballista://").and_then(|address| address.rsplit_once(':'));
    match address {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
            Ok(Engine::Ballista(text.to_owned()))
        }
        _ => {
            Err("expected local or ballista://HOST:PORT, as ballista://127.0.0.1:50050".to_owned())
        }
    }
}

impl EngineArgs {
    /// Refuses a place this build cannot work at.
    pub(crate) fn require_local(&self) -> anyhow::Result<()> {
        match &self.engine {
            Engine::Local => Ok(()),
            Engine::Ballista(address) => anyhow::bail!(
                "this build has no cluster engine and cannot send work to `{address}`; \
                 leave --engine out to work in this process"
            ),
        }
    }
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
