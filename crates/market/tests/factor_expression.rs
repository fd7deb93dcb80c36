//! Expressions: by hand, against the usual factors, against each operator's definition written out, and
//! without a look ahead.

use proptest::prelude::*;
use shoals_core::{Panel, Symbol, TradingDay, day};
use shoals_market::factor::LookBack;
use shoals_market::factor::definition::{Cap, Factor, traded_returns};
use shoals_market::factor::expression::{COLUMNS, Expression, OPERATORS};
use shoals_stats::rank::{average_ranks, pearson};
use shoals_stats::{moments, rolling};

const N_STOCKS: usize = 7;
const N_DAYS: usize = 60;

fn compute(text: &str, panel: &Panel) -> Vec<f64> {
    text.parse::<Expression>().unwrap().compute(panel).unwrap()
}

fn is_same(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 1e-9 * b.abs().max(1e-6) || (a.is_nan() && b.is_nan())
}

fn check(ours: &[f64], expected: &[f64], what: &str) {
    assert_eq!(ours.len(), expected.len());
    for (cell, (ours, expected)) in ours.iter().zip(expected).enumerate() {
        assert!(is_same(*ours, *expected), "{what}, cell {cell}: {ours}, expected {expected}");
    }
}

/// A panel as a function of the seed: ties, gaps, and a stock that never trades.
fn panel(seed: u64, n_days: usize) -> Panel {
    let uniform = |part: u64, cell: usize| {
        let mut z = seed ^ (part << 56) ^ (cell as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    };
    let column = |part: u64, low: f64, high: f64| -> Vec<f64> {
        let tick = |x: f64| (x * 10.0).round() / 10.0;
        (0..n_days * N_STOCKS)
            .map(|cell| {
                let is_missing = uniform(part + 100, cell) < 0.12 || cell % N_STOCKS == 6;
                if is_missing { f64::NAN } else { tick(low + (high - low) * uniform(part, cell)) }
            })
            .collect()
    };
    let days: Vec<TradingDay> =
        (0..n_days as i32).map(|t| TradingDay::from_epoch_days(19_000 + t)).collect();
    let symbols = (0..N_STOCKS).map(|i| Symbol::literal(&format!("{}.SH", 600_000 + i))).collect();
    let panel = Panel::new(days, symbols).unwrap();
    let panel = panel.with_column("close", column(1, 5.0, 15.0)).unwrap();
    let panel = panel.with_column("pre_close", column(2, 5.0, 15.0)).unwrap();
    let panel = panel.with_column("amount", column(3, 0.0, 9.0)).unwrap();
    let panel = panel.with_column("pb", column(4, -1.0, 4.0)).unwrap();
    let panel = panel.with_column("total_market_cap", column(5, 0.0, 9.0)).unwrap();
    let returns = traded_returns(&panel).unwrap();
    panel.with_column("return", returns).unwrap()
}

/// By hand, on two stocks and three days.
#[test]
fn a_small_panel_is_what_one_works_out_by_hand() {
    let days = (2..5).map(|d| day(2024, 1, d)).collect();
    let symbols = vec![Symbol::literal("600519.SH"), Symbol::literal("000002.SZ")];
    let panel = Panel::new(days, symbols).unwrap();
    let panel = panel.with_column("pb", vec![2.0, 4.0, 0.0, -1.0, f64::NAN, 3.0]).unwrap();
    let panel = panel.with_column("volume", vec![1.0, 2.0, 5.0, 8.0, 9.0, 8.0]).unwrap();
    let none = f64::NAN;
    for (text, by_hand) in [
        ("pb ^ -1", [0.5, 0.25, none, -1.0, none, 1.0 / 3.0]),
        ("1 / pb", [0.5, 0.25, none, -1.0, none, 1.0 / 3.0]),
        ("-pb ^ 2", [-4.0, -16.0, 0.0, -1.0, none, -9.0]),
        ("log(pb)", [2f64.ln(), 4f64.ln(), none, none, none, 3f64.ln()]),
        ("sign(pb) * abs(pb)", [2.0, 4.0, 0.0, -1.0, none, 3.0]),
        ("min(pb, volume)", [1.0, 2.0, 0.0, -1.0, none, 3.0]),
        ("max(pb, 1)", [2.0, 4.0, 1.0, 1.0, none, 3.0]),
        ("rank(pb)", [0.5, 1.0, 1.0, 0.5, none, 1.0]),
        ("demean(volume)", [-0.5, 0.5, -1.5, 1.5, 0.5, -0.5]),
        ("zscore(volume)", [-0.5f64.sqrt(), 0.5f64.sqrt()].repeat(3).try_into().unwrap()),
        ("delay(volume, 1)", [none, none, 1.0, 2.0, 5.0, 8.0]),
        ("delta(volume, 1)", [none, none, 4.0, 6.0, 4.0, 0.0]),
        ("rolling_mean(volume, 2)", [none, none, 3.0, 5.0, 7.0, 8.0]),
        ("rolling_rank(volume, 3)", [none, none, 1.0, 1.0, 1.0, 2.5 / 3.0]),
        ("rolling_median(volume, 3)", [none, none, 3.0, 5.0, 5.0, 8.0]),
        ("sqrt(volume * volume)", [1.0, 2.0, 5.0, 8.0, 9.0, 8.0]),
    ] {
        let ours = compute(text, &panel);
        let by_hand = match text {
            // The last day's two values stand the other way round.
            "zscore(volume)" => {
                [by_hand[0], by_hand[1], by_hand[0], by_hand[1], by_hand[1], by_hand[0]]
            }
            _ => by_hand,
        };
        check(&ours, &by_hand, text);
    }
    let missing = "pe_ttm * 2".parse::<Expression>().unwrap().compute(&panel).unwrap_err();
    assert!(missing.to_string().contains("pe_ttm"), "{missing}");
}

/// By hand: three stocks, one without amount; 1 holds, 0 does not, and a missing side leaves nothing.
#[test]
fn conditions_are_what_one_works_out_by_hand() {
    let days = vec![day(2024, 1, 2), day(2024, 1, 3)];
    let symbols = ["600001.SH", "600002.SH", "600003.SH"].map(Symbol::literal).to_vec();
    let none = f64::NAN;
    let panel = Panel::new(days, symbols).unwrap();
    let panel = panel.with_column("pb", vec![1.0, 2.0, 3.0, 0.5, 2.0, none]).unwrap();
    let panel = panel.with_column("amount", vec![5.0, none, 1.0, 2.0, 2.0, 2.0]).unwrap();
    for (text, by_hand) in [
        ("pb > 1", [0.0, 1.0, 1.0, 0.0, 1.0, none]),
        ("pb >= 1", [1.0, 1.0, 1.0, 0.0, 1.0, none]),
        ("pb < amount", [1.0, none, 0.0, 1.0, 0.0, none]),
        ("pb <= amount", [1.0, none, 0.0, 1.0, 1.0, none]),
        ("pb == 2", [0.0, 1.0, 0.0, 0.0, 1.0, none]),
        ("pb != 2", [1.0, 0.0, 1.0, 1.0, 0.0, none]),
        ("not pb > 1", [1.0, 0.0, 0.0, 1.0, 0.0, none]),
        // Missing, whatever the other side.
        ("pb > 9 and amount > 0", [0.0, none, 0.0, 0.0, 0.0, none]),
        ("pb > 0 or amount > 0", [1.0, none, 1.0, 1.0, 1.0, none]),
        // `not` binds before `and`, `and` before `or`; a comparison before all of them.
        ("pb > 2 or not pb > 1 and pb < 0.7", [0.0, 0.0, 1.0, 1.0, 0.0, none]),
        // The side not taken is not looked at; a missing condition takes none.
        ("if(pb == 2, -1, amount)", [5.0, -1.0, 1.0, 2.0, -1.0, none]),
        ("if(amount > 1, pb, 0)", [1.0, none, 0.0, 0.5, 2.0, none]),
        ("if(pb > 1 and pb < 3, 1, 0) * pb", [0.0, 2.0, 0.0, 0.0, 2.0, none]),
        ("rank(pb > 1)", [1.0 / 3.0, 2.5 / 3.0, 2.5 / 3.0, 0.5, 1.0, none]),
    ] {
        check(&compute(text, &panel), &by_hand, text);
    }
}

/// By hand: two stocks of one industry, one alone in another, one with none. Every group looks at one day.
#[test]
fn groups_are_what_one_works_out_by_hand() {
    let symbols = ["600001.SH", "600002.SH", "600003.SH", "600004.SH"].map(Symbol::literal);
    let none = f64::NAN;
    let panel = Panel::new(vec![day(2024, 1, 2), day(2024, 1, 3)], symbols.to_vec()).unwrap();
    let pb = vec![1.0, 4.0, 7.0, 9.0, 6.0, 6.0, none, 9.0];
    let panel = panel.with_column("pb", pb).unwrap();
    let industries = [3, 3, 1, 0];
    for (text, by_hand) in [
        ("group_mean(pb)", [2.5, 2.5, 7.0, none, 6.0, 6.0, none, none]),
        ("group_neutral(pb)", [-1.5, 1.5, 0.0, none, 0.0, 0.0, none, none]),
        ("group_rank(pb)", [0.5, 1.0, 1.0, none, 0.75, 0.75, none, none]),
        ("if(pb > group_mean(pb), 1, 0)", [0.0, 1.0, 0.0, none, 0.0, 0.0, none, none]),
    ] {
        let expression: Expression = text.parse().unwrap();
        assert!(expression.groups());
        check(&expression.compute_grouped(&panel, &industries).unwrap(), &by_hand, text);
        // Without an industry column there is nothing to group by.
        for industries in [&[][..], &[0; 4]] {
            let refusal = expression.compute_grouped(&panel, industries).unwrap_err().to_string();
            for part in ["no stock of the market has one", "`industry`", "group_neutral"] {
                assert!(refusal.contains(part), "{refusal}");
            }
        }
    }
    assert!(!"rank(pb)".parse::<Expression>().unwrap().groups());
}

/// Peers: the usual factors, made by other code.
#[test]
fn usual_factors_can_be_written_down() {
    let days = LookBack::new(12).unwrap();
    for (text, usual) in [
        ("pb ^ -1", Factor::BookToPrice),
        ("-log(total_market_cap)", Factor::Size { cap: Cap::Total }),
        ("-rolling_std(return, 12)", Factor::LowVolatility { days }),
        ("rolling_mean(abs(return) / amount * 1e8, 12)", Factor::Illiquidity { days }),
    ] {
        for seed in 0..20 {
            let panel = panel(seed, N_DAYS);
            check(&compute(text, &panel), &usual.compute(&panel).unwrap(), text);
        }
    }
}

/// An operator over time, as its help says it, of the window that ends at a day.
fn over_time(name: &str, window: &[f64]) -> f64 {
    let seen: Vec<f64> = window.iter().copied().filter(|x| !x.is_nan()).collect();
    match name {
        "rolling_mean" => moments::mean(&seen).unwrap(),
        "rolling_std" => moments::std(&seen, 1).unwrap(),
        "rolling_median" => {
            let mut rising = seen.clone();
            rising.sort_by(f64::total_cmp);
            f64::midpoint(rising[(rising.len() - 1) / 2], rising[rising.len() / 2])
        }
        "rolling_min" => seen.iter().copied().fold(f64::INFINITY, f64::min),
        "rolling_max" => seen.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        _ => average_ranks(window)[window.len() - 1] / seen.len() as f64,
    }
}

proptest! {
    /// Witness: the definition of every operator over time, on every window.
    #[test]
    fn windows_are_what_their_help_says(seed in any::<u64>(), days in 2..25_usize) {
        let panel = panel(seed, N_DAYS);
        let pb = panel.column("pb").unwrap();
        let needed = (days * 2).div_ceil(3);
        for help in OPERATORS.iter().filter(|help| help.name.starts_with("rolling_")) {
            let is_pair = help.name == "rolling_corr";
            if is_pair && days < 3 {
                continue;
            }
            let arguments = if is_pair { "pb, close" } else { "pb" };
            let ours = compute(&format!("{}({arguments}, {days})", help.name), &panel);
            for (cell, &found) in ours.iter().enumerate() {
                let (t, i) = (cell / N_STOCKS, cell % N_STOCKS);
                let window = |column: &[f64]| -> Vec<f64> {
                    let first = (t + 1).saturating_sub(days);
                    (first..=t).map(|t| column[t * N_STOCKS + i]).collect()
                };
                let (x, y) = (window(pb), window(panel.column("close").unwrap()));
                let is_seen = |k: &usize| !x[*k].is_nan() && (!is_pair || !y[*k].is_nan());
                let n = (0..x.len()).filter(is_seen).count();
                let expected = if n < needed.max(usize::from(help.name == "rolling_std") * 2) {
                    f64::NAN
                } else if is_pair {
                    pearson(&x, &y).unwrap_or(f64::NAN)
                } else {
                    over_time(help.name, &x)
                };
                prop_assert!(
                    is_same(found, expected), "{} {cell}: {found} {expected}", help.name
                );
            }
        }
    }

    /// Invariant 3: later days change nothing.
    #[test]
    fn an_expression_sees_no_later_day(seed in any::<u64>(), cut in 1..N_DAYS) {
        let text = "if(rolling_mean(pb, 4) > delay(pb, 2) or not amount < 3, 1, -1) + \
                    rolling_rank(delta(pb, 3), 9) + zscore(rolling_corr(return, amount, 8)) \
                    - delay(rank(close), 2) * rolling_max(return, 5)";
        let whole = compute(text, &panel(seed, N_DAYS));
        let part = compute(text, &panel(seed, cut));
        let bits = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&whole[..cut * N_STOCKS]), bits(&part));
    }

    /// As many days as it says are enough for its last day.
    #[test]
    fn the_look_back_is_what_the_last_day_needs(seed in any::<u64>(), a in 1..9_usize, b in 2..9_usize) {
        let text = format!(
            "if(delay(pb, {a}) > 1, delay(rolling_mean(delta(close, {a}), {b}), 3), 0) / rolling_std(pb, {b})"
        );
        let expression: Expression = text.parse().unwrap();
        let whole = panel(seed, N_DAYS);
        let first = N_DAYS - 1 - expression.look_back();
        let cells = first * N_STOCKS..N_DAYS * N_STOCKS;
        let mut short = Panel::new(whole.days()[first..].to_vec(), whole.symbols().to_vec()).unwrap();
        for name in ["close", "pb"] {
            short = short.with_column(name, whole.column(name).unwrap()[cells.clone()].to_vec()).unwrap();
        }
        let (long, short) = (expression.compute(&whole).unwrap(), expression.compute(&short).unwrap());
        let last = |values: &[f64]| values[values.len() - N_STOCKS..].to_vec();
        for (long, short) in last(&long).iter().zip(last(&short)) {
            prop_assert!(is_same(*long, short), "{long} {short}");
        }
    }

    /// Any text is read or refused at a place inside it.
    #[test]
    fn no_text_is_too_strange(text in "[a-z_ ()+*/^,.0-9<>=!-]{0,30}|\\PC{0,12}") {
        if let Err(error) = text.parse::<Expression>() {
            prop_assert!(error.at <= error.text.chars().count());
        }
    }
}

#[test]
fn every_name_of_the_help_is_read() {
    for (name, _) in COLUMNS {
        assert!(name.parse::<Expression>().is_ok(), "{name}");
    }
    for help in OPERATORS {
        let written = help
            .usage
            .replace("condition", "pb > 1")
            .replace("days", "5")
            .replace('x', "pb")
            .replace('y', "amount");
        // `max` and `zscore` hold letters of their own.
        let arguments = written.split_once('(').unwrap().1;
        let text = format!("{}({arguments}", help.name);
        assert!(text.parse::<Expression>().is_ok(), "{text}");
    }
    assert!(rolling::Window::full(0).is_err());
}
