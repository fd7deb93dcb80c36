//! `inversion`, `basis`, `bubble`, `ab`, `replicate`, `analogue` and `rotation`: one question each.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use serde::de::DeserializeOwned;
use shoals_core::{Symbol, TradingDay};
use shoals_product::ab_swap::AbSwapTerms;
use shoals_product::replication::{ReplicationTerms, ReplicationWords};
use shoals_product::swap::SwapTerms;
use shoals_study::{Analysis, MarketView, ask};
use shoals_warning::analogue::AnalogueConfig;
use shoals_warning::basis_watch::BasisConfig;
use shoals_warning::bubble::BubbleConfig;
use shoals_warning::inversion::InversionConfig;
use shoals_warning::rotation::RotationConfig;

use crate::arguments::{AnalysisArgs, parse_day};
use crate::command::swap::read_view;
use crate::print::Answer;
use crate::source;

/// Did smaller companies earn less, in order of size?
#[derive(Debug, Args)]
pub(crate) struct InversionArgs {
    /// Settings in TOML, the words of a study's [inversion]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    asked: AnalysisArgs,
}

/// What did the hedge quote and cost, and when did it squeeze?
#[derive(Debug, Args)]
pub(crate) struct BasisArgs {
    /// Settings in TOML, the words of a study's [basis]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    asked: AnalysisArgs,
}

/// Had small companies run away from large ones, and how extreme was their lead?
#[derive(Debug, Args)]
pub(crate) struct BubbleArgs {
    /// Settings in TOML, the words of a study's [bubble]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Fit the log-periodic power law too, week by week: a minute for twenty years
    #[arg(long)]
    power_law: bool,
    #[command(flatten)]
    asked: AnalysisArgs,
}

/// What would an AB swap and a DMA book have made of the same path?
#[derive(Debug, Args)]
pub(crate) struct AbArgs {
    /// Terms in TOML: [ab], and the [swap], [long], [[hedge]] of the DMA book
    terms: PathBuf,
    #[command(flatten)]
    asked: AnalysisArgs,
}

/// What did small-cap long, large-cap short and a short straddle earn?
#[derive(Debug, Args)]
pub(crate) struct ReplicateArgs {
    /// Terms in TOML; without them CSI 1000 against CSI 300 with half of equity in straddles
    terms: Option<PathBuf>,
    #[command(flatten)]
    asked: AnalysisArgs,
}

/// Which episode does the path look like, and would a random path look as like one?
#[derive(Debug, Args)]
pub(crate) struct AnalogueArgs {
    /// Settings in TOML, the words of a study's [analogue]; [[episode]] adds to the library
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Index whose path is looked up
    #[arg(long, value_name = "CODE")]
    query: Option<String>,
    /// Trading days of the path, up to --to or the last day
    #[arg(long, value_name = "DAYS")]
    query_days: Option<usize>,
    #[command(flatten)]
    asked: AnalysisArgs,
}

/// Do small or large companies lead, and was whoever said so right?
#[derive(Debug, Args)]
pub(crate) struct RotationArgs {
    /// Settings in TOML, the words of a study's [rotation]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Index of the small companies
    #[arg(long, value_name = "CODE")]
    small: Option<String>,
    /// Index of the large companies
    #[arg(long, value_name = "CODE")]
    large: Option<String>,
    /// Day whose outlook is told as it stood (repeatable)
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    as_of: Vec<TradingDay>,
    #[command(flatten)]
    asked: AnalysisArgs,
}

/// Reads the size ladder.
pub(crate) fn run_inversion(args: &InversionArgs) -> anyhow::Result<()> {
    let InversionArgs { config, asked } = args;
    let common = &asked.common;
    let mut config: InversionConfig = read_config(config.as_deref())?;
    config.from = common.period.from.or(config.from);
    config.to = common.period.to.or(config.to);
    if let Some(seed) = common.seed {
        config.seed.0 = seed;
    }
    let view = source::view(asked, Analysis::Inversion)?;
    Answer::of(&ask::inversion(&view, &config)?, &view)?.print(&common.output)
}

/// Tests index ratios for bubbles.
pub(crate) fn run_bubble(args: &BubbleArgs) -> anyhow::Result<()> {
    let BubbleArgs { config, power_law, asked } = args;
    let common = &asked.common;
    let mut config: BubbleConfig = read_config(config.as_deref())?;
    config.from = common.period.from.or(config.from);
    config.to = common.period.to.or(config.to);
    if let Some(seed) = common.seed {
        config.seed.0 = seed;
    }
    if *power_law {
        config.power_law.get_or_insert_default();
    }
    let view = source::view(asked, Analysis::Bubble)?;
    Answer::of(&ask::bubble(&view, &config)?, &view)?.print(&common.output)
}

