//! Did many names move on one day more than they do on their own? The tests of an event study.
//!
//! Abnormal returns of each name against its market model ([`market_model`]), and across names
//! ([`sample`]): Brown and Warner (1980, 1985), Patell (1976), Boehmer, Musumeci and Poulsen (1991),
//! Kolari and Pynnonen (2010), Corrado (1989) with Corrado and Zivney (1992), the generalised rank of
//! Kolari and Pynnonen (2011), the sign and the generalised sign test (Cowan 1992). Where all names share one
//! calendar date their residuals are correlated, and only the tests that say so may be believed.
//!
//! Method page: docs/method/event.md

pub mod market_model;
pub mod power;
mod rank;
pub mod sample;

use serde::{Deserialize, Serialize};

/// How residuals are scaled: the same test has two numbers under two programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scaling {
    /// The articles: residual variance with divisor `n - 2`, the market's mean and variation over the days
    /// the name traded, sums over the names there are.
    #[default]
    Textbook,
    /// The R package estudy2: divisor `n - 1`, the market over every estimation day, a missing name counted
    /// as the mean of the others.
    Estudy2,
}
