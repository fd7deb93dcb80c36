//! What may come: moves of the factors, as data.

use serde::{Deserialize, Serialize};
use shoals_core::number::{CALENDAR_DAYS_PER_YEAR, TRADING_DAYS_PER_YEAR};
use shoals_core::{Series, Text, TradingDay, day};
use shoals_product::attribution::short_volatility_factor;

use crate::FactorSet;

/// Moves of factors that may come, told by name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    /// Stable name.
    pub name: String,
    /// What it is.
    pub text: Text,
    /// Moves by factor; a factor that is not named stands still.
    pub moves: Vec<(String, FactorMove)>,
}

/// What one factor does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorMove {
    /// A return, simple decimal over the scenario.
    Return(f64),
    /// A return a day, simple decimals, from the scenario's first day on: exposures are put back each day, as those are that a
    /// regression of daily returns finds.
    Path(Vec<f64>),
    /// A return known by a middle and two ends, the milder and the worse.
    Range {
        /// Middle.
        middle: f64,
        /// Milder end.
        mild: f64,
        /// Worse end.
        severe: f64,
    },
    /// What a sold straddle does, revalued in full: for a factor that is the gain of selling volatility per notional.
    ShortStraddle(ShortStraddle),
}

/// A straddle sold at the money and hedged against its delta, then one day's move.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ShortStraddle {
    /// The move in standard deviations of a trading day at the implied volatility, negative is down.
    pub sigmas: f64,
    /// Implied volatility it is sold at, annualised decimal.
    pub volatility: f64,
    /// Implied volatility after the move.
    pub volatility_after: f64,
    /// Calendar days it has left when sold.
    pub n_days: u32,
}

impl ShortStraddle {
    /// The index's move, simple decimal: `exp(sigmas x volatility / sqrt(242)) - 1`.
    pub fn index_move(&self) -> f64 {
        (self.sigmas * self.volatility / TRADING_DAYS_PER_YEAR.sqrt()).exp_m1()
    }

    /// Gain per notional, usually negative: the factor's own formula over the one day.
    pub fn gain(&self) -> f64 {
        let days = vec![day(2024, 1, 3), day(2024, 1, 4)];
        let series =
            |name, values| Series::new(name, days.clone(), values).expect("two rising days");
        let index = series("index", vec![1.0, 1.0 + self.index_move()]);
        let volatility = series("volatility", vec![self.volatility, self.volatility_after]);
        short_volatility_factor(&index, &volatility, self.n_days).returns[0]
    }
}

/// Which of a range's returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Middle,
    Mild,
    Severe,
}

impl FactorMove {
    /// Days it takes.
    pub(super) fn n_steps(&self) -> usize {
        if let Self::Path(path) = self { path.len() } else { 1 }
    }

    /// Its return of a day; what has no path moves on the first.
    pub(super) fn at(&self, step: usize, end: End) -> f64 {
        match self {
            Self::Path(path) => path.get(step).copied().unwrap_or(0.0),
            _ if step > 0 => 0.0,
            Self::Return(x) => *x,
            Self::Range { middle, mild, severe } => match end {
                End::Middle => *middle,
                End::Mild => *mild,
                End::Severe => *severe,
            },
            Self::ShortStraddle(straddle) => straddle.gain(),
        }
    }
}

impl Scenario {
    /// Name of [`Scenario::crash`].
    pub const CRASH: &'static str = "five_sigma_day";
    /// Name of [`Scenario::replay`] over the winter of 2024.
    pub const WINTER_2024: &'static str = "winter_2024";

