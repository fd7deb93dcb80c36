//! What is true of the crowd, as rows and tables.

use serde::Serialize;
use shoals_core::{FutureProduct, Segment, Symbol, Table, TradingDay};
use shoals_spiral::holder::Kind;
use shoals_spiral::market::Product;

/// What is known of the crowd behind the market; empty where the path was the caller's own.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct CrowdTruth {
    /// Day by day since the crowd began.
    pub days: Vec<CrowdDay>,
    /// The DMA books on the last day.
    pub books: Vec<BookTruth>,
    /// What the crowd holds of each index member at each month's open.
    pub stocks: Vec<CrowdHolding>,
}

/// The crowd on a day, at its close. Segments run from micro to CSI 300, products are IF, IC, IM, holders those of
/// `shoals_spiral`; CNY in the built-in market's own size.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrowdDay {
    /// Day.
    pub date: TradingDay,
    /// Log return of each segment that orders made, above its news.
    pub pressed: [f64; 5],
    /// Stocks of the DMA books, the neutral funds, and the enhanced funds outside their benchmark, CNY.
    pub held: [[f64; 5]; 3],
    /// Futures the DMA books and the neutral funds are short, CNY.
    pub short: [[f64; 3]; 2],
    /// Stocks bought by each holder, CNY; a sale is negative.
    pub flow: [[f64; 5]; Kind::ALL.len()],
    /// Futures bought by each holder, CNY; a sale is negative.
    pub future_flow: [[f64; 3]; Kind::ALL.len()],
    /// Stress of each product's basis, a fraction of spot.
    pub stress: [f64; 3],
    /// What a day can take, a fraction of the usual amount.
    pub depth: [f64; 5],
    /// Share of names at their lower limit in the world the crowd sees.
    pub limit_down: [f64; 5],
    /// Own money of the DMA books, CNY.
    pub dma_equity: f64,
    /// DMA books called or closing so far, a share of their number.
    pub called: f64,
    /// DMA books whose own money is gone, a share of their number.
    pub wiped_out: f64,
    /// Snowball notional knocked in, a share.
    pub knocked_in: f64,
    /// The feedback number for the day after: below 1 a fall is damped. NaN on days it was not taken.
    pub feedback: f64,
    /// Usual amount traded a day, CNY.
    pub usual: [f64; 5],
}

impl CrowdDay {
    /// Stocks of the DMA books, CNY.
    pub fn dma_value(&self) -> f64 {
        self.held[0].iter().sum()
    }

    /// What had to be traded of segment `k`, bought or sold, by books, funds and the national team: a fraction of the
    /// usual amount.
    pub(super) fn forced(&self, k: usize) -> f64 {
        let kinds = [Kind::Dma, Kind::Neutral, Kind::Enhanced, Kind::NationalTeam];
        kinds.iter().map(|&kind| self.flow[kind as usize][k].abs()).sum::<f64>() / self.usual[k]
    }

    /// Stress of a product and the crowd's short over its open interest. The sixteen largest take a third of the CSI 300's.
    pub(super) fn of(&self, product: FutureProduct) -> (f64, f64) {
        let (product, share) = match product {
            FutureProduct::IH => (Product::If, 1.0 / 3.0),
            FutureProduct::IF => (Product::If, 1.0),
            FutureProduct::IC => (Product::Ic, 1.0),
            FutureProduct::IM => (Product::Im, 1.0),
        };
        let j = product as usize;
        let short = self.short[0][j] + self.short[1][j];
        (share * self.stress[j], share * short / super::world::OPEN_INTEREST[j])
    }

    /// The same day with its money times `scale`.
    pub(super) fn scaled(&self, scale: f64) -> Self {
        Self {
            held: self.held.map(|held| held.map(|x| x * scale)),
            short: self.short.map(|short| short.map(|x| x * scale)),
            flow: self.flow.map(|flow| flow.map(|x| x * scale)),
            future_flow: self.future_flow.map(|flow| flow.map(|x| x * scale)),
            dma_equity: self.dma_equity * scale,
            usual: self.usual.map(|x| x * scale),
            ..self.clone()
        }
    }
}

