//! Exhibit 10: which funds only look calm, was that to be seen before the fall, and how often is such a flag wrong?

mod hidden;
mod part;
mod record;
mod style;

use super::source::{Frame, Source, lowest};
use crate::ReportError;
use crate::chart::{Chart, Colour, Plot, Rung};
use crate::columns::heading;
use crate::exhibit::{Cell, Exhibit, Row, Shown, ShownColumn, Verdict};
use crate::i18n::{Arg, Text, message, words};
use crate::number::Format;

const EXHIBIT: &str = "fund";
/// Funds a chart or table shows; the files hold all.
const MOST_SHOWN: usize = 24;

/// What a part of the X-ray adds to a page.
#[derive(Default)]
struct Piece {
    answer: Vec<Text>,
    charts: Vec<Chart>,
    tables: Vec<Shown>,
}

impl Piece {
    /// With the funds' names where their codes stood.
    fn named(mut self, funds: &Funds) -> Self {
        let name = |text: &mut Text| {
            for one in funds.rows.iter().filter(|one| one.name != one.code) {
                text.zh = text.zh.replace(&one.code, &one.name);
                text.en = text.en.replace(&one.code, &one.name);
            }
        };
        self.answer.iter_mut().for_each(name);
        for chart in &mut self.charts {
            if let Plot::Ladder { rungs } = &mut chart.plot {
                for rung in rungs {
                    name(&mut rung.name);
                }
            }
        }
        let cells = self.tables.iter_mut().flat_map(|table| &mut table.rows);
        for cell in cells.flat_map(|row| &mut row.cells) {
            if let Cell::Words(text) = cell {
                name(text);
            }
        }
        self
    }

    fn join(self, exhibit: &mut Exhibit) {
        exhibit.answer.extend(self.answer);
        exhibit.charts.extend(self.charts);
        exhibit.tables.extend(self.tables);
    }
}

/// Exhibit 10 from the fund outcome's `fund`, `card` and `proof` tables.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub fn fund(source: &Source) -> Result<Exhibit, ReportError> {
    let mut exhibit = source.exhibit(10, EXHIBIT, words("fund-question"));
    let funds = Funds::read(source)?;
    let proof = Proof::read(source)?;
    let args = funds.args();
    exhibit.title = funds.title();
    exhibit.answer = vec![message("fund-counted", &args)];
    exhibit.answer.extend(funds.worst());
    exhibit.answer.extend(funds.uncertain());
    exhibit.answer.extend(proof.iter().map(Proof::sentence));
    exhibit.verdict.push(funds.verdict(&proof));
    exhibit.charts.extend(funds.ladder());
    exhibit.charts.extend(funds.cards(source)?);
    exhibit.tables.push(funds.table());
    exhibit.tables.extend((!proof.is_empty()).then(|| Proof::table(&proof)));
    for piece in [hidden::hidden_comparison(source)?, record::record_comparison(source)?] {
        piece.named(&funds).join(&mut exhibit);
    }
    exhibit.notes =
        vec![words("fund-note-nav"), words("fund-note-before"), words("fund-note-peso")];
    Ok(exhibit)
}

/// One fund's page, from the tables of an outcome that holds it alone.
///
/// # Errors
/// As [`fund`].
pub fn fund_page(source: &Source, code: &str) -> Result<Exhibit, ReportError> {
    let mut exhibit = source.exhibit(10, EXHIBIT, words("fund-page-question"));
    let funds = Funds::read(source)?;
    let card = CardOf::read(source)?;
    let Some(one) = funds.rows.first() else { return Ok(exhibit) };
    let mut args = funds.args();
    args.push(("verdict", Arg::from(verdict_words(&one.before))));
    args.push(("after", Arg::from(verdict_words(&one.after))));
    args.push(("claim", Arg::from(claim_words(&one.claim))));
    args.push(("fall", one.fall.into()));
    exhibit.title = message("fund-page-title", &args);
    exhibit.answer.push(one.sentence.clone());
    exhibit.verdict.push(Verdict {
        figure: verdict_words(&one.before),
        label: message("fund-before", &args),
        sentence: one.sentence.clone(),
        exhibit: Some(10),
        anchor: EXHIBIT.to_owned(),
    });
    if one.fall.is_finite() {
        exhibit.answer.push(message("fund-page-fall", &args));
    }
    exhibit.tables.push(card.table(&funds));
    exhibit.notes =
        vec![words("fund-note-nav"), words("fund-note-before"), words("fund-note-peso")];
    style::style_page(source)?.join(&mut exhibit);
    hidden::hidden_page(source, code)?.join(&mut exhibit);
    record::record_page(source, code)?.join(&mut exhibit);
    Ok(exhibit)
}

