//! What one fund hides, and what all of them do beside each other.

use super::part::{Part, Told, spelt};
use super::{EXHIBIT, Piece};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Rung};
use crate::exhibit::{Cell, Row, Shown, ShownColumn};
use crate::exhibits::source::Source;
use crate::i18n::{Text, message, words};
use crate::number::Format;

/// Most funds a chart names.
const MOST_NAMED: usize = 24;
/// One-sided level below which a bend is spoken of.
const LEVEL: f64 = 0.01;

/// What one fund hides, from `smoothing`, `asymmetry`, `tail`, `mppm`, `peso`, `budget` and `hidden_refused`.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub(super) fn hidden_page(source: &Source, fund: &str) -> Result<Piece, ReportError> {
    let part = |table| Part::read(source, table, fund);
    let (smoothing, asymmetry) = (part("smoothing")?, part("asymmetry")?);
    let (peso, budget) = (part("peso")?, part("budget")?);
    let answer = [smoothing.smoothing_sentence()?, asymmetry.asymmetry_sentence()?]
        .into_iter()
        .chain([peso.peso_sentence()?, budget.budget_sentence()?])
        .flatten()
        .collect();
    let tables = vec![
        asymmetry.table("asymmetry", words("fund-hidden-asymmetry-title"), &ASYMMETRY)?,
        part("tail")?.table("tail", words("fund-hidden-tail-title"), &TAIL)?,
        peso.table("peso", words("fund-hidden-peso-title"), &PESO)?,
        budget.table("budget", words("fund-hidden-budget-title"), &BUDGET)?,
        part("hidden_refused")?.table("refused", words("fund-hidden-refused-title"), &REFUSED)?,
    ];
    Ok(Piece {
        answer,
        charts: peso.peso_chart()?.into_iter().chain(budget.budget_chart()?).collect(),
        tables: tables.into_iter().filter(|table| !table.rows.is_empty()).collect(),
    })
}

/// All funds beside each other: smoothing, the bend beside what is held against the first market, and the worst loss of the
/// scenarios; the greatest part of a sold straddle first.
///
/// # Errors
/// As [`hidden_page`].
pub(super) fn hidden_comparison(source: &Source) -> Result<Piece, ReportError> {
    let lines = Line::read(source)?;
    let columns = vec![
        ShownColumn::words(words("fund-hidden-fund")),
        ShownColumn::number(words("fund-hidden-theta0"), Format::Number(2)),
        ShownColumn::number(words("fund-hidden-volatility_told"), Format::Percent(1)),
        ShownColumn::number(words("fund-hidden-volatility_true"), Format::Percent(1)),
        ShownColumn::number(words("fund-hidden-down_beta"), Format::Number(2)),
        ShownColumn::number(words("fund-hidden-up_beta"), Format::Number(2)),
        ShownColumn::number(words("fund-hidden-bend_beyond_p"), Format::Number(3)),
        ShownColumn::number(words("fund-hidden-loss"), Format::Percent(1)),
        ShownColumn::number(words("fund-hidden-straddle_loss"), Format::Percent(1)),
    ];
    let mut table = Shown::new("hidden_all", words("fund-hidden-all-title"), columns);
    for line in &lines {
        let mut cells = vec![Cell::Words(Text::same(&line.fund))];
        cells.extend(line.figures.iter().map(|x| Cell::Number(*x)));
        table.push(Row { cells, is_emphasised: line.is_called() });
    }
    table.note = words("fund-hidden-all-note");
    let called: Vec<Text> =
        lines.iter().filter(|line| line.is_called()).map(|line| Text::same(&line.fund)).collect();
    let n = [("n", (called.len() as f64).into()), ("all", (lines.len() as f64).into())];
    let found = if called.is_empty() {
        message("fund-hidden-none-called", &n)
    } else {
        let named = Text::listed(called.iter().take(MOST_NAMED));
        Text::sentences([&message("fund-hidden-called", &n), &stopped(&named)])
    };
    let shown = &lines[..lines.len().min(MOST_NAMED)];
    let chart = (shown.len() > 1).then(|| {
        let known = shown.iter().filter(|line| line.figures[6].is_finite());
        let rungs = known.map(|line| {
            let [.., loss, straddle] = line.figures;
            let is_mostly_sold = straddle > loss / 2.0;
            let colour = if is_mostly_sold { Colour::Accent } else { Colour::Muted };
            Rung { name: Text::same(&line.fund), value: loss, band: None, colour }
        });
        Chart::ladder("hidden_losses", Format::Percent(1), rungs.collect())
            .titled(words("fund-hidden-losses-title"), words("fund-hidden-losses-unit"))
            .captioned(words("fund-hidden-losses-caption"))
    });
    Ok(Piece { answer: vec![found], charts: chart.into_iter().collect(), tables: vec![table] })
}

