//! The record of one fund, and of all beside each other.

use super::part::{Part, Told};
use super::{EXHIBIT, Piece};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Plot, Rung, Stroke};
use crate::columns::heading;
use crate::exhibit::{Cell, ShownColumn};
use crate::exhibits::source::{Source, period};
use crate::i18n::{Text, message, words};
use crate::number::Format;

/// Most funds a chart names.
const MOST_NAMED: usize = 24;

/// One fund's record from the tables `record`, `drawdown`, `crisis`, `worst`, `month` and `curve`.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub(super) fn record_page(source: &Source, fund: &str) -> Result<Piece, ReportError> {
    let stretches = Part::read(source, "record", fund)?;
    let mut charts = curve_charts(&Part::read(source, "curve", fund)?, fund)?;
    charts.extend(month_chart(&Part::read(source, "month", fund)?, fund)?);
    let tables = vec![
        stretches.table("record", words("fund-record-years-title"), &STRETCH_COLUMNS)?,
        Part::read(source, "drawdown", fund)?.table(
            "drawdown",
            words("fund-record-falls-title"),
            &FALL_COLUMNS,
        )?,
        Part::read(source, "crisis", fund)?.table(
            "crisis",
            words("fund-record-crises-title"),
            &CRISIS_COLUMNS,
        )?,
        Part::read(source, "worst", fund)?.table(
            "worst",
            words("fund-record-worst-title"),
            &WORST_COLUMNS,
        )?,
    ];
    let tables = tables.into_iter().filter(|table| !table.rows.is_empty()).collect();
    Ok(Piece { answer: stretches.sentence()?.into_iter().collect(), charts, tables })
}

/// All funds beside each other, the greatest Sharpe ratio first, from `record` and `deflated`.
///
/// # Errors
/// As [`record_page`].
pub(super) fn record_comparison(source: &Source) -> Result<Piece, ReportError> {
    let frame = source.frame(EXHIBIT, "record")?;
    let (periods, sharpe) = (frame.words("period")?, frame.numbers("sharpe")?);
    let mut rows: Vec<usize> = (0..frame.n_rows()).filter(|i| periods[*i] == "all").collect();
    rows.sort_by(|a, b| {
        let known = |i: usize| if sharpe[i].is_nan() { f64::NEG_INFINITY } else { sharpe[i] };
        known(*b).total_cmp(&known(*a))
    });
    let whole = Part { frame, rows };
    let mut table =
        whole.table("record_all", words("fund-record-all-title"), &COMPARISON_COLUMNS)?;
    let (codes, chances) = deflation(source)?;
    table.columns.push(ShownColumn::number(words("fund-record-deflated"), Format::Percent(0)));
    let funds = frame.words("fund")?;
    for (row, at) in table.rows.iter_mut().zip(&whole.rows) {
        let found = codes.iter().position(|code| *code == funds[*at]);
        row.cells.push(Cell::Number(found.map_or(f64::NAN, |i| chances[i])));
    }
    table.note = words("fund-record-all-note");
    Ok(Piece {
        answer: best_sentence(source, &whole)?.into_iter().collect(),
        charts: ratio_chart(&whole)?.into_iter().collect(),
        tables: vec![table],
    })
}

const PERCENT: Option<Format> = Some(Format::Percent(1));
const RATIO: Option<Format> = Some(Format::Number(2));
const WHOLE: Option<Format> = Some(Format::Number(0));

const STRETCH_COLUMNS: [Told; 12] = [
    ("period", "column-period", None),
    ("return", "column-return", PERCENT),
    ("benchmark", "column-benchmark", PERCENT),
    ("excess", "column-excess", PERCENT),
    ("volatility", "column-volatility", PERCENT),
    ("sharpe", "column-sharpe", RATIO),
    ("sharpe_low", "column-sharpe_low", RATIO),
    ("sharpe_high", "column-sharpe_high", RATIO),
    ("sortino", "column-sortino", RATIO),
    ("calmar", "column-calmar", RATIO),
    ("max_drawdown", "column-max_drawdown", PERCENT),
    ("weekly_win_rate", "column-weekly_win_rate", Some(Format::Percent(0))),
];