/// One fund's card, before the fall and on all data.
struct CardOf {
    tests: Vec<String>,
    is_before: Vec<bool>,
    found: Vec<[f64; 3]>,
    lines: Vec<f64>,
    flags: Vec<String>,
    reasons: Vec<Text>,
}

impl CardOf {
    fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "card")?;
        Ok(Self {
            tests: frame.words("test")?,
            is_before: frame.flags("is_before")?.to_vec(),
            found: band(&frame, ["value", "low", "high"])?,
            lines: frame.numbers("threshold")?,
            flags: frame.words("flag")?,
            reasons: frame.sentences("reason")?.to_vec(),
        })
    }

    fn table(&self, funds: &Funds) -> Shown {
        let number = |header| ShownColumn::number(header, Format::Number(3));
        let columns = vec![
            ShownColumn::words(heading("test")),
            ShownColumn::words(words("fund-page-known")),
            number(heading("value")),
            number(words("fund-page-low")),
            number(words("fund-page-high")),
            number(words("fund-page-line")),
            ShownColumn::words(words("fund-page-flag")),
        ];
        let mut shown = Shown::new("card", words("fund-page-card"), columns);
        let known = [words("fund-after"), message("fund-before", &funds.args())];
        for i in 0..self.tests.len() {
            let [value, low, high] = self.found[i];
            let flag = match self.flags[i].as_str() {
                "unknown" => Text::sentences([&flag_text("unknown"), &self.reasons[i]]),
                flag => flag_text(flag),
            };
            shown.push(Row {
                cells: vec![
                    Cell::Words(test_words(&self.tests[i])),
                    Cell::Words(known[usize::from(self.is_before[i])].clone()),
                    Cell::Number(value),
                    Cell::Number(low),
                    Cell::Number(high),
                    Cell::Number(self.lines[i]),
                    Cell::Words(flag),
                ],
                is_emphasised: self.flags[i] == "red",
            });
        }
        shown.note = words("fund-page-card-note");
        shown
    }
}

fn flag_text(flag: &str) -> Text {
    match flag {
        "red" => words("fund-flag-red"),
        "amber" => words("fund-flag-amber"),
        "clear" => words("fund-flag-clear"),
        _ => words("fund-flag-unknown"),
    }
}

/// The funds, those with the most hidden exposure first.
struct Funds {
    rows: Vec<One>,
    as_of: String,
    fall: [String; 2],
}

struct One {
    code: String,
    name: String,
    claim: String,
    before: String,
    after: String,
    size: [f64; 3],
    volatility: [f64; 3],
    fall: f64,
    sentence: Text,
}

impl One {
    fn is_calm(&self) -> bool {
        self.claim != "plain_risk"
    }

    fn is_flagged(&self) -> bool {
        self.before == "hides"
    }
}

