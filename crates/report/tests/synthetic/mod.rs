//! A made-up market, small enough to follow: outcome tables for the report's tests and its example.
//!
//! Numbers come from a fixed recurrence, not from any real price. The size ladder rises for two years and
//! inverts in January and February 2024; a calm market without inversion can be asked for.

mod book;
mod futures;
mod spiral;
mod stocks;

use std::collections::BTreeMap;

use shoals_core::{Convention, Finding, Segment, Severity, Table, TradingDay, day};
use shoals_report::exhibits::{self, LimitsInput, MarginLines, Source};
use shoals_report::{Provenance, Report, Text};

pub use book::{replicate_tables, swap_tables};
pub use futures::basis_tables;
pub use spiral::{MadeStorm, spiral_tables};
pub use stocks::{MadeFactor, factor_tables, index_tables};

/// Weekdays from 2022 to June 2024 and the level of each segment on them, small to large.
pub struct World {
    pub days: Vec<TradingDay>,
    pub levels: [Vec<f64>; 5],
    pub has_crash: bool,
}

/// Uniform numbers on (-1, 1) from a linear congruence; three summed are nearly normal.
pub struct Noise(u64);

impl Noise {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn uniform(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }

    pub fn normal(&mut self) -> f64 {
        self.uniform() + self.uniform() + self.uniform()
    }
}

impl World {
    pub fn new(has_crash: bool) -> Self {
        let days: Vec<TradingDay> = (0..910)
            .map(|i| day(2022, 1, 4).plus_calendar_days(i))
            .filter(|d| d.weekday() < 5)
            .collect();
        let mut noise = Noise::new(7);
        let mut levels = [100.0; 5].map(|x| vec![x]);
        for d in &days[1..] {
            let market = 0.007 * noise.normal();
            let size = size_return(*d, has_crash) + 0.004 * noise.normal();
            for (k, path) in levels.iter_mut().enumerate() {
                let smallness = (4 - k) as f64 / 4.0;
                let own = 0.001 * noise.normal();
                path.push(path[path.len() - 1] * (1.0 + market + smallness * size + own));
            }
        }
        Self { days, levels, has_crash }
    }

    pub fn level(&self, segment: Segment) -> &[f64] {
        let k = Segment::ALL.iter().position(|s| *s == segment).unwrap();
        &self.levels[k]
    }

    pub fn at(&self, d: TradingDay) -> usize {
        self.days.partition_point(|known| *known < d)
    }
}

/// What micro caps gain on the CSI 300 in a day.
fn size_return(d: TradingDay, has_crash: bool) -> f64 {
    match (has_crash, d) {
        (true, d) if d >= day(2024, 1, 8) && d < day(2024, 1, 29) => -0.008,
        (true, d) if d >= day(2024, 1, 29) && d < day(2024, 2, 8) => -0.045,
        (true, d) if d >= day(2024, 2, 8) && d < day(2024, 3, 8) => 0.018,
        _ => 0.0012,
    }
}

pub fn inversion_tables(world: &World) -> Vec<Table> {
    let mut month_ends: Vec<usize> = (0..world.days.len() - 1)
        .filter(|i| world.days[*i].month_key() != world.days[i + 1].month_key())
        .collect();
    month_ends.push(world.days.len() - 1);
    let spans: Vec<(usize, usize)> = month_ends.windows(2).map(|w| (w[0], w[1])).collect();
    let names: Vec<String> = spans.iter().map(|s| world.days[s.1].month_key()).collect();
    vec![
        ladder_table(world, &spans, &names),
        flags_table("inversion", world, &spans).with("period", "month", names),
        rolling_table(world),
        streak_table(world),
        level_table(world),
    ]
}

fn returns(world: &World, (from, to): (usize, usize)) -> [f64; 5] {
    [0, 1, 2, 3, 4].map(|k| world.levels[k][to] / world.levels[k][from] - 1.0)
}

fn ladder_table(world: &World, spans: &[(usize, usize)], names: &[String]) -> Table {
    let (mut periods, mut segments, mut symbols, mut values) = (vec![], vec![], vec![], vec![]);
    for (span, name) in spans.iter().zip(names) {
        for (segment, value) in Segment::ALL.iter().zip(returns(world, *span)) {
            periods.push(name.clone());
            segments.push(segment.name().to_owned());
            symbols.push(segment.symbol());
            values.push(value);
        }
    }
    Table::new("ladder")
        .with("period", "month", periods)
        .with("segment", "size segment", segments)
        .with("symbol", "index", symbols)
        .with("return", "simple decimal", values)
}

fn flags_table(name: &str, world: &World, spans: &[(usize, usize)]) -> Table {
    let each: Vec<[f64; 5]> = spans.iter().map(|span| returns(world, *span)).collect();
    let ranks: Vec<f64> = each.iter().map(smallness_correlation).collect();
    let gaps: Vec<f64> = each.iter().map(|r| r[0] - r[4]).collect();
    Table::new(name)
        .with("rank_correlation", "Spearman", ranks.clone())
        .with("micro_minus_large", "decimal", gaps.clone())
        .with("is_inverted", "flag", ranks.iter().map(|r| *r <= -0.8).collect::<Vec<bool>>())
        .with("low", "band", gaps.iter().map(|g| g - 0.045).collect::<Vec<f64>>())
        .with("high", "band", gaps.iter().map(|g| g + 0.05).collect::<Vec<f64>>())
}

