//! Levers: what an authority, a broker or a crowd could have done otherwise, each a change of a scenario.
//!
//! A lever is a line of a file, `{ lever = "margin", initial_margin = 0.5 }`. Days are numbers, 0 the first.
//!
//! Method page: `docs/method/spiral_stress.md`

use serde::{Deserialize, Serialize};
use shoals_core::Text;

use crate::SpiralError;
use crate::error::require;
use crate::explain::Mechanism;
use crate::holder::national_team::Purchase;
use crate::market::{BySegment, SEGMENTS};
use crate::policy::Change;
use crate::scenario::Scenario;

/// Something done otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "lever", rename_all = "snake_case", deny_unknown_fields)]
pub enum Lever {
    /// There are no DMA books.
    NoDma,
    /// Their money is `times` what it is; leverage and weights stay.
    DmaSize {
        /// 0 or more.
        times: f64,
    },
    /// A cap cuts every book, step by step, to a share of what it held.
    DmaCap {
        /// First day of the cuts.
        from_day: usize,
        /// Share left after the last one.
        share: f64,
        /// Days the cuts take, a step a day.
        over_days: usize,
    },
    /// Another initial margin from the start; call and liquidation lines keep their distance in proportion.
    Margin {
        /// A fraction of the long value: 0.5 is twice leverage.
        initial_margin: f64,
        /// What of the books stays as it is.
        #[serde(default)]
        keeping: Keeping,
    },
    /// The rule on leverage comes on another day, or in steps, instead of those the scenario has.
    LeverageRule {
        /// First day of the rule.
        from_day: usize,
        /// Margin to be restored at the end.
        initial_margin: f64,
        /// Line below which a book is called at the end.
        call_ratio: f64,
        /// Days until it holds in full, a step a day.
        over_days: usize,
    },
    /// The rules on leverage stay as they were on the first day.
    NoLeverageRule,
    /// Books may sell no more than they buy, on these days and no others.
    NetSellBan {
        /// First day.
        from_day: usize,
        /// How many.
        days: usize,
    },
    /// No net-sell ban.
    NoNetSellBan,
    /// All that was bought is bought of the CSI 300.
    PurchasesIn300,
    /// All that was bought is bought of CSI 500, 1000 and 2000, as they trade.
    PurchasesInSmall,
    /// All that was bought is bought of every segment as it trades.
    PurchasesByTrading,
    /// Nobody buys on a schedule.
    NoPurchases,
    /// Purchases come `days` later; negative for earlier. What would come before the first day comes on it, what would come
    /// after the last not at all.
    PurchasesMoved {
        /// Trading days.
        days: i64,
    },
    /// Calls and liquidations take `times` as long.
    Staggered {
        /// Above 0.
        times: f64,
    },
    /// Redemptions of funds are stopped on these days.
    RedemptionGate {
        /// First day.
        from_day: usize,
        /// How many.
        days: usize,
    },
    /// No snowball was sold.
    NoSnowballs,
}

/// What stays as it is when the margin changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keeping {
    /// The investors' money: half the leverage is half the stocks.
    #[default]
    Equity,
    /// The stocks: half the leverage is twice the money.
    LongValue,
}

