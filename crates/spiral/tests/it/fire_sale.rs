//! The literature's models against independent implementations of them.

use shoals_core::Seed;
use shoals_spiral::feedback::{geometric_total, spectral_radius, total_sales};
use shoals_spiral::fire_sale::aggregate_vulnerability::{
    Bank, aggregate_vulnerability, feedback_matrix,
};
use shoals_spiral::fire_sale::covariance::DistressedFund;
use shoals_spiral::fire_sale::leverage_target::TargetBook;
use shoals_spiral::fire_sale::system_stress::{BalanceSheet, StressRules, stress};
use shoals_stats::counter_normal::counter_normal;

use crate::oracle::{assert_close, json, numbers, text};

const BOOK: TargetBook = TargetBook { assets: 100.0, equity: 25.0, target_leverage: 4.0 };

/// Witness: an independent program's spirals of a 4x book after a 2 % shock, five impacts, to 1e-12.
#[test]
fn the_leverage_spiral_is_the_independent_one() {
    let Some(oracle) = json("firesale_oracles.json") else { return };
    for (key, expected) in oracle["spiral_table"].as_object().unwrap() {
        let impact: f64 = key.strip_prefix("lam").unwrap().parse().unwrap();
        let end = BOOK.spiral(0.02, impact);
        assert_close(
            &[end.price, end.equity, end.assets, end.sold],
            &["P", "E", "A", "sold"].map(|name| expected[name].as_f64().unwrap()),
            1e-12,
            key,
        );
        assert_eq!(end.is_default, expected["default"].as_bool().unwrap());
    }
    let linear = &oracle["spiral_linear_geometric"];
    let feedback = BOOK.feedback(0.0005);
    assert!((feedback - linear["ratio"].as_f64().unwrap()).abs() < 1e-15);
    let total = geometric_total(-0.02, feedback);
    assert!((total - linear["total_ret_first_order"].as_f64().unwrap()).abs() < 1e-15);
}

/// Closed forms of the linear fire sale: one asset sells `s / (1 - R0)` in all, three classes `(I - M)^-1 s`, to
/// 1e-9; from `R0` = 1 on there is no end, and far above it the exact spiral takes the whole equity (just above, selling
/// makes the book small enough to stop).
#[test]
fn below_one_the_fall_is_geometric_and_above_one_the_book_dies() {
    for impact in [0.0005, 0.001, 0.003, 0.0033] {
        let bank = Bank { assets: 100.0, debt_to_equity: 3.0, weights: vec![1.0] };
        let matrix = feedback_matrix(&[bank], &[impact]).unwrap();
        let feedback = spectral_radius(&matrix, 1);
        assert!((feedback / BOOK.feedback(impact) - 1.0).abs() < 1e-11);
        let total = total_sales(&matrix, &[2.0])[0];
        assert!((total / geometric_total(2.0, feedback) - 1.0).abs() < 1e-9, "{total}");
    }
    assert_eq!(total_sales(&[1.2], &[2.0]), [f64::INFINITY]);
    assert!(BOOK.spiral(0.02, 0.02).is_default);
    let matrix = feedback_matrix(&three_banks(), &[1e-4, 2e-4, 3e-4]).unwrap();
    assert!(spectral_radius(&matrix, 3) < 1.0);
    let first = [5.0, 1.0, 2.0];
    let total = total_sales(&matrix, &first);
    for k in 0..3 {
        let forced: f64 = (0..3).map(|j| matrix[k * 3 + j] * total[j]).sum();
        assert!((total[k] - forced - first[k]).abs() < 1e-9);
    }
}

fn three_banks() -> [Bank; 3] {
    let bank = |assets, debt_to_equity, weights: [f64; 3]| Bank {
        assets,
        debt_to_equity,
        weights: weights.to_vec(),
    };
    [
        bank(100.0, 4.0, [0.5, 0.3, 0.2]),
        bank(200.0, 9.0, [0.2, 0.6, 0.2]),
        bank(150.0, 14.0, [0.1, 0.1, 0.8]),
    ]
}

/// Witness: an independent program's three-bank example. Its inputs are not printed with it; the balance sheets
/// below are the only ones that give its first-round returns, sales and vulnerabilities.
#[test]
fn aggregate_vulnerability_is_the_independent_one() {
    let Some(oracle) = json("firesale_oracles.json") else { return };
    let end =
        aggregate_vulnerability(&three_banks(), &[-0.05, 0.0, 0.0], &[1e-4, 2e-4, 3e-4]).unwrap();
    let glt = &oracle["glt"];
    let check = |found: &[f64], key: &str| assert_close(found, &numbers(&glt[key]), 1e-14, key);
    check(&end.direct_return, "R1");
    check(&end.sales, "asset_sales");
    check(&end.impact_return, "F2");
    check(&end.indirect_return, "R2");
    check(&[end.aggregate_vulnerability], "AV");
    check(&[end.direct_loss], "direct_loss");
    check(&end.systemicness, "S_n");
    check(&end.indirect_vulnerability, "IV_n");
    // One asset is the first round of the leverage spiral.
    let one = Bank { assets: 100.0, debt_to_equity: 3.0, weights: vec![1.0] };
    let end = aggregate_vulnerability(&[one], &[-0.02], &[0.0005]).unwrap();
    let second = -end.impact_return[0];
    assert!((second / 0.02 - BOOK.feedback(0.0005)).abs() < 1e-15);
}

/// The shock and the rules at a point of an experiment.
type Experiment = fn(f64) -> (f64, StressRules);

