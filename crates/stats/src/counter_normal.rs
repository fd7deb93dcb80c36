//! Standard normal numbers drawn by number: the `i`-th of a seed, without the ones before it.
//!
//! The counter goes through splitmix64 (Steele, Lea and Flood 2014) to a uniform number in (0, 1), and that through
//! the inverse normal distribution (Wichura 1988, AS 241). What a path draws depends on its number only, so
//! paths may be made in any order, on any number of threads, many side by side.
//!
//! [`fill`] and what it calls are inlined into the caller, so that they are compiled with the caller's vector
//! instructions; every step is the same on all of them.

#![allow(clippy::inline_always, reason = "compiled with the vector instructions of the caller")]

use crate::normal::{CENTRE, MIDDLE, normal_quantile, ratio};

/// The step of splitmix64: 2^64 over the golden ratio.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// Normal number `index` of `seed`.
pub fn counter_normal(seed: u64, index: u64) -> f64 {
    normal_quantile(counter_uniform(seed, index))
}

/// Uniform number `index` of `seed`, in (0, 1); what [`counter_normal`] makes its normal of.
pub fn counter_uniform(seed: u64, index: u64) -> f64 {
    uniform(state(seed, index))
}

/// Numbers worked on at a time: they stay in the first-level cache.
const CHUNK: usize = 1024;

/// Room [`fill`] works in, made once.
#[derive(Debug, Clone)]
pub struct Scratch {
    state: [u64; CHUNK],
    uniform: [f64; CHUNK],
    /// Places of the numbers in the tails.
    place: [u32; CHUNK],
    /// Their probabilities, then their distances from the centre.
    tail: [f64; CHUNK],
}

impl Default for Scratch {
    fn default() -> Self {
        Self { state: [0; CHUNK], uniform: [0.5; CHUNK], place: [0; CHUNK], tail: [0.5; CHUNK] }
    }
}

/// Tail numbers worked on side by side.
const TAIL_LANES: usize = 16;

/// Fills `out`, rows of `LANES` numbers: row `r`, lane `l` is normal number `first + r + l * stride` of `seed`, as
/// [`counter_normal`] gives it, to four units in the last place.
///
/// # Panics
/// When `out` is not whole rows, or `LANES` does not divide 1,024.
#[inline(always)]
pub fn fill<const LANES: usize>(
    seed: u64,
    first: u64,
    stride: u64,
    scratch: &mut Scratch,
    out: &mut [f64],
) {
    const { assert!(CHUNK.is_multiple_of(LANES), "whole rows in a chunk") };
    assert!(out.len().is_multiple_of(LANES), "whole rows of {LANES}");
    let mut start = [0_u64; LANES];
    for (lane, start) in start.iter_mut().enumerate() {
        *start = state(seed, first.wrapping_add(stride.wrapping_mul(lane as u64)));
    }
    for out in out.chunks_mut(CHUNK) {
        for row in scratch.state[..out.len()].as_chunks_mut::<LANES>().0 {
            *row = start;
            start = start.map(|state| state.wrapping_add(STEP));
        }
        let states = scratch.state.iter().zip(&mut scratch.uniform);
        for (z, (state, uniform)) in out.iter_mut().zip(states) {
            *uniform = self::uniform(*state);
            let q = *uniform - 0.5;
            *z = q * ratio(&CENTRE, 0.180_625 - q * q);
        }
        let uniform = &scratch.uniform[..out.len()];
        tails(uniform, &mut scratch.place, &mut scratch.tail, out);
    }
}

/// Replaces the numbers of `out` whose probability lies outside 0.075 to 0.925.
#[inline(always)]
fn tails(uniform: &[f64], place: &mut [u32; CHUNK], tail: &mut [f64; CHUNK], out: &mut [f64]) {
    let mut n = 0;
    for (i, &u) in uniform.iter().enumerate() {
        let probability = u.min(1.0 - u);
        (place[n % CHUNK], tail[n % CHUNK]) = (i as u32, probability);
        n += usize::from(probability < 0.075);
    }
    tail[n..n.next_multiple_of(TAIL_LANES)].fill(0.05);
    let (groups, _) = tail[..n.next_multiple_of(TAIL_LANES)].as_chunks_mut::<TAIL_LANES>();
    for (places, group) in place[..n].chunks(TAIL_LANES).zip(groups) {
        let probability = *group;
        for z in group.iter_mut() {
            *z = ratio(&MIDDLE, (-logarithm(*z)).sqrt() - 1.6);
        }
        for ((&at, &z), probability) in places.iter().zip(group.iter()).zip(probability) {
            // Below exp(-25) another ratio holds; one number in 36 billion comes here.
            let z = if probability < 1.388e-11 { -normal_quantile(probability) } else { z };
            out[at as usize] = if uniform[at as usize] < 0.5 { -z } else { z };
        }
    }
}

