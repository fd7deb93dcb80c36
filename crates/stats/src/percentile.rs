//! Percentiles of a sample, and the percentile at which a value stands.

use crate::StatError;
use crate::observed::{observed, require_setting};

/// The value below which the share `probability` of the sample lies, by linear interpolation
/// between order statistics (Hyndman and Fan 1996, type 7: the default of R and numpy).
///
/// Missing: NaN is left out.
///
/// # Errors
/// A probability outside `[0, 1]`, or no observation.
pub fn percentile(values: &[f64], probability: f64) -> Result<f64, StatError> {
    require_probability(probability)?;
    let mut values = observed(values, 1)?;
    Ok(select_percentile(&mut values, probability))
}

/// Several percentiles of one sample, sorted once.
///
/// Missing: NaN is left out.
///
/// # Errors
/// A probability outside `[0, 1]`, or no observation.
pub fn percentiles(values: &[f64], probabilities: &[f64]) -> Result<Vec<f64>, StatError> {
    for &probability in probabilities {
        require_probability(probability)?;
    }
    let mut values = observed(values, 1)?;
    values.sort_unstable_by(f64::total_cmp);
    Ok(probabilities.iter().map(|&p| interpolate(p, values.len(), |i| values[i])).collect())
}

/// The share of `sample` below `value`, ties counted half, in `[0, 1]`.
///
/// Missing: NaN in the sample is left out.
///
/// # Errors
/// A missing `value`, or no observation.
pub fn percentile_of(sample: &[f64], value: f64) -> Result<f64, StatError> {
    require_setting("value", value, "a number", !value.is_nan())?;
    let sample = observed(sample, 1)?;
    let n_below = sample.iter().filter(|&&x| x < value).count() as f64;
    let n_equal = sample.iter().filter(|&&x| x == value).count() as f64;
    Ok((n_below + n_equal / 2.0) / sample.len() as f64)
}

fn require_probability(probability: f64) -> Result<(), StatError> {
    require_setting("probability", probability, "[0, 1]", (0.0..=1.0).contains(&probability))
}

/// [`percentile`] of a sample in place: reorders it and allocates nothing.
///
/// # Panics
/// When there is no value. Missing: a NaN counts as the greatest value; leave NaN out first.
pub fn select_percentile(values: &mut [f64], probability: f64) -> f64 {
    let n = values.len();
    let below = (probability * (n - 1) as f64).floor() as usize;
    let (_, &mut low, rest) = values.select_nth_unstable_by(below, f64::total_cmp);
    let high = rest.iter().copied().fold(f64::INFINITY, f64::min);
    interpolate(probability, n, |i| if i == below { low } else { high })
}

fn interpolate(probability: f64, n: usize, order_statistic: impl Fn(usize) -> f64) -> f64 {
    let position = probability * (n - 1) as f64;
    let below = position.floor() as usize;
    let weight = position - below as f64;
    let low = order_statistic(below);
    if weight == 0.0 { low } else { low + weight * (order_statistic(below + 1) - low) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: numpy.percentile([15, 20, 35, 40, 50], [0, 5, 30, 40, 100]).
    #[test]
    fn percentiles_are_numpys_default() {
        let x = [50.0, 20.0, f64::NAN, 15.0, 40.0, 35.0];
        let expected = [(0.0, 15.0), (0.05, 16.0), (0.3, 23.0), (0.4, 29.0), (1.0, 50.0)];
        for (p, value) in expected {
            assert!((percentile(&x, p).unwrap() - value).abs() < 1e-12, "{p}");
        }
        let probabilities = expected.map(|(p, _)| p);
        let sorted_once = percentiles(&x, &probabilities).unwrap();
        for (ours, (p, value)) in sorted_once.iter().zip(expected) {
            assert!((ours - value).abs() < 1e-12, "{p}");
        }
    }

    #[test]
    fn a_value_stands_above_what_is_below_it() {
        assert_eq!(percentile_of(&[1.0, 2.0, 3.0, 4.0], 5.0).unwrap(), 1.0);
        assert_eq!(percentile_of(&[1.0, 2.0, 2.0, 4.0], 2.0).unwrap(), 0.5);
        assert!(percentile_of(&[1.0], f64::NAN).is_err());
        assert!(percentile(&[1.0], 1.5).is_err());
        assert!(percentile(&[f64::NAN], 0.5).is_err());
    }
}
