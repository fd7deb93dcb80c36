//! How much of a return is told late?
//!
//! A smoothed fund tells `r_t = theta_0 R_t + theta_1 R_{t-1} + ... + theta_k R_{t-k}` of what it earned, the thetas adding
//! up to 1 (Getmansky, Lo and Makarov 2004, JFE 74, eq. 21): the mean is told in full, the volatility only by the root
//! of `xi = sum of theta^2`. So the true volatility is the told one over `sqrt xi`, the told Sharpe ratio too great by as
//! much. The thetas are those of an invertible moving average fitted by exact Gaussian likelihood. [`geltner`] (1993) is
//! the older way: the told return is a mix of the true one and the last told one.
//!
//! Returns that trend for another reason (a basket that is slow by itself) look smoothed too.
//!
//! Method page: `docs/method/fund_hidden.md`

use serde::Serialize;

use crate::StatError;
use crate::moments::{autocorrelations, mean_of};
use crate::observed::{require_finite, require_setting};
use crate::regime::minimise::minimise;

/// Fewest returns a smoothing profile is fitted to, for each lag of it.
pub const MIN_PER_LAG: usize = 12;
/// Most lags of a profile.
pub const MAX_LAGS: usize = 6;

const MAX_STEPS: usize = 200;
/// Variance of the innovations above which the exact recursion still differs from its limit.
const SETTLED: f64 = 1e-13;

/// How a fund spreads what it earned over the periods it tells.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Smoothing {
    /// Share of a period's return told `j` periods later; adds up to 1, the first is 1 when nothing is smoothed.
    pub theta: Vec<f64>,
    /// Asymptotic standard errors of `theta`.
    pub theta_error: Vec<f64>,
    /// `sum of theta^2`, the told variance over the true one.
    pub xi: f64,
    /// Standard error of `xi`.
    pub xi_error: f64,
    /// Standard deviation of the true returns, decimal a period.
    pub true_deviation: f64,
    /// Mean of the returns, the same told and true.
    pub mean: f64,
    /// Greatest log likelihood.
    pub log_likelihood: f64,
    /// Twice what the likelihood gains over returns told at once: chi-square with as many degrees as lags.
    pub likelihood_ratio: f64,
    /// Coefficients of the invertible moving average, `theta_j / theta_0`, lag 1 first.
    pub moving_average: Vec<f64>,
}

impl Smoothing {
    /// The returns the model says were earned, in the order told; what was earned before the first is taken as its mean.
    pub fn unsmoothed(&self, told: &[f64]) -> Vec<f64> {
        let theta_0 = self.theta[0];
        let mut earned: Vec<f64> = Vec::with_capacity(told.len());
        for (t, &r) in told.iter().enumerate() {
            let late: f64 = (1..self.theta.len().min(t + 1))
                .map(|j| self.theta[j] * (earned[t - j] - self.mean))
                .sum();
            earned.push(self.mean + (r - self.mean - late) / theta_0);
        }
        earned
    }
}

/// Fits the smoothing profile over `lags` periods by exact maximum likelihood.
///
/// * `returns`: decimals a period, in the order of time.
/// * Missing: refused, a gap would shift every lag.
///
/// Standard errors are asymptotic: `V / n` of the moving average, `V` in closed form, by the delta method for `theta` and `xi`.
///
/// # Errors
/// No lag or more than [`MAX_LAGS`], fewer than [`MIN_PER_LAG`] returns a lag, one not finite, no variation.
pub fn smoothing(returns: &[f64], lags: usize) -> Result<Smoothing, StatError> {
    require_finite(returns)?;
    let is_legal = (1..=MAX_LAGS).contains(&lags);
    require_setting("lags", lags as f64, "1 to 6", is_legal)?;
    let (n, needed) = (returns.len(), MIN_PER_LAG * (lags + 1));
    if n < needed {
        return Err(StatError::TooFewObservations { needed, found: n });
    }
    let mean = mean_of(returns);
    let centred: Vec<f64> = returns.iter().map(|r| r - mean).collect();
    let variance = centred.iter().map(|x| x * x).sum::<f64>() / n as f64;
    if variance.sqrt() <= mean.abs() * f64::EPSILON * 4.0 {
        return Err(StatError::Constant { what: "the returns" });
    }
    // In units of their deviation, so that the search knows no scale.
    let scaled: Vec<f64> = centred.iter().map(|x| x / variance.sqrt()).collect();
    let cost = |x: &[f64]| -log_likelihood(&scaled, &invertible(x)).0 / n as f64;
    let low = minimise(cost, &vec![0.0; lags], MAX_STEPS);
    let started = minimise(cost, &start(&scaled, lags), MAX_STEPS);
    let best = if started.value < low.value { started } else { low };
    let moving_average = invertible(&best.at);
    let (log_likelihood_scaled, innovation) = log_likelihood(&scaled, &moving_average);
    let rescale = n as f64 * variance.sqrt().ln();
    let flat = log_likelihood(&scaled, &vec![0.0; lags]).0;
    let total = 1.0 + moving_average.iter().sum::<f64>();
    let theta: Vec<f64> =
        std::iter::once(1.0).chain(moving_average.iter().copied()).map(|b| b / total).collect();
    let covariance = moving_average_covariance(&moving_average, n);
    let (theta_error, xi_error) = theta_errors(&theta, total, &covariance);
    Ok(Smoothing {
        xi: theta.iter().map(|x| x * x).sum(),
        theta,
        theta_error,
        xi_error,
        true_deviation: (innovation * variance).sqrt() * total,
        mean,
        log_likelihood: log_likelihood_scaled - rescale,
        likelihood_ratio: (2.0 * (log_likelihood_scaled - flat)).max(0.0),
        moving_average,
    })
}

