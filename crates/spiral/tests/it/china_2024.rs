//! The storm of 2024 on real closes (`SHOALS_DATA`).

use shoals_core::{Seed, Segment, TradingDay, day};
use shoals_spiral::calibrate::{Mirrored, Search, fit, with};
use shoals_spiral::china_2024::{exam, fit_until, parameters, storm, targets};
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

/// Real data: the storm's days are those of the indices, the library's returns show the CSI 300's closes, and the behaviours
/// taken from the middle of their ranges explain less than a short search does. Witness of the search: it halves the loss.
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
    let targets = targets(&storm, &|date, product| Some(basis(date, product)));
    assert_eq!(targets.len(), 12 * 4 + 8 * 3 + 5 * 3 + 9);
    assert!(
        exam(&storm).iter().all(|t| t.moment.last_day() > storm.close_of(fit_until()).unwrap())
    );
    let parameters = parameters();
    let middle: Vec<f64> = parameters.iter().map(|p| f64::midpoint(p.low, p.high)).collect();
    let before = Mirrored::quiet().loss(&with(&storm.scenario, &parameters, &middle), &targets);
    let paths = Mirrored::quiet();
    let search = Search { population: 40, generations: 40, paths, seed: Seed::default() };
    let found = fit(&storm.scenario, &parameters, &targets, search, &|_, _| ());
    assert!(found.loss < before / 2.0, "{} after {before}", found.loss);
}
