//! The measures that are renewed at the last close of a week and hold until the next one.

use rayon::prelude::*;
use shoals_core::Calendar;
use shoals_market::index::Frequency;
use shoals_stats::absorption::{absorption_ratio, mean_pairwise_correlation};

use super::CrowdingConfig;
use crate::WarningError;
use crate::leg::{Leg, mean};

/// Share of the stocks on either side of a weekly factor.
const SIDE: f64 = 0.3;

/// Fewest industries that are taken for portfolios; size groups are taken instead.
const MIN_INDUSTRIES: usize = 10;

/// Size groups taken for portfolios where industries are not known.
const SIZE_GROUPS: usize = 20;

/// Part of the eigenvectors that count as leading (Kritzman et al.: one in five).
const LEADING: f64 = 0.2;

/// Weeks of the shift's short mean, about 15 trading days.
const SHORT_WEEKS: usize = 3;

/// Weeks of its year, and fewest of them.
const LONG_WEEKS: (usize, usize) = (52, 26);

/// Positions of the last trading day of every week that has ended.
pub(super) fn week_ends(leg: &Leg, calendar: &Calendar) -> Result<Vec<usize>, WarningError> {
    let mut ends = Vec::new();
    for (t, &day) in leg.market.days().iter().enumerate() {
        if Frequency::Weekly.falls_on(day, calendar).map_err(WarningError::Core)? {
            ends.push(t);
        }
    }
    Ok(ends)
}

/// A value a week spread over the days from its end to the next.
pub(super) fn carried(ends: &[usize], values: &[f64], n_days: usize) -> Vec<f64> {
    let mut days = vec![f64::NAN; n_days];
    for (k, &end) in ends.iter().enumerate() {
        let next = ends.get(k + 1).copied().unwrap_or(n_days);
        days[end..next].fill(values[k]);
    }
    days
}

/// Market, size and value of each week, of the eligible stocks outside the smallest: with the leg itself
/// in the size factor, what its members share would be taken out as size.
struct WeekFactors {
    market: f64,
    size: f64,
    /// NaN where no stock has a book.
    value: f64,
}

impl WeekFactors {
    /// From the close of `base` to that of `end`, sorted at `base`.
    fn of(leg: &Leg, caps: &[f64], pb: Option<&[f64]>, base: usize, end: usize) -> Self {
        let (eligible, held) = (leg.tradability.row(base), leg.held(base + 1));
        let (before, after) = (leg.row(&leg.bars.price, base), leg.row(&leg.bars.price, end));
        let caps = leg.row(caps, base);
        let stocks: Vec<(f64, f64, f64)> = (0..leg.width)
            .filter(|&i| eligible[i].is_eligible() && caps[i] > 0.0)
            .filter(|&i| held.binary_search(&(i as u32)).is_err())
            .map(|i| {
                let book = pb.map_or(f64::NAN, |pb| leg.row(pb, base)[i].recip());
                (caps[i], book, after[i] / before[i] - 1.0)
            })
            .filter(|stock| stock.2.is_finite())
            .collect();
        let total: f64 = stocks.iter().map(|stock| stock.0).sum();
        let market = stocks.iter().map(|(cap, _, r)| cap * r).sum::<f64>() / total;
        // Small less large, cheap less dear.
        let size = -spread(stocks.iter().map(|&(cap, _, r)| (cap, r)).collect());
        let with_book = stocks.iter().filter(|(_, book, _)| *book > 0.0);
        let value = spread(with_book.map(|&(_, book, r)| (book, r)).collect());
        Self { market, size, value }
    }
}

/// Mean return of the stocks with the highest keys less that of those with the lowest.
fn spread(mut stocks: Vec<(f64, f64)>) -> f64 {
    stocks.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = (stocks.len() as f64 * SIDE) as usize;
    if n == 0 {
        return f64::NAN;
    }
    let mean = |side: &[(f64, f64)]| side.iter().map(|stock| stock.1).sum::<f64>() / n as f64;
    mean(&stocks[stocks.len() - n..]) - mean(&stocks[..n])
}