/// One fund among all.
struct Line {
    fund: String,
    /// `theta0`, volatility told and true, down and up beta, the bend's p, the worst scenario's loss and its straddles'.
    figures: [f64; 8],
}

impl Line {
    fn is_called(&self) -> bool {
        self.figures[5] < LEVEL
    }

    fn read(source: &Source) -> Result<Vec<Self>, ReportError> {
        let smoothing = source.frame(EXHIBIT, "smoothing")?;
        let asymmetry = source.frame(EXHIBIT, "asymmetry")?;
        let peso = source.frame(EXHIBIT, "peso")?;
        let mut lines: Vec<Self> = Vec::new();
        for frame in [&smoothing, &asymmetry, &peso] {
            for fund in frame.words("fund")? {
                if !lines.iter().any(|line| line.fund == fund) {
                    lines.push(Self { fund, figures: [f64::NAN; 8] });
                }
            }
        }
        for (columns, frame, at) in [
            (&["theta0", "volatility_told", "volatility_true"][..], &smoothing, 0),
            (&["down_beta", "up_beta", "bend_beyond_p"][..], &asymmetry, 3),
        ] {
            let funds = frame.words("fund")?;
            for (k, column) in columns.iter().enumerate() {
                let values = frame.numbers(column)?;
                for line in &mut lines {
                    // The first row of a fund: that of the first market.
                    if let Some(i) = funds.iter().position(|fund| *fund == line.fund) {
                        line.figures[at + k] = values[i];
                    }
                }
            }
        }
        let funds = peso.words("fund")?;
        let (loss, straddle) = (peso.numbers("loss")?, peso.numbers("straddle_loss")?);
        for (i, fund) in funds.iter().enumerate() {
            let line = lines.iter_mut().find(|line| line.fund == *fund);
            if let Some(line) =
                line.filter(|line| line.figures[6].is_nan() || line.figures[6] < loss[i])
            {
                (line.figures[6], line.figures[7]) = (loss[i], straddle[i]);
            }
        }
        let known = |x: f64| if x.is_nan() { f64::NEG_INFINITY } else { x };
        lines.sort_by(|a, b| known(b.figures[7]).total_cmp(&known(a.figures[7])));
        Ok(lines)
    }
}

const PERCENT: Option<Format> = Some(Format::Percent(1));
const RATIO: Option<Format> = Some(Format::Number(2));
const CHANCE: Option<Format> = Some(Format::Number(3));

