//! Micro-cap indices against small ledgers kept by hand and against their definition written out plainly.

mod stock;

use shoals_core::{Calendar, Outcome as _, Rules, Series, Values};
use shoals_market::impact::{ImpactWords, PriceImpact};
use shoals_market::index::{
    Frequency, Implementation, IndexDay, LedgerDay, Membership, MicroCapConfig, MicroCapWords,
    Weighting, implementable_index, micro_cap_index, paper_index, rebalancing_premium, select,
    size_bucket_returns,
};
use shoals_market::universe::{StockMarket, Tradability, UniverseConfig};
use stock::{Columns, days_of_2023, random};

fn config(words: MicroCapWords) -> MicroCapConfig {
    words.try_into().expect("legal words")
}

fn smallest(n_names: usize) -> MicroCapWords {
    MicroCapWords { n_names, ..MicroCapWords::default() }
}

fn mask(market: &StockMarket) -> Tradability {
    let universe = UniverseConfig::default();
    Tradability::of(market, universe, Calendar::shanghai(), Rules::builtin())
}

fn chosen(market: &StockMarket, config: &MicroCapConfig) -> Membership {
    select(market, &mask(market), config, Calendar::shanghai()).expect("members")
}

fn paper(market: &StockMarket, config: &MicroCapConfig) -> Vec<IndexDay> {
    paper_index(market, &chosen(market, config), config).expect("an index")
}

/// A ledger of a million yuan without bounds that moves no price, under `rules`.
fn ledger_under(market: &StockMarket, config: &MicroCapConfig, rules: &Rules) -> Vec<LedgerDay> {
    let money = Implementation {
        assets: 1e6,
        participation: f64::INFINITY,
        impact: PriceImpact::none(),
        ..config.implementation
    };
    let membership = chosen(market, config);
    implementable_index(market, &mask(market), &membership, config, &money, rules)
        .expect("a ledger")
}

fn ledger(market: &StockMarket, config: &MicroCapConfig) -> Vec<LedgerDay> {
    ledger_under(market, config, Rules::builtin())
}

fn assert_close(found: f64, expected: f64, what: &str) {
    assert!(
        (found - expected).abs() <= 1e-9 * expected.abs().max(1.0),
        "{what}: {found}, {expected}"
    );
}

/// Two names of three: C leaves the index and comes back on the last day.
fn three_stocks() -> StockMarket {
    let codes = ["600000.SH", "600001.SH", "600002.SH"];
    let rows: [&[f64]; 4] =
        [&[1.0, 2.0, 3.0], &[1.05, 2.1, 1.8], &[1.1, 2.0, 2.5], &[1.0, 2.2, 2.4]];
    let mut columns = Columns::by_hand(days_of_2023(4), &codes, &rows);
    *columns.column("total_market_cap") =
        vec![1.0, 2.0, 3.0, 1.05, 2.1, 1.8, 1.1, 2.0, 2.5, 1.0, 2.2, 2.4];
    columns.market()
}

#[test]
fn the_paper_index_is_the_mean_of_its_names_and_turns_by_half_the_changes() {
    let days = paper(&three_stocks(), &config(smallest(2)));
    let pairs = [(0.05, 0.05), (0.05 / 1.05, 0.7 / 1.8), (-0.1 / 1.1, 0.1)];
    let returns = pairs.map(|(a, b)| f64::midpoint(a, b));
    for (day, expected) in days[1..].iter().zip(returns) {
        assert_close(day.index_return, expected, "return");
    }
    assert!(days[0].index_return.is_nan() && days[0].turnover.is_nan());
    // B (half) goes and C (half) comes; A and B drifted alike, so nothing else moves.
    assert_close(days[1].turnover, 0.5, "turnover");
    assert_close(days[1].new_share, 0.5, "new names");
    assert_close(days[3].nav, returns.iter().map(|r| 1.0 + r).product(), "nav");
}

#[test]
fn weights_follow_capitalisation_or_its_root() {
    let of = |weighting| {
        let words = MicroCapWords { weighting, ..smallest(2) };
        paper(&three_stocks(), &config(words))[2].index_return
    };
    let (a, c) = (0.05 / 1.05, 0.7 / 1.8);
    assert_close(of(Weighting::MarketCap), (1.05 * a + 1.8 * c) / 2.85, "cap");
    let (x, y) = (1.05_f64.sqrt(), 1.8_f64.sqrt());
    assert_close(of(Weighting::SqrtMarketCap), (x * a + y * c) / (x + y), "root");
}

/// One stock, bought on the second day. Witness: the book kept by hand in each test.
fn one_stock(prices: &[f64]) -> Columns {
    let rows: Vec<&[f64]> = prices.chunks(1).collect();
    Columns::by_hand(days_of_2023(prices.len()), &["600000.SH"], &rows)
}

