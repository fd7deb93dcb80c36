//! `fund`: what a NAV gives away.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use serde::Deserialize;
use shoals_core::{Seed, Severity, Symbol, TradingDay};
use shoals_data::formats::{self, FundValues, ReadOptions};
use shoals_fund::Fund;
use shoals_fund::nav::{NavConfig, PublishedNav, total_return};
use shoals_fund::xray::XrayConfig;
use shoals_sample::{SampleConfig, generate};
use shoals_study::{Analysis, ask};

use crate::arguments::{AnalysisArgs, OutputArgs, parse_day};
use crate::command::analysis::read_words;
use crate::command::stocks::has_section;
use crate::print::Answer;
use crate::{TOOL_VERSION, progress, source};

/// What a fund's net asset value gives away: record, style, what it hides, and the verdict.
#[derive(Debug, Args)]
pub(crate) struct FundArgs {
    #[command(subcommand)]
    command: FundCommand,
}

#[derive(Debug, Subcommand)]
enum FundCommand {
    Xray(Box<XrayArgs>),
    Proof(ProofArgs),
}

/// Does it only look like fixed-income-plus? Every fund of a file, or of the market
#[derive(Debug, Args)]
struct XrayArgs {
    /// NAVs: a date and a column a fund, or date, fund and NAV (xlsx, csv, parquet); without it the market's funds
    navs: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingArgs,
    /// Write a page of all funds and one of each into this folder
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    #[command(flatten)]
    asked: AnalysisArgs,
}

/// How often is such a flag right? Funds whose truth is known, made in the built-in market
#[derive(Debug, Args)]
struct ProofArgs {
    /// How many funds
    #[arg(long, value_name = "N", default_value_t = 400)]
    funds: usize,
    /// Settings in TOML, the words of a study's [fund]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Last day the flags may know
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    as_of: Option<TradingDay>,
    /// Seed of the built-in market and of the funds
    #[arg(long, allow_negative_numbers = true)]
    seed: Option<u64>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
struct SettingArgs {
    /// Settings in TOML, the words of a study's [fund]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Benchmark of excess returns; each fund's own, or the market, without it
    #[arg(long, value_name = "CODE")]
    benchmark: Option<String>,
    /// Fund asked about, by code or name (repeatable); all without it
    #[arg(long = "fund", value_name = "FUND")]
    funds: Vec<String>,
    /// Last day the flags that count may know
    #[arg(long, value_name = "DATE", value_parser = parse_day)]
    as_of: Option<TradingDay>,
}

/// A settings file that opens its section by name, as a study does.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FundFile {
    fund: XrayConfig,
}

/// Answers a question about funds.
pub(crate) fn run_fund(args: &FundArgs) -> anyhow::Result<()> {
    match &args.command {
        FundCommand::Xray(args) => run_xray(args),
        FundCommand::Proof(args) => run_proof(args),
    }
}

fn settings(path: Option<&Path>) -> anyhow::Result<XrayConfig> {
    let read = |text: &str| {
        if has_section(text, "fund") {
            toml::from_str(text).map(|file: FundFile| file.fund)
        } else {
            toml::from_str(text)
        }
    };
    path.map_or_else(|| Ok(XrayConfig::default()), |path| read_words(path, read))
}

fn run_xray(args: &XrayArgs) -> anyhow::Result<()> {
    let XrayArgs { navs, settings: words, report, asked } = args;
    let common = &asked.common;
    let mut config = settings(words.config.as_deref())?;
    if let Some(code) = &words.benchmark {
        config.benchmark = Some(Symbol::parse(code)?);
    }
    if !words.funds.is_empty() {
        config.funds.clone_from(&words.funds);
    }
    config.as_of = words.as_of.unwrap_or(config.as_of);
    config.from = common.period.from.or(config.from);
    config.to = common.period.to.or(config.to);
    if let Some(seed) = common.seed {
        config.set_seed(Seed(seed));
    }
    config.check()?;
    let mut view = source::view(asked, Analysis::Fund)?;
    if let Some(path) = navs {
        (view.funds, view.published_navs) = read_funds(path)?.into_iter().unzip();
    }
    if let Some(why) = ask::funds_missing(&view, &config) {
        anyhow::bail!("{}", why.en);
    }
    let steps = progress::steps(common.output.quiet);
    steps.set_message(format!("{} funds", view.funds.len()));
    let outcome = ask::fund(&view, &config)?;
    steps.finish_and_clear();
    if let Some(folder) = report {
        source::refuse_file(folder)?;
        let lang = common.output.lang.into();
        shoals_report::write_funds(folder, &outcome, &view.versions, TOOL_VERSION, lang)?;
        crate::tell(&format!("{}\n", folder.join("index.html").display()))?;
        return Ok(());
    }
    Answer::of(&outcome, &view)?.print(&common.output)
}

/// Funds of a plain file, their findings told.
fn read_funds(path: &Path) -> anyhow::Result<Vec<(Fund, PublishedNav)>> {
    let (values, findings) = formats::read_navs(path, &ReadOptions::default())
        .with_context(|| format!("cannot read the NAVs of `{}`", path.display()))?;
    for finding in findings.iter().filter(|finding| finding.severity > Severity::Note) {
        eprintln!("{finding}");
    }
    values.into_iter().map(fund).collect()
}

fn fund(values: FundValues) -> anyhow::Result<(Fund, PublishedNav)> {
    let FundValues { symbol, name, days, unit, accumulated, adjusted, dividend } = values;
    let code = symbol.to_string();
    let published = PublishedNav { code, days, unit, accumulated, adjusted, dividend };
    let nav = total_return(&published, &NavConfig::default())?.nav;
    Ok((Fund { name, ..Fund::of(nav)? }, published))
}

fn run_proof(args: &ProofArgs) -> anyhow::Result<()> {
    let mut config = settings(args.config.as_deref())?;
    config.as_of = args.as_of.unwrap_or(config.as_of);
    let seed = args.seed.map_or_else(Seed::default, Seed);
    config.set_seed(seed);
    let steps = progress::steps(args.output.quiet);
    steps.set_message("built-in market");
    let sample = generate(&SampleConfig::default(), seed)?;
    steps.set_message(format!("{} funds", args.funds));
    let outcome = ask::fund_proof(&sample, args.funds, seed, &config)?;
    steps.finish_and_clear();
    Answer::alone(&outcome)?.print(&args.output)
}
