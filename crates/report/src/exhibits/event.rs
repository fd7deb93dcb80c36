//! Exhibit 9: which policy events moved micro caps, how sure that is, and which cannot be told apart.

mod names;
mod path;
mod segments;

use shoals_core::{Segment, TradingDay};

use super::source::Source;
use crate::ReportError;
use crate::chart::{Chart, Colour, Rung};
use crate::columns::heading;
use crate::exhibit::{Cell, Exhibit, Row, Shown, ShownColumn, Verdict};
use crate::i18n::{Arg, Text, message, words};
use crate::number::{self, Format};

use names::Names;

const EXHIBIT: &str = "event";

/// Deviations on either side of a rung: the band of 95 %.
const BAND: f64 = 1.96;

/// Exhibit 9 from the event outcome's `event`, `series_window` and `path` tables and, where stocks were studied, the columns
/// of names in `event`.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub fn event(source: &Source) -> Result<Exhibit, ReportError> {
    let mut exhibit = source.exhibit(9, EXHIBIT, words("event-question"));
    let timeline = Timeline::read(source)?;
    let Some(told) = timeline.told() else {
        exhibit.title = words("event-title-empty");
        return Ok(exhibit);
    };
    let names = Names::read(source)?;
    exhibit.title = timeline.title();
    let stop = |text: &Text| Text::new(format!("{}。", text.zh), format!("{}.", text.en));
    exhibit.verdict = vec![Verdict {
        figure: Text::same(number::percent(told.car, 1)),
        label: message("event-label", &[("day", told.day.into())]),
        sentence: Text::sentences([&stop(&exhibit.title), &timeline.strongest()]),
        ..Verdict::default()
    }];
    let answer = [
        Some(timeline.counted()),
        Some(timeline.strongest()),
        names.as_ref().map(Names::sentence),
        timeline.alone(),
    ];
    exhibit.answer = answer.into_iter().flatten().collect();
    exhibit.charts.push(timeline.chart());
    exhibit.charts.extend(segments::chart(source)?);
    exhibit.charts.extend(path::chart(source, &told.id, &told.title)?);
    exhibit.charts.extend(names.as_ref().map(Names::chart));
    exhibit.tables = vec![timeline.table(), timeline.sentences()];
    exhibit.notes =
        ["event-note-date", "event-note-variance", "event-note-after"].map(words).to_vec();
    Ok(exhibit)
}

/// One event that the data cover.
#[derive(Debug, Clone)]
struct Told {
    id: String,
    day: TradingDay,
    title: Text,
    sentence: Text,
    finding: String,
    expected: String,
    found: String,
    car: f64,
    error: f64,
    t: f64,
    placebo_p: f64,
    adjusted_p: f64,
    names_t: f64,
    names_p: f64,
    difference: f64,
    difference_p: f64,
}

impl Told {
    fn stands(&self) -> bool {
        self.finding == "found" || self.finding == "confounded"
    }

    fn args(&self) -> Vec<(&'static str, Arg)> {
        vec![
            ("day", self.day.into()),
            ("title", (&self.title).into()),
            ("car", self.car.into()),
            ("t", self.t.into()),
            ("p", self.placebo_p.into()),
            ("adjusted", self.adjusted_p.into()),
        ]
    }
}

/// The events in order, and how many more the data do not reach.
struct Timeline {
    told: Vec<Told>,
    n_left: usize,
    left: Vec<(TradingDay, Text, Text)>,
}