#[test]
fn an_order_is_filled_at_the_next_close_and_pays_commission() {
    let days = ledger(&one_stock(&[10.0, 10.5, 11.0]).market(), &config(smallest(1)));
    assert_eq!((days[0].nav, days[0].n_names), (1e6, 0));
    // 100,000 shares are wanted; cash reaches for 1e6 / 1.00025 worth of them.
    let bought = 1e6 / 1.00025;
    assert_close(days[1].commission, bought * 0.00025, "commission");
    assert_close(days[1].nav, bought, "nav after buying");
    assert_close(days[2].price_gain, bought * (11.0 / 10.5 - 1.0), "gain");
}

#[test]
fn what_is_sealed_at_the_upper_limit_is_bought_when_it_opens() {
    let days = ledger(&one_stock(&[10.0, 11.0, 12.1, 12.0]).market(), &config(smallest(1)));
    let held: Vec<usize> = days.iter().map(|d| d.n_names).collect();
    let blocked: Vec<usize> = days.iter().map(|d| d.n_blocked_buys).collect();
    assert_eq!((held, blocked), (vec![0, 0, 0, 1], vec![0, 1, 1, 0]));
    assert_eq!(days[2].nav, 1e6);
    assert_close(days[1].unfilled, 1.1, "the order at today's price");
}

/// A leaves the index on the third day and is sealed at its lower limit for two.
#[test]
fn what_is_sealed_at_the_lower_limit_is_sold_when_it_opens() {
    let codes = ["600000.SH", "600001.SH"];
    let rows: [&[f64]; 6] =
        [&[10.0, 20.0], &[10.0, 20.0], &[10.0, 20.0], &[9.0, 20.0], &[8.1, 20.0], &[8.0, 20.0]];
    let mut columns = Columns::by_hand(days_of_2023(6), &codes, &rows);
    (2..6).for_each(|t| columns.set("is_st", t, 0, 1.0));
    (2..6).for_each(|t| columns.set("close", t, 0, f64::NAN));
    // ST on the main board: 5 %, so all three falls are at the limit but the last.
    let days = ledger(&columns.market(), &config(smallest(1)));
    let blocked: Vec<usize> = days.iter().map(|d| d.n_blocked_sells).collect();
    assert_eq!(blocked, [0, 0, 0, 1, 1, 0]);
    // B cannot be bought before A is sold: there is no cash.
    assert_eq!(days.iter().map(|d| d.n_names).collect::<Vec<_>>(), [0, 1, 1, 1, 1, 1]);
    let shares = 1e6 / 1.00025 / 10.0;
    assert_close(days[4].positions, shares * 8.1, "still held");
    // Stamp duty of a tenth of a percent before 2023-08-28.
    assert_close(days[5].stamp_duty, shares * 8.0 * 0.001, "duty");
    assert_close(days[5].commission, (shares * 8.0 + days[5].positions) * 0.00025, "commission");
}

#[test]
fn a_suspended_name_stays_at_its_last_price_until_it_reopens() {
    let nan = f64::NAN;
    let days = ledger(&one_stock(&[10.0, 10.0, nan, nan, 5.0]).market(), &config(smallest(1)));
    let shares = 1e6 / 1.00025 / 10.0;
    assert_eq!(days[2].net_return, 0.0);
    assert_close(days[3].nav, shares * 10.0, "frozen");
    assert_close(days[4].price_gain, shares * -5.0, "reopened");
}

/// With shares that may be sold on the third day after purchase, what is bought on day 1 leaves on day 4.
#[test]
fn bought_shares_wait_for_settlement() {
    let mut columns = one_stock(&[10.0; 7]);
    columns.symbols.push(shoals_core::Symbol::literal("600001.SH"));
    columns.listings.push(stock::listed(1995));
    for (name, values) in &mut columns.values {
        let other = match *name {
            "total_market_cap" => 1e10,
            "adjusted_close" | "close" => 20.0,
            _ => values[0],
        };
        *values = values.iter().flat_map(|&v| [v, other]).collect();
    }
    (1..7).for_each(|t| columns.set("is_st", t, 0, 1.0));
    let file = "[[settlement]]\nfrom = 1995-01-02\nsell_after_days = 3\n\
                source = \"a test\"\nstatus = \"recalled\"\n";
    let slow = Rules::builtin().overridden(file).unwrap();
    let blocked = |rules: &Rules| -> Vec<usize> {
        let days = ledger_under(&columns.market(), &config(smallest(1)), rules);
        days.iter().map(|d| d.n_blocked_sells).collect()
    };
    assert_eq!(blocked(&slow), [0, 0, 1, 1, 0, 0, 0]);
    assert_eq!(blocked(Rules::builtin()), [0; 7]);
}

