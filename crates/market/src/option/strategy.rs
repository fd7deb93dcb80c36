//! A straddle held through a chain, and where its gains come from.
//!
//! A straddle is sold (or bought) at the strike nearest the parity forward, marked at the closes, renewed before
//! expiry or when the forward has left the strike, and hedged with forwards by a rule. The gain of a day is told
//! by the greeks of the close before,
//!
//! ```text
//! gain = Δ·δF + ½Γ·δF² + vega·δσ + θ·δt + residual + hedge − cost,
//! ```
//!
//! and the lines add up exactly: the residual is what is left. Gains are fractions of the underlying value at the
//! sale (one unit of value is sold each time, nothing is compounded); a gain is positive, a cost a positive
//! magnitude. A re-strike is decided at one close and done at the next; a roll and a hedge are done at their close.
//! Source: METHODS C; Bakshi and Kapadia (2003) for the delta-hedged gain.

use serde::{Deserialize, Serialize};
use shoals_core::number::TRADING_DAYS_PER_YEAR;
use shoals_core::{Calendar, TradingDay};

use super::chain::years_until;
use super::{Black76, ImpliedVolatility, OptionChain, OptionKind, implied_volatility, straddle};
use crate::MarketError;
use crate::error::require_setting;

/// Days without a quote after which a position is given up at its last mark.
const PATIENCE_DAYS: u32 = 2;

/// Terms of a straddle strategy. A value of this type is always legal.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "StraddleWords", into = "StraddleWords")]
pub struct StraddleTerms(StraddleWords);

/// The words of the TOML file, not yet believed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StraddleWords {
    /// Sold or bought.
    pub side: Side,
    /// Calendar days an expiry must be away when it is entered.
    pub min_days_to_expiry: u32,
    /// When the position is renewed.
    pub renewal: Renewal,
    /// Relative distance of the forward from the strike that re-strikes.
    pub restrike_threshold: f64,
    /// When delta is hedged.
    pub hedge: Hedge,
    /// Net delta that is hedged again (hedge `band`), a fraction of the underlying value.
    pub hedge_band: f64,
    /// Continuously compounded annual rate, for expiries whose quotes give none.
    pub rate: f64,
    /// Cost of an option trade, a fraction of the premium.
    pub premium_cost: f64,
    /// Cost of a hedge trade, a fraction of the value traded.
    pub hedge_cost: f64,
}

/// Sold or bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Sold: earns when nothing happens.
    #[default]
    Short,
    /// Bought.
    Long,
}

/// When a straddle is renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Renewal {
    /// On the trading day before expiry.
    #[default]
    Hold,
    /// The same, and the day after the forward has left the strike by the threshold.
    Restrike,
}

/// When delta is hedged with forwards of the same expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hedge {
    /// Never.
    #[default]
    None,
    /// At every close.
    Daily,
    /// At a close whose net delta is beyond the band.
    Band,
}

impl Default for StraddleWords {
    /// A month's straddle sold and left alone, as METHODS C has it; gross of costs.
    fn default() -> Self {
        Self {
            side: Side::Short,
            min_days_to_expiry: 7,
            renewal: Renewal::Hold,
            restrike_threshold: 0.03,
            hedge: Hedge::None,
            hedge_band: 0.10,
            rate: 0.02,
            premium_cost: 0.0,
            hedge_cost: 0.0,
        }
    }
}

impl std::ops::Deref for StraddleTerms {
    type Target = StraddleWords;

    fn deref(&self) -> &StraddleWords {
        &self.0
    }
}

impl From<StraddleTerms> for StraddleWords {
    fn from(terms: StraddleTerms) -> Self {
        terms.0
    }
}

impl TryFrom<StraddleWords> for StraddleTerms {
    type Error = MarketError;

