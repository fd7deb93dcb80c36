//! Would the flags have stood before the fall, and how often were they wrong?

use serde::Serialize;
use shoals_core::TradingDay;

/// What a flag of a day is held against.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Flagged {
    /// Whether the fund was flagged on data to the day.
    pub is_flagged: bool,
    /// Whether it deserved it.
    pub is_true: bool,
}

/// How often a flag was right, with 95 % Wilson bands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Proof {
    /// Last day the flags knew.
    pub as_of: TradingDay,
    /// Funds that deserved a flag.
    pub n_true: usize,
    /// Of these, flagged.
    pub n_caught: usize,
    /// Share caught, and the ends of its band.
    pub caught: [f64; 3],
    /// Funds that did not deserve one.
    pub n_false: usize,
    /// Of these, flagged all the same.
    pub n_false_alarms: usize,
    /// Share of false alarms among those, and the ends of its band.
    pub false_alarms: [f64; 3],
}

/// Counts a record of flags.
pub fn proof(as_of: TradingDay, flags: &[Flagged]) -> Proof {
    let count = |is_true: bool, flagged_only: bool| {
        let mine = flags.iter().filter(|one| one.is_true == is_true);
        mine.filter(|one| !flagged_only || one.is_flagged).count()
    };
    let (n_true, n_caught) = (count(true, false), count(true, true));
    let (n_false, n_false_alarms) = (count(false, false), count(false, true));
    Proof {
        as_of,
        n_true,
        n_caught,
        caught: share(n_caught, n_true),
        n_false,
        n_false_alarms,
        false_alarms: share(n_false_alarms, n_false),
    }
}

/// A share with its 95 % band (Wilson 1927); NaN of none.
fn share(k: usize, n: usize) -> [f64; 3] {
    const Z: f64 = 1.959_963_984_540_054;
    let (k, n) = (k as f64, n as f64);
    let p = k / n;
    let (centre, scale) = (p + Z * Z / (2.0 * n), 1.0 + Z * Z / n);
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    [p, (centre - half) / scale, (centre + half) / scale]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: Newcombe (1998, Statistics in Medicine 17), table I, 81 of 263: 0.2553 to 0.3662; 15 of 148: 0.0624 to 0.1605.
    #[test]
    fn shares_have_wilsons_bands() {
        for (k, n, low, high) in [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605)] {
            let [_, l, h] = share(k, n);
            assert!((l - low).abs() < 5e-5 && (h - high).abs() < 5e-5, "{k} of {n}: {l} {h}");
        }
        assert!(share(0, 0)[0].is_nan());
    }
}
