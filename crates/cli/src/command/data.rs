//! `import`, `doctor`, `history` and `sql`: what goes into a market directory and what is in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Context;
use clap::Args;
use shoals_core::{Finding, Rulebook, SecurityKind, Severity, Table};
use shoals_data::formats::{self, DateFormat, Mapping, Profile, ReadOptions};
use shoals_data::store::{ImportRecord, Store};
use shoals_data::{ImportOptions, MarketTable, SourceFile, doctor, import};

use crate::arguments::{EngineArgs, Format, Lang, OutputArgs, RulebookArgs};
use crate::print::Answer;
use crate::rulebook::UserRulebook;
use crate::{TOOL_VERSION, progress, source};

/// Import files into a market directory: one commit, or nothing
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    reading: ReadingArgs,
    /// Market directory; made when it is not there
    #[arg(long, value_name = "DIR", default_value = "market")]
    market: PathBuf,
    /// Let a severe kind of finding pass; recorded in the history (repeatable)
    #[arg(long, value_name = "KIND")]
    accept: Vec<String>,
    #[command(flatten)]
    rulebook: RulebookArgs,
    #[command(flatten)]
    listing: ListingArgs,
}

/// Examine files without importing them
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    rulebook: RulebookArgs,
    #[command(flatten)]
    listing: ListingArgs,
}

/// List every import of a market directory
#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// Market directory
    #[arg(long, value_name = "DIR", default_value = "market")]
    market: PathBuf,
    #[command(flatten)]
    output: OutputArgs,
}

/// Ask the tables of a market directory in SQL (needs the feature `sql`)
#[derive(Debug, Args)]
pub(crate) struct SqlArgs {
    /// One SELECT statement
    query: String,
    /// Market directory
    #[arg(long, value_name = "DIR", default_value = "market")]
    market: PathBuf,
    #[command(flatten)]
    engine: EngineArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// What is read, and what only the user knows about it.
#[derive(Debug, Args)]
struct ReadingArgs {
    /// Who wrote the files: auto, market, tushare, akshare, wind, choice, qlib, rqalpha, baostock, csv, parquet
    profile: Profile,
    /// A file, or a folder of files
    path: PathBuf,
    /// Table the rows belong to, as `index_daily`
    #[arg(long, value_name = "TABLE")]
    table: Option<MarketTable>,
    /// What bare six-digit codes name: stock, index, etf, fund, future or option
    #[arg(long, value_name = "KIND", value_parser = parse_kind)]
    kind: Option<SecurityKind>,
    /// Security of a file that does not name one
    #[arg(long, value_name = "CODE")]
    symbol: Option<String>,
    /// TOML file that says what the columns mean
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Canonical column the cells of a wide file hold, as close
    #[arg(long, value_name = "COLUMN")]
    value: Option<String>,
    /// Unit of a column, as 成交额=万元 (repeatable)
    #[arg(long, value_name = "COLUMN=UNIT", value_parser = parse_unit)]
    unit: Vec<(String, String)>,
    /// Encoding of text files, as gb18030
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Delimiter of text files
    #[arg(long, value_name = "CHAR")]
    delimiter: Option<char>,
    /// How dates are written: iso, compact, slash, chinese or excel
    #[arg(long, value_name = "FORMAT")]
    date_format: Option<DateFormat>,
}

/// How findings are listed.
#[derive(Debug, Args)]
struct ListingArgs {
    /// What to write on standard output
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Language of what people read
    #[arg(long, value_enum, default_value_t = Lang::of_environment())]
    lang: Lang,
    /// Print no progress, and severe findings only
    #[arg(long)]
    quiet: bool,
}

fn parse_kind(text: &str) -> Result<SecurityKind, String> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|_| {
        format!("`{text}` is no kind; write stock, index, etf, fund, future or option")
    })
}

fn parse_unit(text: &str) -> Result<(String, String), String> {
    let (column, unit) = text.split_once('=').ok_or("write COLUMN=UNIT, as 成交额=万元")?;
    Ok((column.trim().to_owned(), unit.trim().to_owned()))
}

impl ReadingArgs {
    fn options(&self, rulebook: Rulebook) -> anyhow::Result<ReadOptions> {
        let mapping = self.mapping.as_deref().map(read_mapping).transpose()?;
        Ok(ReadOptions {
            table: self.table,
            symbol: self.symbol.clone(),
            kind: self.kind,
            mapping,
            encoding: self.encoding.clone(),
            delimiter: self.delimiter,
            date_format: self.date_format,
            units: self.unit.iter().cloned().collect::<BTreeMap<_, _>>(),
            value: self.value.clone(),
            rulebook,
        })
    }
}