impl Lever {
    /// Levers of a file: `[[lever]]` entries.
    ///
    /// # Errors
    /// A lever nobody knows, or a key it does not have.
    ///
    /// # Example
    /// ```
    /// use shoals_spiral::lever::Lever;
    ///
    /// let levers = Lever::from_toml("[[lever]]\nlever = \"dma_size\"\ntimes = 0.5")?;
    /// assert_eq!(levers, [Lever::DmaSize { times: 0.5 }]);
    /// # Ok::<(), shoals_spiral::SpiralError>(())
    /// ```
    pub fn from_toml(text: &str) -> Result<Vec<Self>, SpiralError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct File {
            lever: Vec<Lever>,
        }
        let file: Result<File, _> = toml::from_str(text);
        file.map(|file| file.lever).map_err(|error: toml::de::Error| SpiralError::File {
            reason: error.to_string().trim_end().to_owned(),
        })
    }

    /// The levers a scenario is usually asked about: those it has a handle for.
    pub fn usual(scenario: &Scenario) -> Vec<Self> {
        let n = scenario.days.len();
        let ban =
            scenario.changes.iter().find(|c| c.net_sell_ban == Some(true)).map(|c| c.from_day);
        let rule = scenario.changes.iter().find(|c| c.initial_margin.is_some());
        let has_books = scenario.dma.books > 0 && scenario.dma.long_value > 0.0;
        let mut levers = Vec::new();
        if has_books {
            let (margin, target) = (scenario.rules.initial_margin, 0.5);
            levers.extend([
                Self::NoDma,
                Self::DmaSize { times: 0.5 },
                Self::DmaCap { from_day: 0, share: 0.5, over_days: 10.min(n) },
                Self::DmaCap { from_day: n / 3, share: 0.5, over_days: 10.min(n) },
            ]);
            levers.extend(
                [0.15, 0.25, 0.5].into_iter().filter(|m| *m != margin).map(|initial_margin| {
                    Self::Margin { initial_margin, keeping: Keeping::Equity }
                }),
            );
            let from_day = rule.map_or(0, |rule| rule.from_day.saturating_sub(20));
            let call_ratio = rule.and_then(|rule| rule.call_ratio).unwrap_or(0.9 * target);
            if margin < target {
                let rule = |from_day, over_days| Self::LeverageRule {
                    from_day,
                    initial_margin: target,
                    call_ratio,
                    over_days,
                };
                levers.extend([rule(from_day, 1), rule(0, 20.min(n))]);
            }
            if rule.is_some() {
                levers.push(Self::NoLeverageRule);
            }
            let from_day = ban.map_or(0, |day| day.saturating_sub(10));
            levers.push(Self::NetSellBan { from_day, days: n - from_day });
            if ban.is_some() {
                levers.push(Self::NoNetSellBan);
            }
            levers.push(Self::Staggered { times: 5.0 });
        }
        if scenario.purchases.iter().any(is_bought) {
            levers.extend([
                Self::PurchasesIn300,
                Self::PurchasesInSmall,
                Self::PurchasesByTrading,
                Self::NoPurchases,
                Self::PurchasesMoved { days: -5 },
                Self::PurchasesMoved { days: 5 },
            ]);
        }
        if scenario.neutral.stocks.iter().any(|stocks| *stocks > 0.0) {
            levers.push(Self::RedemptionGate { from_day: 0, days: n });
        }
        if !scenario.snowball.ladder.is_empty() {
            levers.push(Self::NoSnowballs);
        }
        levers
    }

    /// The stable name used in tables, with its numbers: `margin_0.5`.
    pub fn name(&self) -> String {
        match *self {
            Self::NoDma => "no_dma".to_owned(),
            Self::DmaSize { times } => format!("dma_size_{times}"),
            Self::DmaCap { from_day, share, over_days } => {
                format!("dma_cap_{share}_from_{from_day}_over_{over_days}")
            }
            Self::Margin { initial_margin, keeping: Keeping::Equity } => {
                format!("margin_{initial_margin}")
            }
            Self::Margin { initial_margin, keeping: Keeping::LongValue } => {
                format!("margin_{initial_margin}_same_long")
            }
            Self::LeverageRule { from_day, initial_margin, over_days, .. } => {
                format!("leverage_rule_{initial_margin}_from_{from_day}_over_{over_days}")
            }
            Self::NoLeverageRule => "no_leverage_rule".to_owned(),
            Self::NetSellBan { from_day, days } => {
                format!("net_sell_ban_from_{from_day}_for_{days}")
            }
            Self::NoNetSellBan => "no_net_sell_ban".to_owned(),
            Self::PurchasesIn300 => "purchases_in_300".to_owned(),
            Self::PurchasesInSmall => "purchases_in_small".to_owned(),
            Self::PurchasesByTrading => "purchases_by_trading".to_owned(),
            Self::NoPurchases => "no_purchases".to_owned(),
            Self::PurchasesMoved { days } if days < 0 => format!("purchases_{}_earlier", -days),
            Self::PurchasesMoved { days } => format!("purchases_{days}_later"),
            Self::Staggered { times } => format!("staggered_{times}"),
            Self::RedemptionGate { from_day, days } => {
                format!("redemption_gate_from_{from_day}_for_{days}")
            }
            Self::NoSnowballs => "no_snowballs".to_owned(),
        }
    }

    /// What people call it.
    pub fn text(&self) -> Text {
        let percent = |x: f64| format!("{:.0} %", x * 100.0);
        match *self {
            Self::NoDma => Text::new("没有 DMA", "no DMA books"),
            Self::DmaSize { times } => {
                Text::new(format!("DMA 规模 {times} 倍"), format!("DMA money times {times}"))
            }
            Self::DmaCap { from_day, share, over_days } => Text::new(
                format!("第 {from_day} 日起 {over_days} 日内压降至 {}", percent(share)),
                format!("books cut to {} in {over_days} days from day {from_day}", percent(share)),
            ),
            Self::Margin { initial_margin, keeping } => {
                let kept = match keeping {
                    Keeping::Equity => ["本金不变", "same money"],
                    Keeping::LongValue => ["持股不变", "same stocks"],
                };
                let margin = percent(initial_margin);
                Text::new(
                    format!("保证金 {margin}（{}）", kept[0]),
                    format!("margin {margin} ({})", kept[1]),
                )
            }
            Self::LeverageRule { from_day, initial_margin, over_days, .. } => {
                let margin = percent(initial_margin);
                Text::new(
                    format!("第 {from_day} 日起 {over_days} 日内保证金升至 {margin}"),
                    format!("margin raised to {margin} in {over_days} days from day {from_day}"),
                )
            }
            Self::NoLeverageRule => Text::new("不改杠杆规则", "no later rule on leverage"),
            Self::NetSellBan { from_day, days } => Text::new(
                format!("第 {from_day} 日起 {days} 日禁止净卖出"),
                format!("net-sell ban for {days} days from day {from_day}"),
            ),
            Self::NoNetSellBan => Text::new("不禁止净卖出", "no net-sell ban"),
            Self::PurchasesIn300 => Text::new("只买沪深300", "purchases in the CSI 300 only"),
            Self::PurchasesInSmall => {
                Text::new("只买中证500、1000、2000", "purchases in CSI 500, 1000 and 2000 only")
            }
            Self::PurchasesByTrading => {
                Text::new("按成交额买入各段", "purchases as segments trade")
            }
            Self::NoPurchases => Text::new("不买入", "no purchases"),
            Self::PurchasesMoved { days } if days < 0 => Text::new(
                format!("提前 {} 日买入", -days),
                format!("purchases {} days earlier", -days),
            ),
            Self::PurchasesMoved { days } => {
                Text::new(format!("推迟 {days} 日买入"), format!("purchases {days} days later"))
            }
            Self::Staggered { times } => Text::new(
                format!("追保与平仓用时 {times} 倍"),
                format!("calls and liquidations take {times} times as long"),
            ),
            Self::RedemptionGate { from_day, days } => Text::new(
                format!("第 {from_day} 日起 {days} 日暂停赎回"),
                format!("redemptions stopped for {days} days from day {from_day}"),
            ),
            Self::NoSnowballs => Text::new("没有雪球", "no snowballs"),
        }
    }

    /// The scenario with the lever pulled.
    ///
    /// # Errors
    /// When the lever's numbers, or those they lead to, are out of range.
    pub fn pulled(&self, scenario: &Scenario) -> Result<Scenario, SpiralError> {
        let mut changed = scenario.clone();
        self.pull(&mut changed)?;
        changed.checked()
    }

    fn pull(&self, scenario: &mut Scenario) -> Result<(), SpiralError> {
        match *self {
            Self::NoDma => scenario.dma.books = 0,
            Self::DmaSize { times } => {
                require("times", times, "0 or more", times >= 0.0)?;
                scenario.dma.long_value *= times;
            }
            Self::DmaCap { from_day, share, over_days } => {
                require("share", share, "in [0, 1]", (0.0..=1.0).contains(&share))?;
                for (day, part) in steps(scenario, from_day, over_days)? {
                    let cap = 1.0 - (1.0 - share) * part;
                    let change = Change { from_day: day, dma_cap: Some(cap), ..Change::default() };
                    scenario.changes.push(change);
                }
            }
            Self::Margin { initial_margin, keeping } => margin(scenario, initial_margin, keeping)?,
            Self::LeverageRule { from_day, initial_margin, call_ratio, over_days } => {
                keep_leverage(scenario);
                let first = scenario.rules;
                let between = |from: f64, to: f64, part: f64| from + (to - from) * part;
                for (day, part) in steps(scenario, from_day, over_days)? {
                    scenario.changes.push(Change {
                        from_day: day,
                        initial_margin: Some(between(first.initial_margin, initial_margin, part)),
                        call_ratio: Some(between(first.call_ratio, call_ratio, part)),
                        ..Change::default()
                    });
                }
            }
            Self::NoLeverageRule => keep_leverage(scenario),
            Self::NetSellBan { from_day, days } => {
                no_ban(scenario);
                between_days(scenario, from_day, days, |change, on| {
                    change.net_sell_ban = Some(on);
                });
            }
            Self::NoNetSellBan => no_ban(scenario),
            Self::PurchasesIn300 => buy_of(scenario, [0.0, 0.0, 0.0, 0.0, 1.0]),
            Self::PurchasesInSmall => {
                let traded = scenario.market.daily_amount;
                buy_of(scenario, [0.0, traded[1], traded[2], traded[3], 0.0]);
            }
            Self::PurchasesByTrading => buy_of(scenario, scenario.market.daily_amount),
            Self::NoPurchases => scenario.purchases.retain(|purchase| !is_bought(purchase)),
            Self::PurchasesMoved { days } => {
                let n = scenario.days.len();
                for purchase in scenario.purchases.iter_mut().filter(|p| is_bought(p)) {
                    purchase.day = (purchase.day as i64 + days).max(0) as usize;
                }
                scenario.purchases.retain(|purchase| purchase.day < n);
            }
            Self::Staggered { times } => {
                require("times", times, "above 0", times > 0.0)?;
                scenario.dma.call_days *= times;
                scenario.dma.liquidation_days *= times;
            }
            Self::RedemptionGate { from_day, days } => {
                for change in &mut scenario.changes {
                    change.redemption_gate = None;
                }
                between_days(scenario, from_day, days, |change, on| {
                    change.redemption_gate = Some(on);
                });
            }
            Self::NoSnowballs => Mechanism::Snowball.switch_off(scenario),
        }
        Ok(())
    }
}

