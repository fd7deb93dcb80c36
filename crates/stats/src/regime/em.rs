//! Fitting regimes: expectation of the unseen states, maximisation given them, until neither moves.
//!
//! Each round cannot lower the likelihood (Dempster, Laird and Rubin 1977), but it climbs the hill it stands
//! on: a cold search starts from several hills, carries each a little way and follows the highest to its top.

use rand::RngExt;
use serde::Serialize;
use shoals_core::Seed;

use super::{MIN_OBSERVATIONS, Regimes};
use crate::StatError;
use crate::moments::{mean_of, variance};
use crate::observed::{require_finite, require_setting};
use crate::percentile::percentiles;

/// No regime may be calmer than this share of the whole sample's variance: a single quiet day would
/// otherwise be a regime of its own, of endless likelihood.
const CALMEST: f64 = 0.01;

/// Rounds each start is carried before the highest is followed.
const TRIAL_ROUNDS: usize = 15;

/// A regime that is expected less often than this keeps its mean and variance.
const LEAST_WEIGHT: f64 = 1e-6;

/// How regimes are searched for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EmSearch {
    /// Number of regimes.
    pub n_regimes: usize,
    /// Whether each regime has its own variance.
    pub has_own_variances: bool,
    /// Hills to start from; two are laid by rule, the others are drawn.
    pub starts: usize,
    /// Most rounds.
    pub max_rounds: usize,
    /// The search ends when a round adds less than this to the log likelihood.
    pub tolerance: f64,
    /// Seed of the drawn starts.
    pub seed: Seed,
}

impl Default for EmSearch {
    fn default() -> Self {
        Self {
            n_regimes: 2,
            has_own_variances: true,
            starts: 8,
            max_rounds: 2_000,
            tolerance: 1e-6,
            seed: Seed::default(),
        }
    }
}

/// Fitted regimes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegimeFit {
    /// The model.
    pub regimes: Regimes,
    /// Its log likelihood.
    pub log_likelihood: f64,
    /// Rounds taken.
    pub n_rounds: usize,
    /// Whether the last round added less than the tolerance.
    pub is_converged: bool,
}

/// Fits regimes from several starts.
///
/// Missing: refused, a gap would shift the steps of the chain.
///
/// # Errors
/// A value that is not finite, fewer than [`MIN_OBSERVATIONS`], no variation, fewer than one regime or
/// more than four, or no start.
pub fn fit_regimes(values: &[f64], search: &EmSearch) -> Result<RegimeFit, StatError> {
    let spread = require_sample(values, search)?;
    let k = search.n_regimes;
    let starts = (0..search.starts).map(|i| match i {
        0 => by_level(values, k, spread),
        1 => Ok(by_spread(values, k, spread)),
        _ => drawn(values, search, spread, i as u64),
    });
    let mut best: Option<RegimeFit> = None;
    for start in starts {
        let trial = climb(values, start?, search, spread, TRIAL_ROUNDS);
        if best.as_ref().is_none_or(|best| trial.log_likelihood > best.log_likelihood) {
            best = Some(trial);
        }
    }
    let best = best.expect("there is a start");
    Ok(climb(values, best.regimes, search, spread, search.max_rounds).ordered())
}

/// Fits regimes from those of an earlier sample.
///
/// # Errors
/// As [`fit_regimes`], or a start with another number of regimes.
pub fn refit_regimes(
    values: &[f64],
    earlier: &Regimes,
    search: &EmSearch,
) -> Result<RegimeFit, StatError> {
    let spread = require_sample(values, search)?;
    let (k, found) = (search.n_regimes, earlier.n());
    require_setting("n_regimes", found as f64, "that of the earlier model", found == k)?;
    Ok(climb(values, earlier.clone(), search, spread, search.max_rounds).ordered())
}

impl RegimeFit {
    fn ordered(mut self) -> Self {
        self.regimes = self.regimes.ordered();
        self
    }
}

/// Refuses a sample nothing can be fitted to; else its variance.
fn require_sample(values: &[f64], search: &EmSearch) -> Result<f64, StatError> {
    require_finite(values)?;
    let n = values.len();
    if n < MIN_OBSERVATIONS {
        return Err(StatError::TooFewObservations { needed: MIN_OBSERVATIONS, found: n });
    }
    let (k, starts) = (search.n_regimes, search.starts);
    require_setting("n_regimes", k as f64, "1 to 4", (1..=4).contains(&k))?;
    require_setting("starts", starts as f64, "1 or more", starts >= 1)?;
    let spread = variance(values, 0)?;
    if spread > 0.0 { Ok(spread) } else { Err(StatError::Constant { what: "the series" }) }
}

