//! Names that go back to their weights on the days of the terms.

use shoals_core::{Text, TradingDay};

use super::EventKind;
use super::ledger::Ledger;
use super::long_leg::{Ordered, Rebalanced};
use super::market::LongMarket;
use super::order::{OrderCause, OrderReason};
use super::rates::Rates;
use crate::Error;

impl Ledger<'_> {
    /// Aims at the weights where the day is one of the terms, and trades towards them, or towards those of an earlier
    /// day that are not reached.
    pub(super) fn rebalance(&mut self, today: TradingDay) -> Result<(), Error> {
        if self.rebalancings.contains(&today)
            && let LongMarket::Names(names) = &self.market.long
        {
            let weights = names.chosen.get(&today).unwrap_or(&names.weights);
            let decided_on = self.last_close(today);
            self.long.aim(weights, Ordered { cause: OrderCause::Rebalance, decided_on })?;
        }
        if !self.long.is_rebalancing() {
            return Ok(());
        }
        let sell_after_days = self.market.rules.settlement(today)?.sell_after_days as usize;
        let first = self.orders.len();
        let done = self.long.rebalance(today, sell_after_days, &mut self.orders);
        if done.value > 0.0 {
            let rates = Rates::on(today, self.terms, self.market.rules)?;
            self.pay_long_fees((rates.sell + rates.buy) * done.value);
            self.write_fees(first, rates);
            self.totals.rebalanced += done.value;
        }
        self.note_rebalanced(today, done, first);
        Ok(())
    }

    fn note_rebalanced(&mut self, today: TradingDay, done: Rebalanced, first: usize) {
        let held_up = |reason: OrderReason| {
            self.orders[first..].iter().filter(|line| line.reason == reason).count()
        };
        let Rebalanced { value, wanted: (to_sell, to_buy), n_left, n_came, is_waiting } = done;
        let sealed = held_up(OrderReason::LimitDown) + held_up(OrderReason::LimitUp);
        let suspended = held_up(OrderReason::Suspended) + held_up(OrderReason::NoPrice);
        let (capped, locked) =
            (held_up(OrderReason::Participation), held_up(OrderReason::TPlusOne));
        let (rest_zh, rest_en) = if is_waiting {
            ("；其余次日再办", "; the rest is tried the next day")
        } else {
            ("", "")
        };
        let detail = Text::new(
            format!(
                "应卖 {to_sell:.4}、应买 {to_buy:.4}，买卖各 {value:.4}，调出 {n_left} 只、调入 {n_came} 只；受阻：涨跌停 \
                 {sealed} 只，停牌或无价 {suspended} 只，成交占比上限 {capped} 只，T+1 {locked} 只{rest_zh}"
            ),
            format!(
                "{value:.4} sold and bought of {to_sell:.4} to sell and {to_buy:.4} to buy, {n_left} names left, {n_came} \
                 came; names held up: price limit {sealed}, suspended or no price {suspended}, participation cap \
                 {capped}, T+1 {locked}{rest_en}"
            ),
        );
        self.note(today, EventKind::Rebalanced, detail);
    }
}
