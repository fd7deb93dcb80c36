//! The days of one block of paths, a path a lane.

#![allow(clippy::inline_always, reason = "compiled with the vector instructions of the caller")]

use pulp::{Arch, Simd, WithSimd};
use shoals_core::Seed;
use shoals_stats::counter_normal::{self, Scratch};

use super::lane::Lane;
use super::{Book, Holdings, Overlap, PathEnd};

/// One number a path.
type Lanes<const L: usize> = [f64; L];

/// State of a block's paths; made once a thread and used again.
pub(super) struct Block<const L: usize> {
    /// Price of each asset, 1 at the start.
    price: Vec<Lanes<L>>,
    /// Normals of a day: market, size, then the assets.
    normal: Vec<Lanes<L>>,
    scratch: Box<Scratch>,
    /// Impact of yesterday's sales on each bucket, a return.
    impact: Vec<Lanes<L>>,
    /// Share of the opening holdings each book still holds; rows for whole strips.
    scale: Vec<Lanes<L>>,
    /// Value of each book before the day's sales, and of it in each bucket; rows for whole strips.
    today: Vec<Lanes<L>>,
    value: Vec<Vec<Lanes<L>>>,
    books: Vec<BookState<L>>,
    /// Books that sell today on some path.
    sellers: Vec<usize>,
    end: Tally<L>,
}

/// A book on every path of the block.
#[derive(Debug, Clone, Copy)]
struct BookState<const L: usize> {
    equity: Lanes<L>,
    /// Long value after yesterday's sales.
    value: Lanes<L>,
    nav: Lanes<L>,
    peak: Lanes<L>,
    /// 1 while the book lives, then 0.
    is_alive: Lanes<L>,
    /// Share of the book kept today.
    keep: Lanes<L>,
    /// What selling everything would cost today.
    cost: Lanes<L>,
}

/// What the block's paths have added up to.
#[derive(Debug, Clone, Copy)]
struct Tally<const L: usize> {
    sold: Lanes<L>,
    redeemed: Lanes<L>,
    calls: Lanes<L>,
    dead: Lanes<L>,
    highest: Lanes<L>,
    drawdown: Lanes<L>,
}

impl<const L: usize> Tally<L> {
    const START: Self = Self {
        sold: [0.0; L],
        redeemed: [0.0; L],
        calls: [0.0; L],
        dead: [0.0; L],
        highest: [1.0; L],
        drawdown: [0.0; L],
    };
}

impl<const L: usize> Block<L> {
    pub(super) fn new(model: &Overlap) -> Self {
        let n_assets = model.books.first().map_or(0, |book| book.holdings.len());
        let rows = Holdings::n_rows(model.books.len());
        let zero = [0.0; L];
        let book = BookState {
            equity: zero,
            value: zero,
            nav: zero,
            peak: zero,
            is_alive: zero,
            keep: zero,
            cost: zero,
        };
        Self {
            price: vec![zero; n_assets],
            normal: vec![zero; n_assets + 2],
            scratch: Box::default(),
            impact: vec![zero; model.buckets.len()],
            scale: vec![zero; rows],
            today: vec![zero; rows],
            value: vec![vec![zero; rows]; model.buckets.len()],
            books: vec![book; model.books.len()],
            sellers: Vec::with_capacity(model.books.len()),
            end: Tally::START,
        }
    }

    /// Runs `ends.len()` paths from path `first` on.
    pub(super) fn run(
        &mut self,
        model: &Overlap,
        n_days: usize,
        first: u64,
        seed: Seed,
        ends: &mut [PathEnd],
    ) {
        self.start(model);
        Arch::new().dispatch(Days { block: self, model, count: n_days, first, seed });
        self.finish(model, ends);
    }

    fn start(&mut self, model: &Overlap) {
        self.price.fill([1.0; L]);
        self.impact.fill([0.0; L]);
        self.scale.fill([1.0; L]);
        self.end = Tally::START;
        for (state, book) in self.books.iter_mut().zip(&model.books) {
            *state = BookState {
                equity: [book.equity; L],
                value: [book.holdings.iter().sum(); L],
                nav: [1.0; L],
                peak: [1.0; L],
                is_alive: [1.0; L],
                keep: [1.0; L],
                cost: [0.0; L],
            };
        }
    }

