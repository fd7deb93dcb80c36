//! What is odd about a NAV: stale and smoothed values, fee steps, gaps, closed days, a change of rhythm.

use serde::Serialize;
use shoals_core::{Calendar, Text, TradingDay};
use shoals_stats::moments::{mean, std};
use shoals_stats::normal::{normal_cdf, normal_density};
use shoals_stats::rank::average_ranks;

use super::published::half_units;
use super::{NavBasis, NavConfig, PublishedNav, TotalReturnNav};
use crate::{Frequency, Periods};

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NavCheckKind {
    /// A run of unchanged values longer than returns of this size would leave.
    Stale,
    /// Returns that carry on: today's is told tomorrow, too.
    Smoothed,
    /// Months, quarters or years that end lower than they should after a gain: a performance fee is taken from the NAV.
    FeeStep,
    /// Days, weeks or months without a value.
    Missing,
    /// Values on days the exchange was closed.
    ClosedDay,
    /// Daily and weekly values in one record.
    MixedRhythm,
}

impl NavCheckKind {
    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::Smoothed => "smoothed",
            Self::FeeStep => "fee_step",
            Self::Missing => "missing",
            Self::ClosedDay => "closed_day",
            Self::MixedRhythm => "mixed_rhythm",
        }
    }

    /// What it is, in words.
    pub fn words(self) -> Text {
        let (zh, en) = match self {
            Self::Stale => ("净值停滞", "stale values"),
            Self::Smoothed => ("收益平滑", "smoothed returns"),
            Self::FeeStep => ("业绩报酬台阶", "performance fee steps"),
            Self::Missing => ("缺失的净值", "missing values"),
            Self::ClosedDay => ("休市日净值", "values on closed days"),
            Self::MixedRhythm => ("日频与周频混杂", "daily and weekly values mixed"),
        };
        Text::new(zh, en)
    }
}

/// One thing looked for in one NAV.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NavCheck {
    /// What was looked for.
    pub kind: NavCheckKind,
    /// Whether it is there: the p-value is below the significance, or, where chance plays no part, anything was counted.
    pub is_found: bool,
    /// Length of the longest run, number of steps, of gaps, of closed days, of periods of the rarer rhythm.
    pub count: usize,
    /// Share of unchanged values; first autocorrelation; mean step, simple decimal; share of values missing, on closed days, of
    /// the rarer rhythm.
    pub statistic: f64,
    /// Its standard error; NaN where it has none.
    pub error: f64,
    /// What chance would give: the share of unchanged values, else zero.
    pub expected: f64,
    /// Chance of as much or more; NaN where chance plays no part or there are too few values.
    pub p_value: f64,
    /// First day concerned: of the longest run, the first step, gap or closed day.
    pub first: Option<TradingDay>,
    /// Periods a fee step comes in, months: 1, 3 or 12; zero otherwise.
    pub every_months: u32,
}

impl NavCheck {
    /// One that had too little to say anything.
    fn silent(kind: NavCheckKind) -> Self {
        Self {
            kind,
            is_found: false,
            count: 0,
            statistic: f64::NAN,
            error: f64::NAN,
            expected: 0.0,
            p_value: f64::NAN,
            first: None,
            every_months: 0,
        }
    }

    fn counted(kind: NavCheckKind, odd: &[TradingDay], of: usize) -> Self {
        Self {
            is_found: !odd.is_empty(),
            count: odd.len(),
            statistic: odd.len() as f64 / of.max(1) as f64,
            first: odd.first().copied(),
            ..Self::silent(kind)
        }
    }
}

/// Looks for everything.
pub(super) fn checks(
    published: &PublishedNav,
    nav: &TotalReturnNav,
    periods: &Periods,
    config: &NavConfig,
) -> Vec<NavCheck> {
    vec![
        stale(published, nav, config),
        smoothed(periods, config),
        fee_steps(periods, config),
        missing(nav.nav.days(), periods.frequency),
        closed(nav.nav.days()),
        mixed(nav.nav.days()),
    ]
}

/// Share of unchanged values beyond which the grid of decimals is too coarse for the returns: then a value that stands still
/// says nothing, and neighbours stand still together.
const COARSE: f64 = 0.2;

