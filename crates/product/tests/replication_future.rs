//! A future as the short leg: one contract to its expiry, or a product as the roll ledger carries it.

use proptest::prelude::*;
use shoals_core::{Calendar, FutureProduct, Outcome, Rules, Series, TradingDay, day};
use shoals_market::future::roll::{RollConfig, RollRule, RolledHedge, roll_short_hedge};
use shoals_market::future::{ContractHistory, FutureMarket};
use shoals_product::replication::{
    LegMarket, Rebalance, ReplicationMarket, ReplicationOutcome, ReplicationTerms,
    ReplicationWords, replicate,
};

const CODES: [&str; 7] = ["IF2311", "IF2312", "IF2401", "IF2402", "IF2403", "IF2404", "IF2406"];
const N_DAYS: usize = 100;

/// Days from 2023-11-01 of a small-cap index, the CSI 300 and its contracts, each at a discount that
/// deepens with its month and changes by the day.
struct Market {
    long: Series,
    futures: FutureMarket,
}

impl Market {
    fn from_moves(moves: &[(f64, f64, f64)]) -> Self {
        let days = &Calendar::shanghai().days(day(2023, 11, 1), day(2024, 12, 31))[..=moves.len()];
        let path = |start: f64, pick: fn(&(f64, f64, f64)) -> f64| -> Vec<f64> {
            let later = moves.iter().scan(start, |level, step| {
                *level *= 1.0 + pick(step);
                Some(*level)
            });
            std::iter::once(start).chain(later).collect()
        };
        let spot = path(3_500.0, |m| m.1);
        let contracts = CODES.iter().enumerate().map(|(i, code)| {
            let discount = |j: usize| 0.004 * (i + 1) as f64 + moves[j.saturating_sub(1)].2;
            let close = spot.iter().enumerate().map(|(j, spot)| spot * (1.0 - discount(j)));
            contract(code, days, &close.collect::<Vec<f64>>())
        });
        let contracts = contracts.collect();
        let spot = Series::new("000300.SH", days.to_vec(), spot).unwrap();
        Self {
            long: Series::new("000852.SH", days.to_vec(), path(6_000.0, |m| m.0)).unwrap(),
            futures: FutureMarket::new(FutureProduct::IF, contracts, spot, None).unwrap(),
        }
    }

    fn up_to(&self, last: TradingDay) -> Self {
        let long = self.long.between(self.long.days()[0], last);
        Self { long, futures: self.futures.up_to(last) }
    }

    fn rolled(&self, rule: RollRule) -> RolledHedge {
        let (calendar, rules) = (Calendar::shanghai(), Rules::builtin());
        roll_short_hedge(&self.futures, rule, &RollConfig::default(), calendar, rules).unwrap()
    }

    fn run(&self, terms: &ReplicationTerms) -> ReplicationOutcome {
        let hedge = self.rolled(terms.short.roll_rule().unwrap());
        replicate(terms, &self.with(LegMarket::Rolled(&hedge))).unwrap()
    }

    fn with<'a>(&'a self, short: LegMarket<'a>) -> ReplicationMarket<'a> {
        let (long, calendar) = (LegMarket::Series(&self.long), Calendar::shanghai());
        ReplicationMarket { long, short, straddle: None, target: None, calendar }
    }
}

/// A contract's record on the days before its expiry.
fn contract(code: &str, days: &[TradingDay], close: &[f64]) -> ContractHistory {
    let (contract, calendar) = (code.parse().unwrap(), Calendar::shanghai());
    let expiry = shoals_core::FutureContract::expiry(contract, calendar).unwrap();
    let n = days.partition_point(|&day| day <= expiry);
    let (none, close) = (vec![f64::NAN; n], close[..n].to_vec());
    let days = days[..n].to_vec();
    ContractHistory::new(contract, calendar, days, close, none.clone(), vec![1.0; n], none).unwrap()
}

fn legal(change: impl FnOnce(&mut ReplicationWords)) -> ReplicationTerms {
    let mut words = ReplicationWords::default();
    words.straddle.weight = 0.0;
    words.short.symbol = "IF".parse().unwrap();
    change(&mut words);
    ReplicationTerms::try_from(words).unwrap()
}

fn any_market() -> impl Strategy<Value = Market> {
    prop::collection::vec((-0.05..0.05, -0.03..0.03, -0.01..0.01), N_DAYS - 1)
        .prop_map(|moves| Market::from_moves(&moves))
}

impl std::fmt::Debug for Market {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {:?}", self.long, self.futures.spot)
    }
}