    fn finish(&self, model: &Overlap, ends: &mut [PathEnd]) {
        let size = |bucket: Option<&super::Bucket>| bucket.map_or(0, |b| b.assets.len());
        let (n_first, n_last) = (size(model.buckets.first()), size(model.buckets.last()));
        let first = mean(&self.price[..n_first]);
        let last = mean(&self.price[self.price.len() - n_last..]);
        let tally = &self.end;
        for (p, end) in ends.iter_mut().enumerate() {
            *end = PathEnd {
                first_bucket_price: first[p],
                last_bucket_price: last[p],
                first_bucket_drawdown: tally.drawdown[p],
                sold: tally.sold[p],
                redeemed: tally.redeemed[p],
                calls: tally.calls[p],
                dead: tally.dead[p],
            };
        }
    }
}

struct Days<'a, const L: usize> {
    block: &'a mut Block<L>,
    model: &'a Overlap,
    count: usize,
    first: u64,
    seed: Seed,
}

impl<const L: usize> WithSimd for Days<'_, L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { block, model, count, first, seed } = self;
        let per_day = block.normal.len() as u64;
        for day in 0..count {
            let counter = (first * count as u64 + day as u64) * per_day;
            let stride = count as u64 * per_day;
            let out = block.normal.as_flattened_mut();
            counter_normal::fill::<L>(seed.0, counter, stride, &mut block.scratch, out);
            block.shock(simd, model, day);
            block.value(simd, model);
            block.mark(simd, model);
            block.sell(simd, model);
            block.note(model);
        }
    }
}

impl<const L: usize> Block<L> {
    /// Moves the prices.
    #[inline(always)]
    fn shock<S: Simd>(&mut self, simd: S, model: &Overlap, day: usize) {
        let rules = &model.rules;
        let drift = if day < rules.stress_days { rules.stress_drift } else { 0.0 };
        let [market, size, own @ ..] = self.normal.as_mut_slice() else { return };
        for v in 0..L / S::F64_LANES {
            let (m, z) = (get(simd, market, v), get(simd, size, v));
            set::<S, L>(market, v, m * rules.market_volatility);
            set::<S, L>(size, v, z * rules.size_volatility + drift);
        }
        let limit = rules.price_limit;
        let mut assets = self.price.iter_mut().zip(own);
        for (bucket, impact) in model.buckets.iter().zip(&self.impact) {
            for (asset, (price, own)) in bucket.assets.iter().zip(assets.by_ref()) {
                for v in 0..L / S::F64_LANES {
                    let r = asset.volatility * get(simd, own, v)
                        + asset.market_beta * get(simd, market, v)
                        + asset.size_beta * get(simd, size, v)
                        + get(simd, impact, v);
                    let now = get(simd, price, v) * (1.0 + r.max(-limit).min(limit));
                    set::<S, L>(price, v, now);
                }
            }
        }
    }

    /// Values every book in every bucket.
    #[inline(always)]
    fn value<S: Simd>(&mut self, simd: S, model: &Overlap) {
        self.today.fill([0.0; L]);
        let mut start = 0;
        for (k, bucket) in model.buckets.iter().enumerate() {
            let end = start + bucket.assets.len();
            let (prices, value) = (&self.price[start..end], &mut self.value[k]);
            model.holdings.values(simd, k, prices, &self.scale, value, &mut self.today);
            start = end;
        }
    }

    /// Marks the books to market, pays redemptions, tests the margin, and notes who sells.
    #[inline(always)]
    fn mark<S: Simd>(&mut self, simd: S, model: &Overlap) {
        let rules = &model.rules;
        let (least_kept, factor) = (1.0 - rules.largest_sale, &self.normal[0]);
        let (zero, one) = (Lane::of(simd, 0.0), Lane::of(simd, 1.0));
        let tally = &mut self.end;
        self.sellers.clear();
        let books = self.books.iter_mut().zip(&self.today).zip(&model.books);
        for (b, ((state, today), book)) in books.enumerate() {
            let &Book { hedge_ratio, redemption_slope, target_leverage, maximum_leverage, .. } =
                book;
            let mut kept = zero;
            for v in 0..L / S::F64_LANES {
                let (before, today) = (get(simd, &state.value, v), get(simd, today, v));
                let (equity, nav) = (get(simd, &state.equity, v), get(simd, &state.nav, v));
                let lives = get(simd, &state.is_alive, v).above(zero);
                let pnl = (today - before) - hedge_ratio * before * get(simd, factor, v);
                let nav = lives.choose(nav * (1.0 + pnl / equity), nav);
                let peak = get(simd, &state.peak, v);
                let peak = nav.above(peak).choose(nav, peak);
                let marked = lives.choose(equity + pnl, zero);
                let beyond = ((1.0 - nav / peak) - rules.redemption_threshold).max(0.0);
                let share = (redemption_slope * beyond).min(rules.largest_redemption);
                let redeemed = marked.above(zero).choose(marked * share, zero);
                let equity = marked - redeemed;
                let is_solvent = equity.above(zero);
                let is_called = today.above(maximum_leverage * equity);
                let target = (target_leverage * equity / today).max(least_kept);
                let ends = lives.choose(zero, one);
                let keep = is_solvent.choose(is_called.choose(target, one), ends);
                let called = is_solvent.choose(is_called.choose(one, zero), zero);
                let dies = is_solvent.choose(zero, one - ends);
                set::<S, L>(&mut state.nav, v, nav);
                set::<S, L>(&mut state.peak, v, peak);
                set::<S, L>(&mut state.equity, v, is_solvent.choose(equity, zero));
                set::<S, L>(&mut state.is_alive, v, is_solvent.choose(one, zero));
                set::<S, L>(&mut state.keep, v, keep);
                add(simd, &mut tally.redeemed, v, redeemed);
                add(simd, &mut tally.calls, v, called);
                add(simd, &mut tally.dead, v, dies);
                set::<S, L>(&mut state.value, v, today * keep);
                kept = kept + keep;
            }
            if simd.reduce_sum_f64s(kept.1) != L as f64 {
                self.sellers.push(b);
            }
        }
    }

