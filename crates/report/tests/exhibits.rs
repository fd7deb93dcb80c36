//! The exhibits of a made-up market: titles follow the data, pages hold what they should.

#[expect(unreachable_pub, reason = "shared with the command's tests")]
mod chinese;
mod gains;
#[expect(unreachable_pub, reason = "shared with the example")]
mod synthetic;

use std::collections::BTreeMap;

use shoals_core::{Table, day};
use shoals_report::exhibits::{self, LimitsInput, MarginLines, Source};
use shoals_report::{Exhibit, Lang, ReportError, write_html};
use synthetic::{
    MadeFactor, MadeStorm, World, basis_tables, convention, factor_tables, index_tables,
    inversion_tables, margin_lines, replicate_tables, report, spiral_tables, swap_tables,
};

fn with_source<T>(tables: &[Table], of: impl Fn(&Source) -> T) -> T {
    let (convention, data) = (convention(), BTreeMap::from([("index_daily".to_owned(), 3)]));
    of(&Source { tables, convention: &convention, data: &data })
}

fn inversion(has_crash: bool) -> Exhibit {
    let tables = inversion_tables(&World::new(has_crash));
    with_source(&tables, |source| exhibits::inversion(source).unwrap())
}

fn swap(has_crash: bool) -> Exhibit {
    swap_under(&margin_lines(), has_crash)
}

fn swap_under(lines: &MarginLines, has_crash: bool) -> Exhibit {
    let tables = swap_tables(&World::new(has_crash));
    with_source(&tables, |source| exhibits::swap(source, lines).unwrap())
}

#[test]
fn an_inversion_is_the_title_and_a_calm_market_says_so() {
    let crashed = inversion(true);
    assert!(crashed.title.en.starts_with("January 2024 was a perfect inversion: micro caps lost "));
    assert!(crashed.title.zh.starts_with("2024年1月完全倒挂：微盘股下跌 "));
    let calm = inversion(false);
    assert!(calm.title.en.starts_with("No month inverted"), "{}", calm.title.en);
}

#[test]
fn a_breached_book_and_a_quiet_one_have_their_titles() {
    assert_eq!(
        swap(true).title.en,
        "The book at 4.0 times leverage fell below its liquidation line on 7 February 2024"
    );
    assert!(swap(false).title.en.starts_with("The book at 4.0 times leverage was never called"));
    assert_eq!(swap(true).charts.len(), 2);
}

/// A book whose terms only report a breach ran on: the reader is told, in money with its unit.
#[test]
fn a_book_that_was_not_stopped_says_so() {
    let exhibit = swap(true);
    let last = exhibit.answer.last().unwrap();
    assert!(last.en.contains("was not stopped") && last.en.contains("CNY"), "{}", last.en);
    assert!(last.zh.contains("元"), "{}", last.zh);
    assert!(exhibit.verdict[0].sentence.en.ends_with(&last.en));
    assert!(exhibit.answer[1].en.contains("the stocks made CNY"), "{}", exhibit.answer[1].en);
    let stopped = swap_under(&MarginLines { runs_on: false, ..margin_lines() }, true);
    for exhibit in [swap(false), stopped] {
        assert!(!exhibit.answer.last().unwrap().en.contains("not stopped"));
    }
}

/// Findings of a kind stand in one row, without the folders their files lay in.
#[test]
fn findings_are_grouped_by_kind() {
    let data = BTreeMap::new();
    let mut found = synthetic::findings();
    for (folder, count) in [("/a/b/x.csv", 5), ("/a/b/y.csv", 20), ("C:\\c\\y.csv", 1)] {
        found.push(
            shoals_core::Finding { file: folder.to_owned(), ..found[0].clone() }.counted(count),
        );
    }
    let limits = exhibits::limits(&LimitsInput { findings: &found, conventions: &[], data: &data });
    let table = &limits.tables[0];
    assert_eq!(table.rows.len(), 2);
    let row = serde_json::to_value(&table.rows[0].cells).unwrap();
    assert_eq!(row[2]["en"], "y.csv and 2 more");
    assert_eq!((row[3].as_f64(), row[4].as_f64()), (Some(4.0), Some(37.0)));
}

