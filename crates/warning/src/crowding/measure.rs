//! The measures of crowding and which way each of them points.

use serde::Serialize;

/// One measure of how alike everyone's positions are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The smallest companies' share of all trading.
    TurnoverShare,
    /// Mean correlation between every two of the smallest companies.
    PairwiseCorrelation,
    /// The same of weekly residuals net of market, size and value.
    CoMomentum,
    /// Share of variance along a fifth of the eigenvectors of portfolios of all stocks.
    Absorption,
    /// The last three weeks of it against its year, in deviations of the year.
    AbsorptionShift,
    /// Log book-to-price of the smallest companies less that of the others.
    ValuationSpread,
    /// Annual volatility of small less large that the market leaves unexplained.
    ResidualVolatility,
    /// What small less large has earned lately.
    RunUp,
    /// Money borrowed to buy stocks over the capitalisation of all stocks.
    FinancingShare,
    /// How alike funds hold, by what moving the prices of the same stocks costs.
    FundOverlap,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 10] = [
        Self::TurnoverShare,
        Self::PairwiseCorrelation,
        Self::CoMomentum,
        Self::Absorption,
        Self::AbsorptionShift,
        Self::ValuationSpread,
        Self::ResidualVolatility,
        Self::RunUp,
        Self::FinancingShare,
        Self::FundOverlap,
    ];

    /// The stable name used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TurnoverShare => "turnover_share",
            Self::PairwiseCorrelation => "pairwise_correlation",
            Self::CoMomentum => "co_momentum",
            Self::Absorption => "absorption",
            Self::AbsorptionShift => "absorption_shift",
            Self::ValuationSpread => "valuation_spread",
            Self::ResidualVolatility => "residual_volatility",
            Self::RunUp => "run_up",
            Self::FinancingShare => "financing_share",
            Self::FundOverlap => "fund_overlap",
        }
    }

    /// Whether the composite counts it: the shift is the absorption once more.
    pub const fn is_in_composite(self) -> bool {
        !matches!(self, Self::AbsorptionShift)
    }

    /// How crowded a percentile of the measure is, 0 to 1: companies that have become dear against their
    /// books, and so have a low spread, are crowded.
    pub(super) fn crowding(self, percentile: f64) -> f64 {
        if self == Self::ValuationSpread { 1.0 - percentile } else { percentile }
    }
}
