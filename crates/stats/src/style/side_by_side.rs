//! The styles of many responses on the same windows: one fund a lane.
//!
//! The factors' moments of a window are shared by all funds, so eight funds are solved side by side with vector
//! instructions: the same active set as for one, turn by turn, until the last lane is done. Which weights are free differs
//! by lane and enters as a mask of the moments. A lane whose free factors are combinations of each other is left to the
//! search for one.

#![allow(clippy::inline_always, reason = "compiled with the vector instructions of the caller")]
#![allow(clippy::needless_range_loop, reason = "indices of factors, as in the formulas")]

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;
use serde::Serialize;

use super::active_set::{ActiveSet, PULL, Place};
use super::moments::{MOST, Moments, Row, Running};
use super::{Mandate, SINGULAR, require};
use crate::StatError;

/// Funds worked on side by side.
const LANES: usize = 8;
/// Windows after which sums are begun afresh and the search is too.
const CHUNK: usize = 64;
/// Why a row of numbers by factor can be cut to the lanes' size.
const FITS: &str = "a row has room for every factor";
/// Turns of the search side by side before a lane is left to the search for one.
const MOST_TURNS: usize = 40;

type Lanes = [f64; LANES];

/// Styles of many responses, fund by fund, window by window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ManyStyles {
    /// `[fund][window][factor]`.
    pub weights: Vec<f64>,
    /// `[fund][window]`: share of the variance explained; NaN where the response does not vary.
    pub r_squared: Vec<f64>,
    /// Windows a fund; the first ends at position `window - 1`.
    pub n_windows: usize,
}

/// The style of each response over every window of `window` observations.
///
/// The same weights as [`super::rolling_style`], without errors. Missing: refused.
///
/// # Errors
/// As [`super::rolling_style`].
///
/// # Example
/// ```
/// use shoals_stats::style::{Mandate, rolling_style_of_many};
/// let small: Vec<f64> = (0..30).map(|t| f64::sin(t as f64)).collect();
/// let large: Vec<f64> = (0..30).map(|t| f64::cos(t as f64 * 1.7)).collect();
/// let fund: Vec<f64> = small.iter().zip(&large).map(|(s, l)| 0.4 * s + 0.6 * l).collect();
/// let mandate = Mandate::long_only(2)?;
/// let styles = rolling_style_of_many(&[&fund], &[&small, &large], &mandate, 10)?;
/// assert_eq!(styles.n_windows, 21);
/// assert!((styles.weights[2 * 20] - 0.4).abs() < 1e-12);
/// # Ok::<(), shoals_stats::StatError>(())
/// ```
pub fn rolling_style_of_many(
    responses: &[&[f64]],
    factors: &[&[f64]],
    mandate: &Mandate,
    window: usize,
) -> Result<ManyStyles, StatError> {
    require(responses, factors, mandate, window)?;
    let (k, n_windows) = (factors.len(), factors[0].len() + 1 - window);
    let starts: Vec<usize> = (0..n_windows).step_by(CHUNK).collect();
    let chunks: Vec<Chunk> = starts
        .into_par_iter()
        .map(|first| Chunk::of(factors, window, first, CHUNK.min(n_windows - first)))
        .collect();
    let mut weights = vec![0.0; responses.len() * n_windows * k];
    let mut r_squared = vec![0.0; responses.len() * n_windows];
    let arch = Arch::new();
    let groups = weights
        .par_chunks_mut(LANES * n_windows * k)
        .zip(r_squared.par_chunks_mut(LANES * n_windows))
        .zip(responses.par_chunks(LANES));
    groups.for_each(|((weights, r_squared), funds)| {
        arch.dispatch(Group { funds, chunks: &chunks, mandate, window, weights, r_squared });
    });
    Ok(ManyStyles { weights, r_squared, n_windows })
}

/// What all funds share over some windows in a row.
struct Chunk {
    /// Position of the first row.
    first: usize,
    /// Factor returns less the first window's means, row by row.
    rows: Vec<Row>,
    /// Sum of those over each window.
    sums: Vec<Row>,
    /// Centred moments of each window.
    q: Vec<[Row; MOST]>,
}

