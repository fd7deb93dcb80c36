//! A world before the storm: its market, its holders, its rules, and the days that come.

use serde::{Deserialize, Serialize};
use shoals_market::impact::ImpactLaw;

use crate::SpiralError;
use crate::check::check;
use crate::error::{require, require_length};
use crate::holder::bargain::BargainTerms;
use crate::holder::chaser::ChaserTerms;
use crate::holder::dma::DmaTerms;
use crate::holder::enhanced::EnhancedTerms;
use crate::holder::locked::LockedTerms;
use crate::holder::margin_account::MarginAccountTerms;
use crate::holder::national_team::Purchase;
use crate::holder::neutral::NeutralTerms;
use crate::holder::snowball::{Rung, SnowballTerms};
use crate::market::{BySegment, MarketTerms, Product};
use crate::news::News;
use crate::policy::{Change, Rules};

/// A day to come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Day {
    /// Return of the common factor; of the largest segment's index where it is anchored.
    pub factor: f64,
    /// Whether the largest segment is to show exactly `factor`. The common factor is then what is left of it after
    /// orders: a day on which the national team held the index up was worse news than the index shows.
    #[serde(default)]
    pub is_anchored: bool,
    /// Where the largest segment is to stand at half of the day, a return since yesterday's close, where it is anchored:
    /// a day that closes well may have been bad enough to call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Calendar days until the next trading day.
    pub days_to_next: f64,
    /// Return of the common factor in each round; empty to spread `factor` evenly.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_round: Vec<f64>,
}

impl Day {
    /// A day with this return of the common factor, a trading day before the next.
    pub fn of(factor: f64) -> Self {
        Self { factor, is_anchored: false, low: None, days_to_next: 1.0, by_round: Vec::new() }
    }

    /// Return the largest segment is to show in a round of an anchored day.
    pub(crate) fn anchor(&self, round: usize, rounds: usize) -> f64 {
        let first = rounds / 2;
        match self.low {
            Some(low) if round < first => low / first as f64,
            Some(low) => (self.factor - low) / (rounds - first) as f64,
            None => self.factor / rounds as f64,
        }
    }
}

/// Everything a path needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Rounds in a day.
    pub rounds: usize,
    /// The market.
    pub market: MarketTerms,
    /// Rules on the first day.
    pub rules: Rules,
    /// What changes later.
    #[serde(default)]
    pub changes: Vec<Change>,
    /// DMA books.
    pub dma: DmaTerms,
    /// Market-neutral funds.
    pub neutral: NeutralTerms,
    /// Index-enhanced funds.
    pub enhanced: EnhancedTerms,
    /// Snowball dealers.
    pub snowball: SnowballTerms,
    /// Style chasers.
    pub chaser: ChaserTerms,
    /// Bargain hunters.
    pub bargain: BargainTerms,
    /// Investors whose stocks are at their limit.
    pub locked: LockedTerms,
    /// Private investors on borrowed money.
    pub margin: MarginAccountTerms,
    /// What the national team buys.
    #[serde(default)]
    pub purchases: Vec<Purchase>,
    /// What each segment's purchases are multiplied by.
    #[serde(default = "as_written")]
    pub purchase_times: BySegment,
    /// What the common factor does on top of the days' returns.
    #[serde(default)]
    pub news: News,
    /// The days.
    pub days: Vec<Day>,
}

