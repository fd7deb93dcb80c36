//! Exhibit 14: do small or large companies lead, and was whoever said so right?

use shoals_core::{Segment, TradingDay};

use super::source::{Source, period};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Event, Layer, Stroke};
use crate::columns::heading;
use crate::exhibit::{Cell, Exhibit, Row, Shown, ShownColumn, Verdict};
use crate::i18n::{Arg, Text, message, words};
use crate::number::{self, Format};

const EXHIBIT: &str = "rotation";

/// Exhibit 14 from the rotation outcome's `verdict`, `as_of`, `record`, `skill`, `probability`, `break` and `cusum` tables.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub fn rotation(source: &Source) -> Result<Exhibit, ReportError> {
    let mut exhibit = source.exhibit(14, EXHIBIT, words("rotation-question"));
    let days = AsOf::read(source)?;
    let walk = Walk::read(source)?;
    let record = Record::read(source)?;
    exhibit.title = record.as_ref().map_or_else(|| words("rotation-title-empty"), Record::title);
    exhibit.answer =
        source.frame(EXHIBIT, "verdict")?.sentences("sentence")?.iter().map(stopped).collect();
    exhibit.answer.extend(days.sentence());
    exhibit.answer.push(breaks(source)?);
    exhibit.verdict.extend(record.as_ref().map(|record| record.verdict(&days)));
    exhibit.charts = walk.charts(&days);
    exhibit.charts.extend(record.as_ref().map(Record::chart));
    exhibit.charts.extend(cusum_chart(source)?);
    exhibit.tables.push(days.table());
    exhibit.tables.extend(record.as_ref().map(Record::table));
    exhibit.notes = vec![
        words("rotation-note-filtered"),
        words("rotation-note-regime"),
        words("rotation-note-sample"),
    ];
    Ok(exhibit)
}

/// A sentence with its full stop.
pub(super) fn stopped(sentence: &Text) -> Text {
    Text::new(format!("{}。", sentence.zh), format!("{}.", capital(&sentence.en)))
}