/// Mean correlation between every two members of what market, size and value leave of their weekly
/// returns, at each week's end over the weeks that end there. Source: Lou and Polk (2022), Comomentum,
/// Review of Financial Studies 35(7), for the smallest companies instead of past losers.
pub(super) fn co_momentum(
    leg: &Leg,
    ends: &[usize],
    config: &CrowdingConfig,
) -> Result<Vec<f64>, WarningError> {
    let caps = leg.caps()?;
    let pb = leg.market.panel().column("pb").ok();
    let factors: Vec<WeekFactors> =
        ends.par_windows(2).map(|week| WeekFactors::of(leg, caps, pb, week[0], week[1])).collect();
    let weeks = config.momentum_weeks;
    Ok((0..ends.len())
        .into_par_iter()
        .map(|k| match k.checked_sub(weeks) {
            Some(first) => of_weeks(leg, &ends[first..=k], &factors[first..k]),
            None => f64::NAN,
        })
        .collect())
}

fn of_weeks(leg: &Leg, ends: &[usize], factors: &[WeekFactors]) -> f64 {
    let columns: [fn(&WeekFactors) -> f64; 4] =
        [|_| 1.0, |week| week.market, |week| week.size, |week| week.value];
    let mut basis: Vec<Vec<f64>> = Vec::new();
    for column in columns {
        let mut along: Vec<f64> = factors.iter().map(column).collect();
        // A factor that is not known in every week is left out.
        let whole = norm(&along);
        project_out(&mut along, &basis);
        let left = norm(&along);
        if left > whole * 1e-8 {
            basis.push(along.into_iter().map(|x| x / left).collect());
        }
    }
    let price = |t: usize, i: u32| leg.bars.price[t * leg.width + i as usize];
    let residuals: Vec<Vec<f64>> = leg
        .held(ends[ends.len() - 1])
        .iter()
        .map(|&i| {
            let returns = ends.windows(2).map(|w| price(w[1], i) / price(w[0], i) - 1.0);
            let mut returns: Vec<f64> = returns.collect();
            project_out(&mut returns, &basis);
            returns
        })
        .filter(|residuals| residuals.iter().all(|r| r.is_finite()))
        .collect();
    let slices: Vec<&[f64]> = residuals.iter().map(Vec::as_slice).collect();
    mean_pairwise_correlation(&slices).unwrap_or(f64::NAN)
}

/// Takes what lies along each of some orthonormal directions out of `values`, twice for rounding's sake.
fn project_out(values: &mut [f64], basis: &[Vec<f64>]) {
    for along in basis.iter().chain(basis) {
        let part: f64 = values.iter().zip(along).map(|(x, q)| x * q).sum();
        values.iter_mut().zip(along).for_each(|(x, q)| *x -= part * q);
    }
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|x| x * x).sum::<f64>().sqrt()
}

/// Daily returns of portfolios of all eligible stocks, equal weights: of industries where at least ten are
/// known, else of size groups.
pub(super) struct Portfolios {
    /// Day-major; NaN for a portfolio without a stock.
    returns: Vec<f64>,
    n: usize,
    /// Whether they are industries.
    pub(super) are_industries: bool,
}

impl Portfolios {
    pub(super) fn of(leg: &Leg, returns: &[f64], industries: &[u16]) -> Result<Self, WarningError> {
        let mut known: Vec<u16> = industries.iter().copied().filter(|&group| group > 0).collect();
        known.sort_unstable();
        known.dedup();
        let are_industries = known.len() >= MIN_INDUSTRIES;
        let n = if are_industries { known.len() } else { SIZE_GROUPS };
        let of_industry = |i: usize| known.binary_search(&industries[i]).ok();
        let caps = leg.caps()?;
        let mut out = vec![f64::NAN; leg.market.days().len() * n];
        out.par_chunks_mut(n).enumerate().skip(1).for_each(|(t, row)| {
            let (eligible, today) = (leg.tradability.row(t - 1), leg.row(returns, t));
            let members = (0..leg.width).filter(|&i| eligible[i].is_eligible());
            let members = members.filter(|&i| today[i].is_finite());
            let mut groups: Vec<Vec<f64>> = vec![Vec::new(); n];
            if are_industries {
                for i in members {
                    if let Some(group) = of_industry(i) {
                        groups[group].push(today[i]);
                    }
                }
            } else {
                let caps = leg.row(caps, t - 1);
                let mut ranked: Vec<usize> = members.filter(|&i| caps[i] > 0.0).collect();
                ranked.sort_unstable_by(|&a, &b| caps[a].total_cmp(&caps[b]).then(a.cmp(&b)));
                let count = ranked.len();
                for (place, i) in ranked.into_iter().enumerate() {
                    groups[place * n / count].push(today[i]);
                }
            }
            for (cell, group) in row.iter_mut().zip(groups) {
                *cell = mean(group.into_iter());
            }
        });
        Ok(Self { returns: out, n, are_industries })
    }

