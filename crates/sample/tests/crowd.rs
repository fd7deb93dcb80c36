//! The crowd behind the market: it builds up, it is unwound by its own rules, and stock by stock the tables show what the
//! truth says it did.

mod world;

use std::collections::BTreeMap;

use shoals_core::{Seed, Segment, Symbol, TradingDay, day};
use shoals_sample::{CrowdDay, FactorPath, SampleConfig, Scenario, generate, generate_from};
use shoals_spiral::holder::Kind;
use world::{days, index_close, market, symbols, table};

fn crowd() -> &'static [CrowdDay] {
    &market().truth.crowd.days
}

fn on(date: TradingDay) -> &'static CrowdDay {
    let days = crowd();
    &days[days.binary_search_by_key(&date, |day| day.date).unwrap()]
}

/// The crowd's days from `from` to `to`, both included.
fn between(from: TradingDay, to: TradingDay) -> impl Iterator<Item = &'static CrowdDay> {
    crowd().iter().filter(move |day| (from..=to).contains(&day.date))
}

fn pressed(segment: Segment, from: TradingDay, to: TradingDay) -> f64 {
    between(from, to).map(|day| day.pressed[segment as usize]).sum()
}

/// The story, in the crowd's own books: three years of money, then days.
#[test]
fn holdings_grow_for_three_years_and_halve_in_days() {
    let at = |year, month, date| on(day(year, month, date)).dma_value();
    let ends = [at(2021, 1, 4), at(2021, 12, 31), at(2022, 12, 30), at(2023, 12, 29)];
    eprintln!("DMA books, CNY: {ends:?}, then {:.3e}", at(2024, 2, 7));
    assert!(ends.windows(2).all(|pair| pair[1] > 1.25 * pair[0]), "{ends:?}");
    assert!(ends[3] > 5.0 * ends[0] && at(2024, 2, 7) < 0.5 * ends[3]);
    // Nobody sells while it builds up; forced sales are most of what is sold in the storm.
    let sold = |from, to| -> f64 {
        between(from, to)
            .map(|day| -day.flow[Kind::Dma as usize].iter().sum::<f64>().min(0.0))
            .sum()
    };
    let (calm, storm) =
        (sold(day(2023, 1, 3), day(2023, 12, 29)), sold(day(2024, 1, 31), day(2024, 2, 7)));
    assert!(storm > 20.0 * calm, "{storm} against {calm}");
    // What it is short of futures follows what it is long.
    for day in crowd() {
        let short: f64 = day.short[0].iter().sum();
        assert!((short / day.dma_value() - 1.0).abs() < 0.35, "{}", day.date);
    }
}

/// The story in prices: the crowd lifted the smallest most, and took it back.
#[test]
fn the_crowd_lifts_the_small_and_drops_them() {
    let boom = Segment::ALL.map(|s| pressed(s, day(2021, 1, 4), day(2023, 12, 29)));
    let storm = Segment::ALL.map(|s| pressed(s, day(2024, 1, 31), day(2024, 2, 7)));
    eprintln!("log return that orders made, micro to CSI 300: boom {boom:.3?}, storm {storm:.3?}");
    assert!(boom[0] > 0.2 && boom[0] > boom[1] && boom[1] > boom[2] && boom[2] > boom[3]);
    assert!(storm[0] < -0.15 && storm[0] < storm[1] && storm[1] < storm[2]);
    assert!(crowd().iter().all(|day| day.pressed[Segment::Csi300 as usize] == 0.0));
    for day in crowd() {
        assert_eq!(day.pressed, path_on(&market().truth.path, day.date), "{}", day.date);
    }
}

fn path_on(path: &FactorPath, date: TradingDay) -> [f64; 5] {
    let t = path.days.binary_search(&date).unwrap();
    std::array::from_fn(|k| path.pressed[k][t])
}

/// Counterfactual: the same news without the crowd. Micro caps fall by less, the future is not squeezed, and nobody fears.
#[test]
fn without_the_crowd_there_is_no_squeeze() {
    let news = Scenario::builtin().path(Seed::default()).unwrap();
    let all = &market().truth.path;
    let (from, to) = (day(2024, 1, 2), day(2024, 2, 7));
    let fallen = |path: &FactorPath| -> f64 {
        let path = path.between(from, to);
        (0..path.len()).map(|t| path.segment_return(Segment::Micro, t).ln_1p()).sum()
    };
    let (alone, crowded) = (fallen(&news), fallen(all));
    eprintln!("micro to 2024-02-07, log: news {alone:.3}, with the crowd {crowded:.3}");
    assert!(alone > 0.65 * crowded, "{alone} {crowded}");
    let t = news.days.binary_search(&day(2024, 2, 5)).unwrap();
    let (quiet, squeezed) = (news.dislocation[3][t], all.dislocation[3][t]);
    assert!(quiet > -0.015 && squeezed < -0.035, "{quiet} {squeezed}");
    assert!(all.small_implied_volatility[t] > news.small_implied_volatility[t] + 0.05);
    // Two days later those who were short buy back.
    let t = news.days.binary_search(&to).unwrap();
    assert!(all.dislocation[3][t] > news.dislocation[3][t] + 0.004);
    assert!(between(day(2024, 2, 6), to).all(|day| {
        let bought: f64 = day.future_flow[Kind::Dma as usize].iter().sum();
        bought > 0.0
    }));
}

