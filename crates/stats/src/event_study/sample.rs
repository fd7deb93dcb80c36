//! Names through one event: abnormal returns, and the tests across them.

use std::ops::Range;

use rayon::prelude::*;
use serde::Serialize;

use super::Scaling;
use super::market_model::{MIN_DAYS, MarketModel};
use super::rank::{DayRanks, generalised};
use crate::StatError;
use crate::moments::{mean, std};
use crate::observed::require_setting;

/// Fewest names a test across names is taken from.
pub const MIN_NAMES: usize = 2;

/// Names with their market models and abnormal returns: first the estimation days, then the event's.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Position of each kept name among those given.
    pub kept: Vec<usize>,
    /// The kept names' models.
    pub models: Vec<MarketModel>,
    /// Abnormal returns, `n_days` a kept name; NaN where the name or the market has none.
    pub abnormal: Vec<f64>,
    /// Days of a row.
    pub n_days: usize,
    /// Days of it the models were fitted on.
    pub n_estimation: usize,
    market: Vec<f64>,
    scaling: Scaling,
    /// Mean and variation of the market over every estimation day, for [`Scaling::Estudy2`].
    whole_market: (f64, f64),
}

/// What the tests say of one window. Every statistic is a z or t; positive when the names rose.
///
/// With all names on one date only `kolari_pynnonen_t`, the rank tests and `portfolio_t` allow for names that move
/// together; the others overstate, and stand here for comparison.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CrossSection {
    /// Names with a return on every day of the window.
    pub n_names: usize,
    /// Mean abnormal return, summed over the window.
    pub mean_car: f64,
    /// Share of names above zero.
    pub share_positive: f64,
    /// Average pairwise correlation of the residuals in the estimation window, of these names.
    pub mean_correlation: f64,
    /// Mean over the cross-sectional deviation.
    pub cross_section_t: f64,
    /// Brown and Warner (1980): mean over the deviation that independent names would have.
    pub brown_warner_1980: f64,
    /// Brown and Warner (1985): mean over the deviation of the portfolio's own daily residuals, so names may move
    /// together.
    pub portfolio_t: f64,
    /// Patell (1976): standardised returns, independent, of unchanged variance.
    pub patell_z: f64,
    /// Boehmer, Musumeci and Poulsen (1991): the event may raise the variance; independent.
    pub bmp_t: f64,
    /// Kolari and Pynnonen (2010): BMP for names with that mean correlation.
    pub kolari_pynnonen_t: f64,
    /// Corrado (1989).
    pub corrado_z: f64,
    /// Corrado and Zivney (1992): the same where names have gaps.
    pub corrado_zivney_z: f64,
    /// Kolari and Pynnonen (2011), the generalised rank.
    pub generalised_rank_t: f64,
    /// Share above zero against one half.
    pub sign_z: f64,
    /// Cowan (1992): share above zero against that of the estimation days.
    pub generalised_sign_z: f64,
}

impl Sample {
    /// Fits a market model to every name on the first `n_estimation` days and takes abnormal returns on all.
    ///
    /// `returns` has a row of `market.len()` values for each name. Missing: NaN is left out; a name with fewer than
    /// `min_days` estimation days (at least [`MIN_DAYS`]), or whose residuals do not vary, is not kept.
    ///
    /// # Errors
    /// Rows that do not fit the market's days, no day after the estimation, or fewer than [`MIN_NAMES`] names kept.
    pub fn fit(
        returns: &[f64],
        market: &[f64],
        n_estimation: usize,
        min_days: usize,
        scaling: Scaling,
    ) -> Result<Self, StatError> {
        let n_days = market.len();
        let is_whole = n_days > 0 && returns.len().is_multiple_of(n_days);
        if !is_whole {
            return Err(StatError::LengthMismatch { left: returns.len(), right: n_days });
        }
        let found = n_estimation as f64;
        let expected = "at least 10 and below the number of days";
        let is_split = (MIN_DAYS..n_days).contains(&n_estimation);
        require_setting("n_estimation", found, expected, is_split)?;
        let fitted: Vec<(usize, MarketModel)> = returns
            .par_chunks_exact(n_days)
            .enumerate()
            .filter_map(|(i, row)| {
                let model = MarketModel::fit(&row[..n_estimation], &market[..n_estimation]).ok()?;
                (model.n >= min_days && model.residual_std > 0.0).then_some((i, model))
            })
            .collect();
        if fitted.len() < MIN_NAMES {
            return Err(StatError::TooFewObservations { needed: MIN_NAMES, found: fitted.len() });
        }
        let (kept, models): (Vec<usize>, Vec<MarketModel>) = fitted.into_iter().unzip();
        let mut abnormal = vec![0.0; kept.len() * n_days];
        abnormal.par_chunks_exact_mut(n_days).zip(&kept).zip(&models).for_each(
            |((row, &i), model)| {
                let own = &returns[i * n_days..][..n_days];
                for (t, cell) in row.iter_mut().enumerate() {
                    *cell = own[t] - model.alpha - model.beta * market[t];
                }
            },
        );
        let days: Vec<f64> =
            market[..n_estimation].iter().copied().filter(|m| !m.is_nan()).collect();
        let market_mean = mean(&days)?;
        let variation = days.iter().map(|m| (m - market_mean).powi(2)).sum();
        Ok(Self {
            kept,
            models,
            abnormal,
            n_days,
            n_estimation,
            market: market.to_vec(),
            scaling,
            whole_market: (market_mean, variation),
        })
    }

