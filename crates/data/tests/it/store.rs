//! The store's promises: whole versions, upserts, history, and what a `kill -9` may leave.

#![expect(clippy::disallowed_methods, reason = "tests look at the store's files themselves")]
#![expect(
    clippy::print_stdout,
    reason = "the killed process says when it begins, the test what it saw"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int32Type};
use arrow_array::{
    ArrayRef, Date32Array, DictionaryArray, Float64Array, RecordBatch, StringArray, new_null_array,
};
use shoals_core::{Severity, Symbol, TradingDay, day};
use shoals_data::formats::{Profile, ReadOptions};
use shoals_data::{
    DataError, ImportOptions, MarketTable, PreparedImport, Selection, Store, import,
};

const CLOCK: &str = "2024-06-28T16:00:00+08:00";

/// Day, symbol, close.
type Row = (TradingDay, &'static str, Option<f64>);

/// Rows of a table that has `date`, `symbol` and the number column `column`; the rest is missing.
fn batch(
    table: MarketTable,
    column: &str,
    rows: &[(TradingDay, &str, Option<f64>)],
) -> RecordBatch {
    let days: Date32Array = rows.iter().map(|row| Some(row.0.epoch_days())).collect();
    let symbols: DictionaryArray<Int32Type> = rows.iter().map(|row| row.1).collect();
    let values: Float64Array = rows.iter().map(|row| row.2).collect();
    let schema = table.schema();
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        match field.name().as_str() {
            "date" => Arc::new(days.clone()),
            "symbol" => Arc::new(symbols.clone()),
            name if name == column => Arc::new(values.clone()),
            _ => new_null_array(field.data_type(), rows.len()),
        }
    });
    RecordBatch::try_new(table.schema(), columns.collect()).unwrap()
}

fn closes(rows: &[Row]) -> PreparedImport {
    let batches = vec![batch(MarketTable::StockDaily, "close", rows)];
    PreparedImport { tables: vec![(MarketTable::StockDaily, batches)], ..PreparedImport::default() }
}

/// What a table holds in `column`, by day and symbol, in the order it was read.
fn held(store: &Store, table: MarketTable, column: &str) -> Vec<(TradingDay, String, Option<f64>)> {
    let selection = Selection::default().columns(["date", "symbol", column]);
    let mut held = Vec::new();
    for batch in store.read(table, &selection).unwrap() {
        let days = batch.column(0).as_primitive::<Date32Type>();
        let symbols = batch.column(1).as_dictionary::<Int32Type>();
        let symbols = symbols.downcast_dict::<StringArray>().unwrap();
        let values = batch.column(2).as_primitive::<Float64Type>();
        for (i, symbol) in symbols.into_iter().enumerate() {
            let value = values.iter().nth(i).unwrap();
            held.push((
                TradingDay::from_epoch_days(days.value(i)),
                symbol.unwrap().to_owned(),
                value,
            ));
        }
    }
    held
}

fn closes_held(store: &Store) -> Vec<(TradingDay, String, Option<f64>)> {
    held(store, MarketTable::StockDaily, "close")
}

fn owned(rows: &[Row]) -> Vec<(TradingDay, String, Option<f64>)> {
    rows.iter().map(|&(day, symbol, value)| (day, symbol.to_owned(), value)).collect()
}

fn parquet_names(directory: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(directory) else { return Vec::new() };
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".parquet")).collect();
    names.sort();
    names
}

