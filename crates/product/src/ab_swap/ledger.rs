//! One path under two structures: the product of A and B, and the DMA book.

use shoals_core::number::CALENDAR_DAYS_PER_YEAR;
use shoals_core::{Text, TradingDay};

use super::outcome::{AbEvent, AbEventKind, AbLine, LayerLine, PayoffLine, SideLine};
use super::waterfall::{Claims, Layer, Receipts, distribute};
use super::{AbSwapOutcome, AbSwapTerms};
use crate::Error;
use crate::swap::{
    FinancingBase, StatementLine, SwapMarket, SwapOutcome, SwapTerms, SwapWords, simulate as carry,
};

/// What the portfolio may have returned, in the table of payoffs: from -50 % to +30 %.
const PAYOFF_STEPS: std::ops::RangeInclusive<i32> = -50..=30;

/// Money must meet the portfolio to this fraction of notional.
const BALANCE_TOLERANCE: f64 = 1e-9;

/// Carries both legs of the terms once as a product of A, B and buffer, and once as a DMA book.
///
/// The product owns its stocks: all its money is paid in, nothing is borrowed. A close whose NAV is strictly
/// below `stop_nav` closes both legs at the next close. A is paid at the end.
///
/// # Errors
/// As [`crate::swap::simulate`]. A structure that may no longer be offered, a stop or a loss of A are outcomes.
pub fn simulate(terms: &AbSwapTerms, market: &SwapMarket) -> Result<AbSwapOutcome, Error> {
    let dma = carry(terms.book(), market)?;
    let unfunded = terms.paid_in_full()?;
    let (product, stopped_after) = carry_to_stop(&unfunded, terms, market)?;
    let lines = lines(terms, &product, &dma)?;
    let mut events = rule_events(terms, market)?;
    events.extend(line_events(terms, &lines, stopped_after));
    events.sort_by_key(|event| event.date);
    let layers = layers(terms, &lines);
    let sides = sides(terms, &lines, &dma);
    let payoffs = payoffs(terms, &lines);
    Ok(AbSwapOutcome { terms: terms.clone(), lines, layers, sides, payoffs, events, dma })
}

/// The product's own path; ends at the close after the first one below `stop_nav`, which is returned.
fn carry_to_stop(
    unfunded: &SwapTerms,
    terms: &AbSwapTerms,
    market: &SwapMarket,
) -> Result<(SwapOutcome, Option<TradingDay>), Error> {
    let whole = carry(unfunded, market)?;
    let Some(stop) = terms.ab().stop_nav else { return Ok((whole, None)) };
    let floor = stop * unfunded.swap.notional;
    let below = |line: &StatementLine| line.equity < floor;
    let Some(i) = whole.statement.iter().position(below) else { return Ok((whole, None)) };
    let seen_on = whole.statement[i].date;
    let Some(next) = whole.statement.get(i + 1) else { return Ok((whole, Some(seen_on))) };
    let mut words = SwapWords::from(unfunded.clone());
    words.swap.closed_on = next.date;
    let stopped = carry(&SwapTerms::try_from(words)?, market)?;
    Ok((stopped, Some(seen_on)))
}

/// What each layer is owed on a day.
fn claims(terms: &AbSwapTerms, date: TradingDay) -> Claims {
    let days = terms.book().swap.opened_on.calendar_days_until(date);
    let growth = 1.0 + terms.ab().senior_rate * f64::from(days) / CALENDAR_DAYS_PER_YEAR;
    Claims {
        senior: terms.senior_money() * growth,
        junior: terms.junior_money(),
        buffer: terms.buffer_money(),
        buffer_gain_share: terms.ab().buffer_gain_share,
    }
}

fn lines(
    terms: &AbSwapTerms,
    product: &SwapOutcome,
    dma: &SwapOutcome,
) -> Result<Vec<AbLine>, Error> {
    let notional = terms.book().swap.notional;
    let one = |line: &StatementLine| {
        let claims = claims(terms, line.date);
        let paid = distribute(line.equity, &claims);
        require_balance(line, &paid, notional)?;
        let first_loss = line.equity - claims.senior;
        let dma_line = dma.line(line.date);
        let of_dma = |pick: fn(&StatementLine) -> f64| dma_line.map_or(f64::NAN, pick);
        Ok(AbLine {
            date: line.date,
            value: line.equity,
            nav: line.equity / notional,
            senior_claim: claims.senior,
            senior: paid.senior,
            junior: paid.junior,
            buffer: paid.buffer,
            senior_shortfall: paid.senior_shortfall,
            owed: paid.owed,
            junior_return: paid.junior / terms.junior_money() - 1.0,
            coverage: line.equity / claims.senior,
            leverage: if first_loss > 0.0 { line.long_value / first_loss } else { f64::NAN },
            long_value: line.long_value,
            long_pnl: line.long_pnl,
            hedge_pnl: line.hedge_pnl,
            fees: line.fees,
            dma_equity: of_dma(|l| l.equity),
            dma_margin_ratio: of_dma(|l| l.margin_ratio),
            dma_leverage: of_dma(|l| l.leverage),
            dma_status: dma_line.map(|l| l.status),
        })
    };
    product.statement.iter().map(one).collect()
}

