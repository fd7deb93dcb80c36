//! The style analysis of the peers' benchmark W6: every window of 60 days of every fund on eight factors.
//!
//! `flatten_styles.py` writes its input. Run it as the `bench_w1` of the market crate is run.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock, files and arguments")]
#![expect(clippy::print_stdout, reason = "its result is a line on standard output")]
#![expect(dead_code, reason = "no panel is read here")]

#[path = "../../market/examples/flat_panel/mod.rs"]
mod flat_panel;

use flat_panel::{Failure, Run, cells, measured, peak_rss_mb};
use shoals_stats::style::{Mandate, rolling_style_of_many};

/// Days of a window.
const WINDOW: usize = 60;

/// Factors.
const FACTORS: usize = 8;

fn main() -> Result<(), Failure> {
    let run = Run::from_arguments("W6")?;
    rayon::join(|| (), || ()); // The threads are there before the clock starts, as a warmed-up peer's are.
    let ((factors, funds), load) = measured(|| {
        let factors = run.column("factors.f64", f64::from_le_bytes)?;
        Ok((factors, run.column("funds.f64", f64::from_le_bytes)?))
    })?;
    let days = factors.len() / FACTORS;
    let factors: Vec<&[f64]> = factors.chunks(days).collect();
    let funds: Vec<&[f64]> = funds.chunks(days).collect();
    let mandate = Mandate::long_only(FACTORS)?;
    let (styles, compute) =
        measured(|| Ok(rolling_style_of_many(&funds, &factors, &mandate, WINDOW)?))?;
    let (peak, checksum) = (peak_rss_mb()?, styles.weights.iter().step_by(FACTORS).sum());
    if !std::env::args().any(|word| word == "--no-save") {
        let rows = styles.r_squared.len();
        let fund = (0..rows).map(|row| (row / styles.n_windows) as f64);
        let mut columns = vec![("fund".to_owned(), cells(fund))];
        for i in 0..FACTORS {
            let weights = styles.weights.iter().skip(i).step_by(FACTORS).copied();
            columns.push((format!("w{i}"), cells(weights)));
        }
        columns.push(("r2".to_owned(), cells(styles.r_squared)));
        run.save("weights", &columns)?;
    }
    run.print(load, compute, peak, checksum);
    Ok(())
}