    fn try_from(words: StraddleWords) -> Result<Self, MarketError> {
        let inside = |x: f64, low: f64, high: f64| (low..=high).contains(&x);
        for (key, found, expected, is_legal) in [
            (
                "restrike_threshold",
                words.restrike_threshold,
                "a decimal in [0.001, 1]",
                inside(words.restrike_threshold, 0.001, 1.0),
            ),
            (
                "hedge_band",
                words.hedge_band,
                "a decimal in [0, 2]",
                inside(words.hedge_band, 0.0, 2.0),
            ),
            ("rate", words.rate, "a decimal in [-0.5, 0.5]", inside(words.rate, -0.5, 0.5)),
            (
                "premium_cost",
                words.premium_cost,
                "a decimal in [0, 0.2]",
                inside(words.premium_cost, 0.0, 0.2),
            ),
            (
                "hedge_cost",
                words.hedge_cost,
                "a decimal in [0, 0.2]",
                inside(words.hedge_cost, 0.0, 0.2),
            ),
        ] {
            require_setting(key, found, expected, is_legal)?;
        }
        Ok(Self(words))
    }
}

/// One day of a strategy. Gains are fractions of the underlying value at the last sale.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct StraddleGain {
    /// Of the straddle by the move of the forward.
    pub delta: f64,
    /// By the square of the move.
    pub gamma: f64,
    /// By the change of implied volatility.
    pub vega: f64,
    /// By the passing of time.
    pub theta: f64,
    /// What the four leave of the straddle's gain.
    pub residual: f64,
    /// Of the hedge.
    pub hedge: f64,
    /// Trading costs, a positive magnitude.
    pub cost: f64,
    /// Sum of the lines, cost taken off.
    pub total: f64,
}

/// A day of a strategy.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StraddleDay {
    /// Trading day.
    pub date: TradingDay,
    /// Expiry held at the close.
    pub expiry: TradingDay,
    /// Strike held at the close.
    pub strike: f64,
    /// Forward at the close; NaN when the quotes give none.
    pub forward: f64,
    /// Volatility the straddle implies; NaN when it has none.
    pub implied_volatility: f64,
    /// Net delta after hedging, a fraction of the underlying value.
    pub net_delta: f64,
    /// Where the day's gain comes from.
    pub gain: StraddleGain,
    /// Sum of the totals so far.
    pub cumulative: f64,
}

/// A straddle from its entry to its exit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StraddleTrade {
    /// Day entered.
    pub entered: TradingDay,
    /// Day left; the last day of the chain when still held.
    pub left: TradingDay,
    /// Expiry.
    pub expiry: TradingDay,
    /// Strike.
    pub strike: f64,
    /// Premium at the entry, a fraction of the forward.
    pub premium: f64,
    /// Volatility it implied.
    pub implied_volatility: f64,
    /// Volatility of the forward while held, 242 days a year; NaN under two moves.
    pub realised_volatility: f64,
    /// Sum of its days' totals.
    pub gain: f64,
    /// Why it was left.
    pub reason: ExitReason,
}

/// Why a straddle was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitReason {
    /// The trading day before expiry.
    BeforeExpiry,
    /// The forward had left the strike.
    Restrike,
    /// No quotes.
    Unquoted,
    /// The chain ended.
    StillHeld,
}

/// A strategy's days and trades.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StraddleHistory {
    /// The terms.
    pub terms: StraddleTerms,
    /// One line a day of the chain, from the first entry on.
    pub days: Vec<StraddleDay>,
    /// Straddles held, in order.
    pub trades: Vec<StraddleTrade>,
}

/// The state a close leaves.
#[derive(Debug, Clone, Copy)]
struct Mark {
    value: f64,
    forward: f64,
    volatility: f64,
    on: TradingDay,
    delta: f64,
    gamma: f64,
    vega: f64,
    theta: f64,
}

#[derive(Debug)]
struct Position {
    expiry: TradingDay,
    strike: f64,
    /// Straddles per unit of underlying value; negative when sold.
    quantity: f64,
    hedge: f64,
    mark: Mark,
    roll_on: TradingDay,
    n_unquoted: u32,
    is_off_strike: bool,
    moves: Vec<f64>,
    trade: StraddleTrade,
}