impl Chunk {
    fn of(factors: &[&[f64]], window: usize, first: usize, n_windows: usize) -> Self {
        let mean = |x: &[f64]| x[first..first + window].iter().sum::<f64>() / window as f64;
        let means: Vec<f64> = factors.iter().map(|x| mean(x)).collect();
        let rows: Vec<Row> = (first..first + window + n_windows - 1)
            .map(|t| {
                let mut row = [0.0; MOST];
                for (i, x) in factors.iter().enumerate() {
                    row[i] = x[t] - means[i];
                }
                row
            })
            .collect();
        let mut sums = Vec::with_capacity(n_windows);
        let mut q = Vec::with_capacity(n_windows);
        let mut sum = [0.0; MOST];
        rows[..window].iter().for_each(|row| exchange(&mut sum, row, 1.0));
        let mut running = Running::start(factors[0], factors, first, window);
        for i in 0..n_windows {
            if i > 0 {
                exchange(&mut sum, &rows[i - 1], -1.0);
                exchange(&mut sum, &rows[i + window - 1], 1.0);
                running.step();
            }
            sums.push(sum);
            q.push(running.moments().q);
        }
        Self { first, rows, sums, q }
    }
}

fn exchange(sum: &mut Row, row: &Row, sign: f64) {
    for (cell, x) in sum.iter_mut().zip(row) {
        *cell += sign * x;
    }
}

/// Up to eight funds over all windows.
struct Group<'a> {
    funds: &'a [&'a [f64]],
    chunks: &'a [Chunk],
    mandate: &'a Mandate,
    window: usize,
    weights: &'a mut [f64],
    r_squared: &'a mut [f64],
}

impl WithSimd for Group<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        for chunk in self.chunks {
            let n_rows = chunk.rows.len();
            let mut returns: Vec<Lanes> = vec![[0.0; LANES]; n_rows];
            for lane in 0..LANES {
                // Lanes without a fund repeat the last one.
                let fund = self.funds[lane.min(self.funds.len() - 1)];
                let fund = &fund[chunk.first..chunk.first + n_rows];
                let mean = fund[..self.window].iter().sum::<f64>() / self.window as f64;
                for (row, y) in returns.iter_mut().zip(fund) {
                    row[lane] = y - mean;
                }
            }
            for part in (0..LANES).step_by(S::F64_LANES) {
                if part < self.funds.len() {
                    // A factor beyond the mandate's is one that holds nothing and may hold nothing.
                    match self.mandate.len() {
                        ..=8 => self.chunk::<S, 8>(simd, chunk, &returns, part),
                        _ => self.chunk::<S, MOST>(simd, chunk, &returns, part),
                    }
                }
            }
        }
    }
}

#[inline(always)]
fn load<S: Simd>(row: &Lanes, part: usize) -> S::f64s {
    S::as_simd_f64s(&row[part..part + S::F64_LANES]).0[0]
}

#[inline(always)]
fn store<S: Simd>(value: S::f64s) -> Lanes {
    let mut lanes = [0.0; LANES];
    S::as_mut_simd_f64s(&mut lanes[..S::F64_LANES]).0[0] = value;
    lanes
}

