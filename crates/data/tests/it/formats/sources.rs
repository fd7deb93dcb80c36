//! Each source's own columns, codes and units, against values worked by hand.

use shoals_data::formats::{Profile, ReadOptions};
use shoals_data::{DataError, Loaded, MarketTable};

use super::{Folder, gbk, read_as, rows, table, troubles};

/// Name, bytes, profile, table, columns shown, rows expected.
type Case<'a> = (&'a str, Vec<u8>, Profile, MarketTable, &'a str, &'a [&'a str]);

fn check(cases: Vec<Case<'_>>) {
    for (name, bytes, profile, wanted, columns, expected) in cases {
        let folder = Folder::new();
        let path = folder.write(name, bytes);
        let loaded = read_as(profile, &path, &ReadOptions::default())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(rows(table(&loaded, wanted), columns), expected, "{name}");
        assert_eq!(troubles(&loaded), [""; 0], "{name}");
    }
}

/// Units by FORMATS: vol in hands, amount in thousands, shares and caps in ten thousands.
#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn tushare_units_become_shares_and_yuan() {
    let json = |fields: &str, items: &str| -> Vec<u8> {
        format!(
            "{{\"request_id\":\"x\",\"code\":0,\"msg\":\"\",\"data\":{{\"fields\":{fields},\
             \"items\":{items},\"has_more\":false}}}}"
        )
        .into_bytes()
    };
    check(vec![
        (
            "daily.json",
            json(
                r#"["ts_code","trade_date","open","high","low","close","pre_close","vol","amount"]"#,
                r#"[["600519.SH","20240205",1651.0,1675.99,1643.0,1665.5,1660.1,30123.45,5012345.678]]"#,
            ),
            Profile::Tushare,
            MarketTable::StockDaily,
            "date symbol open close pre_close volume amount",
            &["2024-02-05 600519.SH 1651.0 1665.5 1660.1 3012345 5012345678.0"],
        ),
        (
            "daily_basic.csv",
            b"ts_code,trade_date,close,pe_ttm,pb,ps_ttm,dv_ttm,total_share,float_share,free_share,total_mv,circ_mv\n\
              000001.SZ,20240205,9.2,3.65,0.46,1.1,3.1,1940591.82,1940554.69,814577.45,17853444.74,17853103.1\n"
                .to_vec(),
            Profile::Tushare,
            MarketTable::StockValuation,
            "symbol pb dividend_yield total_market_cap free_float_market_cap",
            &["000001.SZ 0.46 0.031 178534447400.0 178531031000.0"],
        ),
        (
            "daily_basic.csv",
            b"ts_code,trade_date,close,pb,total_share,float_share,free_share\n\
              000001.SZ,20240205,9.2,0.46,1940591.82,1940554.69,814577.45\n"
                .to_vec(),
            Profile::Tushare,
            MarketTable::StockDaily,
            "close total_shares free_float_shares",
            &["9.2 19405918200.0 8145774500.0"],
        ),
        (
            "adj_factor.csv",
            b"ts_code,trade_date,adj_factor\n000001.SZ,20240205,126.5\n".to_vec(),
            Profile::Tushare,
            MarketTable::StockDaily,
            "date symbol close adjust_factor",
            &["2024-02-05 000001.SZ - 126.5"],
        ),
        (
            "index_daily.csv",
            b"ts_code,trade_date,close,open,high,low,pre_close,vol,amount\n\
              000852.SH,20240205,4293.0695,4500,4510,4280,4570,250000000,180000000\n"
                .to_vec(),
            Profile::Tushare,
            MarketTable::IndexDaily,
            "symbol close volume amount variant",
            &["000852.SH 4293.0695 25000000000 180000000000.0 price"],
        ),
        (
            "index_weight.csv",
            b"index_code,con_code,trade_date,weight\n000300.SH,600519.SH,20240131,5.5\n".to_vec(),
            Profile::Tushare,
            MarketTable::IndexMember,
            "date index symbol weight",
            &["2024-01-31 000300.SH 600519.SH 0.055"],
        ),
        (
            "fut_daily.csv",
            b"ts_code,trade_date,open,high,low,close,settle,vol,amount,oi\n\
              IM2403.CFX,20240205,4500.2,4520,4100,4150.6,4170.8,98765.0,8265432.1,54321\n"
                .to_vec(),
            Profile::Tushare,
            MarketTable::FutureDaily,
            "contract settle volume amount open_interest",
            &["IM2403.CFE 4170.8 98765 82654321000.0 54321"],
        ),
        (
            "opt_daily.csv",
            b"ts_code,trade_date,close,settle,vol,oi\nMO2403-P-5000.CFX,20240205,610.2,612.4,100,2000\n"
                .to_vec(),
            Profile::Tushare,
            MarketTable::OptionDaily,
            "contract underlying kind strike expiry close volume",
            &["MO2403-P-5000.CFE 000852.SH put 5000.0 2024-03-15 610.2 100"],
        ),
        (
            "fund_nav.csv",
            b"ts_code,ann_date,nav_date,unit_nav,accum_nav,net_asset,adj_nav\n\
              000411.OF,20240206,20240205,1.05,1.6,123456789.5,2.1\n"
                .to_vec(),
            Profile::Tushare,
            MarketTable::FundNav,
            "date fund unit_nav accumulated_nav adjusted_nav net_asset",
            &["2024-02-05 000411.OF 1.05 1.6 2.1 123456789.5"],
        ),
        (
            "trade_cal.csv",
            b"exchange,cal_date,is_open\nSSE,20240209,0\nSSE,20240208,1\n".to_vec(),
            Profile::Tushare,
            MarketTable::TradingDay,
            "date is_open",
            &["2024-02-09 false", "2024-02-08 true"],
        ),
        (
            "stock_basic.csv",
            "ts_code,symbol,name,area,industry,market,list_date\n\
             688981.SH,688981,中芯国际,上海,半导体,科创板,20200716\n"
                .as_bytes()
                .to_vec(),
            Profile::Tushare,
            MarketTable::Security,
            "symbol name kind board listed_on industry",
            &["688981.SH 中芯国际 stock star 2020-07-16 半导体"],
        ),
    ]);
}

