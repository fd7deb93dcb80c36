//! The population's truth is true: what a fund was given to hold can be read from its NAV.

mod world;

use shoals_core::{Seed, Symbol, Table, TradingDay};
use shoals_sample::{FundPopulation, MemberTruth};
use shoals_stats::regression::{Intercept, ols};
use world::{days, market, symbols};

fn population(n: usize) -> FundPopulation {
    market().fund_population(n, Seed::default()).unwrap()
}

/// Days and adjusted values of one fund.
fn nav(table: &Table, fund: Symbol) -> (Vec<TradingDay>, Vec<f64>) {
    let adjusted = table.numbers("adjusted_nav").unwrap();
    let of = symbols(table, "fund").iter().zip(days(table, "date")).zip(adjusted);
    of.filter(|((f, _), _)| **f == fund).map(|((_, day), nav)| (*day, *nav)).unzip()
}

/// Witness: the exposures drawn. Returns between reports are regressed on what is held, cash and bonds taken out as given,
/// over the periods in which what is held moved the fund by less than 3 % (within a week exposures compound, and a
/// regression is linear; choosing by regressors does not bias it). Each estimate lies within four and a half standard
/// errors and a hundredth of itself.
#[test]
fn exposures_can_be_recovered_by_regression() {
    let population = population(120);
    let factors = market().fund_factors();
    let path = &market().truth.path.days;
    let (mut n_tested, mut furthest) = (0, 0.0_f64);
    for member in &population.members {
        let fund = member.truth.fund;
        let held: Vec<_> = population.exposures.iter().filter(|e| e.fund == fund).collect();
        if member.truth.smoothing < 1.0 || member.crystallises || member.truth.noise == 0.0 {
            continue;
        }
        let (days, values) = nav(&population.nav, fund);
        let at: Vec<usize> = days.iter().map(|d| path.binary_search(d).unwrap()).collect();
        let over = |name: &str| -> Vec<f64> {
            let returns = &factors.iter().find(|f| f.0 == name).unwrap().1;
            at.windows(2).map(|w| returns[w[0] + 1..=w[1]].iter().sum()).collect()
        };
        let mut response: Vec<f64> = values.windows(2).map(|w| w[1] / w[0] - 1.0).collect();
        let mut sought = Vec::new();
        for exposure in held {
            let returns = over(exposure.factor);
            if matches!(exposure.factor, "bond" | "cash") {
                response.iter_mut().zip(&returns).for_each(|(y, x)| *y -= exposure.exposure * x);
            } else {
                sought.push((exposure, returns));
            }
        }
        let moved = |t: &usize| sought.iter().map(|(e, x)| e.exposure * x[*t]).sum::<f64>();
        let calm: Vec<usize> = (0..response.len()).filter(|t| moved(t).abs() < 0.03).collect();
        let of_calm = |x: &[f64]| calm.iter().map(|&t| x[t]).collect::<Vec<f64>>();
        let response = of_calm(&response);
        let columns: Vec<Vec<f64>> = sought.iter().map(|(_, x)| of_calm(x)).collect();
        let regressors: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let fit = ols(&response, &regressors, Intercept::Included).unwrap();
        for (i, (exposure, _)) in sought.iter().enumerate() {
            let (estimate, error) = (fit.coefficients[i + 1], fit.standard_errors[i + 1]);
            let off = (estimate - exposure.exposure).abs() - 0.01 * exposure.exposure.abs();
            furthest = furthest.max(off / error);
            assert!(
                off < 4.5 * error,
                "{} {} {estimate} +- {error}, truth {}",
                member.truth.kind,
                exposure.factor,
                exposure.exposure
            );
            n_tested += 1;
        }
    }
    eprintln!("{n_tested} exposures, the furthest {furthest:.2} standard errors off");
    assert!(n_tested > 120);
}

/// Witness: fund k alone.
#[test]
fn a_fund_is_the_same_whatever_the_number_drawn() {
    let (few, many) = (population(7), population(40));
    assert_eq!(few.members[..], many.members[..7]);
    for member in &few.members {
        assert_eq!(nav(&few.nav, member.truth.fund), nav(&many.nav, member.truth.fund));
    }
    let other = market().fund_population(7, Seed(1)).unwrap();
    assert_ne!(other.members, few.members);
    assert!(market().fund_population(0, Seed::default()).is_err());
}

/// Every kind is drawn, false fixed-income-plus in every size and more than one disguise, and none of it is in the market.
#[test]
fn the_population_holds_what_a_verdict_is_judged_on() {
    let population = population(500);
    let count = |of: fn(&MemberTruth) -> bool| population.members.iter().filter(|m| of(m)).count();
    for kind in [
        "true_fixed_income_plus",
        "fake_fixed_income_plus",
        "dma_1x",
        "dma_2x",
        "dma_3x",
        "dma_4x",
        "neutral",
        "neutral_without_size",
        "enhanced_300",
        "enhanced_500",
        "enhanced_1000",
        "smoothed",
        "long_large",
        "long_micro",
        "short_volatility",
        "money",
    ] {
        assert!(population.members.iter().any(|m| m.truth.kind == kind), "{kind}");
    }
    let disguised = count(|m| m.only_looks_like_fixed_income_plus);
    let honest = count(|m| m.truth.kind == "true_fixed_income_plus");
    eprintln!("{disguised} only look like fixed-income-plus, {honest} are");
    assert!(disguised > 80 && honest > 80);
    assert!(count(|m| m.only_looks_like_fixed_income_plus && m.small_caps == 0.0) > 10);
    assert!(count(|m| m.is_weekly) > 100 && count(|m| !m.is_weekly) > 100);
    let own = symbols(world::table("fund_nav"), "fund");
    assert!(population.members.iter().all(|m| !own.contains(&m.truth.fund)));
}

/// Witness: the noise and factors of each fund. A fund that takes its fee from the NAV ends below one of the same terms that
/// does not, and only by Decembers: every other return of it is what its exposures and noise make.
#[test]
fn a_performance_fee_is_a_step_in_december() {
    let population = population(300);
    let factors = market().fund_factors();
    let path = &market().truth.path.days;
    let fee = |m: &&MemberTruth| m.crystallises && m.truth.kind.starts_with("enhanced");
    let (mut n_steps, mut n_others) = (0, 0);
    for member in population.members.iter().filter(fee) {
        let fund = member.truth.fund;
        let (days, values) = nav(&population.nav, fund);
        let held: Vec<_> = population.exposures.iter().filter(|e| e.fund == fund).collect();
        for (i, w) in values.windows(2).enumerate() {
            let [from, to] = [i, i + 1].map(|k| path.binary_search(&days[k]).unwrap());
            let of = |name| &factors.iter().find(|f| f.0 == name).unwrap().1;
            let expected: f64 = (from + 1..=to)
                .map(|t| held.iter().map(|e| e.exposure * of(e.factor)[t]).sum::<f64>().ln_1p())
                .sum();
            let sigmas = (w[1] / w[0]).ln() - expected;
            let sigmas = sigmas / (member.truth.noise * ((to - from) as f64).sqrt());
            let is_end = days.get(i + 2).is_some_and(|d| d.year() != days[i + 1].year());
            if sigmas < -6.0 {
                assert!(is_end, "{fund} {} {sigmas}", days[i + 1]);
                n_steps += 1;
            } else {
                n_others += 1;
            }
        }
    }
    eprintln!("{n_steps} steps, {n_others} other returns");
    assert!(n_steps > 5);
}