/// The waterfall may neither make money nor lose it.
fn require_balance(line: &StatementLine, paid: &Receipts, notional: f64) -> Result<(), Error> {
    let by_lines = paid.senior + paid.junior + paid.buffer - paid.owed;
    if (by_lines - line.equity).abs() <= BALANCE_TOLERANCE * notional {
        return Ok(());
    }
    Err(Error::Unbalanced { date: line.date, by_positions: line.equity, by_lines })
}

/// What the rules say of a new AB swap on the opening day, and when they end the structure.
fn rule_events(terms: &AbSwapTerms, market: &SwapMarket) -> Result<Vec<AbEvent>, Error> {
    let swap = &terms.book().swap;
    let (at_opening, at_end) =
        (market.rules.ab_swap(swap.opened_on)?, market.rules.ab_swap(swap.closed_on)?);
    let event = |date, kind, detail| vec![AbEvent { date, kind, detail }];
    if !at_opening.may_be_offered {
        let from = at_opening.from;
        let detail = Text::new(
            format!("自 {from} 起不得新开结构化收益互换；此处只是同一路径上的对照"),
            format!(
                "from {from} no structured return swap may be opened; this one is a what-if on the same path"
            ),
        );
        return Ok(event(swap.opened_on, AbEventKind::NotOffered, detail));
    }
    if !at_end.may_be_offered {
        let from = at_end.from;
        let detail = Text::new(
            "结构化收益互换自此不得新开；存续合约到期了结，不得续作",
            "no structured return swap may be opened from here; this one runs to its end and cannot be renewed",
        );
        return Ok(event(from, AbEventKind::OfferEnded, detail));
    }
    Ok(Vec::new())
}

/// The first day of each thing that can happen to the product.
fn line_events(
    terms: &AbSwapTerms,
    lines: &[AbLine],
    stopped_after: Option<TradingDay>,
) -> Vec<AbEvent> {
    let ab = terms.ab();
    let buffer_claim = terms.junior_money() + terms.buffer_money();
    let mut events = Vec::new();
    let mut first = |kind: AbEventKind, is: &dyn Fn(&AbLine) -> bool| {
        if let Some(line) = lines.iter().find(|line| is(line)) {
            events.push(AbEvent { date: line.date, kind, detail: told(kind, line) });
        }
    };
    let below =
        |threshold: Option<f64>| move |line: &AbLine| threshold.is_some_and(|x| line.nav < x);
    first(AbEventKind::Warning, &below(ab.warning_nav));
    first(AbEventKind::StopLine, &below(ab.stop_nav));
    if ab.buffer > 0.0 {
        first(AbEventKind::BufferGone, &|line| {
            line.value - line.senior_claim <= buffer_claim - terms.buffer_money()
        });
    }
    first(AbEventKind::JuniorGone, &|line| line.value <= line.senior_claim);
    first(AbEventKind::SeniorLoss, &|line| line.value < terms.senior_money());
    if let Some(last) = lines.last() {
        let is_stopped = stopped_after.is_some_and(|seen| seen < last.date);
        let kind = if is_stopped {
            AbEventKind::Stopped
        } else if last.date < terms.book().swap.closed_on {
            AbEventKind::RecordEnded
        } else {
            AbEventKind::Closed
        };
        events.push(AbEvent { date: last.date, kind, detail: told(kind, last) });
    }
    events
}

fn told(kind: AbEventKind, line: &AbLine) -> Text {
    let AbLine { value, nav, senior, junior, buffer, senior_shortfall, .. } = *line;
    let (zh, en) = match kind {
        AbEventKind::Warning => ("净值跌破预警线", "NAV below the warning line"),
        AbEventKind::StopLine => {
            ("净值跌破平仓线，下一收盘平仓", "NAV below the stop line; closed at the next close")
        }
        AbEventKind::BufferGone => ("安全垫耗尽", "the buffer is gone"),
        AbEventKind::JuniorGone => ("劣后级耗尽", "the junior share is gone"),
        AbEventKind::SeniorLoss => ("优先级本金受损", "the senior share has lost of its own money"),
        AbEventKind::Stopped => ("两条腿平仓", "both legs closed after the stop line"),
        AbEventKind::RecordEnded => {
            ("此后没有价格；产品仍未了结", "no prices after this; still open")
        }
        _ => ("两条腿按约定平仓", "both legs closed as agreed"),
    };
    Text::new(
        format!(
            "{zh}：净值 {nav:.4}，价值 {value:.4}；优先级 {senior:.4}（欠 {senior_shortfall:.4}），劣后级 {junior:.4}，安全垫 {buffer:.4}"
        ),
        format!(
            "{en}: NAV {nav:.4}, value {value:.4}; senior {senior:.4} ({senior_shortfall:.4} short), junior \
             {junior:.4}, buffer {buffer:.4}"
        ),
    )
}

