//! One view over the rows of a table, in all its files: who, when, and in which order.
//!
//! Rows keep a number across files, in source order. A *subject* is everything of the key but the day
//! (the stock; the index and its member); its *life* is its rows by day. The index is built once by a
//! counting sort and shared by every check.

use std::borrow::Cow;
use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, BooleanArray, RecordBatch, StringArray};
use shoals_core::{Board, Finding, Severity, Symbol, TradingDay};

use super::checks::Check;
use crate::schema::{ColumnKind, ColumnSpec};
use crate::{Loaded, MarketTable};

/// Rows of a piece at most: a few columns of it fit the cache, and copies come from the heap's own arena.
const PIECE_ROWS: usize = 8_192;
/// Rows a step of the piece lookup covers.
const STEP: usize = 1 << 10;

/// No day or minute lies further from 1970.
const FAR: i32 = 1_000_000_000;

/// A run of consecutive rows of one file.
pub(super) struct Piece {
    batch: RecordBatch,
    pub(super) file: usize,
    /// Number of its first row among all rows.
    pub(super) first: usize,
}

/// All rows of one table.
pub(super) struct Sheet<'a> {
    pub(super) table: MarketTable,
    pub(super) files: Vec<&'a Loaded>,
    pub(super) pieces: Vec<Piece>,
    pub(super) n_rows: usize,
    /// First row of each file, and the end.
    file_starts: Vec<usize>,
    /// Piece that holds row `i * STEP`.
    lookup: Vec<u32>,
    /// Exchange day of each row, epoch days; of minute bars too.
    pub(super) days: Vec<i32>,
    /// Time within the key: the day, or the minute of minute bars.
    times: Option<Vec<i32>>,
    pub(super) subject_of: Vec<u32>,
    pub(super) subjects: Vec<Subject>,
    /// Rows by subject and time; rows with a null key are left out.
    order: Vec<u32>,
    starts: Vec<u32>,
    /// First and last day.
    pub(super) day_range: Option<(i32, i32)>,
    /// Rows with a null in the key.
    pub(super) null_keys: Vec<u32>,
}

/// Who a row is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject {
    /// The last symbol column of the key.
    pub(super) symbol: Option<Symbol>,
    pub(super) board: Option<Board>,
}

/// Rows of one subject by day, and their days.
#[derive(Default)]
pub(super) struct Life {
    pub(super) rows: Vec<u32>,
    pub(super) days: Vec<i32>,
    places: Vec<(u32, u32)>,
}

impl Piece {
    pub(super) fn n_rows(&self) -> usize {
        self.batch.num_rows()
    }

    /// The numbers of a column, NaN where null; none when absent or without any value.
    pub(super) fn numbers(&self, name: &str) -> Option<Cow<'_, [f64]>> {
        let array = self.batch.column_by_name(name)?;
        if array.null_count() == array.len() {
            return None;
        }
        let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
        if let Some(floats) = array.as_primitive_opt::<Float64Type>() {
            let Some(nulls) = nulls else { return Some(Cow::Borrowed(floats.values())) };
            let or_nan = |(value, is_valid): (&f64, bool)| if is_valid { *value } else { f64::NAN };
            return Some(floats.values().iter().zip(nulls.iter()).map(or_nan).collect());
        }
        let counts = array.as_primitive_opt::<Int64Type>()?.values();
        let Some(nulls) = nulls else { return Some(counts.iter().map(|&n| n as f64).collect()) };
        let or_nan = |(&n, is_valid): (&i64, bool)| if is_valid { n as f64 } else { f64::NAN };
        Some(counts.iter().zip(nulls.iter()).map(or_nan).collect())
    }

    /// The number at a local row, NaN where there is none.
    fn number(&self, name: &str, i: usize) -> f64 {
        let Some(array) = self.array(name).filter(|array| array.is_valid(i)) else {
            return f64::NAN;
        };
        if let Some(floats) = array.as_primitive_opt::<Float64Type>() {
            return floats.value(i);
        }
        array.as_primitive_opt::<Int64Type>().map_or(f64::NAN, |counts| counts.value(i) as f64)
    }

    /// The flags of a column; none when absent or without any value.
    pub(super) fn flags(&self, name: &str) -> Option<&BooleanArray> {
        let array = self.batch.column_by_name(name)?;
        (array.null_count() < array.len()).then(|| array.as_boolean())
    }

    /// The days of a column that is not part of the key.
    pub(super) fn days(&self, name: &str) -> Option<Vec<Option<i32>>> {
        let array = self.batch.column_by_name(name)?.as_primitive_opt::<Date32Type>()?;
        Some(array.iter().collect())
    }

    /// The text of a text or symbol column at a local row.
    pub(super) fn text(&self, name: &str, i: usize) -> Option<&str> {
        let array = self.batch.column_by_name(name)?;
        if array.is_null(i) {
            return None;
        }
        if let Some(texts) = array.as_string_opt::<i32>() {
            return Some(texts.value(i));
        }
        let dictionary = array.as_dictionary_opt::<Int32Type>()?;
        let values = dictionary.values().as_string_opt::<i32>()?;
        Some(values.value(dictionary.key(i)?))
    }

    pub(super) fn array(&self, name: &str) -> Option<&dyn Array> {
        self.batch.column_by_name(name).map(AsRef::as_ref)
    }
}

