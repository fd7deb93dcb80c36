//! Did the small companies, which had always paid, fall behind the large ones?
//!
//! Size segments are ordered large to small. A period is *inverted* when the order of the returns
//! is the reverse of what small-company books live on: Spearman's correlation between smallness
//! (rank 1 the largest companies) and return at or below `-flag_threshold`; -1 is a perfect
//! inversion, every step down in size having fallen further. The inversion index is the return of
//! the smallest segment minus that of the largest. Source: sell-side
//! notes of February 2024 on market-neutral swaps; Spearman (1904).
//!
//! Method page: docs/method/inversion.md

mod band;
mod closes;
mod config;
mod outcome;
mod period;
mod rolling;

use shoals_core::{Segment, Series};

pub use config::{InversionConfig, Window};
pub use outcome::{InversionOutcome, Level};
pub use period::Period;
pub use rolling::{RollingDay, Streak};

use crate::WarningError;
use closes::Closes;

/// Reads the size ladder of the given indices by month, by rolling window and by the windows asked
/// for.
///
/// Days are matched by date: a day counts when every segment has a close on it. A monthly return is
/// the last such close of the month over the last of the month before.
///
/// # Errors
/// Illegal settings, fewer than three segments or one twice, a close that is not positive, fewer
/// than two common days, or a window the data do not reach.
pub fn inversion(
    series: &[(Segment, Series)],
    config: &InversionConfig,
) -> Result<InversionOutcome, WarningError> {
    config.check()?;
    let closes = Closes::align(series, config)?;
    let rolling = rolling::rolling(&closes, config)?;
    Ok(InversionOutcome {
        config: config.clone(),
        segments: closes.segments.clone(),
        symbols: closes.names.clone(),
        months: period::months(&closes, config)?,
        windows: period::windows(&closes, config)?,
        streaks: rolling::streaks(&closes, config),
        rolling,
        levels: closes.levels(config.from),
    })
}
