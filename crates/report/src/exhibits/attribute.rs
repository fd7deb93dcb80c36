//! Exhibit 6: where the gain came from, the two clocks, and the shape of the top.

use shoals_core::{Segment, TradingDay};

use super::source::{Source, highest, period};
use crate::ReportError;
use crate::chart::{Axis, Chart, Colour, Layer, Stroke};
use crate::columns::heading;
use crate::exhibit::{Cell, Exhibit, Row, Shown, ShownColumn, Verdict};
use crate::i18n::{Arg, Text, message, words};
use crate::number::{self, Format};

const EXHIBIT: &str = "attribute";

/// Exhibit 6 from the attribution outcome's `part`, `source`, `coefficient`, `beta`, `clock` and `top` tables.
///
/// # Errors
/// A table or column the outcome contract promises is not there.
pub fn attribute(source: &Source) -> Result<Exhibit, ReportError> {
    let mut exhibit = source.exhibit(6, EXHIBIT, words("attribute-question"));
    let (exact, factors) = (Exact::read(source)?, Factors::read(source)?);
    let (clocks, tops) = (Clocks::read(source)?, Tops::read(source)?);
    exhibit.title = match (&exact, &factors) {
        (_, Some(factors)) => clocks.title().unwrap_or_else(|| factors.title()),
        (Some(exact), None) => exact.title(),
        (None, None) => words("attribute-title-empty"),
    };
    exhibit.answer.extend(exact.as_ref().map(Exact::sentence));
    exhibit.answer.extend(factors.as_ref().map(Factors::sentence));
    exhibit.answer.extend(clocks.sentence());
    exhibit.answer.extend(tops.sentences());
    if let Some(factors) = &factors {
        let title = Text::new(format!("{}。", exhibit.title.zh), format!("{}.", exhibit.title.en));
        exhibit.verdict = vec![Verdict {
            figure: Text::same(number::percent(factors.share_of("size"), 0)),
            label: words("attribute-label"),
            sentence: Text::sentences([&title, &factors.sentence()]),
            ..Verdict::default()
        }];
    }
    exhibit.charts.extend(exact.as_ref().map(Exact::chart));
    exhibit.charts.extend(factors.as_ref().and_then(Factors::chart));
    exhibit.tables.extend(factors.as_ref().map(Factors::table));
    exhibit.tables.extend(clocks.table());
    if factors.is_some() {
        exhibit.tables.extend(tops.table());
    }
    exhibit.tables.extend(exact.as_ref().map(Exact::table));
    exhibit.tables.extend(against(source)?);
    exhibit.notes = vec![words("attribute-note-exact")];
    exhibit.notes.extend(factors.is_some().then(|| words("attribute-note-clock")));
    Ok(exhibit)
}

/// Sources that are told as one, with their colour.
const GROUPS: [(&str, &[&str], Colour); 5] = [
    ("attribute-group-size", &["size"], Colour::Segment(Segment::Micro)),
    ("attribute-group-market", &["market"], Colour::Segment(Segment::Csi300)),
    ("attribute-group-basis", &["carry", "basis"], Colour::Segment(Segment::Csi500)),
    (
        "attribute-group-option",
        &["delta", "gamma", "theta", "vega", "option_residual"],
        Colour::Accent,
    ),
    ("attribute-group-costs", &["financing", "costs"], Colour::Faint),
];

const SOURCES: [&str; 11] = [
    "market",
    "size",
    "carry",
    "basis",
    "delta",
    "gamma",
    "theta",
    "vega",
    "option_residual",
    "financing",
    "costs",
];

/// The exact lines.
struct Exact<'a> {
    days: &'a [TradingDay],
    /// Cumulated, one a group.
    groups: Vec<Vec<f64>>,
    pnl: Vec<f64>,
    periods: Vec<String>,
    sums: Vec<Vec<f64>>,
    is_money: bool,
}

