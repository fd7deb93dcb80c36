//! Tables of a few rows, one for each check that is not about daily stock bars.

use arrow_array::ArrayRef;
use shoals_core::Severity::{self, Note, Severe, Warning};
use shoals_core::day;
use shoals_data::{Loaded, MarketTable};

use super::clean::{self, dates, numbers, open_days, symbols, table, texts};
use super::only;

/// Two open days in a row.
const FEBRUARY: [&str; 2] = ["2024-02-05", "2024-02-06"];

fn one(name: &str) -> ArrayRef {
    symbols(&[name, name])
}

/// The table gives one finding, of that kind and severity, at that row.
fn gives(kind: &str, severity: Severity, row: u64, loaded: Loaded) {
    let name = loaded.table;
    let finding = only(&[loaded]);
    let found = (finding.kind.as_str(), finding.severity, finding.row);
    assert_eq!(found, (kind, severity, Some(row)), "{name}");
}

#[test]
fn futures_live_between_listing_and_expiry_within_their_limits() {
    gives(
        "after_expiry",
        Severe,
        2,
        table(
            MarketTable::FutureDaily,
            "f",
            &[
                ("date", dates(&["2024-02-19", "2024-02-20"])),
                ("contract", one("IM2402.CFE")),
                ("close", numbers(&[5_100.0, 5_110.0])),
            ],
        ),
    );
    gives(
        "before_listing",
        Severe,
        1,
        table(
            MarketTable::FutureDaily,
            "f",
            &[
                ("date", dates(&["2022-07-21", "2022-07-22"])),
                ("contract", one("IM2209.CFE")),
                ("close", numbers(&[7_100.0, 7_110.0])),
            ],
        ),
    );
    gives(
        "outside_price_limit",
        Warning,
        2,
        table(
            MarketTable::FutureDaily,
            "f",
            &[
                ("date", dates(&FEBRUARY)),
                ("contract", one("IM2403.CFE")),
                ("close", numbers(&[4_200.0, 4_700.0])),
                ("settle", numbers(&[4_200.0, 4_690.0])),
            ],
        ),
    );
    gives(
        "close_against_settle",
        Warning,
        2,
        table(
            MarketTable::FutureDaily,
            "f",
            &[
                ("date", dates(&FEBRUARY)),
                ("contract", one("IM2403.CFE")),
                ("close", numbers(&[4_200.0, 4_210.0])),
                ("settle", numbers(&[4_200.0, 5_700.0])),
            ],
        ),
    );
    gives(
        "negative_count",
        Severe,
        2,
        table(
            MarketTable::FutureDaily,
            "f",
            &[
                ("date", dates(&FEBRUARY)),
                ("contract", one("IM2403.CFE")),
                ("close", numbers(&[4_200.0, 4_210.0])),
                ("open_interest", clean::counts(&[5, -5])),
            ],
        ),
    );
    gives(
        "unit_mistake",
        Severe,
        1,
        table(
            MarketTable::FutureDaily,
            "f",
            &[
                ("date", dates(&FEBRUARY)),
                ("contract", one("IM2403.CFE")),
                ("close", numbers(&[4_200.0, 4_210.0])),
                ("volume", clean::counts(&[100, 100])),
                ("amount", numbers(&[8_400.0, 8_420.0])),
            ],
        ),
    );
}

#[test]
fn options_end_at_their_expiry() {
    gives(
        "after_expiry",
        Severe,
        2,
        table(
            MarketTable::OptionDaily,
            "o",
            &[
                ("date", dates(&FEBRUARY)),
                ("contract", one("MO2402-C-5000.CFE")),
                ("underlying", one("000852.SH")),
                ("kind", texts(&["call", "call"])),
                ("strike", numbers(&[5_000.0, 5_000.0])),
                ("close", numbers(&[20.0, 30.0])),
                ("expiry", dates(&["2024-02-19", "2024-02-05"])),
            ],
        ),
    );
}

