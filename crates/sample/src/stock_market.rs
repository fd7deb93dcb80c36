//! All stocks through all days, a month at a time.
//!
//! At each month's open the names are ranked by market cap and put into the five segments. Inside a
//! segment, what single names do beyond the segment's return (beta, styles, industry, own risk) is
//! centred on the index weights, so that the index earns exactly what the factor path says, up to
//! price limits, rounding and dividends.

use std::ops::Range;

use rayon::prelude::*;
use shoals_core::{Rules, Seed, Segment};

use crate::FactorPath;
use crate::crowd::{Crowd, CrowdHolding, holdings};
use crate::index::{IndexBook, Membership};
use crate::noise::{MARKET, OwnDay, fill_stock};
use crate::stock::{Bar, Limits, Listing, Push, State};
use crate::stock_table::StockColumns;
use crate::universe::{INDUSTRIES, Stock};

/// Daily idiosyncratic volatility, micro to CSI 300, in a market of volatility 1.
const OWN_VOLATILITY: [f64; 5] = [0.0156, 0.0190, 0.0207, 0.0204, 0.0192];
/// How much of its news a stock's price feels, micro to CSI 300.
const NEWS: [f64; 5] = [1.9, 1.7, 1.35, 1.1, 0.85];
/// Daily standard deviation of an industry's return against its segment.
const INDUSTRY_DAILY: f64 = 0.0075;
/// How turnover follows heat: its power.
const HEAT_TURNOVER: f64 = 0.8;
/// Share of the names in each segment, CSI 300 down to micro: 60, 100, 200, 400 and 240 in a thousand.
const SEGMENT_SHARES: [(Segment, f64); 5] = [
    (Segment::Csi300, 0.06),
    (Segment::Csi500, 0.10),
    (Segment::Csi1000, 0.20),
    (Segment::Csi2000, 0.40),
    (Segment::Micro, 1.0),
];
/// Trading days after listing before a name may enter an index.
const SEASONING_DAYS: usize = 60;
/// No month has more trading days.
const LONGEST_MONTH: usize = 23;
/// Spread of log price to book inside a segment: one unit of value exposure.
const VALUE_UNIT: f64 = 0.6;

/// What the month-by-month walk leaves behind.
pub(crate) struct StockMarket {
    pub(crate) columns: StockColumns,
    pub(crate) indices: IndexBook,
    /// What the crowd holds, where it is known.
    pub(crate) held: Vec<CrowdHolding>,
}

/// A month's place of one stock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) segment: Segment,
    /// Whether the name may be an index member this month.
    pub(crate) is_eligible: bool,
    /// Market cap at the month's open, CNY.
    pub(crate) market_cap: f64,
    /// Value exposure: cheap by price to book inside the segment, in units of [`VALUE_UNIT`].
    value: f64,
}

/// Carries the companies through the path.
pub(crate) fn simulate(
    stocks: &[Stock],
    path: &FactorPath,
    crowd: Option<&Crowd>,
    seed: Seed,
) -> StockMarket {
    let rules = Rules::builtin();
    let limits = Limits::new(rules, &path.days);
    let listings: Vec<Listing> = stocks.iter().map(|stock| Listing::new(rules, stock)).collect();
    let mut states: Vec<State> =
        stocks.iter().enumerate().map(|(k, stock)| State::new(stock, k, seed)).collect();
    let own = own_days(stocks.len(), path.len(), seed);
    let industries = industry_returns(path, seed);

    let mut market = StockMarket {
        columns: StockColumns::with_capacity(stocks.iter().map(|s| s.end - s.first).sum()),
        indices: IndexBook::new(path.len()),
        held: Vec::new(),
    };
    for month in months(path) {
        let width = month.len();
        let places = rank(stocks, &states, month.start);
        let membership = Membership::new(stocks, &states, &places, month.clone());
        if let Some(crowd) = crowd {
            let free_float: Vec<f64> = places
                .iter()
                .zip(stocks)
                .map(|(place, stock)| place.market_cap * stock.free_float_ratio)
                .collect();
            let date = path.days[month.start];
            market.held.extend(holdings(crowd, stocks, &membership, &free_float, date));
        }
        let mut excess = vec![0.0; stocks.len() * width];
        fill_excess(&mut excess, stocks, &places, path, &month, &own, &industries);
        let centres = centres(&excess, &membership, width);
        let mut bars = vec![Bar::default(); stocks.len() * width];
        bars.par_chunks_mut(width).zip(&mut states).enumerate().for_each(|(k, (bars, state))| {
            for (d, bar) in bars.iter_mut().enumerate() {
                let t = month.start + d;
                let segment = places[k].segment;
                let beyond = excess[k * width + d] - centres[segment as usize][d];
                let heat = own[k * path.len() + t].heat;
                let push = Push {
                    segment,
                    fair_return: path.segment_return(segment, t) + beyond,
                    own_volatility: own_volatility(&stocks[k], segment) * path.volatility[t] * heat,
                    liquidity: liquidity(&stocks[k], segment, path, t) * heat.powf(HEAT_TURNOVER),
                };
                *bar = state.step(&stocks[k], t, &push, &limits, listings[k]);
            }
        });
        market.indices.walk(&membership, &bars, &month);
        market.columns.append(stocks, &bars, &path.days[month]);
    }
    market
}

/// Multiplier of a stock's turnover: the market's, what is left of its segment's depth, and what the crowd has to trade of it.
fn liquidity(stock: &Stock, segment: Segment, path: &FactorPath, t: usize) -> f64 {
    let k = segment as usize;
    path.liquidity[t] * (path.depth[k][t] + stock.crowding * path.forced[k][t])
}

