//! SQL over a small store, against counts made by hand.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, AsArray, Date32Array, DictionaryArray, Float64Array, RecordBatch, new_null_array,
};
use datafusion::arrow::datatypes::{Float64Type, Int32Type, Int64Type};
use shoals_core::{TradingDay, day};
use shoals_data::{MarketTable, PreparedImport, Store};
use shoals_engine::{Engine, EngineError};

fn import(rows: &[(TradingDay, &str, f64)]) -> PreparedImport {
    let table = MarketTable::IndexDaily;
    let days: Date32Array = rows.iter().map(|row| Some(row.0.epoch_days())).collect();
    let symbols: DictionaryArray<Int32Type> = rows.iter().map(|row| row.1).collect();
    let closes: Float64Array = rows.iter().map(|row| Some(row.2)).collect();
    let schema = table.schema();
    let columns = schema.fields().iter().map(|field| -> ArrayRef {
        match field.name().as_str() {
            "date" => Arc::new(days.clone()),
            "symbol" => Arc::new(symbols.clone()),
            "close" => Arc::new(closes.clone()),
            _ => new_null_array(field.data_type(), rows.len()),
        }
    });
    let batch = RecordBatch::try_new(schema.clone(), columns.collect()).unwrap();
    PreparedImport { tables: vec![(table, vec![batch])], ..PreparedImport::default() }
}

#[test]
fn an_answer_is_the_hand_count_at_the_version_the_store_stands_at() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::create_or_open(directory.path()).unwrap();
    let clock = "2024-06-28T16:00:00+08:00";
    let first = [
        (day(2023, 12, 29), "868008.WI", 100.0),
        (day(2024, 2, 5), "868008.WI", 60.0),
        (day(2024, 2, 7), "868008.WI", 54.0),
        (day(2024, 2, 7), "000300.SH", 97.0),
    ];
    store.commit(import(&first), clock).unwrap();
    store.commit(import(&[(day(2024, 2, 8), "868008.WI", 62.0)]), clock).unwrap();

    let query = "select symbol, count(*) as n, min(close) as low from index_daily \
                 where date >= date '2024-01-01' group by symbol order by symbol";
    let counts = |store: &Store| {
        let answer = Engine::open(store).unwrap().sql(query).unwrap();
        let answer = &answer[0];
        let n = answer.column(1).as_primitive::<Int64Type>().values().to_vec();
        let low = answer.column(2).as_primitive::<Float64Type>().values().to_vec();
        (n, low)
    };
    assert_eq!(counts(&store), (vec![1, 3], vec![97.0, 54.0]));
    assert_eq!(counts(&store.at(1).unwrap()), (vec![1, 2], vec![97.0, 54.0]));

    let engine = Engine::open(&store).unwrap();
    for statement in [
        "create table mine as select * from index_daily",
        "insert into index_daily select * from index_daily",
        "drop table index_daily",
        "copy index_daily to 'elsewhere.parquet'",
        "set datafusion.execution.batch_size = 1",
    ] {
        let refusal = engine.sql(statement).unwrap_err();
        assert!(matches!(refusal, EngineError::ReadOnly { .. }), "{statement}: {refusal}");
    }
    let wrong = engine.sql("select settle from index_daily").unwrap_err();
    assert!(wrong.to_string().contains("settle"), "{wrong}");
}