fn closed(clause: &Text) -> Text {
    Text::new(format!("{}。", clause.zh), format!("{}.", clause.en))
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The outlook as it stood on the days asked for.
struct AsOf<'a> {
    asked: &'a [TradingDay],
    small: Vec<f64>,
    lead: Vec<f64>,
    expected: Vec<f64>,
    half_life: Vec<f64>,
    other_half_life: Vec<f64>,
    chosen: [&'a [bool]; 3],
    came: Vec<f64>,
}

impl<'a> AsOf<'a> {
    fn read(source: &Source<'a>) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "as_of")?;
        Ok(Self {
            asked: frame.days("asked")?,
            small: frame.numbers("probability_small")?,
            lead: frame.numbers("probability_lead")?,
            expected: frame.numbers("expected_lead")?,
            half_life: frame.numbers("small_half_life")?,
            other_half_life: frame.numbers("large_half_life")?,
            chosen: [
                frame.flags("outlook_small")?,
                frame.flags("momentum_small")?,
                frame.flags("moving_average_small")?,
            ],
            came: frame.numbers("came_after")?,
        })
    }

    /// What was known on each of them.
    fn sentence(&self) -> Option<Text> {
        let one = |i: usize| {
            let args = [
                ("day", self.asked[i].into()),
                ("small", self.small[i].into()),
                ("lead", self.lead[i].into()),
                ("came", self.came[i].exp_m1().into()),
            ];
            let is_known = self.came[i].is_finite();
            message(if is_known { "rotation-as-of" } else { "rotation-as-of-open" }, &args)
        };
        let days: Vec<Text> = (0..self.asked.len()).map(one).collect();
        (!days.is_empty()).then(|| {
            Text::sentences([&words("rotation-as-of-line"), &closed(&Text::clauses(&days))])
        })
    }

    fn events(&self) -> Vec<Event> {
        let event = |day: &TradingDay| Event {
            from: *day,
            to: None,
            label: Text::same(day.to_string()),
            colour: Colour::Accent,
        };
        self.asked.iter().map(event).collect()
    }

    fn table(&self) -> Shown {
        let percent = Format::Percent(1);
        let columns = vec![
            ShownColumn::words(heading("asked")),
            ShownColumn::number(heading("probability_small"), percent),
            ShownColumn::number(heading("probability_lead"), percent),
            ShownColumn::number(heading("expected_lead"), percent),
            ShownColumn::number(heading("small_half_life"), Format::Number(0)),
            ShownColumn::number(heading("large_half_life"), Format::Number(0)),
            ShownColumn::words(words("rotation-rule-outlook")),
            ShownColumn::words(words("rotation-rule-momentum")),
            ShownColumn::words(words("rotation-rule-moving_average")),
            ShownColumn::number(heading("came_after"), percent),
        ];
        let mut shown = Shown::new("as_of", words("rotation-as-of-title"), columns);
        let side = |is_small: bool| {
            Cell::Words(words(if is_small { "rotation-small" } else { "rotation-large" }))
        };
        for i in 0..self.asked.len() {
            let [outlook, momentum, average] = self.chosen.map(|flags| side(flags[i]));
            shown.push(Row {
                cells: vec![
                    Cell::Day(self.asked[i]),
                    Cell::Number(self.small[i]),
                    Cell::Number(self.lead[i]),
                    Cell::Number(self.expected[i].exp_m1()),
                    Cell::Number(self.half_life[i]),
                    Cell::Number(self.other_half_life[i]),
                    outlook,
                    momentum,
                    average,
                    Cell::Number(self.came[i].exp_m1()),
                ],
                is_emphasised: false,
            });
        }
        shown.note = words("rotation-as-of-note");
        shown
    }
}

/// Every day as it was known at its close.
struct Walk<'a> {
    days: &'a [TradingDay],
    ratio: Vec<f64>,
    small: Vec<f64>,
    lead: Vec<f64>,
}

impl<'a> Walk<'a> {
    fn read(source: &Source<'a>) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "probability")?;
        Ok(Self {
            days: frame.days("date")?,
            ratio: frame.numbers("ratio")?,
            small: frame.numbers("probability_small")?,
            lead: frame.numbers("probability_lead")?,
        })
    }

    fn charts(&self, asked: &AsOf) -> Vec<Chart> {
        if self.days.len() < 2 {
            return Vec::new();
        }
        let line = |name: &str, colour, values: &[f64], stroke| Layer::Line {
            name: words(name),
            colour,
            values: values.to_vec(),
            stroke,
        };
        let axis = || Axis::Days(self.days.to_vec());
        let told = [("period", period(self.days).into())];
        let micro = Colour::Segment(Segment::Micro);
        let (start, end) = (self.ratio[0], self.ratio[self.ratio.len() - 1]);
        let moved = [("change", (end / start - 1.0).into())];
        let ratio: Vec<f64> = self.ratio.iter().map(|x| x / start).collect();
        vec![
            Chart::layers(
                "ratio",
                Format::Number(2),
                axis(),
                vec![line("rotation-line-ratio", micro, &ratio, Stroke::Strong)],
            )
            .titled(message("rotation-ratio-title", &moved), message("rotation-ratio-unit", &told))
            .captioned(words("rotation-ratio-caption"))
            .tall(260)
            .with_rule(1.0, Text::default(), Colour::Faint)
            .with_events(asked.events()),
            Chart::layers(
                "probability",
                Format::Percent(0),
                axis(),
                vec![
                    line("rotation-line-small", Colour::Muted, &self.small, Stroke::Thin),
                    line("rotation-line-lead", Colour::Accent, &self.lead, Stroke::Strong),
                ],
            )
            .titled(
                words("rotation-probability-title"),
                message("rotation-probability-unit", &told),
            )
            .captioned(words("rotation-probability-caption"))
            .tall(280)
            .with_rule(0.5, words("rotation-even"), Colour::Faint)
            .with_events(asked.events()),
        ]
    }
}

