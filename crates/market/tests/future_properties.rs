//! Laws every rolled hedge obeys.

use proptest::prelude::*;
use shoals_core::{Calendar, FutureContract, FutureProduct, Rules, Series, TradingDay, day};
use shoals_market::future::roll::{
    Adjustment, RollConfig, RollRule, RolledHedge, back_adjusted, hedge_cost, hedge_cost_by_year,
    roll_short_hedge,
};
use shoals_market::future::{BasisConvention, ContractHistory, FutureMarket, basis_points};

/// A market of a year and a half: index and basis walk by `shocks`, one price in `gap` is missing.
fn market(shocks: &[f64], basis_scale: f64, gap: usize) -> FutureMarket {
    let calendar = Calendar::shanghai();
    let days = calendar.days(day(2022, 12, 1), day(2024, 5, 31));
    let shock = |i: usize| shocks[i * 31 % shocks.len()];
    let spots: Vec<f64> = days
        .iter()
        .scan(5_000.0, |level, d| {
            *level *= 1.0 + 0.02 * shock(d.epoch_days() as usize);
            Some(*level)
        })
        .collect();
    let contracts = (0..24).map(|m| FutureContract {
        product: FutureProduct::IM,
        year: 2022 + (11 + m) / 12,
        month: ((11 + m) % 12) as u32 + 1,
    });
    let contracts = contracts.map(|contract| {
        history(contract, days, &spots, |i, left| {
            let seed = i * 7 + contract.month as usize;
            let is_missing = seed % gap == 3;
            let basis = basis_scale * f64::from(left) / 365.0 * (shock(seed) - 0.5);
            if is_missing { f64::NAN } else { spots[i] * (1.0 + basis) }
        })
    });
    let contracts = contracts.collect();
    let spot = Series::new("000852.SH", days.to_vec(), spots).unwrap();
    FutureMarket::new(FutureProduct::IM, contracts, spot, None).unwrap()
}

fn history(
    contract: FutureContract,
    days: &[TradingDay],
    spots: &[f64],
    price: impl Fn(usize, i32) -> f64,
) -> ContractHistory {
    let calendar = Calendar::shanghai();
    let expiry = contract.expiry(calendar).unwrap();
    let live: Vec<usize> = (0..spots.len())
        .filter(|&i| (0..=240).contains(&days[i].calendar_days_until(expiry)))
        .collect();
    let own_days: Vec<TradingDay> = live.iter().map(|&i| days[i]).collect();
    let close: Vec<f64> =
        live.iter().map(|&i| price(i, days[i].calendar_days_until(expiry))).collect();
    let from_busiest = |i: usize| (days[i].calendar_days_until(expiry) - 20).abs();
    let volume = live.iter().map(|&i| 1e5 / f64::from(1 + from_busiest(i)));
    let (volume, settle) = (volume.collect(), close.clone());
    let open_interest = vec![f64::NAN; close.len()];
    ContractHistory::new(contract, calendar, own_days, close, settle, volume, open_interest)
        .unwrap()
}

fn roll(market: &FutureMarket, rule: RollRule, config: &RollConfig) -> RolledHedge {
    roll_short_hedge(market, rule, config, Calendar::shanghai(), Rules::builtin()).unwrap()
}

