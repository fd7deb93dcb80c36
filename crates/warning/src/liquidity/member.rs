//! What one company's last weeks say of its liquidity.

use shoals_market::universe::StockMarket;
use shoals_stats::spread::{DayRange, corwin_schultz, roll};

use super::LiquidityConfig;
use crate::leg::Leg;

/// Traded value the price measures count in, CNY.
pub(super) const UNIT: f64 = 1e8;

/// Share of a window that must be observed.
const MIN_SHARE: f64 = 2.0 / 3.0;

/// The columns the measures read, day-major.
pub(super) struct Columns<'a> {
    /// Return since the last close; NaN without trading.
    pub(super) returns: Vec<f64>,
    /// CNY.
    pub(super) amount: &'a [f64],
    /// Amihud's mean over the window, a decimal per [`UNIT`].
    pub(super) amihud: Vec<f64>,
    /// Return of the whole market.
    pub(super) market: Vec<f64>,
    price: &'a [f64],
    close: &'a [f64],
    range: Option<(&'a [f64], &'a [f64])>,
    width: usize,
}

/// The figures of one company at one close.
#[derive(Debug, Clone, Copy)]
pub(super) struct MemberFigures {
    /// Mean two-day spread, decimal.
    pub(super) corwin_schultz: f64,
    /// Decimal.
    pub(super) roll: f64,
    /// Decimal per root of [`UNIT`].
    pub(super) kyle: f64,
    /// Decimal per [`UNIT`].
    pub(super) pastor_stambaugh: f64,
    /// Mean amount a day, days without trading counted as none, CNY.
    pub(super) average_amount: f64,
}

impl<'a> Columns<'a> {
    pub(super) fn of(
        leg: &'a Leg,
        returns: Vec<f64>,
        amihud: Vec<f64>,
        market: Vec<f64>,
    ) -> Result<Self, crate::WarningError> {
        let panel = leg.market.panel();
        Ok(Self {
            returns,
            amount: panel.column("amount")?,
            amihud,
            market,
            price: &leg.bars.price,
            close: panel.column("adjusted_close")?,
            range: range(leg.market),
            width: leg.width,
        })
    }

    pub(super) fn figures(&self, t: usize, i: usize, config: &LiquidityConfig) -> MemberFigures {
        MemberFigures {
            corwin_schultz: self.corwin_schultz(t, i, config.window_days),
            roll: self.roll(t, i, config.long_window_days),
            kyle: self.kyle(t, i, config.window_days),
            pastor_stambaugh: self.pastor_stambaugh(t, i, config.long_window_days),
            average_amount: self.average_amount(t, i, config.average_days),
        }
    }

