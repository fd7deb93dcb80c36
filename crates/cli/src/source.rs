//! The market an analysis asks: a market directory at its last import, or plain files.

use std::path::Path;

use anyhow::{Context, bail};
use shoals_core::{
    Calendar, Finding, Rules, Series, Severity, Symbol, Table, Text, TradingDay, Values, day,
};
use shoals_data::formats::{self, Profile, ReadOptions};
use shoals_data::store::{Selection, Store};
use shoals_data::{DataError, Loaded, MarketTable, arrow_table, doctor};
use shoals_study::{Analysis, MarketView};

use crate::arguments::SourceArgs;
use crate::command::data::require_known;

/// Where series without dates begin: they are taken in file order, one exchange day each.
const FIRST_UNDATED_DAY: (i32, u32, u32) = (2000, 1, 4);

/// Gathers the part of the market an analysis reads.
pub(crate) fn view(source: &SourceArgs, analysis: Analysis) -> anyhow::Result<MarketView> {
    if source.series.is_empty() {
        return from_store(&open_store(&source.market)?, analysis.tables(), None);
    }
    from_files(source)
}

/// Opens a market directory, and says how to make one when there is none.
pub(crate) fn open_store(path: &Path) -> anyhow::Result<Store> {
    Store::open(path).with_context(|| {
        format!(
            "there is no market in `{}`; make one with `shoals import PROFILE PATH --market {0}`, \
             or name plain files with --series",
            path.display()
        )
    })
}

/// Gathers a view of some tables of a store, as known on `to`.
pub(crate) fn from_store(
    store: &Store,
    names: &[&str],
    to: Option<TradingDay>,
) -> anyhow::Result<MarketView> {
    let selection = Selection::default().between(None, to);
    let mut tables = Vec::new();
    for name in names {
        let batches = store.read(name.parse::<MarketTable>()?, &selection)?;
        if !batches.is_empty() {
            tables.push(arrow_table::from_batches(name, &batches)?);
        }
    }
    let mut view = MarketView::gather(&tables, Calendar::shanghai())?;
    view.versions = store.versions();
    view.versions.retain(|name, _| names.contains(&name.as_str()));
    view.import_no = store.import_no();
    Ok(view)
}

/// Gathers the series and contracts of plain files, examined like an import.
fn from_files(source: &SourceArgs) -> anyhow::Result<MarketView> {
    let (mut loaded, mut own, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    for path in source.series.iter().chain(&source.futures) {
        let is_plain = !source.value.is_empty() || source.date.is_some();
        match formats::read(Profile::Auto, path, &ReadOptions::default(), &|_, _| {}) {
            Ok(read) if !is_plain => loaded.extend(read),
            Err(
                error @ (DataError::Unreadable { .. }
                | DataError::Corrupt { .. }
                | DataError::Ambiguous { .. }),
            ) if !is_plain => {
                return Err(error.into());
            }
            _ => own.extend(own_series(path, source, &mut notes)?),
        }
    }
    refuse_severe(&loaded, &source.accept)?;
    let tables: Vec<Table> = loaded
        .iter()
        .map(|one| arrow_table::from_batches(one.table.name(), &one.batches))
        .collect::<Result<_, _>>()?;
    let mut view = MarketView::gather(&tables, Calendar::shanghai())?;
    view.indices.extend(own);
    for note in &notes {
        eprintln!("note: {}", note.en);
    }
    view.notes = notes;
    Ok(view)
}

/// Prints what the doctor finds above a note, and stops at what is severe and not accepted.
fn refuse_severe(loaded: &[Loaded], accept: &[String]) -> anyhow::Result<()> {
    require_known(accept)?;
    let found = doctor::examine(loaded, Calendar::shanghai(), Rules::builtin());
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
    notes: &mut Vec<Text>,
) -> anyhow::Result<Vec<(Symbol, Series)>> {
    let table = formats::read_table(path)?;
    let named = named_columns(&table, source)
        .with_context(|| format!("`{}` is no known export", path.display()))?;
    let (days, note) =
        days(&table, source.date.as_deref()).with_context(|| format!("in `{}`", path.display()))?;
    notes.extend(note.map(|note| {
        let file = path.display();
        Text::new(format!("`{file}` {}", note.zh), format!("`{file}` {}", note.en))
    }));
    named
        .into_iter()
        .map(|(column, symbol)| {
            let series = positive(&table, &column)
                .and_then(|values| Ok(Series::new(symbol.as_str(), days.clone(), values)?))
                .with_context(|| format!("in `{}`, column `{column}`", path.display()))?;
            Ok((symbol, series))
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
fn days(table: &Table, column: Option<&str>) -> anyhow::Result<(Vec<TradingDay>, Option<Text>)> {
    let dated = match column {
        Some(name) => Some(table.column(name)?),
        None => table.columns().iter().find(|column| matches!(column.values, Values::Day(_))),
    };
    if let Some(column) = dated {
        return match &column.values {
            Values::Day(days) => Ok((days.clone(), None)),
            _ => bail!("column `{}` does not hold dates", column.name),
        };
    }
    let (year, month, day_of_month) = FIRST_UNDATED_DAY;
    let first = day(year, month, day_of_month);
    let days = Calendar::shanghai().days(first, Calendar::shanghai().last());
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
