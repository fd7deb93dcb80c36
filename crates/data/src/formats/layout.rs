//! From column names to a plan: which table, which unit, what bare codes name.
//!
//! Everything the file says is taken from it; what a profile is known to do fills the gaps; what stays
//! open is a question with the option that answers it.

mod codes;
mod infer;

use std::collections::BTreeMap;

use shoals_core::{Finding, SecurityKind, Severity, Symbol};

use self::codes::Codes;
pub(crate) use self::codes::kind_of_table;
use self::infer::{STOCK_ONLY, infer_table};
use super::delimited::date::{from_text, trading_day};
use super::delimited::symbol::parse as parse_symbol;
use super::delimited::{Action, Dialect, Plan, PlannedColumn};
use super::headers::{heading, is_chinese, meaning};
use super::sniff::{Grid, date_format, samples};
use super::units::{self, Dimension, dimension};
use super::{DateFormat, Profile, ReadOptions, variant};
use crate::schema::{ColumnKind, ColumnSpec};
use crate::{DataError, MarketTable};

/// A table of cells with a header, before anything is understood.
pub(crate) struct Sheet<'a> {
    /// The file as the user named it.
    pub(crate) file: &'a str,
    /// Its name without extensions.
    pub(crate) stem: &'a str,
    /// The column names.
    pub(crate) header: &'a [String],
    /// The first rows.
    pub(crate) grid: &'a Grid,
}

/// Where a column of a market table comes from.
#[derive(Debug, Clone)]
pub(crate) enum Feed {
    /// A source column.
    Source(usize),
    /// The same text in every row.
    Text(String),
    /// The same count in every row.
    Count(i64),
    /// The same security in every row.
    Symbol(Symbol),
    /// The same day in every row, epoch days.
    Day(i32),
    /// The variant of an index by the code of its row.
    Variant,
    /// No observation.
    Null,
}

/// Which rows of the source belong to a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// All of them.
    All,
    /// Those of one kind of security.
    Of(SecurityKind),
    /// Those of every other kind.
    NotOf(SecurityKind),
    /// Those whose adjustment flag, in a source column, says adjusted (1 or 2), or those where it does not.
    Adjusted(usize, bool),
}

/// One market table made of the source's columns.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    /// The table.
    pub(crate) table: MarketTable,
    /// Its rows.
    pub(crate) rows: Rows,
    /// One entry a column of the table.
    pub(crate) feeds: Vec<Feed>,
}

/// How a sheet becomes market tables.
pub(crate) struct Layout {
    /// How the cells are read.
    pub(crate) plan: Plan,
    /// The tables, the main one first.
    pub(crate) outputs: Vec<Output>,
    /// What was taken for granted.
    pub(crate) findings: Vec<Finding>,
    /// Canonical column to source column.
    pub(crate) source_columns: BTreeMap<String, String>,
    /// What the table's securities are, when the table was told from the first code alone.
    pub(crate) expected_kind: Option<SecurityKind>,
}

/// A source column whose meaning is known.
#[derive(Debug, Clone)]
struct Bound {
    canonical: String,
    source: usize,
    name: String,
    folded: String,
    unit: Option<String>,
}

/// Understands a sheet.
///
/// # Errors
/// When no table fits, a key is missing, or a question stays open.
pub(crate) fn lay_out(
    sheet: &Sheet<'_>,
    profile: Profile,
    options: &ReadOptions,
) -> Result<Layout, DataError> {
    let profile = if profile == Profile::Auto { profile_of(sheet) } else { profile };
    let bound = settle(sheet, bind(sheet, options)?)?;
    let codes = Codes::of(sheet, options, &bound)?;
    let table = match options.table.or(mapped(options, |m| m.table)) {
        Some(table) => table,
        None => infer_table(sheet, &bound, codes.kind)?,
    };
    let bound = as_the_table_says(table, bound);
    let mut builder = Builder { sheet, profile, options, codes, bound, findings: Vec::new() };
    builder.build(table)
}