/// Holds the strategy through a chain.
///
/// Missing: on a day without both quotes of the held strike the mark stands still; after two such days the
/// position is given up at it. A day without a forward tells its whole gain as residual. A straddle worth no more
/// than its intrinsic value has no volatility and moves with the forward.
///
/// # Errors
/// A chain that never offers a straddle, or days the calendar does not know.
pub fn hold_straddles(
    chain: &OptionChain,
    terms: &StraddleTerms,
    calendar: &Calendar,
) -> Result<StraddleHistory, MarketError> {
    let (mut days, mut trades) = (Vec::new(), Vec::new());
    let mut held: Option<Position> = None;
    let mut cumulative = 0.0;
    for today in chain.days() {
        let mut gain = StraddleGain::default();
        if let Some(mut position) = held.take() {
            let reason = position.carry(chain, terms, today, &mut gain);
            position.trade.gain += gain.total;
            match reason {
                None => held = Some(position),
                Some(reason) => {
                    let cost = position.exit_cost(terms);
                    gain.charge(cost);
                    position.trade.gain -= cost;
                    trades.push(position.closed(today, reason));
                }
            }
        }
        if held.is_none()
            && let Some(entered) = Position::enter(chain, terms, calendar, today)?
        {
            gain.charge(entered.trade_cost(terms));
            held = Some(entered);
        }
        let Some(position) = &mut held else {
            if gain != StraddleGain::default() {
                cumulative += gain.total;
                days.push(flat_day(today, gain, cumulative));
            }
            continue;
        };
        let cost = position.rehedge(terms, today);
        gain.charge(cost);
        position.trade.gain -= cost;
        cumulative += gain.total;
        days.push(StraddleDay {
            date: today,
            expiry: position.expiry,
            strike: position.strike,
            forward: position.mark.forward,
            implied_volatility: position.mark.volatility,
            net_delta: position.net_delta(),
            gain,
            cumulative,
        });
    }
    if let (Some(position), Some(last)) = (held, days.last()) {
        trades.push(position.closed(last.date, ExitReason::StillHeld));
    }
    if days.is_empty() {
        return Err(MarketError::TooFewStrikes { needed: 1, found: 0 });
    }
    Ok(StraddleHistory { terms: *terms, days, trades })
}

/// A day that ends without a straddle: the chain offered none.
fn flat_day(date: TradingDay, gain: StraddleGain, cumulative: f64) -> StraddleDay {
    StraddleDay {
        date,
        expiry: date,
        strike: f64::NAN,
        forward: f64::NAN,
        implied_volatility: f64::NAN,
        net_delta: 0.0,
        gain,
        cumulative,
    }
}

impl StraddleGain {
    fn charge(&mut self, cost: f64) {
        self.cost += cost;
        self.total -= cost;
    }
}

impl Position {
    fn enter(
        chain: &OptionChain,
        terms: &StraddleTerms,
        calendar: &Calendar,
        today: TradingDay,
    ) -> Result<Option<Self>, MarketError> {
        for expiry in chain.expiries(today) {
            let n_days = today.calendar_days_until(expiry);
            if n_days < terms.min_days_to_expiry as i32 || calendar.previous(expiry)? <= today {
                continue;
            }
            let Some((found, pairs)) = chain.forward(today, expiry, terms.rate) else { continue };
            let at_the_money = pairs.iter().find(|pair| pair.strike == found.at_the_money);
            let Some(pair) = at_the_money else { continue };
            let (value, strike) = (pair.call + pair.put, pair.strike);
            let mark = mark(value, found.forward, found.discount, strike, today, expiry);
            let sign = if terms.side == Side::Short { -1.0 } else { 1.0 };
            let trade = StraddleTrade {
                entered: today,
                left: today,
                expiry,
                strike,
                premium: value / found.forward,
                implied_volatility: mark.volatility,
                realised_volatility: f64::NAN,
                gain: 0.0,
                reason: ExitReason::StillHeld,
            };
            let mut position = Self {
                expiry,
                strike,
                quantity: sign / found.forward,
                hedge: 0.0,
                mark,
                roll_on: calendar.previous(expiry)?,
                n_unquoted: 0,
                is_off_strike: false,
                moves: Vec::new(),
                trade,
            };
            position.trade.gain = -position.trade_cost(terms);
            return Ok(Some(position));
        }
        Ok(None)
    }

