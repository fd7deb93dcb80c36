//! A scenario run through, beside what happened: bands over paths, who sold what and when, what made the fall, and
//! the feedback number of every day.
//!
//! Method page: `docs/method/spiral.md`

use rayon::prelude::*;
use serde::Serialize;
use shoals_core::{Calendar, FutureContract, FutureProduct, Seed, Text, TradingDay};

use crate::SpiralError;
use crate::calibrate::Moment;
use crate::explain::{Feedback, Mechanism, feedback, mechanism_shares};
use crate::holder::Kind;
use crate::market::{BySegment, Product, SEGMENTS};
use crate::monte_carlo::Band;
use crate::replay_event::{Event, events};
use crate::scenario::Scenario;
use crate::scenario_file::Episode;
use crate::simulate::{DayRecord, World, simulate, walk, with_inferred_news};

/// What the market did, where it is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Seen {
    /// Closes of the five segments' indices; the last one before the first day is the start.
    pub closes: Vec<(TradingDay, BySegment)>,
    /// Basis of contracts: their day, its close, a fraction of spot.
    pub basis: Vec<(FutureContract, TradingDay, f64)>,
}

/// How it is run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReplayConfig {
    /// Paths of the bands.
    pub paths: u64,
    /// Paths the shares' bands are taken over.
    pub share_paths: u64,
    /// Scale of the paths' noise.
    pub noise: f64,
    /// Their seed.
    pub seed: Seed,
}

impl Default for ReplayConfig {
    fn default() -> Self {
        Self { paths: 400, share_paths: 12, noise: 1.0, seed: Seed::default() }
    }
}

/// A number of a day on the paths and in the market.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Replayed {
    /// Day, 0 the first.
    pub day: usize,
    /// Over the paths.
    pub band: Band,
    /// In the market; NaN where it is not known.
    pub data: f64,
}

/// Net orders of one kind of holder in one segment or product on a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Flow {
    /// Day, 0 the first.
    pub day: usize,
    /// Whose.
    pub holder: Kind,
    /// Segment's index or product's code.
    pub instrument: &'static str,
    /// A sale is positive, CNY.
    pub amount: f64,
}

/// What a mechanism did to a segment's fall or a product's basis.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Channel {
    /// Segment's index or product's code.
    pub place: &'static str,
    /// The mechanism.
    pub channel: Mechanism,
    /// Its share on the path without noise: a decimal return, or a fraction of spot.
    pub share: f64,
    /// The share over paths.
    pub band: Band,
}

/// DMA books of one hedge, on the path without noise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cohort {
    /// Their hedge.
    pub product: Product,
    /// How many.
    pub books: usize,
    /// Share of them that were called.
    pub called: f64,
    /// First day one was, 0 the first.
    pub first_called: Option<usize>,
    /// Share of them whose equity was gone.
    pub wiped_out: f64,
    /// First day one's was.
    pub first_wiped_out: Option<usize>,
    /// Their equity at the end over that at the start.
    pub equity_left: f64,
}

/// A scenario run through.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpiralOutcome {
    /// What the episode is called.
    pub title: Text,
    /// What it is shaped after.
    pub about: Text,
    /// How it was run.
    pub config: ReplayConfig,
    /// Sets of numbers the paths were dealt over: 1, or the particles of a posterior.
    pub particles: usize,
    /// Its days; empty where they have numbers only.
    pub dates: Vec<TradingDay>,
    /// Levels of the segments, 1 at the start, segment by segment, smallest companies first.
    pub level: [Vec<Replayed>; SEGMENTS],
    /// Basis of a quarter contract of each product, a fraction of spot; in the order of [`Product::ALL`].
    pub basis: [Vec<Replayed>; 3],
    /// Calendar days to that contract's expiry.
    pub basis_days: Vec<f64>,
    /// The path without noise.
    pub central: Vec<DayRecord>,
    /// Who traded what.
    pub flows: Vec<Flow>,
    /// What happened on it.
    pub events: Vec<Event>,
    /// The books by hedge.
    pub books: Vec<Cohort>,
    /// Close at which the smallest segment stood lowest, 1 the first day's: shares are of the fall to it.
    pub trough: usize,
    /// Shares of the mechanisms.
    pub channels: Vec<Channel>,
    /// The feedback number at every close but the last.
    pub feedback: Vec<Feedback>,
}