/// A value of the mapping file.
fn mapped<T>(options: &ReadOptions, value: impl Fn(&super::Mapping) -> Option<T>) -> Option<T> {
    options.mapping.as_ref().and_then(value)
}

/// The profile a sheet's names betray; plain CSV when none.
fn profile_of(sheet: &Sheet<'_>) -> Profile {
    let folded: Vec<String> = sheet.header.iter().map(|name| heading(name).folded).collect();
    let has = |name: &str| folded.iter().any(|f| f == name);
    if has("tscode") || (has("indexcode") && has("concode")) {
        return Profile::Tushare;
    }
    if has("adjustflag") || has("tradestatus") {
        return Profile::Baostock;
    }
    if has("orderbookid") {
        return Profile::Rqalpha;
    }
    let is_hist = has("股票代码") && has("换手率") && has("振幅");
    if is_hist || has("成分券代码") || (has("今收盘") && has("今结算")) {
        return Profile::Akshare;
    }
    Profile::Csv
}

/// Source columns by the mapping file, or by their own names.
fn bind(sheet: &Sheet<'_>, options: &ReadOptions) -> Result<Vec<Bound>, DataError> {
    if let Some(mapping) = options.mapping.as_ref().filter(|m| !m.columns.is_empty()) {
        return mapping.columns.iter().map(|(name, to)| bind_mapped(sheet, name, to)).collect();
    }
    let by_name = |(source, name): (usize, &String)| {
        let heading = heading(name);
        let canonical = meaning(&heading.folded)?.to_owned();
        let name = name.trim().to_owned();
        Some(Bound { canonical, source, name, folded: heading.folded, unit: heading.unit })
    };
    Ok(sheet.header.iter().enumerate().filter_map(by_name).collect())
}

fn bind_mapped(sheet: &Sheet<'_>, name: &str, to: &super::Target) -> Result<Bound, DataError> {
    let folded = heading(name).folded;
    let source = sheet
        .header
        .iter()
        .position(|column| column.trim() == name)
        .or_else(|| sheet.header.iter().position(|column| heading(column).folded == folded))
        .ok_or_else(|| DataError::UnknownLayout {
            file: sheet.file.to_owned(),
            reason: format!(
                "the mapping names a column `{name}`; the columns are {}",
                sheet.header.join(", ")
            ),
        })?;
    let heading = heading(&sheet.header[source]);
    let unit = to.unit().map(str::to_owned).or(heading.unit);
    let canonical = match to.column() {
        "contract" | "fund" => "symbol".to_owned(),
        column => column.to_owned(),
    };
    // A mapped column is what the mapping says: its own name asks no more questions.
    Ok(Bound { canonical, source, name: name.to_owned(), folded: heading.folded, unit })
}

/// Working names become columns, and no column is claimed twice.
fn settle(sheet: &Sheet<'_>, mut bound: Vec<Bound>) -> Result<Vec<Bound>, DataError> {
    let has = |bound: &[Bound], name: &str| bound.iter().any(|b| b.canonical == name);
    // tushare writes the bare digits as `symbol` beside the whole `ts_code`.
    if bound.iter().any(|b| b.folded == "tscode") {
        bound.retain(|b| b.canonical != "symbol" || b.folded == "tscode");
    }
    if !has(&bound, "symbol") {
        let stand_in = if has(&bound, "index") { "index" } else { "underlying" };
        rename(&mut bound, stand_in, "symbol");
    }
    for (working, canonical) in
        [("float_shares", "free_float_shares"), ("trade_status", "is_suspended")]
    {
        if has(&bound, canonical) {
            bound.retain(|b| b.canonical != working);
        }
        rename(&mut bound, working, canonical);
    }
    let is_derivative = has(&bound, "open_interest") || has(&bound, "settle");
    if has(&bound, "amount") || !is_derivative {
        bound.retain(|b| b.canonical != "turnover");
    }
    rename(&mut bound, "turnover", "amount");
    for (i, first) in bound.iter().enumerate() {
        if let Some(second) = bound[i + 1..].iter().find(|b| b.canonical == first.canonical) {
            return Err(DataError::Ambiguous {
                file: sheet.file.to_owned(),
                question: format!(
                    "both `{}` and `{}` could be {}",
                    first.name, second.name, first.canonical
                ),
                how: "a mapping file: --mapping FILE".to_owned(),
            });
        }
    }
    Ok(bound)
}

