//! The calibration told: what was fitted, what the data say of it, and model beside market, the exam apart.
//!
//! Method page: `docs/method/spiral.md`

use serde::Serialize;
use shoals_core::{Convention, Outcome, Seed, Table, Text, TradingDay};

use crate::SpiralError;
use crate::calibrate::{Mirrored, Moment, Search, Target, fit, with};
use crate::china_2024::{Storm, exam, fit_until, parameters, start, targets};
use crate::market::Product;
use crate::monte_carlo::{Band, bands};
use crate::posterior::{Interval, Posterior, Sampler, posterior};
use crate::scenario::Scenario;
use crate::scenario_file::fitted_toml;
use crate::simulate::simulate;

/// Seed of the paths every search is judged on: one for all searches, so that their losses compare.
pub const JUDGES: Seed = Seed(9);

/// How long it is sought, and on which paths.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CalibrationConfig {
    /// The search for the best numbers.
    pub search: Search,
    /// The posterior around them.
    pub sampler: Sampler,
    /// Paths of the bands.
    pub paths: u64,
    /// Scale of their noise.
    pub noise: f64,
}

/// A number of the model beside the market's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fitted {
    /// What it is.
    pub target: Target,
    /// Whether the fit saw it.
    pub is_exam: bool,
    /// Under the best numbers, without noise.
    pub best: f64,
    /// Over the posterior and noise.
    pub band: Band,
}

impl Fitted {
    /// Whether the market lies within the band.
    pub fn is_inside(&self) -> bool {
        (self.band.p10..=self.band.p90).contains(&self.target.data)
    }
}

/// A calibration of the storm of 2024.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CalibrationOutcome {
    /// Targets, then the exam.
    pub fitted: Vec<Fitted>,
    /// Names and best values.
    pub best: Vec<(&'static str, f64)>,
    /// Their loss.
    pub loss: f64,
    /// What the posterior says of each.
    pub intervals: Vec<Interval>,
    /// The posterior.
    pub posterior: Posterior,
    /// Least loss after each generation of the search.
    pub history: Vec<f64>,
    /// What every member was judged on.
    pub judged_on: Mirrored,
}

/// Calibrates the storm: the fit sees nothing later than [`fit_until`]. `basis` is asked as by [`targets`]; `progress` is told
/// the stage, the generation and the least loss so far.
///
/// # Errors
/// When the market has no basis of any March contract.
///
/// # Panics
/// When the populations are smaller than the searches need.
pub fn calibrate(
    storm: &Storm,
    basis: &dyn Fn(TradingDay, Product) -> Option<(f64, f64)>,
    config: CalibrationConfig,
    progress: &dyn Fn(&str, usize, f64),
) -> Result<CalibrationOutcome, SpiralError> {
    let (parameters, targets) = (parameters(), targets(storm, basis));
    let has_basis = targets.iter().any(|target| target.name.contains("basis"));
    if !has_basis {
        let reason = "the market has no basis of the March contracts of 2024; import index futures";
        return Err(SpiralError::File { reason: reason.to_owned() });
    }
    let base = &storm.scenario;
    let found =
        fit(base, &parameters, &targets, config.search, &|g, loss| progress("fit", g, loss));
    let drawn = posterior(base, &parameters, &targets, config.sampler, &|g, tolerance| {
        progress("posterior", g, tolerance);
    });
    let all: Vec<(Target, bool)> = targets
        .into_iter()
        .map(|target| (target, false))
        .chain(exam(storm).into_iter().map(|target| (target, true)))
        .collect();
    let quiet = simulate(&found.scenario, 0, config.search.seed, 0.0);
    let moments: Vec<Moment> = all.iter().map(|(target, _)| target.moment).collect();
    let scenarios: Vec<Scenario> =
        drawn.particles.iter().map(|particle| with(base, &parameters, particle)).collect();
    let bands = bands(&scenarios, &moments, config.paths, config.sampler.seed, config.noise);
    let fitted = all
        .into_iter()
        .zip(bands)
        .map(|((target, is_exam), band)| Fitted {
            best: target.moment.of(&found.scenario, &quiet),
            band,
            target,
            is_exam,
        })
        .collect();
    Ok(CalibrationOutcome {
        fitted,
        best: parameters.iter().map(|p| p.name).zip(found.values).collect(),
        loss: found.loss,
        intervals: drawn.intervals(&parameters),
        posterior: drawn,
        history: found.history,
        judged_on: config.search.paths,
    })
}

impl CalibrationOutcome {
    /// How many numbers of the fit, or of the exam, lie inside their bands, and how many there are.
    pub fn inside(&self, is_exam: bool) -> (usize, usize) {
        let of = || self.fitted.iter().filter(|fitted| fitted.is_exam == is_exam);
        (of().filter(|fitted| fitted.is_inside()).count(), of().count())
    }

