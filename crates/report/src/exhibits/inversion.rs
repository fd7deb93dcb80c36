//! Exhibit 2: did the size ladder invert, when, and how far?

use shoals_core::{Segment, TradingDay};

use super::source::{Source, highest, lowest, period, segment_colour, segment_words};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Event, Layer, Plot, Rung, Stroke};
use crate::columns::heading;
use crate::exhibit::{Cell, Exhibit, Row, Shown, ShownColumn, Verdict};
use crate::i18n::{Text, message, segment_name, words};
use crate::number::{self, Format};

const EXHIBIT: &str = "inversion";

/// Runs of inverted days shorter than this are not shaded.
const SHADED_FROM_DAYS: usize = 3;

/// Months shown in the table at most: the deepest inversions.
const TABLE_ROWS: usize = 12;

/// Exhibit 2 from the inversion outcome's `ladder`, `inversion` and `rolling` tables; a table
/// `level(date, segment, close)` beside them adds the wealth of the five segments.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub fn inversion(source: &Source) -> Result<Exhibit, ReportError> {
    let months = Months::read(source)?;
    let mut exhibit = source.exhibit(2, EXHIBIT, words("inversion-question"));
    let Some(told) = months.deepest().or_else(|| months.periods.len().checked_sub(1)) else {
        exhibit.title = words("inversion-title-empty");
        return Ok(exhibit);
    };
    exhibit.title = months.title(told);
    exhibit.answer = vec![months.answer(), months.spread(told)];
    exhibit.verdict = vec![months.verdict(told)];
    exhibit.charts = vec![months.ladder_chart(told), months.heat_chart()];
    if let Some(rolling) = Rolling::read(source)? {
        exhibit.answer.push(rolling.answer());
        exhibit.charts.extend(rolling.charts());
    }
    exhibit.charts.extend(wealth_chart(source, &months.periods[told])?);
    exhibit.tables = vec![months.table()];
    exhibit.notes = vec![words("inversion-note-rank"), words("inversion-note-index")];
    Ok(exhibit)
}

/// The ladder month by month.
struct Months {
    periods: Vec<String>,
    rank: Vec<f64>,
    gap: Vec<f64>,
    is_inverted: Vec<bool>,
    band: Option<(Vec<f64>, Vec<f64>)>,
    /// Segment names from small to large, and for each the return of every period.
    segments: Vec<String>,
    returns: Vec<Vec<f64>>,
}

impl Months {
    fn read(source: &Source) -> Result<Self, ReportError> {
        let flags = source.frame(EXHIBIT, "inversion")?;
        let ladder = source.frame(EXHIBIT, "ladder")?;
        let periods = flags.words("period")?;
        let (segments, returns) = pivot(
            &periods,
            &ladder.words("period")?,
            &ladder.words("segment")?,
            &ladder.numbers("return")?,
        );
        let low = flags.optional_numbers("low");
        Ok(Self {
            rank: flags.numbers("rank_correlation")?,
            gap: flags.numbers("micro_minus_large")?,
            is_inverted: flags.flags("is_inverted")?.to_vec(),
            band: low.zip(flags.optional_numbers("high")),
            periods,
            segments,
            returns,
        })
    }

    /// The inverted period in which micro caps fell furthest behind.
    fn deepest(&self) -> Option<usize> {
        let inverted: Vec<f64> = self
            .gap
            .iter()
            .zip(&self.is_inverted)
            .map(|(gap, is)| if *is { *gap } else { f64::NAN })
            .collect();
        lowest(&inverted)
    }

    fn of(&self, segment: Segment, i: usize) -> f64 {
        let row = self.segments.iter().position(|name| name == segment.name());
        row.map_or(f64::NAN, |row| self.returns[row][i])
    }

    fn title(&self, told: usize) -> Text {
        let month = ("month", self.periods[told].as_str().into());
        let small = moved(&words("name-micro"), self.of(Segment::Micro, told));
        let large = moved(&words("name-csi300"), self.of(Segment::Csi300, told));
        let args = [month, ("small", small.into()), ("large", large.into())];
        if !self.is_inverted[told] {
            return message("inversion-title-none", &self.count_args());
        }
        message(
            if self.is_perfect(told) { "inversion-title-perfect" } else { "inversion-title" },
            &args,
        )
    }

    /// Whether every step down in size fell further.
    fn is_perfect(&self, i: usize) -> bool {
        self.is_inverted[i] && self.rank[i] < -0.999
    }