impl Group<'_> {
    /// Lanes `part` and following over the windows of a chunk.
    #[inline(always)]
    fn chunk<S: Simd, const K: usize>(
        &mut self,
        simd: S,
        chunk: &Chunk,
        returns: &[Lanes],
        part: usize,
    ) {
        let window = self.window;
        let zero = simd.splat_f64s(0.0);
        let scale = simd.splat_f64s(-1.0 / window as f64);
        let start = ActiveSet::new(self.mandate);
        let mut search = Search::<S, K>::new(simd, &start);
        let (mut total, mut squares, mut products) = (zero, zero, [zero; K]);
        for (t, row) in chunk.rows[..window].iter().enumerate() {
            let y = load::<S>(&returns[t], part);
            total = simd.add_f64s(total, y);
            squares = simd.mul_add_f64s(y, y, squares);
            for i in 0..K {
                products[i] = simd.mul_add_f64s(simd.splat_f64s(row[i]), y, products[i]);
            }
        }
        for (w, (q, sums)) in chunk.q.iter().zip(&chunk.sums).enumerate() {
            if w > 0 {
                let (out, new) = (&chunk.rows[w - 1], &chunk.rows[w + window - 1]);
                let old_y = load::<S>(&returns[w - 1], part);
                let y = load::<S>(&returns[w + window - 1], part);
                total = simd.add_f64s(total, simd.sub_f64s(y, old_y));
                squares = simd.negate_mul_add_f64s(old_y, old_y, simd.mul_add_f64s(y, y, squares));
                for i in 0..K {
                    let come = simd.mul_add_f64s(simd.splat_f64s(new[i]), y, products[i]);
                    products[i] = simd.negate_mul_add_f64s(simd.splat_f64s(out[i]), old_y, come);
                }
            }
            let mean = simd.mul_f64s(total, scale);
            let s = simd.mul_add_f64s(total, mean, squares);
            for i in 0..K {
                search.c[i] = simd.mul_add_f64s(simd.splat_f64s(sums[i]), mean, products[i]);
            }
            let is_done = search.solve(simd, q, s);
            if store::<S>(is_done)[..S::F64_LANES].contains(&0.0) {
                search.leave_to(&start, q, s, is_done, window);
            }
            self.keep(simd, &search, (chunk.first + w, part), s);
        }
    }

    /// Writes the weights and R2 of a window.
    #[inline(always)]
    fn keep<S: Simd, const K: usize>(
        &mut self,
        simd: S,
        search: &Search<S, K>,
        at: (usize, usize),
        s: S::f64s,
    ) {
        let ((w, part), k) = (at, self.mandate.len());
        let n_windows = self.r_squared.len() / self.funds.len();
        let mut told = simd.splat_f64s(0.0);
        for i in 0..K {
            let both = simd.add_f64s(search.c[i], search.gradient[i]);
            told = simd.mul_add_f64s(search.weights[i], both, told);
        }
        let told = store::<S>(simd.div_f64s(told, s));
        let count = S::F64_LANES.min(self.funds.len() - part);
        for lane in 0..count {
            self.r_squared[(part + lane) * n_windows + w] = told[lane];
        }
        for i in 0..k {
            let lanes = store::<S>(search.weights[i]);
            for lane in 0..count {
                self.weights[((part + lane) * n_windows + w) * k + i] = lanes[lane];
            }
        }
    }
}

/// The weights of the lanes.
struct Search<S: Simd, const K: usize> {
    low: [f64; K],
    high: [f64; K],
    funded: [f64; K],
    /// 1 where the range has room.
    has_room: [f64; K],
    weights: [S::f64s; K],
    /// 0 free, 1 at the lower end, -1 at the upper.
    side: [S::f64s; K],
    c: [S::f64s; K],
    gradient: [S::f64s; K],
}

impl<S: Simd, const K: usize> Search<S, K> {
    #[inline(always)]
    fn new(simd: S, start: &ActiveSet) -> Self {
        let zero = simd.splat_f64s(0.0);
        let (mut weights, mut side, mut has_room) = ([zero; K], [zero; K], [0.0; K]);
        for i in 0..K {
            weights[i] = simd.splat_f64s(start.weights()[i]);
            side[i] = simd.splat_f64s(side_of(start.place()[i]));
            has_room[i] = f64::from(u8::from(start.low()[i] < start.high()[i]));
        }
        Self {
            low: start.low()[..K].try_into().expect(FITS),
            high: start.high()[..K].try_into().expect(FITS),
            funded: start.funded()[..K].try_into().expect(FITS),
            has_room,
            weights,
            side,
            c: [zero; K],
            gradient: [zero; K],
        }
    }

