//! The AB swap: closed forms, the waterfall's laws, and the DMA book's own ledger as an independent peer.

use proptest::prelude::*;
use shoals_core::{Calendar, Outcome, Rules, Series, TradingDay, day};
use shoals_market::future::ContractHistory;
use shoals_product::ab_swap::{
    AbEventKind, AbSwapOutcome, AbSwapTerms, Claims, Layer, distribute, simulate,
};
use shoals_product::swap::{LongMarket, SwapMarket};

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

fn terms(ab: &str, opened_on: TradingDay, closed_on: TradingDay) -> AbSwapTerms {
    AbSwapTerms::from_toml(&format!(
        "[ab]\nsenior_rate = 0.073\njunior_share = 0.20\n{ab}\n\
         [swap]\nopened_on = {opened_on}\nclosed_on = {closed_on}\nnotional = 100.0\n\
         initial_margin_ratio = 0.25\ncall_ratio = 0.15\nliquidation_ratio = 0.10\nfinancing_rate = 0.04\n\
         [long]\nsymbol = \"868008.WI\"\n"
    ))
    .unwrap()
}

/// Carries terms through consecutive exchange days with these closes.
fn carried(ab: &str, opened_on: TradingDay, closes: &[f64]) -> AbSwapOutcome {
    let calendar = Calendar::shanghai();
    let days = calendar.days(opened_on, opened_on.plus_calendar_days(400))[..closes.len()].to_vec();
    let terms = terms(ab, days[0], days[days.len() - 1]);
    let long = Series::new("868008.WI", days, closes.to_vec()).unwrap();
    simulate(&terms, &market(&long, Vec::new())).unwrap()
}

/// Witness: closed form. 75 at 7.3 % for d days is owed 75 (1 + 0.0002 d); B takes what is left over it.
#[test]
fn each_layer_receives_what_the_closed_form_says() {
    let opened_on = day(2020, 3, 2);
    for (close, buffer_lost) in [(1.10, 0.0), (0.98, 2.0), (0.90, 5.0), (0.70, 5.0)] {
        let outcome = carried("buffer = 0.05", opened_on, &[1.0, 1.0, 1.0, close]);
        let last = outcome.lines.last().unwrap();
        let days = f64::from(opened_on.calendar_days_until(last.date));
        let claim = 75.0 * (1.0 + 0.0002 * days);
        let value = 100.0 * close;
        let expected_senior = value.min(claim);
        let junior_and_buffer = value - expected_senior;
        assert!((last.senior_claim - claim).abs() < 1e-10);
        assert!((last.senior - expected_senior).abs() < 1e-10);
        assert!((last.junior + last.buffer - junior_and_buffer).abs() < 1e-10);
        let accrued = claim - 75.0;
        let of_buffer = (5.0 - buffer_lost - if close < 1.0 { accrued } else { 0.0 }).max(0.0);
        assert!((last.buffer - of_buffer).abs() < 1e-10, "{close}: {}", last.buffer);
        assert_eq!(outcome.layers[2].layer, Layer::Senior);
        assert!((outcome.layers[2].received - expected_senior).abs() < 1e-10);
    }
}

/// Witness: the swap room's own ledger. With 4 % paid to A on 75 and 4 % to the broker on 75, B with the
/// buffer and the fund hold the same thing.
#[test]
fn at_one_price_of_money_first_loss_and_margin_are_the_same_equity() {
    let text = toml::to_string(&terms("buffer = 0.05", day(2020, 3, 2), day(2020, 3, 20))).unwrap();
    let text = text
        .replace("senior_rate = 0.073", "senior_rate = 0.04")
        .replace("financing_base = \"notional\"", "financing_base = \"borrowed\"");
    let terms = AbSwapTerms::from_toml(&text).unwrap();
    let calendar = Calendar::shanghai();
    let days = calendar.days(day(2020, 3, 2), day(2020, 3, 20)).to_vec();
    let closes: Vec<f64> = (0..days.len()).map(|i| 1.0 - 0.012 * i as f64).collect();
    let long = Series::new("868008.WI", days, closes).unwrap();
    let outcome = simulate(&terms, &market(&long, Vec::new())).unwrap();
    for line in &outcome.lines {
        let first_loss = line.value - line.senior_claim;
        // What the broker lent grows by its own interest; A's claim is simple. That is all that differs.
        assert!((first_loss - line.dma_equity).abs() < 1e-3, "{first_loss} {}", line.dma_equity);
    }
}

#[test]
fn a_close_below_the_stop_line_is_acted_on_at_the_next_one() {
    let closes = [1.0, 0.97, 0.89, 0.85, 0.99, 1.2];
    let outcome = carried("buffer = 0.05\nstop_nav = 0.9", day(2020, 3, 2), &closes);
    let last = outcome.lines.last().unwrap();
    assert_eq!((outcome.lines.len(), last.nav), (4, 0.85));
    let kinds: Vec<AbEventKind> = outcome.events.iter().map(|event| event.kind).collect();
    assert!(kinds.contains(&AbEventKind::StopLine) && kinds.contains(&AbEventKind::Stopped));
    assert_eq!(outcome.sides[0].stopped_on, Some(outcome.lines[2].date));
    // The DMA book goes on to its own end.
    assert_eq!(outcome.dma.statement.len(), 6);
}

