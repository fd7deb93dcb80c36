//! Liquidity and crowding on the built-in market, whose crowd is known: do they see it?

#![expect(clippy::print_stdout, reason = "the evidence is read, not only asserted")]

use std::collections::BTreeMap;

use shoals_core::{Calendar, Outcome as _, Seed, Table, TradingDay, Values, day};
use shoals_sample::{SampleConfig, SampleMarket, Scenario, generate, generate_from};
use shoals_stats::bootstrap::{Bootstrap, Scheme};
use shoals_stats::rank::spearman;
use shoals_study::{MarketView, StockNeeds, StockView, Study, StudyFlags, ask};

fn days(table: &Table) -> &[TradingDay] {
    let Values::Day(days) = &table.column("date").expect("days").values else { panic!("days") };
    days
}

/// A column of the table's rows by day, where `keep` holds.
fn by_day(table: &Table, name: &str, keep: impl Fn(usize) -> bool) -> BTreeMap<TradingDay, f64> {
    let values = table.numbers(name).expect("numbers");
    let rows = days(table).iter().enumerate().filter(|(row, _)| keep(*row));
    rows.map(|(row, &day)| (day, values[row])).collect()
}

/// Spearman's correlation on the common days, with a 90 % band from blocks of three months.
fn follows(ours: &BTreeMap<TradingDay, f64>, truth: &BTreeMap<TradingDay, f64>) -> (f64, f64, f64) {
    let (x, y): (Vec<f64>, Vec<f64>) = ours
        .iter()
        .filter(|(_, x)| x.is_finite())
        .filter_map(|(day, x)| Some((*x, *truth.get(day)?)))
        .unzip();
    let found = spearman(&x, &y).expect("a correlation");
    let plan = Bootstrap::new(Scheme::Stationary, 60.0, 300, Seed(1)).expect("a plan");
    let band = plan
        .band(x.len(), 0.10, |at| {
            let pick = |v: &[f64]| at.iter().map(|&i| v[i]).collect::<Vec<f64>>();
            spearman(&pick(&x), &pick(&y)).unwrap_or(f64::NAN)
        })
        .expect("a band");
    (found, band.low, band.high)
}

fn study() -> Study {
    Study::from_toml(
        "analyses = [\"liquidity\", \"crowding\"]\nfrom = 2021-01-04\nto = 2024-06-28\n\
         [liquidity]\nn_names = 100\nholding = 1e8\n[crowding]\nn_names = 100",
        &StudyFlags::default(),
    )
    .expect("a legal study")
}

fn view(market: &SampleMarket) -> MarketView {
    let needs = StockNeeds::of(&study().config, Calendar::shanghai()).expect("it asks of stocks");
    let stocks = StockView::gather(&market.tables, &needs).expect("stocks");
    MarketView { stocks: Some(stocks), ..MarketView::default() }
}

/// Witness: the truth beside the built-in market, the size of the books that hold the crowd. The composite
/// grows with them. Two things that grow do so together for many reasons, so the same news without the crowd
/// stands beside it: what its composite has in common with books it never had is no sight of a crowd.
#[test]
fn the_composite_grows_with_the_crowd_and_says_how_much_is_news() {
    let market = generate(&SampleConfig::default(), Seed::default()).expect("a market");
    let study = study();
    let view = view(&market);
    let known = market.truth.tables();
    let truth = |name: &str| known.iter().find(|table| table.name() == name).expect("the truth");
    let crowd = truth("truth_crowd");
    let before = |end: TradingDay| by_day(crowd, "dma_value", |row| days(crowd)[row] < end);
    let (whole, quiet) = (before(day(2025, 1, 1)), before(day(2024, 1, 1)));
    let found = ask::crowding(&view, &study.config.crowding).expect("crowding");
    let composite = found.days.iter().map(|row| (row.date, row.composite)).collect();
    let (all, all_low, all_high) = follows(&composite, &whole);
    let (calm, calm_low, calm_high) = follows(&composite, &quiet);
    println!("composite and books, 2021-01 to 2024-03: {all:.2} ({all_low:.2} to {all_high:.2})");
    println!("composite and books, 2021 to 2023: {calm:.2} ({calm_low:.2} to {calm_high:.2})");
    for measure in shoals_warning::crowding::Measure::ALL {
        let rows = found.measures.iter().filter(|row| row.measure == measure);
        let own: BTreeMap<TradingDay, f64> = rows.map(|row| (row.date, row.crowding)).collect();
        if own.values().any(|x| x.is_finite()) {
            let (r, low, high) = follows(&own, &quiet);
            println!("{}: {r:.2} ({low:.2} to {high:.2})", measure.name());
        }
    }
    assert!(
        calm_low > 0.0,
        "the composite has lost sight of the crowd: {calm:.2}, from {calm_low:.2}"
    );
    let news = Scenario::builtin().path(Seed::default()).expect("news");
    let n_names = SampleConfig::default().n_stocks();
    let alone = generate_from(news, n_names, Seed::default()).expect("a market");
    let found = ask::crowding(&self::view(&alone), &study.config.crowding).expect("crowding");
    let composite_alone = found.days.iter().map(|row| (row.date, row.composite)).collect();
    let (news, news_low, news_high) = follows(&composite_alone, &quiet);
    println!("without the crowd, 2021 to 2023: {news:.2} ({news_low:.2} to {news_high:.2})");
    assert!(calm > news, "the news alone give {news:.2}, the crowd {calm:.2}");
    let found = ask::liquidity(&view, &study.config.liquidity).expect("liquidity");
    let sealed: BTreeMap<TradingDay, f64> =
        found.days.iter().map(|row| (row.date, row.limit_down_share)).collect();
    let segments = truth("truth_crowd_segment");
    let Values::Text(names) = &segments.column("segment").expect("segments").values else {
        panic!("names")
    };
    let storm = day(2024, 1, 2)..day(2024, 3, 29);
    let told = by_day(segments, "limit_down", |row| {
        names[row] == "micro" && storm.contains(&days(segments)[row])
    });
    let (r, low, high) = follows(&sealed, &told);
    assert!(low > 0.0, "names at their limit: {r:.2} ({low:.2} to {high:.2})");
    println!("sealed and the crowd's own count in the storm: {r:.2} ({low:.2} to {high:.2})");
    let forced = by_day(segments, "forced", |row| {
        names[row] == "micro" && storm.contains(&days(segments)[row])
    });
    let times: BTreeMap<TradingDay, f64> =
        found.days.iter().map(|row| (row.date, row.amihud_ratio)).collect();
    let (amihud, low_2, high_2) = follows(&times, &forced);
    println!("Amihud and forced orders in the storm: {amihud:.2} ({low_2:.2} to {high_2:.2})");
}
