//! A million options at once: columns in, columns out, on every core and on vector registers.
//!
//! Each option gives the same bits as [`black76`](super::black76) and
//! [`implied_volatility`](super::implied_volatility) give it alone, whatever the machine and its threads.
#![expect(
    clippy::inline_always,
    reason = "a call would keep the loop around it from vector registers"
)]

use rayon::prelude::*;
use serde::Serialize;

use super::black::degenerate;
use super::implied::careful;
use super::lane::{self, ROUGH_STEPS, Search};
use super::{Black76, OptionKind, Valuation};
use crate::MarketError;

/// Options a loop holds in registers and first-level cache.
const BLOCK: usize = 64;
/// Blocks a thread takes at a time.
const BLOCKS_PER_TASK: usize = 32;

/// Options on forwards, a column a term; units as in [`Black76`].
#[derive(Debug, Clone, Copy)]
pub struct Black76Columns<'a> {
    /// Call or put.
    pub kind: &'a [OptionKind],
    /// Forward prices.
    pub forward: &'a [f64],
    /// Strikes.
    pub strike: &'a [f64],
    /// Annualised volatilities, decimals.
    pub volatility: &'a [f64],
    /// Years to expiry, ACT/365.
    pub years: &'a [f64],
    /// Continuously compounded annual rates, decimals.
    pub rate: &'a [f64],
}

/// Quoted options on forwards, a column a term.
#[derive(Debug, Clone, Copy)]
pub struct QuoteColumns<'a> {
    /// Call or put.
    pub kind: &'a [OptionKind],
    /// Present values, in the unit of the forwards.
    pub price: &'a [f64],
    /// Forward prices.
    pub forward: &'a [f64],
    /// Strikes.
    pub strike: &'a [f64],
    /// Years to expiry, ACT/365.
    pub years: &'a [f64],
    /// Continuously compounded annual rates, decimals.
    pub rate: &'a [f64],
}

/// Prices and greeks in the order of the options; units as in [`Valuation`].
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ValuationColumns {
    /// Present values.
    pub price: Vec<f64>,
    /// `∂price/∂forward`.
    pub delta: Vec<f64>,
    /// `∂²price/∂forward²`.
    pub gamma: Vec<f64>,
    /// `∂price/∂volatility`, per 1.00.
    pub vega: Vec<f64>,
    /// Change per year of passing time.
    pub theta: Vec<f64>,
    /// `∂price/∂rate`, the forward unchanged.
    pub rho: Vec<f64>,
}

/// Price and greeks of many European options on forwards.
///
/// Missing: as [`black76`](super::black76), option by option.
///
/// # Errors
/// Columns of different lengths.
///
/// # Example
/// ```
/// use shoals_market::option::{Black76Columns, OptionKind, black76_columns};
///
/// let found = black76_columns(&Black76Columns {
///     kind: &[OptionKind::Call, OptionKind::Put],
///     forward: &[5000.0, 5000.0],
///     strike: &[5200.0, 5200.0],
///     volatility: &[0.22, 0.22],
///     years: &[35.0 / 365.0, 35.0 / 365.0],
///     rate: &[0.02, 0.02],
/// })?;
/// assert!((found.price[1] - 260.4219495586397).abs() < 1e-9); // QuantLib 1.44
/// # Ok::<(), shoals_market::MarketError>(())
/// ```
pub fn black76_columns(options: &Black76Columns) -> Result<ValuationColumns, MarketError> {
    let Black76Columns { kind, forward, strike, volatility, years, rate } = *options;
    let n = kind.len();
    require_length("forward", forward, n)?;
    require_length("strike", strike, n)?;
    require_length("volatility", volatility, n)?;
    require_length("years", years, n)?;
    require_length("rate", rate, n)?;

    let column = || vec![0.0; n];
    let mut out = ValuationColumns {
        price: column(),
        delta: column(),
        gamma: column(),
        vega: column(),
        theta: column(),
        rho: column(),
    };
    let task = BLOCK * BLOCKS_PER_TASK;
    let inputs = (
        kind.par_chunks(task),
        forward.par_chunks(task),
        strike.par_chunks(task),
        volatility.par_chunks(task),
        years.par_chunks(task),
        rate.par_chunks(task),
    );
    let outputs = (
        out.price.par_chunks_mut(task),
        out.delta.par_chunks_mut(task),
        out.gamma.par_chunks_mut(task),
        out.vega.par_chunks_mut(task),
        out.theta.par_chunks_mut(task),
        out.rho.par_chunks_mut(task),
    );
    let arch = pulp::Arch::new();
    inputs.into_par_iter().zip(outputs.into_par_iter()).for_each(
        |((kind, forward, strike, volatility, years, rate), out)| {
            let given = Black76Columns { kind, forward, strike, volatility, years, rate };
            let (price, delta, gamma, vega, theta, rho) = out;
            let mut out = [price, delta, gamma, vega, theta, rho];
            for from in (0..kind.len()).step_by(BLOCK) {
                arch.dispatch(ValueBlock { given: &given, from, out: &mut out });
            }
        },
    );
    Ok(out)
}

