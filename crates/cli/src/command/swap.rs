//! `swap`: a DMA book told day by day, one day of it, one number of it, and books beside each other.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use shoals_core::{Symbol, Table, Text, TradingDay};
use shoals_data::formats;
use shoals_product::swap::{
    CHECK_NUMBERS, ComparedBook, Comparison, Explanation, LongKind, NUMBERS, SwapOutcome,
    SwapTerms, SwapWords, daily_statement, explain_number,
};
use shoals_study::{Analysis, MarketView, StockNeeds, ask};

use crate::arguments::{AnalysisArgs, parse_day};
use crate::command::analysis::read_words;
use crate::print::Answer;
use crate::source;

/// A DMA book: margin, calls and ruin
#[derive(Debug, Args)]
pub(crate) struct SwapArgs {
    #[command(subcommand)]
    command: SwapCommand,
}

#[derive(Debug, Subcommand)]
enum SwapCommand {
    /// What would this book have lost, day by day?
    Simulate(BookArgs),
    /// What does the broker's statement of a day say?
    Statement {
        #[command(flatten)]
        book: BookArgs,
        /// The day; the last of the book without it
        #[arg(long, value_name = "DATE", value_parser = parse_day)]
        on: Option<TradingDay>,
    },
    /// Where does a number of a day come from?
    Explain {
        #[command(flatten)]
        book: BookArgs,
        /// The day
        #[arg(long, value_name = "DATE", value_parser = parse_day)]
        on: TradingDay,
        /// The number, a column of the statement or of the concentration checks
        #[arg(long, value_name = "COLUMN", default_value = "equity",
              value_parser = PossibleValuesParser::new(NUMBERS.into_iter().chain(CHECK_NUMBERS)))]
        number: String,
    },
    /// Which of these books was called, when, and by which leg?
    Compare {
        /// Terms in TOML, one file a book
        #[arg(required = true)]
        books: Vec<PathBuf>,
        /// Open every book on this day instead of its own (repeatable)
        #[arg(long, value_name = "DATE", value_parser = parse_day)]
        opened_on: Vec<TradingDay>,
        #[command(flatten)]
        asked: AnalysisArgs,
    },
}

/// A book and the market it is carried through.
#[derive(Debug, Args)]
struct BookArgs {
    /// Terms in TOML: [swap], [long], [[hedge]], [cost], [unwind], [concentration]
    book: PathBuf,
    #[command(flatten)]
    asked: AnalysisArgs,
}

/// Carries a book, or tells a day, a number or several books.
pub(crate) fn run_swap(args: &SwapArgs) -> anyhow::Result<()> {
    match &args.command {
        SwapCommand::Simulate(book) => {
            let (outcome, view) = simulated(book, None)?;
            let told = match book.asked.common.period.from {
                Some(from) => told_from(outcome, from)?,
                None => outcome,
            };
            Answer::of(&told, &view)?.print(&book.asked.common.output)
        }
        SwapCommand::Statement { book, on } => {
            let (outcome, view) = simulated(book, None)?;
            let last = outcome.statement.last().map(|line| line.date);
            let on = on.or(last).context("the book has no line")?;
            let day = daily_statement(&outcome, on).with_context(|| no_line(&outcome, on))?;
            Answer::of(&day, &view)?.print(&book.asked.common.output)
        }
        SwapCommand::Explain { book, on, number } => {
            let (outcome, view) = simulated(book, Some(*on))?;
            ensure!(
                outcome.concentration.is_some() || !CHECK_NUMBERS.contains(&number.as_str()),
                "`{number}` is a number of the concentration rules; write `[concentration]` into `{}`",
                book.book.display()
            );
            let tree = explain_number(&outcome, *on, number);
            let tree = tree.with_context(|| no_line(&outcome, *on))?;
            let mut answer = Answer::of(&outcome, &view)?;
            answer.name = "explain";
            answer.outcome = serde_json::to_value(&tree)?;
            answer.tables = vec![tree_table(&tree)];
            answer.print(&book.asked.common.output)
        }
        SwapCommand::Compare { books, opened_on, asked } => {
            let (comparison, view) = compared(books, opened_on, asked)?;
            Answer::of(&comparison, &view)?.print(&asked.common.output)
        }
    }
}

/// The book as known at the close of `until`, or of `--to`.
fn simulated(
    args: &BookArgs,
    until: Option<TradingDay>,
) -> anyhow::Result<(SwapOutcome, MarketView)> {
    let terms = read_words(&args.book, SwapTerms::from_toml)?;
    let to = args.asked.common.period.to;
    if let Some(to) = to {
        let opened_on = terms.swap.opened_on;
        ensure!(to >= opened_on, "`--to` is {to}, before the book opens on {opened_on}");
    }
    let mut view = read_view(&[(&args.book, &terms)], &args.asked, Analysis::Swap)?;
    let opened_on = terms.swap.opened_on;
    let until = until.filter(|&day| day >= opened_on && day < terms.swap.closed_on);
    if let Some(to) = to.into_iter().chain(until).min() {
        view = view.known_on(to);
    }
    Ok((ask::swap(&view, &terms)?, view))
}