    /// The absorption ratio at each week's end, of the portfolios with a return on every day of the
    /// window.
    pub(super) fn absorption(&self, ends: &[usize], config: &CrowdingConfig) -> Vec<f64> {
        ends.par_iter().map(|&t| self.absorption_at(t, config)).collect()
    }

    fn absorption_at(&self, t: usize, config: &CrowdingConfig) -> f64 {
        // The first day has no return.
        let first = (t + 1).saturating_sub(config.absorption_days).max(1);
        if t + 1 < first + config.absorption_min_days {
            return f64::NAN;
        }
        let row = |day: usize| &self.returns[day * self.n..(day + 1) * self.n];
        let whole: Vec<usize> =
            (0..self.n).filter(|&g| (first..=t).all(|day| row(day)[g].is_finite())).collect();
        if whole.len() < 5 {
            return f64::NAN;
        }
        let rows: Vec<Vec<f64>> =
            (first..=t).map(|day| whole.iter().map(|&g| row(day)[g]).collect()).collect();
        let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
        let n_leading = (whole.len() as f64 * LEADING).round() as usize;
        absorption_ratio(&rows, n_leading, Some(config.absorption_half_life)).unwrap_or(f64::NAN)
    }
}

/// Mean of the last weeks less that of the year, in deviations of the year.
pub(super) fn shift(ratios: &[f64]) -> Vec<f64> {
    (0..ratios.len())
        .map(|k| {
            let tail = |n: usize| ratios[(k + 1).saturating_sub(n)..=k].iter().copied();
            let known: Vec<f64> = tail(LONG_WEEKS.0).filter(|x| x.is_finite()).collect();
            if known.len() < LONG_WEEKS.1 {
                return f64::NAN;
            }
            let year = mean(known.iter().copied());
            let squares: f64 = known.iter().map(|x| (x - year).powi(2)).sum();
            let deviation = (squares / (known.len() - 1) as f64).sqrt();
            (mean(tail(SHORT_WEEKS)) - year) / deviation
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_holds_until_the_next_one_ends() {
        let days = carried(&[1, 4], &[0.5, 0.7], 6);
        assert!(days[0].is_nan());
        assert_eq!(days[1..], [0.5, 0.5, 0.5, 0.7, 0.7]);
    }

    /// By hand: three of ten on either side.
    #[test]
    fn a_spread_is_highest_less_lowest() {
        let stocks = (0..10).map(|k| (f64::from(9 - k), f64::from(k))).collect();
        assert_eq!(spread(stocks), 1.0 - 8.0);
        assert!(spread(vec![(1.0, 0.1); 3]).is_nan());
    }

    /// By hand: 49 weeks of 0.8 and 0.82 in turn, then three of 0.9.
    #[test]
    fn a_jump_of_the_ratio_shows_in_its_shift() {
        let mut ratios: Vec<f64> = (0..49).map(|k| 0.8 + 0.02 * f64::from(k % 2)).collect();
        ratios.extend([0.9; 3]);
        let year = ratios.iter().sum::<f64>() / 52.0;
        let deviation = (ratios.iter().map(|x| (x - year).powi(2)).sum::<f64>() / 51.0).sqrt();
        let found = shift(&ratios);
        assert!((found[51] - (0.9 - year) / deviation).abs() < 1e-12);
        assert!(found[24].is_nan() && found[25].is_finite());
    }
}