/// The volatility each quote implies.
///
/// Missing: NaN where [`implied_volatility`](super::implied_volatility) finds no volatility; ask it why.
///
/// # Errors
/// Columns of different lengths.
pub fn implied_volatility_columns(quotes: &QuoteColumns) -> Result<Vec<f64>, MarketError> {
    let QuoteColumns { kind, price, forward, strike, years, rate } = *quotes;
    let n = kind.len();
    require_length("price", price, n)?;
    require_length("forward", forward, n)?;
    require_length("strike", strike, n)?;
    require_length("years", years, n)?;
    require_length("rate", rate, n)?;

    let mut out = vec![0.0; n];
    let task = BLOCK * BLOCKS_PER_TASK;
    let inputs = (
        kind.par_chunks(task),
        price.par_chunks(task),
        forward.par_chunks(task),
        strike.par_chunks(task),
        years.par_chunks(task),
        rate.par_chunks(task),
    );
    let arch = pulp::Arch::new();
    inputs.into_par_iter().zip(out.par_chunks_mut(task)).for_each(
        |((kind, price, forward, strike, years, rate), out)| {
            let given = QuoteColumns { kind, price, forward, strike, years, rate };
            for from in (0..kind.len()).step_by(BLOCK) {
                arch.dispatch(ImpliedBlock { given: &given, from, out });
            }
        },
    );
    Ok(out)
}

/// One block's numbers, filled up with a harmless option.
#[inline(always)]
fn block(column: &[f64], from: usize, filler: f64) -> [f64; BLOCK] {
    let mut block = [filler; BLOCK];
    let given = &column[from..column.len().min(from + BLOCK)];
    block[..given.len()].copy_from_slice(given);
    block
}

#[inline(always)]
fn signs(kind: &[OptionKind], from: usize) -> [f64; BLOCK] {
    let mut signs = [1.0; BLOCK];
    for (sign, kind) in signs.iter_mut().zip(&kind[from..]) {
        *sign = kind.sign();
    }
    signs
}

/// The work of a block as an object: a closure would stay a call, out of reach of the vector registers.
struct ValueBlock<'a, 'b> {
    given: &'a Black76Columns<'a>,
    from: usize,
    out: &'a mut [&'b mut [f64]; 6],
}

impl pulp::WithSimd for ValueBlock<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        value_block(self.given, self.from, self.out);
    }
}

/// Likewise.
struct ImpliedBlock<'a> {
    given: &'a QuoteColumns<'a>,
    from: usize,
    out: &'a mut [f64],
}

impl pulp::WithSimd for ImpliedBlock<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        implied_block(self.given, self.from, self.out);
    }
}

#[inline(always)]
fn value_block(given: &Black76Columns, from: usize, out: &mut [&mut [f64]; 6]) {
    let sign = signs(given.kind, from);
    let forward = block(given.forward, from, 1.0);
    let strike = block(given.strike, from, 1.0);
    let volatility = block(given.volatility, from, 1.0);
    let years = block(given.years, from, 1.0);
    let rate = block(given.rate, from, 0.0);
    let mut found = [[0.0; BLOCK]; 6];
    for i in 0..BLOCK {
        let terms = Black76 {
            forward: forward[i],
            strike: strike[i],
            volatility: volatility[i],
            years: years[i],
            rate: rate[i],
        };
        let Valuation { price, delta, gamma, vega, theta, rho } = lane::value(sign[i], &terms);
        found[0][i] = price;
        found[1][i] = delta;
        found[2][i] = gamma;
        found[3][i] = vega;
        found[4][i] = theta;
        found[5][i] = rho;
    }
    let n = BLOCK.min(given.kind.len() - from);
    for i in 0..n {
        if !found[0][i].is_nan() {
            continue;
        }
        let terms = Black76 {
            forward: forward[i],
            strike: strike[i],
            volatility: volatility[i],
            years: years[i],
            rate: rate[i],
        };
        let Valuation { price, delta, gamma, vega, theta, rho } =
            degenerate(given.kind[from + i], &terms);
        for (column, value) in found.iter_mut().zip([price, delta, gamma, vega, theta, rho]) {
            column[i] = value;
        }
    }
    for (out, found) in out.iter_mut().zip(&found) {
        out[from..from + n].copy_from_slice(&found[..n]);
    }
}

