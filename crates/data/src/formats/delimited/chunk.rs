//! Whole lines of a text file to columns: the hot loop.

use std::collections::BTreeMap;

use super::Plan;
use super::column::{Column, Finished, Trouble, cell_end};

/// The first place of a kind of trouble, and how often it happened.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    /// 0-based line within the chunk, later within the data.
    pub(crate) line: u64,
    /// What stands there.
    pub(crate) found: String,
    /// How many rows show the same.
    pub(crate) count: u64,
}

/// Trouble by kind and source column.
pub(crate) type Troubles = BTreeMap<(Trouble, usize), Spot>;

/// What a chunk of lines holds.
pub(crate) struct Chunk {
    /// One entry a source column.
    pub(crate) columns: Vec<Finished>,
    /// Rows kept.
    pub(crate) n_rows: usize,
    /// Physical lines.
    pub(crate) n_lines: u64,
    /// 0-based line of each kept row, when lines were skipped.
    pub(crate) lines: Option<Vec<u64>>,
    /// What could not be read.
    pub(crate) troubles: Troubles,
    /// A quotation mark stayed open: lines may have been cut inside a cell.
    pub(crate) has_open_quote: bool,
}

/// Bytes whose lines are counted to size the columns.
const SAMPLE_BYTES: usize = 16 << 10;

struct Reader<'a> {
    bytes: &'a [u8],
    plan: &'a Plan,
    columns: Vec<Column>,
    n_rows: usize,
    line: u64,
    lines: Vec<u64>,
    troubles: Troubles,
    /// Trouble of the row being read: kind, column, where the cell starts and ends.
    row_troubles: Vec<(Trouble, usize, usize, usize)>,
    has_open_quote: bool,
}

/// Reads the lines of `bytes`; the last one must end with a newline.
pub(crate) fn read(bytes: &[u8], plan: &Plan) -> Chunk {
    let n_rows = likely_rows(bytes);
    let columns = plan.columns.iter().map(|column| Column::new(column.action, n_rows)).collect();
    let mut reader = Reader {
        bytes,
        plan,
        columns,
        n_rows: 0,
        line: 0,
        lines: Vec::new(),
        troubles: Troubles::new(),
        row_troubles: Vec::new(),
        has_open_quote: false,
    };
    let mut at = 0;
    while at < bytes.len() {
        at = reader.row(at);
    }
    reader.finish()
}

/// Number of lines, as the first ones suggest, and a little room.
fn likely_rows(bytes: &[u8]) -> usize {
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let n_lines = memchr::memchr_iter(b'\n', sample).count().max(1);
    let n_rows = bytes.len() * n_lines / sample.len().max(1);
    n_rows + n_rows / 32 + 16
}

