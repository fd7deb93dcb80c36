//! What each test of the card finds in the parts of an X-ray.

use shoals_core::Text;
use shoals_product::attribution::Factor;
use shoals_stats::normal::normal_quantile;
use shoals_stats::rank::pearson;

use super::card::{CardLine, Evidence, Test};
use super::config::XrayConfig;
use crate::hidden::{BudgetBasis, HiddenPart};
use crate::{FactorSet, Periods};

/// Name of the scenario behind the peso loss.
pub(super) const STRESS: &str = "small_caps_fall";
/// A far move of the market, at which the loss beyond a straight line is told.
const FAR: f64 = 0.05;
/// Fewest periods a correlation is told of.
const FEWEST: usize = 20;

/// The card of one fund, from what it hides and how it moves with a DMA book.
pub(super) fn card(
    periods: &Periods,
    hidden: &HiddenPart,
    dma: Option<&Factor>,
    config: &XrayConfig,
) -> Vec<CardLine> {
    let line = |test: Test| match test {
        Test::HiddenSize => (exposure(hidden, "size"), config.size_line),
        Test::HiddenShortVolatility => {
            (exposure(hidden, "short_volatility"), config.short_volatility_line)
        }
        Test::DmaLikeness => (likeness(periods, dma), config.dma_line),
        Test::InsuranceSold => {
            let row = hidden.asymmetry.first().map(|row| {
                let beyond = -row.bend_beyond * FAR * FAR;
                let half = 1.96 * (beyond / normal_quantile(row.bend_beyond_p)).abs();
                [beyond, beyond - half, beyond + half]
            });
            (told(row, hidden, "asymmetry"), config.insurance_line)
        }
        Test::Smoothing => {
            let row = hidden.smoothing.first();
            let late = row.map(|row| [1.0 - row.theta0, 1.0 - row.high, 1.0 - row.low]);
            (told(late, hidden, "smoothing"), config.smoothing_line)
        }
        Test::TailDependence => {
            let row = hidden.tail_dependence.first();
            let beyond = row.map(|row| [row.lambda - row.normal, row.excess_low, row.excess_high]);
            (told(beyond, hidden, "tail_dependence"), config.tail_line)
        }
        Test::PesoLoss => {
            let row = hidden.peso.iter().find(|row| row.scenario == STRESS);
            let loss = row.map(|row| [row.loss, row.low, row.high]);
            (told(loss, hidden, "peso"), config.peso_line)
        }
        Test::DrawdownBudget => {
            let is_mine = |basis| move |limit: f64, found| limit == config.budget && found == basis;
            let row =
                hidden.budget.iter().find(|row| is_mine(BudgetBasis::Earned)(row.limit, row.basis));
            let chance = row.map(|row| [row.probability, row.low, row.high]);
            (told(chance, hidden, "budget"), config.budget_line)
        }
    };
    Test::ALL
        .into_iter()
        .map(|test| {
            let (evidence, threshold) = line(test);
            CardLine::of(test, evidence, threshold)
        })
        .collect()
}

fn told(found: Option<[f64; 3]>, hidden: &HiddenPart, measure: &str) -> Evidence {
    match found {
        Some([value, low, high]) => Evidence::Found { value, low, high },
        None => Evidence::Missing(reason(hidden, measure)),
    }
}

fn reason(hidden: &HiddenPart, measure: &str) -> Text {
    let refusal = hidden.refused.iter().find(|refusal| refusal.measure == measure);
    refusal.map_or_else(
        || Text::new("市场缺少所需序列", "the market lacks a series it needs"),
        |refusal| refusal.reason.clone(),
    )
}

fn exposure(hidden: &HiddenPart, factor: &str) -> Evidence {
    let row = hidden.exposures.iter().find(|row| row.factor == factor);
    told(row.map(|row| [row.exposure, row.low, row.high]), hidden, "peso")
}

/// Correlation with a DMA book, with Fisher's band.
fn likeness(periods: &Periods, dma: Option<&Factor>) -> Evidence {
    let Some(dma) = dma else {
        return Evidence::Missing(Text::new(
            "市场没有 DMA 组合的序列",
            "the market has no DMA book's series",
        ));
    };
    let over = FactorSet::new(vec![dma.clone()]).over(periods);
    let (x, y): (Vec<f64>, Vec<f64>) = periods
        .returns
        .iter()
        .zip(&over.returns[0])
        .filter(|(r, f)| r.is_finite() && f.is_finite())
        .unzip();
    let found =
        if x.len() < FEWEST { None } else { pearson(&x, &y).ok().filter(|r| r.is_finite()) };
    match found {
        Some(value) => {
            let half = 1.96 / (x.len() as f64 - 3.0).sqrt();
            let [low, high] = [value.atanh() - half, value.atanh() + half].map(f64::tanh);
            Evidence::Found { value, low, high }
        }
        None => Evidence::Missing(Text::new(
            format!("与 DMA 组合的共同期间只有 {} 个，至少需要 {FEWEST} 个", x.len()),
            format!("only {} periods in common with a DMA book, {FEWEST} are needed", x.len()),
        )),
    }
}
