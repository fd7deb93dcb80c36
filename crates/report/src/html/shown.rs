//! A shown table: numbers right and aligned on the decimal, words left, the row of the text in bold.

use std::fmt::Write as _;

use super::both;
use crate::exhibit::{Cell, Row, Shown, ShownColumn};
use crate::number::Format;

pub(super) fn write(table: &Shown, page: &mut String) {
    let _ = write!(
        page,
        "<figure class=\"table\"><figcaption><h3>{}</h3></figcaption><div class=\"scroll\" tabindex=\"0\"><table{}><thead><tr>",
        both(&table.title),
        match table {
            _ if wraps(table) => " class=\"wraps\"",
            _ if table.columns.len() > MOST_ROOMY => " class=\"dense\"",
            _ => "",
        }
    );
    for column in &table.columns {
        let _ = write!(page, "<th scope=\"col\"{}>{}</th>", class_of(column), both(&column.header));
    }
    page.push_str("</tr></thead><tbody>");
    table.rows.iter().for_each(|row| self::row(row, table, page));
    let _ = write!(
        page,
        "</tbody></table></div><p class=\"caption\">{}</p></figure>",
        both(&table.note)
    );
}

/// Columns up to which a table needs no small print on paper.
const MOST_ROOMY: usize = 9;

/// Whether the table carries sentences: it wraps, and on a narrow page stands as a list.
fn wraps(table: &Shown) -> bool {
    table.rows.iter().flat_map(|row| &row.cells).any(is_long)
}

fn row(row: &Row, table: &Shown, page: &mut String) {
    let has_heads = wraps(table);
    page.push_str(if row.is_emphasised { "<tr class=\"emphasised\">" } else { "<tr>" });
    for (i, (cell, column)) in row.cells.iter().zip(&table.columns).enumerate() {
        let (open, close) = if i == 0 { ("<th scope=\"row\"", "</th>") } else { ("<td", "</td>") };
        let _ = write!(page, "{open}{}>", class_of_cell(cell, column));
        if has_heads && i > 0 {
            let _ = write!(page, "<span class=\"head\">{}</span>", both(&column.header));
        }
        let _ = write!(page, "{}{close}", cell_html(cell, column.format));
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
        _ if is_long(cell) => " class=\"long\"",
        Cell::Day(_) => " class=\"day\"",
        _ => class_of(column),
    }
}

fn is_long(cell: &Cell) -> bool {
    matches!(cell, Cell::Words(text) if text.en.chars().count() > LONG_WORDS)
}

fn cell_html(cell: &Cell, format: Option<Format>) -> String {
    match cell {
        Cell::Number(value) => format.unwrap_or(Format::Number(2)).show(*value),
        Cell::Day(day) => day.to_string(),
        Cell::Words(text) => both(text),
    }
}
