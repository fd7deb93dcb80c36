//! Milliseconds of one fit of the log-periodic power law, on walks of 250, 500 and 750 prices.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::print_stdout, reason = "its result is a line on standard output")]

use std::hint::black_box;
use std::time::Instant;

use shoals_stats::counter_normal::counter_normal;
use shoals_stats::lppls::{Bounds, fit};

fn main() {
    for n in [125_u64, 250, 500, 750] {
        let walks: Vec<Vec<f64>> = (0..100)
            .map(|walk| {
                let mut level = 0.0;
                let step = |t| {
                    level += 0.01 * counter_normal(walk, t);
                    level
                };
                (0..n).map(step).collect()
            })
            .collect();
        let start = Instant::now();
        for walk in &walks {
            black_box(fit(walk, &Bounds::default()).ok());
        }
        println!("{n} prices: {:.3} ms a fit", 10.0 * start.elapsed().as_secs_f64());
    }
}
