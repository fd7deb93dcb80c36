//! `inversion`, `basis`, `swap`, `ab` and `replicate`: one question each.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use serde::de::DeserializeOwned;
use shoals_core::{Table, Text, TradingDay};
use shoals_product::ab_swap::AbSwapTerms;
use shoals_product::replication::{ReplicationTerms, ReplicationWords};
use shoals_product::swap::{Explanation, SwapOutcome, SwapTerms, explain};
use shoals_study::{Analysis, MarketView, ask};
use shoals_warning::basis_watch::BasisConfig;
use shoals_warning::inversion::InversionConfig;

use crate::arguments::{AnalysisArgs, parse_day};
use crate::print::Answer;
use crate::source;

/// Did smaller companies earn less, in order of size?
#[derive(Debug, Args)]
pub(crate) struct InversionArgs {
    /// Settings in TOML, the words of a study's [inversion]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    common: AnalysisArgs,
}

/// What did the hedge quote and cost, and when did it squeeze?
#[derive(Debug, Args)]
pub(crate) struct BasisArgs {
    /// Settings in TOML, the words of a study's [basis]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    common: AnalysisArgs,
}

/// A DMA book: margin, calls and ruin
#[derive(Debug, Args)]
pub(crate) struct SwapArgs {
    #[command(subcommand)]
    command: SwapCommand,
}

#[derive(Debug, Subcommand)]
enum SwapCommand {
    /// What would this book have lost, day by day?
    Simulate(BookArgs),
    /// Where does the equity of a day come from?
    Explain {
        #[command(flatten)]
        book: BookArgs,
        /// The day
        #[arg(long, value_name = "DATE", value_parser = parse_day)]
        on: TradingDay,
    },
}

/// A book and the market it is carried through.
#[derive(Debug, Args)]
struct BookArgs {
    /// Terms in TOML: [swap], [long], [[hedge]]
    book: PathBuf,
    #[command(flatten)]
    common: AnalysisArgs,
}

/// What would an AB swap and a DMA book have made of the same path?
#[derive(Debug, Args)]
pub(crate) struct AbArgs {
    /// Terms in TOML: [ab], and the [swap], [long], [[hedge]] of the DMA book
    terms: PathBuf,
    #[command(flatten)]
    common: AnalysisArgs,
}

/// What did small-cap long, large-cap short and a short straddle earn?
#[derive(Debug, Args)]
pub(crate) struct ReplicateArgs {
    /// Terms in TOML; without them CSI 1000 against CSI 300 with half of equity in straddles
    terms: Option<PathBuf>,
    #[command(flatten)]
    common: AnalysisArgs,
}

/// Reads the size ladder.
pub(crate) fn run_inversion(args: &InversionArgs) -> anyhow::Result<()> {
    let InversionArgs { config, common } = args;
    let mut config: InversionConfig = read_config(config.as_deref())?;
    config.from = common.period.from.or(config.from);
    config.to = common.period.to.or(config.to);
    if let Some(seed) = common.seed {
        config.seed.0 = seed;
    }
    let view = source::view(common, Analysis::Inversion)?;
    Answer::of(&ask::inversion(&view, &config)?, &view)?.print(&common.output)
}

/// Watches the basis.
pub(crate) fn run_basis(args: &BasisArgs) -> anyhow::Result<()> {
    let BasisArgs { config, common } = args;
    let mut config: BasisConfig = read_config(config.as_deref())?;
    config.from = common.period.from.or(config.from);
    config.to = common.period.to.or(config.to);
    let view = source::view(common, Analysis::Basis)?;
    Answer::of(&ask::basis(&view, &config)?, &view)?.print(&common.output)
}

/// Carries a book, or explains a day of it.
pub(crate) fn run_swap(args: &SwapArgs) -> anyhow::Result<()> {
    match &args.command {
        SwapCommand::Simulate(book) => {
            let (outcome, view) = simulated(book)?;
            let told = match book.common.period.from {
                Some(from) => told_from(outcome, from)?,
                None => outcome,
            };
            Answer::of(&told, &view)?.print(&book.common.output)
        }
        SwapCommand::Explain { book, on } => {
            let (outcome, view) = simulated(book)?;
            let tree = explain(&outcome, *on).with_context(|| no_line(&outcome, *on))?;
            let mut answer = Answer::of(&outcome, &view)?;
            answer.name = "explain";
            answer.outcome = serde_json::to_value(&tree)?;
            answer.tables = vec![tree_table(&tree)];
            answer.print(&book.common.output)
        }
    }
}

