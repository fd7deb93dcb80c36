//! Tables of a few rows, one for each check that is not about daily stock bars.

use shoals_core::day;
use shoals_data::{Loaded, MarketTable};

use super::clean::{self, dates, numbers, open_days, symbols, table, texts, written};
use super::only;

/// The only finding in a table of these lines: its severity, kind and row.
fn found(table: MarketTable, lines: &[&str]) -> String {
    told(&[written(table, lines)])
}

fn told(loaded: &[Loaded]) -> String {
    let finding = only(loaded);
    let row = finding.row.expect("a finding in a row");
    format!("{} {} row {row}", finding.severity, finding.kind)
}

#[test]
fn futures_live_between_listing_and_expiry_within_their_limits() {
    assert_eq!(
        found(
            MarketTable::FutureDaily,
            &["date contract close", "2024-02-19 IM2402.CFE 5100", "2024-02-20 IM2402.CFE 5110"]
        ),
        "severe after_expiry row 2"
    );
    assert_eq!(
        found(
            MarketTable::FutureDaily,
            &["date contract close", "2022-07-21 IM2209.CFE 7100", "2022-07-22 IM2209.CFE 7110"]
        ),
        "severe before_listing row 1"
    );
    // IM2403 came as a quarter month the Monday after IM2307 expired, IM2404 as the next month.
    for (contract, last_before, first) in [
        ("IM2403.CFE", "2023-07-21", "2023-07-24"),
        ("IM2403.CFE", "2023-01-18", "2023-07-24"),
        ("IM2404.CFE", "2024-02-19", "2024-02-20"),
    ] {
        let quoted = |day: &str| {
            let line = format!("{day} {contract} 6100");
            super::doctor(&[written(MarketTable::FutureDaily, &["date contract close", &line])])
        };
        let finding = quoted(last_before).remove(0);
        assert_eq!(finding.kind, "before_listing");
        assert_eq!(finding.expected, format!("{first} or later"));
        assert_eq!(quoted(first), []);
    }
    assert_eq!(
        found(
            MarketTable::FutureDaily,
            &[
                "date contract close settle",
                "2024-02-05 IM2403.CFE 4200 4200",
                "2024-02-06 IM2403.CFE 4700 4690"
            ]
        ),
        "warning outside_price_limit row 2"
    );
    assert_eq!(
        found(
            MarketTable::FutureDaily,
            &[
                "date contract close settle",
                "2024-02-05 IM2403.CFE 4200 4200",
                "2024-02-06 IM2403.CFE 4210 5700"
            ]
        ),
        "warning close_against_settle row 2"
    );
    assert_eq!(
        found(
            MarketTable::FutureDaily,
            &[
                "date contract close open_interest",
                "2024-02-05 IM2403.CFE 4200 5",
                "2024-02-06 IM2403.CFE 4210 -5"
            ]
        ),
        "severe negative_count row 2"
    );
    assert_eq!(
        found(
            MarketTable::FutureDaily,
            &[
                "date contract close volume amount",
                "2024-02-05 IM2403.CFE 4200 100 8400",
                "2024-02-06 IM2403.CFE 4210 100 8420"
            ]
        ),
        "severe unit_mistake row 1"
    );
}

#[test]
fn options_end_at_their_expiry() {
    assert_eq!(
        found(
            MarketTable::OptionDaily,
            &[
                "date contract underlying kind strike close expiry",
                "2024-02-05 MO2402-C-5000.CFE 000852.SH call 5000 20 2024-02-19",
                "2024-02-06 MO2402-C-5000.CFE 000852.SH call 5000 30 2024-02-05"
            ]
        ),
        "severe after_expiry row 2"
    );
}

#[test]
fn implied_volatilities_are_decimals_of_a_known_size() {
    assert_eq!(
        found(
            MarketTable::ImpliedVolatilityDaily,
            &[
                "date underlying tenor_days implied_volatility",
                "2024-02-05 510050.SH 30 24.5",
                "2024-02-06 510050.SH 30 25.5"
            ]
        ),
        "severe unit_mistake row 1"
    );
    assert_eq!(
        found(
            MarketTable::ImpliedVolatilityDaily,
            &[
                "date underlying tenor_days implied_volatility",
                "2024-02-05 510050.SH 30 0.25",
                "2024-02-06 510050.SH 30 0.001"
            ]
        ),
        "warning implied_volatility_out_of_range row 2"
    );
    let header = "date underlying tenor_days implied_volatility";
    for (first, second, row, flag) in
        [("0.25", "25.5", 2, "mend the cells"), ("3.1", "3.2", 1, "--unit implied_volatility=%")]
    {
        let lines = [
            header,
            &format!("2024-02-05 510050.SH 30 {first}"),
            &format!("2024-02-06 510050.SH 30 {second}"),
        ];
        let finding = only(&[written(MarketTable::ImpliedVolatilityDaily, &lines)]);
        assert_eq!((finding.kind.as_str(), finding.row), ("unit_mistake", Some(row)), "{finding}");
        assert_eq!(finding.severity, shoals_core::Severity::Severe);
        assert!(finding.remedy.contains(flag), "{finding}");
    }
}

