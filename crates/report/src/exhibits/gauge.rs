//! Exhibit 16: the gauge, what pushed it, and its record out of sample.

use shoals_core::TradingDay;

use super::source::{Frame, Source, highest, period};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Event, Layer, Plot, Rung, Stroke};
use crate::exhibit::{Cell, Exhibit, Row, Shown, ShownColumn, Verdict};
use crate::i18n::{Arg, Text, message, words};
use crate::number::{self, Format};

const EXHIBIT: &str = "gauge";
const GROUPS: [&str; 4] = ["leverage", "crowding", "liquidity", "extremity"];
/// Steps of the operating characteristic that is drawn.
const STEPS: usize = 50;

/// Exhibit 16 from the `day`, `component`, `skill`, `fall`, `holding` and `curve` tables of a gauge outcome. The alarm's line, the size of a fall
/// and the proof stand in its `setting` table.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub fn gauge(source: &Source) -> Result<Exhibit, ReportError> {
    let mut exhibit = source.exhibit(16, EXHIBIT, words("gauge-question"));
    let days = Readings::read(source)?;
    let Some(now) = days.now() else {
        exhibit.title = words("gauge-title-empty");
        return Ok(exhibit);
    };
    let record = Record::read(source)?;
    let moved = Moved::read(source, days.days[now])?;
    let proof = record.proof();
    let args = [
        ("day", days.days[now].into()),
        ("level", days.level[now].into()),
        ("composite", days.composite[now].into()),
        ("proof", Arg::Words(words(proof))),
        ("up", Arg::Words(moved.name(0))),
        ("down", Arg::Words(moved.name(moved.names.len().saturating_sub(1)))),
    ];
    exhibit.title = message("gauge-title", &args);
    let told = record.sentences();
    exhibit.verdict = vec![Verdict {
        figure: Text::same(number::percent(days.level[now], 0)),
        label: message("gauge-label", &args),
        sentence: Text::sentences([&message("gauge-now", &args), &told[0]]),
        ..Verdict::default()
    }];
    exhibit.answer = vec![message("gauge-now", &args)];
    exhibit.answer.extend(days.peak());
    exhibit.answer.extend(told);
    exhibit.charts = vec![days.level_chart(&record)];
    exhibit.charts.extend(days.group_chart());
    exhibit.charts.extend(moved.chart());
    exhibit.charts.extend(record.curve_chart(source)?);
    exhibit.tables = vec![record.skill_table(), record.fall_table(), record.holding_table()];
    exhibit.notes =
        ["gauge-note-equal", "gauge-note-hindsight", "gauge-note-few"].map(words).to_vec();
    Ok(exhibit)
}

struct Readings<'a> {
    days: &'a [TradingDay],
    level: Vec<f64>,
    composite: Vec<f64>,
    is_alarm: &'a [bool],
    groups: Vec<Vec<f64>>,
}

impl<'a> Readings<'a> {
    fn read(source: &Source<'a>) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "day")?;
        Ok(Self {
            days: frame.days("date")?,
            level: frame.numbers("level")?,
            composite: frame.numbers("composite")?,
            is_alarm: frame.flags("is_alarm")?,
            groups: GROUPS
                .map(|group| frame.numbers(group))
                .into_iter()
                .collect::<Result<_, _>>()?,
        })
    }

    fn now(&self) -> Option<usize> {
        self.level.iter().rposition(|level| level.is_finite())
    }

    fn peak(&self) -> Option<Text> {
        // The composite tells days of one percentile apart.
        let known: Vec<f64> = self
            .level
            .iter()
            .zip(&self.composite)
            .map(|(level, composite)| 10.0 * level + composite)
            .collect();
        let peak = highest(&known)?;
        let args = [
            ("day", self.days[peak].into()),
            ("level", self.level[peak].into()),
            ("composite", self.composite[peak].into()),
        ];
        Some(message("gauge-peak", &args))
    }

    fn level_chart(&self, record: &Record) -> Chart {
        let first = self.level.iter().position(|level| level.is_finite()).unwrap_or(0);
        let days = self.days[first..].to_vec();
        let known = self.level[first..].iter().filter(|level| level.is_finite()).count();
        let alarms = self.is_alarm.iter().filter(|is| **is).count();
        let layers = vec![Layer::Line {
            name: words("gauge-line"),
            colour: Colour::Accent,
            values: self.level[first..].to_vec(),
            stroke: Stroke::Strong,
        }];
        let fall = |i: usize| Event {
            from: record.peaks[i].max(days[0]),
            to: Some(record.troughs[i]),
            label: Text::default(),
            colour: Colour::Fall,
        };
        let falls: Vec<Event> = (0..record.peaks.len()).map(fall).collect();
        let args =
            [("share", (alarms as f64 / known as f64).into()), ("period", period(&days).into())];
        Chart::layers("level", Format::Percent(0), Axis::Days(days), layers)
            .titled(message("gauge-level-title", &args), message("gauge-level-unit", &args))
            .captioned(words("gauge-level-caption"))
            .with_rule(record.setting("alarm_percentile"), words("gauge-level-rule"), Colour::Muted)
            .with_events(falls)
    }

