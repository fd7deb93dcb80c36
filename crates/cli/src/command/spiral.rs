//! `spiral`: a storm run through, fitted, stressed and explained.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::{Args, Subcommand};
use shoals_core::{Convention, Outcome, Seed, Table, Text};
use shoals_product::swap::SwapTerms;
use shoals_spiral::calibrate::{Mirrored, Search};
use shoals_spiral::calibration::{CalibrationConfig, JUDGES, calibrate};
use shoals_spiral::counterfactual::counterfactual;
use shoals_spiral::episode;
use shoals_spiral::lever::Lever;
use shoals_spiral::market::Product;
use shoals_spiral::monte_carlo::Paths;
use shoals_spiral::posterior::Sampler;
use shoals_spiral::replay::{ReplayConfig, Seen, SpiralOutcome, replay};
use shoals_spiral::scenario_file::Episode;
use shoals_spiral::stress::{VisitorTerms, stress};
use shoals_study::{Analysis, MarketView, ask};

use crate::arguments::{AnalysisArgs, CommonArgs, OutputArgs};
use crate::command::analysis::read_words;
use crate::print::Answer;
use crate::{progress, source};

/// The spiral: who must sell next, how far it goes, and which brake would have helped
#[derive(Debug, Args)]
pub(crate) struct SpiralArgs {
    #[command(subcommand)]
    command: SpiralCommand,
}

#[derive(Debug, Subcommand)]
enum SpiralCommand {
    /// How far does it go? Levels and bases with bands, beside what the market did
    Run(StormArgs),
    /// Who sold what, when and why, and what made the fall?
    Explain(StormArgs),
    /// What would a rule, a lever or another crowd have changed; or, with --book, what would mine lose?
    Stress {
        #[command(flatten)]
        storm: ScenarioArgs,
        /// A book or fund in TOML: [long], [[hedge]], [lines], or the terms of a swap; it is taken through the storm
        #[arg(long, value_name = "FILE")]
        book: Option<PathBuf>,
        /// Levers in TOML, [[lever]] lines; the usual ones without it
        #[arg(long, value_name = "FILE", conflicts_with = "book")]
        levers: Option<PathBuf>,
        /// Paths
        #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
        paths: u64,
        #[command(flatten)]
        common: CommonArgs,
    },
    /// Which behaviours explain the storm of 2024, and which can the data not tell?
    Calibrate {
        /// Members of the search's population
        #[arg(long, value_name = "N", default_value_t = 120, value_parser = clap::value_parser!(u32).range(8..=10_000))]
        population: u32,
        /// Generations of the search
        #[arg(long, value_name = "N", default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        generations: u32,
        /// Particles of the posterior
        #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(8..=100_000))]
        particles: u32,
        /// Write the fitted numbers and 60 particles here, a scenario file for `run`, `explain` and `stress`
        #[arg(long, value_name = "FILE")]
        scenario: Option<PathBuf>,
        #[command(flatten)]
        asked: AnalysisArgs,
    },
    /// Which storms are there? With a name, the file of one: its facts, its assumptions, its numbers
    Episodes {
        /// Name of an episode
        name: Option<String>,
        #[command(flatten)]
        output: OutputArgs,
    },
}

/// Which storm.
#[derive(Debug, Args)]
struct ScenarioArgs {
    /// Scenario in TOML, an episode and what differs from it
    scenario: Option<PathBuf>,
    /// An episode of the library, where there is no file
    #[arg(long, value_name = "NAME", default_value = "china_2024", conflicts_with = "scenario")]
    episode: String,
}

/// A storm and the market it is put beside.
#[derive(Debug, Args)]
struct StormArgs {
    #[command(flatten)]
    storm: ScenarioArgs,
    /// Paths of the bands
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    paths: u64,
    /// Paths the bands of the mechanisms' shares are taken over
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    share_paths: u64,
    #[command(flatten)]
    asked: AnalysisArgs,
}