#[test]
fn fund_values_move_like_funds() {
    assert_eq!(
        found(
            MarketTable::FundNav,
            &[
                "date fund unit_nav accumulated_nav",
                "2024-02-05 000411.OF 1 1.5",
                "2024-02-06 000411.OF 1.3 1.8"
            ]
        ),
        "warning nav_jump row 2"
    );
    assert_eq!(
        found(
            MarketTable::FundNav,
            &[
                "date fund unit_nav accumulated_nav",
                "2024-02-05 000411.OF 1.1 1.5",
                "2024-02-06 000411.OF 1.2 1"
            ]
        ),
        "warning accumulated_below_unit row 2"
    );
    assert_eq!(
        found(
            MarketTable::FundNav,
            &["date fund unit_nav", "2024-03-29 000411.OF 1.1", "2024-03-31 000411.OF 1.11"]
        ),
        "note closed_day row 2"
    );
    assert_eq!(
        found(
            MarketTable::FundNav,
            &[
                "date fund unit_nav net_asset",
                "2024-02-05 000411.OF 1.1 1.2",
                "2024-02-06 000411.OF 1.11 1.3"
            ]
        ),
        "severe unit_mistake row 1"
    );
}

#[test]
fn index_levels_move_within_the_limits_of_shares() {
    assert_eq!(
        found(
            MarketTable::IndexDaily,
            &["date symbol close", "2024-02-05 000852.SH 4300", "2024-02-06 000852.SH 5300"]
        ),
        "warning index_jump row 2"
    );
    assert_eq!(
        found(
            MarketTable::IndexDaily,
            &[
                "date symbol close",
                "2018-06-15 H00300.CSI 4613.77",
                "2018-06-18 H00300.CSI 4614.35"
            ]
        ),
        "warning closed_day row 2"
    );
    assert_eq!(
        found(
            MarketTable::IndexDaily,
            &[
                "date symbol close",
                "2018-06-15 H00300.CSI 4613.77",
                "2018-06-18 H00300.CSI 4714.35"
            ]
        ),
        "severe closed_day row 2"
    );
}

#[test]
fn ratios_and_balances_have_known_magnitudes() {
    assert_eq!(
        found(
            MarketTable::IndexValuation,
            &["date symbol dividend_yield", "2024-02-05 000300.SH 3.1", "2024-02-06 000300.SH 3.2"]
        ),
        "severe unit_mistake row 1"
    );
    assert_eq!(
        found(
            MarketTable::RateDaily,
            &["date tenor rate", "2024-02-05 1D 1.8", "2024-02-06 1D 1.9"]
        ),
        "severe unit_mistake row 1"
    );
    assert_eq!(
        found(
            MarketTable::MarginBalance,
            &["date exchange financing_balance", "2024-02-05 SH 7800", "2024-02-06 SH 7810"]
        ),
        "severe unit_mistake row 1"
    );
    assert_eq!(
        found(
            MarketTable::StockValuation,
            &[
                "date symbol total_market_cap",
                "2024-02-05 600519.SH 2.1e6",
                "2024-02-06 600519.SH 2.2e6"
            ]
        ),
        "severe unit_mistake row 1"
    );
}

#[test]
fn index_weights_sum_to_one() {
    assert_eq!(
        found(
            MarketTable::IndexMember,
            &[
                "date index symbol weight",
                "2024-01-31 000852.SH 600519.SH 60",
                "2024-01-31 000852.SH 600000.SH 40"
            ]
        ),
        "severe unit_mistake row 1"
    );
    assert_eq!(
        found(
            MarketTable::IndexMember,
            &[
                "date index symbol weight",
                "2024-01-31 000852.SH 600519.SH 0.3",
                "2024-01-31 000852.SH 600000.SH 0.4"
            ]
        ),
        "warning weights_incomplete row 1"
    );
}

