//! `watch`: has anything crossed a line that somebody drew beforehand?

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use shoals_study::{Analysis, Study, StudyFlags, StudyOutcome};
use shoals_warning::watch::{Rule, Status, Watched, rules_from_toml, watch};

use crate::arguments::{EngineArgs, OutputArgs, PeriodArgs, RulebookArgs};
use crate::command::analysis::read_words;
use crate::command::study::studied;
use crate::print::Answer;
use crate::rulebook::UserRulebook;
use crate::source;

/// Something crossed its line.
const CROSSED: u8 = 3;
/// Nothing crossed, but something could not be seen.
const BLIND: u8 = 4;

/// Has anything crossed a line drawn beforehand? Exit code 3 when it has, 4 when something could not be seen
#[derive(Debug, Args)]
pub(crate) struct WatchArgs {
    /// What to watch, in TOML: [[rule]], and the settings they are read under in [study]
    #[arg(long, value_name = "FILE")]
    rules: PathBuf,
    /// Market directory, as `shoals import` makes it
    #[arg(long, value_name = "DIR", default_value = "market")]
    market: PathBuf,
    /// Exchange calendar in TOML; its days replace the built-in ones
    #[arg(long, value_name = "FILE")]
    calendar: Option<PathBuf>,
    /// Market rules in TOML; their rows win over the built-in ones (repeatable)
    #[arg(long, value_name = "FILE")]
    market_rules: Vec<PathBuf>,
    #[command(flatten)]
    period: PeriodArgs,
    #[command(flatten)]
    engine: EngineArgs,
    /// Seed of everything random
    #[arg(long, allow_negative_numbers = true)]
    seed: Option<u64>,
    #[command(flatten)]
    output: OutputArgs,
}

/// Reads every rule and says so by the exit code.
pub(crate) fn run_watch(args: &WatchArgs) -> anyhow::Result<ExitCode> {
    args.engine.require_local()?;
    let (rules, words) = read_words(&args.rules, rules_from_toml)?;
    let flags = StudyFlags { seed: args.seed, from: args.period.from, to: args.period.to };
    let mut study = Study::from_toml(&toml::to_string(&words)?, &flags)
        .with_context(|| format!("in [study] of `{}`", args.rules.display()))?;
    study.config.analyses = analyses(&rules)?;
    let rulebook =
        RulebookArgs { calendar: args.calendar.clone(), rules: args.market_rules.clone() };
    let user = UserRulebook::of(&rulebook)?;
    let store = source::open_store(&args.market)?;
    let folder = args.rules.parent().unwrap_or(Path::new(""));
    let (outcome, view) = studied(&study, &store, user, folder, args.output.quiet)?;
    let as_of = view.last_day().context("the market holds no series")?;
    let found = watched(&rules, &outcome);
    let seen = watch(&rules, &found, as_of, &view.rulebook.calendar)?;
    let mut answer = Answer::of(&seen, &view)?;
    answer.versions.clone_from(&outcome.lock.data);
    answer.print(&args.output)?;
    Ok(match (seen.count(Status::Crossed), seen.count(Status::Blind)) {
        (0, 0) => ExitCode::SUCCESS,
        (0, _) => ExitCode::from(BLIND),
        _ => ExitCode::from(CROSSED),
    })
}

/// What the study answered, and of what the rules read besides, why it did not.
fn watched(rules: &[Rule], outcome: &StudyOutcome) -> Vec<Watched> {
    let sections = outcome.sections().into_iter();
    let mut found: Vec<Watched> = sections
        .map(|section| Watched { section: section.name, tables: Ok(section.tables) })
        .collect();
    let skipped: Vec<&str> = outcome.skipped.iter().map(|why| why.en.as_str()).collect();
    for rule in rules {
        let section = &rule.source.section;
        if found.iter().any(|watched| watched.section == *section) {
            continue;
        }
        let why = outcome.unanswered.iter().find(|(name, _)| name == section);
        let why = why.map_or_else(|| skipped.join("; "), |(_, why)| why.clone());
        let why = if why.is_empty() { format!("the study has no `{section}`") } else { why };
        found.push(Watched { section: section.clone(), tables: Err(why) });
    }
    found
}

/// The analyses the rules read.
fn analyses(rules: &[Rule]) -> anyhow::Result<Vec<Analysis>> {
    rules
        .iter()
        .map(|rule| {
            let name = toml::Value::String(rule.source.analysis().to_owned());
            name.try_into::<Analysis>()
                .with_context(|| format!("rule `{}` reads `{}`", rule.name, rule.source.words()))
        })
        .collect()
}
