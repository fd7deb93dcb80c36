//! Market rules as data: what was in force on a day, who says so, and how sure we are.
//!
//! A rule is always asked with a date. The tables are the TOML files beside this crate
//! (`rules/*.toml`); each row has a source and a status, and a user's file of the same shape adds rows
//! that win over built-in ones of the same key and day.
//!
//! ```
//! use shoals_core::{Board, Rules, day};
//!
//! let rules = Rules::builtin();
//! let limit = rules.price_limit(Board::Chinext, false, day(2020, 8, 21))?;
//! assert_eq!(limit.limit, 0.10);
//! assert_eq!(rules.price_limit(Board::Chinext, false, day(2020, 8, 24))?.limit, 0.20);
//! assert_eq!(rules.stamp_duty(day(2023, 8, 28))?.sell, 0.0005);
//! # Ok::<(), shoals_core::CoreError>(())
//! ```

mod tables;

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

pub use tables::{
    AbSwapOffer, Commission, FutureFee, FutureMargin, FutureTerms, Ipo, MarginTrading,
    OptionMargin, PriceLimit, Settlement, StampDuty, SwapTermsOffered,
};

use crate::{Board, CoreError, FutureProduct, TradingDay};

/// How sure we are of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Read in the notice itself or in two independent reports of it.
    Verified,
    /// Common knowledge, not re-read: a default to override when it matters.
    Recalled,
}

/// A row of a date-effective table.
trait InForce {
    const RULE: &'static str;
    fn from(&self) -> TradingDay;
}

/// Every rule table. A value of this type is always legal.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    price_limit: Vec<PriceLimit>,
    ipo: Vec<Ipo>,
    settlement: Vec<Settlement>,
    stamp_duty: Vec<StampDuty>,
    commission: Vec<Commission>,
    margin_trading: Vec<MarginTrading>,
    future_terms: Vec<FutureTerms>,
    future_margin: Vec<FutureMargin>,
    future_fee: Vec<FutureFee>,
    option_margin: Vec<OptionMargin>,
    swap_terms: Vec<SwapTermsOffered>,
    ab_swap: Vec<AbSwapOffer>,
}

