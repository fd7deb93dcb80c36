//! Holdings times prices, for many books and many paths at once.

#![allow(clippy::inline_always, reason = "compiled with the vector instructions of the caller")]

use pulp::Simd;

/// Books laid out and valued side by side.
const ROWS: usize = 10;

/// Long values at the start, laid out bucket by bucket in strips of [`ROWS`] books: within a strip, asset by asset, the
/// strip's books.
#[derive(Debug, Clone)]
pub(super) struct Holdings {
    /// One for each bucket.
    buckets: Vec<Vec<[f64; ROWS]>>,
}

impl Holdings {
    /// Lays out one row of values a book; `sizes` are the assets of each bucket, in the rows' order.
    pub(super) fn new(rows: &[&[f64]], sizes: &[usize]) -> Self {
        let mut start = 0;
        let mut buckets = Vec::with_capacity(sizes.len());
        for &size in sizes {
            let mut strips = Vec::with_capacity(rows.len().div_ceil(ROWS) * size);
            for books in rows.chunks(ROWS) {
                for asset in start..start + size {
                    let mut values = [0.0; ROWS];
                    for (value, book) in values.iter_mut().zip(books) {
                        *value = book[asset];
                    }
                    strips.push(values);
                }
            }
            buckets.push(strips);
            start += size;
        }
        Self { buckets }
    }

    /// Values of every book in `bucket`, one row of `LANES` paths a book: `out[book] = scale[book] * sum over assets of
    /// holding * price`, added to `total[book]` too. `prices` has one row an asset of the bucket; the others have
    /// rows for whole strips.
    #[inline(always)]
    pub(super) fn values<S: Simd, const LANES: usize>(
        &self,
        simd: S,
        bucket: usize,
        prices: &[[f64; LANES]],
        scale: &[[f64; LANES]],
        out: &mut [[f64; LANES]],
        total: &mut [[f64; LANES]],
    ) {
        let strips = self.buckets[bucket].chunks_exact(prices.len().max(1));
        let rows = out.chunks_exact_mut(ROWS).zip(total.chunks_exact_mut(ROWS));
        for ((strip, scale), (out, total)) in strips.zip(scale.chunks_exact(ROWS)).zip(rows) {
            // As many sums at once as there are registers for them.
            match S::REGISTER_COUNT {
                32 => tiles::<S, LANES, 2>(simd, strip, prices, scale, out, total),
                _ => tiles::<S, LANES, 1>(simd, strip, prices, scale, out, total),
            }
        }
    }

    /// Rows needed for `n_books`.
    pub(super) fn n_rows(n_books: usize) -> usize {
        n_books.next_multiple_of(ROWS)
    }
}

/// The books of a strip, `V` vectors of paths at a time.
#[inline(always)]
fn tiles<S: Simd, const LANES: usize, const V: usize>(
    simd: S,
    strip: &[[f64; ROWS]],
    prices: &[[f64; LANES]],
    scale: &[[f64; LANES]],
    out: &mut [[f64; LANES]],
    total: &mut [[f64; LANES]],
) {
    for at in (0..LANES / S::F64_LANES).step_by(V) {
        let mut sums = [[simd.splat_f64s(0.0); V]; ROWS];
        for (holding, price) in strip.iter().zip(prices) {
            let price = &S::as_simd_f64s(price).0[at..at + V];
            for (sums, holding) in sums.iter_mut().zip(holding) {
                let holding = simd.splat_f64s(*holding);
                for v in 0..V {
                    sums[v] = simd.mul_add_f64s(holding, price[v], sums[v]);
                }
            }
        }
        let rows = scale.iter().zip(out.iter_mut()).zip(total.iter_mut());
        for (sums, ((scale, out), total)) in sums.into_iter().zip(rows) {
            let scale = &S::as_simd_f64s(scale).0[at..at + V];
            let out = &mut S::as_mut_simd_f64s(out).0[at..at + V];
            let total = &mut S::as_mut_simd_f64s(total).0[at..at + V];
            for v in 0..V {
                out[v] = simd.mul_f64s(sums[v], scale[v]);
                total[v] = simd.add_f64s(total[v], out[v]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use pulp::{Arch, WithSimd};

    use super::*;

    type Rows = Vec<[f64; 16]>;

    struct Values<'a>(&'a Holdings, usize, &'a Rows, &'a Rows, [&'a mut Rows; 2]);

    impl WithSimd for Values<'_> {
        type Output = ();

        #[inline(always)]
        fn with_simd<S: Simd>(self, simd: S) {
            let [out, total] = self.4;
            self.0.values(simd, self.1, self.2, self.3, out, total);
        }
    }

    /// Witness: the plain sums, for the machine's vectors and for none.
    #[test]
    fn values_are_the_plain_sums() {
        let (sizes, n_books) = ([3_usize, 7], 23);
        let n_assets: usize = sizes.iter().sum();
        let number = |i: usize| ((i * 2_654_435_761) % 1_000) as f64 / 7.0;
        let rows: Vec<Vec<f64>> =
            (0..n_books).map(|b| (0..n_assets).map(|a| number(b * 31 + a)).collect()).collect();
        let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
        let holdings = Holdings::new(&rows, &sizes);
        let prices: Rows = (0..7).map(|a| std::array::from_fn(|l| number(a * 16 + l))).collect();
        let zero = vec![[0.0; 16]; Holdings::n_rows(n_books)];
        let scale = vec![[0.5; 16]; zero.len()];
        for scalar in [false, true] {
            let (mut out, mut total) = (zero.clone(), vec![[1.0; 16]; zero.len()]);
            let task = Values(&holdings, 1, &prices, &scale, [&mut out, &mut total]);
            if scalar {
                pulp::Scalar.vectorize(task);
            } else {
                Arch::new().dispatch(task);
            }
            for (b, row) in rows.iter().enumerate() {
                for lane in 0..16 {
                    let plain: f64 = (0..7).map(|a| row[3 + a] * prices[a][lane]).sum();
                    assert!((out[b][lane] / (0.5 * plain) - 1.0).abs() < 1e-14);
                    assert_eq!(total[b][lane], 1.0 + out[b][lane]);
                }
            }
        }
    }
}
