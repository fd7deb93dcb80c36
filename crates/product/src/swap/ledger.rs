//! The ledger itself: open, carry a day, carry out what yesterday's breach ordered, write the line.

use shoals_core::number::CALENDAR_DAYS_PER_YEAR;
use shoals_core::{Text, TradingDay};

use super::outcome::HedgeLine;
use super::position::{LongLeg, Marked, ShortLeg};
use super::{
    EventKind, FinancingBase, MarginBase, OnBreach, StatementLine, SwapEvent, SwapMarket,
    SwapOutcome, SwapStatus, SwapTerms, closed_form,
};
use crate::Error;

/// Cash and positions must meet the P&L lines to this fraction of notional.
const BALANCE_TOLERANCE: f64 = 1e-9;

/// Carries a book from its opening to its end.
///
/// Both legs are opened at the close of `opened_on`. The ledger ends with the agreed closing, with a
/// liquidation, or where a record ends (a book still open).
///
/// # Errors
/// A day the exchange was closed, a hedge without prices, expired at the opening or of no whole lot, no price on the
/// opening day, a price at or below 0. Calls and ruin are not errors.
pub fn simulate(terms: &SwapTerms, market: &SwapMarket) -> Result<SwapOutcome, Error> {
    let days = market.ledger_days(terms)?;
    let mut ledger = Ledger::open(terms, market)?;
    for pair in days.windows(2) {
        ledger.carry(pair[0], pair[1])?;
        if ledger.is_over {
            break;
        }
    }
    Ok(ledger.finish())
}

/// Running totals since the opening, CNY.
#[derive(Debug, Clone, Copy, Default)]
struct Totals {
    long_pnl: f64,
    hedge_pnl: f64,
    financing: f64,
    fees: f64,
    cash_paid_in: f64,
    sold: f64,
}

/// What a breach at a close makes the book do at the next.
#[derive(Debug, Clone, Copy)]
enum Order {
    /// Pay in this cash, CNY.
    PayIn(f64),
    /// Sell this fraction of both legs.
    Sell(f64),
    CloseOut,
}

struct Ledger<'a> {
    terms: &'a SwapTerms,
    market: &'a SwapMarket<'a>,
    long: LongLeg,
    hedges: Vec<ShortLeg<'a>>,
    /// Cash of the book; negative, it is the broker's loan.
    cash: f64,
    initial_margin: f64,
    /// Part of the opening notional still held.
    remaining: f64,
    totals: Totals,
    /// Decided at the close before, from its marks alone.
    order: Option<Order>,
    /// What today's close is compared with: the close before, or `Ok` once its breach was answered.
    last_status: SwapStatus,
    is_over: bool,
    statement: Vec<StatementLine>,
    events: Vec<SwapEvent>,
    hedge_lines: Vec<HedgeLine>,
}

impl<'a> Ledger<'a> {
    fn open(terms: &'a SwapTerms, market: &'a SwapMarket<'a>) -> Result<Self, Error> {
        let date = terms.swap.opened_on;
        let long = LongLeg::open(terms, market)?;
        let hedges = terms
            .hedge
            .iter()
            .map(|&hedge| ShortLeg::open(hedge, terms, market))
            .collect::<Result<Vec<_>, _>>()?;
        let mut ledger = Self {
            terms,
            market,
            long,
            hedges,
            cash: 0.0,
            initial_margin: 0.0,
            remaining: 1.0,
            totals: Totals::default(),
            order: None,
            last_status: SwapStatus::Ok,
            is_over: false,
            statement: Vec::new(),
            events: Vec::new(),
            hedge_lines: Vec::new(),
        };
        ledger.initial_margin = terms.swap.initial_margin_ratio * ledger.margin_base();
        ledger.cash = ledger.initial_margin - ledger.long.value();
        let fees =
            terms.cost.long_buy * ledger.long.value() + terms.cost.hedge * ledger.hedge_value();
        ledger.pay_fees(fees);
        ledger.note(date, EventKind::Opened, ledger.opening_detail());
        let exposure = Exposure::of(&ledger);
        ledger.write_line(date, exposure, Totals::default())?;
        Ok(ledger)
    }

    /// One trading day: financing, marks, yesterday's order, the agreed closing, the line.
    fn carry(&mut self, previous: TradingDay, today: TradingDay) -> Result<(), Error> {
        let before = self.totals;
        self.charge_financing(previous.calendar_days_until(today));
        self.mark(today)?;
        let mut exposure = Exposure::of(self);
        if today == self.terms.swap.closed_on {
            self.close_as_agreed(today);
        } else if let Some(order) = self.order.take() {
            self.carry_out(order, today);
        }
        // The line of the last day shows what was sold.
        if !self.is_over {
            exposure = Exposure::of(self);
        }
        self.write_line(today, exposure, before)
    }

