//! Futures on the made-up indices: a discount that deepens in the crash and snaps back.

use shoals_core::{Segment, Symbol, Table, TradingDay, day};

use super::{Noise, World};

const PRODUCTS: [(&str, Segment, f64); 3] =
    [("IF", Segment::Csi300, 0.25), ("IC", Segment::Csi500, 0.6), ("IM", Segment::Csi1000, 1.0)];

/// Annualised basis of the CSI 1000 future at a constant maturity on day `i`.
pub fn rate_on(world: &World, i: usize) -> f64 {
    let calm = -0.06 - 0.03 * (i as f64 / 45.0).sin();
    let d = world.days[i];
    if !world.has_crash {
        return calm;
    }
    match d {
        d if d >= day(2024, 1, 15) && d < day(2024, 2, 5) => {
            calm - 0.02 * f64::from(day(2024, 1, 15).calendar_days_until(d))
        }
        d if d >= day(2024, 2, 5) && d < day(2024, 2, 7) => -0.54,
        d if d >= day(2024, 2, 7) && d < day(2024, 2, 20) => 0.05,
        _ => calm,
    }
}

pub fn basis_tables(world: &World) -> Vec<Table> {
    vec![term(world), stress(world), curve(world), squeeze(world), roll(world)]
}

/// The third Fridays of this and the next month and of two quarter ends.
fn expiries(d: TradingDay) -> Vec<TradingDay> {
    let third_friday = |year: i32, month: u32| {
        let first = day(year, month, 1);
        first.plus_calendar_days((4 - first.weekday() as i32).rem_euclid(7) + 14)
    };
    let (year, month, _) = d.ymd();
    let months = (0..12).map(|k| {
        (year + (month as i32 - 1 + k) / 12, (month as i32 - 1 + k).rem_euclid(12) as u32 + 1)
    });
    let live: Vec<(u32, TradingDay)> =
        months.map(|(y, m)| (m, third_friday(y, m))).filter(|(_, e)| *e > d).collect();
    let quarters = live[2..].iter().filter(|(m, _)| m % 3 == 0).take(2);
    live[..2].iter().chain(quarters).map(|(_, e)| *e).collect()
}

fn term(world: &World) -> Table {
    let (mut dates, mut contracts, mut to_expiry, mut rates) = (vec![], vec![], vec![], vec![]);
    for (i, d) in world.days.iter().enumerate() {
        for (product, _, weight) in PRODUCTS {
            for expiry in expiries(*d) {
                let left = d.calendar_days_until(expiry);
                let (year, month, _) = expiry.ymd();
                dates.push(*d);
                contracts
                    .push(Symbol::literal(&format!("{product}{:02}{month:02}.CFE", year % 100)));
                to_expiry.push(i64::from(left));
                rates.push(weight * rate_on(world, i) * (30.0 / f64::from(left + 5)).sqrt());
            }
        }
    }
    Table::new("term")
        .with("date", "day", dates)
        .with("contract", "future", contracts)
        .with("days_to_expiry", "calendar days", to_expiry)
        .with("basis_rate", "annualised decimal", rates)
}

fn long_form(world: &World, shrink: f64) -> (Vec<TradingDay>, Vec<String>, Vec<f64>) {
    let mut noise = Noise::new(11);
    let (mut dates, mut products, mut rates) = (vec![], vec![], vec![]);
    for (i, d) in world.days.iter().enumerate() {
        for (product, _, weight) in PRODUCTS {
            dates.push(*d);
            products.push(product.to_owned());
            rates.push(weight * shrink * rate_on(world, i) + 0.006 * shrink * noise.normal());
        }
    }
    (dates, products, rates)
}

fn stress(world: &World) -> Table {
    let (dates, products, rates) = long_form(world, 1.0);
    let n = dates.len();
    let scores = rates.iter().map(|r| (r + 0.06) / 0.03).collect::<Vec<f64>>();
    Table::new("stress")
        .with("date", "day", dates)
        .with("product", "future", products)
        .with("basis_rate", "annualised decimal", rates)
        .with("z_score", "deviations", scores)
        .with("maturity_days", "calendar days", vec![30_i64; n])
}

fn curve(world: &World) -> Table {
    let (dates, products, rates) = long_form(world, 0.6);
    let n = dates.len();
    Table::new("curve")
        .with("date", "day", dates)
        .with("product", "future", products)
        .with("slot", "place", vec!["quarter1".to_owned(); n])
        .with("basis_rate", "annualised decimal", rates)
        .with("z_score", "deviations", vec![0.0; n])
}

fn squeeze(world: &World) -> Table {
    let micro = world.level(Segment::Micro);
    let rows: Vec<(usize, f64, f64)> = (1..world.days.len())
        .map(|i| {
            (i, (rate_on(world, i) - rate_on(world, i - 1)) / 12.0, micro[i] / micro[i - 1] - 1.0)
        })
        .filter(|(_, change, small)| *change > 0.000_2 && *small < -0.01)
        .collect();
    let number = |of: &dyn Fn(&(usize, f64, f64)) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
    Table::new("squeeze")
        .with("date", "day", rows.iter().map(|r| world.days[r.0]).collect::<Vec<_>>())
        .with("product", "future", vec!["IM".to_owned(); rows.len()])
        .with("basis_change", "decimal of spot", number(&|r| r.1))
        .with("micro_return", "decimal", number(&|r| r.2))
        .with("book_return", "decimal", number(&|r| r.2 - r.1 + 0.01))
        .with("contract", "future", vec![Symbol::literal("IM2403.CFE"); rows.len()])
        .with("future_return", "decimal of spot", number(&|r| r.1 - 0.01))
        .with("both_legs_lost", "flag", rows.iter().map(|r| r.1 > 0.01).collect::<Vec<_>>())
}

fn roll(world: &World) -> Table {
    let (mut periods, mut products, mut rules, mut costs) = (vec![], vec![], vec![], vec![]);
    for (product, _, weight) in PRODUCTS {
        for (k, rule) in
            ["fixed_days", "most_traded", "constant_maturity", "best_carry"].iter().enumerate()
        {
            for (j, period) in ["2022", "2023", "2024", "all"].iter().enumerate() {
                periods.push((*period).to_owned());
                products.push(product.to_owned());
                rules.push((*rule).to_owned());
                costs.push(weight * (0.085 - 0.006 * k as f64 + 0.01 * j as f64));
            }
        }
    }
    let n = periods.len();
    Table::new("roll")
        .with("period", "year or all", periods)
        .with("product", "future", products)
        .with("rule", "roll rule", rules)
        .with("cost_annualised", "decimal", costs)
        .with("from", "first day", vec![world.days[0]; n])
        .with("to", "last day", vec![world.days[world.days.len() - 1]; n])
}