    /// Moves to the close of `today`, tells the gain and why the position must be left now.
    fn carry(
        &mut self,
        chain: &OptionChain,
        terms: &StraddleTerms,
        today: TradingDay,
        gain: &mut StraddleGain,
    ) -> Option<ExitReason> {
        let was_off_strike = self.is_off_strike;
        let before = self.mark;
        if let Some(value) = chain.straddle_near(today, self.expiry, self.strike, before.value) {
            self.mark = chain.forward(today, self.expiry, terms.rate).map_or(
                Mark { value, on: today, ..unknown(before) },
                |(found, _)| {
                    mark(value, found.forward, found.discount, self.strike, today, self.expiry)
                },
            );
            self.n_unquoted = 0;
            self.tell(&before, gain);
            let distance = (self.mark.forward / self.strike - 1.0).abs();
            self.is_off_strike =
                terms.renewal == Renewal::Restrike && distance > terms.restrike_threshold;
        } else {
            self.n_unquoted += 1;
        }
        if today >= self.roll_on {
            Some(ExitReason::BeforeExpiry)
        } else if self.n_unquoted >= PATIENCE_DAYS {
            Some(ExitReason::Unquoted)
        } else if was_off_strike && self.n_unquoted == 0 {
            Some(ExitReason::Restrike)
        } else {
            None
        }
    }

    fn tell(&mut self, before: &Mark, gain: &mut StraddleGain) {
        let straddle = self.quantity * (self.mark.value - before.value);
        let step = self.mark.forward - before.forward;
        let years = years_until(before.on, self.mark.on);
        let lines = [
            before.delta * step,
            0.5 * before.gamma * step * step,
            before.vega * known_or_nothing(self.mark.volatility - before.volatility),
            before.theta * years,
        ]
        .map(|line| self.quantity * line);
        if lines.iter().all(|line| line.is_finite()) {
            [gain.delta, gain.gamma, gain.vega, gain.theta] = lines;
        }
        gain.residual = straddle - (gain.delta + gain.gamma + gain.vega + gain.theta);
        // A hedge without a forward to mark it at stands still until there is one.
        if step.is_finite() {
            gain.hedge = self.hedge * step;
            self.moves.push((self.mark.forward / before.forward).ln());
        } else if before.forward.is_finite() {
            self.mark.forward = before.forward;
        }
        gain.total = gain.delta + gain.gamma + gain.vega + gain.theta + gain.residual + gain.hedge;
    }

    /// Brings the hedge to the delta of the close; returns what that costs.
    fn rehedge(&mut self, terms: &StraddleTerms, today: TradingDay) -> f64 {
        let target = -self.quantity * self.mark.delta;
        let is_due = match terms.hedge {
            Hedge::None => false,
            Hedge::Daily => true,
            Hedge::Band => self.net_delta().abs() > terms.hedge_band,
        };
        if !is_due || !target.is_finite() || self.mark.on != today {
            return 0.0;
        }
        let traded = (target - self.hedge).abs() * self.mark.forward;
        self.hedge = target;
        terms.hedge_cost * traded
    }

    fn net_delta(&self) -> f64 {
        (self.quantity * self.mark.delta + self.hedge) * self.mark.forward
    }

    fn trade_cost(&self, terms: &StraddleTerms) -> f64 {
        terms.premium_cost * self.quantity.abs() * self.mark.value
    }

    /// Of buying the straddle back and closing the hedge.
    fn exit_cost(&self, terms: &StraddleTerms) -> f64 {
        let hedge = self.hedge.abs() * self.mark.forward;
        self.trade_cost(terms) + if hedge.is_finite() { terms.hedge_cost * hedge } else { 0.0 }
    }