/// By hand: two returns of a percent either way, and an order of half a day's amount.
#[test]
fn an_order_pays_for_moving_its_price() {
    // A name under special treatment for two days is chosen on the third and bought on the fourth.
    let rows: [&[f64]; 4] = [&[10.0], &[10.1], &[10.1 * 0.99], &[10.1 * 0.99]];
    let mut columns = Columns::by_hand(days_of_2023(4), &["600000.SH"], &rows);
    columns.column("amount").fill(2e6);
    (0..2).for_each(|t| columns.set("is_st", t, 0, 1.0));
    let words = ImpactWords { coefficient: 0.8, exponent: 0.5, volatility_days: 3 };
    let config = config(smallest(1));
    let money = Implementation {
        assets: 1e6,
        participation: f64::INFINITY,
        impact: words.try_into().unwrap(),
        ..config.implementation
    };
    let market = columns.market();
    let membership = chosen(&market, &config);
    let rules = Rules::builtin();
    let days =
        implementable_index(&market, &mask(&market), &membership, &config, &money, rules).unwrap();
    // Two returns 0.01 and -0.01: deviation 0.02 / sqrt(2) with divisor one.
    let volatility = 0.02 / 2f64.sqrt();
    let rate = |value: f64| 0.8 * volatility * (value / 2e6).sqrt() / 1.5;
    let bought = days[1].positions;
    assert_close(days[1].impact, bought * rate(bought), "impact");
    // All cash is used up to what the smaller order saves of the impact kept back for the whole.
    let kept = 1e6 / (1.00025 + rate(1e6));
    assert_close(bought, kept, "bought");
    assert!(days[1].cash >= 0.0 && days[1].cash < 1e3, "{:?}", days[1]);
    let free = Implementation { impact: PriceImpact::none(), ..money };
    let free =
        implementable_index(&market, &mask(&market), &membership, &config, &free, rules).unwrap();
    let costs = |day: &LedgerDay| day.impact + day.commission;
    assert_close(free[1].nav - days[1].nav, costs(&days[1]) - costs(&free[1]), "nothing else");
}

/// Ten thousand yuan a day may be taken of a stock that trades a hundred thousand.
#[test]
fn a_large_order_is_filled_over_days() {
    let mut columns = one_stock(&[10.0; 5]);
    columns.column("amount").fill(1e5);
    let market = columns.market();
    let config = config(MicroCapWords { rebalance: Frequency::Monthly, ..smallest(1) });
    let impact = PriceImpact::none();
    let money = Implementation { assets: 3e4, impact, ..config.implementation };
    let membership = chosen(&market, &config);
    let days = implementable_index(
        &market,
        &mask(&market),
        &membership,
        &config,
        &money,
        Rules::builtin(),
    )
    .unwrap();
    for (t, held) in [0.0, 1e4, 2e4].into_iter().enumerate() {
        assert_close(days[t].positions, held, "held");
    }
    // The rest of the cash, after the commission of all three purchases.
    assert_close(days[3].positions, 2e4 + (1e4 - 5.0) / 1.00025, "all in");
    assert_eq!(days.iter().map(|d| d.n_capped).collect::<Vec<_>>(), [0, 1, 1, 0, 0]);
}

/// Work W2 of the benchmark, written out day by day without any of our machinery.
fn plain_daily(columns: &Columns, market: &StockMarket, n_names: usize) -> Vec<f64> {
    let (n, mask) = (columns.symbols.len(), mask(market));
    let column = |name: &str| &columns.values.iter().find(|c| c.0 == name).expect("a column").1;
    let (price, cap) = (column("adjusted_close"), column("total_market_cap"));
    (1..columns.days.len())
        .map(|t| {
            let before = t - 1;
            let mut members: Vec<usize> = (0..n)
                .filter(|&i| mask.row(before)[i].is_eligible() && !cap[before * n + i].is_nan())
                .collect();
            members.sort_by(|&a, &b| cap[before * n + a].total_cmp(&cap[before * n + b]));
            members.truncate(n_names);
            let grown = |&i: &usize| price[t * n + i] / price[before * n + i] - 1.0;
            let returns = members.iter().map(grown).map(|r| if r.is_nan() { 0.0 } else { r });
            returns.sum::<f64>() / members.len() as f64
        })
        .collect()
}

#[test]
fn the_daily_index_is_its_definition() {
    let columns = random(7, 120, days_of_2023(200));
    let market = columns.market();
    let days = paper(&market, &config(smallest(25)));
    let plain = plain_daily(&columns, &market, 25);
    assert_eq!(days.len(), plain.len() + 1);
    for (day, expected) in days[1..].iter().zip(plain) {
        assert!((day.index_return - expected).abs() < 1e-12, "{}: {expected}", day.date);
    }
}