impl<'a> Exact<'a> {
    fn read(source: &Source<'a>) -> Result<Option<Self>, ReportError> {
        let (lines, parts) = (source.frame(EXHIBIT, "source")?, source.frame(EXHIBIT, "part")?);
        if lines.n_rows() < 2 {
            return Ok(None);
        }
        let cumulated = |values: Vec<f64>| -> Vec<f64> {
            values
                .into_iter()
                .scan(0.0, |total, x| {
                    *total += x;
                    Some(*total)
                })
                .collect()
        };
        let mut groups = Vec::new();
        for (_, names, _) in GROUPS {
            let mut sum = vec![0.0; lines.n_rows()];
            for name in names {
                let values = lines.numbers(name)?;
                sum.iter_mut().zip(values).for_each(|(total, x)| *total += x);
            }
            groups.push(cumulated(sum));
        }
        let mut sums = vec![parts.numbers("pnl")?];
        for name in SOURCES {
            sums.push(parts.numbers(name)?);
        }
        Ok(Some(Self {
            days: lines.days("date")?,
            groups,
            pnl: cumulated(lines.numbers("pnl")?),
            periods: parts.words("period")?,
            sums,
            is_money: source.convention.get("unit").is_some_and(|unit| unit.en == "CNY"),
        }))
    }

    fn last(&self, group: usize) -> f64 {
        self.groups[group].last().copied().unwrap_or(f64::NAN)
    }

    fn args(&self) -> Vec<(&'static str, Arg)> {
        let last = self.days.len() - 1;
        vec![
            ("from", self.days[0].into()),
            ("to", self.days[last].into()),
            ("pnl", self.pnl[last].into()),
            ("size", self.last(0).into()),
            ("market", self.last(1).into()),
            ("basis", self.last(2).into()),
            ("option", self.last(3).into()),
            ("costs", self.last(4).into()),
        ]
    }

    fn title(&self) -> Text {
        message(
            if self.is_money { "attribute-title-money" } else { "attribute-title-exact" },
            &self.args(),
        )
    }

    fn sentence(&self) -> Text {
        message(
            if self.is_money { "attribute-exact-money" } else { "attribute-exact" },
            &self.args(),
        )
    }

    fn format(&self) -> Format {
        if !self.is_money {
            return Format::Percent(1);
        }
        let largest = self.groups.iter().flatten().fold(0.0_f64, |most, x| most.max(x.abs()));
        Format::Number(if largest < 1e5 { 2 } else { 0 })
    }

    fn chart(&self) -> Chart {
        let mut layers: Vec<Layer> = GROUPS
            .iter()
            .zip(&self.groups)
            .filter(|(_, values)| values.iter().any(|x| x.abs() > 1e-9))
            .map(|((name, _, colour), values)| Layer::Line {
                name: words(name),
                colour: *colour,
                values: values.clone(),
                stroke: Stroke::Plain,
            })
            .collect();
        layers.push(Layer::Line {
            name: words("attribute-all"),
            colour: Colour::Ink,
            values: self.pnl.clone(),
            stroke: Stroke::Strong,
        });
        let unit = if self.is_money { "attribute-unit-money" } else { "attribute-unit" };
        Chart::layers("sources", self.format(), Axis::Days(self.days.to_vec()), layers)
            .titled(self.title(), message(unit, &[("period", period(self.days).into())]))
            .captioned(words("attribute-exact-caption"))
            .tall(400)
    }

    fn table(&self) -> Shown {
        let shown: Vec<usize> = (0..=SOURCES.len())
            .filter(|i| *i == 0 || self.sums[*i].iter().any(|x| x.abs() > 1e-9))
            .collect();
        let mut columns = vec![ShownColumn::words(heading("period"))];
        columns.extend(shown.iter().map(|&i| {
            let name = if i == 0 { "pnl" } else { SOURCES[i - 1] };
            ShownColumn::number(heading(name), self.format())
        }));
        let mut table = Shown::new("parts", words("attribute-parts-title"), columns);
        for (row, period) in self.periods.iter().enumerate() {
            let label =
                if period == "whole" { words("replicate-whole") } else { Text::same(period) };
            let mut cells = vec![Cell::Words(label)];
            cells.extend(shown.iter().map(|&i| Cell::Number(self.sums[i][row])));
            table.push(Row { cells, is_emphasised: row == 0 });
        }
        table.note =
            words(if self.is_money { "attribute-parts-money" } else { "attribute-parts-note" });
        table
    }
}

/// The regression on factors.
struct Factors<'a> {
    names: Vec<String>,
    columns: Vec<(&'static str, Vec<f64>)>,
    beta_days: &'a [TradingDay],
    of_factor: Vec<String>,
    walking: [Vec<f64>; 3],
}

const COLUMNS: [&str; 7] =
    ["beta", "beta_low", "beta_high", "t", "mean_return", "contribution", "share"];