const ASYMMETRY: [Told; 7] = [
    ("market", "fund-hidden-market", None),
    ("beta", "fund-hidden-beta", RATIO),
    ("down_beta", "fund-hidden-down_beta", RATIO),
    ("up_beta", "fund-hidden-up_beta", RATIO),
    ("difference_p", "fund-hidden-difference_p", CHANCE),
    ("bend_beyond_p", "fund-hidden-bend_beyond_p", CHANCE),
    ("coskewness", "fund-hidden-coskewness", RATIO),
];
const TAIL: [Told; 6] = [
    ("level", "fund-hidden-level", Some(Format::Percent(0))),
    ("var_historical", "fund-hidden-var_historical", Some(Format::Percent(2))),
    ("es_historical", "fund-hidden-es_historical", Some(Format::Percent(2))),
    ("es_low", "fund-hidden-low", Some(Format::Percent(2))),
    ("es_high", "fund-hidden-high", Some(Format::Percent(2))),
    ("es_cornish_fisher", "fund-hidden-es_cornish_fisher", Some(Format::Percent(2))),
];
const PESO: [Told; 6] = [
    ("text", "fund-hidden-scenario", None),
    ("loss", "fund-hidden-loss", PERCENT),
    ("low", "fund-hidden-low", PERCENT),
    ("high", "fund-hidden-high", PERCENT),
    ("straddle_loss", "fund-hidden-straddle_loss", PERCENT),
    ("explained", "fund-hidden-explained", Some(Format::Percent(0))),
];
const BUDGET: [Told; 5] = [
    ("limit", "fund-hidden-limit", Some(Format::Percent(0))),
    ("basis", "fund-hidden-basis", None),
    ("probability", "fund-hidden-probability", Some(Format::Percent(0))),
    ("low", "fund-hidden-low", Some(Format::Percent(0))),
    ("high", "fund-hidden-high", Some(Format::Percent(0))),
];
const REFUSED: [Told; 3] = [
    ("measure", "fund-hidden-measure", None),
    ("about", "fund-hidden-about", None),
    ("reason", "fund-hidden-reason", None),
];