#[test]
fn rows_come_back_sorted_and_selected() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(directory.path()).unwrap();
    let rows: [Row; 5] = [
        (day(2024, 4, 1), "600519.SH", Some(5.0)),
        (day(2024, 2, 5), "600519.SH", Some(2.0)),
        (day(2024, 2, 5), "000852.SZ", Some(1.0)),
        (day(2024, 2, 6), "000852.SZ", None),
        (day(2023, 12, 29), "600519.SH", Some(f64::NAN)),
    ];
    store.commit(closes(&rows), CLOCK).unwrap();
    let sorted: [Row; 5] = [
        (day(2023, 12, 29), "600519.SH", None),
        (day(2024, 2, 5), "000852.SZ", Some(1.0)),
        (day(2024, 2, 5), "600519.SH", Some(2.0)),
        (day(2024, 2, 6), "000852.SZ", None),
        (day(2024, 4, 1), "600519.SH", Some(5.0)),
    ];
    assert_eq!(closes_held(&store), owned(&sorted));
    assert_eq!(closes_held(&Store::open(directory.path()).unwrap()), owned(&sorted));

    let maotai = Symbol::literal("600519.SH");
    let selection = Selection::default()
        .columns(["close", "date"])
        .symbols([maotai])
        .between(Some(day(2024, 1, 1)), Some(day(2024, 2, 28)));
    let read = store.read(MarketTable::StockDaily, &selection).unwrap();
    assert_eq!(read.iter().map(RecordBatch::num_rows).sum::<usize>(), 1);
    assert_eq!(read[0].column(0).as_primitive::<Float64Type>().value(0), 2.0);

    let series = store.series(MarketTable::StockDaily, maotai, "close").unwrap();
    assert_eq!(series.len(), 3);
    assert!(series.values()[0].is_nan());
    assert_eq!(series.at(day(2024, 4, 1)), Some(5.0));

    let panel = store.panel(MarketTable::StockDaily, &["close"], None, None).unwrap();
    assert_eq!((panel.n_days(), panel.n_symbols()), (4, 2));
    assert_eq!(panel.row("close", 1).unwrap(), &[1.0, 2.0]);
    assert!(panel.row("close", 3).unwrap()[0].is_nan());
}

#[test]
fn an_import_upserts_by_key_and_leaves_other_spans_alone() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(directory.path()).unwrap();
    let first: [Row; 3] = [
        (day(2024, 2, 5), "000852.SZ", Some(1.0)),
        (day(2024, 2, 5), "600519.SH", Some(2.0)),
        (day(2024, 5, 6), "600519.SH", Some(3.0)),
    ];
    store.commit(closes(&first), CLOCK).unwrap();
    let before = store.files(MarketTable::StockDaily).unwrap();

    // A second source knows the turnover, corrects one close and adds a stock; its nulls change nothing.
    let table = MarketTable::StockDaily;
    let day_1 = day(2024, 2, 5);
    let batches = vec![
        batch(table, "amount", &[(day_1, "600519.SH", Some(9e8)), (day_1, "000852.SZ", None)]),
        batch(table, "close", &[(day_1, "000852.SZ", Some(1.5)), (day_1, "300750.SZ", Some(7.0))]),
    ];
    let second = PreparedImport { tables: vec![(table, batches)], ..PreparedImport::default() };
    store.commit(second, CLOCK).unwrap();

    let expected: [Row; 4] = [
        (day_1, "000852.SZ", Some(1.5)),
        (day_1, "300750.SZ", Some(7.0)),
        (day_1, "600519.SH", Some(2.0)),
        (day(2024, 5, 6), "600519.SH", Some(3.0)),
    ];
    assert_eq!(closes_held(&store), owned(&expected));
    let amounts: Vec<_> = held(&store, table, "amount").into_iter().map(|row| row.2).collect();
    assert_eq!(amounts, [None, None, Some(9e8), None]);

    let after = store.files(MarketTable::StockDaily).unwrap();
    let kept: Vec<_> = after.iter().filter(|file| before.contains(file)).collect();
    assert_eq!(kept.len(), 1, "the second quarter's file is not written again");
    assert_eq!(store.history()[1].rows["stock_daily"], 4);
    assert_eq!(store.history()[1].rows_in["stock_daily"], 4);

    let [changed] = &store.history()[1].findings[..] else { panic!("one stored value changed") };
    assert_eq!(
        changed.to_string(),
        "warning [stored_value_changed] stock_daily 000852.SZ 2024-02-05 column `close`: found 1.5, \
         expected 1.0, as stored; nothing, when the source corrected it; else import the right file \
         again: the earlier value is in the version before"
    );
    assert!(store.history()[0].findings.is_empty());

    let then = store.at(1).unwrap();
    assert_eq!(closes_held(&then), owned(&first));
    let pinned = Selection { version: Some(1), ..Selection::default() };
    let rows = store.read(table, &pinned).unwrap();
    assert_eq!(rows.iter().map(RecordBatch::num_rows).sum::<usize>(), 3);
    assert!(store.at(3).unwrap_err().to_string().contains("imports 1 to 2"));
}