/// Witness: the first rows of each source's own documentation; percent become decimals, empty cells no rows.
#[test]
fn shibor_unfolds_into_a_rate_a_tenor() {
    let json =
        br#"{"code":0,"msg":"","data":{"fields":["date","on","1w","2w","1m","3m","6m","9m","1y"],
        "items":[["20181101",2.547,2.673,2.691,2.696,2.976,3.297,3.504,3.55],
                 ["20181031",2.37,2.715,null,2.689,2.963,3.298,3.504,3.55]],"has_more":false}}"#;
    let expected = [
        "2018-11-01 1D 0.02547",
        "2018-11-01 1W 0.02673",
        "2018-11-01 2W 0.02691",
        "2018-11-01 1M 0.02696",
        "2018-11-01 3M 0.02976",
        "2018-11-01 6M 0.03297",
        "2018-11-01 9M 0.03504",
        "2018-11-01 1Y 0.0355",
        "2018-10-31 1D 0.0237",
        "2018-10-31 1W 0.02715",
        "2018-10-31 1M 0.02689",
        "2018-10-31 3M 0.02963",
        "2018-10-31 6M 0.03298",
        "2018-10-31 9M 0.03504",
        "2018-10-31 1Y 0.0355",
    ];
    let csv = b",date,on,1w,2w,1m,3m,6m,9m,1y\n\
                0,20181101,2.5470,2.6730,2.6910,2.6960,2.9760,3.2970,3.5040,3.5500\n\
                1,20181031,2.3700,2.7150,,2.6890,2.9630,3.2980,3.5040,3.5500\n";
    let columns = "date tenor rate";
    check(vec![
        (
            "shibor.json",
            json.to_vec(),
            Profile::Tushare,
            MarketTable::RateDaily,
            columns,
            &expected,
        ),
        ("shibor.json", json.to_vec(), Profile::Auto, MarketTable::RateDaily, columns, &expected),
        ("shibor.csv", csv.to_vec(), Profile::Auto, MarketTable::RateDaily, columns, &expected),
        (
            "shibor_data.csv",
            b"date,shiborON,shibor1W,shibor1Y\n2015-01-05,3.421000,4.725000,4.742900\n".to_vec(),
            Profile::Baostock,
            MarketTable::RateDaily,
            columns,
            &["2015-01-05 1D 0.03421", "2015-01-05 1W 0.04725", "2015-01-05 1Y 0.047429"],
        ),
        (
            "shibor_all.csv",
            "日期,O/N-定价,O/N-涨跌幅,1W-定价,1W-涨跌幅\n2024-02-05,1.7090,-3.10,1.8380,0.50\n"
                .into(),
            Profile::Akshare,
            MarketTable::RateDaily,
            columns,
            &["2024-02-05 1D 0.01709", "2024-02-05 1W 0.01838"],
        ),
    ]);
}