impl Reader<'_> {
    /// Reads the row that starts at `start`; returns where the next one does.
    #[inline]
    fn row(&mut self, start: usize) -> usize {
        let dialect = self.plan.dialect;
        let n_columns = self.columns.len();
        let mut at = start;
        for i in 0..n_columns {
            let (end, trouble) = self.columns[i].take(self.bytes, at, dialect);
            if let Some(trouble) = trouble {
                self.row_troubles.push((trouble, i, at, end));
            }
            let is_last = i + 1 == n_columns;
            match self.bytes[end] {
                mark if mark == dialect.delimiter && !is_last => at = end + 1,
                b'\n' if is_last => return self.close(start, end),
                b'\r' if is_last && self.bytes.get(end + 1) == Some(&b'\n') => {
                    return self.close(start, end + 1);
                }
                _ => return self.ragged(start, end),
            }
        }
        at
    }

    /// Ends a row of the right number of cells whose newline is at `end`.
    #[inline]
    fn close(&mut self, start: usize, end: usize) -> usize {
        if self.row_troubles.is_empty() && !self.lacks_key() {
            self.keep_row();
        } else {
            self.close_troubled(start, end);
        }
        self.line += 1;
        end + 1
    }

    fn lacks_key(&self) -> bool {
        self.plan.keys.iter().any(|&i| self.columns[i].is_last_null())
    }

    /// Keeps the row, and its line once lines and rows have parted.
    #[inline]
    fn keep_row(&mut self) {
        if !self.lines.is_empty() || self.line != self.n_rows as u64 {
            self.lines.push(self.line);
        }
        self.n_rows += 1;
    }

    /// Ends a row with trouble: cells become findings, a row without its key is left out.
    fn close_troubled(&mut self, start: usize, end: usize) {
        if self.is_blank(start, end) || self.is_source_line(start, end) {
            return self.drop_row();
        }
        let key = self.plan.keys.iter().find(|&&i| self.columns[i].is_last_null()).copied();
        let is_told = self.row_troubles.iter().any(|trouble| Some(trouble.1) == key);
        for (trouble, column, from, to) in std::mem::take(&mut self.row_troubles) {
            self.note(trouble, column, from, to);
        }
        let Some(key) = key else { return self.keep_row() };
        if !is_told {
            self.note(Trouble::MissingKey, key, start, end);
        }
        self.drop_row();
    }

    /// A row with too few or too many cells.
    #[cold]
    fn ragged(&mut self, start: usize, at: usize) -> usize {
        let newline = memchr::memchr(b'\n', &self.bytes[at..]);
        let end = newline.map_or(self.bytes.len() - 1, |n| at + n);
        // An exporter may end every line with the delimiter.
        let is_closed = self.bytes[at] == self.plan.dialect.delimiter
            && self.is_blank(at, end)
            && self.n_cells(start, at) == self.columns.len();
        if is_closed {
            return self.close(start, end);
        }
        if !self.is_blank(start, end) && !self.is_source_line(start, end) {
            let is_quoted = self.row_troubles.iter().any(|t| t.0 == Trouble::OpenQuote);
            self.has_open_quote |= is_quoted;
            let kind = if is_quoted { Trouble::OpenQuote } else { Trouble::RaggedRow };
            self.note(kind, 0, start, end);
        }
        self.drop_row();
        self.line += 1;
        end + 1
    }

    fn n_cells(&self, start: usize, end: usize) -> usize {
        let delimiter = self.plan.dialect.delimiter;
        let (mut at, mut n) = (start, 1);
        loop {
            at = cell_end(&self.bytes[..end], at, delimiter);
            if at >= end {
                return n;
            }
            (at, n) = (at + 1, n + 1);
        }
    }

    fn drop_row(&mut self) {
        self.row_troubles.clear();
        for column in &mut self.columns {
            column.truncate(self.n_rows);
        }
        if self.lines.is_empty() && self.n_rows > 0 {
            self.lines.extend(0..self.n_rows as u64);
        }
    }

    fn is_blank(&self, start: usize, end: usize) -> bool {
        let delimiter = self.plan.dialect.delimiter;
        self.bytes[start..end]
            .iter()
            .all(|b| *b == delimiter || *b == b'"' || b.is_ascii_whitespace())
    }

    /// `数据来源：Wind` and its kin, which exporters put under the table, and sums of the rows above.
    fn is_source_line(&mut self, start: usize, end: usize) -> bool {
        const OPENINGS: &[&str] = &[
            "数据来源",
            "资料来源",
            "来源：",
            "来源:",
            "注：",
            "注:",
            "小计",
            "合计",
            "Source:",
            "Data source",
        ];
        let text = String::from_utf8_lossy(&self.bytes[start..end]);
        let delimiter = char::from(self.plan.dialect.delimiter);
        let text = text.trim_matches(|c: char| c == '"' || c == delimiter || c.is_whitespace());
        let is_source = OPENINGS.iter().any(|opening| text.starts_with(opening));
        if is_source {
            self.note(Trouble::SourceLine, 0, start, end);
        }
        is_source
    }

    fn note(&mut self, trouble: Trouble, column: usize, from: usize, to: usize) {
        self.has_open_quote |= trouble == Trouble::OpenQuote;
        let (line, bytes) = (self.line, &self.bytes[from..to]);
        let spot = self.troubles.entry((trouble, column)).or_insert_with(|| Spot {
            line,
            found: shown(bytes),
            count: 0,
        });
        spot.count += 1;
    }

    fn finish(self) -> Chunk {
        let is_gapless = self.lines.is_empty() && self.line == self.n_rows as u64;
        let lines = if is_gapless {
            None
        } else if self.lines.is_empty() {
            Some((0..self.n_rows as u64).collect())
        } else {
            Some(self.lines)
        };
        Chunk {
            columns: self.columns.into_iter().map(Column::finish).collect(),
            n_rows: self.n_rows,
            n_lines: self.line,
            lines,
            troubles: self.troubles,
            has_open_quote: self.has_open_quote,
        }
    }
}

/// A cell as a finding shows it: trimmed, cut to a readable length.
fn shown(bytes: &[u8]) -> String {
    const LONGEST: usize = 60;
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim().trim_matches('"');
    if text.is_empty() {
        return "an empty cell".to_owned();
    }
    let cut: String = text.chars().take(LONGEST).collect();
    if cut.len() < text.len() { format!("`{cut}…`") } else { format!("`{cut}`") }
}