fn own_volatility(stock: &Stock, segment: Segment) -> f64 {
    OWN_VOLATILITY[segment as usize] * stock.volatility_multiplier()
}

/// Every stock's own days, stock by stock.
fn own_days(n_stocks: usize, n_days: usize, seed: Seed) -> Vec<OwnDay> {
    let seed = seed.part("own risk");
    let mut own = vec![OwnDay::default(); n_stocks * n_days];
    own.par_chunks_mut(n_days)
        .enumerate()
        .for_each(|(k, out)| fill_stock(&mut seed.stream(k as u64), out));
    own
}

/// Every industry's return against the market, industry by industry.
fn industry_returns(path: &FactorPath, seed: Seed) -> Vec<Vec<f64>> {
    let seed = seed.part("industry");
    (0..INDUSTRIES.len())
        .map(|k| {
            let noise = MARKET.series(&mut seed.stream(k as u64), path.len());
            noise.iter().zip(&path.volatility).map(|(x, v)| x * v * INDUSTRY_DAILY).collect()
        })
        .collect()
}

/// The day ranges of the calendar months.
fn months(path: &FactorPath) -> Vec<Range<usize>> {
    let key = |t: usize| (path.days[t].year(), path.days[t].month());
    let mut starts: Vec<usize> =
        (0..path.len()).filter(|&t| t == 0 || key(t) != key(t - 1)).collect();
    starts.push(path.len());
    starts.windows(2).map(|pair| pair[0]..pair[1]).collect()
}

/// Ranks the names by market cap at the open of day `t` and gives each its segment.
fn rank(stocks: &[Stock], states: &[State], t: usize) -> Vec<Place> {
    let is_eligible = |k: usize| {
        let stock: &Stock = &stocks[k];
        stock.is_listed(t)
            && (stock.first == 0 || t >= stock.first + SEASONING_DAYS)
            && !stock.is_special(t)
            && !stock.is_suspended(t)
            && stock.board != shoals_core::Board::Beijing
            && !(stock.delisted && stock.end < t + LONGEST_MONTH)
    };
    let mut places: Vec<Place> = (0..stocks.len())
        .map(|k| Place {
            segment: Segment::Micro,
            is_eligible: is_eligible(k),
            market_cap: states[k].market_cap(),
            value: 0.0,
        })
        .collect();
    let mut order: Vec<usize> = (0..stocks.len())
        .filter(|&k| stocks[k].first < t + LONGEST_MONTH && stocks[k].end > t)
        .collect();
    order.sort_by(|&a, &b| places[b].market_cap.total_cmp(&places[a].market_cap).then(a.cmp(&b)));
    let mut rest = order.as_slice();
    for (segment, share) in SEGMENT_SHARES {
        let n = ((order.len() as f64 * share).round() as usize).min(rest.len());
        let (members, smaller) = rest.split_at(n);
        settle(&mut places, states, members, segment);
        rest = smaller;
    }
    places
}

/// Puts the members into their segment and measures how cheap each is inside it.
fn settle(places: &mut [Place], states: &[State], members: &[usize], segment: Segment) {
    let log_pb = |k: usize| states[k].price_to_book().ln();
    let mean = members.iter().map(|&k| log_pb(k)).sum::<f64>() / members.len().max(1) as f64;
    for &k in members {
        places[k].segment = segment;
        places[k].value = ((mean - log_pb(k)) / VALUE_UNIT).clamp(-2.5, 2.5);
    }
}

/// Each stock's daily return beyond its segment's, before centring.
fn fill_excess(
    excess: &mut [f64],
    stocks: &[Stock],
    places: &[Place],
    path: &FactorPath,
    month: &Range<usize>,
    own: &[OwnDay],
    industries: &[Vec<f64>],
) {
    let (width, n_days) = (month.len(), path.len());
    excess.par_chunks_mut(width).enumerate().for_each(|(k, out)| {
        let (stock, place) = (&stocks[k], &places[k]);
        let risk = own_volatility(stock, place.segment);
        let news = NEWS[place.segment as usize];
        let pressed = &path.pressed[place.segment as usize];
        for (t, out) in month.clone().zip(out) {
            let own = &own[k * n_days + t];
            *out = (stock.beta - 1.0) * path.market[t]
                + place.value * path.value[t]
                + stock.quietness * path.low_volatility[t]
                + industries[stock.industry][t]
                + stock.crowding * pressed[t].exp_m1()
                + risk * path.volatility[t] * own.heat * (own.quiet + news * own.news);
        }
    });
}

/// The index-weighted mean of the excess in each segment and day. The weights of the month's open
/// drift with the excess, as an index held to the month's end does; the micro index is rebalanced
/// daily.
fn centres(excess: &[f64], membership: &Membership, width: usize) -> [Vec<f64>; 5] {
    Segment::ALL.map(|segment| {
        let mut weights = membership.weights(segment).to_vec();
        (0..width)
            .map(|d| {
                let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
                let sum: f64 = weights.iter().map(|&(k, w)| w * excess[k * width + d]).sum();
                let centre = if total > 0.0 { sum / total } else { 0.0 };
                if segment != Segment::Micro {
                    for (k, weight) in &mut weights {
                        *weight *= 1.0 + excess[*k * width + d] - centre;
                    }
                }
                centre
            })
            .collect()
    })
}