fn rolling_table(world: &World) -> Table {
    let spans: Vec<(usize, usize)> = (20..world.days.len()).map(|i| (i - 20, i)).collect();
    flags_table("rolling", world, &spans).with("date", "day", world.days[20..].to_vec())
}

/// The runs of inverted days of the rolling table.
fn streak_table(world: &World) -> Table {
    let ranks: Vec<bool> = (20..world.days.len())
        .map(|i| smallness_correlation(&returns(world, (i - 20, i))) <= -0.8)
        .collect();
    let mut runs: Vec<(usize, usize)> = vec![];
    for (i, _) in ranks.iter().enumerate().filter(|(_, flag)| **flag) {
        match runs.last_mut() {
            Some((_, to)) if *to + 1 == i => *to = i,
            _ => runs.push((i, i)),
        }
    }
    let day_of = |i: usize| world.days[20 + i];
    Table::new("streak")
        .with("start", "day", runs.iter().map(|r| day_of(r.0)).collect::<Vec<_>>())
        .with("end", "day", runs.iter().map(|r| day_of(r.1)).collect::<Vec<_>>())
        .with("days", "count", runs.iter().map(|r| (r.1 - r.0 + 1) as i64).collect::<Vec<_>>())
        .with("began_before", "flag", runs.iter().map(|r| r.0 == 0).collect::<Vec<_>>())
}

fn level_table(world: &World) -> Table {
    let n = world.days.len();
    let dates: Vec<TradingDay> = (0..5).flat_map(|_| world.days.clone()).collect();
    let segments: Vec<String> =
        Segment::ALL.iter().flat_map(|s| vec![s.name().to_owned(); n]).collect();
    Table::new("level").with("date", "day", dates).with("segment", "size segment", segments).with(
        "close",
        "points",
        world.levels.concat(),
    )
}

/// Spearman of smallness and return for five segments, small to large; no ties in made-up numbers.
fn smallness_correlation(values: &[f64; 5]) -> f64 {
    let rank = |x: f64| values.iter().filter(|y| **y < x).count() as f64;
    let squared: f64 =
        values.iter().enumerate().map(|(k, x)| (rank(*x) - (4 - k) as f64).powi(2)).sum();
    1.0 - 6.0 * squared / 120.0
}

pub fn convention() -> Convention {
    Convention::from([
        (
            "band".into(),
            Text::new("90 %，区块自助，1000 次重复", "90 %, block bootstrap, 1000 replications"),
        ),
        ("return".into(), Text::new("简单收益率，价格指数", "simple decimal, price indices")),
    ])
}

/// Terms that only report a breach.
pub fn margin_lines() -> MarginLines {
    MarginLines { call_ratio: 0.15, liquidation_ratio: 0.10, financing_rate: 0.04, runs_on: true }
}

pub fn findings() -> Vec<Finding> {
    vec![
        Finding::new(
            "stale_series",
            Severity::Warning,
            "index_daily.csv",
            "5012.3 on more than 5 days running",
            "a value that moves",
            "mark the days as suspended, or leave them empty: a stale price looks like a riskless one",
        )
        .counted(11),
        Finding::new(
            "missing_days",
            Severity::Note,
            "index_daily.csv",
            "no row for 2 open days after 2023-05-04",
            "a row for every open day of a symbol's life",
            "fetch the days again, or take them for suspensions",
        ),
    ]
}

/// The whole report of the made-up market.
pub fn report(world: &World) -> Report {
    let (convention, data) = (
        convention(),
        BTreeMap::from([("index_daily".to_owned(), 3), ("future_daily".to_owned(), 1)]),
    );
    let tables =
        [inversion_tables(world), basis_tables(world), swap_tables(world), replicate_tables(world)];
    let source = |tables| Source { tables, convention: &convention, data: &data };
    let factors = factor_tables(
        world,
        &[
            ("book_to_price", MadeFactor::steady()),
            ("low_volatility_60", MadeFactor::stopping(world)),
        ],
    );
    let index = index_tables(world);
    let storm = spiral_tables(&MadeStorm::default());
    let lines = margin_lines();
    let conventions = vec![("inversion".to_owned(), convention.clone())];
    let found = findings();
    let exhibits = vec![
        exhibits::swap(&source(&tables[2]), &lines).unwrap(),
        exhibits::inversion(&source(&tables[0])).unwrap(),
        exhibits::factor(&source(&factors)).unwrap(),
        exhibits::replicate(&source(&tables[3])).unwrap(),
        exhibits::basis(&source(&tables[1])).unwrap(),
        exhibits::index(&source(&index)).unwrap(),
        exhibits::spiral(&source(&storm)).unwrap(),
        exhibits::limits(&LimitsInput { findings: &found, conventions: &conventions, data: &data }),
    ];
    Report {
        title: Text::new(
            "小市值、对冲与杠杆：一个虚构市场",
            "Small caps, hedges and leverage in a made-up market",
        ),
        subtitle: Text::new(
            "合成数据，2022-01 至 2024-06",
            "Synthetic data, January 2022 to June 2024",
        ),
        verdict: Report::verdict_of(&exhibits),
        exhibits,
        limits: Vec::new(),
        provenance: Provenance {
            data,
            seed: Some(7),
            tool: "shoals 0.1.0".to_owned(),
            fingerprint: "0123456789abcdef".to_owned(),
        },
    }
}