impl Rules {
    /// The built-in tables.
    pub fn builtin() -> &'static Self {
        static BUILT_IN: OnceLock<Rules> = OnceLock::new();
        BUILT_IN.get_or_init(|| {
            [
                include_str!("../../rules/stock_trading.toml"),
                include_str!("../../rules/index_future.toml"),
                include_str!("../../rules/index_option.toml"),
                include_str!("../../rules/swap.toml"),
            ]
            .iter()
            .fold(Self::default(), |rules, file| {
                rules.overridden(file).expect("compiled in and tested")
            })
        })
    }

    /// These rules with the rows of a user's file added; at the same key and day the file's row wins.
    ///
    /// # Errors
    /// A misspelt key, a value out of its range or a row without source is refused with the reason.
    pub fn overridden(&self, toml_text: &str) -> Result<Self, CoreError> {
        let file: Self = toml::from_str(toml_text).map_err(|error| CoreError::RuleFile {
            reason: error.to_string().trim_end().to_owned(),
        })?;
        file.check()?;

        Ok(Self {
            price_limit: [&self.price_limit[..], &file.price_limit].concat(),
            ipo: [&self.ipo[..], &file.ipo].concat(),
            settlement: [&self.settlement[..], &file.settlement].concat(),
            stamp_duty: [&self.stamp_duty[..], &file.stamp_duty].concat(),
            commission: [&self.commission[..], &file.commission].concat(),
            margin_trading: [&self.margin_trading[..], &file.margin_trading].concat(),
            future_terms: [&self.future_terms[..], &file.future_terms].concat(),
            future_margin: [&self.future_margin[..], &file.future_margin].concat(),
            future_fee: [&self.future_fee[..], &file.future_fee].concat(),
            option_margin: [&self.option_margin[..], &file.option_margin].concat(),
            swap_terms: [&self.swap_terms[..], &file.swap_terms].concat(),
            ab_swap: [&self.ab_swap[..], &file.ab_swap].concat(),
        })
    }

    fn check(&self) -> Result<(), CoreError> {
        for (key, found) in self.ratios() {
            if !(0.0..=1.0).contains(&found) {
                return Err(illegal(key, found, "a decimal in [0, 1] (10% is written 0.10)"));
            }
        }
        for row in &self.future_terms {
            let steps =
                [("future_terms.multiplier", row.multiplier), ("future_terms.tick", row.tick)];
            for (key, found) in steps {
                if !(found > 0.0 && found.is_finite()) {
                    return Err(illegal(key, found, "a number above 0"));
                }
            }
        }
        let multiplier = self.option_margin.iter().map(|row| row.multiplier);
        if let Some(found) = multiplier.into_iter().find(|&m| !(m > 0.0 && m.is_finite())) {
            return Err(illegal("option_margin.multiplier", found, "a number above 0"));
        }
        let order = self.future_fee.iter().map(|row| row.order_cny);
        match order.into_iter().find(|&fee| !(fee >= 0.0 && fee.is_finite())) {
            Some(found) => Err(illegal("future_fee.order_cny", found, "CNY, at or above 0")),
            None => Ok(()),
        }
    }

    /// Every fraction of the tables, with its key.
    fn ratios(&self) -> Vec<(&'static str, f64)> {
        let mut all = Vec::new();
        macro_rules! add {
            ($($table:ident: $($field:ident)*;)*) => {$($(
                let rows = self.$table.iter();
                let key = concat!(stringify!($table), ".", stringify!($field));
                all.extend(rows.map(|row| (key, row.$field)));
            )*)*};
        }
        add! {
            price_limit: limit;
            ipo: first_day_down;
            stamp_duty: buy sell;
            commission: rate;
            margin_trading: financing_margin;
            future_terms: price_limit last_day_price_limit;
            future_margin: ratio;
            future_fee: open_or_close close_today delivery;
            option_margin: adjustment floor;
            swap_terms: initial_margin_ratio warning_ratio call_ratio liquidation_ratio financing_rate
                max_single_stock max_net_exposure min_long_short_correlation;
        }
        all
    }

    /// The daily price limit of a board.
    ///
    /// # Errors
    /// When `asked` is before the first rule of the board.
    pub fn price_limit(
        &self,
        board: Board,
        special_treatment: bool,
        asked: TradingDay,
    ) -> Result<&PriceLimit, CoreError> {
        in_force(&self.price_limit, asked, |row| {
            row.board == board && row.special_treatment == special_treatment
        })
    }

    /// What bounds the first days of a listing.
    ///
    /// # Errors
    /// When `asked` is before the first rule of the board.
    pub fn ipo(&self, board: Board, asked: TradingDay) -> Result<&Ipo, CoreError> {
        in_force(&self.ipo, asked, |row| row.board == board)
    }

    /// How soon bought shares may be sold.
    ///
    /// # Errors
    /// When `asked` is before the first rule.
    pub fn settlement(&self, asked: TradingDay) -> Result<&Settlement, CoreError> {
        in_force(&self.settlement, asked, |_| true)
    }

    /// Stamp duty on shares.
    ///
    /// # Errors
    /// When `asked` is before the first rule.
    pub fn stamp_duty(&self, asked: TradingDay) -> Result<&StampDuty, CoreError> {
        in_force(&self.stamp_duty, asked, |_| true)
    }

    /// Commission on shares.
    ///
    /// # Errors
    /// When `asked` is before the first rule.
    pub fn commission(&self, asked: TradingDay) -> Result<&Commission, CoreError> {
        in_force(&self.commission, asked, |_| true)
    }

    /// Margins of financing purchases and of short sales.
    ///
    /// # Errors
    /// When `asked` is before the first rule.
    pub fn margin_trading(&self, asked: TradingDay) -> Result<&MarginTrading, CoreError> {
        in_force(&self.margin_trading, asked, |_| true)
    }

    /// Multiplier, tick and price limits of an index future.
    ///
    /// # Errors
    /// When `asked` is before the product was listed.
    pub fn future_terms(
        &self,
        product: FutureProduct,
        asked: TradingDay,
    ) -> Result<&FutureTerms, CoreError> {
        in_force(&self.future_terms, asked, |row| row.product == product)
    }

    /// Exchange margin of an index future.
    ///
    /// # Errors
    /// When `asked` is before the product was listed.
    pub fn future_margin(
        &self,
        product: FutureProduct,
        asked: TradingDay,
    ) -> Result<&FutureMargin, CoreError> {
        in_force(&self.future_margin, asked, |row| row.product == product)
    }

    /// Exchange margin of a short index option, by the future on its index (IF for IO, IH for HO, IM for MO).
    ///
    /// # Errors
    /// When `asked` is before the options were listed, or the index has none.
    pub fn option_margin(
        &self,
        product: FutureProduct,
        asked: TradingDay,
    ) -> Result<&OptionMargin, CoreError> {
        in_force(&self.option_margin, asked, |row| row.product == product)
    }

    /// Exchange fees of index futures.
    ///
    /// # Errors
    /// When `asked` is before the first rule.
    pub fn future_fee(&self, asked: TradingDay) -> Result<&FutureFee, CoreError> {
        in_force(&self.future_fee, asked, |_| true)
    }

    /// Terms brokers offered for a DMA swap.
    ///
    /// # Errors
    /// When `asked` is before the first rule.
    pub fn swap_terms(&self, asked: TradingDay) -> Result<&SwapTermsOffered, CoreError> {
        in_force(&self.swap_terms, asked, |_| true)
    }

    /// Whether AB swaps (structured return swaps) may be newly offered.
    ///
    /// # Errors
    /// When `asked` is before the first rule.
    pub fn ab_swap(&self, asked: TradingDay) -> Result<&AbSwapOffer, CoreError> {
        in_force(&self.ab_swap, asked, |_| true)
    }
}

