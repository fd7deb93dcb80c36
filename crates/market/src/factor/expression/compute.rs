//! An expression worked out on a panel: whole columns at a time, rows and stocks in parallel.

use std::collections::BTreeMap;

use rayon::prelude::*;
use shoals_core::Panel;
use shoals_stats::rank::{average_ranks, pearson};
use shoals_stats::rolling::{
    Window, rolling_max, rolling_mean, rolling_median, rolling_min, rolling_rank, rolling_std,
};
use shoals_stats::{StatError, moments};

use super::Node;
use super::operator::{Across, Arithmetic, Each, OverTime, Within};
use crate::MarketError;
use crate::factor::window::LookBack;

/// A number is the same for every stock and day.
enum Value {
    Number(f64),
    Cells(Vec<f64>),
}

/// The node's value in every cell.
pub(super) fn values(
    root: &Node,
    panel: &Panel,
    industries: &[u16],
) -> Result<Vec<f64>, MarketError> {
    Ok(cells(value(root, panel, industries)?, panel))
}

fn cells(value: Value, panel: &Panel) -> Vec<f64> {
    match value {
        Value::Number(number) => vec![number; panel.n_days() * panel.n_symbols()],
        Value::Cells(cells) => cells,
    }
}

fn value(node: &Node, panel: &Panel, industries: &[u16]) -> Result<Value, MarketError> {
    let value = |node: &Node| value(node, panel, industries);
    let values = |node: &Node| values(node, panel, industries);
    Ok(match node {
        Node::Number(number) => Value::Number(*number),
        Node::Column(name) => {
            Value::Cells(panel.column(name)?.par_iter().map(|&x| finite(x)).collect())
        }
        Node::Each(each, inner) => match value(inner)? {
            Value::Number(x) => Value::Number(finite(each.of(x))),
            Value::Cells(mut cells) => {
                cells.par_iter_mut().for_each(|x| *x = finite(each.of(*x)));
                Value::Cells(cells)
            }
        },
        Node::Arithmetic(operator, sides) => {
            combined(*operator, value(&sides[0])?, value(&sides[1])?)
        }
        Node::Across(across, inner) => {
            let mut cells = values(inner)?;
            let width = panel.n_symbols().max(1);
            cells.par_chunks_mut(width).for_each(|row| across.apply(row));
            Value::Cells(cells)
        }
        Node::Within(within, inner) => {
            let mut cells = values(inner)?;
            let width = panel.n_symbols().max(1);
            let groups = by_industry(industries, width);
            cells.par_chunks_mut(width).for_each(|row| within.apply(row, &groups));
            Value::Cells(cells)
        }
        Node::Choice(parts) => {
            let (mut cells, yes, no) = (values(&parts[0])?, value(&parts[1])?, value(&parts[2])?);
            cells.par_iter_mut().enumerate().for_each(|(i, cell)| {
                *cell = match *cell {
                    condition if condition.is_nan() => f64::NAN,
                    0.0 => no.at(i),
                    _ => yes.at(i),
                };
            });
            Value::Cells(cells)
        }
        Node::OverTime(over, inner, days) => {
            let of_stock = |series: &[f64]| over.of(series, *days);
            Value::Cells(by_stock([&values(inner)?], panel, |[series]| of_stock(series))?)
        }
        Node::Correlation(sides, days) => {
            let (left, right) = (values(&sides[0])?, values(&sides[1])?);
            let of_stock = |[x, y]: [&[f64]; 2]| Ok(correlations(x, y, *days));
            Value::Cells(by_stock([&left, &right], panel, of_stock)?)
        }
    })
}

