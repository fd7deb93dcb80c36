//! Many books over many assets: against a plain program of the same model, and invariants.

use proptest::prelude::*;
use shoals_core::Seed;
use shoals_market::impact::{Depth, ImpactLaw};
use shoals_spiral::overlap::{Asset, Book, Bucket, Overlap, PathEnd, Rules};
use shoals_stats::counter_normal::counter_normal;

/// Numbers in `[0, 1)` for the makings of a model.
fn unit(i: usize) -> f64 {
    ((i as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64 / (1_u64 << 24) as f64
}

fn market(n_buckets: usize, n_assets: usize) -> Vec<Bucket> {
    let asset = |k: usize, a: usize| Asset {
        market_beta: 0.8 + 0.4 * unit(k * 97 + a),
        size_beta: 1.0 - 2.0 * k as f64 / n_buckets as f64,
        volatility: 0.02 + 0.01 * unit(k * 31 + a),
    };
    (0..n_buckets)
        .map(|k| Bucket {
            assets: (0..n_assets).map(|a| asset(k, a)).collect(),
            depth: Depth { volatility: 0.03, daily_amount: 4e6 * (1.0 + k as f64) },
        })
        .collect()
}

fn books(n_books: usize, n_assets: usize) -> Vec<Book> {
    let book = |b: usize| {
        let equity = 1e8 * (0.5 + unit(b));
        // Every fourth is levered so high that it dies on some path.
        let target_leverage = if b % 4 == 3 { 12.0 } else { 2.0 + 1.5 * unit(b + 7) };
        let weight = |a: usize| 0.1 + unit(b * 101 + a * 13);
        let total: f64 = (0..n_assets).map(weight).sum();
        Book {
            equity,
            target_leverage,
            maximum_leverage: target_leverage * 1.2,
            hedge_ratio: 0.8,
            redemption_slope: 0.4 * unit(b + 3),
            holdings: (0..n_assets).map(|a| weight(a) / total * equity * target_leverage).collect(),
        }
    };
    (0..n_books).map(book).collect()
}

fn mean(ends: &[PathEnd], of: fn(&PathEnd) -> f64) -> f64 {
    ends.iter().map(of).sum::<f64>() / ends.len() as f64
}

struct State {
    scale: f64,
    equity: f64,
    value: f64,
    nav: f64,
    peak: f64,
    lives: bool,
}

/// The model of the method page, one path, without a vector or a block in sight.
fn plain(
    buckets: &[Bucket],
    books: &[Book],
    rules: &Rules,
    n_days: usize,
    path: u64,
    seed: u64,
) -> PathEnd {
    let assets: Vec<(usize, Asset)> = buckets
        .iter()
        .enumerate()
        .flat_map(|(k, bucket)| bucket.assets.iter().map(move |asset| (k, *asset)))
        .collect();
    let per_day = assets.len() as u64 + 2;
    let mut price = vec![1.0_f64; assets.len()];
    let mut impact = vec![0.0; buckets.len()];
    let mut end = PathEnd::default();
    let mut highest = 1.0_f64;
    let mut states: Vec<State> = books
        .iter()
        .map(|b| State {
            scale: 1.0,
            equity: b.equity,
            value: b.holdings.iter().sum(),
            nav: 1.0,
            peak: 1.0,
            lives: true,
        })
        .collect();
    for day in 0..n_days {
        let normal = |slot: usize| {
            counter_normal(seed, (path * n_days as u64 + day as u64) * per_day + slot as u64)
        };
        let drift = if day < rules.stress_days { rules.stress_drift } else { 0.0 };
        let market = rules.market_volatility * normal(0);
        let size = rules.size_volatility * normal(1) + drift;
        for (a, (k, asset)) in assets.iter().enumerate() {
            let r = asset.volatility * normal(2 + a)
                + asset.market_beta * market
                + asset.size_beta * size
                + impact[*k];
            price[a] *= 1.0 + r.clamp(-rules.price_limit, rules.price_limit);
        }
        let mut sold = vec![0.0; buckets.len()];
        let mut sales = Vec::new();
        for (state, book) in states.iter_mut().zip(books) {
            let mut held = vec![0.0; buckets.len()];
            for (a, (k, _)) in assets.iter().enumerate() {
                held[*k] += state.scale * book.holdings[a] * price[a];
            }
            let today: f64 = held.iter().sum();
            let mut keep = 1.0;
            if state.lives {
                let pnl = today - state.value - book.hedge_ratio * state.value * market;
                state.nav *= 1.0 + pnl / state.equity;
                state.equity += pnl;
                state.peak = state.peak.max(state.nav);
                let beyond = (1.0 - state.nav / state.peak - rules.redemption_threshold).max(0.0);
                if state.equity > 0.0 {
                    let share = (book.redemption_slope * beyond).min(rules.largest_redemption);
                    end.redeemed += state.equity * share;
                    state.equity -= state.equity * share;
                }
                if state.equity <= 0.0 {
                    (state.lives, state.equity, keep) = (false, 0.0, 0.0);
                    end.dead += 1.0;
                } else if today > book.maximum_leverage * state.equity {
                    keep =
                        (book.target_leverage * state.equity / today).max(1.0 - rules.largest_sale);
                    end.calls += 1.0;
                }
            }
            for (sold, held) in sold.iter_mut().zip(&held) {
                *sold += (1.0 - keep) * held;
            }
            state.scale *= keep;
            state.value = today * keep;
            sales.push((keep, held));
        }
        for (k, bucket) in buckets.iter().enumerate() {
            impact[k] = -rules.impact.fraction(sold[k], bucket.depth);
        }
        for (state, (keep, held)) in states.iter_mut().zip(sales) {
            let cost: f64 = held.iter().zip(&impact).map(|(held, c)| -held * c / 2.0).sum();
            if state.lives {
                state.equity -= (1.0 - keep) * cost;
            }
        }
        end.sold += sold.iter().sum::<f64>();
        let n = buckets[0].assets.len();
        let first = price[..n].iter().sum::<f64>() / n as f64;
        highest = highest.max(first);
        end.first_bucket_price = first;
        end.first_bucket_drawdown = end.first_bucket_drawdown.max(1.0 - first / highest);
        let last = buckets[buckets.len() - 1].assets.len();
        end.last_bucket_price = price[price.len() - last..].iter().sum::<f64>() / last as f64;
    }
    end
}

/// Witness: the plain program, path by path; 37 paths do not fill their blocks, 13 books not their strips.
#[test]
fn paths_are_those_of_the_plain_program() {
    let (buckets, books, rules) = (market(3, 5), books(13, 15), Rules::default());
    let model = Overlap::new(buckets.clone(), books.clone(), rules).unwrap();
    let ends = model.simulate(25, 37, Seed(5));
    let (calls, dead) = (mean(&ends, |end| end.calls), mean(&ends, |end| end.dead));
    assert!(calls > 10.0 && dead > 0.5, "a quiet model proves nothing: {calls}, {dead}");
    for (path, end) in ends.iter().enumerate() {
        let expected = plain(&buckets, &books, &rules, 25, path as u64, 5);
        let pairs = [
            (end.first_bucket_price, expected.first_bucket_price),
            (end.last_bucket_price, expected.last_bucket_price),
            (end.first_bucket_drawdown, expected.first_bucket_drawdown),
            (end.sold / 1e8, expected.sold / 1e8),
            (end.redeemed / 1e8, expected.redeemed / 1e8),
            (end.calls, expected.calls),
            (end.dead, expected.dead),
        ];
        for (found, expected) in pairs {
            assert!((found - expected).abs() < 1e-11 * expected.abs().max(1.0), "{path}: {end:?}");
        }
    }
}

/// Invariant: a path is the same whatever the number of threads and of other paths.
#[test]
fn a_path_depends_on_its_number_alone() {
    let model = Overlap::new(market(2, 4), books(7, 8), Rules::default()).unwrap();
    let all = model.simulate(20, 50, Seed(9));
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(alone.install(|| model.simulate(20, 50, Seed(9))), all);
    assert_eq!(model.simulate(20, 21, Seed(9)), all[..21]);
    assert_ne!(model.simulate(20, 1, Seed(10))[0], all[0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Invariants of forced selling. No line, no forced sale. Impact makes falls deeper, on average over paths, and
    /// so does size: every book twice as large in the same market.
    #[test]
    fn forced_selling_grows_with_impact_and_size(seed in any::<u64>(), coefficient in 0.3..1.0_f64) {
        let run = |books: Vec<Book>, coefficient: f64| {
            let impact = ImpactLaw::square_root(coefficient);
            let rules = Rules { impact, ..Rules::default() };
            Overlap::new(market(3, 4), books, rules).unwrap().simulate(20, 64, Seed(seed))
        };
        let scaled = |by: f64| -> Vec<Book> {
            let scale = |book: Book| Book {
                equity: book.equity * by,
                holdings: book.holdings.iter().map(|h| h * by).collect(),
                ..book
            };
            books(9, 12).into_iter().map(scale).collect()
        };
        let never: Vec<Book> = scaled(1.0)
            .into_iter()
            .map(|book| Book { maximum_leverage: f64::INFINITY, redemption_slope: 0.0, ..book })
            .collect();
        for end in run(never, coefficient) {
            prop_assert!(end.calls == 0.0 && end.redeemed == 0.0);
            prop_assert!(end.dead > 0.0 || end.sold == 0.0);
        }
        let price = |end: &PathEnd| end.first_bucket_price;
        let (base, none) = (run(scaled(1.0), coefficient), run(scaled(1.0), 0.0));
        prop_assert!(mean(&base, price) <= mean(&none, price));
        prop_assert!(mean(&run(scaled(2.0), coefficient), price) <= mean(&base, price));
    }
}

#[test]
fn illegal_models_are_named() {
    let mut short = books(2, 8);
    short[1].holdings.pop();
    let refusal = Overlap::new(market(2, 4), short, Rules::default()).unwrap_err();
    assert_eq!(refusal.to_string(), "`holdings` has 7 values, expected 8, one for each asset");
    let mut broke = books(2, 8);
    broke[1].equity = 0.0;
    let refusal = Overlap::new(market(2, 4), broke, Rules::default()).unwrap_err();
    assert_eq!(refusal.to_string(), "`books[1].equity` is 0, expected above 0");
    let rules = Rules { price_limit: 10.0, ..Rules::default() };
    let refusal = Overlap::new(market(2, 4), books(2, 8), rules).unwrap_err();
    assert_eq!(refusal.to_string(), "`price_limit` is 10, expected in [0, 1]");
}