/// Calendar days to expiry of the contract told about where days have no dates.
const UNDATED: f64 = 60.0;

/// Days before expiry on which the contract told about is the next quarter's.
const ROLL: f64 = 7.0;

/// Runs an episode; its paths are dealt over [`Episode::scenarios`].
///
/// # Errors
/// When an exchange calendar does not reach the contracts' expiry.
pub fn replay(
    episode: &Episode,
    seen: &Seen,
    config: ReplayConfig,
) -> Result<SpiralOutcome, SpiralError> {
    let scenario = &episode.scenario;
    let drawn = episode.scenarios();
    let contracts = contracts(&episode.dates)?;
    let basis_days: Vec<f64> = (0..scenario.days.len())
        .map(|day| contracts.get(day).map_or(UNDATED, |contract| contract.1))
        .collect();
    let paths: Vec<Vec<[f64; SEGMENTS + 3]>> = (0..config.paths)
        .into_par_iter()
        .map(|path| {
            let scenario = &drawn[path as usize % drawn.len()];
            let records = simulate(scenario, path, config.seed, config.noise);
            records.iter().zip(&basis_days).map(|(r, days)| numbers(scenario, r, *days)).collect()
        })
        .collect();
    let replayed = |i: usize, data: &dyn Fn(usize) -> f64| -> Vec<Replayed> {
        let of_day = |day: usize| {
            let values: Vec<f64> = paths.iter().map(|path| path[day][i]).collect();
            Replayed { day, band: Band::of(&values), data: data(day) }
        };
        (0..scenario.days.len()).map(of_day).collect()
    };
    let mut central = Vec::with_capacity(scenario.days.len());
    let keep = |_: usize, record: &DayRecord, _: &World| central.push(*record);
    let end = walk(World::new(scenario), scenario, 0, config.seed, 0.0, keep);
    let lowest =
        (0..central.len()).min_by(|a, b| central[*a].level[0].total_cmp(&central[*b].level[0]));
    let trough = lowest.map_or(0, |day| day + 1);
    let feedback = feedback(scenario);
    Ok(SpiralOutcome {
        title: episode.title.clone(),
        about: episode.about.clone(),
        config,
        particles: drawn.len(),
        level: std::array::from_fn(|k| {
            replayed(k, &|day| level_seen(seen, &episode.dates, day, k))
        }),
        basis: Product::ALL.map(|product| {
            replayed(SEGMENTS + product as usize, &|day| {
                let Some(((year, month), _)) = contracts.get(day) else { return f64::NAN };
                let product = listed(product);
                let wanted = FutureContract { product, year: *year, month: *month };
                let on = |(contract, date, _): &&(FutureContract, TradingDay, f64)| {
                    *contract == wanted && *date == episode.dates[day]
                };
                seen.basis.iter().find(on).map_or(f64::NAN, |(_, _, basis)| *basis)
            })
        }),
        channels: channels(scenario, drawn, &central, trough, &basis_days, config),
        events: events(scenario, &central, &feedback),
        flows: flows(&central),
        dates: episode.dates.clone(),
        basis_days,
        central,
        books: cohorts(&end),
        trough,
        feedback,
    })
}

/// Levels of the segments and bases of the products at a close.
fn numbers(scenario: &Scenario, record: &DayRecord, days: f64) -> [f64; SEGMENTS + 3] {
    std::array::from_fn(|i| match i.checked_sub(SEGMENTS) {
        None => record.level[i],
        Some(j) => scenario.market.basis(record.stress[j], Product::ALL[j], days),
    })
}

fn level_seen(seen: &Seen, dates: &[TradingDay], day: usize, k: usize) -> f64 {
    let Some((first, date)) = dates.first().zip(dates.get(day)) else { return f64::NAN };
    let start = seen.closes.iter().rfind(|(on, _)| on < first);
    let close = seen.closes.iter().find(|(on, _)| on == date);
    start.zip(close).map_or(f64::NAN, |(start, close)| close.1[k] / start.1[k])
}

/// The product as the exchange lists it.
const fn listed(product: Product) -> FutureProduct {
    match product {
        Product::If => FutureProduct::IF,
        Product::Ic => FutureProduct::IC,
        Product::Im => FutureProduct::IM,
    }
}

/// Year and month of a contract, and calendar days to its expiry.
type Quarter = ((i32, u32), f64);