/// Each stock's return over two days, by symbol, for names not suspended and not ST.
fn returns(from: TradingDay, to: TradingDay) -> BTreeMap<Symbol, f64> {
    let stocks = table("stock_daily");
    let [close, factor] = ["close", "adjust_factor"].map(|name| stocks.numbers(name).unwrap());
    let (dates, names) = (days(stocks, "date"), symbols(stocks, "symbol"));
    let (suspended, special) =
        (world::flags(stocks, "is_suspended"), world::flags(stocks, "is_st"));
    let adjusted = |date: TradingDay| -> BTreeMap<Symbol, f64> {
        let start = dates.partition_point(|d| *d < date);
        let end = dates.partition_point(|d| *d <= date);
        let rows = (start..end).filter(|&i| !suspended[i] && !special[i]);
        rows.map(|i| (names[i], close[i] * factor[i])).collect()
    };
    let before = adjusted(from);
    let after = adjusted(to).into_iter();
    after.filter_map(|(name, now)| Some((name, (now / before.get(&name)?).ln()))).collect()
}

/// Members of a segment's index in the month of `date`.
fn members(segment: Segment, date: TradingDay) -> Vec<Symbol> {
    let rows = table("index_member");
    let (dates, indices, names) =
        (days(rows, "date"), symbols(rows, "index"), symbols(rows, "symbol"));
    (0..rows.n_rows())
        .filter(|&i| {
            (dates[i].year(), dates[i].month()) == (date.year(), date.month())
                && indices[i] == segment.symbol()
        })
        .map(|i| names[i])
        .collect()
}

fn crowding() -> BTreeMap<Symbol, f64> {
    market().truth.stocks.iter().map(|stock| (stock.symbol, stock.crowding)).collect()
}