/// Geltner's (1993) unsmoothed returns, `(r_t - rho r_{t-1}) / (1 - rho)` with `rho` the first autocorrelation; one fewer
/// than given.
///
/// Missing: refused.
///
/// # Errors
/// Fewer than three returns, one not finite, no variation.
pub fn geltner(returns: &[f64]) -> Result<Vec<f64>, StatError> {
    let rho = autocorrelations(returns, 1)?[0];
    Ok(returns.windows(2).map(|pair| (pair[1] - rho * pair[0]) / (1.0 - rho)).collect())
}

/// A start in the search's coordinates: the first autocorrelation as a moving average of one lag.
fn start(centred: &[f64], lags: usize) -> Vec<f64> {
    let rho = autocorrelations(centred, 1).map_or(0.0, |rho| rho[0].clamp(-0.45, 0.45));
    let b =
        if rho.abs() < 1e-9 { 0.0 } else { (1.0 - (1.0 - 4.0 * rho * rho).sqrt()) / (2.0 * rho) };
    let mut start = vec![0.0; lags];
    // The first partial of `1 + b L` is `b`.
    start[0] = b / (1.0 - b * b).sqrt();
    start
}

/// An invertible moving average from any numbers: partials in (-1, 1) by `x / sqrt(1 + x^2)`, and from them the
/// coefficients by the Durbin-Levinson recursion (Monahan 1984).
fn invertible(x: &[f64]) -> Vec<f64> {
    let mut coefficients: Vec<f64> = Vec::with_capacity(x.len());
    for &value in x {
        let partial = value / (1.0 + value * value).sqrt();
        let m = coefficients.len();
        let earlier = coefficients.clone();
        for j in 0..m {
            coefficients[j] = earlier[j] + partial * earlier[m - 1 - j];
        }
        coefficients.push(partial);
    }
    coefficients
}

/// Exact log likelihood with its variance put at its best, and that variance, by the innovations algorithm (Brockwell and
/// Davis 1991, prop. 5.2.2).
fn log_likelihood(values: &[f64], b: &[f64]) -> (f64, f64) {
    let (n, lags) = (values.len(), b.len());
    let coefficient = |j: usize| if j == 0 { 1.0 } else { b[j - 1] };
    let mut gamma = [0.0; MAX_LAGS + 1];
    for (h, cell) in gamma.iter_mut().enumerate().take(lags + 1) {
        *cell = (0..=lags - h).map(|j| coefficient(j) * coefficient(j + h)).sum();
    }
    // The last lags rows: `psi[t % lags][j]` is the weight of the innovation j + 1 periods back.
    let mut psi = [[0.0; MAX_LAGS]; MAX_LAGS];
    let mut spreads = [1.0; MAX_LAGS];
    let mut surprise = [0.0; MAX_LAGS];
    let (mut sum, mut log_v, mut settled) = (0.0, 0.0, n);
    for t in 0..n {
        let reach = lags.min(t);
        let mut weights = [0.0; MAX_LAGS];
        let mut spread = gamma[0];
        let mut expected = 0.0;
        for lag in (1..=reach).rev() {
            let then = t - lag;
            let mut weight = gamma[lag];
            for further in lag + 1..=reach {
                // The innovation at t - further, seen from i: further - lag back.
                let back = further - lag;
                if back <= lags {
                    weight -= psi[then % lags][back - 1]
                        * weights[further - 1]
                        * spreads[(t - further) % lags];
                }
            }
            weights[lag - 1] = weight / spreads[then % lags];
            spread -= weights[lag - 1].powi(2) * spreads[then % lags];
            expected += weights[lag - 1] * surprise[then % lags];
        }
        let innovation = values[t] - expected;
        sum += innovation * innovation / spread;
        log_v += spread.ln();
        (psi[t % lags], spreads[t % lags], surprise[t % lags]) = (weights, spread, innovation);
        if t >= lags && spreads[..lags].iter().all(|one| (one - 1.0).abs() < SETTLED) {
            settled = t + 1;
            break;
        }
    }
    sum += settled_sum(values, b, settled, &surprise);
    let variance = sum / n as f64;
    let tau = std::f64::consts::TAU;
    (-0.5 * (n as f64 * ((tau * variance).ln() + 1.0) + log_v), variance)
}