impl Timeline {
    fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "event")?;
        let (ids, days) = (frame.words("event_id")?, frame.days("day_0")?);
        let (titles, verdicts) = (frame.sentences("title")?, frame.sentences("verdict")?);
        let (findings, expected) = (frame.words("finding")?, frame.words("expected_sign")?);
        let found = frame.words("found_sign")?;
        let number = |name| frame.numbers(name);
        let (car, t) = (number("car")?, number("t")?);
        let (placebo, adjusted) = (number("placebo_p")?, number("adjusted_p")?);
        let (names_t, names_p) =
            (number("kolari_pynnonen_t")?, number("adjusted_kolari_pynnonen_p")?);
        let (difference, difference_p) = (number("difference_car")?, number("difference_p")?);
        let (mut told, mut left) = (Vec::new(), Vec::new());
        for i in 0..frame.n_rows() {
            if !car[i].is_finite() {
                left.push((days[i], titles[i].clone(), verdicts[i].clone()));
                continue;
            }
            told.push(Told {
                id: ids[i].clone(),
                day: days[i],
                title: titles[i].clone(),
                sentence: verdicts[i].clone(),
                finding: findings[i].clone(),
                expected: expected[i].clone(),
                found: found[i].clone(),
                car: car[i],
                error: (car[i] / t[i]).abs(),
                t: t[i],
                placebo_p: placebo[i],
                adjusted_p: adjusted[i],
                names_t: names_t[i],
                names_p: names_p[i],
                difference: difference[i],
                difference_p: difference_p[i],
            });
        }
        Ok(Self { told, n_left: left.len(), left })
    }

    /// The event told of first: the one that moved most in its own errors.
    fn told(&self) -> Option<&Told> {
        self.told.iter().max_by(|a, b| a.t.abs().total_cmp(&b.t.abs()))
    }

    fn args(&self) -> Vec<(&'static str, Arg)> {
        let count = |is: &dyn Fn(&&Told) -> bool| self.told.iter().filter(is).count();
        let stands = count(&|one| one.stands());
        let alone = count(&|one| one.finding == "found");
        let opposite =
            count(&|one| one.stands() && one.expected != "?" && one.expected != one.found);
        let expected = count(&|one| one.stands() && one.expected == one.found);
        vec![
            ("n", self.told.len().into()),
            ("stands", stands.into()),
            ("alone", alone.into()),
            ("shared", (stands - alone).into()),
            ("opposite", opposite.into()),
            ("expected", expected.into()),
            ("left", self.n_left.into()),
        ]
    }

    fn title(&self) -> Text {
        let key =
            if self.told.iter().any(Told::stands) { "event-title" } else { "event-title-none" };
        message(key, &self.args())
    }

    fn counted(&self) -> Text {
        message("event-counted", &self.args())
    }

    fn strongest(&self) -> Text {
        self.told().map_or_else(Text::default, |told| message("event-strongest", &told.args()))
    }

    /// What the events that share no window say, where one of them stands; and that none does.
    fn alone(&self) -> Option<Text> {
        let alone = self.told.iter().filter(|one| one.finding == "found");
        let strongest = alone.max_by(|a, b| a.t.abs().total_cmp(&b.t.abs()));
        match strongest {
            Some(one) if self.told().is_none_or(|told| told.id != one.id) => {
                Some(message("event-alone", &one.args()))
            }
            Some(_) => None,
            None => Some(words("event-alone-none")),
        }
    }

    fn chart(&self) -> Chart {
        let rung = |one: &Told| {
            let colour = match (one.stands(), one.car < 0.0) {
                (false, _) => Colour::Muted,
                (true, true) => Colour::Segment(Segment::Micro),
                (true, false) => Colour::Segment(Segment::Csi300),
            };
            let name = |title: &str| format!("{} {title}", one.day);
            Rung {
                name: Text::new(name(&short(&one.title.zh, 18)), name(&short(&one.title.en, 42))),
                value: one.car,
                band: Some((one.car - BAND * one.error, one.car + BAND * one.error)),
                colour,
            }
        };
        Chart::ladder("event_moves", Format::Percent(1), self.told.iter().map(rung).collect())
            .titled(self.title(), words("event-moves-unit"))
            .captioned(words("event-moves-caption"))
    }

    fn table(&self) -> Shown {
        let p = |name| ShownColumn::number(heading(name), Format::Number(3));
        let t = |name| ShownColumn::number(heading(name), Format::Number(1));
        let percent = |name| ShownColumn::number(heading(name), Format::Percent(1));
        let columns = vec![
            ShownColumn::words(heading("day_0")),
            ShownColumn::words(heading("title")),
            ShownColumn::words(heading("expected_sign")),
            ShownColumn::words(heading("finding")),
            percent("car"),
            p("placebo_p"),
            p("adjusted_p"),
            t("kolari_pynnonen_t"),
            p("adjusted_kolari_pynnonen_p"),
            percent("difference_car"),
            p("difference_p"),
        ];
        let mut shown = Shown::new("events", words("event-table"), columns);
        for one in &self.told {
            let mark = if one.expected == "-" { "\u{2212}" } else { &one.expected };
            let mut cells = vec![
                Cell::Day(one.day),
                Cell::Words(one.title.clone()),
                Cell::Words(Text::same(mark)),
                Cell::Words(finding_words(&one.finding)),
            ];
            let numbers = [
                one.car,
                one.placebo_p,
                one.adjusted_p,
                one.names_t,
                one.names_p,
                one.difference,
                one.difference_p,
            ];
            cells.extend(numbers.map(Cell::Number));
            shown.push(Row { cells, is_emphasised: one.stands() });
        }
        shown.note = words("event-table-note");
        shown
    }

    fn sentences(&self) -> Shown {
        let columns = vec![
            ShownColumn::words(heading("day_0")),
            ShownColumn::words(heading("title")),
            ShownColumn::words(heading("verdict")),
        ];
        let mut shown = Shown::new("event_verdicts", words("event-verdicts"), columns);
        let told = self.told.iter().map(|one| (one.day, &one.title, &one.sentence));
        let left = self.left.iter().map(|(day, title, sentence)| (*day, title, sentence));
        for (day, title, sentence) in told.chain(left) {
            let words = [title, sentence].map(|text| Cell::Words(text.clone()));
            let cells = [Cell::Day(day)].into_iter().chain(words).collect();
            shown.push(Row { cells, is_emphasised: false });
        }
        shown
    }
}

