//! What is true in the built-in market: the answers later analyses are tested against.

use serde::Serialize;
use shoals_core::{Convention, FutureContract, Outcome, Segment, Symbol, Table, Text, TradingDay};

use crate::FactorPath;
use crate::crowd::CrowdTruth;

/// What was decided before a price was drawn, and what the crowd did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Truth {
    /// The daily factors, basis and implied volatility.
    pub path: FactorPath,
    /// Daily return of a short at-the-money 30-day straddle on the CSI 300, delta-hedged at the
    /// close, a fraction of notional; positive when volatility was sold dear.
    pub short_volatility: Vec<f64>,
    /// What each stock is exposed to.
    pub stocks: Vec<StockTruth>,
    /// The basis of each contract without its quoting noise.
    pub basis: Vec<BasisTruth>,
    /// What each fund holds.
    pub exposures: Vec<FundExposure>,
    /// What each fund hides.
    pub funds: Vec<FundTruth>,
    /// The named stretches of the scenario.
    pub episodes: Vec<Episode>,
    /// Who held the small companies, and what their orders did.
    pub crowd: CrowdTruth,
}

/// A stock's fixed exposures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StockTruth {
    /// The stock.
    pub symbol: Symbol,
    /// Beta to the market factor inside its segment; the index-weighted mean of a segment is one.
    pub beta: f64,
    /// Exposure to the low-volatility factor; positive for quiet stocks.
    pub low_volatility: f64,
    /// Daily idiosyncratic volatility relative to its segment's.
    pub volatility_multiplier: f64,
    /// What the crowd holds of it over its share of the segment's free float, mean one: its exposure to what the
    /// crowd's orders do to the segment.
    pub crowding: f64,
}

/// A contract's basis on a day, as the scenario has it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BasisTruth {
    /// Day.
    pub date: TradingDay,
    /// Contract.
    #[serde(serialize_with = "as_text")]
    pub contract: FutureContract,
    /// Futures minus spot, index points, before noise and rounding.
    pub basis: f64,
    /// The part of it that is dividends to come before expiry, index points, at or below zero.
    pub dividend: f64,
    /// Basis over spot, annualised by 365 calendar days; NaN on the last trading day.
    pub basis_rate: f64,
}

/// One exposure of one fund.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FundExposure {
    /// The fund.
    pub fund: Symbol,
    /// Factor: a segment's name, `future`, `bond`, `cash` or `short_volatility`.
    pub factor: &'static str,
    /// Fraction of net assets, rebalanced daily; negative is short.
    pub exposure: f64,
}

/// What a fund's profile does not say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FundTruth {
    /// The fund.
    pub fund: Symbol,
    /// What it really is.
    pub kind: String,
    /// Return beyond its exposures, annualised decimal, before fees.
    pub alpha: f64,
    /// Standard deviation of its own daily noise, decimal.
    pub noise: f64,
    /// Fraction of each return that is reported the same period; 1 is honest.
    pub smoothing: f64,
}

/// A named stretch of the scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Episode {
    /// Its name: calm, boom, inversion, squeeze or rebound.
    pub name: String,
    /// First day.
    pub from: TradingDay,
    /// Last day.
    pub to: TradingDay,
}

fn as_text<S: serde::Serializer>(
    contract: &FutureContract,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&contract.symbol().as_str())
}

impl Outcome for Truth {
    const NAME: &'static str = "truth";

    fn tables(&self) -> Vec<Table> {
        let mut tables = vec![
            self.factor_table(),
            self.premium_table(),
            self.stock_table(),
            self.basis_table(),
            self.exposure_table(),
            self.fund_table(),
            self.episode_table(),
        ];
        tables.extend(self.crowd.tables());
        tables
    }

    fn convention(&self) -> Convention {
        let lines = [
            (
                "size_premium",
                Text::new(
                    "该分段的对数收益率减沪深300的对数收益率，含分红",
                    "log return of the segment minus that of the CSI 300, dividends included",
                ),
            ),
            (
                "basis",
                Text::new(
                    "期货减现货，指数点；按 365 自然日年化",
                    "futures minus spot, index points; annualised by 365 calendar days",
                ),
            ),
            (
                "crowd",
                Text::new(
                    "订单造成的对数收益率，在消息之外；买入为正；金额按内置市场的规模，人民币元",
                    "log return that orders made on top of the news; bought is positive; CNY in the built-in market's own size",
                ),
            ),
            (
                "short_volatility",
                Text::new(
                    "卖出 30 天平值跨式期权并对冲 delta，按名义本金计",
                    "delta-hedged short at-the-money straddle of 30 days, per notional",
                ),
            ),
            (
                "fund_exposure",
                Text::new(
                    "净资产的比例，每日再平衡，费前",
                    "fraction of net assets, rebalanced daily, before fees",
                ),
            ),
        ];
        lines.into_iter().map(|(key, line)| (key.to_owned(), line)).collect()
    }
}

