//! NAVs of many funds from one plain file, in every shape allocators keep them. Expected values are those written into the
//! files.

use shoals_core::{Symbol, day};
use shoals_data::formats::{FundValues, ReadOptions, fund_symbol, read_navs};

use super::{Folder, gbk};

fn navs(path: &std::path::Path) -> Vec<FundValues> {
    read_navs(path, &ReadOptions::default()).unwrap().0
}

fn error(folder: &Folder, name: &str, text: &str) -> String {
    read_navs(&folder.write(name, text), &ReadOptions::default()).unwrap_err().to_string()
}

#[test]
fn a_wide_file_has_a_column_a_fund_named_as_it_likes() {
    let folder = Folder::new();
    let text =
        "日期,某某稳健1号,000411,Alpha-2\n2024/1/12,1.02,2.1,\n2024/1/5,1.01,2.0,0.99\n,,,\n";
    let (funds, findings) =
        read_navs(&folder.write("navs.csv", text), &ReadOptions::default()).unwrap();
    let names: Vec<&str> = funds.iter().map(|fund| fund.name.as_str()).collect();
    assert_eq!(names, ["某某稳健1号", "000411", "Alpha-2"]);
    assert_eq!(funds[0].days, [day(2024, 1, 5), day(2024, 1, 12)]);
    assert_eq!(funds[0].adjusted, [1.01, 1.02]);
    assert!(funds[0].unit.iter().all(|x| x.is_nan()));
    assert_eq!(funds[2].days, [day(2024, 1, 5)]);
    assert_eq!(funds[1].symbol, Symbol::literal("000411.OF"));
    assert_eq!(funds[2].symbol, Symbol::literal("Alpha-2.OWN"));
    // Nothing says which value it is: a note does.
    assert_eq!((findings[0].kind.as_str(), findings[0].count), ("assumed_nav", 3));
}

#[test]
fn a_name_always_makes_the_same_symbol() {
    let symbol = fund_symbol("某某稳健1号").unwrap();
    assert_eq!(symbol, fund_symbol(" 某某稳健1号 ").unwrap());
    assert_ne!(symbol, fund_symbol("某某稳健2号").unwrap());
    assert_eq!(symbol.exchange(), shoals_core::Exchange::Own);
    assert_eq!(fund_symbol("411").unwrap(), Symbol::literal("000411.OF"));
}

#[test]
fn what_a_wide_file_holds_is_said_by_its_headings_its_name_or_the_user() {
    let folder = Folder::new();
    let text = "净值日期,甲基金单位净值,甲基金累计净值,乙_复权净值\n20240105,1.0,1.5,3.1\n";
    let funds = navs(&folder.write("x.csv", text));
    assert_eq!(funds.len(), 2);
    assert_eq!((funds[0].name.as_str(), funds[1].name.as_str()), ("甲基金", "乙"));
    assert_eq!((funds[0].unit[0], funds[0].accumulated[0], funds[1].adjusted[0]), (1.0, 1.5, 3.1));
    let by_name = navs(&folder.write("累计净值表.csv", "date,a,b\n2024-01-05,1.1,1.2\n"));
    assert_eq!((by_name[0].accumulated[0], by_name[1].accumulated[0]), (1.1, 1.2));
    let path = folder.write("y.csv", "date,a,b\n2024-01-05,1.1,1.2\n");
    let options = ReadOptions { value: Some("单位净值".to_owned()), ..ReadOptions::default() };
    assert_eq!(read_navs(&path, &options).unwrap().0[0].unit, [1.1]);
    let options = ReadOptions { value: Some("close".to_owned()), ..ReadOptions::default() };
    let refused = read_navs(&path, &options).unwrap_err().to_string();
    assert!(refused.contains("`close` is no value of a fund"), "{refused}");
}

#[test]
fn a_long_file_of_chinese_headings_in_gbk() {
    let folder = Folder::new();
    let text = "基金代码,基金名称,净值日期,单位净值(元),累计净值(元),分红\n\
                000411,景顺优质,2024-01-05,1.097,1.650,\n\
                000411,景顺优质,2024-01-04,1.120,1.673,\n\
                006675,大成,2024-04-29,1.3204,1.3879,0.0675\n";
    let path = folder.path().join("long.csv");
    std::fs::write(&path, gbk(text)).unwrap();
    let funds = navs(&path);
    assert_eq!((funds[0].name.as_str(), funds[0].symbol.as_str()), ("景顺优质", "000411.OF"));
    assert_eq!(funds[0].days, [day(2024, 1, 4), day(2024, 1, 5)]);
    assert_eq!(
        (&funds[0].unit[..], &funds[0].accumulated[..]),
        (&[1.120, 1.097][..], &[1.673, 1.650][..])
    );
    assert_eq!(funds[1].dividend, [0.0675]);
}

