//! Days on which the basis rose while micro caps fell: the hedge paid less than its index fell, or
//! lost as well.

use serde::Serialize;
use shoals_core::{FutureContract, FutureProduct, Series, TradingDay};
use shoals_market::future::BasisPoint;

use super::{BasisConfig, by_day};

/// One squeeze day of a product.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SqueezeDay {
    /// The day.
    pub date: TradingDay,
    /// The product.
    pub product: FutureProduct,
    /// The contract with the largest volume the day before.
    #[serde(serialize_with = "as_text")]
    pub contract: FutureContract,
    /// Change of the contract's basis from the day before, decimal of that day's spot; positive,
    /// and the loss of a short against its index.
    pub basis_change: f64,
    /// Return of the micro-cap index, negative.
    pub micro_return: f64,
    /// Return of the product's index.
    pub index_return: f64,
    /// Change of the future, decimal of the spot before: what the short lost.
    pub future_return: f64,
    /// `micro_return - future_return`: the day's result of a book long micro caps and short the
    /// contract, on equal notional.
    pub book_return: f64,
    /// Whether the short lost too: the future itself rose. On the other days the short still gained,
    /// less than its index fell.
    pub both_legs_lost: bool,
}

/// The squeeze days of one product.
pub(super) fn squeezes(
    points: &[BasisPoint],
    micro: &Series,
    config: &BasisConfig,
) -> Vec<SqueezeDay> {
    let days: Vec<&[BasisPoint]> = by_day(points).collect();
    days.windows(2)
        .filter(|pair| config.tells(pair[1][0].date))
        .filter_map(|pair| change(pair[0], pair[1], micro))
        .filter(|day| day.basis_change > config.squeeze_basis_change && day.micro_return < 0.0)
        .collect()
}

/// The change from one day to the next of the contract most traded on the first.
fn change(before: &[BasisPoint], after: &[BasisPoint], micro: &Series) -> Option<SqueezeDay> {
    let (old, new) = before
        .iter()
        .filter_map(|old| {
            after.iter().find(|new| new.contract == old.contract).map(|new| (old, new))
        })
        // A missing volume ranks below any other.
        .max_by(|a, b| a.0.quote.volume.max(-1.0).total_cmp(&b.0.quote.volume.max(-1.0)))?;
    let micro_return = micro.at(new.date)? / micro.at(old.date)? - 1.0;
    let future_return = (new.price - old.price) / old.spot;
    Some(SqueezeDay {
        date: new.date,
        product: new.contract.product,
        contract: new.contract,
        basis_change: (new.basis - old.basis) / old.spot,
        micro_return,
        index_return: new.spot / old.spot - 1.0,
        future_return,
        book_return: micro_return - future_return,
        both_legs_lost: micro_return < 0.0 && future_return > 0.0,
    })
}

fn as_text<S: serde::Serializer>(contract: &FutureContract, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(contract)
}
