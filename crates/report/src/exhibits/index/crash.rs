//! The worst month and the one after it: who could not sell.

use shoals_core::TradingDay;

use super::{EXHIBIT, Record};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Stacking};
use crate::exhibits::source::{Source, highest, lowest, period};
use crate::i18n::{Arg, Text, message, words};
use crate::number::Format;

pub(super) struct Crash {
    /// The worst calendar month of the paper index and its return.
    pub(super) month: String,
    loss: f64,
    /// Days of that month and the next, with the names that could not be traded.
    days: Vec<TradingDay>,
    sells: Vec<f64>,
    buys: Vec<f64>,
    names: Vec<f64>,
    /// Names that could not be sold on the median day of the whole record.
    usual: f64,
}

impl Crash {
    pub(super) fn read(source: &Source, record: &Record) -> Result<Option<Self>, ReportError> {
        let Some((month, loss)) = worst_month(record) else { return Ok(None) };
        let frame = source.frame(EXHIBIT, "implementable")?;
        let dates = frame.days("date")?;
        let (sells, buys) = (frame.numbers("n_blocked_sells")?, frame.numbers("n_blocked_buys")?);
        let names = frame.numbers("n_names")?;
        let start = dates.partition_point(|day| day.month_key() < month);
        let next = dates.iter().map(|day| day.month_key()).find(|key| *key > month);
        let end = match next {
            Some(next) => dates.partition_point(|day| day.month_key() <= next),
            None => dates.len(),
        };
        Ok(Some(Self {
            days: dates[start..end].to_vec(),
            sells: sells[start..end].to_vec(),
            buys: buys[start..end].to_vec(),
            names: names[start..end].to_vec(),
            usual: median(&sells),
            month,
            loss,
        }))
    }

    fn args(&self) -> Option<Vec<(&'static str, Arg)>> {
        let peak = self.peak()?;
        let n_more = self.sells.iter().filter(|n| **n > 2.0 * self.usual).count();
        Some(vec![
            ("month", self.month.as_str().into()),
            ("loss", self.loss.into()),
            ("from", self.days[0].into()),
            ("to", self.days[self.days.len() - 1].into()),
            ("n", self.days.len().into()),
            ("usual", self.usual.into()),
            ("blocked", n_more.into()),
            ("names", self.names[peak].into()),
            ("peak", self.sells[peak].into()),
            ("day", self.days[peak].into()),
            ("period", period(&self.days).into()),
        ])
    }

    /// The day on which most were shut in: not to be sold, though others could still be bought. A day
    /// without data blocks both sides alike.
    fn peak(&self) -> Option<usize> {
        let shut_in: Vec<f64> = self.sells.iter().zip(&self.buys).map(|(s, b)| s - b).collect();
        highest(&shut_in)
    }

    pub(super) fn sentence(&self) -> Option<Text> {
        Some(message("index-crash-sentence", &self.args()?))
    }

    pub(super) fn blocked_chart(&self) -> Option<Chart> {
        let args = self.args()?;
        let bars = |key: &str, colour, values: &[f64]| Layer::Bars {
            name: words(key),
            colour,
            values: values.to_vec(),
            stacking: Stacking::Beside,
        };
        let layers = vec![
            bars("index-blocked-sells", Colour::Accent, &self.sells),
            bars("index-blocked-buys", Colour::Faint, &self.buys),
        ];
        Some(
            Chart::layers("blocked", Format::Number(0), Axis::Days(self.days.clone()), layers)
                .titled(message("index-blocked-title", &args), message("index-blocked-unit", &args))
                .captioned(words("index-blocked-caption"))
                .tall(260),
        )
    }
}

/// The middle value, the upper one of two.
fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The whole calendar month in which the paper index fell most; months cut at an end do not count.
fn worst_month(record: &Record) -> Option<(String, f64)> {
    let (days, nav) = (record.days, record.paper());
    let ends: Vec<usize> = (0..days.len().saturating_sub(1))
        .filter(|i| days[*i].month_key() != days[i + 1].month_key())
        .collect();
    let returns: Vec<f64> = ends.windows(2).map(|w| nav[w[1]] / nav[w[0]] - 1.0).collect();
    lowest(&returns).map(|i| (days[ends[i + 1]].month_key(), returns[i]))
}
