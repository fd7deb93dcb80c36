//! Columns in key order, taken from many batches.

use std::sync::Arc;

use arrow::buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float64Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, DictionaryArray, PrimitiveArray, RecordBatch, StringArray,
};
use arrow_schema::DataType;

use super::order::{RowRef, TextRanks};

/// One column over many batches, from which rows are taken in any order.
pub(crate) struct Column<'a> {
    batches: Vec<&'a ArrayRef>,
    texts: Option<(&'a TextRanks, ArrayRef)>,
    has_nulls: bool,
}

impl<'a> Column<'a> {
    /// Column `index` of `batches`; `texts` are its ranks when it holds text.
    pub(crate) fn of(
        batches: &'a [RecordBatch],
        index: usize,
        texts: Option<&'a TextRanks>,
    ) -> Self {
        let batches: Vec<&ArrayRef> = batches.iter().map(|batch| batch.column(index)).collect();
        let has_nulls = batches.iter().any(|array| array.null_count() > 0);
        let texts = texts.map(|ranks| (ranks, dictionary_of(ranks)));
        Self { batches, texts, has_nulls }
    }

    /// Whether the row has an observation; NaN is none.
    pub(crate) fn has(&self, at: RowRef) -> bool {
        let (array, row) = (self.batches[at.batch as usize], at.row as usize);
        array.is_valid(row)
            && array.as_primitive_opt::<Float64Type>().is_none_or(|v| !v.value(row).is_nan())
    }

    /// Whether two rows that both have an observation have the same.
    pub(crate) fn agrees(&self, a: RowRef, b: RowRef) -> bool {
        if let Some((ranks, _)) = &self.texts {
            return ranks.rank(a) == ranks.rank(b);
        }
        match self.batches[0].data_type() {
            DataType::Float64 => self.is_same::<Float64Type>(a, b),
            DataType::Date32 => self.is_same::<Date32Type>(a, b),
            DataType::Int64 => self.is_same::<Int64Type>(a, b),
            DataType::Boolean => {
                let flag = |at: RowRef| {
                    self.batches[at.batch as usize].as_boolean().value(at.row as usize)
                };
                flag(a) == flag(b)
            }
            _ => self.is_same::<TimestampMicrosecondType>(a, b),
        }
    }

    fn is_same<T: ArrowPrimitiveType>(&self, a: RowRef, b: RowRef) -> bool {
        let value =
            |at: RowRef| self.batches[at.batch as usize].as_primitive::<T>().value(at.row as usize);
        value(a) == value(b)
    }

    /// What stands in a row, as text.
    pub(crate) fn shown(&self, at: RowRef) -> String {
        arrow_cast::display::array_value_to_string(&self.take(&[at]), 0).unwrap_or_default()
    }

    /// The values of `rows`, in that order; a NaN becomes a null.
    pub(crate) fn take(&self, rows: &[RowRef]) -> ArrayRef {
        if let Some((ranks, values)) = &self.texts {
            return self.take_text(rows, ranks, values);
        }
        match self.batches[0].data_type() {
            DataType::Float64 => self.take_numbers(rows),
            DataType::Boolean => self.take_flags(rows),
            DataType::Date32 => self.take_primitive::<Date32Type>(rows),
            DataType::Int64 => self.take_primitive::<Int64Type>(rows),
            _ => self.take_primitive::<TimestampMicrosecondType>(rows),
        }
    }

    fn values<T: ArrowPrimitiveType>(&self, rows: &[RowRef]) -> ScalarBuffer<T::Native> {
        let slices: Vec<&[T::Native]> =
            self.batches.iter().map(|array| array.as_primitive::<T>().values().as_ref()).collect();
        let values: Vec<T::Native> =
            rows.iter().map(|at| slices[at.batch as usize][at.row as usize]).collect();
        ScalarBuffer::from(values)
    }

    fn nulls(&self, rows: &[RowRef]) -> Option<NullBuffer> {
        if !self.has_nulls {
            return None;
        }
        let masks: Vec<Option<&NullBuffer>> =
            self.batches.iter().map(|array| array.nulls()).collect();
        let is_valid = |i: usize| {
            let at = rows[i];
            masks[at.batch as usize].is_none_or(|mask| mask.is_valid(at.row as usize))
        };
        Some(NullBuffer::new(BooleanBuffer::collect_bool(rows.len(), is_valid)))
    }

    fn take_primitive<T: ArrowPrimitiveType>(&self, rows: &[RowRef]) -> ArrayRef {
        Arc::new(PrimitiveArray::<T>::new(self.values::<T>(rows), self.nulls(rows)))
    }

    fn take_numbers(&self, rows: &[RowRef]) -> ArrayRef {
        let values = self.values::<Float64Type>(rows);
        let observed = values.iter().any(|v| v.is_nan()).then(|| {
            NullBuffer::new(BooleanBuffer::collect_bool(rows.len(), |i| !values[i].is_nan()))
        });
        let nulls = NullBuffer::union(self.nulls(rows).as_ref(), observed.as_ref());
        Arc::new(PrimitiveArray::<Float64Type>::new(values, nulls))
    }

    fn take_flags(&self, rows: &[RowRef]) -> ArrayRef {
        let arrays: Vec<&BooleanArray> = self.batches.iter().map(|a| a.as_boolean()).collect();
        let flag = |i: usize| arrays[rows[i].batch as usize].values().value(rows[i].row as usize);
        let values = BooleanBuffer::collect_bool(rows.len(), flag);
        Arc::new(BooleanArray::new(values, self.nulls(rows)))
    }

    fn take_text(&self, rows: &[RowRef], ranks: &TextRanks, values: &ArrayRef) -> ArrayRef {
        let keys: PrimitiveArray<Int32Type> = if self.has_nulls {
            rows.iter().map(|&at| ranks.rank(at).map(|rank| rank as i32)).collect()
        } else {
            PrimitiveArray::from_iter_values(
                rows.iter().map(|&at| ranks.rank(at).unwrap_or_default() as i32),
            )
        };
        Arc::new(DictionaryArray::new(keys, Arc::clone(values)))
    }
}

fn dictionary_of(ranks: &TextRanks) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(ranks.texts.iter()))
}
