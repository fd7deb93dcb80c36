//! Attribution: lines add up, greeks meet their finite differences, known exposures come back inside their bands.

use proptest::prelude::*;
use shoals_core::{Calendar, Rules, Series, Symbol, TradingDay, day};
use shoals_market::future::ContractHistory;
use shoals_market::option::{Black76, straddle};
use shoals_product::attribution::{
    AttributionConfig, Factor, PeriodPart, SourceLine, against, of_replication, of_returns,
    of_swap, short_volatility_factor, spread_factor, top_of,
};
use shoals_product::replication::{
    LegMarket, ReplicationMarket, ReplicationTerms, StraddleMarket, replicate,
};
use shoals_product::swap::{LongMarket, SwapMarket, SwapTerms, simulate};

fn market<'a>(long: &'a Series, hedges: Vec<&'a ContractHistory>) -> SwapMarket<'a> {
    SwapMarket {
        long: LongMarket::Series(long),
        hedges,
        futures: Vec::new(),
        indices: Vec::new(),
        calendar: Calendar::shanghai(),
        rules: Rules::builtin(),
    }
}

fn days(n: usize) -> Vec<TradingDay> {
    Calendar::shanghai().days(day(2022, 1, 4), day(2026, 12, 1))[..n].to_vec()
}

/// Fixed noise in (-1, 1).
fn noise(i: usize, k: f64) -> f64 {
    let x = ((i + 1) as f64 * k).sin() * 43_758.545_3;
    2.0 * (x - x.floor()) - 1.0
}

fn path(days: &[TradingDay], start: f64, change: impl Fn(usize) -> f64) -> Series {
    let mut level = start;
    let values = (0..days.len()).map(|i| {
        if i > 0 {
            level *= 1.0 + change(i);
        }
        level
    });
    Series::new("x", days.to_vec(), values.collect()).unwrap()
}

/// A replication of two noisy indices with straddles at a moving volatility.
fn replica(
    moves: f64,
    n: usize,
    toml: &str,
) -> (shoals_product::replication::ReplicationOutcome, Series) {
    let days = days(n);
    let long = path(&days, 5_000.0, |i| moves * noise(i, 1.31));
    let short = path(&days, 3_500.0, |i| moves * noise(i, 0.77));
    let volatility = path(&days, 0.2, |i| 0.05 * noise(i, 2.17));
    let terms = ReplicationTerms::from_toml(toml).unwrap();
    let market = ReplicationMarket {
        long: LegMarket::Series(&long),
        short: LegMarket::Series(&short),
        straddle: Some(StraddleMarket::ImpliedVolatility {
            underlying: &short,
            implied_volatility: &volatility,
        }),
        target: None,
        calendar: Calendar::shanghai(),
    };
    (replicate(&terms, &market).unwrap(), short)
}

/// Witness: the ledger. Every day's lines are its gain, and the sums are the NAV's change.
#[test]
fn the_lines_of_a_replication_add_up_to_its_nav() {
    let toml = "[cost]\nlong = 0.001\nshort = 0.0005\nstraddle = 0.01\n[long]\nweight = 1.5";
    let (outcome, index) = replica(0.015, 200, toml);
    let lines = of_replication(&outcome, &index).unwrap();
    assert_eq!(lines.len(), outcome.nav.len());
    let worst = lines.iter().map(|l| (l.sum() - l.pnl).abs()).fold(0.0, f64::max);
    eprintln!("worst difference of a day {worst:e}");
    assert!(worst <= 1e-9);
    let whole = &PeriodPart::of(&lines)[0].sum;
    let change = outcome.nav.last().unwrap().nav - 1.0;
    assert!((whole.pnl - change).abs() < 1e-9 && (whole.sum() - change).abs() < 1e-9);
    assert!(whole.financing < 0.0 && whole.costs < 0.0);
    // A short straddle is paid for time and pays for movement.
    assert!(whole.theta > 0.0 && whole.gamma < 0.0);
    // The short is an index: nothing is basis.
    assert!(lines.iter().all(|l| l.basis.abs() < 1e-12 && l.carry == 0.0));
}