/// Year and month of each day's nearest quarter contract that is not about to expire, and calendar days to its expiry.
fn contracts(dates: &[TradingDay]) -> Result<Vec<Quarter>, SpiralError> {
    let calendar = Calendar::shanghai();
    let of_day = |date: &TradingDay| {
        let (mut year, mut month, _) = date.ymd();
        month = month.div_ceil(3) * 3;
        loop {
            let contract = FutureContract { product: FutureProduct::IF, year, month };
            let days = f64::from(date.calendar_days_until(contract.expiry(calendar)?));
            if days >= ROLL {
                return Ok(((year, month), days));
            }
            (year, month) = if month == 12 { (year + 1, 3) } else { (year, month + 3) };
        }
    };
    dates.iter().map(of_day).collect()
}

/// Orders below this are not told, CNY.
const TOLD: f64 = 1e6;

fn flows(central: &[DayRecord]) -> Vec<Flow> {
    let mut flows = Vec::new();
    for (day, record) in central.iter().enumerate() {
        for (holder, orders) in Kind::ALL.into_iter().zip(&record.flow) {
            let stock = shoals_core::Segment::ALL.map(shoals_core::Segment::name);
            let future = Product::ALL.map(Product::code);
            let stocks = stock.into_iter().zip(orders.stock);
            let all = stocks.chain(future.into_iter().zip(orders.future));
            let told = all.filter(|(_, amount)| amount.abs() >= TOLD);
            flows.extend(told.map(|(instrument, amount)| Flow { day, holder, instrument, amount }));
        }
    }
    flows
}

fn cohorts(world: &World) -> Vec<Cohort> {
    let of = |product: Product| {
        let of_product = world.dma.books.iter().filter(|book| book.hedge.product == product);
        let books: Vec<_> = of_product.collect();
        let share = |n: usize| n as f64 / books.len().max(1) as f64;
        let opened: f64 = books.iter().map(|book| book.opening).sum();
        Cohort {
            product,
            books: books.len(),
            called: share(books.iter().filter(|book| book.called_on.is_some()).count()),
            first_called: books.iter().filter_map(|book| book.called_on).min(),
            wiped_out: share(books.iter().filter(|book| book.wiped_out_on.is_some()).count()),
            first_wiped_out: books.iter().filter_map(|book| book.wiped_out_on).min(),
            equity_left: books.iter().map(|book| book.equity).sum::<f64>() / opened,
        }
    };
    Product::ALL.map(of).to_vec()
}

fn channels(
    scenario: &Scenario,
    drawn: &[Scenario],
    central: &[DayRecord],
    trough: usize,
    basis_days: &[f64],
    config: ReplayConfig,
) -> Vec<Channel> {
    if trough == 0 {
        return Vec::new();
    }
    // The close at which the bases together stood lowest.
    let stress = |day: &usize| central[*day].stress.iter().sum::<f64>();
    let lowest = (0..trough).min_by(|a, b| stress(a).total_cmp(&stress(b)));
    let stressed = lowest.map_or(trough, |day| day + 1);
    let fall = |segment| Moment::Return { segment, from: 0, to: trough };
    let basis = |product| Moment::Basis { product, day: stressed, days: basis_days[stressed - 1] };
    let moments: Vec<Moment> =
        (0..SEGMENTS).map(fall).chain(Product::ALL.into_iter().map(basis)).collect();
    let names = shoals_core::Segment::ALL.map(shoals_core::Segment::name);
    let places = names.into_iter().chain(Product::ALL.map(Product::code));
    let until = |scenario: &Scenario| {
        let mut seen = with_inferred_news(scenario);
        seen.days.truncate(trough);
        seen
    };
    let middle = mechanism_shares(&until(scenario), &moments, 0, config.seed, 0.0);
    let many: Vec<Vec<Vec<f64>>> = (0..config.share_paths)
        .map(|path| {
            let scenario = until(&drawn[path as usize % drawn.len()]);
            mechanism_shares(&scenario, &moments, path, config.seed, config.noise)
        })
        .collect();
    let mut channels = Vec::new();
    for (i, place) in places.enumerate() {
        for (m, channel) in Mechanism::ALL.into_iter().enumerate() {
            let over: Vec<f64> = many.iter().map(|shares| shares[i][m]).collect();
            channels.push(Channel { place, channel, share: middle[i][m], band: Band::of(&over) });
        }
    }
    channels
}
