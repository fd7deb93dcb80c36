//! What was done to a NAV is found in it, and hardly ever in one to which nothing was done.

#![expect(clippy::print_stdout, reason = "the evidence is read, not only asserted")]

use shoals_core::{Calendar, TradingDay, day};
use shoals_fund::nav::{
    NavCheck, NavCheckKind, NavConfig, NavPart, PublishedNav, convention, examine, tables,
};

/// Normal draws by the sum of twelve uniforms of a splitmix64.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

fn days(n: usize) -> Vec<TradingDay> {
    let calendar = Calendar::shanghai();
    let mut days = vec![day(2020, 1, 2)];
    while days.len() < n {
        days.push(calendar.next(*days.last().expect("one")).expect("inside the calendar"));
    }
    days
}

/// A fund that earns `returns`, told to four decimals.
fn fund(days: &[TradingDay], returns: &[f64]) -> PublishedNav {
    let mut published = PublishedNav::new("fund");
    let mut worth = 1.0;
    for (&day, r) in days.iter().zip(returns) {
        worth *= 1.0 + r;
        published.push(day, [(worth * 1e4).round() / 1e4, f64::NAN, f64::NAN, f64::NAN]);
    }
    published
}

fn check(published: &PublishedNav, kind: NavCheckKind) -> NavCheck {
    *part(published).check(kind).expect("every check is made")
}

fn part(published: &PublishedNav) -> NavPart {
    examine(published, &NavConfig::default()).expect("a legal record")
}

fn honest(seed: u64, n: usize, drift: f64, sigma: f64) -> Vec<f64> {
    let mut noise = Noise(seed);
    (0..n).map(|_| drift + sigma * noise.normal()).collect()
}

/// Witness: nothing was done to these. At a significance of 1 % each, of 300 funds three are expected, nine are four
/// standard errors more.
#[test]
fn an_honest_fund_is_left_alone() {
    let days = days(750);
    for kind in [NavCheckKind::Stale, NavCheckKind::Smoothed, NavCheckKind::FeeStep] {
        let found = (0..300)
            .filter(|&seed| check(&fund(&days, &honest(seed, 750, 3e-4, 4e-3)), kind).is_found)
            .count();
        println!("{}: {found} of 300", kind.name());
        assert!(found <= 9, "{} {found}", kind.name());
    }
    let untouched = part(&fund(&days, &honest(1, 750, 3e-4, 4e-3)));
    for kind in [NavCheckKind::Missing, NavCheckKind::ClosedDay, NavCheckKind::MixedRhythm] {
        assert!(!untouched.check(kind).expect("made").is_found, "{}", kind.name());
    }
}

/// Witness: the value stood still for four days by our own doing, and from the day we say.
#[test]
fn values_that_stand_still_are_found() {
    let days = days(750);
    let mut returns = honest(7, 750, 3e-4, 4e-3);
    returns[400..404].fill(0.0);
    let stale = check(&fund(&days, &returns), NavCheckKind::Stale);
    assert!(stale.is_found && stale.count == 4 && stale.p_value < 1e-3, "{stale:?}");
    assert_eq!(stale.first, Some(days[400]));
    // A quiet fund on the same grid stands still by itself.
    let quiet = check(&fund(&days, &honest(7, 750, 1e-5, 3e-5)), NavCheckKind::Stale);
    assert!(!quiet.is_found && quiet.count > 4 && quiet.p_value.is_nan(), "{quiet:?}");
    // At two and a half decimals a day it is judged, and left alone.
    let calm = |seed| check(&fund(&days, &honest(seed, 750, 2e-5, 2.5e-4)), NavCheckKind::Stale);
    let judged: Vec<NavCheck> = (0..300).map(calm).collect();
    let found = judged.iter().filter(|c| c.is_found).count();
    println!("stale at a coarse grid: {found} of 300, expected share {:.3}", judged[0].expected);
    assert!(found <= 9 && judged.iter().all(|c| !c.p_value.is_nan()), "{found}");
}

/// Witness: Getmansky, Lo and Makarov: of returns reported as `s r + (1 - s) r before`, the first autocorrelation is
/// `s (1 - s) / (s^2 + (1 - s)^2)`, here 0.4615.
#[test]
fn smoothed_returns_are_found() {
    let days = days(750);
    let earned = honest(3, 751, 3e-4, 4e-3);
    let told: Vec<f64> = earned.windows(2).map(|w| 0.6 * w[1] + 0.4 * w[0]).collect();
    let smoothed = check(&fund(&days, &told), NavCheckKind::Smoothed);
    assert!(smoothed.is_found, "{smoothed:?}");
    assert!((smoothed.statistic - 0.4615).abs() < 4.0 * smoothed.error, "{smoothed:?}");
}