/// The longest run of unchanged values among those published.
///
/// Values on a grid of `g` repeat with probability `p = g phi(0) / (value x sigma)`, sigma the deviation of the returns that are
/// not zero; a run of `k` somewhere in `n` has a probability of at most `n p^k`. A money fund,
/// whose steps are smaller than its decimals, is not judged.
fn stale(published: &PublishedNav, nav: &TotalReturnNav, config: &NavConfig) -> NavCheck {
    let silent = NavCheck::silent(NavCheckKind::Stale);
    let column = match nav.main_basis() {
        NavBasis::Adjusted => &published.adjusted,
        NavBasis::Accumulated => &published.accumulated,
        _ => &published.unit,
    };
    let halves = half_units(column);
    let known: Vec<usize> = (0..column.len()).filter(|&t| !column[t].is_nan()).collect();
    let moves: Vec<f64> = known.windows(2).map(|w| column[w[1]] / column[w[0]] - 1.0).collect();
    let moving: Vec<f64> = moves.iter().copied().filter(|r| *r != 0.0).collect();
    let (Some(&last), Ok(sigma)) = (known.last(), std(&moving, 1)) else { return silent };
    if moves.len() < config.min_values || sigma == 0.0 {
        return silent;
    }
    let grid = 2.0 * halves[last] / column[last];
    let chance = (grid * normal_density(0.0) / sigma).min(1.0);
    let (mut run, mut longest, mut end) = (0, 0, 0);
    for (t, &r) in moves.iter().enumerate() {
        run = if r == 0.0 { run + 1 } else { 0 };
        if run > longest {
            (longest, end) = (run, t);
        }
    }
    let n = moves.len() as f64;
    let p_value = match longest {
        _ if chance > COARSE => f64::NAN,
        0 => 1.0,
        run => (n * chance.powi(run as i32)).min(1.0),
    };
    NavCheck {
        is_found: p_value < config.significance,
        count: longest,
        statistic: (moves.len() - moving.len()) as f64 / n,
        error: (chance * (1.0 - chance) / n).sqrt(),
        expected: chance,
        p_value,
        first: (longest > 0).then(|| published.days[known[end + 2 - longest]]),
        ..silent
    }
}

/// First autocorrelation with an error that holds under changing volatility (Lo and MacKinlay 1988), one-sided.
fn smoothed(periods: &Periods, config: &NavConfig) -> NavCheck {
    let silent = NavCheck::silent(NavCheckKind::Smoothed);
    let returns = &periods.returns;
    let Ok(centre) = mean(returns) else { return silent };
    if returns.len() < config.min_values {
        return silent;
    }
    let off: Vec<f64> = returns.iter().map(|r| r - centre).collect();
    let squares: f64 = off.iter().map(|x| x * x).sum();
    if squares <= f64::EPSILON {
        return silent;
    }
    let pairs = || off.windows(2);
    let rho = pairs().map(|w| w[0] * w[1]).sum::<f64>() / squares;
    let error = pairs().map(|w| (w[0] * w[1]).powi(2)).sum::<f64>().sqrt() / squares;
    let p_value = 1.0 - normal_cdf(rho / error);
    NavCheck {
        is_found: p_value < config.significance,
        count: returns.len(),
        statistic: rho,
        error,
        p_value,
        ..silent
    }
}

/// Steps a test of fees needs at least.
const FEWEST_STEPS: usize = 4;
/// Months, quarters and years are tried.
const SCHEDULES: [u32; 3] = [1, 3, 12];

/// The last period of months, quarters or years after a gain, ranked among the other periods (Wilcoxon), one-sided; the smallest of three
/// p-values, times three.
fn fee_steps(periods: &Periods, config: &NavConfig) -> NavCheck {
    let silent = NavCheck::silent(NavCheckKind::FeeStep);
    if periods.len() < config.min_values || periods.frequency == Frequency::Monthly {
        return silent;
    }
    let ranked = average_ranks(&periods.returns);
    let tried = SCHEDULES.into_iter().filter_map(|months| fee_step(periods, &ranked, months));
    let Some(best) = tried.min_by(|a, b| a.p_value.total_cmp(&b.p_value)) else { return silent };
    let p_value = (best.p_value * SCHEDULES.len() as f64).min(1.0);
    NavCheck { is_found: p_value < config.significance, p_value, ..best }
}