    /// Turns until every lane is done; 1 in the lanes that are, 0 in those that got stuck.
    #[inline(always)]
    fn solve(&mut self, simd: S, q: &[Row; MOST], s: S::f64s) -> S::f64s {
        let (zero, one) = (simd.splat_f64s(0.0), simd.splat_f64s(1.0));
        let largest = (0..K).map(|i| q[i][i]).fold(0.0, f64::max);
        let ridge = self.ridge(q);
        let pull = simd.mul_f64s(
            simd.sqrt_f64s(simd.mul_f64s(s, simd.splat_f64s(largest))),
            simd.splat_f64s(PULL),
        );
        let (mut is_done, mut is_sound) = (zero, one);
        self.gradient = self.gradient_at(simd, q);
        for _ in 0..MOST_TURNS {
            let mut free = [zero; K];
            for i in 0..K {
                free[i] = simd.select_f64s(simd.equal_f64s(self.side[i], zero), one, zero);
            }
            let (step, is_regular) = self.newton(simd, q, ridge, &free);
            let is_held = self.advance(simd, &step, &free, is_done);
            self.gradient = self.gradient_at(simd, q);
            let is_settled = self.release(simd, &free, is_held, pull);
            is_done = simd.select_f64s(simd.equal_f64s(is_done, one), one, is_settled);
            is_sound = simd.mul_f64s(is_sound, is_regular);
            let is_open = simd.less_than_f64s(is_done, is_sound);
            if simd.first_true_m64s(is_open) == S::F64_LANES {
                break;
            }
        }
        for i in 0..K {
            // Rounding may put the last free funded weight past its end.
            let (low, high) = (simd.splat_f64s(self.low[i]), simd.splat_f64s(self.high[i]));
            let is_below = simd.less_than_f64s(self.weights[i], low);
            let raised = simd.select_f64s(is_below, low, self.weights[i]);
            let is_above = simd.less_than_f64s(high, raised);
            self.weights[i] = simd.select_f64s(is_above, high, raised);
        }
        simd.mul_f64s(is_done, is_sound)
    }

    #[inline(always)]
    fn ridge(&self, q: &[Row; MOST]) -> f64 {
        let (mut sum, mut count) = (0.0, 0.0);
        for i in 0..K {
            sum += self.funded[i] * q[i][i];
            count += self.funded[i];
        }
        if count == 0.0 {
            0.0
        } else if sum > 0.0 {
            sum / count
        } else {
            1.0
        }
    }

    #[inline(always)]
    fn gradient_at(&self, simd: S, q: &[Row; MOST]) -> [S::f64s; K] {
        let mut gradient = self.c;
        for i in 0..K {
            for j in 0..K {
                gradient[i] = simd.negate_mul_add_f64s(
                    simd.splat_f64s(q[i][j]),
                    self.weights[j],
                    gradient[i],
                );
            }
        }
        gradient
    }

