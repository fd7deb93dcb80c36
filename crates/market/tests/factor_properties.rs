//! Laws of the factor lab: it agrees with the definitions written out, sees no later day, and knows
//! neither threads nor the order of stocks.

use proptest::prelude::*;
use shoals_core::{Panel, Symbol, TradingDay};
use shoals_market::factor::clean::{Beside, Cleaning, clean};
use shoals_market::factor::definition::Factor;
use shoals_market::factor::portfolio::{Holding, TradeAt, hold};
use shoals_market::factor::{
    Buckets, Correlation, Evaluation, EvaluationConfig, FactorPanel, LookBack, Sort, evaluate,
    membership,
};
use shoals_stats::rank::{average_ranks, pearson, spearman};

const N_DAYS: usize = 90;
const N_STOCKS: usize = 40;
const N_BUCKETS: usize = 3;
const N_QUANTILES: usize = 4;

/// A panel with ties, gaps, stocks that come and go, and rows that may not be used.
#[derive(Debug, Clone)]
struct World {
    days: Vec<TradingDay>,
    factor: Vec<f64>,
    price: Vec<f64>,
    cap: Vec<f64>,
    is_excluded: Vec<bool>,
}

impl World {
    /// A world from a number: splitmix64 of the row.
    fn of(seed: u64) -> Self {
        let uniform = |part: u64, row: usize| {
            let mut z = seed ^ (part << 56) ^ (row as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
        };
        let missing = |share: f64, part: u64, row: usize, value: f64| {
            if uniform(part, row) < share { f64::NAN } else { value }
        };
        let rows = 0..N_DAYS * N_STOCKS;
        let tick = |x: f64| (x * 20.0).round() / 20.0;
        Self {
            days: (0..N_DAYS as i32).map(|t| TradingDay::from_epoch_days(19_000 + t)).collect(),
            factor: rows.clone().map(|row| missing(0.1, 1, row, tick(uniform(2, row)))).collect(),
            price: rows
                .clone()
                .map(|row| missing(0.02, 3, row, 5.0 + tick(5.0 * uniform(4, row))))
                .collect(),
            cap: rows
                .clone()
                .map(|row| missing(0.05, 5, row, (9.0 * uniform(6, row)).exp()))
                .collect(),
            is_excluded: rows.map(|row| uniform(7, row) < 0.05).collect(),
        }
    }

    fn panel(&self) -> FactorPanel<'_> {
        FactorPanel::new(&self.days, &self.factor, &self.price)
            .and_then(|panel| panel.excluding(&self.is_excluded))
            .and_then(|panel| panel.bucketed(Buckets::Quantiles { key: &self.cap, n: N_BUCKETS }))
            .unwrap()
    }

    fn until(&self, n_days: usize) -> Self {
        let n = n_days * N_STOCKS;
        Self {
            days: self.days[..n_days].to_vec(),
            factor: self.factor[..n].to_vec(),
            price: self.price[..n].to_vec(),
            cap: self.cap[..n].to_vec(),
            is_excluded: self.is_excluded[..n].to_vec(),
        }
    }

    /// Valid stocks of a day, with their returns by horizon.
    fn valid(&self, day: usize, horizons: &[usize]) -> Vec<(usize, Vec<f64>)> {
        let price =
            |t: usize, i: usize| self.price.get(t * N_STOCKS + i).copied().unwrap_or(f64::NAN);
        (0..N_STOCKS)
            .filter(|i| !self.is_excluded[day * N_STOCKS + i])
            .filter(|i| !self.factor[day * N_STOCKS + i].is_nan())
            .map(|i| {
                let returns = horizons.iter().map(|h| price(day + h, i) / price(day, i) - 1.0);
                (i, returns.collect::<Vec<f64>>())
            })
            .filter(|(_, returns)| returns.iter().all(|r| !r.is_nan()))
            .collect()
    }
}

fn config() -> EvaluationConfig {
    EvaluationConfig::new(vec![1, 3], N_QUANTILES, vec![1, 2])
        .unwrap()
        .correlated(Correlation::RankAndLinear)
}