fn illegal(key: &str, found: f64, expected: &str) -> CoreError {
    CoreError::RuleFile { reason: format!("`{key}` is {found}, expected {expected}") }
}

/// The latest matching row that started by `asked`; of two that started the same day, the later one.
fn in_force<R: InForce>(
    rows: &[R],
    asked: TradingDay,
    matches: impl Fn(&R) -> bool,
) -> Result<&R, CoreError> {
    let matching = || rows.iter().filter(|row| matches(row));
    matching().filter(|row| row.from() <= asked).max_by_key(|row| row.from()).ok_or_else(|| {
        let first = matching().map(InForce::from).min().unwrap_or(asked);
        CoreError::RuleNotYet { rule: R::RULE, asked, first }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::day;

    /// Witness: the notices named in each row's source; METHODS A3 and E.
    #[test]
    fn rules_change_on_their_day() {
        let rules = Rules::builtin();
        let duty = |d| rules.stamp_duty(d).unwrap().sell;
        assert_eq!((duty(day(2023, 8, 25)), duty(day(2023, 8, 28))), (0.001, 0.0005));
        let close_today = |d| rules.future_fee(d).unwrap().close_today;
        assert_eq!(
            (close_today(day(2023, 3, 17)), close_today(day(2023, 3, 20))),
            (0.000_345, 0.000_23)
        );
        let short = |d| rules.margin_trading(d).unwrap().short_margin_private_fund;
        assert_eq!((short(day(2023, 10, 27)), short(day(2023, 10, 30))), (0.5, 1.0));
        let margin = |p| rules.future_margin(p, day(2024, 2, 5)).unwrap().ratio;
        assert_eq!(FutureProduct::ALL.map(margin), [0.12, 0.12, 0.14, 0.15]);
        let lot = |p| rules.future_terms(p, day(2024, 2, 5)).unwrap().multiplier;
        assert_eq!(FutureProduct::ALL.map(lot), [300.0, 300.0, 200.0, 200.0]);
        let option = |p| rules.option_margin(p, day(2024, 2, 5)).unwrap().adjustment;
        let listed = [FutureProduct::IF, FutureProduct::IM];
        assert_eq!(listed.map(option), [0.12, 0.15]);
        assert_eq!(rules.ipo(Board::Main, day(2023, 4, 7)).unwrap().first_day_up, 0.44);
        assert_eq!(rules.ipo(Board::Main, day(2023, 4, 10)).unwrap().free_days, 5);
        assert_eq!(rules.settlement(day(2024, 2, 5)).unwrap().sell_after_days, 1);
        assert_eq!(rules.price_limit(Board::Main, true, day(2024, 2, 5)).unwrap().limit, 0.05);
        assert_eq!(rules.swap_terms(day(2024, 2, 5)).unwrap().initial_margin_ratio, 0.25);
        assert_eq!(rules.swap_terms(day(2024, 2, 28)).unwrap().initial_margin_ratio, 1.0);
        assert!(rules.ab_swap(day(2021, 12, 2)).unwrap().may_be_offered);
        assert!(!rules.ab_swap(day(2021, 12, 3)).unwrap().may_be_offered);
        assert!(rules.commission(day(2024, 2, 5)).unwrap().rate < 0.001);
    }

    #[test]
    fn a_rule_asked_too_early_says_when_it_starts() {
        let error = Rules::builtin().future_terms(FutureProduct::IM, day(2022, 7, 21)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no `future_terms` rule is known for 2022-07-21; the first starts on 2022-07-22"
        );
    }

    #[test]
    fn a_users_row_wins_from_its_day_on() {
        let file = "[[future_margin]]\nfrom = 2022-07-22\nproduct = \"IM\"\nratio = 0.2\n\
                    source = \"our broker\"\nstatus = \"verified\"\n";
        let rules = Rules::builtin().overridden(file).unwrap();
        let row = rules.future_margin(FutureProduct::IM, day(2024, 2, 5)).unwrap();
        assert_eq!((row.ratio, row.source.as_str()), (0.2, "our broker"));
    }

    #[test]
    fn illegal_rule_files_are_refused() {
        let row = "[[commission]]\nfrom = 2020-01-01\nrate = RATE\nsource = \"x\"\nstatus = \"recalled\"\n";
        for (file, part) in [
            (row.replace("RATE", "25.0"), "commission.rate"),
            (row.replace("rate", "rte").replace("RATE", "0.1"), "rte"),
            (row.replace("RATE", "0.1").replace("source = \"x\"\n", ""), "source"),
            ("[[tax]]\n".to_owned(), "tax"),
            (
                "[[future_terms]]\nfrom = 2024-01-01\nproduct = \"IM\"\nmultiplier = 0\ntick = 0.2\n\
                 price_limit = 0.1\nlast_day_price_limit = 0.2\nsource = \"x\"\nstatus = \"recalled\"\n"
                    .to_owned(),
                "`future_terms.multiplier` is 0, expected a number above 0",
            ),
        ] {
            let error = Rules::builtin().overridden(&file).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
