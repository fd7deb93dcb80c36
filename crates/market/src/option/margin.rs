//! The exchange's margin of a short index option.
//!
//! ```text
//! call: settle + max(S·a − max(K − S, 0), f·S·a),   put: settle + max(S·a − max(S − K, 0), f·K·a),
//! ```
//!
//! all times the multiplier: `a` the margin adjustment, `f` the floor, `S` the close of the index. Note that the
//! put's floor is taken of the strike. Source: CFFEX, margin of stock-index options (METHODS C); the numbers are
//! date-effective rules, `core/rules/index_option.toml`.

use shoals_core::rules::OptionMargin;

use super::OptionKind;

/// CNY the exchange asks for one option sold.
///
/// * `settle`: settlement price; `underlying`: close of the index; `strike`: all index points.
/// * Missing: NaN in, NaN out.
///
/// # Example
/// ```
/// use shoals_core::{FutureProduct, Rules, day};
/// use shoals_market::option::{OptionKind, short_margin};
///
/// let rule = Rules::builtin().option_margin(FutureProduct::IM, day(2024, 2, 5))?;
/// // 200 points out of the money: 60 · 100 + (4300 · 0.15 − 200) · 100.
/// let margin = short_margin(OptionKind::Put, 60.0, 4_300.0, 4_100.0, rule);
/// assert!((margin - 50_500.0).abs() < 1e-9);
/// # Ok::<(), shoals_core::CoreError>(())
/// ```
pub fn short_margin(
    kind: OptionKind,
    settle: f64,
    underlying: f64,
    strike: f64,
    rule: &OptionMargin,
) -> f64 {
    let out_of_the_money = (kind.sign() * (strike - underlying)).max(0.0);
    let least_of = match kind {
        OptionKind::Call => underlying,
        OptionKind::Put => strike,
    };
    let adjusted = underlying * rule.adjustment - out_of_the_money;
    let at_risk = adjusted.max(rule.floor * least_of * rule.adjustment);
    if underlying.is_nan() || strike.is_nan() {
        return f64::NAN;
    }
    rule.multiplier * (settle + at_risk)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::{FutureProduct, Rules, day};

    /// Witness: the formula by hand, MO on a close of 5,000: 15 % is 750 points, the floor half of it.
    #[test]
    fn margins_by_hand() {
        let rule = Rules::builtin().option_margin(FutureProduct::IM, day(2024, 1, 31)).unwrap();
        let of = |kind, settle, strike| short_margin(kind, settle, 5_000.0, strike, rule);
        for (kind, settle, strike, expected) in [
            (OptionKind::Call, 120.0, 5_000.0, 100.0 * (120.0 + 750.0)),
            (OptionKind::Call, 300.0, 4_800.0, 100.0 * (300.0 + 750.0)),
            (OptionKind::Call, 40.0, 5_300.0, 100.0 * (40.0 + 450.0)),
            (OptionKind::Call, 5.0, 5_900.0, 100.0 * (5.0 + 375.0)),
            (OptionKind::Put, 40.0, 4_700.0, 100.0 * (40.0 + 450.0)),
            (OptionKind::Put, 5.0, 4_000.0, 100.0 * (5.0 + 300.0)),
            (OptionKind::Put, 610.0, 5_600.0, 100.0 * (610.0 + 750.0)),
        ] {
            assert!((of(kind, settle, strike) - expected).abs() < 1e-6, "{kind:?} {strike}");
        }
        assert!(of(OptionKind::Call, f64::NAN, 5_000.0).is_nan());
        assert!(short_margin(OptionKind::Put, 1.0, f64::NAN, 5_000.0, rule).is_nan());
    }
}