/// By hand: 3200 to 3168 to 3360 is -1 % and +6.0606 %; the replica ends with the contract on
/// 2024-03-15, though the index runs on.
#[test]
fn a_contract_is_sold_to_its_expiry() {
    let days = Calendar::shanghai().days(day(2024, 3, 13), day(2024, 3, 20)).to_vec();
    let long = Series::new("000852.SH", days.clone(), vec![5_000.0; days.len()]).unwrap();
    let future = contract("IF2403", &days, &[3_200.0, 3_168.0, 3_360.0, 0.0, 0.0, 0.0]);
    let market = ReplicationMarket {
        long: LegMarket::Series(&long),
        short: LegMarket::Contract(&future),
        straddle: None,
        target: None,
        calendar: Calendar::shanghai(),
    };
    let terms = legal(|w| w.short.symbol = "IF2403.CFE".parse().unwrap());
    let outcome = replicate(&terms, &market).unwrap();
    let dates: Vec<TradingDay> = outcome.nav.iter().map(|line| line.date).collect();
    assert_eq!(dates, days[..3]);
    for (line, expected) in outcome.nav.iter().zip([0.0, 0.01, -192.0 / 3_168.0]) {
        assert!((line.short - expected).abs() < 1e-15, "{line:?}");
    }
    let legs = outcome.convention()["legs"].en.clone();
    assert!(legs.contains("short IF2403.CFE: one contract"), "{legs}");

    // The same contract held instead gains what the short lost, and is not financed.
    let terms = legal(|w| {
        w.long.symbol = "IF2403.CFE".parse().unwrap();
        (w.long.weight, w.short.weight) = (2.0, 0.0);
        w.short.symbol = "000852.SH".parse().unwrap();
    });
    let market = ReplicationMarket {
        long: LegMarket::Contract(&future),
        short: LegMarket::Series(&long),
        ..market
    };
    let held = replicate(&terms, &market).unwrap();
    assert!((held.nav[2].long - 2.0 * 192.0 / 3_168.0).abs() < 1e-15);
    assert!(held.nav.iter().all(|line| line.financing == 0.0));
}

proptest! {
    /// Witness: the roll ledger. A day earns what was held over it fell, of its value at the close before.
    #[test]
    fn a_rolled_short_earns_what_the_roll_ledger_says(
        market in any_market(), weight in 0.0..2.0, which in 0..4_usize,
    ) {
        let rule = RollRule::ALL[which];
        let terms = legal(|w| { w.short.weight = weight; w.short.roll = Some(rule); });
        let (hedge, outcome) = (market.rolled(rule), market.run(&terms));
        // Best carry may stay in one contract; the calendar moves this rule.
        prop_assert!(rule != RollRule::FixedDays || hedge.rolls.len() >= 3);
        prop_assert_eq!(outcome.nav.len(), hedge.days.len());
        for (line, ledger) in outcome.nav.iter().zip(&hedge.days).skip(1) {
            prop_assert_eq!(line.date, ledger.date);
            let expected = -weight * ledger.price_change / (ledger.units * ledger.opening_price);
            prop_assert!((line.short - expected).abs() < 1e-12, "{line:?} {ledger:?}");
        }
    }

    /// Between two rebalances the index units stay, so the points add up and the jump of a roll is no money.
    #[test]
    fn held_units_earn_the_sum_of_the_ledgers_points(market in any_market()) {
        let terms = legal(|w| w.replication.rebalance = Rebalance::Monthly);
        let (hedge, outcome) = (market.rolled(RollRule::FixedDays), market.run(&terms));
        let opened = hedge.days[1].opening_price;
        let november = |date: TradingDay| date.month() == 11;
        let points: f64 =
            hedge.days.iter().filter(|d| november(d.date)).map(|d| d.price_change).sum();
        prop_assert!((outcome.monthly[0].short + points / opened).abs() < 1e-12);
    }

    /// Cutting the market off at a day leaves every line up to it as it was.
    #[test]
    fn a_rolled_short_does_not_look_ahead(
        market in any_market(), n in 4..N_DAYS, which in 0..4_usize,
    ) {
        let terms = legal(|w| w.short.roll = Some(RollRule::ALL[which]));
        let whole = market.run(&terms);
        let last = market.long.days()[n - 1];
        for (a, b) in market.up_to(last).run(&terms).nav.iter().zip(&whole.nav) {
            prop_assert_eq!(a.date, b.date);
            prop_assert!((a.nav - b.nav).abs() < 1e-12 && (a.short - b.short).abs() < 1e-12);
        }
    }
}

/// By hand: a move buys 3,500 (1 - 0.004) and sells 3,500 (1 - 0.008) of points on what was sold at the
/// former; every other day is free, as nothing moves.
#[test]
fn a_move_between_contracts_pays_the_short_legs_cost() {
    let market = Market::from_moves(&[(0.0, 0.0, 0.0); 12]);
    let outcome = market.run(&legal(|w| {
        w.cost.short = 0.001;
        w.replication.rebalance = Rebalance::Monthly;
        w.replication.financing_rate = 0.0;
    }));
    let paid: Vec<(TradingDay, f64)> = outcome
        .nav
        .iter()
        .filter(|line| line.cost > 0.0)
        .map(|line| (line.date, line.cost))
        .collect();
    // IF2311 expires on 2023-11-17 and is left two trading days before.
    assert_eq!(paid.iter().map(|p| p.0).collect::<Vec<_>>(), [day(2023, 11, 2), day(2023, 11, 15)]);
    assert!((paid[0].1 - 0.001).abs() < 1e-15);
    let moved = 0.001 * (1.0 + (1.0 - 0.008) / (1.0 - 0.004));
    assert!((paid[1].1 - moved / (1.0 - 0.001)).abs() < 1e-12, "{paid:?}");
}

#[test]
fn the_leg_table_and_the_convention_name_the_rule() {
    let market = Market::from_moves(&[(0.0, 0.001, 0.0); 40]);
    let outcome = market.run(&legal(|w| w.short.roll = Some(RollRule::BestCarry)));
    let convention = outcome.convention()["legs"].clone();
    assert!(convention.en.contains("short IF: rolled") && convention.en.contains("best_carry"));
    assert!(convention.zh.contains("展期规则 best_carry"));
    let leg = outcome.tables().into_iter().find(|table| table.name() == "leg").unwrap();
    let text = format!("{:?}", leg.column("kind").unwrap().values);
    assert!(text.contains("\"series\", \"product\""), "{text}");
}