/// Days `from_day` on and the part of the way that is gone at each, `over_days` of them, as far as the scenario reaches.
fn steps(
    scenario: &Scenario,
    from_day: usize,
    over_days: usize,
) -> Result<Vec<(usize, f64)>, SpiralError> {
    let n = scenario.days.len();
    require("from_day", from_day as f64, "a day of the scenario, 0 the first", from_day < n)?;
    require("over_days", over_days as f64, "1 or more", over_days > 0)?;
    let step = |i: usize| (from_day + i, (i + 1) as f64 / over_days as f64);
    Ok((0..over_days).map(step).filter(|(day, _)| *day < n).collect())
}

/// Books of another margin.
fn margin(scenario: &mut Scenario, initial: f64, keeping: Keeping) -> Result<(), SpiralError> {
    let is_legal = initial > 0.0 && initial <= 1.0;
    require("initial_margin", initial, "in (0, 1] (50% is written 0.5)", is_legal)?;
    let rules = &mut scenario.rules;
    let times = initial / rules.initial_margin;
    rules.initial_margin = initial;
    rules.call_ratio *= times;
    rules.liquidation_ratio *= times;
    if keeping == Keeping::Equity {
        scenario.dma.long_value /= times;
    }
    // A later rule that is laxer than this one does not loosen it.
    for change in &mut scenario.changes {
        let stricter = |line: Option<f64>, floor: f64| line.map(|line| line.max(floor));
        change.initial_margin = stricter(change.initial_margin, initial);
        change.call_ratio = stricter(change.call_ratio, rules.call_ratio);
        change.liquidation_ratio = stricter(change.liquidation_ratio, rules.liquidation_ratio);
    }
    Ok(())
}

