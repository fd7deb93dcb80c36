//! The bubble test of the peers' benchmark W4: BSADF of one series, or (`--task=mc`) critical values of random walks.
//!
//! `flatten_series.py` writes its input. Run it as the `bench_w1` of the market crate is run.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock, files and arguments")]
#![expect(clippy::print_stdout, reason = "its result is a line on standard output")]
#![expect(dead_code, reason = "no panel is read here")]

#[path = "../../market/examples/flat_panel/mod.rs"]
mod flat_panel;

use flat_panel::{Failure, Run, cells, measured, peak_rss_mb};
use shoals_core::Seed;
use shoals_stats::explosive::{Generator, Lag, NullDistribution, SupTest};

/// Levels of the shortest window.
const MIN_WINDOW: usize = 36;

/// Levels of a simulated walk.
const LEVELS: usize = 1_680;

fn main() -> Result<(), Failure> {
    let is_critical = std::env::args().any(|word| word == "--task=mc");
    let run = Run::from_arguments(if is_critical { "W4mc" } else { "W4bsadf" })?;
    let test = SupTest::new(MIN_WINDOW, Lag::Fixed(0))?;
    rayon::join(|| (), || ()); // The threads are there before the clock starts, as a warmed-up peer's are.
    if is_critical {
        let repetitions = match run.size.as_str() {
            "S" => 20,
            "M" => 200,
            _ => 2_000,
        };
        let (values, compute) = measured(|| critical_values(&test, repetitions))?;
        let peak = peak_rss_mb()?;
        let names = ["gsadf90", "gsadf95", "gsadf99", "bsadf95_last", "bsadf95_mean"];
        let columns: Vec<_> =
            names.iter().zip(&values).map(|(name, &v)| ((*name).to_owned(), cells([v]))).collect();
        run.save("cv", &columns)?;
        run.print(flat_panel::Cost::default(), compute, peak, values[1]);
    } else {
        let (levels, load) = measured(|| run.column("series.f64", f64::from_le_bytes))?;
        let (bsadf, compute) = measured(|| Ok(test.bsadf(&levels)?))?;
        let (peak, checksum) = (peak_rss_mb()?, bsadf.iter().sum());
        run.save("bsadf", &[("bsadf".to_owned(), cells(bsadf))])?;
        run.print(load, compute, peak, checksum);
    }
    Ok(())
}

/// What the peers report: GSADF at 90, 95, 99 %, and BSADF at 95 %, last day and mean, with the 90 and 99 % paths made too.
fn critical_values(test: &SupTest, repetitions: usize) -> Result<Vec<f64>, Failure> {
    let walk = Generator::RandomWalk { n: LEVELS, drift: 1.0 / LEVELS as f64 };
    let null = NullDistribution::simulate(test, walk, repetitions, Seed(1))?;
    let mut values = Vec::new();
    let mut paths = Vec::new();
    for probability in [0.90, 0.95, 0.99] {
        values.push(null.family_wise(probability)?);
        paths.push(null.pointwise(probability)?);
    }
    values.push(paths[1][paths[1].len() - 1]);
    values.push(paths[1].iter().sum::<f64>() / paths[1].len() as f64);
    Ok(values)
}
