//! Whose book it is: the words of a file, and the legal value made of them.

use serde::{Deserialize, Serialize};
use shoals_core::{FutureProduct, Segment};
use shoals_product::swap::{HedgeKind, LongKind, MarginBase, OnBreach, SwapTerms};

use crate::SpiralError;
use crate::error::require;
use crate::market::{BySegment, Product, SEGMENTS};

/// A book or a fund in a storm. A value made by [`VisitorTerms::from_toml`] or [`VisitorTerms::of_swap`] is legal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitorTerms {
    /// What tables call it.
    #[serde(default = "my_book")]
    pub name: String,
    /// Own money at the start, CNY.
    pub equity: f64,
    /// Stocks at the start, CNY.
    pub long: Holdings,
    /// Futures it is short; may be none.
    #[serde(default, rename = "hedge")]
    pub hedges: Vec<HedgeTerms>,
    /// Who tells it to sell.
    pub lines: Lines,
    /// Most of a segment's depth it sells in a day; without one it sells as the lines say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participation: Option<f64>,
    /// Whether its orders move the market: it is then one more of the crowd, on top of those the scenario has. Otherwise it
    /// is too small to move anything, and pays no impact of its own.
    #[serde(default)]
    pub is_in_crowd: bool,
    /// Volatility it is short; none unless written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_volatility: Option<ShortVolatility>,
}

fn my_book() -> String {
    "book".to_owned()
}

/// Stocks by segment, CNY; 0 unless written.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Holdings {
    /// Micro caps.
    pub micro: f64,
    /// CSI 2000.
    pub csi2000: f64,
    /// CSI 1000.
    pub csi1000: f64,
    /// CSI 500.
    pub csi500: f64,
    /// CSI 300.
    pub csi300: f64,
}

impl Holdings {
    /// In the order of [`Segment::ALL`].
    pub fn by_segment(self) -> BySegment {
        [self.micro, self.csi2000, self.csi1000, self.csi500, self.csi300]
    }

    /// From the order of [`Segment::ALL`].
    pub fn of([micro, csi2000, csi1000, csi500, csi300]: BySegment) -> Self {
        Self { micro, csi2000, csi1000, csi500, csi300 }
    }

    /// All of them, CNY.
    pub fn total(self) -> f64 {
        self.by_segment().iter().sum()
    }
}

/// A short position in one product.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HedgeTerms {
    /// `IF`, `IC` or `IM`.
    pub product: Product,
    /// Value short at the start, a fraction of the stocks, in `[0, 2]`.
    pub weight: f64,
    /// Calendar days to expiry at the start; within a week of it the hedge rolls to the next quarter.
    pub days: f64,
}

/// Who tells a book to sell.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Lines {
    /// A broker: margin ratios, equity over the value of the stocks.
    Margin {
        /// Ratio to be restored.
        initial_margin_ratio: f64,
        /// Below this it is called.
        call_ratio: f64,
        /// Below this it is liquidated.
        liquidation_ratio: f64,
        /// Annual rate on the value of the stocks.
        #[serde(default)]
        financing_rate: f64,
        /// What happens at a call; at the liquidation line everything is sold, unless it is `report`.
        #[serde(default = "deleverage")]
        on_breach: OnBreach,
        /// Cash that `top_up` can still pay in, CNY; a call beyond it is met by selling.
        #[serde(default)]
        reserve: f64,
        /// Drawdown of equity at which the manager closes the book; never unless written.
        #[serde(default = "never")]
        stop_loss: f64,
        /// Days in which a call is met.
        #[serde(default = "one_day")]
        call_days: f64,
        /// Days in which it is liquidated.
        #[serde(default = "one_day")]
        liquidation_days: f64,
    },
    /// Its own contract: net value, 1 at the start.
    NetValue {
        /// Below this (预警线) half of its stocks are sold.
        warning_nav: f64,
        /// Below this (止损线) everything is.
        stop_nav: f64,
        /// Days in which it is sold.
        #[serde(default = "one_day")]
        liquidation_days: f64,
    },
    /// Nobody.
    None,
}

const fn deleverage() -> OnBreach {
    OnBreach::Deleverage
}

const fn never() -> f64 {
    f64::INFINITY
}

const fn one_day() -> f64 {
    1.0
}

/// A short straddle, hedged at every close and rolled so that its vega stays.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShortVolatility {
    /// Index it is short of, by its future: `IM` for the CSI 1000's options.
    pub product: Product,
    /// CNY lost when implied volatility rises by 0.01.
    pub vega: f64,
    /// Calendar days to expiry.
    #[serde(default = "a_month")]
    pub days: f64,
    /// Implied volatility over what the market believes realised volatility to be.
    #[serde(default = "premium")]
    pub premium: f64,
}

