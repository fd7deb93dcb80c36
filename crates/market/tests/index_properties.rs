//! Laws of every universe and index: no day sees a later one, and money balances.

mod stock;

use std::fmt::Debug;

use proptest::prelude::*;
use shoals_core::{Calendar, Rules};
use shoals_market::index::{
    Frequency, MicroCapConfig, MicroCapOutcome, MicroCapWords, Weighting, micro_cap_index,
};
use shoals_market::universe::{StockMarket, Tradability};
use stock::{days_of_2023, random};

const N_DAYS: usize = 90;

fn any_config() -> impl Strategy<Value = MicroCapConfig> {
    let frequency =
        prop::sample::select(vec![Frequency::Daily, Frequency::Weekly, Frequency::Monthly]);
    let weighting = prop::sample::select(vec![
        Weighting::Equal,
        Weighting::MarketCap,
        Weighting::SqrtMarketCap,
    ]);
    (1..15_usize, 0..=1_usize, frequency, weighting).prop_map(
        |(n, buffered, rebalance, weighting)| {
            let words = MicroCapWords {
                n_names: n,
                buffer: buffered * n / 2,
                rebalance,
                weighting,
                capacity_assets: vec![1e8],
                n_buckets: 4,
                ..MicroCapWords::default()
            };
            words.try_into().expect("legal words")
        },
    )
}

fn index(market: &StockMarket, config: &MicroCapConfig) -> MicroCapOutcome {
    micro_cap_index(market, None, config, Calendar::shanghai(), Rules::builtin()).expect("an index")
}

fn mask(market: &StockMarket, config: &MicroCapConfig) -> Tradability {
    Tradability::of(market, config.universe, Calendar::shanghai(), Rules::builtin())
}

/// Debug prints floats so that equal text is equal bits (and a NaN equals itself).
fn text(rows: &[impl Debug]) -> String {
    format!("{rows:?}")
}

/// Every number of `part` about days up to its last is that of `whole`.
fn assert_same_past(part: &MicroCapOutcome, whole: &MicroCapOutcome) {
    let n = part.paper.len();
    assert_eq!(text(&part.paper), text(&whole.paper[..n]));
    assert_eq!(text(&part.implementable), text(&whole.implementable[..n]));
    let n = part.premium.len();
    assert_eq!(text(&part.premium), text(&whole.premium[..n]));
    let n = part.size_buckets.len();
    assert_eq!(text(&part.size_buckets), text(&whole.size_buckets[..n]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Cutting the market at a day leaves everything up to it as it was, to the bit.
    #[test]
    fn a_shorter_market_tells_the_same_past(seed: u64, config in any_config(), cut in 1..N_DAYS) {
        let market = random(seed, 40, days_of_2023(N_DAYS)).market();
        let seen = market.up_to(market.days()[cut]);
        let (whole_mask, part_mask) = (mask(&market, &config), mask(&seen, &config));
        for t in 0..=cut {
            prop_assert_eq!(part_mask.row(t), whole_mask.row(t));
        }
        let (whole, part) = (index(&market, &config), index(&seen, &config));
        prop_assert_eq!(part.paper.last().map(|d| d.date), Some(market.days()[cut]));
        assert_same_past(&part, &whole);
    }

    /// Putting another future behind a day changes nothing before it: no price of a stock that is
    /// suspended now and reopens later is seen early.
    #[test]
    fn another_future_leaves_the_past_alone(seed: u64, other: u64, config in any_config(), cut in 1..N_DAYS) {
        let columns = random(seed, 40, days_of_2023(N_DAYS));
        let mut changed = columns.with_future_of(&random(other, 40, days_of_2023(N_DAYS)), cut);
        // Listing days are a fact of the past: unknown ones would be told by the changed future.
        let market = columns.market().up_to(columns.days[cut]);
        changed.listings.clone_from(&columns.listings);
        assert_same_past(&index(&market, &config), &index(&changed.market(), &config));
    }

    /// Cash and positions are nav, the lines add up to its change, and no cash is borrowed.
    #[test]
    fn money_balances(seed: u64, config in any_config()) {
        let outcome = index(&random(seed, 40, days_of_2023(N_DAYS)).market(), &config);
        let assets = config.implementation.assets;
        for pair in outcome.implementable.windows(2) {
            let (before, day) = (pair[0], pair[1]);
            let tolerance = 1e-9 * assets;
            prop_assert!((day.cash + day.positions - day.nav).abs() <= tolerance);
            let costs = day.commission + day.stamp_duty + day.slippage + day.impact;
            prop_assert!(day.impact >= 0.0);
            prop_assert!((day.nav - before.nav - (day.price_gain - costs)).abs() <= tolerance);
            prop_assert!(day.cash >= -tolerance);
            prop_assert!((day.nav / before.nav - 1.0 - day.net_return).abs() <= 1e-12);
        }
    }

    /// The index holds as many names as it may, all eligible when chosen, and never turns more than once.
    #[test]
    fn members_are_eligible_and_as_many_as_asked(seed: u64, config in any_config()) {
        let market = random(seed, 40, days_of_2023(N_DAYS)).market();
        let mask = mask(&market, &config);
        let chosen = shoals_market::index::select(&market, &mask, &config, Calendar::shanghai())?;
        for (k, &t) in chosen.day_indices().iter().enumerate() {
            let n_eligible = mask.row(t).iter().filter(|r| r.is_eligible()).count();
            prop_assert_eq!(chosen.members(k).len(), config.n_names.min(n_eligible));
            prop_assert!(chosen.members(k).iter().all(|&i| mask.row(t)[i as usize].is_eligible()));
        }
        for day in &index(&market, &config).paper[1..] {
            prop_assert!((-1e-12..=1.0 + 1e-12).contains(&day.turnover));
            prop_assert!((0.0..=1.0).contains(&day.new_share));
        }
    }
}
