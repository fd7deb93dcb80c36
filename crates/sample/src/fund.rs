//! Funds of known kinds: what they hold is decided, what they report is generated.
//!
//! A fund's daily return is `sum of exposure x factor + alpha / 242 + noise - fee / 242`; a smoothing
//! fund reports only part of each period's return at once (Getmansky, Lo and Makarov 2004).
//! NAVs are after the management fee and before any performance fee.

use shoals_core::{Calendar, Seed, Segment, Symbol, Table, TradingDay, day};

use crate::FactorPath;
use crate::noise::normal;
use crate::truth::{FundExposure, FundTruth};

/// Terms of one fund. Exposures name a segment, `future`, `bond`, `cash` or `short_volatility`.
pub(crate) struct Terms<'a> {
    pub(crate) name: &'a str,
    /// What its profile says.
    pub(crate) says: &'a str,
    /// What it is.
    pub(crate) is: &'a str,
    pub(crate) benchmark: Option<&'a str>,
    pub(crate) opened_on: (i32, u32, u32),
    pub(crate) is_weekly: bool,
    pub(crate) exposures: &'a [(&'static str, f64)],
    pub(crate) alpha: f64,
    pub(crate) noise: f64,
    pub(crate) smoothing: f64,
    pub(crate) management_fee: f64,
    pub(crate) performance_fee: f64,
    /// Whether the performance fee is taken from the NAV each December, of the gain above the highest NAV it was taken at;
    /// otherwise it is not in the NAV.
    pub(crate) crystallises: bool,
    /// CNY a unit paid each December.
    pub(crate) dividend: f64,
    /// CNY at opening.
    pub(crate) net_asset: f64,
}

pub(crate) const PLAIN: Terms<'static> = Terms {
    name: "",
    says: "",
    is: "",
    benchmark: None,
    opened_on: (2018, 1, 2),
    is_weekly: false,
    exposures: &[],
    alpha: 0.0,
    noise: 0.0006,
    smoothing: 1.0,
    management_fee: 0.01,
    performance_fee: 0.0,
    crystallises: false,
    dividend: 0.0,
    net_asset: 5e8,
};

