//! Rows of many batches in key order, without moving a row.
//!
//! A row is named by its batch and its place there. Every key column becomes an integer that orders as
//! the column does (days as they are, text by its rank among all texts); the integers of a row are
//! packed into one, and a radix sort orders the names. The sort is stable, so of equal keys the row
//! that came later stands later.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch};
use arrow_schema::DataType;
use rayon::prelude::*;

use crate::DataError;

/// A row: its batch and its place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RowRef {
    /// Which batch.
    pub(crate) batch: u32,
    /// Which row of it.
    pub(crate) row: u32,
}

/// The texts of one column over many batches, ranked.
///
/// Rows are never touched: only the dictionaries are, so a column of millions of rows costs as much as
/// its few thousand distinct values.
#[derive(Debug, Clone)]
pub(crate) struct TextRanks {
    /// Distinct texts, rising.
    pub(crate) texts: Vec<Arc<str>>,
    /// For each batch, rank of each entry of its dictionary.
    ranks: Vec<Arc<[u32]>>,
    /// For each batch, the dictionary's keys by row.
    keys: Vec<DictionaryArray<Int32Type>>,
}

impl TextRanks {
    /// Ranks the texts of `column` over `batches`.
    pub(crate) fn of(batches: &[RecordBatch], column: usize) -> Result<Self, DataError> {
        Self { texts: Vec::new(), ranks: Vec::new(), keys: Vec::new() }.and(batches, column)
    }

    /// These ranks, with more batches after the ones already known.
    pub(crate) fn and(&self, batches: &[RecordBatch], column: usize) -> Result<Self, DataError> {
        let added: Vec<DictionaryArray<Int32Type>> =
            batches.iter().map(|batch| encoded(batch.column(column))).collect::<Result<_, _>>()?;
        let mut place: HashMap<Arc<str>, u32> =
            self.texts.iter().enumerate().map(|(i, text)| (Arc::clone(text), i as u32)).collect();
        let mut arrived = self.texts.clone();
        let added_places = places(&added, &mut place, &mut arrived);
        let (texts, rank) = ranked(&arrived);
        let ranks = self
            .ranks
            .iter()
            .chain(&added_places)
            .map(|places| places.iter().map(|&p| rank[p as usize]).collect())
            .collect();
        let keys = self.keys.iter().cloned().chain(added).collect();
        Ok(Self { texts, ranks, keys })
    }

    /// Rank of the text in a row; `None` when the row has none.
    pub(crate) fn rank(&self, at: RowRef) -> Option<u32> {
        let batch = at.batch as usize;
        let key = self.keys[batch].key(at.row as usize)?;
        Some(self.ranks[batch][key])
    }

    /// A view of one batch that skips the look at missing texts.
    fn batch(&self, batch: usize) -> (&[i32], &[u32]) {
        (self.keys[batch].keys().values(), &self.ranks[batch])
    }
}

/// Place of every dictionary entry in `arrived`, which grows by the texts not seen before.
fn places(
    dictionaries: &[DictionaryArray<Int32Type>],
    place: &mut HashMap<Arc<str>, u32>,
    arrived: &mut Vec<Arc<str>>,
) -> Vec<Arc<[u32]>> {
    let mut known: Option<(&ArrayRef, Arc<[u32]>)> = None;
    let mut all = Vec::with_capacity(dictionaries.len());
    for dictionary in dictionaries {
        let values = dictionary.values();
        let places = match &known {
            Some((last, places)) if Arc::ptr_eq(last, values) => Arc::clone(places),
            _ => values.as_string::<i32>().iter().map(|t| place_of(t, place, arrived)).collect(),
        };
        known = Some((values, Arc::clone(&places)));
        all.push(places);
    }
    all
}

fn place_of(
    text: Option<&str>,
    place: &mut HashMap<Arc<str>, u32>,
    arrived: &mut Vec<Arc<str>>,
) -> u32 {
    let text = text.unwrap_or_default();
    if let Some(&known) = place.get(text) {
        return known;
    }
    let (new, text) = (arrived.len() as u32, Arc::<str>::from(text));
    arrived.push(Arc::clone(&text));
    place.insert(text, new);
    new
}

/// The texts rising, and the rank of each as it arrived.
fn ranked(arrived: &[Arc<str>]) -> (Vec<Arc<str>>, Vec<u32>) {
    let mut order: Vec<u32> = (0..arrived.len() as u32).collect();
    order.sort_unstable_by(|&a, &b| arrived[a as usize].cmp(&arrived[b as usize]));
    let mut rank = vec![0; arrived.len()];
    for (r, &i) in order.iter().enumerate() {
        rank[i as usize] = r as u32;
    }
    (order.into_iter().map(|i| Arc::clone(&arrived[i as usize])).collect(), rank)
}

