//! The storm of 2024 on real closes (`SHOALS_DATA`).

use shoals_core::{Seed, Segment, TradingDay, day};
use shoals_spiral::calibrate::{Moment, Search, Target, fit, loss};
use shoals_spiral::china_2024::{Storm, fit_until, parameters, start, storm};
use shoals_spiral::market::{BySegment, Product};
use shoals_spiral::simulate::simulate;

use crate::oracle::text;

/// Closes of the five segments' indices.
pub(crate) fn closes() -> Option<Vec<(TradingDay, BySegment)>> {
    let text = text("cn_index_close_20231009_20240329.csv")?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let places = Segment::ALL.map(|segment| {
        let symbol = segment.symbol().to_string();
        header.iter().position(|name| *name == symbol).unwrap()
    });
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        (cells[0].parse().unwrap(), places.map(|i| cells[i].parse::<f64>().unwrap()))
    };
    Some(lines.map(row).collect())
}

/// Basis and days to expiry of the March contracts.
fn basis(date: TradingDay, product: Product) -> (f64, f64) {
    let text = text("cn_futures_basis_20231101_20240329.csv").unwrap();
    let contract = format!("{}2403", product.code());
    let line = text
        .lines()
        .find(|line| line.starts_with(&date.to_string()) && line.contains(&contract))
        .unwrap();
    let cells: Vec<f64> = line.split(',').skip(4).map(|cell| cell.parse().unwrap()).collect();
    (cells[3] / cells[1], cells[2])
}

/// What the fit may see, up to a day: weekly returns, the days of the storm, the basis of the March contracts on eight
/// dates. A weekly return counts as met within 2 points, a day's within 1.5, a basis within 0.6.
fn targets(storm: &Storm, until: TradingDay) -> Vec<Target> {
    let d = |m, n| day(2024, m, n);
    let spans = [
        (start(), d(1, 5), 0.02),
        (d(1, 5), d(1, 12), 0.02),
        (d(1, 12), d(1, 19), 0.02),
        (d(1, 19), d(1, 26), 0.02),
        (d(1, 26), d(2, 2), 0.02),
        (d(2, 2), d(2, 8), 0.02),
        (d(1, 19), d(1, 22), 0.015),
        (d(2, 2), d(2, 5), 0.015),
        (d(2, 5), d(2, 6), 0.015),
        (d(2, 6), d(2, 7), 0.015),
        (d(2, 7), d(2, 8), 0.015),
        (start(), d(2, 7), 0.02),
    ];
    let mut targets = Vec::new();
    for (from, to, tolerance) in spans.into_iter().filter(|span| span.1 <= until) {
        let (a, b) = (storm.close_of(from).unwrap(), storm.close_of(to).unwrap());
        for (segment, name) in Segment::ALL.iter().enumerate() {
            let level =
                |close: usize| if close == 0 { 1.0 } else { storm.data[close - 1][segment] };
            targets.push(Target {
                name: format!("{name} {from} to {to}"),
                moment: Moment::Return { segment, from: a, to: b },
                data: level(b) / level(a) - 1.0,
                tolerance,
            });
        }
    }
    let dates = [d(1, 15), d(1, 22), d(1, 31), d(2, 2), d(2, 5), d(2, 6), d(2, 7), d(2, 8)];
    for date in dates.into_iter().filter(|date| *date <= until) {
        for product in Product::ALL {
            let (data, days) = basis(date, product);
            let close = storm.close_of(date).unwrap();
            targets.push(Target {
                name: format!("{}2403 basis {date}", product.code()),
                moment: Moment::Basis { product, day: close, days },
                data,
                tolerance: 0.006,
            });
        }
    }
    targets
}

/// Real data: the storm starts where the indices did, is anchored to the CSI 300 on every day, and the behaviours taken
/// from the middle of their ranges explain less than a short search does. Witness of the search: it halves the loss.
#[test]
fn a_short_search_halves_the_loss_of_the_middle_of_the_prior() {
    let Some(closes) = closes() else { return };
    let storm = storm(&closes).unwrap();
    assert_eq!((storm.dates[0], storm.dates.len()), (day(2024, 1, 2), 58));
    assert_eq!(storm.scenario.days[25].days_to_next, 1.0);
    assert_eq!(storm.scenario.days[27].days_to_next, 11.0, "New Year's holiday");
    let path = simulate(&storm.scenario, 0, Seed::default(), 0.0);
    for (record, data) in path.iter().zip(&storm.data) {
        assert!((record.level[4] / data[4] - 1.0).abs() < 1e-4);
    }
    let targets = targets(&storm, fit_until());
    assert_eq!(targets.len(), 84);
    let before = loss(&storm.scenario, &path, &targets);
    let search = Search { population: 40, generations: 30, seed: Seed::default() };
    let found = fit(&storm.scenario, &parameters(), &targets, search, &|_, _| ());
    assert!(found.loss < before / 2.0, "{} after {before}", found.loss);
}
