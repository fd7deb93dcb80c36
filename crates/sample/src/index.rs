//! Index levels from the stocks' own bars.
//!
//! CSI 300, 500, 1000, 2000, the all-share index and the sixteen largest are weighted by free-float
//! market cap; the micro index is equally weighted and rebalanced daily, as the Wind micro-cap index
//! is. Members change on the first trading day of a month.

use std::ops::Range;

use shoals_core::{Seed, Segment, Symbol, Table, TradingDay};

use crate::FactorPath;
use crate::noise::exponential;
use crate::stock::{Bar, State};
use crate::stock_market::Place;
use crate::universe::Stock;

/// Place of the all-share index and of the sixteen largest after the five segments.
const ALL_SHARE: usize = 5;
const LARGEST: usize = 6;
const N_INDICES: usize = 7;
const N_LARGEST: usize = 16;
/// Points at the close before the first day: micro, 2000, 1000, 500, 300, all-share, largest.
const BASE: [f64; N_INDICES] = [80_000.0, 2_300.0, 7_000.0, 6_300.0, 4_000.0, 4_900.0, 2_900.0];

/// Symbol of index `i`.
fn symbol(i: usize) -> Symbol {
    match i {
        ALL_SHARE => Symbol::literal("000985.CSI"),
        LARGEST => Symbol::literal("000016.SH"),
        _ => Segment::ALL[i].symbol(),
    }
}

/// Total-return twins of the price indices that have one.
const TOTAL_RETURN: [(Segment, &str); 3] = [
    (Segment::Csi300, "H00300.CSI"),
    (Segment::Csi500, "H00905.CSI"),
    (Segment::Csi1000, "H00852.CSI"),
];

/// Members of every index in a month, with their weights at its open.
pub(crate) struct Membership {
    members: [Vec<(usize, f64)>; N_INDICES],
    start: usize,
}

impl Membership {
    pub(crate) fn new(
        stocks: &[Stock],
        states: &[State],
        places: &[Place],
        month: Range<usize>,
    ) -> Self {
        let mut members: [Vec<(usize, f64)>; N_INDICES] = Default::default();
        for (k, place) in places.iter().enumerate().filter(|(_, place)| place.is_eligible) {
            let free_float = place.market_cap * stocks[k].free_float_ratio;
            let is_micro = place.segment == Segment::Micro;
            members[place.segment as usize].push((k, if is_micro { 1.0 } else { free_float }));
            members[ALL_SHARE].push((k, free_float));
            if place.segment == Segment::Csi300 {
                members[LARGEST].push((k, free_float));
            }
        }
        let cap = |k: usize| states[k].market_cap();
        members[LARGEST].sort_by(|a, b| cap(b.0).total_cmp(&cap(a.0)).then(a.0.cmp(&b.0)));
        members[LARGEST].truncate(N_LARGEST);
        members[LARGEST].sort_by_key(|member| member.0);
        for list in &mut members {
            let total: f64 = list.iter().map(|(_, weight)| weight).sum();
            for (_, weight) in list {
                *weight /= total;
            }
        }
        Self { members, start: month.start }
    }

    /// Members of a segment's index with weights that sum to one.
    pub(crate) fn weights(&self, segment: Segment) -> &[(usize, f64)] {
        &self.members[segment as usize]
    }
}

/// Daily figures of one index.
#[derive(Debug, Clone, Default)]
struct Daily {
    /// Simple price return.
    price_return: Vec<f64>,
    /// Simple total return.
    total_return: Vec<f64>,
    /// Open over the previous close, less one.
    opening_return: Vec<f64>,
    volume: Vec<i64>,
    /// CNY.
    amount: Vec<f64>,
    /// Free-float market cap at the close, CNY; zero for an equally weighted index.
    free_float: Vec<f64>,
}

/// Every index through the sample, and who was in it.
pub(crate) struct IndexBook {
    daily: [Daily; N_INDICES],
    members: Vec<Membership>,
}