    fn cells(&self, t: usize, i: usize, days: usize) -> impl Iterator<Item = usize> + '_ {
        (t.saturating_sub(days - 1)..=t).map(move |day| day * self.width + i)
    }

    fn corwin_schultz(&self, t: usize, i: usize, days: usize) -> f64 {
        let Some((high, low)) = self.range else { return f64::NAN };
        let at =
            |cell: usize| DayRange { high: high[cell], low: low[cell], close: self.close[cell] };
        let (mut sum, mut n, mut before) = (0.0, 0, None);
        for cell in self.cells(t, i, days + 1) {
            let today = at(cell);
            let spread = before.map_or(f64::NAN, |before| corwin_schultz(before, today));
            if !spread.is_nan() {
                sum += spread;
                n += 1;
            }
            before = Some(today);
        }
        if n >= least(days) { sum / n as f64 } else { f64::NAN }
    }

    fn roll(&self, t: usize, i: usize, days: usize) -> f64 {
        roll(self.cells(t, i, days + 1).map(|cell| self.returns[cell]), least(days))
    }

    /// Slope of the return on the signed root of the amount, through the origin. The sign of a day's
    /// order flow is taken from its return.
    fn kyle(&self, t: usize, i: usize, days: usize) -> f64 {
        let (mut product, mut squares, mut n) = (0.0, 0.0, 0);
        for cell in self.cells(t, i, days) {
            let (r, amount) = (self.returns[cell], self.amount[cell] / UNIT);
            if !r.is_nan() {
                product += r.abs() * amount.sqrt();
                squares += amount;
                n += 1;
            }
        }
        if n >= least(days) { product / squares } else { f64::NAN }
    }

    /// Slope on signed amount in: next excess return on a constant, today's return and today's amount
    /// with the sign of today's excess return. Negative: what a day's orders moved comes back.
    fn pastor_stambaugh(&self, t: usize, i: usize, days: usize) -> f64 {
        let mut sums = Moments::default();
        let mut before: Option<(f64, f64)> = None;
        for cell in self.cells(t, i, days + 1) {
            let (r, market) = (self.returns[cell], self.market[cell / self.width]);
            let excess = r - market;
            if let (Some((r_before, signed)), false) = (before, excess.is_nan()) {
                sums.add(excess, r_before, signed);
            }
            let signed = excess.signum() * self.amount[cell] / UNIT;
            before = (!excess.is_nan()).then_some((r, signed));
        }
        if sums.n >= least(days) as f64 { sums.second_slope() } else { f64::NAN }
    }

    fn average_amount(&self, t: usize, i: usize, days: usize) -> f64 {
        let (mut sum, mut n) = (0.0, 0.0);
        for cell in self.cells(t, i, days).filter(|&cell| !self.price[cell].is_nan()) {
            sum += self.amount[cell].max(0.0);
            n += 1.0;
        }
        sum / n
    }
}

/// High and low, where the market carries them.
fn range(market: &StockMarket) -> Option<(&[f64], &[f64])> {
    let column = |name| market.panel().column(name).ok();
    column("adjusted_high").zip(column("adjusted_low"))
}

/// Days of a window that must be observed.
fn least(days: usize) -> usize {
    (days as f64 * MIN_SHARE).ceil() as usize
}

/// Sums of a regression on a constant and two variables.
#[derive(Default)]
struct Moments {
    n: f64,
    y: f64,
    a: f64,
    b: f64,
    aa: f64,
    bb: f64,
    ab: f64,
    ya: f64,
    yb: f64,
}

impl Moments {
    fn add(&mut self, y: f64, a: f64, b: f64) {
        self.n += 1.0;
        self.y += y;
        self.a += a;
        self.b += b;
        self.aa += a * a;
        self.bb += b * b;
        self.ab += a * b;
        self.ya += y * a;
        self.yb += y * b;
    }

    /// The slope on the second variable; NaN when the two are one.
    fn second_slope(&self) -> f64 {
        let centred = |product: f64, x: f64, y: f64| product - x * y / self.n;
        let (aa, bb) = (centred(self.aa, self.a, self.a), centred(self.bb, self.b, self.b));
        let ab = centred(self.ab, self.a, self.b);
        let (ya, yb) = (centred(self.ya, self.y, self.a), centred(self.yb, self.y, self.b));
        let determinant = aa * bb - ab * ab;
        if determinant > aa * bb * 1e-10 { (yb * aa - ya * ab) / determinant } else { f64::NAN }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_stats::regression::{Intercept, ols};

    /// Witness: least squares by QR.
    #[test]
    fn the_second_slope_is_that_of_least_squares() {
        let wave = |t: usize, k: f64| (t as f64 * k).sin();
        let (a, b): (Vec<f64>, Vec<f64>) = (0..50).map(|t| (wave(t, 0.7), wave(t, 1.9))).unzip();
        let y: Vec<f64> = (0..50).map(|t| 0.1 + 2.0 * a[t] - 0.3 * b[t] + wave(t, 3.1)).collect();
        let mut sums = Moments::default();
        (0..50).for_each(|t| sums.add(y[t], a[t], b[t]));
        let fit = ols(&y, &[&a, &b], Intercept::Included).unwrap();
        assert!((sums.second_slope() - fit.coefficients[2]).abs() < 1e-13);
        let mut one = Moments::default();
        (0..50).for_each(|t| one.add(y[t], a[t], 2.0 * a[t]));
        assert!(one.second_slope().is_nan());
    }
}