#[test]
fn rates_in_another_unit_are_told_and_other_rates_are_not_taken_for_shibor() {
    let folder = Folder::new();
    let path = folder.write("decimal.csv", "date,on,1w\n2024-02-05,0.01709,0.01838\n");
    let unit = |unit: &str| ReadOptions {
        units: [("rate".to_owned(), unit.to_owned())].into(),
        ..ReadOptions::default()
    };
    let loaded = read_as(Profile::Csv, &path, &unit("decimal")).unwrap();
    assert_eq!(rows(&loaded[0], "tenor rate"), ["1D 0.01709", "1W 0.01838"]);
    let error = read_as(Profile::Csv, &path, &unit("手")).unwrap_err().to_string();
    assert!(error.contains("--unit rate=UNIT") && error.contains("percent"), "{error}");
    for header in ["date,on,1w,2m,12m", "date,curr_type,on,1w,1m", "date,bank,on_b,on_a,1w_b"] {
        let path = folder.write("other.csv", format!("{header}\n20181130,1,2,3,4\n"));
        let read = read_as(Profile::Auto, &path, &ReadOptions::default());
        assert!(matches!(read, Err(DataError::UnknownLayout { .. })), "{header}: {read:?}");
    }
}

/// Columns any export could have are no research file: the codes say what the rows are.
#[test]
fn plain_bars_are_what_their_codes_say() {
    check(vec![
        (
            "close.csv",
            b"date,symbol,close\n2024-02-05,000852.SH,4293.07\n".to_vec(),
            Profile::Auto,
            MarketTable::IndexDaily,
            "symbol close variant",
            &["000852.SH 4293.07 price"],
        ),
        (
            "total.csv",
            b"date,symbol,close\n2024-02-05,H00852.CSI,6000.5\n".to_vec(),
            Profile::Auto,
            MarketTable::IndexDaily,
            "symbol close variant",
            &["H00852.CSI 6000.5 total_return"],
        ),
        (
            "stock.csv",
            b"date,code,open,high,low,close\n2024-02-05,600519.SH,1651,1675.99,1643,1665.5\n".to_vec(),
            Profile::Auto,
            MarketTable::StockDaily,
            "symbol open high low close",
            &["600519.SH 1651.0 1675.99 1643.0 1665.5"],
        ),
        (
            "volume.csv",
            b"date,code,open,high,low,close,volume\n2024-02-05,600519.SH,1651,1676,1643,1665.5,3012345\n"
                .to_vec(),
            Profile::Auto,
            MarketTable::StockDaily,
            "symbol close volume",
            &["600519.SH 1665.5 3012345"],
        ),
    ]);
}

