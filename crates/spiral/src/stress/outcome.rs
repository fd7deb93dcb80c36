//! What a storm does to a book, over its paths.

use serde::Serialize;
use shoals_core::{Convention, Outcome, Table, Text, TradingDay};
use shoals_stats::percentile::percentiles;
use shoals_stats::tail::expected_shortfall;

use super::terms::{Lines, VisitorTerms};
use super::visitor::{Firsts, USUAL_PARTICIPATION, VisitorDay};
use crate::monte_carlo::{Band, Paths};

/// One path.
#[derive(Debug, Clone)]
pub(super) struct PathOfVisitor {
    pub(super) days: Vec<VisitorDay>,
    pub(super) firsts: Firsts,
}

/// A number of a path, a fraction of the opening equity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LossMeasure {
    /// Gain from the start to the last close, cash paid in taken out.
    Result,
    /// Lowest of a close.
    Trough,
    /// Gain of the stocks.
    Long,
    /// Gain of the futures.
    Hedge,
    /// Gain of the short straddle.
    ShortVolatility,
    /// Financing, negative.
    Financing,
    /// Cash paid in after calls.
    PaidIn,
}

impl LossMeasure {
    /// Every measure, in the order of the table.
    pub const ALL: [Self; 7] = [
        Self::Result,
        Self::Trough,
        Self::Long,
        Self::Hedge,
        Self::ShortVolatility,
        Self::Financing,
        Self::PaidIn,
    ];

    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Result => "result",
            Self::Trough => "trough",
            Self::Long => "long",
            Self::Hedge => "hedge",
            Self::ShortVolatility => "short_volatility",
            Self::Financing => "financing",
            Self::PaidIn => "paid_in",
        }
    }
}

/// A measure over the paths, a fraction of the opening equity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LossLine {
    /// What.
    pub measure: LossMeasure,
    /// Mean.
    pub mean: f64,
    /// Median and 80 % band.
    pub band: Band,
    /// A twentieth of the paths lie below.
    pub p5: f64,
    /// Mean of the worst twentieth of the paths.
    pub expected_shortfall: f64,
    /// The worst path's.
    pub worst: f64,
}

/// Something that happens to a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StressEvent {
    /// Below the call line; of a fund below its warning line.
    Called,
    /// Below the liquidation line, past the stop-loss, or closed after a call; of a fund below its stop line.
    Closing,
    /// No equity left.
    Ruined,
    /// All but a hundredth of its stocks sold.
    SoldOut,
}

impl StressEvent {
    /// Every event.
    pub const ALL: [Self; 4] = [Self::Called, Self::Closing, Self::Ruined, Self::SoldOut];

    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Called => "called",
            Self::Closing => "closing",
            Self::Ruined => "ruined",
            Self::SoldOut => "sold_out",
        }
    }

    fn of(self, firsts: &Firsts) -> Option<usize> {
        match self {
            Self::Called => firsts.called,
            Self::Closing => firsts.closing,
            Self::Ruined => firsts.ruined,
            Self::SoldOut => firsts.sold_out,
        }
    }
}

/// How often something happens, and when for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EventChance {
    /// What.
    pub event: StressEvent,
    /// Share of the paths on which it happens.
    pub probability: f64,
    /// First day of it on those paths, 1 the scenario's first; NaN where it never happens.
    pub first_day: Band,
}

/// A close over the paths.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DayBand {
    /// 1 the scenario's first.
    pub day: usize,
    /// Its date, where days have dates.
    pub date: Option<TradingDay>,
    /// Equity less what was paid in, a fraction of the opening's.
    pub equity: Band,
    /// Equity over stocks, of the books that still have any.
    pub margin_ratio: Band,
    /// Relative loss of the stocks (of net value, for a fund) to the call (warning) line, of those books; negative below it.
    pub distance: Band,
    /// Days to sell what is left at the participation, the slowest segment's.
    pub days_to_liquidate: Band,
    /// Share of the paths on which it still has stocks.
    pub is_open: f64,
    /// Share of the paths on which it is called for the first time today.
    pub first_called: f64,
    /// Share on which it was called by now.
    pub called: f64,
}

/// A book in a storm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StressOutcome {
    /// Name of the scenario.
    pub scenario: String,
    /// The book.
    pub visitor: VisitorTerms,
    /// Paths.
    pub n_paths: u64,
    /// Scale of the noise.
    pub noise: f64,
    /// Results, a fraction of the opening equity.
    pub losses: Vec<LossLine>,
    /// Events.
    pub events: Vec<EventChance>,
    /// Closes.
    pub days: Vec<DayBand>,
    /// Days from the first closing order to hardly a stock left, on the paths where both happen; NaN where never.
    pub days_of_liquidation: Band,
    /// Share of the paths that are closing at the last close and still have stocks.
    pub unfinished: f64,
}