#[test]
fn company_reports_come_after_their_period() {
    assert_eq!(
        found(
            MarketTable::FundamentalQuarterly,
            &[
                "date symbol announced_on",
                "2023-12-31 600519.SH 2023-12-01",
                "2024-03-31 600519.SH 2024-04-28"
            ]
        ),
        "severe announced_before_period_end row 1"
    );
    assert_eq!(
        found(
            MarketTable::FundamentalQuarterly,
            &[
                "date symbol announced_on",
                "2023-12-31 600519.SH 2024-04-01",
                "2024-03-30 600519.SH 2024-04-28"
            ]
        ),
        "warning not_quarter_end row 2"
    );
}

#[test]
fn registers_agree_with_themselves_and_the_calendar() {
    assert_eq!(
        found(
            MarketTable::Security,
            &[
                "symbol listed_on delisted_on",
                "600519.SH 2001-08-27 2024-01-01",
                "600001.SH 1998-01-22 1997-12-29"
            ]
        ),
        "severe delisted_before_listed row 2"
    );
    assert_eq!(
        found(MarketTable::Security, &["symbol name", "600519.SH A", "600519.SH B"]),
        "severe duplicate_key row 2"
    );
    assert_eq!(
        found(MarketTable::TradingDay, &["date is_open", "2024-02-05 true", "2024-02-06 false"]),
        "warning calendar_disagrees row 2"
    );
}

#[test]
fn adjusted_prices_and_factors_are_positive() {
    assert_eq!(
        found(
            MarketTable::StockAdjustedDaily,
            &["date symbol close", "2024-02-05 600519.SH NaN", "2024-02-06 600519.SH -2"]
        ),
        "severe non_positive_price row 2"
    );
    assert_eq!(
        found(
            MarketTable::EtfDaily,
            &[
                "date symbol close adjust_factor",
                "2024-02-05 510050.SH 2.2 -0.01",
                "2024-02-06 510050.SH 2.21 0.1"
            ]
        ),
        "warning bad_adjust_factor row 1"
    );
}

#[test]
fn an_adjusted_jump_beyond_the_limit_is_seen_once_the_listing_days_are_over() {
    let days = open_days(day(2024, 1, 2), 12);
    let mut close: Vec<f64> = (0..12).map(|i| 10.0 + 0.01 * f64::from(i)).collect();
    close[2] = 14.0;
    close[9] = 12.0;
    let loaded = table(
        MarketTable::StockAdjustedDaily,
        "a.csv",
        &[
            ("date", clean::days(&days)),
            ("symbol", symbols(&["600519.SH"; 12])),
            ("close", numbers(&close)),
        ],
    );
    let before = table(
        MarketTable::StockAdjustedDaily,
        "b.csv",
        &[
            ("date", dates(&["2023-12-29"])),
            ("symbol", symbols(&["600000.SH"])),
            ("close", numbers(&[10.0])),
        ],
    );
    let finding = only(&[loaded, before]);
    assert_eq!(
        (finding.kind.as_str(), finding.row, finding.count),
        ("jump_beyond_limit", Some(10), 2)
    );
}

#[test]
fn options_are_held_against_their_underlying() {
    let two = |name: &str| symbols(&[name, name]);
    let days = dates(&["2024-02-05", "2024-02-06"]);
    let spot = table(
        MarketTable::EtfDaily,
        "etf.csv",
        &[("date", days.clone()), ("symbol", two("510050.SH")), ("close", numbers(&[2.2, 2.25]))],
    );
    let chain = |kind: &str, strike: f64, close: [f64; 2]| {
        table(
            MarketTable::OptionDaily,
            "chain.csv",
            &[
                ("date", days.clone()),
                ("contract", two("50ETF-1.SH")),
                ("underlying", two("510050.SH")),
                ("kind", texts(&[kind, kind])),
                ("strike", numbers(&[strike, strike])),
                ("expiry", dates(&["2024-02-28", "2024-02-28"])),
                ("close", numbers(&close)),
            ],
        )
    };
    for (chain, kind, row) in [
        (chain("call", 2.0, [0.21, 0.05]), "option_below_intrinsic", 2),
        (chain("put", 2.5, [0.1, 0.26]), "option_below_intrinsic", 1),
        (chain("call", 2.0, [0.21, 2.6]), "option_above_bound", 2),
        (chain("put", 2.5, [2.7, 0.26]), "option_above_bound", 1),
    ] {
        let finding = only(&[spot.clone(), chain]);
        assert_eq!((finding.kind.as_str(), finding.row), (kind, Some(row)));
    }
}