    /// The row of a kept name.
    fn row(&self, i: usize) -> &[f64] {
        &self.abnormal[i * self.n_days..][..self.n_days]
    }

    /// Deviation of a kept name's residuals.
    fn residual_std(&self, i: usize) -> f64 {
        let model = &self.models[i];
        match self.scaling {
            Scaling::Textbook => model.residual_std,
            Scaling::Estudy2 => {
                model.residual_std * ((model.n - 2) as f64 / (model.n - 1) as f64).sqrt()
            }
        }
    }

    /// Variance of a kept name's sum over the window, as a multiple of its residual variance.
    fn error_factor(&self, i: usize, window: &[f64]) -> f64 {
        let model = &self.models[i];
        match self.scaling {
            Scaling::Textbook => model.error_factor(window),
            Scaling::Estudy2 => {
                let (market_mean, market_variation) = self.whole_market;
                MarketModel { market_mean, market_variation, ..*model }.error_factor(window)
            }
        }
    }

    /// Abnormal returns summed over the window, a kept name each; NaN for one that misses a day of it.
    pub fn cumulative(&self, window: &Range<usize>) -> Vec<f64> {
        (0..self.kept.len()).map(|i| self.row(i)[window.clone()].iter().sum()).collect()
    }

    /// Those sums over their own standard errors.
    pub fn standardised(&self, window: &Range<usize>) -> Vec<f64> {
        let market = &self.market[window.clone()];
        let cars = self.cumulative(window);
        let one = |(i, car): (usize, f64)| {
            car / (self.residual_std(i) * self.error_factor(i, market).sqrt())
        };
        cars.into_iter().enumerate().map(one).collect()
    }