/// A finished index: levels that the futures, options and funds stand on.
pub(crate) struct Levels {
    /// Points, dividends not reinvested.
    pub(crate) close: Vec<f64>,
    /// Cumulative dividends, index points a day.
    pub(crate) dividend: Vec<f64>,
    /// Simple total return.
    pub(crate) total_return: Vec<f64>,
}

impl IndexBook {
    pub(crate) fn new(n_days: usize) -> Self {
        let empty = || Daily {
            price_return: Vec::with_capacity(n_days),
            total_return: Vec::with_capacity(n_days),
            opening_return: Vec::with_capacity(n_days),
            volume: Vec::with_capacity(n_days),
            amount: Vec::with_capacity(n_days),
            free_float: Vec::with_capacity(n_days),
        };
        Self { daily: std::array::from_fn(|_| empty()), members: Vec::new() }
    }

    /// Adds a month's bars (stock-major).
    pub(crate) fn walk(&mut self, membership: &Membership, bars: &[Bar], month: &Range<usize>) {
        let width = month.len();
        for (i, daily) in self.daily.iter_mut().enumerate() {
            for d in 0..width {
                let bars = membership.members[i].iter().map(|&(k, _)| &bars[k * width + d]);
                daily.push(bars, i == Segment::Micro as usize);
            }
        }
        let kept = membership.members.clone();
        self.members.push(Membership { members: kept, start: membership.start });
    }

    /// Levels of a segment's index, or of the sixteen largest for `None`.
    pub(crate) fn levels(&self, segment: Option<Segment>) -> Levels {
        let i = segment.map_or(LARGEST, |segment| segment as usize);
        let daily = &self.daily[i];
        let close = compounded(BASE[i], &daily.price_return);
        let dividend = (0..close.len())
            .map(|t| {
                let previous = if t == 0 { BASE[i] } else { close[t - 1] };
                previous * (daily.total_return[t] - daily.price_return[t])
            })
            .collect();
        Levels { close, dividend, total_return: daily.total_return.clone() }
    }

    /// Free-float market cap and amount traded of the all-share index, CNY a day.
    pub(crate) fn all_share(&self) -> (Vec<f64>, Vec<f64>) {
        let daily = &self.daily[ALL_SHARE];
        (daily.free_float.clone(), daily.amount.clone())
    }

    /// `index_daily`, by date and symbol.
    pub(crate) fn table(&self, path: &FactorPath, seed: Seed) -> Table {
        let series = |i: usize, symbol: Symbol, is_total: bool| {
            let daily = &self.daily[i];
            let returns = if is_total { &daily.total_return } else { &daily.price_return };
            let bars =
                daily.bars(compounded(BASE[i], returns), BASE[i], path, seed.part(symbol.as_str()));
            IndexSeries {
                symbol,
                daily,
                bars,
                variant: if is_total { "total_return" } else { "price" },
            }
        };
        let mut all: Vec<IndexSeries> = (0..N_INDICES)
            .map(|i| series(i, symbol(i), false))
            .chain(
                TOTAL_RETURN
                    .iter()
                    .map(|&(segment, code)| series(segment as usize, Symbol::literal(code), true)),
            )
            .collect();
        all.sort_by_key(|series| series.symbol);
        interleaved(&all, &path.days)
    }

    /// `index_member`: the weights of every month's first open.
    pub(crate) fn member_table(&self, stocks: &[Stock], days: &[TradingDay]) -> Table {
        let (mut dates, mut indices, mut symbols, mut weights) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for month in &self.members {
            let mut order: Vec<usize> = (0..N_INDICES).collect();
            order.sort_by_key(|&i| symbol(i));
            for i in order {
                for &(k, weight) in &month.members[i] {
                    dates.push(days[month.start]);
                    indices.push(symbol(i));
                    symbols.push(stocks[k].symbol);
                    weights.push(weight);
                }
            }
        }
        Table::new("index_member")
            .with("date", "day the weights stand for", dates)
            .with("index", "index", indices)
            .with("symbol", "member", symbols)
            .with("weight", "decimal, at the open", weights)
    }
}

