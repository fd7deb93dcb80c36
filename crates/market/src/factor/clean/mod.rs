//! Tames a factor's tails and takes industry and size out of it, day by day.
//!
//! In this order: winsorise, standardise, fill, neutralise. Neutralisation is the residual of a
//! weighted regression on industry dummies and log cap, solved by taking each industry's weighted
//! mean out of both and regressing what is left (Frisch, Waugh and Lovell), which is exact and needs
//! no matrix. A row that is excluded takes no part and comes out NaN.

mod plan;

pub use plan::{Cleaning, Fill, Neutralise, Standardise, Weight, Winsorise};

use rayon::prelude::*;
use shoals_stats::percentile::select_percentile;

use crate::MarketError;

/// From the median absolute deviation to the deviation of a normal sample.
const MAD_TO_DEVIATION: f64 = 1.4826;

/// What stands beside a factor when it is cleaned, day-major and of its shape.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// Industry of each stock and day, from 1; 0 is "none".
    pub industry: Option<&'a [u16]>,
    /// Market cap, CNY.
    pub market_cap: Option<&'a [f64]>,
    /// Rows that take no part: untradable, not listed, outside the universe.
    pub is_excluded: Option<&'a [bool]>,
}

/// The factor after winsorising, standardising, filling and neutralising.
///
/// Missing: NaN takes no part and stays, unless filled; when neutralised, a row without industry or
/// cap becomes NaN. A day that does not vary is standardised to zeros.
///
/// # Errors
/// A shape that does not fit, or a plan that needs an industry or a cap that is not given.
pub fn clean(
    factor: &[f64],
    n_stocks: usize,
    beside: Beside,
    plan: &Cleaning,
) -> Result<Vec<f64>, MarketError> {
    require_shapes(factor.len(), n_stocks, &beside)?;
    for (what, is_needed, is_given) in [
        ("industry", plan.needs_industry(), beside.industry.is_some()),
        ("market_cap", plan.needs_cap(), beside.market_cap.is_some()),
    ] {
        if is_needed && !is_given {
            return Err(MarketError::NotGiven { what, wanted_by: "cleaning" });
        }
    }
    let mut cleaned = factor.to_vec();
    cleaned.par_chunks_mut(n_stocks).enumerate().for_each_init(Vec::new, |scratch, (t, values)| {
        let rows = t * n_stocks..(t + 1) * n_stocks;
        let day = Day {
            industry: beside.industry.map(|x| &x[rows.clone()]),
            cap: beside.market_cap.map(|x| &x[rows.clone()]),
            is_excluded: beside.is_excluded.map(|x| &x[rows]),
            plan,
        };
        day.clean(values, scratch);
    });
    Ok(cleaned)
}

fn require_shapes(n: usize, n_stocks: usize, beside: &Beside) -> Result<(), MarketError> {
    let whole = if n_stocks == 0 { n + 1 } else { n.next_multiple_of(n_stocks) };
    for (name, found) in [
        ("factor", Some(whole)),
        ("industry", beside.industry.map(<[_]>::len)),
        ("market_cap", beside.market_cap.map(<[_]>::len)),
        ("is_excluded", beside.is_excluded.map(<[_]>::len)),
    ] {
        if let Some(found) = found.filter(|&found| found != n) {
            let name = name.to_owned();
            return Err(shoals_core::CoreError::LengthMismatch { name, found, expected: n }.into());
        }
    }
    Ok(())
}

/// One day of what stands beside the factor.
struct Day<'a> {
    industry: Option<&'a [u16]>,
    cap: Option<&'a [f64]>,
    is_excluded: Option<&'a [bool]>,
    plan: &'a Cleaning,
}