/// A monthly index is bought and held within its months: no premium, to the last bit but rounding.
#[test]
fn a_monthly_index_has_no_premium_over_its_own_names() {
    let market = random(11, 120, days_of_2023(200)).market();
    let calendar = Calendar::shanghai();
    let words = |rebalance| config(MicroCapWords { rebalance, ..smallest(25) });
    let premium = |config: &MicroCapConfig| {
        let membership = chosen(&market, config);
        let index = paper_index(&market, &membership, config).unwrap();
        rebalancing_premium(&market, &membership, &index, config, calendar).unwrap()
    };
    let monthly = premium(&words(Frequency::Monthly));
    assert_eq!(monthly.len(), 9);
    assert!(monthly.iter().all(|month| month.premium.abs() < 1e-12), "{monthly:?}");
    let daily = premium(&words(Frequency::Daily));
    assert!(daily.iter().any(|month| month.premium.abs() > 1e-3));
    for month in daily {
        assert!((month.reweighting + month.reselection - month.premium).abs() < 1e-15);
    }
}

#[test]
fn size_buckets_are_the_labelled_quantiles() {
    let codes = ["600000.SH", "600001.SH", "600002.SH", "600003.SH", "600004.SH"];
    let rows: [&[f64]; 2] = [&[5.0, 4.0, 3.0, 2.0, 1.0], &[5.5, 4.2, 3.0, 1.9, 0.95]];
    let columns = Columns::by_hand(days_of_2023(2), &codes, &rows);
    let (market, config) =
        (columns.market(), config(MicroCapWords { n_buckets: 2, ..smallest(1) }));
    let days = market.days();
    let buckets = size_bucket_returns(&market, &mask(&market), &config, days[0], days[1]).unwrap();
    // Witness: pandas.qcut([1, 2, 3, 4, 5], 2) puts the middle one into the first half.
    assert_eq!([buckets[0].n_names, buckets[1].n_names], [3, 2]);
    assert_close(buckets[0].bucket_return, (-0.05 - 0.05 + 0.0) / 3.0, "small");
    assert_close(buckets[1].bucket_return, f64::midpoint(0.05, 0.1), "large");
    assert_close(buckets[1].mean_market_cap, 4.5e8, "cap");
}

#[test]
fn the_outcome_tells_every_side_of_the_index() {
    let market = random(3, 60, days_of_2023(300)).market();
    let level = market.days().iter().enumerate().map(|(t, _)| 100.0 * 1.0001_f64.powi(t as i32));
    let benchmark = Series::new("000985.CSI", market.days().to_vec(), level.collect()).unwrap();
    let words = MicroCapWords { rebalance: Frequency::Weekly, buffer: 3, ..smallest(20) };
    let outcome = micro_cap_index(
        &market,
        Some(&benchmark),
        &config(words),
        Calendar::shanghai(),
        Rules::builtin(),
    )
    .unwrap();
    let names: Vec<String> = outcome.tables().iter().map(|t| t.name().to_owned()).collect();
    let expected = ["nav", "implementable", "premium", "capacity", "year", "size_bucket", "member"];
    assert_eq!(names, expected);
    for year in &outcome.years {
        assert!((year.excess - (year.index - year.benchmark)).abs() < 1e-15);
    }
    let whole: f64 = outcome.years.iter().map(|y| 1.0 + y.index).product();
    assert_close(whole, outcome.paper.last().unwrap().nav, "years compound to the whole");
    let table = &outcome.tables()[6];
    let Values::Symbol(members) = &table.column("symbol").unwrap().values else {
        panic!("symbols")
    };
    assert_eq!(members.len(), 20);
    assert!(outcome.convention()["names"].en.contains("smallest 20"));
}

#[test]
fn a_market_without_an_eligible_stock_is_refused() {
    let mut columns = one_stock(&[10.0; 3]);
    columns.column("is_suspended").fill(1.0);
    let (market, config) = (columns.market(), config(smallest(1)));
    let refusal = paper_index(&market, &chosen(&market, &config), &config).unwrap_err();
    assert!(refusal.to_string().contains("no stock is eligible"), "{refusal}");
    let float =
        MicroCapWords { market_cap: shoals_market::universe::MarketCap::FreeFloat, ..smallest(1) };
    let float = float.try_into().unwrap();
    let refusal = select(&market, &mask(&market), &float, Calendar::shanghai()).unwrap_err();
    assert!(refusal.to_string().contains("free_float_market_cap"), "{refusal}");
}