/// The rules' records, the model's first, and the model's skill.
struct Record {
    rules: Vec<String>,
    n: f64,
    columns: Vec<(&'static str, Vec<f64>)>,
    skill: [f64; 3],
    horizon: f64,
}

const RECORD_COLUMNS: [&str; 10] = [
    "hit_rate",
    "low",
    "high",
    "mean_lead",
    "mean_low",
    "mean_high",
    "small_share",
    "switches",
    "brier",
    "log_score",
];

impl Record {
    fn read(source: &Source) -> Result<Option<Self>, ReportError> {
        let (frame, skill) = (source.frame(EXHIBIT, "record")?, source.frame(EXHIBIT, "skill")?);
        if frame.n_rows() == 0 || skill.n_rows() == 0 {
            return Ok(None);
        }
        let read = |name: &'static str| Ok((name, frame.numbers(name)?));
        let first = |name: &'static str| Ok::<f64, ReportError>(skill.numbers(name)?[0]);
        Ok(Some(Self {
            rules: frame.words("rule")?,
            n: frame.numbers("n")?[0],
            columns: RECORD_COLUMNS.into_iter().map(read).collect::<Result<_, ReportError>>()?,
            skill: [first("brier_skill")?, first("low")?, first("high")?],
            horizon: first("horizon_days")?,
        }))
    }

    fn of(&self, column: &str, row: usize) -> f64 {
        let values = self.columns.iter().find(|(name, _)| *name == column);
        values.map_or(f64::NAN, |(_, values)| values[row])
    }

    fn args(&self) -> Vec<(&'static str, Arg)> {
        let [skill, low, high] = self.skill;
        vec![
            ("n", self.n.into()),
            ("days", self.horizon.into()),
            ("hit", self.of("hit_rate", 0).into()),
            ("always", self.of("hit_rate", self.rules.len() - 1).into()),
            ("skill", skill.into()),
            ("low", low.into()),
            ("high", high.into()),
        ]
    }

    fn title(&self) -> Text {
        let [_, low, high] = self.skill;
        let key = if low > 0.0 {
            "rotation-title-skill"
        } else if high < 0.0 {
            "rotation-title-worse"
        } else {
            "rotation-title-none"
        };
        message(key, &self.args())
    }

    fn verdict(&self, days: &AsOf) -> Verdict {
        let last = days.asked.len().checked_sub(1).map(|last| {
            let args = [("day", days.asked[last].into()), ("lead", days.lead[last].into())];
            message("rotation-verdict-day", &args)
        });
        let title = stopped(&self.title());
        let skill = message("rotation-verdict-skill", &self.args());
        let parts: Vec<&Text> =
            [Some(&title), Some(&skill), last.as_ref()].into_iter().flatten().collect();
        Verdict {
            figure: Text::same(number::percent(self.of("hit_rate", 0), 1)),
            label: words("rotation-label"),
            sentence: Text::sentences(parts),
            ..Verdict::default()
        }
    }

    fn chart(&self) -> Chart {
        let names = self.rules.iter().map(|rule| rule_words(rule));
        let column =
            |name: &str| -> Vec<f64> { (0..self.rules.len()).map(|i| self.of(name, i)).collect() };
        let layers = vec![
            Layer::Points {
                name: heading("hit_rate"),
                colour: Colour::Accent,
                values: column("hit_rate"),
                are_labelled: true,
            },
            Layer::Points {
                name: heading("low"),
                colour: Colour::Muted,
                values: column("low"),
                are_labelled: false,
            },
            Layer::Points {
                name: heading("high"),
                colour: Colour::Muted,
                values: column("high"),
                are_labelled: false,
            },
        ];
        Chart::layers("record", Format::Percent(0), Axis::Names(names.collect()), layers)
            .titled(self.title(), message("rotation-record-unit", &self.args()))
            .captioned(words("rotation-record-caption"))
            .tall(280)
            .with_rule(0.5, words("rotation-even"), Colour::Faint)
    }

