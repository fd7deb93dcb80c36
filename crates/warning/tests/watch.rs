//! Rules read on tables made by hand: what is crossed, since when, and what cannot be seen.

use shoals_core::{Calendar, Table, TradingDay, day};
use shoals_warning::watch::{Level, Status, WatchOutcome, Watched, rules_from_toml, watch};

/// Two products over the first days of 2024; IC misses its last value.
fn found() -> Vec<Watched> {
    let days = Calendar::shanghai().days(day(2024, 1, 2), day(2024, 1, 9)).to_vec();
    let both: Vec<TradingDay> = days.iter().flat_map(|day| [*day, *day]).collect();
    let products = days.iter().flat_map(|_| ["IM".to_owned(), "IC".to_owned()]);
    let rates =
        [-0.01, -0.02, -0.06, -0.02, -0.04, -0.02, -0.07, -0.02, -0.08, -0.02, -0.09, f64::NAN];
    let table = Table::new("stress")
        .with("date", "day", both)
        .with("product", "code", products.collect::<Vec<_>>())
        .with("basis_rate", "a year", rates.to_vec())
        .with("is_loud", "flag", vec![false; 12]);
    let one = Table::new("total").with("kind", "which", vec!["a".to_owned(), "b".to_owned()]).with(
        "n",
        "count",
        vec![3_i64, 7],
    );
    vec![
        Watched { section: "basis".to_owned(), tables: Ok(vec![table, one]) },
        Watched {
            section: "crowding".to_owned(),
            tables: Err("the market holds no stocks".to_owned()),
        },
    ]
}

fn seen(rule: &str, as_of: TradingDay) -> Result<WatchOutcome, String> {
    let (rules, _) =
        rules_from_toml(&format!("[[rule]]\nname = \"r\"\n{rule}")).map_err(|e| e.to_string())?;
    watch(&rules, &found(), as_of, Calendar::shanghai()).map_err(|error| error.to_string())
}

const IM: &str = "read = \"basis.stress.basis_rate\"\nwhere = { product = \"IM\" }\n";

#[test]
fn a_line_is_crossed_since_the_first_of_the_last_days_beyond_it() {
    let at = day(2024, 1, 9);
    let reading = seen(&format!("{IM}below = -0.05\ndays = 3\nlevel = \"alarm\""), at)
        .unwrap()
        .readings
        .remove(0);
    assert_eq!(
        (reading.status, reading.level, reading.days_crossed),
        (Status::Crossed, Level::Alarm, 3)
    );
    assert_eq!(
        (reading.value, reading.date, reading.since),
        (-0.09, Some(at), Some(day(2024, 1, 5)))
    );
    // Three days are not four, and a line is crossed by what lies beyond it, not on it.
    for quiet in ["below = -0.05\ndays = 4", "below = -0.09", "above = 0.0"] {
        let reading = seen(&format!("{IM}{quiet}"), at).unwrap().readings.remove(0);
        assert_eq!((reading.status, reading.since), (Status::Quiet, None), "{quiet}");
    }
    let flag = "read = \"basis.stress.is_loud\"\nwhere = { product = \"IM\" }\nis = false";
    assert_eq!(seen(flag, at).unwrap().count(Status::Crossed), 1);
    let count = "read = \"basis.total.n\"\nwhere = { kind = \"b\" }\nabove = 5";
    assert_eq!(seen(count, at).unwrap().count(Status::Crossed), 1);
}

#[test]
fn what_is_old_or_missing_is_blind_not_quiet() {
    let late = seen(&format!("{IM}below = -0.05"), day(2024, 1, 17)).unwrap().readings.remove(0);
    assert_eq!(late.status, Status::Blind);
    assert!(late.why.contains("6 trading days before 2024-01-17"), "{}", late.why);
    let late = seen(&format!("{IM}below = -0.05\nmax_age_days = 6"), day(2024, 1, 17)).unwrap();
    assert_eq!(late.count(Status::Crossed), 1);
    // IC's last value is of the day before.
    let ic =
        seen(&IM.replace("IM", "IC").replace("read", "below = -1\nread"), day(2024, 1, 9)).unwrap();
    assert_eq!(
        (ic.readings[0].status, ic.readings[0].date),
        (Status::Quiet, Some(day(2024, 1, 8)))
    );
    for (section, why) in
        [("crowding", "the market holds no stocks"), ("swap_1", "no answer `swap_1`")]
    {
        let blind =
            seen(&format!("read = \"{section}.day.x\"\nabove = 1"), day(2024, 1, 9)).unwrap();
        assert_eq!(blind.readings[0].status, Status::Blind);
        assert!(blind.readings[0].why.contains(why), "{}", blind.readings[0].why);
    }
}

#[test]
fn a_rule_that_cannot_be_meant_is_refused_with_what_there_is() {
    for (rule, part) in [
        ("read = \"basis.stress\"\nabove = 1", "expected ANALYSIS.TABLE.COLUMN"),
        ("read = \"basis.stress.basis_rate\"", "one of `above`, `below` and `is`"),
        ("read = \"basis.stress.basis_rate\"\nabove = 1\nbelow = 0", "one of `above`"),
        ("read = \"basis.stress.basis_rate\"\nabove = nan", "the line is NaN"),
        ("read = \"basis.stress.basis_rate\"\nabove = 1\ndays = 0", "`days` is 0"),
        ("read = \"basis.stress.basis_rate\"\nabov = 1", "abov"),
        ("read = \"basis.curve.x\"\nabove = 1", "no table `curve`; it has stress, total"),
        ("read = \"basis.stress.x\"\nabove = 1", "no column `x`; it has date, product"),
        ("read = \"basis.stress.product\"\nabove = 1", "neither numbers nor flags"),
        ("read = \"basis.stress.basis_rate\"\nabove = 1", "several rows of `stress` on 2024-01-02"),
        ("read = \"basis.total.n\"\nabove = 1", "means 2 rows of `total`"),
    ] {
        let refusal = seen(rule, day(2024, 1, 9)).unwrap_err();
        assert!(refusal.contains(part), "{rule}: {refusal}");
    }
    let unknown =
        seen(&format!("{}above = 1", IM.replace("IM", "IH")), day(2024, 1, 9)).unwrap_err();
    assert!(unknown.contains("product = `IH`; there are IC, IM"), "{unknown}");
    let refuse = |text: &str| rules_from_toml(text).unwrap_err().to_string();
    assert!(refuse("").contains("no [[rule]]"));
    let one = "[[rule]]\nname = \"a\"\nread = \"a.b.c\"\nabove = 1\n";
    assert!(refuse(&one.repeat(2)).contains("two rules are called `a`"));
    let (_, study) = rules_from_toml(&format!("[study.gauge]\nhorizon_days = 30\n{one}")).unwrap();
    assert_eq!(study["gauge"]["horizon_days"].as_integer(), Some(30));
}
