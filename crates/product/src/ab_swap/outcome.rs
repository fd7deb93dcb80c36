//! What both structures made of one path: lines, layers, sides, payoffs and events.

use serde::Serialize;
use shoals_core::{Convention, Outcome, Table, Text, TradingDay};

use super::{AbSwapTerms, Layer};
use crate::swap::{SwapOutcome, SwapStatus};

/// An AB swap carried to its end, beside the DMA book on the same path.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AbSwapOutcome {
    /// The terms it ran under.
    pub terms: AbSwapTerms,
    /// One line a trading day, the opening day first.
    pub lines: Vec<AbLine>,
    /// The waterfall at the end, the first to lose first.
    pub layers: Vec<LayerLine>,
    /// The levered investor of the AB swap and the fund of the DMA book.
    pub sides: Vec<SideLine>,
    /// What each would receive at the end for every return of the portfolio.
    pub payoffs: Vec<PayoffLine>,
    /// What happened to the product, in order.
    pub events: Vec<AbEvent>,
    /// The DMA book itself.
    #[serde(skip)]
    pub dma: SwapOutcome,
}

/// One day of the product and of the DMA book. Money in CNY; totals run since the opening.
///
/// `senior + junior + buffer − owed = value = notional + long_pnl + hedge_pnl − fees`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AbLine {
    /// Trading day.
    pub date: TradingDay,
    /// What the product is worth.
    pub value: f64,
    /// Value over notional.
    pub nav: f64,
    /// Money of A with the fixed return earned so far.
    pub senior_claim: f64,
    /// What A would receive.
    pub senior: f64,
    /// What B would receive.
    pub junior: f64,
    /// What the buffer's owner would receive.
    pub buffer: f64,
    /// What A is owed and would not be paid.
    pub senior_shortfall: f64,
    /// What the product owes its broker beyond all it has.
    pub owed: f64,
    /// Simple return of B since the opening.
    pub junior_return: f64,
    /// Value over the claim of A; below 1 A is not covered.
    pub coverage: f64,
    /// Long value over what is left below A; NaN when nothing is.
    pub leverage: f64,
    /// Market value of the long leg; on the last day, what was sold.
    pub long_value: f64,
    /// Gain of the long leg since the opening.
    pub long_pnl: f64,
    /// Gain of the hedge since the opening.
    pub hedge_pnl: f64,
    /// Trading costs since the opening, a positive magnitude.
    pub fees: f64,
    /// Equity of the DMA book; NaN once it is closed.
    pub dma_equity: f64,
    /// Its margin ratio; NaN once it is closed.
    pub dma_margin_ratio: f64,
    /// Its leverage; NaN without equity or once it is closed.
    pub dma_leverage: f64,
    /// Where its ratio stands; none once it is closed.
    pub dma_status: Option<SwapStatus>,
}

/// One layer at the end.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LayerLine {
    /// Which layer.
    pub layer: Layer,
    /// Money put in, CNY.
    pub put_in: f64,
    /// What it is owed before any gain is shared, CNY.
    pub owed: f64,
    /// What it receives, CNY.
    pub received: f64,
    /// Received less put in, CNY.
    pub gain: f64,
    /// Simple return; NaN for a layer without money.
    pub r#return: f64,
}

/// The levered investor of one structure, and what his lender lost.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SideLine {
    /// `ab` (investors B) or `dma` (the fund).
    pub structure: &'static str,
    /// Money put in, cash paid in after calls included, CNY.
    pub put_in: f64,
    /// Money received at the end, at least 0, CNY.
    pub received: f64,
    /// Received over put in, less 1.
    pub r#return: f64,
    /// What his share was worth at its lowest; below 0 for a DMA book that owed.
    pub lowest: f64,
    /// Long value over his money at the opening.
    pub leverage: f64,
    /// Fixed return promised to A, or financing paid to the broker, CNY, positive.
    pub cost_of_money: f64,
    /// First day below the stop line, or first margin call.
    pub stopped_on: Option<TradingDay>,
    /// First day without anything left of his money.
    pub gone_on: Option<TradingDay>,
    /// What the lender lost of his money: A (and the product's broker), or the broker of the DMA book, CNY.
    pub lender_loss: f64,
    /// Last day of the structure.
    pub closed_on: TradingDay,
}