const FUNDS: [Terms<'static>; 13] = [
    Terms {
        name: "示例中性DMA四倍",
        says: "market neutral",
        is: "dma_4x",
        opened_on: (2021, 6, 1),
        is_weekly: true,
        exposures: &[("micro", 1.6), ("csi2000", 2.4), ("future", -4.0), ("cash", -2.0)],
        alpha: 0.10,
        noise: 0.004,
        performance_fee: 0.20,
        ..PLAIN
    },
    Terms {
        name: "示例中性DMA两倍",
        says: "market neutral",
        is: "dma_2x",
        opened_on: (2021, 6, 1),
        is_weekly: true,
        exposures: &[("micro", 0.6), ("csi2000", 1.4), ("future", -2.0)],
        alpha: 0.06,
        noise: 0.002,
        performance_fee: 0.20,
        ..PLAIN
    },
    Terms {
        name: "示例场内中性",
        says: "market neutral",
        is: "neutral",
        is_weekly: true,
        exposures: &[("csi500", 0.30), ("csi1000", 0.30), ("csi2000", 0.20), ("future", -0.80)],
        alpha: 0.09,
        noise: 0.0015,
        performance_fee: 0.20,
        ..PLAIN
    },
    Terms {
        name: "示例纯中性",
        says: "market neutral",
        is: "neutral_without_size",
        is_weekly: true,
        exposures: &[("csi500", 0.40), ("csi1000", 0.40), ("future", -0.80)],
        alpha: 0.06,
        noise: 0.0012,
        performance_fee: 0.20,
        ..PLAIN
    },
    Terms {
        name: "示例中证500指数增强",
        says: "index enhanced",
        is: "enhanced_500",
        benchmark: Some("000905.SH"),
        is_weekly: true,
        exposures: &[("csi500", 0.70), ("csi1000", 0.15), ("csi2000", 0.15)],
        alpha: 0.06,
        noise: 0.002,
        performance_fee: 0.20,
        ..PLAIN
    },
    Terms {
        name: "示例中证1000指数增强",
        says: "index enhanced",
        is: "enhanced_1000",
        benchmark: Some("000852.SH"),
        is_weekly: true,
        exposures: &[("csi1000", 0.65), ("csi2000", 0.20), ("micro", 0.15)],
        alpha: 0.05,
        noise: 0.0022,
        performance_fee: 0.20,
        ..PLAIN
    },
    Terms {
        name: "示例稳健固收加",
        says: "fixed income plus",
        is: "true_fixed_income_plus",
        exposures: &[("bond", 0.88), ("csi300", 0.12)],
        noise: 0.0003,
        management_fee: 0.006,
        dividend: 0.02,
        net_asset: 3e9,
        ..PLAIN
    },
    Terms {
        name: "示例增利固收加",
        says: "fixed income plus",
        is: "fake_fixed_income_plus",
        exposures: &[("bond", 0.90), ("micro", 0.08), ("short_volatility", 0.60)],
        noise: 0.0003,
        management_fee: 0.008,
        net_asset: 1.5e9,
        ..PLAIN
    },
    Terms {
        name: "示例平稳多策略",
        says: "multi strategy",
        is: "smoothed",
        is_weekly: true,
        exposures: &[("csi2000", 0.35), ("csi300", -0.10), ("short_volatility", 0.50)],
        alpha: 0.03,
        smoothing: 0.45,
        performance_fee: 0.20,
        ..PLAIN
    },
    Terms {
        name: "示例微盘股票",
        says: "small cap equity",
        is: "long_micro",
        benchmark: Some("868008.WI"),
        exposures: &[("micro", 0.92), ("cash", 0.08)],
        noise: 0.002,
        management_fee: 0.012,
        ..PLAIN
    },
    Terms {
        name: "示例大盘股票",
        says: "large cap equity",
        is: "long_large",
        benchmark: Some("000300.SH"),
        exposures: &[("csi300", 0.93), ("cash", 0.07)],
        noise: 0.0025,
        management_fee: 0.012,
        net_asset: 4e9,
        ..PLAIN
    },
    Terms {
        name: "示例期权收益",
        says: "option income",
        is: "short_volatility",
        is_weekly: true,
        exposures: &[("cash", 0.95), ("short_volatility", 1.5)],
        performance_fee: 0.20,
        ..PLAIN
    },
    Terms {
        name: "示例货币",
        says: "money market",
        is: "money",
        exposures: &[("cash", 1.0)],
        noise: 0.0,
        management_fee: 0.003,
        net_asset: 2e10,
        ..PLAIN
    },
];

/// Daily factor returns the funds may hold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Factors {
    /// Total returns of the segments, micro to CSI 300.
    pub(crate) segments: [Vec<f64>; 5],
    /// Rolled CSI 1000 future, the CSI 500 one before it was listed.
    pub(crate) future: Vec<f64>,
    pub(crate) short_volatility: Vec<f64>,
    /// Annualised cash rate.
    pub(crate) cash: Vec<f64>,
}

impl Factors {
    /// Return of a named factor on day `t`.
    pub(crate) fn at(&self, factor: &str, t: usize, days: &[TradingDay]) -> f64 {
        let elapsed = if t == 0 { 1 } else { days[t - 1].calendar_days_until(days[t]) };
        let carry = self.cash[t] * f64::from(elapsed) / 365.0;
        match factor {
            "future" => self.future[t],
            "short_volatility" => self.short_volatility[t],
            "cash" => carry,
            // A short credit portfolio: 1.6 % above cash, its noise is the fund's own.
            "bond" => carry + 0.016 * f64::from(elapsed) / 365.0,
            name => {
                let segment = Segment::ALL.iter().position(|segment| segment.name() == name);
                self.segments[segment.expect("the funds are made of our own words")][t]
            }
        }
    }
}

