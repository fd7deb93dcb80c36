//! Factors and a micro-cap index in the made-up market.

use shoals_core::{Segment, Symbol, Table, TradingDay, Values, day};

use super::{Noise, World};

const GROUPS: [&str; 6] = ["market", "size_1", "size_2", "size_3", "size_4", "size_5"];
const HORIZONS: [i64; 3] = [1, 5, 20];
const N_QUANTILES: i64 = 10;

/// A made-up factor: what its daily rank IC averages in the smallest bucket, and until when.
pub struct MadeFactor {
    pub payoff: f64,
    pub stops_after: Option<TradingDay>,
    pub cost_a_day: f64,
}

impl MadeFactor {
    pub fn steady() -> Self {
        Self { payoff: 0.07, stops_after: None, cost_a_day: 0.000_1 }
    }

    /// With a crash it stops in August 2023.
    pub fn stopping(world: &World) -> Self {
        let stops_after = world.has_crash.then(|| day(2023, 8, 14));
        Self { payoff: 0.06, stops_after, cost_a_day: 0.000_1 }
    }

    fn on(&self, d: TradingDay, group: usize) -> f64 {
        let share = [0.8, 1.0, 0.8, 0.6, 0.4, 0.2][group];
        let is_over = self.stops_after.is_some_and(|last| d > last);
        if is_over { -0.004 } else { self.payoff * share }
    }

    fn tables(&self, world: &World) -> Vec<Table> {
        vec![
            self.ic(world),
            self.summary(world),
            self.quantile(),
            self.nav(world),
            self.breaks(world),
        ]
    }

    fn ic(&self, world: &World) -> Table {
        let mut noise = Noise::new(31);
        let mut rows: Vec<(TradingDay, i64, &str, f64)> = vec![];
        for d in &world.days {
            for (h, horizon) in HORIZONS.into_iter().enumerate() {
                for (k, group) in GROUPS.into_iter().enumerate() {
                    let scale = [0.4, 0.7, 1.0][h];
                    let value = scale * self.on(*d, k) + 0.05 * noise.normal();
                    rows.push((*d, horizon, group, value));
                }
            }
        }
        Table::new("ic")
            .with("date", "day", rows.iter().map(|r| r.0).collect::<Vec<_>>())
            .with("horizon", "days", rows.iter().map(|r| r.1).collect::<Vec<_>>())
            .with("bucket", "group", rows.iter().map(|r| r.2.to_owned()).collect::<Vec<_>>())
            .with("rank_ic", "Spearman", rows.iter().map(|r| r.3).collect::<Vec<f64>>())
    }

    fn mean(&self, world: &World, h: usize, group: usize) -> f64 {
        let all: f64 = world.days.iter().map(|d| self.on(*d, group)).sum();
        [0.4, 0.7, 1.0][h] * all / world.days.len() as f64
    }

    fn summary(&self, world: &World) -> Table {
        let cells = cells();
        let number = |of: &dyn Fn(f64) -> f64| -> Vec<f64> {
            cells.iter().map(|(h, group)| of(self.mean(world, *h, *group))).collect()
        };
        keyed("summary", &cells)
            .with("mean", "mean", number(&|m| m))
            .with("icir", "a day", number(&|m| m / 0.08))
            .with("t_newey_west", "t", number(&|m| m / 0.01))
            .with("n", "days", vec![world.days.len() as i64; cells.len()])
            .with("win_rate", "share", number(&|m| 0.5 + 3.0 * m))
            .with("low", "band", number(&|m| m - 0.017))
            .with("high", "band", number(&|m| m + 0.016))
    }

