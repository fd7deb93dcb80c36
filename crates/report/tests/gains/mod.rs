//! Exhibits 3 and 6 on tables made by hand: every title and sentence follows the numbers it is given.

use shoals_core::{Table, TradingDay, day};
use shoals_report::{Exhibit, exhibits};

use super::with_source;

/// What an AB swap and a DMA book came to.
#[derive(Clone, Copy)]
struct Ends {
    /// Return of the junior share, and of the DMA fund.
    returns: [f64; 2],
    buffer: f64,
    event: Option<&'static str>,
}

/// 75 of A, 20 of B and a buffer against 25 of margin.
fn ab(ends: Ends) -> Exhibit {
    let days = [day(2024, 1, 2), day(2024, 1, 31), day(2024, 2, 7)];
    let [of_b, of_dma] = ends.returns;
    let text = |words: [&str; 2]| words.map(str::to_owned).to_vec();
    let path = Table::new("ab")
        .with("date", "", days.to_vec())
        .with("junior", "", vec![20.0, 12.0, 20.0 * (1.0 + of_b)])
        .with("dma_equity", "", vec![25.0, 15.0, 25.0 * (1.0 + of_dma)]);
    let side = Table::new("side")
        .with("put_in", "", vec![20.0, 25.0])
        .with("received", "", vec![20.0 * (1.0 + of_b), 25.0 * (1.0 + of_dma)])
        .with("return", "", vec![of_b, of_dma])
        .with("lowest", "", vec![3.0, -2.0])
        .with("leverage", "", vec![5.0, 4.0])
        .with("cost_of_money", "", vec![0.48, 0.4])
        .with("stopped_on", "", text(["2024-02-05", "2024-02-06"]))
        .with("gone_on", "", text(["", "2024-02-07"]))
        .with("lender_loss", "", vec![1.5, 0.25]);
    let put_in = vec![ends.buffer, 20.0, 75.0];
    let layer = Table::new("layer")
        .with("put_in", "", put_in)
        .with("owed", "", vec![ends.buffer, 20.0, 75.5])
        .with("received", "", vec![0.0, 20.0 * (1.0 + of_b), 74.0])
        .with("gain", "", vec![-ends.buffer, 20.0 * of_b, -1.0])
        .with("return", "", vec![-1.0, of_b, -1.0 / 75.0]);
    let at = [-0.40, -0.30, -0.25, -0.20, 0.0];
    let payoff = Table::new("payoff")
        .with("portfolio_return", "", at.to_vec())
        .with("senior_return", "", at.map(|x| (x + 0.24_f64).min(0.0)).to_vec())
        .with("junior_return", "", at.map(|x| (x / 0.2_f64).max(-1.0)).to_vec())
        .with("dma_return", "", at.map(|x| x / 0.25).to_vec());
    let events: Vec<&str> = ends.event.into_iter().collect();
    let event = Table::new("event").with("date", "", vec![days[0]; events.len()]).with(
        "kind",
        "",
        events.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>(),
    );
    with_source(&[path, side, layer, payoff, event], |source| exhibits::ab(source).unwrap())
}

const LOST: Ends = Ends { returns: [-0.75, -1.4], buffer: 5.0, event: Some("not_offered") };

/// Witness: the returns the tables were made with.
#[test]
fn the_title_of_the_ab_swap_says_what_both_ends_made() {
    for (returns, part) in [
        ([-0.75, -1.4], "the junior share of an AB swap lost 75% and the DMA fund 140%"),
        ([0.12, 0.09], "the junior share of an AB swap gained 12% and the DMA fund 9%"),
        ([0.12, -0.09], "the junior share of an AB swap made 12% and the DMA fund −9%"),
    ] {
        let exhibit = ab(Ends { returns, ..LOST });
        assert!(exhibit.title.en.contains(part), "{}", exhibit.title.en);
        assert!(!exhibit.title.zh.is_empty() && exhibit.number == 3);
        let verdict = &exhibit.verdict[0];
        assert!(verdict.sentence.en.starts_with(&exhibit.title.en), "{}", verdict.sentence.en);
        // What the lender lost is the lender's, whatever the title.
        let lender = exhibit.answer.iter().find(|text| text.en.contains("stands a lender"));
        let lender = &lender.unwrap().en;
        assert!(lender.contains("1.5") && lender.contains("0.25"), "{lender}");
    }
    assert_eq!(ab(LOST).verdict[0].figure.en, "−75%");
}

