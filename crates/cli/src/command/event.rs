//! `event`: did a policy event move small companies?

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use serde::Deserialize;
use shoals_core::{Symbol, Timeline};
use shoals_data::SourceFile;
use shoals_study::{Analysis, MarketView, StockNeeds, ask};
use shoals_warning::event_study::EventConfig;

use crate::arguments::AnalysisArgs;
use crate::command::analysis::read_words;
use crate::command::stocks::has_section;
use crate::print::Answer;
use crate::rulebook::UserRulebook;
use crate::source;

/// Did a policy event move small companies, and could it be told from the others of that week?
#[derive(Debug, Args)]
pub(crate) struct EventArgs {
    /// Settings in TOML, the words of a study's [event]
    config: Option<PathBuf>,
    /// Events in TOML, in place of the market's and the built-in ones
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// Treat the names in this file, a symbol a line, in place of the smallest
    #[arg(long, value_name = "FILE", conflicts_with = "series_only")]
    treated: Option<PathBuf>,
    /// Leave the stocks out: indices alone
    #[arg(long)]
    series_only: bool,
    #[command(flatten)]
    asked: AnalysisArgs,
}

/// A settings file that opens its section by name, as a study does.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventFile {
    event: EventConfig,
}

/// Studies the timeline.
pub(crate) fn run_event(args: &EventArgs) -> anyhow::Result<()> {
    let asked = &args.asked;
    let common = &asked.common;
    let read = |text: &str| {
        if has_section(text, "event") {
            toml::from_str(text).map(|file: EventFile| file.event)
        } else {
            toml::from_str(text)
        }
    };
    let mut config: EventConfig = match &args.config {
        Some(path) => read_words(path, read)?,
        None => EventConfig::default(),
    };
    config.from = common.period.from.or(config.from);
    config.to = common.period.to.or(config.to);
    if let Some(seed) = common.seed {
        config.seed.0 = seed;
    }
    config.check()?;
    let has_stocks = asked.source.series.is_empty() && !args.series_only;
    ensure!(
        has_stocks || (args.treated.is_none() && config.treated.is_none()),
        "treated names are stocks: they need a market directory with daily bars, and no --series-only"
    );
    let calendar = UserRulebook::of(&common.rulebook)?.rulebook.calendar;
    let needs = has_stocks.then(|| StockNeeds::of_event(&config, &calendar));
    let mut view = source::book_view(asked, Analysis::Event, needs.as_ref())?;
    let folder = args.config.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    read_event_files(&mut view, &config, folder)?;
    // A file of the command line is named from here, one of a settings file from where that stands.
    let named = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let flags = EventConfig {
        events: named(&args.events),
        treated: named(&args.treated),
        ..EventConfig::default()
    };
    read_event_files(&mut view, &flags, Path::new(""))?;
    Answer::of(&ask::event(&view, &config)?, &view)?.print(&common.output)
}

/// Reads the events and the treated names that settings put in place of the market's, named from `folder`.
pub(crate) fn read_event_files(
    view: &mut MarketView,
    config: &EventConfig,
    folder: &Path,
) -> anyhow::Result<()> {
    if let Some(name) = &config.events {
        let path = folder.join(name);
        view.timeline = Some(read_words(&path, Timeline::from_toml)?);
        let file = SourceFile::of(&path)?;
        view.rulebook_files.push(SourceFile { path: name.clone(), ..file });
    }
    if let Some(name) = &config.treated {
        let path = folder.join(name);
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        let names = symbols(&text).with_context(|| format!("in `{}`", path.display()))?;
        view.treated = Some(names);
        let file = SourceFile::of(&path)?;
        view.rulebook_files.push(SourceFile { path: name.clone(), ..file });
    }
    Ok(())
}

/// The symbol that opens each line; a first line that is none is a heading.
fn symbols(text: &str) -> anyhow::Result<Vec<Symbol>> {
    let mut names = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let word = line.split([',', '\t']).next().unwrap_or_default();
        let word = word.trim().trim_start_matches('\u{feff}').trim_matches('"');
        if word.is_empty() {
            continue;
        }
        match Symbol::parse(word) {
            Ok(symbol) => names.push(symbol),
            Err(_) if i == 0 => {}
            Err(error) => return Err(error).with_context(|| format!("line {}", i + 1)),
        }
    }
    ensure!(!names.is_empty(), "it names no stock; write a symbol a line, as 600519.SH");
    Ok(names)
}