/// Witness: the rule table; the end of 2021 is a fact of the market, not of the path.
#[test]
fn the_end_of_the_structure_is_told() {
    for (opened_on, kind) in [
        (day(2020, 3, 2), None),
        (day(2021, 12, 1), Some(AbEventKind::OfferEnded)),
        (day(2024, 1, 2), Some(AbEventKind::NotOffered)),
    ] {
        let outcome = carried("", opened_on, &[1.0; 6]);
        let told = outcome
            .events
            .iter()
            .map(|event| event.kind)
            .find(|kind| matches!(kind, AbEventKind::OfferEnded | AbEventKind::NotOffered));
        assert_eq!(told, kind, "{opened_on}");
    }
}

/// Witness: the path itself. The row of the payoff table at the return the path had says what it paid.
#[test]
fn the_payoff_table_holds_the_path_taken() {
    for close in [0.62, 0.81, 1.0, 1.17] {
        let outcome =
            carried("buffer = 0.05\nbuffer_gain_share = 0.2", day(2020, 3, 2), &[1.0, close]);
        let row = outcome
            .payoffs
            .iter()
            .find(|row| (row.portfolio_return - (close - 1.0)).abs() < 1e-9)
            .unwrap();
        let last = outcome.lines.last().unwrap();
        assert!((row.junior_return - last.junior_return).abs() < 1e-12, "{close}");
        let of = |layer: usize| outcome.layers[layer].r#return;
        assert!((row.senior_return - of(2)).abs() < 1e-12);
        assert!((row.buffer_return - of(0)).abs() < 1e-12);
        assert!((row.dma_return - outcome.sides[1].r#return).abs() < 1e-12);
        assert!((row.broker_loss - outcome.sides[1].lender_loss).abs() < 1e-9);
    }
}

#[test]
fn every_table_has_the_rows_it_promises() {
    let outcome = carried("", day(2020, 3, 2), &[1.0, 0.9, 0.8]);
    let rows: Vec<(String, usize)> =
        outcome.tables().iter().map(|table| (table.name().to_owned(), table.n_rows())).collect();
    let expected = [("ab", 3), ("side", 2), ("layer", 3), ("payoff", 81)];
    for (name, n) in expected {
        assert!(rows.contains(&(name.to_owned(), n)), "{rows:?}");
    }
    assert!(outcome.convention().contains_key("waterfall"));
}

proptest! {
    /// The waterfall never creates money, pays nobody more than is there, and loses from the bottom.
    #[test]
    fn the_waterfall_never_creates_money(
        value in -50.0..200.0_f64, senior in 1.0..100.0_f64, junior in 1.0..50.0_f64,
        buffer in 0.0..20.0_f64, buffer_gain_share in 0.0..1.0_f64,
    ) {
        let claims = Claims { senior, junior, buffer, buffer_gain_share };
        let paid = distribute(value, &claims);
        let all = paid.senior + paid.junior + paid.buffer - paid.owed;
        prop_assert!((all - value).abs() < 1e-9);
        for x in [paid.senior, paid.junior, paid.buffer, paid.owed, paid.senior_shortfall] {
            prop_assert!(x >= 0.0);
        }
        if paid.buffer < buffer - 1e-9 {
            prop_assert!(paid.junior <= junior + 1e-9, "a gain was shared before the buffer was whole");
        }
        if paid.junior < junior - 1e-9 {
            prop_assert!(paid.buffer.abs() < 1e-9, "the junior lost before the buffer");
        }
        if paid.senior_shortfall > 1e-9 {
            prop_assert!(paid.junior.abs() < 1e-9, "the senior lost before the junior");
        }
    }

    /// Nobody is worse off for a better portfolio.
    #[test]
    fn receipts_rise_with_the_value(
        low in -20.0..150.0_f64, more in 0.0..50.0_f64, buffer in 0.0..20.0_f64,
        buffer_gain_share in 0.0..1.0_f64,
    ) {
        let claims = Claims { senior: 75.0, junior: 20.0, buffer, buffer_gain_share };
        let (a, b) = (distribute(low, &claims), distribute(low + more, &claims));
        for layer in Layer::ALL {
            prop_assert!(b.of(layer) >= a.of(layer) - 1e-9);
        }
    }

    /// Money balances on every day of any path, and no line knows the closes after it.
    #[test]
    fn money_balances_and_nothing_looks_ahead(
        moves in prop::collection::vec(-0.12..0.12_f64, 3..30), cut in 2..20_usize,
        has_stop in any::<bool>(),
    ) {
        let mut level = 1.0;
        let closes: Vec<f64> = std::iter::once(1.0)
            .chain(moves.iter().map(|m| { level *= 1.0 + m; level }))
            .collect();
        let ab = if has_stop { "buffer = 0.05\nstop_nav = 0.9" } else { "buffer = 0.05" };
        let whole = carried(ab, day(2020, 3, 2), &closes);
        for line in &whole.lines {
            let shared = line.senior + line.junior + line.buffer - line.owed;
            let earned = 100.0 + line.long_pnl + line.hedge_pnl - line.fees;
            prop_assert!((shared - line.value).abs() < 1e-9 * 100.0);
            prop_assert!((earned - line.value).abs() < 1e-9 * 100.0);
        }
        let cut = cut.min(closes.len());
        let part = carried(ab, day(2020, 3, 2), &closes[..cut]);
        for (a, b) in part.lines.iter().zip(&whole.lines).take(cut - 1) {
            prop_assert_eq!(a.value, b.value);
            prop_assert_eq!(a.junior, b.junior);
        }
    }
}
