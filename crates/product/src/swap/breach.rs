//! What a breach makes the book do: decided at a close from its marks alone, done at a later one.

use shoals_core::{Text, TradingDay};

use super::ledger::Ledger;
use super::long_leg::Ordered;
use super::order::OrderCause;
use super::rates::Rates;
use super::{EventKind, OnBreach, StatementLine, SwapStatus, closed_form};
use crate::Error;

/// What is decided, when, and how many closes from now it is done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decision {
    pub action: Action,
    pub cause: OrderCause,
    pub decided_on: TradingDay,
    /// Closes left until it is done; 1 is the next.
    pub closes_left: u32,
    /// Whether a close back above the call line makes it void.
    pub may_lapse: bool,
}

impl Decision {
    /// Whether it closes the book whatever the next closes say.
    fn is_final(self) -> bool {
        matches!(self.cause, OrderCause::StopLoss | OrderCause::CallUnmet)
    }
}

/// What a decision does.
#[derive(Debug, Clone, Copy)]
pub(super) enum Action {
    /// Pay in this cash, CNY.
    PayIn(f64),
    /// Sell this fraction of both legs.
    Sell(f64),
    CloseOut,
}

impl Ledger<'_> {
    /// What the terms decide at a close with that line.
    pub(super) fn decide(&mut self, line: &StatementLine) -> Result<(), Error> {
        if self.is_over || self.is_closing_out() {
            self.decision = None;
            return Ok(());
        }
        // A closing that is decided is not taken back.
        if self.decision.is_some_and(Decision::is_final) {
            return Ok(());
        }
        if self.has_hit_stop(line) {
            self.stop(line);
            return Ok(());
        }
        let swap = &self.terms.swap;
        if line.status < SwapStatus::Call {
            self.lapse(line);
            return Ok(());
        }
        let is_below_liquidation = line.status >= SwapStatus::Liquidation;
        // A call that waits for its deadline keeps it; the liquidation line does not wait.
        if self.decision.is_some() && !is_below_liquidation {
            return Ok(());
        }
        let (rule, closes_left) = if is_below_liquidation {
            (swap.on_liquidation.unwrap_or(swap.on_breach), 1)
        } else {
            (swap.on_breach, swap.cure_days)
        };
        let (action, cause) = match rule {
            OnBreach::Report => return Ok(()),
            OnBreach::TopUp => (Action::PayIn(line.restoring_call), OrderCause::Deleverage),
            OnBreach::Deleverage => {
                (Action::Sell(self.fraction_to_sell(line.date)?), OrderCause::Deleverage)
            }
            OnBreach::Liquidate => (Action::CloseOut, OrderCause::Liquidate),
        };
        let may_lapse = closes_left > 1;
        self.decision =
            Some(Decision { action, cause, decided_on: line.date, closes_left, may_lapse });
        Ok(())
    }

    fn is_closing_out(&self) -> bool {
        self.selling.is_some_and(|ordered| ordered.cause != OrderCause::Deleverage)
    }

    fn has_hit_stop(&self, line: &StatementLine) -> bool {
        let paid = self.initial_margin + self.totals.cash_paid_in;
        let stop = self.terms.swap.stop_loss;
        stop.is_some_and(|stop| line.equity <= (1.0 - stop) * paid)
    }

    fn stop(&mut self, line: &StatementLine) {
        let paid = self.initial_margin + self.totals.cash_paid_in;
        let lost = 100.0 * (1.0 - line.equity / paid);
        let detail = Text::new(
            format!("已亏去投入现金的 {lost:.2} %，触及管理人止损线；下一收盘起平仓"),
            format!(
                "{lost:.2} % of all cash paid in is lost: the manager's stop; closed from the next close"
            ),
        );
        self.note(line.date, EventKind::StopLoss, detail);
        self.decision = Some(Decision {
            action: Action::CloseOut,
            cause: OrderCause::StopLoss,
            decided_on: line.date,
            closes_left: 1,
            may_lapse: false,
        });
    }

    fn lapse(&mut self, line: &StatementLine) {
        let Some(decision) = self.decision.filter(|decision| decision.may_lapse) else { return };
        self.decision = None;
        let (ratio, called_on) = (line.margin_ratio, decision.decided_on);
        let detail = Text::new(
            format!("保证金比例 {ratio:.6} 回到追保线上；{called_on} 的追保作废"),
            format!(
                "margin ratio {ratio:.6} is back above the line; the call of {called_on} is void"
            ),
        );
        self.note(line.date, EventKind::CallLapsed, detail);
    }

    /// Fraction that restores the initial ratio at today's marks, its own selling costs included.
    fn fraction_to_sell(&self, date: TradingDay) -> Result<f64, Error> {
        let rates = Rates::on(date, self.terms, self.market.rules)?;
        let cost_of_all = rates.sell * self.long.value() + rates.hedge_value(&self.hedges);
        let required = self.terms.swap.initial_margin_ratio * self.margin_base();
        Ok(closed_form::fraction_to_sell_at_cost(self.equity(), required, cost_of_all))
    }

    /// Does what an earlier close decided, when its day has come.
    pub(super) fn carry_out_decision(&mut self, today: TradingDay) {
        let Some(mut decision) = self.decision.take() else { return };
        decision.closes_left -= 1;
        if decision.closes_left > 0 {
            self.decision = Some(decision);
            return;
        }
        let Decision { cause, decided_on, .. } = decision;
        match decision.action {
            Action::PayIn(call) => self.pay_in(call, decided_on, today),
            Action::Sell(fraction) if fraction < 1.0 => {
                self.last_status = SwapStatus::Ok;
                self.long.order(fraction);
                self.selling = Some(Ordered { cause, decided_on });
            }
            Action::Sell(_) | Action::CloseOut => {
                let cause =
                    if cause == OrderCause::Deleverage { OrderCause::Liquidate } else { cause };
                self.long.order(1.0);
                self.selling = Some(Ordered { cause, decided_on });
            }
        }
    }

    fn pay_in(&mut self, call: f64, called_on: TradingDay, today: TradingDay) {
        let left = self.terms.swap.reserve.map(|reserve| reserve - self.totals.cash_paid_in);
        if let Some(left) = left.filter(|&left| left < call) {
            let detail = Text::new(
                format!(
                    "{called_on} 追保 {call:.4}，可动用现金只有 {left:.4}：未能补足，下一收盘起平仓"
                ),
                format!(
                    "{call:.4} was called on {called_on} and {left:.4} is left to pay: not met, closed \
                     from the next close"
                ),
            );
            self.note(today, EventKind::CallUnmet, detail);
            self.decision = Some(Decision {
                action: Action::CloseOut,
                cause: OrderCause::CallUnmet,
                decided_on: today,
                closes_left: 1,
                may_lapse: false,
            });
            return;
        }
        self.last_status = SwapStatus::Ok;
        self.cash += call;
        self.totals.cash_paid_in += call;
        self.paid_today = call;
        let all = self.totals.cash_paid_in;
        let detail = Text::new(
            format!("补入 {call:.4}，累计 {all:.4}"),
            format!("{call:.4} paid in, {all:.4} in all"),
        );
        self.note(today, EventKind::ToppedUp, detail);
    }
}
