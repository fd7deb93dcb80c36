//! A shown table: numbers right and aligned on the decimal, words left, the row of the text in bold.

use std::fmt::Write as _;

use super::both;
use crate::exhibit::{Cell, Row, Shown, ShownColumn};
use crate::number::Format;

pub(super) fn write(table: &Shown, page: &mut String) {
    let _ = write!(
        page,
        "<figure class=\"table\"><figcaption><h3>{}</h3></figcaption><div class=\"scroll\" tabindex=\"0\"><table><thead><tr>",
        both(&table.title)
    );
    for column in &table.columns {
        let _ = write!(page, "<th scope=\"col\"{}>{}</th>", class_of(column), both(&column.header));
    }
    page.push_str("</tr></thead><tbody>");
    table.rows.iter().for_each(|row| self::row(row, &table.columns, page));
    let _ = write!(
        page,
        "</tbody></table></div><p class=\"caption\">{}</p></figure>",
        both(&table.note)
    );
}

fn row(row: &Row, columns: &[ShownColumn], page: &mut String) {
    page.push_str(if row.is_emphasised { "<tr class=\"emphasised\">" } else { "<tr>" });
    for (i, (cell, column)) in row.cells.iter().zip(columns).enumerate() {
        let (open, close) = if i == 0 { ("<th scope=\"row\"", "</th>") } else { ("<td", "</td>") };
        let _ = write!(
            page,
            "{open}{}>{}{close}",
            class_of_cell(cell, column),
            cell_html(cell, column.format)
        );
    }
    page.push_str("</tr>");
}

fn class_of(column: &ShownColumn) -> &'static str {
    if column.format.is_some() { " class=\"n\"" } else { "" }
}

/// Words of more characters than this may wrap.
const LONG_WORDS: usize = 26;

fn class_of_cell(cell: &Cell, column: &ShownColumn) -> &'static str {
    match cell {
        Cell::Words(text) if text.en.chars().count() > LONG_WORDS => " class=\"long\"",
        _ => class_of(column),
    }
}

fn cell_html(cell: &Cell, format: Option<Format>) -> String {
    match cell {
        Cell::Number(value) => format.unwrap_or(Format::Number(2)).show(*value),
        Cell::Day(day) => day.to_string(),
        Cell::Words(text) => both(text),
    }
}
