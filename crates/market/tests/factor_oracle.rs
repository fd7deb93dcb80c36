//! The synthetic panel as alphalens-reloaded 0.5.1 and statsmodels see it (`SHOALS_DATA/oracles`).

use std::path::PathBuf;

use serde_json::Value;
use shoals_core::TradingDay;
use shoals_market::factor::summary::{Testing, summarise};
use shoals_market::factor::{Evaluation, EvaluationConfig, FactorPanel, evaluate};
use shoals_stats::hac::LagRule;

const HORIZONS: [usize; 3] = [1, 5, 10];

/// An oracle file's text, or `None` with a line that says the test skipped.
#[expect(clippy::disallowed_methods, reason = "a test reads its oracle")]
fn oracle(name: &str) -> Option<String> {
    let Some(folder) = std::env::var_os("SHOALS_DATA") else {
        eprintln!("skipped: SHOALS_DATA is not set, so {name} cannot be read");
        return None;
    };
    let path = PathBuf::from(folder).join("oracles").join(name);
    Some(std::fs::read_to_string(path).expect("the oracle folder holds this file"))
}

/// The panel of the oracle; the factor ends before the prices do.
struct Oracle {
    days: Vec<TradingDay>,
    factor: Vec<f64>,
    price: Vec<f64>,
    alphalens: Value,
}

impl Oracle {
    fn read() -> Option<Self> {
        let (days, price) = matrix(&oracle("factor_panel_prices.csv")?);
        let (factor_days, mut factor) = matrix(&oracle("factor_panel_factor.csv")?);
        assert_eq!(days[..factor_days.len()], factor_days);
        factor.resize(price.len(), f64::NAN);
        let alphalens = serde_json::from_str(&oracle("factor_panel_oracle.json")?).unwrap();
        Some(Self { days, factor, price, alphalens })
    }

    fn panel(&self) -> FactorPanel<'_> {
        FactorPanel::new(&self.days, &self.factor, &self.price).unwrap()
    }

    fn evaluation(&self) -> Evaluation {
        let config = EvaluationConfig::new(HORIZONS.to_vec(), 5, vec![1, 5]).unwrap();
        evaluate(&self.panel(), &config).unwrap()
    }

    fn number(&self, path: &str) -> f64 {
        self.alphalens.pointer(path).and_then(Value::as_f64).expect("the oracle has this number")
    }
}

/// Days down, stocks across; an empty cell is NaN.
fn matrix(text: &str) -> (Vec<TradingDay>, Vec<f64>) {
    let mut values = Vec::new();
    let days = text.lines().skip(1).map(|line| {
        let (day, cells) = line.split_once(',').unwrap();
        values.extend(cells.split(',').map(|cell| cell.parse().unwrap_or(f64::NAN)));
        day.parse().unwrap()
    });
    (days.collect(), values)
}

fn check(what: &str, ours: f64, theirs: f64) {
    assert!((ours - theirs).abs() <= 1e-10, "{what}: ours {ours:.12}, theirs {theirs:.12}");
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let observed: Vec<f64> = values.filter(|x| !x.is_nan()).collect();
    observed.iter().sum::<f64>() / observed.len() as f64
}

/// Witness: alphalens, every date and horizon.
#[test]
fn rank_ics_are_those_of_alphalens() {
    let (Some(oracle), Some(text)) = (Oracle::read(), oracle("factor_panel_ic_oracle.csv")) else {
        return;
    };
    let (days, theirs) = matrix(&text);
    let evaluation = oracle.evaluation();
    for h in 0..HORIZONS.len() {
        let ours = oracle.days.iter().zip(evaluation.rank_ic(0, h));
        let ours: Vec<(TradingDay, f64)> =
            ours.filter(|(_, ic)| !ic.is_nan()).map(|(day, ic)| (*day, ic)).collect();
        assert_eq!(ours.iter().map(|row| row.0).collect::<Vec<_>>(), days);
        for (t, (day, ic)) in ours.into_iter().enumerate() {
            check(&day.to_string(), ic, theirs[t * HORIZONS.len() + h]);
        }
    }
    let n: u32 = evaluation.n_stocks(0).sum();
    assert_eq!(f64::from(n), oracle.number("/n_rows"));
}

/// Witness: alphalens for mean, deviation, ICIR and plain t; statsmodels for the Newey-West ones.
#[test]
fn summaries_are_those_of_alphalens_and_statsmodels() {
    let Some(oracle) = Oracle::read() else { return };
    let evaluation = oracle.evaluation();
    let summary = |h: usize, lag| {
        let series: Vec<f64> = evaluation.rank_ic(0, h).collect();
        let testing = Testing::default().without_bands().with_lag(LagRule::Fixed(lag));
        summarise(&series, HORIZONS[h], &testing).unwrap()
    };
    for (h, horizon) in HORIZONS.iter().enumerate() {
        let ours = summary(h, 4);
        for (key, ours) in [
            ("ic_mean", ours.mean),
            ("ic_std", ours.std),
            ("icir", ours.icir),
            ("ic_t", ours.t_plain),
        ] {
            check(key, ours, oracle.number(&format!("/{key}/{horizon}D")));
        }
    }
    for (key, h, lag) in
        [("ic1D_nw_t_lag4", 0, 4), ("ic1D_nw_t_lag5", 0, 5), ("ic10D_nw_t_lag9", 2, 9)]
    {
        check(key, summary(h, lag).t_newey_west, oracle.number(&format!("/{key}")));
    }
}

/// Witness: alphalens, the mean over dates of each date's mean.
#[test]
fn quantile_means_are_those_of_alphalens() {
    let Some(oracle) = Oracle::read() else { return };
    let evaluation = oracle.evaluation();
    for (h, horizon) in HORIZONS.iter().enumerate() {
        for quantile in 1..=5 {
            let ours = mean(evaluation.mean_return(0, h, quantile - 1));
            let key = format!("/mean_ret_q_raw/{horizon}D/{quantile}");
            check(&key, ours, oracle.number(&key));
        }
    }
}

/// Witness: alphalens, over one day and five.
#[test]
fn turnover_and_autocorrelation_are_those_of_alphalens() {
    let Some(oracle) = Oracle::read() else { return };
    let evaluation = oracle.evaluation();
    for (key, ours) in [
        ("/turnover_q1_1d", mean(evaluation.turnover(0, 0))),
        ("/turnover_q5_1d", mean(evaluation.turnover(0, 4))),
        ("/turnover_q5_5d", mean(evaluation.turnover(1, 4))),
        ("/rank_autocorr_1", mean(evaluation.autocorrelation(0))),
        ("/rank_autocorr_5", mean(evaluation.autocorrelation(1))),
    ] {
        check(key, ours, oracle.number(key));
    }
}