#[test]
fn akshare_columns_are_read_by_name_not_by_place() {
    check(vec![
        (
            "hist.csv",
            "日期,股票代码,开盘,收盘,最高,最低,成交量,成交额,振幅,涨跌幅,涨跌额,换手率\n\
             2024-02-05,000852,5.1,4.9,5.2,4.6,123456,60000000.0,11.8,-3.9,-0.2,3.1\n"
                .as_bytes()
                .to_vec(),
            Profile::Akshare,
            MarketTable::StockDaily,
            "symbol open high low close volume amount",
            &["000852.SZ 5.1 5.2 4.6 4.9 12345600 60000000.0"],
        ),
        (
            "sh000922.csv",
            b"date,open,high,low,close,volume\n2024-02-05,4800.1,4900,4700,4890.5,1000\n".to_vec(),
            Profile::Akshare,
            MarketTable::IndexDaily,
            "symbol close volume",
            &["000922.SH 4890.5 1000"],
        ),
        (
            "20240205_1.csv",
            gbk("合约代码,今开盘,最高价,最低价,成交量,成交金额,持仓量,今收盘,今结算,前结算,日期\n\
                 IM2403,4500.2,4520.0,4100.0,98765,8265432.1,54321,4150.6,4170.8,4560.0,20240205\n"),
            Profile::Akshare,
            MarketTable::FutureDaily,
            "date contract close settle volume amount open_interest",
            &["2024-02-05 IM2403.CFE 4150.6 4170.8 98765 82654321000.0 54321"],
        ),
        (
            "000411.OF.csv",
            "\u{feff}净值日期,单位净值,日增长率\n2024-02-05,1.05,-3.1\n".as_bytes().to_vec(),
            Profile::Akshare,
            MarketTable::FundNav,
            "date fund unit_nav",
            &["2024-02-05 000411.OF 1.05"],
        ),
        (
            "index_option_50etf_qvix.csv",
            b"date,open,high,low,close\n2024-02-05,28.1,35.2,27.0,33.25\n".to_vec(),
            Profile::Akshare,
            MarketTable::ImpliedVolatilityDaily,
            "date underlying tenor_days implied_volatility",
            &["2024-02-05 510050.SH 30 0.3325"],
        ),
        (
            "stock_margin_sse.csv",
            "信用交易日期,融资余额,融资买入额,融券余量,融券余额\n20240205,720000000000,30000000000,1,5000000\n"
                .as_bytes()
                .to_vec(),
            Profile::Akshare,
            MarketTable::MarginBalance,
            "date exchange financing_balance securities_lending_balance",
            &["2024-02-05 SH 720000000000.0 5000000.0"],
        ),
        (
            "stock_margin_sse.csv",
            "信用交易日期,融资余额,融资买入额,融券余量,融券余量金额,融券卖出量,融资融券余额\n20240205,720000000000,30000000000,1,5000000,1,720005000000\n"
                .into(),
            Profile::Akshare,
            MarketTable::MarginBalance,
            "date exchange financing_balance securities_lending_balance",
            &["2024-02-05 SH 720000000000.0 5000000.0"],
        ),
        (
            "cons.csv",
            "日期,指数代码,指数名称,成分券代码,成分券名称,交易所,权重\n2024-01-31,000852,中证1000,000852,石化机械,深圳证券交易所,0.05\n"
                .as_bytes()
                .to_vec(),
            Profile::Akshare,
            MarketTable::IndexMember,
            "index symbol weight",
            &["000852.SH 000852.SZ 0.0005"],
        ),
    ]);
}

#[test]
fn wind_exports_in_gbk_with_separators_and_a_source_line() {
    let long = "代码,简称,日期,收盘价(元),成交额(万元),成交量(手)\n\
                600519.SH,贵州茅台,2024/2/5,\"1,665.50\",\"501,234.57\",\"30,123\"\n\
                000001.SZ,平安银行,2024/2/5,９．２０,--,#N/A\n\
                \n\
                数据来源：Wind\n";
    check(vec![(
        "行情.csv",
        gbk(long),
        Profile::Wind,
        MarketTable::StockDaily,
        "date symbol close amount volume",
        &["2024-02-05 600519.SH 1665.5 5012345700.0 3012300", "2024-02-05 000001.SZ 9.2 - -"],
    )]);
}

fn workbook(path: &std::path::Path) {
    use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (i, name) in ["证券代码", "交易日期", "收盘价(元)", "成交额(亿元)"].iter().enumerate()
    {
        sheet.write(0, i as u16, *name).unwrap();
    }
    let day = Format::new().set_num_format("yyyy-mm-dd");
    let date = ExcelDateTime::from_ymd(2024, 2, 5).unwrap();
    sheet.write(1, 0, "600519.SH").unwrap();
    sheet.write_with_format(1, 1, &date, &day).unwrap();
    sheet.write(1, 2, 1665.5).unwrap();
    sheet.write(1, 3, 50.25).unwrap();
    sheet.write(2, 0, "000001.SZ").unwrap();
    sheet.write(2, 1, "2024-02-06").unwrap();
    sheet.write(2, 2, "--").unwrap();
    sheet.write(2, 3, "1,234.5").unwrap();
    sheet.write(3, 0, "数据来源：Wind").unwrap();
    book.save(path).unwrap();
}