/// Squared innovations from `settled` on, where the recursion is the moving average's own.
fn settled_sum(values: &[f64], b: &[f64], settled: usize, surprise: &[f64; MAX_LAGS]) -> f64 {
    let k = b.len();
    if settled >= values.len() {
        return 0.0;
    }
    // The last innovations, the latest first.
    let mut last = [0.0; MAX_LAGS];
    for (j, cell) in last.iter_mut().enumerate().take(k) {
        *cell = surprise[(settled - 1 - j) % k];
    }
    let mut sum = 0.0;
    for &x in &values[settled..] {
        let u = x - b.iter().zip(&last).map(|(b, u)| b * u).sum::<f64>();
        last.copy_within(0..MAX_LAGS - 1, 1);
        last[0] = u;
        sum += u * u;
    }
    sum
}

/// Asymptotic covariance of the coefficients, row-major: the inverse autocovariance matrix of the autoregression with the
/// same coefficients (Box and Jenkins; Siddiqui 1958), over n.
fn moving_average_covariance(b: &[f64], n: usize) -> Vec<f64> {
    let k = b.len();
    let of = |lag: usize| if lag == 0 { 1.0 } else { b[lag - 1] };
    (0..k * k)
        .map(|cell| {
            let (low, high) = ((cell / k).min(cell % k), (cell / k).max(cell % k));
            let sum: f64 = (0..=low)
                .map(|m| of(low - m) * of(high - m) - of(k - low + m) * of(k - high + m))
                .sum();
            sum / n as f64
        })
        .collect()
}

