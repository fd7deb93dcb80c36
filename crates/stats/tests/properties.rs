//! Laws every sample obeys.

use draws::{ar1, normal};
use proptest::prelude::*;
use shoals_core::Seed;
use shoals_stats::bootstrap::{Bootstrap, Scheme, automatic_block_length};
use shoals_stats::order::{Selector, Sorter};
use shoals_stats::performance::Performance;
use shoals_stats::regression::{Intercept, ols};
use shoals_stats::rolling::{self, Window};
use shoals_stats::{drawdown, moments, percentile, rank, tail};

/// Draws made without a distribution crate.
mod draws {
    use rand_xoshiro::rand_core::Rng;
    use shoals_core::Seed;

    /// Standard normal draws by Box and Muller.
    pub(crate) fn normal(n: usize, seed: u64) -> Vec<f64> {
        let mut stream = Seed(seed).stream(0);
        let mut uniform = || (stream.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        (0..n)
            .map(|_| {
                let radius = (-2.0 * (1.0 - uniform()).ln()).sqrt();
                radius * (std::f64::consts::TAU * uniform()).cos()
            })
            .collect()
    }

    /// A first-order autoregression with unit shocks.
    pub(crate) fn ar1(n: usize, phi: f64, seed: u64) -> Vec<f64> {
        let mut last = 0.0;
        normal(n, seed)
            .into_iter()
            .map(|shock| {
                last = phi * last + shock;
                last
            })
            .collect()
    }
}

fn returns() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-0.2..0.2_f64, 5..80)
}

/// A fixed rotation is a permutation without a random generator.
fn rotated(values: &[f64], by: usize) -> Vec<f64> {
    let mut turned = values.to_vec();
    turned.rotate_left(by % values.len());
    turned
}

/// Few levels, so that values tie, and gaps.
fn levels_with_gaps() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(
        prop_oneof![4 => (-6..6_i32).prop_map(f64::from), 1 => Just(f64::NAN)],
        0..200,
    )
}

proptest! {
    /// Witness: the definitions on every window, written out.
    #[test]
    fn order_windows_are_what_sorting_each_window_gives(
        x in levels_with_gaps(), length in prop_oneof![1..40_usize, 129..160_usize],
        share in 0.0..1.0_f64,
    ) {
        let needed = ((length as f64 * share) as usize).clamp(1, length);
        let window = Window::new(length, needed)?;
        let ranks = rolling::rolling_rank(&x, window)?;
        let (low, high) = (rolling::rolling_min(&x, window)?, rolling::rolling_max(&x, window)?);
        let middle = rolling::rolling_median(&x, window)?;
        let is_same = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan());
        for t in 0..x.len() {
            let whole = &x[(t + 1).saturating_sub(length)..=t];
            let mut inside: Vec<f64> = whole.iter().copied().filter(|x| !x.is_nan()).collect();
            inside.sort_unstable_by(f64::total_cmp);
            let n = inside.len();
            if n < needed {
                prop_assert!(ranks[t].is_nan() && low[t].is_nan() && high[t].is_nan() && middle[t].is_nan());
                continue;
            }
            let rank = rank::average_ranks(whole)[whole.len() - 1] / n as f64;
            prop_assert!(is_same(ranks[t], rank), "{t}: {} {rank}", ranks[t]);
            prop_assert_eq!((low[t], high[t]), (inside[0], inside[n - 1]));
            prop_assert_eq!(middle[t], f64::midpoint(inside[(n - 1) / 2], inside[n / 2]));
        }
    }
}