/// Witness: a fifth of each quarter's gain was taken on its last day; without the fee the same returns show no step.
#[test]
fn fee_steps_are_found_with_their_rhythm() {
    let days = days(1200);
    let plain = honest(11, 1200, 8e-4, 3e-3);
    let mut returns = plain.clone();
    let quarter = |day: TradingDay| day.year() * 4 + (day.month() as i32 - 1) / 3;
    let (mut worth, mut mark, mut taken) = (1.0, 1.0_f64, Vec::new());
    for t in 0..1200 {
        worth *= 1.0 + plain[t];
        if t + 1 < 1200 && quarter(days[t]) != quarter(days[t + 1]) && worth > mark {
            let fee = 0.2 * (worth - mark) / worth;
            returns[t] = (1.0 + plain[t]) * (1.0 - fee) - 1.0;
            worth *= 1.0 - fee;
            mark = worth;
            taken.push(fee);
        }
    }
    let step = check(&fund(&days, &returns), NavCheckKind::FeeStep);
    let mean = taken.iter().sum::<f64>() / taken.len() as f64;
    assert!(step.is_found && step.every_months == 3, "{step:?}");
    assert!((step.statistic + mean).abs() < 4.0 * step.error, "{step:?} {mean}");
    assert!(!check(&fund(&days, &plain), NavCheckKind::FeeStep).is_found);
}

/// Witness: counted by hand.
#[test]
fn gaps_closed_days_and_a_change_of_rhythm_are_counted() {
    let all = days(300);
    let returns = honest(5, 300, 3e-4, 4e-3);
    let without: Vec<TradingDay> = all
        .iter()
        .enumerate()
        .filter(|(t, _)| !matches!(t, 50 | 51 | 90))
        .map(|(_, d)| *d)
        .collect();
    let gaps = check(&fund(&without, &returns), NavCheckKind::Missing);
    assert!(gaps.is_found && gaps.count == 3 && gaps.first == Some(all[50]), "{gaps:?}");
    // A Saturday among the days.
    let mut closed = all.clone();
    closed.push(day(2020, 2, 29));
    closed.sort_unstable();
    let closed = check(&fund(&closed, &returns), NavCheckKind::ClosedDay);
    assert_eq!((closed.count, closed.first), (1, Some(day(2020, 2, 29))));
    // Fridays for a year, then daily.
    let mixed: Vec<TradingDay> =
        all.iter().filter(|d| d.year() > 2020 || d.weekday() == 4).copied().collect();
    assert!(check(&fund(&mixed, &returns), NavCheckKind::MixedRhythm).is_found);
    // A weekly fund that left out two weeks.
    let weekly: Vec<TradingDay> = all.iter().filter(|d| d.weekday() == 4).copied().collect();
    let weeks = |days: &[TradingDay]| check(&fund(days, &returns), NavCheckKind::Missing).count;
    let fewer = [&weekly[..20], &weekly[22..]].concat();
    assert_eq!(weeks(&fewer), weeks(&weekly) + 2);
}

/// Witness: the record cut at a day, examined alone.
#[test]
fn what_was_known_by_a_day_is_the_record_up_to_it() {
    let days = days(400);
    let whole = fund(&days, &honest(9, 400, 3e-4, 4e-3));
    let early = part(&whole.up_to(days[249]));
    let again = part(&fund(&days[..250], &honest(9, 400, 3e-4, 4e-3)));
    assert_eq!(format!("{early:?}"), format!("{again:?}"));
    assert_eq!(early.read.nav.values(), &part(&whole).read.nav.values()[..250]);
}

#[test]
fn tables_hold_every_fund_and_conventions_both_languages() {
    let days = days(100);
    let one = part(&fund(&days, &honest(1, 100, 3e-4, 4e-3)));
    let tables = tables(&[one.clone(), one]);
    let rows: Vec<(&str, usize)> = tables.iter().map(|t| (t.name(), t.n_rows())).collect();
    assert_eq!(rows, [("nav_record", 2), ("nav_event", 0), ("nav_check", 12)]);
    for (key, line) in convention(&NavConfig::default()) {
        assert!(!line.zh.is_empty() && !line.en.is_empty() && line.zh != line.en, "{key}");
    }
}
