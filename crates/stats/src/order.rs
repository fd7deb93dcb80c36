//! The order of a cross-section, made fast for one day after another.
//!
//! A [`Sorter`] keeps its scratch, so sorting a day allocates nothing. Keys are the values mapped
//! linearly onto 20 bits and sorted in two counting passes of 10; neighbours whose keys collide are
//! then put right by insertion on the values themselves, so the order is exact. Heavy tails that
//! crowd the keys, infinities and NaN fall back on a comparison sort. Source: Knuth, The Art of
//! Computer Programming, vol. 3, sections 5.2.5 and 5.2.1.

use std::ops::Range;

/// Bits of a counting pass: 1,024 counters stay in the first-level cache.
const DIGIT_BITS: u32 = 10;
const N_DIGITS: usize = 1 << DIGIT_BITS;
/// Between the passes a position shares a word with the digit still to sort by.
const POSITION_BITS: u32 = u32::BITS - DIGIT_BITS;
const MAX_RADIX: usize = 1 << POSITION_BITS;
/// Below this a comparison sort is faster than clearing the counters.
const MIN_RADIX: usize = 200;
/// Insertion moves a value at most this often, on average, before a comparison sort is cheaper.
const MAX_MOVES: usize = 8;

/// Reusable scratch that orders samples; it grows to the largest sample and stays there.
#[derive(Debug, Clone)]
pub struct Sorter {
    keys: Vec<u32>,
    half_sorted: Vec<u32>,
    order: Vec<u32>,
    values: Vec<f64>,
    low_digits: Box<[u32; N_DIGITS]>,
    high_digits: Box<[u32; N_DIGITS]>,
}

/// A sample in rising order; equal values keep the order they came in.
#[derive(Debug, Clone, Copy)]
pub struct Sorted<'a> {
    /// Position in the sample of the k-th smallest value.
    pub order: &'a [u32],
    /// The k-th smallest value.
    pub values: &'a [f64],
}

impl Sorted<'_> {
    /// The ranges of equal values, rising; a value without an equal is a range of one.
    #[inline]
    pub fn ties(&self) -> impl Iterator<Item = Range<usize>> {
        let values = self.values;
        let mut start = 0;
        std::iter::from_fn(move || {
            let value = values.get(start)?;
            let n_equal = values[start..].iter().take_while(|other| *other == value).count();
            // A NaN equals nothing, not even itself.
            let tie = start..start + n_equal.max(1);
            start = tie.end;
            Some(tie)
        })
    }
}

impl Default for Sorter {
    fn default() -> Self {
        Self::new()
    }
}

impl Sorter {
    /// Scratch for samples of any size.
    pub fn new() -> Self {
        Self {
            keys: Vec::new(),
            half_sorted: Vec::new(),
            order: Vec::new(),
            values: Vec::new(),
            low_digits: Box::new([0; N_DIGITS]),
            high_digits: Box::new([0; N_DIGITS]),
        }
    }