    fn count_args(&self) -> [(&'static str, crate::i18n::Arg); 5] {
        let n = self.periods.len();
        let n_inverted = self.is_inverted.iter().filter(|is| **is).count();
        let n_small_led = self.gap.iter().filter(|gap| **gap > 0.0).count();
        [
            ("n", n.into()),
            ("inverted", n_inverted.into()),
            ("small_led", n_small_led.into()),
            ("from", self.periods[0].as_str().into()),
            ("to", self.periods[n - 1].as_str().into()),
        ]
    }

    fn answer(&self) -> Text {
        message("inversion-answer", &self.count_args())
    }

    /// Micro minus CSI 300 of the told period, with its band where there is one.
    fn spread(&self, told: usize) -> Text {
        let mut args = vec![
            ("month", self.periods[told].as_str().into()),
            ("gap", self.gap[told].into()),
            ("rank", self.rank[told].into()),
        ];
        let band = self.band.as_ref().map(|(low, high)| (low[told], high[told]));
        let Some((low, high)) = band.filter(|(low, high)| low.is_finite() && high.is_finite())
        else {
            return message("inversion-spread", &args);
        };
        args.extend([("low", low.into()), ("high", high.into())]);
        message("inversion-spread-band", &args)
    }

    fn verdict(&self, told: usize) -> Verdict {
        let title = self.title(told);
        let title = Text::new(format!("{}。", title.zh), format!("{}.", title.en));
        Verdict {
            figure: Text::same(number::percent(self.gap[told], 1)),
            label: words("inversion-label"),
            sentence: Text::sentences([&title, &self.spread(told)]),
            ..Verdict::default()
        }
    }

    fn ladder_chart(&self, told: usize) -> Chart {
        let rung = |(name, returns): (&String, &Vec<f64>)| Rung {
            name: segment_words(name),
            value: returns[told],
            band: None,
            colour: segment_colour(name),
        };
        let rungs = self.segments.iter().zip(&self.returns).map(rung).collect();
        let month = [("month", self.periods[told].as_str().into())];
        let is_fall = self.is_perfect(told) && self.of(Segment::Micro, told) < 0.0;
        let key = if is_fall { "ladder-title-inverted" } else { "ladder-title" };
        Chart::ladder("ladder", Format::Percent(1), rungs)
            .titled(message(key, &month), message("ladder-unit", &month))
            .captioned(words("ladder-caption"))
    }

    fn heat_chart(&self) -> Chart {
        let marked: Vec<usize> = (0..self.periods.len()).filter(|i| self.is_inverted[*i]).collect();
        let plot = Plot::Heat {
            columns: self.periods.iter().map(Text::same).collect(),
            rows: self.segments.iter().map(|name| segment_words(name)).collect(),
            values: self.returns.clone(),
            marked,
        };
        Chart::heat("months", Format::Percent(1), plot)
            .titled(
                message("heat-title", &self.count_args()),
                message("heat-unit", &self.count_args()),
            )
            .captioned(words("heat-caption"))
    }

    fn table(&self) -> Shown {
        let percent = Format::Percent(2);
        let mut columns = vec![ShownColumn::words(heading("period"))];
        columns
            .extend(self.segments.iter().map(|s| ShownColumn::number(segment_words(s), percent)));
        columns.push(ShownColumn::number(heading("micro_minus_large"), percent));
        columns.push(ShownColumn::number(heading("rank_correlation"), Format::Number(2)));
        columns.push(ShownColumn::words(heading("is_inverted")));
        let mut shown = Shown::new("deepest", words("inversion-table-title"), columns);
        let deepest = self.deepest();
        for i in self.table_rows() {
            let mut cells = vec![Cell::Words(Text::same(&self.periods[i]))];
            cells.extend(self.returns.iter().map(|row| Cell::Number(row[i])));
            cells.extend([Cell::Number(self.gap[i]), Cell::Number(self.rank[i])]);
            cells.push(Cell::Words(words(if self.is_inverted[i] { "yes" } else { "no" })));
            shown.push(Row { cells, is_emphasised: Some(i) == deepest });
        }
        shown.note = message("inversion-table-note", &[("n", shown.rows.len().into())]);
        shown
    }

    /// The periods in which micro caps fell furthest behind, in the order of time.
    fn table_rows(&self) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..self.periods.len()).collect();
        rows.sort_by(|a, b| self.gap[*a].total_cmp(&self.gap[*b]));
        rows.truncate(TABLE_ROWS);
        rows.sort_unstable();
        rows
    }
}

/// `Micro caps lost 21.3%`, `the CSI 300 gained 2.0%`.
fn moved(name: &Text, by: f64) -> Text {
    let key = if by < 0.0 { "moved-lost" } else { "moved-gained" };
    message(key, &[("name", name.into()), ("by", by.abs().into())])
}

