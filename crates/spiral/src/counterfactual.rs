//! What would have been: levers pulled one at a time on the same news and the same chance.
//!
//! News is what the anchored path inferred ([`with_inferred_news`]): another rule does not change the news. Path `k` draws
//! the same noise with a lever and without (common random numbers), so a change is a difference of two paths that
//! differ in nothing else, and a lever that changes nothing changes exactly nothing.
//!
//! Method page: `docs/method/spiral_stress.md`

use rayon::prelude::*;
use serde::Serialize;
use shoals_core::{Convention, Outcome, Segment, Table, Text};

use crate::SpiralError;
use crate::error::require;
use crate::holder::Kind;
use crate::lever::Lever;
use crate::market::{Product, SEGMENTS};
use crate::monte_carlo::{Band, Paths};
use crate::scenario::Scenario;
use crate::simulate::{DayRecord, simulate, with_inferred_news};

/// Calendar days to expiry of the contract whose basis is told.
pub const BASIS_DAYS: f64 = 40.0;

/// A number of a path, for a segment, a product or all books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Return of a segment from the start to the last close.
    End,
    /// Lowest close of a segment against the start.
    Trough,
    /// Lowest daily return of a segment.
    WorstDay,
    /// Largest share of a segment's names at their lower limit at a close.
    LimitDown,
    /// Lowest basis of a product's contract [`BASIS_DAYS`] from expiry, a fraction of spot.
    BasisTrough,
    /// Lowest equity of the DMA books, a fraction of the first.
    DmaEquityTrough,
    /// Their equity at the last close, a fraction of the first.
    DmaEquityEnd,
    /// Books whose equity was gone by the last close, a share of their number.
    DmaWipedOut,
    /// Stocks they sold, net of purchases, a fraction of what they held.
    DmaSold,
}

impl Measure {
    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::End => "end",
            Self::Trough => "trough",
            Self::WorstDay => "worst_day",
            Self::LimitDown => "limit_down",
            Self::BasisTrough => "basis_trough",
            Self::DmaEquityTrough => "dma_equity_trough",
            Self::DmaEquityEnd => "dma_equity_end",
            Self::DmaWipedOut => "dma_wiped_out",
            Self::DmaSold => "dma_sold",
        }
    }
}

/// What is measured where: every measure of segments for every segment, of products for every product.
pub fn places() -> Vec<(Measure, &'static str)> {
    use Measure::{DmaEquityEnd, DmaEquityTrough, DmaSold, DmaWipedOut};
    let of_segments = [Measure::End, Measure::Trough, Measure::WorstDay, Measure::LimitDown];
    let segments = of_segments.into_iter().flat_map(|m| Segment::ALL.map(|s| (m, s.name())));
    let products = Product::ALL.map(|product| (Measure::BasisTrough, product.code()));
    let books = [DmaEquityTrough, DmaEquityEnd, DmaWipedOut, DmaSold].map(|m| (m, "dma"));
    segments.chain(products).chain(books).collect()
}

/// The numbers of a path, in the order of [`places`]; those of books are NaN where there are none.
fn measured(scenario: &Scenario, path: &[DayRecord]) -> Vec<f64> {
    let mut numbers = Vec::with_capacity(places().len());
    let lowest = |of: &dyn Fn(usize) -> f64| (0..path.len()).map(of).fold(f64::INFINITY, f64::min);
    let last = path.len() - 1;
    let before = |day: usize, k: usize| if day == 0 { 1.0 } else { path[day - 1].level[k] };
    numbers.extend((0..SEGMENTS).map(|k| path[last].level[k] - 1.0));
    numbers.extend((0..SEGMENTS).map(|k| lowest(&|day| path[day].level[k]) - 1.0));
    numbers.extend((0..SEGMENTS).map(|k| lowest(&|day| path[day].level[k] / before(day, k)) - 1.0));
    numbers.extend((0..SEGMENTS).map(|k| -lowest(&|day| -path[day].limit_down[k])));
    for product in Product::ALL {
        let basis = |day: usize| {
            scenario.market.basis(path[day].stress[product as usize], product, BASIS_DAYS)
        };
        numbers.push(lowest(&basis));
    }
    let dma = &scenario.dma;
    if dma.books == 0 || dma.long_value == 0.0 {
        numbers.extend([f64::NAN; 4]);
        return numbers;
    }
    let first = dma.opening_equity(scenario.rules.initial_margin);
    let sold = path.iter().map(|day| day.flow[Kind::Dma as usize].stock.iter().sum::<f64>());
    numbers.push(lowest(&|day| path[day].dma_equity) / first);
    numbers.push(path[last].dma_equity / first);
    numbers.push(path[last].dma_wiped_out);
    numbers.push(sold.sum::<f64>() / dma.long_value);
    numbers
}

/// A number with a lever pulled and without.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Effect {
    /// What is measured.
    pub measure: Measure,
    /// Of which segment or product; `dma` for the books.
    pub place: &'static str,
    /// Without the lever.
    pub base: Band,
    /// With it.
    pub pulled: Band,
    /// With less without, path by path.
    pub change: Band,
    /// Share of the paths on which it rose.
    pub rose: f64,
}

/// What a lever does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeverOutcome {
    /// The lever.
    pub lever: Lever,
    /// Its name in tables.
    pub name: String,
    /// What people call it.
    pub text: Text,
    /// Its effects, in the order of [`places`].
    pub effects: Vec<Effect>,
}

impl LeverOutcome {
    /// One effect; `None` for a measure that is not of that place.
    pub fn effect(&self, measure: Measure, place: &str) -> Option<&Effect> {
        self.effects.iter().find(|effect| effect.measure == measure && effect.place == place)
    }
}

