//! The delimited-text engine: bytes to columns, chunk by chunk on every core.
//!
//! The file is cut at newlines into chunks of a few megabytes; each is read, parsed and forgotten, so
//! memory holds the result and little more. Cells are parsed where they stand: no row objects, no
//! strings. A quotation mark that stays open within a chunk may have been cut, and the file is read
//! again in one piece.

mod chunk;
mod column;
pub(crate) mod date;
pub(crate) mod number;
pub(crate) mod symbol;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Int32Array};
use rayon::prelude::*;
use shoals_core::Symbol;

use super::DateFormat;
use chunk::Chunk;

pub(crate) use chunk::{Spot, Troubles};
pub(crate) use column::{Action, Column, Finished, Trouble, cell_end, unquote};

/// How cells are parted and days written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dialect {
    /// Field delimiter, ASCII.
    pub(crate) delimiter: u8,
    /// How days are written.
    pub(crate) date_format: DateFormat,
}

/// How every source column is read.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// How cells are parted.
    pub(crate) dialect: Dialect,
    /// One entry a source column, in order.
    pub(crate) columns: Vec<PlannedColumn>,
    /// Source columns without which a row is nothing.
    pub(crate) keys: Vec<usize>,
}

/// One source column.
#[derive(Debug, Clone)]
pub(crate) struct PlannedColumn {
    /// The source's own name.
    pub(crate) name: String,
    /// How its cells are read.
    pub(crate) action: Action,
}

/// Text in UTF-8: a file, or bytes already in memory.
pub(crate) enum Source {
    /// A file, data from a byte on.
    File {
        /// The file.
        path: PathBuf,
        /// First byte after the header.
        start: u64,
        /// Length.
        len: u64,
    },
    /// Bytes, data from a byte on.
    Memory {
        /// The text.
        bytes: Vec<u8>,
        /// First byte after the header.
        start: usize,
    },
}

/// A parsed text: for each chunk its columns, and one dictionary of symbols for all of them.
pub(crate) struct Parsed {
    /// One entry a chunk.
    pub(crate) blocks: Vec<Block>,
    /// Every symbol, by number.
    pub(crate) symbols: Vec<Symbol>,
    /// 1-based row (lines after the header) of every kept row; `None` when nothing was skipped.
    pub(crate) source_rows: Option<Vec<u64>>,
    /// What could not be read, lines counted from the header.
    pub(crate) troubles: Troubles,
}

/// The columns of one chunk.
pub(crate) struct Block {
    /// One entry a source column; `None` when it was not read.
    pub(crate) columns: Vec<Option<ArrayRef>>,
    /// Rows.
    pub(crate) n_rows: usize,
}

/// Bytes of a chunk: it stays in the caches, and a chunk's columns make a batch of fair size.
const CHUNK_BYTES: u64 = 4 << 20;
/// Chunks between two reports of progress.
const CHUNKS_A_WAVE: u64 = 32;

/// Parses a text; `progress` is told the bytes done and the total.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn parse(
    source: &Source,
    plan: &Plan,
    progress: &dyn Fn(u64, u64),
) -> io::Result<Parsed> {
    let chunks = parse_in_chunks(source, plan, CHUNK_BYTES, progress)?;
    if chunks.len() > 1 && chunks.iter().any(|chunk| chunk.has_open_quote) {
        return Ok(join(parse_in_chunks(source, plan, u64::MAX, progress)?));
    }
    Ok(join(chunks))
}

fn parse_in_chunks(
    source: &Source,
    plan: &Plan,
    chunk_bytes: u64,
    progress: &dyn Fn(u64, u64),
) -> io::Result<Vec<Chunk>> {
    let (start, len) = source.range();
    let n_chunks = (len - start).div_ceil(chunk_bytes);
    let mut chunks = Vec::new();
    for wave in (0..n_chunks).step_by(CHUNKS_A_WAVE as usize) {
        let last = n_chunks.min(wave + CHUNKS_A_WAVE);
        let parsed: io::Result<Vec<Chunk>> = (wave..last)
            .into_par_iter()
            .map_init(Vec::new, |buffer, i| {
                let from = start + i * chunk_bytes;
                let to = from.saturating_add(chunk_bytes).min(len);
                source.with_lines(from, to, buffer, |lines| chunk::read(lines, plan))
            })
            .collect();
        chunks.extend(parsed?);
        progress((start + last.saturating_mul(chunk_bytes)).min(len), len);
    }
    Ok(chunks)
}