impl Day<'_> {
    fn clean(&self, values: &mut [f64], scratch: &mut Vec<f64>) {
        if let Some(mask) = self.is_excluded {
            let rows = values.iter_mut().zip(mask);
            rows.filter(|(_, is_excluded)| **is_excluded).for_each(|(x, _)| *x = f64::NAN);
        }
        winsorise(values, self.plan.winsorise, scratch);
        standardise(values, self.plan.standardise);
        self.fill(values);
        self.neutralise(values);
    }

    fn fill(&self, values: &mut [f64]) {
        let means = match self.plan.fill {
            Fill::None => return,
            Fill::Zero => None,
            Fill::IndustryMean => Some(group_means(values, |i| self.industry(i), |_| 1.0)),
        };
        for (i, x) in values.iter_mut().enumerate() {
            let is_out = self.is_excluded.is_some_and(|mask| mask[i]);
            if x.is_nan() && !is_out {
                *x = means.as_ref().map_or(0.0, |means| means[self.industry(i)]);
            }
        }
    }

    fn neutralise(&self, values: &mut [f64]) {
        if self.plan.neutralise == Neutralise::None {
            return;
        }
        let mut size: Vec<f64> = (0..values.len()).map(|i| self.log_cap(i)).collect();
        for (i, (x, size)) in values.iter_mut().zip(&mut size).enumerate() {
            let is_complete = size.is_finite() && self.weight(i) > 0.0 && self.has_group(i);
            if !is_complete || x.is_nan() {
                (*x, *size) = (f64::NAN, f64::NAN);
            }
        }
        self.demean(values);
        self.demean(&mut size);
        self.subtract_slope(values, &size);
    }

    /// Takes each group's weighted mean out.
    fn demean(&self, values: &mut [f64]) {
        let means = group_means(values, |i| self.group(i), |i| self.weight(i));
        values.iter_mut().enumerate().for_each(|(i, x)| *x -= means[self.group(i)]);
    }

    /// `y - x sum(w x y) / sum(w x x)`; nothing when x does not vary.
    fn subtract_slope(&self, values: &mut [f64], size: &[f64]) {
        let (mut product, mut square) = (0.0, 0.0);
        for (i, (y, x)) in values.iter().zip(size).enumerate().filter(|(_, (y, _))| !y.is_nan()) {
            product += self.weight(i) * x * y;
            square += self.weight(i) * x * x;
        }
        if square > 0.0 {
            values.iter_mut().zip(size).for_each(|(y, x)| *y -= product / square * x);
        }
    }

    fn industry(&self, i: usize) -> usize {
        self.industry.map_or(0, |industry| usize::from(industry[i]))
    }

    /// The industry, or all in one when only size is regressed out.
    fn group(&self, i: usize) -> usize {
        if self.plan.neutralise == Neutralise::Size { 0 } else { self.industry(i) }
    }

    fn has_group(&self, i: usize) -> bool {
        self.plan.neutralise == Neutralise::Size || self.industry(i) > 0
    }

    /// Zero when size is not regressed out.
    fn log_cap(&self, i: usize) -> f64 {
        match self.plan.neutralise {
            Neutralise::None | Neutralise::Industry => 0.0,
            Neutralise::Size | Neutralise::IndustryAndSize => self.cap(i).ln(),
        }
    }

    fn weight(&self, i: usize) -> f64 {
        match self.plan.weight {
            Weight::Equal => 1.0,
            Weight::RootCap => self.cap(i).sqrt(),
            Weight::Cap => self.cap(i),
        }
    }

    fn cap(&self, i: usize) -> f64 {
        self.cap.map_or(f64::NAN, |cap| cap[i])
    }
}

/// Weighted mean of each group's values, by group; NaN for a group without any.
fn group_means(
    values: &[f64],
    group: impl Fn(usize) -> usize,
    weight: impl Fn(usize) -> f64,
) -> Vec<f64> {
    let n_groups = (0..values.len()).map(&group).max().map_or(0, |last| last + 1);
    let mut sums = vec![(0.0, 0.0); n_groups];
    for (i, x) in values.iter().enumerate().filter(|(_, x)| !x.is_nan()) {
        let (total, weights) = &mut sums[group(i)];
        *total += weight(i) * x;
        *weights += weight(i);
    }
    sums.into_iter().map(|(total, weights)| total / weights).collect()
}

fn winsorise(values: &mut [f64], plan: Winsorise, scratch: &mut Vec<f64>) {
    scratch.clear();
    scratch.extend(values.iter().filter(|x| !x.is_nan()));
    if scratch.is_empty() {
        return;
    }
    let (low, high) = match plan {
        Winsorise::None => return,
        Winsorise::NormalMad { deviations } => mad_fence(scratch, deviations * MAD_TO_DEVIATION),
        Winsorise::PlainMad { multiples } => mad_fence(scratch, multiples),
        Winsorise::Percentile { tail } => {
            (select_percentile(scratch, tail), select_percentile(scratch, 1.0 - tail))
        }
    };
    for x in values.iter_mut().filter(|x| !x.is_nan()) {
        *x = x.max(low).min(high);
    }
}

/// Median +- `reach` median absolute deviations; spends the sample.
fn mad_fence(sample: &mut [f64], reach: f64) -> (f64, f64) {
    let median = select_percentile(sample, 0.5);
    for x in sample.iter_mut() {
        *x = (*x - median).abs();
    }
    let width = reach * select_percentile(sample, 0.5);
    (median - width, median + width)
}