#[test]
fn history_tells_who_brought_what() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(directory.path()).unwrap();
    assert!(matches!(Store::open(directory.path()), Err(DataError::NoStore { .. })));
    for n in 1..=40_u64 {
        let close = Some(n as f64);
        let import = PreparedImport {
            profile: "tushare".to_owned(),
            source: format!("download/{n}"),
            accepted: vec!["stale_series".to_owned()],
            tool_version: "shoals 0.1.0".to_owned(),
            ..closes(&[(day(2024, 2, 5), "600519.SH", close)])
        };
        let version = store.commit(import, CLOCK).unwrap();
        assert_eq!(version.import_no, n);
    }
    let again = Store::open(directory.path()).unwrap();
    let history = again.history();
    assert_eq!(history, store.history());
    assert_eq!(history.len(), 40, "gathering the catalog's files loses no line");
    for (record, n) in history.iter().zip(1_u64..) {
        assert_eq!((record.import_no, record.source.as_str()), (n, &*format!("download/{n}")));
        assert_eq!(record.imported_at, CLOCK);
        assert_eq!(record.versions["stock_daily"], n as i64);
    }
    let values = |n| closes_held(&again.at(n).unwrap())[0].2;
    assert_eq!((values(7), values(40)), (Some(7.0), Some(40.0)));
    assert_eq!(again.versions(), history[39].versions);
}

/// The moment between the tables' commits and the catalog's line, made by hand.
#[test]
fn a_version_without_its_line_in_the_catalog_is_not_there_and_is_undone() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(directory.path()).unwrap();
    let first: [Row; 1] = [(day(2024, 2, 5), "600519.SH", Some(1.0))];
    store.commit(closes(&first), CLOCK).unwrap();
    store.commit(closes(&[(day(2024, 2, 5), "600519.SH", Some(2.0))]), CLOCK).unwrap();
    std::fs::remove_file(directory.path().join(format!("_imports/_delta_log/{:020}.json", 2)))
        .unwrap();

    let store = Store::open(directory.path()).unwrap();
    assert_eq!(store.import_no(), Some(1));
    assert_eq!(closes_held(&store), owned(&first));

    let third = [(day(2024, 2, 6), "600519.SH", Some(3.0))];
    let version = store.commit(closes(&third), CLOCK).unwrap();
    assert_eq!((version.import_no, version.tables["stock_daily"]), (2, 4));
    assert_eq!(closes_held(&store), owned(&[first[0], third[0]]));
    assert_eq!(closes_held(&store.at(1).unwrap()), owned(&first));
}

#[test]
fn two_imports_at_once_and_foreign_writers_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(directory.path()).unwrap();
    let rows: [Row; 1] = [(day(2024, 2, 5), "600519.SH", Some(1.0))];
    store.commit(closes(&rows), CLOCK).unwrap();

    let lock = std::fs::File::create(directory.path().join(".lock")).unwrap();
    lock.lock().unwrap();
    let refusal = store.commit(closes(&rows), CLOCK).unwrap_err();
    assert!(matches!(refusal, DataError::StoreBusy { .. }), "{refusal}");
    drop(lock);

    let log = directory.path().join("stock_daily/_delta_log");
    let foreign = r#"{"commitInfo":{"timestamp":0,"operation":"WRITE","engineInfo":"another"}}"#;
    std::fs::write(log.join(format!("{:020}.json", 2)), foreign).unwrap();
    let refusal = store.commit(closes(&rows), CLOCK).unwrap_err();
    assert!(refusal.to_string().contains("changed by another program"), "{refusal}");
    assert_eq!(closes_held(&Store::open(directory.path()).unwrap()), owned(&rows));
}