/// `max(1, ceil(k r0 / (n - 1)))` written out.
fn quantile(values: &[f64], value: f64, k: usize) -> usize {
    let n_smaller = values.iter().filter(|&&x| x < value).count();
    (k * n_smaller).div_ceil((values.len() - 1).max(1)).max(1)
}

fn same(ours: f64, theirs: f64) -> bool {
    (ours.is_nan() && theirs.is_nan()) || (ours - theirs).abs() < 1e-12
}

/// Bits, so that NaN equals NaN.
fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|x| x.to_bits()).collect()
}

/// Checks one group of one day against the definitions.
fn check_group(
    ours: &Evaluation,
    day: usize,
    group: usize,
    members: &[(f64, Vec<f64>)],
    quantiles: &[usize],
) -> Result<(), TestCaseError> {
    let factor: Vec<f64> = members.iter().map(|m| m.0).collect();
    prop_assert_eq!(ours.n_stocks(group).nth(day).unwrap() as usize, members.len());
    for h in 0..2 {
        let returns: Vec<f64> = members.iter().map(|m| m.1[h]).collect();
        if members.len() >= 3 {
            let rank_ic = spearman(&factor, &returns).unwrap_or(f64::NAN);
            prop_assert!(same(ours.rank_ic(group, h).nth(day).unwrap(), rank_ic));
            let ic = pearson(&factor, &returns).unwrap_or(f64::NAN);
            prop_assert!(same(ours.ic(group, h).nth(day).unwrap(), ic));
        }
        for q in 1..=N_QUANTILES {
            let inside = returns.iter().zip(quantiles).filter(|(_, of)| **of == q).map(|(r, _)| r);
            let (n, sum) = inside.fold((0.0, 0.0), |(n, sum), r| (n + 1.0, sum + r));
            prop_assert!(same(ours.mean_return(group, h, q - 1).nth(day).unwrap(), sum / n));
        }
    }
    Ok(())
}

fn check_day(
    world: &World,
    ours: &Evaluation,
    day: usize,
    sort: Sort,
) -> Result<(), TestCaseError> {
    let valid = world.valid(day, &[1, 3]);
    let factor = |i: usize| world.factor[day * N_STOCKS + i];
    let all: Vec<f64> = valid.iter().map(|(i, _)| factor(*i)).collect();
    let in_market: Vec<usize> = all.iter().map(|&x| quantile(&all, x, N_QUANTILES)).collect();
    let members: Vec<(f64, Vec<f64>)> =
        valid.iter().map(|(i, returns)| (factor(*i), returns.clone())).collect();
    check_group(ours, day, 0, &members, &in_market)?;
    let cap = |i: usize| world.cap[day * N_STOCKS + i];
    let caps: Vec<f64> = valid.iter().map(|(i, _)| cap(*i)).filter(|x| !x.is_nan()).collect();
    for bucket in 1..=N_BUCKETS {
        let is_inside = |i: usize| !cap(i).is_nan() && quantile(&caps, cap(i), N_BUCKETS) == bucket;
        let kept: Vec<usize> = (0..valid.len()).filter(|&k| is_inside(valid[k].0)).collect();
        let inside: Vec<(f64, Vec<f64>)> = kept.iter().map(|&k| members[k].clone()).collect();
        let values: Vec<f64> = inside.iter().map(|m| m.0).collect();
        let quantiles: Vec<usize> = match sort {
            Sort::Dependent => values.iter().map(|&x| quantile(&values, x, N_QUANTILES)).collect(),
            Sort::Independent => kept.iter().map(|&k| in_market[k]).collect(),
        };
        check_group(ours, day, bucket, &inside, &quantiles)?;
    }
    Ok(())
}

/// Standings of a day written out: stock, quantile, rank.
fn standings(world: &World, day: usize) -> Vec<(usize, usize, f64)> {
    let valid = world.valid(day, &[1, 3]);
    let factor: Vec<f64> = valid.iter().map(|(i, _)| world.factor[day * N_STOCKS + i]).collect();
    let ranks = average_ranks(&factor);
    let rows = valid.iter().zip(&factor).zip(ranks);
    rows.map(|(((i, _), &x), rank)| (*i, quantile(&factor, x, N_QUANTILES), rank)).collect()
}

