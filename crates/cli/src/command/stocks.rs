//! `factor` and `index`: questions to the stocks of a market.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;
use serde::Deserialize;
use shoals_core::{Seed, Symbol};
use shoals_data::SourceFile;
use shoals_data::store::Store;
use shoals_market::factor::expression::Expression;
use shoals_market::factor::{Buckets, FactorOutcome, FactorPanel, lab};
use shoals_market::index::window_bucket_table;
use shoals_study::{
    Analysis, ChosenFactor, FactorConfig, FactorSheet, FactorSource, IndexConfig, MarketView,
    OwnFactor, StockNeeds, ask,
};

use crate::arguments::StockArgs;
use crate::command::analysis::read_words;
use crate::grid::{Grid, Groups};
use crate::print::Answer;
use crate::rulebook::UserRulebook;
use crate::source;

/// Do factors pay, where among the sizes, and until when?
#[derive(Debug, Args)]
pub(crate) struct FactorArgs {
    /// Settings in TOML, the words of a study's [factor]; without them value and low volatility inside
    /// five size buckets
    config: Option<PathBuf>,
    /// Judge the values in this file: a column a stock, or a row a day and stock
    #[arg(long, value_name = "FILE[:COLUMN]", conflicts_with_all = ["expression", "factor_sql"])]
    factor: Option<String>,
    /// Judge an expression over the stock columns, as `-rolling_std(return, 20) * rank(amount)`
    #[arg(
        long,
        value_name = "EXPRESSION",
        allow_hyphen_values = true,
        conflicts_with = "factor_sql"
    )]
    expression: Option<Expression>,
    /// Judge the answer of this query over the market's tables: columns date, symbol and one number
    /// (needs the feature `sql`)
    #[arg(long, value_name = "QUERY")]
    factor_sql: Option<String>,
    /// Take total-return prices from this file instead of a market directory
    #[arg(long, value_name = "FILE[:COLUMN]", requires = "factor")]
    prices: Option<String>,
    /// Take the buckets from this file: columns name and group, with a date column where they change
    #[arg(long, value_name = "FILE", requires = "prices")]
    groups: Option<PathBuf>,
    #[command(flatten)]
    asked: StockArgs,
}

/// What did the smallest companies earn, and what would following them have?
#[derive(Debug, Args)]
pub(crate) struct IndexArgs {
    /// Settings in TOML, the words of a study's [index]; without them the smallest 400
    config: Option<PathBuf>,
    #[command(flatten)]
    asked: StockArgs,
}

/// A settings file that opens its section by name, as a study does.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FactorFile {
    factor: FactorConfig,
}

/// Likewise.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IndexFile {
    index: IndexConfig,
}

/// Whether a settings file opens the section by name.
pub(crate) fn has_section(text: &str, name: &str) -> bool {
    text.parse::<toml::Table>().is_ok_and(|file| file.get(name).is_some_and(toml::Value::is_table))
}

/// Judges factors.
pub(crate) fn run_factor(args: &FactorArgs) -> anyhow::Result<()> {
    args.asked.common.engine.require_local()?;
    let config = factor_config(args)?;
    let (factors, view) = match &args.prices {
        Some(prices) => of_files(args, prices, &config)?,
        None => of_market(args, &config)?,
    };
    Answer::of(&FactorSheet::of(&factors, &config), &view)?.print(&args.asked.common.output)
}

fn factor_config(args: &FactorArgs) -> anyhow::Result<FactorConfig> {
    let read = |text: &str| {
        if has_section(text, "factor") {
            toml::from_str(text).map(|file: FactorFile| file.factor)
        } else {
            toml::from_str(text)
        }
    };
    let mut config: FactorConfig = match &args.config {
        Some(path) => read_words(path, read)?,
        None => FactorConfig::default(),
    };
    config.from = args.asked.common.period.from.or(config.from);
    config.to = args.asked.common.period.to.or(config.to);
    if let Some(seed) = args.asked.common.seed {
        config.set_seed(Seed(seed));
    }
    if let Some(chosen) = named_by_flag(args) {
        config.factors = vec![chosen];
    }
    config.check()?;
    Ok(config)
}

/// The factor that a flag names instead of those of the settings.
fn named_by_flag(args: &FactorArgs) -> Option<ChosenFactor> {
    if let Some(word) = &args.factor {
        let (file, column) = file_and_column(word);
        let name =
            file.file_stem().map_or_else(|| word.clone(), |s| s.to_string_lossy().into_owned());
        let source = FactorSource::Own(OwnFactor { name: name.clone(), file, column });
        return Some(ChosenFactor { name, source });
    }
    if let Some(expression) = &args.expression {
        let name = expression.to_string();
        return Some(ChosenFactor { name, source: FactorSource::Written(expression.clone()) });
    }
    let query = args.factor_sql.clone()?;
    Some(ChosenFactor { name: "sql".to_owned(), source: FactorSource::Query(query) })
}

/// `FILE:COLUMN`, unless a file of the whole name is there.
fn file_and_column(word: &str) -> (PathBuf, Option<String>) {
    match word.rsplit_once(':') {
        Some((file, column)) if !Path::new(word).exists() => (file.into(), Some(column.to_owned())),
        _ => (word.into(), None),
    }
}