impl Scenario {
    /// The scenario, once its numbers are legal.
    ///
    /// # Errors
    /// When a number is out of range; the error names it.
    pub fn checked(self) -> Result<Self, SpiralError> {
        self.market.impact.checked()?;
        let positive = |field: String, x: f64| require(field, x, "above 0", x > 0.0);
        let share = |field: &str, x: f64| require(field, x, "in [0, 1]", (0.0..=1.0).contains(&x));
        positive("rounds".to_owned(), self.rounds as f64)?;
        for k in 0..5 {
            positive(format!("market.daily_amount[{k}]"), self.market.daily_amount[k])?;
            positive(format!("market.volatility[{k}]"), self.market.volatility[k])?;
            positive(format!("market.name_dispersion[{k}]"), self.market.name_dispersion[k])?;
            positive(format!("market.price_limit[{k}]"), self.market.price_limit[k])?;
        }
        for j in 0..3 {
            positive(format!("market.open_interest[{j}]"), self.market.open_interest[j])?;
        }
        share("market.permanent_share", self.market.permanent_share)?;
        share("market.arbitrage_share", self.market.arbitrage_share)?;
        positive("market.participation".to_owned(), self.market.participation)?;
        for (field, x) in [
            ("market.transient_half_life", self.market.transient_half_life),
            ("market.volatility_half_life", self.market.volatility_half_life),
            ("market.discount_half_life", self.market.discount_half_life),
            ("market.premium_half_life", self.market.premium_half_life),
            ("market.stress_tenor", self.market.stress_tenor),
            ("dma.call_days", self.dma.call_days),
            ("dma.liquidation_days", self.dma.liquidation_days),
            ("neutral.notice_days", self.neutral.notice_days),
            ("enhanced.hedge_days", self.enhanced.hedge_days),
            ("margin.call_days", self.margin.call_days),
            ("margin.distance", self.margin.distance),
            ("margin.maintenance_ratio", self.margin.maintenance_ratio),
            ("chaser.half_life", self.chaser.half_life),
            ("snowball.width", self.snowball.width),
        ] {
            positive(field.to_owned(), x)?;
        }
        let release = self.margin.release_ratio;
        let is_above = release >= self.margin.maintenance_ratio && release > 1.0;
        require(
            "margin.release_ratio".to_owned(),
            release,
            "above 1 and the maintenance ratio",
            is_above,
        )?;
        let mix: f64 = self.dma.hedge_mix.iter().sum();
        require("dma.hedge_mix", mix, "shares that add up to 1", (mix - 1.0).abs() < 1e-9)?;
        let rules = self.rules;
        let is_ordered = rules.liquidation_ratio <= rules.call_ratio
            && rules.call_ratio <= rules.initial_margin
            && rules.initial_margin <= 1.0;
        let expected = "liquidation line <= call line <= `initial_margin` <= 1";
        require("rules.call_ratio", rules.call_ratio, expected, is_ordered)?;
        require_length("days", self.days.len().min(1), 1, "scenario")?;
        check(&self)?;
        Ok(self)
    }

