//! NAVs of many funds from one plain file, whatever its shape: no market directory, no codes needed.
//!
//! | shape | looks like |
//! |---|---|
//! | wide | a column of days, a column a fund; `甲基金累计净值` and `甲基金单位净值` are two columns of one fund |
//! | long | days, funds (code, name or both) and one or more values, a row a fund and day |
//! | single | days and values of one fund, named by the file or its sheet |
//!
//! A workbook may hold many sheets, each of any shape.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};
use shoals_core::{Finding, SecurityKind, Severity, Symbol, Table, TradingDay, Values};

use super::delimited::date;
use super::delimited::number::{Scale, from_text, is_missing};
use super::delimited::symbol::parse as parse_symbol;
use super::headers::{heading, meaning};
use super::sniff::date_format;
use super::{ReadOptions, table_file, text};
use crate::DataError;

/// The NAVs of one fund as a file has them.
#[derive(Debug, Clone, PartialEq)]
pub struct FundValues {
    /// A symbol for it: its code, or a stable one made of its name.
    pub symbol: Symbol,
    /// What the file calls it: its name, its code where there is no name.
    pub name: String,
    /// Days of the values, rising.
    pub days: Vec<TradingDay>,
    /// 单位净值, CNY a unit; NaN where not given.
    pub unit: Vec<f64>,
    /// 累计净值, CNY a unit; NaN where not given.
    pub accumulated: Vec<f64>,
    /// 复权净值, CNY a unit; NaN where not given.
    pub adjusted: Vec<f64>,
    /// Dividend a unit that day, CNY; NaN where not given.
    pub dividend: Vec<f64>,
}

/// The values a file may hold of a fund, in the order of [`FundValues`].
const COLUMNS: [&str; 4] = ["unit_nav", "accumulated_nav", "adjusted_nav", "dividend"];
/// Endings of a wide column that say what it holds, longest first.
const ENDINGS: [(&str, usize); 10] = [
    ("复权单位净值", 2),
    ("累计单位净值", 1),
    ("复权净值", 2),
    ("累计净值", 1),
    ("单位净值", 0),
    ("accumulated_nav", 1),
    ("adjusted_nav", 2),
    ("unit_nav", 0),
    ("acc_nav", 1),
    ("adj_nav", 2),
];

/// Reads the NAVs of every fund of a CSV, Excel or Parquet file, in the order the file names them.
///
/// Chinese and English headings, days as `2024-01-05`, `2024/1/5`, `20240105` and a spreadsheet's serial numbers, in any
/// order of rows. A fund without a code gets a symbol made of its name, always the same. Empty cells are no observation. Where
/// a wide file does not say which value its cells are, they are read as adjusted ones and a note says so; `options.value` says
/// it (`unit_nav`, `accumulated_nav` or `adjusted_nav`).
///
/// # Errors
/// A file that is unreadable or holds no days or no values; a cell that is no day or no NAV, with its row and column; two
/// values of one fund and day that differ.
pub fn read_navs(
    path: &Path,
    options: &ReadOptions,
) -> Result<(Vec<FundValues>, Vec<Finding>), DataError> {
    let mut navs = Navs::default();
    for (file, table) in table_file::read_tables(path, options)? {
        let sheet = Sheet::of(file, &table, options)?;
        navs.take(&sheet, options)?;
    }
    navs.done(text::name(path))
}

/// The symbol of a fund named in a file: its code, or a stable one made of its name.
///
/// # Errors
/// An empty name.
pub fn fund_symbol(name: &str) -> Result<Symbol, DataError> {
    let name = name.trim();
    if let Ok(symbol) = parse_symbol(name, Some(SecurityKind::Fund)) {
        return Ok(symbol);
    }
    if let Ok(symbol) = Symbol::own(name) {
        return Ok(symbol);
    }
    let digest = Sha256::digest(name.as_bytes());
    let number = digest.iter().take(8).fold(0_u64, |n, &byte| (n << 8) | u64::from(byte));
    Ok(Symbol::own(&format!("F{number:016x}"))?)
}

/// One sheet, its columns understood.
struct Sheet<'a> {
    file: String,
    /// What one unnamed fund is called.
    title: String,
    table: &'a Table,
    /// Column of days.
    day: usize,
    days: Vec<Option<TradingDay>>,
    /// Columns of codes and of names.
    code: Option<usize>,
    name: Option<usize>,
    /// Columns of one of [`COLUMNS`], and which.
    values: Vec<(usize, usize)>,
}