/// What each would receive at the end for one return of the portfolio. Simple returns on the money put in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PayoffLine {
    /// Gain of both legs over the notional.
    pub portfolio_return: f64,
    /// Of A.
    pub senior_return: f64,
    /// Of B.
    pub junior_return: f64,
    /// Of the buffer; NaN without one.
    pub buffer_return: f64,
    /// Of a DMA fund on its initial margin.
    pub dma_return: f64,
    /// Loss of A's own money, CNY.
    pub senior_loss: f64,
    /// What the broker of the DMA book is owed and not paid, CNY.
    pub broker_loss: f64,
}

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AbEventKind {
    /// The structure could not be newly offered on the opening day.
    NotOffered,
    /// From this day no new one could be offered.
    OfferEnded,
    /// NAV fell below the warning line.
    Warning,
    /// NAV fell below the stop line.
    StopLine,
    /// The buffer was eaten up.
    BufferGone,
    /// The junior share was eaten up.
    JuniorGone,
    /// A would have received less than it put in.
    SeniorLoss,
    /// Both legs were closed after the stop line.
    Stopped,
    /// A record ends before `closed_on`; the product is still open.
    RecordEnded,
    /// Both legs were closed as agreed.
    Closed,
}

/// One thing that happened; of each kind the first time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AbEvent {
    /// Day.
    pub date: TradingDay,
    /// What kind.
    pub kind: AbEventKind,
    /// One sentence with the numbers; programs read the English.
    #[serde(serialize_with = "Text::serialize_english")]
    pub detail: Text,
}

impl AbEventKind {
    /// The stable name, as `junior_gone`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotOffered => "not_offered",
            Self::OfferEnded => "offer_ended",
            Self::Warning => "warning",
            Self::StopLine => "stop_line",
            Self::BufferGone => "buffer_gone",
            Self::JuniorGone => "junior_gone",
            Self::SeniorLoss => "senior_loss",
            Self::Stopped => "stopped",
            Self::RecordEnded => "record_ended",
            Self::Closed => "closed",
        }
    }
}

impl AbSwapOutcome {
    /// Tells of `from` and later days only; totals still run since the opening.
    #[must_use]
    pub fn from_day(mut self, from: TradingDay) -> Self {
        self.lines.retain(|line| line.date >= from);
        self.events.retain(|event| event.date >= from);
        self
    }

    fn line_table(&self) -> Table {
        let number =
            |pick: fn(&AbLine) -> f64| -> Vec<f64> { self.lines.iter().map(pick).collect() };
        let dates: Vec<TradingDay> = self.lines.iter().map(|line| line.date).collect();
        let statuses: Vec<String> = self
            .lines
            .iter()
            .map(|line| line.dma_status.map_or("closed", SwapStatus::name).to_owned())
            .collect();
        Table::new("ab")
            .with("date", "trading day", dates)
            .with("nav", "value of the product over notional", number(|l| l.nav))
            .with("value", "what the product is worth, CNY", number(|l| l.value))
            .with(
                "senior_claim",
                "money of A with its fixed return, CNY",
                number(|l| l.senior_claim),
            )
            .with("senior", "what A would receive, CNY", number(|l| l.senior))
            .with("junior", "what B would receive, CNY", number(|l| l.junior))
            .with("buffer", "what the buffer's owner would receive, CNY", number(|l| l.buffer))
            .with(
                "senior_shortfall",
                "what A is owed and would not be paid, CNY",
                number(|l| l.senior_shortfall),
            )
            .with("owed", "what the product owes beyond all it has, CNY", number(|l| l.owed))
            .with("junior_return", "return of B since the opening", number(|l| l.junior_return))
            .with("coverage", "value over the claim of A", number(|l| l.coverage))
            .with("leverage", "long value over what is left below A", number(|l| l.leverage))
            .with("long_value", "market value of the long leg, CNY", number(|l| l.long_value))
            .with("long_pnl", "gain of the long leg since the opening, CNY", number(|l| l.long_pnl))
            .with("hedge_pnl", "gain of the hedge since the opening, CNY", number(|l| l.hedge_pnl))
            .with("fees", "trading costs since the opening, CNY, positive", number(|l| l.fees))
            .with("dma_equity", "equity of the DMA book, CNY", number(|l| l.dma_equity))
            .with("dma_margin_ratio", "its margin ratio, decimal", number(|l| l.dma_margin_ratio))
            .with("dma_leverage", "its long value over equity", number(|l| l.dma_leverage))
            .with("dma_status", "ok, warning, call, liquidation, wiped_out or closed", statuses)
    }