    fn breaks(&self, world: &World) -> Table {
        let cells = cells();
        let n = cells.len();
        let date = self.stops_after.unwrap_or(day(2023, 3, 1));
        let number = |of: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
            cells.iter().map(|(h, group)| of(*h, *group)).collect()
        };
        let p = if self.stops_after.is_some() { 0.000_2 } else { 0.41 };
        keyed("break", &cells)
            .with("date", "day", vec![date; n])
            .with("low", "day", vec![date.plus_calendar_days(-80); n])
            .with("high", "day", vec![date.plus_calendar_days(60); n])
            .with("mean_before", "mean", number(&|_, g| self.on(world.days[0], g)))
            .with(
                "mean_after",
                "mean",
                number(&|_, g| self.on(world.days[world.days.len() - 1], g)),
            )
            .with("sup_f", "F", vec![if p < 0.05 { 31.2 } else { 3.4 }; n])
            .with("p_value", "probability", vec![p; n])
    }

    fn quantile(&self) -> Table {
        let rows: Vec<(usize, usize, i64)> = cells()
            .into_iter()
            .flat_map(|(h, g)| (1..=N_QUANTILES).map(move |q| (h, g, q)))
            .collect();
        let keys: Vec<(usize, usize)> = rows.iter().map(|r| (r.0, r.1)).collect();
        let mean = |r: &(usize, usize, i64)| {
            let centred = (r.2 as f64 - 5.5) / 9.0;
            HORIZONS[r.0] as f64 * (0.0005 + 0.01 * self.on(day(2022, 1, 4), r.1) * centred)
        };
        keyed("quantile", &keys)
            .with("quantile", "1 lowest", rows.iter().map(|r| r.2).collect::<Vec<_>>())
            .with("mean_return", "decimal", rows.iter().map(mean).collect::<Vec<f64>>())
    }

    fn nav(&self, world: &World) -> Table {
        let mut noise = Noise::new(43);
        let (mut gross, mut net) = ([1.0; 6], [1.0; 6]);
        let mut rows: Vec<(TradingDay, &str, f64, f64)> = vec![];
        for d in &world.days {
            for (k, group) in GROUPS.into_iter().enumerate() {
                let earned = 0.012 * self.on(*d, k) + 0.002 * noise.normal();
                gross[k] *= 1.0 + earned;
                net[k] *= 1.0 + earned - self.cost_a_day;
                rows.push((*d, group, gross[k], net[k]));
            }
        }
        Table::new("nav")
            .with("date", "day", rows.iter().map(|r| r.0).collect::<Vec<_>>())
            .with("bucket", "group", rows.iter().map(|r| r.1.to_owned()).collect::<Vec<_>>())
            .with("top_turnover", "one-way", vec![0.031; rows.len()])
            .with("long_short", "value", rows.iter().map(|r| r.2).collect::<Vec<f64>>())
            .with("long_short_net", "value", rows.iter().map(|r| r.3).collect::<Vec<f64>>())
    }
}

/// The tables of those factors under each other, and the `trial` table.
pub fn factor_tables(world: &World, factors: &[(&str, MadeFactor)]) -> Vec<Table> {
    let of_each: Vec<Vec<Table>> = factors.iter().map(|(_, made)| made.tables(world)).collect();
    let stacked = |k: usize| {
        let names = factors
            .iter()
            .zip(&of_each)
            .flat_map(|((name, _), tables)| vec![(*name).to_owned(); tables[k].n_rows()]);
        let table =
            Table::new(of_each[0][k].name()).with("factor", "name", names.collect::<Vec<_>>());
        of_each[0][k].columns().iter().enumerate().fold(table, |table, (c, column)| {
            let parts = of_each.iter().map(|tables| tables[k].columns()[c].values.clone());
            table.with(column.name.clone(), "", parts.reduce(below).unwrap())
        })
    };
    (0..of_each[0].len()).map(stacked).chain([trial(factors)]).collect()
}

fn below(above: Values, values: Values) -> Values {
    match (above, values) {
        (Values::Day(a), Values::Day(b)) => Values::Day([a, b].concat()),
        (Values::Text(a), Values::Text(b)) => Values::Text([a, b].concat()),
        (Values::Number(a), Values::Number(b)) => Values::Number([a, b].concat()),
        (Values::Count(a), Values::Count(b)) => Values::Count([a, b].concat()),
        _ => panic!("made-up tables have these kinds"),
    }
}

fn trial(factors: &[(&str, MadeFactor)]) -> Table {
    let tried = if factors.len() > 1 { factors } else { &[] };
    let number = |of: &dyn Fn(f64) -> f64| {
        tried.iter().map(|(_, made)| of(made.payoff)).collect::<Vec<f64>>()
    };
    Table::new("trial")
        .with(
            "factor",
            "name",
            tried.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>(),
        )
        .with("horizon", "days", vec![20_i64; tried.len()])
        .with("icir", "a day", number(&|m| m / 0.1))
        .with("t_newey_west", "t", number(&|m| m / 0.012))
        .with("p_value", "alone", number(&|m| (0.06 - m).max(0.000_01)))
        .with("adjusted_p_value", "all", number(&|m| (0.09 - m).max(0.000_03)))
        .with("deflated", "probability", number(&|m| 1.0 - m))
}

/// Horizon and group of every row.
fn cells() -> Vec<(usize, usize)> {
    (0..HORIZONS.len()).flat_map(|h| (0..GROUPS.len()).map(move |g| (h, g))).collect()
}

fn keyed(name: &str, cells: &[(usize, usize)]) -> Table {
    Table::new(name)
        .with("horizon", "days", cells.iter().map(|c| HORIZONS[c.0]).collect::<Vec<_>>())
        .with("bucket", "group", cells.iter().map(|c| GROUPS[c.1].to_owned()).collect::<Vec<_>>())
}

/// The tables of an index that follows the micro caps of the world, its ledger a little behind.
pub fn index_tables(world: &World) -> Vec<Table> {
    let level = world.level(Segment::Micro);
    let paper: Vec<f64> = level.iter().map(|x| x / level[0]).collect();
    let held: Vec<f64> =
        paper.iter().enumerate().map(|(i, x)| 1e8 * x * 0.999_7_f64.powi(i as i32)).collect();
    vec![
        Table::new("nav").with("date", "day", world.days.clone()).with("nav", "value", paper),
        implementable(world, held),
        premium(world),
        capacity(),
        year(world),
        size_bucket(world),
        Table::new("member").with("date", "day", vec![world.days[0]]).with(
            "symbol",
            "stock",
            vec![Symbol::literal("600519.SH")],
        ),
    ]
}

