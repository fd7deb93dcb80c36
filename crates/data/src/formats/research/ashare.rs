//! The daily panel of A shares: adjusted bars with an unadjusted close beside them.
//!
//! The panel gives adjusted open, high, low and close, and `close_raw`, the unadjusted close. The bar is
//! scaled by `close_raw / close` of its day and put on the tick; `adjust_factor = close / close_raw`
//! leads back. The ex-right reference price is the previous adjusted close at today's scale. Where
//! `close_raw` is missing there is no unadjusted bar: the row keeps volume and amount, and its adjusted
//! bar goes to `stock_adjusted_daily`, so that nothing is lost and nothing is made up.
//!
//! Method page: `docs/method/data_formats.md`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float32Type, Float64Type, Int8Type, Int32Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float32Array, Float64Array, Int32Array, Int64Array,
    RecordBatch,
};
use arrow_schema::DataType;
use rayon::prelude::*;
use shoals_core::{Finding, Rules, SecurityKind, Severity};

use super::limits::Limits;
use crate::formats::delimited::null_array;
use crate::formats::delimited::symbol::{SymbolCoder, dictionary};
use crate::formats::parquet_file::{decode, schema_with};
use crate::formats::text::{corrupt, name};
use crate::{DataError, Loaded, MarketTable};

/// Columns decoded side by side: groups of about equal work.
const GROUPS: [&[&str]; 4] = [
    &["date", "code", "open", "close", "is_st", "raw_src"],
    &["volume", "high", "low", "pb_src"],
    &["amount", "close_raw", "amount_measured"],
    &["total_mv", "float_mv", "pb", "pe_ttm"],
];

/// One batch of the panel, decoded.
struct Panel {
    /// Days since 1970-01-01.
    date: Date32Array,
    /// Numbers of the stocks in the coder of all files.
    stock: Vec<i32>,
    open: Float32Array,
    high: Float32Array,
    low: Float32Array,
    close: Float32Array,
    volume: Int64Array,
    amount: Float64Array,
    amount_measured: BooleanArray,
    close_raw: Float32Array,
    raw_src: arrow_array::Int8Array,
    total_mv: Float32Array,
    float_mv: Float32Array,
    pb: Float32Array,
    pb_src: arrow_array::Int8Array,
    pe_ttm: Float32Array,
    is_st: arrow_array::Int8Array,
}

/// What is known of a stock from the rows before.
#[derive(Clone, Copy)]
struct Past {
    /// Last adjusted close; NaN before the first.
    close: f64,
    /// Rows without a limit that are still to come.
    free_rows: u32,
}

/// What a row needs to know of the rows before it.
struct Before {
    /// Adjusted close of the stock's previous row; NaN on the first.
    close: Vec<f64>,
    /// Whether a limit holds.
    is_limited: Vec<bool>,
}

/// Reads the panel's files, oldest first; `progress` is told the bytes done.
///
/// # Errors
/// When a file is not whole or its columns are of other types.
pub(super) fn read(
    files: &[(PathBuf, u64)],
    rules: &Rules,
    progress: &dyn Fn(u64),
) -> Result<Vec<Loaded>, DataError> {
    let mut state = State {
        coder: SymbolCoder::new(Some(SecurityKind::Stock)),
        past: Vec::new(),
        first_day: None,
    };
    let mut loaded = Vec::new();
    let mut done = 0;
    for (path, size) in files {
        loaded.extend(state.file(path, rules)?);
        done += size;
        progress(done);
    }
    Ok(loaded)
}

struct State {
    coder: SymbolCoder,
    past: Vec<Past>,
    /// First day of the whole panel: a stock that comes later was listed then.
    first_day: Option<i32>,
}