impl<'a> Sheet<'a> {
    /// The rows of `files`, which all hold `table`.
    pub(super) fn new(table: MarketTable, files: Vec<&'a Loaded>) -> Self {
        let (pieces, file_starts) = cut(&files);
        let n_rows = *file_starts.last().expect("one start more than files");
        let (days, times) = read_times(table, &pieces, n_rows);
        let (subjects, subject_of, null_keys) = name_subjects(table, &pieces, n_rows);
        let (order, starts) = sort(&subject_of, times.as_ref().unwrap_or(&days), subjects.len());
        let lookup = lookup(&pieces, n_rows);
        let day_range = if has_days(table) { range(&days) } else { None };
        Self {
            table,
            files,
            pieces,
            n_rows,
            file_starts,
            lookup,
            days,
            times,
            subject_of,
            subjects,
            order,
            starts,
            day_range,
            null_keys,
        }
    }

    /// The file of a row.
    pub(super) fn file_of(&self, row: usize) -> usize {
        self.file_starts.partition_point(|&start| start <= row) - 1
    }

    /// The 1-based row of its file.
    pub(super) fn source_row(&self, row: usize) -> u64 {
        let file = self.file_of(row);
        self.files[file].source_row(row - self.file_starts[file])
    }

    /// The piece and the local row of a row.
    pub(super) fn place(&self, row: usize) -> (&Piece, usize) {
        let piece = &self.pieces[self.piece_of(row)];
        (piece, row - piece.first)
    }

    fn piece_of(&self, row: usize) -> usize {
        let mut i = self.lookup[row / STEP] as usize;
        while self.pieces[i].first + self.pieces[i].n_rows() <= row {
            i += 1;
        }
        i
    }

    /// The rows of a subject by day.
    pub(super) fn rows_of(&self, subject: usize) -> &[u32] {
        &self.order[self.starts[subject] as usize..self.starts[subject + 1] as usize]
    }

    /// Fills `life` with the rows and days of a subject.
    pub(super) fn life(&self, subject: usize, life: &mut Life) {
        life.rows.clear();
        life.rows.extend_from_slice(self.rows_of(subject));
        life.days.clear();
        life.days.extend(life.rows.iter().map(|&row| self.days[row as usize]));
        life.places.clear();
        let mut piece = 0;
        let mut range = 0..0;
        for &row in &life.rows {
            let row = row as usize;
            if !range.contains(&row) {
                piece = self.piece_of(row);
                range = self.pieces[piece].first
                    ..self.pieces[piece].first + self.pieces[piece].n_rows();
            }
            life.places.push((piece as u32, (row - range.start) as u32));
        }
    }

    /// Key time of a row: its day, or minute.
    pub(super) fn time(&self, row: usize) -> i32 {
        self.times.as_ref().unwrap_or(&self.days)[row]
    }