/// Tables `explain` tells, the first first.
const EXPLANATION: [&str; 5] = ["channel", "feedback", "event", "book", "flow"];

/// Runs, explains, stresses or fits a storm.
pub(crate) fn run_spiral(args: &SpiralArgs) -> anyhow::Result<()> {
    match &args.command {
        SpiralCommand::Run(args) => {
            let (outcome, view) = replayed(args)?;
            answered(&outcome, view.as_ref())?.print(&args.asked.common.output)
        }
        SpiralCommand::Explain(args) => {
            let (outcome, view) = replayed(args)?;
            let mut answer = answered(&outcome, view.as_ref())?;
            answer.tables.retain(|table| EXPLANATION.contains(&table.name()));
            answer.tables.sort_by_key(|table| EXPLANATION.iter().position(|n| *n == table.name()));
            answer.print(&args.asked.common.output)
        }
        SpiralCommand::Stress { storm, book, levers, paths, common } => {
            common.engine.require_local()?;
            let episode = read(storm)?;
            let seed = common.seed.map_or_else(Seed::default, Seed);
            let paths = Paths { n: *paths, seed, ..Paths::default() };
            let (name, scenarios) = (&episode.name, episode.scenarios());
            if let Some(book) = book {
                let visitor = visitor(book)?;
                let outcome = stress(name, scenarios, &episode.dates, &visitor, paths)?;
                return answered(&outcome, None)?.print(&common.output);
            }
            let levers = match levers {
                Some(path) => read_words(path, Lever::from_toml)?,
                None => Lever::usual(&episode.scenario),
            };
            answered(&counterfactual(name, scenarios, &levers, paths)?, None)?.print(&common.output)
        }
        SpiralCommand::Calibrate { population, generations, particles, scenario, asked } => {
            let counts = [*population, *generations, *particles].map(|n| n as usize);
            calibrated(counts, scenario.as_deref(), asked)
        }
        SpiralCommand::Episodes { name: Some(name), .. } => crate::tell(episode::text(name)?),
        SpiralCommand::Episodes { name: None, output } => library()?.print(output),
    }
}

fn read(args: &ScenarioArgs) -> anyhow::Result<Episode> {
    match &args.scenario {
        Some(path) => read_words(path, Episode::from_toml),
        None => Ok(Episode::named(&args.episode)?),
    }
}

/// A book of the storm's own words, or the terms of a swap.
fn visitor(path: &Path) -> anyhow::Result<VisitorTerms> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    let is_swap = text.parse::<toml::Table>().is_ok_and(|table| table.contains_key("swap"));
    if is_swap {
        let terms = read_words(path, SwapTerms::from_toml)?;
        return VisitorTerms::of_swap(&terms, None)
            .with_context(|| format!("`{}` cannot be taken through the storm", path.display()));
    }
    read_words(path, VisitorTerms::from_toml)
}

/// The replay, beside the market where there is one.
fn replayed(args: &StormArgs) -> anyhow::Result<(SpiralOutcome, Option<MarketView>)> {
    let StormArgs { storm, paths, share_paths, asked } = args;
    let episode = read(storm)?;
    let mut view = market(asked)?;
    let seen = match &mut view {
        Some(view) => ask::seen(view, &episode).unwrap_or_else(|why| {
            source::note(view, Some(why));
            Seen::default()
        }),
        None => Seen::default(),
    };
    let config = ReplayConfig {
        paths: *paths,
        share_paths: *share_paths,
        seed: asked.common.seed.map_or_else(Seed::default, Seed),
        ..ReplayConfig::default()
    };
    let spinner = progress::steps(asked.common.output.quiet);
    spinner.set_message(episode.name.clone());
    let outcome = replay(&episode, &seen, config)?;
    spinner.finish_and_clear();
    Ok((outcome, view))
}

