//! What only the user can know is asked for, with the option that answers it.

use std::collections::BTreeMap;

use shoals_core::SecurityKind;
use shoals_data::formats::{DateFormat, Profile, ReadOptions};
use shoals_data::{DataError, MarketTable};

use super::{Folder, read_as, rows, table};

#[test]
fn an_open_question_names_its_option() {
    for (text, option) in [
        ("date,code,close\n2024-02-05,000852,1\n", "--kind"),
        ("date,open,high,low,close\n2024-02-05,1,1,1,1\n", "--symbol"),
        ("日期,证券代码,收盘,成交额\n2024-02-05,600519.SH,1,1\n", "--unit"),
        ("日期,证券代码,收盘,成交额(手)\n2024-02-05,600519.SH,1,1\n", "--unit"),
        ("date,code,close\n5/2/2024,600519.SH,1\n6/2/2024,600519.SH,1\n", "--date-format"),
        ("date,code,volume\n2024-02-05,600519.SH,1\n", "--table"),
        ("date,code,close,收盘\n2024-02-05,600519.SH,1,1\n", "--mapping"),
        ("day,600519.SH,000001.SZ\n2024-02-05,1,2\n", "--value"),
    ] {
        let folder = Folder::new();
        let path = folder.write("x.csv", text);
        let error = read_as(Profile::Csv, &path, &ReadOptions::default()).unwrap_err();
        assert!(matches!(error, DataError::Ambiguous { .. }), "{text}: {error}");
        assert!(error.to_string().contains(option), "{text}: {error}");
    }
}

#[test]
fn the_answer_settles_the_question() {
    let kind = ReadOptions { kind: Some(SecurityKind::Index), ..ReadOptions::default() };
    let symbol = ReadOptions { symbol: Some("sh000852".to_owned()), ..ReadOptions::default() };
    let unit = ReadOptions {
        units: BTreeMap::from([("成交额".to_owned(), "万元".to_owned())]),
        ..ReadOptions::default()
    };
    let order = ReadOptions { date_format: Some(DateFormat::DayFirst), ..ReadOptions::default() };
    let value = ReadOptions { value: Some("close".to_owned()), ..ReadOptions::default() };
    let told = ReadOptions { table: Some(MarketTable::IndexDaily), ..ReadOptions::default() };
    for (text, options, wanted, columns, expected) in [
        (
            "date,code,close\n2024-02-05,000852,1\n",
            &kind,
            MarketTable::IndexDaily,
            "symbol",
            "000852.SH",
        ),
        (
            "date,code,close\n2024-02-05,000852,1\n",
            &told,
            MarketTable::IndexDaily,
            "symbol",
            "000852.SH",
        ),
        (
            "date,close\n2024-02-05,4293.07\n",
            &symbol,
            MarketTable::IndexDaily,
            "symbol close",
            "000852.SH 4293.07",
        ),
        (
            "日期,证券代码,收盘,成交额\n2024-02-05,600519.SH,1,2\n",
            &unit,
            MarketTable::StockDaily,
            "amount",
            "20000.0",
        ),
        (
            "date,code,close\n5/2/2024,600519.SH,1\n",
            &order,
            MarketTable::StockDaily,
            "date",
            "2024-02-05",
        ),
        (
            "day,600519.SH\n2024-02-05,1.5\n",
            &value,
            MarketTable::StockDaily,
            "date close",
            "2024-02-05 1.5",
        ),
    ] {
        let folder = Folder::new();
        let path = folder.write("x.csv", text);
        let loaded = read_as(Profile::Csv, &path, options).unwrap();
        assert_eq!(rows(table(&loaded, wanted), columns), [expected], "{text}");
    }
}

#[test]
fn a_mapping_that_does_not_fit_says_what_does() {
    for (mapping, part) in [
        ("table = \"stock_daily\"\n[columns]\nprice = \"close\"", "price"),
        (
            "table = \"stock_daily\"\n[columns]\ndate = \"date\"\ncode = \"symbol\"\nclose = \"clse\"",
            "clse",
        ),
        (
            "table = \"stock_daily\"\n[columns]\ndate = \"date\"\ncode = \"symbol\"\nclose = { to = \"amount\", unit = \"手\" }",
            "--unit",
        ),
        ("table = \"stock_daily\"\n[columns]\ncode = \"symbol\"\nclose = \"close\"", "date"),
    ] {
        let folder = Folder::new();
        let path = folder.write("x.csv", "date,code,close\n2024-02-05,600519.SH,1\n");
        let options =
            ReadOptions { mapping: Some(mapping.parse().unwrap()), ..ReadOptions::default() };
        let error = read_as(Profile::Csv, &path, &options).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn profiles_and_formats_have_names_that_read_back() {
    for profile in Profile::all() {
        assert_eq!(profile.to_string().parse::<Profile>().unwrap(), profile);
    }
    assert!("winds".parse::<Profile>().unwrap_err().to_string().contains("wind"));
    assert_eq!("excel".parse::<DateFormat>().unwrap(), DateFormat::ExcelSerial);
    assert!("d-m-y".parse::<DateFormat>().is_err());
}

#[test]
fn a_unit_of_nothing_is_refused_with_what_there_is() {
    let folder = Folder::new();
    let text = "date,code,close,vol\n2024-02-05,600519.SH,1,100\n";
    let path = folder.write("x.csv", text);
    let wide = folder.write("wide.csv", "成交量\n,600519.SH\n2024-02-05,100\n");
    for (path, column, unit, parts) in [
        (path.as_path(), "nosuch", "手", ["nosuch", "vol"]),
        (path.as_path(), "vol", "bananas", ["bananas", "手"]),
        (path.as_path(), "volume", "bananas", ["bananas", "股"]),
        (path.as_path(), "vol", "-3", ["-3", "万元"]),
        (path.as_path(), "vol", "万元", ["万元", "万股"]),
        (wide.as_path(), "amount", "万元", ["amount", "volume"]),
        (folder.path(), "nosuch", "手", ["nosuch", "vol"]),
    ] {
        let mut units = BTreeMap::from([(column.to_owned(), unit.to_owned())]);
        // The wide sheet does not say its own unit.
        if path != folder.path().join("x.csv") {
            units.insert("volume".to_owned(), "手".to_owned());
        }
        let options = ReadOptions { units, ..ReadOptions::default() };
        let error = read_as(Profile::Csv, path, &options).unwrap_err().to_string();
        for part in parts.iter().chain(&["--unit"]) {
            assert!(error.contains(part), "{part} in {error}");
        }
    }
    for column in ["vol", "volume"] {
        let units = BTreeMap::from([(column.to_owned(), "手".to_owned())]);
        let options = ReadOptions { units, ..ReadOptions::default() };
        let loaded = read_as(Profile::Csv, &path, &options).unwrap();
        assert_eq!(rows(table(&loaded, MarketTable::StockDaily), "volume"), ["10000"]);
    }
}
