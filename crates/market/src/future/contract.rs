//! The daily record of one contract, and of a product with all its contracts and its index.

use serde::{Deserialize, Serialize};
use shoals_core::{Calendar, FutureContract, FutureProduct, Series, Text, TradingDay};

use crate::MarketError;

/// Which price of the day marks a future.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// The last trade of the day; the index close stands beside it at the same minute.
    #[default]
    Close,
    /// The exchange's settlement price (volume-weighted last hour), which margin is called on.
    Settle,
}

impl Mark {
    /// The stable name, as written in a config.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Close => "close",
            Self::Settle => "settle",
        }
    }

    /// The name for readers.
    pub fn words(self) -> Text {
        match self {
            Self::Close => Text::new("收盘价", "close"),
            Self::Settle => Text::new("结算价", "settle"),
        }
    }
}

/// One contract's daily record, rising in days and ending at its expiry.
///
/// Missing: NaN in any column means "no observation".
#[derive(Debug, Clone, PartialEq)]
pub struct ContractHistory {
    /// The contract.
    pub contract: FutureContract,
    /// Its last trading day.
    pub expiry: TradingDay,
    /// Exchange days, rising strictly.
    pub days: Vec<TradingDay>,
    /// Close, index points.
    pub close: Vec<f64>,
    /// Settlement, index points.
    pub settle: Vec<f64>,
    /// Lots traded.
    pub volume: Vec<f64>,
    /// Lots open at the end of the day.
    pub open_interest: Vec<f64>,
}

/// One contract's figures of one day; NaN where there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FutureQuote {
    /// Close, index points.
    pub close: f64,
    /// Settlement, index points.
    pub settle: f64,
    /// Lots traded.
    pub volume: f64,
    /// Lots open at the end of the day.
    pub open_interest: f64,
}

impl FutureQuote {
    /// The price of the chosen kind; NaN when it is missing.
    pub fn price(&self, mark: Mark) -> f64 {
        match mark {
            Mark::Close => self.close,
            Mark::Settle => self.settle,
        }
    }
}

impl ContractHistory {
    /// A contract's record; its expiry follows from the exchange rule.
    ///
    /// # Errors
    /// Uneven columns, days that do not rise, a record after expiry, a price that is zero, negative
    /// or infinite, or a contract month the calendar does not cover.
    pub fn new(
        contract: FutureContract,
        calendar: &Calendar,
        days: Vec<TradingDay>,
        close: Vec<f64>,
        settle: Vec<f64>,
        volume: Vec<f64>,
        open_interest: Vec<f64>,
    ) -> Result<Self, MarketError> {
        let expiry = contract.expiry(calendar)?;
        let history = Self { contract, expiry, days, close, settle, volume, open_interest };
        history.check()?;
        Ok(history)
    }

    /// The figures of `day`, when the contract has a record of it.
    pub fn at(&self, day: TradingDay) -> Option<FutureQuote> {
        self.days.binary_search(&day).ok().map(|i| self.quote(i))
    }

    /// The price of `day`; `None` when there is no record or no price in it.
    pub fn price(&self, day: TradingDay, mark: Mark) -> Option<f64> {
        self.at(day).map(|quote| quote.price(mark)).filter(|price| !price.is_nan())
    }

    /// Calendar days from `day` to expiry; zero on the last trading day.
    pub fn days_to_expiry(&self, day: TradingDay) -> i32 {
        day.calendar_days_until(self.expiry)
    }

    /// The record as it stood at the close of `last`: later days are cut off.
    #[must_use]
    pub fn up_to(&self, last: TradingDay) -> Self {
        let n = self.days.partition_point(|&day| day <= last);
        Self {
            contract: self.contract,
            expiry: self.expiry,
            days: self.days[..n].to_vec(),
            close: self.close[..n].to_vec(),
            settle: self.settle[..n].to_vec(),
            volume: self.volume[..n].to_vec(),
            open_interest: self.open_interest[..n].to_vec(),
        }
    }

    /// The figures of the record at position `i`.
    pub(crate) fn quote(&self, i: usize) -> FutureQuote {
        FutureQuote {
            close: self.close[i],
            settle: self.settle[i],
            volume: self.volume[i],
            open_interest: self.open_interest[i],
        }
    }

    fn check(&self) -> Result<(), MarketError> {
        let (contract, expected) = (self.contract, self.days.len());
        for (column, values) in [
            ("close", &self.close),
            ("settle", &self.settle),
            ("volume", &self.volume),
            ("open_interest", &self.open_interest),
        ] {
            if values.len() != expected {
                let found = values.len();
                return Err(MarketError::UnevenHistory { contract, column, found, expected });
            }
        }
        // A series refuses days that do not rise.
        Series::new("close", self.days.clone(), self.close.clone())?;
        match self.days.last() {
            Some(&day) if day > self.expiry => {
                return Err(MarketError::AfterExpiry { contract, day, expiry: self.expiry });
            }
            _ => {}
        }
        let name = contract.to_string();
        require_positive(&name, "close", &self.days, &self.close)?;
        require_positive(&name, "settle", &self.days, &self.settle)
    }
}

/// A product's contracts beside the index they settle on.
#[derive(Debug, Clone, PartialEq)]
pub struct FutureMarket {
    /// The product.
    pub product: FutureProduct,
    /// Its contracts, rising in expiry.
    pub contracts: Vec<ContractHistory>,
    /// Close of the underlying price index.
    pub spot: Series,
    /// Dividend yield of the index, annual decimal; without it nothing is dividend-adjusted.
    pub dividend_yield: Option<Series>,
}

