//! CFFEX stock-index futures contracts and their last trading day, by rule.
//!
//! A contract expires on the third Friday of its month, postponed to the next trading day when that
//! Friday is a holiday (CFFEX contract specifications). Source and check: METHODS A3; every contract
//! of 2020-01 to 2025-03 agrees with the exchange's own list.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Calendar, CoreError, Symbol, TradingDay};

/// A stock-index future traded on CFFEX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FutureProduct {
    /// SSE 50.
    IH,
    /// CSI 300.
    IF,
    /// CSI 500.
    IC,
    /// CSI 1000.
    IM,
}

impl FutureProduct {
    /// Every product, large caps first.
    pub const ALL: [Self; 4] = [Self::IH, Self::IF, Self::IC, Self::IM];

    /// The product's two letters.
    pub const fn code(self) -> &'static str {
        match self {
            Self::IH => "IH",
            Self::IF => "IF",
            Self::IC => "IC",
            Self::IM => "IM",
        }
    }

    /// The index the contract settles on.
    pub fn underlying(self) -> Symbol {
        let code = match self {
            Self::IH => "000016.SH",
            Self::IF => "000300.SH",
            Self::IC => "000905.SH",
            Self::IM => "000852.SH",
        };
        Symbol::literal(code)
    }

    /// First day of trading of the product.
    pub fn listed_on(self) -> TradingDay {
        match self {
            Self::IF => crate::day(2010, 4, 16),
            Self::IH | Self::IC => crate::day(2015, 4, 16),
            Self::IM => crate::day(2022, 7, 22),
        }
    }
}

/// One contract month of a product, as `IM2403`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FutureContract {
    /// What is traded.
    pub product: FutureProduct,
    /// Delivery year, four digits.
    pub year: i32,
    /// Delivery month, 1 to 12.
    pub month: u32,
}

impl FutureContract {
    /// Last trading day: the third Friday of the month, or the next trading day after a holiday.
    ///
    /// # Errors
    /// When the calendar does not cover the contract's month yet.
    pub fn expiry(self, calendar: &Calendar) -> Result<TradingDay, CoreError> {
        calendar.on_or_after(third_friday(self.year, self.month))
    }

    /// The canonical symbol, `IM2403.CFE`.
    pub fn symbol(self) -> Symbol {
        Symbol::literal(&format!("{self}.CFE"))
    }

    /// The four contracts listed at the open of `day`: this month, next month and the two following
    /// quarter-ends. An expired month has left the list the day after its expiry.
    ///
    /// # Errors
    /// When the calendar does not cover the months needed.
    pub fn listed(
        product: FutureProduct,
        day: TradingDay,
        calendar: &Calendar,
    ) -> Result<[Self; 4], CoreError> {
        let (year, month, _) = day.ymd();
        let contract = |offset: u32| {
            let months = month - 1 + offset;
            Self { product, year: year + (months / 12) as i32, month: months % 12 + 1 }
        };
        let start = u32::from(contract(0).expiry(calendar)? < day);
        let mut quarters = (start + 2..).map(contract).filter(|c| c.month % 3 == 0);
        let mut quarter = || quarters.next().expect("quarter months recur");
        Ok([contract(start), contract(start + 1), quarter(), quarter()])
    }
}

/// The third Friday of a month.
///
/// # Panics
/// When `month` is not 1 to 12.
pub fn third_friday(year: i32, month: u32) -> TradingDay {
    let first = crate::day(year, month, 1);
    let to_friday = (4 + 7 - first.weekday()) % 7;
    first.plus_calendar_days(to_friday as i32 + 14)
}

impl fmt::Display for FutureContract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}{:02}{:02}", self.product.code(), self.year.rem_euclid(100), self.month))
    }
}

impl FromStr for FutureContract {
    type Err = CoreError;

    /// Reads `IM2403` or `IM2403.CFE`, in either case.
    fn from_str(text: &str) -> Result<Self, CoreError> {
        let wrong = || CoreError::NoSuchContract { found: text.to_owned() };
        let code = text.strip_suffix(".CFE").unwrap_or(text);
        if code.len() != 6 || !code.is_ascii() {
            return Err(wrong());
        }
        let (letters, digits) = code.split_at(2);
        let product = FutureProduct::ALL
            .into_iter()
            .find(|product| letters.eq_ignore_ascii_case(product.code()))
            .ok_or_else(wrong)?;
        let number: u32 = digits.parse().map_err(|_| wrong())?;
        let (year, month) = (2000 + (number / 100) as i32, number % 100);
        if (1..=12).contains(&month) { Ok(Self { product, year, month }) } else { Err(wrong()) }
    }
}

impl TryFrom<Symbol> for FutureContract {
    type Error = CoreError;

    fn try_from(symbol: Symbol) -> Result<Self, CoreError> {
        symbol.as_str().parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day;

    #[test]
    fn the_february_2024_contracts_expire_after_the_holiday() {
        let contract: FutureContract = "IM2402.CFE".parse().unwrap();
        assert_eq!(contract.expiry(Calendar::shanghai()).unwrap(), day(2024, 2, 19));
        assert_eq!(contract.symbol().as_str(), "IM2402.CFE");
        assert_eq!(contract.product.underlying().as_str(), "000852.SH");
    }

    #[test]
    fn four_months_are_listed_and_the_front_one_leaves_after_expiry() {
        let calendar = Calendar::shanghai();
        let codes = |day| {
            FutureContract::listed(FutureProduct::IC, day, calendar)
                .unwrap()
                .map(|contract| contract.to_string())
        };
        assert_eq!(codes(day(2024, 1, 2)), ["IC2401", "IC2402", "IC2403", "IC2406"]);
        assert_eq!(codes(day(2024, 2, 19)), ["IC2402", "IC2403", "IC2406", "IC2409"]);
        assert_eq!(codes(day(2024, 2, 20)), ["IC2403", "IC2404", "IC2406", "IC2409"]);
        assert_eq!(codes(day(2023, 11, 20)), ["IC2312", "IC2401", "IC2403", "IC2406"]);
    }

    #[test]
    fn codes_that_are_not_contracts_are_refused() {
        for text in ["IM2413", "IX2403", "IM24", "000852.SH", "", "IM24o3"] {
            assert!(text.parse::<FutureContract>().is_err(), "{text}");
        }
    }
}