impl Source {
    fn range(&self) -> (u64, u64) {
        match self {
            Self::File { start, len, .. } => (*start, *len),
            Self::Memory { bytes, start } => (*start as u64, bytes.len() as u64),
        }
    }

    /// Calls `read` with the lines whose first byte lies in `from..to`, the last one closed.
    fn with_lines<T>(
        &self,
        from: u64,
        to: u64,
        buffer: &mut Vec<u8>,
        read: impl Fn(&[u8]) -> T,
    ) -> io::Result<T> {
        match self {
            Self::Memory { bytes, start } => {
                let begin = line_start(bytes, from as usize, *start);
                let end = line_start(bytes, to as usize, *start);
                let lines = &bytes[begin..end.max(begin)];
                if lines.is_empty() || lines.ends_with(b"\n") {
                    return Ok(read(lines));
                }
                buffer.clear();
                buffer.extend_from_slice(lines);
                buffer.push(b'\n');
                Ok(read(buffer))
            }
            Self::File { path, start, .. } => {
                let lines = read_lines(path, from, to, *start, buffer)?;
                Ok(read(&buffer[lines]))
            }
        }
    }
}

/// The first line start at or after `at`; the end of the text when there is none.
fn line_start(bytes: &[u8], at: usize, first: usize) -> usize {
    if at <= first {
        return first;
    }
    if at >= bytes.len() {
        return bytes.len();
    }
    memchr::memchr(b'\n', &bytes[at - 1..]).map_or(bytes.len(), |n| at + n)
}

/// Reads the lines whose first byte lies in `from..to` into `buffer`; returns where they stand in it.
fn read_lines(
    path: &std::path::Path,
    from: u64,
    to: u64,
    first: u64,
    buffer: &mut Vec<u8>,
) -> io::Result<std::ops::Range<usize>> {
    const MARGIN: u64 = 4096;
    // One byte before `from` tells whether a line starts there.
    let lead = from.saturating_sub(1).max(first.saturating_sub(1)).min(from);
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(lead))?;
    buffer.clear();
    let mut rest = file.by_ref().take(to - lead + MARGIN);
    rest.read_to_end(buffer)?;
    let inside = (from - lead) as usize;
    let end_at = (to - lead) as usize;
    while buffer.len() >= end_at && memchr::memchr(b'\n', &buffer[end_at - 1..]).is_none() {
        if file.by_ref().take(CHUNK_BYTES).read_to_end(buffer)? == 0 {
            break;
        }
    }
    let begin = if from <= first { inside } else { line_start(buffer, inside, 0) };
    let newline = buffer.get(end_at - 1..).and_then(|tail| memchr::memchr(b'\n', tail));
    let end = if let Some(n) = newline {
        end_at + n
    } else {
        if buffer.len() > begin && buffer.last() != Some(&b'\n') {
            buffer.push(b'\n');
        }
        buffer.len()
    };
    Ok(begin..end.max(begin))
}

/// Chunks side by side: lines counted through, symbols renumbered into one dictionary.
fn join(chunks: Vec<Chunk>) -> Parsed {
    let mut coder = symbol::SymbolCoder::new(None);
    let mut troubles = Troubles::new();
    let mut maps = Vec::with_capacity(chunks.len());
    let mut first_line = 0;
    let is_gapless = chunks.iter().all(|chunk| chunk.lines.is_none());
    let mut source_rows = (!is_gapless).then(Vec::new);
    for chunk in &chunks {
        maps.push(renumbering(chunk, &mut coder));
        add_troubles(&mut troubles, &chunk.troubles, first_line);
        if let Some(rows) = &mut source_rows {
            match &chunk.lines {
                Some(lines) => rows.extend(lines.iter().map(|line| first_line + line + 1)),
                None => rows.extend((0..chunk.n_rows as u64).map(|line| first_line + line + 1)),
            }
        }
        first_line += chunk.n_lines;
    }
    let dictionary = coder.values();
    let blocks = chunks
        .into_par_iter()
        .zip(maps)
        .map(|(chunk, maps)| block(chunk, &maps, &dictionary))
        .collect();
    Parsed { blocks, symbols: coder.symbols().to_vec(), source_rows, troubles }
}