const FALL_COLUMNS: [Told; 7] = [
    ("rank", "column-rank", WHOLE),
    ("depth", "column-depth", PERCENT),
    ("peak_on", "column-peak_on", None),
    ("trough_on", "column-trough_on", None),
    ("recovered_on", "column-recovered_on", None),
    ("days_down", "column-days_down", WHOLE),
    ("days_up", "column-days_up", WHOLE),
];

const CRISIS_COLUMNS: [Told; 7] = [
    ("episode", "column-episode", None),
    ("from", "column-from", None),
    ("to", "column-to", None),
    ("return", "column-return", PERCENT),
    ("benchmark", "column-benchmark", PERCENT),
    ("excess", "column-excess", PERCENT),
    ("max_drawdown", "column-max_drawdown", PERCENT),
];

const WORST_COLUMNS: [Told; 6] = [
    ("rank", "column-rank", WHOLE),
    ("from", "column-from", None),
    ("to", "column-to", None),
    ("return", "column-return", PERCENT),
    ("benchmark", "column-benchmark", PERCENT),
    ("excess", "column-excess", PERCENT),
];

const COMPARISON_COLUMNS: [Told; 11] = [
    ("fund", "column-fund", None),
    ("from", "column-from", None),
    ("to", "column-to", None),
    ("annualised_return", "column-annualised_return", PERCENT),
    ("excess", "column-excess", PERCENT),
    ("volatility", "column-volatility", PERCENT),
    ("sharpe", "column-sharpe", RATIO),
    ("sharpe_low", "column-sharpe_low", RATIO),
    ("sharpe_high", "column-sharpe_high", RATIO),
    ("max_drawdown", "column-max_drawdown", PERCENT),
    ("weekly_win_rate", "column-weekly_win_rate", Some(Format::Percent(0))),
];

impl Part<'_> {
    /// What the whole record says.
    fn sentence(&self) -> Result<Option<Text>, ReportError> {
        if self.rows.is_empty() {
            return Ok(None);
        }
        let first = |column| Ok::<f64, ReportError>(self.numbers(column)?[0]);
        let mut args =
            vec![("from", self.days("from")?[0].into()), ("to", self.days("to")?[0].into())];
        for (name, column) in [
            ("return", "return"),
            ("fall", "max_drawdown"),
            ("sharpe", "sharpe"),
            ("low", "sharpe_low"),
            ("high", "sharpe_high"),
            ("excess", "excess"),
        ] {
            args.push((name, first(column)?.into()));
        }
        let earned = if first("excess")?.is_nan() {
            message("fund-record-earned", &args)
        } else {
            message("fund-record-earned-beside", &args)
        };
        let ratio = if first("sharpe_low")?.is_nan() {
            words("fund-record-too-short")
        } else {
            message("fund-record-ratio", &args)
        };
        Ok(Some(Text::sentences([&earned, &ratio])))
    }
}

fn line(name: Text, colour: Colour, values: Vec<f64>, stroke: Stroke) -> Layer {
    Layer::Line { name, colour, values, stroke }
}