    /// A column of all pieces, to be gathered by life.
    pub(super) fn column(&self, name: &str) -> Option<Gather<'_>> {
        let pieces: Vec<_> = self.pieces.iter().map(|piece| piece.numbers(name)).collect();
        pieces.iter().any(Option::is_some).then_some(Gather { pieces })
    }

    /// The number at a row, NaN where there is none.
    pub(super) fn number(&self, name: &str, row: usize) -> f64 {
        let (piece, i) = self.place(row);
        piece.number(name, i)
    }

    /// A finding at a row, with the place filled in.
    pub(super) fn finding_at(
        &self,
        check: &Check,
        severity: Severity,
        row: usize,
        column: Option<&str>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) -> Finding {
        let file = self.file_of(row);
        let source = self.files[file];
        let mut finding =
            Finding::new(check.kind, severity, source.file.clone(), found, expected, check.remedy)
                .at_row(self.source_row(row));
        finding.symbol = self.subject(row).and_then(|subject| subject.symbol);
        if self.has_days() && self.days[row] != i32::MIN {
            finding = finding.on(TradingDay::from_epoch_days(self.days[row]));
        }
        finding.column = column.map(|name| source.source_column(name).to_owned());
        finding
    }

    fn subject(&self, row: usize) -> Option<&Subject> {
        self.subjects.get(self.subject_of[row] as usize)
    }

    /// Whether rows stand on days at all.
    pub(super) fn has_days(&self) -> bool {
        has_days(self.table)
    }
}

/// A column cut like the sheet, NaN where null.
pub(super) struct Gather<'s> {
    pieces: Vec<Option<Cow<'s, [f64]>>>,
}

impl Gather<'_> {
    /// The values of a life, in its order.
    pub(super) fn of(&self, life: &Life, values: &mut Vec<f64>) {
        values.clear();
        values.extend(life.places.iter().map(|&(piece, i)| {
            self.pieces[piece as usize].as_ref().map_or(f64::NAN, |values| values[i as usize])
        }));
    }
}

/// Fills `values` from a column that may be absent.
pub(super) fn gather(column: Option<&Gather<'_>>, life: &Life, values: &mut Vec<f64>) {
    if let Some(column) = column {
        column.of(life, values);
    } else {
        values.clear();
        values.resize(life.rows.len(), f64::NAN);
    }
}

fn has_days(table: MarketTable) -> bool {
    time_column(table).is_some()
}

/// The day or minute column of the key.
fn time_column(table: MarketTable) -> Option<&'static ColumnSpec> {
    table.key().iter().find(|spec| matches!(spec.kind, ColumnKind::Day | ColumnKind::Timestamp))
}

/// Pieces of all files, the first row of each file, and the end.
fn cut(files: &[&Loaded]) -> (Vec<Piece>, Vec<usize>) {
    let (mut pieces, mut starts, mut first) = (Vec::new(), vec![0], 0);
    for (file, loaded) in files.iter().enumerate() {
        for batch in &loaded.batches {
            for offset in (0..batch.num_rows()).step_by(PIECE_ROWS) {
                let n = PIECE_ROWS.min(batch.num_rows() - offset);
                pieces.push(Piece { batch: batch.slice(offset, n), file, first });
                first += n;
            }
        }
        starts.push(first);
    }
    (pieces, starts)
}

fn lookup(pieces: &[Piece], n_rows: usize) -> Vec<u32> {
    let of = |row: usize| pieces.partition_point(|piece| piece.first <= row) - 1;
    (0..n_rows).step_by(STEP).map(|row| of(row) as u32).collect()
}

/// First and last day, nulls aside.
fn range(days: &[i32]) -> Option<(i32, i32)> {
    let widen = |(first, last): (i32, i32), &day: &i32| {
        // A null stands below every day, so only the minimum must pass over it.
        (first.min(if day == i32::MIN { i32::MAX } else { day }), last.max(day))
    };
    let (first, last) = days.iter().fold((i32::MAX, i32::MIN), widen);
    (first <= last).then_some((first, last))
}