impl Truth {
    fn factor_table(&self) -> Table {
        let path = &self.path;
        let all_in = |path: &FactorPath, of: fn(&FactorPath, usize) -> f64| -> Vec<f64> {
            (0..path.len()).map(|t| of(path, t)).collect()
        };
        let size = |path: &FactorPath, t: usize| path.size_premium(Segment::Micro, t);
        let curvature = |path: &FactorPath, t: usize| {
            path.size_premium(Segment::Csi1000, t) - 0.5 * path.size_premium(Segment::Micro, t)
        };
        Table::new("truth_factor")
            .with("date", "exchange day", path.days.clone())
            .with("market", "log return of the CSI 300 segment", path.market.clone())
            .with("size", "log return, micro minus CSI 300", all_in(path, size))
            .with("curvature", "log return of the middle above the ends", all_in(path, curvature))
            .with("size_news", "the same without the crowd's orders", path.size.clone())
            .with("curvature_news", "the same without the crowd's orders", path.curvature.clone())
            .with("value", "decimal return of a unit of value", path.value.clone())
            .with("low_volatility", "decimal return of a unit", path.low_volatility.clone())
            .with("short_volatility", "decimal of notional", self.short_volatility.clone())
            .with("volatility", "multiplier of idiosyncratic risk", path.volatility.clone())
            .with("liquidity", "multiplier of turnover", path.liquidity.clone())
    }

    fn premium_table(&self) -> Table {
        let n = self.path.len() * Segment::ALL.len();
        let (mut dates, mut segments, mut premiums, mut pressed) = (
            Vec::with_capacity(n),
            Vec::with_capacity(n),
            Vec::with_capacity(n),
            Vec::with_capacity(n),
        );
        for (t, &date) in self.path.days.iter().enumerate() {
            for segment in Segment::ALL {
                dates.push(date);
                segments.push(segment.name().to_owned());
                premiums.push(self.path.size_premium(segment, t));
                pressed.push(self.path.pressed[segment as usize][t]);
            }
        }
        Table::new("truth_size_premium")
            .with("date", "exchange day", dates)
            .with("segment", "size segment", segments)
            .with("size_premium", "log return above the CSI 300", premiums)
            .with("crowd", "part of it that the crowd's orders made", pressed)
    }

    fn stock_table(&self) -> Table {
        let stocks = &self.stocks;
        let numbers = |f: fn(&StockTruth) -> f64| stocks.iter().map(f).collect::<Vec<_>>();
        Table::new("truth_stock")
            .with("symbol", "stock", stocks.iter().map(|s| s.symbol).collect::<Vec<_>>())
            .with("beta", "to the market factor", numbers(|s| s.beta))
            .with("low_volatility", "exposure", numbers(|s| s.low_volatility))
            .with("volatility_multiplier", "of its segment's", numbers(|s| s.volatility_multiplier))
            .with(
                "crowding",
                "held by the crowd over its share of the segment",
                numbers(|s| s.crowding),
            )
    }

    fn basis_table(&self) -> Table {
        let numbers = |f: fn(&BasisTruth) -> f64| self.basis.iter().map(f).collect::<Vec<_>>();
        let contracts: Vec<Symbol> = self.basis.iter().map(|b| b.contract.symbol()).collect();
        Table::new("truth_basis")
            .with("date", "exchange day", self.basis.iter().map(|b| b.date).collect::<Vec<_>>())
            .with("contract", "contract", contracts)
            .with("basis", "futures minus spot, points", numbers(|b| b.basis))
            .with("dividend", "part of it that is dividends, points", numbers(|b| b.dividend))
            .with("basis_rate", "annualised decimal, 365 days", numbers(|b| b.basis_rate))
    }

    fn exposure_table(&self) -> Table {
        let rows = &self.exposures;
        Table::new("truth_fund_exposure")
            .with("fund", "fund", rows.iter().map(|r| r.fund).collect::<Vec<_>>())
            .with("factor", "factor", rows.iter().map(|r| r.factor.to_owned()).collect::<Vec<_>>())
            .with("exposure", "of net assets", rows.iter().map(|r| r.exposure).collect::<Vec<_>>())
    }

    fn fund_table(&self) -> Table {
        let funds = &self.funds;
        let numbers = |f: fn(&FundTruth) -> f64| funds.iter().map(f).collect::<Vec<_>>();
        Table::new("truth_fund")
            .with("fund", "fund", funds.iter().map(|f| f.fund).collect::<Vec<_>>())
            .with("kind", "what it is", funds.iter().map(|f| f.kind.clone()).collect::<Vec<_>>())
            .with("alpha", "annualised decimal", numbers(|f| f.alpha))
            .with("noise", "daily standard deviation", numbers(|f| f.noise))
            .with("smoothing", "reported at once, fraction", numbers(|f| f.smoothing))
    }

    fn episode_table(&self) -> Table {
        let rows = &self.episodes;
        Table::new("truth_episode")
            .with("name", "episode", rows.iter().map(|e| e.name.clone()).collect::<Vec<_>>())
            .with("from", "first day", rows.iter().map(|e| e.from).collect::<Vec<_>>())
            .with("to", "last day", rows.iter().map(|e| e.to).collect::<Vec<_>>())
    }
}
