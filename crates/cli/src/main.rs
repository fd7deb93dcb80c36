//! `shoals`: parse, call, print.
//!
//! Data goes to standard output, everything else to standard error. Exit codes: 0 done, 1 failed,
//! 2 usage; `watch` adds 3 for a line crossed and 4 for one that could not be seen.

#![expect(clippy::disallowed_methods, reason = "the shell touches files, clock and arguments")]

mod arguments;
mod command;
mod grid;
mod print;
mod progress;
mod rulebook;
mod source;
mod sql;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use command::{
    analysis, attribute, crowd, data, event, fund, gauge, option, schema, spiral, stocks, study,
    swap, watch,
};

/// Program and version, as recorded in imports and locks.
pub(crate) const TOOL_VERSION: &str = concat!("shoals ", env!("CARGO_PKG_VERSION"));

/// What a market-neutral book really holds, and what happens when everyone leaves at once.
#[derive(Debug, Parser)]
#[command(name = "shoals", version, max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(study::DemoArgs),
    Study(study::StudyArgs),
    Import(data::ImportArgs),
    Doctor(data::DoctorArgs),
    History(data::HistoryArgs),
    Sql(data::SqlArgs),
    Inversion(analysis::InversionArgs),
    Bubble(analysis::BubbleArgs),
    Basis(analysis::BasisArgs),
    Swap(swap::SwapArgs),
    Ab(analysis::AbArgs),
    Replicate(analysis::ReplicateArgs),
    Attribute(attribute::AttributeArgs),
    Factor(stocks::FactorArgs),
    Index(stocks::IndexArgs),
    Liquidity(crowd::LiquidityArgs),
    Crowding(crowd::CrowdingArgs),
    Event(event::EventArgs),
    Gauge(gauge::GaugeArgs),
    Watch(watch::WatchArgs),
    Option(option::OptionArgs),
    Analogue(analysis::AnalogueArgs),
    Rotation(analysis::RotationArgs),
    Fund(fund::FundArgs),
    Spiral(spiral::SpiralArgs),
    Schema(schema::SchemaArgs),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Demo(args) => study::run_demo(&args),
        Command::Study(args) => study::run_study(&args),
        Command::Import(args) => data::run_import(&args),
        Command::Doctor(args) => data::run_doctor(&args),
        Command::History(args) => data::run_history(&args),
        Command::Sql(args) => data::run_sql(&args),
        Command::Inversion(args) => analysis::run_inversion(&args),
        Command::Bubble(args) => analysis::run_bubble(&args),
        Command::Basis(args) => analysis::run_basis(&args),
        Command::Swap(args) => swap::run_swap(&args),
        Command::Ab(args) => analysis::run_ab(&args),
        Command::Replicate(args) => analysis::run_replicate(&args),
        Command::Attribute(args) => attribute::run(&args),
        Command::Factor(args) => stocks::run_factor(&args),
        Command::Index(args) => stocks::run_index(&args),
        Command::Liquidity(args) => crowd::run_liquidity(&args),
        Command::Crowding(args) => crowd::run_crowding(&args),
        Command::Event(args) => event::run_event(&args),
        Command::Gauge(args) => gauge::run_gauge(&args),
        Command::Watch(args) => return exit(watch::run_watch(&args)),
        Command::Option(args) => option::run_option(&args),
        Command::Analogue(args) => analysis::run_analogue(&args),
        Command::Rotation(args) => analysis::run_rotation(&args),
        Command::Fund(args) => fund::run_fund(&args),
        Command::Spiral(args) => spiral::run_spiral(&args),
        Command::Schema(args) => schema::run(&args),
    };
    exit(done.map(|()| ExitCode::SUCCESS))
}

/// The code a finished command leaves, with its error told.
fn exit(done: anyhow::Result<ExitCode>) -> ExitCode {
    match done {
        Ok(code) => code,
        // The reader of a pipe had enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            for cause in error.chain().skip(1) {
                eprintln!("  caused by: {}", cause.to_string().trim_end());
            }
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        let json =
            cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io.or(json) == Some(std::io::ErrorKind::BrokenPipe)
    })
}

/// Writes data to standard output; a closed pipe is an error, not a panic.
pub(crate) fn tell(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}
