//! A generated stock market without a defect, and canonical tables made by hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int64Array, RecordBatch,
    StringArray, types::Int32Type,
};
use shoals_core::{Calendar, TradingDay, day};
use shoals_data::schema::ColumnKind;
use shoals_data::{Loaded, MarketTable};

/// A row of `stock_daily`; NaN is null.
#[derive(Debug, Clone)]
pub(crate) struct Bar {
    /// Distinguishes rows whatever becomes of their order.
    pub(crate) tag: usize,
    pub(crate) date: i32,
    pub(crate) symbol: u32,
    pub(crate) open: f64,
    pub(crate) high: f64,
    pub(crate) low: f64,
    pub(crate) close: f64,
    pub(crate) pre_close: f64,
    pub(crate) volume: i64,
    pub(crate) amount: f64,
    pub(crate) factor: f64,
    pub(crate) total_shares: f64,
    pub(crate) float_shares: f64,
    pub(crate) is_st: bool,
    pub(crate) is_suspended: bool,
    pub(crate) is_ex_right: bool,
}

/// A generator good enough for test prices (Knuth's MMIX constants).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn unit(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }
}

/// A market of symbols in order, days rising within each; lives begin and end at their own days.
pub(crate) fn market(seed: u64, n_symbols: u32, n_days: usize) -> Vec<Bar> {
    let days = Calendar::shanghai().days(day(2022, 1, 4), day(2026, 6, 30));
    let days: Vec<i32> = days[..n_days].iter().map(|day| day.epoch_days()).collect();
    let mut bars = Vec::new();
    for symbol in 0..n_symbols {
        let mut dice = Dice(seed ^ (u64::from(symbol) << 32));
        let start = if symbol % 5 == 4 { dice.below(n_days / 4) } else { 0 };
        let end = if symbol % 7 == 6 { n_days - dice.below(n_days / 4) } else { n_days };
        life(symbol, &days[start..end], &mut dice, &mut bars);
    }
    bars
}

fn life(symbol: u32, days: &[i32], dice: &mut Dice, bars: &mut Vec<Bar>) {
    let mut last = fen(5.0 + 45.0 * dice.unit());
    let mut factor = 1.0 + dice.unit();
    let total_shares = 1e8 * (1.0 + 50.0 * dice.unit()).floor();
    let is_st = symbol % 10 == 3;
    for (i, &date) in days.iter().enumerate() {
        let is_ex_right = i > 0 && i % 40 == 17;
        let pre_close = if is_ex_right { fen(last * 0.97) } else { last };
        factor *= last / pre_close;
        let is_suspended = i % 50 == 33;
        let mut bar = trade(pre_close, if is_st { 0.03 } else { 0.06 }, total_shares, dice);
        if is_suspended {
            (bar.open, bar.high, bar.low) = (f64::NAN, f64::NAN, f64::NAN);
            (bar.close, bar.volume, bar.amount) = (pre_close, 0, 0.0);
        }
        last = bar.close;
        bars.push(Bar {
            tag: bars.len(),
            date,
            symbol,
            factor,
            is_st,
            is_suspended,
            is_ex_right,
            ..bar
        });
    }
}

fn trade(pre_close: f64, range: f64, total_shares: f64, dice: &mut Dice) -> Bar {
    let price = |dice: &mut Dice| fen(pre_close * (1.0 + range * (2.0 * dice.unit() - 1.0)));
    let (open, close) = (price(dice), price(dice));
    let (one, two) = (price(dice), price(dice));
    let high = open.max(close).max(one).max(two);
    let low = open.min(close).min(one).min(two);
    let volume = (total_shares * 0.6 * (0.001 + 0.05 * dice.unit())) as i64;
    let average = low + (high - low) * dice.unit();
    Bar {
        tag: 0,
        date: 0,
        symbol: 0,
        open,
        high,
        low,
        close,
        pre_close,
        volume,
        amount: volume as f64 * average,
        factor: 1.0,
        total_shares,
        float_shares: total_shares * 0.6,
        is_st: false,
        is_suspended: false,
        is_ex_right: false,
    }
}

fn fen(price: f64) -> f64 {
    (price * 100.0).round() / 100.0
}

/// The code of a generated symbol, on all four boards.
pub(crate) fn code(symbol: u32) -> String {
    match symbol % 5 {
        0 => format!("{}.SH", 600_000 + symbol),
        1 => format!("{:06}.SZ", 1 + symbol),
        2 => format!("{}.SZ", 300_001 + symbol),
        3 => format!("{}.SH", 688_001 + symbol),
        _ => format!("{}.BJ", 830_000 + symbol),
    }
}

/// The bars as a table in their order, `batch` rows a batch.
pub(crate) fn stock_daily(bars: &[Bar], batch: usize) -> Loaded {
    let batches =
        bars.chunks(batch).map(|bars| record_batch(MarketTable::StockDaily, &columns(bars)));
    let source_columns = BTreeMap::from([("close".to_owned(), "收盘".to_owned())]);
    Loaded { source_columns, ..loaded(MarketTable::StockDaily, "market.csv", batches.collect()) }
}