/// Segment names in the order of size and, for each, its return in every period; NaN where there is none.
fn pivot(
    periods: &[String],
    of: &[String],
    segment: &[String],
    values: &[f64],
) -> (Vec<String>, Vec<Vec<f64>>) {
    let known = Segment::ALL.map(|s| s.name().to_owned());
    let names: Vec<String> = known.into_iter().filter(|name| segment.contains(name)).collect();
    let mut returns = vec![vec![f64::NAN; periods.len()]; names.len()];
    for ((period, segment), value) in of.iter().zip(segment).zip(values) {
        let place = names.iter().position(|name| name == segment);
        if let (Some(row), Some(i)) = (place, periods.iter().position(|p| p == period)) {
            returns[row][i] = *value;
        }
    }
    (names, returns)
}

/// The flag day by day.
struct Rolling<'a> {
    days: &'a [TradingDay],
    rank: Vec<f64>,
    gap: Vec<f64>,
    runs: Vec<(usize, usize)>,
    longest: Option<Longest>,
    band: Option<(Vec<f64>, Vec<f64>)>,
}

/// The longest streak of inverted days whose first day the data show.
struct Longest {
    from: TradingDay,
    to: TradingDay,
    n_days: usize,
    /// Whether no streak without a known beginning is longer.
    is_unbeaten: bool,
}

impl Longest {
    /// From the `streak` table; none when every streak may be older than the data.
    fn read(source: &Source) -> Result<Option<Self>, ReportError> {
        let frame = source.frame(EXHIBIT, "streak")?;
        let (starts, ends) = (frame.days("start")?, frame.days("end")?);
        let (days, is_older) = (frame.numbers("days")?, frame.flags("began_before")?);
        let known: Vec<f64> = days
            .iter()
            .zip(is_older)
            .map(|(n, older)| if *older { f64::NAN } else { *n })
            .collect();
        Ok(highest(&known).map(|i| Self {
            from: starts[i],
            to: ends[i],
            n_days: days[i] as usize,
            is_unbeaten: days.iter().all(|n| *n <= days[i]),
        }))
    }
}

impl<'a> Rolling<'a> {
    fn read(source: &Source<'a>) -> Result<Option<Self>, ReportError> {
        let Some(frame) = source.optional(EXHIBIT, "rolling") else { return Ok(None) };
        if frame.n_rows() < 2 {
            return Ok(None);
        }
        let low = frame.optional_numbers("low");
        Ok(Some(Self {
            days: frame.days("date")?,
            rank: frame.numbers("rank_correlation")?,
            gap: frame.numbers("micro_minus_large")?,
            runs: runs(frame.flags("is_inverted")?),
            longest: Longest::read(source)?,
            band: low.zip(frame.optional_numbers("high")),
        }))
    }

    fn answer(&self) -> Text {
        let n_days: usize = self.runs.iter().map(|(from, to)| to - from + 1).sum();
        let share = n_days as f64 / self.days.len() as f64;
        let Some(longest) = &self.longest else {
            let key = if n_days > 0 { "rolling-answer-older" } else { "rolling-answer-none" };
            let args = [("share", share.into()), ("period", period(self.days).into())];
            return message(key, &args);
        };
        let key = if longest.is_unbeaten { "rolling-answer" } else { "rolling-answer-known" };
        message(
            key,
            &[
                ("share", share.into()),
                ("n", longest.n_days.into()),
                ("from", longest.from.into()),
                ("to", longest.to.into()),
            ],
        )
    }

    fn charts(&self) -> Vec<Chart> {
        vec![self.gap_chart(), self.rank_chart()]
    }

    fn gap_chart(&self) -> Chart {
        let worst = lowest(&self.gap).unwrap_or(0);
        let best = highest(&self.gap).unwrap_or(0);
        let args = [
            ("low", self.gap[worst].into()),
            ("low_on", self.days[worst].into()),
            ("high", self.gap[best].into()),
            ("high_on", self.days[best].into()),
        ];
        let mut layers = Vec::new();
        if let Some((low, high)) = &self.band {
            let (low, high) = (low.clone(), high.clone());
            layers.push(Layer::Band { name: words("band"), colour: Colour::Ink, low, high });
        }
        layers.push(Layer::Line {
            name: words("rolling-gap-name"),
            colour: Colour::Ink,
            values: self.gap.clone(),
            stroke: Stroke::Plain,
        });
        Chart::layers("gap", Format::Percent(1), Axis::Days(self.days.to_vec()), layers)
            .titled(message("rolling-gap-title", &args), self.subtitle("rolling-gap-unit"))
            .captioned(words("rolling-caption"))
            .with_events(self.shades())
    }

