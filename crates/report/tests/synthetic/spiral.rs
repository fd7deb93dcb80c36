//! A made-up storm of four days: a replay's tables and those of three levers.

use shoals_core::{Segment, Table, Text, Values, day};

/// What of the storm differs.
pub struct MadeStorm {
    /// Whether the market's own lines are known.
    pub is_seen: bool,
    /// Whether its days have dates.
    pub is_dated: bool,
    /// What the best lever does to micro caps' lowest close.
    pub lift: f64,
    /// The highest feedback number.
    pub feedback: f64,
    /// Part of the fall that happens.
    pub depth: f64,
}

impl Default for MadeStorm {
    fn default() -> Self {
        Self { is_seen: true, is_dated: true, lift: 0.1, feedback: 1.25, depth: 1.0 }
    }
}

const MEDIAN: [f64; 4] = [0.95, 0.7, 0.6, 0.75];
const DATA: [f64; 4] = [0.96, 0.58, 0.66, 0.76];

fn days(made: &MadeStorm, of: &[usize]) -> Values {
    let dates = [day(2024, 2, 2), day(2024, 2, 5), day(2024, 2, 6), day(2024, 2, 7)];
    if made.is_dated {
        of.iter().map(|i| dates[*i]).collect::<Vec<_>>().into()
    } else {
        of.iter().map(|i| *i as i64 + 1).collect::<Vec<i64>>().into()
    }
}

fn names(of: &[&str]) -> Vec<String> {
    of.iter().map(|name| (*name).to_owned()).collect()
}

/// Lines of several names, each over all days: `of(k, i)` is the median of name k on day i.
fn banded(made: &MadeStorm, table: &str, column: &str, of: &[(&str, f64)], from: f64) -> Table {
    let at: Vec<usize> = of.iter().flat_map(|_| 0..MEDIAN.len()).collect();
    let line = |values: [f64; 4]| -> Vec<f64> {
        let scaled = |part: f64| values.map(|x| from + (x - 1.0) * part * made.depth);
        of.iter().flat_map(|(_, part)| scaled(*part)).collect()
    };
    let median = line(MEDIAN);
    let moved = |by: f64| median.iter().map(|x| x + by).collect::<Vec<f64>>();
    let seen = |values: [f64; 4]| -> Vec<f64> {
        of.iter().flat_map(|(_, part)| values.map(|x| from + (x - 1.0) * part)).collect()
    };
    let data = if made.is_seen { seen(DATA) } else { vec![f64::NAN; median.len()] };
    let label: Vec<&str> = of.iter().flat_map(|(name, _)| [*name; 4]).collect();
    Table::new(table)
        .with("day", "", days(made, &at))
        .with(column, "", names(&label))
        .with("p10", "", moved(-0.05))
        .with("p90", "", moved(0.05))
        .with("median", "", median)
        .with("data", "", data)
}

pub fn spiral_tables(made: &MadeStorm) -> Vec<Table> {
    let segments: Vec<(&str, f64)> =
        Segment::ALL.iter().zip([1.0, 0.8, 0.5, 0.2, 0.1]).map(|(s, x)| (s.name(), x)).collect();
    let products = [("IF", 0.02), ("IC", 0.1), ("IM", 0.15)];
    let mut tables = vec![
        banded(made, "path", "segment", &segments, 1.0),
        banded(made, "basis", "product", &products, 0.0),
        channel(),
        Table::new("feedback")
            .with("day", "", days(made, &[0, 1, 2]))
            .with("all", "", vec![0.4, made.feedback, 0.3])
            .with("dma", "", vec![0.2, 0.9, 0.1])
            .with("chaser", "", vec![0.1, 0.3, 0.1]),
        event(made),
        Table::new("book")
            .with("hedge", "", names(&["IF", "IC", "IM"]))
            .with("books", "", vec![10_i64, 10, 20])
            .with("called", "", vec![0.0, 1.0, 1.0])
            .with("first_called", "", called_on(made))
            .with("wiped_out", "", vec![0.0, 0.0, 0.5])
            .with("first_wiped_out", "", names(&["", "", "2024-02-06"]))
            .with("equity_left", "", vec![0.8, 0.3, 0.1]),
        Table::new("flow")
            .with("day", "", days(made, &[0, 1, 1, 3]))
            .with("holder", "", names(&["dma", "dma", "national_team", "dma"]))
            .with("instrument", "", names(&["micro", "IM", "csi300", "micro"]))
            .with("amount", "", vec![2e9, -1e9, -5e9, 9e9]),
    ];
    tables.extend(lever(made));
    tables
}

fn called_on(made: &MadeStorm) -> Vec<String> {
    names(if made.is_dated { &["", "2024-02-05", "2024-02-02"] } else { &["", "2", "1"] })
}

fn channel() -> Table {
    let mechanisms = [
        ("dma_calls", -0.12),
        ("redemption", -0.02),
        ("enhanced", 0.0),
        ("snowball", 0.0),
        ("chaser", 0.0),
        ("margin_accounts", 0.0),
        ("locked", 0.0),
        ("depth", 0.02),
        ("fund_mix", 0.04),
    ];
    let share: Vec<f64> = mechanisms.iter().map(|m| m.1).collect();
    let moved = |by: f64| share.iter().map(|x| x + by).collect::<Vec<f64>>();
    Table::new("channel")
        .with("segment", "", vec!["micro".to_owned(); share.len()])
        .with("channel", "", mechanisms.iter().map(|m| m.0.to_owned()).collect::<Vec<_>>())
        .with("low", "", moved(-0.02))
        .with("high", "", moved(0.02))
        .with("share", "", share)
}

fn event(made: &MadeStorm) -> Table {
    let detail = vec![
        Text::new("国家队买入 50 亿元", "the national team bought CNY 5.0 bn"),
        Text::new("DMA 不得净卖出，暂停赎回", "DMA books may not sell net, redemptions are gated"),
    ];
    Table::new("event")
        .with("day", "", days(made, &[0, 1]))
        .with("kind", "", names(&["purchase", "rule"]))
        .with("detail", "", detail)
}

fn lever(made: &MadeStorm) -> [Table; 2] {
    let levers = ["no_dma", "dma_size_1", "no_purchases"];
    let text = vec![
        Text::new("没有 DMA", "no DMA books"),
        Text::new("DMA 规模 1 倍", "DMA money times 1"),
        Text::new("不买入", "no purchases"),
    ];
    let change = [made.lift, made.lift.min(0.0), -0.05];
    let of = |values: [f64; 3], books: [f64; 3]| [values, books].concat();
    let pulled = change.map(|x| x - 0.4);
    let books = [f64::NAN, 0.0, -0.1];
    let low = of(change.map(|x| x - 0.02), books.map(|x| x - 0.02));
    let high = of(change.map(|x| x + 0.02), books.map(|x| x + 0.02));
    let effect = Table::new("effect")
        .with("lever", "", names(&[levers, levers].concat()))
        .with("measure", "", names(&[["trough"; 3], ["dma_equity_trough"; 3]].concat()))
        .with("place", "", names(&[["micro"; 3], ["dma"; 3]].concat()))
        .with("base", "", of([-0.4; 3], [0.3; 3]))
        .with("pulled", "", of(pulled, [f64::NAN, 0.3, 0.2]))
        .with("change", "", of(change, books))
        .with("change_p10", "", low)
        .with("change_p90", "", high)
        .with("rose", "", of([0.9, 0.0, 0.1], [f64::NAN, 0.0, 0.1]));
    [Table::new("lever").with("lever", "", names(&levers)).with("text", "", text), effect]
}
