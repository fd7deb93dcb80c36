//! Tables and conventions of a replay.

use shoals_core::{Convention, Outcome, Segment, Table, Text, Values};

use crate::holder::Kind;
use crate::market::Product;
use crate::replay::{Replayed, SpiralOutcome};

impl Outcome for SpiralOutcome {
    const NAME: &'static str = "spiral";

    fn tables(&self) -> Vec<Table> {
        vec![
            self.path(),
            self.basis_table(),
            self.channel_table(),
            self.feedback_table(),
            self.state(),
            self.event_table(),
            self.book_table(),
            self.flow_table(),
        ]
    }

    fn convention(&self) -> Convention {
        let config = &self.config;
        let trough = self.day_name(self.trough.saturating_sub(1));
        let lines = [
            ("episode", self.title.clone()),
            ("shape", self.about.clone()),
            (
                "band",
                Text::new(
                    format!(
                        "{} 条路径的中位数与 80% 区间（10%–90% 分位），参数取 {} 组，噪声倍数 {}，种子 {}",
                        config.paths, self.particles, config.noise, config.seed.0
                    ),
                    format!(
                        "median and 80 % band (10th to 90th percentile) of {} paths over {} sets of numbers, noise times \
                         {}, seed {}",
                        config.paths, self.particles, config.noise, config.seed.0
                    ),
                ),
            ),
            (
                "level",
                Text::new(
                    "各分段指数，起点为 1",
                    "index of each segment, 1 at the close before the first day",
                ),
            ),
            (
                "basis",
                Text::new(
                    "基差除以现货，最近的季月合约（距到期不足 7 天换下一季）；贴水为负",
                    "basis over spot of the nearest quarter contract, the next one within 7 days of expiry; a discount is \
                     negative",
                ),
            ),
            (
                "channel",
                Text::new(
                    format!(
                        "各机制对起点至 {trough}（微盘最低收盘）收益的沙普利份额，合计等于全部机制与没有机制之差；期货行为基差最低日的基差；\
                         区间取自 {} 条路径",
                        config.share_paths
                    ),
                    format!(
                        "Shapley share of each mechanism in the return to {trough}, micro caps' lowest close; they add up to all \
                         mechanisms less none; rows of futures: the basis on the day the bases stood lowest; band over {} paths",
                        config.share_paths
                    ),
                ),
            ),
            (
                "feedback",
                Text::new(
                    "反馈数：任一分段下跌 1% 在次日引出的下跌（谱半径）；小于 1 衰减，大于 1 成瀑布",
                    "feedback number: what a fall of 1 % of any segment brings about over the next day, spectral radius; below \
                     1 it dies out, above 1 it is a cascade",
                ),
            ),
            (
                "flow",
                Text::new(
                    "无噪声路径，人民币元，卖出为正",
                    "on the path without noise, CNY, a sale positive",
                ),
            ),
            (
                "data",
                Text::new(
                    "市场实际值；空为没有数据",
                    "what the market did; empty where it is not known",
                ),
            ),
        ];
        lines.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
    }
}

impl SpiralOutcome {
    /// A day as it is told: its date, or its number.
    pub fn day_name(&self, day: usize) -> String {
        self.dates.get(day).map_or_else(|| (day + 1).to_string(), ToString::to_string)
    }

    /// A column of days.
    fn days(&self, days: impl Iterator<Item = usize>) -> Values {
        if self.dates.is_empty() {
            days.map(|day| day as i64 + 1).collect::<Vec<i64>>().into()
        } else {
            days.map(|day| self.dates[day]).collect::<Vec<_>>().into()
        }
    }

    fn path(&self) -> Table {
        let rows = || {
            self.level
                .iter()
                .zip(Segment::ALL)
                .flat_map(|(days, s)| days.iter().map(move |d| (s, d)))
        };
        let table = Table::new("path")
            .with("day", "", self.days(rows().map(|row| row.1.day)))
            .with("segment", "", rows().map(|row| row.0.name().to_owned()).collect::<Vec<_>>());
        banded(table, "level, 1 at the start", rows().map(|row| row.1))
    }

    fn basis_table(&self) -> Table {
        let rows = || {
            self.basis
                .iter()
                .zip(Product::ALL)
                .flat_map(|(days, p)| days.iter().map(move |d| (p, d)))
        };
        let table = Table::new("basis")
            .with("day", "", self.days(rows().map(|row| row.1.day)))
            .with("product", "", rows().map(|row| row.0.code().to_owned()).collect::<Vec<_>>())
            .with(
                "days_to_expiry",
                "calendar days",
                rows().map(|row| self.basis_days[row.1.day]).collect::<Vec<_>>(),
            );
        banded(table, "fraction of spot", rows().map(|row| row.1))
    }

