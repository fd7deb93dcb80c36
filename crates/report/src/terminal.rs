//! Tables that fit the terminal, and sparklines.
//!
//! Numbers stand right, aligned on the decimal; words stand left; widths count what the terminal shows
//! (a Chinese character is two columns wide). What does not fit is named, not silently cut.

use std::fmt::Write as _;

use shoals_core::{Column, Table, Values};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::columns;
use crate::i18n::{self, Lang};
use crate::number::{Format, NOTHING};

/// What the terminal offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Screen {
    /// Columns of the terminal.
    pub width: usize,
    /// Language of headings and notes.
    pub lang: Lang,
    /// Rows to show at most; the middle is left out and counted. None shows all.
    pub max_rows: Option<usize>,
}

impl Default for Screen {
    fn default() -> Self {
        Self { width: 100, lang: Lang::En, max_rows: Some(40) }
    }
}

const GAP: &str = "  ";
const LEAST_WORDS_WIDTH: usize = 12;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

struct Strip {
    heading: String,
    cells: Vec<String>,
    is_right: bool,
    width: usize,
}

/// The table as text: a heading line, a rule, the rows, and a note on what was left out.
pub fn table(table: &Table, screen: &Screen) -> String {
    let rows = shown_rows(table.n_rows(), screen.max_rows);
    let mut strips: Vec<Strip> =
        table.columns().iter().map(|column| strip(column, &rows, screen.lang)).collect();
    let hidden = fit(&mut strips, screen.width);
    let mut out = String::new();
    push_row(&mut out, &strips, |strip| &strip.heading);
    let total = total_width(&strips);
    out.push_str(&"─".repeat(total));
    out.push('\n');
    for i in 0..rows.len() {
        push_row(&mut out, &strips, |strip| &strip.cells[i]);
    }
    out.push_str(&note(table.n_rows(), rows.iter().flatten().count(), &hidden, screen));
    out
}

/// Row numbers to show; `None` stands for the rows left out in the middle.
fn shown_rows(n: usize, at_most: Option<usize>) -> Vec<Option<usize>> {
    match at_most {
        Some(most) if n > most.max(2) => {
            let head = most.max(2).div_ceil(2);
            let tail = most.max(2) - head;
            (0..head).map(Some).chain([None]).chain((n - tail..n).map(Some)).collect()
        }
        _ => (0..n).map(Some).collect(),
    }
}

fn strip(column: &Column, rows: &[Option<usize>], lang: Lang) -> Strip {
    let format = columns::format_of(column);
    let heading = match lang {
        Lang::En => column.name.clone(),
        Lang::Zh => columns::heading(&column.name).zh,
    };
    let one =
        |row: &Option<usize>| row.map_or_else(|| "⋮".to_owned(), |i| cell(column, format, lang, i));
    let cells: Vec<String> = rows.iter().map(one).collect();
    let width = cells.iter().map(|c| c.width()).chain([heading.width()]).max().unwrap_or(0);
    Strip { heading, cells, is_right: format.is_some(), width }
}

fn cell(column: &Column, format: Option<Format>, lang: Lang, i: usize) -> String {
    match (&column.values, format) {
        (Values::Number(v), Some(format)) => format.show(v[i]),
        (Values::Number(v), None) => v[i].to_string(),
        (Values::Count(v), _) => Format::Number(0).show(v[i] as f64),
        (Values::Day(v), _) => v[i].to_string(),
        (Values::Symbol(v), _) => v[i].to_string(),
        (Values::Text(v), _) if v[i].is_empty() => NOTHING.to_owned(),
        (Values::Text(v), _) => v[i].replace(['\n', '\r', '\t'], " "),
        (Values::Words(v), _) => v[i].get(lang).to_owned(),
        (Values::Flag(v), _) => i18n::words(if v[i] { "yes" } else { "no" }).get(lang).to_owned(),
    }
}

/// Shortens words, then drops the last columns, until the table fits; the names of the dropped ones.
fn fit(strips: &mut Vec<Strip>, width: usize) -> Vec<String> {
    for strip in strips.iter_mut().filter(|strip| !strip.is_right) {
        strip.width = strip.width.max(1);
    }
    while total_width(strips) > width {
        let widest = strips
            .iter_mut()
            .filter(|strip| !strip.is_right && strip.width > LEAST_WORDS_WIDTH)
            .max_by_key(|strip| strip.width);
        match widest {
            Some(strip) => strip.width -= 1,
            None => break,
        }
    }
    let mut hidden = Vec::new();
    while total_width(strips) > width && strips.len() > 1 {
        hidden.extend(strips.pop().map(|strip| strip.heading));
    }
    hidden.reverse();
    hidden
}