/// Levers beside each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CounterfactualOutcome {
    /// Name of the scenario.
    pub scenario: String,
    /// Paths each band is of.
    pub n_paths: u64,
    /// Scale of the noise: 1 as the scenario says, 0 none.
    pub noise: f64,
    /// The levers, in the order they were asked.
    pub levers: Vec<LeverOutcome>,
}

/// Pulls every lever alone on the paths of a scenario, called `name`, which are dealt over `scenarios`: one, or what a
/// posterior draws. The same on any number of threads.
///
/// # Errors
/// No path or no scenario; a scenario or a lever that is not legal.
pub fn counterfactual(
    name: &str,
    scenarios: &[Scenario],
    levers: &[Lever],
    paths: Paths,
) -> Result<CounterfactualOutcome, SpiralError> {
    paths.check()?;
    require("scenarios", scenarios.len() as f64, "1 or more", !scenarios.is_empty())?;
    let worlds_of = |scenario: &Scenario| {
        let mut worlds = vec![with_inferred_news(&scenario.clone().checked()?)];
        for lever in levers {
            worlds.push(lever.pulled(&worlds[0])?);
        }
        Ok(worlds)
    };
    let drawn: Vec<Vec<Scenario>> =
        scenarios.iter().map(worlds_of).collect::<Result<_, SpiralError>>()?;
    let run =
        |world: &Scenario, path| measured(world, &simulate(world, path, paths.seed, paths.noise));
    // Numbers by path, world and place.
    let numbers: Vec<Vec<Vec<f64>>> = (0..paths.n)
        .into_par_iter()
        .map(|path| {
            let worlds = &drawn[path as usize % drawn.len()];
            worlds.iter().map(|world| run(world, path)).collect()
        })
        .collect();
    let column = |world: usize, place: usize| -> Vec<f64> {
        numbers.iter().map(|path| path[world][place]).collect()
    };
    let places = places();
    let outcome = |(i, lever): (usize, &Lever)| {
        let effect = |(place, &(measure, name)): (usize, &(Measure, &'static str))| {
            let (before, after) = (column(0, place), column(i + 1, place));
            let change: Vec<f64> = after.iter().zip(&before).map(|(a, b)| a - b).collect();
            let rose = change.iter().filter(|change| **change > 0.0).count();
            Effect {
                measure,
                place: name,
                base: Band::of(&before),
                pulled: Band::of(&after),
                change: Band::of(&change),
                rose: rose as f64 / paths.n as f64,
            }
        };
        LeverOutcome {
            lever: *lever,
            name: lever.name(),
            text: lever.text(),
            effects: places.iter().enumerate().map(effect).collect(),
        }
    };
    Ok(CounterfactualOutcome {
        scenario: name.to_owned(),
        n_paths: paths.n,
        noise: paths.noise,
        levers: levers.iter().enumerate().map(outcome).collect(),
    })
}

impl Outcome for CounterfactualOutcome {
    const NAME: &'static str = "spiral_counterfactual";

    fn tables(&self) -> Vec<Table> {
        let rows: Vec<(&LeverOutcome, &Effect)> = self
            .levers
            .iter()
            .flat_map(|lever| lever.effects.iter().map(move |effect| (lever, effect)))
            .collect();
        let text = |pick: fn(&LeverOutcome, &Effect) -> String| -> Vec<String> {
            rows.iter().map(|(lever, effect)| pick(lever, effect)).collect()
        };
        let number = |pick: fn(&Effect) -> f64| -> Vec<f64> {
            rows.iter().map(|(_, effect)| pick(effect)).collect()
        };
        let words: Vec<Text> = self.levers.iter().map(|lever| lever.text.clone()).collect();
        let names: Vec<String> = self.levers.iter().map(|lever| lever.name.clone()).collect();
        vec![
            Table::new("lever").with("lever", "stable name", names).with(
                "text",
                "what is done otherwise",
                words,
            ),
            Table::new("effect")
                .with("lever", "the lever", text(|lever, _| lever.name.clone()))
                .with("measure", "what is measured", text(|_, e| e.measure.name().to_owned()))
                .with(
                    "place",
                    "segment, product, or dma for the books",
                    text(|_, e| e.place.to_owned()),
                )
                .with("base", "median without the lever", number(|e| e.base.median))
                .with("pulled", "median with it", number(|e| e.pulled.median))
                .with(
                    "change",
                    "median over paths of with less without",
                    number(|e| e.change.median),
                )
                .with("change_p10", "a tenth of the paths change by less", number(|e| e.change.p10))
                .with("change_p90", "a tenth change by more", number(|e| e.change.p90))
                .with("rose", "share of the paths on which it rose", number(|e| e.rose)),
        ]
    }

    fn convention(&self) -> Convention {
        let (n, days) = (self.n_paths, BASIS_DAYS);
        Convention::from([
            (
                "sample".into(),
                Text::new(
                    format!("{n} 条路径，拉与不拉杠杆用同一噪声；中位数与 80 % 区间"),
                    format!(
                        "{n} paths, the same noise with a lever and without; median and 80 % band"
                    ),
                ),
            ),
            (
                "news".into(),
                Text::new(
                    "消息取锚定路径反推之值，规则不改变消息",
                    "news as the anchored path inferred it: another rule does not change the news",
                ),
            ),
            (
                "unit".into(),
                Text::new(
                    "收益与基差为小数；权益为期初之比",
                    "returns and basis decimals; equity a fraction of the first",
                ),
            ),
            (
                "basis".into(),
                Text::new(
                    format!("距到期 {days} 个自然日的合约，占现货之比"),
                    format!("of a contract {days} calendar days from expiry, a fraction of spot"),
                ),
            ),
        ])
    }
}