impl<'a> Sheet<'a> {
    fn of(file: String, table: &'a Table, options: &ReadOptions) -> Result<Self, DataError> {
        let means: Vec<Option<&str>> =
            table.columns().iter().map(|c| meaning(&heading(&c.name).folded)).collect();
        let of = |name: &str| means.iter().position(|m| *m == Some(name));
        let is_days = |c: &shoals_core::Column| matches!(c.values, Values::Day(_));
        let day = of("date").or_else(|| table.columns().iter().position(is_days));
        let Some(day) = day else {
            let names: Vec<&str> = table.columns().iter().map(|c| c.name.as_str()).collect();
            return Err(DataError::UnknownLayout {
                file,
                reason: format!(
                    "no column of days among {}; name it date, 日期 or 净值日期",
                    names.join(", ")
                ),
            });
        };
        let values = (0..means.len())
            .filter_map(|i| Some((i, COLUMNS.iter().position(|c| means[i] == Some(*c))?)))
            .collect();
        let days = days(&file, table, day, options)?;
        let title = file
            .rsplit_once('#')
            .map_or_else(|| text::stem(Path::new(&file)), |(_, sheet)| sheet.to_owned());
        Ok(Self { title, table, day, days, code: of("symbol"), name: of("name"), values, file })
    }

    /// What is written in a cell; empty when nothing is.
    fn text(&self, column: usize, row: usize) -> String {
        match &self.table.columns()[column].values {
            Values::Text(cells) => cells[row].trim().to_owned(),
            // Six digits that a spreadsheet took for a number.
            Values::Number(cells) if cells[row].is_nan() => String::new(),
            Values::Number(cells) => format!("{:06}", cells[row]),
            Values::Symbol(cells) => cells[row].to_string(),
            Values::Count(cells) => format!("{:06}", cells[row]),
            Values::Day(_) | Values::Words(_) | Values::Flag(_) => String::new(),
        }
    }

    /// The value of a cell, NaN when empty.
    fn number(&self, column: usize, row: usize, is_dividend: bool) -> Result<f64, DataError> {
        let found = match &self.table.columns()[column].values {
            Values::Number(cells) => cells[row],
            Values::Count(cells) => cells[row] as f64,
            Values::Text(cells) => {
                let text = cells[row].trim();
                match from_text(text, Scale::ONE) {
                    _ if is_missing(text) || matches!(text, "-" | "--" | "—") => f64::NAN,
                    Ok(value) => value.unwrap_or(f64::NAN),
                    Err(()) => return Err(self.bad(column, row, text.to_owned(), is_dividend)),
                }
            }
            _ => return Err(self.bad(column, row, "no number".to_owned(), is_dividend)),
        };
        let is_legal =
            found.is_nan() || (found.is_finite() && (found > 0.0 || (is_dividend && found == 0.0)));
        if is_legal {
            return Ok(found);
        }
        Err(self.bad(column, row, found.to_string(), is_dividend))
    }

    fn bad(&self, column: usize, row: usize, found: String, is_dividend: bool) -> DataError {
        let expected = if is_dividend {
            "a dividend a unit, zero or more"
        } else {
            "a NAV, a number above zero"
        };
        bad_cell(&self.file, self.table, column, row, found, expected)
    }
}

fn bad_cell(
    file: &str,
    table: &Table,
    column: usize,
    row: usize,
    found: String,
    expected: &str,
) -> DataError {
    DataError::BadCell {
        file: file.to_owned(),
        row: row as u64 + 1,
        column: table.columns()[column].name.clone(),
        found,
        expected: expected.to_owned(),
    }
}

/// The days of a sheet; `None` in a row where nothing is written.
fn days(
    file: &str,
    table: &Table,
    column: usize,
    options: &ReadOptions,
) -> Result<Vec<Option<TradingDay>>, DataError> {
    let cells: Vec<String> = match &table.columns()[column].values {
        Values::Day(days) => return Ok(days.iter().copied().map(Some).collect()),
        Values::Text(cells) => cells.iter().map(|cell| cell.trim().to_owned()).collect(),
        Values::Number(cells) => cells
            .iter()
            .map(|cell| if cell.is_nan() { String::new() } else { cell.to_string() })
            .collect(),
        _ => Vec::new(),
    };
    let known: Vec<&str> = cells.iter().map(String::as_str).filter(|c| !c.is_empty()).collect();
    let format = match options.date_format {
        Some(format) => Some(format),
        None => date_format(&known, true, file)?,
    };
    let expected = "a day, as 2024-01-05, 2024/1/5 or 20240105";
    let read = |(row, cell): (usize, &String)| {
        if cell.is_empty() {
            return Ok(None);
        }
        let day = format.and_then(|format| date::from_text(cell, format)).map(date::trading_day);
        day.map(Some).ok_or_else(|| bad_cell(file, table, column, row, cell.clone(), expected))
    };
    cells.iter().enumerate().map(read).collect()
}

