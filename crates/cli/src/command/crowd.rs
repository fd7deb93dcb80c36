//! `liquidity` and `crowding`: could the smallest companies be sold, and does everyone hold the same?

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use serde::Deserialize;
use shoals_core::{Symbol, TradingDay, Values};
use shoals_data::formats;
use shoals_study::{Analysis, CrowdingConfig, MarketView, StockNeeds, ask};
use shoals_warning::crowding::Holding;
use shoals_warning::liquidity::LiquidityConfig;

use crate::arguments::StockArgs;
use crate::command::analysis::read_words;
use crate::command::stocks::has_section;
use crate::print::Answer;
use crate::rulebook::UserRulebook;
use crate::source;

/// Could the smallest companies still be sold, and since when no longer?
#[derive(Debug, Args)]
pub(crate) struct LiquidityArgs {
    /// Settings in TOML, the words of a study's [liquidity]; without them the smallest 400
    config: Option<PathBuf>,
    #[command(flatten)]
    asked: StockArgs,
}

/// How crowded are the smallest companies, what moved it, and did it foretell anything?
#[derive(Debug, Args)]
pub(crate) struct CrowdingArgs {
    /// Settings in TOML, the words of a study's [crowding]; without them the smallest 400
    config: Option<PathBuf>,
    /// What funds hold, known from its date on: columns date, fund, symbol, weight
    #[arg(long, value_name = "FILE")]
    holdings: Option<PathBuf>,
    #[command(flatten)]
    asked: StockArgs,
}

/// A settings file that opens its section by name, as a study does.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LiquidityFile {
    liquidity: LiquidityConfig,
}

/// Likewise.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CrowdingFile {
    crowding: CrowdingConfig,
}

/// Watches the liquidity.
pub(crate) fn run_liquidity(args: &LiquidityArgs) -> anyhow::Result<()> {
    args.asked.common.engine.require_local()?;
    let read = |text: &str| {
        if has_section(text, "liquidity") {
            toml::from_str(text).map(|file: LiquidityFile| file.liquidity)
        } else {
            toml::from_str(text)
        }
    };
    let mut config: LiquidityConfig = match &args.config {
        Some(path) => read_words(path, read)?,
        None => LiquidityConfig::default(),
    };
    config.from = args.asked.common.period.from.or(config.from);
    config.to = args.asked.common.period.to.or(config.to);
    config.check()?;
    let user = UserRulebook::of(&args.asked.common.rulebook)?;
    let needs = StockNeeds::of_liquidity(&config, &user.rulebook.calendar);
    let store = source::open_store(&args.asked.market)?;
    let view = source::stock_view(&store, &args.asked, Analysis::Liquidity, &needs, user)?;
    require_traded_stocks(&view)?;
    Answer::of(&ask::liquidity(&view, &config)?, &view)?.print(&args.asked.common.output)
}

/// Measures crowding.
pub(crate) fn run_crowding(args: &CrowdingArgs) -> anyhow::Result<()> {
    args.asked.common.engine.require_local()?;
    let read = |text: &str| {
        if has_section(text, "crowding") {
            toml::from_str(text).map(|file: CrowdingFile| file.crowding)
        } else {
            toml::from_str(text)
        }
    };
    let mut config: CrowdingConfig = match &args.config {
        Some(path) => read_words(path, read)?,
        None => CrowdingConfig::default(),
    };
    let period = args.asked.common.period;
    config.measured.from = period.from.or(config.measured.from);
    config.measured.to = period.to.or(config.measured.to);
    config.check()?;
    let user = UserRulebook::of(&args.asked.common.rulebook)?;
    let needs = StockNeeds::of_crowding(&config, &user.rulebook.calendar);
    let store = source::open_store(&args.asked.market)?;
    let mut view = source::stock_view(&store, &args.asked, Analysis::Crowding, &needs, user)?;
    require_traded_stocks(&view)?;
    // A file of the command line is named from here, one of a settings file from where that stands.
    let folder = match &args.holdings {
        Some(_) => Path::new(""),
        None => args.config.as_deref().and_then(Path::parent).unwrap_or(Path::new("")),
    };
    config.holdings = args.holdings.clone().or(config.holdings);
    read_holdings(&mut view, &config, folder)?;
    Answer::of(&ask::crowding(&view, &config)?, &view)?.print(&args.asked.common.output)
}

fn require_traded_stocks(view: &MarketView) -> anyhow::Result<()> {
    match ask::lacks_traded_stocks(view) {
        Some(why) => anyhow::bail!("{}", why.en),
        None => Ok(()),
    }
}

/// Reads what funds hold, where the settings name a file, named from `folder`.
pub(crate) fn read_holdings(
    view: &mut MarketView,
    config: &CrowdingConfig,
    folder: &Path,
) -> anyhow::Result<()> {
    let Some(name) = &config.holdings else { return Ok(()) };
    let path = folder.join(name);
    view.fund_holdings =
        holdings(&path).with_context(|| format!("in the holdings `{}`", path.display()))?;
    Ok(())
}

fn holdings(path: &Path) -> anyhow::Result<Vec<Holding>> {
    let table = formats::read_table(path)?;
    let column = |name: &str| {
        let about = "holdings have the columns `date`, `fund`, `symbol` and `weight`";
        table.column(name).context(about)
    };
    let Values::Day(days) = &column("date")?.values else {
        anyhow::bail!("column `date` does not hold dates")
    };
    let words = |name: &str| -> anyhow::Result<Vec<String>> {
        Ok(match &column(name)?.values {
            Values::Text(words) => words.clone(),
            Values::Symbol(symbols) => symbols.iter().map(Symbol::to_string).collect(),
            Values::Count(codes) => codes.iter().map(i64::to_string).collect(),
            _ => anyhow::bail!("column `{name}` does not hold words"),
        })
    };
    let (funds, symbols) = (words("fund")?, words("symbol")?);
    column("weight")?;
    let weights = table.numbers("weight")?;
    let line = |row: usize| -> anyhow::Result<Holding> {
        let (date, weight): (TradingDay, f64) = (days[row], weights[row]);
        ensure!(weight >= 0.0, "row {} has weight {weight}, expected 0 or more", row + 1);
        let symbol = Symbol::parse(&symbols[row]).with_context(|| format!("in row {}", row + 1))?;
        Ok(Holding { date, fund: funds[row].clone(), symbol, weight })
    };
    ensure!(!days.is_empty(), "it has no row");
    (0..days.len()).map(line).collect()
}