/// A swap without a buffer has no box, row or sentence of one; the rules of 2021 are told where they apply.
#[test]
fn the_waterfall_and_the_rules_are_told_as_they_are() {
    let with = ab(LOST);
    let without = ab(Ends { buffer: 0.0, event: Some("offer_ended"), ..LOST });
    let plain = ab(Ends { event: None, ..LOST });
    for (exhibit, has_buffer, n_boxes, n_layers) in [(&with, true, 6, 3), (&without, false, 5, 2)] {
        let all: String = exhibit.answer.iter().map(|text| text.en.clone()).collect();
        assert_eq!(all.contains("the buffer of"), has_buffer, "{all}");
        assert_eq!(exhibit.diagrams[0].boxes.len(), n_boxes);
        assert_eq!(exhibit.tables[1].rows.len(), n_layers);
    }
    let says = |exhibit: &Exhibit, part: &str| exhibit.answer.iter().any(|t| t.en.contains(part));
    assert!(says(&with, "could not be newly offered") && !says(&with, "could run to its end"));
    assert!(says(&without, "could run to its end"));
    assert!(!says(&plain, "December 2021") && !says(&plain, "could run to its end"));
    // B is gone at -20 %, the DMA fund at -25 %, A loses its own from -25 % on: the steps made above.
    let title = &with.charts[1].title.en;
    assert!(title.contains("−20% ends B, −25% the DMA fund; from −25% on A"), "{title}");
    let path = &with.charts[0].title.en;
    assert!(path.contains("B received 0.25 and the DMA fund −0.40"), "{path}");
}

#[test]
fn an_ab_swap_without_a_day_is_told_not_drawn() {
    let numbers = |name: &str, columns: &[&str]| {
        columns.iter().fold(Table::new(name), |t, column| t.with(*column, "", Vec::<f64>::new()))
    };
    let words = |table: Table, columns: &[&str]| {
        columns.iter().fold(table, |t, column| t.with(*column, "", Vec::<String>::new()))
    };
    let none = Vec::<TradingDay>::new;
    let side =
        ["put_in", "received", "return", "lowest", "leverage", "cost_of_money", "lender_loss"];
    let tables = [
        numbers("ab", &["junior", "dma_equity"]).with("date", "", none()),
        words(Table::new("event"), &["kind"]).with("date", "", none()),
        words(numbers("side", &side), &["stopped_on", "gone_on"]),
        numbers("layer", &["put_in", "owed", "received", "gain", "return"]),
    ];
    let exhibit = with_source(&tables, |source| exhibits::ab(source).unwrap());
    assert_eq!(exhibit.title.en, "The AB swap has no trading day");
    assert!(exhibit.charts.is_empty() && exhibit.diagrams.is_empty());
}

