//! One CSV of stock days into one Parquet file sorted by date and code, findings included.
//!
//! Prints one line of JSON with the times and a checksum of the file, in the shape of the peers' own
//! scripts. `benches/w8_side_by_side.sh` runs both.
//!
//! Usage: `SHOALS_BENCH_DATA=DIR cargo run --release --example w8 -- --size L`

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and its arguments")]
#![expect(clippy::print_stdout, reason = "its result is a line on standard output")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema, SchemaRef};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};
use shoals_core::{Calendar, Rules};
use shoals_data::formats::{Mapping, Profile, ReadOptions, read};
use shoals_data::store::write_sorted;
use shoals_data::{Loaded, MarketTable, doctor};

type Failure = Box<dyn std::error::Error>;

const MAPPING: &str = r#"
table = "stock_daily"
[columns]
date = "date"
code = "symbol"
open = "open"
high = "high"
low = "low"
close = "close"
volume = "volume"
amount = "amount"
mcap = "total_market_cap"
suspended = "is_suspended"
st = "is_st"
"#;

/// Columns of the file in the source's order, and the table each was read into.
const COLUMNS: [(&str, MarketTable, &str); 11] = [
    ("date", MarketTable::StockDaily, "date"),
    ("code", MarketTable::StockDaily, "symbol"),
    ("open", MarketTable::StockDaily, "open"),
    ("high", MarketTable::StockDaily, "high"),
    ("low", MarketTable::StockDaily, "low"),
    ("close", MarketTable::StockDaily, "close"),
    ("volume", MarketTable::StockDaily, "volume"),
    ("amount", MarketTable::StockDaily, "amount"),
    ("mcap", MarketTable::StockValuation, "total_market_cap"),
    ("suspended", MarketTable::StockDaily, "is_suspended"),
    ("st", MarketTable::StockDaily, "is_st"),
];

fn main() -> Result<(), Failure> {
    let size = argument("--size").unwrap_or_else(|| "S".to_owned());
    let data = PathBuf::from(std::env::var("SHOALS_BENCH_DATA")?);
    let source = data.join(format!("stock_day_{size}.csv"));
    let target = std::env::temp_dir().join(format!("w8_{size}_{}.parquet", std::process::id()));

    let options = ReadOptions { mapping: Some(MAPPING.parse::<Mapping>()?), ..Default::default() };
    let start = (Instant::now(), cpu_seconds());
    let loaded = read(Profile::Csv, &source, &options, &|_, _| {})?;
    let read_at = (Instant::now(), cpu_seconds());
    let findings = doctor::examine(&loaded, Calendar::shanghai(), Rules::builtin());
    let examined_at = Instant::now();
    let (schema, batches) = side_by_side(&loaded)?;
    let summary = write_sorted(&target, &schema, 2, &batches)?;
    let end = (Instant::now(), cpu_seconds());
    let peak_rss_mb = peak_rss_mb();

    let seconds = (end.0 - read_at.0).as_secs_f64();
    let load_seconds = (read_at.0 - start.0).as_secs_f64();
    let line = json!({
        "work": "W8", "peer": "shoals", "size": size,
        "seconds": seconds, "load_seconds": load_seconds, "total_seconds": seconds + load_seconds,
        "doctor_seconds": (examined_at - read_at.0).as_secs_f64(),
        "write_seconds": (end.0 - examined_at).as_secs_f64(),
        "cpu_seconds": end.1 - read_at.1, "load_cpu_seconds": read_at.1 - start.1,
        "peak_rss_mb": peak_rss_mb, "threads": rayon::current_num_threads(),
        "findings": findings.len() + loaded.iter().map(|one| one.findings.len()).sum::<usize>(),
        "out_mb": std::fs::metadata(&target)?.len() as f64 / 1e6,
        "row_groups": summary.n_row_groups,
        "checksum": checksum(&target)?,
    });
    println!("{line}");
    std::fs::remove_file(&target)?;
    Ok(())
}

fn argument(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}

/// The columns of both tables in one batch a piece, under the source's names.
fn side_by_side(loaded: &[Loaded]) -> Result<(SchemaRef, Vec<RecordBatch>), Failure> {
    let of = |table| loaded.iter().find(|one| one.table == table).ok_or("a table is missing");
    let (bars, caps) = (of(MarketTable::StockDaily)?, of(MarketTable::StockValuation)?);
    let fields = COLUMNS.iter().enumerate().map(|(i, (name, table, column))| {
        let field = table.schema().field_with_name(column).cloned();
        field.map(|field: Field| field.with_name(*name).with_nullable(i >= 2))
    });
    let schema = Arc::new(Schema::new(fields.collect::<Result<Vec<Field>, _>>()?));
    let batches = bars.batches.iter().zip(&caps.batches).map(|(bars, caps)| {
        let columns = COLUMNS.iter().map(|(_, table, column)| -> ArrayRef {
            let batch = if *table == MarketTable::StockDaily { bars } else { caps };
            Arc::clone(batch.column_by_name(column).expect("a column of the table's schema"))
        });
        RecordBatch::try_new(Arc::clone(&schema), columns.collect())
    });
    let batches = batches.collect::<Result<_, _>>()?;
    Ok((schema, batches))
}

/// What the peers' scripts print of the file they wrote, after the clock has stopped.
fn checksum(path: &Path) -> Result<Value, Failure> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(path)?)?;
    let (mut rows, mut null_close, mut volume) = (0, 0, 0_i64);
    let (mut close, mut mcap, mut sorted) = (0.0, 0.0, true);
    let mut last = None;
    for batch in builder.build()? {
        let batch = batch?;
        let column = |name| batch.column_by_name(name).expect("written above");
        rows += batch.num_rows();
        null_close += column("close").null_count();
        close += column("close").as_primitive::<Float64Type>().iter().flatten().sum::<f64>();
        mcap += column("mcap").as_primitive::<Float64Type>().iter().flatten().sum::<f64>();
        volume += column("volume").as_primitive::<Int64Type>().iter().flatten().sum::<i64>();
        let days = column("date").as_primitive::<Date32Type>();
        for (day, code) in days.values().iter().zip(column("code").as_string::<i32>()) {
            let key = Some((*day, code.unwrap_or_default().to_owned()));
            sorted &= last < key;
            last = key;
        }
    }
    Ok(json!({
        "rows": rows, "sorted": sorted, "sum_close": close, "null_close": null_close,
        "sum_volume": volume, "sum_mcap": mcap,
    }))
}

/// User and system time of this process; clock ticks are hundredths of a second on Linux.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(2);
    ticks.filter_map(|text| text.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn peak_rss_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib / 1024.0)
}