fn columns(bars: &[Bar]) -> Vec<(&'static str, ArrayRef)> {
    let number = |value: fn(&Bar) -> f64| numbers(&bars.iter().map(value).collect::<Vec<_>>());
    let flag = |value: fn(&Bar) -> bool| -> ArrayRef {
        Arc::new(BooleanArray::from(bars.iter().map(value).collect::<Vec<_>>()))
    };
    vec![
        ("date", days(&bars.iter().map(|bar| bar.date).collect::<Vec<_>>())),
        ("symbol", symbol_column(bars)),
        ("open", number(|bar| bar.open)),
        ("high", number(|bar| bar.high)),
        ("low", number(|bar| bar.low)),
        ("close", number(|bar| bar.close)),
        ("pre_close", number(|bar| bar.pre_close)),
        ("volume", Arc::new(Int64Array::from_iter_values(bars.iter().map(|bar| bar.volume)))),
        ("amount", number(|bar| bar.amount)),
        ("adjust_factor", number(|bar| bar.factor)),
        ("total_shares", number(|bar| bar.total_shares)),
        ("free_float_shares", number(|bar| bar.float_shares)),
        ("is_st", flag(|bar| bar.is_st)),
        ("is_suspended", flag(|bar| bar.is_suspended)),
    ]
}

/// A dictionary of the symbols in use, as a reader makes one a batch.
fn symbol_column(bars: &[Bar]) -> ArrayRef {
    let n = bars.iter().map(|bar| bar.symbol).max().map_or(0, |last| last as usize + 1);
    let mut keys = vec![-1; n];
    let mut names = Vec::new();
    let key = |bar: &Bar| {
        let key = &mut keys[bar.symbol as usize];
        if *key < 0 {
            *key = names.len() as i32;
            names.push(code(bar.symbol));
        }
        *key
    };
    let keys: Vec<i32> = bars.iter().map(key).collect();
    Arc::new(DictionaryArray::<Int32Type>::new(keys.into(), Arc::new(StringArray::from(names))))
}

/// A table of one file from batches.
pub(crate) fn loaded(table: MarketTable, file: &str, batches: Vec<RecordBatch>) -> Loaded {
    Loaded {
        table,
        file: file.to_owned(),
        batches,
        source_rows: None,
        source_columns: BTreeMap::new(),
        findings: Vec::new(),
    }
}

/// A one-batch table; columns not given are null.
pub(crate) fn table(table: MarketTable, file: &str, given: &[(&'static str, ArrayRef)]) -> Loaded {
    loaded(table, file, vec![record_batch(table, given)])
}

/// A table written as lines: names of columns, then rows, a space between cells. A `NaN` and
/// columns not given are null.
pub(crate) fn written(market: MarketTable, lines: &[&str]) -> Loaded {
    let cells: Vec<Vec<&str>> = lines.iter().map(|line| line.split(' ').collect()).collect();
    let column = |i: usize| -> Vec<&str> { cells[1..].iter().map(|row| row[i]).collect() };
    let given: Vec<(&'static str, ArrayRef)> = (0..cells[0].len())
        .map(|i| {
            let spec = market.columns().iter().find(|spec| spec.name == cells[0][i]);
            let spec = spec.expect("a column of the table");
            (spec.name, parsed(spec.kind, &column(i)))
        })
        .collect();
    table(market, "lines", &given)
}

fn parsed(kind: ColumnKind, cells: &[&str]) -> ArrayRef {
    match kind {
        ColumnKind::Day => dates(cells),
        ColumnKind::Symbol => symbols(cells),
        ColumnKind::Text => texts(cells),
        ColumnKind::Number => numbers(&each(cells)),
        ColumnKind::Count => counts(&each(cells)),
        ColumnKind::Flag => flags(&each(cells)),
        ColumnKind::Timestamp => panic!("no test writes a timestamp"),
    }
}

/// Every cell read as a `T`.
fn each<T: std::str::FromStr>(cells: &[&str]) -> Vec<T> {
    let read = |cell: &&str| cell.parse().ok().expect("a cell of the column's kind");
    cells.iter().map(read).collect()
}

fn record_batch(table: MarketTable, given: &[(&'static str, ArrayRef)]) -> RecordBatch {
    let n = given[0].1.len();
    let column = |field: &Arc<arrow_schema::Field>| {
        let named = given.iter().find(|(name, _)| name == field.name());
        named.map_or_else(|| arrow_array::new_null_array(field.data_type(), n), |(_, a)| a.clone())
    };
    let schema = table.schema();
    let arrays = schema.fields().iter().map(column).collect();
    RecordBatch::try_new(schema, arrays).expect("columns of the table's types")
}

/// Numbers, NaN as null.
pub(crate) fn numbers(values: &[f64]) -> ArrayRef {
    Arc::new(values.iter().map(|x| (!x.is_nan()).then_some(*x)).collect::<Float64Array>())
}

/// Counts.
pub(crate) fn counts(values: &[i64]) -> ArrayRef {
    Arc::new(Int64Array::from(values.to_vec()))
}

/// Days.
pub(crate) fn days(values: &[i32]) -> ArrayRef {
    Arc::new(Date32Array::from(values.to_vec()))
}

/// Days written `2024-02-05`.
pub(crate) fn dates(values: &[&str]) -> ArrayRef {
    let epoch = |text: &&str| text.parse::<TradingDay>().expect("a date").epoch_days();
    days(&values.iter().map(epoch).collect::<Vec<_>>())
}

/// The first `n` open days from a day.
pub(crate) fn open_days(from: TradingDay, n: usize) -> Vec<i32> {
    let calendar = Calendar::shanghai();
    calendar.days(from, calendar.last())[..n].iter().map(|day| day.epoch_days()).collect()
}

/// Canonical codes.
pub(crate) fn symbols(values: &[&str]) -> ArrayRef {
    Arc::new(values.iter().copied().collect::<DictionaryArray<Int32Type>>())
}

/// Text.
pub(crate) fn texts(values: &[&str]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// Flags.
pub(crate) fn flags(values: &[bool]) -> ArrayRef {
    Arc::new(BooleanArray::from(values.to_vec()))
}
