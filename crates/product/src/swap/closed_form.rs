//! How far a book is from its lines, and what it takes to come back: three closed forms.
//!
//! Source: METHODS A2; derivations in docs/method/swap.md.

/// Relative loss of the long leg that takes a margin ratio to a line, the hedge standing still.
///
/// `x = (ratio − line)/(1 − line)`; negative when the line is already broken. A book at 25 % reaches its
/// 15 % line after a loss of 11.76 %.
///
/// # Example
/// ```
/// use shoals_product::swap::loss_to_line;
/// assert!((loss_to_line(0.25, 0.15) - 0.11764705882352941).abs() < 1e-15);
/// ```
pub fn loss_to_line(ratio: f64, line: f64) -> f64 {
    (ratio - line) / (1.0 - line)
}

/// Fraction of the book to sell so that the initial ratio holds again, `1 − equity/(initial · base)`.
///
/// 0 when the ratio already holds, 1 when there is no equity left to hold any of it.
/// `margin_base`: long value (or gross value) in CNY, above 0.
pub fn fraction_to_sell(equity: f64, initial_margin_ratio: f64, margin_base: f64) -> f64 {
    fraction_to_sell_at_cost(equity, initial_margin_ratio * margin_base, 0.0)
}

/// The same when selling everything would cost `cost_of_all`: `required·(1 − s) = equity − cost_of_all·s`.
pub(super) fn fraction_to_sell_at_cost(equity: f64, required: f64, cost_of_all: f64) -> f64 {
    if equity >= required {
        return 0.0;
    }
    let room = required - cost_of_all;
    if room <= 0.0 { 1.0 } else { ((required - equity) / room).min(1.0) }
}

/// Cash that restores the initial ratio without selling, `initial · base − equity`, at least 0; CNY.
pub fn restoring_call(equity: f64, initial_margin_ratio: f64, margin_base: f64) -> f64 {
    (initial_margin_ratio * margin_base - equity).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Witness: METHODS A2; `firesale_oracles.json`.
    #[test]
    fn the_worked_numbers_of_a_four_times_book() {
        for (ours, printed) in [
            (loss_to_line(0.25, 0.15), 0.117_647_058_823_529_42),
            (loss_to_line(0.25, 0.10), 0.166_666_666_666_666_66),
            (fraction_to_sell(13.0, 0.25, 88.0), 0.409_090_909_090_909_06),
            (restoring_call(13.0, 0.25, 88.0), 9.0),
            (restoring_call(25.0, 0.25, 88.0), 0.0),
            (fraction_to_sell(-1.0, 0.25, 88.0), 1.0),
        ] {
            assert!((ours - printed).abs() < 1e-12, "{ours} {printed}");
        }
    }

    proptest! {
        /// The loss really meets the line, and the sale really restores the ratio.
        #[test]
        fn the_forms_do_what_they_say(
            initial in 0.05..1.0_f64, line_share in 0.05..0.99_f64, value in 1.0..1e9_f64,
        ) {
            let line = initial * line_share;
            let loss = loss_to_line(initial, line) * value;
            let (equity, left) = (initial * value - loss, value - loss);
            prop_assert!((equity / left - line).abs() < 1e-12);
            let sold = fraction_to_sell(equity, initial, left);
            prop_assert!((equity / (left * (1.0 - sold)) - initial).abs() < 1e-9);
            let cash = restoring_call(equity, initial, left);
            prop_assert!(((equity + cash) / left - initial).abs() < 1e-12);
        }
    }
}