#[test]
fn the_ledger_shows_opening_turns_and_end() {
    let exhibit = swap(true);
    let days: Vec<String> = exhibit.tables[0]
        .rows
        .iter()
        .map(|row| serde_json::to_value(&row.cells[0]).unwrap().as_str().unwrap().to_owned())
        .collect();
    for d in [day(2024, 1, 2), day(2024, 2, 6), day(2024, 2, 7), day(2024, 3, 15)] {
        assert!(days.contains(&d.to_string()), "{d} is not shown");
    }
}

#[test]
fn the_exhibit_of_the_limits_names_its_findings() {
    let data = BTreeMap::new();
    let found = synthetic::findings();
    let of = |findings| exhibits::limits(&LimitsInput { findings, conventions: &[], data: &data });
    assert!(of(&found).title.en.contains("2 findings"), "{}", of(&found).title.en);
    assert!(of(&[]).tables.is_empty());
    insta::assert_json_snapshot!(of(&found));
}

#[test]
fn a_missing_table_or_column_is_named() {
    let error = with_source(&[], |source| exhibits::basis(source).unwrap_err());
    assert!(matches!(error, ReportError::NoSuchTable { table: "stress", .. }), "{error}");
    let mut tables = inversion_tables(&World::new(true));
    tables[1] = Table::new("inversion").with("period", "month", vec!["2024-01".to_owned()]);
    let error = with_source(&tables, |source| exhibits::inversion(source).unwrap_err());
    assert!(matches!(error, ReportError::NoSuchColumn { .. }), "{error}");
}

#[test]
fn empty_tables_are_told_not_drawn() {
    let empty = |name: &str, columns: &[&str]| {
        let numbers = |table: Table, column: &&str| table.with(*column, "", Vec::<f64>::new());
        let named = Table::new(name).with("period", "", Vec::<String>::new());
        columns.iter().fold(named, numbers)
    };
    let tables = [
        empty("ladder", &["return"]).with("segment", "", Vec::<String>::new()),
        empty("inversion", &["rank_correlation", "micro_minus_large"]).with(
            "is_inverted",
            "",
            Vec::<bool>::new(),
        ),
    ];
    let exhibit = with_source(&tables, |source| exhibits::inversion(source).unwrap());
    assert!(exhibit.charts.is_empty() && !exhibit.title.is_empty());
}

#[test]
fn every_chart_of_the_report_has_a_title_a_unit_and_a_description() {
    for has_crash in [true, false] {
        for exhibit in report(&World::new(has_crash)).exhibits {
            for chart in &exhibit.charts {
                let told = [&chart.title, &chart.subtitle, &chart.caption, &chart.alt];
                assert!(told.iter().all(|text| !text.is_empty()), "{} {}", exhibit.id, chart.id);
                assert!(told.iter().all(|text| !text.en.contains('$') && !text.en.contains('{')));
            }
        }
    }
}

#[test]
fn the_page_of_the_whole_report_stays_small() {
    let page = write_html(&report(&World::new(true)), Lang::Zh);
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    assert!(page.contains("id=\"inversion\"") && page.contains("id=\"swap\""));
}

/// Witness for the check itself: the English half of the page is full of sentences.
#[test]
fn no_english_sentence_is_left_on_the_chinese_page() {
    let page = write_html(&report(&World::new(true)), Lang::Zh);
    assert_eq!(chinese::english_left(&page), Vec::<String>::new());
    let unmarked = page.replace(" lang=\"en\"", "").replace("class=\"en\"", "");
    assert!(chinese::english_left(&unmarked).len() > 50);
}

#[test]
fn the_same_tables_give_the_same_bytes() {
    let page = || write_html(&report(&World::new(true)), Lang::En);
    assert!(page() == page());
}

