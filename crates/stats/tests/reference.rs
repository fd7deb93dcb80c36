//! Numbers that independent programs give on public series (`SHOALS_DATA/oracles`).

use std::path::PathBuf;

use shoals_core::Seed;
use shoals_stats::absorption::{absorption_ratio, mean_pairwise_correlation};
use shoals_stats::benchmark::{self, Side};
use shoals_stats::bootstrap::{Scheme, automatic_block_length};
use shoals_stats::breaks::{
    BreakSearch, Noise, mean_break, mean_breaks, ols_cusum, recursive_cusum,
};
use shoals_stats::co_moment::{Line, co_moment_beta, co_skewness, sided_beta};
use shoals_stats::counter_normal::counter_normal;
use shoals_stats::hac::{SmallSample, newey_west, newey_west_mean};
use shoals_stats::manipulation::manipulation_proof;
use shoals_stats::performance::{self, Performance};
use shoals_stats::regime::fit_autoregression;
use shoals_stats::regression::{Intercept, ols};
use shoals_stats::rolling::{Window, rolling_max_drawdown, rolling_sharpe};
use shoals_stats::significance::{Shape, probabilistic_sharpe};
use shoals_stats::smoothing::{geltner, smoothing};
use shoals_stats::warp::warped_distance;
use shoals_stats::{drawdown, moments, tail};

/// An oracle file's text, or `None` with a line that says the test skipped.
#[expect(clippy::disallowed_methods, reason = "a test reads its oracle")]
fn oracle(name: &str) -> Option<String> {
    let Some(folder) = std::env::var_os("SHOALS_DATA") else {
        eprintln!("skipped: SHOALS_DATA is not set, so {name} cannot be read");
        return None;
    };
    let path = PathBuf::from(folder).join("oracles").join(name);
    Some(std::fs::read_to_string(path).expect("the oracle folder holds this file"))
}

/// A column of a comma-separated text; `NA` and empty cells are NaN.
fn column(text: &str, name: &str) -> Vec<f64> {
    let unquoted = text.replace('"', "");
    let mut lines = unquoted.lines();
    let header = lines.next().expect("a header");
    let i = header.split(',').position(|cell| cell == name).expect("the column");
    lines.map(|line| line.split(',').nth(i).unwrap().parse().unwrap_or(f64::NAN)).collect()
}

fn check(measure: &str, ours: f64, theirs: f64, tolerance: f64) {
    assert!((ours - theirs).abs() <= tolerance, "{measure}: ours {ours:.12}, theirs {theirs:.12}");
}

/// Witness: `PerformanceAnalytics` on HAM1 of its `managers` series, 132 months from 1996-01.
#[test]
fn ham1_agrees_with_performance_analytics() {
    let Some(text) = oracle("pa_managers.csv") else { return };
    let ham1 = column(&text, "HAM1");
    let record = Performance::of(&ham1, 12.0).unwrap();
    #[rustfmt::skip]
    let rows = [
        ("annualised return",  record.annualised_return,                              0.137_532_010_8,   5e-11),
        ("volatility",         record.volatility,                                     0.088_780_796_26,  5e-12),
        ("sharpe",             record.sharpe,                                         1.503_396_375,     5e-10),
        ("skewness",           record.skewness,                                      -0.658_844_491_5,   5e-11),
        ("excess kurtosis",    record.excess_kurtosis,                                2.361_588_759_8,   5e-11),
        ("max drawdown",       record.max_drawdown,                                  -0.1518,            5e-5),
        ("calmar",             record.calmar,                                         0.906_169_717_1,   5e-11),
        ("value at risk",      tail::value_at_risk(&ham1, 0.05).unwrap(),            -0.025_82,          5e-6),
        ("sortino, a month",   performance::sortino_ratio(&ham1, 0.0, 1.0).unwrap(),  0.764_933_403_9,   5e-11),
        ("downside deviation", performance::downside_deviation(&ham1, 0.0).unwrap(),  0.014_540_778_6,   5e-11),
        ("omega",              performance::omega_ratio(&ham1, 0.0).unwrap(),         3.190_689_346,     5e-10),
        ("ulcer index",        drawdown::ulcer_index(&ham1).unwrap(),                 0.036_292_485_25,  5e-12),
        ("pain index",         drawdown::pain_index(&ham1).unwrap(),                  0.016_066_642_17,  5e-12),
    ];
    for (measure, ours, theirs, tolerance) in rows {
        check(measure, ours, theirs, tolerance);
    }
}