/// Climbs from a start for at most `max_rounds`.
fn climb(
    values: &[f64],
    start: Regimes,
    search: &EmSearch,
    spread: f64,
    max_rounds: usize,
) -> RegimeFit {
    let mut regimes = start;
    let mut log_likelihood = f64::NEG_INFINITY;
    for round in 0..max_rounds {
        let (next, reached) = improved(values, &regimes, search, spread);
        let gain = reached - log_likelihood;
        log_likelihood = reached;
        if gain < search.tolerance {
            return RegimeFit { regimes, log_likelihood, n_rounds: round, is_converged: true };
        }
        regimes = next;
    }
    let log_likelihood = regimes.filter(values).log_likelihood;
    RegimeFit { regimes, log_likelihood, n_rounds: max_rounds, is_converged: false }
}

/// One round: the next model, and the log likelihood of the present one.
fn improved(values: &[f64], now: &Regimes, search: &EmSearch, spread: f64) -> (Regimes, f64) {
    let (k, chain) = (now.n(), now.chain());
    let days = chain.filter(&now.log_densities(values));
    let hindsight = chain.smooth(&days);
    let (mut weights, mut sums) = (vec![0.0; k], vec![0.0; k]);
    for (probabilities, y) in hindsight.probabilities.chunks_exact(k).zip(values) {
        for (s, p) in probabilities.iter().enumerate() {
            weights[s] += p;
            sums[s] += p * y;
        }
    }
    let means: Vec<f64> = (0..k)
        .map(|s| if weights[s] > LEAST_WEIGHT { sums[s] / weights[s] } else { now.means[s] })
        .collect();
    let mut squares = vec![0.0; k];
    for (probabilities, y) in hindsight.probabilities.chunks_exact(k).zip(values) {
        for (s, p) in probabilities.iter().enumerate() {
            squares[s] += p * (y - means[s]).powi(2);
        }
    }
    let common = squares.iter().sum::<f64>() / values.len() as f64;
    let variances = (0..k).map(|s| match (search.has_own_variances, weights[s] > LEAST_WEIGHT) {
        (false, _) => common.max(CALMEST * spread),
        (true, true) => (squares[s] / weights[s]).max(CALMEST * spread),
        (true, false) => now.variances[s],
    });
    let variances = variances.collect();
    let transition = (0..k)
        .map(|from| {
            let taken = &hindsight.taken[from * k..(from + 1) * k];
            let total: f64 = taken.iter().sum();
            if total > LEAST_WEIGHT {
                taken.iter().map(|t| t / total).collect()
            } else {
                now.transition[from].clone()
            }
        })
        .collect();
    let start = hindsight.probabilities[..k].to_vec();
    (Regimes { means, variances, transition, start }, days.log_likelihood)
}

/// Regimes of equal stay around given means.
fn laid(means: Vec<f64>, variances: Vec<f64>, stay: f64) -> Regimes {
    let k = means.len();
    let away = if k > 1 { (1.0 - stay) / (k - 1) as f64 } else { 0.0 };
    let row =
        |i: usize| (0..k).map(move |j| if i == j { 1.0 - away * (k - 1) as f64 } else { away });
    let transition = (0..k).map(|i| row(i).collect()).collect();
    Regimes { means, variances, transition, start: vec![1.0 / k as f64; k] }
}

/// Regimes at the quantiles, equally noisy.
fn by_level(values: &[f64], k: usize, spread: f64) -> Result<Regimes, StatError> {
    let ranks: Vec<f64> = (0..k).map(|s| (s as f64 + 0.5) / k as f64).collect();
    Ok(laid(percentiles(values, &ranks)?, vec![spread; k], 0.95))
}

/// Regimes at one level, from wild to calm.
fn by_spread(values: &[f64], k: usize, spread: f64) -> Regimes {
    let (mean, deviation) = (mean_of(values), spread.sqrt());
    let place = |s: usize| (s as f64 + 0.5) / k as f64 - 0.5;
    let means = (0..k).map(|s| mean + 0.2 * deviation * place(s)).collect();
    let variances = (0..k).map(|s| spread * (-3.0 * place(s)).exp()).collect();
    laid(means, variances, 0.97)
}

