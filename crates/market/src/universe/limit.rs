//! Daily price limits by board and day, and whether a close stands at one.

use shoals_core::{Board, Rules, TradingDay};

/// The side of the band a close stands at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// At the highest legal price.
    Up,
    /// At the lowest legal price.
    Down,
}

/// Half a fen, the most by which rounding moves a limit price, CNY.
const HALF_FEN: f64 = 0.005;
/// Below the smallest step between an unrounded limit and half a fen, above the noise of a price
/// computed back from an adjustment factor, CNY.
const NOISE: f64 = 1e-4;
/// Half a fen on a stock of two yuan: the slack for prices whose unadjusted level is unknown.
const UNKNOWN_LEVEL_SLACK: f64 = 0.0025;

/// Whether `close` stands at a limit of `band` around `reference`.
///
/// A limit price is the unrounded limit put on the fen, half up, so a close is the upper limit exactly
/// when it is more than the unrounded limit less half a fen, and the lower limit exactly when it is at
/// most the unrounded limit and half a fen.
///
/// * `close`, `reference`: unadjusted CNY; the reference is the ex-right close before.
/// * `band`: a decimal, as 0.10; 0 means no limit.
/// * Missing: none with a NaN on either side.
///
/// # Example
/// ```
/// use shoals_market::universe::{Limit, limit_at_close};
///
/// assert_eq!(limit_at_close(10.95, 9.95, 0.10), Some(Limit::Up)); // 10.945 becomes 10.95
/// assert_eq!(limit_at_close(10.94, 9.95, 0.10), None);
/// assert_eq!(limit_at_close(1.90, 2.00, 0.05), Some(Limit::Down));
/// ```
pub fn limit_at_close(close: f64, reference: f64, band: f64) -> Option<Limit> {
    at_limit(close, reference, band, [HALF_FEN - NOISE, HALF_FEN + NOISE])
}

/// The same from prices on an unknown scale, with the slack of a two-yuan stock.
pub(super) fn limit_at_scaled_close(close: f64, reference: f64, band: f64) -> Option<Limit> {
    at_limit(close, reference, band, [UNKNOWN_LEVEL_SLACK * reference; 2])
}

fn at_limit(close: f64, reference: f64, band: f64, [up, down]: [f64; 2]) -> Option<Limit> {
    if band == 0.0 {
        None
    } else if close > reference * (1.0 + band) - up {
        Some(Limit::Up)
    } else if close < reference * (1.0 - band) + down {
        Some(Limit::Down)
    } else {
        None
    }
}

/// The bands in force on every day of a panel, asked of the rules once a day.
pub(super) struct Bands {
    /// `[day][board][special treatment]`; 0 where no limit holds.
    by_day: Vec<[[f64; 2]; 4]>,
}

impl Bands {
    pub(super) fn new(days: &[TradingDay], rules: &Rules) -> Self {
        let band = |board, is_special, day| {
            // A board without a rule yet has no limit.
            rules.price_limit(board, is_special, day).map_or(0.0, |row| row.limit)
        };
        let of_board = |board, day| [band(board, false, day), band(board, true, day)];
        Self { by_day: days.iter().map(|&day| BOARDS.map(|b| of_board(b, day))).collect() }
    }

    pub(super) fn of(&self, day_index: usize, board: Board, is_special: bool) -> f64 {
        self.by_day[day_index][board as usize][usize::from(is_special)]
    }
}

/// Boards in the order of their discriminants.
const BOARDS: [Board; 4] = [Board::Main, Board::Chinext, Board::Star, Board::Beijing];

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::day;

    /// Exchanges round to the fen, half up; done in whole fen.
    fn limit_price(reference_fen: i64, percent: i64) -> f64 {
        ((reference_fen * percent + 50) / 100) as f64 / 100.0
    }

    /// Witness: the exchange's own rounding, for every reference from 1 to 60 yuan and every band.
    #[test]
    fn a_close_is_at_the_limit_exactly_when_it_is_the_limit_price() {
        for fen in 100..6_000 {
            let reference = fen as f64 / 100.0;
            for (percent, band) in [(5, 0.05), (10, 0.10), (20, 0.20), (30, 0.30)] {
                let (up, down) = (limit_price(fen, 100 + percent), limit_price(fen, 100 - percent));
                let at = |close| limit_at_close(close, reference, band);
                assert_eq!(at(up), Some(Limit::Up), "{reference} {band}");
                assert_eq!(at(up - 0.01), None, "{reference} {band}");
                assert_eq!(at(down), Some(Limit::Down), "{reference} {band}");
                assert_eq!(at(down + 0.01), None, "{reference} {band}");
            }
        }
    }

    /// Witness: the notices behind the rule rows.
    #[test]
    fn bands_follow_board_status_and_day() {
        let days = [day(2020, 8, 21), day(2020, 8, 24), day(2021, 11, 15)];
        let bands = Bands::new(&days, Rules::builtin());
        assert_eq!(bands.of(0, Board::Chinext, false), 0.10);
        assert_eq!(bands.of(1, Board::Chinext, true), 0.20);
        assert_eq!(bands.of(1, Board::Main, true), 0.05);
        assert_eq!(bands.of(1, Board::Beijing, false), 0.0);
        assert_eq!(bands.of(2, Board::Beijing, false), 0.30);
    }

    #[test]
    fn what_is_unknown_is_at_no_limit() {
        assert_eq!(limit_at_close(11.0, f64::NAN, 0.10), None);
        assert_eq!(limit_at_close(f64::NAN, 10.0, 0.10), None);
        assert_eq!(limit_at_scaled_close(10.99, 10.0, 0.10), Some(Limit::Up));
        assert_eq!(limit_at_scaled_close(10.9, 10.0, 0.10), None);
        assert_eq!(limit_at_close(15.0, 10.0, 0.0), None);
    }
}
