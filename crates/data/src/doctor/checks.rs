//! Every check by name: what it looks for, how much it matters, what to do.
//!
//! `--accept KIND` takes the `kind` of a row. The severity is the usual one; a check that has reason to
//! say more or less (one row against half a file) documents it in its `about`.

use shoals_core::Severity::{self, Note, Severe, Warning};

/// A check of the doctor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// Stable name, the [`Finding::kind`](shoals_core::Finding::kind) of what it finds.
    pub kind: &'static str,
    /// The severity it usually has.
    pub severity: Severity,
    /// What it looks for.
    pub about: &'static str,
    /// What the user can do about it.
    pub remedy: &'static str,
}

macro_rules! checks {
    ($($name:ident = $kind:literal, $severity:ident, $about:literal, $remedy:literal;)*) => {
        $(pub(crate) const $name: Check = Check {
            kind: $kind,
            severity: $severity,
            about: $about,
            remedy: $remedy,
        };)*

        /// Every check, in the order of the method page.
        pub const CHECKS: &[Check] = &[$($name),*];
    };
}

checks! {
    NULL_KEY = "null_key", Severe,
        "a row without a day, symbol or other part of its key",
        "fill the key column in the source, or drop the row";
    DUPLICATE_ROW = "duplicate_row", Warning,
        "a key that stands twice with the same values",
        "drop the repeated rows; the store keeps one of them";
    DUPLICATE_KEY = "duplicate_key", Severe,
        "a key that stands twice with different values; a warning for options, where \
         dividend-adjusted contracts share a strike and the source may not tell them apart",
        "find out which row is right and drop the other";
    CONFLICTING_FILES = "conflicting_files", Warning,
        "two files of one import that disagree about the same key",
        "import one source a key; the file read last wins, which in a folder is the primary one";
    STORED_VALUE_CHANGED = "stored_value_changed", Warning,
        "a value in the store that this import replaces by another; the table stands for the file",
        "nothing, when the source corrected it; else import the right file again: the earlier value is in \
         the version before";
    UNSORTED_DAYS = "unsorted_days", Note,
        "days of a symbol that do not rise down the file",
        "nothing to do: the store sorts";
    OUTSIDE_CALENDAR = "outside_calendar", Warning,
        "a day the exchange calendar does not cover; severe before the first exchange opened or more \
         than a year past the calendar's end, where the date was misread",
        "extend the calendar with a file, or mend the date";
    CLOSED_DAY = "closed_day", Severe,
        "a row on a day the exchange was closed; a warning when an index level is only carried over \
         that day, a note for fund values and rates, which are also published on such days",
        "mend the date or drop the row: nothing traded that day";
    MISSING_MARKET_DAY = "missing_market_day", Warning,
        "an open day between the first and the last on which no symbol has a row",
        "fetch the missing days from the source";
    MISSING_DAYS = "missing_days", Warning,
        "open days inside a symbol's life without a row; a note for stocks when the source marks no \
         suspension, because it then leaves suspended days out",
        "fetch the days again, or take them for suspensions";
    CALENDAR_DISAGREES = "calendar_disagrees", Warning,
        "a trading-day table that opens or closes a day against the exchange calendar",
        "trust the exchange's notice; extend the calendar with a file when it is right";
    NOT_FINITE = "not_finite", Severe,
        "a NaN or an infinity where a number or nothing belongs; a warning when there are only NaN",
        "leave the cell empty in the source when there is no observation";
    NON_POSITIVE_PRICE = "non_positive_price", Severe,
        "a price or net asset value of zero or below",
        "leave the cell empty when nothing was quoted, or mend it";
    BAD_ADJUST_FACTOR = "bad_adjust_factor", Warning,
        "an adjust factor of zero or below, as a source has that adjusts by subtracting dividends",
        "use a multiplicative (backward) factor; returns made with this one are wrong";
    ZERO_PRICE_UNTRADED = "zero_price_untraded", Warning,
        "an open, high or low of zero on a day without volume: the source's way to say nothing traded",
        "leave the cells empty; only the close of such a day means something";
    TRADED_WITHOUT_VOLUME = "traded_without_volume", Warning,
        "a stock with a volume of zero and an amount, or a high above its low: it traded, and counts as \
         suspended",
        "take the volume of that day from another source; a market-wide case is a fault of the export";
    NEGATIVE_COUNT = "negative_count", Severe,
        "a volume, amount, share count, balance or open interest below zero",
        "mend the column; a sign or an overflow went wrong in the export";
    OHLC_ORDER = "ohlc_order", Severe,
        "a high below, or a low above, another price of the day; a warning when it is within one \
         price step or 0.01 %, and for adjusted prices in up to one row in a thousand",
        "check the column order (AKShare writes open, close, high, low) and the adjustment";
    OFF_TICK_PRICE = "off_tick_price", Warning,
        "unadjusted prices that are no whole number of fen in more than half the rows: they look \
         adjusted or averaged",
        "export unadjusted prices, or import them as adjusted ones";
    NORMALISED_PRICE = "normalised_price", Severe,
        "most symbols start at a price of exactly 1: the source divided by the first close",
        "divide by the source's factor, or import them as adjusted prices";
    OUTSIDE_PRICE_LIMIT = "outside_price_limit", Warning,
        "a price beyond the day's price limit by board, special treatment and listing day, or beyond a \
         future's limit around the last settlement; severe when more than one row in a hundred is",
        "check the previous close (it must be the ex-right one), the ST flag, the listing day (import \
         `security` with listed_on) and the adjustment";
    JUMP_BEYOND_LIMIT = "jump_beyond_limit", Warning,
        "a daily return of an adjusted price that no price limit allows",
        "compare the day with a second source: the adjustment or the price is wrong";
    JUMP_AGAINST_ADJUST_FACTOR = "jump_against_adjust_factor", Warning,
        "a close that jumps beyond the limit while the adjust factor stays, or a factor that jumps \
         while the close stays",
        "fetch the adjust factor again; a dividend or split is missing or stands on the wrong day";
    PRE_CLOSE_IS_SHIFTED_CLOSE = "pre_close_is_shifted_close", Severe,
        "a pre_close on an ex-right day that is only the last close (pro_bar without adjustment writes \
         it); a warning when under half of the ex-right days show it",
        "take pre_close from the daily interface: it is the ex-right reference price";
    UNIT_MISTAKE = "unit_mistake", Severe,
        "a column that is off by a power of ten: lots for shares, thousand or ten thousand CNY for \
         CNY, percent for decimals (an implied volatility above 3), an index level that jumps by one \
         from row to row, a future three times off the median of its product",
        "state the unit with --unit COLUMN=UNIT or in a mapping file, or mend the cells";
    AMOUNT_AGAINST_VOLUME = "amount_against_volume", Warning,
        "an amount over volume more than 5 % outside the day's price range",
        "volume, amount or price is adjusted or estimated; do not use the average price";
    TURNOVER_ABOVE_FLOAT = "turnover_above_float", Warning,
        "a volume above the free-float shares of the day",
        "check the unit and the date of the share count";
    FLOAT_ABOVE_TOTAL = "float_above_total", Warning,
        "more free-float shares or capitalisation than in total, by more than 1 %",
        "the two columns are exchanged, or of different days";
    WEIGHTS_INCOMPLETE = "weights_incomplete", Warning,
        "index weights of a day that sum to neither 1 nor 100",
        "fetch the full member list of that day";
    STALE_SERIES = "stale_series", Warning,
        "a value that stands still: 20 open days for stocks and funds on exchange without volume, 10 \
         for fund values, 5 for indices, futures and implied volatilities",
        "mark the days as suspended, or leave them empty: a stale price looks like a riskless one";
    SURVIVORSHIP_HINT = "survivorship_hint", Warning,
        "a stock panel of two years or more, large enough to expect three exits at the market's 0.5 % a \
         year, in which no symbol ever stops; a note when fewer than a quarter of the expected do",
        "add the delisted names, or read every average as that of the survivors";
    AFTER_EXPIRY = "after_expiry", Severe,
        "a future or option quoted after its last trading day",
        "mend the date or the contract code";
    BEFORE_LISTING = "before_listing", Severe,
        "a future quoted before it was listed, the trading day after the expiry that makes it one of the \
         four months",
        "mend the date or the contract code";
    CLOSE_AGAINST_SETTLE = "close_against_settle", Warning,
        "a close further from the day's settlement than the daily limit",
        "compare the day with the exchange's settlement file";
    OPTION_BELOW_INTRINSIC = "option_below_intrinsic", Warning,
        "an option cheaper than its intrinsic value by more than 3 % of spot and carry, where the \
         underlying is in the same import",
        "the contract was adjusted for a dividend, or did not trade: do not imply a volatility from it";
    OPTION_ABOVE_BOUND = "option_above_bound", Warning,
        "a call dearer than its underlying, or a put dearer than its strike",
        "check the unit of the premium, the strike and the kind";
    IMPLIED_VOLATILITY_OUT_OF_RANGE = "implied_volatility_out_of_range", Warning,
        "an implied volatility below 0.01",
        "leave the cell empty when the volatility could not be implied";
    ACCUMULATED_BELOW_UNIT = "accumulated_below_unit", Warning,
        "an accumulated net asset value below the unit one",
        "the columns are exchanged, or the fund was split: use the adjusted value";
    NAV_JUMP = "nav_jump", Warning,
        "a net asset value that moves more than 20 % a day (times the root of the days between two \
         values), dividends counted",
        "look for a split, a dividend or a mistyped digit";
    INDEX_JUMP = "index_jump", Warning,
        "an index that moves more than 20 % a day since daily price limits exist",
        "compare the day with the publisher's own level";
    ANNOUNCED_BEFORE_PERIOD_END = "announced_before_period_end", Severe,
        "a report announced before its period ended: it would be known too early",
        "mend the announcement day; without it, do not use the row";
    NOT_QUARTER_END = "not_quarter_end", Warning,
        "a report whose period does not end on a quarter's last day",
        "check that the column holds the period, not the announcement day";
    DELISTED_BEFORE_LISTED = "delisted_before_listed", Severe,
        "a security that stops before it starts",
        "exchange or mend the two days";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_unique_snake_case_and_on_the_method_page() {
        let page = include_str!("../../../../docs/method/doctor.md");
        for (i, check) in CHECKS.iter().enumerate() {
            assert!(check.kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
            assert!(CHECKS[..i].iter().all(|other| other.kind != check.kind), "{}", check.kind);
            let row = format!("| `{}` | {} |", check.kind, check.severity);
            assert!(page.contains(&row), "docs/method/doctor.md lacks the row {row}");
        }
    }
}