/// For each symbol column of a chunk, the file's number of each of the chunk's numbers.
fn renumbering(chunk: &Chunk, coder: &mut symbol::SymbolCoder) -> Vec<Vec<i32>> {
    let mut map = |column: &Finished| match column {
        Finished::Symbol(_, own) => own.symbols().iter().map(|s| coder.of_symbol(*s)).collect(),
        _ => Vec::new(),
    };
    chunk.columns.iter().map(&mut map).collect()
}

fn block(chunk: Chunk, maps: &[Vec<i32>], dictionary: &ArrayRef) -> Block {
    let columns = chunk.columns.into_iter().zip(maps).map(|(column, map)| match column {
        Finished::Skip => None,
        Finished::Array(array) => Some(array),
        Finished::Symbol(codes, _) => {
            // A null's number may point anywhere, even into an empty dictionary.
            let renumbered = codes.values().iter().map(|c| map.get(*c as usize).map_or(0, |n| *n));
            let keys =
                Int32Array::new(renumbered.collect::<Vec<i32>>().into(), codes.nulls().cloned());
            Some(symbol::dictionary(keys, dictionary))
        }
    });
    Block { columns: columns.collect(), n_rows: chunk.n_rows }
}

fn add_troubles(all: &mut Troubles, chunk: &Troubles, first_line: u64) {
    for (key, spot) in chunk {
        let line = spot.line + first_line;
        let known = all.entry(*key).or_insert_with(|| Spot { line, count: 0, ..spot.clone() });
        known.count += spot.count;
    }
}