proptest! {
    /// Statistics of a sample do not know its order; path statistics may.
    #[test]
    fn order_does_not_matter_to_a_sample(x in returns(), by in 0..80_usize) {
        let y = rotated(&x, by);
        prop_assert!((moments::std(&x, 1)? - moments::std(&y, 1)?).abs() < 1e-14);
        prop_assert!((moments::skewness(&x)? - moments::skewness(&y)?).abs() < 1e-9);
        prop_assert_eq!(percentile::percentile(&x, 0.3)?, percentile::percentile(&y, 0.3)?);
        prop_assert_eq!(tail::value_at_risk(&x, 0.05)?, tail::value_at_risk(&y, 0.05)?);
        let paired = rank::spearman(&x, &y)?;
        let turned = rank::spearman(&rotated(&x, 3), &rotated(&y, 3))?;
        prop_assert!((paired - turned).abs() < 1e-12);
    }

    /// Ranks see only order: any rising map leaves them be, and a falling one turns the sign.
    #[test]
    fn ranks_see_only_the_order(x in returns(), y in returns()) {
        let n = x.len().min(y.len());
        let (x, y) = (&x[..n], &y[..n]);
        let cubed: Vec<f64> = x.iter().map(|v| v.powi(3)).collect();
        let fallen: Vec<f64> = x.iter().map(|v| -v).collect();
        let rho = rank::spearman(x, y)?;
        prop_assert!((-1.0..=1.0).contains(&rho));
        prop_assert!((rho - rank::spearman(&cubed, y)?).abs() < 1e-12);
        prop_assert!((rho + rank::spearman(&fallen, y)?).abs() < 1e-12);
    }

    /// Witness: the standard library's stable sort, on values of every magnitude with ties.
    #[test]
    fn orders_are_those_of_a_stable_sort(
        x in prop::collection::vec(prop_oneof![-0.1..0.1_f64, -1e9..1e9_f64, Just(0.0)], 0..600),
        n in 0..700_usize,
    ) {
        let mut expected: Vec<u32> = (0..x.len() as u32).collect();
        expected.sort_by(|&a, &b| x[a as usize].total_cmp(&x[b as usize]));
        let mut sorter = Sorter::new();
        let rising = sorter.sort(&x);
        prop_assert_eq!(rising.order, &expected[..]);
        let n_in_ties: usize = rising.ties().map(|tie| tie.len()).sum();
        prop_assert_eq!(n_in_ties, x.len());
        expected.truncate(n);
        expected.sort_unstable();
        let mut selector = Selector::default();
        prop_assert_eq!(selector.smallest(&x, n), expected);
    }

    /// Twice the exposure has twice the volatility and the same Sharpe ratio.
    #[test]
    fn ratios_do_not_scale_and_risks_do(x in returns(), leverage in 0.1..2.0_f64) {
        let levered: Vec<f64> = x.iter().map(|r| leverage * r).collect();
        let (one, many) = (Performance::of(&x, 242.0)?, Performance::of(&levered, 242.0)?);
        prop_assert!((many.volatility - leverage * one.volatility).abs() < 1e-12);
        prop_assert!((many.sharpe - one.sharpe).abs() < 1e-9 * one.sharpe.abs().max(1.0));
        prop_assert!((many.value_at_risk - leverage * one.value_at_risk).abs() < 1e-14);
        prop_assert!(many.expected_shortfall <= many.value_at_risk);
    }

    /// Depths lie in [-1, 0]; a return and its own wealth tell the same story.
    #[test]
    fn a_drawdown_is_the_same_from_returns_and_from_nav(x in returns()) {
        let from_returns = drawdown::drawdowns(&x)?;
        let nav: Vec<f64> = std::iter::once(1.0)
            .chain(x.iter().scan(1.0, |w, r| { *w *= 1.0 + r; Some(*w) }))
            .collect();
        let from_nav = drawdown::drawdowns_of_nav(&nav)?;
        prop_assert_eq!(&from_returns[..], &from_nav[1..]);
        prop_assert!(from_returns.iter().all(|d| (-1.0..=0.0).contains(d)));
        for fall in drawdown::episodes(&from_returns) {
            prop_assert!(fall.start <= fall.trough);
            prop_assert!(fall.recovery.is_none_or(|day| day > fall.trough));
        }
    }

    /// Cutting the series leaves every earlier position as it was, to the bit.
    #[test]
    fn rolling_measures_never_look_right(x in prop::collection::vec(-1.0..1.0_f64, 30..120), cut in 1..29_usize) {
        let window = Window::new(10, 3)?;
        let short = &x[..cut];
        let same = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits());
        prop_assert!(same(&rolling::rolling_mean(short, window)?, &rolling::rolling_mean(&x, window)?));
        prop_assert!(same(&rolling::rolling_std(short, window, 1)?, &rolling::rolling_std(&x, window, 1)?));
        prop_assert!(same(&rolling::trailing_z_score(short, window)?, &rolling::trailing_z_score(&x, window)?));
        prop_assert!(same(&rolling::trailing_percentile(short, window)?, &rolling::trailing_percentile(&x, window)?));
    }

    /// Residuals are orthogonal to every regressor: what least squares means.
    #[test]
    fn residuals_are_orthogonal_to_the_design(seed in 0..1_000_u64, n in 8..60_usize) {
        let (y, a, b) = (normal(n, seed), normal(n, seed + 1_000), normal(n, seed + 2_000));
        let fit = ols(&y, &[&a, &b], Intercept::Included)?;
        let along = |x: &[f64]| x.iter().zip(&fit.residuals).map(|(x, e)| x * e).sum::<f64>();
        prop_assert!(along(&a).abs() < 1e-10 && along(&b).abs() < 1e-10);
        prop_assert!(fit.residuals.iter().sum::<f64>().abs() < 1e-10);
        prop_assert!((0.0..=1.0).contains(&fit.r_squared));
    }

    /// One thread or three, the replications are the same bytes.
    #[test]
    fn replications_do_not_know_the_number_of_threads(x in returns(), seed in any::<u64>()) {
        for scheme in [Scheme::MovingBlock, Scheme::CircularBlock, Scheme::Stationary] {
            let plan = Bootstrap::new(scheme, 3.0, 37, Seed(seed))?;
            let on = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| plan.replicate(x.len(), |at| at.iter().map(|&i| x[i]).sum::<f64>()))
            };
            prop_assert_eq!(on(1)?, on(3)?);
        }
    }
}