    fn charge_financing(&mut self, n_calendar_days: i32) {
        let swap = &self.terms.swap;
        let base = match swap.financing_base {
            FinancingBase::Notional => swap.notional * self.remaining,
            FinancingBase::Borrowed => (self.long.value() - self.equity()).max(0.0),
        };
        let years = f64::from(n_calendar_days) / CALENDAR_DAYS_PER_YEAR;
        let charge = swap.financing_rate * base * years;
        self.cash -= charge;
        self.totals.financing += charge;
    }

    fn mark(&mut self, today: TradingDay) -> Result<(), Error> {
        match self.long.mark(self.market, today)? {
            Marked::Gained(gain) => self.totals.long_pnl += gain,
            Marked::Stale => self.note_stale(today, self.market.long.name()),
        }
        for i in 0..self.hedges.len() {
            self.mark_hedge(i, today)?;
        }
        Ok(())
    }

    fn mark_hedge(&mut self, i: usize, today: TradingDay) -> Result<(), Error> {
        let hedge = &mut self.hedges[i];
        let (settles_on, name) = (hedge.settles_on, hedge.terms.contract.to_string());
        if settles_on.is_some_and(|expiry| today > expiry) {
            return Ok(());
        }
        match hedge.mark(today)? {
            Marked::Gained(gain) => {
                self.cash += gain;
                self.totals.hedge_pnl += gain;
            }
            Marked::Stale => self.note_stale(today, &name),
        }
        if Some(today) == settles_on {
            self.expire(i, today);
        }
        Ok(())
    }

    /// Settles a hedge in cash. It is not rolled: the book runs on with less hedge.
    fn expire(&mut self, i: usize, today: TradingDay) {
        let hedge = &mut self.hedges[i];
        let (contract, price, lots) = (hedge.terms.contract, hedge.price, hedge.lots);
        let detail = Text::new(
            format!("{contract} 按 {price} 交割 {lots} 手；不展期，账本这一部分自此没有对冲"),
            format!(
                "{contract} settled at {price} on {lots} lots; not rolled, so this part of the book is \
                 unhedged from here"
            ),
        );
        hedge.lots = 0.0;
        self.note(today, EventKind::HedgeExpired, detail);
    }

    /// What the terms say about a close with that line.
    fn order_after(&self, line: &StatementLine) -> Option<Order> {
        if line.status < SwapStatus::Call {
            return None;
        }
        match self.terms.swap.on_breach {
            OnBreach::Report => None,
            OnBreach::TopUp => Some(Order::PayIn(line.restoring_call)),
            OnBreach::Deleverage => Some(Order::Sell(self.fraction_to_sell())),
            OnBreach::Liquidate => Some(Order::CloseOut),
        }
    }

    fn carry_out(&mut self, order: Order, today: TradingDay) {
        match order {
            Order::PayIn(call) => self.top_up(call, today),
            Order::Sell(fraction) if fraction < 1.0 => self.deleverage(fraction, today),
            Order::Sell(_) | Order::CloseOut => self.liquidate(today),
        }
    }

    fn top_up(&mut self, call: f64, today: TradingDay) {
        self.last_status = SwapStatus::Ok;
        self.cash += call;
        self.totals.cash_paid_in += call;
        let all = self.totals.cash_paid_in;
        let detail = Text::new(
            format!("补入 {call:.4}，累计 {all:.4}"),
            format!("{call:.4} paid in, {all:.4} in all"),
        );
        self.note(today, EventKind::ToppedUp, detail);
    }

    fn deleverage(&mut self, fraction: f64, today: TradingDay) {
        self.last_status = SwapStatus::Ok;
        let value = self.sell(fraction);
        self.totals.sold += value;
        let share = 100.0 * fraction;
        let detail = Text::new(
            format!("两条腿各卖出 {share:.4} %，股票市值 {value:.4}"),
            format!("{share:.4} % of both legs sold, long value {value:.4}"),
        );
        self.note(today, EventKind::Deleveraged, detail);
    }

    /// Fraction that restores the initial ratio at today's marks, its own selling costs included.
    fn fraction_to_sell(&self) -> f64 {
        let cost = &self.terms.cost;
        let cost_of_all = cost.long_sell * self.long.value() + cost.hedge * self.hedge_value();
        closed_form::fraction_to_sell_at_cost(
            self.equity(),
            self.terms.swap.initial_margin_ratio * self.margin_base(),
            cost_of_all,
        )
    }

