//! A made market in which the truth is known: the factor pays in small caps until it stops.

use shoals_core::{Outcome, TradingDay, Values};
use shoals_market::factor::summary::Testing;
use shoals_market::factor::{
    Buckets, EvaluationConfig, FactorOutcome, FactorPanel, LabConfig, Period, lab,
};
use shoals_stats::hac::LagRule;

const N_DAYS: usize = 300;
const N_STOCKS: usize = 240;
/// The first day whose factor says nothing of the next return.
const STOPS: usize = 180;

fn noise(t: usize, i: usize, part: u64) -> f64 {
    let mut z = ((t * N_STOCKS + i) as u64 * 4 + part + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// The smaller half has the first columns.
fn is_small(i: usize) -> bool {
    i < N_STOCKS / 2
}

fn days() -> Vec<TradingDay> {
    (0..N_DAYS as i32).map(|t| TradingDay::from_epoch_days(19_000 + t)).collect()
}

fn outcome() -> FactorOutcome {
    let days = days();
    let rows = |f: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
        (0..N_DAYS * N_STOCKS).map(|row| f(row / N_STOCKS, row % N_STOCKS)).collect()
    };
    let factor = rows(&|t, i| noise(t, i, 0));
    let cap = rows(&|_, i| if is_small(i) { 1e9 } else { 1e11 } * (1.0 + i as f64 / 1e4));
    let mut price = vec![10.0; N_STOCKS];
    for t in 1..N_DAYS {
        for i in 0..N_STOCKS {
            let pays = if t <= STOPS && is_small(i) { 0.01 } else { 0.0 };
            let earned = pays * noise(t - 1, i, 0) + 0.02 * noise(t, i, 1);
            price.push(price[(t - 1) * N_STOCKS + i] * (1.0 + earned));
        }
    }
    let panel = FactorPanel::new(&days, &factor, &price)
        .unwrap()
        .bucketed(Buckets::Quantiles { key: &cap, n: 2 })
        .unwrap();
    let config = LabConfig {
        evaluation: EvaluationConfig::new(vec![1], 5, vec![1]).unwrap(),
        testing: Testing::default().with_lag(LagRule::Automatic),
        periods: vec![
            Period::new("pays", days[0], days[STOPS - 1]).unwrap(),
            Period::new("stopped", days[STOPS], days[N_DAYS - 1]).unwrap(),
        ],
        ..LabConfig::default()
    };
    lab("made", &panel, &["small".to_owned(), "large".to_owned()], &config).unwrap()
}

#[test]
fn the_bucket_and_the_day_that_were_put_in_are_found() {
    let outcome = outcome();
    let row = |period: Option<&str>, group: usize| {
        let rows = outcome.periods.iter();
        rows.into_iter()
            .find(|r| r.period.as_deref() == period && r.group == group)
            .unwrap()
            .summary
    };
    // Spearman of U and U + 2 V, both uniform: 17/40. The mean of 180 days has an error of 0.0056.
    assert!((row(Some("pays"), 1).mean - 0.425).abs() < 0.017, "{}", row(Some("pays"), 1).mean);
    assert!(row(None, 1).t_newey_west > 3.0);
    for none in [row(Some("stopped"), 1), row(Some("pays"), 2), row(Some("stopped"), 2)] {
        assert!(none.t_newey_west.abs() < 3.0, "{none:?}");
    }
    let small = outcome.declines.iter().find(|d| d.group == 1).unwrap();
    assert_eq!(small.last_before, days()[STOPS - 1]);
    assert!(small.low <= small.last_before && small.last_before <= small.high);
    assert!(small.test.p_value < 1e-6 && small.cusum.p_value < 1e-6);
    let large = outcome.declines.iter().find(|d| d.group == 2).unwrap();
    assert!(large.cusum.p_value > 0.01, "{large:?}");
    let sheet = &outcome.sheets[1];
    assert!(sheet.gross_nav[N_DAYS - 1] > 1.0);
    assert!(sheet.net_nav[N_DAYS - 1] < sheet.gross_nav[N_DAYS - 1]);
}

/// The names scripts, report and Python read.
#[test]
fn tables_have_their_stable_names() {
    let outcome = outcome();
    let tables = outcome.tables();
    let columns = |name: &str| -> Vec<String> {
        let table = tables.iter().find(|table| table.name() == name).unwrap();
        assert!(table.n_rows() > 0, "{name}");
        table.columns().iter().map(|column| column.name.clone()).collect()
    };
    assert_eq!(columns("ic"), ["date", "horizon", "bucket", "rank_ic"]);
    assert_eq!(columns("quantile"), ["horizon", "bucket", "quantile", "mean_return"]);
    let summary = columns("summary");
    let planned = ["horizon", "bucket", "mean", "std", "icir", "t_plain", "t_newey_west", "n"];
    assert_eq!(summary[..8], planned);
    assert_eq!(columns("period")[2], "period");
    for name in ["turnover", "autocorrelation", "nav", "break"] {
        columns(name);
    }
    let buckets = &tables[1].column("bucket").unwrap().values;
    assert_eq!(*buckets, Values::Text(["market", "small", "large"].map(str::to_owned).to_vec()));
    assert!(outcome.convention().contains_key("long_short"));
}