/// Slope of `y` on `x` and its standard error.
fn slope(points: &[(f64, f64)]) -> (f64, f64) {
    let n = points.len() as f64;
    let (mx, my) =
        (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let square: f64 = points.iter().map(|(x, _)| (x - mx).powi(2)).sum();
    let slope = points.iter().map(|(x, y)| (x - mx) * (y - my)).sum::<f64>() / square;
    let rest: f64 = points.iter().map(|(x, y)| (y - my - slope * (x - mx)).powi(2)).sum();
    (slope, (rest / (n - 2.0) / square).sqrt())
}

/// Witness: the truth. Inside a segment the stocks the crowd holds more of fall with it by what its orders did, no more and no less,
/// within three standard errors; in the storm the slope is far from none, in a month without the crowd it is not.
#[test]
fn stocks_fall_by_what_the_crowd_holds_of_them() {
    let held = crowding();
    let slope_of = |segment: Segment, from, to| {
        let moved = returns(from, to);
        let points: Vec<(f64, f64)> = members(segment, to)
            .iter()
            .filter_map(|name| Some((held[name], *moved.get(name)?)))
            .collect();
        assert!(points.len() > 60, "{segment}: {}", points.len());
        slope(&points)
    };
    for (segment, is_seen) in
        [(Segment::Micro, true), (Segment::Csi2000, true), (Segment::Csi1000, false)]
    {
        let (from, to) = (day(2024, 1, 31), day(2024, 2, 8));
        let truth = pressed(segment, from.plus_calendar_days(1), to);
        let (found, error) = slope_of(segment, from, to);
        eprintln!("{segment}: slope {found:.4} +- {error:.4}, truth {truth:.4}");
        assert!((found - truth).abs() < 3.0 * error, "{segment}: {found} {error} {truth}");
        assert!(!is_seen || found < -3.0 * error, "{segment}: {found} {error}");
    }
    let (found, error) = slope_of(Segment::Micro, day(2020, 11, 2), day(2020, 11, 30));
    assert!(found.abs() < 3.0 * error, "before there was a crowd: {found} {error}");
}

/// Invariants: what is held of the stocks adds up to what is held of the segments the day before; inside a segment it is the same
/// share of every company's free float times its crowding, and never all of it.
#[test]
fn holdings_by_stock_add_up() {
    let truth = &market().truth.crowd;
    let preference = crowding();
    let mut by_date: BTreeMap<TradingDay, (f64, Vec<f64>)> = BTreeMap::new();
    for row in &truth.stocks {
        let (sum, shares) = by_date.entry(row.date).or_default();
        *sum += row.held;
        assert!(row.share < 0.3, "{} {}: {}", row.date, row.symbol, row.share);
        shares.push(row.share / preference[&row.symbol]);
    }
    assert_eq!(by_date.len(), 47, "every month but the crowd's first");
    for (date, (sum, mut shares)) in by_date {
        let before = crowd().partition_point(|day| day.date < date) - 1;
        let whole: f64 = crowd()[before].held.iter().flatten().sum();
        assert!((sum / whole - 1.0).abs() < 1e-9, "{date}: {sum} {whole}");
        shares.sort_by(f64::total_cmp);
        let steps = shares.windows(2).filter(|pair| pair[1] > pair[0] * (1.0 + 1e-9) + 1e-12);
        assert_eq!(steps.count(), 4, "{date}: five segments, five shares");
    }
}

/// The story in turnover: on the days of forced orders the stocks the crowd holds more of trade more than they did in
/// December, beyond what their segment does.
#[test]
fn forced_orders_show_in_turnover() {
    let stocks = table("stock_daily");
    let [amount, shares, close, high, low] = ["amount", "total_shares", "close", "high", "low"]
        .map(|name| stocks.numbers(name).unwrap());
    let (dates, names) = (days(stocks, "date"), symbols(stocks, "symbol"));
    let mean_turnover = |from: TradingDay, to: TradingDay| -> BTreeMap<Symbol, f64> {
        let mut sums: BTreeMap<Symbol, (f64, f64)> = BTreeMap::new();
        for i in dates.partition_point(|d| *d < from)..dates.partition_point(|d| *d <= to) {
            let turnover = amount[i] / shares[i] / close[i];
            // A stock locked at its limit trades little whoever wants to.
            if turnover > 0.0 && high[i] > low[i] {
                let (sum, n) = sums.entry(names[i]).or_default();
                (*sum, *n) = (*sum + turnover.ln(), *n + 1.0);
            }
        }
        sums.into_iter().map(|(name, (sum, n))| (name, sum / n)).collect()
    };
    let usual = mean_turnover(day(2023, 12, 1), day(2023, 12, 29));
    let stormy = mean_turnover(day(2024, 2, 5), day(2024, 2, 7));
    let held = crowding();
    let mut points: Vec<(f64, f64)> = Vec::new();
    for segment in &Segment::ALL[..4] {
        let rose: Vec<(f64, f64)> = members(*segment, day(2024, 2, 7))
            .iter()
            .filter_map(|name| Some((held[name], stormy.get(name)? - usual.get(name)?)))
            .collect();
        let n = rose.len() as f64;
        let mean = rose.iter().map(|p| p.1).sum::<f64>() / n;
        points.extend(rose.iter().map(|(x, y)| (*x, y - mean)));
    }
    let (found, error) = slope(&points);
    let forced = between(day(2024, 2, 5), day(2024, 2, 7))
        .map(|day| day.flow[Kind::NationalTeam as usize][Segment::Csi500 as usize])
        .fold(0.0, f64::max);
    eprintln!("log turnover on crowding: {found:.3} +- {error:.3}; bought at most {forced:.3e}");
    assert!(found > 3.0 * error, "{found} {error}");
}

/// The books' order: thinner margins are called first, and books hedged with the CSI 500 before those with the CSI 1000, which fell
/// with what they held.
#[test]
fn thin_margins_and_csi_500_hedges_are_called_first() {
    let books = &market().truth.crowd.books;
    assert_eq!(books.len(), 60);
    let is_called = |book: &&shoals_sample::BookTruth| {
        book.called_on.is_some_and(|d| (day(2024, 1, 2)..=day(2024, 2, 7)).contains(&d))
    };
    let (called, spared): (Vec<_>, Vec<_>) = books.iter().partition(|book| is_called(book));
    let margin = |books: &[&shoals_sample::BookTruth]| {
        books.iter().map(|book| book.margin).sum::<f64>() / books.len() as f64
    };
    assert!(called.len() > 15, "{}", called.len());
    assert!(margin(&called) + 0.03 < margin(&spared), "{} {}", margin(&called), margin(&spared));
    let mean_call = |product: &str| {
        let days: Vec<f64> = called
            .iter()
            .filter(|book| book.product == product)
            .map(|book| f64::from(book.called_on.unwrap().epoch_days()))
            .collect();
        days.iter().sum::<f64>() / days.len() as f64
    };
    assert!(mean_call("IC") < mean_call("IM"), "{} {}", mean_call("IC"), mean_call("IM"));
}

/// A fall feeds on itself most when the books are about to be called.
#[test]
fn the_feedback_number_rises_before_the_squeeze() {
    let highest = |from, to| {
        between(from, to).map(|day| day.feedback).filter(|x| !x.is_nan()).fold(0.0, f64::max)
    };
    let (boom, storm) =
        (highest(day(2023, 1, 3), day(2023, 12, 29)), highest(day(2024, 1, 24), day(2024, 2, 7)));
    eprintln!("feedback number, highest: 2023 {boom:.2}, storm {storm:.2}");
    assert!(boom < 0.3 && storm > 2.0 * boom, "{boom} {storm}");
}

/// The crowd survives the boom and breaks in the storm whatever the seed; the ladder is inverted in January.
#[test]
fn every_seed_has_its_storm() {
    for seed in 21..=26 {
        let config = SampleConfig::new(day(2023, 12, 1), day(2024, 3, 29), 200).unwrap();
        let market = generate(&config, Seed(seed)).unwrap();
        let crowd = &market.truth.crowd.days;
        let on = |date| &crowd[crowd.binary_search_by_key(&date, |day| day.date).unwrap()];
        let (before, after) = (on(day(2023, 12, 29)), on(day(2024, 2, 8)));
        let left = after.dma_value() / before.dma_value();
        assert!(before.called < 0.5 && left < 0.62, "{seed}: {} {left}", before.called);
        let january = market.truth.path.between(day(2024, 1, 2), day(2024, 1, 31));
        let ladder = Segment::ALL.map(|segment| -> f64 {
            (0..january.len()).map(|t| january.segment_return(segment, t).ln_1p()).sum()
        });
        assert!(ladder.windows(2).all(|pair| pair[0] < pair[1]), "{seed}: {ladder:?}");
    }
}

/// No look-ahead: the crowd of a market that ends earlier is the beginning of the longer market's, and its books know no later call.
#[test]
fn an_earlier_end_is_the_beginning_of_a_later_one() {
    let until = |to| {
        let config = SampleConfig::new(day(2023, 6, 1), to, 200).unwrap();
        generate(&config, Seed::default()).unwrap().truth
    };
    let (short, long) = (until(day(2024, 2, 2)), until(day(2024, 3, 29)));
    let n = short.path.len();
    assert_eq!(short.path, long.path.between(short.path.days[0], short.path.days[n - 1]));
    for (a, b) in short.crowd.days.iter().zip(&long.crowd.days[..n]) {
        // Debug text, for NaN equals NaN in it.
        assert!(format!("{a:?}") == format!("{b:?}"), "{}", a.date);
    }
    let called = |truth: &shoals_sample::Truth| {
        truth.crowd.books.iter().filter(|book| book.called_on.is_some()).count()
    };
    assert!(short.crowd.books.iter().all(|book| book.called_on <= Some(day(2024, 2, 2))));
    assert!(called(&short) < called(&long));
}

/// A path of one's own has no crowd in it.
#[test]
fn nothing_is_known_of_the_crowd_of_a_path_of_ones_own() {
    let news = Scenario::builtin().path(Seed(4)).unwrap();
    let path = news.between(day(2023, 9, 1), day(2023, 12, 29));
    assert!(path.pressed.iter().flatten().all(|x| *x == 0.0));
    let market = generate_from(path, 200, Seed(4)).unwrap();
    assert_eq!(market.truth.crowd, shoals_sample::CrowdTruth::default());
}

/// The demand for hedges is in the futures: their discount is deeper by five per cent a year of the share of open interest the
/// crowd is short.
#[test]
fn the_crowds_hedge_deepens_the_discount() {
    let news = Scenario::builtin().path(Seed::default()).unwrap();
    let path = &market().truth.path;
    for date in [day(2021, 6, 30), day(2023, 12, 29)] {
        let t = path.days.binary_search(&date).unwrap();
        let before = news.days.binary_search(&date).unwrap();
        let short: f64 = on(date).short.iter().map(|short| short[2]).sum();
        // A fifth of the real market's 210 billion.
        let expected = -0.05 * short / 42e9;
        let found = path.carry[3][t] - news.carry[3][before];
        assert!((found / expected - 1.0).abs() < 1e-9, "{date}: {found} {expected}");
        assert!(index_close(Segment::Csi1000.symbol(), date) > 0.0);
    }
}