impl Part<'_> {
    fn smoothing_sentence(&self) -> Result<Option<Text>, ReportError> {
        let Some(&row) = self.rows.first() else { return Ok(None) };
        let is_smoothed = self.frame.flags("is_smoothed")?[row];
        let number = |column| Ok::<f64, ReportError>(self.numbers(column)?[0]);
        let args = [
            ("theta", number("theta0")?.into()),
            ("low", number("low")?.into()),
            ("high", number("high")?.into()),
            ("told", number("volatility_told")?.into()),
            ("true", number("volatility_true")?.into()),
            ("basket", number("basket_theta0")?.into()),
        ];
        let key = if is_smoothed { "fund-hidden-smoothed" } else { "fund-hidden-not-smoothed" };
        Ok(Some(message(key, &args)))
    }

    fn asymmetry_sentence(&self) -> Result<Option<Text>, ReportError> {
        if self.rows.is_empty() {
            return Ok(None);
        }
        let number = |column| Ok::<f64, ReportError>(self.numbers(column)?[0]);
        let p = number("bend_beyond_p")?;
        let market = self.texts("market")?[0].get(shoals_core::Lang::En).to_owned();
        let args = [
            ("market", market.as_str().into()),
            ("down", number("down_beta")?.into()),
            ("up", number("up_beta")?.into()),
            ("p", p.into()),
        ];
        let key = if p < LEVEL { "fund-hidden-bent" } else { "fund-hidden-straight" };
        Ok(Some(message(key, &args)))
    }

    fn peso_sentence(&self) -> Result<Option<Text>, ReportError> {
        let (loss, low, high) =
            (self.numbers("loss")?, self.numbers("low")?, self.numbers("high")?);
        let texts = self.texts("text")?;
        let worst = (0..loss.len()).max_by(|&a, &b| loss[a].total_cmp(&loss[b]));
        Ok(worst.map(|i| {
            let args = [("loss", loss[i].into()), ("low", low[i].into()), ("high", high[i].into())];
            let opening = message("fund-hidden-would-lose", &args);
            Text::sentences([&opening, &stopped(&texts[i])])
        }))
    }

    /// The middle limit, on returns as earned.
    fn budget_sentence(&self) -> Result<Option<Text>, ReportError> {
        let (limit, chance) = (self.numbers("limit")?, self.numbers("probability")?);
        let (low, high) = (self.numbers("low")?, self.numbers("high")?);
        let bases = self.frame.words("basis")?;
        let earned: Vec<usize> =
            (0..limit.len()).filter(|&k| bases[self.rows[k]] == "earned").collect();
        Ok(earned.get(earned.len() / 2).map(|&k| {
            let args = [
                ("limit", limit[k].into()),
                ("chance", chance[k].into()),
                ("low", low[k].into()),
                ("high", high[k].into()),
            ];
            message("fund-hidden-would-break", &args)
        }))
    }

    fn peso_chart(&self) -> Result<Option<Chart>, ReportError> {
        if self.rows.is_empty() {
            return Ok(None);
        }
        let names = self.frame.words("scenario")?;
        let names = self.rows.iter().map(|&i| scenario_words(&names[i])).collect();
        let layer = |column, key: &str, colour, are_labelled| {
            let values = self.numbers(column)?;
            Ok::<Layer, ReportError>(Layer::Points {
                name: words(key),
                colour,
                values,
                are_labelled,
            })
        };
        let layers = vec![
            layer("loss", "fund-hidden-loss", Colour::Accent, true)?,
            layer("low", "fund-hidden-low", Colour::Muted, false)?,
            layer("high", "fund-hidden-high", Colour::Muted, false)?,
        ];
        let chart = Chart::layers("peso", Format::Percent(1), Axis::Names(names), layers)
            .titled(words("fund-hidden-peso-title"), words("fund-hidden-losses-unit"))
            .captioned(words("fund-hidden-peso-caption"))
            .tall(240)
            .with_rule(0.0, Text::default(), Colour::Faint);
        Ok(Some(chart))
    }

    /// The probabilities of each limit, a series for each basis.
    fn budget_chart(&self) -> Result<Option<Chart>, ReportError> {
        let (limit, chance) = (self.numbers("limit")?, self.numbers("probability")?);
        let bases = self.frame.words("basis")?;
        let mut limits: Vec<f64> = limit.clone();
        limits.sort_by(f64::total_cmp);
        limits.dedup();
        if limits.is_empty() {
            return Ok(None);
        }
        let of = |basis: &str| -> Vec<f64> {
            let at = |wanted: &f64| {
                let is_it = |k: &usize| bases[self.rows[*k]] == basis && limit[*k] == *wanted;
                (0..limit.len()).find(is_it).map_or(f64::NAN, |k| chance[k])
            };
            limits.iter().map(at).collect()
        };
        let bars = |basis: &str, colour| Layer::Bars {
            name: spelt(basis),
            colour,
            values: of(basis),
            stacking: crate::chart::Stacking::Beside,
        };
        let layers = vec![
            bars("told", Colour::Faint),
            bars("earned", Colour::Muted),
            bars("with_jump", Colour::Accent),
        ];
        let names = limits.iter().map(|limit| Text::same(Format::Percent(0).show(*limit)));
        let chart =
            Chart::layers("budget", Format::Percent(0), Axis::Names(names.collect()), layers)
                .titled(words("fund-hidden-budget-title"), words("fund-hidden-budget-unit"))
                .captioned(words("fund-hidden-budget-caption"))
                .tall(240);
        Ok(Some(chart))
    }
}

/// A sentence with its full stop.
fn stopped(sentence: &Text) -> Text {
    Text::new(format!("{}。", sentence.zh), format!("{}.", sentence.en))
}

/// A scenario's short name for readers.
fn scenario_words(name: &str) -> Text {
    match name {
        "five_sigma_day" => words("fund-hidden-scenario-five_sigma_day"),
        "spiral_2024" => words("fund-hidden-scenario-spiral_2024"),
        "small_caps_fall" => words("fund-hidden-scenario-small_caps_fall"),
        "winter_2024" => words("fund-hidden-scenario-winter_2024"),
        other => Text::same(other),
    }
}