/// Witness: `PerformanceAnalytics` (betas, the probability that the ratio exceeds 0.23) and empyrical-reloaded 0.7.1 (the rest, run on
/// the same file) on HAM1 beside the S&P 500, above three-month bills where betas and alpha are meant.
#[test]
fn ham1_beside_its_benchmark_agrees_with_two_programs() {
    let Some(text) = oracle("pa_managers.csv") else { return };
    let [ham1, market, bills] = ["HAM1", "SP500.TR", "US.3m.TR"].map(|name| column(&text, name));
    let above = |x: &[f64]| -> Vec<f64> { x.iter().zip(&bills).map(|(r, f)| r - f).collect() };
    let (fund, index) = (above(&ham1), above(&market));
    let year = Window::full(12).unwrap();
    let falls = rolling_max_drawdown(&ham1, year).unwrap();
    let ratios = rolling_sharpe(&ham1, year, 12.0).unwrap();
    let sum = |x: &[f64]| x.iter().filter(|x| !x.is_nan()).sum::<f64>();
    let ratio = benchmark::information_ratio(&ham1, &market, 1.0).unwrap();
    // `ProbSharpeRatio` takes the kurtosis as a normal's unless told otherwise; ours, with 5.36, is 0.97206.
    let their_shape = Shape { skewness: moments::skewness(&ham1).unwrap(), kurtosis: 3.0 };
    let monthly = performance::sharpe_ratio(&ham1, 1.0).unwrap();
    check("our PSR", probabilistic_sharpe(&ham1, 0.23).unwrap(), 0.972_056_065_857, 1e-12);
    #[rustfmt::skip]
    let rows = [
        ("beta",          benchmark::beta(&fund, &index).unwrap(),                        0.390_071_248_4,       5e-11),
        ("bull beta",     benchmark::beta_when(&fund, &index, Side::Up).unwrap(),         0.300_546_080_9,       5e-11),
        ("bear beta",     benchmark::beta_when(&fund, &index, Side::Down).unwrap(),       0.426_421_499,         5e-10),
        ("PSR",           their_shape.probability_above(monthly, 0.23, 132),               0.976_563_299_8,       5e-11),
        ("alpha",         benchmark::alpha(&fund, &index, 12.0).unwrap(),                 0.071_540_601_385_293, 1e-12),
        ("up capture",    benchmark::capture(&ham1, &market, Side::Up, 12.0).unwrap(),    0.592_306_176_571_384, 1e-12),
        ("down capture",  benchmark::capture(&ham1, &market, Side::Down, 12.0).unwrap(),  0.249_996_240_683_087, 1e-12),
        ("information",   ratio,                                                          0.075_222_120_354_859, 1e-12),
        ("tail ratio",    tail::tail_ratio(&ham1, 0.05).unwrap(),                         2.058_869_093_725_792, 1e-12),
        ("stability",     performance::stability(&ham1).unwrap(),                         0.979_869_611_634_376, 1e-12),
        ("first fall",    falls[11],                                                     -0.028_436_844_045_624, 1e-12),
        ("rolling falls", sum(&falls),                                                   -5.554_142_096_529_115, 1e-11),
        ("first ratio",   ratios[11],                                                     2.230_288_451_593_118, 1e-11),
        ("rolling ratio", sum(&ratios),                                                   236.455_610_719_293,   1e-9),
    ];
    for (measure, ours, theirs, tolerance) in rows {
        check(measure, ours, theirs, tolerance);
    }
}