fn keep_leverage(scenario: &mut Scenario) {
    for change in &mut scenario.changes {
        (change.initial_margin, change.call_ratio, change.liquidation_ratio) = (None, None, None);
    }
}

fn no_ban(scenario: &mut Scenario) {
    scenario.rules.net_sell_ban = false;
    for change in &mut scenario.changes {
        change.net_sell_ban = None;
    }
}

/// Sets something on `from_day` and back after `days`.
fn between_days(
    scenario: &mut Scenario,
    from_day: usize,
    days: usize,
    set: impl Fn(&mut Change, bool),
) {
    let n = scenario.days.len();
    for (day, on) in [(from_day, true), (from_day.saturating_add(days), false)] {
        // A day beyond the last is refused when it is the first of a rule, and means "to the end" when it is the last.
        if on || day < n {
            let mut change = Change { from_day: day, ..Change::default() };
            set(&mut change, on);
            scenario.changes.push(change);
        }
    }
}

/// Whether a purchase is one: sales on a schedule are somebody else's.
fn is_bought(purchase: &Purchase) -> bool {
    purchase.amount.iter().all(|amount| *amount >= 0.0)
}

/// Spends what was spent in these proportions.
fn buy_of(scenario: &mut Scenario, proportions: BySegment) {
    let whole: f64 = proportions.iter().sum();
    for purchase in scenario.purchases.iter_mut().filter(|p| is_bought(p)) {
        let spent: f64 = purchase.amount.iter().sum();
        purchase.amount =
            std::array::from_fn::<f64, SEGMENTS, _>(|k| spent * (proportions[k] / whole));
    }
}
