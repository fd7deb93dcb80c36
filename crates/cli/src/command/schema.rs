//! `schema`: every table and column of an outcome, as JSON Schema.

use anyhow::{Context, bail};
use clap::Args;
use shoals_core::{Calendar, Outcome, Rulebook, Seed, Symbol, Table, day};
use shoals_fund::xray::FundOutcome;
use shoals_market::index::MicroCapOutcome;
use shoals_market::option::{
    Black76, OptionChain, OptionKind, OptionOutcome, OptionQuote, StraddleTerms, black76,
    hold_straddles, parity_errors, surface, volatility_index_history, years_until,
};
use shoals_product::ab_swap::AbSwapOutcome;
use shoals_product::attribution::AttributionOutcome;
use shoals_product::replication::ReplicationOutcome;
use shoals_product::swap::{
    ComparedBook, Comparison, DailyStatement, SwapOutcome, daily_statement,
};
use shoals_sample::{SampleConfig, generate};
use shoals_spiral::calibrate::{Mirrored, Search};
use shoals_spiral::calibration::{CalibrationConfig, CalibrationOutcome, calibrate};
use shoals_spiral::china_2024::Storm;
use shoals_spiral::counterfactual::{CounterfactualOutcome, counterfactual};
use shoals_spiral::lever::Lever;
use shoals_spiral::monte_carlo::Paths;
use shoals_spiral::posterior::Sampler;
use shoals_spiral::replay::{ReplayConfig, Seen, SpiralOutcome, replay};
use shoals_spiral::scenario_file::Episode;
use shoals_spiral::simulate::simulate;
use shoals_spiral::stress::{StressOutcome, VisitorTerms, stress};
use shoals_study::{
    Analysis, FactorSheet, MarketView, StockNeeds, StockView, Study, StudyFlags, ask,
};
use shoals_warning::analogue::AnalogueOutcome;
use shoals_warning::basis_watch::BasisOutcome;
use shoals_warning::bubble::BubbleOutcome;
use shoals_warning::crowding::CrowdingOutcome;
use shoals_warning::event_study::EventOutcome;
use shoals_warning::gauge::GaugeOutcome;
use shoals_warning::inversion::InversionOutcome;
use shoals_warning::liquidity::LiquidityOutcome;
use shoals_warning::rotation::{RotationConfig, RotationOutcome};

/// The outcome whose schema is printed.
#[derive(Debug, Args)]
#[command(
    about = "Print the JSON Schema of an outcome: inversion, basis, swap, ab, replicate, attribute, factor, index, liquidity, crowding, bubble, analogue, rotation, event, fund, gauge, option, \
                   swap_statement, swap_compare, spiral, spiral_counterfactual, spiral_stress or spiral_calibration"
)]
pub(crate) struct SchemaArgs {
    /// Name of the outcome
    outcome: String,
}

/// Prints the schema of one outcome.
pub(crate) fn run(args: &SchemaArgs) -> anyhow::Result<()> {
    let known = [
        InversionOutcome::NAME,
        BasisOutcome::NAME,
        SwapOutcome::NAME,
        AbSwapOutcome::NAME,
        ReplicationOutcome::NAME,
        AttributionOutcome::NAME,
        FactorSheet::NAME,
        MicroCapOutcome::NAME,
        LiquidityOutcome::NAME,
        CrowdingOutcome::NAME,
        EventOutcome::NAME,
        GaugeOutcome::NAME,
        DailyStatement::NAME,
        Comparison::NAME,
        OptionOutcome::NAME,
        AnalogueOutcome::NAME,
        RotationOutcome::NAME,
        FundOutcome::NAME,
        BubbleOutcome::NAME,
        SpiralOutcome::NAME,
        CounterfactualOutcome::NAME,
        StressOutcome::NAME,
        CalibrationOutcome::NAME,
    ];
    if !known.contains(&args.outcome.as_str()) {
        bail!("there is no outcome `{}`; the outcomes are {}", args.outcome, known.join(", "));
    }
    let schema = shoals_report::schema(&args.outcome, &tables(&args.outcome)?);
    crate::tell(&format!("{}\n", serde_json::to_string_pretty(&schema)?))
}