/// Witness: finite differences of the price itself, at the close before of every straddle held.
#[test]
fn the_greeks_lines_are_finite_differences_of_the_price() {
    let (outcome, index) = replica(0.015, 60, "");
    let lines = of_replication(&outcome, &index).unwrap();
    let mut largest_left = 0.0_f64;
    for (line, held) in lines[1..].iter().zip(&outcome.straddles) {
        assert_eq!(line.date, held.date);
        let (f0, v0) = (held.forward_before, held.volatility_before);
        let t0 = f64::from(held.n_days_before) / 365.0;
        let price = |forward: f64, volatility: f64, years: f64| {
            straddle(&Black76 { forward, strike: held.strike, volatility, years, rate: 0.02 }).value
        };
        let (h, s, t) = (1e-3 * f0, 1e-5, 1e-6);
        let moved = held.forward - f0;
        let slope = (price(f0 + h, v0, t0) - price(f0 - h, v0, t0)) / (2.0 * h);
        let bend =
            (price(f0 + h, v0, t0) - 2.0 * price(f0, v0, t0) + price(f0 - h, v0, t0)) / (h * h);
        let of_volatility = (price(f0, v0 + s, t0) - price(f0, v0 - s, t0)) / (2.0 * s);
        let of_time = (price(f0, v0, t0 - t) - price(f0, v0, t0 + t)) / (2.0 * t);
        let passed = f64::from(held.n_days_before - held.n_days) / 365.0;
        for (name, found, expected) in [
            ("delta", line.delta, slope * moved),
            ("gamma", line.gamma, 0.5 * bend * moved * moved),
            ("vega", line.vega, of_volatility * (held.volatility - v0)),
            ("theta", line.theta, of_time * passed),
        ] {
            let expected = -held.quantity * expected;
            assert!(
                (found - expected).abs() < 1e-6 + 2e-3 * expected.abs(),
                "{name} {found} {expected}"
            );
        }
        largest_left = largest_left.max(line.option_residual.abs());
    }
    eprintln!("largest residual of a day {largest_left:e}");
}

fn future(days: &[TradingDay], index: &Series, rate: f64) -> ContractHistory {
    let contract = shoals_core::FutureContract::try_from(Symbol::literal("IM2209.CFE")).unwrap();
    let expiry = contract.expiry(Calendar::shanghai()).unwrap();
    let price = |d: &TradingDay| {
        let years = f64::from(d.calendar_days_until(expiry)) / 365.0;
        index.at(*d).unwrap() * (1.0 + rate * years)
    };
    let closes: Vec<f64> = days.iter().map(price).collect();
    let n = days.len();
    ContractHistory::new(
        contract,
        Calendar::shanghai(),
        days.to_vec(),
        closes.clone(),
        closes,
        vec![1.0; n],
        vec![1.0; n],
    )
    .unwrap()
}

/// Witness: closed form. A basis at a constant annual rate of a standing index converges in a straight line: all of
/// the hedge's cost is carry, none is basis.
#[test]
fn a_discount_that_only_converges_is_all_carry() {
    let days: Vec<TradingDay> =
        Calendar::shanghai().days(day(2022, 8, 1), day(2022, 9, 15)).to_vec();
    let index = path(&days, 7_000.0, |_| 0.0);
    let long = path(&days, 100.0, |i| 0.004 * noise(i, 1.9));
    let hedge = future(&days, &index, -0.08);
    let terms = SwapTerms::from_toml(&format!(
        "[swap]\nopened_on = {}\nclosed_on = {}\nnotional = 100.0\ninitial_margin_ratio = 0.25\n\
         call_ratio = 0.15\nliquidation_ratio = 0.10\nfinancing_rate = 0.04\n[long]\nsymbol = \"868008.WI\"\n\
         [[hedge]]\ncontract = \"IM2209.CFE\"\nweight = 1.0\n[cost]\nlong_buy = 0.001\nlong_sell = 0.001\n",
        days[0],
        days[days.len() - 1]
    ))
    .unwrap();
    let outcome = simulate(&terms, &market(&long, vec![&hedge])).unwrap();
    let spots = [(hedge.contract.product, &index)];
    let lines = of_swap(&outcome, Calendar::shanghai(), Rules::builtin(), &spots).unwrap();
    let whole = PeriodPart::of(&lines)[0].sum;
    let last = outcome.statement.last().unwrap();
    assert!((whole.carry - last.hedge_pnl).abs() < 1e-9, "{} {}", whole.carry, last.hedge_pnl);
    assert!(whole.basis.abs() < 1e-9 && whole.carry < 0.0 && whole.market.abs() < 1e-9);
    assert!((whole.size - last.long_pnl).abs() < 1e-9);
    assert!(
        (whole.financing + last.financing).abs() < 1e-12 && (whole.costs + last.fees).abs() < 1e-12
    );
    assert!((whole.sum() - (last.equity - 25.0)).abs() < 1e-9);
}