/// The day of each row, and the minute where the key has one; `i32::MIN` where null.
fn read_times(table: MarketTable, pieces: &[Piece], n_rows: usize) -> (Vec<i32>, Option<Vec<i32>>) {
    let Some(spec) = time_column(table) else { return (vec![0; n_rows], None) };
    let mut times = Vec::with_capacity(n_rows);
    for piece in pieces {
        let array = piece.array(spec.name);
        if let Some(days) = array.and_then(|a| a.as_primitive_opt::<Date32Type>()) {
            extend_times(&mut times, days, |&day| day);
        } else if let Some(stamps) =
            array.and_then(|a| a.as_primitive_opt::<TimestampMicrosecondType>())
        {
            extend_times(&mut times, stamps, |&stamp| stamp.div_euclid(60_000_000) as i32);
        } else {
            times.resize(times.len() + piece.n_rows(), i32::MIN);
        }
    }
    if spec.kind == ColumnKind::Day {
        return (times, None);
    }
    let day = |&minute: &i32| if minute == i32::MIN { minute } else { minute.div_euclid(24 * 60) };
    (times.iter().map(day).collect(), Some(times))
}

fn extend_times<T: arrow_array::ArrowPrimitiveType>(
    times: &mut Vec<i32>,
    array: &arrow_array::PrimitiveArray<T>,
    time: impl Fn(&T::Native) -> i32,
) {
    let start = times.len();
    // A damaged date may be any number; keep room for arithmetic.
    times.extend(array.values().iter().map(|value| time(value).clamp(-FAR, FAR)));
    if array.null_count() > 0 {
        for i in (0..array.len()).filter(|&i| array.is_null(i)) {
            times[start + i] = i32::MIN;
        }
    }
}

/// Subjects in order of first appearance, the subject of each row, and the rows without one.
fn name_subjects(
    table: MarketTable,
    pieces: &[Piece],
    n_rows: usize,
) -> (Vec<Subject>, Vec<u32>, Vec<u32>) {
    let columns: Vec<&ColumnSpec> = table
        .key()
        .iter()
        .filter(|spec| !matches!(spec.kind, ColumnKind::Day | ColumnKind::Timestamp))
        .collect();
    let mut ids = vec![0_u32; n_rows];
    let mut subjects = vec![Subject { symbol: None, board: None }];
    for column in columns {
        let (part, names) = name_column(column, pieces, n_rows);
        let symbols: Vec<Option<Symbol>> = match column.kind {
            ColumnKind::Symbol => names.iter().map(|name| Symbol::parse(name).ok()).collect(),
            _ => vec![None; names.len()],
        };
        combine(&mut ids, &mut subjects, &part, &symbols);
    }
    let null_keys = null_keys(table, pieces);
    let n = subjects.len() as u32;
    for &row in &null_keys {
        ids[row as usize] = n;
    }
    (subjects, ids, null_keys)
}

/// Ids of one key column by first appearance, `u32::MAX` where null, and the names.
fn name_column(spec: &ColumnSpec, pieces: &[Piece], n_rows: usize) -> (Vec<u32>, Vec<String>) {
    let mut names = Names::default();
    let mut ids = Vec::with_capacity(n_rows);
    for piece in pieces {
        let array = piece.array(spec.name);
        if let Some(keys) = array.and_then(|a| a.as_dictionary_opt::<Int32Type>()) {
            names.dictionary(keys.values().as_string::<i32>());
            if keys.null_count() == 0 {
                let local = &mut names;
                ids.extend(keys.keys().values().iter().map(|&key| local.of_key(key as usize)));
            } else {
                let local = &mut names;
                ids.extend(
                    keys.keys().iter().map(|k| k.map_or(u32::MAX, |k| local.of_key(k as usize))),
                );
            }
        } else if let Some(texts) = array.and_then(|a| a.as_string_opt::<i32>()) {
            ids.extend(texts.iter().map(|text| text.map_or(u32::MAX, |text| names.of(text))));
        } else if let Some(counts) = array.and_then(|a| a.as_primitive_opt::<Int64Type>()) {
            let id = |n: Option<i64>| n.map_or(u32::MAX, |n| names.of(&n.to_string()));
            ids.extend(counts.iter().map(id));
        } else {
            ids.resize(ids.len() + piece.n_rows(), u32::MAX);
        }
    }
    (ids, names.seen)
}