    fn closed(mut self, today: TradingDay, reason: ExitReason) -> StraddleTrade {
        (self.trade.left, self.trade.reason) = (today, reason);
        if self.moves.len() >= 2 {
            let square = self.moves.iter().map(|x| x * x).sum::<f64>() / self.moves.len() as f64;
            self.trade.realised_volatility = (square * TRADING_DAYS_PER_YEAR).sqrt();
        }
        self.trade
    }
}

/// A straddle's mark with its own volatility, the one that gives call plus put, and greeks at it.
fn mark(
    value: f64,
    forward: f64,
    discount: f64,
    strike: f64,
    on: TradingDay,
    expiry: TradingDay,
) -> Mark {
    let years = years_until(on, expiry);
    let rate = -discount.ln() / years;
    // By parity the call is half of the straddle and half of the discounted distance.
    let (kind, distance) = if strike >= forward {
        (OptionKind::Call, forward - strike)
    } else {
        (OptionKind::Put, strike - forward)
    };
    let price = 0.5 * (value + discount * distance);
    let found = implied_volatility(kind, price, forward, strike, years, rate);
    let ImpliedVolatility::Volatility(volatility) = found else {
        // Nothing but intrinsic value is left: it moves with the forward.
        let delta = discount * (forward - strike).signum();
        let (gamma, vega, theta) = (0.0, 0.0, 0.0);
        return Mark { delta, gamma, vega, theta, ..unknown_at(value, forward, on) };
    };
    let greeks = straddle(&Black76 { forward, strike, volatility, years, rate });
    Mark {
        value,
        forward,
        volatility,
        on,
        delta: greeks.delta,
        gamma: greeks.gamma,
        vega: greeks.vega,
        theta: greeks.theta,
    }
}

/// A change of volatility; without a volatility on both days there is none to tell.
fn known_or_nothing(change: f64) -> f64 {
    if change.is_finite() { change } else { 0.0 }
}

fn unknown_at(value: f64, forward: f64, on: TradingDay) -> Mark {
    let nan = f64::NAN;
    Mark { value, forward, volatility: nan, on, delta: nan, gamma: nan, vega: nan, theta: nan }
}