    fn liquidate(&mut self, today: TradingDay) {
        self.close_out();
        let equity = self.equity();
        let detail = Text::new(
            format!("触线后两条腿平仓；权益 {equity:.4}"),
            format!("both legs closed after a breach; equity {equity:.4}"),
        );
        self.note(today, EventKind::Liquidated, detail);
    }

    fn close_as_agreed(&mut self, today: TradingDay) {
        self.close_out();
        let equity = self.equity();
        let detail = Text::new(
            format!("两条腿按约定平仓；权益 {equity:.4}"),
            format!("both legs closed as agreed; equity {equity:.4}"),
        );
        self.note(today, EventKind::Closed, detail);
    }

    fn close_out(&mut self) {
        self.sell(1.0);
        self.is_over = true;
    }

    /// Sells a fraction of both legs at the marks; returns the long value sold.
    fn sell(&mut self, fraction: f64) -> f64 {
        let long_value = fraction * self.long.value();
        let hedge_value: f64 = self.hedges.iter_mut().map(|hedge| hedge.reduce(fraction)).sum();
        self.long.units *= 1.0 - fraction;
        self.remaining *= 1.0 - fraction;
        self.cash += long_value;
        self.pay_fees(self.terms.cost.long_sell * long_value + self.terms.cost.hedge * hedge_value);
        long_value
    }

    fn pay_fees(&mut self, fees: f64) {
        self.cash -= fees;
        self.totals.fees += fees;
    }

    fn equity(&self) -> f64 {
        self.cash + self.long.value()
    }

    fn hedge_value(&self) -> f64 {
        self.hedges.iter().map(ShortLeg::value).sum()
    }

    fn margin_base(&self) -> f64 {
        Exposure::of(self).margin_base(self.terms.swap.margin_base)
    }

    /// Writes the day's line, proves that it balances, and notes every line newly crossed.
    fn write_line(
        &mut self,
        date: TradingDay,
        exposure: Exposure,
        before: Totals,
    ) -> Result<(), Error> {
        let line = self.line(date, exposure, before);
        self.require_balance(&line)?;
        self.note_crossings(&line, self.last_status);
        self.last_status = line.status;
        self.order = self.order_after(&line);
        self.statement.push(line);
        for hedge in self.hedges.iter().filter(|hedge| date <= hedge.history.expiry) {
            self.hedge_lines.push(HedgeLine {
                date,
                contract: hedge.terms.contract,
                lots: hedge.lots,
                price: hedge.price,
                pnl: hedge.pnl,
            });
        }
        Ok(())
    }

    fn line(&self, date: TradingDay, exposure: Exposure, before: Totals) -> StatementLine {
        let (swap, totals, equity) = (&self.terms.swap, self.totals, self.equity());
        let base = exposure.margin_base(swap.margin_base);
        let margin_ratio = equity / base;
        StatementLine {
            date,
            long_value: exposure.long,
            hedge_pnl: totals.hedge_pnl,
            financing: totals.financing,
            fees: totals.fees,
            equity,
            margin_ratio,
            leverage: if equity > 0.0 { exposure.long / equity } else { f64::NAN },
            status: self.status(equity, margin_ratio),
            long_pnl: totals.long_pnl,
            long_pnl_day: totals.long_pnl - before.long_pnl,
            hedge_pnl_day: totals.hedge_pnl - before.hedge_pnl,
            financing_day: totals.financing - before.financing,
            fees_day: totals.fees - before.fees,
            cashflow: totals.cash_paid_in - before.cash_paid_in,
            hedge_value: exposure.hedge,
            borrowed: (exposure.long - equity).max(0.0),
            // Only the long part of the base shrinks with the loss.
            distance_to_call: closed_form::loss_to_line(margin_ratio, swap.call_ratio) * base
                / exposure.long,
            restoring_call: closed_form::restoring_call(equity, swap.initial_margin_ratio, base),
            restoring_sale: closed_form::fraction_to_sell(equity, swap.initial_margin_ratio, base),
            sold: totals.sold - before.sold,
        }
    }

    fn status(&self, equity: f64, margin_ratio: f64) -> SwapStatus {
        let swap = &self.terms.swap;
        if equity <= 0.0 {
            SwapStatus::WipedOut
        } else if margin_ratio < swap.liquidation_ratio {
            SwapStatus::Liquidation
        } else if margin_ratio < swap.call_ratio {
            SwapStatus::Call
        } else if swap.warning_ratio.is_some_and(|warning| margin_ratio < warning) {
            SwapStatus::Warning
        } else {
            SwapStatus::Ok
        }
    }