fn any_shocks() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(-1.0..1.0_f64, 61)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// What the days gained is what the trades took in, less what buying back would take: rolls
    /// neither create nor destroy money.
    #[test]
    fn days_and_trades_tell_the_same_money(shocks in any_shocks(), scale in 0.0..0.5_f64, gap in 5..40_usize, before in 0..5_u32) {
        let market = market(&shocks, scale, gap);
        let config = RollConfig { days_before_expiry: before, ..RollConfig::default() };
        for rule in RollRule::ALL {
            let hedge = roll(&market, rule, &config);
            let gained: f64 = hedge.days.iter().map(|d| -d.price_change).sum();
            let taken: f64 = hedge.trades.iter().map(|t| t.units_sold * t.price).sum();
            prop_assert!((gained - (taken - hedge.open_value)).abs() < 1e-6, "{rule:?}");
            let fees: f64 = hedge.trades.iter().map(|t| t.fee).sum();
            let charged: f64 = hedge.days.iter().map(|d| d.fee).sum();
            prop_assert!((fees - charged).abs() < 1e-9);
            prop_assert!(hedge.trades.iter().all(|t| t.fee >= 0.0));
            prop_assert!(hedge.days.iter().all(|d| (0.0..1.0 + 1e-12).contains(&d.units)));
        }
    }

    /// Cutting the market at a day leaves every earlier day, trade and roll as it was, to the bit.
    #[test]
    fn no_rule_looks_ahead(shocks in any_shocks(), cut in 40..300_usize) {
        let market = market(&shocks, 0.3, 11);
        let last = market.spot.days()[cut];
        let seen = market.up_to(last);
        for rule in RollRule::ALL {
            let whole = roll(&market, rule, &RollConfig::default());
            let part = roll(&seen, rule, &RollConfig::default());
            let n = whole.days.iter().filter(|d| d.date <= last).count();
            prop_assert_eq!(part.days.len(), n);
            prop_assert_eq!(format!("{:?}", &part.days), format!("{:?}", &whole.days[..n]));
            prop_assert_eq!(&part.trades[..], &whole.trades[..part.trades.len()]);
            prop_assert!(whole.trades[part.trades.len()..].iter().all(|t| t.date > last));
        }
        let convention = BasisConvention::default();
        let all = basis_points(&market, convention, Calendar::shanghai())?;
        let early = basis_points(&seen, convention, Calendar::shanghai())?;
        prop_assert_eq!(format!("{early:?}"), format!("{:?}", &all[..early.len()]));
    }

    /// The adjusted price moves as what was held moved, by difference or by ratio.
    #[test]
    fn adjusted_prices_move_as_the_contracts_held(shocks in any_shocks()) {
        let market = market(&shocks, 0.3, 1_000);
        for rule in RollRule::ALL {
            let hedge = roll(&market, rule, &RollConfig::default());
            let shifted = back_adjusted(&hedge, Adjustment::Difference)?;
            let scaled = back_adjusted(&hedge, Adjustment::Ratio)?;
            prop_assert_eq!(shifted.values().last(), scaled.values().last());
            for (i, d) in hedge.days.iter().enumerate().skip(1).filter(|(_, d)| d.units > 0.0) {
                let moved = shifted.values()[i] - shifted.values()[i - 1];
                prop_assert!((moved - d.price_change).abs() < 1e-8);
                let grown = scaled.values()[i] / scaled.values()[i - 1] - 1.0;
                prop_assert!((grown - d.price_change / d.opening_price).abs() < 1e-12);
            }
        }
    }
}

/// A market that quotes at its index costs its fees and nothing else, whatever the rule.
#[test]
fn a_future_at_its_index_costs_only_fees() {
    let market = market(&[0.3, -0.7, 0.1, 0.5, -0.2], 0.0, 1_000_000);
    for rule in RollRule::ALL {
        let cost = hedge_cost(&roll(&market, rule, &RollConfig::default()));
        assert!((cost.cost - cost.fees).abs() < 1e-12, "{rule:?} {cost:?}");
        assert!(cost.fees > 0.0 && cost.n_rolls > 10.0, "{rule:?} {cost:?}");
        assert!((cost.hedge_return + cost.index_return + cost.cost).abs() < 1e-12);
    }
}

/// The years add up to the whole.
#[test]
fn years_add_up_to_the_whole() {
    let market = market(&[0.3, -0.7, 0.1, 0.5, -0.2, 0.9], 0.3, 13);
    for rule in RollRule::ALL {
        let hedge = roll(&market, rule, &RollConfig::default());
        let (whole, years) = (hedge_cost(&hedge), hedge_cost_by_year(&hedge));
        assert_eq!(years.len(), 3);
        assert!((years.iter().map(|y| y.cost).sum::<f64>() - whole.cost).abs() < 1e-12);
        assert!((years.iter().map(|y| y.n_rolls).sum::<f64>() - whole.n_rolls).abs() < 1e-9);
        assert_eq!(years.iter().map(|y| y.n_days).sum::<usize>(), whole.n_days);
    }
}

/// A market of one day has nothing to trade.
#[test]
fn a_single_day_is_refused() {
    let market = market(&[0.1, 0.2], 0.1, 1_000).up_to(day(2022, 12, 1));
    let refusal = roll_short_hedge(
        &market,
        RollRule::FixedDays,
        &RollConfig::default(),
        Calendar::shanghai(),
        Rules::builtin(),
    );
    assert!(refusal.unwrap_err().to_string().contains("IM market has no two days"));
}
