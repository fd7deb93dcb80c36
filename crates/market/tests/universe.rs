//! What could be chosen, bought and sold, case by case. Witness: the exchange rules the cases name.

mod stock;

use shoals_core::{Calendar, Rules, TradingDay, Values, day};
use shoals_market::universe::{
    ListingAge, NameRule, Reason, Reasons, StockMarket, Tradability, UniverseConfig,
};
use stock::{Columns, days_of_2023};

fn examined(market: &StockMarket, config: UniverseConfig) -> Tradability {
    Tradability::of(market, config, Calendar::shanghai(), Rules::builtin())
}

/// The reasons against the only stock of a market, day by day.
fn reasons_of(code: &str, columns: impl FnOnce(&mut Columns), prices: &[f64]) -> Vec<Reasons> {
    reasons_from(days_of_2023(prices.len()), code, columns, prices)
}

fn reasons_from(
    days: Vec<TradingDay>,
    code: &str,
    columns: impl FnOnce(&mut Columns),
    prices: &[f64],
) -> Vec<Reasons> {
    let rows: Vec<&[f64]> = prices.chunks(1).collect();
    let mut market = Columns::by_hand(days, &[code], &rows);
    columns(&mut market);
    let tradability = examined(&market.market(), UniverseConfig::default());
    (0..prices.len()).map(|t| tradability.row(t)[0]).collect()
}

fn none(_: &mut Columns) {}

#[test]
fn a_stock_sealed_at_its_limit_trades_one_way() {
    let at = reasons_of("600000.SH", none, &[9.95, 10.95, 9.86, 9.87]);
    assert_eq!(at[1], Reasons::of(&[Reason::LimitUp]));
    // 10.95 less a tenth is 9.855, put on 9.86.
    assert_eq!(at[2], Reasons::of(&[Reason::LimitDown]));
    assert_eq!(at[3], Reasons::default());
}

#[test]
fn the_band_is_that_of_board_and_standing() {
    let up = Reasons::of(&[Reason::LimitUp]);
    let ten_percent = [10.0, 11.0];
    assert_eq!(reasons_of("600000.SH", none, &ten_percent)[1], up);
    assert_eq!(reasons_of("300001.SZ", none, &ten_percent)[1], Reasons::default());
    assert_eq!(reasons_of("300001.SZ", none, &[10.0, 12.0])[1], up);
    let st = |columns: &mut Columns| columns.column("is_st").fill(1.0);
    let sealed = reasons_of("600000.SH", st, &[10.0, 10.5])[1];
    assert_eq!(sealed, Reasons::of(&[Reason::SpecialTreatment, Reason::LimitUp]));
    let beijing = reasons_of("430047.BJ", none, &[10.0, 13.0])[1];
    assert_eq!(beijing, Reasons::of(&[Reason::Beijing, Reason::LimitUp]));
}

#[test]
fn an_ex_right_price_is_no_limit() {
    let split = |columns: &mut Columns| *columns.column("close") = vec![10.0, 5.2];
    assert_eq!(reasons_of("600000.SH", split, &[10.0, 10.4])[1], Reasons::default());
    let sealed = |columns: &mut Columns| *columns.column("close") = vec![10.0, 5.5];
    assert_eq!(reasons_of("600000.SH", sealed, &[10.0, 11.0])[1], Reasons::of(&[Reason::LimitUp]));
}

#[test]
fn the_exchanges_own_limit_prices_win() {
    let given = |columns: &mut Columns| {
        columns.values.push(("limit_up", vec![f64::NAN, 10.5]));
        columns.values.push(("limit_down", vec![f64::NAN, 9.5]));
    };
    assert_eq!(reasons_of("600000.SH", given, &[10.0, 10.5])[1], Reasons::of(&[Reason::LimitUp]));
}

#[test]
fn a_reopening_is_measured_against_the_last_close_seen() {
    let prices = [10.0, f64::NAN, f64::NAN, 11.0];
    let at = reasons_of("600000.SH", none, &prices);
    assert_eq!(at[1], Reasons::of(&[Reason::NoPrice]));
    assert_eq!(at[3], Reasons::of(&[Reason::LimitUp]));
    let recorded = |columns: &mut Columns| *columns.column("is_suspended") = vec![0.0, 1.0];
    let at = reasons_of("600000.SH", recorded, &[10.0, 10.0]);
    assert_eq!(at[1], Reasons::of(&[Reason::Suspended]));
}