fn unknown(before: Mark) -> Mark {
    unknown_at(before.value, f64::NAN, before.on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::option::{OptionQuote, black76};
    use proptest::prelude::*;
    use shoals_core::day;

    /// A chain of two expiries at a time on a given path of the forward, at one volatility and no rate.
    fn chain(path: &[f64], volatility: f64) -> OptionChain {
        let calendar = Calendar::shanghai();
        let days = calendar.days(day(2024, 3, 1), day(2024, 6, 20));
        let expiries = [day(2024, 3, 27), day(2024, 4, 24), day(2024, 5, 22), day(2024, 6, 26)];
        let mut quotes = Vec::new();
        for (&date, &forward) in days.iter().zip(path) {
            for &expiry in expiries.iter().filter(|&&expiry| expiry >= date).take(2) {
                for i in 0..40 {
                    let strike = 1.5 + 0.05 * f64::from(i);
                    let years = years_until(date, expiry);
                    let terms = Black76 { forward, strike, volatility, years, rate: 0.0 };
                    for kind in [OptionKind::Call, OptionKind::Put] {
                        let close = black76(kind, &terms).price;
                        quotes.push(OptionQuote { date, kind, expiry, strike, close });
                    }
                }
            }
        }
        OptionChain::of(&quotes)
    }

    fn terms(toml: &str) -> StraddleTerms {
        let words: serde_json::Value = serde_json::from_str(toml).unwrap();
        serde_json::from_value(words).unwrap()
    }

    /// Witness: nothing moves, so a short straddle earns its theta: the premium less what is left the day before
    /// expiry, in closed form `2F erf(σ√t/√8)`.
    #[test]
    fn a_standing_market_pays_the_seller_the_time_value() {
        let path = [2.5; 18];
        let history =
            hold_straddles(&chain(&path, 0.2), &StraddleTerms::default(), Calendar::shanghai())
                .unwrap();
        let first = history.trades[0];
        let value = |days: f64| super::super::atm_straddle_value(2.5, 0.2, days / 365.0, 0.0) / 2.5;
        assert_eq!((first.left, first.reason), (day(2024, 3, 26), ExitReason::BeforeExpiry));
        assert!((first.gain - (value(26.0) - value(1.0))).abs() < 1e-12, "{first:?}");
        assert!((first.implied_volatility - 0.2).abs() < 1e-12);
        assert_eq!(first.realised_volatility, 0.0);
        let told: f64 = history.days.iter().map(|d| d.gain.theta + d.gain.residual).sum();
        assert!((told - history.days.last().unwrap().cumulative).abs() < 1e-12);
    }

    #[test]
    fn a_long_straddle_is_the_short_one_with_its_sign_turned() {
        let path: Vec<f64> = (0..60).map(|i| 2.5 + 0.1 * (f64::from(i) / 5.0).sin()).collect();
        let chain = chain(&path, 0.25);
        let of = |side: &str| {
            let terms = terms(&format!(
                "{{\"side\":\"{side}\",\"hedge\":\"daily\",\"renewal\":\"restrike\"}}"
            ));
            hold_straddles(&chain, &terms, Calendar::shanghai()).unwrap()
        };
        let (short, long) = (of("short"), of("long"));
        for (a, b) in short.days.iter().zip(&long.days) {
            assert!((a.gain.total + b.gain.total).abs() < 1e-14);
        }
        assert!(short.trades.iter().any(|trade| trade.reason == ExitReason::Restrike));
    }

    #[test]
    fn terms_outside_their_range_are_refused() {
        let words = StraddleWords { hedge_band: 3.0, ..StraddleWords::default() };
        let error = StraddleTerms::try_from(words).unwrap_err().to_string();
        assert_eq!(error, "`hedge_band` is 3, expected a decimal in [0, 2]");
    }

    proptest! {
        /// The lines add up to the day, the days to the whole and the trades to the days, to 1e-12; a daily hedge
        /// leaves no delta; what is not known yet changes nothing before.
        #[test]
        fn gains_add_up_and_know_no_future(
            steps in prop::collection::vec(-0.03..0.03_f64, 70),
            hedge in prop::sample::select(vec!["none", "daily", "band"]),
            renewal in prop::sample::select(vec!["hold", "restrike"]),
            cost in 0.0..0.01,
            cut in 5_usize..60,
        ) {
            let mut path = vec![2.5];
            for step in &steps {
                let last: f64 = path[path.len() - 1];
                path.push((last * (1.0 + step)).clamp(1.8, 3.2));
            }
            let terms = terms(&format!(
                "{{\"hedge\":\"{hedge}\",\"renewal\":\"{renewal}\",\"premium_cost\":{cost},\"hedge_cost\":{cost}}}"
            ));
            let history = hold_straddles(&chain(&path, 0.2), &terms, Calendar::shanghai()).unwrap();
            let mut sum = 0.0;
            for line in &history.days {
                let g = line.gain;
                let lines = g.delta + g.gamma + g.vega + g.theta + g.residual + g.hedge - g.cost;
                prop_assert!((lines - g.total).abs() < 1e-12);
                sum += g.total;
                prop_assert!((line.cumulative - sum).abs() < 1e-12);
                prop_assert!(hedge != "daily" || line.net_delta.abs() < 1e-12);
                prop_assert!(hedge != "band" || line.net_delta.abs() <= 0.10 + 1e-12);
            }
            let trades: f64 = history.trades.iter().map(|trade| trade.gain).sum();
            prop_assert!((trades - sum).abs() < 1e-12);
            let short = hold_straddles(&chain(&path[..cut], 0.2), &terms, Calendar::shanghai()).unwrap();
            // As text, in which a volatility that is not known equals itself.
            prop_assert_eq!(
                format!("{:?}", &short.days),
                format!("{:?}", &history.days[..short.days.len()])
            );
        }
    }
}
