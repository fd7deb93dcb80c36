//! Which numbers a scenario may hold, beyond those a division needs.

use crate::SpiralError;
use crate::error::require;
use crate::market::SEGMENTS;
use crate::policy::rules_of;
use crate::scenario::Scenario;

/// Refuses numbers that mean nothing: negative amounts, shares above 1, NaN, days the scenario does not have.
pub(crate) fn check(scenario: &Scenario) -> Result<(), SpiralError> {
    scenario.news.check()?;
    markets(scenario)?;
    holders(scenario)?;
    rules(scenario)?;
    days(scenario)
}

fn finite(field: String, x: f64) -> Result<(), SpiralError> {
    require(field, x, "a finite number", x.is_finite())
}

fn amount(field: String, x: f64) -> Result<(), SpiralError> {
    require(field, x, "an amount in CNY, 0 or more", x >= 0.0 && x.is_finite())
}

fn share(field: impl Into<String>, x: f64) -> Result<(), SpiralError> {
    require(field, x, "in [0, 1]", (0.0..=1.0).contains(&x))
}

/// 0 or more; infinity is "never".
fn not_negative(field: &str, x: f64) -> Result<(), SpiralError> {
    require(field, x, "0 or more", x >= 0.0)
}

fn shares(field: &'static str, weights: &[f64]) -> Result<(), SpiralError> {
    for (i, weight) in weights.iter().enumerate() {
        share(format!("{field}[{i}]"), *weight)?;
    }
    let total: f64 = weights.iter().sum();
    require(field, total, "shares that add up to 1", (total - 1.0).abs() < 1e-6)
}

fn markets(scenario: &Scenario) -> Result<(), SpiralError> {
    let market = &scenario.market;
    for k in 0..SEGMENTS {
        finite(format!("market.daily_amount[{k}]"), market.daily_amount[k])?;
        finite(format!("market.volatility[{k}]"), market.volatility[k])?;
        finite(format!("market.beta[{k}]"), market.beta[k])?;
        finite(format!("market.name_dispersion[{k}]"), market.name_dispersion[k])?;
        share(format!("market.price_limit[{k}]"), market.price_limit[k])?;
    }
    for j in 0..3 {
        finite(format!("market.open_interest[{j}]"), market.open_interest[j])?;
        finite(format!("market.carry[{j}]"), market.carry[j])?;
    }
    not_negative("market.common_impact", market.common_impact)?;
    not_negative("market.depth_elasticity", market.depth_elasticity)?;
    share("market.depth_floor", market.depth_floor)?;
    not_negative("market.basis_impact", market.basis_impact)?;
    not_negative("market.basis_fear", market.basis_fear)
}