impl<'a> Factors<'a> {
    fn read(source: &Source<'a>) -> Result<Option<Self>, ReportError> {
        let frame = source.frame(EXHIBIT, "coefficient")?;
        let betas = source.frame(EXHIBIT, "beta")?;
        if frame.n_rows() == 0 {
            return Ok(None);
        }
        let read = |name: &'static str| Ok((name, frame.numbers(name)?));
        Ok(Some(Self {
            names: frame.words("factor")?,
            columns: COLUMNS.into_iter().map(read).collect::<Result<_, ReportError>>()?,
            beta_days: betas.days("date")?,
            of_factor: betas.words("factor")?,
            walking: [
                betas.numbers("walking")?,
                betas.numbers("walking_low")?,
                betas.numbers("walking_high")?,
            ],
        }))
    }

    fn of(&self, column: &str, factor: &str) -> f64 {
        let row = self.names.iter().position(|name| name == factor);
        let values = self.columns.iter().find(|(name, _)| *name == column).map(|(_, v)| v);
        row.zip(values).map_or(f64::NAN, |(row, values)| values[row])
    }

    fn share_of(&self, factor: &str) -> f64 {
        self.of("share", factor)
    }

    fn args(&self) -> Vec<(&'static str, Arg)> {
        vec![
            ("size", self.share_of("size").into()),
            ("volatility", self.share_of("short_volatility").into()),
            ("market", self.share_of("market").into()),
            ("residual", self.share_of("residual").into()),
            ("size_beta", self.of("beta", "size").into()),
            ("size_low", self.of("beta_low", "size").into()),
            ("size_high", self.of("beta_high", "size").into()),
            ("volatility_beta", self.of("beta", "short_volatility").into()),
            ("volatility_low", self.of("beta_low", "short_volatility").into()),
            ("volatility_high", self.of("beta_high", "short_volatility").into()),
            ("alpha", self.of("beta", "alpha").into()),
            ("alpha_low", self.of("beta_low", "alpha").into()),
            ("alpha_high", self.of("beta_high", "alpha").into()),
        ]
    }

    fn title(&self) -> Text {
        message("attribute-title", &self.args())
    }

    fn sentence(&self) -> Text {
        message("attribute-factors", &self.args())
    }

    /// The wandering betas of size and short volatility with their bands.
    fn chart(&self) -> Option<Chart> {
        let rows = |factor: &str| -> Vec<usize> {
            (0..self.of_factor.len()).filter(|i| self.of_factor[*i] == factor).collect()
        };
        let (size, volatility) = (rows("size"), rows("short_volatility"));
        if size.len() < 2 || size.len() != volatility.len() {
            return None;
        }
        let days: Vec<TradingDay> = size.iter().map(|&i| self.beta_days[i]).collect();
        let pick = |rows: &[usize], k: usize| rows.iter().map(|&i| self.walking[k][i]).collect();
        let mut layers = Vec::new();
        for (rows, colour, name) in [
            (&volatility, Colour::Accent, "attribute-beta-volatility"),
            (&size, Colour::Segment(Segment::Micro), "attribute-beta-size"),
        ] {
            layers.push(Layer::Band {
                name: message("attribute-band", &[("line", Arg::Words(words(name)))]),
                colour,
                low: pick(rows, 1),
                high: pick(rows, 2),
            });
            layers.push(Layer::Line {
                name: words(name),
                colour,
                values: pick(rows, 0),
                stroke: Stroke::Strong,
            });
        }
        let last = |rows: &[usize]| self.walking[0][rows[rows.len() - 1]];
        let args = [("size", last(&size).into()), ("volatility", last(&volatility).into())];
        let unit = message("attribute-beta-unit", &[("period", period(&days).into())]);
        Some(
            Chart::layers("betas", Format::Number(2), Axis::Days(days), layers)
                .titled(message("attribute-beta-title", &args), unit)
                .captioned(words("attribute-beta-caption")),
        )
    }

    fn table(&self) -> Shown {
        let number = |name: &str, format| ShownColumn::number(heading(name), format);
        let columns = vec![
            ShownColumn::words(heading("factor")),
            number("beta", Format::Number(3)),
            number("beta_low", Format::Number(3)),
            number("beta_high", Format::Number(3)),
            number("t", Format::Number(1)),
            number("mean_return", Format::Percent(1)),
            number("contribution", Format::Percent(1)),
            number("share", Format::Percent(1)),
        ];
        let mut shown = Shown::new("coefficients", words("attribute-factors-title"), columns);
        for (row, name) in self.names.iter().enumerate() {
            let cells = std::iter::once(Cell::Words(factor_words(name)));
            let numbers = self.columns.iter().map(|(_, values)| Cell::Number(values[row]));
            shown
                .push(Row { cells: cells.chain(numbers).collect(), is_emphasised: name == "size" });
        }
        shown.note = words("attribute-factors-note");
        shown
    }
}

