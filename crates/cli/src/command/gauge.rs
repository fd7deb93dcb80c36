//! `gauge`: one number for leverage, crowding, liquidity and extremity, and how often it was wrong.

use std::path::PathBuf;

use clap::Args;
use shoals_study::{Analysis, StockNeeds, Study, StudyFlags, ask};

use crate::arguments::AnalysisArgs;
use crate::command::analysis::read_words;
use crate::command::stocks::has_section;
use crate::print::Answer;
use crate::rulebook::UserRulebook;
use crate::source;

/// How dangerous do small companies stand, and how often was such an alarm wrong?
#[derive(Debug, Args)]
pub(crate) struct GaugeArgs {
    /// Settings in TOML: the words of a study's [gauge], or its [gauge], [basis], [liquidity] and [crowding] by name
    config: Option<PathBuf>,
    /// Leave the stocks out: basis, financing and extremity alone
    #[arg(long)]
    series_only: bool,
    #[command(flatten)]
    asked: AnalysisArgs,
}

/// Reads the gauge.
pub(crate) fn run_gauge(args: &GaugeArgs) -> anyhow::Result<()> {
    let asked = &args.asked;
    let common = &asked.common;
    let flags = StudyFlags { seed: common.seed, from: common.period.from, to: common.period.to };
    let read = |text: &str| {
        let is_study = ["gauge", "basis", "liquidity", "crowding"];
        let named = is_study.into_iter().any(|section| has_section(text, section));
        let text = if named { text.to_owned() } else { format!("[gauge]\n{text}") };
        Study::from_toml(&text, &flags)
    };
    let study = match &args.config {
        Some(path) => read_words(path, read)?,
        None => Study::from_toml("", &flags)?,
    };
    let calendar = UserRulebook::of(&common.rulebook)?.rulebook.calendar;
    let has_stocks = asked.source.series.is_empty() && !args.series_only;
    let needs = has_stocks.then(|| StockNeeds::of_gauge(&study.config, &calendar));
    let view = source::book_view(asked, Analysis::Gauge, needs.as_ref())?;
    if let Some(why) = ask::gauge_missing(&view, &study.config.gauge) {
        anyhow::bail!("{}", why.en);
    }
    Answer::of(&ask::gauge(&view, &study.config)?, &view)?.print(&common.output)
}