impl StressOutcome {
    /// A result; every measure has one.
    pub fn loss(&self, measure: LossMeasure) -> Option<&LossLine> {
        self.losses.iter().find(|line| line.measure == measure)
    }

    /// An event's chance; every event has one.
    pub fn event(&self, event: StressEvent) -> Option<&EventChance> {
        self.events.iter().find(|chance| chance.event == event)
    }

    pub(super) fn of(
        name: &str,
        dates: &[TradingDay],
        visitor: &VisitorTerms,
        paths: Paths,
        walked: &[PathOfVisitor],
    ) -> Self {
        let n = walked.len() as f64;
        let share = |holds: &dyn Fn(&PathOfVisitor) -> bool| {
            walked.iter().filter(|path| holds(path)).count() as f64 / n
        };
        let band = |of: &dyn Fn(&PathOfVisitor) -> f64| {
            Band::of(&walked.iter().map(of).collect::<Vec<f64>>())
        };
        let events = StressEvent::ALL.map(|event| EventChance {
            event,
            probability: share(&|path| event.of(&path.firsts).is_some()),
            first_day: band(&|path| {
                event.of(&path.firsts).map_or(f64::NAN, |day| (day + 1) as f64)
            }),
        });
        let n_days = walked.first().map_or(0, |path| path.days.len());
        let days = (0..n_days).map(|i| DayBand {
            day: i + 1,
            date: dates.get(i).copied(),
            equity: band(&|path| path.days[i].equity / visitor.equity),
            margin_ratio: band(&|path| path.days[i].margin_ratio),
            distance: band(&|path| path.days[i].distance),
            days_to_liquidate: band(&|path| path.days[i].days_to_liquidate),
            is_open: share(&|path| path.firsts.sold_out.is_none_or(|day| day > i)),
            first_called: share(&|path| path.firsts.called == Some(i)),
            called: share(&|path| path.firsts.called.is_some_and(|day| day <= i)),
        });
        let lasting = |path: &PathOfVisitor| match (path.firsts.closing, path.firsts.sold_out) {
            (Some(from), Some(to)) if to >= from => (to - from + 1) as f64,
            _ => f64::NAN,
        };
        Self {
            scenario: name.to_owned(),
            visitor: visitor.clone(),
            n_paths: paths.n,
            noise: paths.noise,
            losses: LossMeasure::ALL.map(|measure| loss_line(measure, visitor, walked)).to_vec(),
            events: events.to_vec(),
            days: days.collect(),
            days_of_liquidation: band(&lasting),
            unfinished: share(&|path| {
                path.firsts.closing.is_some() && path.firsts.sold_out.is_none()
            }),
        }
    }
}

fn loss_line(measure: LossMeasure, visitor: &VisitorTerms, walked: &[PathOfVisitor]) -> LossLine {
    let of = |path: &PathOfVisitor| {
        let gains = path.days.last().map(|day| day.gains).unwrap_or_default();
        let mut equities = path.days.iter().map(|day| day.equity);
        let amount = match measure {
            LossMeasure::Result => equities.next_back().map_or(0.0, |last| last - visitor.equity),
            LossMeasure::Trough => equities.fold(f64::INFINITY, f64::min) - visitor.equity,
            LossMeasure::Long => gains.long,
            LossMeasure::Hedge => gains.hedge,
            LossMeasure::ShortVolatility => gains.short_volatility,
            LossMeasure::Financing => -gains.financing,
            LossMeasure::PaidIn => gains.paid_in,
        };
        amount / visitor.equity
    };
    let values: Vec<f64> = walked.iter().map(of).collect();
    let p5 = percentiles(&values, &[0.05]).map_or(f64::NAN, |found| found[0]);
    LossLine {
        measure,
        mean: values.iter().sum::<f64>() / values.len() as f64,
        band: Band::of(&values),
        p5,
        expected_shortfall: expected_shortfall(&values, 0.05).unwrap_or(f64::NAN),
        worst: values.iter().copied().fold(f64::INFINITY, f64::min),
    }
}

impl Outcome for StressOutcome {
    const NAME: &'static str = "spiral_stress";

    fn tables(&self) -> Vec<Table> {
        vec![self.loss_table(), self.event_table(), self.day_table(), self.liquidation_table()]
    }

