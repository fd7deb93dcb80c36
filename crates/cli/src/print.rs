//! Outcomes and tables on standard output, in the form that was asked for.

use std::io::{IsTerminal, Write};

use anyhow::{Context, bail};
use serde_json::Value;
use shoals_core::{Convention, Outcome, Table, Text};
use shoals_report::terminal::{self, Screen};
use shoals_report::{Form, json_outcome, table_bytes};
use shoals_study::MarketView;
use std::collections::BTreeMap;

use crate::arguments::{Format, OutputArgs};

/// What a command answers with: tables, and what their numbers mean.
pub(crate) struct Answer {
    /// Stable name, as `inversion`.
    pub(crate) name: &'static str,
    /// The outcome itself as JSON.
    pub(crate) outcome: Value,
    /// Convention lines.
    pub(crate) convention: Convention,
    /// Market tables read, with their versions.
    pub(crate) versions: BTreeMap<String, i64>,
    /// Every table.
    pub(crate) tables: Vec<Table>,
}

impl Answer {
    /// The answer an analysis gives of a market.
    pub(crate) fn of<O: Outcome>(outcome: &O, view: &MarketView) -> anyhow::Result<Self> {
        let mut answer = Self::alone(outcome)?;
        if !view.notes.is_empty() {
            answer.convention.insert("source".to_owned(), Text::clauses(&view.notes));
        }
        answer.versions.clone_from(&view.versions);
        Ok(answer)
    }

    /// The answer an analysis gives that asked no market.
    pub(crate) fn alone<O: Outcome>(outcome: &O) -> anyhow::Result<Self> {
        Ok(Self {
            name: O::NAME,
            outcome: serde_json::to_value(outcome)
                .context("the outcome cannot be written as JSON")?,
            convention: outcome.convention(),
            versions: BTreeMap::new(),
            tables: outcome.tables(),
        })
    }

    /// Tables that are no analysis: a history, findings, the rows of a query.
    pub(crate) fn plain(name: &'static str, tables: Vec<Table>) -> Self {
        Self {
            name,
            outcome: Value::Null,
            convention: Convention::new(),
            versions: BTreeMap::new(),
            tables,
        }
    }

    /// Prints the answer, or writes every table into the directory that was named.
    pub(crate) fn print(&self, output: &OutputArgs) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        match (output.format, &output.output) {
            (Format::Table, None) => self.print_text(output, &mut out)?,
            (Format::Json, None) => {
                serde_json::to_writer(&mut out, &self.json())?;
                writeln!(out)?;
            }
            (Format::Csv, None) => {
                out.write_all(&table_bytes(self.one_table(output)?, Form::Csv)?)?;
            }
            (Format::Parquet, None) => {
                if out.is_terminal() {
                    bail!(
                        "Parquet is binary; redirect standard output or name a directory with -o"
                    );
                }
                out.write_all(&table_bytes(self.one_table(output)?, Form::Parquet)?)?;
            }
            (_, Some(folder)) => self.write_files(output, folder)?,
        }
        Ok(out.flush()?)
    }

    fn json(&self) -> Value {
        json_outcome(
            self.name,
            self.outcome.clone(),
            &self.convention,
            &self.versions,
            &self.tables,
        )
    }

    fn chosen<'a>(&'a self, output: &OutputArgs) -> anyhow::Result<Vec<&'a Table>> {
        let Some(name) = &output.table else { return Ok(self.tables.iter().collect()) };
        let found: Vec<&Table> = self.tables.iter().filter(|table| table.name() == name).collect();
        if found.is_empty() {
            let known: Vec<&str> = self.tables.iter().map(Table::name).collect();
            bail!("there is no table `{name}`; the tables are {}", known.join(", "));
        }
        Ok(found)
    }

    fn one_table<'a>(&'a self, output: &OutputArgs) -> anyhow::Result<&'a Table> {
        self.chosen(output)?.first().copied().context("the answer has no table")
    }

    fn print_text(&self, output: &OutputArgs, out: &mut impl Write) -> anyhow::Result<()> {
        // A pipe or a file has no width to fit.
        let width = terminal_size::terminal_size().map_or(usize::MAX, |(w, _)| usize::from(w.0));
        let lang = output.lang.into();
        for table in self.chosen(output)? {
            // A table asked for by name is shown whole.
            let max_rows = if output.table.is_some() { None } else { Some(24) };
            writeln!(out, "{}", table.name())?;
            writeln!(out, "{}", terminal::table(table, &Screen { width, lang, max_rows }))?;
        }
        for (name, sentence) in &self.convention {
            writeln!(out, "{name}: {}", sentence.get(lang))?;
        }
        Ok(())
    }

    fn write_files(&self, output: &OutputArgs, folder: &std::path::Path) -> anyhow::Result<()> {
        crate::source::refuse_file(folder)?;
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make `{}`", folder.display()))?;
        let write = |name: String, bytes: Vec<u8>| {
            let path = folder.join(name);
            std::fs::write(&path, bytes)
                .with_context(|| format!("cannot write `{}`", path.display()))
        };
        let (form, extension) = match output.format {
            Format::Json => {
                return write(format!("{}.json", self.name), self.json().to_string().into_bytes());
            }
            Format::Parquet => (Form::Parquet, "parquet"),
            Format::Csv | Format::Table => (Form::Csv, "csv"),
        };
        for table in self.chosen(output)? {
            write(format!("{}.{extension}", table.name()), table_bytes(table, form)?)?;
        }
        Ok(())
    }
}