fn band(frame: &Frame, names: [&'static str; 3]) -> Result<Vec<[f64; 3]>, ReportError> {
    let [value, low, high] =
        [frame.numbers(names[0])?, frame.numbers(names[1])?, frame.numbers(names[2])?];
    Ok((0..value.len()).map(|i| [value[i], low[i], high[i]]).collect())
}

impl Funds {
    fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "fund")?;
        let codes = frame.words("fund")?;
        let (names, claims) = (frame.words("name")?, frame.words("claim")?);
        let (before, after) = (frame.words("verdict_before")?, frame.words("verdict")?);
        let size = band(&frame, ["size", "size_low", "size_high"])?;
        let short = ["short_volatility", "short_volatility_low", "short_volatility_high"];
        let volatility = band(&frame, short)?;
        let (falls, sentences) = (frame.numbers("fall")?, frame.sentences("sentence")?);
        let mut rows: Vec<One> = (0..frame.n_rows())
            .map(|i| One {
                code: codes[i].clone(),
                name: names[i].clone(),
                claim: claims[i].clone(),
                before: before[i].clone(),
                after: after[i].clone(),
                size: size[i],
                volatility: volatility[i],
                fall: falls[i],
                sentence: sentences[i].clone(),
            })
            .collect();
        let weight = |one: &One| if one.size[0].is_finite() { one.size[0] } else { -9.0 };
        rows.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        let day = |column| -> Result<String, ReportError> {
            Ok(frame.words(column)?.first().cloned().unwrap_or_default())
        };
        Ok(Self { rows, as_of: day("as_of")?, fall: [day("fall_from")?, day("fall_to")?] })
    }

    fn count(&self, is: impl Fn(&One) -> bool) -> usize {
        self.rows.iter().filter(|one| is(one)).count()
    }

    fn args(&self) -> Vec<(&'static str, Arg)> {
        vec![
            ("n", self.rows.len().into()),
            ("calm", self.count(One::is_calm).into()),
            ("flagged", self.count(One::is_flagged).into()),
            ("unknown", self.count(|one| one.is_calm() && one.before == "unknown").into()),
            ("now", self.count(|one| one.after == "hides").into()),
            ("day", self.as_of.as_str().into()),
            ("from", self.fall[0].as_str().into()),
            ("to", self.fall[1].as_str().into()),
        ]
    }

    fn title(&self) -> Text {
        let n_known = self.count(|one| one.is_calm() && one.before != "unknown");
        let key = match (n_known, self.count(One::is_flagged)) {
            (0, _) => "fund-title-unknown",
            (_, 0) => "fund-title-none",
            _ => "fund-title",
        };
        message(key, &self.args())
    }

    /// The calm fund that lost most in the fall, and what was known of it.
    fn worst(&self) -> Option<Text> {
        let calm: Vec<&One> = self.rows.iter().filter(|one| one.is_calm()).collect();
        let falls: Vec<f64> = calm.iter().map(|one| one.fall).collect();
        let one = calm[lowest(&falls)?];
        let mut args = self.args();
        args.push(("name", one.name.as_str().into()));
        args.push(("fall", one.fall.into()));
        Some(Text::sentences([&message("fund-worst", &args), &one.sentence]))
    }

    fn uncertain(&self) -> Option<Text> {
        let n = self.count(|one| one.is_calm() && one.before == "unknown");
        (n > 0).then(|| message("fund-unknown", &self.args()))
    }

    fn verdict(&self, proof: &[Proof]) -> Verdict {
        let n = self.count(One::is_flagged);
        let mut sentence = message("fund-counted", &self.args());
        if let Some(proof) = proof.first() {
            sentence = Text::sentences([&sentence, &proof.sentence()]);
        }
        Verdict {
            figure: Text::same(format!("{n} / {}", self.count(One::is_calm))),
            label: message("fund-label", &self.args()),
            sentence,
            exhibit: Some(10),
            anchor: EXHIBIT.to_owned(),
        }
    }

    fn shown(&self) -> &[One] {
        &self.rows[..self.rows.len().min(MOST_SHOWN)]
    }

    /// Hidden small-cap exposure, a bar a fund with its band.
    fn ladder(&self) -> Option<Chart> {
        let known = self.shown().iter().filter(|one| one.size[0].is_finite());
        let rungs: Vec<Rung> = known
            .map(|one| Rung {
                name: Text::same(&one.name),
                value: one.size[0],
                band: Some((one.size[1], one.size[2])),
                colour: if one.is_flagged() { Colour::Accent } else { Colour::Muted },
            })
            .collect();
        if rungs.is_empty() {
            return None;
        }
        let most = [
            ("name", Arg::from(self.rows[0].name.as_str())),
            ("size", self.rows[0].size[0].into()),
        ];
        let chart = Chart::ladder("fund_size", Format::Number(2), rungs)
            .titled(message("fund-size-title", &most), message("fund-size-unit", &self.args()))
            .captioned(words("fund-size-caption"));
        Some(chart)
    }

    /// Every test of the card before the fall: errors above its line.
    fn cards(&self, source: &Source) -> Result<Option<Chart>, ReportError> {
        let frame = source.frame(EXHIBIT, "card")?;
        let (funds, tests) = (frame.words("name")?, frame.words("test")?);
        let is_before = frame.flags("is_before")?;
        let found = band(&frame, ["value", "low", "high"])?;
        let lines = frame.numbers("threshold")?;
        let mut columns: Vec<&str> = Vec::new();
        for test in &tests {
            if !columns.contains(&test.as_str()) {
                columns.push(test);
            }
        }
        let shown = self.shown();
        let mut values = vec![vec![f64::NAN; columns.len()]; shown.len()];
        for i in (0..frame.n_rows()).filter(|&i| is_before[i]) {
            let row = shown.iter().position(|one| one.name == funds[i]);
            let column = columns.iter().position(|test| *test == tests[i]);
            if let (Some(row), Some(column)) = (row, column) {
                values[row][column] = errors_above(found[i], lines[i]);
            }
        }
        if values.iter().flatten().all(|x| x.is_nan()) {
            return Ok(None);
        }
        let plot = Plot::Heat {
            columns: columns.iter().map(|test| test_words(test)).collect(),
            rows: shown.iter().map(|one| Text::same(&one.name)).collect(),
            values,
            marked: Vec::new(),
        };
        let chart = Chart::heat("fund_card", Format::Number(1), plot)
            .titled(message("fund-card-title", &self.args()), words("fund-card-unit"))
            .captioned(words("fund-card-caption"))
            .tall(120 + 26 * shown.len() as u16);
        Ok(Some(chart))
    }

    fn table(&self) -> Shown {
        let exposure = Format::Number(2);
        let columns = vec![
            ShownColumn::words(heading("name")),
            ShownColumn::words(heading("claim")),
            ShownColumn::words(message("fund-before", &self.args())),
            ShownColumn::words(words("fund-after")),
            ShownColumn::number(heading("size"), exposure),
            ShownColumn::number(heading("size_low"), exposure),
            ShownColumn::number(heading("size_high"), exposure),
            ShownColumn::number(heading("short_volatility"), exposure),
            ShownColumn::number(message("fund-fall", &self.args()), Format::Percent(1)),
        ];
        let mut shown = Shown::new("funds", words("fund-table"), columns);
        for one in self.shown() {
            shown.push(Row {
                cells: vec![
                    Cell::Words(Text::same(&one.name)),
                    Cell::Words(claim_words(&one.claim)),
                    Cell::Words(verdict_words(&one.before)),
                    Cell::Words(verdict_words(&one.after)),
                    Cell::Number(one.size[0]),
                    Cell::Number(one.size[1]),
                    Cell::Number(one.size[2]),
                    Cell::Number(one.volatility[0]),
                    Cell::Number(one.fall),
                ],
                is_emphasised: one.is_flagged(),
            });
        }
        shown.note = message("fund-table-note", &self.args());
        shown
    }
}