/// What the funds leave behind: two tables and the truth.
pub(crate) struct Funds {
    pub(crate) nav: Table,
    pub(crate) profile: Table,
    pub(crate) exposures: Vec<FundExposure>,
    pub(crate) truth: Vec<FundTruth>,
}

fn symbol(k: usize) -> Symbol {
    Symbol::literal(&format!("{:06}.OF", 990_001 + k))
}

/// Runs every fund through the sample.
pub(crate) fn simulate(path: &FactorPath, factors: &Factors, seed: Seed) -> Funds {
    let mut rows = NavRows::default();
    for (k, terms) in FUNDS.iter().enumerate() {
        rows.run(symbol(k), terms, path, factors, seed.part("fund"), k);
    }
    let exposures = FUNDS.iter().enumerate().flat_map(|(k, terms)| {
        terms.exposures.iter().map(move |&(factor, exposure)| FundExposure {
            fund: symbol(k),
            factor,
            exposure,
        })
    });
    let truth = FUNDS.iter().enumerate().map(|(k, terms)| FundTruth {
        fund: symbol(k),
        kind: terms.is.to_owned(),
        alpha: terms.alpha,
        noise: terms.noise,
        smoothing: terms.smoothing,
    });
    Funds {
        nav: rows.into_table(),
        profile: profile_table(&FUNDS, &(0..FUNDS.len()).map(symbol).collect::<Vec<_>>()),
        exposures: exposures.collect(),
        truth: truth.collect(),
    }
}

#[derive(Default)]
pub(crate) struct NavRows {
    /// Date, fund, unit, accumulated, adjusted, net asset, dividend.
    rows: Vec<(TradingDay, Symbol, [f64; 5])>,
}

/// Where a fund stands between two reports.
struct Book {
    /// Value of one unit, dividends reinvested: what it reports.
    adjusted: f64,
    unit: f64,
    paid: f64,
    /// Log return earned but not reported yet.
    hidden: f64,
    dividend: f64,
    /// Highest unit value, dividends added, a performance fee was taken at.
    fee_mark: f64,
}

impl NavRows {
    pub(crate) fn run(
        &mut self,
        fund: Symbol,
        terms: &Terms<'_>,
        path: &FactorPath,
        factors: &Factors,
        seed: Seed,
        k: usize,
    ) {
        let mut stream = seed.stream(k as u64);
        let (year, month, date) = terms.opened_on;
        let start = path.days.partition_point(|&d| d < day(year, month, date));
        let mut book =
            Book { adjusted: 1.0, unit: 1.0, paid: 0.0, hidden: 0.0, dividend: 0.0, fee_mark: 1.0 };
        for t in start..path.len() {
            let earned: f64 = terms
                .exposures
                .iter()
                .map(|&(factor, exposure)| exposure * factors.at(factor, t, &path.days))
                .sum();
            let own = terms.alpha / 242.0 + terms.noise * normal(&mut stream);
            let net = earned + own - terms.management_fee / 242.0;
            book.hidden += net.max(-0.95).ln_1p();
            if is_reported(terms, &path.days, t) {
                book.report(terms, is_paying(&path.days, t));
                if terms.crystallises && is_last_report_of_year(terms, &path.days, t) {
                    book.crystallise(terms.performance_fee);
                }
                self.push(fund, path.days[t], terms, &mut book);
            }
        }
    }

    fn push(&mut self, fund: Symbol, date: TradingDay, terms: &Terms<'_>, book: &mut Book) {
        let rounded = |x: f64| (x * 1e4).round() / 1e4;
        let net_asset = (terms.net_asset * book.unit * 100.0).round() / 100.0;
        let figures = [book.unit, book.unit + book.paid, book.adjusted].map(rounded);
        let dividend = std::mem::take(&mut book.dividend);
        self.rows.push((date, fund, [figures[0], figures[1], figures[2], net_asset, dividend]));
    }

