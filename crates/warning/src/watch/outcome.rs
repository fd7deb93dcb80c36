//! What a watch returns.

use serde::Serialize;
use shoals_core::{Convention, Outcome, Table, Text, TradingDay};

use super::{Reading, Status};

/// Every rule as read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WatchOutcome {
    /// The last day anything was known of.
    pub as_of: TradingDay,
    /// The rules, in the order of their file.
    pub readings: Vec<Reading>,
}

impl WatchOutcome {
    /// Number of rules that say so.
    pub fn count(&self, status: Status) -> usize {
        self.readings.iter().filter(|reading| reading.status == status).count()
    }
}

impl Outcome for WatchOutcome {
    const NAME: &'static str = "watch";

    fn tables(&self) -> Vec<Table> {
        let rows = &self.readings;
        let texts = |of: fn(&Reading) -> String| rows.iter().map(of).collect::<Vec<String>>();
        let day = |day: Option<TradingDay>| day.map(|day| day.to_string()).unwrap_or_default();
        vec![
            Table::new("rule")
                .with("rule", "what people call it", texts(|r| r.rule.clone()))
                .with("status", "quiet, crossed or blind", texts(|r| r.status.name().to_owned()))
                .with("level", "how loud it is", texts(|r| r.level.name().to_owned()))
                .with(
                    "value",
                    "the last value, 1 and 0 for flags",
                    rows.iter().map(|r| r.value).collect::<Vec<_>>(),
                )
                .with("line", "the line, as written", texts(|r| r.line.clone()))
                .with(
                    "date",
                    "day of the last value",
                    rows.iter().map(|r| day(r.date)).collect::<Vec<_>>(),
                )
                .with(
                    "since",
                    "first day on the far side",
                    rows.iter().map(|r| day(r.since)).collect::<Vec<_>>(),
                )
                .with(
                    "days_crossed",
                    "rows on the far side that reach to the last",
                    rows.iter().map(|r| r.days_crossed as i64).collect::<Vec<_>>(),
                )
                .with("read", "analysis, table and column", texts(|r| r.read.clone()))
                .with("where", "the rows meant", texts(|r| r.rows.clone()))
                .with("why", "why it is blind", texts(|r| r.why.clone())),
        ]
    }

    fn convention(&self) -> Convention {
        let as_of = self.as_of;
        let lines = [
            ("as_of", Text::same(as_of.to_string())),
            (
                "status",
                Text::new(
                    "quiet：未越线；crossed：最近若干行都越线；blind：无值或过旧，不等于无事",
                    "quiet: on the near side; crossed: the last rows are all beyond the line; blind: no value or too old a one, which is not quiet",
                ),
            ),
            (
                "exit_code",
                Text::new(
                    "0 全部 quiet；3 有 crossed；4 无 crossed 但有 blind；1 失败；2 用法",
                    "0 all quiet; 3 something crossed; 4 nothing crossed but something blind; 1 failed; 2 usage",
                ),
            ),
        ];
        lines.into_iter().map(|(key, line)| (key.to_owned(), line)).collect()
    }
}
