//! My book in your storm: a swap book or a fund, taken through every path of a scenario.
//!
//! By default it is too small to matter: it trades at the crowd's prices and moves none. With `is_in_crowd` its orders are
//! part of everyone's, and it pays for its own haste. Paths differ by the segments' noise and the news' surprises;
//! news itself is what the anchored path inferred, as in [`crate::counterfactual`].
//!
//! Method page: `docs/method/spiral_stress.md`

mod outcome;
mod short_volatility;
mod terms;
mod visitor;

use rayon::prelude::*;

pub use outcome::{DayBand, EventChance, LossLine, LossMeasure, StressEvent, StressOutcome};
pub use terms::{HedgeTerms, Holdings, Lines, ShortVolatility, VisitorTerms};
pub(crate) use visitor::{Visitor, VisitorDay};

use crate::SpiralError;
use crate::error::require;
use crate::monte_carlo::Paths;
use crate::scenario::Scenario;
use crate::simulate::{World, walk, with_inferred_news};
use outcome::PathOfVisitor;
use visitor::Firsts;

/// Takes `visitor` through the paths of a scenario, called `name`, whose days have these `dates` (none where they have no
/// dates). The paths are dealt over `scenarios`: one, or what a posterior draws. The same on any number of threads.
///
/// # Errors
/// No path or no scenario; a scenario or a book that is not legal.
pub fn stress(
    name: &str,
    scenarios: &[Scenario],
    dates: &[shoals_core::TradingDay],
    visitor: &VisitorTerms,
    paths: Paths,
) -> Result<StressOutcome, SpiralError> {
    paths.check()?;
    let visitor = visitor.clone().checked()?;
    require("scenarios", scenarios.len() as f64, "1 or more", !scenarios.is_empty())?;
    let freed = |scenario: &Scenario| Ok(with_inferred_news(&scenario.clone().checked()?));
    let drawn: Vec<Scenario> = scenarios.iter().map(freed).collect::<Result<_, SpiralError>>()?;
    let walked: Vec<PathOfVisitor> = (0..paths.n)
        .into_par_iter()
        .map(|path| path_of(&drawn[path as usize % drawn.len()], &visitor, path, paths))
        .collect();
    Ok(StressOutcome::of(name, dates, &visitor, paths, &walked))
}

/// One path of the visitor.
fn path_of(scenario: &Scenario, visitor: &VisitorTerms, path: u64, paths: Paths) -> PathOfVisitor {
    let world = World::with_visitor(scenario, visitor);
    let mut walked =
        PathOfVisitor { days: Vec::with_capacity(scenario.days.len()), firsts: Firsts::default() };
    walk(world, scenario, path, paths.seed, paths.noise, |_, _, world| {
        walked.days.extend(world.visitor_close);
        if let Some(visitor) = &world.visitor {
            walked.firsts = visitor.firsts;
        }
    });
    walked
}