#[test]
fn a_workbook_with_cell_dates_text_dates_and_dashes() {
    let folder = Folder::new();
    let path = folder.path().join("wind.xlsx");
    workbook(&path);
    for profile in [Profile::Wind, Profile::Choice] {
        let loaded = read_as(profile, &path, &ReadOptions::default()).unwrap();
        let daily = table(&loaded, MarketTable::StockDaily);
        assert_eq!(
            rows(daily, "date symbol close amount"),
            ["2024-02-05 600519.SH 1665.5 5025000000.0", "2024-02-06 000001.SZ - 123450000000.0"]
        );
        assert_eq!(troubles(&loaded), [""; 0]);
        assert_eq!(daily.source_columns["amount"], "成交额(亿元)");
    }
}

#[test]
fn a_wide_sheet_unfolds_into_rows() {
    let folder = Folder::new();
    let text = "收盘价\n,000300.SH,000852.SH\n2024-02-05,3200.42,4293.07\n2024-02-06,3311.69,\n";
    let path = folder.write("wide.csv", text);
    let loaded = read_as(Profile::Wind, &path, &ReadOptions::default()).unwrap();
    let index = table(&loaded, MarketTable::IndexDaily);
    assert_eq!(
        rows(index, "date symbol close"),
        [
            "2024-02-05 000300.SH 3200.42",
            "2024-02-05 000852.SH 4293.07",
            "2024-02-06 000300.SH 3311.69"
        ]
    );
    assert_eq!(index.source_rows, Some(vec![1, 1, 2]));
    let path = folder.write("volume.csv", "成交量(万股)\n,600519.SH\n2024-02-05,301.2345\n");
    let loaded = read_as(Profile::Wind, &path, &ReadOptions::default()).unwrap();
    assert_eq!(
        rows(table(&loaded, MarketTable::StockDaily), "symbol volume"),
        ["600519.SH 3012345"]
    );
}

#[test]
fn baostock_and_rqalpha_files_are_known_by_their_columns() {
    let header = "date,code,open,high,low,close,preclose,volume,amount,adjustflag,turn,tradestatus,pctChg,peTTM,pbMRQ,psTTM,isST";
    let bar = |flag: u8| -> Vec<u8> {
        format!(
            "{header}\n2024-02-05,sh.600519,1651,1675.99,1643,1665.5,1660.1,3012345,5012345678.9,{flag},0.24,1,0.3,29.5,9.9,14.2,0\n\
             2024-02-06,sh.600519,,,,1665.5,1665.5,0,0,{flag},,0,0,29.5,9.9,14.2,1\n"
        )
        .into_bytes()
    };
    check(vec![
        (
            "bs.csv",
            bar(3),
            Profile::Baostock,
            MarketTable::StockDaily,
            "symbol close pre_close volume amount is_suspended is_st",
            &[
                "600519.SH 1665.5 1660.1 3012345 5012345678.9 false false",
                "600519.SH 1665.5 1665.5 0 0.0 true true",
            ],
        ),
        (
            "bs.csv",
            bar(3),
            Profile::Auto,
            MarketTable::StockValuation,
            "pb pe_ttm ps_ttm",
            &["9.9 29.5 14.2", "9.9 29.5 14.2"],
        ),
        (
            "bs_adjusted.csv",
            bar(2),
            Profile::Baostock,
            MarketTable::StockAdjustedDaily,
            "symbol close volume",
            &["600519.SH 1665.5 3012345", "600519.SH 1665.5 0"],
        ),
        (
            "rq.csv",
            b"order_book_id,date,open,close,high,low,volume,total_turnover\n\
              000852.XSHG,2024-02-05,4500,4293.07,4510,4280,1000,2000.5\n"
                .to_vec(),
            Profile::Rqalpha,
            MarketTable::IndexDaily,
            "symbol close volume amount",
            &["000852.SH 4293.07 1000 2000.5"],
        ),
        (
            "rq_future.csv",
            b"order_book_id,date,open,close,high,low,volume,total_turnover,open_interest,settlement\n\
              IM2403,2024-02-05,4500,4150.6,4520,4100,1000,2000.5,54321,4170.8\n"
                .to_vec(),
            Profile::Rqalpha,
            MarketTable::FutureDaily,
            "contract settle open_interest",
            &["IM2403.CFE 4170.8 54321"],
        ),
    ]);
}