/// Hundreds of standard errors above the line, at most nine of them either way: a grid shows hundredths.
fn errors_above([value, low, high]: [f64; 3], line: f64) -> f64 {
    let error = (high - low) / (2.0 * 1.96);
    if error > 0.0 { ((value - line) / error).clamp(-9.0, 9.0) / 100.0 } else { f64::NAN }
}

fn test_words(test: &str) -> Text {
    match test {
        "hidden_size" => words("fund-test-hidden_size"),
        "hidden_short_volatility" => words("fund-test-hidden_short_volatility"),
        "dma_likeness" => words("fund-test-dma_likeness"),
        "insurance_sold" => words("fund-test-insurance_sold"),
        "smoothing" => words("fund-test-smoothing"),
        "tail_dependence" => words("fund-test-tail_dependence"),
        "peso_loss" => words("fund-test-peso_loss"),
        "drawdown_budget" => words("fund-test-drawdown_budget"),
        other => Text::same(other),
    }
}

fn claim_words(claim: &str) -> Text {
    match claim {
        "said_calm" => words("fund-claim-said_calm"),
        "looks_calm" => words("fund-claim-looks_calm"),
        _ => words("fund-claim-plain_risk"),
    }
}

fn verdict_words(verdict: &str) -> Text {
    match verdict {
        "hides" => words("fund-verdict-hides"),
        "watch" => words("fund-verdict-watch"),
        "clear" => words("fund-verdict-clear"),
        "plain" => words("fund-verdict-plain"),
        _ => words("fund-verdict-unknown"),
    }
}