#[test]
fn implied_volatilities_are_decimals_of_a_known_size() {
    gives(
        "unit_mistake",
        Severe,
        1,
        table(
            MarketTable::ImpliedVolatilityDaily,
            "v",
            &[
                ("date", dates(&FEBRUARY)),
                ("underlying", one("510050.SH")),
                ("tenor_days", clean::counts(&[30, 30])),
                ("implied_volatility", numbers(&[24.5, 25.5])),
            ],
        ),
    );
    gives(
        "implied_volatility_out_of_range",
        Warning,
        2,
        table(
            MarketTable::ImpliedVolatilityDaily,
            "v",
            &[
                ("date", dates(&FEBRUARY)),
                ("underlying", one("510050.SH")),
                ("tenor_days", clean::counts(&[30, 30])),
                ("implied_volatility", numbers(&[0.25, 0.001])),
            ],
        ),
    );
}

#[test]
fn fund_values_move_like_funds() {
    gives(
        "nav_jump",
        Warning,
        2,
        table(
            MarketTable::FundNav,
            "n",
            &[
                ("date", dates(&FEBRUARY)),
                ("fund", one("000411.OF")),
                ("unit_nav", numbers(&[1.0, 1.3])),
                ("accumulated_nav", numbers(&[1.5, 1.8])),
            ],
        ),
    );
    gives(
        "accumulated_below_unit",
        Warning,
        2,
        table(
            MarketTable::FundNav,
            "n",
            &[
                ("date", dates(&FEBRUARY)),
                ("fund", one("000411.OF")),
                ("unit_nav", numbers(&[1.1, 1.2])),
                ("accumulated_nav", numbers(&[1.5, 1.0])),
            ],
        ),
    );
    gives(
        "closed_day",
        Note,
        2,
        table(
            MarketTable::FundNav,
            "n",
            &[
                ("date", dates(&["2024-03-29", "2024-03-31"])),
                ("fund", one("000411.OF")),
                ("unit_nav", numbers(&[1.1, 1.11])),
            ],
        ),
    );
    gives(
        "unit_mistake",
        Severe,
        1,
        table(
            MarketTable::FundNav,
            "n",
            &[
                ("date", dates(&FEBRUARY)),
                ("fund", one("000411.OF")),
                ("unit_nav", numbers(&[1.1, 1.11])),
                ("net_asset", numbers(&[1.2, 1.3])),
            ],
        ),
    );
}

#[test]
fn index_levels_move_within_the_limits_of_shares() {
    gives(
        "index_jump",
        Warning,
        2,
        table(
            MarketTable::IndexDaily,
            "i",
            &[
                ("date", dates(&FEBRUARY)),
                ("symbol", one("000852.SH")),
                ("close", numbers(&[4_300.0, 5_300.0])),
            ],
        ),
    );
    gives(
        "closed_day",
        Warning,
        2,
        table(
            MarketTable::IndexDaily,
            "i",
            &[
                ("date", dates(&["2018-06-15", "2018-06-18"])),
                ("symbol", one("H00300.CSI")),
                ("close", numbers(&[4_613.77, 4_614.35])),
            ],
        ),
    );
    gives(
        "closed_day",
        Severe,
        2,
        table(
            MarketTable::IndexDaily,
            "i",
            &[
                ("date", dates(&["2018-06-15", "2018-06-18"])),
                ("symbol", one("H00300.CSI")),
                ("close", numbers(&[4_613.77, 4_714.35])),
            ],
        ),
    );
}

#[test]
fn ratios_and_balances_have_known_magnitudes() {
    gives(
        "unit_mistake",
        Severe,
        1,
        table(
            MarketTable::IndexValuation,
            "d",
            &[
                ("date", dates(&FEBRUARY)),
                ("symbol", one("000300.SH")),
                ("dividend_yield", numbers(&[3.1, 3.2])),
            ],
        ),
    );
    gives(
        "unit_mistake",
        Severe,
        1,
        table(
            MarketTable::RateDaily,
            "r",
            &[
                ("date", dates(&FEBRUARY)),
                ("tenor", texts(&["1D", "1D"])),
                ("rate", numbers(&[1.8, 1.9])),
            ],
        ),
    );
    gives(
        "unit_mistake",
        Severe,
        1,
        table(
            MarketTable::MarginBalance,
            "b",
            &[
                ("date", dates(&FEBRUARY)),
                ("exchange", texts(&["SH", "SH"])),
                ("financing_balance", numbers(&[7_800.0, 7_810.0])),
            ],
        ),
    );
    gives(
        "unit_mistake",
        Severe,
        1,
        table(
            MarketTable::StockValuation,
            "c",
            &[
                ("date", dates(&FEBRUARY)),
                ("symbol", one("600519.SH")),
                ("total_market_cap", numbers(&[2.1e6, 2.2e6])),
            ],
        ),
    );
}