/// Closed form: an index sold itself has neither carry nor basis; market and size are the gains of both legs.
#[test]
fn an_index_sold_itself_has_neither_carry_nor_basis() {
    let days: Vec<TradingDay> =
        Calendar::shanghai().days(day(2022, 8, 1), day(2022, 9, 15)).to_vec();
    let index = path(&days, 7_000.0, |i| 0.01 * noise(i, 0.7));
    let long = path(&days, 100.0, |i| 0.004 * noise(i, 1.9));
    let terms = SwapTerms::from_toml(&format!(
        "[swap]\nopened_on = {}\nclosed_on = {}\nnotional = 100.0\ninitial_margin_ratio = 0.25\n\
         call_ratio = 0.15\nliquidation_ratio = 0.10\nfinancing_rate = 0.04\n[long]\nsymbol = \"868008.WI\"\n\
         [[hedge]]\nsymbol = \"000852.SH\"\nweight = 1.0\n",
        days[0],
        days[days.len() - 1]
    ))
    .unwrap();
    let mut market = market(&long, Vec::new());
    market.indices.push((Symbol::literal("000852.SH"), &index));
    let outcome = simulate(&terms, &market).unwrap();
    let lines = of_swap(&outcome, Calendar::shanghai(), Rules::builtin(), &[]).unwrap();
    let last = outcome.statement.last().unwrap();
    let whole = PeriodPart::of(&lines)[0].sum;
    assert!(last.hedge_pnl.abs() > 0.1, "a hedge that stands still proves nothing");
    assert_eq!((whole.carry, whole.basis), (0.0, 0.0));
    let both = whole.market + whole.size;
    assert!((both - last.long_pnl - last.hedge_pnl).abs() < 1e-9);
    assert!((whole.sum() - (last.equity - 25.0)).abs() < 1e-9);
}

fn factors(n: usize) -> (Vec<TradingDay>, Vec<Factor>) {
    let days = days(n);
    let of = |name, k: f64, scale: f64, drift: f64| Factor {
        name,
        days: days.clone(),
        returns: (0..n).map(|i| drift + scale * noise(i, k)).collect(),
    };
    let all = vec![
        of("market", 1.13, 0.01, 0.0002),
        of("size", 0.71, 0.006, 0.0005),
        of("short_volatility", 2.39, 0.002, 0.0001),
    ];
    (days, all)
}

fn quick() -> AttributionConfig {
    AttributionConfig { replications: 100, ..AttributionConfig::default() }
}

/// Witness: exposures put in. They come back inside their bands, and contributions and alpha are the mean return.
#[test]
fn known_exposures_come_back_inside_their_bands() {
    let (days, factors) = factors(600);
    let truth = [0.1, 1.0, -0.6];
    let returns: Vec<f64> = (0..600)
        .map(|i| {
            let explained: f64 = truth.iter().zip(&factors).map(|(b, f)| b * f.returns[i]).sum();
            0.0001 + explained + 0.002 * noise(i, 3.7)
        })
        .collect();
    let found = of_returns(&days, &returns, &factors, &quick()).unwrap();
    for (line, beta) in found.coefficients.iter().zip(truth) {
        assert!(line.low < beta && beta < line.high, "{line:?} {beta}");
        assert!((line.t).abs() > 2.0);
    }
    let shares: f64 = found.coefficients.iter().map(|line| line.share).sum();
    assert!((shares - 1.0).abs() < 1e-9);
    let mean = 242.0 * returns.iter().sum::<f64>() / 600.0;
    let brought: f64 = found.coefficients.iter().map(|line| line.contribution).sum();
    assert!((brought - mean).abs() < 1e-9, "{brought} {mean}");
    // The betas of the last day, both ways.
    for (line, beta) in found.betas.iter().rev().take(3).rev().zip(truth) {
        assert!(line.rolling_low < beta && beta < line.rolling_high, "{line:?}");
        assert!((line.walking - beta).abs() < 4.0 * (line.walking_high - line.walking), "{line:?}");
    }
}

/// Witness: breaks put in, one for each clock.
#[test]
fn two_clocks_stop_when_they_were_stopped() {
    let (days, mut factors) = factors(800);
    for (factor, at) in [(1, 500), (2, 350)] {
        for x in &mut factors[factor].returns[at..] {
            *x -= 0.004;
        }
    }
    let returns: Vec<f64> =
        (0..800).map(|i| factors[1].returns[i] + 0.001 * noise(i, 9.1)).collect();
    let found = of_returns(&days, &returns, &factors, &quick()).unwrap();
    let clock = |name: &str| found.clocks.iter().find(|clock| clock.factor == name).unwrap();
    let (size, volatility) = (clock("size"), clock("short_volatility"));
    for (clock, at) in [(size, 500), (volatility, 350)] {
        assert!(clock.has_faded && clock.is_proven, "{clock:?}");
        assert!(
            clock.break_low <= days[at] && days[at - 1] <= clock.break_high,
            "{clock:?} {}",
            days[at]
        );
    }
    assert!(volatility.break_on < size.break_on);
}