/// Witness: `PerformanceAnalytics` on HAM1, its S&P 500 and three-month bill: betas of returns over the bill, split at
/// zero; the rest on returns as they are. And an independent script's downside betas, co-skewness and MPPM.
#[test]
fn what_ham1_hides_agrees_with_its_oracles() {
    let Some(text) = oracle("pa_managers.csv") else { return };
    let [ham1, market, bill] = ["HAM1", "SP500.TR", "US.3m.TR"].map(|name| column(&text, name));
    let over = |x: &[f64]| x.iter().zip(&bill).map(|(x, f)| x - f).collect::<Vec<f64>>();
    let excess = sided_beta(&over(&ham1), &over(&market), Line::Zero).unwrap();
    let plain = |line| sided_beta(&ham1, &market, line).unwrap().down.value;
    let bent = tail::cornish_fisher(&ham1, 0.05).unwrap();
    let first = geltner(&ham1).unwrap();
    #[rustfmt::skip]
    let rows = [
        ("beta",               excess.beta.value,                              0.390_071_248_4,       5e-11),
        ("bull beta",          excess.up.value,                                0.300_546_080_9,       5e-11),
        ("bear beta",          excess.down.value,                              0.426_421_499,         5e-10),
        ("BetaCoSkew",         co_moment_beta(&ham1, &market, 3).unwrap(),     0.560_196_991_7,       5e-11),
        ("bent VaR",           bent.value_at_risk,                            -0.034_229_548_15,      5e-12),
        ("modified ES",        bent.expected_shortfall,                       -0.060_974_554_06,      5e-12),
        ("geltner 1",          first[0],                                       0.022_073_984_853,     5e-13),
        ("geltner 2",          first[1],                                       0.014_614_189_711,     5e-13),
        ("geltner 3",          first[2],                                      -0.014_834_456_083,     5e-13),
        ("geltner 4",          first[3],                                       0.011_492_903_113,     5e-13),
        ("geltner 5",          first[4],                                      -0.006_580_741_665,     5e-13),
        ("down beta, mean",    plain(Line::Mean),                              0.443_320_204_949_787_2, 1e-12),
        ("down beta, zero",    plain(Line::Zero),                              0.425_733_391_320_315,   1e-12),
        ("co-skewness",        co_skewness(&ham1, &market).unwrap().value,    -0.211_012_691_190_928_4, 1e-12),
        ("mppm, rho 3",        mppm(&ham1, &bill, 3.0),                        0.082_319_430_050_137_46, 1e-12),
        ("mppm, rho 2",        mppm(&ham1, &bill, 2.0),                        0.086_297_229_611_037_78, 1e-12),
    ];
    for (measure, ours, theirs, tolerance) in rows {
        check(measure, ours, theirs, tolerance);
    }
    assert!(bent.is_monotone);
}

fn mppm(returns: &[f64], risk_free: &[f64], rho: f64) -> f64 {
    manipulation_proof(returns, risk_free, rho, 12.0).unwrap().value
}

/// Witness: an independent script's MPPM of every EDHEC index, rho 3, no riskless rate.
#[test]
fn the_edhec_indices_have_their_manipulation_proof_measure() {
    let (Some(text), Some(misc)) = (oracle("pa_edhec.csv"), oracle("misc_oracles.json")) else {
        return;
    };
    let misc: serde_json::Value = serde_json::from_str(&misc).unwrap();
    for (name, theirs) in misc["mppm_edhec_rho3_rf0"].as_object().unwrap() {
        let returns = column(&text, name);
        let ours = mppm(&returns, &vec![0.0; returns.len()], 3.0);
        check(name, ours, theirs.as_f64().unwrap(), 1e-12);
    }
}