    /// The fitted numbers and `n` particles as a scenario file.
    pub fn to_toml(&self, n: usize) -> String {
        let names: Vec<String> = self.best.iter().map(|(name, _)| format!("{name:?}")).collect();
        let fitted = fitted_toml(self.best.iter().map(|&(name, value)| (name, short(value))));
        let step = (self.posterior.particles.len() / n.max(1)).max(1);
        let particle = |values: &Vec<f64>| {
            let values: Vec<String> =
                values.iter().map(|value| format!("{:?}", short(*value))).collect();
            format!("    [{}],", values.join(", "))
        };
        let particles = self.posterior.particles.iter().step_by(step).take(n);
        let particles: Vec<String> = particles.map(particle).collect();
        format!(
            "{fitted}\n[posterior]\nparameters = [\n    {},\n]\nparticles = [\n{}\n]\n",
            names.join(",\n    "),
            particles.join("\n")
        )
    }
}

/// A value to five digits.
fn short(value: f64) -> f64 {
    format!("{value:.4e}").parse().expect("a float as Rust writes it")
}

impl Outcome for CalibrationOutcome {
    const NAME: &'static str = "spiral_calibration";

    fn tables(&self) -> Vec<Table> {
        let fitted = || self.fitted.iter();
        let numbers = |of: fn(&Fitted) -> f64| fitted().map(of).collect::<Vec<f64>>();
        let flags = |of: fn(&Fitted) -> bool| fitted().map(of).collect::<Vec<bool>>();
        let fit = Table::new("fit")
            .with("target", "", fitted().map(|f| f.target.name.clone()).collect::<Vec<_>>())
            .with("is_exam", "whether the fit did not see it", flags(|f| f.is_exam))
            .with("data", "decimal, or CNY", numbers(|f| f.target.data))
            .with("median", "as data", numbers(|f| f.band.median))
            .with("p10", "as data", numbers(|f| f.band.p10))
            .with("p90", "as data", numbers(|f| f.band.p90))
            .with("is_inside", "whether data is in the band", flags(Fitted::is_inside))
            .with("best", "under the best numbers, without noise", numbers(|f| f.best))
            .with("tolerance", "difference that counts as one", numbers(|f| f.target.tolerance));
        let intervals = || self.intervals.iter();
        let numbers = |of: fn(&Interval) -> f64| intervals().map(of).collect::<Vec<f64>>();
        let best = self.best.iter().map(|(_, value)| *value).collect::<Vec<f64>>();
        let posterior = Table::new("posterior")
            .with("parameter", "", intervals().map(|i| i.parameter.to_owned()).collect::<Vec<_>>())
            .with("prior_low", "", numbers(|i| i.prior_low))
            .with("prior_high", "", numbers(|i| i.prior_high))
            .with("fitted", "", best)
            .with("median", "", numbers(|i| i.band.median))
            .with("p10", "", numbers(|i| i.band.p10))
            .with("p90", "", numbers(|i| i.band.p90))
            .with(
                "contraction",
                "1 less posterior over prior deviation",
                numbers(|i| i.contraction),
            )
            .with("partner", "", intervals().map(|i| i.partner.to_owned()).collect::<Vec<_>>())
            .with("correlation", "over particles", numbers(|i| i.correlation));
        let count = |n: usize| (1..=n as i64).collect::<Vec<i64>>();
        let search = Table::new("search").with("generation", "", count(self.history.len())).with(
            "loss",
            "least so far",
            self.history.clone(),
        );
        let sampler = Table::new("sampler")
            .with("generation", "", count(self.posterior.tolerances.len()))
            .with("tolerance", "largest loss kept", self.posterior.tolerances.clone())
            .with("accepted", "share of moves", self.posterior.accepted.clone());
        vec![fit, posterior, search, sampler]
    }

    fn convention(&self) -> Convention {
        let ((inside, of), (exam_inside, exam_of)) = (self.inside(false), self.inside(true));
        let lines = [
            (
                "fit",
                Text::new(
                    format!(
                        "自 {} 起，只用 {} 及以前的数据；损失 {:.2}（{} 对镜像路径的矩均值，以容差为单位）；区间内 {inside}/{of}",
                        start(),
                        fit_until(),
                        self.loss,
                        self.judged_on.pairs
                    ),
                    format!(
                        "from {}, on data to {} only; loss {:.2} (mean moments over {} pairs of mirrored paths, in \
                         tolerances); {inside} of {of} inside their bands",
                        start(),
                        fit_until(),
                        self.loss,
                        self.judged_on.pairs
                    ),
                ),
            ),
            (
                "exam",
                Text::new(
                    format!("此后的数据未参与拟合；区间内 {exam_inside}/{exam_of}"),
                    format!(
                        "what came later was not seen; {exam_inside} of {exam_of} inside their bands"
                    ),
                ),
            ),
            (
                "band",
                Text::new(
                    format!("{} 个后验粒子与路径噪声的 80% 区间", self.posterior.particles.len()),
                    format!(
                        "80 % band over {} particles of the posterior and the paths' noise",
                        self.posterior.particles.len()
                    ),
                ),
            ),
            (
                "contraction",
                Text::new(
                    "1 减后验与先验标准差之比；接近 0 即数据无法识别",
                    "1 less the ratio of posterior to prior deviation; near 0 the data cannot tell",
                ),
            ),
        ];
        lines.into_iter().map(|(name, text)| (name.to_owned(), text)).collect()
    }
}
