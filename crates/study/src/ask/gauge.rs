//! The gauge: what a market gives it to read.

use shoals_core::{Series, Text, TradingDay};
use shoals_warning::BasisConfig;
use shoals_warning::basis_watch::BasisOutcome;
use shoals_warning::crowding::CrowdingOutcome;
use shoals_warning::gauge::{
    Component, Danger, GaugeConfig, GaugeOutcome, Group, extremity, gauge as read_gauge,
};
use shoals_warning::liquidity::{LiquidityConfig, LiquidityDay, LiquidityOutcome};

use crate::{CrowdingConfig, MarketView, StudyConfig, StudyError};

/// Reads the gauge on whatever the market holds: basis and financing, crowding, liquidity, extremity.
///
/// Liquidity and crowding go by the study's own settings of them, over all the days the stocks are held of.
///
/// # Errors
/// The small or the large index is missing, or settings that are not legal.
pub fn gauge(view: &MarketView, config: &StudyConfig) -> Result<GaugeOutcome, StudyError> {
    let GaugeConfig { small, large, to, .. } = config.gauge;
    let (small, large) = (view.series(small)?, view.series(large)?);
    let mut components = Vec::new();
    if !view.futures.is_empty() {
        let basis = BasisConfig { from: None, to, ..config.basis };
        components.extend(discounts(&super::basis(view, &basis)?)?);
    }
    if let Some(financing) = &view.financing {
        components.push(borrowed(financing, large)?);
    }
    if super::lacks_traded_stocks(view).is_none() {
        let (liquidity, crowding) = gauge_settings(config, None);
        components.push(crowded(&super::crowding(view, &crowding)?)?);
        components.extend(drained(&super::liquidity(view, &liquidity)?)?);
    }
    components.extend(extremity(small, large)?);
    Ok(read_gauge(small, large, &components, &config.gauge)?)
}

/// The study's settings of liquidity and crowding, told from another day on.
pub(crate) fn gauge_settings(
    config: &StudyConfig,
    from: Option<TradingDay>,
) -> (LiquidityConfig, CrowdingConfig) {
    let mut liquidity = config.liquidity.clone();
    let mut crowding = config.crowding.clone();
    (liquidity.from, liquidity.to) = (from, config.gauge.to);
    (crowding.measured.from, crowding.measured.to) = (from, config.gauge.to);
    (liquidity, crowding)
}

/// Why the gauge cannot be read on this market, where it cannot.
pub fn gauge_missing(view: &MarketView, config: &GaugeConfig) -> Option<Text> {
    let missing = [config.small, config.large].into_iter().find(|s| view.series(*s).is_err())?;
    Some(Text::new(
        format!("市场没有指数 {missing}，未读预警仪；导入后再问"),
        format!("the market holds no index {missing}, so the gauge was left out; import it to ask"),
    ))
}

fn component(
    name: String,
    label: Text,
    (group, danger): (Group, Danger),
    days: Vec<TradingDay>,
    values: Vec<f64>,
) -> Result<Component, StudyError> {
    let series = Series::new(name.as_str(), days, values)?;
    Ok(Component { name, label, group, danger, series })
}

/// Each product's yearly basis at one maturity: a deep discount is a crowd of shorts.
fn discounts(basis: &BasisOutcome) -> Result<Vec<Component>, StudyError> {
    let mut products: Vec<_> = basis.stress.iter().map(|day| day.product).collect();
    products.sort_unstable();
    products.dedup();
    products
        .into_iter()
        .map(|product| {
            let days = basis.stress.iter().filter(|day| day.product == product);
            let (days, rates) = days.map(|day| (day.date, day.basis_rate)).unzip();
            let code = product.code();
            let label = Text::new(format!("{code} 年化基差"), format!("{code} basis a year"));
            let name = format!("basis_{}", code.to_lowercase());
            component(name, label, (Group::Leverage, Danger::Low), days, rates)
        })
        .collect()
}

/// Financing balance for each point of the large index: what prices alone do is taken out.
fn borrowed(financing: &Series, large: &Series) -> Result<Component, StudyError> {
    let both = financing.days().iter().zip(financing.values());
    let (days, values) =
        both.filter_map(|(day, balance)| Some((*day, balance / large.at(*day)?))).unzip();
    let label = Text::new("融资余额/大盘指数", "financing balance over the large index");
    component("financing".to_owned(), label, (Group::Leverage, Danger::High), days, values)
}

fn crowded(crowding: &CrowdingOutcome) -> Result<Component, StudyError> {
    let (days, values) = crowding.days.iter().map(|day| (day.date, day.composite)).unzip();
    let label = Text::new("最小市值股票的拥挤度", "crowding of the smallest stocks");
    component("crowding".to_owned(), label, (Group::Crowding, Danger::High), days, values)
}

fn drained(liquidity: &LiquidityOutcome) -> Result<Vec<Component>, StudyError> {
    type Of = fn(&LiquidityDay) -> f64;
    let parts: [(&str, Text, Of); 3] = [
        ("amihud_ratio", Text::new("Amihud 非流动性", "Amihud illiquidity"), |d| {
            d.amihud_ratio
        }),
        ("limit_down_share", Text::new("跌停占比", "share at limit-down"), |d| {
            d.limit_down_share
        }),
        (
            "days_to_liquidate",
            Text::new("变现天数（中位数）", "days to liquidate, median"),
            |d| d.days_to_liquidate_median,
        ),
    ];
    let read = |(name, label, of): (&str, Text, Of)| {
        let (days, values) = liquidity.days.iter().map(|day| (day.date, of(day))).unzip();
        component(name.to_owned(), label, (Group::Liquidity, Danger::High), days, values)
    };
    parts.into_iter().map(read).collect()
}