#[test]
fn rows_that_do_not_fit_leave_the_store_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(directory.path()).unwrap();
    let rows: [Row; 1] = [(day(2024, 2, 5), "600519.SH", Some(1.0))];
    store.commit(closes(&rows), CLOCK).unwrap();
    let mut import = closes(&[(day(2024, 2, 6), "600519.SH", Some(2.0))]);
    let wrong = batch(MarketTable::StockDaily, "close", &rows);
    import.tables.push((MarketTable::IndexDaily, vec![wrong]));
    let refusal = store.commit(import, CLOCK).unwrap_err();
    assert!(matches!(refusal, DataError::WrongShape { .. }), "{refusal}");
    assert_eq!(closes_held(&store), owned(&rows));
    assert_eq!(Store::open(directory.path()).unwrap().history().len(), 1);
    let on_disk = parquet_names(&directory.path().join("stock_daily"));
    assert_eq!(on_disk.len(), 1, "the files of the refused import are gone: {on_disk:?}");
}

/// Every table's types survive the way to disk and back, minutes included.
#[test]
fn every_table_is_written_and_read_under_its_own_schema() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(directory.path()).unwrap();
    let mut import = PreparedImport::default();
    for table in MarketTable::all() {
        let schema = table.schema();
        let columns = schema.fields().iter().map(|field| -> ArrayRef {
            let text = StringArray::from(vec!["b", "a"]);
            let whole = arrow_array::Int64Array::from(vec![19_800_000_000_000_000, 19_700]);
            match field.data_type() {
                arrow_schema::DataType::Date32 => Arc::new(Date32Array::from(vec![19_758, 19_757])),
                arrow_schema::DataType::Boolean => {
                    Arc::new(arrow_array::BooleanArray::from(vec![Some(true), None]))
                }
                arrow_schema::DataType::Float64 => {
                    Arc::new(Float64Array::from(vec![Some(0.5), None]))
                }
                to @ (arrow_schema::DataType::Int64 | arrow_schema::DataType::Timestamp(..)) => {
                    arrow_cast::cast(&whole, to).unwrap()
                }
                to => arrow_cast::cast(&text, to).unwrap(),
            }
        });
        let batch = RecordBatch::try_new(table.schema(), columns.collect()).unwrap();
        import.tables.push((table, vec![batch]));
    }
    store.commit(import.clone(), CLOCK).unwrap();
    for (table, batches) in import.tables {
        let read = store.read(table, &Selection::default()).unwrap();
        let read = arrow_select::concat::concat_batches(&table.schema(), &read).unwrap();
        let upside_down = arrow_array::UInt64Array::from(vec![1, 0]);
        let expected = arrow_select::take::take_record_batch(&batches[0], &upside_down).unwrap();
        let plain = |batch: &RecordBatch| {
            format!(
                "{:?}",
                arrow_cast::pretty::pretty_format_batches(std::slice::from_ref(batch))
                    .unwrap()
                    .to_string()
            )
        };
        assert_eq!(plain(&read), plain(&expected), "{table}");
    }
    assert_eq!(store.tables(), MarketTable::all().collect::<Vec<_>>());
}

