//! The rows of the rule tables. Ratios are decimals; a row holds from its day until the next one.

use serde::{Deserialize, Serialize};

use super::{InForce, Status};
use crate::{Board, FutureProduct, TradingDay};

macro_rules! rule_rows {
    ($($(#[$doc:meta])* $name:ident as $rule:literal {
        $($(#[$field_doc:meta])* $field:ident: $type:ty,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// First day in force.
            pub from: TradingDay,
            $($(#[$field_doc])* pub $field: $type,)*
            /// Who says so.
            pub source: String,
            /// How sure we are.
            pub status: Status,
        }

        impl InForce for $name {
            const RULE: &'static str = $rule;
            fn from(&self) -> TradingDay {
                self.from
            }
        }
    )*};
}

rule_rows! {
    /// Daily price limit of a board.
    PriceLimit as "price_limit" {
        /// Board.
        board: Board,
        /// Whether the name carries ST or *ST.
        special_treatment: bool,
        /// Fraction of the previous ex-right close; 0 means no limit.
        limit: f64,
    }

    /// What bounds the first days of a listing.
    Ipo as "ipo" {
        /// Board.
        board: Board,
        /// Trading days, the first included, without a daily limit.
        free_days: u32,
        /// First day's upper bound against the issue price; 0 means none.
        first_day_up: f64,
        /// First day's lower bound against the issue price, as a magnitude; 0 means none.
        first_day_down: f64,
    }

    /// How soon bought shares may be sold.
    Settlement as "settlement" {
        /// Trading days after the purchase: 1 is T+1.
        sell_after_days: u32,
    }

    /// Stamp duty on shares, fractions of the traded amount.
    StampDuty as "stamp_duty" {
        /// Paid by the buyer.
        buy: f64,
        /// Paid by the seller.
        sell: f64,
    }

    /// Commission on shares.
    Commission as "commission" {
        /// Fraction of the traded amount, on both sides.
        rate: f64,
    }

    /// Least margins of margin trading.
    MarginTrading as "margin_trading" {
        /// Margin of a financing purchase.
        financing_margin: f64,
        /// Margin of a short sale.
        short_margin: f64,
        /// Margin of a short sale by a private fund.
        short_margin_private_fund: f64,
    }

    /// Terms of an index future.
    FutureTerms as "future_terms" {
        /// Product.
        product: FutureProduct,
        /// CNY per index point.
        multiplier: f64,
        /// Least price step, index points.
        tick: f64,
        /// Daily limit, a fraction of the previous settlement.
        price_limit: f64,
        /// Limit on the last trading day.
        last_day_price_limit: f64,
    }

    /// Exchange margin of an index future.
    FutureMargin as "future_margin" {
        /// Product.
        product: FutureProduct,
        /// Fraction of the settlement value.
        ratio: f64,
    }

    /// Exchange margin of a short index option: the sum of its settlement value and the larger of the adjusted
    /// underlying value less what it is out of the money, and a floor.
    OptionMargin as "option_margin" {
        /// The future on the same index, whose code names the product here.
        product: FutureProduct,
        /// CNY per index point.
        multiplier: f64,
        /// Margin adjustment, a fraction of the underlying value.
        adjustment: f64,
        /// Least share of the adjusted value.
        floor: f64,
    }

    /// Exchange fees of index futures, fractions of the traded value.
    FutureFee as "future_fee" {
        /// Opening, or closing a position of an earlier day.
        open_or_close: f64,
        /// Closing a position opened the same day.
        close_today: f64,
        /// Cash delivery at expiry.
        delivery: f64,
        /// CNY an order.
        order_cny: f64,
    }

    /// Terms brokers offered for a DMA swap.
    SwapTermsOffered as "swap_terms" {
        /// Margin at the opening, a fraction of the long notional.
        initial_margin_ratio: f64,
        /// Margin ratio below which the broker warns.
        warning_ratio: f64,
        /// Margin ratio below which the broker calls.
        call_ratio: f64,
        /// Margin ratio below which the broker liquidates.
        liquidation_ratio: f64,
        /// Annual financing rate, ACT/365.
        financing_rate: f64,
        /// Largest weight of one stock.
        max_single_stock: f64,
        /// Least number of names.
        min_names: u32,
        /// Largest net exposure, a fraction of the long notional, either side.
        max_net_exposure: f64,
        /// Least correlation of the long basket with the hedge.
        min_long_short_correlation: f64,
    }

    /// Whether brokers may newly offer AB swaps (structured return swaps).
    AbSwapOffer as "ab_swap" {
        /// Whether a new one may be opened; running ones go to their end either way.
        may_be_offered: bool,
    }
}
