//! A broken file of every kind: a clear error, or a finding with its place.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{Float64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use shoals_core::Severity;
use shoals_data::formats::{Profile, ReadOptions};
use shoals_data::{DataError, Loaded, MarketTable};

use super::{Folder, gbk, read_as};

const GOOD: &str = "date,code,open,high,low,close,volume,amount\n\
                    2024-02-05,600519.SH,1,2,1,1.5,100,150\n\
                    2024-02-06,600519.SH,1,2,1,1.6,100,160\n";

const SHIBOR: &str = "date,on,1w\n20181101,2.547,2.673\n20181031,2.37,2.715\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn workbook() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in GOOD.lines().enumerate() {
        for (column, cell) in line.split(',').enumerate() {
            sheet.write(row as u32, column as u16, cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn parquet() -> Vec<u8> {
    let schema = Arc::new(Schema::new(vec![
        Field::new("date", DataType::Utf8, true),
        Field::new("code", DataType::Utf8, true),
        Field::new("close", DataType::Float64, true),
    ]));
    let batch = RecordBatch::try_new(
        Arc::clone(&schema),
        vec![
            Arc::new(StringArray::from(vec![Some("2024-02-05"), Some("no day"), None])),
            Arc::new(StringArray::from(vec![Some("600519.SH"), Some("600519.SH"), Some("x")])),
            Arc::new(Float64Array::from(vec![Some(1.5), Some(f64::NAN), None])),
        ],
    )
    .unwrap();
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, schema, None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn half(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len() / 2].to_vec()
}

const RESPONSE: &str = r#"{"code":0,"msg":"","data":{"fields":["ts_code","trade_date","close"],"items":[["600519.SH","20240205",1.5]],"has_more":false}}"#;

#[test]
fn a_file_broken_as_a_whole_is_an_error_that_names_it() {
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty.csv", vec![], "it is empty"),
        ("header.csv", b"date,code,close\n".to_vec(), "no rows"),
        ("blank.csv", b"\n\n\n".to_vec(), "no rows"),
        (
            "headless.csv",
            b"2024-02-05,600519.SH,1.5\n2024-02-06,600519.SH,1.6\n".to_vec(),
            "header",
        ),
        ("binary.csv", [GOOD.as_bytes(), &[0, 1, 2]].concat(), "binary"),
        ("names.csv", b"a,b\nx,y\n".to_vec(), "no known layout"),
        ("page.csv", b"<!DOCTYPE html><html>502 Bad Gateway</html>".to_vec(), "web page"),
        ("cut.csv.gz", half(&gzip(GOOD.repeat(50).as_bytes())), "gzip"),
        ("cut.parquet", half(&parquet()), "Parquet"),
        ("text.parquet", GOOD.as_bytes().to_vec(), "Parquet"),
        ("empty.parquet", vec![], "empty"),
        ("cut.xlsx", half(&workbook()), "Excel"),
        ("noise.xlsx", vec![7; 300].into_iter().chain([0; 10]).collect(), "Excel"),
        ("empty.xlsx", rust_xlsxwriter::Workbook::new().save_to_buffer().unwrap(), "Excel"),
        ("cut.json", half(RESPONSE.as_bytes()), "JSON"),
        ("text.json", GOOD.as_bytes().to_vec(), "JSON"),
        (
            "refused.json",
            br#"{"code":40203,"msg":"too many calls","data":null}"#.to_vec(),
            "40203: too many calls",
        ),
        (
            "nothing.json",
            RESPONSE.replace(r#"[["600519.SH","20240205",1.5]]"#, "[]").into(),
            "without a single row",
        ),
        ("shibor.csv", b"date,on,1w\n".to_vec(), "no rows"),
        (
            "shibor.json",
            br#"{"code":0,"data":{"fields":["date","on","1w"],"items":[]}}"#.to_vec(),
            "without a single row",
        ),
        ("other.json", br#"{"error":"Internal Server Error"}"#.to_vec(), "no response of tushare"),
        ("gone.csv", vec![], "it is empty"),
    ];
    for (name, bytes, part) in cases {
        let folder = Folder::new();
        let path = folder.write(name, bytes);
        let error = read_as(Profile::Auto, &path, &ReadOptions::default()).unwrap_err().to_string();
        assert!(error.contains(part) && error.contains(name), "{name}: {error}");
    }
    let gone = read_as(Profile::Auto, Path::new("/no/such.csv"), &ReadOptions::default());
    assert!(gone.unwrap_err().to_string().contains("cannot read"));
}

#[test]
fn a_broken_cell_or_row_is_a_severe_finding_with_its_place() {
    let bad = |old: &str, new: &str| GOOD.replacen(old, new, 1).into_bytes();
    let cases: Vec<(&str, Vec<u8>, &str, u64)> = vec![
        ("date.csv", bad("2024-02-06", "2024-02-31"), "bad_date", 2),
        ("number.csv", bad("1.6", "1.6.2"), "bad_number", 2),
        ("symbol.csv", bad("2024-02-06,600519.SH", "2024-02-06,6005I9.XX"), "bad_symbol", 2),
        ("key.csv", bad("2024-02-06,600519.SH", "2024-02-06,"), "missing_key", 2),
        ("ragged.csv", bad(",1.6,100,160", ",1.6"), "ragged_row", 2),
        ("wide.csv", bad(",1.6,100,160", ",1.6,100,160,9"), "ragged_row", 2),
        ("truncated.csv", GOOD.as_bytes()[..GOOD.len() - 14].to_vec(), "ragged_row", 2),
        ("quote.csv", bad("2024-02-06,600519.SH", "2024-02-06,\"600519.SH"), "open_quote", 2),
        ("cut.csv.gz", gzip(&bad("1.6", "x")), "bad_number", 2),
        ("more.json", RESPONSE.replace("false", "true").into(), "has_more", 0),
        ("cells.json", RESPONSE.replace(r#","20240205",1.5]"#, "]").into(), "ragged_row", 1),
        ("days.parquet", parquet(), "bad_date", 2),
        ("shibor.csv", SHIBOR.replace("2.37", "n.a.%").into(), "bad_number", 2),
        ("shibor_day.csv", SHIBOR.replace("20181031", "20181032").into(), "bad_date", 2),
        ("shibor_row.csv", SHIBOR.replace(",2.715", "").into(), "ragged_row", 2),
    ];
    for (name, bytes, kind, row) in cases {
        let folder = Folder::new();
        let path = folder.write(name, bytes);
        let loaded = read_as(Profile::Auto, &path, &ReadOptions::default())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let finding = loaded
            .iter()
            .flat_map(|l| &l.findings)
            .find(|f| f.kind == kind)
            .unwrap_or_else(|| panic!("{name}: {:?}", super::troubles(&loaded)));
        assert_eq!(finding.severity, Severity::Severe, "{name}");
        assert_eq!(finding.row.unwrap_or(0), row, "{name}");
        assert!(finding.file.ends_with(name), "{name}");
    }
}

/// GBK after the first 256 KiB of ASCII: the sniffed encoding does not hold throughout.
#[test]
fn a_change_of_encoding_in_mid_file_is_found() {
    let mut bytes = b"ts_code,name,list_date\n".to_vec();
    for _ in 0..12_000 {
        bytes.extend_from_slice(b"600519.SH,Kweichow Moutai,20010827\n");
    }
    bytes.extend(gbk("000001.SZ,平安银行,19910403\n"));
    let folder = Folder::new();
    let path = folder.write("names.csv", bytes);
    let loaded = read_as(Profile::Tushare, &path, &ReadOptions::default()).unwrap();
    assert_eq!(super::troubles(&loaded), ["bad_encoding x1"]);
    let options = ReadOptions { encoding: Some("gbk".to_owned()), ..ReadOptions::default() };
    assert!(super::troubles(&read_as(Profile::Tushare, &path, &options).unwrap()).is_empty());
    let options = ReadOptions { encoding: Some("utf-8".to_owned()), ..ReadOptions::default() };
    assert!(!super::troubles(&read_as(Profile::Tushare, &path, &options).unwrap()).is_empty());
    let options = ReadOptions { encoding: Some("ebcdic".to_owned()), ..ReadOptions::default() };
    let error = read_as(Profile::Tushare, &path, &options).unwrap_err().to_string();
    assert!(error.contains("--encoding"), "{error}");
}

#[test]
fn a_response_at_the_cap_of_a_call_is_found() {
    let row = r#"["600519.SH","20240205",1.5]"#;
    let items = vec![row; 6000].join(",");
    for (has_more, severity) in [(",\"has_more\":false", Severity::Warning), ("", Severity::Severe)]
    {
        let text = RESPONSE.replace(row, &items).replace(",\"has_more\":false", has_more);
        let folder = Folder::new();
        let path = folder.write("daily.json", text);
        let loaded = read_as(Profile::Tushare, &path, &ReadOptions::default()).unwrap();
        let finding = loaded[0].findings.iter().find(|f| f.kind == "row_cap").unwrap();
        assert_eq!(finding.severity, severity);
    }
}

#[test]
fn a_wrong_extension_is_read_as_what_it_is() {
    for (name, bytes) in [("book.csv", workbook()), ("table.csv", parquet())] {
        let folder = Folder::new();
        let path = folder.write(name, bytes);
        let loaded = read_as(Profile::Auto, &path, &ReadOptions::default()).unwrap();
        assert!(loaded[0].findings.iter().any(|f| f.kind == "wrong_extension"), "{name}");
        assert!(loaded[0].n_rows() >= 1);
    }
}

#[test]
fn codes_of_several_kinds_do_not_become_one_table() {
    let folder = Folder::new();
    let text =
        "ts_code,trade_date,close,vol,amount\n600519.SH,20240205,1,1,1\n000852.SH,20240205,1,1,1\n";
    let path = folder.write("daily.csv", text);
    let loaded = read_as(Profile::Tushare, &path, &ReadOptions::default()).unwrap();
    assert_eq!(super::troubles(&loaded), ["mixed_kinds x1"]);
}

#[test]
fn a_folder_is_read_whole_and_strangers_are_told() {
    let folder = Folder::new();
    folder.write("a/one.csv", GOOD);
    folder.write("b.json", RESPONSE);
    folder.write("notes.csv", "a,b\nx,y\n");
    folder.write("title.txt", "沪深300指数日行情\n");
    folder.write("line.txt", "date,code,close");
    folder.write("README.md", "no data");
    let loaded = read_as(Profile::Auto, folder.path(), &ReadOptions::default()).unwrap();
    assert_eq!(loaded.iter().map(Loaded::n_rows).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(super::troubles(&loaded), ["file_not_recognised x1"; 3]);
    let empty = Folder::new();
    assert!(read_as(Profile::Auto, empty.path(), &ReadOptions::default()).is_err());
}

#[test]
fn a_file_of_keys_alone_is_refused_with_what_it_lacks() {
    let profiles = [Profile::Auto, Profile::Csv, Profile::Akshare, Profile::Tushare, Profile::Wind];
    for code in ["000300.SH", "600519.SH"] {
        let folder = Folder::new();
        let path =
            folder.write("x.csv", format!("日期,代码\n2024-02-05,{code}\n2024-02-06,{code}\n"));
        for profile in profiles {
            for table in [None, Some(MarketTable::StockDaily), Some(MarketTable::IndexDaily)] {
                let options = ReadOptions { table, ..ReadOptions::default() };
                let error = read_as(profile, &path, &options).unwrap_err();
                assert!(matches!(error, DataError::UnknownLayout { .. }), "{error}");
                let text = error.to_string();
                assert!(text.contains("日期, 代码") && text.contains("close"), "{text}");
            }
        }
    }
}

#[test]
fn numbers_that_are_not_finite_are_told_with_their_place() {
    let words = [
        ("NaN", Severity::Warning),
        ("nan", Severity::Warning),
        ("#DIV/0!", Severity::Warning),
        ("inf", Severity::Severe),
        ("-inf", Severity::Severe),
        ("Infinity", Severity::Severe),
    ];
    for (word, severity) in words {
        for (old, new, column) in
            [("1.6,", format!("{word},"), "close"), ("1.6,100,", format!("1.6,{word},"), "volume")]
        {
            let folder = Folder::new();
            let path = folder.write("a.csv", GOOD.replacen(old, &new, 1));
            let loaded = read_as(Profile::Auto, &path, &ReadOptions::default()).unwrap();
            assert_eq!(super::troubles(&loaded), ["not_finite x1"], "{word}");
            let finding = loaded[0].findings.iter().find(|f| f.kind == "not_finite").unwrap();
            assert_eq!((finding.severity, finding.row), (severity, Some(2)), "{word}");
            assert_eq!(finding.column.as_deref(), Some(column));
            assert_eq!(finding.symbol.unwrap().as_str(), "600519.SH");
            assert_eq!(finding.date, Some(shoals_core::day(2024, 2, 6)));
            assert!(super::rows(&loaded[0], column)[1] == "-", "{word}");
        }
    }
}

#[test]
fn floats_of_parquet_that_are_not_finite_are_told_with_their_place() {
    let schema = Arc::new(Schema::new(vec![
        Field::new("date", DataType::Utf8, true),
        Field::new("code", DataType::Utf8, true),
        Field::new("close", DataType::Float64, true),
    ]));
    let days = vec!["2024-02-05", "2024-02-06", "2024-02-07"];
    let columns: Vec<arrow_array::ArrayRef> = vec![
        Arc::new(StringArray::from(days)),
        Arc::new(StringArray::from(vec!["600519.SH"; 3])),
        Arc::new(Float64Array::from(vec![1.5, f64::NAN, f64::NEG_INFINITY])),
    ];
    let mut bytes = Vec::new();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(&mut bytes, Arc::clone(&schema), None).unwrap();
    writer.write(&RecordBatch::try_new(schema, columns).unwrap()).unwrap();
    writer.close().unwrap();
    let folder = Folder::new();
    let path = folder.write("x.parquet", bytes);
    let loaded = read_as(Profile::Auto, &path, &ReadOptions::default()).unwrap();
    assert_eq!(super::troubles(&loaded), ["not_finite x1", "not_finite x1"]);
    let told: Vec<_> = loaded[0]
        .findings
        .iter()
        .filter(|f| f.kind == "not_finite")
        .map(|f| (f.severity, f.row, f.date, f.symbol.map(|s| s.to_string())))
        .collect();
    let symbol = Some("600519.SH".to_owned());
    assert_eq!(
        told,
        [
            (Severity::Warning, Some(2), Some(shoals_core::day(2024, 2, 6)), symbol.clone()),
            (Severity::Severe, Some(3), Some(shoals_core::day(2024, 2, 7)), symbol),
        ]
    );
    assert_eq!(super::rows(&loaded[0], "close"), ["1.5", "-", "-"]);
}

#[test]
fn an_error_word_of_a_spreadsheet_is_told() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let text = GOOD.replacen("1.6,", "#DIV/0!,", 1);
    for (row, line) in text.lines().enumerate() {
        for (column, cell) in line.split(',').enumerate() {
            sheet.write(row as u32, column as u16, cell).unwrap();
        }
    }
    let folder = Folder::new();
    let path = folder.write("a.xlsx", book.save_to_buffer().unwrap());
    let loaded = read_as(Profile::Auto, &path, &ReadOptions::default()).unwrap();
    assert_eq!(super::troubles(&loaded), ["not_finite x1"]);
    let finding = loaded[0].findings.iter().find(|f| f.kind == "not_finite").unwrap();
    assert_eq!((finding.row, finding.column.as_deref()), (Some(2), Some("close")));
}

/// A time no calendar has, as flipped bits leave one behind: past the rows that are looked at first.
#[test]
fn an_unreadable_column_of_parquet_is_named_with_its_file() {
    use arrow_array::TimestampMicrosecondArray;
    let mut times = vec![1_707_091_200_000_000; 300];
    times[299] = i64::MAX;
    let columns: Vec<(&str, arrow_array::ArrayRef)> = vec![
        ("date", Arc::new(TimestampMicrosecondArray::from(times))),
        ("code", Arc::new(StringArray::from(vec!["600519.SH"; 300]))),
        ("close", Arc::new(Float64Array::from(vec![1.5; 300]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let folder = Folder::new();
    folder.write("good.csv", GOOD);
    let path = folder.write("bits.parquet", bytes);
    for from in [path.as_path(), folder.path()] {
        let error = read_as(Profile::Auto, from, &ReadOptions::default()).unwrap_err().to_string();
        for part in ["bits.parquet", "`date`", "Cannot convert", "download it again"] {
            assert!(error.contains(part), "{part} in {error}");
        }
    }
    let error = shoals_data::formats::read_table(&path).unwrap_err().to_string();
    assert!(error.contains("bits.parquet") && error.contains("again"), "{error}");
}
