//! Bid-ask spreads from daily prices alone.
//!
//! Source: Roll (1984), A Simple Implicit Measure of the Effective Bid-Ask Spread, Journal of Finance
//! 39(4); Corwin and Schultz (2012), A Simple Way to Estimate Bid-Ask Spreads from Daily High and Low
//! Prices, Journal of Finance 67(2).

/// `3 - 2 sqrt(2)`.
const RANGE: f64 = 3.0 - 2.0 * std::f64::consts::SQRT_2;

/// High, low and close of a day, in one scale of prices.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DayRange {
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
}

impl DayRange {
    /// This day without the jump since the close before: where the whole range lies above it (below
    /// it), high and low are brought down (up) by the gap, as Corwin and Schultz do.
    #[must_use]
    fn without_jump(self, close_before: f64) -> Self {
        let gap = (self.low - close_before).max(0.0) + (self.high - close_before).min(0.0);
        Self { high: self.high - gap, low: self.low - gap, close: self.close }
    }

    /// Whether a spread can be read from the day: prices, and more than one of them.
    fn has_range(self) -> bool {
        self.low > 0.0 && self.high > self.low && self.close > 0.0
    }
}

/// The spread of two days in a row, a decimal of the price; a negative estimate is zero.
///
/// High and low are a buyer's and a seller's price, so a day's range holds the spread once and the
/// price's own movement once; over two days the movement doubles and the spread does not. The jump over
/// night is taken out first.
///
/// Missing: NaN where a price is missing or not positive, and where a day has one price only: a stock
/// sealed at its limit shows no spread, which is not a spread of zero.
pub fn corwin_schultz(first: DayRange, second: DayRange) -> f64 {
    if !first.has_range() || !second.has_range() {
        return f64::NAN;
    }
    let second = second.without_jump(first.close);
    let squared = |day: DayRange| (day.high / day.low).ln().powi(2);
    let beta = squared(first) + squared(second);
    let gamma = (first.high.max(second.high) / first.low.min(second.low)).ln().powi(2);
    let alpha = ((2.0 * beta).sqrt() - beta.sqrt()) / RANGE - (gamma / RANGE).sqrt();
    // 2 (e^a - 1) / (1 + e^a)
    (2.0 * (alpha / 2.0).tanh()).max(0.0)
}

/// The spread that returns bounce between, `2 sqrt(-cov(r, r before))`, a decimal of the price.
///
/// `returns` of days in a row, simple or log; pairs with a NaN are left out. A positive covariance has no
/// bounce in it and gives zero, the usual choice. NaN with fewer than `min_pairs` pairs.
pub fn roll(returns: impl Iterator<Item = f64>, min_pairs: usize) -> f64 {
    let (mut n, mut x, mut y, mut product, mut before) = (0.0, 0.0, 0.0, 0.0, f64::NAN);
    for now in returns {
        if !now.is_nan() && !before.is_nan() {
            n += 1.0;
            x += before;
            y += now;
            product += before * now;
        }
        before = now;
    }
    if n < min_pairs.max(2) as f64 {
        return f64::NAN;
    }
    let covariance = (product - x * y / n) / (n - 1.0);
    2.0 * (-covariance).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(high: f64, low: f64, close: f64) -> DayRange {
        DayRange { high, low, close }
    }

    /// Witness: the closed form of a price that stands still between bid and ask. Then beta = 2 s^2 and
    /// gamma = s^2 with `s = ln(ask / bid)`, so alpha = s and the spread is `2 (ask - bid) / (ask + bid)`.
    #[test]
    fn a_price_that_stands_still_shows_its_spread() {
        let day = range(10.05, 9.95, 10.05);
        let quoted = 2.0 * (10.05 - 9.95) / (10.05 + 9.95);
        assert!((corwin_schultz(day, day) - quoted).abs() < 1e-14);
        // The same quotes a tenth higher after a jump over night.
        let higher = range(11.05, 10.95, 11.0);
        let first = range(10.05, 9.95, 9.95);
        let moved = DayRange { high: 10.05, low: 9.95, close: 11.0 };
        assert_eq!(corwin_schultz(first, higher), corwin_schultz(first, moved));
    }

    /// By hand: a range of 1 % on both days and of 2 % over the two is all movement.
    #[test]
    fn a_trend_has_no_spread_and_a_sealed_day_no_estimate() {
        let (first, second) = (range(10.1, 10.0, 10.1), range(10.2, 10.1, 10.2));
        assert_eq!(corwin_schultz(first, second), 0.0);
        assert!(corwin_schultz(first, range(10.2, 10.2, 10.2)).is_nan());
        assert!(corwin_schultz(first, range(f64::NAN, 10.2, 10.2)).is_nan());
    }

    /// By hand: returns of 1, -1, 1, -1 % have pairs (1,-1), (-1,1), (1,-1): covariance -4/3 / 2 + ... by
    /// the two-pass formula.
    #[test]
    fn a_bounce_is_twice_the_root_of_its_covariance() {
        let returns = [0.01, -0.01, 0.01, -0.01];
        let (x, y) = ([0.01, -0.01, 0.01], [-0.01, 0.01, -0.01]);
        let mean = |v: [f64; 3]| v.iter().sum::<f64>() / 3.0;
        let covariance =
            x.iter().zip(y).map(|(x_t, y_t)| (x_t - mean(x)) * (y_t - mean(y))).sum::<f64>() / 2.0;
        let expected = 2.0 * (-covariance).sqrt();
        assert!((roll(returns.into_iter(), 2) - expected).abs() < 1e-15);
        assert_eq!(roll([0.01, 0.02, 0.03, 0.04].into_iter(), 2), 0.0);
        assert!(roll([0.01, f64::NAN, 0.03].into_iter(), 2).is_nan());
    }
}