    /// Each group's danger at the ends of months, less one half.
    fn group_chart(&self) -> Option<Chart> {
        let now = self.now()?;
        let month = |t: usize| self.days[t].to_string()[..7].to_owned();
        let ends: Vec<usize> = (0..self.days.len())
            .filter(|&t| self.composite[t].is_finite())
            .filter(|&t| t + 1 == self.days.len() || month(t) != month(t + 1))
            .collect();
        if ends.len() < 2 {
            return None;
        }
        let latest: Vec<f64> = self.groups.iter().map(|group| group[now]).collect();
        let most = highest(&latest)?;
        let args =
            [("group", Arg::Words(scorer_words(GROUPS[most]))), ("day", self.days[now].into())];
        let plot = Plot::Heat {
            columns: ends.iter().map(|&t| Text::same(month(t))).collect(),
            rows: GROUPS.iter().map(|group| scorer_words(group)).collect(),
            values: self
                .groups
                .iter()
                .map(|group| ends.iter().map(|&t| group[t] - 0.5).collect())
                .collect(),
            marked: Vec::new(),
        };
        Some(
            Chart::heat("groups", Format::Number(2), plot)
                .titled(message("gauge-groups-title", &args), words("gauge-groups-unit"))
                .captioned(words("gauge-groups-caption"))
                .tall(190),
        )
    }
}

/// What each component added on the last day, the largest push first.
struct Moved {
    day: TradingDay,
    names: Vec<String>,
    parts: Vec<f64>,
}

impl Moved {
    fn read(source: &Source, day: TradingDay) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "component")?;
        let (days, names) = (frame.days("date")?, frame.words("component")?);
        let parts = frame.numbers("contribution")?;
        let mut rows: Vec<usize> =
            (0..days.len()).filter(|&i| days[i] == day && parts[i].is_finite()).collect();
        rows.sort_by(|&a, &b| parts[b].total_cmp(&parts[a]));
        Ok(Self {
            day,
            names: rows.iter().map(|&i| names[i].clone()).collect(),
            parts: rows.iter().map(|&i| parts[i]).collect(),
        })
    }

    fn name(&self, place: usize) -> Text {
        self.names.get(place).map(|name| component_words(name)).unwrap_or_default()
    }

    fn chart(&self) -> Option<Chart> {
        if self.names.is_empty() {
            return None;
        }
        let rung = |i: usize| Rung {
            name: self.name(i),
            value: self.parts[i],
            band: None,
            colour: Colour::Accent,
        };
        let rungs: Vec<Rung> = (0..self.names.len()).map(rung).collect();
        let height = 46 + 30 * rungs.len() as u16;
        let args = [("most", Arg::Words(self.name(0))), ("day", self.day.into())];
        Some(
            Chart::ladder("moved", Format::Number(3), rungs)
                .titled(message("gauge-moved-title", &args), message("gauge-moved-unit", &args))
                .captioned(words("gauge-moved-caption"))
                .tall(height),
        )
    }
}

/// The record, as its tables have it.
struct Record<'a> {
    skill: Frame<'a>,
    scorers: Vec<String>,
    fall: Frame<'a>,
    peaks: &'a [TradingDay],
    troughs: &'a [TradingDay],
    holding: Frame<'a>,
    holders: Vec<String>,
    setting: Frame<'a>,
}

impl<'a> Record<'a> {
    fn read(source: &Source<'a>) -> Result<Self, ReportError> {
        let skill = source.frame(EXHIBIT, "skill")?;
        let fall = source.frame(EXHIBIT, "fall")?;
        let holding = source.frame(EXHIBIT, "holding")?;
        Ok(Self {
            scorers: skill.words("scorer")?,
            holders: holding.words("scorer")?,
            peaks: fall.days("peak")?,
            troughs: fall.days("trough")?,
            setting: source.frame(EXHIBIT, "setting")?,
            skill,
            fall,
            holding,
        })
    }

    fn of(&self, scorer: &str, column: &'static str) -> f64 {
        let row = self.scorers.iter().position(|name| name == scorer);
        let column = self.skill.optional_numbers(column);
        row.zip(column).map_or(f64::NAN, |(row, column)| column[row])
    }

    fn held(&self, scorer: &str, column: &'static str) -> f64 {
        let row = self.holders.iter().position(|name| name == scorer);
        let column = self.holding.optional_numbers(column);
        row.zip(column).map_or(f64::NAN, |(row, column)| column[row])
    }