#[test]
fn a_mapping_names_columns_units_and_bare_codes() {
    let folder = Folder::new();
    let path = folder.write("mine.csv", "d|c|p|额|mv\n20240205|852|4.9|6000|12.5\n");
    let mapping = "table = \"stock_daily\"\nkind = \"stock\"\n[columns]\nd = \"date\"\nc = \"symbol\"\n\
                   p = \"close\"\n\"额\" = { to = \"amount\", unit = \"万元\" }\n\
                   mv = { to = \"total_market_cap\", unit = \"亿元\" }\n";
    let options = ReadOptions { mapping: Some(mapping.parse().unwrap()), ..ReadOptions::default() };
    let loaded = read_as(Profile::Csv, &path, &options).unwrap();
    let daily = table(&loaded, MarketTable::StockDaily);
    assert_eq!(rows(daily, "date symbol close amount"), ["2024-02-05 000852.SZ 4.9 60000000.0"]);
    let caps = table(&loaded, MarketTable::StockValuation);
    assert_eq!(rows(caps, "symbol total_market_cap"), ["000852.SZ 1250000000.0"]);
}

fn bin(start: f32, values: &[f32]) -> Vec<u8> {
    std::iter::once(&start).chain(values).flat_map(|x| x.to_le_bytes()).collect()
}

/// A qlib folder of one stock and one index over four days.
fn qlib(folder: &Folder) {
    let days = "2024-02-05\n2024-02-06\n2024-02-07\n2024-02-08\n";
    folder.write("calendars/day.txt", days);
    folder.write(
        "instruments/all.txt",
        "SH600000\t2024-02-05\t2024-02-08\nSH000300\t2024-02-06\t2024-02-08\n",
    );
    for (field, values) in [
        ("open", [5.0_f32, 5.5, f32::NAN, 5.25]),
        ("high", [5.5, 5.75, f32::NAN, 5.5]),
        ("low", [4.75, 5.25, f32::NAN, 5.0]),
        ("close", [5.25, 5.5, f32::NAN, 5.25]),
        ("volume", [2000.0, 4000.0, f32::NAN, 6000.0]),
        ("factor", [0.5, 0.5, 0.5, 0.5]),
    ] {
        folder.write(&format!("features/sh600000/{field}.day.bin"), bin(0.0, &values));
    }
    folder.write("features/sh000300/close.day.bin", bin(1.0, &[3200.0, 3300.0, 3400.0]));
}

/// Raw price is close / factor, raw volume is volume * factor.
#[test]
fn qlib_prices_are_divided_by_their_factor() {
    let folder = Folder::new();
    qlib(&folder);
    for profile in [Profile::Qlib, Profile::Auto] {
        let loaded = read_as(profile, folder.path(), &ReadOptions::default()).unwrap();
        assert_eq!(
            rows(
                table(&loaded, MarketTable::StockDaily),
                "date symbol open close volume adjust_factor"
            ),
            [
                "2024-02-05 600000.SH 10.0 10.5 1000 0.5",
                "2024-02-06 600000.SH 11.0 11.0 2000 0.5",
                "2024-02-08 600000.SH 10.5 10.5 3000 0.5",
            ]
        );
        assert_eq!(
            rows(table(&loaded, MarketTable::IndexDaily), "date symbol close"),
            [
                "2024-02-06 000300.SH 3200.0",
                "2024-02-07 000300.SH 3300.0",
                "2024-02-08 000300.SH 3400.0"
            ]
        );
        assert_eq!(troubles(&loaded), [""; 0]);
    }
}

