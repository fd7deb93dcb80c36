//! A NAV as it was published.

use shoals_core::TradingDay;

use crate::FundError;

/// The values a fund published, on rising days; NaN where one was not.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PublishedNav {
    /// The fund's code, or the heading of its column in a file.
    pub code: String,
    /// Days of the values, rising.
    pub days: Vec<TradingDay>,
    /// 单位净值, CNY a unit.
    pub unit: Vec<f64>,
    /// 累计净值, CNY a unit, dividends added.
    pub accumulated: Vec<f64>,
    /// 复权净值, CNY a unit, dividends reinvested.
    pub adjusted: Vec<f64>,
    /// Dividend a unit that left the value that day, CNY; zero and NaN are none.
    pub dividend: Vec<f64>,
}

/// Decimals a value has at least, whatever zeros it ends in: no fund publishes fewer.
const FEWEST_DECIMALS: i32 = 3;
/// Decimals beyond which a value counts as not rounded.
const MOST_DECIMALS: i32 = 10;
/// Values whose decimals tell the precision: one alone may end in zeros by chance.
const PRECISION_WINDOW: usize = 20;

impl PublishedNav {
    /// An empty record of that fund.
    pub fn new(code: impl Into<String>) -> Self {
        Self { code: code.into(), ..Self::default() }
    }

    /// Adds a day: unit, accumulated, adjusted value and dividend, each NaN where not published.
    pub fn push(&mut self, day: TradingDay, values: [f64; 4]) {
        self.days.push(day);
        for (column, value) in self.columns_mut().into_iter().zip(values) {
            column.push(value);
        }
    }

    /// Number of days.
    pub fn len(&self) -> usize {
        self.days.len()
    }

    /// Whether there is no day.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// What was published by `to`.
    #[must_use]
    pub fn up_to(&self, to: TradingDay) -> Self {
        let n = self.days.partition_point(|&day| day <= to);
        let mut cut = self.clone();
        cut.days.truncate(n);
        cut.columns_mut().into_iter().for_each(|column| column.truncate(n));
        cut
    }

    fn columns_mut(&mut self) -> [&mut Vec<f64>; 4] {
        [&mut self.unit, &mut self.accumulated, &mut self.adjusted, &mut self.dividend]
    }

    /// Refuses columns of other lengths, days that do not rise, and values that are no NAV.
    pub(crate) fn check(&self) -> Result<(), FundError> {
        let columns = [&self.unit, &self.accumulated, &self.adjusted, &self.dividend];
        for column in columns {
            // Series says it in the words everyone knows.
            shoals_core::Series::new(self.code.clone(), self.days.clone(), column.clone())?;
        }
        for column in &columns[..3] {
            let is_nav = |x: f64| x.is_nan() || (x.is_finite() && x > 0.0);
            if let Some(i) = column.iter().position(|&x| !is_nav(x)) {
                let (fund, day) = (self.code.clone(), self.days[i]);
                return Err(FundError::NavNotPositive { fund, day, found: column[i] });
            }
        }
        let is_dividend = |x: f64| x.is_nan() || (x.is_finite() && x >= 0.0);
        match self.dividend.iter().position(|&x| !is_dividend(x)) {
            Some(i) => Err(FundError::NotADividend {
                fund: self.code.clone(),
                day: self.days[i],
                found: self.dividend[i],
            }),
            None => Ok(()),
        }
    }
}

/// Half the last decimal a column was written with, at each of its values; only what came before is looked at.
pub(super) fn half_units(column: &[f64]) -> Vec<f64> {
    let mut recent = [0_i32; PRECISION_WINDOW];
    let mut n = 0;
    let mut half = |&x: &f64| {
        if x.is_nan() {
            return f64::NAN;
        }
        recent[n % PRECISION_WINDOW] = decimals(x);
        n += 1;
        let most = recent[..n.min(PRECISION_WINDOW)].iter().copied().max().unwrap_or_default();
        0.5 * 10_f64.powi(-most) + x.abs() * f64::EPSILON * 4.0
    };
    column.iter().map(&mut half).collect()
}

/// Decimals a value is written with.
fn decimals(x: f64) -> i32 {
    let is_whole = |d: &i32| {
        let scaled = x.abs() * 10_f64.powi(*d);
        (scaled - scaled.round()).abs() <= scaled * 1e-12 + 1e-9
    };
    (FEWEST_DECIMALS..MOST_DECIMALS).find(is_whole).unwrap_or(MOST_DECIMALS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: counted by eye. A value that ends in zeros keeps the precision of those before it.
    #[test]
    fn the_decimals_are_those_written() {
        assert_eq!([2.375, 1.0883, 3.0, 1.234_567].map(decimals), [3, 4, 3, 6]);
        let half = half_units(&[1.122, 1.12, f64::NAN, 1.1076]);
        assert!((half[0] - 5e-4).abs() < 1e-12 && (half[1] - 5e-4).abs() < 1e-12);
        assert!(half[2].is_nan() && (half[3] - 5e-5).abs() < 1e-12);
    }
}
