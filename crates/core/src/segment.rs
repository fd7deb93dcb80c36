//! The five size segments of the A-share market, from micro caps to the CSI 300.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Symbol;

/// A size segment with the index that stands for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Segment {
    /// The smallest 400 names (Wind micro-cap index).
    Micro,
    /// CSI 2000.
    Csi2000,
    /// CSI 1000.
    Csi1000,
    /// CSI 500.
    Csi500,
    /// CSI 300.
    Csi300,
}

impl Segment {
    /// Every segment, smallest companies first.
    pub const ALL: [Self; 5] =
        [Self::Micro, Self::Csi2000, Self::Csi1000, Self::Csi500, Self::Csi300];

    /// The stable name used in tables, as `csi1000`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Micro => "micro",
            Self::Csi2000 => "csi2000",
            Self::Csi1000 => "csi1000",
            Self::Csi500 => "csi500",
            Self::Csi300 => "csi300",
        }
    }

    /// The index that stands for the segment by default.
    pub fn symbol(self) -> Symbol {
        Symbol::literal(match self {
            Self::Micro => "868008.WI",
            Self::Csi2000 => "932000.CSI",
            Self::Csi1000 => "000852.SH",
            Self::Csi500 => "000905.SH",
            Self::Csi300 => "000300.SH",
        })
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_rise_in_size_and_name_distinct_indices() {
        let mut symbols = Segment::ALL.map(Segment::symbol).to_vec();
        symbols.sort_unstable();
        symbols.dedup();
        assert_eq!(symbols.len(), 5);
        assert!(Segment::Micro < Segment::Csi300);
    }
}