#[test]
fn basis_and_replica_say_what_they_found() {
    let world = World::new(true);
    let basis = with_source(&basis_tables(&world), |source| exhibits::basis(source).unwrap());
    assert!(
        basis
            .title
            .en
            .starts_with("On 5 February 2024 an IM hedge, at a 30-day maturity, quoted 5"),
        "{}",
        basis.title.en
    );
    let verdict = &basis.verdict[0];
    assert!(verdict.label.en.contains("30-day") && verdict.label.zh.contains("30 天"));
    assert!(verdict.sentence.en.contains("IM2402 stood deepest"), "{}", verdict.sentence.en);
    assert!(verdict.sentence.en.contains("From 4 January 2022 to"), "{}", verdict.sentence.en);
    let squeeze = basis.answer.last().unwrap();
    assert!(squeeze.en.contains("of them the future itself rose"), "{}", squeeze.en);
    let replica =
        with_source(&replicate_tables(&world), |source| exhibits::replicate(source).unwrap());
    assert!(
        replica.title.en.contains("between 2 January 2024 and 29 February 2024"),
        "{}",
        replica.title.en
    );
}

/// Witness: the weights and the fit the tables were made with.
#[test]
fn a_fitted_replica_tells_its_weights_and_its_target() {
    let world = World::new(true);
    let mut tables = replicate_tables(&world);
    tables.push(
        Table::new("weight")
            .with("date", "", world.days[..3].to_vec())
            .with("long", "", vec![1.0, 0.9, 0.8])
            .with("short", "", vec![1.0, 0.7, 0.62])
            .with("straddle", "", vec![0.5, 0.4, 0.3]),
    );
    for (sample, told) in [("past", "it had not seen"), ("whole", "in-sample")] {
        let fit = Table::new("fit")
            .with("target", "", vec!["990008.OF".to_owned()])
            .with("sample", "", vec![sample.to_owned()])
            .with("r_squared", "", vec![0.92])
            .with("correlation", "", vec![0.96])
            .with("tracking_error", "", vec![0.013])
            .with("n_days", "", vec![1_322_i64]);
        let tables = [&tables[..], &[fit]].concat();
        let exhibit = with_source(&tables, |source| exhibits::replicate(source).unwrap());
        let sentence = exhibit.answer.last().unwrap();
        for part in ["990008.OF", "92%", told] {
            assert!(sentence.en.contains(part), "{}", sentence.en);
        }
        let title = &exhibit.charts.last().unwrap().title;
        assert!(title.en.contains("80% long, 62% short and straddles on 30%"), "{}", title.en);
        assert!(title.zh.contains("多头 80%"), "{}", title.zh);
    }
}

fn factor(made: MadeFactor) -> Exhibit {
    let tables = factor_tables(&World::new(true), &[("low_volatility", made)]);
    with_source(&tables, |source| exhibits::factor(source).unwrap())
}

/// Witness: the break, the payoff and the costs the tables were made with.
#[test]
fn the_title_of_the_factors_follows_their_breaks_and_costs() {
    let stopping = || MadeFactor::stopping(&World::new(true));
    let costly = MadeFactor { cost_a_day: 0.002, ..MadeFactor::steady() };
    let idle = MadeFactor { payoff: 0.001, ..MadeFactor::steady() };
    let against = MadeFactor { payoff: -0.05, ..MadeFactor::steady() };
    for (made, clause) in [
        (MadeFactor::steady(), "pays, with no proven decline (RankIC 0.070, t 7.0)"),
        (stopping(), "stopped paying after 14 August 2023 (RankIC 0.060, then −0.004)"),
        (costly, "still ranks returns (RankIC 0.070, t 7.0), but costs took more"),
        (idle, "shows no reliable payoff"),
        (against, "paid the wrong way"),
    ] {
        let title = factor(made).title.en;
        let opening = "In the smallest of 5 size buckets, low volatility ";
        assert!(title.starts_with(&format!("{opening}{clause}")), "{title}");
    }
    assert!(factor(MadeFactor::steady()).answer[0].en.contains("No break is proven"));
    assert!(factor(stopping()).answer[0].en.contains("p < 0.001"));
}