/// A null column of any type, shared by the batches that need one.
pub(crate) fn null_array(data_type: &arrow_schema::DataType, n_rows: usize) -> ArrayRef {
    if let arrow_schema::DataType::Dictionary(..) = data_type {
        let none: ArrayRef = Arc::new(arrow_array::StringArray::from(Vec::<&str>::new()));
        return symbol::dictionary(Int32Array::new_null(n_rows), &none);
    }
    arrow_array::new_null_array(data_type, n_rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::cast::AsArray;
    use arrow_array::types::{Date32Type, Float64Type, Int32Type, Int64Type};
    use proptest::prelude::*;

    fn plan(actions: &[Action], keys: &[usize]) -> Plan {
        Plan {
            dialect: Dialect { delimiter: b',', date_format: DateFormat::Dashed },
            columns: actions
                .iter()
                .map(|action| PlannedColumn { name: String::new(), action: *action })
                .collect(),
            keys: keys.to_vec(),
        }
    }

    fn memory(text: &str) -> Source {
        Source::Memory { bytes: text.as_bytes().to_vec(), start: 0 }
    }

    const BAR: [Action; 4] =
        [Action::Day, Action::Symbol(None), Action::Number(1.0), Action::Count(100.0)];

    #[test]
    fn rows_become_columns_and_trouble_keeps_its_line() {
        let text = "2024-02-05,600519.SH,1700.5,12\r\n\
                    \n\
                    2024-02-06,SZ000001,,3.5\n\
                    not a day,600519.SH,1,1\n\
                    2024-02-07,000852,1,1\n\
                    2024-02-07,600519.SH,\"1,700.5\",x\n\
                    2024-02-08,600519.SH,1\n\
                    数据来源：Wind,,,";
        let parsed = parse(&memory(text), &plan(&BAR, &[0, 1]), &|_, _| {}).unwrap();
        let block = &parsed.blocks[0];
        assert_eq!(block.n_rows, 3);
        assert_eq!(parsed.source_rows, Some(vec![1, 3, 6]));
        let close = block.columns[2].as_ref().unwrap().as_primitive::<Float64Type>();
        assert_eq!(close.iter().collect::<Vec<_>>(), [Some(1700.5), None, Some(1700.5)]);
        let volume = block.columns[3].as_ref().unwrap().as_primitive::<Int64Type>();
        assert_eq!(volume.iter().collect::<Vec<_>>(), [Some(1200), Some(350), None]);
        let told: Vec<(Trouble, usize, u64)> =
            parsed.troubles.iter().map(|((t, c), spot)| (*t, *c, spot.line + 1)).collect();
        assert_eq!(
            told,
            [
                (Trouble::BadDate, 0, 4),
                (Trouble::BadNumber, 3, 6),
                (Trouble::BadSymbol, 1, 5),
                (Trouble::RaggedRow, 0, 7),
                (Trouble::SourceLine, 0, 8),
            ]
        );
    }

    #[test]
    fn a_missing_key_is_told_once_and_its_row_left_out() {
        let text = "2024-02-05,,1,1\n,600519.SH,1,1\n2024-02-05,600519.SH,1,1";
        let parsed = parse(&memory(text), &plan(&BAR, &[0, 1]), &|_, _| {}).unwrap();
        assert_eq!(parsed.blocks[0].n_rows, 1);
        let told: Vec<_> = parsed.troubles.keys().copied().collect();
        assert_eq!(told, [(Trouble::MissingKey, 0), (Trouble::MissingKey, 1)]);
    }

    #[test]
    fn quoted_cells_may_hold_delimiters_quotes_and_newlines() {
        let text = "\"a, \"\"b\"\"\nc\",1\nd,2\n";
        let plan = plan(&[Action::Text, Action::Number(1.0)], &[]);
        let parsed = parse(&memory(text), &plan, &|_, _| {}).unwrap();
        let names = parsed.blocks[0].columns[0].as_ref().unwrap().as_string::<i32>();
        assert_eq!(names.iter().flatten().collect::<Vec<_>>(), ["a, \"b\"\nc", "d"]);
        let open = parse(&memory("\"a,1\nd,2\n"), &plan, &|_, _| {}).unwrap();
        assert!(open.troubles.keys().any(|(trouble, _)| *trouble == Trouble::OpenQuote));
    }

    #[test]
    fn flags_and_trade_status_read_either_way() {
        let text = "1,1\n0,0\n-1,停牌\n是,交易\n?,\n";
        let plan = plan(&[Action::Flag, Action::TradeStatus], &[]);
        let parsed = parse(&memory(text), &plan, &|_, _| {}).unwrap();
        let flags = |i: usize| -> Vec<Option<bool>> {
            parsed.blocks[0].columns[i].as_ref().unwrap().as_boolean().iter().collect()
        };
        assert_eq!(flags(0), [Some(true), Some(false), None, Some(true), None]);
        assert_eq!(flags(1), [Some(false), Some(true), Some(true), Some(false), None]);
        assert!(parsed.troubles.contains_key(&(Trouble::BadFlag, 0)));
    }

    proptest! {
        /// However the text is cut, the answer is that of one piece.
        #[test]
        fn chunks_do_not_matter(
            rows in prop::collection::vec((0_i32..20_000, 0_usize..4, -1e6..1e6_f64), 1..40),
            chunk_bytes in 1_u64..200, ends in any::<bool>(),
        ) {
            let codes = ["600519.SH", "000001.SZ", "IM2403", "430047.BJ"];
            let lines: Vec<String> = rows
                .iter()
                .map(|(n, c, x)| format!("{},{},{x},7\n", date::trading_day(*n), codes[*c]))
                .collect();
            let mut text = lines.concat();
            if !ends { text.pop(); }
            let plan = plan(&BAR, &[0, 1]);
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("x.csv");
            std::fs::write(&path, &text).unwrap();
            let file = Source::File { path, start: 0, len: text.len() as u64 };
            for source in [memory(&text), file] {
                let parsed = join(parse_in_chunks(&source, &plan, chunk_bytes, &|_, _| {}).unwrap());
                prop_assert!(parsed.troubles.is_empty());
                let mut at = 0;
                for block in &parsed.blocks {
                    let days = block.columns[0].as_ref().unwrap().as_primitive::<Date32Type>();
                    let keys = block.columns[1].as_ref().unwrap();
                    let keys = keys.as_dictionary::<Int32Type>().keys();
                    let values = block.columns[2].as_ref().unwrap().as_primitive::<Float64Type>();
                    for i in 0..block.n_rows {
                        let (n, c, x) = rows[at];
                        prop_assert_eq!(days.value(i), n);
                        prop_assert_eq!(values.value(i).to_bits(), x.to_bits());
                        let symbol = parsed.symbols[keys.value(i) as usize];
                        prop_assert_eq!(symbol, codes[c].parse().unwrap());
                        at += 1;
                    }
                }
                prop_assert_eq!(at, rows.len());
            }
        }
    }
}
