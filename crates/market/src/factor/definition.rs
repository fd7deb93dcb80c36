//! The usual factors of the A-share market, from the columns of a stock panel.
//!
//! Every factor is signed so that a higher value is the side that is said to pay: small, cheap,
//! quiet, hard to trade, little traded, fallen. All are known at the close of their day.
//! Source: Fama and French (1993); Ang, Hodrick, Xing and Zhang (2006); Amihud (2002); Jegadeesh
//! (1990); Liu, Stambaugh and Yuan (2019) for China.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use shoals_core::Panel;

use super::window::{LookBack, Sums, over_windows};
use crate::MarketError;

/// Traded value the Amihud factor counts in, CNY.
const AMIHUD_UNIT: f64 = 1e8;

/// Which shares make a company's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cap {
    /// All shares.
    #[default]
    Total,
    /// Free-float shares.
    FreeFloat,
}

impl Cap {
    /// The panel's column, CNY.
    pub const fn column(self) -> &'static str {
        match self {
            Self::Total => "total_market_cap",
            Self::FreeFloat => "free_float_market_cap",
        }
    }
}

/// One of the usual factors. Column names and units are those of `stock_daily` and
/// `stock_valuation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "factor", rename_all = "snake_case", deny_unknown_fields)]
pub enum Factor {
    /// `-ln(market cap)`: higher is smaller.
    Size {
        /// Total or free float.
        #[serde(default)]
        cap: Cap,
    },
    /// `1 / pb`: higher is cheaper; negative book value counts.
    BookToPrice,
    /// `1 / pe_ttm`: higher is cheaper; losses count as negative yields.
    EarningsYield,
    /// `-std` of daily returns (divisor n - 1): higher is quieter.
    LowVolatility {
        /// Days looked back.
        days: LookBack,
    },
    /// `-std` of what the market leaves unexplained (divisor n - 2), the market being the panel's
    /// cap-weighted return.
    LowIdiosyncraticVolatility {
        /// Days looked back.
        days: LookBack,
    },
    /// Amihud's mean of `|return| / amount`, a decimal per CNY 100 million: higher is harder to trade.
    Illiquidity {
        /// Days looked back.
        days: LookBack,
    },
    /// `-mean(volume / free_float_shares)`: higher is less traded.
    LowTurnover {
        /// Days looked back.
        days: LookBack,
    },
    /// `-(compounded return)`: higher has fallen more.
    Reversal {
        /// Days looked back.
        days: LookBack,
    },
}

impl Factor {
    /// The factor of every stock and day, day-major.
    ///
    /// A daily return is `close / pre_close - 1`, `pre_close` being the ex-right reference. Missing: a
    /// day without trading (no `amount`) is no observation of return or turnover; look-backs need two
    /// thirds of their days; a cap or ratio that is missing or zero gives NaN.
    ///
    /// # Errors
    /// A panel without the columns the factor needs.
    pub fn compute(self, panel: &Panel) -> Result<Vec<f64>, MarketError> {
        match self {
            Self::Size { cap } => map(panel, cap.column(), |cap| -cap.ln()),
            Self::BookToPrice => map(panel, "pb", f64::recip),
            Self::EarningsYield => map(panel, "pe_ttm", f64::recip),
            Self::LowVolatility { days } => low_volatility(panel, days),
            Self::LowIdiosyncraticVolatility { days } => low_idiosyncratic_volatility(panel, days),
            Self::Illiquidity { days } => illiquidity(panel, days),
            Self::LowTurnover { days } => low_turnover(panel, days),
            Self::Reversal { days } => reversal(panel, days),
        }
    }
}

/// Daily simple returns of days with trading, day-major: `close / pre_close - 1`.
///
/// # Errors
/// A panel without `close`, `pre_close` or `amount`.
pub fn traded_returns(panel: &Panel) -> Result<Vec<f64>, MarketError> {
    let (close, before) = (panel.column("close")?, panel.column("pre_close")?);
    let amount = panel.column("amount")?;
    let value = |((close, before), amount): ((&f64, &f64), &f64)| {
        if *amount > 0.0 && *before > 0.0 { close / before - 1.0 } else { f64::NAN }
    };
    Ok(close.par_iter().zip(before).zip(amount).map(value).collect())
}

/// The panel's return each day, weighted by total market cap before it; NaN where there is none.
///
/// # Errors
/// As [`traded_returns`], or without `total_market_cap`.
pub fn market_return(panel: &Panel) -> Result<Vec<f64>, MarketError> {
    let (returns, cap) = (traded_returns(panel)?, panel.column(Cap::Total.column())?);
    let n = panel.n_symbols();
    let value = |(returns, cap): (&[f64], &[f64])| {
        let (mut before, mut after) = (0.0, 0.0);
        for (r, cap) in returns.iter().zip(cap).filter(|(r, cap)| !r.is_nan() && !cap.is_nan()) {
            before += cap / (1.0 + r);
            after += cap;
        }
        after / before - 1.0
    };
    Ok(returns.par_chunks(n.max(1)).zip(cap.par_chunks(n.max(1))).map(value).collect())
}