/// Wealth beside the benchmark, falls, and the trailing ratio.
fn curve_charts(curve: &Part, fund: &str) -> Result<Vec<Chart>, ReportError> {
    let days = curve.days("date")?;
    if days.len() < 2 {
        return Ok(Vec::new());
    }
    let told = [("period", period(&days).into())];
    let (wealth, benchmark) = (curve.numbers("wealth")?, curve.numbers("benchmark_wealth")?);
    let (falls, ratios) = (curve.numbers("drawdown")?, curve.numbers("trailing_sharpe")?);
    let end = [("change", (wealth[wealth.len() - 1] - 1.0).into())];
    let deepest = [("fall", falls.iter().copied().fold(0.0, f64::min).into())];
    let mut layers = vec![line(words("fund-record-fund"), Colour::Accent, wealth, Stroke::Strong)];
    if benchmark.iter().any(|x| x.is_finite()) {
        layers.push(line(heading("benchmark"), Colour::Muted, benchmark, Stroke::Thin));
    }
    let axis = || Axis::Days(days.clone());
    let id = |what: &str| format!("fund_{what}_{fund}");
    let mut charts = vec![
        Chart::layers(&id("wealth"), Format::Number(2), axis(), layers)
            .titled(
                message("fund-record-wealth-title", &end),
                message("fund-record-wealth-unit", &told),
            )
            .captioned(words("fund-record-wealth-caption"))
            .tall(260)
            .with_rule(1.0, Text::default(), Colour::Faint),
        Chart::layers(
            &id("fall"),
            Format::Percent(0),
            axis(),
            vec![line(heading("drawdown"), Colour::Accent, falls, Stroke::Plain)],
        )
        .titled(
            message("fund-record-fall-title", &deepest),
            message("fund-record-fall-unit", &told),
        )
        .captioned(words("fund-record-fall-caption"))
        .tall(200),
    ];
    if ratios.iter().filter(|x| x.is_finite()).count() > 1 {
        let layers = vec![line(heading("sharpe"), Colour::Accent, ratios, Stroke::Plain)];
        charts.push(
            Chart::layers(&id("ratio"), Format::Number(1), axis(), layers)
                .titled(
                    words("fund-record-trailing-title"),
                    message("fund-record-trailing-unit", &told),
                )
                .captioned(words("fund-record-trailing-caption"))
                .tall(200)
                .with_rule(0.0, Text::default(), Colour::Faint),
        );
    }
    Ok(charts)
}

/// A year a row, a month a column.
fn month_chart(months: &Part, fund: &str) -> Result<Option<Chart>, ReportError> {
    let (years, places) = (months.numbers("year")?, months.numbers("month")?);
    let returns = months.numbers("return")?;
    let mut rows: Vec<f64> = years.clone();
    rows.dedup();
    if rows.is_empty() {
        return Ok(None);
    }
    let mut values = vec![vec![f64::NAN; 12]; rows.len()];
    for ((year, month), r) in years.iter().zip(&places).zip(&returns) {
        let row = rows.iter().position(|known| known == year).unwrap_or_default();
        values[row][*month as usize - 1] = *r;
    }
    let share = returns.iter().filter(|r| **r > 0.0).count() as f64 / returns.len() as f64;
    let height = 60 + 26 * rows.len() as u16;
    let plot = Plot::Heat {
        columns: (1..=12).map(|month| Text::same(month.to_string())).collect(),
        rows: rows.iter().map(|year| Text::same(year.to_string())).collect(),
        values,
        marked: Vec::new(),
    };
    Ok(Some(
        Chart::heat(&format!("fund_month_{fund}"), Format::Percent(1), plot)
            .titled(
                message("fund-record-month-title", &[("share", share.into())]),
                words("fund-record-month-unit"),
            )
            .captioned(words("fund-record-month-caption"))
            .tall(height),
    ))
}

/// Codes and deflated ratios.
fn deflation(source: &Source) -> Result<(Vec<String>, Vec<f64>), ReportError> {
    let frame = source.frame(EXHIBIT, "deflated")?;
    Ok((frame.words("fund")?, frame.numbers("probability")?))
}

/// The best of them, after all were looked at.
fn best_sentence(source: &Source, whole: &Part) -> Result<Option<Text>, ReportError> {
    let frame = source.frame(EXHIBIT, "deflated")?;
    let Some(&best) = whole.rows.first() else { return Ok(None) };
    let fund = &whole.frame.words("fund")?[best];
    let Some(at) = frame.words("fund")?.iter().position(|code| code == fund) else {
        return Ok(None);
    };
    let of = |column| Ok::<f64, ReportError>(frame.numbers(column)?[at]);
    let chance = of("probability")?;
    let args = [
        ("fund", fund.clone().into()),
        ("sharpe", of("sharpe")?.into()),
        ("n", of("trials")?.into()),
        ("expected", of("expected_maximum")?.into()),
        ("chance", chance.into()),
    ];
    Ok(Some(if chance >= 0.95 {
        message("fund-record-best-sure", &args)
    } else {
        message("fund-record-best-unsure", &args)
    }))
}

