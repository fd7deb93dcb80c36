//! How far does each future quote from its index, and what is that a year?
//!
//! `basis = futures - spot` in index points, negative at a discount; `basis_rate = basis / spot x 365
//! / calendar days to expiry`. A short hedge pays `-basis_rate`. Beside it stand the same rate on
//! trading days (242 a year) and the rate without the dividends expected before expiry,
//! `(basis + dividends) / spot x 365 / days`. On the last trading day there is no time left to divide
//! by and the rates are NaN. Source: CFFEX contract
//! specifications; Hull, Options, Futures and Other Derivatives, ch. 5.
//!
//! Method page: docs/method/basis.md

use serde::{Deserialize, Serialize};
use shoals_core::number::{CALENDAR_DAYS_PER_YEAR, TRADING_DAYS_PER_YEAR};
use shoals_core::{Calendar, FutureContract, TradingDay};

use super::contract::{ContractHistory, FutureMarket, FutureQuote, Mark};
use super::dividend::{DividendSeason, expected_dividend};
use crate::MarketError;

/// Which price is set against the index close, and when dividends are expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BasisConvention {
    /// Price of the future.
    pub mark: Mark,
    /// Spread of the dividends over the year.
    pub dividend_season: DividendSeason,
}

/// Place of a contract among the four listed ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slot {
    /// This month, until its expiry.
    Near,
    /// The month after.
    Next,
    /// The first quarter-end after those.
    Quarter1,
    /// The second quarter-end.
    Quarter2,
}

impl Slot {
    /// Every slot, nearest first.
    pub const ALL: [Self; 4] = [Self::Near, Self::Next, Self::Quarter1, Self::Quarter2];

    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Near => "near",
            Self::Next => "next",
            Self::Quarter1 => "quarter1",
            Self::Quarter2 => "quarter2",
        }
    }
}

/// One contract against its index on one day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BasisPoint {
    /// The day.
    pub date: TradingDay,
    /// The contract.
    pub contract: FutureContract,
    /// Its place among the listed ones; none for a contract the exchange rule does not list.
    pub slot: Option<Slot>,
    /// Index close, points.
    pub spot: f64,
    /// Price of the chosen kind, points.
    pub price: f64,
    /// `price - spot`, points.
    pub basis: f64,
    /// Calendar days to expiry; zero on the last trading day.
    pub days_to_expiry: i32,
    /// Trading days to expiry.
    pub trading_days_to_expiry: i32,
    /// Annualised decimal of spot, 365 calendar days; NaN on the last trading day.
    pub basis_rate: f64,
    /// Annualised decimal of spot, 242 trading days; NaN on the last trading day.
    pub basis_rate_242: f64,
    /// Dividends expected before expiry, points; NaN without a yield.
    pub expected_dividend: f64,
    /// `basis_rate` with the expected dividends added back; NaN without a yield.
    pub basis_rate_dividend_adjusted: f64,
    /// All the figures of the day.
    pub quote: FutureQuote,
}

/// Every contract's basis on every day with both a price and an index close, by date, then expiry.
///
/// Missing: a day without one of the two prices is left out.
///
/// # Errors
/// A day the calendar does not cover.
pub fn basis_points(
    market: &FutureMarket,
    convention: BasisConvention,
    calendar: &Calendar,
) -> Result<Vec<BasisPoint>, MarketError> {
    let mut points = Vec::with_capacity(market.contracts.iter().map(|c| c.days.len()).sum());
    for history in &market.contracts {
        for (i, &date) in history.days.iter().enumerate() {
            let quote = history.quote(i);
            let price = quote.price(convention.mark);
            if let (false, Some(spot)) = (price.is_nan(), market.spot.at(date)) {
                let dividend = dividend_before_expiry(market, convention, date, history);
                points.push(point(history, date, quote, price, spot, dividend, calendar)?);
            }
        }
    }
    points.sort_by_key(|point| (point.date, point.contract));
    assign_slots(&mut points, market, calendar)?;
    Ok(points)
}

/// `basis / spot` annualised over `days` of a year of `days_per_year`; NaN when no day is left.
pub fn annualised(basis: f64, spot: f64, days: i32, days_per_year: f64) -> f64 {
    if days > 0 { basis / spot * days_per_year / f64::from(days) } else { f64::NAN }
}

fn dividend_before_expiry(
    market: &FutureMarket,
    convention: BasisConvention,
    date: TradingDay,
    history: &ContractHistory,
) -> f64 {
    let season = convention.dividend_season;
    market.dividend_yield.as_ref().map_or(f64::NAN, |dividend_yield| {
        expected_dividend(dividend_yield, season, &market.spot, date, history.expiry)
    })
}