/// The seven checks of FORMATS section 3, one broken store each.
#[test]
fn broken_bins_are_found() {
    type Break = fn(&Folder);
    let cases: [(&str, Break); 9] = [
        ("bad_bin_start", |f| {
            f.write("features/sh000300/close.day.bin", bin(0.5, &[1.0, 2.0]));
        }),
        ("bin_past_calendar", |f| {
            f.write("features/sh000300/close.day.bin", bin(3.0, &[1.0, 2.0]));
        }),
        ("short_bin", |f| {
            f.write("features/sh000300/close.day.bin", bin(1.0, &[3200.0, 3400.0]));
        }),
        ("long_bin", |f| {
            f.write(
                "instruments/all.txt",
                "SH600000\t2024-02-05\t2024-02-08\nSH000300\t2024-02-06\t2024-02-07\n",
            );
        }),
        ("uneven_bins", |f| {
            f.write("features/sh600000/volume.day.bin", bin(1.0, &[1.0, 2.0, 3.0]));
        }),
        ("closed_day", |f| {
            f.write("calendars/day.txt", "2024-02-05\n2024-02-06\n2024-02-07\n2024-02-10\n");
            f.write(
                "instruments/all.txt",
                "SH600000\t2024-02-05\t2024-02-10\nSH000300\t2024-02-06\t2024-02-10\n",
            );
        }),
        ("factor_jump", |f| {
            f.write("features/sh600000/factor.day.bin", bin(0.0, &[0.5, 0.1, 0.1, 0.1]));
        }),
        ("torn_bin", |f| {
            f.write("features/sh000300/close.day.bin", [0_u8; 7]);
        }),
        ("empty_bin", |f| {
            f.write("features/sh000300/close.day.bin", bin(1.0, &[]));
        }),
    ];
    for (kind, damage) in cases {
        let folder = Folder::new();
        qlib(&folder);
        damage(&folder);
        let loaded: Vec<Loaded> =
            read_as(Profile::Qlib, folder.path(), &ReadOptions::default()).unwrap();
        let found = troubles(&loaded);
        assert!(found.iter().any(|f| f.starts_with(kind)), "{kind}: {found:?}");
    }
}

/// CSI's numbering: H00300 and H20955 are the total returns of 000300 and 930955, H30533 is a price index.
#[test]
fn the_code_of_each_row_says_price_or_total_return() {
    let mixed = "date,code,close\n2024-02-05,sh000300,3200.42\n2024-02-05,SH000852,4293.07\n\
                 2024-02-05,H00300.CSI,5000.5\n2024-02-05,H20955.CSI,9000.5\n2024-02-05,H30533.CSI,800\n";
    let wide = "收盘价\n,000300.SH,H00852.CSI\n2024-02-05,3200.42,6000.5\n";
    let shown = "symbol variant";
    check(vec![
        (
            "mixed.csv",
            mixed.into(),
            Profile::Auto,
            MarketTable::IndexDaily,
            shown,
            &[
                "000300.SH price",
                "000852.SH price",
                "H00300.CSI total_return",
                "H20955.CSI total_return",
                "H30533.CSI price",
            ],
        ),
        (
            "wide.csv",
            wide.into(),
            Profile::Auto,
            MarketTable::IndexDaily,
            shown,
            &["000300.SH price", "H00852.CSI total_return"],
        ),
        (
            "H00905.CSI.csv",
            b"date,close\n2024-02-05,7000.5\n".to_vec(),
            Profile::Auto,
            MarketTable::IndexDaily,
            shown,
            &["H00905.CSI total_return"],
        ),
    ]);
}

#[test]
fn a_variant_is_price_or_total_return() {
    let folder = Folder::new();
    let long = folder.write(
        "own.csv",
        "date,code,close,variant\n2024-02-05,000300.SH,3200,price\n2024-02-06,000300.SH,3311,gross\n",
    );
    let error = read_as(Profile::Auto, &long, &ReadOptions::default()).unwrap_err().to_string();
    for part in ["own.csv", "row 2", "variant", "gross", "price or total_return"] {
        assert!(error.contains(part), "{part} in {error}");
    }
    let wide = folder.write("wide.csv", "收盘价\n,000300.SH\n2024-02-05,3200.42\n");
    for (path, columns) in
        [(&wide, ""), (&long, "[columns]\ndate = \"date\"\ncode = \"symbol\"\nclose = \"close\"\n")]
    {
        let read = |word: &str| {
            let mapping =
                format!("table = \"index_daily\"\n{columns}[constants]\nvariant = \"{word}\"\n");
            let mapping = Some(mapping.parse().unwrap());
            read_as(Profile::Csv, path, &ReadOptions { mapping, ..ReadOptions::default() })
        };
        assert_eq!(rows(&read("total_return").unwrap()[0], "variant")[0], "total_return");
        let error = read("net").unwrap_err().to_string();
        assert!(error.contains("net") && error.contains("total_return"), "{error}");
    }
}

