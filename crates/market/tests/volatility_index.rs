//! The volatility index against the worked example of its white paper.
//!
//! `volatility_index/white_paper.csv`: the quotes of appendix 1 of Cboe, "Cboe Volatility Index" (2015 edition),
//! out of the money with the zero bids around them.

use shoals_market::option::{StrikePair, TermVariance, term_variance, volatility_index};

fn pairs(term: &str) -> Vec<StrikePair> {
    let mut pairs: Vec<StrikePair> = Vec::new();
    for line in include_str!("volatility_index/white_paper.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        if cells[0] != term {
            continue;
        }
        let number = |i: usize| cells[i].parse::<f64>().unwrap();
        let (strike, bid, ask) = (number(2), number(3), number(4));
        let middle = if bid > 0.0 { 0.5 * (bid + ask) } else { 0.0 };
        let at = pairs.iter().position(|pair| pair.strike == strike).unwrap_or_else(|| {
            pairs.push(StrikePair { strike, call: f64::NAN, put: f64::NAN });
            pairs.len() - 1
        });
        if cells[1] == "call" { pairs[at].call = middle } else { pairs[at].put = middle }
    }
    pairs
}

/// Witness: every intermediate number the paper prints, to its last digit, and the index 13.69.
#[test]
fn the_white_papers_example_is_13_69() {
    let minutes_per_year = 365.0 * 1_440.0;
    let near = term_variance(&pairs("near"), 35_924.0 / minutes_per_year, 0.000_305).unwrap();
    let next = term_variance(&pairs("next"), 46_394.0 / minutes_per_year, 0.000_286).unwrap();
    let printed = |strip: &TermVariance, forward: f64, variance: f64| {
        assert!((strip.forward - forward).abs() < 0.5e-5, "{strip:?}");
        assert_eq!(strip.at_the_money, 1_960.0);
        assert!((strip.variance - variance).abs() < 0.5e-8, "{strip:?}");
    };
    printed(&near, 1_962.899_96, 0.018_462_92);
    printed(&next, 1_962.400_06, 0.018_821_01);
    assert_eq!((near.lowest, near.highest), (1_370.0, 2_125.0));
    let index = volatility_index(&[near, next]).unwrap();
    assert!((100.0 * index.volatility - 13.69).abs() < 0.005, "{index:?}");
}