fn point(
    history: &ContractHistory,
    date: TradingDay,
    quote: FutureQuote,
    price: f64,
    spot: f64,
    expected_dividend: f64,
    calendar: &Calendar,
) -> Result<BasisPoint, MarketError> {
    let basis = price - spot;
    let days_to_expiry = history.days_to_expiry(date);
    let trading_days_to_expiry = calendar.days_between(date, history.expiry)?;
    let a_year = |basis| annualised(basis, spot, days_to_expiry, CALENDAR_DAYS_PER_YEAR);
    Ok(BasisPoint {
        date,
        contract: history.contract,
        slot: None,
        spot,
        price,
        basis,
        days_to_expiry,
        trading_days_to_expiry,
        basis_rate: a_year(basis),
        basis_rate_242: annualised(basis, spot, trading_days_to_expiry, TRADING_DAYS_PER_YEAR),
        expected_dividend,
        basis_rate_dividend_adjusted: a_year(basis + expected_dividend),
        quote,
    })
}

fn assign_slots(
    points: &mut [BasisPoint],
    market: &FutureMarket,
    calendar: &Calendar,
) -> Result<(), MarketError> {
    for today in points.chunk_by_mut(|a, b| a.date == b.date) {
        let listed = FutureContract::listed(market.product, today[0].date, calendar)?;
        for point in today {
            let place = listed.iter().position(|&contract| contract == point.contract);
            point.slot = place.map(|i| Slot::ALL[i]);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::{FutureProduct, Series, day};

    fn market(dividend_yield: Option<Series>) -> FutureMarket {
        let days = vec![day(2024, 2, 2), day(2024, 2, 5), day(2024, 2, 19)];
        let contract = |code: &str, close: [f64; 3]| {
            let (n, settle) = (days.len(), vec![f64::NAN; 3]);
            ContractHistory::new(
                code.parse().unwrap(),
                Calendar::shanghai(),
                days.clone(),
                close.to_vec(),
                settle,
                vec![1.0; n],
                vec![f64::NAN; n],
            )
            .unwrap()
        };
        let contracts = vec![
            contract("IM2403", [f64::NAN, 4044.6, 4900.0]),
            contract("IM2402", [4507.2, 4176.6, 4985.4]),
        ];
        let spot = Series::new("000852.SH", days.clone(), vec![4574.6692, 4293.0695, 5029.5861]);
        FutureMarket::new(FutureProduct::IM, contracts, spot.unwrap(), dividend_yield).unwrap()
    }

    fn points(market: &FutureMarket) -> Vec<BasisPoint> {
        basis_points(market, BasisConvention::default(), Calendar::shanghai()).unwrap()
    }

    /// Witness: the published figures of 2024-02-05, to 0.01 point.
    #[test]
    fn the_fifth_of_february_2024() {
        let points = points(&market(None));
        let rows: Vec<_> = points.iter().filter(|p| p.date == day(2024, 2, 5)).collect();
        assert_eq!((rows[0].days_to_expiry, rows[0].slot), (14, Some(Slot::Near)));
        assert!((rows[0].basis_rate + 0.7073).abs() < 0.5e-4);
        assert!((rows[1].basis_rate + 0.5417).abs() < 0.5e-4);
        assert_eq!(rows[1].slot, Some(Slot::Next));
        // Four trading days to 2024-02-19: 6, 7, 8 February and the day itself.
        assert_eq!(rows[0].trading_days_to_expiry, 4);
        let by_hand = (4176.6 - 4293.0695) / 4293.0695 * 242.0 / 4.0;
        assert!((rows[0].basis_rate_242 - by_hand).abs() < 1e-12);
    }

    #[test]
    fn the_last_trading_day_has_a_basis_but_no_rate() {
        let points = points(&market(None));
        let last = points.iter().find(|p| p.date == day(2024, 2, 19)).unwrap();
        assert_eq!(last.contract.to_string(), "IM2402");
        assert!((last.basis + 44.1861).abs() < 1e-9);
        assert!(last.basis_rate.is_nan() && last.basis_rate_242.is_nan());
        // The missing close of IM2403 on the second leaves no row.
        assert_eq!(points.len(), 5);
    }

    #[test]
    fn dividends_before_expiry_are_added_back() {
        let days = vec![day(2024, 2, 2)];
        let adjusted = market(Some(Series::new("yield", days, vec![0.0365]).unwrap()));
        let convention =
            BasisConvention { dividend_season: DividendSeason::Flat, ..Default::default() };
        let points = basis_points(&adjusted, convention, Calendar::shanghai()).unwrap();
        // A flat yield of the day is added back whole, whatever the days to expiry.
        let added = |p: &BasisPoint| p.basis_rate_dividend_adjusted - p.basis_rate;
        assert!((added(&points[0]) - 0.0365).abs() < 1e-12);
        // The points stay those of the yield's day when the index falls; the rate is of the lower index.
        assert!((added(&points[1]) - 0.0365 * 4574.6692 / 4293.0695).abs() < 1e-12);
        assert!(market(None).dividend_yield.is_none());
    }
}
