//! Exhibit 5: the same return without a manager, leg by leg.

use shoals_core::{Segment, TradingDay};

use super::source::{Source, lowest, period};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Stroke};
use crate::columns::{format_named, heading};
use crate::exhibit::{Cell, Exhibit, Row, Shown, ShownColumn, Verdict};
use crate::i18n::{Arg, Text, message, words};
use crate::number::{self, Format};

mod sizing;

const EXHIBIT: &str = "replicate";

/// Bars of the histogram at most.
const MOST_BINS: usize = 26;

/// Exhibit 5 from the replication outcome's `nav`, `monthly` and `statistic` tables; `weight` and `fit` where a rule
/// finds the weights.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub fn replicate(source: &Source) -> Result<Exhibit, ReportError> {
    let mut exhibit = source.exhibit(5, EXHIBIT, words("replicate-question"));
    let record = Record::read(source)?;
    let nav = Nav::read(source)?;
    let Some(whole) = record.row("whole").filter(|_| nav.days.len() > 1) else {
        exhibit.title = words("replicate-title-empty");
        return Ok(exhibit);
    };
    let crash = record.window();
    exhibit.title = record.title(whole, crash);
    exhibit.verdict = vec![record.verdict(whole, crash)];
    exhibit.answer = vec![record.answer(whole), record.legs(whole)];
    exhibit.answer.extend(crash.map(|row| record.crash(row)));
    exhibit.answer.extend(sizing::fit(source)?);
    let months = Months::read(source)?;
    exhibit.charts = vec![nav.legs_chart(), months.histogram(record.of("monthly_skew", whole))];
    exhibit.charts.extend(sizing::Sizing::read(source)?.map(|sizing| sizing.chart()));
    exhibit.tables = vec![record.table(whole, crash)];
    exhibit.notes = vec![words("replicate-note-idle"), words("replicate-note-short")];
    Ok(exhibit)
}