/// The layout of the exchange's own file of a day, its numbers made up.
#[test]
fn a_day_of_the_futures_exchange_is_named_by_its_file_and_parted_by_code() {
    let text = "合约代码,今开盘,最高价,最低价,成交量,成交金额,持仓量,持仓变化,今收盘,今结算,前结算,涨跌1,涨跌2,Delta\n\
                IF2402              ,3160.2,3240.0,3080.0,78000,7392000.5,90000,-10.0,3205.6,3201.4,3180.0,25.6,21.4,--\n\
                小计,,,,78000,7392000.5,90000,,,,,,,\n\
                IO2403-C-3300       ,30.2,41.0,20.4,1500,512.3,8000,20.0,36.6,36.2,30.0,6.6,6.2,0.31\n\
                小计,,,,1500,512.3,8000,,,,,,,\n\
                合计,,,,79500,7392512.8,98000,,,,,,,\n";
    let folder = Folder::new();
    let path = folder.write("20240205_1.csv", gbk(text));
    for profile in [Profile::Auto, Profile::Akshare] {
        let loaded = read_as(profile, &path, &ReadOptions::default()).unwrap();
        let futures = table(&loaded, MarketTable::FutureDaily);
        assert_eq!(
            rows(futures, "date contract close settle volume amount open_interest"),
            ["2024-02-05 IF2402.CFE 3205.6 3201.4 78000 73920005000.0 90000"]
        );
        let options = table(&loaded, MarketTable::OptionDaily);
        assert_eq!(
            rows(options, "date contract underlying kind strike expiry close settle volume"),
            ["2024-02-05 IO2403-C-3300.CFE 000300.SH call 3300.0 2024-03-15 36.6 36.2 1500"]
        );
        assert_eq!(options.source_row(0), 3);
        assert_eq!(troubles(&loaded), [""; 0]);
        let told = |kind: &str| loaded[0].findings.iter().filter(|f| f.kind == kind).count();
        assert_eq!((told("day_from_file_name"), told("source_line")), (1, 1));
    }
    let bare = folder.write("quotes.csv", gbk(text));
    assert!(read_as(Profile::Auto, &bare, &ReadOptions::default()).is_err());
}

#[test]
fn each_row_of_baostock_goes_where_its_own_flag_says() {
    let header = "date,code,close,preclose,volume,amount,adjustflag,tradestatus,isST,peTTM";
    let row = |day: &str, close: f64, flag: &str| {
        format!("{day},sh.600519,{close},1660.1,3012345,5012345678.9,{flag},1,0,29.5\n")
    };
    let text = [
        format!("{header}\n"),
        row("2024-02-05", 1665.5, "3"),
        row("2024-02-05", 9100.5, "1"),
        row("2024-02-06", 1600.5, "2"),
        row("2024-02-06", 1670.5, "3"),
    ];
    let folder = Folder::new();
    let path = folder.write("bs.csv", text.concat());
    for profile in [Profile::Auto, Profile::Baostock] {
        let loaded = read_as(profile, &path, &ReadOptions::default()).unwrap();
        let daily = table(&loaded, MarketTable::StockDaily);
        assert_eq!(
            rows(daily, "date close pre_close volume amount is_suspended is_st"),
            [
                "2024-02-05 1665.5 1660.1 3012345 5012345678.9 false false",
                "2024-02-06 1670.5 1660.1 3012345 5012345678.9 false false",
            ]
        );
        assert_eq!(daily.source_rows, Some(vec![1, 4]));
        let adjusted = table(&loaded, MarketTable::StockAdjustedDaily);
        assert_eq!(rows(adjusted, "date close"), ["2024-02-05 9100.5", "2024-02-06 1600.5"]);
        assert_eq!(adjusted.source_rows, Some(vec![2, 3]));
        assert_eq!(table(&loaded, MarketTable::StockValuation).n_rows(), 2);
        assert_eq!(troubles(&loaded), [""; 0]);
    }
}