const fn a_month() -> f64 {
    30.0
}

const fn premium() -> f64 {
    1.1
}

impl VisitorTerms {
    /// Reads a file.
    ///
    /// # Errors
    /// A misspelt key, or a number outside its range, with key, value and range.
    ///
    /// # Example
    /// ```
    /// use shoals_spiral::stress::VisitorTerms;
    ///
    /// let book = VisitorTerms::from_toml(r#"
    ///     equity = 2.5e8
    ///     long = { micro = 4e8, csi2000 = 6e8 }
    ///     hedge = [{ product = "IM", weight = 1.0, days = 73 }]
    ///     [lines]
    ///     kind = "margin"
    ///     initial_margin_ratio = 0.25
    ///     call_ratio = 0.15
    ///     liquidation_ratio = 0.10
    /// "#)?;
    /// assert_eq!(book.long.total() / book.equity, 4.0);
    /// # Ok::<(), shoals_spiral::SpiralError>(())
    /// ```
    pub fn from_toml(text: &str) -> Result<Self, SpiralError> {
        let terms: Self = toml::from_str(text).map_err(|error: toml::de::Error| {
            SpiralError::File { reason: error.to_string().trim_end().to_owned() }
        })?;
        terms.checked()
    }

    /// A swap's book, its long leg held as `weights` of the segments; without them the long leg must be the index of a
    /// segment.
    ///
    /// # Errors
    /// A long leg that is neither; a hedge that is not IF, IC or IM; ratios on the gross value, which the storm does not
    /// have.
    pub fn of_swap(terms: &SwapTerms, weights: Option<BySegment>) -> Result<Self, SpiralError> {
        let swap = &terms.swap;
        let refused = |reason: String| Err(SpiralError::File { reason });
        if swap.margin_base == MarginBase::Gross {
            return refused(
                "the swap's ratios are on the gross value; a storm needs them on the long leg, `margin_base = \"long\"`"
                    .to_owned(),
            );
        }
        let weights = match (weights, terms.long.kind()) {
            (Some(weights), _) => weights,
            (None, Ok(LongKind::MicroCap(_))) => [1.0, 0.0, 0.0, 0.0, 0.0],
            (None, Ok(LongKind::Series(symbol))) => {
                let Some(k) = Segment::ALL.iter().position(|segment| segment.symbol() == symbol)
                else {
                    let indices = Segment::ALL.map(|segment| segment.symbol().to_string());
                    return refused(format!(
                        "the long leg {symbol} is no segment's index ({}); say how it is spread over segments",
                        indices.join(", ")
                    ));
                };
                std::array::from_fn(|i| f64::from(u8::from(i == k)))
            }
            (None, _) => {
                return refused(
                    "the long leg is a file of names; say how it is spread over segments"
                        .to_owned(),
                );
            }
        };
        let hedges = terms.hedge.iter().map(|hedge| hedge_of(hedge, swap.opened_on));
        let visitor = Self {
            name: terms.long.name().en,
            equity: swap.notional * swap.initial_margin_ratio,
            long: Holdings::of(weights.map(|w| w * swap.notional)),
            hedges: hedges.collect::<Result<_, _>>()?,
            lines: Lines::Margin {
                initial_margin_ratio: swap.initial_margin_ratio,
                call_ratio: swap.call_ratio,
                liquidation_ratio: swap.liquidation_ratio,
                financing_rate: swap.financing_rate,
                on_breach: swap.on_breach,
                reserve: swap.reserve.unwrap_or(f64::INFINITY),
                stop_loss: swap.stop_loss.unwrap_or(f64::INFINITY),
                call_days: f64::from(swap.cure_days),
                liquidation_days: 1.0,
            },
            participation: terms
                .unwind
                .as_ref()
                .map(|unwind| unwind.participation)
                .filter(|p| *p <= 1.0),
            is_in_crowd: false,
            short_volatility: None,
        };
        visitor.checked()
    }