/// What is gathered of one fund: its name and rows by day.
struct Gathered {
    symbol: Symbol,
    name: String,
    rows: BTreeMap<TradingDay, [f64; 4]>,
}

#[derive(Default)]
struct Navs {
    funds: Vec<Gathered>,
    by_symbol: BTreeMap<Symbol, usize>,
    findings: Vec<Finding>,
    /// Equal values told twice: file, row, and how many.
    twice: Option<(String, u64, u64)>,
}

impl Navs {
    fn take(&mut self, sheet: &Sheet<'_>, options: &ReadOptions) -> Result<(), DataError> {
        if sheet.values.is_empty() {
            return self.take_wide(sheet, options);
        }
        let key = sheet.code.or(sheet.name);
        for row in 0..sheet.table.n_rows() {
            let Some(day) = Self::day(sheet, row)? else { continue };
            let (code, name) = match key {
                Some(key) => (
                    sheet.text(key, row),
                    sheet.name.map(|name| sheet.text(name, row)).unwrap_or_default(),
                ),
                None => (sheet.title.clone(), String::new()),
            };
            if code.is_empty() {
                let column = key.unwrap_or(sheet.day);
                let expected = "the code or name of a fund";
                return Err(bad_cell(
                    &sheet.file,
                    sheet.table,
                    column,
                    row,
                    "nothing".to_owned(),
                    expected,
                ));
            }
            let fund = self.fund(&code, &name)?;
            for &(column, which) in &sheet.values {
                let value = sheet.number(column, row, which == 3)?;
                self.put(sheet, fund, (day, which), value, (column, row))?;
            }
        }
        Ok(())
    }

    /// Days down, a column a fund.
    fn take_wide(&mut self, sheet: &Sheet<'_>, options: &ReadOptions) -> Result<(), DataError> {
        let told = value_told(sheet, options)?;
        let mut n_assumed = 0;
        let others = [Some(sheet.day), sheet.code, sheet.name];
        let columns: Vec<(usize, usize, usize)> = (0..sheet.table.columns().len())
            .filter(|i| !others.contains(&Some(*i)))
            .map(|i| {
                let heading = sheet.table.columns()[i].name.trim();
                let ending = ENDINGS
                    .iter()
                    .find(|(ending, _)| heading.len() > ending.len() && heading.ends_with(ending));
                let name = ending.map_or(heading, |(ending, _)| {
                    heading[..heading.len() - ending.len()]
                        .trim_end_matches(['_', '-', ' ', ':', '：', '(', '（'])
                });
                let which = ending.map(|ending| ending.1).or(told);
                n_assumed += usize::from(which.is_none());
                Ok((i, self.fund(name, "")?, which.unwrap_or(2)))
            })
            .collect::<Result<_, DataError>>()?;
        if columns.is_empty() {
            return Err(DataError::UnknownLayout {
                file: sheet.file.clone(),
                reason: "it holds days and no column of NAVs; give a column a fund, or 单位净值, 累计净值, 复权净值"
                    .to_owned(),
            });
        }
        for row in 0..sheet.table.n_rows() {
            let Some(day) = Self::day(sheet, row)? else { continue };
            for &(column, fund, which) in &columns {
                let value = sheet.number(column, row, false)?;
                self.put(sheet, fund, (day, which), value, (column, row))?;
            }
        }
        if n_assumed > 0 {
            self.findings.push(
                Finding::new(
                    "assumed_nav",
                    Severity::Note,
                    sheet.file.clone(),
                    format!("{n_assumed} columns of NAVs that do not say which value they hold"),
                    "单位净值, 累计净值 or 复权净值 in the heading, the sheet's or the file's name",
                    "they are read as adjusted values (dividends reinvested); say --value accumulated_nav or unit_nav otherwise",
                )
                .counted(n_assumed as u64),
            );
        }
        Ok(())
    }