/// Witness: 48 European banks of the 2018 stress test under the fire-sale program of Farmer et al. (2020), at 11
/// price impacts and 13 shocks, with thresholds and with leverage targeting: shares sold to 1e-12, and the extent of
/// the systemic event, which that program calls 0 when less than a twentieth of the banks default.
#[test]
fn european_banks_fail_as_in_the_published_program() {
    let (Some(oracle), Some(sheet)) = (json("eba2018_firesale_oracle.json"), text("EBA_2018.csv"))
    else {
        return;
    };
    let banks: Vec<BalanceSheet> = sheet.lines().skip(1).map(balance_sheet).collect();
    assert_eq!(banks.len(), 48);
    let sets: [(&str, Experiment); 3] = [
        ("price_impact", |x| (0.2, StressRules { price_impact: x, ..StressRules::default() })),
        ("shock_threshold_pi.01", |x| {
            (x, StressRules { price_impact: 0.01, ..StressRules::default() })
        }),
        ("shock_targeting_pi.01", |x| {
            (x, StressRules { price_impact: 0.01, buffer: 1.0, ..StressRules::default() })
        }),
    ];
    for (key, rules) in sets {
        let set = &oracle[key];
        let rows = numbers(&set["x"]).into_iter().zip(numbers(&set["eose"]));
        for ((x, extent), sold) in rows.zip(numbers(&set["sold"])) {
            let (shock, rules) = rules(x);
            let end = stress(&banks, &[0.0, shock], &rules).unwrap();
            assert!((end.share_sold - sold).abs() < 1e-12, "{key} {x}: {} sold", end.share_sold);
            let defaulted = end.defaulted.len() as f64 / 48.0;
            let event = if defaulted < 0.05 { 0.0 } else { defaulted };
            assert!((event - extent).abs() < 1e-12, "{key} {x}: {defaulted} defaulted");
        }
    }
}

/// `bank_id CET1E leverage debt_sec govbonds`; government bonds are written as a sum, cash is a twentieth of assets.
fn balance_sheet(line: &str) -> BalanceSheet {
    let cells: Vec<&str> = line.split(' ').collect();
    let number = |cell: &str| cell.parse::<f64>().unwrap();
    let (equity, leverage, securities) = (number(cells[1]), number(cells[2]), number(cells[3]));
    let government: f64 = cells[4].split('+').map(number).sum();
    let assets = equity / (leverage / 100.0);
    let cash = 0.05 * assets;
    let half = (assets - equity) / 2.0;
    BalanceSheet {
        cash,
        tradable: vec![securities - government, government],
        other: assets - securities - cash,
        loan: half,
        other_liability: half,
    }
}

/// Witness: an independent program's closed form to 1e-9, and our own Monte Carlo of the returns behind it to 1 %.
#[test]
fn a_distressed_fund_makes_its_assets_move_together() {
    let Some(oracle) = json("cont_wagalath_oracle.json") else { return };
    let fund = DistressedFund {
        shares: numbers(&oracle["alpha"]),
        prices: numbers(&oracle["S0"]),
        depth: numbers(&oracle["D"]),
        selling_speed: oracle["fprime"].as_f64().unwrap(),
    };
    let fundamental = numbers(&oracle["Sigma"]);
    let covariance = fund.covariance(&fundamental).unwrap();
    assert_close(&covariance, &numbers(&oracle["cov"]), 1e-9, "cov");
    let correlation: Vec<f64> = (0..9)
        .map(|at| covariance[at] / (covariance[at / 3 * 4] * covariance[at % 3 * 4]).sqrt())
        .collect();
    assert_close(&correlation, &numbers(&oracle["corr"]), 1e-9, "corr");

    let root = lower_root(&fundamental);
    let n = 400_000;
    let mut drawn = [0.0; 9];
    for draw in 0..n {
        let z: [f64; 3] =
            std::array::from_fn(|i| counter_normal(Seed::default().0, draw * 3 + i as u64));
        let r: Vec<f64> = (0..3).map(|i| (0..=i).map(|j| root[i * 3 + j] * z[j]).sum()).collect();
        let r = fund.returns(&r).unwrap();
        for at in 0..9 {
            drawn[at] += r[at / 3] * r[at % 3] / n as f64;
        }
    }
    for at in 0..9 {
        let scale = (covariance[at / 3 * 4] * covariance[at % 3 * 4]).sqrt();
        assert!((drawn[at] - covariance[at]).abs() < 0.01 * scale, "{at}: {}", drawn[at]);
    }
}

/// Cholesky root of a 3 by 3 matrix.
fn lower_root(matrix: &[f64]) -> [f64; 9] {
    let mut root = [0.0; 9];
    for i in 0..3 {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| root[i * 3 + k] * root[j * 3 + k]).sum();
            let rest = matrix[i * 3 + j] - sum;
            root[i * 3 + j] = if i == j { rest.sqrt() } else { rest / root[j * 3 + j] };
        }
    }
    root
}

#[test]
fn illegal_inputs_are_named() {
    let bank = Bank { assets: 100.0, debt_to_equity: 4.0, weights: vec![1.0] };
    let refusal = aggregate_vulnerability(&[bank], &[-0.1, 0.0], &[1e-4, 1e-4]).unwrap_err();
    assert_eq!(refusal.to_string(), "`weights` has 1 values, expected 2, one for each asset class");
    let rules = StressRules { target: 5.0, ..StressRules::default() };
    let refusal = stress(&[], &[0.2], &rules).unwrap_err();
    assert_eq!(refusal.to_string(), "`target` is 5, expected in (0, 1]");
}