#[test]
fn index_weights_sum_to_one() {
    gives(
        "unit_mistake",
        Severe,
        1,
        table(
            MarketTable::IndexMember,
            "m",
            &[
                ("date", dates(&["2024-01-31", "2024-01-31"])),
                ("index", one("000852.SH")),
                ("symbol", symbols(&["600519.SH", "600000.SH"])),
                ("weight", numbers(&[60.0, 40.0])),
            ],
        ),
    );
    gives(
        "weights_incomplete",
        Warning,
        1,
        table(
            MarketTable::IndexMember,
            "m",
            &[
                ("date", dates(&["2024-01-31", "2024-01-31"])),
                ("index", one("000852.SH")),
                ("symbol", symbols(&["600519.SH", "600000.SH"])),
                ("weight", numbers(&[0.3, 0.4])),
            ],
        ),
    );
}

#[test]
fn company_reports_come_after_their_period() {
    gives(
        "announced_before_period_end",
        Severe,
        1,
        table(
            MarketTable::FundamentalQuarterly,
            "q",
            &[
                ("date", dates(&["2023-12-31", "2024-03-31"])),
                ("symbol", one("600519.SH")),
                ("announced_on", dates(&["2023-12-01", "2024-04-28"])),
            ],
        ),
    );
    gives(
        "not_quarter_end",
        Warning,
        2,
        table(
            MarketTable::FundamentalQuarterly,
            "q",
            &[
                ("date", dates(&["2023-12-31", "2024-03-30"])),
                ("symbol", one("600519.SH")),
                ("announced_on", dates(&["2024-04-01", "2024-04-28"])),
            ],
        ),
    );
}

#[test]
fn registers_agree_with_themselves_and_the_calendar() {
    gives(
        "delisted_before_listed",
        Severe,
        2,
        table(
            MarketTable::Security,
            "s",
            &[
                ("symbol", symbols(&["600519.SH", "600001.SH"])),
                ("listed_on", dates(&["2001-08-27", "1998-01-22"])),
                ("delisted_on", dates(&["2024-01-01", "1997-12-29"])),
            ],
        ),
    );
    gives(
        "duplicate_key",
        Severe,
        2,
        table(
            MarketTable::Security,
            "s",
            &[("symbol", one("600519.SH")), ("name", texts(&["A", "B"]))],
        ),
    );
    gives(
        "calendar_disagrees",
        Warning,
        2,
        table(
            MarketTable::TradingDay,
            "t",
            &[("date", dates(&FEBRUARY)), ("is_open", clean::flags(&[true, false]))],
        ),
    );
}

#[test]
fn adjusted_prices_and_factors_are_positive() {
    gives(
        "non_positive_price",
        Severe,
        2,
        table(
            MarketTable::StockAdjustedDaily,
            "a",
            &[
                ("date", dates(&["2024-02-05", "2024-02-06"])),
                ("symbol", one("600519.SH")),
                ("close", numbers(&[f64::NAN, -2.0])),
            ],
        ),
    );
    gives(
        "bad_adjust_factor",
        Warning,
        1,
        table(
            MarketTable::EtfDaily,
            "e",
            &[
                ("date", dates(&FEBRUARY)),
                ("symbol", one("510050.SH")),
                ("close", numbers(&[2.2, 2.21])),
                ("adjust_factor", numbers(&[-0.01, 0.1])),
            ],
        ),
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
    let finding = only(&[loaded]);
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
                gives(
                    "unit_mistake",
                    Severe,
                    2,
                    table(
                        MarketTable::IndexDaily,
                        "i",
                        &[
                            ("date", dates(&days)),
                            ("symbol", symbols(&["000852.SH"; 4])),
                            ("close", numbers(&close)),
                        ],
                    ),
                );
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
