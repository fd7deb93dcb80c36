//! Does a series grow explosively, and since when? The right-tailed unit-root tests of Phillips, Shi and Yu.
//!
//! On a window of levels the regression `change_t = a + b level_{t-1} + sum of c_j change_{t-j} + e_t` has a t-ratio of
//! `b`: far above zero when the series runs away from itself. The *backward sup* statistic of a day (BSADF) is the
//! greatest t-ratio over all windows that end on it, GSADF the greatest of those, SADF the greatest over windows that
//! start with the sample. Which values are great is told by the same statistics of series that have no bubble
//! ([`NullDistribution`]): random walks, or the sample's own changes with random signs and sizes.
//!
//! Speed: windows grow backwards from their end, eight side by side, and are compared as fractions, so that lag 0 needs
//! no division and no root a window.
//!
//! Sources: Phillips, Shi and Yu (2015), International Economic Review 56, 1043-1078; Harvey, Leybourne, Sollis and
//! Taylor (2016), Journal of Empirical Finance 38, 548-574 (wild bootstrap). Method page: docs/method/bubble.md

mod columns;
mod episode;
mod lag_zero;
mod lagged;
mod null;
mod sup;

pub use episode::{Episode, episodes};
pub use null::{Generator, NullDistribution};
pub use sup::{Lag, SupTest};