/// What is known on a day does not change when later days come.
#[test]
fn betas_over_time_know_no_later_day() {
    let (days, factors) = factors(400);
    let returns: Vec<f64> =
        (0..400).map(|i| factors[0].returns[i] + 0.002 * noise(i, 3.7)).collect();
    let whole = of_returns(&days, &returns, &factors, &quick()).unwrap();
    let part = of_returns(&days[..300], &returns[..300], &factors, &quick()).unwrap();
    for (a, b) in part.betas.iter().zip(&whole.betas) {
        assert_eq!((a.date, a.rolling), (b.date, b.rolling));
    }
}

/// Witness: closed form. Over one day the straddle sold at 30 days loses `F (2Φ(σ√τ/2) − 1) · 2` less the same a day
/// later when nothing moves.
#[test]
fn a_straddle_sold_each_day_earns_its_time_when_nothing_moves() {
    let days = days(4);
    let (index, volatility) = (path(&days, 4_000.0, |_| 0.0), path(&days, 0.2, |_| 0.0));
    let factor = short_volatility_factor(&index, &volatility, 30);
    let value = |n: f64| shoals_market::option::atm_straddle_value(1.0, 0.2, n / 365.0, 0.0);
    for (i, gain) in factor.returns.iter().enumerate() {
        let passed = f64::from(days[i].calendar_days_until(days[i + 1]));
        assert!((gain - (value(30.0) - value(30.0 - passed))).abs() < 1e-12);
    }
    let jump = path(&days, 4_000.0, |i| if i == 2 { -0.06 } else { 0.0 });
    let factor = short_volatility_factor(&jump, &volatility, 30);
    assert!(factor.returns[1] < -0.02, "{:?}", factor.returns);
    let spread = spread_factor("size", &jump, &index);
    assert!((spread.returns[1] + 0.06).abs() < 1e-12);
}

#[test]
fn too_few_days_and_twin_factors_are_refused_in_words() {
    let (days, mut factors) = factors(300);
    let returns = factors[0].returns.clone();
    let refusal =
        of_returns(&days[..50], &returns[..50], &factors, &quick()).unwrap_err().to_string();
    assert!(refusal.contains("at least 120 days") && refusal.contains("found 50"), "{refusal}");
    factors[1].returns = factors[0].returns.clone();
    let refusal = of_returns(&days, &returns, &factors, &quick()).unwrap_err();
    assert!(refusal.to_string().contains("cannot estimate the betas"), "{refusal}");
}

/// Witness: the two ledgers. The legs' differences add up to the whole one, and a replica against itself differs nowhere.
#[test]
fn a_book_beside_a_replica_differs_leg_by_leg() {
    let (outcome, index) = replica(0.015, 80, "[cost]\nlong = 0.001");
    let (other, other_index) = replica(0.010, 120, "[straddle]\nweight = 0.2");
    let (mine, theirs) =
        (of_replication(&outcome, &index).unwrap(), of_replication(&other, &other_index).unwrap());
    let lines = against(&mine, 1.0, &theirs);
    assert!(lines.iter().all(|line| line.n_days == 79));
    let legs: f64 = lines[1..].iter().map(|line| line.difference).sum();
    assert_eq!(lines[0].leg, "all");
    assert!((legs - lines[0].difference).abs() < 1e-9, "{legs} {}", lines[0].difference);
    assert!(against(&mine[..1], 1.0, &theirs).is_empty());
    let unit: Vec<SourceLine> = mine[..2].to_vec();
    let same = against(&unit, 1.0 - 1e-3, &mine);
    assert!(same[0].difference.abs() < 1e-4, "{same:?}");
}

#[test]
fn the_top_of_a_short_record_is_none() {
    let (days, factors) = factors(100);
    assert_eq!(top_of("book", &days, &factors[0].returns, &quick()).unwrap(), None);
}

proptest! {
    /// Exact lines add up to 1e-9 whatever the market does.
    #[test]
    fn exact_lines_sum_to_the_gain(
        moves in 0.0..0.04_f64, long in 0.0..3.0_f64, short in 0.0..3.0_f64, weight in 0.0..1.0_f64,
        cost in 0.0..0.01_f64, restrike in any::<bool>(),
    ) {
        let roll = if restrike { "restrike" } else { "hold" };
        let toml = format!(
            "[long]\nweight = {long}\n[short]\nweight = {short}\n[straddle]\nweight = {weight}\nroll = \"{roll}\"\n\
             [cost]\nlong = {cost}\nstraddle = {cost}"
        );
        let (outcome, index) = replica(moves, 60, &toml);
        for line in of_replication(&outcome, &index).unwrap() {
            let SourceLine { pnl, .. } = line;
            prop_assert!((line.sum() - pnl).abs() <= 1e-9, "{line:?}");
        }
    }
}
