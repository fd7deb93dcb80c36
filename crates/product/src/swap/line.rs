//! The line of a day: what stands in it, that it balances, and the lines of the agreement it crossed.

use shoals_core::{Text, TradingDay};

use super::ledger::{Ledger, Totals};
use super::outcome::HedgeLine;
use super::position::ShortPosition;
use super::{EventKind, MarginBase, StatementLine, SwapStatus, closed_form};
use crate::Error;

/// Cash and positions must meet the P&L lines to this fraction of notional.
const BALANCE_TOLERANCE: f64 = 1e-9;

/// Size of both legs at a close, CNY, as magnitudes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exposure {
    pub long: f64,
    pub hedge: f64,
}

impl Exposure {
    pub(super) fn of(ledger: &Ledger) -> Self {
        Self { long: ledger.long.value(), hedge: ledger.hedge_value() }
    }

    pub(super) fn margin_base(self, base: MarginBase) -> f64 {
        match base {
            MarginBase::Long => self.long,
            MarginBase::Gross => self.long + self.hedge,
        }
    }
}

impl Ledger<'_> {
    /// Writes the day's line, proves that it balances, notes every line newly crossed, and decides.
    pub(super) fn write_line(
        &mut self,
        date: TradingDay,
        exposure: Exposure,
        before: Totals,
    ) -> Result<(), Error> {
        let line = self.line(date, exposure, before)?;
        self.require_balance(&line)?;
        self.note_crossings(&line, self.last_status);
        self.last_status = line.status;
        self.check(&line);
        self.decide(&line)?;
        self.statement.push(line);
        let mut margins = Vec::with_capacity(self.hedges.len());
        for hedge in &self.hedges {
            margins.push(self.margin_of(hedge, date)?);
        }
        for (hedge, margin) in self.hedges.iter().zip(margins) {
            let is_told = if hedge.is_rolled {
                hedge.lots != 0.0 || hedge.has_traded
            } else {
                hedge.last_day().is_none_or(|expiry| date <= expiry)
            };
            if is_told {
                self.hedge_lines.push(HedgeLine {
                    date,
                    contract: hedge.symbol,
                    lots: hedge.lots,
                    price: hedge.price,
                    pnl: hedge.pnl,
                    leg: hedge.leg + 1,
                    value: hedge.value(),
                    margin,
                });
            }
        }
        Ok(())
    }

    fn line(
        &self,
        date: TradingDay,
        exposure: Exposure,
        before: Totals,
    ) -> Result<StatementLine, Error> {
        let (swap, totals, equity) = (&self.terms.swap, self.totals, self.equity());
        let base = exposure.margin_base(swap.margin_base);
        let margin_ratio = equity / base;
        let fees = |totals: Totals| totals.long_fees + totals.hedge_fees;
        Ok(StatementLine {
            date,
            long_value: exposure.long,
            hedge_pnl: totals.hedge_pnl,
            financing: totals.financing,
            fees: fees(totals),
            equity,
            margin_ratio,
            leverage: if equity > 0.0 { exposure.long / equity } else { f64::NAN },
            status: self.status(equity, margin_ratio),
            long_pnl: totals.long_pnl,
            long_pnl_day: totals.long_pnl - before.long_pnl,
            hedge_pnl_day: totals.hedge_pnl - before.hedge_pnl,
            financing_day: totals.financing - before.financing,
            fees_day: fees(totals) - fees(before),
            cashflow: self.paid_today,
            hedge_value: exposure.hedge,
            borrowed: (exposure.long - equity).max(0.0),
            // Only the long part of the base shrinks with the loss.
            distance_to_call: closed_form::loss_to_line(margin_ratio, swap.call_ratio) * base
                / exposure.long,
            restoring_call: closed_form::restoring_call(equity, swap.initial_margin_ratio, base),
            restoring_sale: closed_form::fraction_to_sell(equity, swap.initial_margin_ratio, base),
            sold: totals.sold - before.sold,
            hedge_fees: totals.hedge_fees,
            waiting: if self.is_over { 0.0 } else { self.long.waiting_value() },
            exchange_margin: self.exchange_margin(date)?,
            rebalanced: totals.rebalanced - before.rebalanced,
        })
    }

    /// What the exchange asks for the futures at that day's rates.
    fn exchange_margin(&self, date: TradingDay) -> Result<f64, Error> {
        self.hedges.iter().map(|hedge| self.margin_of(hedge, date)).sum()
    }

    /// What it asks for one of them; 0 for an index sold itself.
    fn margin_of(&self, hedge: &ShortPosition, date: TradingDay) -> Result<f64, Error> {
        match hedge.product.filter(|_| hedge.lots != 0.0) {
            Some(product) => {
                Ok(hedge.value() * self.market.rules.future_margin(product, date)?.ratio)
            }
            None => Ok(0.0),
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

    pub(super) fn opening_detail(&self) -> Text {
        let (name, value, margin) =
            (self.terms.long.name(), self.long.value(), self.initial_margin);
        let long = match self.long.breadth() {
            None => {
                let price = self.orders.first().map_or(f64::NAN, |line| line.price);
                Text::new(
                    format!("多头 {}，价格 {price}，市值 {value}；保证金 {margin:.4}", name.zh),
                    format!("long {} at {price}, value {value}; margin {margin:.4}", name.en),
                )
            }
            Some((n, largest)) => {
                let percent = 100.0 * largest;
                Text::new(
                    format!(
                        "多头 {}：{n} 只，最大 {percent:.2} %，市值 {value:.4}；保证金 {margin:.4}",
                        name.zh
                    ),
                    format!(
                        "long {}: {n} names, the largest {percent:.2} %, value {value:.4}; margin \
                         {margin:.4}",
                        name.en
                    ),
                )
            }
        };
        let held = self.hedges.iter().filter(|hedge| !hedge.is_rolled || hedge.lots > 0.0);
        let shorts = held.map(|hedge| {
            let (symbol, price, lots) = (hedge.symbol, hedge.price, hedge.lots);
            Text::new(
                format!("空头 {lots:.6} 手 {symbol}，价格 {price}"),
                format!("short {lots:.6} lots {symbol} at {price}"),
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
