//! Values seen so far, each with the index of its first appearance.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, StringArray};

/// Index in the table, and none.
const NONE: u32 = u32::MAX;

/// Distinct doubles by their bits: an open-addressing table that is never more than half full.
pub(in crate::store) struct Distinct {
    /// Bits in order of appearance.
    values: Vec<u64>,
    /// Index into `values` by slot.
    slots: Vec<u32>,
    /// `64 - log2(slots)`.
    shift: u32,
}

impl Distinct {
    const FIRST_BITS: u32 = 12;

    pub(in crate::store) fn new() -> Self {
        Self {
            values: Vec::new(),
            slots: vec![NONE; 1 << Self::FIRST_BITS],
            shift: 64 - Self::FIRST_BITS,
        }
    }

    /// Index of the value, new or known.
    #[inline]
    pub(in crate::store) fn index(&mut self, bits: u64) -> u32 {
        let mut slot = self.slot(bits);
        loop {
            let index = self.slots[slot];
            if index == NONE {
                return self.insert(slot, bits);
            }
            if self.values[index as usize] == bits {
                return index;
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    /// Fibonacci hashing; the fold brings the high bits, where doubles differ, into the product.
    #[inline]
    fn slot(&self, bits: u64) -> usize {
        const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
        ((bits ^ (bits >> 32)).wrapping_mul(GOLDEN) >> self.shift) as usize
    }

    fn insert(&mut self, slot: usize, bits: u64) -> u32 {
        let index = self.values.len() as u32;
        self.slots[slot] = index;
        self.values.push(bits);
        if self.values.len() * 2 > self.slots.len() {
            self.grow();
        }
        index
    }

    fn grow(&mut self) {
        self.shift -= 1;
        self.slots = vec![NONE; self.slots.len() * 2];
        for index in 0..self.values.len() {
            let mut slot = self.slot(self.values[index]);
            while self.slots[slot] != NONE {
                slot = (slot + 1) & (self.slots.len() - 1);
            }
            self.slots[slot] = index as u32;
        }
    }

    /// How many there are.
    pub(in crate::store) fn len(&self) -> usize {
        self.values.len()
    }

    /// The values in order of their indices.
    pub(in crate::store) fn values(&self) -> Vec<f64> {
        self.values.iter().copied().map(f64::from_bits).collect()
    }
}

/// Distinct texts of a column whose arrays share one dictionary.
#[derive(Default)]
pub(super) struct DistinctTexts {
    dictionary: Option<StringArray>,
    /// Index by key of the dictionary.
    index_of_key: Vec<u32>,
    /// Key by index.
    keys: Vec<u32>,
}

impl DistinctTexts {
    /// Names the dictionary the keys of `index` point into.
    pub(super) fn know(&mut self, dictionary: &ArrayRef) {
        if self.dictionary.is_none() {
            self.index_of_key = vec![NONE; dictionary.len()];
            self.dictionary = Some(dictionary.as_string::<i32>().clone());
        }
    }

    /// Index of the text of `key`, new or known.
    #[inline]
    pub(super) fn index(&mut self, key: u32) -> u32 {
        let index = &mut self.index_of_key[key as usize];
        if *index == NONE {
            *index = self.keys.len() as u32;
            self.keys.push(key);
        }
        *index
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        let dictionary = self.dictionary.as_ref();
        self.keys.iter().filter_map(move |&key| dictionary.map(|d| d.value(key as usize)))
    }

    /// The texts in order of their indices, each after its length.
    pub(super) fn plain(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for text in self.texts() {
            bytes.extend((text.len() as u32).to_le_bytes());
            bytes.extend(text.as_bytes());
        }
        bytes
    }

    /// Smallest and largest text.
    pub(super) fn range(&self) -> Option<(&str, &str)> {
        Some((self.texts().min()?, self.texts().max()?))
    }
}