impl State {
    fn file(&mut self, path: &Path, rules: &Rules) -> Result<Vec<Loaded>, DataError> {
        let panels = self.decode(path)?;
        let days = || panels.iter().flat_map(|p| p.date.values().iter().copied());
        let (Some(first), Some(last)) = (days().min(), days().max()) else {
            return Err(corrupt(path, "Parquet", "it holds no rows"));
        };
        let limits = Limits::between(first, last, rules);
        let first_day = *self.first_day.get_or_insert(first);
        let boards: Vec<Option<usize>> =
            self.coder.symbols().iter().map(|s| Limits::board(*s)).collect();
        let before: Vec<Before> =
            panels.iter().map(|panel| self.look_back(panel, first_day, &limits, &boards)).collect();
        let values = self.coder.values();
        let tables: Result<Vec<Tables>, DataError> = panels
            .par_iter()
            .zip(&before)
            .map(|(panel, before)| tables(panel, before, &limits, &boards, &values))
            .collect();
        Ok(loaded(path, &panels, tables?))
    }

    fn decode(&mut self, path: &Path) -> Result<Vec<Panel>, DataError> {
        let code = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
        let schema = schema_with(path, |field| (field.name() == "code").then(|| code.clone()))?;
        let groups: Result<Vec<Vec<RecordBatch>>, DataError> = GROUPS
            .par_iter()
            .map(|columns| decode(path, columns, Some(Arc::clone(&schema))))
            .collect();
        let groups = groups?;
        let n_batches = groups.iter().map(Vec::len).min().unwrap_or(0);
        (0..n_batches).map(|i| self.panel(path, groups.iter().map(|group| &group[i]))).collect()
    }

    fn panel<'a>(
        &mut self,
        path: &Path,
        groups: impl Iterator<Item = &'a RecordBatch>,
    ) -> Result<Panel, DataError> {
        let mut columns: BTreeMap<String, ArrayRef> = BTreeMap::new();
        for batch in groups {
            for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
                columns.insert(field.name().clone(), Arc::clone(column));
            }
        }
        let get = |name: &str, data_type: &DataType| -> Result<ArrayRef, DataError> {
            let column = columns
                .get(name)
                .ok_or_else(|| corrupt(path, "Parquet", format!("it has no column {name}")))?;
            Ok(arrow_cast::cast(column, data_type)?)
        };
        let single = |name: &str| {
            Ok::<_, DataError>(get(name, &DataType::Float32)?.as_primitive::<Float32Type>().clone())
        };
        let small = |name: &str| {
            Ok::<_, DataError>(get(name, &DataType::Int8)?.as_primitive::<Int8Type>().clone())
        };
        let date = get("date", &DataType::Date32)?.as_primitive::<Date32Type>().clone();
        let stock = self.stocks(&columns["code"])?;
        if date.null_count() > 0 {
            return Err(corrupt(path, "Parquet", "it has rows without a day"));
        }
        Ok(Panel {
            date,
            stock,
            open: single("open")?,
            high: single("high")?,
            low: single("low")?,
            close: single("close")?,
            volume: get("volume", &DataType::Int64)?.as_primitive::<Int64Type>().clone(),
            amount: get("amount", &DataType::Float64)?.as_primitive::<Float64Type>().clone(),
            amount_measured: get("amount_measured", &DataType::Boolean)?.as_boolean().clone(),
            close_raw: single("close_raw")?,
            raw_src: small("raw_src")?,
            total_mv: single("total_mv")?,
            float_mv: single("float_mv")?,
            pb: single("pb")?,
            pb_src: small("pb_src")?,
            pe_ttm: single("pe_ttm")?,
            is_st: small("is_st")?,
        })
    }

    /// Numbers of the stocks, each code understood once.
    fn stocks(&mut self, codes: &ArrayRef) -> Result<Vec<i32>, DataError> {
        let codes = codes.as_dictionary::<Int32Type>();
        let values = arrow_cast::cast(codes.values(), &DataType::Utf8)?;
        let numbers: Result<Vec<i32>, DataError> = values
            .as_string::<i32>()
            .iter()
            .map(|code| Ok(self.coder.code(code.unwrap_or_default().as_bytes())?))
            .collect();
        let numbers = numbers?;
        Ok(codes.keys().values().iter().map(|key| numbers[*key as usize]).collect())
    }

    /// Walks the rows in order and notes what each needs of the ones before.
    fn look_back(
        &mut self,
        panel: &Panel,
        first_day: i32,
        limits: &Limits,
        boards: &[Option<usize>],
    ) -> Before {
        const UNSEEN: u32 = u32::MAX;
        self.past.resize(boards.len(), Past { close: f64::NAN, free_rows: UNSEEN });
        let n = panel.stock.len();
        let mut before = Before { close: Vec::with_capacity(n), is_limited: Vec::with_capacity(n) };
        for i in 0..n {
            let stock = panel.stock[i] as usize;
            let past = &mut self.past[stock];
            if past.free_rows == UNSEEN {
                let day = panel.date.value(i);
                let is_listing = day > first_day;
                let board = boards[stock].filter(|_| is_listing);
                past.free_rows = board.map_or(0, |board| limits.free_days(board, day));
            }
            before.close.push(past.close);
            before.is_limited.push(past.free_rows == 0);
            past.free_rows = past.free_rows.saturating_sub(1);
            if panel.close.is_valid(i) {
                past.close = f64::from(panel.close.value(i));
            }
        }
        before
    }
}