/// When each factor's mean changed.
struct Clocks {
    names: Vec<String>,
    on: Vec<TradingDay>,
    low: Vec<TradingDay>,
    high: Vec<TradingDay>,
    before: Vec<f64>,
    after: Vec<f64>,
    sup_f: Vec<f64>,
    p: Vec<f64>,
    has_faded: Vec<bool>,
    is_proven: Vec<bool>,
}

impl Clocks {
    fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "clock")?;
        Ok(Self {
            names: frame.words("factor")?,
            on: frame.days("break_on")?.to_vec(),
            low: frame.days("break_low")?.to_vec(),
            high: frame.days("break_high")?.to_vec(),
            before: frame.numbers("mean_before")?,
            after: frame.numbers("mean_after")?,
            sup_f: frame.numbers("sup_f")?,
            p: frame.numbers("p_value")?,
            has_faded: frame.flags("has_faded")?.to_vec(),
            is_proven: frame.flags("is_proven")?.to_vec(),
        })
    }

    fn row(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }

    /// The two clocks, where both faded: which first, and whether either is proven.
    fn title(&self) -> Option<Text> {
        let (size, volatility) = (self.row("size")?, self.row("short_volatility")?);
        if !(self.has_faded[size] && self.has_faded[volatility]) {
            return None;
        }
        let key = match (
            self.is_proven[size] && self.is_proven[volatility],
            self.on[volatility] < self.on[size],
        ) {
            (true, true) => "attribute-title-volatility-first",
            (true, false) => "attribute-title-size-first",
            (false, _) => return None,
        };
        Some(message(
            key,
            &[("size", self.on[size].into()), ("volatility", self.on[volatility].into())],
        ))
    }

    fn sentence(&self) -> Option<Text> {
        let (size, volatility) = (self.row("size")?, self.row("short_volatility")?);
        let told = |row: usize, name: &str| {
            let key = match (self.is_proven[row], self.has_faded[row]) {
                (true, true) => "attribute-clock-faded",
                (true, false) => "attribute-clock-grew",
                (false, _) => "attribute-clock-unproven",
            };
            message(
                key,
                &[
                    ("factor", factor_words(name).into()),
                    ("day", self.on[row].into()),
                    ("before", self.before[row].into()),
                    ("after", self.after[row].into()),
                    ("p", self.p[row].into()),
                ],
            )
        };
        Some(Text::sentences([&told(volatility, "short_volatility"), &told(size, "size")]))
    }

    fn table(&self) -> Option<Shown> {
        if self.names.is_empty() {
            return None;
        }
        let columns = vec![
            ShownColumn::words(heading("factor")),
            ShownColumn::words(heading("break_on")),
            ShownColumn::words(heading("break_low")),
            ShownColumn::words(heading("break_high")),
            ShownColumn::number(heading("mean_before"), Format::Percent(1)),
            ShownColumn::number(heading("mean_after"), Format::Percent(1)),
            ShownColumn::number(heading("sup_f"), Format::Number(2)),
            ShownColumn::number(heading("p_value"), Format::Number(3)),
        ];
        let mut shown = Shown::new("clocks", words("attribute-clocks-title"), columns);
        for (i, name) in self.names.iter().enumerate() {
            let cells = vec![
                Cell::Words(factor_words(name)),
                Cell::Day(self.on[i]),
                Cell::Day(self.low[i]),
                Cell::Day(self.high[i]),
                Cell::Number(self.before[i]),
                Cell::Number(self.after[i]),
                Cell::Number(self.sup_f[i]),
                Cell::Number(self.p[i]),
            ];
            shown.push(Row { cells, is_emphasised: self.is_proven[i] });
        }
        shown.note = words("attribute-clocks-note");
        Some(shown)
    }
}