fn map(
    panel: &Panel,
    column: &str,
    value: impl Fn(f64) -> f64 + Sync,
) -> Result<Vec<f64>, MarketError> {
    let finite = |&x: &f64| Some(value(x)).filter(|y| y.is_finite()).unwrap_or(f64::NAN);
    Ok(panel.column(column)?.par_iter().map(finite).collect())
}

fn windows<const K: usize>(
    panel: &Panel,
    days: LookBack,
    terms: impl Fn(usize) -> Option<[f64; K]> + Sync,
    finish: impl Fn(Sums<K>) -> f64 + Sync,
) -> Vec<f64> {
    over_windows(panel.n_symbols(), panel.n_days(), days, terms, finish)
}

/// Sum of squares about the mean, from `sum x y`, `sum x`, `sum y`.
fn centred(n: f64, product: f64, x: f64, y: f64) -> f64 {
    product - x * y / n
}

fn low_volatility(panel: &Panel, days: LookBack) -> Result<Vec<f64>, MarketError> {
    let returns = traded_returns(panel)?;
    let terms = |row: usize| observed(returns[row]).map(|r| [r, r * r]);
    Ok(windows(panel, days, terms, |Sums { n, of: [sum, squares] }| {
        -(centred(n, squares, sum, sum).max(0.0) / (n - 1.0)).sqrt()
    }))
}

fn low_idiosyncratic_volatility(panel: &Panel, days: LookBack) -> Result<Vec<f64>, MarketError> {
    let (returns, market) = (traded_returns(panel)?, market_return(panel)?);
    let n_stocks = panel.n_symbols();
    let terms = |row: usize| {
        let (r, m) = (observed(returns[row])?, observed(market[row / n_stocks])?);
        Some([r, m, r * r, m * m, r * m])
    };
    Ok(windows(panel, days, terms, |Sums { n, of: [r, m, rr, mm, rm] }| {
        let slope = centred(n, rm, r, m) / centred(n, mm, m, m);
        let unexplained = centred(n, rr, r, r) - slope * centred(n, rm, r, m);
        -(unexplained.max(0.0) / (n - 2.0)).sqrt()
    }))
}

fn illiquidity(panel: &Panel, days: LookBack) -> Result<Vec<f64>, MarketError> {
    let (returns, amount) = (traded_returns(panel)?, panel.column("amount")?);
    let terms = |row: usize| observed(returns[row]).map(|r| [r.abs() / amount[row] * AMIHUD_UNIT]);
    Ok(windows(panel, days, terms, |sums| sums.of[0] / sums.n))
}

fn low_turnover(panel: &Panel, days: LookBack) -> Result<Vec<f64>, MarketError> {
    let (volume, shares) = (panel.column("volume")?, panel.column("free_float_shares")?);
    let terms = |row: usize| {
        let is_traded = volume[row] > 0.0 && shares[row] > 0.0;
        is_traded.then(|| [volume[row] / shares[row]])
    };
    Ok(windows(panel, days, terms, |sums| -sums.of[0] / sums.n))
}

fn reversal(panel: &Panel, days: LookBack) -> Result<Vec<f64>, MarketError> {
    let returns = traded_returns(panel)?;
    let terms = |row: usize| observed(returns[row]).map(|r| [r.ln_1p()]);
    Ok(windows(panel, days, terms, |sums| -sums.of[0].exp_m1()))
}

