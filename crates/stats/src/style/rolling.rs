//! The style of one response window by window.

use serde::Serialize;

use super::active_set::ActiveSet;
use super::moments::Running;
use super::{Mandate, StyleFit, require};
use crate::StatError;
use crate::observed::require_setting;

/// Styles of windows that end ever later.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RollingStyle {
    /// Position of each window's last observation.
    pub ends: Vec<usize>,
    /// The fit of each window; none where the response does not vary.
    pub fits: Vec<Option<StyleFit>>,
}

/// The style over every window of `window` observations that ends at `window - 1`, `window - 1 + every` and so on.
///
/// Each window knows nothing after its end. Moments are carried from window to window and begun afresh every `window`
/// rows; the search starts from the window before. Missing: refused.
///
/// # Errors
/// As [`super::style_weights`] with `window` observations, fewer of them than `window`, or an `every` of 0.
pub fn rolling_style(
    response: &[f64],
    factors: &[&[f64]],
    mandate: &Mandate,
    window: usize,
    every: usize,
) -> Result<RollingStyle, StatError> {
    require(&[response], factors, mandate, window)?;
    require_setting("every", every as f64, "1 or more", every > 0)?;
    let mut running = Running::start(response, factors, 0, window);
    let mut set = ActiveSet::new(mandate);
    let mut rolling = RollingStyle { ends: Vec::new(), fits: Vec::new() };
    for (end, last) in response.iter().enumerate().skip(window - 1) {
        if end >= window {
            running.step();
        }
        if !(end + 1 - window).is_multiple_of(every) {
            continue;
        }
        let moments = running.moments();
        let is_moving = moments.s > 0.0 && moments.s.sqrt() > 1e-12 * last.abs();
        rolling.ends.push(end);
        rolling.fits.push(is_moving.then(|| {
            set.solve(&moments);
            StyleFit::of(&moments, &set)
        }));
    }
    Ok(rolling)
}
