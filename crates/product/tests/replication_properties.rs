//! Laws any replica must obey, on random markets, and a chain marked by its own quotes.

use proptest::prelude::*;
use shoals_core::{Calendar, Outcome, Series, Symbol, TradingDay, day};
use shoals_market::option::{Black76, OptionKind, black76};
use shoals_product::replication::{
    FitRule, FitSample, LegMarket, OptionQuote, PeriodLine, Rebalance, ReplicationMarket,
    ReplicationOutcome, ReplicationTerms, ReplicationWords, Roll, Sizing, StraddleLine,
    StraddleMarket, TradeAction, replicate,
};

const N_DAYS: usize = 120;

/// Days from 2023-11-01 of two indices and a volatility.
#[derive(Debug, Clone)]
struct Market {
    long: Series,
    short: Series,
    implied_volatility: Series,
}

impl Market {
    fn from_moves(moves: &[(f64, f64, f64)]) -> Self {
        let days: Vec<TradingDay> =
            Calendar::shanghai().days(day(2023, 11, 1), day(2024, 12, 31))[..=moves.len()].to_vec();
        let path = |name: &str, start: f64, pick: fn(&(f64, f64, f64)) -> f64| {
            let mut level = start;
            let values = std::iter::once(start)
                .chain(moves.iter().map(|step| {
                    level *= 1.0 + pick(step);
                    level
                }))
                .collect();
            Series::new(name, days.clone(), values).unwrap()
        };
        Self {
            long: path("000852.SH", 6_000.0, |m| m.0),
            short: path("000300.SH", 3_500.0, |m| m.1),
            implied_volatility: path("iv", 0.18, |m| m.2),
        }
    }

    fn up_to(&self, last: TradingDay) -> Self {
        let first = self.long.days()[0];
        Self {
            long: self.long.between(first, last),
            short: self.short.between(first, last),
            implied_volatility: self.implied_volatility.between(first, last),
        }
    }

    fn run(&self, terms: &ReplicationTerms) -> ReplicationOutcome {
        let straddle = StraddleMarket::ImpliedVolatility {
            underlying: &self.short,
            implied_volatility: &self.implied_volatility,
        };
        replicate(terms, &self.with(Some(straddle))).unwrap()
    }

    fn with<'a>(&'a self, straddle: Option<StraddleMarket<'a>>) -> ReplicationMarket<'a> {
        ReplicationMarket {
            long: LegMarket::Series(&self.long),
            short: LegMarket::Series(&self.short),
            straddle,
            target: None,
            calendar: Calendar::shanghai(),
        }
    }
}

fn any_market() -> impl Strategy<Value = Market> {
    prop::collection::vec((-0.05..0.05, -0.03..0.03, -0.1..0.11), N_DAYS - 1)
        .prop_map(|moves| Market::from_moves(&moves))
}

fn legal(change: impl FnOnce(&mut ReplicationWords)) -> ReplicationTerms {
    let mut words = ReplicationWords::default();
    change(&mut words);
    ReplicationTerms::try_from(words).unwrap()
}