/// Carries an AB swap beside its DMA book.
pub(crate) fn run_ab(args: &AbArgs) -> anyhow::Result<()> {
    let terms = read_words(&args.terms, AbSwapTerms::from_toml)?;
    let view = known(&args.common, Analysis::Ab, terms.book())?;
    let mut outcome = ask::ab(&view, &terms)?;
    if let Some(from) = args.common.period.from {
        let last = outcome.lines.last().map_or(from, |line| line.date);
        ensure!(from <= last, "`--from` is {from}, after the last day of the product, {last}");
        outcome = outcome.from_day(from);
    }
    Answer::of(&outcome, &view)?.print(&args.common.output)
}

/// The market as known on `--to`, which no book opens after.
pub(crate) fn known(
    common: &AnalysisArgs,
    analysis: Analysis,
    book: &SwapTerms,
) -> anyhow::Result<MarketView> {
    let view = source::view(common, analysis)?;
    let Some(to) = common.period.to else { return Ok(view) };
    let opened_on = book.swap.opened_on;
    ensure!(to >= opened_on, "`--to` is {to}, before the book opens on {opened_on}");
    Ok(view.known_on(to))
}

fn simulated(args: &BookArgs) -> anyhow::Result<(SwapOutcome, MarketView)> {
    let terms = read_words(&args.book, SwapTerms::from_toml)?;
    let view = known(&args.common, Analysis::Swap, &terms)?;
    Ok((ask::swap(&view, &terms)?, view))
}

fn no_line(outcome: &SwapOutcome, on: TradingDay) -> String {
    let days: Vec<TradingDay> = outcome.statement.iter().map(|line| line.date).collect();
    let (first, last) = (days.first().unwrap_or(&on), days.last().unwrap_or(&on));
    format!("the book has no line on {on}; it has one each trading day from {first} to {last}")
}

fn told_from(outcome: SwapOutcome, from: TradingDay) -> anyhow::Result<SwapOutcome> {
    let last = outcome.statement.last().map_or(from, |line| line.date);
    ensure!(from <= last, "`--from` is {from}, after the last day of the book, {last}");
    Ok(outcome.from_day(from))
}

/// The tree of an explanation as rows; a row's value is the sum of the deeper rows that follow it.
fn tree_table(tree: &Explanation) -> Table {
    let mut rows = Vec::new();
    collect_rows(tree, 0, &mut rows);
    Table::new("explain")
        .with("level", "0 for the number explained", rows.iter().map(|r| r.0).collect::<Vec<_>>())
        .with("name", "what it is", rows.iter().map(|r| r.1.clone()).collect::<Vec<_>>())
        .with("value", "CNY; a cost is negative", rows.iter().map(|r| r.2).collect::<Vec<_>>())
}

fn collect_rows(branch: &Explanation, level: i64, rows: &mut Vec<(i64, Text, f64)>) {
    rows.push((level, branch.name.clone(), branch.value));
    branch.children.iter().for_each(|child| collect_rows(child, level + 1, rows));
}

/// Carries a replication.
pub(crate) fn run_replicate(args: &ReplicateArgs) -> anyhow::Result<()> {
    let terms = match &args.terms {
        Some(path) => read_words(path, ReplicationTerms::from_toml)?,
        None => ReplicationTerms::default(),
    };
    let mut words = ReplicationWords::from(terms);
    words.replication.from = args.common.period.from.or(words.replication.from);
    words.replication.to = args.common.period.to.or(words.replication.to);
    let terms = ReplicationTerms::try_from(words)?;
    let view = source::view(&args.common, Analysis::Replicate)?;
    Answer::of(&ask::replicate(&view, &terms)?, &view)?.print(&args.common.output)
}

/// Reads a file and the terms in it; an error names the file.
pub(crate) fn read_words<T, E>(
    path: &Path,
    parse: impl Fn(&str) -> Result<T, E>,
) -> anyhow::Result<T>
where
    E: std::error::Error + Send + Sync + 'static,
{
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    parse(&text).with_context(|| format!("`{}` is not legal", path.display()))
}

pub(crate) fn read_config<T: DeserializeOwned + Default>(path: Option<&Path>) -> anyhow::Result<T> {
    path.map_or_else(|| Ok(T::default()), |path| read_words(path, |text| toml::from_str(text)))
}