/// The market that was named; none where the market directory of the default does not exist.
fn market(asked: &AnalysisArgs) -> anyhow::Result<Option<MarketView>> {
    asked.common.engine.require_local()?;
    let (source, market) = (&asked.source, &asked.source.market);
    let is_default = source.series.is_empty() && market == Path::new("market");
    if is_default && !market.exists() {
        eprintln!("note: no market directory `{}`; the data column is empty", market.display());
        return Ok(None);
    }
    source::view(asked, Analysis::Spiral).map(Some)
}

/// An answer, with the market it was put beside.
fn answered<O: Outcome>(outcome: &O, view: Option<&MarketView>) -> anyhow::Result<Answer> {
    view.map_or_else(|| Answer::alone(outcome), |view| Answer::of(outcome, view))
}

fn calibrated(
    [population, generations, particles]: [usize; 3],
    scenario: Option<&Path>,
    asked: &AnalysisArgs,
) -> anyhow::Result<()> {
    if let Some(path) = scenario {
        require_place(path)?;
    }
    let view = source::view(asked, Analysis::Spiral)?;
    let episode = Episode::named("china_2024")?;
    let storm = ask::storm(&view)?;
    let known = ask::seen(&view, &episode).map_err(|why| anyhow::anyhow!(why.en))?;
    let basis = |date, product: Product| {
        let name = format!("{}2403", product.code());
        let found = known.basis.iter().find(|(c, on, _)| *on == date && c.to_string() == name)?;
        let expiry = found.0.expiry(&view.rulebook.calendar).ok()?;
        Some((found.2, f64::from(found.1.calendar_days_until(expiry))))
    };
    let seed = asked.common.seed.map_or_else(Seed::default, Seed);
    let mirrored = |pairs| Mirrored { pairs, noise: 1.0, seed: JUDGES };
    let config = CalibrationConfig {
        search: Search { population, generations, paths: mirrored(2), seed },
        sampler: Sampler {
            particles,
            kept: 0.8,
            generations: 140,
            least_accepted: 0.012,
            paths: mirrored(1),
            seed,
        },
        paths: 400,
        noise: 1.0,
    };
    let spinner = progress::steps(asked.common.output.quiet);
    let outcome = calibrate(&storm, &basis, config, &|stage, generation, loss| {
        spinner.set_message(format!("{stage} {generation}: loss {loss:.3}"));
    })?;
    spinner.finish_and_clear();
    if let Some(path) = scenario {
        let text = format!("episode = \"china_2024\"\n\n{}", outcome.to_toml(60));
        std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))?;
        eprintln!("wrote {}", path.display());
    }
    Answer::of(&outcome, &view)?.print(&asked.common.output)
}

/// Refuses a place no file can be written to, before the hours of a search and not after.
fn require_place(path: &Path) -> anyhow::Result<()> {
    let shown = path.display();
    ensure!(!path.is_dir(), "`{shown}` is a directory; name a file with --scenario");
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        let folder_shown = folder.display();
        ensure!(folder.is_dir(), "there is no directory `{folder_shown}` to write `{shown}` in");
    }
    Ok(())
}

/// The episodes of the library.
fn library() -> anyhow::Result<Answer> {
    let episodes: Vec<Episode> =
        episode::names().into_iter().map(Episode::named).collect::<Result<_, _>>()?;
    let texts =
        |of: fn(&Episode) -> &Text| episodes.iter().map(|e| of(e).clone()).collect::<Vec<_>>();
    let table = Table::new("episode")
        .with("name", "", episodes.iter().map(|e| e.name.clone()).collect::<Vec<_>>())
        .with(
            "days",
            "number",
            episodes.iter().map(|e| e.scenario.days.len() as i64).collect::<Vec<_>>(),
        )
        .with("title", "", texts(|e| &e.title))
        .with("about", "", texts(|e| &e.about));
    let mut answer = Answer::plain("episodes", vec![table]);
    answer.convention = Convention::new();
    Ok(answer)
}