/// The outcome's tables as they come out of a small built-in market.
fn tables(outcome: &str) -> anyhow::Result<Vec<Table>> {
    if outcome == OptionOutcome::NAME {
        return option_tables();
    }
    if outcome == AnalogueOutcome::NAME || outcome == RotationOutcome::NAME {
        return warning_tables(outcome);
    }
    if outcome.starts_with(SpiralOutcome::NAME) {
        return spiral_tables(outcome);
    }
    let small = SampleConfig::new(day(2022, 7, 1), day(2024, 3, 29), 200)?;
    let market = generate(&small, Seed::default())?;
    let flags = StudyFlags { from: Some(day(2023, 1, 3)), ..StudyFlags::default() };
    let mut study =
        Study::from_toml(include_str!("../../../../examples/04_study_sample.toml"), &flags)?;
    // The smallest of two hundred.
    study.config.liquidity.n_names = 20;
    study.config.crowding.measured.n_names = 20;
    let is_apart =
        |a: &Analysis| matches!(a, Analysis::Analogue | Analysis::Rotation | Analysis::Spiral);
    study.config.analyses.retain(|analysis| !is_apart(analysis));
    let mut view = MarketView::gather(&market.tables, Rulebook::default())?;
    if let Some(needs) = StockNeeds::of(&study.config, &view.rulebook.calendar) {
        view.stocks = Some(StockView::gather(&market.tables, &needs)?);
    }
    let found = shoals_study::run(&study, &view, crate::TOOL_VERSION, &|_| {})?;
    let sheet = FactorSheet::of(&found.factors, &found.factor_config);
    match outcome {
        FactorSheet::NAME => Some(sheet.tables()),
        MicroCapOutcome::NAME => found.index.map(|o| o.tables()),
        LiquidityOutcome::NAME => found.liquidity.map(|o| o.tables()),
        CrowdingOutcome::NAME => found.crowding.map(|o| o.tables()),
        EventOutcome::NAME => found.event.map(|o| o.tables()),
        FundOutcome::NAME => found.fund.map(|o| o.tables()),
        GaugeOutcome::NAME => found.gauge.map(|o| o.tables()),
        InversionOutcome::NAME => found.inversion.map(|o| o.tables()),
        BubbleOutcome::NAME => found.bubble.map(|o| o.tables()),
        BasisOutcome::NAME => found.basis.map(|o| o.tables()),
        AttributionOutcome::NAME => found.attributions.first().map(Outcome::tables),
        AbSwapOutcome::NAME => found.ab_swaps.first().map(|o| o.terms.tables()),
        // The book of names has every table a book can have.
        SwapOutcome::NAME => found.books.last().map(|o| o.terms.tables()),
        DailyStatement::NAME => found.books.last().and_then(|book| {
            let opened_on = book.terms.terms.swap.opened_on;
            daily_statement(&book.terms, opened_on).map(|day| day.tables())
        }),
        Comparison::NAME => {
            let books = found.books.iter();
            let books =
                books.filter_map(|book| ComparedBook::of(&book.name, &book.terms)).collect();
            Some(Comparison { books }.tables())
        }
        _ => found.replications.first().map(|o| o.terms.tables()),
    }
    .context("the built-in market did not answer")
}

/// The tables of a chain priced by Black (1976): the built-in market has no chain.
fn option_tables() -> anyhow::Result<Vec<Table>> {
    let calendar = Calendar::shanghai();
    let expiries = [day(2024, 1, 24), day(2024, 2, 28), day(2024, 3, 27)];
    let mut quotes = Vec::new();
    for &date in calendar.days(day(2024, 1, 2), day(2024, 1, 31)) {
        for &expiry in expiries.iter().filter(|&&expiry| expiry > date) {
            for i in 0..21 {
                let strike = 2.0 + 0.05 * f64::from(i);
                let years = years_until(date, expiry);
                let terms = Black76 { forward: 2.5, strike, volatility: 0.2, years, rate: 0.02 };
                quotes.extend([OptionKind::Call, OptionKind::Put].map(|kind| {
                    let close = black76(kind, &terms).price;
                    OptionQuote { date, kind, expiry, strike, close }
                }));
            }
        }
    }
    let chain = OptionChain::of(&quotes);
    let outcome = OptionOutcome {
        underlying: Symbol::literal("510050.SH"),
        index: volatility_index_history(&chain, 0.02),
        parity: parity_errors(&chain, 0.02),
        surface: surface(&chain, day(2024, 1, 31), 0.02),
        straddle: Some(hold_straddles(&chain, &StraddleTerms::default(), calendar)?),
    };
    Ok(outcome.tables())
}

/// The tables of warnings that need more history than the small market of the other outcomes.
fn warning_tables(outcome: &str) -> anyhow::Result<Vec<Table>> {
    let small = SampleConfig::new(day(2020, 1, 2), day(2024, 3, 29), 100)?;
    let market = generate(&small, Seed::default())?;
    let view = MarketView::gather(&market.tables, Rulebook::default())?;
    if outcome == RotationOutcome::NAME {
        let config = RotationConfig { replications: 50, ..RotationConfig::default() };
        return Ok(ask::rotation(&view, &config)?.tables());
    }
    let words = "draws = 19\nquery_days = 250\nbuilt_in = false\n[[episode]]\nname = \"early\"\nsymbols = [\"868008.WI\"]\n\
                 from = 2020-01-02\nto = 2021-12-31\n";
    Ok(ask::analogue(&view, &toml::from_str(words)?)?.tables())
}

/// The tables of the library's storm on two paths; a calibration is fitted to what its own quiet path did.
fn spiral_tables(outcome: &str) -> anyhow::Result<Vec<Table>> {
    let episode = Episode::named("china_2024")?;
    let (name, scenarios, seed) = (&episode.name, episode.scenarios(), Seed::default());
    let paths = Paths { n: 2, seed, ..Paths::default() };
    Ok(match outcome {
        CounterfactualOutcome::NAME => {
            counterfactual(name, scenarios, &[Lever::NoDma], paths)?.tables()
        }
        StressOutcome::NAME => {
            let book = include_str!("../../../../examples/spiral/book.toml");
            let visitor = VisitorTerms::from_toml(book)?;
            stress(name, scenarios, &episode.dates, &visitor, paths)?.tables()
        }
        CalibrationOutcome::NAME => {
            let quiet = simulate(&episode.scenario, 0, seed, 0.0);
            let storm = Storm {
                data: quiet.iter().map(|day| day.level).collect(),
                scenario: episode.scenario,
                dates: episode.dates,
            };
            let judged = Mirrored::quiet();
            let search = Search { population: 8, generations: 1, paths: judged, seed };
            let sampler = Sampler {
                particles: 8,
                kept: 0.8,
                generations: 1,
                least_accepted: 0.0,
                paths: judged,
                seed,
            };
            let config = CalibrationConfig { search, sampler, paths: 2, noise: 1.0 };
            calibrate(&storm, &|_, _| Some((-0.02, 40.0)), config, &|_, _, _| {})?.tables()
        }
        _ => {
            let config = ReplayConfig { paths: 2, share_paths: 1, seed, ..ReplayConfig::default() };
            replay(&episode, &Seen::default(), config)?.tables()
        }
    })
}