#[inline(always)]
fn implied_block(given: &QuoteColumns, from: usize, out: &mut [f64]) {
    let sign = signs(given.kind, from);
    let price = block(given.price, from, 0.3);
    let forward = block(given.forward, from, 1.0);
    let strike = block(given.strike, from, 1.0);
    let years = block(given.years, from, 1.0);
    let rate = block(given.rate, from, 0.0);
    // A loop for each stage, small enough for the registers.
    let (mut x, mut maximum) = ([0.0; BLOCK], [0.0; BLOCK]);
    let (mut beta, mut ln_beta, mut deviation) = ([0.0; BLOCK], [0.0; BLOCK], [0.0; BLOCK]);
    for i in 0..BLOCK {
        let search = Search::of(sign[i], price[i], forward[i], strike[i], years[i] * rate[i]);
        x[i] = search.x;
        maximum[i] = search.maximum;
        beta[i] = search.beta;
        ln_beta[i] = search.ln_beta;
        deviation[i] = search.deviation;
    }
    let search = |i: usize, deviation: f64| Search {
        x: x[i],
        maximum: maximum[i],
        beta: beta[i],
        ln_beta: ln_beta[i],
        deviation,
    };
    for _ in 0..ROUGH_STEPS {
        for (i, s) in deviation.iter_mut().enumerate() {
            *s = search(i, *s).improved();
        }
    }
    let mut found = [0.0; BLOCK];
    for i in 0..BLOCK {
        found[i] = search(i, deviation[i]).volatility(years[i]);
    }
    let n = BLOCK.min(given.kind.len() - from);
    for i in 0..n {
        if !found[i].is_nan() {
            continue;
        }
        let kind = given.kind[from + i];
        found[i] = careful(kind, price[i], forward[i], strike[i], years[i], rate[i])
            .volatility()
            .unwrap_or(f64::NAN);
    }
    out[from..from + n].copy_from_slice(&found[..n]);
}

fn require_length(
    column: &'static str,
    values: &[f64],
    expected: usize,
) -> Result<(), MarketError> {
    let found = values.len();
    if found == expected {
        Ok(())
    } else {
        Err(MarketError::UnevenOptions { column, found, expected })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::option::{black76, implied_volatility};
    use proptest::prelude::*;

    fn any_number() -> impl Strategy<Value = f64> {
        prop_oneof![
            9 => 0.01..9.0_f64,
            1 => prop_oneof![Just(0.0), Just(f64::NAN), Just(f64::INFINITY), Just(-1.0), Just(1e-200)]
        ]
    }

    type Row = (bool, f64, f64, f64, f64, f64);

    proptest! {
        /// Witness: the same options one by one; also the odd ones, and any number of them.
        #[test]
        fn columns_hold_the_bits_of_single_options(
            rows in prop::collection::vec(
                (any::<bool>(), any_number(), any_number(), any_number(), any_number(), -0.1..0.2), 0..200,
            ),
        ) {
            let kind: Vec<OptionKind> = rows.iter()
                .map(|row| if row.0 { OptionKind::Call } else { OptionKind::Put })
                .collect();
            let column = |f: fn(&Row) -> f64| rows.iter().map(f).collect::<Vec<_>>();
            let (forward, strike) = (column(|r| r.1), column(|r| r.2));
            let (volatility, years, rate) = (column(|r| 0.2 * r.3), column(|r| r.4), column(|r| r.5));
            let found = black76_columns(&Black76Columns {
                kind: &kind, forward: &forward, strike: &strike, volatility: &volatility, years: &years, rate: &rate,
            }).unwrap();
            let back = implied_volatility_columns(&QuoteColumns {
                kind: &kind, price: &found.price, forward: &forward, strike: &strike, years: &years, rate: &rate,
            }).unwrap();
            for i in 0..rows.len() {
                let terms = Black76 {
                    forward: forward[i], strike: strike[i], volatility: volatility[i], years: years[i], rate: rate[i],
                };
                let single = black76(kind[i], &terms);
                let bits = |v: [f64; 6]| v.map(|x| if x.is_nan() { 1 } else { x.to_bits() });
                prop_assert_eq!(
                    bits([found.price[i], found.delta[i], found.gamma[i], found.vega[i], found.theta[i], found.rho[i]]),
                    bits([single.price, single.delta, single.gamma, single.vega, single.theta, single.rho])
                );
                let alone = implied_volatility(
                    kind[i], found.price[i], forward[i], strike[i], years[i], rate[i],
                ).volatility().unwrap_or(f64::NAN);
                prop_assert!(back[i].to_bits() == alone.to_bits() || back[i].is_nan() && alone.is_nan());
            }
        }
    }

    #[test]
    fn columns_of_different_lengths_are_refused() {
        let (kind, one) = ([OptionKind::Call; 2], [1.0; 2]);
        let options = Black76Columns {
            kind: &kind,
            forward: &one,
            strike: &one[..1],
            volatility: &one,
            years: &one,
            rate: &one,
        };
        let error = black76_columns(&options).unwrap_err().to_string();
        assert_eq!(error, "`strike` has 1 values, expected 2, one for each option");
    }
}