/// Regimes anywhere: means at random ranks, spreads within a factor of four, stays of 3 to 100 steps.
fn drawn(values: &[f64], search: &EmSearch, spread: f64, i: u64) -> Result<Regimes, StatError> {
    let mut stream = search.seed.part("regimes").stream(i);
    let k = search.n_regimes;
    let ranks: Vec<f64> = (0..k).map(|_| stream.random_range(0.05..0.95)).collect();
    let variances = (0..k).map(|_| spread * stream.random_range(-1.4..1.4_f64).exp()).collect();
    let stay = 1.0 - 1.0 / stream.random_range(3.0..100.0);
    Ok(laid(percentiles(values, &ranks)?, variances, stay))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normal::normal_quantile;
    use proptest::prelude::*;
    use rand::SeedableRng;
    use shoals_core::Stream;

    fn truth() -> Regimes {
        Regimes {
            means: vec![-0.2, 0.1],
            variances: vec![1.0, 0.16],
            transition: vec![vec![0.95, 0.05], vec![0.02, 0.98]],
            start: vec![0.5, 0.5],
        }
    }

    /// A series of `model`, and the regime of each day.
    fn simulated(model: &Regimes, n: usize, seed: u64) -> (Vec<f64>, Vec<usize>) {
        let mut stream = Stream::seed_from_u64(seed);
        let mut state = 0;
        let mut day = || {
            state = usize::from(stream.random::<f64>() >= model.transition[state][0]);
            let z = normal_quantile(stream.random_range(1e-12..1.0));
            (model.means[state] + model.variances[state].sqrt() * z, state)
        };
        (0..n).map(|_| day()).unzip()
    }

    /// Parameters come back within about four standard errors of 8,000 days, and the filter knows the regime.
    #[test]
    fn a_known_world_is_recovered() {
        let (values, states) = simulated(&truth(), 8_000, 3);
        let fit = fit_regimes(&values, &EmSearch::default()).unwrap();
        let found = &fit.regimes;
        assert!(fit.is_converged);
        assert!(
            (found.means[0] + 0.2).abs() < 0.1 && (found.means[1] - 0.1).abs() < 0.03,
            "{found:?}"
        );
        assert!(
            (found.variances[0] - 1.0).abs() < 0.1 && (found.variances[1] - 0.16).abs() < 0.015
        );
        assert!((found.transition[0][0] - 0.95).abs() < 0.02);
        assert!((found.transition[1][1] - 0.98).abs() < 0.01);
        assert!(fit.log_likelihood >= truth().log_likelihood(&values).unwrap() - 0.01);
        let filtered = found.filtered(&values).unwrap();
        let right = filtered.iter().zip(&states).filter(|(p, s)| p[**s] > 0.5).count();
        assert!(right as f64 / 8_000.0 > 0.9, "{right}");
    }

    #[test]
    fn a_warm_start_ends_where_a_cold_one_does() {
        let (values, _) = simulated(&truth(), 2_000, 5);
        let search = EmSearch { tolerance: 1e-9, ..EmSearch::default() };
        let earlier = fit_regimes(&values[..1_900], &search).unwrap();
        let cold = fit_regimes(&values, &search).unwrap();
        let warm = refit_regimes(&values, &earlier.regimes, &search).unwrap();
        assert!((cold.log_likelihood - warm.log_likelihood).abs() < 1e-4, "{cold:?} {warm:?}");
        assert!(warm.n_rounds < cold.n_rounds + TRIAL_ROUNDS * search.starts);
    }

    /// Witness: the closed form of one regime.
    #[test]
    fn one_regime_is_mean_and_variance() {
        let (values, _) = simulated(&truth(), 200, 1);
        let search = EmSearch { n_regimes: 1, ..EmSearch::default() };
        let fit = fit_regimes(&values, &search).unwrap();
        assert!((fit.regimes.means[0] - mean_of(&values)).abs() < 1e-12);
        assert!((fit.regimes.variances[0] - variance(&values, 0).unwrap()).abs() < 1e-12);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Whatever the series and the start, a round never lowers the likelihood.
        #[test]
        fn no_round_climbs_down(
            values in proptest::collection::vec(-3.0..3.0_f64, 60..160),
            start in 0..8_u64,
            k in 2..4_usize,
            has_own_variances in any::<bool>(),
        ) {
            let search = EmSearch { n_regimes: k, has_own_variances, ..EmSearch::default() };
            let spread = variance(&values, 0).unwrap();
            let mut now = drawn(&values, &search, spread, start).unwrap();
            if !has_own_variances {
                now.variances = vec![spread; k];
            }
            let mut last = f64::NEG_INFINITY;
            for _ in 0..30 {
                let (next, reached) = improved(&values, &now, &search, spread);
                prop_assert!(reached >= last - 1e-8, "{} after {}", reached, last);
                (now, last) = (next, reached);
            }
        }
    }

    #[test]
    fn what_cannot_switch_is_refused() {
        assert!(fit_regimes(&[1.0; 80], &EmSearch::default()).is_err());
        assert!(fit_regimes(&[1.0, 2.0], &EmSearch::default()).is_err());
        let (values, _) = simulated(&truth(), 100, 1);
        assert!(fit_regimes(&values, &EmSearch { starts: 0, ..EmSearch::default() }).is_err());
        assert!(fit_regimes(&values, &EmSearch { n_regimes: 9, ..EmSearch::default() }).is_err());
    }
}