fn check_changes(world: &World, ours: &Evaluation, day: usize) -> Result<(), TestCaseError> {
    for (k, lag) in [1, 2].into_iter().enumerate().filter(|(_, lag)| *lag <= day) {
        let (before, now) = (standings(world, day - lag), standings(world, day));
        let earlier = |i: usize| before.iter().find(|row| row.0 == i);
        for q in 1..=N_QUANTILES {
            let inside = || now.iter().filter(|row| row.1 == q);
            let n_new = inside().filter(|row| earlier(row.0).is_none_or(|b| b.1 != q)).count();
            let share = n_new as f64 / inside().count() as f64;
            prop_assert!(same(ours.turnover(k, q - 1).nth(day).unwrap(), share));
        }
        let common = || now.iter().filter_map(|row| earlier(row.0).map(|b| (row.2, b.2)));
        let (xs, ys): (Vec<f64>, Vec<f64>) = common().unzip();
        let expected = pearson(&xs, &ys).unwrap();
        prop_assert!(same(ours.autocorrelation(k).nth(day).unwrap(), expected));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Witness: the definitions, with the statistics room's own correlations.
    #[test]
    fn an_evaluation_is_what_its_definitions_say(seed in any::<u64>()) {
        let world = World::of(seed);
        for sort in [Sort::Dependent, Sort::Independent] {
            let ours = evaluate(&world.panel(), &config().sorted(sort))?;
            for day in 0..N_DAYS - 3 {
                check_day(&world, &ours, day, sort)?;
                check_changes(&world, &ours, day)?;
            }
            let is_blind = |day: usize| ours.n_stocks(0).nth(day) == Some(0);
            prop_assert!((N_DAYS - 3..N_DAYS).all(is_blind));
        }
    }

    /// Cutting the panel changes no byte of what was known before, but for returns cut off.
    #[test]
    fn no_later_day_is_seen(seed in any::<u64>(), n_days in 10..N_DAYS) {
        let whole = World::of(seed);
        let cut = whole.until(n_days);
        let (all, part) = (evaluate(&whole.panel(), &config())?, evaluate(&cut.panel(), &config())?);
        let n_known = n_days - 3;
        let n_cells = n_known * all.n_groups * 2;
        prop_assert_eq!(bits(&all.rank_ic[..n_cells]), bits(&part.rank_ic[..n_cells]));
        let n_means = n_cells * N_QUANTILES;
        prop_assert_eq!(bits(&all.mean_return[..n_means]), bits(&part.mean_return[..n_means]));
        let n_turns = n_known * 2 * N_QUANTILES;
        prop_assert_eq!(bits(&all.turnover[..n_turns]), bits(&part.turnover[..n_turns]));
        let (all, part) = (membership(&whole.panel(), &config()), membership(&cut.panel(), &config()));
        let n_rows = n_days * N_STOCKS;
        prop_assert_eq!(&all.market[..n_rows], &part.market[..]);
        prop_assert_eq!(&all.in_bucket[..n_rows], &part.in_bucket[..]);
        let holding = Holding::new(3, TradeAt::NextClose, 0.001)?;
        let (all, part) = (
            hold(&whole.panel(), &all.of(0, 1), None, &holding)?,
            hold(&cut.panel(), &part.of(0, 1), None, &holding)?,
        );
        prop_assert_eq!(bits(&all.net_return[..n_days]), bits(&part.net_return));
        prop_assert_eq!(bits(&all.turnover[..n_days]), bits(&part.turnover));
    }

    /// Every made and cleaned factor knows its own and earlier days only.
    #[test]
    fn no_factor_sees_a_later_day(seed in any::<u64>(), n_days in 10..N_DAYS) {
        let world = World::of(seed);
        let panel = stock_panel(&world);
        let cut = panel.up_to(world.days[n_days - 1]);
        let days = LookBack::new(7)?;
        for factor in [
            Factor::LowVolatility { days },
            Factor::LowIdiosyncraticVolatility { days },
            Factor::Illiquidity { days },
            Factor::LowTurnover { days },
            Factor::Reversal { days },
            Factor::BookToPrice,
        ] {
            let (all, part) = (factor.compute(&panel)?, factor.compute(&cut)?);
            prop_assert_eq!(bits(&all[..part.len()]), bits(&part));
            let tidy = |x: &[f64]| clean(x, N_STOCKS, Beside::default(), &Cleaning::default());
            prop_assert_eq!(bits(&tidy(&all)?[..part.len()]), bits(&tidy(&part)?));
        }
    }

    /// One thread or three, the same bytes.
    #[test]
    fn threads_do_not_matter(seed in any::<u64>()) {
        let world = World::of(seed);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| evaluate(&world.panel(), &config()))
        };
        let (one, three) = (on(1)?, on(3)?);
        prop_assert_eq!(bits(&one.rank_ic), bits(&three.rank_ic));
        prop_assert_eq!(bits(&one.mean_return), bits(&three.mean_return));
        prop_assert_eq!(bits(&one.turnover), bits(&three.turnover));
        prop_assert_eq!(bits(&one.autocorrelation), bits(&three.autocorrelation));
    }

    /// Only the order of the factor counts, and an excluded row is one without factor.
    #[test]
    fn only_the_order_and_the_mask_count(seed in any::<u64>()) {
        let world = World::of(seed);
        let known = evaluate(&world.panel(), &config())?;
        let mut other = world.clone();
        other.factor.iter_mut().for_each(|x| *x = x.exp() - 40.0);
        for (x, is_excluded) in other.factor.iter_mut().zip(&mut other.is_excluded) {
            if std::mem::take(is_excluded) {
                *x = f64::NAN;
            }
        }
        let found = evaluate(&other.panel(), &config())?;
        prop_assert_eq!(bits(&known.rank_ic), bits(&found.rank_ic));
        prop_assert_eq!(bits(&known.mean_return), bits(&found.mean_return));
    }
}

