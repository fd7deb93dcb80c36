//! Exhibit 8: could the smallest companies still be sold, and since when no longer?

use shoals_core::TradingDay;

use super::source::{Source, highest, period};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Stroke};
use crate::exhibit::{Cell, Exhibit, Row, Shown, ShownColumn, Verdict};
use crate::i18n::{Arg, Text, message, words};
use crate::number::{self, Format};

const EXHIBIT: &str = "liquidity";

/// Days shown before and after the day most were sealed in.
const AROUND: usize = 45;

/// Exhibit 8 from the `day`, `alarm` and `record` tables of a liquidity outcome.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub fn liquidity(source: &Source) -> Result<Exhibit, ReportError> {
    let mut exhibit = source.exhibit(8, EXHIBIT, words("liquidity-question"));
    let days = Liquidity::read(source)?;
    let (Some(worst), Some(dear)) = (highest(&days.limit_down), highest(&days.amihud_times)) else {
        exhibit.title = words("liquidity-title-empty");
        return Ok(exhibit);
    };
    let args = days.args(worst, dear);
    let key = if days.limit_down[worst] > 0.0 { "liquidity-title" } else { "liquidity-title-calm" };
    exhibit.title = message(key, &args);
    exhibit.verdict = vec![Verdict {
        figure: Text::same(number::percent(days.limit_down[worst], 0)),
        label: message("liquidity-label", &args),
        sentence: message("liquidity-verdict", &args),
        ..Verdict::default()
    }];
    exhibit.answer = ["liquidity-answer", "liquidity-answer-price", "liquidity-answer-sell"]
        .map(|key| message(key, &args))
        .to_vec();
    exhibit.charts = vec![
        days.sealed(worst, &args),
        days.amihud(&args),
        days.turnover(&args),
        days.to_sell(&args),
    ];
    let record = record(source)?;
    exhibit.answer.push(record.1);
    exhibit.tables = vec![record.0];
    exhibit.notes = ["liquidity-note-close", "liquidity-note-spread", "liquidity-note-holding"]
        .map(words)
        .to_vec();
    Ok(exhibit)
}

struct Liquidity<'a> {
    days: &'a [TradingDay],
    limit_down: Vec<f64>,
    blocked: Vec<f64>,
    market_limit_down: Vec<f64>,
    amihud: Vec<f64>,
    amihud_times: Vec<f64>,
    turnover: Vec<f64>,
    turnover_percentile: Vec<f64>,
    spread: Vec<f64>,
    half_life: Vec<f64>,
    sell_median: Vec<f64>,
    sell_p90: Vec<f64>,
}

impl<'a> Liquidity<'a> {
    fn read(source: &Source<'a>) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "day")?;
        Ok(Self {
            days: frame.days("date")?,
            limit_down: frame.numbers("limit_down_share")?,
            blocked: frame.numbers("blocked_share")?,
            market_limit_down: frame.numbers("market_limit_down_share")?,
            amihud: frame.numbers("amihud")?,
            amihud_times: frame.numbers("amihud_times")?,
            turnover: frame.numbers("turnover_share")?,
            turnover_percentile: frame.numbers("turnover_share_percentile")?,
            spread: frame.numbers("corwin_schultz")?,
            half_life: frame.numbers("half_life")?,
            sell_median: frame.numbers("days_to_liquidate_median")?,
            sell_p90: frame.numbers("days_to_liquidate_p90")?,
        })
    }

    fn args(&self, worst: usize, dear: usize) -> Vec<(&'static str, Arg)> {
        let slow = highest(&self.sell_p90).unwrap_or(worst);
        let usual = |values: &[f64]| median(values);
        vec![
            ("day", self.days[worst].into()),
            ("sealed", self.limit_down[worst].into()),
            ("blocked", self.blocked[worst].into()),
            ("all", self.market_limit_down[worst].into()),
            ("share", self.turnover[worst].into()),
            ("percentile", self.turnover_percentile[worst].into()),
            ("usual_share", usual(&self.turnover).into()),
            ("dear_day", self.days[dear].into()),
            ("times", self.amihud_times[dear].into()),
            ("amihud", self.amihud[dear].into()),
            ("spread", usual(&self.spread).into()),
            ("half_life", usual(&self.half_life).into()),
            ("slow_day", self.days[slow].into()),
            ("slow", self.sell_p90[slow].into()),
            ("slow_median", self.sell_median[slow].into()),
            ("sell_then", self.sell_median[worst].into()),
            ("usual_sell", usual(&self.sell_median).into()),
            ("period", period(self.days).into()),
        ]
    }