impl Daily {
    /// One day of the members: equal weights average returns, cap weights divide sums.
    fn push<'a>(&mut self, bars: impl Iterator<Item = &'a Bar>, is_equal: bool) {
        let mut sums = [0.0; 5];
        let (mut volume, mut amount) = (0, 0.0);
        for bar in bars.filter(|bar| bar.is_listed) {
            let weight = if is_equal { 1.0 / bar.split_base } else { bar.free_float_shares };
            // A total-return holder owns split_base / pre_close times the shares after the ex day.
            let reinvested = if is_equal { 1.0 / bar.pre_close } else { bar.free_float_shares };
            sums[0] += weight * bar.close;
            sums[1] += weight * bar.split_base;
            sums[2] += weight * bar.open;
            sums[3] += reinvested * bar.close;
            sums[4] += reinvested * bar.pre_close;
            volume += bar.volume;
            amount += bar.amount;
        }
        self.price_return.push(sums[0] / sums[1] - 1.0);
        self.opening_return.push(sums[2] / sums[1] - 1.0);
        self.total_return.push(sums[3] / sums[4] - 1.0);
        self.volume.push(volume);
        self.amount.push(amount);
        self.free_float.push(if is_equal { 0.0 } else { sums[0] });
    }
}

/// Levels after each day, rounded to 0.01 point; the rounding does not accumulate.
fn compounded(base: f64, returns: &[f64]) -> Vec<f64> {
    let mut level = base;
    returns
        .iter()
        .map(|r| {
            level *= 1.0 + r;
            (level * 100.0).round() / 100.0
        })
        .collect()
}

/// One index ready to be written.
struct IndexSeries<'a> {
    symbol: Symbol,
    daily: &'a Daily,
    /// Open, high, low, close.
    bars: Vec<[f64; 4]>,
    variant: &'static str,
}

impl Daily {
    /// Daily bars around the closes: the open is the members', the range is drawn.
    fn bars(&self, close: Vec<f64>, base: f64, path: &FactorPath, seed: Seed) -> Vec<[f64; 4]> {
        let mut stream = seed.stream(0);
        let cents = |x: f64| (x * 100.0).round() / 100.0;
        let mut previous = base;
        close
            .into_iter()
            .zip(self.opening_return.iter().zip(&path.volatility))
            .map(|(close, (opening, volatility))| {
                let open = cents(previous * (1.0 + opening));
                // Members' extremes do not coincide: an index reaches less far than a stock.
                let reach = 0.0036 * volatility;
                let high = cents(open.max(close) * (1.0 + reach * exponential(&mut stream)));
                let low = cents(open.min(close) * (1.0 - reach * exponential(&mut stream)));
                previous = close;
                [open, high, low, close]
            })
            .collect()
    }
}

/// The series' rows, day by day.
fn interleaved(all: &[IndexSeries], days: &[TradingDay]) -> Table {
    fn column<T>(all: &[IndexSeries], n: usize, get: impl Fn(&IndexSeries, usize) -> T) -> Vec<T> {
        (0..n)
            .flat_map(|t| all.iter().map(move |series| (t, series)))
            .map(|(t, s)| get(s, t))
            .collect()
    }
    let n = days.len();
    let price = |i: usize| column(all, n, move |series, t| series.bars[t][i]);
    Table::new("index_daily")
        .with("date", "exchange day", column(all, n, |_, t| days[t]))
        .with("symbol", "index", column(all, n, |series, _| series.symbol))
        .with("open", "points", price(0))
        .with("high", "points", price(1))
        .with("low", "points", price(2))
        .with("close", "points", price(3))
        .with("volume", "shares", column(all, n, |series, t| series.daily.volume[t]))
        .with("amount", "CNY", column(all, n, |series, t| series.daily.amount[t]))
        .with("variant", "price or total_return", column(all, n, |s, _| s.variant.to_owned()))
}