/// One DMA book on the last day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BookTruth {
    /// The future it is hedged with.
    pub product: &'static str,
    /// Own money over long value when it opened.
    pub margin: f64,
    /// First day it was called for margin.
    pub called_on: Option<TradingDay>,
    /// First day its own money was gone.
    pub wiped_out_on: Option<TradingDay>,
    /// Whether it closed, by its manager's stop-loss or its broker's liquidation.
    pub is_closed: bool,
    /// Stocks left, CNY.
    pub long_value: f64,
    /// Own money left, CNY; negative when it owes its broker.
    pub equity: f64,
}

impl BookTruth {
    pub(super) fn scaled(&self, scale: f64) -> Self {
        Self { long_value: self.long_value * scale, equity: self.equity * scale, ..self.clone() }
    }
}

/// What the crowd holds of a stock.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CrowdHolding {
    /// First day of the month.
    pub date: TradingDay,
    /// Stock.
    pub symbol: Symbol,
    /// CNY at that day's open.
    pub held: f64,
    /// The same over its free-float market cap.
    pub share: f64,
}

/// The holders whose stocks are known, in the order of [`CrowdDay::held`].
pub(super) const HOLDERS: [Kind; 3] = [Kind::Dma, Kind::Neutral, Kind::Enhanced];

impl CrowdTruth {
    /// `truth_crowd`, and `truth_crowd_` with `segment`, `holding`, `flow`, `future`, `book` and `stock`.
    pub(crate) fn tables(&self) -> Vec<Table> {
        vec![
            self.day_table(),
            self.segment_table(),
            self.holding_table(),
            self.flow_table(),
            self.future_table(),
            self.book_table(),
            self.stock_table(),
        ]
    }

    fn day_table(&self) -> Table {
        let days = &self.days;
        let numbers = |f: fn(&CrowdDay) -> f64| days.iter().map(f).collect::<Vec<_>>();
        Table::new("truth_crowd")
            .with("date", "exchange day", days.iter().map(|d| d.date).collect::<Vec<_>>())
            .with("dma_value", "CNY, stocks of the DMA books", numbers(CrowdDay::dma_value))
            .with("dma_equity", "CNY, their own money", numbers(|d| d.dma_equity))
            .with("called", "share of books called or closing so far", numbers(|d| d.called))
            .with("wiped_out", "share of books", numbers(|d| d.wiped_out))
            .with("knocked_in", "share of snowball notional", numbers(|d| d.knocked_in))
            .with("feedback", "R0 of the day after", numbers(|d| d.feedback))
    }

    fn segment_table(&self) -> Table {
        let rows = || self.days.iter().flat_map(|day| (0..5).map(move |k| (day, k)));
        let numbers =
            |f: fn(&CrowdDay, usize) -> f64| rows().map(|(d, k)| f(d, k)).collect::<Vec<_>>();
        let name = |k: usize| Segment::ALL[k].name().to_owned();
        Table::new("truth_crowd_segment")
            .with("date", "exchange day", rows().map(|(d, _)| d.date).collect::<Vec<_>>())
            .with("segment", "size segment", rows().map(|(_, k)| name(k)).collect::<Vec<_>>())
            .with("pressed", "log return that orders made", numbers(|d, k| d.pressed[k]))
            .with("depth", "of the usual amount", numbers(|d, k| d.depth[k]))
            .with("forced", "traded by the crowd, of the usual amount", numbers(CrowdDay::forced))
            .with(
                "limit_down",
                "share of names, as the crowd sees it",
                numbers(|d, k| d.limit_down[k]),
            )
    }