/// Every fund's ratio with its band.
fn ratio_chart(whole: &Part) -> Result<Option<Chart>, ReportError> {
    let n = whole.rows.len().min(MOST_NAMED);
    if n < 2 {
        return Ok(None);
    }
    let funds = whole.frame.words("fund")?;
    let [ratio, low, high] =
        ["sharpe", "sharpe_low", "sharpe_high"].map(|name| whole.numbers(name));
    let (ratio, low, high) = (ratio?, low?, high?);
    let rungs = (0..n).filter(|i| ratio[*i].is_finite()).map(|i| Rung {
        name: Text::same(&funds[whole.rows[i]]),
        value: ratio[i],
        band: Some((low[i], high[i])),
        colour: if low[i] > 0.0 { Colour::Accent } else { Colour::Muted },
    });
    let above = whole.numbers("sharpe_low")?.iter().filter(|low| **low > 0.0).count() as f64;
    let args = [("n", (whole.rows.len() as f64).into()), ("above", above.into())];
    Ok(Some(
        Chart::ladder("fund_ratios", Format::Number(1), rungs.collect())
            .titled(message("fund-record-ratios-title", &args), words("fund-record-ratios-unit"))
            .captioned(words("fund-record-ratios-caption")),
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use shoals_core::{Convention, Lang, Series, TradingDay, day};
    use shoals_fund::Fund;
    use shoals_fund::record::{RecordConfig, RecordPart, record, record_tables};

    use super::*;

    /// Weekly values for three years that swing, with a drift.
    fn part(code: &str, drift: f64) -> RecordPart {
        let days: Vec<TradingDay> =
            (0..160).map(|k| day(2021, 12, 31).plus_calendar_days(7 * k)).collect();
        let mut value = 1.0;
        let values = (0..160).map(|k| {
            value *= 1.0 + drift + 0.02 * (f64::from(k) * 1.3).sin();
            value
        });
        let nav = Series::new(code, days.clone(), values.collect()).expect("rising days");
        let index =
            Series::new("index", days, (0..160).map(f64::from).map(|x| x + 100.0).collect());
        let fund = Fund::of(nav).expect("positive values");
        let benchmark = index.expect("rising days");
        record(&fund, &fund.periods(), Some(&benchmark), None, &RecordConfig::default())
            .expect("a record")
    }

    /// The page tells what the part says: its figures stand in the sentence, and every fall, episode and month is drawn.
    #[test]
    fn a_page_and_a_comparison_tell_what_the_part_says() {
        let parts = [part("A", 0.001), part("B", 0.006)];
        let tables = record_tables(&parts);
        let (convention, data) = (Convention::new(), BTreeMap::new());
        let source = Source { tables: &tables, convention: &convention, data: &data };
        let page = record_page(&source, "A").expect("a page");
        let shown = |x: f64| crate::number::percent(x, 1);
        let said = page.answer[0].get(Lang::En);
        for figure in [shown(parts[0].rows[0].total_return), shown(parts[0].rows[0].max_drawdown)] {
            assert!(said.contains(&figure), "{figure} in {said}");
        }
        let ids: Vec<&str> = page.tables.iter().map(|table| &*table.id).collect();
        assert_eq!(ids, ["record", "drawdown", "crisis", "worst"]);
        assert_eq!(page.tables[0].rows.len(), parts[0].rows.len());
        assert_eq!(page.charts.len(), 4, "wealth, falls, trailing ratio, months");
        let all = record_comparison(&source).expect("a comparison");
        assert_eq!(all.tables[0].rows[0].cells[0], Cell::Words(Text::same("B")));
        assert_eq!(all.charts.len(), 1);
        let best = &all.answer[0];
        assert!(best.en.contains('B') && !best.zh.is_empty(), "{best:?}");
        assert!(record_page(&source, "nobody").expect("an empty page").charts.is_empty());
    }
}