    /// To the minimum of each lane's face, and 1 in the lanes where it is one point.
    #[inline(always)]
    fn newton(
        &self,
        simd: S,
        q: &[Row; MOST],
        ridge: f64,
        free: &[S::f64s; K],
    ) -> ([S::f64s; K], S::f64s) {
        let (zero, one) = (simd.splat_f64s(0.0), simd.splat_f64s(1.0));
        let mut is_regular = one;
        let mut lower = [[zero; K]; K];
        let mut inverse = [zero; K];
        let (mut step, mut budget) = ([zero; K], [zero; K]);
        let mut all = zero;
        for i in 0..K {
            let mine = simd.splat_f64s(self.funded[i]);
            all = simd.mul_add_f64s(mine, self.weights[i], all);
            step[i] = simd.mul_f64s(free[i], self.gradient[i]);
            budget[i] = simd.mul_f64s(free[i], mine);
            let of = |j: usize| q[i][j] + ridge * self.funded[i] * self.funded[j];
            let whole = simd.splat_f64s(of(i));
            // A held weight has a row of the unit matrix.
            let mut pivot = simd.select_f64s(simd.equal_f64s(free[i], one), whole, one);
            let mut unscaled = [zero; K];
            for j in 0..i {
                let mut sum =
                    simd.mul_f64s(simd.splat_f64s(of(j)), simd.mul_f64s(free[i], free[j]));
                for p in 0..j {
                    sum = simd.negate_mul_add_f64s(unscaled[p], lower[j][p], sum);
                }
                unscaled[j] = sum;
                lower[i][j] = simd.mul_f64s(sum, inverse[j]);
                pivot = simd.negate_mul_add_f64s(sum, lower[i][j], pivot);
                step[i] = simd.negate_mul_add_f64s(lower[i][j], step[j], step[i]);
                budget[i] = simd.negate_mul_add_f64s(lower[i][j], budget[j], budget[i]);
            }
            let least = simd.mul_f64s(whole, simd.mul_f64s(free[i], simd.splat_f64s(SINGULAR)));
            is_regular = simd.select_f64s(simd.less_than_f64s(least, pivot), is_regular, zero);
            inverse[i] = simd.div_f64s(one, pivot);
        }
        for i in (0..K).rev() {
            step[i] = simd.mul_f64s(step[i], inverse[i]);
            budget[i] = simd.mul_f64s(budget[i], inverse[i]);
            for p in i + 1..K {
                step[i] = simd.negate_mul_add_f64s(lower[p][i], step[p], step[i]);
                budget[i] = simd.negate_mul_add_f64s(lower[p][i], budget[p], budget[i]);
            }
        }
        let (mut moved, mut slope) = (zero, zero);
        for i in 0..K {
            let mine = simd.splat_f64s(self.funded[i]);
            moved = simd.mul_add_f64s(mine, step[i], moved);
            slope = simd.mul_add_f64s(mine, budget[i], slope);
        }
        let missing = simd.sub_f64s(simd.sub_f64s(one, all), moved);
        let multiplier =
            simd.select_f64s(simd.less_than_f64s(zero, slope), simd.div_f64s(missing, slope), zero);
        for i in 0..K {
            step[i] = simd.mul_add_f64s(multiplier, budget[i], step[i]);
        }
        (step, is_regular)
    }

    /// Goes the step in the lanes not done until a weight meets its end; 1 in the lanes where one did.
    #[inline(always)]
    fn advance(
        &mut self,
        simd: S,
        step: &[S::f64s; K],
        free: &[S::f64s; K],
        is_done: S::f64s,
    ) -> S::f64s {
        let (zero, one) = (simd.splat_f64s(0.0), simd.splat_f64s(1.0));
        let mut count = zero;
        for i in 0..K {
            count = simd.mul_add_f64s(simd.splat_f64s(self.funded[i]), free[i], count);
        }
        let is_last = simd.less_than_f64s(count, simd.splat_f64s(1.5));
        let (mut length, mut met) = (one, simd.splat_f64s(-1.0));
        for i in 0..K {
            let is_down = simd.less_than_f64s(step[i], zero);
            let end = simd.select_f64s(
                is_down,
                simd.splat_f64s(self.low[i]),
                simd.splat_f64s(self.high[i]),
            );
            let reach = simd.div_f64s(simd.sub_f64s(end, self.weights[i]), step[i]);
            // A weight a rounding outside its range goes no further; 0 / 0 of a weight that stays is no number.
            let reach = simd.select_f64s(simd.less_than_f64s(reach, zero), zero, reach);
            let mut is_nearer = simd.select_f64s(simd.less_than_f64s(reach, length), free[i], zero);
            if self.funded[i] > 0.0 {
                is_nearer = simd.select_f64s(is_last, zero, is_nearer);
            }
            let is_nearer = simd.less_than_f64s(zero, is_nearer);
            length = simd.select_f64s(is_nearer, reach, length);
            met = simd.select_f64s(is_nearer, simd.splat_f64s(i as f64), met);
        }
        let is_over = simd.equal_f64s(is_done, one);
        let length = simd.select_f64s(is_over, zero, length);
        let met = simd.select_f64s(is_over, simd.splat_f64s(-1.0), met);
        for i in 0..K {
            let is_met = simd.equal_f64s(met, simd.splat_f64s(i as f64));
            let is_down = simd.less_than_f64s(step[i], zero);
            let (low, high) = (simd.splat_f64s(self.low[i]), simd.splat_f64s(self.high[i]));
            let end = simd.select_f64s(is_down, low, high);
            let place = simd.select_f64s(is_down, one, simd.splat_f64s(-1.0));
            let way = simd.mul_f64s(length, free[i]);
            let gone = simd.mul_add_f64s(way, step[i], self.weights[i]);
            self.weights[i] = simd.select_f64s(is_met, end, gone);
            self.side[i] = simd.select_f64s(is_met, place, self.side[i]);
        }
        simd.select_f64s(simd.less_than_f64s(met, zero), zero, one)
    }