    fn channel_table(&self) -> Table {
        let column = |of: fn(&crate::replay::Channel) -> f64| -> Vec<f64> {
            self.channels.iter().map(of).collect()
        };
        let names = |of: fn(&crate::replay::Channel) -> &'static str| -> Vec<String> {
            self.channels.iter().map(|channel| of(channel).to_owned()).collect()
        };
        Table::new("channel")
            .with("segment", "", names(|c| c.place))
            .with("channel", "", names(|c| c.channel.name()))
            .with("share", "decimal return, or fraction of spot", column(|c| c.share))
            .with("low", "10th percentile over paths", column(|c| c.band.p10))
            .with("high", "90th percentile over paths", column(|c| c.band.p90))
    }

    fn feedback_table(&self) -> Table {
        let all = self.feedback.iter().map(|day| day.all).collect::<Vec<_>>();
        let table = Table::new("feedback").with("day", "", self.days(0..self.feedback.len())).with(
            "all",
            "spectral radius",
            all,
        );
        Kind::ALL.into_iter().fold(table, |table, kind| {
            let of = |day: &crate::explain::Feedback| day.by_kind[kind as usize];
            table.with(
                kind.name(),
                "of that kind alone",
                self.feedback.iter().map(of).collect::<Vec<_>>(),
            )
        })
    }

    fn state(&self) -> Table {
        let column = |of: fn(&crate::simulate::DayRecord) -> f64| -> Vec<f64> {
            self.central.iter().map(of).collect()
        };
        Table::new("state")
            .with("day", "", self.days(0..self.central.len()))
            .with("news", "return of the common factor", column(|d| d.factor))
            .with("dma_value", "CNY", column(|d| d.dma_value))
            .with("dma_equity", "CNY", column(|d| d.dma_equity))
            .with("dma_wiped_out", "share of books", column(|d| d.dma_wiped_out))
            .with("knocked_in", "share of notional", column(|d| d.knocked_in))
            .with("margin_debt", "CNY", column(|d| d.margin_debt))
            .with("micro_limit_down", "share of names", column(|d| d.limit_down[0]))
            .with("csi2000_limit_down", "share of names", column(|d| d.limit_down[1]))
            .with("csi1000_limit_down", "share of names", column(|d| d.limit_down[2]))
            .with("micro_depth", "CNY a day", column(|d| d.depth[0]))
    }

    fn event_table(&self) -> Table {
        let events = || self.events.iter();
        Table::new("event")
            .with("day", "", self.days(events().map(|event| event.day)))
            .with(
                "kind",
                "",
                events().map(|event| event.kind.name().to_owned()).collect::<Vec<_>>(),
            )
            .with("detail", "", events().map(|event| event.detail.clone()).collect::<Vec<_>>())
    }

    fn book_table(&self) -> Table {
        let on = |day: Option<usize>| day.map_or_else(String::new, |day| self.day_name(day));
        let books = || self.books.iter();
        Table::new("book")
            .with("hedge", "", books().map(|b| b.product.code().to_owned()).collect::<Vec<_>>())
            .with("books", "number", books().map(|b| b.books as i64).collect::<Vec<_>>())
            .with("called", "share of books", books().map(|b| b.called).collect::<Vec<_>>())
            .with("first_called", "", books().map(|b| on(b.first_called)).collect::<Vec<_>>())
            .with("wiped_out", "share of books", books().map(|b| b.wiped_out).collect::<Vec<_>>())
            .with("first_wiped_out", "", books().map(|b| on(b.first_wiped_out)).collect::<Vec<_>>())
            .with(
                "equity_left",
                "over that at the start",
                books().map(|b| b.equity_left).collect::<Vec<_>>(),
            )
    }

    fn flow_table(&self) -> Table {
        let flows = || self.flows.iter();
        Table::new("flow")
            .with("day", "", self.days(flows().map(|flow| flow.day)))
            .with(
                "holder",
                "",
                flows().map(|flow| flow.holder.name().to_owned()).collect::<Vec<_>>(),
            )
            .with(
                "instrument",
                "",
                flows().map(|flow| flow.instrument.to_owned()).collect::<Vec<_>>(),
            )
            .with(
                "amount",
                "CNY, a sale positive",
                flows().map(|flow| flow.amount).collect::<Vec<_>>(),
            )
    }
}

/// A table with the columns of a band and of the data.
fn banded<'a>(table: Table, unit: &str, rows: impl Iterator<Item = &'a Replayed>) -> Table {
    let rows: Vec<&Replayed> = rows.collect();
    let column = |of: fn(&Replayed) -> f64| rows.iter().map(|row| of(row)).collect::<Vec<f64>>();
    table
        .with("median", unit, column(|row| row.band.median))
        .with("p10", unit, column(|row| row.band.p10))
        .with("p90", unit, column(|row| row.band.p90))
        .with("data", unit, column(|row| row.data))
}