/// The statistics of the whole record, its years and its windows.
struct Record {
    periods: Vec<String>,
    columns: Vec<(&'static str, Vec<f64>)>,
}

const STATISTICS: [&str; 13] = [
    "return",
    "annualised_return",
    "long",
    "short",
    "straddle",
    "cost",
    "win_rate",
    "sharpe",
    "sharpe_standard_error",
    "volatility",
    "max_drawdown",
    "monthly_skew",
    "worst_month",
];

/// Statistics that are told in words only.
const UNSHOWN: [&str; 3] = ["sharpe_standard_error", "annualised_return", "monthly_skew"];

impl Record {
    fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "statistic")?;
        let read = |name: &'static str| Ok((name, frame.numbers(name)?));
        Ok(Self {
            periods: frame.words("period")?,
            columns: STATISTICS.into_iter().map(read).collect::<Result<_, ReportError>>()?,
        })
    }

    fn row(&self, period: &str) -> Option<usize> {
        self.periods.iter().position(|p| p == period)
    }

    /// The window of the outcome with the worst return.
    fn window(&self) -> Option<usize> {
        let is_window = |i: &usize| self.periods[*i].contains("..");
        (0..self.periods.len())
            .filter(is_window)
            .min_by(|a, b| self.of("return", *a).total_cmp(&self.of("return", *b)))
    }

    fn of(&self, column: &str, row: usize) -> f64 {
        self.columns
            .iter()
            .find(|(name, _)| *name == column)
            .map_or(f64::NAN, |(_, values)| values[row])
    }

    fn args(&self, row: usize) -> Vec<(&'static str, Arg)> {
        let mut args: Vec<(&'static str, Arg)> =
            self.columns.iter().map(|(name, values)| (*name, values[row].into())).collect();
        let (from, to) = self.periods[row].split_once("..").unwrap_or((&self.periods[row], ""));
        args.extend([("from", from.into()), ("to", to.into())]);
        args.push(("paid", (-self.of("cost", row)).into()));
        let (sharpe, error) = (self.of("sharpe", row), self.of("sharpe_standard_error", row));
        args.push(("sharpe_low", (sharpe - 1.645 * error).into()));
        args.push(("sharpe_high", (sharpe + 1.645 * error).into()));
        args
    }

    fn title(&self, whole: usize, crash: Option<usize>) -> Text {
        let mut args = self.args(whole);
        let Some(crash) = crash.filter(|row| self.of("return", *row) < 0.0) else {
            return message("replicate-title", &args);
        };
        args.push(("crash", self.of("return", crash).abs().into()));
        args.extend(self.args(crash).into_iter().filter(|(k, _)| matches!(*k, "from" | "to")));
        args.retain(|(k, v)| !matches!((k, v), (&"to", Arg::Name(name)) if name.is_empty()));
        message("replicate-title-crash", &args)
    }

    fn verdict(&self, whole: usize, crash: Option<usize>) -> Verdict {
        let told = crash.unwrap_or(whole);
        let title = self.title(whole, crash);
        let title = Text::new(format!("{}。", title.zh), format!("{}.", title.en));
        Verdict {
            figure: Text::same(number::percent(self.of("return", told), 1)),
            label: words(if crash.is_some() {
                "replicate-label-window"
            } else {
                "replicate-label"
            }),
            sentence: Text::sentences([&title, &self.legs(told)]),
            ..Verdict::default()
        }
    }

    fn answer(&self, whole: usize) -> Text {
        message("replicate-answer", &self.args(whole))
    }

    fn legs(&self, row: usize) -> Text {
        message("replicate-legs", &self.args(row))
    }

    fn crash(&self, row: usize) -> Text {
        message("replicate-crash", &self.args(row))
    }

    fn table(&self, whole: usize, crash: Option<usize>) -> Shown {
        let shown: Vec<&(&str, Vec<f64>)> =
            self.columns.iter().filter(|(name, _)| !UNSHOWN.contains(name)).collect();
        let mut columns = vec![ShownColumn::words(heading("period"))];
        columns.extend(shown.iter().map(|(name, _)| {
            let format = match format_named(name) {
                Some(Format::Number(digits)) => Format::Number(digits),
                _ => Format::Percent(1),
            };
            ShownColumn::number(heading(name), format)
        }));
        let mut table = Shown::new("record", words("replicate-table-title"), columns);
        for (i, name) in self.periods.iter().enumerate() {
            let label = match name.split_once("..") {
                _ if i == whole => words("replicate-whole"),
                Some((from, to)) => Text::same(format!("{from} – {to}")),
                None => Text::same(name),
            };
            let mut cells = vec![Cell::Words(label)];
            cells.extend(shown.iter().map(|(_, values)| Cell::Number(values[i])));
            table.push(Row { cells, is_emphasised: Some(i) == crash });
        }
        table.note = words("replicate-table-note");
        table
    }
}

/// The NAV and what each leg has added to it, in opening equities.
struct Nav<'a> {
    days: &'a [TradingDay],
    gain: Vec<f64>,
    legs: [Vec<f64>; 4],
}

impl<'a> Nav<'a> {
    fn read(source: &Source<'a>) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "nav")?;
        let (nav, returns) = (frame.numbers("nav")?, frame.numbers("return")?);
        let before: Vec<f64> = nav.iter().zip(&returns).map(|(n, r)| n / (1.0 + r)).collect();
        let summed = |name: &'static str, sign: f64| -> Result<Vec<f64>, ReportError> {
            let mut total = 0.0;
            let parts = frame.numbers(name)?;
            Ok(parts
                .iter()
                .zip(&before)
                .map(|(part, equity)| {
                    total += sign * part * equity;
                    total
                })
                .collect())
        };
        Ok(Self {
            days: frame.days("date")?,
            gain: nav.iter().map(|n| n - 1.0).collect(),
            legs: [
                summed("long", 1.0)?,
                summed("short", 1.0)?,
                summed("straddle", 1.0)?,
                summed("cost", -1.0)?,
            ],
        })
    }

    fn legs_chart(&self) -> Chart {
        let last = self.days.len() - 1;
        let deepest = lowest(&self.drawdown()).unwrap_or(last);
        let args = [
            ("gain", self.gain[last].into()),
            ("straddle", self.legs[2][last].into()),
            ("size", (self.legs[0][last] + self.legs[1][last]).into()),
            ("drawdown", self.drawdown()[deepest].into()),
            ("day", self.days[deepest].into()),
        ];
        let line = |name: Text, colour, values: &[f64], stroke| Layer::Line {
            name,
            colour,
            values: values.to_vec(),
            stroke,
        };
        let layers = vec![
            line(heading("cost"), Colour::Faint, &self.legs[3], Stroke::Thin),
            line(heading("long"), Colour::Segment(Segment::Micro), &self.legs[0], Stroke::Thin),
            line(heading("short"), Colour::Segment(Segment::Csi300), &self.legs[1], Stroke::Thin),
            line(heading("straddle"), Colour::Accent, &self.legs[2], Stroke::Plain),
            line(words("replicate-nav"), Colour::Ink, &self.gain, Stroke::Strong),
        ];
        Chart::layers("legs", Format::Percent(1), Axis::Days(self.days.to_vec()), layers)
            .titled(
                message("replicate-legs-title", &args),
                message("replicate-legs-unit", &[("period", period(self.days).into())]),
            )
            .captioned(words("replicate-legs-caption"))
            .tall(400)
    }

    fn drawdown(&self) -> Vec<f64> {
        let mut peak = 1.0_f64;
        self.gain
            .iter()
            .map(|gain| {
                peak = peak.max(1.0 + gain);
                (1.0 + gain) / peak - 1.0
            })
            .collect()
    }
}