/// Witness: shares made by hand. Of two lags the shorter is told; lowest, mean and highest of three quantiles.
#[test]
fn new_names_inside_buckets_are_told_at_the_shortest_lag() {
    let mut tables = factor_tables(&World::new(true), &[("size", MadeFactor::steady())]);
    let rows = [(1, 1, 0.10), (1, 2, 0.30), (1, 3, 0.20), (5, 1, 0.90)];
    let text = |word: &str| vec![word.to_owned(); rows.len()];
    tables.push(
        Table::new("bucket_turnover")
            .with("factor", "", text("size"))
            .with("lag", "", rows.map(|row| i64::from(row.0)).to_vec())
            .with("bucket", "", text("size_1"))
            .with("quantile", "", rows.map(|row| i64::from(row.1)).to_vec())
            .with("new_names", "", rows.map(|row| row.2).to_vec()),
    );
    let exhibit = with_source(&tables, |source| exhibits::factor(source).unwrap());
    let table = exhibit.tables.iter().find(|table| table.id == "new_names").unwrap();
    assert!(table.title.en.ends_with("against the day before"), "{}", table.title.en);
    let row = serde_json::to_value(&table.rows[0].cells).unwrap();
    let number = |i: usize| row[i].as_f64().unwrap();
    assert_eq!((table.rows.len(), row[1]["en"].as_str()), (1, Some("smallest")));
    assert!((number(2) - 0.1).abs() + (number(3) - 0.2).abs() + (number(4) - 0.2).abs() < 1e-12);
}

#[test]
fn no_factor_and_no_day_are_told_not_drawn() {
    let words = |table: Table, column: &&str| table.with(*column, "", Vec::<String>::new());
    let summary = ["factor", "bucket"].iter().fold(Table::new("summary"), words);
    let none = with_source(&[summary], |source| exhibits::factor(source).unwrap());
    assert!(none.charts.is_empty() && !none.title.is_empty());
    let mut tables = index_tables(&World::new(true));
    tables[0] = Table::new("nav").with("date", "", Vec::<shoals_core::TradingDay>::new()).with(
        "nav",
        "",
        Vec::<f64>::new(),
    );
    let none = with_source(&tables, |source| exhibits::index(source).unwrap());
    assert!(none.charts.is_empty() && !none.title.is_empty());
}

/// Witness: the capacity and year tables the exhibit was made from.
#[test]
fn the_index_is_told_on_paper_and_as_it_could_be_held() {
    let tables = index_tables(&World::new(true));
    let index = with_source(&tables, |source| exhibits::index(source).unwrap());
    assert_eq!(
        index.title.en,
        "The index earned 25.0% a year on paper; CNY 100 million that followed it earned 18.0%"
    );
    let [ledger, year] = &index.verdict[..] else { panic!("two verdicts") };
    assert_eq!(ledger.figure.en, "18.0%");
    assert!(ledger.sentence.en.contains("CNY 10 billion would have earned 2.0%"));
    assert!(year.label.en.contains("the worst year"), "{}", year.label.en);
    assert!(index.answer.iter().any(|text| text.en.contains("of the 400 held")));
    assert_eq!(index.charts.len(), 6);
}

#[test]
fn a_window_asked_for_takes_the_place_of_the_worst_month() {
    let mut tables = index_tables(&World::new(true));
    let sizes = |tables: &[Table]| {
        let index = with_source(tables, |source| exhibits::index(source).unwrap());
        index.charts.last().unwrap().title.en.clone()
    };
    assert!(sizes(&tables).starts_with("In January 2024 the smallest returned "));
    tables.push(
        Table::new("window_bucket")
            .with("from", "", vec![day(2023, 12, 29); 2])
            .with("to", "", vec![day(2024, 2, 7); 2])
            .with("bucket", "", vec![2_i64, 1])
            .with("return", "", vec![-0.046, -0.428]),
    );
    assert_eq!(
        sizes(&tables),
        "From 29 December 2023 to 7 February 2024 the smallest returned −42.8%, the largest −4.6%"
    );
}