    fn require_balance(&self, line: &StatementLine) -> Result<(), Error> {
        let by_lines =
            self.initial_margin + self.totals.cash_paid_in + line.long_pnl + line.hedge_pnl
                - line.financing
                - line.fees;
        if (by_lines - line.equity).abs() <= BALANCE_TOLERANCE * self.terms.swap.notional {
            return Ok(());
        }
        Err(Error::Unbalanced { date: line.date, by_positions: line.equity, by_lines })
    }

    /// An event for every line the ratio crossed downwards today, the mildest first.
    fn note_crossings(&mut self, line: &StatementLine, last: SwapStatus) {
        let swap = &self.terms.swap;
        let lines = [
            (SwapStatus::Warning, EventKind::Warning, swap.warning_ratio),
            (SwapStatus::Call, EventKind::Call, Some(swap.call_ratio)),
            (SwapStatus::Liquidation, EventKind::Liquidation, Some(swap.liquidation_ratio)),
            (SwapStatus::WipedOut, EventKind::WipedOut, Some(0.0)),
        ];
        for (status, kind, threshold) in lines {
            let Some(threshold) = threshold else { continue };
            if status > last && status <= line.status {
                self.note(line.date, kind, crossing_detail(line, threshold));
            }
        }
    }

    fn note(&mut self, date: TradingDay, kind: EventKind, detail: Text) {
        self.events.push(SwapEvent { date, kind, detail });
    }

    fn note_stale(&mut self, date: TradingDay, name: &str) {
        let detail = Text::new(
            format!("{name} 没有价格；沿用上一标记"),
            format!("{name} has no price; its last mark stands"),
        );
        self.note(date, EventKind::StaleMark, detail);
    }

    fn opening_detail(&self) -> Text {
        let (symbol, price, value) = (self.terms.long.symbol, self.long.price, self.long.value());
        let margin = self.initial_margin;
        let long = Text::new(
            format!("多头 {symbol}，价格 {price}，市值 {value}；保证金 {margin:.4}"),
            format!("long {symbol} at {price}, value {value}; margin {margin:.4}"),
        );
        let shorts = self.hedges.iter().map(|hedge| {
            let (contract, price, lots) = (hedge.terms.contract, hedge.price, hedge.lots);
            Text::new(
                format!("空头 {lots:.6} 手 {contract}，价格 {price}"),
                format!("short {lots:.6} lots {contract} at {price}"),
            )
        });
        let share = (!self.hedges.is_empty()).then(|| {
            let percent = 100.0 * self.hedge_value() / value;
            Text::new(
                format!("对冲为多头的 {percent:.2} %"),
                format!("hedge {percent:.2} % of the long"),
            )
        });
        Text::clauses(&std::iter::once(long).chain(shorts).chain(share).collect::<Vec<_>>())
    }

    fn finish(mut self) -> SwapOutcome {
        if let (false, Some(line)) = (self.is_over, self.statement.last()) {
            let date = line.date;
            let detail = Text::new(
                format!("{date} 之后没有价格；账本仍未平仓"),
                format!("no prices after {date}; the book is still open"),
            );
            self.note(date, EventKind::RecordEnded, detail);
        }
        let first = |worst: SwapStatus| {
            self.statement.iter().find(|line| line.status >= worst).map(|line| line.date)
        };
        SwapOutcome {
            terms: self.terms.clone(),
            called_on: first(SwapStatus::Call),
            liquidation_on: first(SwapStatus::Liquidation),
            wiped_out_on: first(SwapStatus::WipedOut),
            cash_paid_in: self.totals.cash_paid_in,
            statement: self.statement,
            events: self.events,
            hedges: self.hedge_lines,
        }
    }
}

fn crossing_detail(line: &StatementLine, threshold: f64) -> Text {
    let (ratio, equity, call) = (line.margin_ratio, line.equity, line.restoring_call);
    Text::new(
        format!(
            "保证金比例 {ratio:.6}，低于 {threshold}：权益 {equity:.4}，补足初始比例需 {call:.4}"
        ),
        format!(
            "margin ratio {ratio:.6} below {threshold}: equity {equity:.4}, {call:.4} would restore the \
             initial ratio"
        ),
    )
}

/// Size of both legs at a close, CNY, as magnitudes.
#[derive(Debug, Clone, Copy)]
struct Exposure {
    long: f64,
    hedge: f64,
}

impl Exposure {
    fn of(ledger: &Ledger) -> Self {
        Self { long: ledger.long.value(), hedge: ledger.hedge_value() }
    }

    fn margin_base(self, base: MarginBase) -> f64 {
        match base {
            MarginBase::Long => self.long,
            MarginBase::Gross => self.long + self.hedge,
        }
    }
}