fn encoded(array: &ArrayRef) -> Result<DictionaryArray<Int32Type>, DataError> {
    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let cast = if *array.data_type() == dictionary {
        Arc::clone(array)
    } else {
        arrow_cast::cast(array, &dictionary)?
    };
    Ok(cast.as_dictionary::<Int32Type>().clone())
}

/// One key column as integers.
enum KeyColumn<'a> {
    /// Days, counts or timestamps, by batch.
    Whole(Vec<Integers<'a>>),
    /// Ranks of texts.
    Text(&'a TextRanks),
}

#[derive(Clone, Copy)]
enum Integers<'a> {
    Narrow(&'a [i32]),
    Wide(&'a [i64]),
}

impl Integers<'_> {
    fn at(self, row: u32) -> i64 {
        match self {
            Self::Narrow(v) => i64::from(v[row as usize]),
            Self::Wide(v) => v[row as usize],
        }
    }
}

/// The texts of every text column, by column index; `None` for the other columns.
pub(crate) type Texts = Vec<Option<TextRanks>>;

/// Ranks every text column of `batches`.
pub(crate) fn rank_texts(batches: &[RecordBatch]) -> Result<Texts, DataError> {
    let Some(first) = batches.first() else { return Ok(Vec::new()) };
    let is_text = |t: &DataType| matches!(t, DataType::Utf8 | DataType::Dictionary(_, _));
    first
        .schema()
        .fields()
        .iter()
        .enumerate()
        .map(|(i, f)| is_text(f.data_type()).then(|| TextRanks::of(batches, i)).transpose())
        .collect()
}

/// Orders `rows` by the first `n_key` columns; rows of equal key keep their order. Returns the rows
/// and, for each, whether its key equals that of the row before.
pub(crate) fn by_key(
    batches: &[RecordBatch],
    texts: &Texts,
    n_key: usize,
    rows: Vec<RowRef>,
) -> (Vec<RowRef>, Vec<u32>) {
    let columns: Vec<KeyColumn> = (0..n_key).map(|c| key_column(batches, texts, c)).collect();
    let (keys, width) = packed(&columns, &rows);
    if keys.is_sorted() {
        return (rows, repeats(&keys));
    }
    if width <= 32 {
        let narrow: Vec<u32> = keys.into_par_iter().map(|key| key as u32).collect();
        let (keys, order) = radix(narrow, width);
        return (permuted(&rows, &order), repeats(&keys));
    }
    let (keys, order) = radix(keys, width);
    (permuted(&rows, &order), repeats(&keys))
}

fn permuted(rows: &[RowRef], order: &[u32]) -> Vec<RowRef> {
    order.par_iter().with_min_len(1 << 16).map(|&i| rows[i as usize]).collect()
}

fn key_column<'a>(batches: &'a [RecordBatch], texts: &'a Texts, column: usize) -> KeyColumn<'a> {
    match &texts[column] {
        Some(ranks) => KeyColumn::Text(ranks),
        None => {
            KeyColumn::Whole(batches.iter().map(|batch| integers(batch.column(column))).collect())
        }
    }
}

fn integers(array: &ArrayRef) -> Integers<'_> {
    match array.data_type() {
        DataType::Date32 => Integers::Narrow(array.as_primitive::<Date32Type>().values()),
        DataType::Int64 => Integers::Wide(array.as_primitive::<Int64Type>().values()),
        _ => Integers::Wide(array.as_primitive::<TimestampMicrosecondType>().values()),
    }
}

/// Rows a step of parallel work takes.
const STEP: usize = 1 << 16;

/// One integer a row that orders as the key does, and how many bits it uses.
fn packed(columns: &[KeyColumn], rows: &[RowRef]) -> (Vec<u64>, u32) {
    let mut keys = vec![0_u64; rows.len()];
    let mut width = 0;
    for column in columns {
        let (low, bits) = domain(column, rows);
        if width + bits > 64 {
            width = densify(&mut keys);
        }
        shift_in(&mut keys, rows, column, low, bits);
        width += bits;
    }
    (keys, width)
}

/// Smallest value of a key column in `rows`, and the number of bits its values take.
fn domain(column: &KeyColumn, rows: &[RowRef]) -> (i64, u32) {
    let (low, high) = match column {
        KeyColumn::Text(ranks) => (0, ranks.texts.len().saturating_sub(1) as i64),
        KeyColumn::Whole(batches) => rows
            .par_chunks(STEP)
            .map(|rows| range(batches, rows))
            .reduce_with(|a, b| (a.0.min(b.0), a.1.max(b.1)))
            .unwrap_or((0, 0)),
    };
    (low, 64 - (high.wrapping_sub(low) as u64).leading_zeros())
}

fn range(batches: &[Integers], rows: &[RowRef]) -> (i64, i64) {
    rows.iter().fold((i64::MAX, i64::MIN), |(low, high), at| {
        let value = batches[at.batch as usize].at(at.row);
        (low.min(value), high.max(value))
    })
}

