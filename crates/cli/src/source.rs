//! The market an analysis asks: a market directory at its last import, or plain files.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use shoals_core::{
    Calendar, Finding, Rulebook, Severity, Symbol, Table, Text, TradingDay, Values, day,
};
use shoals_data::formats::{self, Profile, ReadOptions};
use shoals_data::store::{Selection, Store};
use shoals_data::{DataError, Loaded, MarketTable, arrow_table, doctor};
use shoals_study::{Analysis, MarketView, StockNeeds, StockView, StudyError};

use crate::arguments::{AnalysisArgs, SourceArgs, StockArgs};
use crate::command::data::require_known;
use crate::rulebook::UserRulebook;

/// Where series without dates begin: they are taken in file order, one exchange day each.
const FIRST_UNDATED_DAY: (i32, u32, u32) = (2000, 1, 4);

/// Gathers the part of the market an analysis reads.
pub(crate) fn view(args: &AnalysisArgs, analysis: Analysis) -> anyhow::Result<MarketView> {
    args.common.engine.require_local()?;
    let rulebook = UserRulebook::of(&args.common.rulebook)?;
    let mut view = if args.source.series.is_empty() {
        let store = open_store(&args.source.market)?;
        from_store(&store, analysis.tables(), None, None, rulebook)?
    } else {
        from_files(&args.source, rulebook)?
    };
    tell_end(&mut view, args.common.period.to);
    Ok(view)
}

/// Gathers the part of the market books read: with the stocks where one of them holds names.
pub(crate) fn book_view(
    args: &AnalysisArgs,
    analysis: Analysis,
    needs: Option<&StockNeeds>,
) -> anyhow::Result<MarketView> {
    args.common.engine.require_local()?;
    let rulebook = UserRulebook::of(&args.common.rulebook)?;
    let mut view = if args.source.series.is_empty() {
        let store = open_store(&args.source.market)?;
        from_store(&store, analysis.tables(), None, needs, rulebook)?
    } else {
        ensure!(
            needs.is_none(),
            "a book of names reads daily bars of stocks; import them and name the market with --market"
        );
        from_files(&args.source, rulebook)?
    };
    tell_end(&mut view, args.common.period.to);
    Ok(view)
}

/// Gathers the part of the market a question to its stocks reads.
pub(crate) fn stock_view(
    store: &Store,
    args: &StockArgs,
    analysis: Analysis,
    needs: &StockNeeds,
    rulebook: UserRulebook,
) -> anyhow::Result<MarketView> {
    let mut view = from_store(store, analysis.tables(), needs.to, Some(needs), rulebook)?;
    tell_end(&mut view, args.common.period.to);
    Ok(view)
}

/// Says on the terminal what a reader must know, and keeps it with the view.
pub(crate) fn note(view: &mut MarketView, note: Option<Text>) {
    if let Some(note) = note {
        eprintln!("note: {}", note.en);
        view.notes.push(note);
    }
}

/// Says when the data end before the last day asked for.
fn tell_end(view: &mut MarketView, to: Option<TradingDay>) {
    let end = to.and_then(|to| note_end(view, to));
    note(view, end);
}

/// What is not known of the days up to `to`, when exchange days are missing at the end.
fn note_end(view: &MarketView, to: TradingDay) -> Option<Text> {
    let calendar = &view.rulebook.calendar;
    let last = view.last_day()?;
    let is_short = to > last && calendar.next(last).is_ok_and(|next| next <= to);
    is_short.then(|| {
        Text::new(
            format!("数据止于 {last}，早于 `--to` {to}"),
            format!("the data end on {last}, before `--to` {to}"),
        )
    })
}

/// Opens a market directory, and says how to make one when there is none.
pub(crate) fn open_store(path: &Path) -> anyhow::Result<Store> {
    refuse_file(path)?;
    match Store::open(path) {
        Err(DataError::NoStore { path }) => bail!(
            "there is no market in `{path}`; make one with `shoals import PROFILE PATH --market {path}` \
             (an analysis also takes plain files: --series FILE)"
        ),
        opened => opened.with_context(|| format!("cannot open the market in `{}`", path.display())),
    }
}