    /// Adds up the sales of each bucket, moves tomorrow's prices, charges the sellers, and takes the sales off the
    /// books.
    #[inline(always)]
    fn sell<S: Simd>(&mut self, simd: S, model: &Overlap) {
        for &b in &self.sellers {
            self.books[b].cost = [0.0; L];
        }
        for ((bucket, value), impact) in model.buckets.iter().zip(&self.value).zip(&mut self.impact)
        {
            let mut sold = [0.0; L];
            for &b in &self.sellers {
                let (keep, value) = (&self.books[b].keep, &value[b]);
                for v in 0..L / S::F64_LANES {
                    let sale = (1.0 - get(simd, keep, v)) * get(simd, value, v);
                    add(simd, &mut sold, v, sale);
                }
            }
            for p in 0..L {
                self.end.sold[p] += sold[p];
                impact[p] = -model.rules.impact.fraction(sold[p], bucket.depth);
            }
            let impact = &*impact;
            for &b in &self.sellers {
                let (cost, value) = (&mut self.books[b].cost, &value[b]);
                for v in 0..L / S::F64_LANES {
                    add(simd, cost, v, get(simd, value, v) * (-0.5 * get(simd, impact, v)));
                }
            }
        }
        for &b in &self.sellers {
            let (state, scale) = (&mut self.books[b], &mut self.scale[b]);
            for v in 0..L / S::F64_LANES {
                let keep = get(simd, &state.keep, v);
                let paid = get(simd, &state.is_alive, v) * (1.0 - keep) * get(simd, &state.cost, v);
                add(simd, &mut state.equity, v, 0.0 - paid);
                let kept = get(simd, scale, v) * keep;
                set::<S, L>(scale, v, kept);
            }
        }
    }

    /// Notes the day's drawdown of the first bucket.
    #[inline(always)]
    fn note(&mut self, model: &Overlap) {
        let n = model.buckets.first().map_or(0, |bucket| bucket.assets.len());
        let price = mean(&self.price[..n]);
        let tally = &mut self.end;
        for (p, price) in price.into_iter().enumerate() {
            tally.highest[p] = tally.highest[p].max(price);
            tally.drawdown[p] = tally.drawdown[p].max(1.0 - price / tally.highest[p]);
        }
    }
}

/// Vector `v` of a row.
#[inline(always)]
fn get<S: Simd, const L: usize>(simd: S, row: &Lanes<L>, v: usize) -> Lane<S> {
    Lane(simd, S::as_simd_f64s(row).0[v])
}

#[inline(always)]
fn set<S: Simd, const L: usize>(row: &mut Lanes<L>, v: usize, lane: Lane<S>) {
    S::as_mut_simd_f64s(row).0[v] = lane.1;
}

#[inline(always)]
fn add<S: Simd, const L: usize>(simd: S, row: &mut Lanes<L>, v: usize, lane: Lane<S>) {
    let sum = get(simd, row, v) + lane;
    set::<S, L>(row, v, sum);
}

/// Mean of the rows, lane by lane.
#[inline(always)]
fn mean<const L: usize>(rows: &[Lanes<L>]) -> Lanes<L> {
    let mut sum = [0.0; L];
    for row in rows {
        for p in 0..L {
            sum[p] += row[p];
        }
    }
    sum.map(|sum| sum / rows.len() as f64)
}