/// From a file to the history, and not at all when something severe is in it.
#[test]
fn a_severe_finding_stops_the_import_until_its_kind_is_accepted() {
    let directory = tempfile::tempdir().unwrap();
    let source = directory.path().join("bars.csv");
    let text = "day,code,o,h,l,c\n\
                2024-02-05,600519.SH,10,11,9,10.5\n\
                2024-02-06,600519.SH,10.5,11,10,-10.8\n";
    std::fs::write(&source, text).unwrap();
    let mapping = "table = 'stock_daily'\n[columns]\nday = 'date'\ncode = 'symbol'\n\
                   o = 'open'\nh = 'high'\nl = 'low'\nc = 'close'\n";
    let read = ReadOptions { mapping: Some(mapping.parse().unwrap()), ..ReadOptions::default() };
    let mut options = ImportOptions {
        accept: Vec::new(),
        imported_at: CLOCK.to_owned(),
        tool_version: "shoals 0.1.0".to_owned(),
        rulebook_files: Vec::new(),
    };
    let store = Store::create_or_open(directory.path().join("market")).unwrap();
    let attempt =
        |options: &ImportOptions| import(&store, Profile::Csv, &source, &read, options, &|_, _| {});

    let Err(DataError::Refused { n, findings }) = attempt(&options) else {
        panic!("a negative price must stop the import")
    };
    let severe = findings.iter().filter(|finding| finding.severity == Severity::Severe);
    options.accept = severe.map(|finding| finding.kind.clone()).collect();
    assert_eq!(n, options.accept.len());
    assert!(store.history().is_empty());
    assert!(parquet_names(&directory.path().join("market/stock_daily")).is_empty());

    let report = attempt(&options).unwrap();
    assert_eq!(report.rows["stock_daily"], 2);
    let record = store.history().pop().unwrap();
    assert_eq!((record.accepted, record.findings), (options.accept, report.findings));
    assert_eq!(record.files[0].bytes, text.len() as u64);
    assert_eq!(record.profile, "csv");
    assert_eq!(closes_held(&store)[1].2, Some(-10.8));
}

mod killed {
    //! Imports killed at random moments.

    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use super::*;

    const DIRECTORY: &str = "SHOALS_TEST_IMPORT_UNTIL_KILLED";
    const N_KILLS: u32 = 50;
    const SYMBOLS: [&str; 6] =
        ["000001.SZ", "000852.SZ", "300750.SZ", "600000.SH", "600519.SH", "688981.SH"];
    const TABLES: [(MarketTable, &str); 2] =
        [(MarketTable::StockDaily, "close"), (MarketTable::StockValuation, "pb")];

    /// Steele, Lea and Flood's splitmix64: enough randomness to choose rows and moments.
    struct Random(u64);

    impl Random {
        fn next_u64(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ (z >> 31)
        }
    }

    /// The rows import `n` brings: a function of `n` alone, so that a store can be checked against its
    /// own history.
    fn rows_of(n: u64) -> Vec<(TradingDay, &'static str, Option<f64>)> {
        let mut random = Random(n);
        let first = day(2023, 1, 3);
        let mut pick = |upto: u64| random.next_u64() % upto;
        let n_rows = 200 + pick(800);
        (0..n_rows)
            .map(|i| {
                let day = first.plus_calendar_days(pick(500) as i32);
                let value = (pick(10) > 0).then_some((n * 10_000 + i) as f64);
                (day, SYMBOLS[pick(6) as usize], value)
            })
            .collect()
    }

    fn import_of(n: u64) -> PreparedImport {
        let rows = rows_of(n);
        let tables =
            TABLES.map(|(table, column)| (table, vec![batch(table, column, &rows)])).to_vec();
        PreparedImport { source: n.to_string(), tables, ..PreparedImport::default() }
    }

    /// Not a test by itself: the process the next test starts and kills.
    #[test]
    fn import_until_killed() {
        let Some(directory) = std::env::var_os(DIRECTORY) else { return };
        let store = Store::create_or_open(&directory).unwrap();
        println!("{READY}");
        loop {
            let next = store.import_no().unwrap_or(0) + 1;
            store.commit(import_of(next), CLOCK).unwrap();
        }
    }