    fn holding_table(&self) -> Table {
        let rows = || {
            self.days.iter().flat_map(|day| {
                (0..HOLDERS.len()).flat_map(move |h| (0..5).map(move |k| (day, h, k)))
            })
        };
        let text = |f: fn(usize, usize) -> &'static str| {
            rows().map(|(_, h, k)| f(h, k).to_owned()).collect::<Vec<_>>()
        };
        Table::new("truth_crowd_holding")
            .with("date", "exchange day", rows().map(|(d, ..)| d.date).collect::<Vec<_>>())
            .with("holder", "holder", text(|h, _| HOLDERS[h].name()))
            .with("segment", "size segment", text(|_, k| Segment::ALL[k].name()))
            .with("held", "CNY", rows().map(|(d, h, k)| d.held[h][k]).collect::<Vec<_>>())
    }

    fn flow_table(&self) -> Table {
        let rows = || {
            self.days.iter().flat_map(|day| {
                (0..Kind::ALL.len()).flat_map(move |h| (0..5).map(move |k| (day, h, k)))
            })
        };
        let text = |f: fn(usize, usize) -> &'static str| {
            rows().map(|(_, h, k)| f(h, k).to_owned()).collect::<Vec<_>>()
        };
        Table::new("truth_crowd_flow")
            .with("date", "exchange day", rows().map(|(d, ..)| d.date).collect::<Vec<_>>())
            .with("holder", "holder", text(|h, _| Kind::ALL[h].name()))
            .with("segment", "size segment", text(|_, k| Segment::ALL[k].name()))
            .with(
                "bought",
                "CNY, a sale negative",
                rows().map(|(d, h, k)| d.flow[h][k]).collect::<Vec<_>>(),
            )
    }

    fn future_table(&self) -> Table {
        let rows = || self.days.iter().flat_map(|day| (0..3).map(move |j| (day, j)));
        let numbers =
            |f: fn(&CrowdDay, usize) -> f64| rows().map(|(d, j)| f(d, j)).collect::<Vec<_>>();
        let code = |j: usize| Product::ALL[j].code().to_owned();
        Table::new("truth_crowd_future")
            .with("date", "exchange day", rows().map(|(d, _)| d.date).collect::<Vec<_>>())
            .with("product", "product", rows().map(|(_, j)| code(j)).collect::<Vec<_>>())
            .with("stress", "fraction of spot", numbers(|d, j| d.stress[j]))
            .with("dma_short", "CNY", numbers(|d, j| d.short[0][j]))
            .with("neutral_short", "CNY", numbers(|d, j| d.short[1][j]))
            .with("dma_bought", "CNY", numbers(|d, j| d.future_flow[Kind::Dma as usize][j]))
            .with("neutral_bought", "CNY", numbers(|d, j| d.future_flow[Kind::Neutral as usize][j]))
            .with(
                "dealers_bought",
                "CNY",
                numbers(|d, j| d.future_flow[Kind::Snowball as usize][j]),
            )
    }

    fn book_table(&self) -> Table {
        let books = &self.books;
        let numbers = |f: fn(&BookTruth) -> f64| books.iter().map(f).collect::<Vec<_>>();
        let dates = |f: fn(&BookTruth) -> Option<TradingDay>| {
            let text = |day: Option<TradingDay>| day.map_or_else(String::new, |d| d.to_string());
            books.iter().map(|book| text(f(book))).collect::<Vec<String>>()
        };
        Table::new("truth_crowd_book")
            .with("book", "number", (0..books.len() as i64).collect::<Vec<_>>())
            .with(
                "hedge",
                "product",
                books.iter().map(|b| b.product.to_owned()).collect::<Vec<_>>(),
            )
            .with("margin", "own money over long value at the start", numbers(|b| b.margin))
            .with("called_on", "day, empty for never", dates(|b| b.called_on))
            .with("wiped_out_on", "day, empty for never", dates(|b| b.wiped_out_on))
            .with(
                "is_closed",
                "closed by stop-loss or broker",
                books.iter().map(|b| b.is_closed).collect::<Vec<_>>(),
            )
            .with("long_value", "CNY at the end", numbers(|b| b.long_value))
            .with("equity", "CNY at the end", numbers(|b| b.equity))
    }

    fn stock_table(&self) -> Table {
        let rows = &self.stocks;
        Table::new("truth_crowd_stock")
            .with("date", "first day of the month", rows.iter().map(|r| r.date).collect::<Vec<_>>())
            .with("symbol", "stock", rows.iter().map(|r| r.symbol).collect::<Vec<_>>())
            .with("held", "CNY", rows.iter().map(|r| r.held).collect::<Vec<_>>())
            .with(
                "share",
                "of the free-float market cap",
                rows.iter().map(|r| r.share).collect::<Vec<_>>(),
            )
    }
}