    /// Sorts a sample of fewer than 2^32 values.
    ///
    /// Missing: NaN with a positive sign, the usual one, comes last; leave NaN out to rank.
    ///
    /// # Example
    /// ```
    /// let mut sorter = shoals_stats::order::Sorter::new();
    /// let sorted = sorter.sort(&[0.3, -0.1, 0.3]);
    /// assert_eq!(sorted.order, [1, 0, 2]);
    /// assert_eq!(sorted.values, [-0.1, 0.3, 0.3]);
    /// ```
    pub fn sort(&mut self, sample: &[f64]) -> Sorted<'_> {
        let n = sample.len();
        self.order.resize(n, 0);
        self.values.resize(n, 0.0);
        let is_sorted = match Scale::of(sample) {
            Some(scale) if (MIN_RADIX..=MAX_RADIX).contains(&n) => {
                self.sort_by_keys(sample, scale);
                gather(sample, &self.order, &mut self.values);
                insert(&mut self.order, &mut self.values)
            }
            _ => false,
        };
        if !is_sorted {
            self.compare(sample);
        }
        Sorted { order: &self.order, values: &self.values }
    }

    fn sort_by_keys(&mut self, sample: &[f64], scale: Scale) {
        self.keys.clear();
        self.keys.extend(sample.iter().map(|&x| scale.key(x)));
        self.half_sorted.resize(sample.len(), 0);
        self.count_digits();
        for (i, &key) in self.keys.iter().enumerate() {
            let slot = &mut self.low_digits[key as usize % N_DIGITS];
            let high_digit = key >> DIGIT_BITS;
            self.half_sorted[*slot as usize] = high_digit << POSITION_BITS | i as u32;
            *slot += 1;
        }
        for &word in &self.half_sorted {
            let slot = &mut self.high_digits[(word >> POSITION_BITS) as usize];
            self.order[*slot as usize] = word % MAX_RADIX as u32;
            *slot += 1;
        }
    }

    /// Counts both digits and turns the counts into the first place of each digit.
    fn count_digits(&mut self) {
        self.low_digits.fill(0);
        self.high_digits.fill(0);
        for &key in &self.keys {
            self.low_digits[key as usize % N_DIGITS] += 1;
            self.high_digits[(key >> DIGIT_BITS) as usize % N_DIGITS] += 1;
        }
        let (mut n_low, mut n_high) = (0, 0);
        for (low, high) in self.low_digits.iter_mut().zip(self.high_digits.iter_mut()) {
            n_low += std::mem::replace(low, n_low);
            n_high += std::mem::replace(high, n_high);
        }
    }

    fn compare(&mut self, sample: &[f64]) {
        self.order.iter_mut().zip(0..).for_each(|(place, i)| *place = i);
        let value = |i: u32| sample[i as usize] + 0.0;
        self.order.sort_unstable_by(|&a, &b| value(a).total_cmp(&value(b)).then_with(|| a.cmp(&b)));
        gather(sample, &self.order, &mut self.values);
    }
}

/// The linear map of a sample onto keys of two digits.
#[derive(Debug, Clone, Copy)]
struct Scale {
    low: f64,
    keys_per_unit: f64,
}

impl Scale {
    /// None for a sample whose range is not a positive finite number.
    fn of(sample: &[f64]) -> Option<Self> {
        let (low, high) = range(sample)?;
        let keys_per_unit = f64::from((1u32 << (2 * DIGIT_BITS)) - 1) / (high - low);
        keys_per_unit.is_normal().then_some(Self { low, keys_per_unit })
    }

    /// Never falls as `x` rises. Adding 2^52 leaves the integer in the low bits of the word.
    fn key(self, x: f64) -> u32 {
        const TO_INTEGER: f64 = (1u64 << 52) as f64;
        ((x - self.low) * self.keys_per_unit + TO_INTEGER).to_bits() as u32
    }
}

/// Least and greatest value, in lanes that vectorise; none when one is not finite or there is none.
fn range(sample: &[f64]) -> Option<(f64, f64)> {
    const LANES: usize = 8;
    let (mut low, mut high) = ([f64::INFINITY; LANES], [f64::NEG_INFINITY; LANES]);
    let mut is_finite = true;
    for chunk in sample.chunks(LANES) {
        for ((&x, low), high) in chunk.iter().zip(&mut low).zip(&mut high) {
            *low = if x < *low { x } else { *low };
            *high = if x > *high { x } else { *high };
            is_finite &= x.is_finite();
        }
    }
    let low = low.into_iter().fold(f64::INFINITY, f64::min);
    let high = high.into_iter().fold(f64::NEG_INFINITY, f64::max);
    (is_finite && low < high).then_some((low, high))
}

fn gather(sample: &[f64], order: &[u32], values: &mut [f64]) {
    values.iter_mut().zip(order).for_each(|(value, &i)| *value = sample[i as usize]);
}

/// Finishes an almost sorted order; false when it takes too many moves.
fn insert(order: &mut [u32], values: &mut [f64]) -> bool {
    let mut moves_left = MAX_MOVES * values.len();
    for k in 1..values.len() {
        let (value, position) = (values[k], order[k]);
        if values[k - 1] <= value {
            continue;
        }
        let mut place = k;
        while place > 0 && values[place - 1] > value {
            values[place] = values[place - 1];
            order[place] = order[place - 1];
            place -= 1;
        }
        values[place] = value;
        order[place] = position;
        match moves_left.checked_sub(k - place) {
            Some(left) => moves_left = left,
            None => return false,
        }
    }
    true
}

/// Reusable scratch that finds the smallest values of samples without ordering them.
#[derive(Debug, Clone, Default)]
pub struct Selector {
    keys: Vec<u64>,
    chosen: Vec<u32>,
}