    /// `fund_nav`, by date and fund.
    pub(crate) fn into_table(mut self) -> Table {
        self.rows.sort_by_key(|row| (row.0, row.1));
        let column = |i: usize| self.rows.iter().map(|row| row.2[i]).collect::<Vec<f64>>();
        Table::new("fund_nav")
            .with("date", "valuation day", self.rows.iter().map(|r| r.0).collect::<Vec<_>>())
            .with("fund", "fund", self.rows.iter().map(|r| r.1).collect::<Vec<_>>())
            .with("unit_nav", "CNY a unit", column(0))
            .with("accumulated_nav", "CNY a unit, dividends added", column(1))
            .with("adjusted_nav", "CNY a unit, dividends reinvested", column(2))
            .with("net_asset", "CNY", column(3))
            .with("dividend", "CNY a unit paid that day", column(4))
    }
}

impl Book {
    /// Reports the smoothed part of what was earned, then pays the dividend.
    fn report(&mut self, terms: &Terms<'_>, is_paying: bool) {
        let told = terms.smoothing * self.hidden;
        self.hidden -= told;
        self.adjusted *= told.exp();
        self.unit *= told.exp();
        if is_paying && terms.dividend > 0.0 && self.unit > 1.0 + terms.dividend {
            self.dividend = terms.dividend;
            self.paid += terms.dividend;
            self.unit -= terms.dividend;
        }
    }

    /// Takes the fee of the gain above the last highest value.
    fn crystallise(&mut self, fee: f64) {
        let worth = self.unit + self.paid;
        let taken = fee * (worth - self.fee_mark).max(0.0);
        self.adjusted *= 1.0 - taken / self.unit;
        self.unit -= taken;
        self.fee_mark = self.fee_mark.max(worth - taken);
    }
}

/// Daily funds report every day, weekly ones on the last trading day of a week.
fn is_reported(terms: &Terms<'_>, days: &[TradingDay], t: usize) -> bool {
    !terms.is_weekly || last_of(days, t, |d| (d.epoch_days() + 3).div_euclid(7))
}

/// Whether a fund's next report is of another year.
fn is_last_report_of_year(terms: &Terms<'_>, days: &[TradingDay], t: usize) -> bool {
    let next = (t + 1..days.len()).find(|&later| is_reported(terms, days, later));
    days[t].month() == 12 && next.is_none_or(|later| days[later].year() != days[t].year())
}

/// Dividends are paid on the first trading day of December.
fn is_paying(days: &[TradingDay], t: usize) -> bool {
    days[t].month() == 12 && t > 0 && days[t - 1].month() == 11
}

/// Whether the next trading day has another key.
fn last_of(days: &[TradingDay], t: usize, key: fn(TradingDay) -> i32) -> bool {
    match Calendar::shanghai().next(days[t]) {
        Ok(next) => key(next) != key(days[t]),
        Err(_) => true,
    }
}

pub(crate) fn profile_table(funds: &[Terms<'_>], symbols: &[Symbol]) -> Table {
    let text = |f: fn(&Terms<'_>) -> String| funds.iter().map(f).collect::<Vec<String>>();
    let benchmark = |terms: &Terms<'_>| Symbol::literal(terms.benchmark.unwrap_or("000985.CSI"));
    let numbers = |f: fn(&Terms<'_>) -> f64| funds.iter().map(f).collect::<Vec<_>>();
    Table::new("fund_profile")
        .with("fund", "fund", symbols.to_vec())
        .with("name", "name", text(|terms| terms.name.to_owned()))
        .with("kind", "what it calls itself", text(|terms| terms.says.to_owned()))
        .with("benchmark", "benchmark", funds.iter().map(benchmark).collect::<Vec<_>>())
        .with("management_fee", "decimal a year", numbers(|terms| terms.management_fee))
        .with(
            "performance_fee",
            "decimal of the gain, not taken from the NAV",
            numbers(|t| t.performance_fee),
        )
}