    /// The Chinese market of 2024-01-02 before calibration: amounts, volatilities and holdings as METHODS I3 and I4 cite
    /// them, behaviours at the middle of their ranges.
    pub fn china_2024(days: Vec<Day>) -> Self {
        Self {
            rounds: 8,
            market: MarketTerms {
                daily_amount: [17.4, 194.0, 126.0, 103.0, 195.0].map(|bn| bn * BN),
                volatility: [0.0103, 0.0104, 0.0100, 0.0080, 0.0076],
                beta: [0.6, 0.9, 1.0, 0.95, 1.0],
                name_dispersion: [0.030, 0.028, 0.025, 0.022, 0.018],
                // On 2024-02-05 names of the CSI 2000 spread 1.6 times as wide as when quiet, at four times the volatility.
                dispersion_elasticity: 0.35,
                price_limit: [0.12, 0.12, 0.12, 0.11, 0.11],
                impact: ImpactLaw::square_root(0.8),
                permanent_share: 0.6,
                transient_half_life: 3.0,
                common_impact: 0.1,
                depth_elasticity: 0.6,
                depth_floor: 0.15,
                volatility_half_life: 3.0,
                participation: 0.3,
                // Of the March contracts in the last ten days of 2023.
                carry: [0.03, -0.013, -0.047],
                arbitrage_share: 0.5,
                open_interest: [280.0, 270.0, 210.0].map(|bn| bn * BN),
                basis_impact: 0.10,
                basis_fear: 0.25,
                // Leaves the March contracts the daily moves of November and December 2023, 0.18 to 0.25 % of spot.
                basis_volatility: [0.0045, 0.0055, 0.0060],
                discount_half_life: 3.0,
                premium_half_life: 1.0,
                stress_tenor: 20.0,
            },
            rules: Rules::default(),
            changes: Vec::new(),
            dma: DmaTerms {
                long_value: 200.0 * BN,
                books: 60,
                weights: [0.30, 0.40, 0.20, 0.08, 0.02],
                tilt_spread: 0.9,
                hedge_mix: [0.10, 0.45, 0.45],
                hedge_ratio: 1.0,
                hedge_days: 73.0,
                leverage_spread: 0.4,
                financing_rate: 0.04,
                stop_loss: 0.5,
                call_days: 1.0,
                liquidation_days: 2.0,
            },
            neutral: NeutralTerms {
                stocks: [20.0, 70.0, 50.0].map(|bn| bn * BN),
                weights: [0.10, 0.40, 0.30, 0.15, 0.05],
                invested: 0.8,
                drawdown_threshold: 0.03,
                redemption_slope: 1.0,
                notice_days: 5.0,
                cost_budget: 0.15,
                cost_slope: 0.1,
                hedge_days: 73.0,
            },
            enhanced: EnhancedTerms {
                value: [0.0, 30.0, 120.0, 250.0, 0.0].map(|bn| bn * BN),
                micro_share: 0.06,
                csi2000_share: 0.25,
                threshold: 0.02,
                speed: 2.0,
                switch_threshold: 0.15,
                switch_slope: 0.2,
                hedge_days: 73.0,
            },
            snowball: SnowballTerms {
                ladder: ladder(),
                times: 1.0,
                quiet_delta: 0.6,
                peak_delta: 1.4,
                width: 0.06,
                touched_delta: 0.95,
            },
            chaser: ChaserTerms { strength: 0.3, half_life: 3.0 },
            bargain: BargainTerms { threshold: 0.1, strength: 1.0 },
            locked: LockedTerms { hedge: 0.1 },
            // The exchanges' balance of 2023-12-29; its shares by segment are ours.
            margin: MarginAccountTerms {
                debt: [0.02, 0.20, 0.20, 0.20, 0.38].map(|share| share * 1579.3 * BN),
                maintenance_ratio: 1.3,
                release_ratio: 1.5,
                distance: 0.6,
                spread: 0.6,
                call_days: 1.0,
            },
            purchases: Vec::new(),
            purchase_times: as_written(),
            news: News::default(),
            days,
        }
    }
}

const BN: f64 = 1e9;

const fn as_written() -> BySegment {
    [1.0; 5]
}

/// Notional of the CSI 1000's snowballs, CNY: two fifths of the stock.
pub(crate) const IM_LADDER: f64 = 86.4 * BN;

/// Snowballs by knock-in: the published CSI 500 table, and the CSI 1000's 40 % of the stock between 5,300 and 4,500.
fn ladder() -> Vec<Rung> {
    let ladder_500 = [
        (5100.0, 11.13),
        (5000.0, 15.86),
        (4900.0, 16.42),
        (4800.0, 16.69),
        (4700.0, 12.24),
        (4600.0, 7.23),
        (4500.0, 8.90),
        (4400.0, 7.79),
        (4300.0, 5.01),
        (4200.0, 2.78),
        (4100.0, 1.95),
    ];
    let rung = |product, index: f64, level: f64, notional: f64| Rung {
        product,
        knock_in: level / index,
        notional: notional * BN,
    };
    let mut ladder: Vec<Rung> =
        ladder_500.iter().map(|&(level, bn)| rung(Product::Ic, 5429.0, level, bn)).collect();
    ladder.extend(
        (0..9).map(|i| {
            rung(Product::Im, 5887.0, 5300.0 - 100.0 * f64::from(i), IM_LADDER / BN / 9.0)
        }),
    );
    ladder
}