/// Witness: Politis and White's closed form for an autoregression of coefficient phi,
/// `(2 phi / (1 - phi^2))^(2/3) n^(1/3)` for the stationary bootstrap and `(3/2)^(1/3)` of it for
/// the circular one; the mean of 40 long samples.
#[test]
fn the_automatic_block_length_finds_the_optimum_of_an_autoregression() {
    let (n, phi) = (4_000, 0.5_f64);
    let optimum = (2.0 * phi / (1.0 - phi * phi)).powf(2.0 / 3.0) * (n as f64).cbrt();
    for (scheme, ratio) in [(Scheme::Stationary, 1.0), (Scheme::CircularBlock, 1.5f64.cbrt())] {
        let lengths: Vec<f64> = (0..40)
            .map(|seed| automatic_block_length(&ar1(n, phi, seed), scheme).unwrap())
            .collect();
        let found = moments::mean(&lengths).unwrap();
        assert!((found / (ratio * optimum) - 1.0).abs() < 0.1, "{found} for {}", ratio * optimum);
    }
    let independent = automatic_block_length(&normal(4_000, 1), Scheme::Stationary).unwrap();
    assert!(independent < 5.0, "{independent}");
}

/// Witness: theory. The mean of an autoregression has standard error `sigma / ((1 - phi) sqrt n)`;
/// blocks find it, days drawn one by one fall short by `sqrt((1 - phi) / (1 + phi))`.
#[test]
fn blocks_see_the_dependence_that_single_days_miss() {
    let (n, phi) = (4_000, 0.5_f64);
    let x = ar1(n, phi, 3);
    let error = |length| {
        let plan = Bootstrap::new(Scheme::Stationary, length, 1_000, Seed(1)).unwrap();
        let means =
            plan.replicate(n, |at| at.iter().map(|&i| x[i]).sum::<f64>() / n as f64).unwrap();
        moments::std(&means, 1).unwrap()
    };
    let truth = 1.0 / ((1.0 - phi) * (n as f64).sqrt());
    let length = automatic_block_length(&x, Scheme::Stationary).unwrap();
    assert!((error(length) / truth - 1.0).abs() < 0.15, "{} for {truth}", error(length));
    let blind = ((1.0 - phi) / (1.0 + phi)).sqrt();
    assert!((error(1.0) / truth / blind - 1.0).abs() < 0.1, "{}", error(1.0) / truth);
}

/// A band covers the truth about as often as it says: 90 % bands of 200 samples.
#[test]
fn bands_cover_the_truth_at_their_level() {
    let n_covered = (0..200)
        .filter(|&k| {
            let x = normal(250, 10_000 + k);
            let plan = Bootstrap::new(Scheme::Stationary, 1.0, 200, Seed(k)).unwrap();
            let mean = |at: &[usize]| at.iter().map(|&i| x[i]).sum::<f64>() / at.len() as f64;
            let band = plan.band(x.len(), 0.10, mean).unwrap();
            (band.low..=band.high).contains(&0.0)
        })
        .count();
    // 180 expected, standard deviation 4.2.
    assert!((165..=193).contains(&n_covered), "{n_covered}");
}