impl Selector {
    /// Positions, rising, of the `n` smallest values of a sample; of equal ones the first come in.
    ///
    /// Missing: NaN is left out, so fewer than `n` positions may come back.
    ///
    /// # Example
    /// ```
    /// let mut selector = shoals_stats::order::Selector::default();
    /// assert_eq!(selector.smallest(&[7.0, 2.0, f64::NAN, 5.0, 2.0], 2), [1, 4]);
    /// ```
    pub fn smallest(&mut self, sample: &[f64], n: usize) -> &[u32] {
        self.keys.clear();
        self.keys.extend(sample.iter().map(|&x| rising_bits(x)));
        let n_observed = self.keys.iter().filter(|&&key| key != MISSING).count();
        let Some(last) = n.min(n_observed).checked_sub(1) else { return &[] };
        let (below, &mut edge, _) = self.keys.select_nth_unstable(last);
        let mut n_at_edge = last + 1 - below.iter().filter(|key| **key < edge).count();
        // One place more: the last write may be of a value that is not chosen.
        self.chosen.resize(last + 2, 0);
        let mut n_chosen = 0;
        for (&x, i) in sample.iter().zip(0..) {
            let key = rising_bits(x);
            let is_tie = key == edge && n_at_edge > 0;
            n_at_edge -= usize::from(is_tie);
            self.chosen[n_chosen] = i;
            n_chosen += usize::from(key < edge || is_tie);
        }
        &self.chosen[..n_chosen]
    }
}

const MISSING: u64 = u64::MAX;

/// Bits that rise with the value; both zeros are one, and NaN is above all.
fn rising_bits(x: f64) -> u64 {
    let bits = (x + 0.0).to_bits();
    let sign = (bits as i64 >> 63) as u64;
    if x.is_nan() { MISSING } else { bits ^ (sign | 1 << 63) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: the standard library's stable sort.
    fn check(sample: &[f64]) {
        let mut expected: Vec<u32> = (0..sample.len() as u32).collect();
        expected.sort_by(|&a, &b| {
            let value = |i: u32| sample[i as usize] + 0.0;
            value(a).total_cmp(&value(b))
        });
        let mut sorter = Sorter::new();
        // The second sample must not see the first one's scratch.
        sorter.sort(&[5.0, 1.0, 3.0]);
        let rising = sorter.sort(sample);
        assert_eq!(rising.order, expected);
        for (&i, value) in expected.iter().zip(rising.values) {
            assert_eq!(sample[i as usize].to_bits(), value.to_bits());
        }
    }

    fn wave(n: usize) -> impl Iterator<Item = f64> {
        (0..n).map(|i| (i as f64 * 12.989_8).sin() * 43_758.545_3 % 1.0)
    }

    #[test]
    fn every_shape_of_sample_is_sorted_as_the_standard_library_does() {
        for n in [0, 1, 2, MIN_RADIX - 1, MIN_RADIX, 5_000] {
            check(&wave(n).collect::<Vec<_>>());
            check(&wave(n).map(|x| (x * 50.0).round()).collect::<Vec<_>>());
            check(&wave(n).map(|x| (x * 60.0).exp()).collect::<Vec<_>>());
            check(&vec![1.5; n]);
        }
    }

    /// Witness: the sorted order, whose ties keep their places.
    #[test]
    fn the_smallest_are_the_first_of_the_order() {
        let mut selector = Selector::default();
        for levels in [5.0, 1e3, 1e9] {
            let sample: Vec<f64> = wave(3_000).map(|x| (x * levels).round() - 1.0).collect();
            let mut sorter = Sorter::new();
            let order = sorter.sort(&sample).order;
            for n in [0, 1, 400, 2_999, 3_000, 4_000] {
                let mut expected = order[..n.min(3_000)].to_vec();
                expected.sort_unstable();
                assert_eq!(selector.smallest(&sample, n), expected, "{levels} {n}");
            }
        }
        assert_eq!(selector.smallest(&[f64::NAN, -0.0, 0.0, -f64::NAN], 1), [1]);
    }

    #[test]
    fn values_that_keys_cannot_hold_are_sorted_too() {
        let mut sample: Vec<f64> = wave(1_000).collect();
        sample[3] = 0.0;
        sample[500] = -0.0;
        sample[501] = 0.0;
        check(&sample);
        for extreme in [f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 1e18, f64::NAN] {
            sample[70] = extreme;
            check(&sample);
        }
        check(&wave(1_000).map(|x| x * f64::MIN_POSITIVE).collect::<Vec<_>>());
    }
}