/// The tops.
struct Tops {
    names: Vec<String>,
    on: Vec<TradingDay>,
    columns: Vec<(&'static str, Vec<f64>)>,
}

const TOP_COLUMNS: [&str; 8] =
    ["peakedness", "rise", "fall", "null_low", "null_median", "null_high", "rank", "p_value"];

impl Tops {
    fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "top")?;
        let read = |name: &'static str| Ok((name, frame.numbers(name)?));
        Ok(Self {
            names: frame.words("path")?,
            on: frame.days("peak_on")?.to_vec(),
            columns: TOP_COLUMNS.into_iter().map(read).collect::<Result<_, ReportError>>()?,
        })
    }

    fn of(&self, column: &str, row: usize) -> f64 {
        let found = self.columns.iter().find(|(name, _)| *name == column);
        found.map_or(f64::NAN, |(_, values)| values[row])
    }

    /// The book's top, and the most peaked one.
    fn sentences(&self) -> Option<Text> {
        let row = self.names.iter().position(|name| name == "book")?;
        let sentence = |row: usize| {
            let (rank, p) = (self.of("rank", row), self.of("p_value", row));
            let key = match (p < 0.10, rank < 0.5) {
                (true, true) => "attribute-top-flat",
                (true, false) => "attribute-top-peaked",
                (false, _) => "attribute-top-plain",
            };
            message(
                key,
                &[
                    ("path", path_words(&self.names[row]).into()),
                    ("day", self.on[row].into()),
                    ("peakedness", self.of("peakedness", row).into()),
                    ("low", self.of("null_low", row).into()),
                    ("high", self.of("null_high", row).into()),
                    ("p", p.into()),
                ],
            )
        };
        let (_, peakedness) = &self.columns[0];
        let other = highest(peakedness).filter(|other| *other != row);
        Some(match other {
            Some(other) => Text::sentences([&sentence(row), &sentence(other)]),
            None => sentence(row),
        })
    }

    fn table(&self) -> Option<Shown> {
        if self.names.is_empty() {
            return None;
        }
        let mut columns =
            vec![ShownColumn::words(heading("path")), ShownColumn::words(heading("peak_on"))];
        columns.extend(self.columns.iter().map(|(name, _)| {
            let digits = if *name == "p_value" { 3 } else { 2 };
            ShownColumn::number(heading(name), Format::Number(digits))
        }));
        let mut shown = Shown::new("tops", words("attribute-tops-title"), columns);
        for (row, name) in self.names.iter().enumerate() {
            let mut cells = vec![Cell::Words(path_words(name)), Cell::Day(self.on[row])];
            cells.extend(self.columns.iter().map(|(_, values)| Cell::Number(values[row])));
            shown.push(Row { cells, is_emphasised: name == "book" });
        }
        shown.note = words("attribute-tops-note");
        Some(shown)
    }
}

/// A book leg by leg beside a replica.
fn against(source: &Source) -> Result<Option<Shown>, ReportError> {
    let frame = source.frame(EXHIBIT, "against")?;
    if frame.n_rows() == 0 {
        return Ok(None);
    }
    let names = ["book_return", "replica_return", "difference_return"];
    let mut columns = vec![ShownColumn::words(heading("leg"))];
    columns.extend(names.map(|name| ShownColumn::number(heading(name), Format::Percent(2))));
    columns.push(ShownColumn::number(heading("correlation"), Format::Number(2)));
    let mut values = Vec::new();
    for name in names {
        values.push(frame.numbers(name)?);
    }
    values.push(frame.numbers("correlation")?);
    let mut shown = Shown::new("against", words("attribute-against-title"), columns);
    for (row, leg) in frame.words("leg")?.iter().enumerate() {
        let label = match leg.as_str() {
            "size" => words("attribute-group-size"),
            "market" => words("attribute-group-market"),
            "basis" => words("attribute-group-basis"),
            "straddle" => words("attribute-group-option"),
            "costs" => words("attribute-group-costs"),
            _ => words("attribute-all"),
        };
        let mut cells = vec![Cell::Words(label)];
        cells.extend(values.iter().map(|column| Cell::Number(column[row])));
        shown.push(Row { cells, is_emphasised: row == 0 });
    }
    let n = frame.numbers("n_days")?[0];
    shown.note = message("attribute-against-note", &[("n", n.into())]);
    Ok(Some(shown))
}

fn factor_words(name: &str) -> Text {
    match name {
        "market" => words("attribute-factor-market"),
        "size" => words("attribute-factor-size"),
        "short_volatility" => words("attribute-factor-volatility"),
        "basis" => words("attribute-factor-basis"),
        "alpha" => words("attribute-factor-alpha"),
        "residual" => words("attribute-factor-residual"),
        other => Text::same(other),
    }
}

fn path_words(name: &str) -> Text {
    if name == "book" { words("attribute-path-book") } else { factor_words(name) }
}