/// How often flags were right.
struct Proof {
    population: Text,
    counts: [f64; 4],
    caught: [f64; 3],
    false_alarms: [f64; 3],
}

impl Proof {
    fn read(source: &Source) -> Result<Vec<Self>, ReportError> {
        let Some(frame) = source.optional(EXHIBIT, "proof") else { return Ok(Vec::new()) };
        let population = frame.sentences("population")?;
        let counts = [
            frame.numbers("n_true")?,
            frame.numbers("n_caught")?,
            frame.numbers("n_false")?,
            frame.numbers("n_false_alarms")?,
        ];
        let caught = band(&frame, ["caught", "caught_low", "caught_high"])?;
        let alarms = ["false_alarms", "false_alarms_low", "false_alarms_high"];
        let false_alarms = band(&frame, alarms)?;
        Ok((0..frame.n_rows())
            .map(|i| Self {
                population: population[i].clone(),
                counts: [counts[0][i], counts[1][i], counts[2][i], counts[3][i]],
                caught: caught[i],
                false_alarms: false_alarms[i],
            })
            .collect())
    }

    fn sentence(&self) -> Text {
        let args = [
            ("population", Arg::from(&self.population)),
            ("true", self.counts[0].into()),
            ("caught", self.counts[1].into()),
            ("share", self.caught[0].into()),
            ("low", self.caught[1].into()),
            ("high", self.caught[2].into()),
            ("false", self.counts[2].into()),
            ("alarms", self.counts[3].into()),
            ("wrong", self.false_alarms[0].into()),
            ("wronglow", self.false_alarms[1].into()),
            ("wronghigh", self.false_alarms[2].into()),
        ];
        message("fund-proof", &args)
    }

    fn table(all: &[Self]) -> Shown {
        let percent = Format::Percent(0);
        let columns = vec![
            ShownColumn::words(heading("population")),
            ShownColumn::number(heading("n_true"), Format::Number(0)),
            ShownColumn::number(heading("caught"), percent),
            ShownColumn::number(heading("caught_low"), percent),
            ShownColumn::number(heading("caught_high"), percent),
            ShownColumn::number(heading("n_false"), Format::Number(0)),
            ShownColumn::number(heading("false_alarms"), percent),
            ShownColumn::number(heading("false_alarms_low"), percent),
            ShownColumn::number(heading("false_alarms_high"), percent),
        ];
        let mut shown = Shown::new("proof", words("fund-proof-title"), columns);
        for one in all {
            let [n_true, _, n_false, _] = one.counts;
            let numbers = [n_true]
                .into_iter()
                .chain(one.caught)
                .chain([n_false])
                .chain(one.false_alarms)
                .map(Cell::Number);
            shown.push(Row {
                cells: std::iter::once(Cell::Words(one.population.clone()))
                    .chain(numbers)
                    .collect(),
                is_emphasised: false,
            });
        }
        shown.note = words("fund-proof-note");
        shown
    }
}