/// Watches the basis.
pub(crate) fn run_basis(args: &BasisArgs) -> anyhow::Result<()> {
    let BasisArgs { config, asked } = args;
    let common = &asked.common;
    let mut config: BasisConfig = read_config(config.as_deref())?;
    config.from = common.period.from.or(config.from);
    config.to = common.period.to.or(config.to);
    let view = source::view(asked, Analysis::Basis)?;
    Answer::of(&ask::basis(&view, &config)?, &view)?.print(&common.output)
}

/// Looks a path up in the library.
pub(crate) fn run_analogue(args: &AnalogueArgs) -> anyhow::Result<()> {
    let AnalogueArgs { config, query, query_days, asked } = args;
    let common = &asked.common;
    ensure!(
        common.period.from.is_none(),
        "`--from` is not asked here: the path begins --query-days before its last day"
    );
    let mut config: AnalogueConfig = read_config(config.as_deref())?;
    if let Some(query) = query {
        config.symbol = Symbol::parse(query)?;
    }
    config.query_days = query_days.unwrap_or(config.query_days);
    config.to = common.period.to.or(config.to);
    if let Some(seed) = common.seed {
        config.seed.0 = seed;
    }
    let view = source::view(asked, Analysis::Analogue)?;
    Answer::of(&ask::analogue(&view, &config)?, &view)?.print(&common.output)
}

/// Reads the ratio of small to large companies.
pub(crate) fn run_rotation(args: &RotationArgs) -> anyhow::Result<()> {
    let RotationArgs { config, small, large, as_of, asked } = args;
    let common = &asked.common;
    let mut config: RotationConfig = read_config(config.as_deref())?;
    for (code, symbol) in [(small, &mut config.small), (large, &mut config.large)] {
        if let Some(code) = code {
            *symbol = Symbol::parse(code)?;
        }
    }
    if !as_of.is_empty() {
        config.as_of.clone_from(as_of);
    }
    config.from = common.period.from.or(config.from);
    config.to = common.period.to.or(config.to);
    if let Some(seed) = common.seed {
        config.seed.0 = seed;
    }
    let view = source::view(asked, Analysis::Rotation)?;
    Answer::of(&ask::rotation(&view, &config)?, &view)?.print(&common.output)
}

/// Carries an AB swap beside its DMA book.
pub(crate) fn run_ab(args: &AbArgs) -> anyhow::Result<()> {
    let terms = read_words(&args.terms, AbSwapTerms::from_toml)?;
    let view = known(&args.asked, Analysis::Ab, &args.terms, terms.book())?;
    let mut outcome = ask::ab(&view, &terms)?;
    if let Some(from) = args.asked.common.period.from {
        let last = outcome.lines.last().map_or(from, |line| line.date);
        ensure!(from <= last, "`--from` is {from}, after the last day of the product, {last}");
        outcome = outcome.from_day(from);
    }
    Answer::of(&outcome, &view)?.print(&args.asked.common.output)
}

/// The market of one book as known on `--to`, which no book opens after.
pub(crate) fn known(
    asked: &AnalysisArgs,
    analysis: Analysis,
    file: &PathBuf,
    book: &SwapTerms,
) -> anyhow::Result<MarketView> {
    let view = read_view(&[(file, book)], asked, analysis)?;
    let Some(to) = asked.common.period.to else { return Ok(view) };
    let opened_on = book.swap.opened_on;
    ensure!(to >= opened_on, "`--to` is {to}, before the book opens on {opened_on}");
    Ok(view.known_on(to))
}

/// Carries a replication.
pub(crate) fn run_replicate(args: &ReplicateArgs) -> anyhow::Result<()> {
    let terms = match &args.terms {
        Some(path) => read_words(path, ReplicationTerms::from_toml)?,
        None => ReplicationTerms::default(),
    };
    let mut words = ReplicationWords::from(terms);
    words.replication.from = args.asked.common.period.from.or(words.replication.from);
    words.replication.to = args.asked.common.period.to.or(words.replication.to);
    let terms = ReplicationTerms::try_from(words)?;
    let view = source::view(&args.asked, Analysis::Replicate)?;
    Answer::of(&ask::replicate(&view, &terms)?, &view)?.print(&args.asked.common.output)
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