proptest! {
    /// Each day's and each month's legs add up to its return; the months compound to the NAV.
    #[test]
    fn legs_add_up(
        market in any_market(), weight in 0.0..3.0, straddles in 0.0..1.5, cost in 0.0..0.01,
        is_monthly in any::<bool>(), restrikes in any::<bool>(),
    ) {
        let terms = legal(|w| {
            w.long.weight = weight;
            w.straddle.weight = straddles;
            (w.cost.long, w.cost.short, w.cost.straddle) = (cost, cost / 5.0, 2.0 * cost);
            if is_monthly { w.replication.rebalance = Rebalance::Monthly }
            if restrikes { w.straddle.roll = Roll::Restrike }
        });
        let outcome = market.run(&terms);
        for line in &outcome.nav {
            let sum = line.long + line.short + line.straddle - line.cost;
            prop_assert!((sum - line.r#return).abs() < 1e-12, "{}", line.date);
        }
        let mut nav = 1.0;
        for month in &outcome.monthly {
            let sum = month.long + month.short + month.straddle - month.cost;
            prop_assert!((sum - month.r#return).abs() < 1e-11, "{}", month.period);
            nav *= 1.0 + month.r#return;
        }
        let last = outcome.nav.last().unwrap().nav;
        prop_assert!((nav / last - 1.0).abs() < 1e-11);
        let yearly: f64 = outcome.yearly.iter().map(|year| 1.0 + year.r#return).product();
        prop_assert!((yearly / last - 1.0).abs() < 1e-11);
    }

    /// Nothing held, nothing earned.
    #[test]
    fn weights_of_zero_earn_zero(market in any_market()) {
        let terms = legal(|w| {
            (w.long.weight, w.short.weight, w.straddle.weight) = (0.0, 0.0, 0.0);
        });
        let outcome = market.run(&terms);
        prop_assert!(outcome.nav.iter().all(|line| line.nav == 1.0 && line.r#return == 0.0));
    }

    /// Without straddles the return of a day is the difference of the two indices' returns.
    #[test]
    fn without_straddles_it_is_long_short(market in any_market(), w in 0.0..1.0, u in 0.0..2.0) {
        let terms = legal(|words| {
            (words.long.weight, words.short.weight, words.straddle.weight) = (w, u, 0.0);
        });
        let outcome = replicate(&terms, &market.with(None)).unwrap();
        let (long, short) = (market.long.returns(), market.short.returns());
        for (i, line) in outcome.nav[1..].iter().enumerate() {
            let expected = w * long.values()[i] - u * short.values()[i];
            prop_assert!((line.r#return - expected).abs() < 1e-12, "{}", line.date);
        }
        prop_assert!(outcome.trades.is_empty());
    }

    /// Cutting the market off at a day leaves every line and trade up to it as it was.
    #[test]
    fn nothing_looks_ahead(market in any_market(), n in 2..N_DAYS, restrikes in any::<bool>()) {
        let terms = legal(|w| if restrikes { w.straddle.roll = Roll::Restrike });
        let cut = market.up_to(market.long.days()[n - 1]).run(&terms);
        let whole = market.run(&terms);
        prop_assert_eq!(&whole.nav[..n], &cut.nav[..]);
        prop_assert_eq!(&whole.trades[..cut.trades.len()], &cut.trades[..]);
    }

    /// A re-strike follows the day after the forward left the strike, never the same day.
    #[test]
    fn a_re_strike_waits_a_day(market in any_market()) {
        let outcome = market.run(&legal(|w| w.straddle.roll = Roll::Restrike));
        for pair in outcome.trades.windows(2) {
            if pair[1].action == TradeAction::BoughtBackToRestrike {
                let held = market.short.between(pair[0].date, pair[1].date);
                let before = held.values()[held.len() - 2];
                let distance = (before / pair[0].strike - 1.0).abs();
                prop_assert!(distance > 0.028, "{distance}");
            }
        }
    }
}

/// A market that stands still earns the straddle's whole premium, month after month.
#[test]
fn a_market_that_stands_still_pays_the_premium() {
    let market = Market::from_moves(&[(0.0, 0.0, 0.0); 100]);
    let outcome = market.run(&legal(|w| {
        w.straddle.weight = 1.0;
        w.straddle.rate = 0.0;
    }));
    assert!(outcome.nav[1..].iter().all(|line| line.straddle >= -1e-15));
    let first = outcome.trades[0];
    assert_eq!((first.action, first.expiry), (TradeAction::Sold, day(2023, 11, 17)));
    // Bought back on the Thursday, and the next month sold at the same close.
    assert_eq!(
        (outcome.trades[1].date, outcome.trades[2].date),
        (day(2023, 11, 16), day(2023, 11, 16))
    );
    assert_eq!(outcome.trades[2].expiry, day(2023, 12, 15));
    let premium = first.quantity * (first.value - outcome.trades[1].value);
    let earned: f64 = outcome
        .nav
        .iter()
        .filter(|line| line.date <= day(2023, 11, 16))
        .map(|line| line.straddle * line.nav / (1.0 + line.r#return))
        .sum();
    assert!((premium - earned).abs() < 1e-12);
}

/// The roll of 2024-02-08 stands eleven calendar days before the expiry of 02-19: March is sold, not
/// February again.
#[test]
fn the_roll_before_the_spring_festival_goes_to_the_next_month() {
    let market = Market::from_moves(&[(0.0, 0.0, 0.0); 100]);
    let outcome = market.run(&ReplicationTerms::default());
    let sold =
        outcome.trades.iter().find(|t| t.date == day(2024, 2, 8) && t.action == TradeAction::Sold);
    assert_eq!(sold.unwrap().expiry, day(2024, 3, 15));
}

#[test]
fn the_tables_are_the_contract() {
    let market = Market::from_moves(&[(0.001, -0.001, 0.0); 90]);
    let outcome = market.run(&ReplicationTerms::default());
    let tables = outcome.tables();
    let starts: [(&str, &[&str]); 4] = [
        ("nav", &["date", "return", "nav", "long", "short", "straddle", "cost"]),
        ("monthly", &["period", "return", "long", "short", "straddle"]),
        ("yearly", &["period", "return", "long", "short", "straddle"]),
        ("statistic", &["period", "win_rate", "sharpe", "volatility", "max_drawdown", "skew"]),
    ];
    for (table, (name, columns)) in tables.iter().zip(starts) {
        assert_eq!(table.name(), name);
        for (column, expected) in table.columns().iter().zip(columns) {
            assert_eq!(column.name, *expected, "{name}");
        }
    }
    let periods: Vec<&str> = outcome.statistics.iter().map(|line| line.period.as_str()).collect();
    assert_eq!(periods, ["whole", "2023", "2024", "2024-01-02..2024-02-29"]);
    assert_eq!(outcome.statistics[0].win_rate, 1.0);
    // The opening day has no return, in a month as in a statistic.
    let n_days = |lines: &[PeriodLine]| lines.iter().map(|line| line.n_days).sum::<usize>();
    assert_eq!(n_days(&outcome.monthly), outcome.nav.len() - 1);
    assert_eq!(outcome.yearly[0].n_days, outcome.statistics[1].n_days);
    assert!(outcome.convention()["cost"].en.contains("gross"));
}

/// A chain priced by the model gives the model's replica, when the strikes are the same.
#[test]
fn a_chain_of_model_prices_gives_the_models_replica() {
    let moves: Vec<(f64, f64, f64)> = (0..100)
        .map(|i| {
            let wave = f64::from(i % 7 - 3);
            (0.002 * wave, 0.003 * wave, 0.01 * wave)
        })
        .collect();
    let market = Market::from_moves(&moves);
    let chain = quotes(&market);
    let terms = legal(|w| {
        w.straddle.strike = shoals_product::replication::StrikeRule::Step;
        w.straddle.strike_step = Some(50.0);
    });
    let modelled = market.run(&terms);
    let quoted = replicate(&terms, &market.with(Some(StraddleMarket::Chain(&chain)))).unwrap();
    assert_eq!(modelled.trades.len(), quoted.trades.len());
    for (a, b) in modelled.trades.iter().zip(&quoted.trades) {
        assert_eq!((a.date, a.action, a.expiry, a.strike), (b.date, b.action, b.expiry, b.strike));
        assert!((a.forward / b.forward - 1.0).abs() < 1e-9);
        assert!((a.implied_volatility - b.implied_volatility).abs() < 1e-9);
    }
    for (a, b) in modelled.nav.iter().zip(&quoted.nav) {
        assert!((a.nav - b.nav).abs() < 1e-10, "{}", a.date);
    }
}

/// Every trade line, a purchase as well as a sale, carries the forward and the volatility of its own day,
/// and they price it.
#[test]
fn a_trade_is_written_at_the_prices_of_its_day() {
    let moves: Vec<(f64, f64, f64)> = (0..100)
        .map(|i| (0.0, 0.003 * f64::from(i % 7 - 3), 0.01 * f64::from(i % 5 - 2)))
        .collect();
    let market = Market::from_moves(&moves);
    let trades = market.run(&ReplicationTerms::default()).trades;
    let n_bought = trades.iter().filter(|t| t.action != TradeAction::Sold).count();
    assert!(n_bought >= 3, "{n_bought}");
    for trade in &trades {
        assert_eq!(Some(trade.implied_volatility), market.implied_volatility.at(trade.date));
        let years = f64::from(trade.date.calendar_days_until(trade.expiry)) / 365.0;
        let spot = market.short.at(trade.date).unwrap();
        assert!((trade.forward / spot - 1.0).abs() < 0.05 * years + 1e-12);
        let rate = ReplicationTerms::default().straddle.rate;
        let terms = Black76 {
            forward: trade.forward,
            strike: trade.strike,
            volatility: trade.implied_volatility,
            years,
            rate,
        };
        let value: f64 = [OptionKind::Call, OptionKind::Put]
            .map(|kind| black76(kind, &terms).price)
            .iter()
            .sum();
        assert!((trade.value / value - 1.0).abs() < 1e-9, "{trade:?}");
    }
}

/// A replica without costs, paid for by its equity, has none: not a rounding of one.
#[test]
fn no_costs_are_exactly_none() {
    let moves: Vec<(f64, f64, f64)> = (0..100)
        .map(|i| (0.004 * f64::from(i % 7 - 3), 0.003 * f64::from(i % 5 - 2), 0.0))
        .collect();
    let outcome = Market::from_moves(&moves).run(&legal(|w| {
        w.long.weight = 1.0;
        w.replication.rebalance = Rebalance::Daily;
        w.replication.financing_rate = 0.04;
    }));
    assert!(outcome.nav.iter().all(|line| line.cost == 0.0 && line.financing == 0.0));
    assert!(outcome.statistics.iter().all(|line| line.cost == 0.0));
}

/// Every strike of the three nearest months at the model's prices.
fn quotes(market: &Market) -> Vec<OptionQuote> {
    let expiries = [
        day(2023, 11, 17),
        day(2023, 12, 15),
        day(2024, 1, 19),
        day(2024, 2, 19),
        day(2024, 3, 15),
        day(2024, 4, 19),
    ];
    let mut quotes = Vec::new();
    for (&date, &spot) in market.short.days().iter().zip(market.short.values()) {
        let volatility = market.implied_volatility.at(date).unwrap();
        for expiry in expiries.into_iter().filter(|&expiry| expiry >= date) {
            let years = f64::from(date.calendar_days_until(expiry)) / 365.0;
            for i in 50..=90 {
                let strike = 50.0 * f64::from(i);
                let rate = 0.02;
                let forward = spot * (rate * years).exp();
                let terms = Black76 { forward, strike, volatility, years, rate };
                for kind in [OptionKind::Call, OptionKind::Put] {
                    let close = black76(kind, &terms).price;
                    quotes.push(OptionQuote { date, kind, expiry, strike, close });
                }
            }
        }
    }
    quotes
}

#[test]
fn a_chain_that_stops_quoting_is_given_up_after_two_days() {
    let market = Market::from_moves(&[(0.0, 0.001, 0.0); 30]);
    let gone = market.short.days()[5];
    let held = replicate(
        &ReplicationTerms::default(),
        &market.with(Some(StraddleMarket::Chain(&quotes(&market)))),
    )
    .unwrap()
    .trades[0];
    // From that day on the held strike is no longer listed, as after a dividend.
    let kept: Vec<OptionQuote> =
        quotes(&market).into_iter().filter(|q| q.date < gone || q.strike != held.strike).collect();
    let chain = StraddleMarket::Chain(&kept);
    let outcome = replicate(&ReplicationTerms::default(), &market.with(Some(chain))).unwrap();
    assert_eq!(outcome.trades[1].action, TradeAction::GivenUpUnquoted);
    assert_eq!(outcome.trades[1].date, market.short.days()[6]);
    assert_eq!(outcome.nav[5].straddle, 0.0);
}

#[test]
fn what_cannot_be_replicated_is_refused() {
    let market = Market::from_moves(&[(0.0, 0.001, 0.0); 30]);
    let refusal = replicate(&ReplicationTerms::default(), &market.with(None)).unwrap_err();
    assert!(refusal.to_string().contains("straddle.weight"), "{refusal}");
    let one = Some(day(2023, 11, 2));
    for (from, to, part) in [
        (Some(day(2025, 1, 2)), None, "0 common days from 2025-01-02 on"),
        (None, Some(day(2020, 1, 2)), "0 common days up to 2020-01-02"),
        (one, one, "1 common day from 2023-11-02 to 2023-11-02"),
    ] {
        let terms = legal(|w| {
            (w.replication.from, w.replication.to) = (from, to);
            w.straddle.weight = 0.0;
        });
        let refusal = replicate(&terms, &market.with(None)).unwrap_err().to_string();
        assert!(refusal.contains(part) && refusal.contains("two closes"), "{refusal}");
    }
}

/// Witness: closed form. A long leg that moves `b` times the short one has a risk-parity weight of `|b|` and a beta of `b`
/// (at least 0), measured on the days before; until there are as many, `weight` holds.
#[test]
fn the_short_is_sized_by_the_legs_own_moves() {
    for (b, sizing, expected) in [
        (1.6, Sizing::Fixed, 0.7),
        (1.6, Sizing::RiskParity, 1.6),
        (1.6, Sizing::Beta, 1.6),
        (-0.8, Sizing::RiskParity, 0.8),
        (-0.8, Sizing::Beta, 0.0),
    ] {
        let moves: Vec<(f64, f64, f64)> = (0..60)
            .map(|i| {
                let x = 0.01 * (f64::from(i) * 1.7).sin();
                (b * x, x, 0.0)
            })
            .collect();
        let market = Market::from_moves(&moves);
        let terms = legal(|w| {
            (w.short.weight, w.short.sizing, w.short.sizing_days) = (0.7, sizing, 20);
            w.straddle.weight = 0.0;
        });
        let outcome = market.run(&terms);
        let weight = |i: usize| outcome.nav[i].short_value / outcome.nav[i].nav;
        // Twenty moves are known before the close of the twenty-first.
        assert!((weight(20) - 0.7).abs() < 1e-9, "{}", weight(20));
        for i in [21, 40, 60] {
            assert!((weight(i) - expected).abs() < 1e-9, "{sizing:?} {i}: {}", weight(i));
        }
        let part = market.up_to(market.long.days()[40]).run(&terms);
        assert_eq!(part.nav, outcome.nav[..41]);
    }
    let refusal =
        ReplicationTerms::from_toml("[short]\nsizing = \"beta\"\nsizing_days = 5").unwrap_err();
    assert!(refusal.to_string().contains("`short.sizing_days` is 5"), "{refusal}");
    assert!(ReplicationTerms::from_toml("[short]\nsizing = \"equal\"").is_err());
}

/// Waves that are no combinations of each other, for legs whose moves are known.
fn waves(n: i32) -> Vec<(f64, f64, f64)> {
    (0..n)
        .map(|i| {
            let x = f64::from(i);
            (0.012 * (x * 1.7).sin(), 0.009 * (x * 0.9).cos(), 0.03 * (x * 2.3).sin())
        })
        .collect()
}

/// A series that returned what a replica of those weights did, day by day.
fn nav_of(outcome: &ReplicationOutcome) -> Series {
    let days = outcome.nav.iter().map(|line| line.date).collect();
    Series::new("target", days, outcome.nav.iter().map(|line| line.nav).collect()).unwrap()
}

fn fitted(sample: FitSample, days: u32) -> ReplicationTerms {
    legal(|w| {
        (w.long.sizing, w.short.sizing) = (Sizing::Fitted, Sizing::Fitted);
        (w.long.weight, w.short.weight, w.straddle.weight) = (0.3, 0.2, 0.0);
        let target = Symbol::literal("000905.SH");
        w.fit = Some(FitRule { target, days, sample });
    })
}

fn run_fitted(market: &Market, terms: &ReplicationTerms, target: &Series) -> ReplicationOutcome {
    let straddle = StraddleMarket::ImpliedVolatility {
        underlying: &market.short,
        implied_volatility: &market.implied_volatility,
    };
    let market = ReplicationMarket { target: Some(target), ..market.with(Some(straddle)) };
    replicate(terms, &market).unwrap()
}

/// Witness: the weights the target was made with. A fit finds them from the days before, to rounding, and then follows the
/// target exactly; what is written holds before; cutting the target off changes nothing before the cut.
#[test]
fn a_fit_finds_the_weights_its_target_was_made_with() {
    let market = Market::from_moves(&waves(150));
    let made = legal(|w| {
        (w.long.weight, w.short.weight, w.straddle.weight) = (0.9, 0.6, 0.0);
    });
    let target = nav_of(&market.run(&made));
    for sample in [FitSample::Past, FitSample::Whole] {
        let outcome = run_fitted(&market, &fitted(sample, 60), &target);
        let is_past = sample == FitSample::Past;
        for (i, line) in outcome.weights.iter().enumerate() {
            let expected = if is_past && i <= 60 { (0.3, 0.2) } else { (0.9, 0.6) };
            assert!((line.long - expected.0).abs() < 1e-12, "{i} {line:?}");
            assert!((line.short - expected.1).abs() < 1e-12, "{i} {line:?}");
            assert_eq!(line.r_squared.is_nan(), is_past && i <= 60, "{i} {line:?}");
        }
        let whole = &outcome.fit[0];
        assert_eq!(whole.n_days, if is_past { 89 } else { 150 });
        assert!(whole.tracking_error < 1e-12 && (whole.r_squared - 1.0).abs() < 1e-12, "{whole:?}");
        let told = outcome.convention()["weights"].en.clone();
        assert!(told.contains(if is_past { "out of sample" } else { "in-sample" }), "{told}");
    }
    let whole = run_fitted(&market, &fitted(FitSample::Past, 60), &target);
    let cut = market.long.days()[110];
    let part = run_fitted(&market.up_to(cut), &fitted(FitSample::Past, 60), &target);
    assert_eq!(part.nav, whole.nav[..=110]);
    let short_target = target.between(target.days()[0], cut);
    let part = run_fitted(&market, &fitted(FitSample::Past, 60), &short_target);
    let told = |outcome: &ReplicationOutcome| -> Vec<(f64, f64)> {
        outcome.weights[..=110].iter().map(|line| (line.long, line.short)).collect()
    };
    assert_eq!(told(&part), told(&whole));
}

/// Witness: a target made of the units the ledger itself holds. Its slope is that of the straddles, which a sale then
/// sells; a sale of none is watched, not written.
#[test]
fn straddles_are_fitted_to_what_one_of_them_earned() {
    let market = Market::from_moves(&waves(200));
    // A replica that sells straddles on a hundredth of its equity hardly grows: its returns are those of the units.
    let made = legal(|w| {
        (w.long.weight, w.short.weight, w.straddle.weight) = (0.0, 0.0, 0.01);
    });
    let target = nav_of(&market.run(&made));
    let terms = |sample, weight| {
        legal(|w| {
            (w.long.weight, w.short.weight, w.straddle.weight) = (0.0, 0.0, weight);
            w.straddle.sizing = Sizing::Fitted;
            w.fit = Some(FitRule { target: Symbol::literal("000905.SH"), days: 60, sample });
        })
    };
    let whole = run_fitted(&market, &terms(FitSample::Whole, 1.0), &target);
    let found = whole.weights[0].straddle;
    assert!((found / 0.01 - 1.0).abs() < 0.01, "{found}");
    let past = run_fitted(&market, &terms(FitSample::Past, 1.0), &target);
    let last = past.trades.iter().rev().find(|t| t.action == TradeAction::Sold).unwrap();
    let nav = past.nav.iter().find(|line| line.date == last.date).unwrap().nav;
    let asked = past.weights.iter().find(|line| line.date == last.date).unwrap().straddle;
    assert!((last.quantity * last.forward / nav - asked).abs() < 1e-12);
    assert!((asked / 0.01 - 1.0).abs() < 0.01, "{asked}");
    // A target that falls when straddles gain asks for none, and none is traded.
    let against: Vec<f64> = target.values().iter().map(|nav| 1.0 / nav).collect();
    let against = Series::new("target", target.days().to_vec(), against).unwrap();
    let none = run_fitted(&market, &terms(FitSample::Whole, 1.0), &against);
    assert_eq!((none.weights[0].straddle, none.trades.len(), none.straddles.len()), (0.0, 0, 0));
    assert!(none.nav.iter().all(|line| line.nav == 1.0));
}

/// Witness: the definition. At a sale, straddles on so much of equity as make what they earned over the days before as
/// volatile as the long leg; 0.5 of equity until there are as many days.
#[test]
fn straddles_are_sized_as_volatile_as_the_long_leg() {
    let market = Market::from_moves(&waves(120));
    let terms = legal(|w| (w.straddle.sizing, w.straddle.sizing_days) = (Sizing::RiskParity, 30));
    let outcome = market.run(&terms);
    let sales: Vec<_> = outcome.trades.iter().filter(|t| t.action == TradeAction::Sold).collect();
    assert!(sales.len() > 3);
    for (i, sale) in sales.iter().enumerate() {
        let at = outcome.nav.iter().position(|line| line.date == sale.date).unwrap();
        // The equity at the sale is that before its own costs; there are none.
        let weight = sale.quantity * sale.forward / outcome.nav[at].nav;
        let before: Vec<&StraddleLine> =
            outcome.straddles.iter().filter(|line| line.date < sale.date).collect();
        let Some(window) = before.len().checked_sub(30).map(|from| &before[from..]) else {
            assert!((weight - 0.5).abs() < 1e-12, "{i} {weight}");
            continue;
        };
        let units: Vec<f64> = window
            .iter()
            .map(|line| {
                let sold = sales.iter().rev().find(|sale| sale.date < line.date).unwrap();
                (line.value_before - line.value) / sold.forward
            })
            .collect();
        let long: Vec<f64> = market.long.returns().values()[at - 31..at - 1].to_vec();
        let deviation = |values: &[f64]| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            values.iter().map(|x| (x - mean).powi(2)).sum::<f64>().sqrt()
        };
        let expected = (deviation(&long) / deviation(&units)).min(10.0);
        assert!((weight / expected - 1.0).abs() < 1e-9, "{i} {weight} {expected}");
    }
    let part = market.up_to(market.long.days()[100]).run(&terms);
    assert_eq!(part.nav, outcome.nav[..=100]);
}

#[test]
fn a_fit_without_days_or_target_is_refused() {
    let market = Market::from_moves(&waves(50));
    let target = nav_of(&market.run(&ReplicationTerms::default()));
    let terms = fitted(FitSample::Past, 60);
    let refusal = replicate(&terms, &market.with(None)).unwrap_err().to_string();
    assert!(refusal.contains("no series of its `target`"), "{refusal}");
    for sample in [FitSample::Past, FitSample::Whole] {
        let market = ReplicationMarket { target: Some(&target), ..market.with(None) };
        let refusal = replicate(&fitted(sample, 60), &market).unwrap_err().to_string();
        assert!(refusal.contains("`fit.days` is 60") && refusal.contains("50 days"), "{refusal}");
    }
}
