//! Files as plain tables, and what sniffing sees.

use shoals_core::{Values, day};
use shoals_data::formats::{DateFormat, read_table, sniff};

use super::{Folder, gbk};

#[test]
fn a_plain_file_becomes_days_numbers_and_text() {
    let folder = Folder::new();
    let path = folder
        .write("nav.csv", "date,nav,code,note\n2024-02-05,1.05,000852,x\n2024-02-06,,000300,\n");
    let table = read_table(&path).unwrap();
    assert_eq!(
        table.column("date").unwrap().values,
        Values::Day(vec![day(2024, 2, 5), day(2024, 2, 6)])
    );
    let nav = table.numbers("nav").unwrap();
    assert!(nav[0] == 1.05 && nav[1].is_nan());
    let code = Values::Text(vec!["000852".to_owned(), "000300".to_owned()]);
    assert_eq!(table.column("code").unwrap().values, code);
    assert_eq!(table.name(), "nav");
}

/// "A series without dates is taken in file order."
#[test]
fn a_series_without_dates_keeps_file_order() {
    let folder = Folder::new();
    let path = folder.write("r.csv", "ret\n0.02\n-0.01\n0.03\n");
    assert_eq!(read_table(&path).unwrap().numbers("ret").unwrap(), [0.02, -0.01, 0.03]);
}

#[test]
fn workbooks_and_parquet_are_plain_tables_too() {
    let folder = Folder::new();
    let path = folder.path().join("nav.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in [["日期", "净值"], ["2024/2/5", "1.05"]].iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            sheet.write(row as u32, column as u16, *cell).unwrap();
        }
    }
    book.save(&path).unwrap();
    let table = read_table(&path).unwrap();
    assert_eq!(table.numbers("净值").unwrap(), [1.05]);
    assert_eq!(table.column("日期").unwrap().values, Values::Day(vec![day(2024, 2, 5)]));
    let ragged = folder.write("ragged.csv", "a,b\n1,2\n3\n");
    assert!(read_table(&ragged).unwrap_err().to_string().contains("row 2"));
}

#[test]
fn sniffing_tells_encoding_delimiter_dates_and_header() {
    type Case = (Vec<u8>, &'static str, bool, char, Option<DateFormat>, Option<usize>);
    let cases: Vec<Case> = vec![
        (
            b"date,close\n2024-02-05,1\n".to_vec(),
            "UTF-8",
            false,
            ',',
            Some(DateFormat::Dashed),
            Some(0),
        ),
        (
            "\u{feff}日期\t收盘\n20240205\t1\n".into(),
            "UTF-8",
            true,
            '\t',
            Some(DateFormat::Compact),
            Some(0),
        ),
        (
            gbk("日期;收盘\n2024年2月5日;1\n"),
            "gb18030",
            false,
            ';',
            Some(DateFormat::Chinese),
            Some(0),
        ),
        (
            gbk("贵州茅台行情\n日期|收盘|开盘\n2024/2/5|1|2\n"),
            "gb18030",
            false,
            '|',
            Some(DateFormat::Slashed),
            Some(1),
        ),
        (
            b"date,close\n45327,1\n".to_vec(),
            "UTF-8",
            false,
            ',',
            Some(DateFormat::ExcelSerial),
            Some(0),
        ),
        (b"2024-02-05,1.5\n2024-02-06,1.6\n".to_vec(), "UTF-8", false, ',', None, None),
        (
            b"date,close\n13/2/2024,1\n".to_vec(),
            "UTF-8",
            false,
            ',',
            Some(DateFormat::DayFirst),
            Some(0),
        ),
    ];
    for (bytes, encoding, has_bom, delimiter, dates, header) in cases {
        let folder = Folder::new();
        let path = folder.write("x.csv", &bytes);
        let sniffed = sniff(&path).unwrap();
        let found = (
            sniffed.encoding,
            sniffed.has_bom,
            sniffed.delimiter,
            sniffed.date_format,
            sniffed.header_line,
        );
        assert_eq!(found, (encoding, has_bom, delimiter, dates, header), "{bytes:?}");
    }
}