fn rename(bound: &mut [Bound], from: &str, to: &str) {
    for b in bound.iter_mut().filter(|b| b.canonical == from) {
        to.clone_into(&mut b.canonical);
    }
}

/// Names that mean something else in some tables.
fn as_the_table_says(table: MarketTable, mut bound: Vec<Bound>) -> Vec<Bound> {
    let has = |name: &str| bound.iter().any(|b| b.canonical == name);
    match table {
        MarketTable::ImpliedVolatilityDaily if !has("implied_volatility") => {
            rename(&mut bound, "close", "implied_volatility");
        }
        MarketTable::StockMinute if !has("timestamp") => {
            rename(&mut bound, "date", "timestamp");
        }
        // tushare's calendar names the exchange, the table does not.
        MarketTable::TradingDay => bound.retain(|b| b.canonical != "exchange"),
        _ => {}
    }
    bound
}

/// Puts plan, outputs and notes together.
struct Builder<'a> {
    sheet: &'a Sheet<'a>,
    profile: Profile,
    options: &'a ReadOptions,
    codes: Codes,
    bound: Vec<Bound>,
    findings: Vec<Finding>,
}

impl Builder<'_> {
    fn build(&mut self, table: MarketTable) -> Result<Layout, DataError> {
        let dialect =
            Dialect { delimiter: self.sheet.grid.delimiter, date_format: self.date_format()? };
        let mut columns: Vec<PlannedColumn> = self
            .sheet
            .header
            .iter()
            .map(|name| PlannedColumn { name: name.trim().to_owned(), action: Action::Skip })
            .collect();
        let mut source_columns = BTreeMap::new();
        let mut keys = Vec::new();
        let mut outputs = Vec::new();
        let main = table;
        for table in self.tables(main)? {
            let feeds: Result<Vec<Feed>, DataError> = table
                .columns()
                .iter()
                .map(|column| {
                    let feed = self.feed(table, column)?;
                    if let Feed::Source(source) = feed {
                        columns[source].action = self.action(table, column, source)?;
                        let name = columns[source].name.clone();
                        source_columns.insert(column.name.to_owned(), name);
                        let is_key = table.key().iter().any(|key| key.name == column.name);
                        if is_key && !keys.contains(&source) {
                            keys.push(source);
                        }
                    }
                    Ok(feed)
                })
                .collect();
            let rows = self.rows(main, table);
            if let Rows::Adjusted(flag, _) = rows {
                columns[flag].action = Action::Text;
            }
            outputs.push(Output { table, rows, feeds: feeds? });
        }
        let outputs = self.with_values(outputs)?;
        self.note_unread(&columns);
        let is_symbol = |c: &&PlannedColumn| matches!(c.action, Action::Symbol(_));
        let is_told_by_code = self.options.table.is_none() && keys.len() > 1;
        let expected_kind = (is_told_by_code && columns.iter().filter(is_symbol).count() == 1)
            .then(|| kind_of_table(table))
            .flatten()
            .filter(|_| self.codes.kind == kind_of_table(table) && !self.is_stock_by_columns());
        let plan = Plan { dialect, columns, keys };
        let findings = std::mem::take(&mut self.findings);
        Ok(Layout { plan, outputs, findings, source_columns, expected_kind })
    }

    /// The tables that get more than their keys.
    fn with_values(&self, mut outputs: Vec<Output>) -> Result<Vec<Output>, DataError> {
        let Some(main) = outputs.first().map(|output| output.table) else { return Ok(outputs) };
        outputs.retain(has_value);
        if outputs.is_empty() {
            return Err(only_keys(self.sheet, main));
        }
        Ok(outputs)
    }

    /// Columns only stocks have say what the rows are, whatever the codes look like.
    fn is_stock_by_columns(&self) -> bool {
        STOCK_ONLY.iter().any(|name| self.bound(name).is_some())
    }

    /// The table, and its companion when the sheet has columns of it.
    fn tables(&self, table: MarketTable) -> Result<Vec<MarketTable>, DataError> {
        use MarketTable as T;
        let companion = match table {
            T::StockDaily => Some(T::StockValuation),
            T::StockValuation => Some(T::StockDaily),
            T::IndexDaily => Some(T::IndexValuation),
            _ => None,
        };
        let holds = |table: MarketTable, b: &Bound| {
            table.columns().iter().any(|column| column.name == b.canonical)
        };
        let is_working = |b: &Bound| matches!(b.canonical.as_str(), "symbol" | "adjust_flag");
        let mut tables = vec![table];
        tables.extend(self.other_part(table));
        if let Some(companion) = companion {
            let needs = |b: &&Bound| !is_working(b) && !holds(table, b) && holds(companion, b);
            let extra = self.bound.iter().filter(needs).count();
            if extra > 0 {
                tables.push(companion);
            }
        }
        if self.options.mapping.is_some() {
            let stray = self
                .bound
                .iter()
                .find(|b| !is_working(b) && !tables.iter().any(|table| holds(*table, b)));
            if let Some(stray) = stray {
                return Err(DataError::UnknownLayout {
                    file: self.sheet.file.to_owned(),
                    reason: format!(
                        "the mapping sends `{}` to `{}`, which is no column of {table}",
                        stray.name, stray.canonical
                    ),
                });
            }
        }
        Ok(tables)
    }

    /// The table of the rows that do not belong to `table`, where one file may hold both.
    fn other_part(&self, table: MarketTable) -> Option<MarketTable> {
        use MarketTable as T;
        let is_told = self.options.table.is_some() || self.options.mapping.is_some();
        match table {
            T::FutureDaily if !is_told => Some(T::OptionDaily),
            T::OptionDaily if !is_told => Some(T::FutureDaily),
            T::StockDaily | T::StockValuation if self.bound("adjust_flag").is_some() => {
                Some(T::StockAdjustedDaily)
            }
            _ => None,
        }
    }

    /// The rows of a table in a file whose main one is `main`.
    fn rows(&self, main: MarketTable, table: MarketTable) -> Rows {
        let Some(other) = self.other_part(main) else { return Rows::All };
        if let (MarketTable::StockAdjustedDaily, Some(flag)) = (other, self.bound("adjust_flag")) {
            return Rows::Adjusted(flag.source, table == other);
        }
        match kind_of_table(other) {
            Some(kind) if table == other => Rows::Of(kind),
            Some(kind) => Rows::NotOf(kind),
            None => Rows::All,
        }
    }

    fn bound(&self, canonical: &str) -> Option<&Bound> {
        self.bound.iter().find(|b| b.canonical == canonical)
    }

    /// Where a column of a table comes from.
    fn feed(&mut self, table: MarketTable, column: &ColumnSpec) -> Result<Feed, DataError> {
        if let Some(bound) = self.bound(column.name) {
            return Ok(Feed::Source(bound.source));
        }
        let constant = self.options.mapping.as_ref().and_then(|m| m.constants.get(column.name));
        if let Some(text) = constant {
            return self.constant(column, text);
        }
        if column.name == symbol_column(table) {
            return match (self.bound("symbol"), self.codes.fixed) {
                (Some(bound), _) => Ok(Feed::Source(bound.source)),
                (None, Some(symbol)) => Ok(Feed::Symbol(symbol)),
                (None, None) => Err(DataError::Ambiguous {
                    file: self.sheet.file.to_owned(),
                    question: "it holds one security and does not name it".to_owned(),
                    how: "--symbol 000852.SH".to_owned(),
                }),
            };
        }
        if let Some(feed) = self.custom(table, column) {
            return Ok(feed);
        }
        if let Some(day) = (column.name == "date").then(|| day_of_name(self.sheet.stem)).flatten() {
            self.note_day(day);
            return Ok(Feed::Day(day));
        }
        if table.key().iter().any(|key| key.name == column.name) {
            return Err(DataError::UnknownLayout {
                file: self.sheet.file.to_owned(),
                reason: format!(
                    "it has no column that could be `{}` of {table}; its columns are {}",
                    column.name,
                    self.sheet.header.join(", ")
                ),
            });
        }
        Ok(Feed::Null)
    }

    fn constant(&self, column: &ColumnSpec, text: &str) -> Result<Feed, DataError> {
        let wrong = || wrong_constant(self.sheet.file, column.name, text);
        match column.kind {
            ColumnKind::Text if column.name == "variant" && !variant::is_word(text) => Err(wrong()),
            ColumnKind::Text => Ok(Feed::Text(text.to_owned())),
            ColumnKind::Count => Ok(Feed::Count(text.parse().map_err(|_| wrong())?)),
            ColumnKind::Symbol => Ok(Feed::Symbol(parse_symbol(text, self.codes.reading)?)),
            _ => Err(wrong()),
        }
    }

    /// What a table's column is when the source does not say, by the custom of its sources.
    fn custom(&self, table: MarketTable, column: &ColumnSpec) -> Option<Feed> {
        use MarketTable as T;
        match (table, column.name) {
            (T::IndexDaily, "variant") => Some(Feed::Variant),
            (T::ImpliedVolatilityDaily, "tenor_days") => Some(Feed::Count(30)),
            (T::ImpliedVolatilityDaily, "source") => Some(Feed::Text(self.sheet.stem.to_owned())),
            (T::MarginBalance, "exchange") => Some(Feed::Text(self.margin_exchange().to_owned())),
            _ => None,
        }
    }

    fn margin_exchange(&self) -> &'static str {
        let stem = self.sheet.stem.to_lowercase();
        if stem.contains("szse") {
            "SZ"
        } else if stem.contains("sse")
            || self.bound("date").is_some_and(|b| b.folded.contains("信用"))
        {
            "SH"
        } else {
            "all"
        }
    }

    fn action(
        &mut self,
        table: MarketTable,
        column: &ColumnSpec,
        source: usize,
    ) -> Result<Action, DataError> {
        Ok(match column.kind {
            ColumnKind::Day => Action::Day,
            ColumnKind::Timestamp => Action::Timestamp,
            ColumnKind::Text => Action::Text,
            ColumnKind::Symbol if column.name == "index" => {
                Action::Symbol(Some(SecurityKind::Index))
            }
            ColumnKind::Symbol => Action::Symbol(self.codes.reading),
            ColumnKind::Number => Action::Number(self.factor(table, column, source)?),
            ColumnKind::Count => Action::Count(self.factor(table, column, source)?),
            ColumnKind::Flag => {
                let is_status = self
                    .bound
                    .iter()
                    .any(|b| b.source == source && meaning(&b.folded) == Some("trade_status"));
                if is_status { Action::TradeStatus } else { Action::Flag }
            }
        })
    }

    /// The factor of a column to its canonical unit: told, written in its name, or the source's custom.
    fn factor(
        &mut self,
        table: MarketTable,
        column: &ColumnSpec,
        source: usize,
    ) -> Result<f64, DataError> {
        let dimension = dimension(table, column.name);
        let bound = self.bound.iter().find(|b| b.source == source).expect("bound by feed").clone();
        let told = self.options.units.get(&bound.name).or(self.options.units.get(column.name));
        let written = told.or(bound.unit.as_ref());
        if let Some(unit) = written {
            return units::factor(unit, dimension).ok_or_else(|| DataError::Ambiguous {
                file: self.sheet.file.to_owned(),
                question: format!("`{}` is said to be in `{unit}`", bound.name),
                how: format!("--unit {}=UNIT with one of {}", bound.name, units::legal(dimension)),
            });
        }
        if dimension == Dimension::Plain || self.options.mapping.is_some() {
            return Ok(1.0);
        }
        let custom = self.custom_unit(table, column.name, dimension, &bound.name);
        let Some(unit) = custom else {
            return Err(DataError::Ambiguous {
                file: self.sheet.file.to_owned(),
                question: format!("the unit of `{}` is not written anywhere", bound.name),
                how: format!("--unit {}=UNIT with one of {}", bound.name, units::legal(dimension)),
            });
        };
        Ok(units::factor(unit, dimension).expect("customary units fit their columns"))
    }

    /// The unit a source is known to use; `None` when only the user knows.
    fn custom_unit(
        &mut self,
        table: MarketTable,
        column: &str,
        dimension: Dimension,
        name: &str,
    ) -> Option<&'static str> {
        let is_derivative = matches!(table, MarketTable::FutureDaily | MarketTable::OptionDaily);
        let is_bar = matches!(column, "volume" | "amount");
        match (self.profile, dimension) {
            (_, Dimension::Lots) => Some("手"),
            (Profile::Tushare, Dimension::Shares) => Some(if is_bar { "手" } else { "万股" }),
            (Profile::Tushare, Dimension::Money) if is_bar && !is_derivative => Some("千元"),
            (Profile::Tushare, Dimension::Money) if is_bar || column.ends_with("market_cap") => {
                Some("万元")
            }
            (Profile::Akshare, Dimension::Shares) if is_bar && is_chinese(name) => Some("手"),
            (Profile::Akshare, Dimension::Money) if is_bar && is_derivative => Some("万元"),
            (Profile::Tushare | Profile::Akshare | Profile::Baostock | Profile::Rqalpha, _) => {
                Some(canonical_unit(dimension, true))
            }
            (Profile::Wind | Profile::Choice, _) => {
                let unit = canonical_unit(dimension, true);
                self.note_unit(name, unit);
                Some(unit)
            }
            _ if table == MarketTable::ImpliedVolatilityDaily => {
                let is_points = matches!(name.to_lowercase().as_str(), "close" | "收盘" | "qvix");
                Some(canonical_unit(dimension, is_points))
            }
            _ if is_chinese(name) => None,
            _ => {
                let unit = canonical_unit(dimension, false);
                self.note_unit(name, unit);
                Some(unit)
            }
        }
    }

    fn note_unit(&mut self, name: &str, unit: &str) {
        let is_new = !self.findings.iter().any(|f| f.column.as_deref() == Some(name));
        if is_new {
            let remedy = format!("if it is another, say --unit {name}=UNIT");
            let finding = Finding::new(
                "assumed_unit",
                Severity::Note,
                self.sheet.file,
                "no unit in the column's name",
                format!("taken as {unit}, as this kind of export writes it"),
                remedy,
            );
            self.findings.push(finding.in_column(name));
        }
    }

    /// Says once that the day was taken from the file's name.
    fn note_day(&mut self, day: i32) {
        if self.findings.iter().any(|finding| finding.kind == "day_from_file_name") {
            return;
        }
        self.findings.push(Finding::new(
            "day_from_file_name",
            Severity::Note,
            self.sheet.file,
            format!("no column of days; {} in the file's name", trading_day(day)),
            "a day in every row",
            "nothing, unless the name is of another day; then rename the file",
        ));
    }

    fn note_unread(&mut self, columns: &[PlannedColumn]) {
        let unread: Vec<&str> = columns
            .iter()
            .filter(|c| c.action == Action::Skip && !c.name.is_empty())
            .map(|c| c.name.as_str())
            .collect();
        if !unread.is_empty() && self.options.mapping.is_none() {
            let finding = Finding::new(
                "column_not_read",
                Severity::Note,
                self.sheet.file,
                unread.join(", "),
                "columns of the market tables",
                "if one of them matters, name it in a mapping file",
            );
            self.findings.push(finding.counted(unread.len() as u64));
        }
    }

    fn date_format(&self) -> Result<DateFormat, DataError> {
        if let Some(format) = self.options.date_format.or(mapped(self.options, |m| m.date_format)) {
            return Ok(format);
        }
        let days = ["date", "timestamp", "listed_on", "announced_on", "effective_on", "expiry"];
        let Some(bound) = days.iter().find_map(|name| self.bound(name)) else {
            return Ok(DateFormat::Dashed);
        };
        let samples = samples(self.sheet.grid, bound.source);
        let format = date_format(&samples, true, self.sheet.file)?;
        Ok(format.unwrap_or(DateFormat::Dashed))
    }
}