    /// Who could not sell in the days around the worst one.
    fn sealed(&self, worst: usize, args: &[(&'static str, Arg)]) -> Chart {
        let span = worst.saturating_sub(AROUND)..(worst + AROUND + 1).min(self.days.len());
        let days = self.days[span.clone()].to_vec();
        let layers = vec![
            Layer::Bars {
                name: words("liquidity-sealed-small"),
                colour: Colour::Accent,
                values: self.limit_down[span.clone()].to_vec(),
                stacking: crate::chart::Stacking::Beside,
            },
            line(
                "liquidity-sealed-all",
                Colour::Muted,
                &self.market_limit_down[span],
                Stroke::Plain,
            ),
        ];
        let unit = message("liquidity-sealed-unit", &[("period", period(&days).into())]);
        Chart::layers("sealed", Format::Percent(0), Axis::Days(days), layers)
            .titled(message("liquidity-sealed-title", args), unit)
            .captioned(words("liquidity-sealed-caption"))
            .tall(280)
    }

    fn amihud(&self, args: &[(&'static str, Arg)]) -> Chart {
        let layers =
            vec![line("liquidity-amihud", Colour::Accent, &self.amihud_times, Stroke::Plain)];
        self.chart("amihud", Format::Number(1), layers, args).with_rule(
            1.0,
            words("liquidity-amihud-rule"),
            Colour::Faint,
        )
    }

    fn turnover(&self, args: &[(&'static str, Arg)]) -> Chart {
        let layers =
            vec![line("liquidity-turnover", Colour::Accent, &self.turnover, Stroke::Plain)];
        self.chart("turnover", Format::Percent(1), layers, args)
    }

    fn to_sell(&self, args: &[(&'static str, Arg)]) -> Chart {
        let layers = vec![
            line("liquidity-sell-p90", Colour::Faint, &self.sell_p90, Stroke::Plain),
            line("liquidity-sell-median", Colour::Accent, &self.sell_median, Stroke::Plain),
        ];
        self.chart("sell", Format::Number(1), layers, args)
    }

    fn chart(
        &self,
        id: &str,
        format: Format,
        layers: Vec<Layer>,
        args: &[(&'static str, Arg)],
    ) -> Chart {
        let (title, unit, caption) = match id {
            "amihud" => {
                ("liquidity-amihud-title", "liquidity-amihud-unit", "liquidity-amihud-caption")
            }
            "turnover" => (
                "liquidity-turnover-title",
                "liquidity-turnover-unit",
                "liquidity-turnover-caption",
            ),
            _ => ("liquidity-sell-title", "liquidity-sell-unit", "liquidity-sell-caption"),
        };
        Chart::layers(id, format, Axis::Days(self.days.to_vec()), layers)
            .titled(message(title, args), message(unit, args))
            .captioned(words(caption))
            .tall(240)
    }
}

fn line(key: &str, colour: Colour, values: &[f64], stroke: Stroke) -> Layer {
    Layer::Line { name: words(key), colour, values: values.to_vec(), stroke }
}

/// The middle of the known values, the upper one of two.
fn median(values: &[f64]) -> f64 {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// What followed the alarms, as a table, and in a sentence.
fn record(source: &Source) -> Result<(Shown, Text), ReportError> {
    let frame = source.frame(EXHIBIT, "record")?;
    let (kinds, horizons) = (frame.words("kind")?, frame.numbers("horizon")?);
    let columns = ["n_alarms", "n_episodes", "mean_after", "mean_otherwise", "p_value"];
    let columns: Vec<Vec<f64>> =
        columns.into_iter().map(|name| frame.numbers(name)).collect::<Result<_, _>>()?;
    let verdicts = frame.sentences("verdict")?;
    let heads = [
        ("liquidity-head-days", Format::Number(0)),
        ("liquidity-head-alarms", Format::Number(0)),
        ("liquidity-head-episodes", Format::Number(0)),
        ("liquidity-head-after", Format::Percent(1)),
        ("liquidity-head-otherwise", Format::Percent(1)),
        ("liquidity-head-p", Format::Number(3)),
    ];
    let mut shown = vec![ShownColumn::words(words("liquidity-head-kind"))];
    shown.extend(heads.map(|(key, format)| ShownColumn::number(words(key), format)));
    shown.push(ShownColumn::words(words("liquidity-head-verdict")));
    let mut table = Shown::new("record", words("liquidity-table-record"), shown);
    for i in 0..frame.n_rows() {
        let numbers = std::iter::once(horizons[i]).chain(columns.iter().map(|column| column[i]));
        let cells = std::iter::once(Cell::Words(kind_words(&kinds[i])))
            .chain(numbers.map(Cell::Number))
            .chain([Cell::Words(verdicts[i].clone())]);
        table.push(Row { cells: cells.collect(), is_emphasised: false });
    }
    table.note = words("liquidity-table-record-note");
    // Days with any alarm, once.
    let alarms = source.frame(EXHIBIT, "alarm")?;
    let mut days = alarms.days("date")?.to_vec();
    days.dedup();
    let is_judged = columns[4].iter().filter(|p| **p < 0.05).count();
    let args =
        [("n", days.len().into()), ("judged", is_judged.into()), ("of", frame.n_rows().into())];
    Ok((table, message("liquidity-answer-record", &args)))
}

fn kind_words(kind: &str) -> Text {
    match kind {
        "sealed" => words("liquidity-kind-sealed"),
        "dear_to_move" => words("liquidity-kind-dear"),
        "turnover_gone" => words("liquidity-kind-gone"),
        other => Text::same(other),
    }
}
