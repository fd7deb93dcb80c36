//! The same record under the conventions of programs people know.

use serde::Serialize;
use shoals_core::{Lines, Table, TradingDay};
use shoals_stats::moments::{excess_kurtosis, mean, skewness, std};
use shoals_stats::normal::{normal_density, normal_quantile};
use shoals_stats::{StatError, benchmark, drawdown, performance, tail};

use super::too_few;
use crate::period::DAYS_PER_YEAR;
use crate::{FundError, Periods};

/// Rows a year of all three.
const PEER_DAYS: f64 = 252.0;

/// Tail probability of all three.
const PEER_TAIL: f64 = 0.05;

/// A program and its conventions: 252 rows a year, no cash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Peer {
    /// empyrical-reloaded 0.7.1: a year is 252 rows, moments with divisor n, historical tails, alpha compounded.
    Empyrical,
    /// quantstats 0.0.86: moments corrected for bias, value at risk and expected shortfall of a normal law, alpha arithmetic.
    Quantstats,
    /// ffn 1.4.1: the annual return by calendar days, moments corrected for bias, no tails and no benchmark.
    Ffn,
}

impl Peer {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Empyrical, Self::Quantstats, Self::Ffn];

    /// As the program is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empyrical => "empyrical",
            Self::Quantstats => "quantstats",
            Self::Ffn => "ffn",
        }
    }
}

/// What the program would print. NaN where it prints none.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PeerFigures {
    /// Whose conventions.
    pub peer: Peer,
    /// Return over the whole record.
    pub total_return: f64,
    /// Annual return.
    pub annual_return: f64,
    /// Annualised deviation.
    pub volatility: f64,
    /// Sharpe ratio against zero.
    pub sharpe: f64,
    /// Sortino ratio against zero.
    pub sortino: f64,
    /// Deepest drawdown, at or below zero.
    pub max_drawdown: f64,
    /// Annual return over its depth.
    pub calmar: f64,
    /// Skewness.
    pub skewness: f64,
    /// Excess kurtosis.
    pub excess_kurtosis: f64,
    /// 95 % value at risk, a return.
    pub value_at_risk: f64,
    /// 95 % expected shortfall, a return.
    pub expected_shortfall: f64,
    /// Alpha against the benchmark, a year.
    pub alpha: f64,
    /// Beta.
    pub beta: f64,
}

/// A fund's whole record as `peer` would print it. `benchmark`: its returns over the same periods, empty for none.
///
/// # Errors
/// Fewer than four periods.
pub fn peer_figures(
    fund: &str,
    periods: &Periods,
    benchmark: &[f64],
    peer: Peer,
) -> Result<PeerFigures, FundError> {
    let (Some(&from), Some(&to), true) =
        (periods.from.first(), periods.to.last(), periods.len() >= 4)
    else {
        return Err(too_few(fund, "a peer's record", periods, 5));
    };
    figures(&periods.returns, benchmark, (from, to), peer)
        .map_err(|error| FundError::Statistics { fund: fund.to_owned(), error })
}

fn figures(
    returns: &[f64],
    benchmark: &[f64],
    (from, to): (TradingDay, TradingDay),
    peer: Peer,
) -> Result<PeerFigures, StatError> {
    let or_none = |measure: Result<f64, StatError>| measure.unwrap_or(f64::NAN);
    let total_return = performance::total_return(returns)?;
    let annual_return = match peer {
        Peer::Empyrical | Peer::Quantstats => performance::annualised_return(returns, PEER_DAYS)?,
        Peer::Ffn => {
            let years = f64::from(from.calendar_days_until(to)) / DAYS_PER_YEAR;
            (1.0 + total_return).powf(1.0 / years) - 1.0
        }
    };
    let max_drawdown = drawdown::max_drawdown(returns)?.map_or(0.0, |fall| fall.depth);
    let n = returns.len() as f64;
    let (mut skew, mut kurtosis) = (or_none(skewness(returns)), or_none(excess_kurtosis(returns)));
    if peer != Peer::Empyrical {
        kurtosis = (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * kurtosis + 6.0);
        skew *= (n * (n - 1.0)).sqrt() / (n - 2.0);
    }
    let (value_at_risk, expected_shortfall) = tails(returns, peer)?;
    let beta = or_none(benchmark::beta(returns, benchmark));
    let alpha = match peer {
        Peer::Empyrical => or_none(benchmark::alpha(returns, benchmark, PEER_DAYS)),
        Peer::Quantstats if !beta.is_nan() => {
            (mean(returns)? - beta * mean(benchmark)?) * PEER_DAYS
        }
        Peer::Quantstats | Peer::Ffn => f64::NAN,
    };
    Ok(PeerFigures {
        peer,
        total_return,
        annual_return,
        volatility: performance::volatility(returns, PEER_DAYS)?,
        sharpe: or_none(performance::sharpe_ratio(returns, PEER_DAYS)),
        sortino: or_none(performance::sortino_ratio(returns, 0.0, PEER_DAYS)),
        max_drawdown,
        calmar: if max_drawdown < 0.0 { annual_return / -max_drawdown } else { f64::NAN },
        skewness: skew,
        excess_kurtosis: kurtosis,
        value_at_risk,
        expected_shortfall,
        alpha,
        beta: if peer == Peer::Ffn { f64::NAN } else { beta },
    })
}

fn tails(returns: &[f64], peer: Peer) -> Result<(f64, f64), StatError> {
    match peer {
        Peer::Empyrical => {
            let threshold = tail::value_at_risk(returns, PEER_TAIL)?;
            Ok((threshold, tail::expected_shortfall(returns, PEER_TAIL)?))
        }
        Peer::Quantstats => {
            let (centre, spread, z) =
                (mean(returns)?, std(returns, 1)?, normal_quantile(PEER_TAIL));
            Ok((centre + z * spread, centre - spread * normal_density(z) / PEER_TAIL))
        }
        Peer::Ffn => Ok((f64::NAN, f64::NAN)),
    }
}

/// The table `peer`: a row a fund and program.
pub fn peer_table(rows: &[(String, PeerFigures)]) -> Table {
    Lines::new("peer", rows)
        .with("fund", "code of the fund", |(fund, _)| fund.clone())
        .with("peer", "whose conventions", |(_, r)| r.peer.name().to_owned())
        .with("return", "over the whole record", |(_, r)| r.total_return)
        .with("annual_return", "annual return", |(_, r)| r.annual_return)
        .with("volatility", "annualised deviation", |(_, r)| r.volatility)
        .with("sharpe", "Sharpe ratio against zero", |(_, r)| r.sharpe)
        .with("sortino", "Sortino ratio against zero", |(_, r)| r.sortino)
        .with("max_drawdown", "deepest drawdown, at or below zero", |(_, r)| r.max_drawdown)
        .with("calmar", "annual return over its depth", |(_, r)| r.calmar)
        .with("skewness", "skewness", |(_, r)| r.skewness)
        .with("excess_kurtosis", "excess kurtosis", |(_, r)| r.excess_kurtosis)
        .with("value_at_risk", "95 %, a return", |(_, r)| r.value_at_risk)
        .with("expected_shortfall", "95 %, a return", |(_, r)| r.expected_shortfall)
        .with("alpha", "against the benchmark, a year", |(_, r)| r.alpha)
        .with("beta", "against the benchmark", |(_, r)| r.beta)
        .done()
}