/// Refuses a file where a directory is needed, before any work is done.
pub(crate) fn refuse_file(path: &Path) -> anyhow::Result<()> {
    ensure!(!path.is_file(), "`{}` is a file, expected a directory", path.display());
    Ok(())
}

/// Gathers a view of some tables of a store, as known on `to`. Tables of stocks are read dense, by
/// what is needed of them.
pub(crate) fn from_store(
    store: &Store,
    names: &[&str],
    to: Option<TradingDay>,
    stocks: Option<&StockNeeds>,
    user: UserRulebook,
) -> anyhow::Result<MarketView> {
    let selection = Selection::default().between(None, to);
    let mut tables = Vec::new();
    for name in names.iter().filter(|name| !StockView::TABLES.contains(name)) {
        let batches = store.read(name.parse::<MarketTable>()?, &selection)?;
        if !batches.is_empty() {
            tables.push(arrow_table::from_batches(name, &batches)?);
        }
    }
    let notes = user.notes();
    let mut view = MarketView::gather(&tables, user.rulebook)?;
    view.stocks = match stocks.map(|needs| StockView::read(store, needs)) {
        // The question that needs them says that there are none.
        None | Some(Err(StudyError::NoStocks)) => None,
        Some(read) => Some(read?),
    };
    (view.rulebook_files, view.notes) = (user.files, notes);
    view.versions = store.versions();
    let is_read = |name: &str| stocks.is_some() || !StockView::TABLES.contains(&name);
    view.versions.retain(|name, _| names.contains(&name.as_str()) && is_read(name));
    view.import_no = store.import_no();
    Ok(view)
}

