//! Money that comes to the crowd: how its holdings grow before there is anything to unwind.
//!
//! New money buys what the holder already holds and sells the futures that go with it, so it lifts the segments the
//! crowd is tilted to and presses the basis. A DMA book brings the margin it opened with for what it buys; what it has
//! earned above that margin is paid out while money comes in, so a book that won is no safer than one that is new.
//! Enhanced funds move a share of what they lack of their tilt out of the benchmark into it.

use super::dma::{Dma, DmaBook};
use super::enhanced::Enhanced;
use super::neutral::Neutral;
use super::{Hedge, Kind, View};
use crate::market::{BySegment, Orders};

/// What comes on a day.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Inflow {
    /// Stocks the DMA books buy with new money, CNY.
    pub dma: f64,
    /// Stocks the neutral funds buy with new money, CNY.
    pub neutral: f64,
    /// Share of what enhanced funds lack of their tilt that they buy.
    pub tilt: f64,
}

impl Inflow {
    /// Orders of a round, added to those of the holders' kinds.
    pub(crate) fn arrive(
        self,
        (dma, neutral, enhanced): (&mut Dma, &mut Neutral, &mut Enhanced),
        view: &View,
        by_kind: &mut [Orders],
    ) {
        let a_round = 1.0 / view.rounds as f64;
        if self.dma > 0.0 {
            dma.invest(self.dma * a_round, view, &mut by_kind[Kind::Dma as usize]);
        }
        if self.neutral > 0.0 {
            neutral.invest(self.neutral * a_round, view, &mut by_kind[Kind::Neutral as usize]);
        }
        if self.tilt > 0.0 {
            enhanced.lean(self.tilt * a_round, view, &mut by_kind[Kind::Enhanced as usize]);
        }
    }
}

/// Buys `amount` more of `long` in its own proportions, as far as there are sellers; returns what was bought.
fn buy_alike(view: &View, long: &mut BySegment, amount: f64, orders: &mut Orders) -> f64 {
    let whole: f64 = long.iter().sum();
    let mut bought = 0.0;
    for (k, held) in long.iter_mut().enumerate() {
        let purchase = -view.executed(k, -*held / whole * amount, orders);
        *held += purchase;
        orders.stock[k] -= purchase;
        bought += purchase;
    }
    bought
}

/// Sells `value` more of a hedge's future.
fn extend(hedge: &mut Hedge, value: f64, orders: &mut Orders) {
    hedge.units += value / hedge.price;
    orders.future[hedge.product as usize] += value;
}

impl Dma {
    /// New money buys `amount` of stocks, in proportion to what the books that are open hold.
    fn invest(&mut self, amount: f64, view: &View, orders: &mut Orders) {
        let is_open = |book: &&mut DmaBook| !book.is_closing && book.long_value() > 0.0;
        let whole: f64 = self.books.iter_mut().filter(is_open).map(|b| b.long_value()).sum();
        let hedge_ratio = self.terms.hedge_ratio;
        for book in self.books.iter_mut().filter(is_open) {
            let share = book.long_value() / whole;
            let bought = buy_alike(view, &mut book.long, amount * share, orders);
            extend(&mut book.hedge, bought * hedge_ratio, orders);
            book.change_equity(bought * book.margin);
        }
    }

    /// Pays out what each open book has above the margin it opened with.
    pub(crate) fn pay_out(&mut self) {
        for book in self.books.iter_mut().filter(|book| !book.is_closing) {
            let above = book.equity - book.margin * book.long_value();
            if above > 0.0 {
                book.change_equity(-above);
            }
        }
    }
}

impl DmaBook {
    /// Money paid in or out: no gain and no loss, so the highest equity moves with it.
    fn change_equity(&mut self, by: f64) {
        if self.equity > 0.0 {
            let ratio = 1.0 + by / self.equity;
            (self.peak, self.opening) = (self.peak * ratio, self.opening * ratio);
        }
        self.equity += by;
    }
}

impl Neutral {
    /// New money buys `amount` of stocks, in proportion to what the funds hold; a unit's value is what it was.
    fn invest(&mut self, amount: f64, view: &View, orders: &mut Orders) {
        let value = |long: &BySegment| long.iter().sum::<f64>();
        let whole: f64 = self.funds.iter().map(|fund| value(&fund.long)).sum();
        for fund in self.funds.iter_mut().filter(|fund| value(&fund.long) > 0.0) {
            let share = value(&fund.long) / whole;
            let bought = buy_alike(view, &mut fund.long, amount * share, orders);
            extend(&mut fund.hedge, bought, orders);
        }
    }
}

impl Enhanced {
    /// A fund that is not behind sells benchmark and buys `share` of the tilt it lacks.
    fn lean(&mut self, share: f64, view: &View, orders: &mut Orders) {
        let terms = &self.terms;
        for fund in self.funds.iter_mut().filter(|fund| -fund.behind <= terms.threshold) {
            let whole = fund.core + fund.tilt.iter().sum::<f64>();
            let csi2000 = if fund.benchmark == 1 { 0.0 } else { terms.csi2000_share };
            for (k, wanted) in [(0, terms.micro_share), (1, csi2000)] {
                let lacks = (whole * wanted - fund.tilt[k]).max(0.0);
                let bought = -view.executed(k, -lacks * share, orders);
                fund.tilt[k] += bought;
                fund.core -= bought;
                orders.stock[k] -= bought;
                orders.stock[fund.benchmark] += bought;
            }
        }
    }
}
