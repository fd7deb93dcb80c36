//! Episodes everybody remembers, and what the fund did in them.

use serde::{Deserialize, Serialize};
use shoals_core::{Segment, Symbol, Text, TradingDay, day};

use super::path::{Path, deepest, geometric_excess};

/// A stretch of the market's history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crisis {
    /// What it is called.
    pub name: Text,
    /// Close it fell from.
    pub from: TradingDay,
    /// Close it fell to.
    pub to: TradingDay,
    /// The index whose highest and lowest close these are, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<Symbol>,
}

/// A fund in one episode.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrisisRow {
    /// The episode.
    pub episode: Text,
    /// Day of the fund's last value on or before the top; of its first where the record opens within a week after it.
    pub from: TradingDay,
    /// Day of its last value on or before the bottom.
    pub to: TradingDay,
    /// Its simple return between the two.
    pub total_return: f64,
    /// The benchmark's over the same days.
    pub benchmark: f64,
    /// Geometric excess.
    pub excess: f64,
    /// Deepest drawdown of the fund inside the stretch, at or below zero.
    pub max_drawdown: f64,
}

/// Chinese episodes since 2015. Dates: the highest and the lowest close of the index beside them; the first day of 2016 opens
/// with the last close of 2015, for that is what the circuit breaker met.
pub(super) fn library() -> Vec<Crisis> {
    let [micro, small, large] = [Segment::Micro, Segment::Csi1000, Segment::Csi300];
    let episodes = [
        ("去杠杆股灾", "deleveraging crash", (2015, 6, 12), (2015, 7, 8), small),
        ("熔断", "circuit breaker", (2015, 12, 31), (2016, 1, 28), small),
        ("去杠杆与贸易摩擦", "deleveraging and tariffs", (2018, 1, 24), (2019, 1, 3), large),
        ("疫情开市", "reopening after the outbreak", (2020, 1, 20), (2020, 2, 3), small),
        ("抱团瓦解", "crowded leaders unwound", (2021, 2, 10), (2021, 3, 25), large),
        ("上海封控", "Shanghai lockdown", (2022, 3, 30), (2022, 4, 26), small),
        ("微盘踩踏", "micro-cap stampede", (2024, 1, 2), (2024, 2, 7), micro),
    ];
    let of = |(year, month, date)| day(year, month, date);
    let crisis = |(zh, en, from, to, segment): (&str, &str, _, _, Segment)| Crisis {
        name: Text::new(zh, en),
        from: of(from),
        to: of(to),
        index: Some(segment.symbol()),
    };
    episodes.map(crisis).into()
}

/// Calendar days by which a record may miss the top: a file that opens with the first week of January has the winter of 2024.
const LATE_DAYS: i32 = 7;

/// The episodes that lie inside the record; one that began more than a week before it or is not over is left out.
pub(super) fn crises(path: &Path<'_>, episodes: &[Crisis]) -> Vec<CrisisRow> {
    let (Some(&first), Some(&last)) = (path.periods.from.first(), path.periods.to.last()) else {
        return Vec::new();
    };
    let lived = episodes
        .iter()
        .filter(|crisis| crisis.from.calendar_days_until(first) <= LATE_DAYS && crisis.to <= last);
    let mut rows: Vec<CrisisRow> = lived
        .filter_map(|crisis| {
            let range = path.between(crisis.from, crisis.to);
            if range.is_empty() {
                return None;
            }
            let total_return = path.fund_return(range.clone());
            let benchmark = path.benchmark_return(range.clone());
            Some(CrisisRow {
                episode: crisis.name.clone(),
                from: path.periods.from[range.start],
                to: path.periods.to[range.end - 1],
                total_return,
                benchmark,
                excess: geometric_excess(total_return, benchmark),
                max_drawdown: deepest(&path.periods.returns[range]),
            })
        })
        .collect();
    rows.sort_by_key(|row| (row.from, row.to));
    rows
}
