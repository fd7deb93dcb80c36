//! How fast rows become a version: the CSV work of the peers, and a market of Parquet files.
//!
//! Both need data that is not in the repository: `SHOALS_BENCH_DATA` with `stock_day_M.csv`, and
//! `SHOALS_DATA` with `market/ashare_daily`. A work whose data are absent is left out.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the environment")]

use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use shoals_data::formats::{Mapping, Profile, ReadOptions};
use shoals_data::{ImportOptions, Store, import};

const MAPPING: &str = "table = 'stock_daily'\n[columns]\ndate = 'date'\ncode = 'symbol'\n\
    open = 'open'\nhigh = 'high'\nlow = 'low'\nclose = 'close'\nvolume = 'volume'\n\
    amount = 'amount'\nmcap = 'total_market_cap'\nsuspended = 'is_suspended'\nst = 'is_st'\n";

fn file_under(variable: &str, relative: &str) -> Option<PathBuf> {
    let path = Path::new(&std::env::var_os(variable)?).join(relative);
    path.exists().then_some(path)
}

fn bench_work(criterion: &mut Criterion, name: &str, profile: Profile, source: &Path, rows: u64) {
    let mapping = (profile == Profile::Csv).then(|| MAPPING.parse::<Mapping>().expect("legal"));
    let read_options = ReadOptions { mapping, ..ReadOptions::default() };
    let options = ImportOptions {
        accept: Vec::new(),
        imported_at: "2024-06-28T16:00:00+08:00".to_owned(),
        tool_version: "bench".to_owned(),
        rulebook_files: Vec::new(),
    };
    let mut group = criterion.benchmark_group("import");
    group.sample_size(10).throughput(Throughput::Elements(rows));
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            let directory = tempfile::tempdir().expect("a temporary directory");
            let store = Store::create_or_open(directory.path()).expect("an empty store");
            import(&store, profile, source, &read_options, &options, &|_, _| {})
                .expect("the data are accepted")
        });
    });
    group.finish();
}

fn benches(criterion: &mut Criterion) {
    if let Some(csv) = file_under("SHOALS_BENCH_DATA", "stock_day_M.csv") {
        bench_work(criterion, "csv_1m_rows", Profile::Csv, &csv, 1_000_000);
    }
    if let Some(market) = file_under("SHOALS_DATA", "market/ashare_daily") {
        bench_work(criterion, "ashare_daily_4m_rows", Profile::Market, &market, 4_354_053);
    }
}

criterion_group!(all, benches);
criterion_main!(all);