/// Witness: the closed forms of Getmansky, Lo and Makarov (2004): long samples told by their three profiles, fitted, give back
/// thetas, xi and the Sharpe ratio's inflation, within four of their own standard errors.
#[test]
fn the_profiles_of_getmansky_lo_makarov_are_recovered() {
    let Some(text) = oracle("analytic_oracles.json") else { return };
    let theirs: serde_json::Value = serde_json::from_str(&text).unwrap();
    for (name, row) in theirs["glm2004"].as_object().unwrap() {
        let theta: Vec<f64> =
            row["theta"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
        let n = 20_000;
        let earned: Vec<f64> = (0..n + 2).map(|i| 0.01 * counter_normal(11, i)).collect();
        let told: Vec<f64> = earned
            .windows(3)
            .map(|w| theta[0] * w[2] + theta[1] * w[1] + theta[2] * w[0])
            .collect();
        let fit = smoothing(&told, 2).unwrap();
        for (i, theta) in theta.iter().enumerate() {
            check(name, fit.theta[i], *theta, 4.0 * fit.theta_error[i] + 5e-5);
        }
        check(name, fit.xi, row["xi"].as_f64().unwrap(), 4.0 * fit.xi_error + 5e-5);
        let inflation = row["sharpe_inflation"].as_f64().unwrap();
        // The straight line is the edge of what can be inverted: its errors are zero there, its thetas have four digits.
        let error = 2.0 * inflation * fit.xi_error / fit.xi;
        check(name, fit.xi.sqrt().recip(), inflation, error + 5e-5);
        check(name, fit.true_deviation, 0.01, 0.01 * 0.05);
    }
}

/// Witness: the five deepest drawdowns `PerformanceAnalytics` lists for HAM1, the first with dates.
#[test]
fn the_drawdowns_of_ham1_are_those_listed() {
    let Some(text) = oracle("pa_managers.csv") else { return };
    let months: Vec<String> = text.lines().skip(1).map(|line| line[..7].to_owned()).collect();
    let mut falls = drawdown::episodes(&drawdown::drawdowns(&column(&text, "HAM1")).unwrap());
    falls.sort_by(|a, b| a.depth.total_cmp(&b.depth));
    for (fall, printed) in falls.iter().zip([-0.1518, -0.1239, -0.0412, -0.0312, -0.0284]) {
        check("drawdown", fall.depth, printed, 5e-5);
    }
    let deepest = falls[0];
    let dates = [deepest.start, deepest.trough, deepest.recovery.unwrap()].map(|i| &*months[i]);
    assert_eq!(dates, ["2002-02", "2003-02", "2003-07"]);
}

/// Witness: empyrical's own test constants on 1, 10, -4, 2, 3, 2, 1, -10 %. Its fixture opens with a
/// NaN that is counted as a year's fraction but not as a return: a flat period stands for it where
/// the number of periods matters.
#[test]
fn mixed_returns_agree_with_empyrical() {
    let Some(text) = oracle("empyrical_mixed_oracle.json") else { return };
    let theirs: serde_json::Value = serde_json::from_str(&text).unwrap();
    let x = [0.01, 0.10, -0.04, 0.02, 0.03, 0.02, 0.01, -0.10];
    let opened: Vec<f64> = std::iter::once(0.0).chain(x).collect();
    let rows = [
        ("sharpe", performance::sharpe_ratio(&x, 252.0)),
        ("mdd", drawdown::max_drawdown(&x).map(|fall| fall.unwrap().depth)),
        ("sortino", performance::sortino_ratio(&x, 0.0, 252.0)),
        ("dr", performance::downside_deviation(&x, 0.0).map(|d| d * 252f64.sqrt())),
        ("cagr", performance::annualised_return(&opened, 252.0)),
        ("vol", performance::volatility(&x, 252.0)),
        ("calmar", performance::calmar_ratio(&opened, 252.0)),
        ("omega", performance::omega_ratio(&x, 0.0)),
        ("tail", tail::tail_ratio(&x, 0.05)),
        ("cvar5", tail::expected_shortfall(&x, 0.05)),
        ("var5", tail::value_at_risk(&x, 0.05)),
    ];
    for (key, ours) in rows {
        let theirs = theirs[key].as_f64().unwrap();
        check(key, ours.unwrap(), theirs, 1e-12 * theirs.abs().max(1.0));
    }
}

/// Witness: the closed forms of Lo (2002) on full precision, and his estimator on EDHEC convertible
/// arbitrage less the risk-free rate given beside it.
#[test]
fn lo_scaling_agrees_with_its_oracles() {
    let Some(text) = oracle("analytic_oracles.json") else { return };
    let theirs: serde_json::Value = serde_json::from_str(&text).unwrap();
    for (key, error) in theirs["lo2002_se_iid"].as_object().unwrap() {
        let (ratio, n) = key[2..].split_once("_T").unwrap();
        let ours = performance::lo_standard_error(ratio.parse().unwrap(), n.parse().unwrap());
        check(key, ours, error.as_f64().unwrap(), 5e-5);
    }
    for (rho, eta) in theirs["lo2002_eta_q12"].as_object().unwrap() {
        let rho: f64 = rho.parse().unwrap();
        let decay: Vec<f64> = (1..12).map(|k| rho.powi(k)).collect();
        check("eta", performance::lo_time_scaling(&decay), eta.as_f64().unwrap(), 5e-5);
    }
    let Some(text) = oracle("misc_oracles.json") else { return };
    let misc: serde_json::Value = serde_json::from_str(&text).unwrap();
    let row = &misc["lo_convarb"];
    let rho: Vec<f64> =
        row["rho1..11"].as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect();
    let eta = performance::lo_time_scaling(&rho);
    check("eta12", eta, row["eta12"].as_f64().unwrap(), 1e-12);
    let Some(edhec) = oracle("pa_edhec.csv") else { return };
    let returns = column(&edhec, "Convertible.Arbitrage");
    for (ours, theirs) in moments::autocorrelations(&returns, 11).unwrap().iter().zip(&rho) {
        check("autocorrelation", *ours, *theirs, 1e-12);
    }
    let annual = performance::sharpe_ratio_lo(&returns, 12).unwrap();
    check("sr_annual_lo", annual, row["sr_annual_lo"].as_f64().unwrap(), 1e-12);
}

/// Witness: R `sandwich` on Greene's investment data, lag 4, no prewhitening, no correction.
#[test]
fn newey_west_agrees_on_greene() {
    let Some(text) = oracle("greene_investment.csv") else { return };
    let columns = ["RealInv", "RealGNP", "RealInt"].map(|name| column(&text, name));
    // The first year has no real interest rate.
    let [investment, output, interest] = columns.each_ref().map(|values| &values[1..]);
    let fit = ols(investment, &[output, interest], Intercept::Included).unwrap();
    let errors = newey_west(&fit, 4, SmallSample::Plain).unwrap();
    let coefficients = [-12.533_600_59, 0.169_136_454_2, -1.001_438_013];
    let standard_errors = [18.958_298_13, 0.016_750_785_86, 3.342_375_353];
    for i in 0..3 {
        check("coefficient", fit.coefficients[i] / coefficients[i], 1.0, 5e-10);
        check("standard error", errors[i] / standard_errors[i], 1.0, 5e-10);
    }
}

/// Witness: statsmodels on the daily rank correlations of the synthetic factor panel.
#[test]
fn newey_west_means_agree_with_statsmodels() {
    let Some(text) = oracle("factor_panel_ic_oracle.csv") else { return };
    let daily = column(&text, "1D");
    let ten_days = column(&text, "10D");
    for (values, lag, t) in [
        (&daily, 4, 8.084_108_441_6),
        (&daily, 5, 7.910_115_116_8),
        (&ten_days, 9, 7.611_606_322_2),
    ] {
        check("t", newey_west_mean(values, lag, SmallSample::Plain).unwrap().t, t, 5e-10);
    }
}

/// The rule on real returns stays inside what the authors allow.
#[test]
fn the_block_length_of_edhec_is_a_few_months() {
    let Some(text) = oracle("pa_edhec.csv") else { return };
    let smooth = column(&text, "Convertible.Arbitrage");
    let length = automatic_block_length(&smooth, Scheme::Stationary).unwrap();
    let ceiling = (3.0 * (smooth.len() as f64).sqrt()).ceil();
    assert!((2.0..ceiling).contains(&length), "{length}");
}

/// Witness: `strucchange` on the annual flow of the Nile, 1871 to 1970, 15 % trimming.
#[test]
fn the_nile_breaks_where_strucchange_says() {
    let Some(text) = oracle("nile.csv") else { return };
    let flow = column(&text, "flow");
    let found = mean_break(&flow, 0.15, 0.95, Noise::Independent).unwrap();
    let years = [found.low, found.last_before, found.high].map(|at| 1871 + at);
    assert_eq!(years, [1895, 1898, 1902]);
    check("sup F", found.sup_f, 75.929_769, 5e-7);
    check("rss of one mean", found.rss[0], 2_835_156.750, 5e-4);
    check("rss of two", found.rss[1], 1_597_457.194, 5e-4);
    let cusum = ols_cusum(&flow, Noise::Independent).unwrap();
    check("OLS-CUSUM", cusum.statistic, 2.951_766_1, 5e-8);
    assert!(found.p_value < 1e-10 && cusum.p_value < 1e-6);
}

/// Witness: the worked examples of Bailey and Lopez de Prado (2012) on full precision.
#[test]
fn track_records_agree_with_their_authors() {
    let Some(text) = oracle("analytic_oracles.json") else { return };
    let theirs: serde_json::Value = serde_json::from_str(&text).unwrap();
    let normal = Shape { skewness: 0.0, kurtosis: 3.0 };
    let fund = Shape { skewness: -2.448, kurtosis: 10.164 };
    let psr = &theirs["psr2012"];
    // The authors round the monthly ratio 0.45755 to three digits before they go on.
    let monthly = 0.458;
    let year = 1.0 / 12f64.sqrt();
    for (key, shape, benchmark) in [
        ("psr0_normal", normal, 0.0),
        ("psr0_nonnormal", fund, 0.0),
        ("psr1y_normal", normal, year),
        ("psr1y_nonnormal", fund, year),
    ] {
        let ours = shape.probability_above(monthly, benchmark, 24);
        check(key, ours, psr[key].as_f64().unwrap(), 1e-10);
    }
    let records = &theirs["mintrl2012_years"];
    let hedge_fund = Shape { skewness: -0.72, kurtosis: 5.78 };
    for (key, shape, periods) in [
        ("daily_normal_SR2v1", normal, 250.0),
        ("weekly", normal, 52.0),
        ("monthly", normal, 12.0),
        ("monthly_HF(-.72,5.78)", hedge_fund, 12.0),
    ] {
        let per_period = |annual: f64| annual / f64::sqrt(periods);
        let ours = shape.minimum_track_record(per_period(2.0), per_period(1.0), 0.95) / periods;
        check(key, ours, records[key].as_f64().unwrap(), 1e-10);
    }
}

/// Witness: an independent program on 13 hedge-fund indices, 293 months to 2021-05: eigenvalues of the
/// covariance by LAPACK, all pairs of correlations written out.
#[test]
fn hedge_funds_are_absorbed_as_an_independent_program_says() {
    let (Some(edhec), Some(said)) = (oracle("pa_edhec.csv"), oracle("misc_oracles.json")) else {
        return;
    };
    let rows: Vec<(String, Vec<f64>)> = edhec
        .lines()
        .skip(1)
        .map(|line| {
            let (day, cells) = line.split_once(',').unwrap();
            (day.to_owned(), cells.split(',').map(|cell| cell.parse().unwrap()).collect())
        })
        .collect();
    let months: Vec<&[f64]> = rows.iter().map(|row| row.1.as_slice()).collect();
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let theirs = |name: &str| said[name].as_f64().unwrap();
    let at = rows.iter().position(|row| row.0.starts_with("2008-12")).unwrap();
    let n = months.len();
    let absorbed = |months: &[&[f64]], n_leading, half_life| {
        absorption_ratio(months, n_leading, half_life).unwrap()
    };
    for (k, share) in said["absorption_edhec_full"].as_object().unwrap() {
        let ours = absorbed(&months, k.parse().unwrap(), None);
        check(&format!("all months, {k}"), ours, share.as_f64().unwrap(), 1e-10);
    }
    let last = &months[n - 60..];
    let crisis = &months[at - 59..=at];
    #[rustfmt::skip]
    let rows = [
        ("last 60 months", absorbed(last, 3, None), theirs("absorption_edhec_roll60_last_n3")),
        ("60 months to 2008-12", absorbed(crisis, 3, None), theirs("absorption_edhec_roll60_ending_2008-12_n3")),
        ("half-life 30", absorbed(last, 3, Some(30.0)), theirs("absorption_edhec_ew60_hl30_n3")),
    ];
    for (what, ours, theirs) in rows {
        check(what, ours, theirs, 1e-10);
    }
    let funds: Vec<Vec<f64>> =
        (0..13).map(|i| months.iter().map(|month| month[i]).collect()).collect();
    let funds: Vec<&[f64]> = funds.iter().map(Vec::as_slice).collect();
    let ours = mean_pairwise_correlation(&funds).unwrap();
    check("mean pairwise correlation", ours, theirs("mean_pairwise_corr_edhec"), 1e-10);
}

/// Witness: `dtaidistance`'s own example, and sine against cosine with and without a window of 10, which is
/// a band of 9.
#[test]
fn warped_distances_agree_with_dtaidistance() {
    let Some(text) = oracle("misc_oracles.json") else { return };
    let theirs: serde_json::Value = serde_json::from_str(&text).unwrap();
    let of = |key: &str| theirs[key].as_f64().unwrap();
    let (x, y) = ([0., 0., 1., 2., 1., 0., 1., 0., 0.], [0., 1., 2., 0., 0., 0., 0., 0., 0.]);
    let spaced = |n: usize| (0..n).map(move |i| 628.0 * i as f64 / 100.0 / (n - 1) as f64);
    let (sine, cosine): (Vec<f64>, Vec<f64>) =
        (spaced(50).map(f64::sin).collect(), spaced(60).map(f64::cos).collect());
    for (key, ours) in [
        ("dtw_dtaidistance_doc_example", warped_distance(&x, &y, 9).unwrap()),
        ("dtw_sin_cos_50_60", warped_distance(&sine, &cosine, 60).unwrap()),
        ("dtw_sin_cos_w10", warped_distance(&sine, &cosine, 9).unwrap()),
    ] {
        eprintln!("{key}: {ours}");
        check(key, ours, of(key), 1e-12);
    }
}

/// Witness: R's `strucchange` on the flow of the Nile: one break at 1898 (1895 to 1902), its squares and BIC, and the
/// recursive CUSUM.
#[test]
fn the_breaks_of_the_nile_are_strucchanges() {
    let Some(text) = oracle("nile.csv") else { return };
    let flow = column(&text, "flow");
    let found = mean_breaks(&flow, BreakSearch::default()).unwrap();
    assert_eq!((found.by_bic, found.by_lwz, found.by_sequence), (1, 1, 1));
    check("rss of none", found.by_count[0].rss, 2_835_156.750, 5e-4);
    check("rss of one", found.by_count[1].rss, 1_597_457.194, 5e-4);
    check("bic of none", found.by_count[0].bic, 1_318.242, 5e-4);
    check("bic of one", found.by_count[1].bic, 1_270.084, 5e-4);
    check("sup F", found.by_count[0].next_sup_f, 75.929_769, 5e-7);
    let year = |at: usize| 1871 + at;
    let one = found.breaks[0];
    assert_eq!([one.last_before, one.low, one.high].map(year), [1898, 1895, 1902]);
    let surprises = recursive_cusum(&flow, Noise::Independent).unwrap();
    check("rec-cusum", surprises.statistic, 2.066_920_9, 5e-8);
    eprintln!("nile: {:?}\nrec-cusum {surprises:?}", found.by_count);
}

/// Witness: `statsmodels` on Hamilton's growth of American GNP, 1951 to 1984, four lags: the likelihood and parameters
/// of Hamilton (1989), and every filtered and smoothed probability of recession.
#[test]
fn the_gnp_switches_as_hamilton_found() {
    let (Some(growth), Some(model), Some(probabilities)) = (
        oracle("hamilton_rgnp.csv"),
        oracle("hamilton_oracle.json"),
        oracle("hamilton_probs_oracle.csv"),
    ) else {
        return;
    };
    let growth = column(&growth, "rgnp_growth");
    let theirs: serde_json::Value = serde_json::from_str(&model).unwrap();
    let fit = fit_autoregression(&growth, 2, 4, 8, Seed::default()).unwrap();
    check("log likelihood", fit.log_likelihood, theirs["llf"].as_f64().unwrap(), 1e-6);
    check("printed likelihood", fit.log_likelihood, -181.263_39, 1e-4);
    let parameter = |key: &str| theirs["params"][key].as_f64().unwrap();
    let found = &fit.model;
    let rows = [
        ("p[0->0]", found.transition[0][0]),
        ("p[1->0]", found.transition[1][0]),
        ("const[0]", found.means[0]),
        ("const[1]", found.means[1]),
        ("sigma2", found.variance),
        ("ar.L1", found.coefficients[0]),
        ("ar.L2", found.coefficients[1]),
        ("ar.L3", found.coefficients[2]),
        ("ar.L4", found.coefficients[3]),
    ];
    for (key, ours) in rows {
        eprintln!("{key}: ours {ours:.8}, theirs {:.8}", parameter(key));
        check(key, ours, parameter(key), 1e-4);
    }
    let (filtered, smoothed) =
        (column(&probabilities, "filtered_p0"), column(&probabilities, "smoothed_p0"));
    assert_eq!(fit.filtered.len(), filtered.len());
    for (t, (known, hindsight)) in filtered.iter().zip(&smoothed).enumerate() {
        check(&format!("filtered {t}"), fit.filtered[t][0], *known, 1e-4);
        check(&format!("smoothed {t}"), fit.smoothed[t][0], *hindsight, 1e-4);
    }
}