fn combined(operator: Arithmetic, left: Value, right: Value) -> Value {
    let of = |a: f64, b: f64| finite(operator.of(a, b));
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => Value::Number(of(a, b)),
        (Value::Cells(mut cells), Value::Number(b)) => {
            cells.par_iter_mut().for_each(|a| *a = of(*a, b));
            Value::Cells(cells)
        }
        (Value::Number(a), Value::Cells(mut cells)) => {
            cells.par_iter_mut().for_each(|b| *b = of(a, *b));
            Value::Cells(cells)
        }
        (Value::Cells(mut cells), Value::Cells(others)) => {
            cells.par_iter_mut().zip(others).for_each(|(a, b)| *a = of(*a, b));
            Value::Cells(cells)
        }
    }
}

impl Value {
    fn at(&self, cell: usize) -> f64 {
        match self {
            Self::Number(number) => *number,
            Self::Cells(cells) => cells[cell],
        }
    }
}

/// Columns of the stocks of each industry.
fn by_industry(industries: &[u16], width: usize) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<u16, Vec<usize>> = BTreeMap::new();
    let known = industries.iter().take(width).enumerate().filter(|(_, industry)| **industry > 0);
    for (column, industry) in known {
        groups.entry(*industry).or_default().push(column);
    }
    groups.into_values().collect()
}

/// What is not finite is no observation.
fn finite(x: f64) -> f64 {
    if x.is_finite() { x } else { f64::NAN }
}

impl Each {
    fn of(self, x: f64) -> f64 {
        match self {
            Self::Negative => -x,
            Self::Log => x.ln(),
            Self::Abs => x.abs(),
            Self::Sign if x == 0.0 => 0.0,
            Self::Sign => x.signum(),
            Self::Sqrt => x.sqrt(),
            Self::Not if x.is_nan() => f64::NAN,
            Self::Not => truth(x == 0.0),
        }
    }
}

impl Arithmetic {
    fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Add => a + b,
            Self::Subtract => a - b,
            Self::Multiply => a * b,
            Self::Divide => a / b,
            // One over x and not x to the power of -1: exact, as a usual factor has it.
            Self::Power if b == -1.0 => a.recip(),
            Self::Power if a.is_nan() => f64::NAN,
            Self::Power => a.powf(b),
            // `f64::min` would take the one observed.
            _ if a.is_nan() || b.is_nan() => f64::NAN,
            Self::Min => a.min(b),
            Self::Max => a.max(b),
            Self::Less => truth(a < b),
            Self::AtMost => truth(a <= b),
            Self::Greater => truth(a > b),
            Self::AtLeast => truth(a >= b),
            Self::Equal => truth(a == b),
            Self::Unequal => truth(a != b),
            Self::And => truth(a != 0.0 && b != 0.0),
            Self::Or => truth(a != 0.0 || b != 0.0),
        }
    }
}

/// 1 for what holds, 0 for what does not.
fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

impl Within {
    /// Each group on its own; a stock without one is missing.
    fn apply(self, row: &mut [f64], groups: &[Vec<usize>]) {
        let before = row.to_vec();
        row.fill(f64::NAN);
        for group in groups {
            let mut values: Vec<f64> = group.iter().map(|&column| before[column]).collect();
            match self {
                Self::Rank => Across::Rank.apply(&mut values),
                Self::Neutral => Across::Demean.apply(&mut values),
                Self::Mean => {
                    let mean = moments::mean(&values).unwrap_or(f64::NAN);
                    for x in values.iter_mut().filter(|x| !x.is_nan()) {
                        *x = mean;
                    }
                }
            }
            group.iter().zip(values).for_each(|(&column, value)| row[column] = value);
        }
    }
}

impl Across {
    fn apply(self, row: &mut [f64]) {
        let mean = |row: &[f64]| moments::mean(row).unwrap_or(f64::NAN);
        let (centre, unit) = match self {
            Self::Rank => {
                row.copy_from_slice(&average_ranks(row));
                (0.0, row.iter().filter(|x| !x.is_nan()).count() as f64)
            }
            Self::Demean => (mean(row), 1.0),
            Self::ZScore => {
                let (mean, std) = (mean(row), moments::std(row, 1).unwrap_or(f64::NAN));
                // Equal values leave rounding behind, not a deviation.
                (mean, if std > mean.abs() * 1e-12 { std } else { f64::NAN })
            }
        };
        for x in row {
            *x = (*x - centre) / unit;
        }
    }
}

