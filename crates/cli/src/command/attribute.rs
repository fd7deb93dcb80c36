//! `attribute`: where did the gain come from?

use std::path::PathBuf;

use clap::Args;
use shoals_core::Symbol;
use shoals_product::attribution::AttributionConfig;
use shoals_product::replication::ReplicationTerms;
use shoals_product::swap::SwapTerms;
use shoals_study::{Analysis, ask};

use super::analysis::{known, read_config, read_words};
use crate::arguments::AnalysisArgs;
use crate::print::Answer;
use crate::source;

/// Where did the gain come from: size, basis, short volatility, costs, and when did each fade?
#[derive(Debug, Args)]
pub(crate) struct AttributeArgs {
    #[command(flatten)]
    what: WhatArgs,
    /// Settings in TOML, the words of a study's [attribution]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    common: AnalysisArgs,
}

/// What is attributed; without any, the replication of `shoals replicate`.
#[derive(Debug, Args)]
#[group(multiple = false)]
struct WhatArgs {
    /// Terms of a replication (TOML)
    #[arg(long, value_name = "FILE")]
    replication: Option<PathBuf>,
    /// Terms of a DMA book (TOML)
    #[arg(long, value_name = "FILE")]
    book: Option<PathBuf>,
    /// A series of the market, as 868008.WI; it has no ledger, so no exact lines
    #[arg(long, value_name = "CODE")]
    of: Option<Symbol>,
}

/// Attributes one replication, book or series.
pub(crate) fn run(args: &AttributeArgs) -> anyhow::Result<()> {
    let AttributeArgs { what, config, common } = args;
    let mut config: AttributionConfig = read_config(config.as_deref())?;
    config.from = common.period.from.or(config.from);
    config.to = common.period.to.or(config.to);
    if let Some(seed) = common.seed {
        config.seed.0 = seed;
    }
    config.check()?;
    let outcome;
    let view;
    if let Some(symbol) = what.of {
        view = source::view(common, Analysis::Attribute)?;
        outcome = ask::attribute_symbol(&view, symbol, &config)?;
    } else if let Some(path) = &what.book {
        let terms = read_words(path, SwapTerms::from_toml)?;
        view = known(common, Analysis::Attribute, &terms)?;
        outcome = ask::attribute_book(
            &view,
            &path.display().to_string(),
            &ask::swap(&view, &terms)?,
            &config,
        )?;
    } else {
        let terms = match &what.replication {
            Some(path) => read_words(path, ReplicationTerms::from_toml)?,
            None => ReplicationTerms::default(),
        };
        view = source::view(common, Analysis::Attribute)?;
        let name = format!("{} / {}", terms.long.symbol, terms.short.symbol);
        outcome =
            ask::attribute_replication(&view, &name, &ask::replicate(&view, &terms)?, &config)?;
    }
    Answer::of(&outcome, &view)?.print(&common.output)
}