#[test]
fn a_long_file_may_name_funds_by_name_alone_and_one_fund_by_its_file() {
    let folder = Folder::new();
    let long = "产品名称,日期,复权净值\n某某稳健1号,2024-01-05,1.01\n某某稳健2号,2024-01-05,1.02\n";
    let funds = navs(&folder.write("long.csv", long));
    assert_eq!((funds[1].name.as_str(), funds[1].adjusted[0]), ("某某稳健2号", 1.02));
    let single = "日期,单位净值,累计净值\n2024-01-05,1.01,1.11\n";
    let funds = navs(&folder.write("某某进取.csv", single));
    assert_eq!(
        (funds.len(), funds[0].name.as_str(), funds[0].accumulated[0]),
        (1, "某某进取", 1.11)
    );
}

#[test]
fn a_workbook_may_hold_serial_days_and_a_sheet_a_fund() {
    let folder = Folder::new();
    let path = folder.path().join("navs.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, value) in [("某某稳健1号", 1.01), ("某某稳健2号", 1.02)] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        sheet.write(0, 0, "日期").unwrap();
        sheet.write(0, 1, "单位净值").unwrap();
        // 45296 is 2024-01-05 in the 1900 system.
        sheet.write(1, 0, 45_296).unwrap();
        sheet.write(1, 1, value).unwrap();
    }
    book.save(&path).unwrap();
    let funds = navs(&path);
    assert_eq!((funds[0].name.as_str(), funds[1].name.as_str()), ("某某稳健1号", "某某稳健2号"));
    assert_eq!((&funds[1].days[..], &funds[1].unit[..]), (&[day(2024, 1, 5)][..], &[1.02][..]));
}

#[test]
fn a_bad_cell_is_named_with_its_row_and_column() {
    let folder = Folder::new();
    let wide = "日期,甲,乙\n2024-01-05,1.01,1.02\n2024-01-12,1.o2,1.03\n";
    let found = error(&folder, "a.csv", wide);
    assert!(found.contains("row 2: column `甲` holds `1.o2`, expected a NAV"), "{found}");
    let zero = error(&folder, "b.csv", "日期,甲\n2024-01-05,0\n");
    assert!(
        zero.contains("row 1: column `甲` holds `0`, expected a NAV, a number above zero"),
        "{zero}"
    );
    let day = error(&folder, "c.csv", "日期,甲\n2024-01-05,1\n2024-13-05,1\n");
    assert!(day.contains("row 2: column `日期` holds `2024-13-05`, expected a day"), "{day}");
    let twice = "基金名称,日期,单位净值\n甲,2024-01-05,1.01\n甲,2024-01-05,1.02\n";
    let twice = error(&folder, "d.csv", twice);
    assert!(
        twice.contains(
            "row 2: column `单位净值` holds `1.02`, expected one value of 甲 on 2024-01-05"
        ),
        "{twice}"
    );
    let empty = error(&folder, "f.csv", "日期,甲,乙\n2024-01-05,,\n");
    assert!(empty.contains("no cell holds a NAV"), "{empty}");
    let none = error(&folder, "e.csv", "甲,乙\n1.0,1.1\n");
    assert!(none.contains("no column of days among 甲, 乙"), "{none}");
}

#[test]
fn the_same_value_twice_is_a_note() {
    let folder = Folder::new();
    let twice = "基金名称,日期,单位净值\n甲,2024-01-05,1.01\n甲,2024-01-05,1.01\n";
    let (funds, findings) =
        read_navs(&folder.write("d.csv", twice), &ReadOptions::default()).unwrap();
    assert_eq!(funds[0].unit, [1.01]);
    assert_eq!((findings[0].kind.as_str(), findings[0].row), ("duplicate_nav", Some(2)));
}

/// 88 real funds, 10,124 rows (`SHOALS_DATA`).
#[test]
fn the_real_funds_are_read_whole() {
    let Some(root) = std::env::var_os("SHOALS_DATA") else {
        eprintln!("skipped: SHOALS_DATA is not set, so real NAVs cannot be read");
        return;
    };
    let path = std::path::Path::new(&root).join("market/fund_nav_2024.parquet");
    let (funds, findings) = read_navs(&path, &ReadOptions::default()).unwrap();
    assert_eq!(funds.len(), 88);
    assert_eq!(funds.iter().map(|fund| fund.days.len()).sum::<usize>(), 10_124);
    assert!(findings.is_empty(), "{findings:?}");
    let paid = |fund: &FundValues| fund.dividend.iter().filter(|d| **d > 0.0).count();
    assert_eq!(funds.iter().map(paid).sum::<usize>(), 4);
}