    fn rank_chart(&self) -> Chart {
        let n_days: usize = self.runs.iter().map(|(from, to)| to - from + 1).sum();
        let share = n_days as f64 / self.days.len() as f64;
        let line = Layer::Line {
            name: words("rolling-rank-name"),
            colour: Colour::Muted,
            values: self.rank.clone(),
            stroke: Stroke::Thin,
        };
        Chart::layers("rank", Format::Number(2), Axis::Days(self.days.to_vec()), vec![line])
            .titled(
                message("rolling-rank-title", &[("share", share.into())]),
                self.subtitle("rolling-rank-unit"),
            )
            .captioned(words("rolling-caption"))
            .tall(230)
            .with_events(self.shades())
    }

    fn subtitle(&self, key: &str) -> Text {
        message(key, &[("period", period(self.days).into())])
    }

    fn shades(&self) -> Vec<Event> {
        let longest = self.longest.as_ref().map(|longest| longest.to);
        self.runs
            .iter()
            .filter(|(from, to)| to - from + 1 >= SHADED_FROM_DAYS)
            .map(|run| Event {
                from: self.days[run.0],
                to: Some(self.days[run.1]),
                label: if Some(self.days[run.1]) == longest {
                    words("rolling-longest")
                } else {
                    Text::default()
                },
                colour: Colour::Accent,
            })
            .collect()
    }
}

/// First and last position of every run of `true`.
fn runs(flags: &[bool]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (i, _) in flags.iter().enumerate().filter(|(_, flag)| **flag) {
        match runs.last_mut() {
            Some((_, to)) if *to + 1 == i => *to = i,
            _ => runs.push((i, i)),
        }
    }
    runs
}

/// What one yuan in each segment became, from the month before the told one to two months after it.
fn wealth_chart(source: &Source, told: &str) -> Result<Option<Chart>, ReportError> {
    let Some(frame) = source.optional(EXHIBIT, "level") else { return Ok(None) };
    let (dates, segments, closes) =
        (frame.days("date")?, frame.words("segment")?, frame.numbers("close")?);
    let Some((from, to)) = window_around(told) else { return Ok(None) };
    let mut days: Vec<TradingDay> =
        dates.iter().copied().filter(|day| (from..=to).contains(day)).collect();
    days.sort_unstable();
    days.dedup();
    if days.len() < 2 {
        return Ok(None);
    }
    let wealth = |segment: Segment| {
        let mut values = vec![f64::NAN; days.len()];
        for ((day, name), close) in dates.iter().zip(&segments).zip(&closes) {
            if let (true, Ok(i)) = (name == segment.name(), days.binary_search(day)) {
                values[i] = *close;
            }
        }
        let start = values.iter().copied().find(|x| x.is_finite()).unwrap_or(f64::NAN);
        values.iter().map(|x| x / start).collect::<Vec<f64>>()
    };
    let paths: Vec<(Segment, Vec<f64>)> = Segment::ALL.map(|s| (s, wealth(s))).into();
    Ok(Some(draw_wealth(&days, &paths)))
}

fn draw_wealth(days: &[TradingDay], paths: &[(Segment, Vec<f64>)]) -> Chart {
    let mut lows: Vec<(f64, TradingDay)> = Vec::new();
    for (_, path) in paths {
        lows.extend(lowest(path).map(|i| (path[i], days[i])));
    }
    let micro = lows.first().copied().unwrap_or((f64::NAN, days[0]));
    let large = lows.last().copied().unwrap_or((f64::NAN, days[0]));
    let title = message(
        "wealth-title",
        &[("micro", micro.0.into()), ("day", micro.1.into()), ("large", large.0.into())],
    );
    let layers = paths
        .iter()
        .filter(|(_, path)| path.iter().any(|x| x.is_finite()))
        .map(|(segment, path)| Layer::Line {
            name: segment_name(*segment),
            colour: Colour::Segment(*segment),
            values: path.clone(),
            stroke: Stroke::Plain,
        })
        .collect();
    Chart::layers("wealth", Format::Number(3), Axis::Days(days.to_vec()), layers)
        .titled(title, message("wealth-unit", &[("period", period(days).into())]))
        .captioned(words("wealth-caption"))
        .tall(380)
        .with_rule(1.0, Text::default(), Colour::Faint)
}

/// The month before, the month itself and two months after a period `2024-01`.
fn window_around(period: &str) -> Option<(TradingDay, TradingDay)> {
    let first: TradingDay = format!("{period}-01").parse().ok()?;
    Some((first.plus_calendar_days(-31), first.plus_calendar_days(90)))
}