    /// One day five standard deviations down at today's implied volatility, which jumps by half: the index factor moves, the
    /// straddle is revalued, nothing else moves.
    ///
    /// `index_factor` and `straddle_factor` are names of the factor set; `volatility` is implied, annualised decimal.
    pub fn crash(index_factor: &str, straddle_factor: &str, volatility: f64, n_days: u32) -> Self {
        let straddle =
            ShortStraddle { sigmas: -5.0, volatility, volatility_after: 1.5 * volatility, n_days };
        let (fall, percent) = (-100.0 * straddle.index_move(), 100.0 * volatility);
        let years = f64::from(n_days) / CALENDAR_DAYS_PER_YEAR;
        let text = Text::new(
            format!(
                "一天下跌五个标准差（{fall:.1} %），隐含波动率由 {percent:.0} % 升至其 1.5 倍，平值跨式（{years:.2} 年）全额重估，其余因子不动"
            ),
            format!(
                "one day five standard deviations down ({fall:.1} %), implied volatility from {percent:.0} % to one and a half times \
                 that, the straddle at the money ({years:.2} years) revalued in full, all else still"
            ),
        );
        Self {
            name: Self::CRASH.to_owned(),
            text,
            moves: vec![
                (index_factor.to_owned(), FactorMove::Return(straddle.index_move())),
                (straddle_factor.to_owned(), FactorMove::ShortStraddle(straddle)),
            ],
        }
    }

    /// What every factor did after the close of `from` until that of `to`, day by day.
    ///
    /// A factor without a day in it stands still, one without a value on some day of it stands still that day. This is hindsight
    /// for any day before `to`.
    pub fn replay(
        name: impl Into<String>,
        text: Text,
        factors: &FactorSet,
        from: TradingDay,
        to: TradingDay,
    ) -> Self {
        let mut days: Vec<TradingDay> =
            factors.factors().iter().flat_map(|factor| factor.days.iter().copied()).collect();
        days.retain(|day| from < *day && *day <= to);
        days.sort_unstable();
        days.dedup();
        let moves = factors.factors().iter().filter_map(|factor| {
            let path: Vec<Option<f64>> = days.iter().map(|&day| factor.at(day)).collect();
            path.iter().any(Option::is_some).then(|| {
                let path = path.into_iter().map(Option::unwrap_or_default).collect();
                (factor.name.to_owned(), FactorMove::Path(path))
            })
        });
        Self { name: name.into(), text, moves: moves.collect() }
    }

    pub(super) fn of(&self, factor: &str) -> Option<&FactorMove> {
        self.moves.iter().find(|(name, _)| name == factor).map(|(_, by)| by)
    }
}

#[cfg(test)]
mod tests {
    use shoals_market::option::atm_straddle_value;

    use super::*;

    /// Closed forms at the ends: without a move and at the same volatility the seller gains the day's decay; at a fall so far
    /// that the put is worth its intrinsic value and the call nothing, he loses the fall less the premium, hedge aside.
    #[test]
    fn a_sold_straddle_is_revalued_in_full() {
        let still =
            ShortStraddle { sigmas: 0.0, volatility: 0.2, volatility_after: 0.2, n_days: 30 };
        let value = |n: f64| atm_straddle_value(1.0, 0.2, n / CALENDAR_DAYS_PER_YEAR, 0.0);
        assert!((still.gain() - (value(30.0) - value(29.0))).abs() < 1e-12);
        let far = ShortStraddle { sigmas: -60.0, ..still };
        let fall = far.index_move();
        let years = 30.0 / CALENDAR_DAYS_PER_YEAR;
        let delta = 2.0 * shoals_stats::normal::normal_cdf(0.1 * years.sqrt()) - 1.0;
        assert!((far.gain() - (value(30.0) + fall + delta * fall)).abs() < 1e-9, "{}", far.gain());
    }

    /// The straight line drawn from the gamma misses a good part of the loss, and a jump of volatility adds to it.
    #[test]
    fn five_sigma_and_a_jump_cost_more_than_five_sigma() {
        let Some(FactorMove::ShortStraddle(crash)) =
            Scenario::crash("market", "short_volatility", 0.18, 30).of("short_volatility").cloned()
        else {
            panic!("the crash sells a straddle")
        };
        let calm = ShortStraddle { volatility_after: crash.volatility, ..crash };
        assert!(crash.gain() < calm.gain() && calm.gain() < -0.02, "{crash:?} {}", crash.gain());
    }
}
