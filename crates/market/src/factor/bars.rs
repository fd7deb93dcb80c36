//! Adjusted closes as look-backs and forward returns read them.

use shoals_core::Panel;

use crate::MarketError;
use crate::universe::StockMarket;

/// Adjusted closes without gaps, day-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    /// The last adjusted close known; NaN before the first.
    pub price: Vec<f64>,
    /// The one of the day before; NaN on the first day.
    pub price_before: Vec<f64>,
}

impl Bars {
    /// The closes of a market.
    pub fn of(market: &StockMarket) -> Self {
        let width = market.symbols().len();
        let mut price = market.adjusted_close().to_vec();
        for cell in width..price.len() {
            if price[cell].is_nan() {
                price[cell] = price[cell - width];
            }
        }
        let mut price_before = vec![f64::NAN; width.min(price.len())];
        price_before.extend_from_slice(&price[..price.len() - price_before.len()]);
        Self { price, price_before }
    }

    /// What a factor is made of, with adjusted closes in the place of `close` and `pre_close`: the
    /// ex-right reference at another scale, so every return is the same.
    ///
    /// # Errors
    /// A column the market does not have.
    pub fn panel(&self, market: &StockMarket, columns: &[&str]) -> Result<Panel, MarketError> {
        let mut panel = Panel::new(market.days().to_vec(), market.symbols().to_vec())?
            .with_column("close", self.price.clone())?
            .with_column("pre_close", self.price_before.clone())?;
        for name in columns {
            panel = panel.with_column(*name, market.panel().column(name)?.to_vec())?;
        }
        Ok(panel)
    }
}