/// The market tables of one batch.
struct Tables {
    daily: RecordBatch,
    valuation: RecordBatch,
    /// Rows without an unadjusted close, and where they stand in the batch.
    adjusted: RecordBatch,
    adjusted_rows: Vec<usize>,
}

fn tables(
    panel: &Panel,
    before: &Before,
    limits: &Limits,
    boards: &[Option<usize>],
    values: &ArrayRef,
) -> Result<Tables, DataError> {
    let date: ArrayRef = Arc::new(panel.date.clone());
    let symbol = dictionary(Int32Array::from(panel.stock.clone()), values);
    let daily = daily(panel, before, limits, boards, &date, &symbol)?;
    let valuation = valuation(panel, &date, &symbol)?;
    let adjusted_rows: Vec<usize> =
        (0..panel.stock.len()).filter(|i| panel.close_raw.is_null(*i)).collect();
    let adjusted = adjusted(panel, &adjusted_rows, &date, &symbol)?;
    Ok(Tables { daily, valuation, adjusted, adjusted_rows })
}

/// To the fen.
fn to_fen(price: f64) -> f64 {
    (price * 100.0).round() / 100.0
}

fn doubles(values: Vec<f64>, validity: Option<NullBuffer>) -> ArrayRef {
    Arc::new(Float64Array::new(values.into(), validity))
}

fn daily(
    panel: &Panel,
    before: &Before,
    limits: &Limits,
    boards: &[Option<usize>],
    date: &ArrayRef,
    symbol: &ArrayRef,
) -> Result<RecordBatch, DataError> {
    let n = panel.stock.len();
    let raw = panel.close_raw.nulls().cloned();
    let close: Vec<f64> = panel.close_raw.values().iter().map(|x| to_fen(f64::from(*x))).collect();
    let scale: Vec<f64> = (0..n).map(|i| close[i] / f64::from(panel.close.value(i))).collect();
    let scaled = |prices: &Float32Array| {
        let values = (0..n).map(|i| to_fen(f64::from(prices.value(i)) * scale[i])).collect();
        doubles(values, NullBuffer::union(raw.as_ref(), prices.nulls()))
    };
    let pre_close: Vec<f64> = (0..n).map(|i| to_fen(before.close[i] * scale[i])).collect();
    let has_pre_close = BooleanBuffer::collect_bool(n, |i| before.close[i].is_finite());
    let pre_validity = NullBuffer::union(raw.as_ref(), Some(&NullBuffer::new(has_pre_close)));
    let (up, down) = limit_prices(panel, before, limits, boards, &pre_close, pre_validity.as_ref());
    let shares = |cap: &Float32Array| {
        let one = |i: usize| {
            (f64::from(cap.value(i)) * 1e4 / f64::from(panel.close_raw.value(i))).round()
        };
        doubles((0..n).map(one).collect(), NullBuffer::union(raw.as_ref(), cap.nulls()))
    };
    let factor = scale.iter().map(|scale| scale.recip()).collect();
    let known_st = BooleanBuffer::collect_bool(n, |i| panel.is_st.value(i) >= 0);
    let is_st = BooleanBuffer::collect_bool(n, |i| panel.is_st.value(i) == 1);
    let is_suspended = BooleanBuffer::collect_bool(n, |i| panel.volume.value(i) == 0);
    let amount: Float64Array = panel.amount.unary(|thousands| thousands * 1e3);
    let columns: Vec<ArrayRef> = vec![
        Arc::clone(date),
        Arc::clone(symbol),
        scaled(&panel.open),
        scaled(&panel.high),
        scaled(&panel.low),
        doubles(close.clone(), raw.clone()),
        doubles(pre_close, pre_validity),
        Arc::new(panel.volume.clone()),
        Arc::new(amount),
        doubles(factor, raw.clone()),
        shares(&panel.total_mv),
        shares(&panel.float_mv),
        Arc::new(BooleanArray::new(is_st, Some(NullBuffer::new(known_st)))),
        Arc::new(BooleanArray::new(is_suspended, panel.volume.nulls().cloned())),
        up,
        down,
    ];
    Ok(RecordBatch::try_new(MarketTable::StockDaily.schema(), columns)?)
}