/// What each layer put in, was owed and received at the end.
fn layers(terms: &AbSwapTerms, lines: &[AbLine]) -> Vec<LayerLine> {
    let Some(last) = lines.last() else { return Vec::new() };
    let one = |layer: Layer| {
        let (put_in, owed, received) = match layer {
            Layer::Buffer => (terms.buffer_money(), terms.buffer_money(), last.buffer),
            Layer::Junior => (terms.junior_money(), terms.junior_money(), last.junior),
            Layer::Senior => (terms.senior_money(), last.senior_claim, last.senior),
        };
        LayerLine {
            layer,
            put_in,
            owed,
            received,
            gain: received - put_in,
            r#return: if put_in > 0.0 { received / put_in - 1.0 } else { f64::NAN },
        }
    };
    Layer::ALL.into_iter().map(one).collect()
}

/// The levered investor of either structure side by side, and the lender behind him.
fn sides(terms: &AbSwapTerms, lines: &[AbLine], dma: &SwapOutcome) -> Vec<SideLine> {
    let (Some(last), Some(opening), Some(end)) =
        (lines.last(), dma.statement.first(), dma.statement.last())
    else {
        return Vec::new();
    };
    let margin = opening.equity + opening.fees;
    let days = lines.first().map_or(0, |first| first.date.calendar_days_until(last.date));
    let years = f64::from(days) / CALENDAR_DAYS_PER_YEAR;
    let first = |is: &dyn Fn(&AbLine) -> bool| lines.iter().find(|l| is(l)).map(|l| l.date);
    let lowest = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min);
    let ab = SideLine {
        structure: "ab",
        put_in: terms.junior_money(),
        received: last.junior,
        r#return: last.junior_return,
        lowest: lowest(&mut lines.iter().map(|l| l.junior)),
        leverage: terms.book().swap.notional / terms.junior_money(),
        cost_of_money: terms.senior_money() * terms.ab().senior_rate * years,
        stopped_on: terms.ab().stop_nav.and_then(|stop| first(&|l| l.nav < stop)),
        gone_on: first(&|l| l.value <= l.senior_claim),
        lender_loss: (terms.senior_money() - last.senior).max(0.0) + last.owed,
        closed_on: last.date,
    };
    let put_in = margin + dma.cash_paid_in;
    let dma = SideLine {
        structure: "dma",
        put_in,
        received: end.equity.max(0.0),
        r#return: end.equity.max(0.0) / put_in - 1.0,
        lowest: lowest(&mut dma.statement.iter().map(|l| l.equity)),
        leverage: opening.long_value / opening.equity,
        cost_of_money: end.financing,
        stopped_on: dma.called_on,
        gone_on: dma.wiped_out_on,
        lender_loss: (-end.equity).max(0.0),
        closed_on: end.date,
    };
    vec![ab, dma]
}

/// What each would receive at the end for every return of the portfolio: closed forms, no path.
fn payoffs(terms: &AbSwapTerms, lines: &[AbLine]) -> Vec<PayoffLine> {
    let Some(last) = lines.last() else { return Vec::new() };
    let swap = &terms.book().swap;
    let claims = claims(terms, last.date);
    let days = swap.opened_on.calendar_days_until(last.date);
    let years = f64::from(days) / CALENDAR_DAYS_PER_YEAR;
    let margin = swap.notional / terms.book().opening_leverage();
    let financed = match swap.financing_base {
        FinancingBase::Notional => swap.notional,
        FinancingBase::Borrowed => swap.notional - margin,
    };
    let financing = swap.financing_rate * financed * years;
    let back =
        |received: f64, put_in: f64| if put_in > 0.0 { received / put_in - 1.0 } else { f64::NAN };
    PAYOFF_STEPS
        .map(|percent| {
            let portfolio_return = f64::from(percent) / 100.0;
            let gain = swap.notional * portfolio_return;
            let paid = distribute(swap.notional + gain, &claims);
            let equity = margin + gain - financing;
            PayoffLine {
                portfolio_return,
                senior_return: back(paid.senior, terms.senior_money()),
                junior_return: back(paid.junior, terms.junior_money()),
                buffer_return: back(paid.buffer, terms.buffer_money()),
                dma_return: equity.max(0.0) / margin - 1.0,
                senior_loss: (terms.senior_money() - paid.senior).max(0.0),
                broker_loss: (-equity).max(0.0),
            }
        })
        .collect()
}
