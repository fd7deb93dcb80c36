//! Old and new rows into one sorted table: an upsert by key.
//!
//! Rows of equal key become one. Each of its columns is the last observation among them, so that a new
//! value replaces an old one, a null keeps it, and two sources complete each other.

use arrow_array::{ArrayRef, RecordBatch};
use rayon::prelude::*;

use super::gather::Column;
use super::order::{RowRef, Texts, by_key};
use super::parquet_file::SortedColumns;

/// Sorted rows with unique keys, over batches that stay where they are.
pub(crate) struct Merged<'a> {
    columns: Vec<Column<'a>>,
    /// The last row of every key, in key order.
    last: Vec<RowRef>,
    /// Keys with more than one row.
    groups: Vec<Group>,
}

/// Observations of one stored column that an import replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Replaced {
    /// Which column of the table.
    pub(crate) column: usize,
    /// The first two columns of the first such row.
    pub(crate) key: [String; 2],
    /// What was stored there.
    pub(crate) old: String,
    /// What replaces it.
    pub(crate) new: String,
    /// How many observations are replaced.
    pub(crate) count: u64,
}

struct Group {
    /// Where the key stands in `last`.
    at: usize,
    /// Its rows, oldest first.
    rows: Vec<RowRef>,
}

impl<'a> Merged<'a> {
    /// Merges `rows` of `batches`; rows later in `rows` win.
    pub(crate) fn of(
        batches: &'a [RecordBatch],
        texts: &'a Texts,
        n_key: usize,
        rows: Vec<RowRef>,
    ) -> Self {
        let columns =
            texts.iter().enumerate().map(|(i, t)| Column::of(batches, i, t.as_ref())).collect();
        let (sorted, repeats) = by_key(batches, texts, n_key, rows);
        if repeats.is_empty() {
            return Self { columns, last: sorted, groups: Vec::new() };
        }
        let (last, groups) = collapse(&sorted, &repeats);
        Self { columns, last, groups }
    }

    /// Number of keys.
    pub(crate) fn n_rows(&self) -> usize {
        self.last.len()
    }

    /// Stored observations that the import replaces by others: rows of batches from `first_stored` on are
    /// stored. The first of each column, and how many more there are.
    pub(crate) fn replaced(&self, first_stored: u32, n_key: usize) -> Vec<Replaced> {
        (n_key..self.columns.len())
            .into_par_iter()
            .filter_map(|i| self.replaced_in(i, first_stored))
            .collect()
    }

    fn replaced_in(&self, index: usize, first_stored: u32) -> Option<Replaced> {
        let column = &self.columns[index];
        let change_of = |group: &Group| {
            let last = |is_stored: bool| {
                let of = |at: &&RowRef| (at.batch >= first_stored) == is_stored && column.has(**at);
                group.rows.iter().rfind(of).copied()
            };
            let (old, new) = (last(true)?, last(false)?);
            (!column.agrees(old, new)).then_some((group.at, old, new))
        };
        let mut changes = self.groups.iter().filter_map(change_of);
        let (at, old, new) = changes.next()?;
        let key = [0, 1].map(|k| self.columns[k].shown(self.last[at]));
        let count = 1 + changes.count() as u64;
        Some(Replaced { column: index, key, old: column.shown(old), new: column.shown(new), count })
    }

    /// The groups that lie in `start..end` of the keys.
    fn groups_in(&self, start: usize, end: usize) -> &[Group] {
        let from = self.groups.partition_point(|group| group.at < start);
        let to = self.groups.partition_point(|group| group.at < end);
        &self.groups[from..to]
    }
}

impl SortedColumns for Merged<'_> {
    fn slice(&self, column: usize, start: usize, end: usize) -> ArrayRef {
        let (column, groups) = (&self.columns[column], self.groups_in(start, end));
        if groups.is_empty() {
            return column.take(&self.last[start..end]);
        }
        let mut rows = self.last[start..end].to_vec();
        for group in groups {
            if let Some(&observed) = group.rows.iter().rfind(|&&at| column.has(at)) {
                rows[group.at - start] = observed;
            }
        }
        column.take(&rows)
    }
}

/// The last row of every key, and the rows of the keys that have several. `repeats` are the places in
/// `sorted` whose key equals that of the place before.
fn collapse(sorted: &[RowRef], repeats: &[u32]) -> (Vec<RowRef>, Vec<Group>) {
    let mut last: Vec<RowRef> = Vec::with_capacity(sorted.len() - repeats.len());
    let mut groups: Vec<Group> = Vec::new();
    let mut repeats = repeats.iter().copied().peekable();
    for (place, &row) in sorted.iter().enumerate() {
        if repeats.next_if_eq(&(place as u32)).is_none() {
            last.push(row);
            continue;
        }
        let at = last.len() - 1;
        match groups.last_mut() {
            Some(group) if group.at == at => group.rows.push(row),
            _ => groups.push(Group { at, rows: vec![last[at], row] }),
        }
        last[at] = row;
    }
    (last, groups)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::cast::AsArray;
    use arrow_array::types::{Float64Type, Int32Type};
    use arrow_array::{Array, Date32Array, DictionaryArray, Float64Array};
    use arrow_schema::{DataType, Field, Schema};

    use super::super::order::{every_row, rank_texts};
    use super::*;

    fn batch(days: &[i32], symbols: &[&str], close: &[Option<f64>]) -> RecordBatch {
        let symbols: DictionaryArray<Int32Type> = symbols.iter().copied().collect();
        let schema = Schema::new(vec![
            Field::new("date", DataType::Date32, false),
            Field::new("symbol", symbols.data_type().clone(), false),
            Field::new("close", DataType::Float64, true),
        ]);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Date32Array::from(days.to_vec())),
            Arc::new(symbols),
            Arc::new(Float64Array::from(close.to_vec())),
        ];
        RecordBatch::try_new(Arc::new(schema), columns).unwrap()
    }

    #[test]
    fn new_rows_replace_old_ones_and_a_null_or_nan_keeps_the_old_value() {
        let batches = [
            batch(&[2, 1], &["b", "b"], &[Some(1.0), Some(2.0)]),
            batch(&[2, 1, 1], &["b", "a", "b"], &[None, Some(3.0), Some(9.0)]),
            batch(&[1], &["a"], &[Some(f64::NAN)]),
        ];
        let texts = rank_texts(&batches).unwrap();
        let merged = Merged::of(&batches, &texts, 2, every_row(&batches));
        assert_eq!(merged.n_rows(), 3);
        let close = merged.slice(2, 0, 3);
        assert_eq!(close.as_primitive::<Float64Type>().values().as_ref(), &[3.0, 9.0, 1.0]);
        let symbols = merged.slice(1, 0, 3);
        let symbols = symbols.as_dictionary::<Int32Type>();
        let texts: Vec<_> =
            symbols.downcast_dict::<arrow_array::StringArray>().unwrap().into_iter().collect();
        assert_eq!(texts, [Some("a"), Some("b"), Some("b")]);
    }
}