/// The error of a constant its column cannot hold.
pub(crate) fn wrong_constant(file: &str, column: &str, text: &str) -> DataError {
    let legal = if column == "variant" { "; it is price or total_return" } else { "" };
    DataError::UnknownLayout {
        file: file.to_owned(),
        reason: format!("the constant `{column}` cannot be `{text}`{legal}"),
    }
}

/// Whether a table gets a column beside its key. A list of days or of members says all by its keys.
fn has_value(output: &Output) -> bool {
    let table = output.table;
    let is_key = |name: &str| table.key().iter().any(|key| key.name == name);
    let feeds = table.columns().iter().zip(&output.feeds);
    matches!(table, MarketTable::TradingDay | MarketTable::IndexMember)
        || feeds.into_iter().any(|(c, feed)| matches!(feed, Feed::Source(_)) && !is_key(c.name))
}

/// The error of a sheet that names rows and says nothing about them.
fn only_keys(sheet: &Sheet<'_>, table: MarketTable) -> DataError {
    let is_key = |name: &str| table.key().iter().any(|key| key.name == name);
    let values: Vec<&str> =
        table.columns().iter().map(|c| c.name).filter(|name| !is_key(name)).collect();
    DataError::UnknownLayout {
        file: sheet.file.to_owned(),
        reason: format!(
            "its columns are {}, of which only the key of {table} is recognised; a column for at \
             least one of {} is missing (name it in a mapping file: --mapping FILE)",
            sheet.header.join(", "),
            values.join(", ")
        ),
    }
}

/// The day a file's name starts with, as `20240205_1`.
fn day_of_name(stem: &str) -> Option<i32> {
    let (day, rest) = stem.split_at_checked(8)?;
    let is_day =
        day.bytes().all(|b| b.is_ascii_digit()) && !rest.starts_with(|c: char| c.is_ascii_digit());
    is_day.then(|| from_text(day, DateFormat::Compact)).flatten()
}

/// The canonical unit as a word; a ratio may be customary in percent.
fn canonical_unit(dimension: Dimension, is_percent: bool) -> &'static str {
    match dimension {
        Dimension::Money => "元",
        Dimension::Shares => "股",
        Dimension::Lots => "手",
        Dimension::Ratio if is_percent => "%",
        Dimension::Ratio => "decimal",
        Dimension::Plain => "1",
    }
}

/// The column of a table that holds the code of a row's security.
pub(crate) fn symbol_column(table: MarketTable) -> &'static str {
    if table == MarketTable::IndexMember {
        return "symbol";
    }
    let is_symbol = |column: &&ColumnSpec| column.kind == ColumnKind::Symbol;
    table.key().iter().find(is_symbol).map_or("", |column| column.name)
}