fn shift_in(keys: &mut [u64], rows: &[RowRef], column: &KeyColumn, low: i64, bits: u32) {
    keys.par_chunks_mut(STEP).zip(rows.par_chunks(STEP)).for_each(|(keys, rows)| {
        for (key, at) in keys.iter_mut().zip(rows) {
            let value = match column {
                KeyColumn::Whole(batches) => {
                    batches[at.batch as usize].at(at.row).wrapping_sub(low) as u64
                }
                KeyColumn::Text(ranks) => {
                    let (keys, ranks) = ranks.batch(at.batch as usize);
                    u64::from(ranks[keys[at.row as usize] as usize])
                }
            };
            *key = key.checked_shl(bits).unwrap_or(0) | value;
        }
    });
}

/// Replaces keys too wide to be widened by their ranks, which need 32 bits at most.
fn densify(keys: &mut [u64]) -> u32 {
    let mut distinct = keys.to_vec();
    distinct.par_sort_unstable();
    distinct.dedup();
    keys.par_iter_mut().for_each(|key| *key = distinct.partition_point(|d| d < key) as u64);
    64 - (distinct.len() as u64).leading_zeros()
}

/// Places whose key equals that of the place before.
fn repeats<K: PartialEq>(keys: &[K]) -> Vec<u32> {
    (1..keys.len()).filter(|&i| keys[i] == keys[i - 1]).map(|i| i as u32).collect()
}

trait RadixKey: Copy + Default {
    fn digit(self, shift: u32, mask: usize) -> usize;
}

impl RadixKey for u32 {
    fn digit(self, shift: u32, mask: usize) -> usize {
        (self >> shift) as usize & mask
    }
}

impl RadixKey for u64 {
    fn digit(self, shift: u32, mask: usize) -> usize {
        (self >> shift) as usize & mask
    }
}

/// Largest digit: its counters stay in the first-level cache.
const MAX_DIGIT_BITS: u32 = 12;

/// Stable radix sort: the sorted keys, and where each came from.
fn radix<K: RadixKey>(keys: Vec<K>, width: u32) -> (Vec<K>, Vec<u32>) {
    let n_passes = width.div_ceil(MAX_DIGIT_BITS).max(1);
    let digit_bits = width.div_ceil(n_passes).max(1);
    let order: Vec<u32> = (0..keys.len() as u32).collect();
    let mut from = (keys, order);
    let mut into = (vec![K::default(); from.0.len()], vec![0_u32; from.0.len()]);
    for pass in 0..n_passes {
        let (shift, mask) = (pass * digit_bits, (1_usize << digit_bits) - 1);
        if scatter(&from, &mut into, shift, mask) {
            std::mem::swap(&mut from, &mut into);
        }
    }
    from
}

/// One pass of the radix sort; `false` when all keys share the digit and nothing has to move.
fn scatter<K: RadixKey>(
    from: &(Vec<K>, Vec<u32>),
    into: &mut (Vec<K>, Vec<u32>),
    shift: u32,
    mask: usize,
) -> bool {
    let mut next = vec![0_u32; mask + 2];
    for key in &from.0 {
        next[key.digit(shift, mask) + 1] += 1;
    }
    if next.iter().any(|&n| n as usize == from.0.len()) {
        return false;
    }
    for digit in 1..next.len() {
        next[digit] += next[digit - 1];
    }
    for (&key, &at) in from.0.iter().zip(&from.1) {
        let slot = &mut next[key.digit(shift, mask)];
        into.0[*slot as usize] = key;
        into.1[*slot as usize] = at;
        *slot += 1;
    }
    true
}

/// The rows of all batches, in the order they came.
pub(crate) fn every_row(batches: &[RecordBatch]) -> Vec<RowRef> {
    let mut rows = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for (batch, columns) in batches.iter().enumerate() {
        let batch = batch as u32;
        rows.extend((0..columns.num_rows() as u32).map(|row| RowRef { batch, row }));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Witness: the standard library's stable sort.
        #[test]
        fn the_radix_sort_is_a_stable_sort(
            keys in prop::collection::vec(0_u64..5_000_000, 0..400),
            shift in 0_u32..20,
        ) {
            let keys: Vec<u64> = keys.into_iter().map(|key| (key % 50) << shift | key >> 18).collect();
            let mut expected: Vec<u32> = (0..keys.len() as u32).collect();
            expected.sort_by_key(|&i| keys[i as usize]);
            let width = 64 - keys.iter().max().copied().unwrap_or(0).leading_zeros();
            prop_assert_eq!(radix(keys, width).1, expected);
        }
    }

    #[test]
    fn keys_too_wide_for_one_integer_still_order() {
        let mut keys = vec![u64::MAX, 7, u64::MAX - 1, 7];
        let width = densify(&mut keys);
        assert_eq!((keys, width), (vec![2, 0, 1, 0], 2));
    }
}
