//! How often chance looks as alike: p-values of every comparison, and of the whole library.
//!
//! `p = (1 + draws at least as alike) / (1 + draws)`. Looking through a library for the best match is many tests; the
//! family-wise value compares a p with the smallest p each random path reaches anywhere in the library (Westfall
//! and Young 1993, the step that needs no assumption on how the comparisons depend on each other).

/// One comparison: larger is more alike. NaN where it could not be made.
pub(super) struct Comparison {
    pub(super) observed: f64,
    pub(super) drawn: Vec<f64>,
}

/// The p-value of each comparison and its family-wise one, in the order given.
pub(super) fn p_values(comparisons: &[Comparison]) -> Vec<[f64; 2]> {
    let sorted: Vec<Vec<f64>> = comparisons
        .iter()
        .map(|comparison| {
            let mut drawn: Vec<f64> =
                comparison.drawn.iter().copied().filter(|x| !x.is_nan()).collect();
            drawn.sort_by(f64::total_cmp);
            drawn
        })
        .collect();
    // Draws at least as alike as `value`.
    let alike = |test: usize, value: f64| {
        sorted[test].len() - sorted[test].partition_point(|&drawn| drawn < value)
    };
    let n_draws = comparisons.first().map_or(0, |comparison| comparison.drawn.len());
    let smallest = |k: usize| {
        let p = |test: usize| {
            let value = comparisons[test].drawn[k];
            // The draw itself is one of those at least as alike as it.
            if value.is_nan() { 1.0 } else { alike(test, value) as f64 / sorted[test].len() as f64 }
        };
        (0..comparisons.len()).map(p).fold(1.0, f64::min)
    };
    let least: Vec<f64> = (0..n_draws).map(smallest).collect();
    comparisons
        .iter()
        .enumerate()
        .map(|(test, comparison)| {
            if comparison.observed.is_nan() {
                return [f64::NAN; 2];
            }
            let p = (1 + alike(test, comparison.observed)) as f64 / (1 + sorted[test].len()) as f64;
            let as_small = least.iter().filter(|&&least| least <= p).count();
            [p, (1 + as_small) as f64 / (1 + n_draws) as f64]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;
    use shoals_core::Seed;

    #[test]
    fn p_counts_the_draws_at_least_as_alike() {
        let drawn: Vec<f64> = (1..=99).map(f64::from).collect();
        let p = |observed: f64| p_values(&[Comparison { observed, drawn: drawn.clone() }])[0];
        assert_eq!(p(100.0), [0.01, 0.01]);
        assert!((p(95.0)[0] - 0.06).abs() < 1e-15);
        assert_eq!(p(0.0), [1.0, 1.0]);
        assert!(p(f64::NAN)[0].is_nan());
    }

    /// Twenty unrelated comparisons: the family-wise value of a single p is about `1 - (1 - p)^20`; twenty copies of one
    /// comparison are one test.
    #[test]
    fn the_family_pays_for_every_look() {
        let noise = |test: usize, k: usize| Seed(k as u64).stream(test as u64).random::<f64>();
        let comparison = |test: usize| Comparison {
            observed: 0.99,
            drawn: (0..999).map(|k| noise(test, k)).collect(),
        };
        let many: Vec<Comparison> = (0..20).map(comparison).collect();
        let [p, family] = p_values(&many)[0];
        let expected = 1.0 - (1.0 - p).powi(20);
        assert!((family - expected).abs() < 0.06, "{p} {family} {expected}");
        let copies: Vec<Comparison> = (0..20).map(|_| comparison(3)).collect();
        let [p, family] = p_values(&copies)[0];
        assert!((family - p).abs() < 0.01, "{p} {family}");
    }
}
