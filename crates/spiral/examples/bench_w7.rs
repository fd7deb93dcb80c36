//! The fire-sale Monte Carlo of the peers' benchmark W7: the same inputs, the same paths.
//!
//! ```text
//! python examples/flatten_fire_sale.py DATA L
//! SHOALS_BENCH_DATA=DATA SHOALS_BENCH_OUT=OUT cargo run --profile bench --example bench_w7 -- --size L
//! ```

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock, files and arguments")]
#![expect(clippy::print_stdout, reason = "its result is a line on standard output")]

#[path = "../../market/examples/flat_panel/mod.rs"]
#[allow(dead_code, reason = "the panel's readers are for the stock benchmarks")]
mod flat_panel;

use flat_panel::{Failure, Run, cells, measured, peak_rss_mb};
use shoals_core::Seed;
use shoals_market::impact::Depth;
use shoals_spiral::overlap::{Asset, Book, Bucket, Overlap, PathEnd, Rules};

fn main() -> Result<(), Failure> {
    let run = Run::from_arguments("W7")?;
    let (n_days, n_paths) = match run.size.as_str() {
        "S" => (20, 50),
        "M" => (60, 100),
        _ => (60, 1000),
    };
    let ((buckets, books), load) = measured(|| Ok((buckets(&run)?, books(&run)?)))?;
    let (ends, compute) = measured(|| {
        let model = Overlap::new(buckets, books, Rules::default())?;
        Ok(model.simulate(n_days, n_paths, Seed::default()))
    })?;
    let peak = peak_rss_mb()?;
    let column =
        |name: &str, of: fn(&PathEnd) -> f64| (name.to_owned(), cells(ends.iter().map(of)));
    run.save(
        "paths",
        &[
            column("final0", |end| end.first_bucket_price),
            column("finalK", |end| end.last_bucket_price),
            column("mdd0", |end| end.first_bucket_drawdown),
            column("sold", |end| end.sold),
            column("redeemed", |end| end.redeemed),
            column("calls", |end| end.calls),
            column("dead", |end| end.dead),
        ],
    )?;
    let mean = ends.iter().map(|end| end.first_bucket_price).sum::<f64>() / ends.len() as f64;
    run.print(load, compute, peak, mean);
    Ok(())
}

fn column(run: &Run, name: &str) -> Result<Vec<f64>, Failure> {
    run.column(&format!("fs_{name}.f64"), f64::from_le_bytes)
}

fn buckets(run: &Run) -> Result<Vec<Bucket>, Failure> {
    let (bucket, beta_m) = (column(run, "assets.bucket")?, column(run, "assets.beta_m")?);
    let (beta_z, sigma) = (column(run, "assets.beta_z")?, column(run, "assets.sigma")?);
    let (adv, vol) = (column(run, "buckets.adv")?, column(run, "buckets.vol")?);
    let mut buckets: Vec<Bucket> = adv
        .iter()
        .zip(&vol)
        .map(|(&daily_amount, &volatility)| Bucket {
            assets: Vec::new(),
            depth: Depth { volatility, daily_amount },
        })
        .collect();
    for (a, bucket) in bucket.iter().enumerate() {
        let asset = Asset { market_beta: beta_m[a], size_beta: beta_z[a], volatility: sigma[a] };
        buckets[*bucket as usize].assets.push(asset);
    }
    Ok(buckets)
}

fn books(run: &Run) -> Result<Vec<Book>, Failure> {
    let column = |name: &str| column(run, &format!("books.{name}"));
    let (equity, target, lmax) = (column("equity")?, column("target")?, column("lmax")?);
    let (hedge, slope) = (column("hedge")?, column("slope")?);
    let holdings = self::column(run, "holdings.h")?;
    let books = holdings.chunks_exact(holdings.len() / equity.len()).enumerate();
    Ok(books
        .map(|(b, holdings)| Book {
            equity: equity[b],
            target_leverage: target[b],
            maximum_leverage: lmax[b],
            hedge_ratio: hedge[b],
            redemption_slope: slope[b],
            holdings: holdings.to_vec(),
        })
        .collect())
}
