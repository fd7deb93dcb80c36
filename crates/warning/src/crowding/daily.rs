//! The measures that every close renews.

use rayon::prelude::*;
use shoals_core::{Series, TradingDay};
use shoals_stats::absorption::mean_pairwise_correlation;

use super::CrowdingConfig;
use crate::WarningError;
use crate::leg::{Leg, mean, median};

/// Trading days a year, by which volatilities are annualised.
const DAYS_A_YEAR: f64 = 242.0;

/// Calendar days a financing balance stays good.
const FINANCING_DAYS: i32 = 31;

/// Returns of all stocks since the day before, day-major: 0 for a suspended one, NaN before a listing.
pub(super) fn stock_returns(leg: &Leg) -> Vec<f64> {
    let (price, before) = (&leg.bars.price, &leg.bars.price_before);
    price.par_iter().zip(before).map(|(price, before)| price / before - 1.0).collect()
}

/// Return of the smallest companies less that of the other eligible stocks, equal weights, each day.
pub(super) fn small_less_rest(leg: &Leg, returns: &[f64]) -> Vec<f64> {
    let n_days = leg.market.days().len();
    (0..n_days)
        .into_par_iter()
        .map(|t| {
            if t == 0 {
                return f64::NAN;
            }
            let row = leg.row(returns, t);
            let held = leg.held(t);
            let small = mean(held.iter().map(|&i| row[i as usize]));
            small - mean(rest(leg, t).map(|i| row[i]))
        })
        .collect()
}

/// The stocks that could be chosen at the close before and were not.
fn rest<'l>(leg: &'l Leg, t: usize) -> impl Iterator<Item = usize> + 'l {
    let (eligible, held) = (leg.tradability.row(t - 1), leg.held(t));
    let is_member = move |i: &usize| held.binary_search(&(*i as u32)).is_ok();
    (0..leg.width).filter(|&i| eligible[i].is_eligible()).filter(move |i| !is_member(i))
}

pub(super) fn turnover_share(leg: &Leg) -> Result<Vec<f64>, WarningError> {
    let amount = leg.market.panel().column("amount")?;
    Ok((0..leg.market.days().len()).map(|t| leg.turnover_share(amount, t)).collect())
}

/// Mean pairwise correlation of the members over the days that end at each; members without a return on
/// one of them are left out.
pub(super) fn pairwise_correlation(leg: &Leg, returns: &[f64], days: usize) -> Vec<f64> {
    (0..leg.market.days().len())
        .into_par_iter()
        .map_init(Vec::new, |gathered: &mut Vec<f64>, t| {
            if t < days {
                return f64::NAN;
            }
            gathered.clear();
            for &i in leg.held(t) {
                let start = gathered.len();
                gathered.extend((t + 1 - days..=t).map(|d| returns[d * leg.width + i as usize]));
                if gathered[start..].iter().any(|r| r.is_nan()) {
                    gathered.truncate(start);
                }
            }
            let assets: Vec<&[f64]> = gathered.chunks(days).collect();
            mean_pairwise_correlation(&assets).unwrap_or(f64::NAN)
        })
        .collect()
}

/// Median log book-to-price of the members less that of the others; stocks without a positive book are
/// left out. All NaN where the market has no price-to-book.
pub(super) fn valuation_spread(leg: &Leg) -> Vec<f64> {
    let n_days = leg.market.days().len();
    let Ok(pb) = leg.market.panel().column("pb") else { return vec![f64::NAN; n_days] };
    (0..n_days)
        .into_par_iter()
        .map(|t| {
            if t == 0 {
                return f64::NAN;
            }
            let row = leg.row(pb, t);
            let book = |i: usize| if row[i] > 0.0 { -row[i].ln() } else { f64::NAN };
            let small = median(&mut leg.held(t).iter().map(|&i| book(i as usize)).collect());
            small - median(&mut rest(leg, t).map(book).collect())
        })
        .collect()
}