/// Names seen so far, and the dictionary of the piece at hand in their numbers.
#[derive(Default)]
struct Names {
    seen: Vec<String>,
    by_name: HashMap<String, u32>,
    dictionary: Option<StringArray>,
    of_key: Vec<u32>,
}

impl Names {
    fn of(&mut self, name: &str) -> u32 {
        if let Some(&id) = self.by_name.get(name) {
            return id;
        }
        let id = self.seen.len() as u32;
        self.seen.push(name.to_owned());
        self.by_name.insert(name.to_owned(), id);
        id
    }

    /// Takes up a piece's dictionary; its keys are named as they are met.
    fn dictionary(&mut self, values: &StringArray) {
        let is_same = self.dictionary.as_ref().is_some_and(|last| {
            last.len() == values.len()
                && last.offsets() == values.offsets()
                && last.values().as_slice() == values.values().as_slice()
        });
        if !is_same {
            self.of_key.clear();
            self.of_key.resize(values.len(), u32::MAX);
            self.dictionary = Some(values.clone());
        }
    }

    fn of_key(&mut self, key: usize) -> u32 {
        if self.of_key[key] == u32::MAX {
            let values = self.dictionary.clone().expect("taken up before its keys");
            self.of_key[key] = self.of(values.value(key));
        }
        self.of_key[key]
    }
}

/// Refines `ids` by one more key column.
fn combine(
    ids: &mut Vec<u32>,
    subjects: &mut Vec<Subject>,
    part: &[u32],
    symbols: &[Option<Symbol>],
) {
    let subject = |old: Subject, id: u32| {
        let symbol = symbols.get(id as usize).copied().flatten().or(old.symbol);
        Subject { symbol, board: symbol.and_then(|symbol| symbol.board()) }
    };
    if subjects.len() == 1 {
        *subjects = (0..symbols.len() as u32).map(|id| subject(subjects[0], id)).collect();
        part.clone_into(ids);
        return;
    }
    let mut pairs: HashMap<(u32, u32), u32> = HashMap::new();
    let mut refined = Vec::new();
    for (id, &part) in ids.iter_mut().zip(part) {
        let Some(&old) = subjects.get(*id as usize) else { continue };
        *id = *pairs.entry((*id, part)).or_insert_with(|| {
            refined.push(subject(old, part));
            refined.len() as u32 - 1
        });
    }
    *subjects = refined;
}

/// Rows with a null in any key column, rising.
fn null_keys(table: MarketTable, pieces: &[Piece]) -> Vec<u32> {
    let mut rows = Vec::new();
    for piece in pieces {
        for spec in table.key() {
            let row = |i: usize| (piece.first + i) as u32;
            match piece.array(spec.name) {
                None => rows.extend((0..piece.n_rows()).map(row)),
                Some(array) if array.null_count() > 0 => {
                    rows.extend((0..array.len()).filter(|&i| array.is_null(i)).map(row));
                }
                Some(_) => {}
            }
        }
    }
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// Rows by subject and time (source order at equal times), and where each subject starts.
fn sort(subject_of: &[u32], times: &[i32], n_subjects: usize) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; n_subjects + 2];
    for &subject in subject_of {
        starts[subject as usize + 1] += 1;
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    let mut next = starts.clone();
    let mut order = vec![0_u32; subject_of.len()];
    for (row, &subject) in subject_of.iter().enumerate() {
        let slot = &mut next[subject as usize];
        order[*slot as usize] = row as u32;
        *slot += 1;
    }
    for subject in 0..n_subjects {
        let rows = &mut order[starts[subject] as usize..starts[subject + 1] as usize];
        let time = |row: &u32| times[*row as usize];
        if !rows.is_sorted_by_key(time) {
            rows.sort_by_key(time);
        }
    }
    (order, starts)
}