#[inline(always)]
fn state(seed: u64, index: u64) -> u64 {
    index.wrapping_add(1).wrapping_mul(STEP).wrapping_add(seed)
}

/// The state's uniform number: 53 bits, in the middle of their cell.
#[inline(always)]
fn uniform(state: u64) -> f64 {
    let z = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let bits = (z ^ (z >> 31)) >> 11;
    (bits as i64 as f64 + 0.5) * (0.5 / (1_u64 << 52) as f64)
}

/// Natural logarithm of a positive normal number, without a branch, to one unit in the last place. Source of
/// the polynomial and its letters: fdlibm, `e_log.c` (Sun Microsystems 1993).
#[inline(always)]
fn logarithm(x: f64) -> f64 {
    // The mantissa is taken between sqrt(1/2) and sqrt(2).
    const ROOT: u64 = 0x3FE6_A09E_667F_3BCD;
    const HIGH: f64 = 0.693_147_180_369_123_8;
    const LOW: f64 = 1.908_214_929_270_587_7e-10;
    let shifted = x.to_bits().wrapping_add(0x3FF0_0000_0000_0000 - ROOT);
    let power = ((shifted >> 52) as i64 - 0x3FF) as f64;
    let f = f64::from_bits((shifted & 0x000F_FFFF_FFFF_FFFF) + ROOT) - 1.0;
    let s = f / (2.0 + f);
    let (square, half) = (s * s, 0.5 * f * f);
    let w = square * square;
    let even = w
        * (0.399_999_999_994_094_2 + w * (0.222_221_984_321_497_84 + w * 0.153_138_376_992_093_73));
    let odd = square
        * (0.666_666_666_666_673_5
            + w * (0.285_714_287_436_623_9
                + w * (0.181_835_721_616_180_5 + w * 0.147_981_986_051_165_86)));
    s * (half + even + odd) + power * LOW - half + f + power * HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: the scalar definition, number by number, to four units in the last place, two of each side: a last
    /// bit of the logarithm counts that much where the ratio starts. 65,536 numbers have tails in plenty.
    #[test]
    fn rows_are_the_numbers_of_their_counters() {
        let (seed, first, stride) = (20_240_205, 7, 60 * 1002);
        let mut out = vec![0.0; 2048 * 32];
        fill::<32>(seed, first, stride, &mut Scratch::default(), &mut out);
        for (i, &z) in out.iter().enumerate() {
            let (row, lane) = ((i / 32) as u64, (i % 32) as u64);
            let expected = counter_normal(seed, first + row + lane * stride);
            assert!(
                (z - expected).abs() <= 4.0 * f64::EPSILON * expected.abs(),
                "{i}: {z} against {expected}"
            );
        }
    }

    /// Witness: the logarithm of the standard library, within one unit in the last place.
    #[test]
    fn the_logarithm_is_the_logarithm() {
        for i in 1..20_000 {
            for x in [f64::from(i) / 20_000.0, f64::from(i) * 1e-15, f64::from(i)] {
                let (found, expected) = (logarithm(x), x.ln());
                assert!((found - expected).abs() <= expected.abs() * f64::EPSILON, "{x}");
            }
        }
    }

    /// Witness: the moments of the normal distribution, within four standard errors of 200,000 numbers.
    #[test]
    fn the_numbers_are_standard_normal() {
        let n = 200_000_u32;
        let sum = |power: i32| -> f64 {
            (0..u64::from(n)).map(|i| counter_normal(3, i).powi(power)).sum::<f64>() / f64::from(n)
        };
        let error = |variance: f64| 4.0 * (variance / f64::from(n)).sqrt();
        assert!(sum(1).abs() < error(1.0));
        assert!((sum(2) - 1.0).abs() < error(2.0));
        assert!(sum(3).abs() < error(15.0));
        assert!((sum(4) - 3.0).abs() < error(96.0));
    }

    /// What lies beyond exp(-25) takes the far ratio.
    #[test]
    fn the_far_tail_is_the_quantile() {
        let uniform = [1e-12, 0.3, 1.0 - 1e-12, 0.01];
        let mut out = [0.0; 4];
        let mut scratch = Scratch::default();
        tails(&uniform, &mut scratch.place, &mut scratch.tail, &mut out);
        assert_eq!(out[0], normal_quantile(1e-12));
        assert_eq!(out[1], 0.0);
        assert!((out[2] - normal_quantile(1.0 - 1e-12)).abs() < 1e-12);
        assert!((out[3] - normal_quantile(0.01)).abs() < 1e-15);
    }
}