/// One factor's clock: the break, the means about it, whether it is proven.
type Clock = (&'static str, TradingDay, [f64; 2], bool);

/// What an attribution found.
#[derive(Clone, Copy)]
struct Found {
    clocks: [Clock; 2],
    /// Rank and p of the book's top among reordered paths.
    top: (f64, f64),
    has_factors: bool,
    has_lines: bool,
}

const SOURCES: [&str; 11] = [
    "market",
    "size",
    "carry",
    "basis",
    "delta",
    "gamma",
    "theta",
    "vega",
    "option_residual",
    "financing",
    "costs",
];

/// Two days of lines: 0.10 of size, 0.02 of theta, -0.01 of costs each; a regression of 40, 30 and 20 %.
fn attribution_tables(found: Found) -> Vec<Table> {
    let days = if found.has_lines { vec![day(2023, 1, 3), day(2023, 1, 4)] } else { vec![] };
    let n = days.len();
    let amount = |name: &str| match name {
        "size" => 0.10,
        "theta" => 0.02,
        "costs" => -0.01,
        _ => 0.0,
    };
    let lines = |table: Table, times: f64, n: usize| {
        let table = table.with("pnl", "", vec![0.11 * times; n]);
        SOURCES.iter().fold(table, |t, name| t.with(*name, "", vec![amount(name) * times; n]))
    };
    let source = lines(Table::new("source").with("date", "", days), 1.0, n);
    let whole = if n > 0 { vec!["whole".to_owned()] } else { vec![] };
    let part = lines(Table::new("part").with("period", "", whole), 2.0, n.min(1));
    let factors: Vec<&str> = if found.has_factors {
        vec!["market", "size", "short_volatility", "alpha", "residual"]
    } else {
        vec![]
    };
    let numbers = |values: [f64; 5]| values[..factors.len()].to_vec();
    let names = |of: &[&str]| of.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let coefficient = Table::new("coefficient")
        .with("factor", "", names(&factors))
        .with("beta", "", numbers([0.2, 0.9, 0.4, 0.05, f64::NAN]))
        .with("beta_low", "", numbers([0.1, 0.8, 0.3, 0.01, f64::NAN]))
        .with("beta_high", "", numbers([0.3, 1.0, 0.5, 0.09, f64::NAN]))
        .with("t", "", numbers([2.0, 9.0, 4.0, 1.5, f64::NAN]))
        .with("mean_return", "", numbers([0.01, 0.2, 0.05, f64::NAN, f64::NAN]))
        .with("contribution", "", numbers([0.002, 0.18, 0.02, 0.05, f64::NAN]))
        .with("share", "", numbers([0.1, 0.4, 0.3, f64::NAN, 0.2]));
    let walked = if found.has_factors { 4 } else { 0 };
    let on = [day(2023, 6, 1), day(2023, 6, 1), day(2023, 6, 2), day(2023, 6, 2)];
    let of = ["size", "short_volatility", "size", "short_volatility"];
    let beta = Table::new("beta")
        .with("date", "", on[..walked].to_vec())
        .with("factor", "", names(&of[..walked]))
        .with("walking", "", [0.9, 0.4, 0.7, 0.1][..walked].to_vec())
        .with("walking_low", "", [0.8, 0.3, 0.6, 0.0][..walked].to_vec())
        .with("walking_high", "", [1.0, 0.5, 0.8, 0.2][..walked].to_vec());
    let clocks: Vec<Clock> = found.clocks.into_iter().filter(|_| found.has_factors).collect();
    let of_clock = |pick: fn(&Clock) -> f64| clocks.iter().map(pick).collect::<Vec<f64>>();
    let broke: Vec<TradingDay> = clocks.iter().map(|clock| clock.1).collect();
    let clock = Table::new("clock")
        .with("factor", "", names(&clocks.iter().map(|clock| clock.0).collect::<Vec<_>>()))
        .with("break_on", "", broke.clone())
        .with("break_low", "", broke.clone())
        .with("break_high", "", broke)
        .with("mean_before", "", of_clock(|c| c.2[0]))
        .with("mean_after", "", of_clock(|c| c.2[1]))
        .with("sup_f", "", of_clock(|_| 20.0))
        .with("p_value", "", of_clock(|c| if c.3 { 0.01 } else { 0.4 }))
        .with("has_faded", "", clocks.iter().map(|c| c.2[1] < c.2[0]).collect::<Vec<_>>())
        .with("is_proven", "", clocks.iter().map(|c| c.3).collect::<Vec<_>>());
    let (rank, p) = found.top;
    let one = |x: f64| vec![x];
    let top = Table::new("top")
        .with("path", "", names(&["book"]))
        .with("peak_on", "", vec![day(2024, 1, 5)])
        .with("peakedness", "", one(0.31))
        .with("rise", "", one(0.1))
        .with("fall", "", one(0.2))
        .with("null_low", "", one(0.25))
        .with("null_median", "", one(0.45))
        .with("null_high", "", one(0.65))
        .with("rank", "", one(rank))
        .with("p_value", "", one(p));
    let against = Table::new("against")
        .with("leg", "", names(&["all", "size"]))
        .with("book_return", "", vec![0.22, 0.20])
        .with("replica_return", "", vec![0.30, 0.25])
        .with("difference_return", "", vec![-0.08, -0.05])
        .with("correlation", "", vec![0.9, 0.95])
        .with("n_days", "", vec![2_i64, 2]);
    vec![part, coefficient, clock, top, against, source, beta]
}

fn attribution(found: Found) -> Exhibit {
    with_source(&attribution_tables(found), |source| exhibits::attribute(source).unwrap())
}

/// Both clocks faded, and it is proven.
fn faded() -> Found {
    Found {
        clocks: [
            ("size", day(2024, 1, 8), [0.30, -0.10], true),
            ("short_volatility", day(2023, 8, 15), [0.09, -0.02], true),
        ],
        top: (0.1, 0.04),
        has_factors: true,
        has_lines: true,
    }
}

/// Witness: the breaks the tables were made with. Both proven: which came first; else the shares of the variance.
#[test]
fn the_title_of_the_attribution_follows_its_clocks() {
    let [size, volatility] = faded().clocks;
    let earlier = ("size", day(2023, 5, 4), size.2, true);
    let unproven = (volatility.0, volatility.1, volatility.2, false);
    let grown = (size.0, size.1, [0.1, 0.3], true);
    for (clocks, part) in [
        (
            [size, volatility],
            "Short volatility stopped paying from 15 August 2023, the size premium from 8 January 2024",
        ),
        (
            [earlier, volatility],
            "The size premium stopped paying from 4 May 2023, short volatility from 15 August 2023",
        ),
        (
            [size, unproven],
            "Size explains 40% of the variance, short volatility 30%; 20% is neither",
        ),
        ([grown, volatility], "Size explains 40% of the variance"),
    ] {
        let exhibit = attribution(Found { clocks, ..faded() });
        assert!(exhibit.title.en.starts_with(part), "{}", exhibit.title.en);
        assert!(exhibit.verdict[0].sentence.en.starts_with(&exhibit.title.en));
        assert_eq!((exhibit.verdict[0].figure.en.as_str(), exhibit.number), ("40%", 6));
    }
    let told = |clocks| {
        let answers = attribution(Found { clocks, ..faded() }).answer;
        answers.iter().map(|text| text.en.clone()).collect::<String>()
    };
    assert!(
        told([size, volatility]).contains("size premium faded: 30.0% a year before 8 January 2024")
    );
    assert!(told([grown, volatility]).contains("size premium grew: 10.0% a year before"));
    assert!(told([size, unproven]).contains("short-volatility return no break is proven"));
}

/// Lines add up on the page as they do in the table; without a regression the lines are the title, without lines the
/// regression is; the top is flat, peaked or neither by its rank and p.
#[test]
fn lines_shares_and_tops_are_told_as_they_are() {
    let exhibit = attribution(faded());
    let exact = &exhibit.answer[0].en;
    assert!(
        exact.contains("22.0% in all; size 20.0%, market 0.0%, basis 0.0%, straddle 4.0%"),
        "{exact}"
    );
    assert!(exact.contains("costs and financing −2.0%"), "{exact}");
    assert_eq!(exhibit.charts.len(), 2);
    // Sources of nothing have no column: the gain, size, theta and costs are left.
    let parts = exhibit.tables.iter().find(|table| table.id == "parts").unwrap();
    assert_eq!(parts.columns.len(), 5);
    let against = exhibit.tables.iter().find(|table| table.id == "against").unwrap();
    assert!(against.note.en.starts_with("2 common days"), "{}", against.note.en);

    let without = attribution(Found { has_factors: false, ..faded() });
    assert!(without.title.en.starts_with("Of 22.0% of opening equity, size brought 20.0%"));
    assert!(without.verdict.is_empty() && without.tables.iter().all(|t| t.id != "tops"));
    let series = attribution(Found { has_lines: false, ..faded() });
    assert!(series.title.en.starts_with("Short volatility stopped paying"));
    assert!(series.tables.iter().all(|table| table.id != "parts"));
    let none = Found { has_factors: false, has_lines: false, ..faded() };
    assert_eq!(attribution(none).title.en, "The record is too short to attribute");

    for (top, part) in [
        ((0.1, 0.04), "The top of the book on 5 January 2024 was flat: peakedness 0.31"),
        ((0.9, 0.04), "was peaked: peakedness 0.31"),
        ((0.1, 0.30), "had the shape chance gives"),
    ] {
        let answers = attribution(Found { top, ..faded() }).answer;
        assert!(answers.iter().any(|text| text.en.contains(part)), "{part}: {answers:?}");
    }
}
