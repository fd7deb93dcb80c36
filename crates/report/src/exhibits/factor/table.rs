//! The factors in numbers: payoff, break and money by size bucket.

use super::finding::p_words;
use super::name;
use super::sheet::{Payoff, Sheet};
use crate::exhibit::{Cell, Row, Shown, ShownColumn};
use crate::i18n::{Text, message, words};
use crate::number::Format;

/// Trading days a year, for the turnover.
const DAYS_A_YEAR: f64 = 242.0;

pub(super) fn all(sheets: &[Sheet], trials: Option<Shown>) -> Vec<Shown> {
    let own = [payoff_table(sheets), break_table(sheets), money_table(sheets)];
    own.into_iter().chain(trials).collect()
}

fn opening() -> Vec<ShownColumn> {
    vec![
        ShownColumn::words(words("factor-head-factor")),
        ShownColumn::words(words("factor-head-bucket")),
    ]
}

fn number(key: &str, format: Format) -> ShownColumn {
    ShownColumn::number(words(key), format)
}

/// Adds a row for every factor and group that has cells; the told group is emphasised.
fn fill(table: &mut Shown, sheets: &[Sheet], cells: impl Fn(&Sheet, &str) -> Option<Vec<Cell>>) {
    for sheet in sheets {
        for group in sheet.groups() {
            let Some(cells) = cells(sheet, group) else { continue };
            let names = [sheet.name.clone(), name::bucket(group, &sheet.buckets)];
            let cells = names.map(Cell::Words).into_iter().chain(cells).collect();
            table.push(Row { cells, is_emphasised: group == sheet.told() });
        }
    }
}

fn horizon_of(sheets: &[Sheet]) -> [(&'static str, crate::i18n::Arg); 1] {
    [("horizon", sheets.first().map_or(f64::NAN, Sheet::horizon).into())]
}

fn payoff_table(sheets: &[Sheet]) -> Shown {
    let three = Format::Number(3);
    let mut columns = opening();
    columns.extend([
        number("factor-head-mean", three),
        number("factor-head-low", three),
        number("factor-head-high", three),
        number("factor-head-icir", Format::Number(2)),
        number("factor-head-t", Format::Number(2)),
        number("factor-head-won", Format::Percent(0)),
        number("factor-head-n", Format::Number(0)),
    ]);
    let title = message("factor-table-payoff", &horizon_of(sheets));
    let mut table = Shown::new("payoff", title, columns);
    fill(&mut table, sheets, |sheet, group| sheet.payoff(group).map(payoff_cells));
    table.note = words("factor-table-payoff-note");
    table
}

fn payoff_cells(p: &Payoff) -> Vec<Cell> {
    [p.mean, p.low, p.high, p.icir, p.t, p.won, p.n].map(Cell::Number).to_vec()
}

fn break_table(sheets: &[Sheet]) -> Shown {
    let mut columns = opening();
    columns.extend([
        ShownColumn::words(words("factor-head-day")),
        ShownColumn::words(words("factor-head-from")),
        ShownColumn::words(words("factor-head-to")),
        number("factor-head-before", Format::Number(3)),
        number("factor-head-after", Format::Number(3)),
        number("factor-head-sup-f", Format::Number(1)),
        ShownColumn::words(words("factor-head-p")),
    ]);
    let mut table = Shown::new("break", words("factor-table-break"), columns);
    fill(&mut table, sheets, |sheet, group| {
        let found = sheet.break_of(group)?;
        let mut cells = [found.date, found.low, found.high].map(Cell::Day).to_vec();
        cells.extend([found.before, found.after, found.sup_f].map(Cell::Number));
        cells.push(Cell::Words(Text::same(p_words(found.p))));
        Some(cells)
    });
    table.note = message("factor-table-break-note", &horizon_of(sheets));
    table
}

fn money_table(sheets: &[Sheet]) -> Shown {
    let years = years_of(sheets);
    let percent = Format::Percent(1);
    let mut columns = opening();
    columns.extend([
        number("factor-head-gross", percent),
        number("factor-head-net", percent),
        number("factor-head-turnover", Format::Number(1)),
    ]);
    columns.extend(years.iter().map(|y| ShownColumn::number(Text::same(y.to_string()), percent)));
    let mut table = Shown::new("money", words("factor-table-money"), columns);
    fill(&mut table, sheets, |sheet, group| {
        let path = sheet.path(group)?;
        let own = path.net_years(&sheet.days);
        let of = |year: &i32| own.iter().find(|(y, _)| y == year).map_or(f64::NAN, |(_, net)| *net);
        let whole = [path.gross_gain(), path.net_gain(), path.turnover * DAYS_A_YEAR];
        Some(whole.into_iter().chain(years.iter().map(of)).map(Cell::Number).collect())
    });
    table.note = words("factor-table-money-note");
    table
}

fn years_of(sheets: &[Sheet]) -> Vec<i32> {
    let mut years: Vec<i32> =
        sheets.iter().flat_map(|sheet| sheet.days.iter().map(|day| day.year())).collect();
    years.sort_unstable();
    years.dedup();
    years
}
