//! The standard normal distribution: its cumulative function, deep into the tails, and its inverse.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// Probability below `z`.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// Density at `z`.
pub fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / TAU.sqrt()
}

/// Logarithm of the probability below `z`, where the probability itself would underflow too.
pub(crate) fn ln_normal_cdf(z: f64) -> f64 {
    if z > -30.0 {
        return normal_cdf(z).ln();
    }
    // Mills' ratio, Abramowitz and Stegun 26.2.12; the first term left out is below 1e-9.
    let w = z.powi(-2);
    let series = 1.0 - w * (1.0 - 3.0 * w * (1.0 - 5.0 * w));
    -0.5 * z * z - (-z * TAU.sqrt()).ln() + series.ln()
}

/// The value below which the share `probability` lies, to 1 part in 1e15; infinite at 0 and 1, NaN
/// outside. Source: Wichura (1988), Algorithm AS 241, PPND16.
pub fn normal_quantile(probability: f64) -> f64 {
    let q = probability - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * ratio(&CENTRE, r);
    }
    let tail = if q < 0.0 { probability } else { 1.0 - probability };
    if tail == 0.0 {
        return f64::INFINITY.copysign(q);
    }
    let r = (-tail.ln()).sqrt();
    let z = if r <= 5.0 { ratio(&MIDDLE, r - 1.6) } else { ratio(&TAIL, r - 5.0) };
    z.copysign(q)
}

/// Numerator and denominator, highest power first.
pub(crate) type Ratio = ([f64; 8], [f64; 8]);

/// The quotient of two polynomials; inlined for the loops of [`crate::counter_normal`].
#[inline(always)]
#[expect(clippy::inline_always, reason = "compiled with the vector instructions of the caller")]
pub(crate) fn ratio((numerator, denominator): &Ratio, r: f64) -> f64 {
    let (mut above, mut below) = (numerator[0], denominator[0]);
    for k in 1..8 {
        above = above * r + numerator[k];
        below = below * r + denominator[k];
    }
    above / below
}

#[rustfmt::skip]
pub(crate) const CENTRE: Ratio = (
    [2_509.080_928_730_122_7, 33_430.575_583_588_13, 67_265.770_927_008_7, 45_921.953_931_549_87,
     13_731.693_765_509_46, 1_971.590_950_306_551_3, 133.141_667_891_784_38, 3.387_132_872_796_366_5],
    [5_226.495_278_852_854, 28_729.085_735_721_943, 39_307.895_800_092_71, 21_213.794_301_586_597,
     5_394.196_021_424_751, 687.187_007_492_057_9, 42.313_330_701_600_91, 1.0],
);

#[rustfmt::skip]
pub(crate) const MIDDLE: Ratio = (
    [0.000_774_545_014_278_341_4, 0.022_723_844_989_269_184, 0.241_780_725_177_450_6, 1.270_458_252_452_368_4,
     3.647_848_324_763_204_5, 5.769_497_221_460_691, 4.630_337_846_156_546, 1.423_437_110_749_683_5],
    [1.050_750_071_644_416_9e-9, 0.000_547_593_808_499_534_5, 0.015_198_666_563_616_457, 0.148_103_976_427_480_08,
     0.689_767_334_985_1, 1.676_384_830_183_803_8, 2.053_191_626_637_759, 1.0],
);

#[rustfmt::skip]
const TAIL: Ratio = (
    [2.010_334_399_292_288_1e-7, 2.711_555_568_743_487_6e-5, 0.001_242_660_947_388_078_4, 0.026_532_189_526_576_124,
     0.296_560_571_828_504_87, 1.784_826_539_917_291_3, 5.463_784_911_164_114, 6.657_904_643_501_103],
    [2.044_263_103_389_939_7e-15, 1.421_511_758_316_446e-7, 1.846_318_317_510_054_8e-5, 0.000_786_869_131_145_613_3,
     0.014_875_361_290_850_615, 0.136_929_880_922_735_8, 0.599_832_206_555_888, 1.0],
);

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: the values Wichura prints, and R's `qnorm(1e-300)`.
    #[test]
    fn quantiles_are_those_of_the_algorithm() {
        for (probability, z) in [
            (0.25, -0.674_489_750_196_081_7),
            (0.001, -3.090_232_306_167_814),
            (1e-20, -9.262_340_089_798_408),
            (1e-300, -37.047_096_299_361_2),
        ] {
            assert!((normal_quantile(probability) / z - 1.0).abs() < 1e-14, "{probability}");
        }
        assert_eq!(normal_quantile(0.5), 0.0);
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert!(normal_quantile(-0.1).is_nan());
    }

    #[test]
    fn the_quantile_inverts_the_distribution() {
        for k in 1..200 {
            let probability = f64::from(k) / 200.0;
            assert!((normal_cdf(normal_quantile(probability)) - probability).abs() < 1e-15);
        }
    }

    /// Witness: R's `pnorm(z, log.p = TRUE)`; the two branches meet.
    #[test]
    fn logarithms_reach_where_probabilities_underflow() {
        for (z, logarithm) in [(-10.0, -53.231_285_150_512_47), (-40.0, -804.608_442_013_753_9)] {
            assert!((ln_normal_cdf(z) / logarithm - 1.0_f64).abs() < 1e-12, "{z}");
        }
        let (inside, outside) = (ln_normal_cdf(-29.999_999), ln_normal_cdf(-30.0));
        assert!((inside - outside - 3.0e-5).abs() < 1e-7);
    }
}
