//! Where randomness comes from: one seed, one independent stream per path.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};

/// The generator of one path.
pub type Stream = Xoshiro256PlusPlus;

/// A study's seed. Path `k` draws from its own stream, so no result depends on the number of threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Seed(pub u64);

impl Default for Seed {
    /// The day the crowd left: 2024-02-05.
    fn default() -> Self {
        Self(20_240_205)
    }
}

impl Seed {
    /// The generator of path `k`: the seed and the path number, mixed by splitmix64.
    pub fn stream(self, k: u64) -> Stream {
        Stream::seed_from_u64(splitmix64(self.0 ^ splitmix64(k)))
    }

    /// An independent seed for a named part of the work, so that adding one part leaves the others be.
    #[must_use]
    pub fn part(self, name: &str) -> Self {
        let folded = name.bytes().fold(self.0, |state, byte| splitmix64(state ^ u64::from(byte)));
        Self(splitmix64(folded))
    }
}

/// Steele, Lea and Flood (2014), the finaliser recommended to seed xoshiro generators.
const fn splitmix64(state: u64) -> u64 {
    let z = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_xoshiro::rand_core::Rng;

    #[test]
    fn streams_repeat_and_differ_from_each_other() {
        let first = |seed: Seed, k| seed.stream(k).next_u64();
        let seed = Seed::default();
        assert_eq!(first(seed, 3), first(seed, 3));
        assert_ne!(first(seed, 3), first(seed, 4));
        assert_ne!(first(seed, 3), first(Seed(1), 3));
        assert_ne!(first(seed.part("stock"), 0), first(seed.part("fund"), 0));
    }

    /// splitmix64's published first outputs for state 0.
    #[test]
    fn splitmix64_is_the_published_one() {
        assert_eq!(splitmix64(0), 0xE220_A839_7B1D_CDAF);
    }
}
