//! Exhibit 13 from hand-made tables: what it tells of the power law, and that it is silent where the law was not asked.

use std::collections::BTreeMap;

use shoals_core::{Convention, Table, TradingDay, day};
use shoals_report::Exhibit;
use shoals_report::exhibits::{self, Source};

fn days() -> Vec<TradingDay> {
    (0..4).map(|i| day(2024, 1, 2).plus_calendar_days(7 * i)).collect()
}

fn names(name: &str, n: usize) -> Vec<String> {
    vec![name.to_owned(); n]
}

/// The tests of one ratio without an episode.
fn tests() -> Vec<Table> {
    let statistic = Table::new("statistic")
        .with("ratio", "", names("micro_all", 2))
        .with("above", "", names("868008.WI", 2))
        .with("below", "", names("000985.CSI", 2))
        .with("null", "", vec!["random_walk".to_owned(), "wild_bootstrap".to_owned()])
        .with("gsadf", "", vec![4.8, 4.8])
        .with("gsadf_critical", "", vec![2.3, 5.9])
        .with("gsadf_p_value", "", vec![0.002, 0.132])
        .with("sadf", "", vec![1.0, 1.0])
        .with("sadf_p_value", "", vec![0.1, 0.2])
        .with("min_duration", "", vec![8_i64, 8]);
    let none: Vec<f64> = Vec::new();
    let episode = Table::new("episode")
        .with("ratio", "", names("", 0))
        .with("null", "", names("", 0))
        .with("is_family_wise", "", Vec::<bool>::new())
        .with("start", "", Vec::<TradingDay>::new())
        .with("peak", "", Vec::<TradingDay>::new())
        .with("end", "", Vec::<TradingDay>::new())
        .with("days", "", none.clone())
        .with("known_on", "", Vec::<TradingDay>::new())
        .with("bsadf", "", none.clone())
        .with("change", "", none);
    let bsadf = Table::new("bsadf")
        .with("ratio", "", names("micro_all", 4))
        .with("date", "", days())
        .with("bsadf", "", vec![0.1, 0.2, 0.3, 0.4])
        .with("critical", "", vec![1.0; 4])
        .with("wild_critical", "", vec![2.0; 4]);
    let extremity = Table::new("extremity")
        .with("ratio", "", names("micro_all", 4))
        .with("date", "", days())
        .with("excess", "", vec![0.1; 4])
        .with("percentile", "", vec![0.9; 4])
        .with("distance", "", vec![0.05; 4]);
    vec![statistic, episode, bsadf, extremity]
}

/// The law of the index, greatest on the third day; of the ratio, nowhere.
fn power_law(n: usize) -> [Table; 2] {
    let series = |n: usize| [names("index", n), names("ratio", n)].concat();
    let twice = |of: &[f64]| [of, &vec![0.0; n]].concat();
    let nan = |of: &[f64]| [of, &vec![f64::NAN; n]].concat();
    let told = Table::new("power_law")
        .with("ratio", "", names("micro_all", 2 * n))
        .with("series", "", series(n))
        .with("date", "", [&days()[..n], &days()[..n]].concat())
        .with("confidence_positive", "", twice(&[0.0, 0.25, 0.5, 0.25][..n]))
        .with("confidence_negative", "", twice(&[0.0; 4][..n]))
        .with("n_fits", "", vec![26_i64; 2 * n])
        .with("tc_low", "", nan(&[f64::NAN, 20.0, 22.0, 24.0][..n]))
        .with("tc_median", "", nan(&[f64::NAN, 60.0, 65.0, 70.0][..n]))
        .with("tc_high", "", nan(&[f64::NAN, 70.0, 78.0, 80.0][..n]));
    let rows = usize::from(n > 0);
    let each = |value: f64| vec![value; 2 * rows];
    let chance = Table::new("power_law_chance")
        .with("ratio", "", names("micro_all", 2 * rows))
        .with("series", "", series(rows))
        .with("date", "", vec![days()[3]; 2 * rows])
        .with("confidence_positive", "", each(0.25))
        .with("mean_positive", "", each(0.01))
        .with("max_positive", "", each(0.12))
        .with("p_positive", "", each(0.048))
        .with("confidence_negative", "", each(0.0))
        .with("mean_negative", "", each(0.0))
        .with("max_negative", "", each(0.0))
        .with("p_negative", "", each(1.0))
        .with("n_paths", "", vec![20_i64; 2 * rows]);
    [told, chance]
}

fn exhibit(more: impl IntoIterator<Item = Table>) -> Exhibit {
    let mut tables = tests();
    tables.extend(more);
    let (convention, data) = (Convention::default(), BTreeMap::new());
    exhibits::bubble(&Source { tables: &tables, convention: &convention, data: &data }).unwrap()
}

#[test]
fn the_power_law_is_told_with_its_day_and_beside_chance() {
    let told = exhibit(power_law(4));
    assert_eq!(told.charts.len(), 3);
    let answer: Vec<&str> = told.answer.iter().map(|text| text.en.as_str()).collect();
    let index = "868008.WI: the largest share of windows, 50% of 26, looked like a rise ever faster on 16 January 2024; they pointed 22 to 78 \
                 calendar days ahead, the middle one 65.";
    assert!(answer.contains(&index), "{answer:?}");
    let ratio =
        "Micro caps over all shares: no window on any day looked like a log-periodic power law.";
    assert!(answer.contains(&ratio), "{answer:?}");
    let index = "868008.WI：2024年1月16日最多窗口呈加速上行，占 26 个的 50%；临界时间指向其后 22 至 78 个自然日，中位 65。";
    assert!(told.answer.iter().any(|text| text.zh == index), "{:?}", told.answer);
    assert_eq!(told.tables.len(), 3);
    assert!(told.tables[2].note.en.contains("20 paths"), "{}", told.tables[2].note.en);
}

#[test]
fn a_law_not_asked_for_is_not_told() {
    let (none, empty) = (exhibit([]), exhibit(power_law(0)));
    for told in [none, empty] {
        assert_eq!((told.charts.len(), told.tables.len(), told.notes.len()), (1, 2, 3));
    }
}