fn standardise(values: &mut [f64], plan: Standardise) {
    let ddof = match plan {
        Standardise::None => return,
        Standardise::Population => 0.0,
        Standardise::Sample => 1.0,
    };
    let observed = || values.iter().filter(|x| !x.is_nan());
    let n = observed().count() as f64;
    let mean = observed().sum::<f64>() / n;
    let squares = observed().map(|x| (x - mean).powi(2)).sum::<f64>();
    let deviation = (squares / (n - ddof)).sqrt();
    let is_flat = deviation.is_nan() || deviation <= mean.abs() * 1e-14;
    for x in values.iter_mut().filter(|x| !x.is_nan()) {
        *x = if is_flat { 0.0 } else { (*x - mean) / deviation };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_stats::regression::{Intercept, wls};

    fn plan(winsorise: Winsorise, standardise: Standardise, fill: Fill) -> Cleaning {
        Cleaning::new(winsorise, standardise, fill, Neutralise::None, Weight::Equal).unwrap()
    }

    fn cleaned(values: &[f64], plan: &Cleaning) -> Vec<f64> {
        clean(values, values.len(), Beside::default(), plan).unwrap()
    }

    /// By hand on 1, 2, 3, 4, 100: median 3, deviations 2 1 0 1 97, MAD 1.
    #[test]
    fn tails_are_clipped_under_each_convention() {
        let x = [1.0, 2.0, 3.0, 4.0, 100.0];
        let last = |winsorise| cleaned(&x, &plan(winsorise, Standardise::None, Fill::None))[4];
        assert_eq!(last(Winsorise::None), 100.0);
        assert!(
            (last(Winsorise::NormalMad { deviations: 3.0 }) - (3.0 + 3.0 * 1.4826)).abs() < 1e-12
        );
        assert_eq!(last(Winsorise::PlainMad { multiples: 5.0 }), 8.0);
        // Type 7: a quarter from the top of four gaps is the fourth value.
        assert_eq!(last(Winsorise::Percentile { tail: 0.25 }), 4.0);
    }

    /// By hand on 1, 2, 3 beside a missing and an excluded value.
    #[test]
    fn scores_have_mean_zero_and_the_deviation_asked_for() {
        let x = [1.0, 2.0, 3.0, f64::NAN, 900.0];
        let mask = [false, false, false, false, true];
        let beside = Beside { is_excluded: Some(&mask), ..Beside::default() };
        let scores = |standardise, fill| {
            clean(&x, 5, beside, &plan(Winsorise::None, standardise, fill)).unwrap()
        };
        let sample = scores(Standardise::Sample, Fill::None);
        assert_eq!(&sample[..3], &[-1.0, 0.0, 1.0]);
        assert!(sample[3].is_nan() && sample[4].is_nan());
        let population = scores(Standardise::Population, Fill::Zero);
        assert!((population[2] - 1.5f64.sqrt()).abs() < 1e-15);
        assert!(population[3] == 0.0 && population[4].is_nan());
        assert_eq!(cleaned(&[7.0; 3], &Cleaning::default()), [0.0; 3]);
    }

    /// Witness: the weighted regression on dummies and log cap written out in full.
    #[test]
    fn neutralising_leaves_the_residuals_of_the_weighted_regression() {
        let n = 60;
        let wave = |i: usize, f: f64| (i as f64 * f).sin();
        let factor: Vec<f64> = (0..n).map(|i| wave(i, 0.9) + 0.3 * wave(i, 2.3)).collect();
        let cap: Vec<f64> = (0..n).map(|i| (20.0 + 2.0 * wave(i, 1.7)).exp()).collect();
        let industry: Vec<u16> = (0..n).map(|i| 1 + (i % 3) as u16).collect();
        let dummy =
            |g: u16| industry.iter().map(move |&i| f64::from(u8::from(i == g))).collect::<Vec<_>>();
        let (first, second, third) = (dummy(1), dummy(2), dummy(3));
        let log_cap: Vec<f64> = cap.iter().map(|x| x.ln()).collect();
        let weights: Vec<f64> = cap.iter().map(|x| x.sqrt()).collect();
        let regressors: [&[f64]; 4] = [&first, &second, &third, &log_cap];
        let fit = wls(&factor, &regressors, Intercept::Excluded, &weights).unwrap();
        let beside =
            Beside { industry: Some(&industry), market_cap: Some(&cap), is_excluded: None };
        let neutral = Cleaning::new(
            Winsorise::None,
            Standardise::None,
            Fill::None,
            Neutralise::IndustryAndSize,
            Weight::RootCap,
        );
        let ours = clean(&factor, n, beside, &neutral.unwrap()).unwrap();
        for (ours, theirs) in ours.iter().zip(&fit.residuals) {
            assert!((ours - theirs).abs() < 1e-10, "{ours} {theirs}");
        }
    }

    #[test]
    fn a_missing_row_takes_the_mean_of_its_industry() {
        let x = [1.0, 3.0, f64::NAN, 10.0, f64::NAN];
        let industry = [1, 1, 1, 2, 3];
        let beside = Beside { industry: Some(&industry), ..Beside::default() };
        let filled =
            clean(&x, 5, beside, &plan(Winsorise::None, Standardise::None, Fill::IndustryMean));
        let filled = filled.unwrap();
        assert_eq!(&filled[..4], &[1.0, 3.0, 2.0, 10.0]);
        assert!(filled[4].is_nan());
    }

    #[test]
    fn a_plan_has_what_it_needs() {
        let plan = r#"{"neutralise":"size","weight":"equal"}"#;
        let plan: Cleaning = serde_json::from_str(plan).unwrap();
        let missing = clean(&[1.0, 2.0], 2, Beside::default(), &plan).unwrap_err();
        assert_eq!(missing.to_string(), "cleaning needs `market_cap`, which is not given");
        let industry = [1_u16];
        let beside = Beside { industry: Some(&industry), ..Beside::default() };
        assert!(clean(&[1.0, 2.0], 2, beside, &Cleaning::default()).is_err());
    }
}