/// The first so many characters of a title.
fn short(title: &str, n: usize) -> String {
    if title.chars().count() <= n {
        return title.to_owned();
    }
    let cut: String = title.chars().take(n - 1).collect();
    format!("{}…", cut.trim_end())
}

fn finding_words(finding: &str) -> Text {
    words(match finding {
        "found" => "event-finding-found",
        "confounded" => "event-finding-confounded",
        "suggestive" => "event-finding-suggestive",
        _ => "event-finding-nothing",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::{Convention, Table, day};
    use std::collections::BTreeMap;

    /// Three events: one stands beside a neighbour, one does not stand, one is out of reach.
    fn tables(finding: &str) -> Vec<Table> {
        let text = |words: [&str; 3]| words.map(str::to_owned).to_vec();
        let both = |words: [&str; 3]| words.map(Text::same).to_vec();
        let gone = f64::NAN;
        let table = Table::new("event")
            .with("event_id", "", text(["a", "b", "c"]))
            .with("day_0", "", vec![day(2024, 2, 5), day(2024, 2, 28), day(2024, 7, 11)])
            .with("finding", "", text([finding, "nothing", "not_covered"]))
            .with("title", "", both(["first", "second", "third"]))
            .with("expected_sign", "", text(["+", "-", "+"]))
            .with("found_sign", "", text(["-", "+", "?"]))
            .with("verdict", "", both(["one", "two", "three"]))
            .with("car", "", vec![-0.2, 0.01, gone])
            .with("t", "", vec![-10.0, 0.5, gone])
            .with("placebo_p", "", vec![0.001, 0.6, gone])
            .with("adjusted_p", "", vec![0.002, 0.6, gone])
            .with("patell_z", "", vec![-80.0, 3.0, gone])
            .with("kolari_pynnonen_t", "", vec![-2.5, 0.3, gone])
            .with("adjusted_kolari_pynnonen_p", "", vec![0.02, 0.7, gone])
            .with("difference_car", "", vec![0.01, 0.0, gone])
            .with("difference_p", "", vec![0.5, 0.9, gone]);
        let path = Table::new("path")
            .with("event_id", "", text(["a", "a", "b"]))
            .with("subject", "", vec!["micro_minus_csi300".to_owned(); 3])
            .with("relative_day", "", vec![-1_i64, 0, 0])
            .with("date", "", vec![day(2024, 2, 2), day(2024, 2, 5), day(2024, 2, 28)])
            .with("cumulative", "", vec![-0.05, -0.25, 0.01])
            .with("standard_error", "", vec![0.01, 0.014, 0.01]);
        let series = Table::new("series_window")
            .with("event_id", "", text(["a", "a", "b"]))
            .with("subject", "", text(["micro", "csi2000", "micro"]))
            .with("is_main", "", vec![true; 3])
            .with("car", "", vec![-0.2, -0.1, 0.01]);
        vec![table, series, path]
    }

    fn told(finding: &str) -> Exhibit {
        let (tables, convention, data) = (tables(finding), Convention::new(), BTreeMap::new());
        event(&Source { tables: &tables, convention: &convention, data: &data }).unwrap()
    }

    #[test]
    fn what_stands_what_does_not_and_what_is_out_of_reach_are_told_apart() {
        let exhibit = told("confounded");
        assert_eq!(exhibit.number, 9);
        assert!(exhibit.title.en.contains("around 1 of 2 policy events"), "{}", exhibit.title.en);
        assert!(exhibit.title.zh.contains("2 个政策事件中，1 个"), "{}", exhibit.title.zh);
        assert!(exhibit.answer[0].en.contains("0 with the sign that was expected, 1 against it"));
        assert!(exhibit.answer[0].en.contains("1 lie outside the data"));
        let names = &exhibit.answer[2].en;
        assert!(
            names.contains("2 of 2 days") && names.contains("corrected for it 1 are"),
            "{names}"
        );
        assert!(exhibit.answer[3].en.contains("No event that has its window to itself"));
        assert_eq!((exhibit.tables[0].rows.len(), exhibit.tables[1].rows.len()), (2, 3));
        assert!(
            exhibit.tables[0].rows[0].is_emphasised && !exhibit.tables[0].rows[1].is_emphasised
        );
        let ids: Vec<&str> = exhibit.charts.iter().map(|chart| chart.id.as_str()).collect();
        assert_eq!(ids, ["event_moves", "event_segments", "event_path", "event_names"]);
    }

    #[test]
    fn where_nothing_stands_the_title_says_so() {
        let exhibit = told("nothing");
        assert!(exhibit.title.en.starts_with("Around none of 2"), "{}", exhibit.title.en);
        assert_eq!(short("abcdef", 4), "abc…");
    }
}
