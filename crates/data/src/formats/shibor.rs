//! Shibor as its publishers write it: days down, one tenor a column, percent in every cell.
//!
//! ```text
//! tushare   date, on, 1w, 2w, 1m, 3m, 6m, 9m, 1y
//! baostock  date, shiborON, shibor1W, ..., shibor1Y
//! akshare   日期, O/N-定价, O/N-涨跌幅, 1W-定价, ...      (changes are not read)
//! ```
//!
//! Source: tushare `shibor`, baostock `query_shibor_data`, AKShare `macro_china_shibor_all`. Hibor and
//! Libor have tenors Shibor does not have, or name a currency, and are not taken for it.

use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Float64Array, StringArray};

use super::delimited::{Action, Block, Dialect, Parsed, Plan, PlannedColumn};
use super::headers::{heading, meaning};
use super::layout::{Feed, Layout, Output, Rows};
use super::sniff::{Grid, date_format, samples};
use super::units::{self, dimension};
use super::wide::{TITLES, melt};
use super::{DateFormat, ReadOptions};
use crate::{DataError, MarketTable};

/// The tenors Shibor is published for: folded spelling and the tenor of `rate_daily`.
const TENORS: [(&str, &str); 9] = [
    ("on", "1D"),
    ("o/n", "1D"),
    ("1w", "1W"),
    ("2w", "2W"),
    ("1m", "1M"),
    ("3m", "3M"),
    ("6m", "6M"),
    ("9m", "9M"),
    ("1y", "1Y"),
];

/// A sheet of Shibor.
pub(crate) struct Shibor {
    /// 0-based line of the tenors.
    pub(crate) header: usize,
    /// Column of the days.
    day: usize,
    /// Tenor of each column that holds one.
    tenors: Vec<Option<&'static str>>,
}

/// Recognises a header of a day, two or more tenors, and nothing else.
pub(crate) fn recognise(grid: &Grid, options: &ReadOptions) -> Option<Shibor> {
    let is_told_otherwise = options.table.is_some_and(|table| table != MarketTable::RateDaily);
    if is_told_otherwise || options.mapping.is_some() {
        return None;
    }
    let rows = grid.rows.iter().take(TITLES).enumerate();
    rows.into_iter().find_map(|(line, row)| header(line, row))
}

fn header(line: usize, row: &[String]) -> Option<Shibor> {
    let folded: Vec<String> = row.iter().map(|cell| heading(cell).folded).collect();
    let day = folded.iter().position(|name| meaning(name) == Some("date"))?;
    let tenors: Vec<Option<&str>> = folded.iter().map(|name| tenor(name)).collect();
    // A saved data frame has a nameless column of row numbers.
    let is_other = |i: usize| {
        let name = &folded[i];
        i != day && tenors[i].is_none() && !name.is_empty() && !name.ends_with("涨跌幅")
    };
    let n = tenors.iter().flatten().count();
    (n >= 2 && !(0..folded.len()).any(is_other)).then_some(Shibor { header: line, day, tenors })
}

fn tenor(folded: &str) -> Option<&'static str> {
    let bare = folded.strip_prefix("shibor").unwrap_or(folded);
    let bare = bare.strip_suffix("定价").unwrap_or(bare);
    TENORS.iter().find(|row| row.0 == bare).map(|row| row.1)
}

impl Shibor {
    /// How the cells are read, and what becomes of them.
    ///
    /// # Errors
    /// When days could be read in two ways, or a unit is told that no rate has.
    pub(crate) fn lay_out(
        &self,
        file: &str,
        grid: &Grid,
        options: &ReadOptions,
    ) -> Result<Layout, DataError> {
        let date_format = match options.date_format {
            Some(format) => format,
            None => {
                date_format(&samples(grid, self.day), true, file)?.unwrap_or(DateFormat::Dashed)
            }
        };
        let number = Action::Number(factor(file, options)?);
        let names = grid.rows[self.header].iter().enumerate();
        let columns = names.map(|(i, name)| PlannedColumn {
            name: name.trim().to_owned(),
            action: match self.tenors[i] {
                _ if i == self.day => Action::Day,
                Some(_) => number,
                None => Action::Skip,
            },
        });
        let dialect = Dialect { delimiter: grid.delimiter, date_format };
        let feeds = (0..MarketTable::RateDaily.columns().len()).map(Feed::Source).collect();
        Ok(Layout {
            plan: Plan { dialect, columns: columns.collect(), keys: vec![self.day] },
            outputs: vec![Output { table: MarketTable::RateDaily, rows: Rows::All, feeds }],
            findings: Vec::new(),
            source_columns: std::collections::BTreeMap::new(),
            expected_kind: None,
        })
    }

    /// One row a day and tenor; an empty cell is none.
    pub(crate) fn unfold(&self, parsed: &Parsed) -> Parsed {
        let melted = melt(parsed, self.day, &self.tenors);
        let columns: Vec<Option<ArrayRef>> = vec![
            Some(Arc::new(Date32Array::from(melted.days))),
            Some(Arc::new(StringArray::from(melted.keys))),
            Some(Arc::new(Float64Array::from(melted.values))),
        ];
        Parsed {
            blocks: vec![Block { columns, n_rows: melted.rows.len() }],
            symbols: Vec::new(),
            source_rows: Some(melted.rows),
            troubles: parsed.troubles.clone(),
        }
    }
}

/// The factor to a decimal: percent, as every publisher writes it, unless told otherwise.
fn factor(file: &str, options: &ReadOptions) -> Result<f64, DataError> {
    let rate = dimension(MarketTable::RateDaily, "rate");
    let unit = options.units.get("rate").map_or("%", String::as_str);
    units::factor(unit, rate).ok_or_else(|| DataError::Ambiguous {
        file: file.to_owned(),
        question: format!("`rate` is said to be in `{unit}`"),
        how: format!("--unit rate=UNIT with one of {}", units::legal(rate)),
    })
}