    fn layer_table(&self) -> Table {
        let number =
            |pick: fn(&LayerLine) -> f64| -> Vec<f64> { self.layers.iter().map(pick).collect() };
        let names: Vec<String> =
            self.layers.iter().map(|line| line.layer.name().to_owned()).collect();
        Table::new("layer")
            .with("layer", "the first to lose first", names)
            .with("put_in", "money put in, CNY", number(|l| l.put_in))
            .with("owed", "owed before any gain is shared, CNY", number(|l| l.owed))
            .with("received", "money received at the end, CNY", number(|l| l.received))
            .with("gain", "received less put in, CNY", number(|l| l.gain))
            .with("return", "received over put in, less 1", number(|l| l.r#return))
    }

    fn side_table(&self) -> Table {
        let number =
            |pick: fn(&SideLine) -> f64| -> Vec<f64> { self.sides.iter().map(pick).collect() };
        let words = |pick: fn(&SideLine) -> String| -> Vec<String> {
            self.sides.iter().map(pick).collect()
        };
        Table::new("side")
            .with("structure", "ab: investors B; dma: the fund", words(|l| l.structure.to_owned()))
            .with("put_in", "money put in, later cash included, CNY", number(|l| l.put_in))
            .with("received", "money received at the end, CNY", number(|l| l.received))
            .with("return", "received over put in, less 1", number(|l| l.r#return))
            .with("lowest", "his share at its lowest, CNY", number(|l| l.lowest))
            .with("leverage", "long value over his money at the opening", number(|l| l.leverage))
            .with(
                "cost_of_money",
                "fixed return of A, or financing, CNY, positive",
                number(|l| l.cost_of_money),
            )
            .with(
                "stopped_on",
                "first day below the stop line, or first call; empty without one",
                words(|l| written(l.stopped_on)),
            )
            .with(
                "gone_on",
                "first day without anything left; empty without one",
                words(|l| written(l.gone_on)),
            )
            .with("lender_loss", "what A, or the broker, lost, CNY", number(|l| l.lender_loss))
            .with("closed_on", "last day", words(|l| l.closed_on.to_string()))
    }

    fn payoff_table(&self) -> Table {
        let number =
            |pick: fn(&PayoffLine) -> f64| -> Vec<f64> { self.payoffs.iter().map(pick).collect() };
        Table::new("payoff")
            .with(
                "portfolio_return",
                "gain of both legs over notional",
                number(|l| l.portfolio_return),
            )
            .with("senior_return", "of A, on its money", number(|l| l.senior_return))
            .with("junior_return", "of B, on its money", number(|l| l.junior_return))
            .with("buffer_return", "of the buffer; none without one", number(|l| l.buffer_return))
            .with("dma_return", "of a DMA fund, on its margin", number(|l| l.dma_return))
            .with("senior_loss", "loss of A's own money, CNY", number(|l| l.senior_loss))
            .with("broker_loss", "owed to the DMA broker, unpaid, CNY", number(|l| l.broker_loss))
    }

    fn event_table(&self) -> Table {
        let dates: Vec<TradingDay> = self.events.iter().map(|event| event.date).collect();
        let kinds: Vec<String> =
            self.events.iter().map(|event| event.kind.name().to_owned()).collect();
        let details: Vec<Text> = self.events.iter().map(|event| event.detail.clone()).collect();
        Table::new("event")
            .with("date", "day", dates)
            .with("kind", "stable name of what happened", kinds)
            .with("detail", "one sentence with the numbers", details)
    }

    fn structure(&self) -> Text {
        let ab = self.terms.ab();
        let (junior, buffer) = (100.0 * ab.junior_share, 100.0 * ab.buffer);
        let (senior, rate) = (100.0 - junior - buffer, ab.senior_rate);
        Text::new(
            format!(
                "优先级 {senior:.2} %，年利率 {rate}（单利，ACT/365）；劣后级 {junior:.2} %；安全垫 {buffer:.2} %，先亏"
            ),
            format!(
                "senior {senior:.2} % at {rate} a year (simple, ACT/365); junior {junior:.2} %; buffer \
                 {buffer:.2} %, losing first"
            ),
        )
    }

    fn stop(&self) -> Text {
        match self.terms.ab().stop_nav {
            None => Text::new("无平仓线", "no stop line"),
            Some(stop) => Text::new(
                format!("收盘净值严格低于 {stop}：下一收盘平掉两条腿"),
                format!("a closing NAV strictly below {stop} closes both legs at the next close"),
            ),
        }
    }
}

fn written(day: Option<TradingDay>) -> String {
    day.map_or_else(String::new, |day| day.to_string())
}

impl Outcome for AbSwapOutcome {
    const NAME: &'static str = "ab";

    fn tables(&self) -> Vec<Table> {
        vec![
            self.line_table(),
            self.side_table(),
            self.layer_table(),
            self.payoff_table(),
            self.event_table(),
        ]
    }

    fn convention(&self) -> Convention {
        let mut lines = self.dma.convention();
        lines.extend([
            ("structure".into(), self.structure()),
            ("stop".into(), self.stop()),
            (
                "waterfall".into(),
                Text::new(
                    "亏损依次由安全垫、劣后级、优先级承担；超出全部本息的收益归劣后级，安全垫分得约定份额",
                    "losses eat the buffer, then the junior share, then the senior one; a gain over all claims \
                     goes to the junior share, an agreed part to the buffer",
                ),
            ),
            (
                "same_path".into(),
                Text::new(
                    "两种结构持有同样的多头与对冲；产品全额出资、不借钱，DMA 账本按保证金融资",
                    "both structures hold the same long and hedge; the product pays for it all, the DMA book \
                     borrows against its margin",
                ),
            ),
        ]);
        lines
    }
}