    /// Mean of the names there are, day by day.
    pub fn day_means(&self) -> Vec<f64> {
        let (mut sums, mut counts) = (vec![0.0; self.n_days], vec![0_usize; self.n_days]);
        for row in self.abnormal.chunks_exact(self.n_days) {
            for (t, value) in row.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
                sums[t] += value;
                counts[t] += 1;
            }
        }
        sums.iter().zip(&counts).map(|(sum, n)| sum / *n as f64).collect()
    }

    /// Average pairwise correlation of the kept names' residuals over the estimation days.
    ///
    /// With residuals of unit variance, the square of each day's sum less the sum of its squares is twice the sum over
    /// pairs: `sum_t (s_t^2 - q_t) / sum_t n_t (n_t - 1)`, without looking at a pair. Exact where no name misses a day.
    pub fn mean_correlation(&self) -> f64 {
        mean_correlation(&self.scaled_residuals(), self.n_estimation)
    }

    /// Residuals of the estimation days, each name's of unit mean square.
    fn scaled_residuals(&self) -> Vec<f64> {
        let mut scaled = vec![f64::NAN; self.kept.len() * self.n_estimation];
        scaled.par_chunks_exact_mut(self.n_estimation).enumerate().for_each(|(i, to)| {
            let model = &self.models[i];
            let unit = model.residual_std * ((model.n - 2) as f64 / model.n as f64).sqrt();
            to.iter_mut().zip(self.row(i)).for_each(|(to, value)| *to = value / unit);
        });
        scaled
    }

    /// Every test over each window; a window is a range of positions after the estimation days.
    ///
    /// # Errors
    /// A window outside the event's days, or with fewer than [`MIN_NAMES`] names.
    pub fn tests(&self, windows: &[Range<usize>]) -> Result<Vec<CrossSection>, StatError> {
        let ranks = DayRanks::of(&self.abnormal, self.n_days);
        let scaled = self.scaled_residuals();
        let correlation = mean_correlation(&scaled, self.n_estimation);
        let usual = Usual {
            ranks,
            correlation,
            day_std: std(&observed(&self.day_means()[..self.n_estimation]), 1)?,
            share_positive: self.usual_share_positive(),
            standardised: self.standardised_residuals(),
        };
        windows.iter().map(|window| self.test(window, &usual)).collect()
    }

    /// Share of estimation days and names above zero.
    fn usual_share_positive(&self) -> f64 {
        let days = self.abnormal.chunks_exact(self.n_days);
        let all = || days.clone().flat_map(|row| &row[..self.n_estimation]);
        all().filter(|value| **value > 0.0).count() as f64
            / all().filter(|value| !value.is_nan()).count() as f64
    }

    /// Residuals of the estimation days over their deviation, `n_estimation` a kept name.
    fn standardised_residuals(&self) -> Vec<f64> {
        let mut all = vec![f64::NAN; self.kept.len() * self.n_estimation];
        all.par_chunks_exact_mut(self.n_estimation).enumerate().for_each(|(i, to)| {
            let unit = self.residual_std(i);
            to.iter_mut().zip(self.row(i)).for_each(|(to, value)| *to = value / unit);
        });
        all
    }

    fn test(&self, window: &Range<usize>, usual: &Usual) -> Result<CrossSection, StatError> {
        let is_event =
            window.start >= self.n_estimation && window.end <= self.n_days && !window.is_empty();
        require_setting("window", window.start as f64, "days after the estimation", is_event)?;
        let (cars, scars) = (self.cumulative(window), self.standardised(window));
        let names: Vec<usize> = (0..cars.len()).filter(|&i| !cars[i].is_nan()).collect();
        let n_names = names.len();
        if n_names < MIN_NAMES {
            return Err(StatError::TooFewObservations { needed: MIN_NAMES, found: n_names });
        }
        let (n, root_n) = (n_names as f64, (n_names as f64).sqrt());
        let length = window.len() as f64;
        let seen = |all: &[f64]| -> Vec<f64> { names.iter().map(|&i| all[i]).collect() };
        let (car, scar) = (seen(&cars), seen(&scars));
        let mean_car = mean(&car)?;
        let (scar_mean, scar_std) = (mean(&scar)?, std(&scar, 1)?);
        let bmp_t = scar_mean / scar_std * root_n;
        let freedom = |i: &usize| {
            let l = self.models[*i].n as f64;
            (l - 2.0) / (l - 4.0)
        };
        let independent: f64 = names.iter().map(|&i| self.residual_std(i).powi(2)).sum();
        let n_positive = car.iter().filter(|car| **car > 0.0).count() as f64;
        let share = usual.share_positive;
        let together = inflation(usual.correlation, n);
        let restandardised: Vec<f64> = scars.iter().map(|scar| scar / scar_std).collect();
        Ok(CrossSection {
            n_names,
            mean_car,
            share_positive: n_positive / n,
            mean_correlation: usual.correlation,
            cross_section_t: mean_car / std(&car, 1)? * root_n,
            brown_warner_1980: mean_car / (independent * length).sqrt() * n,
            portfolio_t: mean_car / (usual.day_std * length.sqrt()),
            patell_z: scar.iter().sum::<f64>() / names.iter().map(freedom).sum::<f64>().sqrt(),
            bmp_t,
            kolari_pynnonen_t: bmp_t / together,
            corrado_z: usual.ranks.corrado(window.clone(), self.scaling),
            corrado_zivney_z: usual.ranks.corrado_zivney(window.clone(), self.scaling),
            generalised_rank_t: generalised(
                &usual.standardised,
                self.n_estimation,
                &restandardised,
            ),
            sign_z: (n_positive - 0.5 * n) / (0.25 * n).sqrt(),
            generalised_sign_z: (n_positive - n * share) / (n * share * (1.0 - share)).sqrt(),
        })
    }
}

/// What the estimation days say, once for all windows.
struct Usual {
    ranks: DayRanks,
    correlation: f64,
    /// Deviation of the portfolio's daily residuals.
    day_std: f64,
    share_positive: f64,
    standardised: Vec<f64>,
}

/// By how much correlated names overstate a t: `sqrt((1 + (n - 1) r) / (1 - r))`; a correlation below zero, which many
/// names cannot share, is taken for none.
pub fn inflation(mean_correlation: f64, n: f64) -> f64 {
    let r = mean_correlation.clamp(0.0, 1.0 - 1e-12);
    ((1.0 + (n - 1.0) * r) / (1.0 - r)).sqrt()
}

/// See [`Sample::mean_correlation`]; `scaled` has `n_days` values a name.
fn mean_correlation(scaled: &[f64], n_days: usize) -> f64 {
    let (mut sums, mut squares, mut counts) =
        (vec![0.0; n_days], vec![0.0; n_days], vec![0.0; n_days]);
    for row in scaled.chunks_exact(n_days) {
        for (t, z) in row.iter().enumerate().filter(|(_, z)| !z.is_nan()) {
            sums[t] += z;
            squares[t] += z * z;
            counts[t] += 1.0;
        }
    }
    let pairs: f64 = counts.iter().map(|n| n * (n - 1.0)).sum();
    let shared: f64 = sums.iter().zip(&squares).map(|(sum, square)| sum * sum - square).sum();
    shared / pairs
}

fn observed(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|value| !value.is_nan()).collect()
}
