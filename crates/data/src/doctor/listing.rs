//! When was a contract of an index future listed?
//!
//! Four contracts are listed: this month, the next, and the two quarter months after that. A contract
//! comes on the trading day after the expiry that makes it one of the four (CFFEX, contract rules).

use shoals_core::{Calendar, FutureContract, TradingDay};

/// Months from the expiry that brings a contract to its own: it comes as the next month, or, a quarter
/// month, as the later of the two.
const MONTHS_AHEAD: [i32; 2] = [2, 8];

/// Calendar days after a product's first one in which what comes was listed with it.
const LAUNCH_DAYS: i32 = 7;

/// The first trading day of a contract, never before that of its product.
pub(super) fn listed_on(contract: FutureContract, calendar: &Calendar) -> TradingDay {
    let product = contract.product.listed_on();
    let is_quarter = contract.month.is_multiple_of(3);
    let months = contract.year * 12 + contract.month as i32 - 1;
    let before = months - MONTHS_AHEAD[usize::from(is_quarter)];
    let opener = FutureContract {
        year: before.div_euclid(12),
        month: before.rem_euclid(12) as u32 + 1,
        ..contract
    };
    let day_after = opener.expiry(calendar).and_then(|expiry| calendar.next(expiry));
    // A launch leaves out a month about to expire and lists its successors at once (IC1512).
    let is_after_launch = |day: &TradingDay| day.epoch_days() >= product.epoch_days() + LAUNCH_DAYS;
    day_after.ok().filter(is_after_launch).unwrap_or(product)
}
