//! The tear sheets of the peers' benchmark W5: what empyrical's peer computes for each fund, under its conventions; with
//! `--task=record` the whole record of each fund as well, with `--peer=quantstats` or `--peer=ffn` under their conventions.
//!
//! `flatten_nav.py` writes its input. Run it as the `bench_w1` of the market crate is run.

#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock, files and arguments")]
#![expect(clippy::print_stdout, reason = "its result is a line on standard output")]
#![expect(dead_code, reason = "no panel is read here")]

#[path = "../../market/examples/flat_panel/mod.rs"]
mod flat_panel;

use flat_panel::{Failure, Run, cells, measured, peak_rss_mb};
use rayon::prelude::*;
use shoals_core::{Series, TradingDay};
use shoals_fund::record::{Peer, PeerFigures, RecordConfig, peer_figures, record};
use shoals_fund::{Fund, Periods};
use shoals_stats::benchmark::{Side, capture};
use shoals_stats::rolling::{Window, rolling_max_drawdown, rolling_sharpe};
use shoals_stats::{performance, tail};

/// Rows a year of the peers.
const PEER_DAYS: f64 = 252.0;

/// Rows of a rolling window.
const WINDOW: usize = 126;

fn main() -> Result<(), Failure> {
    let is_whole = std::env::args().any(|word| word == "--task=record");
    let asked =
        |peer: &Peer| std::env::args().any(|word| word == format!("--peer={}", peer.name()));
    let peer = Peer::ALL.into_iter().find(asked).unwrap_or(Peer::Empyrical);
    let run = Run::from_arguments("W5")?;
    rayon::join(|| (), || ()); // The threads are there before the clock starts, as a warmed-up peer's are.
    let ((index, funds), load) = measured(|| read(&run))?;
    let (sheets, compute) = measured(|| {
        let returns = Periods::of(&index).returns;
        let sheets = funds.par_iter().map(|fund| {
            let sheet = sheet(fund, &returns, peer)?;
            if is_whole {
                record(fund, &fund.periods(), Some(&index), None, &RecordConfig::default())
                    .map_err(|error| error.to_string())?;
            }
            Ok(sheet)
        });
        let sheets: Result<Vec<Sheet>, String> = sheets.collect();
        Ok(sheets?)
    })?;
    let peak = peak_rss_mb()?;
    run.save("stats", &columns(&funds, &sheets))?;
    run.print(load, compute, peak, sheets.iter().map(|sheet| sheet.rest).sum());
    Ok(())
}

/// One fund's figures: those saved, and the sum of the others, which are computed because the peer computes them.
struct Sheet {
    figures: PeerFigures,
    rest: f64,
}

/// The benchmark and the funds.
fn read(run: &Run) -> Result<(Series, Vec<Fund>), Failure> {
    let days = run.column("nav_date.i32", i32::from_le_bytes)?;
    let days: Vec<TradingDay> = days.into_iter().map(TradingDay::from_epoch_days).collect();
    let levels = run.column("nav_level.f64", f64::from_le_bytes)?;
    let mut series = levels.chunks_exact(days.len()).enumerate().map(|(k, column)| {
        let name = if k == 0 { "bench".to_owned() } else { format!("f{:03}", k - 1) };
        Series::new(name, days.clone(), column.to_vec())
    });
    let index = series.next().ok_or("no benchmark")??;
    let funds = series.map(|nav| Ok(Fund::of(nav?)?)).collect::<Result<Vec<_>, Failure>>()?;
    Ok((index, funds))
}

fn sheet(fund: &Fund, index: &[f64], peer: Peer) -> Result<Sheet, String> {
    let periods = fund.periods();
    let returns = &periods.returns;
    let figures =
        peer_figures(&fund.code, &periods, index, peer).map_err(|error| error.to_string())?;
    let others = || -> Result<f64, shoals_stats::StatError> {
        let window = Window::full(WINDOW)?;
        let sum = |values: Vec<f64>| values.into_iter().filter(|x| !x.is_nan()).sum::<f64>();
        Ok(performance::omega_ratio(returns, 0.0)?
            + tail::tail_ratio(returns, 0.05)?
            + performance::stability(returns)?
            + capture(returns, index, Side::Up, PEER_DAYS)?
            + capture(returns, index, Side::Down, PEER_DAYS)?
            + by_calendar(&periods, |day| (day.year(), day.month()))
            + by_calendar(&periods, |day| (day.year(), 0))
            + sum(rolling_sharpe(returns, window, PEER_DAYS)?)
            + sum(rolling_max_drawdown(returns, window)?))
    };
    Ok(Sheet { figures, rest: others().map_err(|error| error.to_string())? })
}

/// The sum of the compounded returns of each stretch of the calendar.
fn by_calendar(periods: &Periods, key: impl Fn(TradingDay) -> (i32, u32)) -> f64 {
    let (mut sum, mut wealth, mut here) = (0.0, 1.0, None);
    for (&day, r) in periods.to.iter().zip(&periods.returns) {
        if here.replace(key(day)).is_some_and(|before| before != key(day)) {
            sum += wealth - 1.0;
            wealth = 1.0;
        }
        wealth *= 1.0 + r;
    }
    sum + wealth - 1.0
}

/// A figure of a sheet.
type Of = fn(&PeerFigures) -> f64;

fn columns(funds: &[Fund], sheets: &[Sheet]) -> Vec<(String, Vec<String>)> {
    let figures: [(&str, Of); 13] = [
        ("total_return", |f| f.total_return),
        ("cagr", |f| f.annual_return),
        ("vol", |f| f.volatility),
        ("sharpe", |f| f.sharpe),
        ("sortino", |f| f.sortino),
        ("max_drawdown", |f| f.max_drawdown),
        ("calmar", |f| f.calmar),
        ("skew", |f| f.skewness),
        ("kurt", |f| f.excess_kurtosis),
        ("var95", |f| f.value_at_risk),
        ("cvar95", |f| f.expected_shortfall),
        ("alpha", |f| f.alpha),
        ("beta", |f| f.beta),
    ];
    let codes = funds.iter().map(|fund| fund.code.clone()).collect();
    let mut columns = vec![("fund".to_owned(), codes)];
    columns.extend(
        figures.map(|(name, of)| {
            (name.to_owned(), cells(sheets.iter().map(|sheet| of(&sheet.figures))))
        }),
    );
    columns
}