/// Limit prices; a stock of unknown standing is taken as not under special treatment.
fn limit_prices(
    panel: &Panel,
    before: &Before,
    limits: &Limits,
    boards: &[Option<usize>],
    pre_close: &[f64],
    validity: Option<&NullBuffer>,
) -> (ArrayRef, ArrayRef) {
    let n = panel.stock.len();
    let (mut up, mut down) = (vec![f64::NAN; n], vec![f64::NAN; n]);
    for i in 0..n {
        let is_known = before.is_limited[i] && validity.is_none_or(|v| v.is_valid(i));
        let Some(board) = boards[panel.stock[i] as usize].filter(|_| is_known) else { continue };
        let is_st = panel.is_st.value(i) == 1;
        if let Some(prices) = limits.prices(board, is_st, panel.date.value(i), pre_close[i]) {
            (up[i], down[i]) = prices;
        }
    }
    let known = NullBuffer::new(BooleanBuffer::collect_bool(n, |i| !up[i].is_nan()));
    (doubles(up, Some(known.clone())), doubles(down, Some(known)))
}

fn valuation(panel: &Panel, date: &ArrayRef, symbol: &ArrayRef) -> Result<RecordBatch, DataError> {
    let wide =
        |ratio: &Float32Array| -> ArrayRef { Arc::new(ratio.unary::<_, Float64Type>(f64::from)) };
    let cap = |cap: &Float32Array| -> ArrayRef {
        Arc::new(cap.unary::<_, Float64Type>(|ten_thousands| f64::from(ten_thousands) * 1e4))
    };
    let n = panel.stock.len();
    // A ratio of zero is how the source writes "not reported".
    let has_pe = BooleanBuffer::collect_bool(n, |i| panel.pe_ttm.value(i) != 0.0);
    let pe_validity = NullBuffer::union(panel.pe_ttm.nulls(), Some(&NullBuffer::new(has_pe)));
    let pe = panel.pe_ttm.values().iter().map(|x| f64::from(*x)).collect();
    let schema = MarketTable::StockValuation.schema();
    let none = null_array(&DataType::Float64, n);
    let columns: Vec<ArrayRef> = vec![
        Arc::clone(date),
        Arc::clone(symbol),
        wide(&panel.pb),
        doubles(pe, pe_validity),
        Arc::clone(&none),
        none,
        cap(&panel.total_mv),
        cap(&panel.float_mv),
    ];
    Ok(RecordBatch::try_new(schema, columns)?)
}

fn adjusted(
    panel: &Panel,
    rows: &[usize],
    date: &ArrayRef,
    symbol: &ArrayRef,
) -> Result<RecordBatch, DataError> {
    let rows = Int32Array::from_iter_values(rows.iter().map(|row| *row as i32));
    let take = |column: &dyn Array| arrow_select::take::take(column, &rows, None);
    let wide = |prices: &Float32Array| {
        let wide: Float64Array = prices.unary(f64::from);
        take(&wide)
    };
    let columns = vec![
        take(date.as_ref())?,
        take(symbol.as_ref())?,
        wide(&panel.open)?,
        wide(&panel.high)?,
        wide(&panel.low)?,
        wide(&panel.close)?,
        take(&panel.volume)?,
    ];
    Ok(RecordBatch::try_new(MarketTable::StockAdjustedDaily.schema(), columns)?)
}