    /// The day of a row; `None` when the row is empty.
    fn day(sheet: &Sheet<'_>, row: usize) -> Result<Option<TradingDay>, DataError> {
        if let Some(day) = sheet.days[row] {
            return Ok(Some(day));
        }
        let is_written = |column: usize| {
            column != sheet.day
                && match &sheet.table.columns()[column].values {
                    Values::Number(cells) => !cells[row].is_nan(),
                    _ => !sheet.text(column, row).is_empty(),
                }
        };
        if !(0..sheet.table.columns().len()).any(is_written) {
            return Ok(None);
        }
        let expected = "a day, as 2024-01-05, 2024/1/5 or 20240105";
        let nothing = "nothing".to_owned();
        Err(bad_cell(&sheet.file, sheet.table, sheet.day, row, nothing, expected))
    }

    fn fund(&mut self, code: &str, name: &str) -> Result<usize, DataError> {
        let symbol = fund_symbol(code)?;
        let next = self.funds.len();
        let fund = *self.by_symbol.entry(symbol).or_insert(next);
        if fund == next {
            let name = if name.is_empty() { code } else { name };
            self.funds.push(Gathered { symbol, name: name.to_owned(), rows: BTreeMap::new() });
        }
        Ok(fund)
    }

    fn put(
        &mut self,
        sheet: &Sheet<'_>,
        fund: usize,
        (day, which): (TradingDay, usize),
        value: f64,
        (column, row): (usize, usize),
    ) -> Result<(), DataError> {
        if value.is_nan() {
            return Ok(());
        }
        let fund = &mut self.funds[fund];
        let cell = &mut fund.rows.entry(day).or_insert([f64::NAN; 4])[which];
        if cell.is_nan() {
            *cell = value;
        } else if *cell == value {
            let file = sheet.file.clone();
            let (_, _, n) = self.twice.get_or_insert((file, row as u64 + 1, 0));
            *n += 1;
        } else {
            let expected = format!("one value of {} on {day}; another row says {cell}", fund.name);
            let other = value.to_string();
            return Err(bad_cell(&sheet.file, sheet.table, column, row, other, &expected));
        }
        Ok(())
    }

    fn done(mut self, file: String) -> Result<(Vec<FundValues>, Vec<Finding>), DataError> {
        if self.funds.iter().all(|fund| fund.rows.is_empty()) {
            let reason = "it names funds and days, and no cell holds a NAV".to_owned();
            return Err(DataError::UnknownLayout { file, reason });
        }
        if let Some((file, row, n)) = self.twice {
            self.findings.push(
                Finding::new(
                    "duplicate_nav",
                    Severity::Note,
                    file,
                    "a fund and day told twice with the same value",
                    "one row a fund and day",
                    "nothing: one of them is used",
                )
                .at_row(row)
                .counted(n),
            );
        }
        let funds = self.funds.into_iter().filter(|fund| !fund.rows.is_empty()).map(|fund| {
            let of = |which: usize| fund.rows.values().map(|row| row[which]).collect();
            FundValues {
                symbol: fund.symbol,
                days: fund.rows.keys().copied().collect(),
                unit: of(0),
                accumulated: of(1),
                adjusted: of(2),
                dividend: of(3),
                name: fund.name,
            }
        });
        Ok((funds.collect(), self.findings))
    }
}

/// What the cells of a wide sheet are, as far as options, sheet or file say.
fn value_told(sheet: &Sheet<'_>, options: &ReadOptions) -> Result<Option<usize>, DataError> {
    if let Some(told) = &options.value {
        let canonical = meaning(&heading(told).folded).unwrap_or(told);
        let which = COLUMNS[..3].iter().position(|c| *c == canonical);
        return which.map(Some).ok_or_else(|| DataError::Ambiguous {
            file: sheet.file.clone(),
            question: format!("`{told}` is no value of a fund"),
            how: "--value unit_nav, accumulated_nav or adjusted_nav".to_owned(),
        });
    }
    let title = sheet.title.to_lowercase();
    let words =
        [("累计", 1), ("复权", 2), ("单位", 0), ("accumulated", 1), ("adjusted", 2), ("unit", 0)];
    Ok(words.iter().find(|(word, _)| title.contains(word)).map(|word| word.1))
}