    fn setting(&self, column: &'static str) -> f64 {
        let column = self.setting.optional_numbers(column);
        column.and_then(|values| values.first().copied()).unwrap_or(f64::NAN)
    }

    fn proof(&self) -> &'static str {
        let proof = self.setting.words("proof").ok().and_then(|words| words.into_iter().next());
        match proof.as_deref() {
            Some("skill") => "gauge-proof-skill",
            Some("no_better_than_rivals") => "gauge-proof-rivals",
            Some("no_skill") => "gauge-proof-none",
            _ => "gauge-proof-nothing",
        }
    }

    fn sentences(&self) -> Vec<Text> {
        let gauge = |column: &'static str| Arg::Number(self.of("gauge", column));
        let (fall, horizon) = (self.setting("drawdown"), self.setting("horizon_days"));
        let mut args = vec![("fall", fall.into()), ("horizon", horizon.into())];
        if self.of("gauge", "area").is_nan() {
            return vec![message("gauge-none-scored", &args)];
        }
        args.extend([
            ("days", gauge("days")),
            ("events", gauge("event_days")),
            ("area", gauge("area")),
            ("low", gauge("area_low")),
            ("high", gauge("area_high")),
            ("p", gauge("p_value")),
            ("falls", gauge("falls")),
            ("warned", gauge("falls_warned")),
            ("alarms", gauge("alarms")),
            ("false_alarms", gauge("false_alarms")),
        ]);
        let rivals = [
            ("momentum", self.of("momentum", "area").into()),
            ("volatility", self.of("volatility", "area").into()),
            ("made", self.held("gauge", "annual_return").into()),
            ("worst", self.held("gauge", "max_drawdown").into()),
            ("always", self.held("always_in", "annual_return").into()),
            ("always_worst", self.held("always_in", "max_drawdown").into()),
        ];
        vec![message("gauge-record", &args), message("gauge-rivals", &rivals)]
    }

    fn curve_chart(&self, source: &Source) -> Result<Option<Chart>, ReportError> {
        let frame = source.frame(EXHIBIT, "curve")?;
        let scorers = frame.words("scorer")?;
        let (hits, alarms) = (frame.numbers("hit_rate")?, frame.numbers("false_alarm_rate")?);
        let at: Vec<f64> = (0..=STEPS).map(|i| i as f64 / STEPS as f64).collect();
        // The most hits that cost no more than so many false alarms.
        let curve = |scorer: &str| -> Option<Vec<f64>> {
            let points: Vec<(f64, f64)> = (0..scorers.len())
                .filter(|&i| scorers[i] == scorer)
                .map(|i| (alarms[i], hits[i]))
                .collect();
            let reached = |x: f64| {
                let within = points.iter().filter(|point| point.0 <= x + 1e-12);
                within.map(|point| point.1).fold(0.0, f64::max)
            };
            (!points.is_empty()).then(|| at.iter().map(|&x| reached(x)).collect())
        };
        let Some(gauge) = curve("gauge") else { return Ok(None) };
        let line =
            |name: Text, colour, values, stroke| Layer::Line { name, colour, values, stroke };
        let mut layers =
            vec![line(words("gauge-curve-chance"), Colour::Faint, at.clone(), Stroke::Plain)];
        for (scorer, colour) in [("momentum", Colour::Muted), ("volatility", Colour::Ink)] {
            let values = curve(scorer);
            layers.extend(values.map(|v| line(scorer_words(scorer), colour, v, Stroke::Plain)));
        }
        layers.push(line(words("gauge-line"), Colour::Accent, gauge, Stroke::Strong));
        let places = at.iter().map(|x| (100.0 * x).round()).collect();
        let axis = Axis::Numbers { title: words("gauge-curve-axis"), at: places };
        let args = [("area", self.of("gauge", "area").into())];
        Ok(Some(
            Chart::layers("curve", Format::Percent(0), axis, layers)
                .titled(message("gauge-curve-title", &args), words("gauge-curve-unit"))
                .captioned(words("gauge-curve-caption")),
        ))
    }

    fn skill_table(&self) -> Shown {
        let columns: [(&str, &'static str, Format); 11] = [
            ("gauge-head-days", "days", Format::Number(0)),
            ("gauge-head-area", "area", Format::Number(2)),
            ("gauge-head-low", "area_low", Format::Number(2)),
            ("gauge-head-high", "area_high", Format::Number(2)),
            ("gauge-head-p", "p_value", Format::Number(3)),
            ("gauge-head-lead-low", "gauge_lead_low", Format::Number(2)),
            ("gauge-head-lead-high", "gauge_lead_high", Format::Number(2)),
            ("gauge-head-hit", "hit_rate", Format::Percent(0)),
            ("gauge-head-false", "false_alarm_rate", Format::Percent(0)),
            ("gauge-head-precision", "precision", Format::Percent(0)),
            ("gauge-head-warned", "falls_warned", Format::Number(0)),
        ];
        let mut table = shown("skill", ["gauge-table-skill", "gauge-table-skill-note"], &columns);
        for scorer in &self.scorers {
            let numbers = columns.iter().map(|(_, name, _)| Cell::Number(self.of(scorer, name)));
            let cells = std::iter::once(Cell::Words(scorer_words(scorer))).chain(numbers).collect();
            table.push(Row { cells, is_emphasised: scorer == "gauge" });
        }
        table
    }

    fn fall_table(&self) -> Shown {
        let columns: [(&str, &'static str, Format); 4] = [
            ("gauge-head-depth", "depth", Format::Percent(1)),
            ("gauge-head-level", "level_at_peak", Format::Percent(0)),
            ("gauge-head-share", "alarm_share", Format::Percent(0)),
            ("gauge-head-lead", "lead_days", Format::Number(0)),
        ];
        let mut heads = ["gauge-head-peak", "gauge-head-breach", "gauge-head-trough"]
            .map(|key| ShownColumn::words(words(key)))
            .to_vec();
        heads.extend(
            columns.iter().map(|(key, _, format)| ShownColumn::number(words(key), *format)),
        );
        let mut table = Shown::new("fall", words("gauge-table-fall"), heads);
        let breaches = self.fall.days("breach").unwrap_or_default();
        let values: Vec<Option<Vec<f64>>> =
            columns.iter().map(|(_, name, _)| self.fall.optional_numbers(name)).collect();
        for (i, breach) in breaches.iter().enumerate() {
            let days = [self.peaks[i], *breach, self.troughs[i]].map(Cell::Day);
            let numbers = values.iter().flatten().map(|column| Cell::Number(column[i]));
            table.push(Row {
                cells: days.into_iter().chain(numbers).collect(),
                is_emphasised: false,
            });
        }
        table.note = words("gauge-table-fall-note");
        table
    }

    fn holding_table(&self) -> Shown {
        let columns: [(&str, &'static str, Format); 5] = [
            ("gauge-head-return", "annual_return", Format::Percent(1)),
            ("gauge-head-volatility", "volatility", Format::Percent(1)),
            ("gauge-head-drawdown", "max_drawdown", Format::Percent(1)),
            ("gauge-head-held", "held_share", Format::Percent(0)),
            ("gauge-head-switches", "switches", Format::Number(0)),
        ];
        let mut table =
            shown("holding", ["gauge-table-holding", "gauge-table-holding-note"], &columns);
        for scorer in &self.holders {
            let numbers = columns.iter().map(|(_, name, _)| Cell::Number(self.held(scorer, name)));
            let cells = std::iter::once(Cell::Words(scorer_words(scorer))).chain(numbers).collect();
            table.push(Row { cells, is_emphasised: scorer == "gauge" });
        }
        table
    }
}

/// An empty table of scorers with its title and note.
fn shown(id: &str, [title, note]: [&str; 2], columns: &[(&str, &str, Format)]) -> Shown {
    let mut heads = vec![ShownColumn::words(words("gauge-head-scorer"))];
    heads.extend(columns.iter().map(|(key, _, format)| ShownColumn::number(words(key), *format)));
    let mut table = Shown::new(id, words(title), heads);
    table.note = words(note);
    table
}

fn scorer_words(name: &str) -> Text {
    match name {
        "gauge" => words("gauge-scorer-gauge"),
        "leverage" => words("gauge-scorer-leverage"),
        "crowding" => words("gauge-scorer-crowding"),
        "liquidity" => words("gauge-scorer-liquidity"),
        "extremity" => words("gauge-scorer-extremity"),
        "momentum" => words("gauge-scorer-momentum"),
        "volatility" => words("gauge-scorer-volatility"),
        "always_in" => words("gauge-scorer-always-in"),
        other => Text::same(other),
    }
}

fn component_words(name: &str) -> Text {
    if let Some(product) = name.strip_prefix("basis_") {
        return message(
            "gauge-component-basis",
            &[("product", product.to_uppercase().as_str().into())],
        );
    }
    match name {
        "financing" => words("gauge-component-financing"),
        "crowding" => words("gauge-component-crowding"),
        "amihud_ratio" => words("gauge-component-amihud"),
        "limit_down_share" => words("gauge-component-limit"),
        "days_to_liquidate" => words("gauge-component-days"),
        "excess_250d" => words("gauge-component-excess"),
        "distance_to_mean_250d" => words("gauge-component-distance"),
        other => Text::same(other),
    }
}