impl OverTime {
    fn of(self, series: &[f64], days: LookBack) -> Result<Vec<f64>, StatError> {
        let length = days.days();
        let least = days.min_observations().max(self.min_days());
        let window = Window::new(length, least)?;
        match self {
            Self::Delay => Ok(delayed(series, length)),
            Self::Delta => {
                let before = delayed(series, length);
                Ok(series.iter().zip(before).map(|(now, before)| now - before).collect())
            }
            Self::Mean => rolling_mean(series, window),
            Self::Std => rolling_std(series, window, 1),
            Self::Median => rolling_median(series, window),
            Self::Min => rolling_min(series, window),
            Self::Max => rolling_max(series, window),
            Self::Rank => rolling_rank(series, window),
        }
    }
}

fn delayed(series: &[f64], days: usize) -> Vec<f64> {
    let none = std::iter::repeat_n(f64::NAN, days);
    none.chain(series.iter().copied()).take(series.len()).collect()
}

/// Pearson's correlation in the window that ends at each day, from the days with both.
fn correlations(x: &[f64], y: &[f64], days: LookBack) -> Vec<f64> {
    let at = |t: usize| {
        let window = (t + 1).saturating_sub(days.days())..=t;
        let (x, y) = (&x[window.clone()], &y[window]);
        let n = x.iter().zip(y).filter(|(x, y)| !x.is_nan() && !y.is_nan()).count();
        let is_enough = n >= days.min_observations();
        if is_enough { pearson(x, y).unwrap_or(f64::NAN) } else { f64::NAN }
    };
    (0..x.len()).map(at).collect()
}

/// Stocks turned to series side by side, so that a line of the cache is read once.
const STOCKS_PER_TILE: usize = 16;

/// `of` each stock's series, day-major like the columns.
fn by_stock<const K: usize>(
    columns: [&[f64]; K],
    panel: &Panel,
    of: impl Fn([&[f64]; K]) -> Result<Vec<f64>, StatError> + Sync,
) -> Result<Vec<f64>, MarketError> {
    let (n_days, width) = (panel.n_days(), panel.n_symbols());
    let tile = |first: usize| -> Result<Vec<Vec<f64>>, StatError> {
        let last = (first + STOCKS_PER_TILE).min(width);
        let turned = columns.map(|column| turned(column, width, first..last, n_days));
        let stock = |i: usize| {
            let span = i * n_days..(i + 1) * n_days;
            of(std::array::from_fn(|k| &turned[k][span.clone()]))
        };
        (0..last - first).map(stock).collect()
    };
    let firsts: Vec<usize> = (0..width).step_by(STOCKS_PER_TILE).collect();
    let tiles: Vec<Vec<Vec<f64>>> =
        firsts.par_iter().map(|&first| tile(first)).collect::<Result<_, _>>().map_err(|cause| {
            MarketError::Statistic { what: "a window of the expression", cause }
        })?;
    let of_stock: Vec<&Vec<f64>> = tiles.iter().flatten().collect();
    let mut cells = vec![f64::NAN; n_days * width];
    cells.par_chunks_mut(width.max(1)).enumerate().for_each(|(t, row)| {
        row.iter_mut().zip(&of_stock).for_each(|(cell, series)| *cell = series[t]);
    });
    Ok(cells)
}

/// Some stocks of a day-major column, one after the other.
fn turned(column: &[f64], width: usize, stocks: std::ops::Range<usize>, n_days: usize) -> Vec<f64> {
    let first = stocks.start;
    let mut series = vec![f64::NAN; stocks.len() * n_days];
    for t in 0..n_days {
        for i in stocks.clone() {
            series[(i - first) * n_days + t] = column[t * width + i];
        }
    }
    series
}