    fn convention(&self) -> Convention {
        let (n, participation) =
            (self.n_paths, self.visitor.participation.unwrap_or(USUAL_PARTICIPATION));
        let ratio = match self.visitor.lines {
            Lines::Margin { .. } => Text::new(
                "权益 ÷ 股票市值；距离为股票跌多少触及追保线（对冲不动）",
                "equity over stocks; distance is the loss of the stocks to the call line, the hedge standing still",
            ),
            Lines::NetValue { .. } | Lines::None => Text::new(
                "权益 ÷ 股票市值；距离为净值跌多少触及预警线",
                "equity over stocks; distance is the loss of net value to the warning line",
            ),
        };
        let crowd = if self.visitor.is_in_crowd {
            Text::new("计入拥挤方，其委托推动价格", "part of the crowd: its orders move prices")
        } else {
            Text::new("只接受价格，自身委托不推动价格", "a price taker: its orders move nothing")
        };
        Convention::from([
            (
                "sample".into(),
                Text::new(
                    format!("{n} 条路径；中位数、80 % 区间、最差 5 %"),
                    format!("{n} paths; median, 80 % band, worst 5 %"),
                ),
            ),
            ("unit".into(), Text::new("期初权益之比", "fractions of the opening equity")),
            ("margin_ratio".into(), ratio),
            ("crowd".into(), crowd),
            (
                "days_to_liquidate".into(),
                Text::new(
                    format!("以当日深度的 {:.0} % 卖出，取最慢的一段", participation * 100.0),
                    format!(
                        "at {:.0} % of the day's depth, the slowest segment's",
                        participation * 100.0
                    ),
                ),
            ),
        ])
    }
}

type PickBand = fn(&DayBand) -> &Band;

impl StressOutcome {
    fn loss_table(&self) -> Table {
        let number =
            |pick: fn(&LossLine) -> f64| -> Vec<f64> { self.losses.iter().map(pick).collect() };
        let names: Vec<String> =
            self.losses.iter().map(|line| line.measure.name().to_owned()).collect();
        Table::new("loss")
            .with("measure", "a fraction of the opening equity, a loss negative", names)
            .with("mean", "over paths", number(|l| l.mean))
            .with("median", "half of the paths lie below", number(|l| l.band.median))
            .with("p10", "a tenth of the paths lie below", number(|l| l.band.p10))
            .with("p90", "a tenth lie above", number(|l| l.band.p90))
            .with("p5", "a twentieth lie below", number(|l| l.p5))
            .with(
                "expected_shortfall",
                "mean of the worst twentieth",
                number(|l| l.expected_shortfall),
            )
            .with("worst", "the worst path's", number(|l| l.worst))
    }

    fn event_table(&self) -> Table {
        let number =
            |pick: fn(&EventChance) -> f64| -> Vec<f64> { self.events.iter().map(pick).collect() };
        let names: Vec<String> =
            self.events.iter().map(|chance| chance.event.name().to_owned()).collect();
        Table::new("event")
            .with("event", "what happens to the book", names)
            .with("probability", "share of the paths on which it does", number(|e| e.probability))
            .with(
                "first_day",
                "median first day of those paths, 1 the first",
                number(|e| e.first_day.median),
            )
            .with("first_day_p10", "a tenth of them are earlier", number(|e| e.first_day.p10))
            .with("first_day_p90", "a tenth are later", number(|e| e.first_day.p90))
    }

    fn day_table(&self) -> Table {
        let number =
            |pick: fn(&DayBand) -> f64| -> Vec<f64> { self.days.iter().map(pick).collect() };
        let days: Vec<i64> = self.days.iter().map(|day| day.day as i64).collect();
        let dates: Vec<String> = self
            .days
            .iter()
            .map(|day| day.date.map(|date| date.to_string()).unwrap_or_default())
            .collect();
        let mut table = Table::new("day").with("day", "1 the scenario's first", days).with(
            "date",
            "its date; empty where days have none",
            dates,
        );
        let bands: [(&str, &str, PickBand); 4] = [
            ("equity", "a fraction of the opening's, cash paid in taken out", |d| &d.equity),
            ("margin_ratio", "equity over stocks, of books that have any", |d| &d.margin_ratio),
            ("distance", "loss to the call or warning line, of those; negative below it", |d| {
                &d.distance
            }),
            ("days_to_liquidate", "at the participation, the slowest segment's", |d| {
                &d.days_to_liquidate
            }),
        ];
        for (name, about, pick) in bands {
            let of = |of: fn(&Band) -> f64| -> Vec<f64> {
                self.days.iter().map(|day| of(pick(day))).collect()
            };
            table = table
                .with(name, format!("median; {about}"), of(|b| b.median))
                .with(format!("{name}_p10"), "a tenth of the paths lie below", of(|b| b.p10))
                .with(format!("{name}_p90"), "a tenth lie above", of(|b| b.p90));
        }
        table
            .with("is_open", "share of the paths on which it has stocks", number(|d| d.is_open))
            .with(
                "first_called",
                "share called for the first time today",
                number(|d| d.first_called),
            )
            .with("called", "share called by now", number(|d| d.called))
    }

    fn liquidation_table(&self) -> Table {
        let band = self.days_of_liquidation;
        Table::new("liquidation")
            .with("days", "median days from the first closing order to 1 % left", vec![band.median])
            .with("days_p10", "a tenth of those paths take less", vec![band.p10])
            .with("days_p90", "a tenth take more", vec![band.p90])
            .with(
                "unfinished",
                "share of the paths that are closing at the end and have stocks",
                vec![self.unfinished],
            )
    }
}
