//! The market an analysis asks: a market directory at its last import, or plain files.

use std::path::Path;

use anyhow::{Context, bail};
use shoals_core::{Calendar, Series, Symbol, Table, TradingDay, Values, day};
use shoals_data::formats::{self, Profile, ReadOptions};
use shoals_data::store::{Selection, Store};
use shoals_data::{DataError, MarketTable, arrow_table};
use shoals_study::MarketView;

use crate::arguments::SourceArgs;

/// Where series without dates begin: they are taken in file order, one exchange day each.
const FIRST_UNDATED_DAY: (i32, u32, u32) = (2000, 1, 4);

/// Gathers the market the flags name.
pub(crate) fn view(source: &SourceArgs) -> anyhow::Result<MarketView> {
    if source.series.is_empty() {
        return from_store(&open_store(&source.market)?, source.to);
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

/// Gathers a view of a store, as known on `to`.
pub(crate) fn from_store(store: &Store, to: Option<TradingDay>) -> anyhow::Result<MarketView> {
    let selection = Selection::default().between(None, to);
    let mut tables = Vec::new();
    for name in MarketView::TABLES {
        let batches = store.read(name.parse::<MarketTable>()?, &selection)?;
        if !batches.is_empty() {
            tables.push(arrow_table::from_batches(name, &batches)?);
        }
    }
    let mut view = MarketView::gather(&tables, Calendar::shanghai())?;
    view.versions = store.versions();
    view.versions.retain(|name, _| MarketView::TABLES.contains(&name.as_str()));
    view.import_no = store.import_no();
    Ok(view)
}

fn from_files(source: &SourceArgs) -> anyhow::Result<MarketView> {
    let mut tables = Vec::new();
    let mut own = Vec::new();
    for path in source.series.iter().chain(&source.futures) {
        let is_plain = !source.value.is_empty() || source.date.is_some();
        match formats::read(Profile::Auto, path, &ReadOptions::default(), &|_, _| {}) {
            Ok(loaded) if !is_plain => {
                for one in &loaded {
                    tables.push(arrow_table::from_batches(one.table.name(), &one.batches)?);
                }
            }
            Err(error @ (DataError::Unreadable { .. } | DataError::Corrupt { .. })) => {
                return Err(error.into());
            }
            _ => own.extend(own_series(path, source)?),
        }
    }
    let mut view = MarketView::gather(&tables, Calendar::shanghai())?;
    view.indices.extend(own);
    Ok(view)
}

/// The series of a file of no known layout, by the columns the flags name.
fn own_series(path: &Path, source: &SourceArgs) -> anyhow::Result<Vec<(Symbol, Series)>> {
    let file = path.display();
    if source.value.is_empty() {
        bail!(
            "`{file}` is no known export; name its columns with --value COLUMN=CODE and --date COLUMN"
        );
    }
    let table = formats::read_table(path)?;
    let days = days(&table, source.date.as_deref()).with_context(|| format!("in `{file}`"))?;
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
                None => Symbol::own(column).with_context(|| {
                    format!("say what `{column}` is: --value {column}=868008.WI")
                })?,
            };
            let values = table.numbers(column).with_context(|| format!("in `{file}`"))?;
            let series = Series::new(symbol.as_str(), days.clone(), values.to_vec())
                .with_context(|| format!("in `{file}`"))?;
            Ok((symbol, series))
        })
        .collect()
}

fn days(table: &Table, column: Option<&str>) -> anyhow::Result<Vec<TradingDay>> {
    if let Some(name) = column {
        return match &table.column(name)?.values {
            Values::Day(days) => Ok(days.clone()),
            _ => bail!("column `{name}` does not hold dates"),
        };
    }
    let (year, month, day_of_month) = FIRST_UNDATED_DAY;
    let days =
        Calendar::shanghai().days(day(year, month, day_of_month), Calendar::shanghai().last());
    let n = table.n_rows();
    match days.get(..n) {
        Some(days) => Ok(days.to_vec()),
        None => bail!("{n} rows without dates are too many; name the date column with --date"),
    }
}
