//! Trading either leg: selling what is ordered, rolling, settling, closing, and what it costs.

use shoals_core::{Text, TradingDay};

use super::EventKind;
use super::ledger::Ledger;
use super::long_leg::{Ordered, Sold};
use super::order::{OrderCause, OrderLeg, OrderLine, OrderReason, Side};
use super::rates::Rates;
use crate::Error;

impl Ledger<'_> {
    /// Sells the standing order as far as the market lets it, both legs by the same fraction.
    pub(super) fn sell_ordered(&mut self, today: TradingDay) -> Result<(), Error> {
        let Some(ordered) = self.selling.filter(|_| self.long.is_waiting()) else { return Ok(()) };
        let wanted = self.long.waiting_value();
        let is_banned = self.terms.unwind.as_ref().is_some_and(|u| u.is_banned(today));
        let sold = self.sell(today, ordered, is_banned, false)?;
        let is_done = !self.long.is_waiting();
        let is_closed = self.long.is_empty() && ordered.cause != OrderCause::Deleverage;
        if is_closed {
            self.is_over = true;
            self.note_liquidated(today, ordered);
        } else {
            self.totals.sold += sold.value;
            if is_done {
                self.note_deleveraged(today, sold);
            } else if sold.switched > 0.0 {
                self.note_switched(today, sold, wanted);
            } else {
                self.note_partly_sold(today, sold, wanted);
            }
        }
        if is_done {
            self.selling = None;
        }
        Ok(())
    }

    fn note_deleveraged(&mut self, today: TradingDay, sold: Sold) {
        let (share, value) = (100.0 * sold.fraction, sold.value);
        let detail = Text::new(
            format!("两条腿各卖出 {share:.4} %，股票市值 {value:.4}"),
            format!("{share:.4} % of both legs sold, long value {value:.4}"),
        );
        self.note(today, EventKind::Deleveraged, detail);
    }

    fn note_switched(&mut self, today: TradingDay, sold: Sold, wanted: f64) {
        let into = self.terms.unwind.as_ref().and_then(|unwind| unwind.switch_into);
        let (value, into) = (sold.switched, into.map(|s| s.to_string()).unwrap_or_default());
        let detail = Text::new(
            format!("禁止净卖出：应卖 {wanted:.4}，其中 {value:.4} 卖出后换入 {into}；对冲未动"),
            format!(
                "net selling is banned: {value:.4} of {wanted:.4} sold and put into {into}; the hedge stays"
            ),
        );
        self.note(today, EventKind::Switched, detail);
    }

    fn note_partly_sold(&mut self, today: TradingDay, sold: Sold, wanted: f64) {
        let held_up = |reason: OrderReason| {
            let lines = self.orders.iter().rev().take_while(|line| line.date == today);
            lines.filter(|line| line.side == Side::Sell && line.reason == reason).count()
        };
        let (value, share) = (sold.value, 100.0 * sold.fraction);
        let (limit, suspended) = (
            held_up(OrderReason::LimitDown),
            held_up(OrderReason::Suspended) + held_up(OrderReason::NoPrice),
        );
        let (capped, banned) =
            (held_up(OrderReason::Participation), held_up(OrderReason::NetSellBan));
        let detail = Text::new(
            format!(
                "应卖 {wanted:.4}，卖出 {value:.4}，两条腿各 {share:.4} %；受阻：跌停 {limit} 只，停牌或无价 \
                 {suspended} 只，成交占比上限 {capped} 只，禁止净卖出 {banned} 只"
            ),
            format!(
                "{value:.4} of {wanted:.4} sold, {share:.4} % of both legs; names held up: lower limit {limit}, \
                 suspended or no price {suspended}, participation cap {capped}, net-sell ban {banned}"
            ),
        );
        self.note(today, EventKind::PartlySold, detail);
    }

    fn note_liquidated(&mut self, today: TradingDay, ordered: Ordered) {
        let equity = self.equity();
        let (zh, en) = match ordered.cause {
            OrderCause::StopLoss => ("止损", "the manager's stop"),
            OrderCause::CallUnmet => ("追保未补足", "a call that was not met"),
            _ => ("触线", "a breach"),
        };
        let detail = Text::new(
            format!("{zh}后两条腿平仓；权益 {equity:.4}"),
            format!("both legs closed after {en}; equity {equity:.4}"),
        );
        self.note(today, EventKind::Liquidated, detail);
    }

    /// Closes both legs: in the market where it takes them, at the marks of the swap where it does not.
    pub(super) fn close_as_agreed(&mut self, today: TradingDay) -> Result<(), Error> {
        self.decision = None;
        self.long.order(1.0);
        let ordered = Ordered { cause: OrderCause::Closing, decided_on: today };
        let is_banned = self.terms.unwind.as_ref().is_some_and(|u| u.is_banned(today));
        let first = self.orders.len();
        self.sell(today, ordered, is_banned, true)?;
        self.is_over = true;
        let at_mark: f64 = self.orders[first..]
            .iter()
            .filter(|line| line.reason == OrderReason::AtMark)
            .map(|line| line.filled)
            .sum();
        let equity = self.equity();
        let mut detail = vec![Text::new(
            format!("两条腿按约定平仓；权益 {equity:.4}"),
            format!("both legs closed as agreed; equity {equity:.4}"),
        )];
        if at_mark > 0.0 {
            detail.push(Text::new(
                format!("其中 {at_mark:.4} 当日市场卖不出，按标记价了结"),
                format!(
                    "{at_mark:.4} of it the market did not take that day and went at the marks"
                ),
            ));
        }
        self.note(today, EventKind::Closed, Text::clauses(&detail));
        Ok(())
    }

    /// Sells of the long leg what the day takes, and as much of the hedge.
    fn sell(
        &mut self,
        today: TradingDay,
        ordered: Ordered,
        is_banned: bool,
        is_at_mark: bool,
    ) -> Result<Sold, Error> {
        let first = self.orders.len();
        let before = self.long.value();
        let wanted = (self.long.waiting_value() / before).clamp(0.0, 1.0);
        let sold = self.long.sell(today, ordered, is_banned, is_at_mark, &mut self.orders);
        let fraction = sold.fraction;
        let mut bought = 0.0;
        for hedge in &mut self.hedges {
            let whole = hedge.value();
            let value = hedge.reduce(fraction);
            bought += value;
            if whole > 0.0 {
                let is_whole = fraction >= wanted || value >= wanted * whole;
                self.orders.push(OrderLine {
                    date: today,
                    symbol: hedge.symbol,
                    leg: OrderLeg::Hedge,
                    fee: 0.0,
                    side: Side::Buy,
                    cause: ordered.cause,
                    decided_on: ordered.decided_on,
                    wanted: wanted * whole,
                    filled: value,
                    price: hedge.price,
                    reason: if is_whole { OrderReason::Filled } else { OrderReason::WithLong },
                });
            }
        }
        for leg in &mut self.rolled {
            leg.scale = if fraction >= 1.0 { 0.0 } else { leg.scale * (1.0 - fraction) };
        }
        self.remaining *= 1.0 - fraction;
        self.cash += sold.value;
        if sold.value > 0.0 || bought > 0.0 || sold.switched > 0.0 {
            let rates = Rates::on(today, self.terms, self.market.rules)?;
            self.pay_long_fees(rates.sell * (sold.value + sold.switched));
            self.pay_long_fees(rates.buy * sold.switched);
            self.pay_hedge_fees(rates.hedge * bought);
            self.write_fees(first, rates);
        }
        Ok(sold)
    }

    /// Moves every rolled leg as its plan does today: bought back and sold at the marks, so that nothing
    /// but fees is paid.
    pub(super) fn roll(&mut self, today: TradingDay) -> Result<(), Error> {
        for k in 0..self.rolled.len() {
            let leg = &mut self.rolled[k];
            let trades = &leg.plan.trades[leg.next_trade..];
            let n = trades.partition_point(|trade| trade.date <= today);
            leg.next_trade += n;
            let (scale, first) = (leg.scale, leg.first);
            for trade in &trades[..n] {
                let symbol = trade.contract.symbol();
                let of_leg = self.hedges[first..].iter_mut();
                let found = of_leg.take_while(|p| p.is_rolled).find(|p| p.symbol == symbol);
                let Some(position) = found else { continue };
                // Marks and trades are of the same day and kind; what is not held was not marked.
                if position.lots == 0.0 {
                    position.price = trade.price;
                }
                let moved = position.sell_lots(scale * trade.units_sold, scale);
                let is_settled = position.last_day().is_some_and(|expiry| expiry <= today);
                let price = position.price;
                if moved == 0.0 {
                    continue;
                }
                let rates = Rates::on(today, self.terms, self.market.rules)?;
                let rate = if is_settled { rates.delivery } else { rates.hedge };
                self.pay_hedge_fees(rate * moved.abs());
                self.orders.push(OrderLine {
                    date: today,
                    symbol,
                    leg: OrderLeg::Hedge,
                    fee: rate * moved.abs(),
                    side: if moved < 0.0 { Side::Buy } else { Side::Sell },
                    cause: if is_settled { OrderCause::Expiry } else { OrderCause::Roll },
                    decided_on: if is_settled { today } else { self.last_close(today) },
                    wanted: moved.abs(),
                    filled: moved.abs(),
                    price,
                    reason: OrderReason::Filled,
                });
            }
            if n > 0 && scale > 0.0 {
                self.note_rolled(k, today);
            }
        }
        Ok(())
    }

    pub(super) fn last_close(&self, today: TradingDay) -> TradingDay {
        self.statement.last().map_or(today, |line| line.date)
    }

    fn note_rolled(&mut self, k: usize, today: TradingDay) {
        let first = self.rolled[k].first;
        let of_leg = self.hedges[first..].iter().take_while(|p| p.is_rolled);
        let held = of_leg
            .filter(|p| p.lots > 0.0)
            .map(|p| Text::same(format!("{:.6} {} @ {}", p.lots, p.symbol, p.price)));
        let held = Text::listed(&held.collect::<Vec<_>>());
        let name = self.terms.hedge[self.hedges[first].leg].name();
        let detail = Text::new(
            format!("{name} 换月，现空头 {}", held.zh),
            format!("{name} rolled; now short {}", held.en),
        );
        self.note(today, EventKind::Rolled, detail);
    }

    /// Settles a contract in cash. It is not rolled: the book runs on with less hedge.
    pub(super) fn expire(&mut self, i: usize, today: TradingDay) -> Result<(), Error> {
        let hedge = &mut self.hedges[i];
        let (symbol, price, lots, value) = (hedge.symbol, hedge.price, hedge.lots, hedge.value());
        hedge.end();
        let detail = Text::new(
            format!("{symbol} 按 {price} 交割 {lots} 手；不展期，账本这一部分自此没有对冲"),
            format!(
                "{symbol} settled at {price} on {lots} lots; not rolled, so this part of the book is \
                 unhedged from here"
            ),
        );
        let rates = Rates::on(today, self.terms, self.market.rules)?;
        self.pay_hedge_fees(rates.delivery * value);
        self.orders.push(OrderLine {
            date: today,
            symbol,
            leg: OrderLeg::Hedge,
            fee: rates.delivery * value,
            side: Side::Buy,
            cause: OrderCause::Expiry,
            decided_on: today,
            wanted: value,
            filled: value,
            price,
            reason: OrderReason::Filled,
        });
        self.note(today, EventKind::HedgeExpired, detail);
        Ok(())
    }

    /// Writes what orders cost beside them, from `first` on; all of one day.
    pub(super) fn write_fees(&mut self, first: usize, rates: Rates) {
        for line in &mut self.orders[first..] {
            let rate = match (line.leg, line.side) {
                (OrderLeg::Long, Side::Buy) => rates.buy,
                (OrderLeg::Long, Side::Sell) => rates.sell,
                (OrderLeg::Hedge, _) => rates.hedge,
            };
            line.fee = rate * line.filled;
        }
    }

    pub(super) fn pay_long_fees(&mut self, fees: f64) {
        self.cash -= fees;
        self.totals.long_fees += fees;
    }

    pub(super) fn pay_hedge_fees(&mut self, fees: f64) {
        self.cash -= fees;
        self.totals.hedge_fees += fees;
    }
}