/// What these books read of the market, with the names of their baskets.
pub(crate) fn read_view(
    books: &[(&PathBuf, &SwapTerms)],
    asked: &AnalysisArgs,
    analysis: Analysis,
) -> anyhow::Result<MarketView> {
    let calendar = crate::rulebook::UserRulebook::of(&asked.common.rulebook)?.rulebook.calendar;
    let needs = books.iter().filter_map(|(_, terms)| StockNeeds::of_book(terms, &calendar));
    let needs = needs.reduce(StockNeeds::and);
    let mut view = source::book_view(asked, analysis, needs.as_ref())?;
    for (file, terms) in books {
        read_basket(&mut view, terms, file.parent().unwrap_or(Path::new("")))?;
    }
    Ok(view)
}

/// Reads the names of a basket, its file named from `folder`.
pub(crate) fn read_basket(
    view: &mut MarketView,
    terms: &SwapTerms,
    folder: &Path,
) -> anyhow::Result<()> {
    let Ok(LongKind::Basket(name)) = terms.long.kind() else { return Ok(()) };
    let path = folder.join(name);
    let names = basket(&path).with_context(|| format!("in the basket `{}`", path.display()))?;
    view.baskets.insert(name.to_owned(), names);
    Ok(())
}

/// `symbol` and `weight` of every row.
fn basket(path: &Path) -> anyhow::Result<Vec<(Symbol, f64)>> {
    let table = formats::read_table(path)?;
    let column = |name: &str| {
        table.column(name).with_context(|| "a basket has the columns `symbol` and `weight`")
    };
    let symbols: Vec<Symbol> = match &column("symbol")?.values {
        shoals_core::Values::Symbol(symbols) => symbols.clone(),
        shoals_core::Values::Text(codes) => {
            codes.iter().map(|code| Symbol::parse(code)).collect::<Result<_, _>>()?
        }
        _ => anyhow::bail!("column `symbol` does not hold codes with their exchange, as 600519.SH"),
    };
    column("weight")?;
    let weights = table.numbers("weight")?;
    ensure!(!symbols.is_empty(), "it has no row");
    Ok(symbols.into_iter().zip(weights.iter().copied()).collect())
}

fn compared(
    files: &[PathBuf],
    opened_on: &[TradingDay],
    asked: &AnalysisArgs,
) -> anyhow::Result<(Comparison, MarketView)> {
    let mut books = Vec::new();
    for file in files {
        let terms = read_words(file, SwapTerms::from_toml)?;
        if opened_on.is_empty() {
            books.push((file.clone(), terms));
            continue;
        }
        for &day in opened_on {
            let mut words = SwapWords::from(terms.clone());
            words.swap.opened_on = day;
            let terms = SwapTerms::try_from(words)
                .with_context(|| format!("`{}` opened on {day}", file.display()))?;
            books.push((file.clone(), terms));
        }
    }
    let named: Vec<_> = books.iter().map(|(file, terms)| (file, terms)).collect();
    let mut view = read_view(&named, asked, Analysis::Swap)?;
    if let Some(to) = asked.common.period.to {
        view = view.known_on(to);
    }
    let mut compared = Vec::new();
    for (file, terms) in &books {
        let name = file.file_stem().unwrap_or(file.as_os_str()).to_string_lossy();
        let outcome = ask::swap(&view, terms).with_context(|| format!("`{}`", file.display()))?;
        compared.extend(ComparedBook::of(&name, &outcome));
    }
    Ok((Comparison { books: compared }, view))
}

fn no_line(outcome: &SwapOutcome, on: TradingDay) -> String {
    let days: Vec<TradingDay> = outcome.statement.iter().map(|line| line.date).collect();
    let (first, last) = (days.first().unwrap_or(&on), days.last().unwrap_or(&on));
    format!("the book has no line on {on}; it has one each trading day from {first} to {last}")
}

fn told_from(outcome: SwapOutcome, from: TradingDay) -> anyhow::Result<SwapOutcome> {
    let last = outcome.statement.last().map_or(from, |line| line.date);
    ensure!(from <= last, "`--from` is {from}, after the last day of the book, {last}");
    Ok(outcome.from_day(from))
}

/// The tree of an explanation as rows; what a row is made of are the rows one level deeper that follow it.
fn tree_table(tree: &Explanation) -> Table {
    let mut rows = Vec::new();
    collect_rows(tree, 0, &mut rows);
    let how: Vec<String> = rows.iter().map(|row| row.1.how.name().to_owned()).collect();
    let names: Vec<Text> = rows.iter().map(|row| row.1.name.clone()).collect();
    Table::new("explain")
        .with("level", "0 for the number explained", rows.iter().map(|r| r.0).collect::<Vec<_>>())
        .with("name", "what it is", names)
        .with(
            "value",
            "CNY or decimal; a cost is negative under a sum",
            rows.iter().map(|r| r.1.value).collect::<Vec<_>>(),
        )
        .with("how", "how the deeper rows make it; given when it is a number of its own", how)
}

fn collect_rows<'a>(branch: &'a Explanation, level: i64, rows: &mut Vec<(i64, &'a Explanation)>) {
    rows.push((level, branch));
    branch.children.iter().for_each(|child| collect_rows(child, level + 1, rows));
}