fn implementable(world: &World, nav: Vec<f64>) -> Table {
    let level = world.level(Segment::Micro);
    let fall = |i: usize| if i == 0 { 0.0 } else { 1.0 - level[i] / level[i - 1] };
    let n = world.days.len();
    let stuck = |i: usize| (4000.0 * (fall(i) - 0.02).max(0.0)) as i64;
    Table::new("implementable")
        .with("date", "day", world.days.clone())
        .with("nav", "CNY", nav)
        .with("n_blocked_sells", "names", (0..n).map(stuck).collect::<Vec<_>>())
        .with("n_names", "names", vec![400_i64; n])
        .with("n_blocked_buys", "names", (0..n).map(|i| stuck(i) / 5 + 1).collect::<Vec<_>>())
}

fn months(world: &World) -> Vec<(usize, usize)> {
    let ends: Vec<usize> = (0..world.days.len() - 1)
        .filter(|i| world.days[*i].month_key() != world.days[i + 1].month_key())
        .collect();
    ends.windows(2).map(|w| (w[0], w[1])).collect()
}

fn premium(world: &World) -> Table {
    let mut noise = Noise::new(5);
    let spans = months(world);
    let parts: Vec<(f64, f64)> =
        spans.iter().map(|_| (0.006 + 0.004 * noise.normal(), 0.003 * noise.normal())).collect();
    let keys: Vec<String> = spans.iter().map(|s| world.days[s.1].month_key()).collect();
    Table::new("premium")
        .with("month", "month", keys)
        .with("reweighting", "decimal", parts.iter().map(|p| p.0).collect::<Vec<f64>>())
        .with("reselection", "decimal", parts.iter().map(|p| p.1).collect::<Vec<f64>>())
        .with("premium", "decimal", parts.iter().map(|p| p.0 + p.1).collect::<Vec<f64>>())
}

fn capacity() -> Table {
    let assets = [1e7, 1e8, 3e8, 1e9, 3e9, 1e10];
    let short = [0.055, 0.07, 0.09, 0.14, 0.2, 0.23];
    let of = |f: &dyn Fn(f64) -> f64| short.map(f).to_vec();
    Table::new("capacity")
        .with("assets", "CNY", assets.to_vec())
        .with("annual_return", "decimal", of(&|s| 0.25 - s))
        .with("shortfall", "decimal", of(&|s| s))
        .with("annual_cost", "decimal", of(&|s| 0.05 - 0.2 * s * s))
        .with("annual_turnover", "times", of(&|s| 26.0 - 90.0 * s))
        .with("mean_unfilled", "share", of(&|s| s * 2.0))
        .with("mean_cash", "share", of(&|s| s * 1.5))
}

fn year(world: &World) -> Table {
    let (micro, large) = (world.level(Segment::Micro), world.level(Segment::Csi300));
    let starts = [2022, 2023, 2024].map(|y| world.at(day(y, 1, 1)).saturating_sub(1));
    let ends = [2022, 2023, 2024].map(|y| world.at(day(y + 1, 1, 1)) - 1);
    let gain =
        |v: &[f64]| -> Vec<f64> { (0..3).map(|k| v[ends[k]] / v[starts[k]] - 1.0).collect() };
    let (index, benchmark) = (gain(micro), gain(large));
    let excess = index.iter().zip(&benchmark).map(|(a, b)| a - b).collect::<Vec<f64>>();
    Table::new("year")
        .with("year", "year", vec![2022_i64, 2023, 2024])
        .with("implementable", "decimal", index.iter().map(|x| x - 0.07).collect::<Vec<f64>>())
        .with("index", "decimal", index)
        .with("benchmark", "decimal", benchmark)
        .with("excess", "decimal", excess)
        .with("turnover", "times", vec![24.1, 25.0, 11.9])
}

fn size_bucket(world: &World) -> Table {
    let (micro, large) = (world.level(Segment::Micro), world.level(Segment::Csi300));
    let mut rows: Vec<(String, i64, f64)> = vec![];
    for (from, to) in months(world) {
        let gain = |v: &[f64]| v[to] / v[from] - 1.0;
        for bucket in 1..=10_i64 {
            let smallness = (10 - bucket) as f64 / 9.0;
            let value = smallness * gain(micro) + (1.0 - smallness) * gain(large);
            rows.push((world.days[to].month_key(), bucket, value));
        }
    }
    Table::new("size_bucket")
        .with("month", "month", rows.iter().map(|r| r.0.clone()).collect::<Vec<_>>())
        .with("bucket", "1 smallest", rows.iter().map(|r| r.1).collect::<Vec<_>>())
        .with("return", "decimal", rows.iter().map(|r| r.2).collect::<Vec<f64>>())
}