fn read_mapping(path: &Path) -> anyhow::Result<Mapping> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read mapping `{}`", path.display()))?;
    toml::from_str(&text).with_context(|| format!("mapping `{}` is not legal", path.display()))
}

impl ListingArgs {
    fn output(&self) -> OutputArgs {
        OutputArgs {
            format: self.format,
            table: None,
            output: None,
            lang: self.lang,
            quiet: self.quiet,
        }
    }

    /// Findings as text go to standard error, beside the work; as data to standard output.
    fn tell(&self, findings: &[Finding]) {
        let least = if self.quiet { Severity::Severe } else { Severity::Note };
        let told: Vec<Finding> =
            findings.iter().filter(|finding| finding.severity >= least).cloned().collect();
        match self.lang {
            Lang::Zh if told.is_empty() => {}
            Lang::Zh => eprint!("{}", doctor::render(&told, self.lang.into())),
            Lang::En => told.iter().for_each(|finding| eprintln!("{finding}")),
        }
    }
}

/// Reads, examines and commits.
pub(crate) fn run_import(args: &ImportArgs) -> anyhow::Result<()> {
    require_known(&args.accept)?;
    let user = UserRulebook::of(&args.rulebook)?;
    let options = args.reading.options(user.rulebook)?;
    refuse_foreign(&args.market)?;
    let is_new = !args.market.exists();
    let store = Store::create_or_open(&args.market)
        .with_context(|| format!("cannot open the market in `{}`", args.market.display()))?;
    let bar = progress::bytes(args.listing.quiet);
    bar.set_message("import");
    let result = import(
        &store,
        args.reading.profile,
        &args.reading.path,
        &options,
        &ImportOptions {
            accept: args.accept.clone(),
            imported_at: now(),
            tool_version: TOOL_VERSION.to_owned(),
            rulebook_files: user.files,
        },
        &|done, total| {
            bar.set_length(total);
            bar.set_position(done);
        },
    );
    bar.finish_and_clear();
    let report = result.inspect_err(|error| {
        if is_new {
            // Only an empty directory goes; a failed import leaves nothing behind.
            drop(std::fs::remove_dir(&args.market));
        }
        if let shoals_data::DataError::Refused { findings, .. } = error {
            args.listing.tell(findings);
        }
    })?;
    args.listing.tell(&report.findings);
    if args.listing.format == Format::Table && args.listing.quiet {
        return Ok(());
    }
    let mut tables = vec![imported_table(&report.rows)];
    if args.listing.format != Format::Table {
        tables.push(doctor::summary(&report.findings));
    }
    Answer::plain("import", tables).print(&args.listing.output())
}

/// A directory of something else is no place for a market; tables without catalogue are what a killed
/// first import leaves.
fn refuse_foreign(market: &Path) -> anyhow::Result<()> {
    source::refuse_file(market)?;
    let Ok(entries) = std::fs::read_dir(market) else { return Ok(()) };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let is_foreign =
        |name: &String| !name.starts_with(['_', '.']) && name.parse::<MarketTable>().is_err();
    let foreign = names.into_iter().find(is_foreign);
    match foreign.filter(|_| !market.join("_imports").exists()) {
        Some(name) => anyhow::bail!(
            "`{}` holds `{name}` and no market; name a new or an empty directory with --market",
            market.display()
        ),
        None => Ok(()),
    }
}

/// A misspelt kind would let nothing pass and say nothing.
pub(crate) fn require_known(accept: &[String]) -> anyhow::Result<()> {
    let known: Vec<&str> = doctor::known_kinds().collect();
    match accept.iter().find(|kind| !known.contains(&kind.as_str())) {
        Some(kind) => {
            anyhow::bail!("`{kind}` is no kind of finding; the kinds are {}", known.join(", "))
        }
        None => Ok(()),
    }
}

fn imported_table(rows: &BTreeMap<String, u64>) -> Table {
    Table::new("imported")
        .with("table", "market table", rows.keys().cloned().collect::<Vec<_>>())
        .with(
            "rows_read",
            "rows read for it; rows of one key become one",
            rows.values().map(|&n| n as i64).collect::<Vec<_>>(),
        )
}