/// The batches of a file as loaded tables, with notes on what is estimated.
fn loaded(path: &Path, panels: &[Panel], tables: Vec<Tables>) -> Vec<Loaded> {
    let file = name(path);
    let source_columns = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    };
    let mut adjusted_rows = Vec::new();
    let mut first_row = 0;
    for (panel, table) in panels.iter().zip(&tables) {
        adjusted_rows.extend(table.adjusted_rows.iter().map(|row| first_row + *row as u64 + 1));
        first_row += panel.stock.len() as u64;
    }
    let (mut daily, mut valuation, mut adjusted) = (Vec::new(), Vec::new(), Vec::new());
    for table in tables {
        daily.push(table.daily);
        valuation.push(table.valuation);
        adjusted.extend(Some(table.adjusted).filter(|batch| batch.num_rows() > 0));
    }
    let one = |table, batches, columns: &[(&str, &str)]| Loaded {
        table,
        file: file.clone(),
        batches,
        source_rows: None,
        source_columns: source_columns(columns),
        findings: Vec::new(),
    };
    let bars = [
        ("symbol", "code"),
        ("close", "close_raw"),
        ("adjust_factor", "close / close_raw"),
        ("total_shares", "total_mv"),
        ("free_float_shares", "float_mv"),
    ];
    let caps = [
        ("symbol", "code"),
        ("total_market_cap", "total_mv"),
        ("free_float_market_cap", "float_mv"),
    ];
    let mut all = vec![
        Loaded { findings: notes(&file, panels), ..one(MarketTable::StockDaily, daily, &bars) },
        one(MarketTable::StockValuation, valuation, &caps),
    ];
    if !adjusted.is_empty() {
        let table = one(MarketTable::StockAdjustedDaily, adjusted, &[("symbol", "code")]);
        all.push(Loaded { source_rows: Some(adjusted_rows), ..table });
    }
    all
}

/// What in a file is estimated or unknown, counted.
fn notes(file: &str, panels: &[Panel]) -> Vec<Finding> {
    let count = |is: &dyn Fn(&Panel, usize) -> bool| {
        panels.iter().map(|p| (0..p.stock.len()).filter(|i| is(p, *i)).count() as u64).sum::<u64>()
    };
    let rows = [
        (
            "estimated_ratio",
            "pb",
            count(&|p, i| p.pb_src.value(i) == 2),
            "price-to-book ratios interpolated between reports",
            "reported ratios",
            "use them to rank, not as levels",
        ),
        (
            "estimated_amount",
            "amount",
            count(&|p, i| !p.amount_measured.value(i) && p.amount.is_valid(i)),
            "amounts computed as volume times price",
            "measured amounts",
            "nothing, unless single days of single stocks matter",
        ),
        (
            "estimated_price",
            "close_raw",
            count(&|p, i| p.raw_src.value(i) > 0 && p.close_raw.is_valid(i)),
            "unadjusted closes inferred from amounts or earlier factors",
            "recorded closes",
            "use adjusted closes for returns, which are not affected",
        ),
        (
            "no_unadjusted_price",
            "close_raw",
            count(&|p, i| p.close_raw.is_null(i)),
            "adjusted bars without an unadjusted close",
            "both",
            "nothing: these bars are in stock_adjusted_daily",
        ),
        (
            "unknown_status",
            "is_st",
            count(&|p, i| p.is_st.value(i) < 0),
            "rows whose special treatment is not known",
            "1 or 0",
            "their limit prices are those of ordinary stocks",
        ),
    ];
    rows.into_iter()
        .filter(|row| row.2 > 0)
        .map(|(kind, column, n, found, expected, remedy)| {
            Finding::new(kind, Severity::Note, file, found, expected, remedy)
                .in_column(column)
                .counted(n)
        })
        .collect()
}
