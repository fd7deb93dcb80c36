//! Which funds are one book under several names, and which move as a levered micro-cap book does.
//!
//! The large index is taken out of every fund by regression; what is left carries size, straddles and stock selection.
//! Two funds are compared over the periods both have, with the same first and last day: daily where all funds are daily,
//! else from the last value of one calendar week to that of the next. Correlations have Fisher's band; funds whose band
//! lies wholly above the clone threshold are linked, and linked funds form a cluster (single linkage).
//!
//! Source: Fisher (1921); Sneath (1957) for single linkage.

use rayon::prelude::*;
use serde::Serialize;
use shoals_core::{Segment, TradingDay};
use shoals_product::attribution::Factor;
use shoals_stats::moments;
use shoals_stats::normal::normal_quantile;
use shoals_stats::rank::pearson;
use shoals_stats::regression::{Intercept, ols};

use super::StyleConfig;
use super::factors::{DMA_PROXY, StyleFactors};
use crate::{FactorSet, Frequency, Fund, FundError, Periods};

/// How alike two funds are, or a fund and the DMA proxy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Similarity {
    /// A fund.
    pub fund: String,
    /// Another, or `dma_proxy`.
    pub other: String,
    /// Correlation of their returns without the large index.
    pub correlation: f64,
    /// Common periods.
    pub n: usize,
    /// Lower end of its band.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Number of the cluster both are in, from 1; 0 where they are not in one.
    pub cluster: usize,
}

/// All pairs, and the clusters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimilarityPart {
    /// Each fund with the proxy, then each pair once, in the order of the funds; pairs with too few common periods are
    /// left out.
    pub pairs: Vec<Similarity>,
    /// Cluster of each fund, in their order; 0 for a fund like no other.
    pub clusters: Vec<usize>,
}

/// One fund's returns without the large index.
struct Active {
    from: Vec<TradingDay>,
    to: Vec<TradingDay>,
    returns: Vec<f64>,
}

/// Compares every fund with the proxy and with every other, on what was known by `up_to`.
///
/// Missing: a fund too short or without movement is in no pair.
///
/// # Errors
/// Illegal settings.
pub fn similarity(
    funds: &[Fund],
    factors: &StyleFactors,
    config: &StyleConfig,
    up_to: Option<TradingDay>,
) -> Result<SimilarityPart, FundError> {
    config.check()?;
    let periods: Vec<Periods> = funds
        .par_iter()
        .map(|fund| {
            let periods = fund.periods();
            up_to.map_or_else(|| periods.clone(), |day| periods.up_to(day))
        })
        .collect();
    let is_daily = periods.iter().all(|p| p.is_empty() || p.frequency == Frequency::Daily);
    let large = factors.set.factor(Segment::Csi300.name());
    let large = large.or_else(|| factors.set.factors().first());
    let active: Vec<Option<Active>> = periods
        .par_iter()
        .map(|periods| {
            let periods = if is_daily { periods.clone() } else { weekly(periods) };
            without(&periods.from, &periods.to, &periods.returns, large?, config)
        })
        .collect();
    let proxies: Vec<Option<Active>> = active
        .par_iter()
        .map(|fund| {
            let (fund, proxy) = (fund.as_ref()?, factors.dma_proxy.as_ref()?);
            let earned = over(proxy, &fund.from, &fund.to);
            without(&fund.from, &fund.to, &earned, large?, config)
        })
        .collect();
    let z = normal_quantile(1.0 - config.tail_probability / 2.0);
    let code = |i: usize| funds[i].code.clone();
    let mut pairs: Vec<Similarity> = (0..funds.len())
        .filter_map(|i| {
            let (mine, proxy) = (active[i].as_ref()?, proxies[i].as_ref()?);
            compare(code(i), DMA_PROXY.to_owned(), mine, proxy, z, config)
        })
        .collect();
    let rows: Vec<Vec<(usize, usize, Similarity)>> = (0..funds.len())
        .into_par_iter()
        .map(|i| {
            let Some(mine) = active[i].as_ref() else { return Vec::new() };
            let others = (i + 1..funds.len()).filter_map(|j| {
                let pair = compare(code(i), code(j), mine, active[j].as_ref()?, z, config)?;
                Some((i, j, pair))
            });
            others.collect()
        })
        .collect();
    let links: Vec<(usize, usize, Similarity)> = rows.into_iter().flatten().collect();
    let clusters = clusters(
        funds.len(),
        links.iter().filter(|link| link.2.low > config.clone_correlation).map(|l| (l.0, l.1)),
    );
    for (i, j, mut pair) in links {
        pair.cluster = if clusters[i] == clusters[j] { clusters[i] } else { 0 };
        pairs.push(pair);
    }
    Ok(SimilarityPart { pairs, clusters })
}