fn observed(x: f64) -> Option<f64> {
    (!x.is_nan()).then_some(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::{Symbol, day};

    /// Two stocks on four days; the second does not trade on the third.
    fn panel() -> Panel {
        let days = (2..6).map(|d| day(2024, 1, d)).collect();
        let symbols = vec![Symbol::literal("600519.SH"), Symbol::literal("000002.SZ")];
        let columns: [(&str, [f64; 8]); 8] = [
            ("close", [11.0, 20.0, 9.9, 22.0, 9.9, 22.0, 10.89, 11.0]),
            ("pre_close", [10.0, 20.0, 11.0, 20.0, 9.9, 22.0, 9.9, 22.0]),
            ("amount", [1e8, 2e8, 1e8, 1e8, 1e8, 0.0, 2e8, 1e8]),
            ("volume", [1e6, 2e6, 3e6, 4e6, 5e6, 0.0, 7e6, 8e6]),
            ("free_float_shares", [1e8; 8]),
            ("total_market_cap", [100.0, 300.0, 90.0, 330.0, 90.0, 330.0, 99.0, 165.0]),
            ("pb", [0.5, 2.0, -4.0, 0.0, f64::NAN, 1.0, 1.0, 1.0]),
            ("pe_ttm", [-10.0, 20.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]),
        ];
        let empty = Panel::new(days, symbols).unwrap();
        columns
            .into_iter()
            .fold(empty, |panel, (name, values)| panel.with_column(name, values.to_vec()).unwrap())
    }

    fn check(factor: Factor, expected: [f64; 8]) {
        let ours = factor.compute(&panel()).unwrap();
        for (row, (ours, by_hand)) in ours.iter().zip(expected).enumerate() {
            let is_same = (ours - by_hand).abs() < 1e-12 || (ours.is_nan() && by_hand.is_nan());
            assert!(is_same, "{factor:?} row {row}: {ours}, by hand {by_hand}");
        }
    }

    const NONE: f64 = f64::NAN;

    /// By hand: the first stock returns +10, -10, 0, +10 %, the second 0, +10 %, nothing, -50 %.
    #[test]
    fn each_factor_is_what_one_works_out_by_hand() {
        let days = LookBack::new(2).unwrap();
        let pair = |a: f64, b: f64| -(a - b).abs() / 2f64.sqrt();
        check(Factor::BookToPrice, [2.0, 0.5, -0.25, NONE, NONE, 1.0, 1.0, 1.0]);
        check(Factor::EarningsYield, [-0.1, 0.05, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        let volatility = [
            NONE,
            NONE,
            pair(0.1, -0.1),
            pair(0.0, 0.1),
            pair(-0.1, 0.0),
            NONE,
            pair(0.0, 0.1),
            NONE,
        ];
        check(Factor::LowVolatility { days }, volatility);
        let reversal = [NONE, NONE, 0.01, -0.1, 0.1, NONE, -0.1, NONE];
        check(Factor::Reversal { days }, reversal);
        let amihud = [NONE, NONE, 0.1, 0.05, 0.05, NONE, 0.025, NONE];
        check(Factor::Illiquidity { days }, amihud);
        let turnover = [NONE, NONE, -0.02, -0.03, -0.04, NONE, -0.06, NONE];
        check(Factor::LowTurnover { days }, turnover);
        let size = Factor::Size { cap: Cap::Total }.compute(&panel()).unwrap();
        assert!((size[1] + 300f64.ln()).abs() < 1e-15);
        assert!(Factor::Size { cap: Cap::FreeFloat }.compute(&panel()).is_err());
    }

    /// By hand: before the day 90.909 and 300 were worth, after it 100 and 300; on the third day only
    /// the first stock trades.
    #[test]
    fn the_market_is_weighted_by_the_caps_before() {
        let market = market_return(&panel()).unwrap();
        assert!((market[0] - (400.0 / (100.0 / 1.1 + 300.0) - 1.0)).abs() < 1e-15);
        assert!(market[2].abs() < 1e-15);
    }

    /// A stock that is the market three times over plus a drift has no noise of its own.
    #[test]
    fn what_the_market_explains_is_not_idiosyncratic() {
        let days: Vec<_> = (1..=20).map(|d| day(2024, 5, d)).collect();
        let n = days.len();
        let symbols = vec![Symbol::literal("600519.SH"), Symbol::literal("000002.SZ")];
        let big = |t: usize| 0.02 * (t as f64).sin();
        let close: Vec<f64> = (0..n).flat_map(|t| [1.0 + big(t), 1.001 + 3.0 * big(t)]).collect();
        // The second company weighs nothing, so the first one is the market.
        let cap: Vec<f64> = (0..n).flat_map(|_| [1.0, 0.0]).collect();
        let panel = Panel::new(days, symbols).unwrap();
        let panel = panel.with_column("close", close).unwrap();
        let panel = panel.with_column("pre_close", vec![1.0; 2 * n]).unwrap();
        let panel = panel.with_column("amount", vec![1e8; 2 * n]).unwrap();
        let panel = panel.with_column("total_market_cap", cap).unwrap();
        let days = LookBack::new(12).unwrap();
        let noise = Factor::LowIdiosyncraticVolatility { days }.compute(&panel).unwrap();
        let whole = Factor::LowVolatility { days }.compute(&panel).unwrap();
        assert!(noise[2 * n - 1].abs() < 1e-8, "{}", noise[2 * n - 1]);
        assert!(whole[2 * n - 1] < -0.03);
    }

    #[test]
    fn factors_are_written_in_the_fields_words() {
        let read = |text: &str| serde_json::from_str::<Factor>(text);
        let days = LookBack::new(60).unwrap();
        let written = r#"{"factor":"low_volatility","days":60}"#;
        assert_eq!(read(written).unwrap(), Factor::LowVolatility { days });
        assert_eq!(serde_json::to_string(&Factor::LowVolatility { days }).unwrap(), written);
        assert!(read(r#"{"factor":"low_volatility","days":0}"#).is_err());
        assert!(read(r#"{"factor":"low_volatility","day":60}"#).is_err());
    }
}