/// Annualised deviation of what the market leaves unexplained of `small`, over the days that end at each
/// (divisor n - 2); two thirds of them must be known.
pub(super) fn residual_volatility(small: &[f64], market: &[f64], days: usize) -> Vec<f64> {
    (0..small.len())
        .map(|t| {
            let window = (t + 1).saturating_sub(days)..=t;
            let pairs = || window.clone().map(|d| (small[d], market[d]));
            let known = || pairs().filter(|(s, m)| s.is_finite() && m.is_finite());
            let n = known().count() as f64;
            if n < 2.0 / 3.0 * days as f64 {
                return f64::NAN;
            }
            let (s_mean, m_mean) =
                (known().map(|p| p.0).sum::<f64>() / n, known().map(|p| p.1).sum::<f64>() / n);
            let (mut ss, mut sm, mut mm) = (0.0, 0.0, 0.0);
            for (s, m) in known() {
                let (s, m) = (s - s_mean, m - m_mean);
                ss += s * s;
                sm += s * m;
                mm += m * m;
            }
            let explained = if mm > 0.0 { sm * sm / mm } else { 0.0 };
            ((ss - explained).max(0.0) / (n - 2.0) * DAYS_A_YEAR).sqrt()
        })
        .collect()
}

/// Sum of the log returns of the days that end at each; all of them must be known.
pub(super) fn run_up(small: &[f64], days: usize) -> Vec<f64> {
    (0..small.len())
        .map(|t| match (t + 1).checked_sub(days) {
            Some(first) => small[first..=t].iter().map(|r| r.ln_1p()).sum(),
            None => f64::NAN,
        })
        .collect()
}

/// The last financing balance known, at most a month old, over the capitalisation of all stocks.
pub(super) fn financing_share(leg: &Leg, financing: Option<&Series>) -> Vec<f64> {
    let days = leg.market.days();
    let caps = leg.market.panel().column("total_market_cap");
    let (Some(financing), Ok(caps)) = (financing, caps) else { return vec![f64::NAN; days.len()] };
    let balance = |day: TradingDay| {
        let n = financing.days().partition_point(|&known| known <= day);
        let at = n.checked_sub(1)?;
        let age = day.epoch_days() - financing.days()[at].epoch_days();
        (age <= FINANCING_DAYS).then(|| financing.values()[at])
    };
    let share = |(t, &day): (usize, &TradingDay)| {
        let all: f64 = leg.row(caps, t).iter().filter(|cap| **cap > 0.0).sum();
        balance(day).map_or(f64::NAN, |balance| balance / all)
    };
    days.iter().enumerate().map(share).collect()
}

/// Every level that a close renews, in the order asked for.
pub(super) struct Daily {
    pub(super) turnover_share: Vec<f64>,
    pub(super) pairwise_correlation: Vec<f64>,
    pub(super) valuation_spread: Vec<f64>,
    pub(super) residual_volatility: Vec<f64>,
    pub(super) run_up: Vec<f64>,
}

impl Daily {
    pub(super) fn of(
        leg: &Leg,
        returns: &[f64],
        small: &[f64],
        market: &[f64],
        config: &CrowdingConfig,
    ) -> Result<Self, WarningError> {
        Ok(Self {
            turnover_share: turnover_share(leg)?,
            pairwise_correlation: pairwise_correlation(leg, returns, config.correlation_days),
            valuation_spread: valuation_spread(leg),
            residual_volatility: residual_volatility(small, market, config.volatility_days),
            run_up: run_up(small, config.run_up_days),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_stats::regression::{Intercept, ols};

    /// Witness: least squares by QR on the last window, its residuals' deviation annualised.
    #[test]
    fn the_residual_volatility_is_that_of_least_squares() {
        let market: Vec<f64> = (0..80).map(|t| 0.01 * f64::from(t * 7).sin()).collect();
        let small: Vec<f64> =
            (0..80).map(|t| 0.3 * market[t] + 0.004 * (t as f64 * 1.3).cos()).collect();
        let found = residual_volatility(&small, &market, 60);
        let fit = ols(&small[20..], &[&market[20..]], Intercept::Included).unwrap();
        let squares: f64 = fit.residuals.iter().map(|e| e * e).sum();
        assert!((found[79] - (squares / 58.0 * 242.0).sqrt()).abs() < 1e-14);
        assert!(found[38].is_nan() && found[39].is_finite());
    }

    #[test]
    fn a_run_up_is_the_sum_of_logs() {
        let small = [f64::NAN, 0.1, -0.1, 0.2];
        let found = run_up(&small, 2);
        assert!(found[0].is_nan() && found[1].is_nan());
        assert!((found[3] - (0.9_f64 * 1.2).ln()).abs() < 1e-15);
    }
}
