//! The audit trail: every order, why it was given, and what held it up.

use serde::Serialize;
use shoals_core::{Symbol, Table, Text, TradingDay};
use shoals_market::universe::HeldUp;

/// One order on one day. An order that is not filled stands, and is written again the next day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OrderLine {
    /// Day it was in the market.
    pub date: TradingDay,
    /// What was traded.
    pub symbol: Symbol,
    /// Leg it belongs to.
    pub leg: OrderLeg,
    /// Bought or sold.
    pub side: Side,
    /// What it was given for.
    pub cause: OrderCause,
    /// Close it was decided at.
    pub decided_on: TradingDay,
    /// Value still wanted that day, CNY at its mark, positive.
    pub wanted: f64,
    /// Value filled that day, CNY at its mark, positive.
    pub filled: f64,
    /// Mark it was filled at: points, or CNY at the scale of adjusted prices.
    pub price: f64,
    /// Why no more was filled.
    pub reason: OrderReason,
    /// What filling it cost, CNY.
    pub fee: f64,
}

/// The leg an order belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderLeg {
    /// The stocks, and an index in their place.
    Long,
    /// What is sold short against them.
    Hedge,
}

/// Which way an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Bought, or bought back.
    Buy,
    /// Sold, or sold short.
    Sell,
}

/// What an order was given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderCause {
    /// The book was opened.
    Opening,
    /// A hedge moved to another contract.
    Roll,
    /// A contract was settled at expiry.
    Expiry,
    /// A call, answered by selling down.
    Deleverage,
    /// A breach, answered by closing the book.
    Liquidate,
    /// A call that was not met by its deadline.
    CallUnmet,
    /// The manager's stop.
    StopLoss,
    /// The proceeds of sales under a net-sell ban.
    Switch,
    /// Names went back to their weights.
    Rebalance,
    /// The agreed closing.
    Closing,
}

/// Why an order was filled as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderReason {
    /// Filled whole.
    Filled,
    /// Cut to the share of the average daily amount.
    Participation,
    /// Sealed at the lower limit.
    LimitDown,
    /// Sealed at the upper limit (a purchase).
    LimitUp,
    /// Suspended all day.
    Suspended,
    /// No price that day.
    NoPrice,
    /// Bought too lately to be sold.
    TPlusOne,
    /// Net selling was banned that day.
    NetSellBan,
    /// The hedge shrinks only as far as the long leg did.
    WithLong,
    /// A rebalancing sells no more than it can buy for, and buys no more than it sold.
    OtherSide,
    /// Not sold in the market; the swap was closed at the mark.
    AtMark,
}

impl OrderCause {
    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Roll => "roll",
            Self::Expiry => "expiry",
            Self::Deleverage => "deleverage",
            Self::Liquidate => "liquidate",
            Self::CallUnmet => "call_unmet",
            Self::StopLoss => "stop_loss",
            Self::Switch => "switch",
            Self::Rebalance => "rebalance",
            Self::Closing => "closing",
        }
    }
}

impl OrderCause {
    /// What readers call it.
    pub fn words(self) -> Text {
        let (zh, en) = match self {
            Self::Opening => ("开仓", "opening"),
            Self::Roll => ("换月", "rolling"),
            Self::Expiry => ("交割", "expiry"),
            Self::Deleverage => ("减仓", "deleveraging"),
            Self::Liquidate => ("平仓", "liquidation"),
            Self::CallUnmet => ("追保未补足", "a call not met"),
            Self::StopLoss => ("止损", "the stop"),
            Self::Switch => ("换入指数", "switching into an index"),
            Self::Rebalance => ("再平衡", "rebalancing"),
            Self::Closing => ("约定平仓", "the agreed closing"),
        };
        Text::new(zh, en)
    }

    /// Whether it sells everything before the agreed day.
    pub const fn closes_the_book(self) -> bool {
        matches!(self, Self::Liquidate | Self::CallUnmet | Self::StopLoss)
    }
}

impl OrderReason {
    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Filled => "filled",
            Self::Participation => HeldUp::Participation.name(),
            Self::LimitDown => HeldUp::LimitDown.name(),
            Self::LimitUp => "limit_up",
            Self::Suspended => HeldUp::Suspended.name(),
            Self::NoPrice => HeldUp::NoPrice.name(),
            Self::TPlusOne => HeldUp::TPlusOne.name(),
            Self::NetSellBan => "net_sell_ban",
            Self::WithLong => "with_long",
            Self::OtherSide => "other_side",
            Self::AtMark => "at_mark",
        }
    }
}

impl From<Option<HeldUp>> for OrderReason {
    fn from(held_up: Option<HeldUp>) -> Self {
        match held_up {
            None => Self::Filled,
            Some(HeldUp::TPlusOne) => Self::TPlusOne,
            Some(HeldUp::NoPrice) => Self::NoPrice,
            Some(HeldUp::Suspended) => Self::Suspended,
            Some(HeldUp::LimitDown) => Self::LimitDown,
            Some(HeldUp::Participation) => Self::Participation,
        }
    }
}

/// `order(date, symbol, side, cause, decided_on, wanted, filled, price, reason, leg, fee)`.
pub(super) fn order_table(orders: &[OrderLine]) -> Table {
    let number = |pick: fn(&OrderLine) -> f64| -> Vec<f64> { orders.iter().map(pick).collect() };
    let name = |pick: fn(&OrderLine) -> &'static str| -> Vec<String> {
        orders.iter().map(|line| pick(line).to_owned()).collect()
    };
    let side = |line: &OrderLine| match line.side {
        Side::Buy => "buy",
        Side::Sell => "sell",
    };
    let leg = |line: &OrderLine| match line.leg {
        OrderLeg::Long => "long",
        OrderLeg::Hedge => "hedge",
    };
    Table::new("order")
        .with("date", "trading day", orders.iter().map(|l| l.date).collect::<Vec<_>>())
        .with("symbol", "what was traded", orders.iter().map(|l| l.symbol).collect::<Vec<_>>())
        .with("side", "buy or sell", name(side))
        .with("cause", "what the order was given for", name(|l| l.cause.name()))
        .with(
            "decided_on",
            "close it was decided at",
            orders.iter().map(|l| l.decided_on).collect::<Vec<_>>(),
        )
        .with("wanted", "value wanted, CNY, positive", number(|l| l.wanted))
        .with("filled", "value filled, CNY, positive", number(|l| l.filled))
        .with("price", "mark it was filled at", number(|l| l.price))
        .with("reason", "why no more was filled; filled when all was", name(|l| l.reason.name()))
        .with("leg", "long or hedge", name(leg))
        .with("fee", "what filling it cost, CNY", number(|l| l.fee))
}