fn of_market(
    args: &FactorArgs,
    config: &FactorConfig,
) -> anyhow::Result<(Vec<FactorOutcome>, MarketView)> {
    let user = UserRulebook::of(&args.asked.common.rulebook)?;
    let needs = StockNeeds::of_factors(config, &user.rulebook.calendar);
    let store = source::open_store(&args.asked.market)?;
    let mut view = source::stock_view(&store, &args.asked, Analysis::Factor, &needs, user)?;
    // A factor of the command line is named from here, one of a settings file from where that stands.
    let folder = match &args.factor {
        Some(_) => Path::new(""),
        None => args.config.as_deref().and_then(Path::parent).unwrap_or(Path::new("")),
    };
    read_own_factors(&mut view, config, folder, &store)?;
    Ok((ask::factors(&view, config)?, view))
}

/// Reads the factors that stand in files of the user's own, named from `folder`, and asks those that are
/// queries.
pub(crate) fn read_own_factors(
    view: &mut MarketView,
    config: &FactorConfig,
    folder: &Path,
    store: &Store,
) -> anyhow::Result<()> {
    let Some(stocks) = &mut view.stocks else { return Ok(()) };
    for chosen in config.factors.iter().filter(|chosen| chosen.source.is_brought()) {
        let (mut grid, place) = match &chosen.source {
            FactorSource::Own(own) => {
                let path = folder.join(&own.file);
                // A lock names the file as the study does, wherever the study stands.
                let file = SourceFile::of(&path)?;
                view.factor_files.push(SourceFile { path: own.file.display().to_string(), ..file });
                (Grid::read(&path, own.column.as_deref())?, format!("in `{}`", path.display()))
            }
            FactorSource::Query(query) => {
                let place = format!("in the answer to the query of factor `{}`", chosen.name);
                let answer = crate::sql::ask(store, query).with_context(|| place.clone())?;
                // A query may read any table.
                view.versions = store.versions();
                (Grid::of(&answer, None).with_context(|| place.clone())?, place)
            }
            FactorSource::Usual(_) | FactorSource::Written(_) => continue,
        };
        for name in &mut grid.names {
            *name = Symbol::parse(name)?.to_string();
        }
        let names: Vec<String> = stocks.market.symbols().iter().map(Symbol::to_string).collect();
        let (days, market) = (stocks.market.days(), &names[..]);
        let within = grid.between(days.first().copied(), days.last().copied());
        let values = within.on(days, market).context(place)?;
        stocks.own.insert(chosen.name.clone(), values);
    }
    Ok(())
}

/// The factor of one file against the prices of another.
fn of_files(
    args: &FactorArgs,
    prices: &str,
    config: &FactorConfig,
) -> anyhow::Result<(Vec<FactorOutcome>, MarketView)> {
    let [ChosenFactor { name, source: FactorSource::Own(own) }] = &config.factors[..] else {
        anyhow::bail!("--prices needs --factor");
    };
    let (file, column) = file_and_column(prices);
    let prices = Grid::read(&file, column.as_deref())?.between(config.from, config.to);
    ensure!(!prices.days.is_empty(), "`{}` has no day of those asked for", file.display());
    let factor = Grid::read(&own.file, own.column.as_deref())?.between(config.from, config.to);
    let factor = factor
        .on(&prices.days, &prices.names)
        .with_context(|| format!("in `{}`", own.file.display()))?;
    let groups = args.groups.as_deref();
    let groups = groups.map(|path| Groups::read(path, &prices.days, &prices.names)).transpose()?;
    let buckets = groups.as_ref().map_or(Buckets::None, |groups| Buckets::Members {
        label: &groups.labels,
        n: groups.groups.len(),
    });
    let panel = FactorPanel::new(&prices.days, &factor, &prices.values)?.bucketed(buckets)?;
    let names = groups.as_ref().map_or(&[][..], |groups| &groups.groups);
    let outcome = lab(name, &panel, names, &config.lab(&prices.days)?)?;
    Ok((vec![outcome], MarketView::default()))
}

/// Builds the micro-cap index.
pub(crate) fn run_index(args: &IndexArgs) -> anyhow::Result<()> {
    args.asked.common.engine.require_local()?;
    let read = |text: &str| {
        if has_section(text, "index") {
            toml::from_str(text).map(|file: IndexFile| file.index)
        } else {
            toml::from_str(text)
        }
    };
    let mut config: IndexConfig = match &args.config {
        Some(path) => read_words(path, read)?,
        None => IndexConfig::default(),
    };
    config.from = args.asked.common.period.from.or(config.from);
    config.to = args.asked.common.period.to.or(config.to);
    config.check()?;
    let user = UserRulebook::of(&args.asked.common.rulebook)?;
    let needs = StockNeeds::of_index(&config);
    let store = source::open_store(&args.asked.market)?;
    let mut view = source::stock_view(&store, &args.asked, Analysis::Index, &needs, user)?;
    let missing = ask::missing_benchmark(&view, &config);
    source::note(&mut view, missing);
    let mut answer = Answer::of(&ask::index(&view, &config)?, &view)?;
    if !config.windows.is_empty() {
        let held = ask::window_buckets(&view, &config)?;
        answer.tables.push(window_bucket_table(&held));
    }
    answer.print(&args.asked.common.output)
}
