//! The option chain of the peers' benchmark W3: Black-76 prices with five greeks, or (`--task=iv`) implied volatilities.
//!
//! `flatten_chain.py` writes its inputs; after the timed part it also answers the peers' hard points. See `bench_w1` for how
//! to run it.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock, files and arguments")]
#![expect(clippy::print_stdout, reason = "its result is a line on standard output")]
#![expect(dead_code, reason = "no panel is read here")]

mod flat_panel;

use flat_panel::{Failure, Run, cells, measured, peak_rss_mb};
use shoals_market::option::{
    Black76Columns, OptionKind, QuoteColumns, black76_columns, implied_volatility_columns,
};

fn main() -> Result<(), Failure> {
    let is_iv = std::env::args().any(|word| word == "--task=iv");
    let run = Run::from_arguments(if is_iv { "W3iv" } else { "W3price" })?;
    let (chain, load) = measured(|| Chain::read(&run, "chain"))?;
    let (result, compute) = measured(|| chain.answer(is_iv))?;
    let peak = peak_rss_mb()?;
    let checksum = result[0].1.iter().sum();
    let hard = Chain::read(&run, "hard")?.answer(is_iv)?;
    for (file, columns) in [(if is_iv { "iv" } else { "greeks" }, result), ("hard", hard)] {
        let columns: Vec<(String, Vec<String>)> =
            columns.into_iter().map(|(name, values)| (name.to_owned(), cells(values))).collect();
        run.save(file, &columns)?;
    }
    run.print(load, compute, peak, checksum);
    Ok(())
}

struct Chain {
    kind: Vec<OptionKind>,
    forward: Vec<f64>,
    strike: Vec<f64>,
    years: Vec<f64>,
    rate: Vec<f64>,
    volatility: Vec<f64>,
    price: Vec<f64>,
}

impl Chain {
    fn read(run: &Run, which: &str) -> Result<Self, Failure> {
        let column = |name: &str| run.column(&format!("{which}_{name}.f64"), f64::from_le_bytes);
        let flag = column("flag")?;
        let kind = flag.iter().map(|&w| if w > 0.0 { OptionKind::Call } else { OptionKind::Put });
        Ok(Self {
            kind: kind.collect(),
            forward: column("F")?,
            strike: column("K")?,
            years: column("T")?,
            rate: column("r")?,
            volatility: column("sigma")?,
            price: column("price")?,
        })
    }

    fn answer(&self, is_iv: bool) -> Result<Vec<(&'static str, Vec<f64>)>, Failure> {
        let Self { kind, forward, strike, years, rate, volatility, price } = self;
        if is_iv {
            let quotes = QuoteColumns { kind, price, forward, strike, years, rate };
            return Ok(vec![("iv", implied_volatility_columns(&quotes)?)]);
        }
        let options = Black76Columns { kind, forward, strike, volatility, years, rate };
        let v = black76_columns(&options)?;
        Ok(vec![
            ("price", v.price),
            ("delta", v.delta),
            ("gamma", v.gamma),
            ("vega", v.vega),
            ("theta", v.theta),
            ("rho", v.rho),
        ])
    }
}