fn fee_step(periods: &Periods, ranked: &[f64], months: u32) -> Option<NavCheck> {
    let key = |day: TradingDay| day.year() * 12 + (day.month() as i32 - 1) / months as i32;
    let (mut worth, mut mark) = (1.0, 1.0);
    let (mut ends, mut n_others, mut sum_others, mut square_others) = (Vec::new(), 0.0, 0.0, 0.0);
    for t in 0..periods.len() {
        let r = periods.returns[t];
        // The next value closes the record's last stretch, which has not ended: it counts among the others.
        let is_end = periods.to.get(t + 1).is_some_and(|&next| key(next) != key(periods.to[t]));
        if is_end && worth > mark {
            ends.push(t);
        } else {
            n_others += 1.0;
            sum_others += r;
            square_others += r * r;
        }
        worth *= 1.0 + r;
        if is_end {
            mark = f64::max(mark, worth);
        }
    }
    let (m, n) = (ends.len() as f64, n_others + ends.len() as f64);
    if ends.len() < FEWEST_STEPS || n_others < FEWEST_STEPS as f64 {
        return None;
    }
    let sum: f64 = ends.iter().map(|&t| ranked[t]).sum();
    let deviation = (m * n_others * (n + 1.0) / 12.0).sqrt();
    let z = (sum + 0.5 - m * (n + 1.0) / 2.0) / deviation;
    let centre = sum_others / n_others;
    let spread = (square_others / n_others - centre * centre).max(0.0).sqrt();
    let step = ends.iter().map(|&t| periods.returns[t]).sum::<f64>() / m - centre;
    Some(NavCheck {
        count: ends.len(),
        statistic: step,
        error: spread * (1.0 / m + 1.0 / n_others).sqrt(),
        p_value: normal_cdf(z),
        first: Some(periods.to[ends[0]]),
        every_months: months,
        ..NavCheck::silent(NavCheckKind::FeeStep)
    })
}

/// Stretches of the fund's own rhythm that hold an open day and no value: days, weeks, months.
fn missing(days: &[TradingDay], frequency: Frequency) -> NavCheck {
    let kind = NavCheckKind::Missing;
    let (Some(&first), Some(&last)) = (days.first(), days.last()) else {
        return NavCheck::silent(kind);
    };
    let key: fn(TradingDay) -> i32 = match frequency {
        Frequency::Daily => TradingDay::epoch_days,
        // Weeks from Monday on: 1970-01-01 was a Thursday.
        Frequency::Weekly => |day| (day.epoch_days() + 3).div_euclid(7),
        Frequency::Monthly => |day| day.year() * 12 + day.month() as i32,
        Frequency::Irregular => return NavCheck::silent(kind),
    };
    let mut open: Vec<TradingDay> = Calendar::shanghai().days(first, last).to_vec();
    open.dedup_by_key(|day| key(*day));
    let is_gap =
        |day: &&TradingDay| days.binary_search_by_key(&key(**day), |known| key(*known)).is_err();
    let gaps: Vec<TradingDay> = open.iter().filter(is_gap).copied().collect();
    NavCheck::counted(kind, &gaps, open.len())
}

fn closed(days: &[TradingDay]) -> NavCheck {
    let calendar = Calendar::shanghai();
    let is_closed = |day: &&TradingDay| calendar.knows(**day) && !calendar.is_open(**day);
    let odd: Vec<TradingDay> = days.iter().filter(is_closed).copied().collect();
    NavCheck::counted(NavCheckKind::ClosedDay, &odd, days.len())
}

/// Calendar days between values of a daily and of a weekly record.
const DAILY_GAP: std::ops::RangeInclusive<i32> = 1..=4;
const WEEKLY_GAP: std::ops::RangeInclusive<i32> = 5..=10;
/// Share from which the rarer rhythm is more than holidays.
const MIXED_SHARE: f64 = 0.10;

fn mixed(days: &[TradingDay]) -> NavCheck {
    let kind = NavCheckKind::MixedRhythm;
    let of = |range: &std::ops::RangeInclusive<i32>| -> Vec<TradingDay> {
        let is_of = |w: &&[TradingDay]| range.contains(&w[0].calendar_days_until(w[1]));
        days.windows(2).filter(is_of).map(|w| w[1]).collect()
    };
    let [daily, weekly] = [of(&DAILY_GAP), of(&WEEKLY_GAP)];
    let rarer = if daily.len() < weekly.len() { &daily } else { &weekly };
    let check = NavCheck::counted(kind, rarer, daily.len() + weekly.len());
    NavCheck { is_found: check.statistic >= MIXED_SHARE, ..check }
}
