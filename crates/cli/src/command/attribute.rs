//! `attribute`: where did the gain come from?

use std::path::{Path, PathBuf};

use clap::Args;
use shoals_core::Symbol;
use shoals_product::attribution::{AttributionConfig, AttributionOutcome};
use shoals_product::replication::ReplicationTerms;
use shoals_product::swap::SwapTerms;
use shoals_study::{Analysis, MarketView, ask};

use super::analysis::{known, read_config, read_words};
use crate::arguments::AnalysisArgs;
use crate::print::Answer;
use crate::source;

/// Where did the gain come from: size, basis, short volatility, costs, and when did each fade?
#[derive(Debug, Args)]
pub(crate) struct AttributeArgs {
    /// Terms of a replication (TOML); without any of these three, that of `shoals replicate`
    #[arg(long, value_name = "FILE", conflicts_with = "of")]
    replication: Option<PathBuf>,
    /// Terms of a DMA book (TOML); with --replication it stands beside it, leg by leg
    #[arg(long, value_name = "FILE", conflicts_with = "of")]
    book: Option<PathBuf>,
    /// A series of the market, as 868008.WI; it has no ledger, so no exact lines
    #[arg(long, value_name = "CODE")]
    of: Option<Symbol>,
    /// Settings in TOML, the words of a study's [attribution]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    asked: AnalysisArgs,
}

/// Attributes one replication, book or series.
pub(crate) fn run(args: &AttributeArgs) -> anyhow::Result<()> {
    let (asked, common) = (&args.asked, &args.asked.common);
    let mut config: AttributionConfig = read_config(args.config.as_deref())?;
    config.from = common.period.from.or(config.from);
    config.to = common.period.to.or(config.to);
    if let Some(seed) = common.seed {
        config.seed.0 = seed;
    }
    config.check()?;
    let (outcome, view) = match (args.of, &args.book) {
        (Some(symbol), _) => {
            let view = source::view(asked, Analysis::Attribute)?;
            (ask::attribute_symbol(&view, symbol, &config)?, view)
        }
        (None, Some(path)) => book(args, path, &config)?,
        (None, None) => {
            let view = source::view(asked, Analysis::Attribute)?;
            (replica(&view, args.replication.as_deref(), &config)?, view)
        }
    };
    Answer::of(&outcome, &view)?.print(&common.output)
}

fn book(
    args: &AttributeArgs,
    path: &PathBuf,
    config: &AttributionConfig,
) -> anyhow::Result<(AttributionOutcome, MarketView)> {
    let terms = read_words(path, SwapTerms::from_toml)?;
    let view = known(&args.asked, Analysis::Attribute, path, &terms)?;
    let beside = match &args.replication {
        Some(terms) => Some(replica(&view, Some(terms), config)?),
        None => None,
    };
    let (name, swap) = (path.display().to_string(), ask::swap(&view, &terms)?);
    Ok((ask::attribute_book(&view, &name, &swap, beside.as_ref(), config)?, view))
}

fn replica(
    view: &MarketView,
    path: Option<&Path>,
    config: &AttributionConfig,
) -> anyhow::Result<AttributionOutcome> {
    let terms = match path {
        Some(path) => read_words(path, ReplicationTerms::from_toml)?,
        None => ReplicationTerms::default(),
    };
    let name = format!("{} / {}", terms.long.symbol, terms.short.symbol);
    Ok(ask::attribute_replication(view, &name, &ask::replicate(view, &terms)?, config)?)
}