/// ChiNext in 2023: five days without a limit, then 20 %.
#[test]
fn a_new_listing_has_free_days_and_grows_old() {
    let on_first_day =
        |columns: &mut Columns| columns.listings[0].listed_on = Some(columns.days[0]);
    let prices: Vec<f64> = (0..122).map(|t| if t < 7 { 1.3_f64.powi(t) } else { 6.0 }).collect();
    let at = reasons_of("300001.SZ", on_first_day, &prices);
    assert!(at[..5].iter().all(|reasons| *reasons == Reasons::of(&[Reason::Young])));
    assert!(at[5..7].iter().all(|reasons| reasons.has(Reason::LimitUp)));
    assert!(at[119].has(Reason::Young) && !at[120].has(Reason::Young));
}

/// The main board before 2023-04-10: the first day is bound to the issue price.
#[test]
fn a_first_day_bound_to_the_issue_price_cannot_be_bought() {
    let unknown = |columns: &mut Columns| columns.listings[0].listed_on = None;
    let at = reasons_of("600001.SH", unknown, &[f64::NAN, 14.4, 15.84, 16.0]);
    assert!(at[1].has(Reason::IssuePriceBound) && !at[1].can_buy() && at[1].can_sell());
    assert!(at[2].has(Reason::LimitUp) && !at[2].has(Reason::IssuePriceBound));
    assert!(at[3].can_buy());
}

#[test]
fn names_speak_only_where_the_day_is_silent() {
    let days = days_of_2023(2);
    let mut columns = Columns::by_hand(days, &["600000.SH"], &[&[10.0], &[10.0]]);
    columns.listings[0].name = "*ST康美".to_owned();
    *columns.column("is_st") = vec![0.0, f64::NAN];
    let at = |config| examined(&columns.market(), config).row(0)[0];
    let later = |config| examined(&columns.market(), config).row(1)[0];
    let (read, ignored) = (UniverseConfig::default(), NameRule::Ignored);
    assert!(at(read).is_eligible() && later(read).has(Reason::SpecialTreatment));
    assert!(later(UniverseConfig { names: ignored, ..read }).is_eligible());
    assert!(later(UniverseConfig { include_special_treatment: true, ..read }).is_eligible());
    columns.listings[0].name = "退市海润".to_owned();
    assert!(examined(&columns.market(), read).row(0)[0].has(Reason::Delisting));
}

#[test]
fn reasons_can_be_listed_and_counted() {
    let days = vec![day(2024, 2, 5), day(2024, 2, 6)];
    let codes = ["600000.SH", "600001.SH", "430047.BJ"];
    let rows: [&[f64]; 2] = [&[10.0, 10.0, 10.0], &[9.0, f64::NAN, 10.1]];
    let mut columns = Columns::by_hand(days.clone(), &codes, &rows);
    columns.listings[1].listed_on = Some(day(2024, 2, 1));
    columns.values.push(("is_excluded", vec![1.0, 0.0, f64::NAN, 0.0, 0.0, 0.0]));
    let market = columns.market();
    let config =
        UniverseConfig { listing_age: ListingAge::CalendarDays(20), ..UniverseConfig::default() };
    let tradability = examined(&market, config);

    let table = tradability.reason_table(days[1], days[1]);
    let Values::Text(reasons) = &table.column("reason").unwrap().values else { panic!("text") };
    assert_eq!(*reasons, ["limit_down", "no_price", "young", "beijing"]);
    let counts = tradability.count_table();
    let Values::Text(names) = &counts.column("reason").unwrap().values else { panic!("text") };
    assert_eq!(*names, ["young", "beijing", "excluded", "no_price", "beijing", "limit_down"]);
    assert_eq!(counts.column("n").unwrap().values, Values::Count(vec![1; 6]));
}

#[test]
fn what_is_no_stock_market_is_refused() {
    let refusal = |code: &str, price: f64| {
        let columns = Columns::by_hand(days_of_2023(1), &["600000.SH"], &[&[price]]);
        let panel =
            shoals_core::Panel::new(columns.days.clone(), vec![shoals_core::Symbol::literal(code)]);
        let panel = panel.unwrap().with_column("adjusted_close", vec![price]).unwrap();
        StockMarket::new(panel, columns.listings).unwrap_err().to_string()
    };
    assert!(refusal("510050.SH", 1.0).contains("510050.SH is not an A share"));
    assert!(refusal("600000.SH", 0.0).contains("`adjusted_close` of 600000.SH is 0 on 2023-01-03"));
}