    fn table(&self) -> Shown {
        let mut columns = vec![ShownColumn::words(heading("rule"))];
        let format = |name: &str| match name {
            "brier" | "log_score" => Format::Number(3),
            "switches" => Format::Number(1),
            _ => Format::Percent(1),
        };
        let shown =
            RECORD_COLUMNS.iter().map(|name| ShownColumn::number(heading(name), format(name)));
        columns.extend(shown);
        let mut table =
            Shown::new("record", message("rotation-record-title", &self.args()), columns);
        for (i, rule) in self.rules.iter().enumerate() {
            let mut cells = vec![Cell::Words(rule_words(rule))];
            cells.extend(RECORD_COLUMNS.iter().map(|name| Cell::Number(self.of(name, i))));
            table.push(Row { cells, is_emphasised: i == 0 });
        }
        table.note = words("rotation-record-note");
        table
    }
}

/// A rule's name for readers.
fn rule_words(rule: &str) -> Text {
    match rule {
        "outlook" => words("rotation-rule-outlook"),
        "regime" => words("rotation-rule-regime"),
        "momentum" => words("rotation-rule-momentum"),
        "moving_average" => words("rotation-rule-moving_average"),
        "always_small" => words("rotation-rule-always_small"),
        other => Text::same(other),
    }
}

/// The breaks, or that there are none, and the two cumulated tests.
fn breaks(source: &Source) -> Result<Text, ReportError> {
    let frame = source.frame(EXHIBIT, "break")?;
    let tests = source.frame(EXHIBIT, "cusum_test")?;
    let p = tests.numbers("p_value")?;
    let p_of = |i: usize| Arg::Number(p.get(i).copied().unwrap_or(f64::NAN));
    let tests = message("rotation-cusum", &[("ols", p_of(0)), ("recursive", p_of(1))]);
    if frame.n_rows() == 0 {
        return Ok(Text::sentences([&words("rotation-no-break"), &tests]));
    }
    let (days, low, high) = (frame.days("date")?, frame.days("low")?, frame.days("high")?);
    let (before, after) = (frame.numbers("lead_before")?, frame.numbers("lead_after")?);
    let one = |i: usize| {
        message(
            "rotation-break",
            &[
                ("day", days[i].into()),
                ("low", low[i].into()),
                ("high", high[i].into()),
                ("before", before[i].into()),
                ("after", after[i].into()),
            ],
        )
    };
    let all: Vec<Text> = (0..days.len()).map(one).collect();
    let told = closed(&Text::clauses(&all));
    Ok(Text::sentences([&words("rotation-breaks"), &told, &tests]))
}

fn cusum_chart(source: &Source) -> Result<Option<Chart>, ReportError> {
    let frame = source.frame(EXHIBIT, "cusum")?;
    let days = frame.days("date")?;
    if days.len() < 2 {
        return Ok(None);
    }
    let line = |name: &str, colour, values| Layer::Line {
        name: words(name),
        colour,
        values,
        stroke: Stroke::Plain,
    };
    let layers = vec![
        line("rotation-line-ols", Colour::Segment(Segment::Csi300), frame.numbers("ols")?),
        line(
            "rotation-line-recursive",
            Colour::Segment(Segment::Micro),
            frame.numbers("recursive")?,
        ),
    ];
    let told = [("period", period(days).into())];
    let chart = Chart::layers("cusum", Format::Number(1), Axis::Days(days.to_vec()), layers)
        .titled(words("rotation-cusum-title"), message("rotation-cusum-unit", &told))
        .captioned(words("rotation-cusum-caption"))
        .tall(240)
        .with_rule(1.358, words("rotation-cusum-mark"), Colour::Faint)
        .with_rule(-1.358, Text::default(), Colour::Faint);
    Ok(Some(chart))
}