#[test]
fn an_index_level_off_by_a_power_of_ten_is_a_unit_mistake() {
    let days = ["2024-02-05", "2024-02-06", "2024-02-07", "2024-02-08"];
    for factor in [10.0, 100.0, 1e3, 1e4, 1e8] {
        for factor in [factor, 1.0 / factor] {
            let level = 4_300.0;
            let stays = [level, level * factor * 1.02, level * factor, level * factor];
            let returns = [level, level * factor * 0.98, level * 1.01, level];
            for close in [stays, returns] {
                let index = table(
                    MarketTable::IndexDaily,
                    "i",
                    &[
                        ("date", dates(&days)),
                        ("symbol", symbols(&["000852.SH"; 4])),
                        ("close", numbers(&close)),
                    ],
                );
                assert_eq!(told(&[index]), "severe unit_mistake row 2");
            }
        }
    }
}

#[test]
fn twins_are_named_by_file_row_symbol_and_day() {
    let close = |file: &str, close: [f64; 2], days: [&str; 2]| {
        table(
            MarketTable::IndexDaily,
            file,
            &[
                ("date", dates(&days)),
                ("symbol", symbols(&["000852.SH"; 2])),
                ("close", numbers(&close)),
            ],
        )
    };
    let finding = super::only(&[close("a.csv", [4_300.0, 4_310.0], ["2024-02-05"; 2])]);
    assert_eq!(
        finding.to_string(),
        "severe [duplicate_key] a.csv row 2 000852.SH 2024-02-05: found close 4310, and 4300 in row 1, \
         expected one row for each date, symbol; find out which row is right and drop the other"
    );
    let days = ["2024-02-05", "2024-02-06"];
    let files =
        [close("a.csv", [4_300.0, 4_310.0], days), close("b.csv", [4_300.0, 4_320.0], days)];
    let text = super::only(&files).to_string();
    for part in ["conflicting_files", "b.csv row 2 000852.SH 2024-02-06", "those of b.csv are kept"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
}

/// A main-board stock moves 10 % a day and has five free days after a listing (rules of 2023-04-10).
#[test]
fn the_first_day_of_an_import_is_no_listing_day() {
    let bars = |lines: &[&str]| written(MarketTable::StockDaily, lines);
    let header = "date symbol high low close pre_close";
    let jump = "2024-02-05 600519.SH 15 10 15 10";
    let register = |listed: &str| {
        written(MarketTable::Security, &["symbol listed_on", &format!("600519.SH {listed}")])
    };
    let one_day = || bars(&[header, jump, "2024-02-05 600000.SH 10.1 9.9 10 10"]);
    assert_eq!(told(&[one_day()]), "severe outside_price_limit row 1");
    assert_eq!(told(&[one_day(), register("2001-08-27")]), "severe outside_price_limit row 1");
    let late = bars(&[header, "2024-02-02 600000.SH 10.1 9.9 10 10", jump]);
    let is_clean = |loaded: &[Loaded]| {
        super::doctor(loaded).iter().all(|finding| finding.kind != "outside_price_limit")
    };
    assert!(is_clean(&[one_day(), register("2024-02-05")]));
    assert!(is_clean(&[one_day(), register("2024-02-02")]));
    assert!(is_clean(std::slice::from_ref(&late)));
    assert!(!is_clean(&[late, register("2001-08-27")]));
}

/// Contracts of one index differ by their basis; the level of IM stood near 4,200 that day.
#[test]
fn contracts_of_a_product_stand_at_one_level() {
    for (odd, is_off) in [("42000", true), ("420", true), ("1401", false), ("12599", false)] {
        let lines = [
            "date contract close",
            "2024-02-05 IM2402.CFE 4210",
            &format!("2024-02-05 IM2403.CFE {odd}"),
            "2024-02-05 IM2406.CFE 4150",
            "2024-02-05 IF2403.CFE 3200",
        ];
        let findings = super::doctor(&[written(MarketTable::FutureDaily, &lines)]);
        let told = findings.iter().map(|f| (f.kind.as_str(), f.row, f.count)).collect::<Vec<_>>();
        let expected = if is_off { vec![("unit_mistake", Some(2), 1)] } else { vec![] };
        assert_eq!(told, expected, "{odd}");
    }
}
