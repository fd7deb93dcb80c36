//! News nobody has yet: what the common factor does on top of the returns a scenario gives.
//!
//! A day's surprise is `e = sqrt(h) t`, with `t` from Student's distribution scaled to variance 1, and the variance
//! `h` remembers: `h' = volatility^2 (1 - reaction - persistence) + reaction e^2 + persistence h` (Bollerslev 1986, 1987).
//! A path draws by its number: Student's numbers come from two uniform ones by Bailey's (1994) form of Box and Muller,
//! which rejects none.
//!
//! Method page: `docs/method/spiral_stress.md`

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};
use shoals_core::Seed;
use shoals_stats::counter_normal::counter_uniform;

use crate::SpiralError;
use crate::error::require;
use crate::market::{BySegment, SEGMENTS};

/// How surprising the common factor is; nothing unless written.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct News {
    /// Standard deviation of a day's surprise in the long run, a decimal; 0 for the returns as given.
    pub volatility: f64,
    /// Weight of yesterday's squared surprise in today's variance.
    pub reaction: f64,
    /// Weight of yesterday's variance.
    pub persistence: f64,
    /// Degrees of freedom, above 2: the smaller, the fatter the tails.
    pub freedom: f64,
    /// Standard deviation of each segment's daily return over the next larger one's, smallest companies first, beyond what
    /// beta and orders explain: small caps move together, so a segment's noise is the next larger one's and a step of its
    /// own. Without it every segment moves alone, with all of its quiet volatility.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_steps: Option<BySegment>,
}

impl Default for News {
    /// None; if there were any, with the memory and tails daily index returns commonly have.
    fn default() -> Self {
        Self { volatility: 0.0, reaction: 0.08, persistence: 0.90, freedom: 5.0, size_steps: None }
    }
}

impl News {
    /// Refuses what is no distribution.
    pub(crate) fn check(&self) -> Result<(), SpiralError> {
        let Self { volatility, reaction, persistence, freedom, size_steps } = *self;
        for (k, step) in size_steps.into_iter().flatten().enumerate() {
            let field = format!("news.size_steps[{k}]");
            require(field, step, "in [0, 0.2]", (0.0..=0.2).contains(&step))?;
        }
        require("news.volatility", volatility, "in [0, 0.2]", (0.0..=0.2).contains(&volatility))?;
        require("news.reaction", reaction, "0 or more", reaction >= 0.0)?;
        let memory = reaction + persistence;
        let expected = "0 or more, below 1 together with `news.reaction`";
        require("news.persistence", persistence, expected, persistence >= 0.0 && memory < 1.0)?;
        require("news.freedom", freedom, "above 2", freedom > 2.0)
    }
}

impl News {
    /// Noise of segment `k` in units of its quiet `volatility`, `draw` giving the standard normal of each segment.
    pub(crate) fn own(&self, k: usize, volatility: &BySegment, draw: impl Fn(usize) -> f64) -> f64 {
        match &self.size_steps {
            None => draw(k),
            Some(steps) => (k..SEGMENTS).map(|j| steps[j] * draw(j)).sum::<f64>() / volatility[k],
        }
    }
}

/// The surprises of one path, day after day.
#[derive(Debug, Clone)]
pub(crate) struct Surprises {
    news: News,
    seed: u64,
    next: u64,
    variance: f64,
}

impl Surprises {
    /// Those of path `path` of `n_days`.
    pub(crate) fn new(news: News, seed: Seed, path: u64, n_days: usize) -> Self {
        let next = path * n_days as u64;
        Self { news, seed: seed.part("news").0, next, variance: news.volatility.powi(2) }
    }

    /// The next day's.
    pub(crate) fn draw(&mut self) -> f64 {
        let News { volatility, reaction, persistence, freedom, .. } = self.news;
        if volatility == 0.0 {
            return 0.0;
        }
        let surprise = self.variance.sqrt() * student(self.seed, self.next, freedom);
        self.next += 1;
        self.variance = volatility.powi(2) * (1.0 - reaction - persistence)
            + reaction * surprise.powi(2)
            + persistence * self.variance;
        surprise
    }
}

/// The `i`-th number of a seed from Student's distribution, scaled to variance 1.
fn student(seed: u64, i: u64, freedom: f64) -> f64 {
    let (u, v) = (counter_uniform(seed, 2 * i), counter_uniform(seed, 2 * i + 1));
    let radius = (freedom * (u.powf(-2.0 / freedom) - 1.0)).sqrt();
    radius * (TAU * v).cos() * ((freedom - 2.0) / freedom).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: the moments of Student's distribution scaled to variance 1, `3 (n - 2) / (n - 4)` the fourth; 10 degrees,
    /// 400,000 numbers, whose own errors are about 0.002 and 0.03.
    #[test]
    fn the_numbers_have_students_moments() {
        let n = 400_000;
        let moment =
            |power: i32| (0..n).map(|i| student(7, i, 10.0).powi(power)).sum::<f64>() / n as f64;
        assert!(moment(1).abs() < 0.006, "{}", moment(1));
        assert!((moment(2) - 1.0).abs() < 0.01, "{}", moment(2));
        assert!((moment(4) - 4.0).abs() < 0.15, "{}", moment(4));
    }

    /// Witness: the long-run variance of the process is the one written, and squares of neighbouring days go together.
    #[test]
    fn surprises_keep_their_volatility_and_cluster() {
        let news = News { volatility: 0.012, freedom: 8.0, ..News::default() };
        let mut squares = Vec::new();
        for path in 0..400 {
            let mut path = Surprises::new(news, Seed(3), path, 250);
            squares.extend((0..250).map(|_| path.draw().powi(2)));
        }
        let mean = squares.iter().sum::<f64>() / squares.len() as f64;
        assert!((mean.sqrt() / 0.012 - 1.0).abs() < 0.03, "{}", mean.sqrt());
        let together = squares.windows(2).map(|w| (w[0] - mean) * (w[1] - mean)).sum::<f64>();
        let alone = squares.iter().map(|s| (s - mean).powi(2)).sum::<f64>();
        assert!(together / alone > 0.05, "{}", together / alone);
    }

    /// By hand: the CSI 500's noise is its step and the CSI 300's; the largest has its own alone.
    #[test]
    fn steps_add_up_from_the_largest_down() {
        let steps = [0.006, 0.003, 0.003, 0.004, 0.001];
        let news = News { size_steps: Some(steps), ..News::default() };
        let draw = |k: usize| [0.5, -1.0, 2.0, 1.0, -3.0][k];
        let own = |k| news.own(k, &[0.01; 5], draw);
        assert!((own(4) + 0.3).abs() < 1e-12 && (own(3) - 0.1).abs() < 1e-12);
        assert!((own(0) - (0.3 - 0.3 + 0.6 + 0.4 - 0.3)).abs() < 1e-12);
        assert_eq!(News::default().own(2, &[0.01; 5], draw), 2.0);
        let wrong = News { size_steps: Some([0.5, 0.0, 0.0, 0.0, 0.0]), ..News::default() };
        assert_eq!(
            wrong.check().unwrap_err().to_string(),
            "`news.size_steps[0]` is 0.5, expected in [0, 0.2]"
        );
    }

    #[test]
    fn no_volatility_is_no_surprise() {
        let mut path = Surprises::new(News::default(), Seed(1), 4, 10);
        assert_eq!(path.draw(), 0.0);
        assert!(News { freedom: 2.0, ..News::default() }.check().is_err());
        assert!(News { persistence: 0.95, ..News::default() }.check().is_err());
    }
}