/// From the last value of a calendar week to that of the next in which there is one.
fn weekly(periods: &Periods) -> Periods {
    let week = |day: TradingDay| (day.epoch_days() + 3).div_euclid(7);
    let mut out = Periods {
        from: Vec::new(),
        to: Vec::new(),
        returns: Vec::new(),
        frequency: Frequency::Weekly,
        ..*periods
    };
    let mut held: Option<(TradingDay, f64)> = None;
    for t in 0..periods.len() {
        let (from, growth) = held.unwrap_or((periods.from[t], 1.0));
        let growth = growth * (1.0 + periods.returns[t]);
        let to = periods.to[t];
        let is_last = periods.to.get(t + 1).is_none_or(|next| week(*next) != week(to));
        if is_last {
            // The first stretch begins where the record does, not at a week's end.
            out.from.push(from);
            out.to.push(to);
            out.returns.push(growth - 1.0);
            held = None;
        } else {
            held = Some((from, growth));
        }
    }
    out
}

/// A factor's return over stretches; NaN where it has no day in one.
fn over(factor: &Factor, from: &[TradingDay], to: &[TradingDay]) -> Vec<f64> {
    let stretches = Periods {
        from: from.to_vec(),
        to: to.to_vec(),
        returns: vec![0.0; to.len()],
        frequency: Frequency::Irregular,
        per_year: f64::NAN,
    };
    FactorSet::new(vec![factor.clone()]).over(&stretches).returns.swap_remove(0)
}

/// Returns without the large index; none where too few are known or nothing is left.
fn without(
    from: &[TradingDay],
    to: &[TradingDay],
    returns: &[f64],
    large: &Factor,
    config: &StyleConfig,
) -> Option<Active> {
    let market = over(large, from, to);
    let known: Vec<usize> =
        (0..to.len()).filter(|&t| returns[t].is_finite() && market[t].is_finite()).collect();
    if known.len() < config.min_common {
        return None;
    }
    let y: Vec<f64> = known.iter().map(|&t| returns[t]).collect();
    let x: Vec<f64> = known.iter().map(|&t| market[t]).collect();
    let fit = ols(&y, &[&x], Intercept::Included).ok()?;
    // A money fund's rounding is no movement.
    let spread = moments::std(&fit.residuals, 1).ok()?;
    (spread > 1e-6).then(|| Active {
        from: known.iter().map(|&t| from[t]).collect(),
        to: known.iter().map(|&t| to[t]).collect(),
        returns: fit.residuals,
    })
}

fn compare(
    fund: String,
    other: String,
    left: &Active,
    right: &Active,
    z: f64,
    config: &StyleConfig,
) -> Option<Similarity> {
    let (mut xs, mut ys) = (Vec::new(), Vec::new());
    let (mut i, mut j) = (0, 0);
    while i < left.to.len() && j < right.to.len() {
        match left.to[i].cmp(&right.to[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                if left.from[i] == right.from[j] {
                    xs.push(left.returns[i]);
                    ys.push(right.returns[j]);
                }
                (i, j) = (i + 1, j + 1);
            }
        }
    }
    let n = xs.len();
    if n < config.min_common {
        return None;
    }
    let correlation = pearson(&xs, &ys).ok()?;
    let (centre, width) = (correlation.clamp(-1.0, 1.0).atanh(), z / (n as f64 - 3.0).sqrt());
    let (low, high) = ((centre - width).tanh(), (centre + width).tanh());
    Some(Similarity { fund, other, correlation, n, low, high, cluster: 0 })
}

/// The first member of a fund's group; the way there is shortened.
fn find(root: &mut [usize], mut i: usize) -> usize {
    while root[i] != i {
        root[i] = root[root[i]];
        i = root[i];
    }
    i
}

/// Numbers of the connected groups of two or more, from 1 in the order of their first member.
fn clusters(n: usize, links: impl Iterator<Item = (usize, usize)>) -> Vec<usize> {
    let mut root: Vec<usize> = (0..n).collect();
    for (i, j) in links {
        let (a, b) = (find(&mut root, i), find(&mut root, j));
        root[a.max(b)] = a.min(b);
    }
    let roots: Vec<usize> = (0..n).map(|i| find(&mut root, i)).collect();
    let mut size = vec![0; n];
    for &r in &roots {
        size[r] += 1;
    }
    let (mut number, mut named) = (0, vec![0; n]);
    for i in 0..n {
        if roots[i] == i && size[i] > 1 {
            number += 1;
            named[i] = number;
        }
    }
    roots.iter().map(|&r| named[r]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected, by hand: Monday to Friday become one stretch, a fund of one value a week stays as it is.
    #[test]
    fn days_become_weeks_at_each_weeks_last_value() {
        use shoals_core::{Series, day};
        let at = |d| day(2024, 1, d);
        let days: Vec<TradingDay> = [5, 8, 10, 12, 15, 19].map(at).into();
        let nav = Series::new("f", days, vec![1.0, 1.1, 1.2, 1.5, 1.2, 3.0]).expect("rising days");
        let weeks = weekly(&Periods::of(&nav));
        assert_eq!((weeks.from, weeks.to), (vec![at(5), at(12)], vec![at(12), at(19)]));
        assert!((weeks.returns[0] - 0.5).abs() < 1e-12 && (weeks.returns[1] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn chains_of_links_are_one_cluster_and_lone_funds_none() {
        assert_eq!(clusters(6, [(4, 1), (0, 3), (1, 5)].into_iter()), [1, 2, 0, 1, 2, 2]);
        assert_eq!(clusters(2, std::iter::empty()), [0, 0]);
    }
}