/// The distribution of monthly returns.
struct Months {
    periods: Vec<String>,
    returns: Vec<f64>,
}

impl Months {
    fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "monthly")?;
        Ok(Self { periods: frame.words("period")?, returns: frame.numbers("return")? })
    }

    fn histogram(&self, skew: f64) -> Chart {
        let (edges, counts) = bins(&self.returns);
        let worst = lowest(&self.returns);
        let signed = |is_gain: bool| -> Vec<f64> {
            let kept = |(edge, n): (&f64, &usize)| {
                if (*edge >= 0.0) == is_gain { *n as f64 } else { f64::NAN }
            };
            edges.iter().zip(&counts).map(kept).collect()
        };
        let bars = |name: &str, colour, values| Layer::Bars {
            name: words(name),
            colour,
            values,
            stacking: crate::chart::Stacking::OnTop,
        };
        let layers = vec![
            bars("months-lost", Colour::Fall, signed(false)),
            bars("months-gained", Colour::Rise, signed(true)),
        ];
        let width = edges.get(1).map_or(0.01, |second| second - edges[0]);
        let names = edges.iter().map(|edge| Text::same(number::percent(*edge, digits(width))));
        let args = [
            ("n", self.returns.len().into()),
            ("skew", skew.into()),
            ("worst", worst.map_or(f64::NAN, |i| self.returns[i]).into()),
            ("month", worst.map_or("", |i| self.periods[i].as_str()).into()),
            ("width", width.into()),
        ];
        Chart::layers("months", Format::Number(0), Axis::Names(names.collect()), layers)
            .titled(message("months-title", &args), message("months-unit", &args))
            .captioned(words("months-caption"))
            .tall(280)
    }
}

fn digits(width: f64) -> usize {
    usize::from(width < 0.009)
}

/// Lower edges of equal bins that meet at zero, and how many values each holds.
fn bins(values: &[f64]) -> (Vec<f64>, Vec<usize>) {
    let finite: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
    let low = finite.iter().copied().fold(0.0, f64::min);
    let high = finite.iter().copied().fold(0.0, f64::max);
    let width = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
        .into_iter()
        .find(|w| ((high - low) / w) as usize + 2 <= MOST_BINS)
        .unwrap_or(1.0);
    let first = (low / width).floor() as i64;
    let last = (high / width).floor() as i64;
    let mut counts = vec![0; (last - first + 1) as usize];
    for x in finite {
        counts[((x / width).floor() as i64 - first) as usize] += 1;
    }
    ((first..=last).map(|k| k as f64 * width).collect(), counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_meet_at_zero_and_lose_nobody() {
        let (edges, counts) = bins(&[-0.151, -0.002, 0.0, 0.004, 0.031, f64::NAN]);
        assert_eq!(counts.iter().sum::<usize>(), 5);
        assert!(edges.len() <= MOST_BINS);
        assert!(edges.contains(&0.0));
    }
}