/// Reads and examines; writes nothing.
pub(crate) fn run_doctor(args: &DoctorArgs) -> anyhow::Result<()> {
    let user = UserRulebook::of(&args.rulebook)?;
    let options = args.reading.options(user.rulebook)?;
    let bar = progress::bytes(args.listing.quiet);
    bar.set_message("read");
    let loaded =
        formats::read(args.reading.profile, &args.reading.path, &options, &|done, total| {
            bar.set_length(total);
            bar.set_position(done);
        })?;
    bar.set_message("examine");
    let Rulebook { calendar, rules } = &options.rulebook;
    let findings = doctor::examine(&loaded, calendar, rules);
    bar.finish_and_clear();
    let n_severe = findings.iter().filter(|f| f.severity == Severity::Severe).count();
    if args.listing.format == Format::Table {
        crate::tell(&doctor::render(&findings, args.listing.lang.into()))?;
    } else {
        Answer::plain("doctor", vec![doctor::summary(&findings)]).print(&args.listing.output())?;
    }
    anyhow::ensure!(n_severe == 0, "{n_severe} severe findings; an import would be stopped");
    Ok(())
}

/// Lists the imports.
pub(crate) fn run_history(args: &HistoryArgs) -> anyhow::Result<()> {
    let history = source::open_store(&args.market)?.history();
    Answer::plain("history", vec![history_table(&history), file_table(&history)])
        .print(&args.output)
}

fn history_table(history: &[ImportRecord]) -> Table {
    let text = |pick: &dyn Fn(&ImportRecord) -> String| -> Vec<String> {
        history.iter().map(pick).collect()
    };
    let count = |pick: &dyn Fn(&ImportRecord) -> usize| -> Vec<i64> {
        history.iter().map(|record| pick(record) as i64).collect()
    };
    let versions = |record: &ImportRecord| {
        record.versions.iter().map(|(t, v)| format!("{t}@{v}")).collect::<Vec<_>>().join(" ")
    };
    Table::new("history")
        .with("import", "1 for the first", count(&|r| r.import_no as usize))
        .with("imported_at", "RFC 3339", text(&|r| r.imported_at.clone()))
        .with("profile", "who wrote the files", text(&|r| r.profile.clone()))
        .with("source", "path as it was given", text(&|r| r.source.clone()))
        .with("files", "number of files", count(&|r| r.files.len()))
        .with("findings", "number of findings", count(&|r| r.findings.len()))
        .with("accepted", "severe kinds let pass", text(&|r| r.accepted.join(" ")))
        .with("tool", "program that imported", text(&|r| r.tool_version.clone()))
        .with("versions", "Delta version of each table after it", text(&versions))
}

/// The files of every import, with the user's calendar and rules.
fn file_table(history: &[ImportRecord]) -> Table {
    let files = || {
        let of = |record: &ImportRecord| record.import_no as i64;
        history.iter().flat_map(move |r| r.files.iter().map(move |file| (of(r), file)))
    };
    let text = |pick: fn(&SourceFile) -> &str| -> Vec<String> {
        files().map(|(_, file)| pick(file).to_owned()).collect()
    };
    Table::new("file")
        .with("import", "1 for the first", files().map(|row| row.0).collect::<Vec<_>>())
        .with("path", "file as it was named", text(|file| &file.path))
        .with("bytes", "size", files().map(|row| row.1.bytes as i64).collect::<Vec<_>>())
        .with("sha256", "hash of its bytes", text(|file| &file.sha256))
}

/// Answers a query.
#[cfg(feature = "sql")]
pub(crate) fn run_sql(args: &SqlArgs) -> anyhow::Result<()> {
    args.engine.require_local()?;
    let store = source::open_store(&args.market)?;
    let mut answer = Answer::plain("sql", vec![crate::sql::ask(&store, &args.query)?]);
    answer.versions = store.versions();
    answer.print(&args.output)
}

/// Says how to get the engine.
#[cfg(not(feature = "sql"))]
pub(crate) fn run_sql(args: &SqlArgs) -> anyhow::Result<()> {
    let _ = (&args.query, &args.market, &args.output);
    args.engine.require_local()?;
    anyhow::bail!(crate::sql::NO_ENGINE)
}

/// The time of an import, RFC 3339 in UTC.
pub(crate) fn now() -> String {
    let seconds = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs() as i64);
    let date = shoals_core::TradingDay::from_epoch_days((seconds / 86_400) as i32);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{date}T{hour:02}:{minute:02}:{second:02}Z")
}
