//! Price limits of stocks by the rules in force, for a whole panel at once.

use shoals_core::{Board, Rules, Symbol, TradingDay};

/// Boards in the order of the tables below.
const BOARDS: [Board; 4] = [Board::Main, Board::Chinext, Board::Star, Board::Beijing];

/// Limits and free days by board and day, looked up instead of asked.
pub(super) struct Limits {
    first: i32,
    n_days: usize,
    /// `[board][st][day]`, percent; -1 where no rule is known, 0 where there is no limit.
    percent: Vec<i64>,
    /// `[board][day]`, days without a limit after a listing on that day.
    free_days: Vec<u32>,
}

impl Limits {
    /// The rules of the days `first..=last` (days since 1970-01-01).
    pub(super) fn between(first: i32, last: i32, rules: &Rules) -> Self {
        let n_days = (last - first + 1).max(0) as usize;
        let days = || (first..=last).map(TradingDay::from_epoch_days);
        let mut percent = Vec::with_capacity(n_days * 8);
        let mut free_days = Vec::with_capacity(n_days * 4);
        for board in BOARDS {
            for is_st in [false, true] {
                percent.extend(days().map(|day| {
                    rules
                        .price_limit(board, is_st, day)
                        .map_or(-1, |r| (r.limit * 100.0).round() as i64)
                }));
            }
            free_days.extend(days().map(|day| rules.ipo(board, day).map_or(0, |r| r.free_days)));
        }
        Self { first, n_days, percent, free_days }
    }

    /// Number of a stock's board in these tables; none when it is no A share.
    pub(super) fn board(symbol: Symbol) -> Option<usize> {
        let board = symbol.board()?;
        BOARDS.iter().position(|known| *known == board)
    }

    /// Days without a limit after a listing on `day`.
    pub(super) fn free_days(&self, board: usize, day: i32) -> u32 {
        self.free_days[board * self.n_days + (day - self.first) as usize]
    }

    /// Highest and lowest legal price, CNY, from the ex-right reference price; none without a rule or a
    /// limit. Exchanges round to the fen, half up; done in whole fen so that 9.95 is 9.95.
    pub(super) fn prices(
        &self,
        board: usize,
        is_st: bool,
        day: i32,
        pre_close: f64,
    ) -> Option<(f64, f64)> {
        let row = board * 2 + usize::from(is_st);
        let percent = self.percent[row * self.n_days + (day - self.first) as usize];
        if percent <= 0 {
            return None;
        }
        let fen = (pre_close * 100.0).round() as i64;
        let scaled = |percent: i64| ((fen * percent + 50) / 100) as f64 / 100.0;
        Some((scaled(100 + percent), scaled(100 - percent)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::day;

    /// Witness: SSE's published limits for 600519 and a ChiNext stock by hand.
    #[test]
    fn limits_are_rounded_to_the_fen_half_up() {
        let (from, to) = (day(2024, 2, 1).epoch_days(), day(2024, 2, 9).epoch_days());
        let limits = Limits::between(from, to, Rules::builtin());
        let main = Limits::board(Symbol::literal("600519.SH")).unwrap();
        let chinext = Limits::board(Symbol::literal("300750.SZ")).unwrap();
        assert_eq!(limits.prices(main, false, from, 9.95), Some((10.95, 8.96)));
        assert_eq!(limits.prices(main, true, from, 2.0), Some((2.1, 1.9)));
        assert_eq!(limits.prices(chinext, false, to, 10.0), Some((12.0, 8.0)));
        assert_eq!(limits.free_days(main, from), 5);
        assert_eq!(Limits::board(Symbol::literal("000852.SH")), None);
    }

    #[test]
    fn a_board_that_did_not_exist_has_no_limit() {
        let before = day(2021, 11, 12).epoch_days();
        let limits = Limits::between(before, before, Rules::builtin());
        let beijing = Limits::board(Symbol::literal("430047.BJ")).unwrap();
        assert_eq!(limits.prices(beijing, false, before, 10.0), None);
    }
}
