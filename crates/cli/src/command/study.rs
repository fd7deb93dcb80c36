//! `demo` and `study`: the whole way from data to report.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use shoals_core::{Finding, Seed};
use shoals_data::SourceFile;
use shoals_data::store::Store;
use shoals_report::{tell, write_study};
use shoals_sample::SampleConfig;
use shoals_study::{
    Analysis, Lock, MarketView, StockNeeds, Study, StudyConfig, StudyFlags, StudyOutcome, ask,
    built_in,
};

use crate::arguments::{EngineArgs, Lang, PeriodArgs, RulebookArgs};
use crate::command::crowd::read_holdings;
use crate::command::data::now;
use crate::command::event::read_event_files;
use crate::command::stocks::read_own_factors;
use crate::command::swap::read_basket;
use crate::rulebook::UserRulebook;
use crate::{TOOL_VERSION, progress, source};

/// The study of the built-in market.
const DEMO_STUDY: &str = include_str!("../../../../examples/04_study_sample.toml");

/// The whole study on the built-in market: data, analyses, report
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    #[command(flatten)]
    engine: EngineArgs,
    /// Directory to write into
    #[arg(long, short, value_name = "DIR", default_value = "out/demo")]
    output: PathBuf,
    /// Seed of the built-in market and of everything random
    #[arg(long, allow_negative_numbers = true)]
    seed: Option<u64>,
    /// Language the report opens in; the other is one click away
    #[arg(long, value_enum, default_value_t = Lang::of_environment())]
    lang: Lang,
    /// Print no progress
    #[arg(long)]
    quiet: bool,
}

/// A study on a market directory: every analysis it asks for, report and lock
#[derive(Debug, Args)]
pub(crate) struct StudyArgs {
    /// Study file (TOML)
    study: PathBuf,
    /// Directory to write into
    #[arg(long, short, value_name = "DIR", default_value = "out")]
    output: PathBuf,
    /// Market directory
    #[arg(long, value_name = "DIR", default_value = "market")]
    market: PathBuf,
    #[command(flatten)]
    rulebook: RulebookArgs,
    #[command(flatten)]
    period: PeriodArgs,
    #[command(flatten)]
    engine: EngineArgs,
    /// Seed, over the study's own
    #[arg(long, allow_negative_numbers = true)]
    seed: Option<u64>,
    /// Repeat the study of this lock on the data it read, and fail when the fingerprint differs
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// Language the report opens in; the other is one click away
    #[arg(long, value_enum, default_value_t = Lang::of_environment())]
    lang: Lang,
    /// Print no progress
    #[arg(long)]
    quiet: bool,
}

/// Makes the built-in market once, then studies it.
pub(crate) fn run_demo(args: &DemoArgs) -> anyhow::Result<()> {
    args.engine.require_local()?;
    source::refuse_file(&args.output)?;
    let seed = args.seed.map_or_else(Seed::default, Seed);
    let store = Store::create_or_open(args.output.join("market"))?;
    let steps = progress::steps(args.quiet);
    steps.set_message("built-in market");
    built_in::keep(&store, &SampleConfig::default(), seed, TOOL_VERSION, &now())?;
    steps.finish_and_clear();
    let flags = StudyFlags { seed: args.seed, ..StudyFlags::default() };
    let study = Study::from_toml(DEMO_STUDY, &flags)?;
    let (outcome, _) = studied(&study, &store, UserRulebook::default(), Path::new(""), args.quiet)?;
    finish(&args.output, &outcome, &store, args.lang)
}

/// Runs a study file.
pub(crate) fn run_study(args: &StudyArgs) -> anyhow::Result<()> {
    args.engine.require_local()?;
    source::refuse_file(&args.output)?;
    let text = std::fs::read_to_string(&args.study)
        .with_context(|| format!("cannot read `{}`", args.study.display()))?;
    let PeriodArgs { from, to } = args.period;
    let flags = StudyFlags { seed: args.seed, from, to };
    let study = Study::from_toml(&text, &flags)
        .with_context(|| format!("in `{}`", args.study.display()))?;
    let user = rulebook(args, &study)?;
    let mut store = source::open_store(&args.market)?;
    let lock = args.lock.as_deref().map(read_lock).transpose()?;
    if let Some(import_no) = lock.as_ref().and_then(|lock| lock.import_no) {
        store = store.at(import_no)?;
    }
    let (outcome, _) = studied(&study, &store, user, folder(&args.study), args.quiet)?;
    if let Some(lock) = lock {
        require_same(&lock, &outcome.lock)?;
    }
    finish(&args.output, &outcome, &store, args.lang)
}