    const READY: &str = "importing now";

    /// Starts the importing process and waits until it imports.
    fn start(directory: &Path) -> Child {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "store::killed::import_until_killed", "--nocapture"])
            .env(DIRECTORY, directory)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains(READY)), "the import never began");
        child
    }

    type Model = BTreeMap<(TradingDay, String), Option<f64>>;

    /// What the store must hold after imports `from..=to`, on top of `model`.
    fn replay(model: &mut Model, from: u64, to: u64) {
        for n in from..=to {
            for (day, symbol, value) in rows_of(n) {
                let held = model.entry((day, symbol.to_owned())).or_default();
                *held = value.or(*held);
            }
        }
    }

    fn check_against(model: &Model, store: &Store) {
        for (table, column) in TABLES {
            let held = held(store, table, column);
            let expected = model.iter().map(|((day, symbol), v)| (*day, symbol.clone(), *v));
            assert!(held.iter().cloned().eq(expected), "{table} at {:?}", store.import_no());
            let record = store.history().pop().unwrap();
            assert_eq!(record.rows[table.name()], held.len() as u64);
        }
    }

    /// Witness: the rows every catalogued import brought, replayed in memory.
    #[test]
    fn fifty_kills_at_random_moments_leave_whole_versions() {
        let directory = tempfile::tempdir().unwrap();
        let mut random = Random(20_240_205);
        let (mut model, mut replayed, mut n_cut) = (Model::new(), 0, 0);
        let mut an_import = Duration::from_millis(100);
        for _ in 0..N_KILLS {
            let mut child = start(directory.path());
            std::thread::sleep(an_import.mul_f64((random.next_u64() % 1_500) as f64 / 1_000.0));
            child.kill().unwrap();
            child.wait().unwrap();

            n_cut += u32::from(has_leftovers(directory.path()));
            let store = Store::create_or_open(directory.path()).unwrap();
            let last = store.import_no().unwrap_or(0);
            replay(&mut model, replayed + 1, last);
            if last > 0 {
                check_against(&model, &store);
            }
            let begun = Instant::now();
            store.commit(import_of(last + 1), CLOCK).unwrap();
            an_import = begun.elapsed();
            replay(&mut model, last + 1, last + 1);
            replayed = last + 1;
            check_against(&model, &Store::open(directory.path()).unwrap());
            assert!(!has_leftovers(directory.path()), "the next import cleans up");
        }
        assert!(n_cut > N_KILLS / 10, "only {n_cut} kills fell inside an import: kill elsewhere");
        println!(
            "{N_KILLS} kills, {n_cut} of them inside an import, {replayed} imports catalogued"
        );
    }

    /// Whether a file stands in a table's directory that no version of its log names, or a version that
    /// the catalog does not name.
    fn has_leftovers(directory: &Path) -> bool {
        let versions = Store::create_or_open(directory).unwrap().versions();
        TABLES.iter().any(|(table, _)| {
            let log = directory.join(table.name()).join("_delta_log");
            let Ok(entries) = std::fs::read_dir(&log) else { return false };
            let commits: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
            let known = versions.get(table.name()).copied().unwrap_or(-1);
            let is_newer = |path: &Path| {
                let version = path.file_stem().unwrap().to_str().unwrap().parse::<i64>();
                path.extension().is_some_and(|e| e == "json") && version.is_ok_and(|v| v > known)
            };
            let text: String = commits
                .iter()
                .filter(|path| path.extension().is_some_and(|e| e == "json"))
                .map(|path| std::fs::read_to_string(path).unwrap())
                .collect();
            let names = parquet_names(&directory.join(table.name()));
            commits.iter().any(|path| is_newer(path))
                || names.iter().any(|name| !text.contains(name.as_str()))
        })
    }
}