impl FutureMarket {
    /// A market; contracts may come in any order.
    ///
    /// # Errors
    /// A contract of another product or twice, or a spot price that is zero, negative or infinite.
    pub fn new(
        product: FutureProduct,
        mut contracts: Vec<ContractHistory>,
        spot: Series,
        dividend_yield: Option<Series>,
    ) -> Result<Self, MarketError> {
        if let Some(other) = contracts.iter().find(|history| history.contract.product != product) {
            return Err(MarketError::OtherProduct { contract: other.contract, product });
        }
        contracts.sort_by_key(|history| history.contract);
        if let Some(pair) = contracts.windows(2).find(|pair| pair[0].contract == pair[1].contract) {
            return Err(MarketError::ContractTwice { contract: pair[0].contract });
        }
        require_positive(spot.name(), "close", spot.days(), spot.values())?;
        Ok(Self { product, contracts, spot, dividend_yield })
    }

    /// The record of a contract.
    pub fn contract(&self, contract: FutureContract) -> Option<&ContractHistory> {
        self.contracts
            .binary_search_by_key(&contract, |history| history.contract)
            .ok()
            .map(|i| &self.contracts[i])
    }

    /// The market as it stood at the close of `last`: later days are cut off, and contracts not
    /// yet traded are left out.
    #[must_use]
    pub fn up_to(&self, last: TradingDay) -> Self {
        let first = TradingDay::from_epoch_days(i32::MIN);
        Self {
            product: self.product,
            contracts: self
                .contracts
                .iter()
                .filter(|history| history.days.first().is_some_and(|&day| day <= last))
                .map(|history| history.up_to(last))
                .collect(),
            spot: self.spot.between(first, last),
            dividend_yield: self.dividend_yield.as_ref().map(|series| series.between(first, last)),
        }
    }
}

/// Refuses zero, negative and infinite prices; NaN is "no observation".
fn require_positive(
    name: &str,
    column: &'static str,
    days: &[TradingDay],
    prices: &[f64],
) -> Result<(), MarketError> {
    match prices.iter().position(|&p| !(p.is_nan() || (p > 0.0 && p.is_finite()))) {
        Some(i) => Err(MarketError::PriceNotPositive {
            name: name.to_owned(),
            column,
            day: days[i],
            found: prices[i],
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::{Symbol, day};

    fn history(
        code: &str,
        days: Vec<TradingDay>,
        close: Vec<f64>,
    ) -> Result<ContractHistory, MarketError> {
        let n = close.len();
        let contract = code.parse().unwrap();
        let calendar = Calendar::shanghai();
        let settle = close.clone();
        ContractHistory::new(contract, calendar, days, close, settle, vec![1.0; n], vec![1.0; n])
    }

    #[test]
    fn a_contract_answers_for_its_days_only() {
        let im = history("IM2402", vec![day(2024, 2, 5), day(2024, 2, 7)], vec![4176.6, f64::NAN])
            .unwrap();
        assert_eq!(im.price(day(2024, 2, 5), Mark::Close), Some(4176.6));
        assert_eq!(im.price(day(2024, 2, 7), Mark::Close), None);
        assert!(im.at(day(2024, 2, 7)).is_some());
        assert!(im.at(day(2024, 2, 6)).is_none());
        assert_eq!(im.days_to_expiry(day(2024, 2, 5)), 14);
        assert_eq!(im.up_to(day(2024, 2, 6)).days.len(), 1);
    }

    #[test]
    fn records_no_exchange_prints_are_refused() {
        for (days, close, part) in [
            (vec![day(2024, 2, 5)], vec![], "close` of IM2402 has 0"),
            (vec![day(2024, 2, 5)], vec![0.0], "is 0 on 2024-02-05"),
            (vec![day(2024, 2, 5)], vec![f64::INFINITY], "is inf"),
            (vec![day(2024, 2, 20)], vec![5000.0], "after its expiry on 2024-02-19"),
            (vec![day(2024, 2, 6), day(2024, 2, 5)], vec![1.0, 1.0], "rise strictly"),
        ] {
            let refusal = history("IM2402", days, close).unwrap_err().to_string();
            assert!(refusal.contains(part), "{refusal}");
        }
    }

    #[test]
    fn a_market_orders_its_contracts_and_refuses_strangers() {
        let spot = || {
            Series::new(Symbol::literal("000852.SH").as_str(), vec![day(2024, 2, 5)], vec![4293.0])
                .unwrap()
        };
        let im = |code| history(code, vec![day(2024, 2, 5)], vec![4000.0]).unwrap();
        let market = |contracts| FutureMarket::new(FutureProduct::IM, contracts, spot(), None);
        let ordered = market(vec![im("IM2403"), im("IM2402")]).unwrap();
        assert_eq!(ordered.contracts[0].contract.month, 2);
        assert!(ordered.contract("IM2403".parse().unwrap()).is_some());
        assert!(market(vec![im("IC2402")]).unwrap_err().to_string().contains("IM market"));
        assert!(
            market(vec![im("IM2402"), im("IM2402")]).unwrap_err().to_string().contains("twice")
        );
        assert!(ordered.up_to(day(2024, 2, 4)).contracts.is_empty());
    }
}