/// The study's own calendar and rule files, named from where it stands, then those of the flags.
fn rulebook(args: &StudyArgs, study: &Study) -> anyhow::Result<UserRulebook> {
    let folder = folder(&args.study);
    let StudyConfig { calendar, rules, .. } = &study.config;
    UserRulebook::default().under(calendar.as_deref(), rules, folder)?.under(
        args.rulebook.calendar.as_deref(),
        &args.rulebook.rules,
        Path::new(""),
    )
}

/// Where a file stands.
fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

fn read_lock(path: &Path) -> anyhow::Result<Lock> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    Lock::from_toml(&text).with_context(|| format!("in `{}`", path.display()))
}

fn require_same(locked: &Lock, found: &Lock) -> anyhow::Result<()> {
    if locked.fingerprint == found.fingerprint {
        return Ok(());
    }
    let differs = if locked.tool_version != found.tool_version {
        format!("the lock was made by {}", locked.tool_version)
    } else if hashes(&locked.rulebook) != hashes(&found.rulebook) {
        "the calendar and rule files are not the lock's".to_owned()
    } else if hashes(&locked.factors) != hashes(&found.factors) {
        "the files of the factors are not the lock's".to_owned()
    } else if locked.config != found.config {
        "the configuration is not the lock's".to_owned()
    } else {
        "program and configuration are the lock's, so the data differ".to_owned()
    };
    bail!(
        "the study has fingerprint {}, the lock {}: {differs}; nothing was written",
        found.fingerprint,
        locked.fingerprint
    )
}

/// What files of a lock hold, whatever they are called.
fn hashes(files: &[SourceFile]) -> Vec<&str> {
    files.iter().map(|file| file.sha256.as_str()).collect()
}

/// Runs a study on a store; the market it was asked of stands beside what was found.
pub(crate) fn studied(
    study: &Study,
    store: &Store,
    user: UserRulebook,
    folder: &Path,
    quiet: bool,
) -> anyhow::Result<(StudyOutcome, MarketView)> {
    let steps = progress::steps(quiet);
    steps.set_message("market");
    let StudyConfig { to, factor, .. } = &study.config;
    let needs = StockNeeds::of(&study.config, &user.rulebook.calendar);
    let mut view = source::from_store(store, &study.config.tables(), *to, needs.as_ref(), user)?;
    read_own_factors(&mut view, factor, folder, store)?;
    if study.config.analyses.contains(&Analysis::Event) {
        read_event_files(&mut view, &study.config.event, folder)?;
    }
    if study.config.analyses.contains(&Analysis::Index) {
        let missing = ask::missing_benchmark(&view, &study.config.index);
        source::note(&mut view, missing);
    }
    if study.config.analyses.contains(&Analysis::Crowding) {
        read_holdings(&mut view, &study.config.crowding, folder)?;
    }
    let StudyConfig { book, ab_swap, .. } = &study.config;
    let books = book.iter().map(|named| &named.terms);
    for terms in books.chain(ab_swap.iter().map(|named| named.terms.book())) {
        read_basket(&mut view, terms, folder)?;
    }
    let outcome = shoals_study::run(study, &view, TOOL_VERSION, &|step| {
        steps.set_message(step.to_owned());
    })?;
    steps.finish_and_clear();
    Ok((outcome, view))
}

/// What the data room found in the imports a study stands on.
fn findings(store: &Store) -> Vec<Finding> {
    store.history().into_iter().flat_map(|record| record.findings).collect()
}

/// Writes everything and says where it is.
fn finish(folder: &Path, outcome: &StudyOutcome, store: &Store, lang: Lang) -> anyhow::Result<()> {
    for skipped in &outcome.skipped {
        eprintln!("note: {}", skipped.en);
    }
    for (name, reason) in &outcome.unanswered {
        eprintln!("not answered: {name}: {reason}");
    }
    let mut report = tell(outcome, &findings(store))?;
    if built_in::is_in(store) {
        report.mark_built_in();
    }
    write_study(folder, outcome, &report, lang.into())?;
    for verdict in &report.verdict {
        eprintln!("· {}", verdict.sentence.get(lang.into()));
    }
    eprintln!("fingerprint {}", outcome.lock.fingerprint);
    crate::tell(&format!("{}\n", folder.join("report.html").display()))?;
    let n = outcome.unanswered.len();
    anyhow::ensure!(
        n == 0,
        "{n} of the study's questions could not be answered; the report says why"
    );
    Ok(())
}
