//! The small tables: open days, interest rates, margin balances, policy events.

use shoals_core::{Calendar, Seed, Table, TradingDay, Values, day};

use crate::noise::autoregression;

/// `trading_day`: every civil day from the first to the last.
pub(crate) fn trading_day_table(days: &[TradingDay]) -> Table {
    let (first, last) = (days[0].epoch_days(), days[days.len() - 1].epoch_days());
    let civil: Vec<TradingDay> = (first..=last).map(TradingDay::from_epoch_days).collect();
    let open: Vec<bool> = civil.iter().map(|&day| Calendar::shanghai().is_open(day)).collect();
    Table::new("trading_day").with("date", "civil day", civil).with(
        "is_open",
        "whether the exchange traded",
        open,
    )
}

/// Three-month rate at year starts 2018 to 2025, annualised decimals; straight lines between.
const THREE_MONTH: [f64; 8] = [0.047, 0.033, 0.030, 0.027, 0.025, 0.024, 0.025, 0.017];
/// Other tenors against three months.
const TENORS: [(&str, f64); 4] = [("1D", -0.008), ("1Y", 0.003), ("3M", 0.0), ("7D", -0.005)];

/// The three-month rate of each day.
pub(crate) fn cash_rate(days: &[TradingDay]) -> Vec<f64> {
    days.iter()
        .map(|&today| {
            let years = f64::from(day(2018, 1, 1).calendar_days_until(today)) / 365.25;
            let at = years.clamp(0.0, (THREE_MONTH.len() - 1) as f64 - 1e-9);
            let (k, part) = (at as usize, at.fract());
            THREE_MONTH[k] + part * (THREE_MONTH[k + 1] - THREE_MONTH[k])
        })
        .collect()
}

/// `rate_daily`.
pub(crate) fn rate_table(days: &[TradingDay], seed: Seed) -> Table {
    let noise = autoregression(&mut seed.part("rate").stream(0), days.len(), 20.0);
    let (mut dates, mut tenors, mut rates) = (Vec::new(), Vec::new(), Vec::new());
    for (t, (&today, base)) in days.iter().zip(cash_rate(days)).enumerate() {
        for (tenor, spread) in TENORS {
            dates.push(today);
            tenors.push(tenor.to_owned());
            rates.push(((base + spread + 0.0008 * noise[t]) * 1e5).round() / 1e5);
        }
    }
    Table::new("rate_daily")
        .with("date", "exchange day", dates)
        .with("tenor", "as 1D, 3M, 1Y", tenors)
        .with("rate", "annualised decimal", rates)
}

/// Financing balance over the free-float market cap, and how fast it follows.
const FINANCING_SHARE: f64 = 0.023;
const FINANCING_LAG: f64 = 0.04;

/// `margin_balance`: financing chases the market with a lag; lending shrinks after 2023-10.
pub(crate) fn margin_table(days: &[TradingDay], all_share: &[f64], amount: &[f64]) -> Table {
    let mut financing = all_share.first().map_or(0.0, |cap| cap * FINANCING_SHARE);
    let mut columns: [Vec<f64>; 3] = Default::default();
    let (mut dates, mut exchanges) = (Vec::new(), Vec::new());
    let short_sale_curb = day(2023, 10, 16);
    for (t, &today) in days.iter().enumerate() {
        financing += FINANCING_LAG * (all_share[t] * FINANCING_SHARE - financing);
        let since = f64::from(short_sale_curb.calendar_days_until(today).max(0));
        let lending = all_share[t] * 0.0012 * (-since / 180.0).exp();
        for (exchange, share) in [("SH", 0.52), ("SZ", 0.48)] {
            dates.push(today);
            exchanges.push(exchange.to_owned());
            let figures = [financing, 0.085 * amount[t], lending];
            for (column, figure) in columns.iter_mut().zip(figures) {
                column.push((figure * share).round());
            }
        }
    }
    let [balance, purchase, lending] = columns;
    Table::new("margin_balance")
        .with("date", "exchange day", dates)
        .with("exchange", "SH or SZ", exchanges)
        .with("financing_balance", "CNY", balance)
        .with("financing_purchase", "CNY bought that day", purchase)
        .with("securities_lending_balance", "CNY", lending)
}

/// Event: id, announced, effective, Chinese title, English title, targets, expected sign.
type Event = (&'static str, (i32, u32, u32), (i32, u32, u32), [&'static str; 4]);

#[rustfmt::skip]
const EVENTS: &[Event] = &[
    ("sample_stamp_duty",    (2023, 8, 27),  (2023, 8, 28),  ["印花税减半", "stamp duty on shares halved", "all stocks", "+"]),
    ("sample_short_margin",  (2023, 10, 14), (2023, 10, 30), ["融券保证金比例上调", "margin of short sales raised", "short sellers", "+"]),
    ("sample_dma_cap",       (2023, 11, 8),  (2023, 11, 8),  ["DMA 业务规模上限", "size of leveraged neutral books capped", "DMA books", "-"]),
    ("sample_lending_stop",  (2024, 1, 28),  (2024, 1, 29),  ["暂停限售股出借", "lending of restricted shares stopped", "short sellers", "+"]),
    ("sample_sell_ban",      (2024, 2, 5),   (2024, 2, 5),   ["DMA 禁止净卖出", "net sales of neutral books banned for a day", "DMA books", "+"]),
    ("sample_stabilisation", (2024, 2, 6),   (2024, 2, 6),   ["稳定资金扩大增持范围", "stabilisation buying widened to small caps", "small caps", "+"]),
    ("sample_patience",      (2024, 2, 8),   (2024, 2, 8),   ["追保与平仓线放宽", "brokers asked for patience with margin calls", "DMA books", "+"]),
    ("sample_leverage_ban",  (2024, 2, 8),   (2024, 2, 28),  ["DMA 杠杆上限收紧", "leverage of neutral books cut", "DMA books", "-"]),
    ("sample_lending_ban",   (2024, 7, 10),  (2024, 7, 11),  ["暂停转融券", "securities relending stopped", "short sellers", "+"]),
    ("sample_policy_turn",   (2024, 9, 24),  (2024, 9, 24),  ["一揽子支持政策", "package of support measures", "all stocks", "+"]),
];

/// `policy_event`: the events of the built-in scenario that fall inside the sample.
pub(crate) fn policy_table(days: &[TradingDay]) -> Table {
    let on = |(year, month, date): (i32, u32, u32)| day(year, month, date);
    let inside: Vec<&Event> = EVENTS
        .iter()
        .filter(|event| (days[0]..=days[days.len() - 1]).contains(&on(event.1)))
        .collect();
    let text = |f: &dyn Fn(&Event) -> &'static str| {
        Values::Text(inside.iter().map(|event| f(event).to_owned()).collect())
    };
    let dates = |f: &dyn Fn(&Event) -> (i32, u32, u32)| {
        Values::Day(inside.iter().map(|event| on(f(event))).collect())
    };
    Table::new("policy_event")
        .with("event_id", "stable name", text(&|event| event.0))
        .with("announced_on", "day it became known", dates(&|event| event.1))
        .with("effective_on", "day it came into force", dates(&|event| event.2))
        .with("title_zh", "Chinese title", text(&|event| event.3[0]))
        .with("title_en", "English title", text(&|event| event.3[1]))
        .with("targets", "what it hits", text(&|event| event.3[2]))
        .with("expected_sign", "for small caps, + or -", text(&|event| event.3[3]))
        .with("source", "who reports it", text(&|_| "built-in scenario"))
}