fn total_width(strips: &[Strip]) -> usize {
    strips.iter().map(|strip| strip.width).sum::<usize>()
        + GAP.len() * strips.len().saturating_sub(1)
}

fn push_row<'a>(out: &mut String, strips: &'a [Strip], cell: impl Fn(&'a Strip) -> &'a String) {
    let mut line = String::new();
    for (i, strip) in strips.iter().enumerate() {
        if i > 0 {
            line.push_str(GAP);
        }
        let text = clipped(cell(strip), strip.width);
        let pad = " ".repeat(strip.width.saturating_sub(text.width()));
        if strip.is_right {
            line.push_str(&pad);
            line.push_str(&text);
        } else {
            line.push_str(&text);
            line.push_str(&pad);
        }
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

fn clipped(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > width {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

fn note(n: usize, shown: usize, hidden: &[String], screen: &Screen) -> String {
    let mut out = String::new();
    if shown < n {
        let text = i18n::message("terminal-rows", &[("shown", shown.into()), ("n", n.into())]);
        let _ = writeln!(out, "{}", text.get(screen.lang));
    }
    if !hidden.is_empty() {
        let names = hidden.join(", ");
        let text = i18n::message("terminal-columns", &[("names", names.into())]);
        let _ = writeln!(out, "{}", text.get(screen.lang));
    }
    out
}

/// A line of bars, one character each, `width` at most: the last value of each stretch.
///
/// Missing: a stretch that ends in NaN is a space; a constant series is a middle bar.
pub fn sparkline(values: &[f64], width: usize) -> String {
    let n = values.len().min(width.max(1));
    let at = |i: usize| values[(i + 1) * values.len() / n - 1];
    let finite = || values.iter().copied().filter(|x| x.is_finite());
    let low = finite().fold(f64::INFINITY, f64::min);
    let high = finite().fold(f64::NEG_INFINITY, f64::max);
    (0..n).map(|i| bar(at(i), low, high)).collect()
}

fn bar(x: f64, low: f64, high: f64) -> char {
    if !x.is_finite() {
        return ' ';
    }
    if high <= low {
        return BARS[3];
    }
    BARS[(((x - low) / (high - low) * 8.0) as usize).min(7)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::day;

    fn ladder() -> Table {
        Table::new("ladder")
            .with("period", "month", vec!["2024-01".to_owned(), "2024-02".to_owned()])
            .with("segment", "size", vec!["micro".to_owned(), "微盘股指数，万得".to_owned()])
            .with("date", "day", vec![day(2024, 1, 31), day(2024, 2, 29)])
            .with("return", "decimal", vec![-0.2128, f64::NAN])
            .with("basis", "points", vec![-1234.5, 7.25])
            .with("n", "count", vec![20_i64, 1500])
    }

    #[test]
    fn numbers_align_and_chinese_counts_two() {
        insta::assert_snapshot!(table(&ladder(), &Screen { width: 80, ..Screen::default() }));
    }

    #[test]
    fn a_narrow_terminal_drops_columns_and_says_so() {
        let screen = Screen { width: 44, lang: Lang::Zh, max_rows: None };
        let text = table(&ladder(), &screen);
        assert!(text.lines().next().is_some_and(|line| line.width() <= 44));
        insta::assert_snapshot!(text);
    }

    #[test]
    fn the_middle_of_a_long_table_is_counted() {
        let long = Table::new("t").with("n", "count", (0..100_i64).collect::<Vec<_>>());
        let text = table(&long, &Screen { max_rows: Some(4), ..Screen::default() });
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_sparkline_spans_its_range() {
        assert_eq!(sparkline(&[0.0, 1.0, f64::NAN, 0.5], 10), "▁█ ▅");
        assert_eq!(sparkline(&[2.0, 2.0], 10), "▄▄");
        assert_eq!(sparkline(&[], 10), "");
        assert_eq!(sparkline(&(0..100).map(f64::from).collect::<Vec<_>>(), 8), "▁▂▃▄▅▆▇█");
    }
}