/// Errors of theta and of the sum of their squares, by the delta method.
fn theta_errors(theta: &[f64], total: f64, covariance: &[f64]) -> (Vec<f64>, f64) {
    let k = theta.len() - 1;
    // d theta_i / d b_j.
    let slope = |i: usize, j: usize| (f64::from(u8::from(i == j + 1)) - theta[i]) / total;
    let spread = |of: &dyn Fn(usize) -> f64| -> f64 {
        let sum: f64 = (0..k * k).map(|cell| of(cell / k) * covariance[cell] * of(cell % k)).sum();
        sum.max(0.0).sqrt()
    };
    let errors = (0..=k).map(|i| spread(&|j| slope(i, j))).collect();
    let xi_slope = |j: usize| (0..=k).map(|i| 2.0 * theta[i] * slope(i, j)).sum::<f64>();
    (errors, spread(&xi_slope))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counter_normal::counter_normal;

    fn moving_average(theta: &[f64], n: usize, seed: u64) -> Vec<f64> {
        let earned: Vec<f64> =
            (0..n + theta.len()).map(|i| 0.01 * counter_normal(seed, i as u64)).collect();
        let told = |t: usize| -> f64 {
            theta.iter().enumerate().map(|(j, x)| x * earned[t + theta.len() - 1 - j]).sum()
        };
        (0..n).map(told).collect()
    }

    /// Log likelihood by the factor of the whole covariance matrix, an independent way.
    fn dense(values: &[f64], b: &[f64]) -> f64 {
        let n = values.len();
        let of = |lag: usize| if lag == 0 { 1.0 } else { b.get(lag - 1).copied().unwrap_or(0.0) };
        let gamma = |h: usize| (0..=b.len()).map(|j| of(j) * of(j + h)).sum::<f64>();
        let mut root = vec![vec![0.0; n]; n];
        for i in 0..n {
            for j in 0..=i {
                let done: f64 = (0..j).map(|m| root[i][m] * root[j][m]).sum();
                let rest = gamma(i - j) - done;
                root[i][j] = if i == j { rest.sqrt() } else { rest / root[j][j] };
            }
        }
        let mut white = vec![0.0; n];
        for i in 0..n {
            let done: f64 = (0..i).map(|m| root[i][m] * white[m]).sum();
            white[i] = (values[i] - done) / root[i][i];
        }
        let variance = white.iter().map(|x| x * x).sum::<f64>() / n as f64;
        let determinant: f64 = (0..n).map(|i| root[i][i].ln()).sum::<f64>() * 2.0;
        -0.5 * (n as f64 * ((std::f64::consts::TAU * variance).ln() + 1.0) + determinant)
    }

    #[test]
    fn the_innovations_give_the_likelihood_of_the_whole_matrix() {
        let values = moving_average(&[0.5, 0.3, 0.2], 60, 3);
        for x in [[0.4, 0.2], [-0.7, 0.5], [2.5, -0.3], [0.05, 3.0]] {
            let b = invertible(&x);
            let (ours, theirs) = (log_likelihood(&values, &b).0, dense(&values, &b));
            assert!((ours - theirs).abs() < 1e-8, "{b:?}: {ours} {theirs}");
        }
        let b = invertible(&[0.5, -0.4, 0.3]);
        let (ours, theirs) = (log_likelihood(&values, &b).0, dense(&values, &b));
        assert!((ours - theirs).abs() < 1e-8, "{b:?}: {ours} {theirs}");
    }

    /// Closed form of MA(2): `[[1 - b2^2, b1 (1 - b2)], [., 1 - b2^2]] / n`.
    #[test]
    fn the_covariance_is_the_closed_one_of_two_lags() {
        let v = moving_average_covariance(&[0.4, 0.25], 1);
        let (own, cross) = (1.0 - 0.25 * 0.25, 0.4 * 0.75);
        for (ours, theirs) in v.iter().zip([own, cross, cross, own]) {
            assert!((ours - theirs).abs() < 1e-15, "{v:?}");
        }
    }

    /// Truth: profiles of Getmansky, Lo and Makarov (2004), table 3's kind, 400 samples of 240. A 95 % interval must hold
    /// the truth in 95 % of samples within three binomial errors (400 samples: 3.3 %), bias of asymptotics allowed one more.
    #[test]
    fn the_thetas_are_recovered_and_their_errors_cover() {
        for truth in [[0.5, 0.3, 0.2], [0.7619, 0.1905, 0.0476], [1.0, 0.0, 0.0]] {
            let (samples, n) = (400, 240);
            let mut inside = [0.0; 4];
            let mut sum = [0.0; 4];
            let xi = truth.iter().map(|x| x * x).sum::<f64>();
            for seed in 0..samples {
                let fit = smoothing(&moving_average(&truth, n, seed), 2).unwrap();
                for i in 0..3 {
                    inside[i] += f64::from(u8::from(
                        (fit.theta[i] - truth[i]).abs() < 1.96 * fit.theta_error[i],
                    ));
                    sum[i] += fit.theta[i];
                }
                inside[3] +=
                    f64::from(u8::from((fit.xi / xi).ln().abs() < 1.96 * fit.xi_error / fit.xi));
                sum[3] += fit.xi;
            }
            let (cover, mean) =
                (inside.map(|x| x / samples as f64), sum.map(|x| x / samples as f64));
            eprintln!("truth {truth:?}: mean {mean:?}, cover {cover:?}");
            assert!(cover.iter().all(|c| (0.95 - c).abs() < 0.044), "{truth:?}: {cover:?}");
            for i in 0..3 {
                assert!((mean[i] - truth[i]).abs() < 0.02, "{truth:?}: {mean:?}");
            }
        }
    }

    /// What was earned is got back from what was told but for the first periods' memory.
    #[test]
    fn unsmoothing_inverts_smoothing() {
        let earned: Vec<f64> = (0..200).map(|i| 0.01 * counter_normal(9, i)).collect();
        let theta = vec![0.5, 0.3, 0.2];
        let told: Vec<f64> = (0..200)
            .map(|t| (0..3).map(|j| if t >= j { theta[j] * earned[t - j] } else { 0.0 }).sum())
            .collect();
        let model = Smoothing {
            theta,
            theta_error: vec![],
            xi: 0.0,
            xi_error: 0.0,
            true_deviation: 0.0,
            mean: 0.0,
            log_likelihood: 0.0,
            likelihood_ratio: 0.0,
            moving_average: vec![],
        };
        for (ours, truth) in model.unsmoothed(&told).iter().zip(&earned) {
            assert!((ours - truth).abs() < 1e-12);
        }
    }

    #[test]
    fn what_cannot_be_unsmoothed_is_refused() {
        assert!(smoothing(&[0.01; 100], 2).is_err());
        assert!(smoothing(&[0.01, f64::NAN], 1).is_err());
        assert!(smoothing(&moving_average(&[1.0], 30, 1), 2).is_err());
        assert!(smoothing(&moving_average(&[1.0], 300, 1), 0).is_err());
        assert!(geltner(&[0.01; 9]).is_err());
    }
}