fn holders(scenario: &Scenario) -> Result<(), SpiralError> {
    let dma = &scenario.dma;
    amount("dma.long_value".to_owned(), dma.long_value)?;
    shares("dma.weights", &dma.weights)?;
    shares("dma.hedge_mix", &dma.hedge_mix)?;
    share("dma.tilt_spread", dma.tilt_spread)?;
    require(
        "dma.hedge_ratio",
        dma.hedge_ratio,
        "in [0, 2]",
        (0.0..=2.0).contains(&dma.hedge_ratio),
    )?;
    require("dma.hedge_days", dma.hedge_days, "above 0", dma.hedge_days > 0.0)?;
    let is_spread = (0.0..1.0).contains(&dma.leverage_spread);
    require("dma.leverage_spread", dma.leverage_spread, "in [0, 1)", is_spread)?;
    let is_rate = (0.0..1.0).contains(&dma.financing_rate);
    require("dma.financing_rate", dma.financing_rate, "in [0, 1)", is_rate)?;
    require("dma.stop_loss", dma.stop_loss, "above 0", dma.stop_loss > 0.0)?;
    let neutral = &scenario.neutral;
    for (j, stocks) in neutral.stocks.into_iter().enumerate() {
        amount(format!("neutral.stocks[{j}]"), stocks)?;
    }
    shares("neutral.weights", &neutral.weights)?;
    share("neutral.invested", neutral.invested)?;
    not_negative("neutral.drawdown_threshold", neutral.drawdown_threshold)?;
    not_negative("neutral.redemption_slope", neutral.redemption_slope)?;
    not_negative("neutral.cost_slope", neutral.cost_slope)?;
    not_negative("neutral.cost_budget", neutral.cost_budget)?;
    require("neutral.hedge_days", neutral.hedge_days, "above 0", neutral.hedge_days > 0.0)?;
    let enhanced = &scenario.enhanced;
    for (k, value) in enhanced.value.into_iter().enumerate() {
        amount(format!("enhanced.value[{k}]"), value)?;
    }
    share("enhanced.micro_share", enhanced.micro_share)?;
    share("enhanced.csi2000_share", enhanced.csi2000_share)?;
    share("enhanced.micro_share + csi2000_share", enhanced.micro_share + enhanced.csi2000_share)?;
    not_negative("enhanced.threshold", enhanced.threshold)?;
    not_negative("enhanced.speed", enhanced.speed)?;
    for (i, rung) in scenario.snowball.ladder.iter().enumerate() {
        let field = format!("snowball.ladder[{i}].knock_in");
        require(field, rung.knock_in, "above 0, a fraction of the index", rung.knock_in > 0.0)?;
        amount(format!("snowball.ladder[{i}].notional"), rung.notional)?;
    }
    let snowball = &scenario.snowball;
    finite("snowball.quiet_delta".to_owned(), snowball.quiet_delta)?;
    finite("snowball.peak_delta".to_owned(), snowball.peak_delta)?;
    finite("snowball.touched_delta".to_owned(), snowball.touched_delta)?;
    not_negative("chaser.strength", scenario.chaser.strength)?;
    not_negative("bargain.threshold", scenario.bargain.threshold)?;
    not_negative("bargain.strength", scenario.bargain.strength)
}

/// The lines must be in order on every day, whatever has changed by then.
fn rules(scenario: &Scenario) -> Result<(), SpiralError> {
    let mut days: Vec<usize> = scenario.changes.iter().map(|change| change.from_day).collect();
    days.push(0);
    for day in days {
        let rules = rules_of(scenario.rules, &scenario.changes, day);
        let is_ordered = 0.0 <= rules.liquidation_ratio
            && rules.liquidation_ratio <= rules.call_ratio
            && rules.call_ratio <= rules.initial_margin
            && 0.0 < rules.initial_margin
            && rules.initial_margin <= 1.0;
        let expected = "0 <= liquidation line <= call line <= `initial_margin` <= 1";
        let field = format!("rules.call_ratio from day {day}");
        require(field, rules.call_ratio, expected, is_ordered)?;
        require(
            format!("rules.dma_cap from day {day}"),
            rules.dma_cap,
            "0 or more",
            rules.dma_cap >= 0.0,
        )?;
    }
    Ok(())
}

fn days(scenario: &Scenario) -> Result<(), SpiralError> {
    let n = scenario.days.len();
    let expected = "a day of the scenario, 0 the first";
    for (i, change) in scenario.changes.iter().enumerate() {
        let field = format!("changes[{i}].from_day");
        require(field, change.from_day as f64, expected, change.from_day < n)?;
    }
    for (i, purchase) in scenario.purchases.iter().enumerate() {
        require(format!("purchases[{i}].day"), purchase.day as f64, expected, purchase.day < n)?;
        for (k, x) in purchase.amount.into_iter().enumerate() {
            finite(format!("purchases[{i}].amount[{k}]"), x)?;
        }
    }
    for (i, day) in scenario.days.iter().enumerate() {
        let field = format!("days[{i}].factor");
        require(field, day.factor, "a return in (-0.5, 0.5)", day.factor.abs() < 0.5)?;
        let field = format!("days[{i}].days_to_next");
        require(field, day.days_to_next, "1 or more", day.days_to_next >= 1.0)?;
        let n_rounds = day.by_round.len();
        let is_whole = n_rounds == 0 || n_rounds == scenario.rounds;
        let field = format!("days[{i}].by_round");
        require(field, n_rounds as f64, "as many returns as rounds, or none", is_whole)?;
    }
    Ok(())
}