/// A ledger the capacity curve does not have is told by its value, not by a stranger's return.
#[test]
fn without_its_point_on_the_curve_the_ledger_is_told_by_its_value() {
    let mut tables = index_tables(&World::new(true));
    let at = tables.iter().position(|table| table.name() == "capacity").unwrap();
    let column = |name: &str| (name.to_owned(), vec![1.0]);
    let names = ["assets", "annual_return", "shortfall", "annual_cost", "annual_turnover"];
    let names = names.into_iter().chain(["mean_unfilled", "mean_cash"]);
    tables[at] = names
        .map(column)
        .fold(Table::new("capacity"), |table, (name, values)| table.with(name, "", values));
    let index = with_source(&tables, |source| exhibits::index(source).unwrap());
    assert!(index.title.en.starts_with("One yuan became "), "{}", index.title.en);
}

fn spiral(made: &MadeStorm) -> Exhibit {
    with_source(&spiral_tables(made), |source| exhibits::spiral(source).unwrap())
}

/// Witness: the made-up tables. Micro caps' median falls to 0.6 on the third day, the market's to 0.58 the day before.
#[test]
fn the_storm_is_told_beside_the_market_by_the_day_of_its_lowest_close() {
    let exhibit = spiral(&MadeStorm::default());
    assert_eq!(
        exhibit.title.en,
        "Replayed, micro caps lose 30% by 5 February 2024; the market lost 42%, outside the band"
    );
    assert_eq!(exhibit.verdict[0].figure.en, "−30.0%");
    let said = |part: &str| {
        let all = exhibit.answer.iter().map(|text| text.en.as_str()).collect::<Vec<_>>().join(" ");
        assert!(all.contains(part), "no `{part}` in {all}");
    };
    said("inside the band on 2 of 4 days for micro caps");
    said("DMA calls took most from micro caps: −12.0% of their start without noise");
    said("(80% band over paths −14.0% to −10.0%)");
    said("All 9 together made −8.0%");
    said("What held micro caps up most: mix of funds bought, 4.0%.");
    said("another 1.25% within the next day. It stood at 1 or above on 1 of 3 closes.");
    said("With DMA books trading alone it would have been 0.90 that day.");
    said("Of 40 DMA books 75% were called, the first on 2 February 2024, and 25% lost all");
    said("Of 3 levers, “no DMA books” would have helped micro caps most");
    said("“no purchases” would have hurt most: −40.0% becomes −45.0%");
    assert_eq!(exhibit.charts.len(), 6);
    let ids: Vec<&str> = exhibit.tables.iter().map(|table| table.id.as_str()).collect();
    let expected =
        ["spiral_parts", "spiral_sellers", "spiral_books", "spiral_timeline", "spiral_levers"];
    assert_eq!(ids, expected);
}

/// A market of another history leaves no data: the storm is told alone. A brake that helps nobody is not called one, a
/// feedback number below 1 no cascade, and days without dates are told by their number.
#[test]
fn a_storm_without_a_market_or_a_brake_says_so() {
    let alone = spiral(&MadeStorm { is_seen: false, ..MadeStorm::default() });
    assert_eq!(alone.title.en, "In this storm micro caps lose 40% by 6 February 2024");
    assert!(alone.answer.iter().any(|text| text.en.contains("nothing of its own")));
    let worse = spiral(&MadeStorm { lift: -0.2, feedback: 0.5, ..MadeStorm::default() });
    let said = |part: &str| worse.answer.iter().any(|text| text.en.contains(part));
    assert!(said("None of 3 levers would have lifted") && said("never reached 1"));
    let undated = spiral(&MadeStorm { is_dated: false, is_seen: false, ..MadeStorm::default() });
    assert_eq!(undated.title.en, "In this storm micro caps lose 40% by day 3");
    assert_eq!(undated.title.zh, "在这场风暴中，微盘股到第 3 日下跌 40%");
    let missed = spiral(&MadeStorm { depth: 0.1, ..MadeStorm::default() });
    assert!(missed.title.en.starts_with("The replay misses"), "{}", missed.title.en);
    let calm = spiral(&MadeStorm { depth: 0.1, is_seen: false, ..MadeStorm::default() });
    assert!(calm.title.en.contains("never stand more than 5% below"), "{}", calm.title.en);
}