/// Gathers the series and contracts of plain files, examined like an import.
fn from_files(source: &SourceArgs, user: UserRulebook) -> anyhow::Result<MarketView> {
    let (mut loaded, mut tables, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    let options = ReadOptions { rulebook: user.rulebook.clone(), ..ReadOptions::default() };
    let read = |path: &PathBuf| formats::read(Profile::Auto, path, &options, &|_, _| {});
    for path in &source.series {
        if has_named_columns(path, source)? {
            tables.extend(own_series(path, source, &user.rulebook, &mut notes)?);
            continue;
        }
        match read(path) {
            Err(DataError::UnknownLayout { .. }) if !path.is_dir() => {
                tables.extend(own_series(path, source, &user.rulebook, &mut notes)?);
            }
            export => loaded.extend(export?),
        }
    }
    for path in &source.futures {
        loaded.extend(read(path)?);
    }
    refuse_severe(&loaded, &source.accept, &user.rulebook)?;
    for one in &loaded {
        tables.push(arrow_table::from_batches(one.table.name(), &one.batches)?);
    }
    for note in &notes {
        eprintln!("note: {}", note.en);
    }
    notes.extend(user.notes());
    let mut view = MarketView::gather(&tables, user.rulebook)?;
    (view.rulebook_files, view.notes) = (user.files, notes);
    Ok(view)
}

/// Whether a file is to be read by the columns the flags name: it is the only one, or has them all.
fn has_named_columns(path: &Path, source: &SourceArgs) -> anyhow::Result<bool> {
    if source.value.is_empty() && source.date.is_none() {
        return Ok(false);
    }
    if source.series.len() == 1 {
        return Ok(true);
    }
    let table = formats::read_table(path)?;
    let has = |name: &str| table.column(name).is_ok();
    let names = source.value.iter().map(|word| word.split_once('=').map_or(&**word, |pair| pair.0));
    Ok(names.chain(source.date.as_deref()).all(has))
}

/// Prints what the doctor finds above a note, and stops at what is severe and not accepted.
fn refuse_severe(loaded: &[Loaded], accept: &[String], rulebook: &Rulebook) -> anyhow::Result<()> {
    require_known(accept)?;
    let found = doctor::examine(loaded, &rulebook.calendar, &rulebook.rules);
    let all = loaded.iter().flat_map(|one| &one.findings).chain(&found);
    let told: Vec<&Finding> = all.filter(|finding| finding.severity > Severity::Note).collect();
    for finding in &told {
        eprintln!("{finding}");
    }
    let is_refused = |finding: &&&Finding| {
        finding.severity == Severity::Severe && !accept.contains(&finding.kind)
    };
    match told.iter().filter(is_refused).count() {
        0 => Ok(()),
        n => bail!("{n} severe findings; mend the file, or let a kind pass with --accept KIND"),
    }
}

/// The series of a file of no known layout, by the columns the flags name; without flags, by every
/// column whose heading is a security code.
fn own_series(
    path: &Path,
    source: &SourceArgs,
    rulebook: &Rulebook,
    notes: &mut Vec<Text>,
) -> anyhow::Result<Vec<Table>> {
    let table = formats::read_table(path)?;
    let named = named_columns(&table, source)
        .with_context(|| format!("`{}` is no known export", path.display()))?;
    let (days, note) = days(&table, source.date.as_deref(), &rulebook.calendar)
        .with_context(|| format!("in `{}`", path.display()))?;
    notes.extend(note.map(|note| {
        let file = path.display();
        Text::new(format!("`{file}` {}", note.zh), format!("`{file}` {}", note.en))
    }));
    named
        .into_iter()
        .map(|(column, symbol)| {
            let closes = positive(&table, &column)
                .with_context(|| format!("in `{}`, column `{column}`", path.display()))?;
            Ok(Table::new("index_daily")
                .with("date", "exchange day", days.clone())
                .with("symbol", "security", vec![symbol; closes.len()])
                .with("close", "level", closes))
        })
        .collect()
}

fn named_columns(table: &Table, source: &SourceArgs) -> anyhow::Result<Vec<(String, Symbol)>> {
    let coded = |column: &str| Symbol::parse(column).ok().map(|symbol| (column.to_owned(), symbol));
    if source.value.is_empty() {
        let named: Vec<_> =
            table.columns().iter().filter_map(|column| coded(&column.name)).collect();
        if named.is_empty() {
            bail!("name its columns with --value COLUMN=CODE and --date COLUMN");
        }
        return Ok(named);
    }
    source
        .value
        .iter()
        .map(|word| {
            let (column, code) = match word.split_once('=') {
                Some((column, code)) => (column, Some(code)),
                None => (word.as_str(), source.symbol.as_deref()),
            };
            let symbol = match code {
                Some(code) => Symbol::parse(code)?,
                None => coded(column)
                    .map_or_else(|| Symbol::own(column), |found| Ok(found.1))
                    .with_context(|| {
                        format!("say which security `{column}` is: --value {column}=868008.WI")
                    })?,
            };
            Ok((column.to_owned(), symbol))
        })
        .collect()
}

/// A column of levels; a level at or below zero is named with its row.
fn positive(table: &Table, column: &str) -> anyhow::Result<Vec<f64>> {
    let values = table.numbers(column)?.to_vec();
    if let Some(row) = values.iter().position(|&level| level <= 0.0 || level.is_infinite()) {
        bail!("row {} is {}, expected a level above 0", row + 1, values[row]);
    }
    Ok(values)
}

/// The days of a table's rows, and what a reader must know when they are not the file's own.
fn days(
    table: &Table,
    column: Option<&str>,
    calendar: &Calendar,
) -> anyhow::Result<(Vec<TradingDay>, Option<Text>)> {
    let dated = match column {
        Some(name) => Some(table.column(name)?),
        None => table.columns().iter().find(|column| matches!(column.values, Values::Day(_))),
    };
    if let Some(column) = dated {
        return match &column.values {
            Values::Day(days) => {
                let mut seen = std::collections::BTreeSet::new();
                match days.iter().find(|&&day| !seen.insert(day)) {
                    Some(day) => bail!("{day} stands twice in column `{}`", column.name),
                    None => Ok((days.clone(), None)),
                }
            }
            _ => bail!("column `{}` does not hold dates", column.name),
        };
    }
    let (year, month, day_of_month) = FIRST_UNDATED_DAY;
    let first = day(year, month, day_of_month);
    let days = calendar.days(first, calendar.last());
    let n = table.n_rows();
    match days.get(..n) {
        Some(days) => Ok((
            days.to_vec(),
            Some(Text::new(
                format!("没有日期：按文件顺序取行，自 {first} 起编为交易日；所示日期并非真实"),
                format!(
                    "has no dates: its rows are taken in file order and numbered as trading days \
                     from {first} on; the dates shown are not real"
                ),
            )),
        )),
        None => bail!("{n} rows without dates are too many; name the date column with --date"),
    }
}