/// The world as a stock panel; a price gap is a day without trading.
fn stock_panel(world: &World) -> Panel {
    let symbols = (0..N_STOCKS).map(|i| Symbol::literal(&format!("{:06}.SZ", i + 1))).collect();
    let traded = |x: f64| if x.is_nan() { 0.0 } else { 1e8 };
    let columns = [
        ("close", world.price.clone()),
        ("pre_close", world.price.iter().map(|x| 0.9 * x + 0.5).collect()),
        ("amount", world.price.iter().map(|&x| traded(x)).collect()),
        ("volume", world.cap.iter().map(|&x| traded(x)).collect()),
        ("free_float_shares", vec![1e9; world.price.len()]),
        ("total_market_cap", world.cap.clone()),
        ("pb", world.factor.clone()),
    ];
    let empty = Panel::new(world.days.clone(), symbols).unwrap();
    columns
        .into_iter()
        .fold(empty, |panel, (name, values)| panel.with_column(name, values).unwrap())
}

/// A suspended stock's later price leaves what is known during the suspension as it was.
#[test]
fn a_reopening_price_does_not_leak_into_the_suspension() {
    let mut world = World::of(7);
    let row = |day: usize| day * N_STOCKS + 5;
    for day in 20..40 {
        world.price[row(day)] = f64::NAN;
        world.factor[row(day)] = f64::NAN;
    }
    let at = |price: f64| {
        let mut world = world.clone();
        (world.price[row(40)], world.factor[row(40)]) = (price, 0.5);
        world.is_excluded[row(40)] = false;
        let members = membership(&world.panel(), &config());
        let holding = Holding::new(3, TradeAt::NextClose, 0.0).unwrap();
        hold(&world.panel(), &members.of(0, 2), None, &holding).unwrap()
    };
    let (halved, doubled) = (at(3.0), at(12.0));
    assert_eq!(bits(&halved.gross_return[..40]), bits(&doubled.gross_return[..40]));
}