    /// Frees the weight that pulls hardest in the lanes at their face's minimum; 1 in the lanes where none does.
    #[inline(always)]
    fn release(
        &mut self,
        simd: S,
        free: &[S::f64s; K],
        is_held: S::f64s,
        pull: S::f64s,
    ) -> S::f64s {
        let (zero, one) = (simd.splat_f64s(0.0), simd.splat_f64s(1.0));
        let (mut sum, mut count) = (zero, zero);
        for i in 0..K {
            let weight = simd.mul_f64s(simd.splat_f64s(self.funded[i]), free[i]);
            sum = simd.mul_add_f64s(weight, self.gradient[i], sum);
            count = simd.add_f64s(count, weight);
        }
        let count = simd.select_f64s(simd.less_than_f64s(count, one), one, count);
        let multiplier = simd.div_f64s(sum, count);
        let (mut hardest, mut freed) = (pull, simd.splat_f64s(-1.0));
        for i in 0..K {
            let budget = simd.splat_f64s(self.funded[i]);
            let upward = simd.negate_mul_add_f64s(budget, multiplier, self.gradient[i]);
            let room = simd.splat_f64s(self.has_room[i]);
            let outward = simd.mul_f64s(simd.mul_f64s(self.side[i], room), upward);
            let is_harder = simd.less_than_f64s(hardest, outward);
            hardest = simd.select_f64s(is_harder, outward, hardest);
            freed = simd.select_f64s(is_harder, simd.splat_f64s(i as f64), freed);
        }
        let is_settling = simd.equal_f64s(is_held, zero);
        let freed = simd.select_f64s(is_settling, freed, simd.splat_f64s(-1.0));
        for i in 0..K {
            let is_freed = simd.equal_f64s(freed, simd.splat_f64s(i as f64));
            self.side[i] = simd.select_f64s(is_freed, zero, self.side[i]);
        }
        let is_settled = simd.select_f64s(simd.less_than_f64s(freed, zero), one, zero);
        simd.select_f64s(is_settling, is_settled, zero)
    }

    /// Solves the lanes that got stuck one by one.
    fn leave_to(
        &mut self,
        start: &ActiveSet,
        q: &[Row; MOST],
        s: S::f64s,
        is_done: S::f64s,
        n: usize,
    ) {
        let (is_done, s) = (store::<S>(is_done), store::<S>(s));
        for lane in (0..S::F64_LANES).filter(|&lane| is_done[lane] == 0.0) {
            let mut c = [0.0; MOST];
            for (i, cell) in c.iter_mut().enumerate().take(K) {
                *cell = store::<S>(self.c[i])[lane];
            }
            // Its weights may be anywhere by now.
            let mut alone = start.clone();
            alone.solve(&Moments { k: K, n, q: *q, c, s: s[lane] });
            for i in 0..K {
                put::<S>(&mut self.weights[i], lane, alone.weights()[i]);
                put::<S>(&mut self.side[i], lane, side_of(alone.place()[i]));
            }
        }
        for i in 0..K {
            for lane in (0..S::F64_LANES).filter(|&lane| is_done[lane] == 0.0) {
                let told = (0..K).map(|j| q[i][j] * store::<S>(self.weights[j])[lane]);
                let gradient = store::<S>(self.c[i])[lane] - told.sum::<f64>();
                put::<S>(&mut self.gradient[i], lane, gradient);
            }
        }
    }
}

fn put<S: Simd>(register: &mut S::f64s, lane: usize, value: f64) {
    let mut lanes = store::<S>(*register);
    lanes[lane] = value;
    *register = S::as_simd_f64s(&lanes[..S::F64_LANES]).0[0];
}

fn side_of(place: Place) -> f64 {
    match place {
        Place::Free => 0.0,
        Place::Low => 1.0,
        Place::High => -1.0,
    }
}