    /// The same, once its numbers are legal.
    ///
    /// # Errors
    /// A number outside its range, with key, value and range.
    pub fn checked(self) -> Result<Self, SpiralError> {
        let is_amount = |x: f64| x > 0.0 && x.is_finite();
        require("equity", self.equity, "an amount in CNY above 0", is_amount(self.equity))?;
        let longs = self.long.by_segment();
        for (segment, x) in Segment::ALL.iter().zip(longs) {
            let is_legal = x >= 0.0 && x.is_finite();
            require(format!("long.{segment}"), x, "an amount in CNY, 0 or more", is_legal)?;
        }
        require(
            "long",
            self.long.total(),
            "an amount above 0 in some segment",
            self.long.total() > 0.0,
        )?;
        for (i, hedge) in self.hedges.iter().enumerate() {
            let (weight, days) = (hedge.weight, hedge.days);
            let is_legal = (0.0..=2.0).contains(&weight);
            require(
                format!("hedge[{i}].weight"),
                weight,
                "in [0, 2], a fraction of the stocks",
                is_legal,
            )?;
            let is_legal = (1.0..=400.0).contains(&days);
            require(
                format!("hedge[{i}].days"),
                days,
                "in [1, 400], calendar days to expiry",
                is_legal,
            )?;
        }
        if let Some(p) = self.participation {
            require("participation", p, "in (0, 1]", p > 0.0 && p <= 1.0)?;
        }
        if let Some(short) = &self.short_volatility {
            let vega = short.vega;
            require(
                "short_volatility.vega",
                vega,
                "an amount in CNY, 0 or more",
                vega >= 0.0 && vega.is_finite(),
            )?;
            let is_legal = (1.0..=400.0).contains(&short.days);
            require("short_volatility.days", short.days, "in [1, 400]", is_legal)?;
            let is_legal = short.premium > 0.0 && short.premium.is_finite();
            require("short_volatility.premium", short.premium, "above 0", is_legal)?;
        }
        self.lines.check()?;
        Ok(self)
    }
}

impl Lines {
    fn check(&self) -> Result<(), SpiralError> {
        let positive = |field: &str, x: f64| require(field, x, "above 0", x > 0.0);
        match *self {
            Self::Margin {
                initial_margin_ratio,
                call_ratio,
                liquidation_ratio,
                financing_rate,
                reserve,
                stop_loss,
                call_days,
                liquidation_days,
                on_breach: _,
            } => {
                let initial = initial_margin_ratio;
                let expected = "a decimal in (0, 1] (25% is written 0.25)";
                require(
                    "initial_margin_ratio",
                    initial,
                    expected,
                    0.0 < initial && initial <= 1.0,
                )?;
                let is_legal = 0.0 <= call_ratio && call_ratio <= initial;
                let expected = "a decimal from 0 to `initial_margin_ratio`";
                require("call_ratio", call_ratio, expected, is_legal)?;
                let is_legal = 0.0 <= liquidation_ratio && liquidation_ratio <= call_ratio;
                let expected = "a decimal from 0 to `call_ratio`";
                require("liquidation_ratio", liquidation_ratio, expected, is_legal)?;
                let is_legal = (0.0..1.0).contains(&financing_rate);
                require("financing_rate", financing_rate, "in [0, 1)", is_legal)?;
                require("reserve", reserve, "an amount in CNY, 0 or more", reserve >= 0.0)?;
                positive("stop_loss", stop_loss)?;
                positive("call_days", call_days)?;
                positive("liquidation_days", liquidation_days)
            }
            Self::NetValue { warning_nav, stop_nav, liquidation_days } => {
                let is_legal = (0.0..1.0).contains(&stop_nav);
                require("stop_nav", stop_nav, "in [0, 1), net value 1 at the start", is_legal)?;
                let is_legal = stop_nav <= warning_nav && warning_nav < 1.0;
                require("warning_nav", warning_nav, "from `stop_nav` to below 1", is_legal)?;
                positive("liquidation_days", liquidation_days)
            }
            Self::None => Ok(()),
        }
    }
}

/// A hedge of a swap in the storm's words.
fn hedge_of(
    hedge: &shoals_product::swap::Hedge,
    opened_on: shoals_core::TradingDay,
) -> Result<HedgeTerms, SpiralError> {
    let refused = |reason: String| SpiralError::File { reason };
    let kind = hedge.kind().map_err(|error| refused(error.to_string()))?;
    let (product, days) = match kind {
        HedgeKind::Contract(contract) => {
            let expiry = contract.expiry(shoals_core::Calendar::shanghai())?;
            (contract.product, f64::from(opened_on.calendar_days_until(expiry)))
        }
        // A rolled hedge sits in the middle of its quarter on average.
        HedgeKind::Product(product, _) => (product, 45.0),
        HedgeKind::Index(symbol) => {
            return Err(refused(format!(
                "the hedge {symbol} is an index without a basis; a storm needs IF, IC or IM"
            )));
        }
    };
    let product = match product {
        FutureProduct::IF => Product::If,
        FutureProduct::IC => Product::Ic,
        FutureProduct::IM => Product::Im,
        FutureProduct::IH => {
            return Err(refused(format!(
                "the hedge {} is IH, which the storm's market does not have; it has IF, IC and IM",
                hedge.name()
            )));
        }
    };
    Ok(HedgeTerms { product, weight: hedge.weight, days })
}

const _: () = assert!(SEGMENTS == 5, "holdings are named one by one");
