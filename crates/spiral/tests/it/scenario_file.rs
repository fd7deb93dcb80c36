//! Scenario files and the library: what reads back, what is refused, and whether an episode has its shape.

use shoals_core::{Seed, day};
use shoals_market::impact::ImpactLaw;
use shoals_spiral::china_2024;
use shoals_spiral::episode;
use shoals_spiral::scenario_file::{Episode, fitted_toml};
use shoals_spiral::simulate::{DayRecord, simulate};

fn run(episode: &Episode) -> Vec<DayRecord> {
    simulate(&episode.scenario, 0, Seed::default(), 0.0)
}

fn lowest(path: &[DayRecord], k: usize) -> f64 {
    path.iter().map(|day| day.level[k]).fold(f64::INFINITY, f64::min) - 1.0
}

/// Invariant: every episode is legal, says what it is in both languages, and reads back as itself.
#[test]
fn every_episode_reads_back_as_itself() {
    for name in episode::names() {
        let episode = Episode::named(name).unwrap();
        assert_eq!(episode.name, name);
        for words in [&episode.title, &episode.about] {
            assert!(!words.zh.is_empty() && !words.en.is_empty(), "{name}");
        }
        assert!(episode::text(name).unwrap().contains("# Facts."), "{name}");
        let again = Episode::from_toml(&episode.to_toml().unwrap()).unwrap();
        assert_eq!(again.scenario, episode.scenario, "{name}");
        let below = Episode::from_toml(&format!("episode = \"{name}\"")).unwrap();
        assert_eq!(below, episode, "{name}");
    }
}

/// What differs is what is written, and no more.
#[test]
fn a_file_changes_what_it_writes() {
    let base = Episode::named("china_2024").unwrap();
    let text = r#"
        episode = "china_2024"
        name = "half the books"
        [timeline]
        scale = 0.5
        [dma]
        long_value = 120_000_000_000
        [market.impact]
        law = "exponential"
        coefficient = 0.4
        days = 1.0
        floor = 0.5
        [[changes]]
        from = 2024-01-22
        net_sell_ban = true
        [[purchases]]
        on = 2024-02-05
        amount = [0, 0, 0, 0, 20e9]
    "#;
    let read = Episode::from_toml(text).unwrap();
    let mut expected = base.scenario.clone();
    expected.dma.long_value = 120e9;
    expected.market.impact = ImpactLaw::Exponential { coefficient: 0.4, days: 1.0, floor: 0.5 };
    for day in &mut expected.days {
        (day.factor, day.low) = (day.factor * 0.5, day.low.map(|low| low * 0.5));
    }
    expected.changes = read.scenario.changes.clone();
    expected.purchases = read.scenario.purchases.clone();
    assert_eq!(read.scenario, expected);
    assert_eq!(read.name, "half the books");
    assert_eq!(read.title, base.title);
    let place = |date| base.dates.iter().position(|d| *d == date).unwrap();
    assert_eq!(read.scenario.changes[0].from_day, place(day(2024, 1, 22)));
    assert_eq!(read.scenario.purchases[0].day, place(day(2024, 2, 5)));
}

/// Fitted numbers under their names are what the fit puts in; the user's own keys go over an episode's fitted numbers.
#[test]
fn fitted_numbers_are_put_in_by_name() {
    let parameters = china_2024::parameters();
    let values: Vec<f64> = parameters.iter().map(|p| f64::midpoint(p.low, p.high)).collect();
    let named = parameters.iter().map(|p| p.name).zip(values.iter().copied());
    let text = format!("episode = \"china_2024\"\n{}", fitted_toml(named));
    let read = Episode::from_toml(&text).unwrap();
    let mut expected = Episode::named("china_2024").unwrap().scenario;
    for (parameter, value) in parameters.iter().zip(&values) {
        (parameter.set)(&mut expected, *value);
    }
    assert_eq!(read.scenario, expected);
}

/// Each row: a file, and what its refusal says.
#[test]
fn a_file_that_cannot_be_read_says_why() {
    let over = |text: &str| format!("episode = \"china_2024\"\n{text}");
    let rows = [
        (
            over("[dma]\nlong_valu = 1e9"),
            vec!["unknown field `long_valu`", "`long_value`", "in `dma`"],
        ),
        (
            over("[dmaa]\nlong_value = 1e9"),
            vec!["unknown field `dmaa`", "`dma`", "of the file itself, `timeline`"],
        ),
        (over("[dma]\nlong_value = \"many\""), vec!["invalid type", "long_value"]),
        (over("[dma]\nlong_value = -1"), vec!["`dma.long_value` is -1", "0 or more"]),
        (over("[dma]\nlong_value = nan"), vec!["`dma.long_value` is NaN"]),
        (
            over("[dma]\nweights = [0.3, 0.3, 0.3, 0.3, 0.3]"),
            vec!["`dma.weights` is 1.5", "add up to 1"],
        ),
        (
            over("[rules]\ncall_ratio = 0.3"),
            vec!["`rules.call_ratio", "is 0.3", "liquidation line"],
        ),
        (
            over("[[changes]]\nfrom = 2024-01-22\ncall_ratio = 0.3"),
            vec!["`rules.call_ratio from day 14` is 0.3"],
        ),
        (
            over("[[changes]]\nfrom = 2024-02-10"),
            vec!["`changes[0].from` is 2024-02-10", "2024-01-02 to 2024-03-29"],
        ),
        (
            over("[[changes]]\nfrom_day = 70"),
            vec!["`changes[0].from_day` is 70", "a day of the scenario"],
        ),
        (over("[[changes]]\nfrom_day = 3\nban = true"), vec!["unknown field", "ban"]),
        (
            over("[timeline]\nreturns = [0.1, 7]\n[[changes]]\nfrom_day = 0"),
            vec!["`purchases[0].day` is 10"],
        ),
        (over("[timeline]\nfirst_day = 2024-02-10"), vec!["2024-02-10"]),
        (over("[timeline]\nscale = -1"), vec!["`timeline.scale` is -1"]),
        (over("[timeline]\nscale = 1\n[[days]]\nfactor = 0"), vec!["`days` and `[timeline]`"]),
        (over("[fitted]\n\"dma.size\" = 1"), vec!["`fitted` is `dma.size`", "dma.tilt_spread"]),
        (
            "episode = \"china\"".to_owned(),
            vec!["`episode` is `china`", "china_2024, quant_unwind_2007"],
        ),
        ("rounds = 8".to_owned(), vec!["`days` has 0 values"]),
        ("episode = ".to_owned(), vec!["TOML parse error"]),
    ];
    for (text, parts) in rows {
        let refusal = Episode::from_toml(&text).unwrap_err().to_string();
        for part in parts {
            assert!(refusal.contains(part), "{text}: {refusal}");
        }
    }
}

/// Real data: the embedded returns and the closes they are taken from make the same storm, to the rounding of the returns.
#[test]
fn the_embedded_days_are_the_real_ones() {
    let Some(closes) = crate::china_2024::closes() else { return };
    let storm = china_2024::storm(&closes).unwrap();
    let episode = Episode::named("china_2024").unwrap();
    assert_eq!(episode.dates, storm.dates);
    assert_eq!(episode.scenario.purchases, storm.scenario.purchases);
    assert_eq!(episode.scenario.changes, storm.scenario.changes);
    for (ours, theirs) in episode.scenario.days.iter().zip(&storm.scenario.days) {
        assert!((ours.factor - theirs.factor).abs() < 1e-6);
        assert!(ours.is_anchored && theirs.is_anchored);
    }
    // The last day has a next one in the calendar; closes end on it.
    let n = storm.dates.len() - 1;
    for (ours, theirs) in episode.scenario.days[..n].iter().zip(&storm.scenario.days) {
        assert_eq!(ours.days_to_next, theirs.days_to_next);
    }
}

/// Shape, from the facts in the file's head: the market hardly moves while small caps fall against it in three days and win
/// more than half of that back; the books that had to sell keep their loss.
#[test]
fn the_quant_unwind_has_its_shape() {
    let path = run(&Episode::named("quant_unwind_2007").unwrap());
    let market = path.iter().map(|day| (day.level[4] - 1.0).abs()).fold(0.0, f64::max);
    assert!(market < 0.03, "{market}");
    let spread = |day: usize| path[day].level[1] / path[day].level[4] - 1.0;
    assert!(spread(0).abs() < 1e-9 && spread(3) < -0.03, "{}", spread(3));
    assert!(spread(11) > spread(3) / 2.0, "{} of {}", spread(11), spread(3));
    let equity = |day: usize| path[day].dma_equity / path[0].dma_equity - 1.0;
    assert!((-0.28..-0.10).contains(&equity(3)), "{}", equity(3));
    assert!(equity(11) < equity(3) / 2.0, "{}", equity(11));
    assert!(path[11].dma_value < 0.7 * path[0].dma_value);
}

/// Shape, from the facts in the file's head: the CSI 300 falls 31.3 % by 2015-07-08 as it did, but for what the price limits
/// hide; the CSI 500 and 1000 further, within six points of what they did, the CSI 1000 furthest; three quarters of what
/// levered accounts held are sold or lost.
#[test]
fn the_margin_unwind_has_its_shape() {
    let episode = Episode::named("margin_unwind_2015").unwrap();
    let path = run(&episode);
    let close = episode.dates.iter().position(|d| *d == day(2015, 7, 8)).unwrap();
    let fall = |k: usize| path[close].level[k] - 1.0;
    assert!((fall(4) + 0.3134).abs() < 5e-4, "{}", fall(4));
    assert!((fall(3) + 0.4282).abs() < 0.06 && (fall(2) + 0.4593).abs() < 0.06);
    assert!(fall(2) < fall(3) && fall(3) < fall(4) - 0.05);
    assert!(path[close].dma_value < 0.4 * episode.scenario.dma.long_value);
}

/// Nothing happens in a quiet market: without chance prices stand within a percent, with it nobody is called on the median
/// path.
#[test]
fn nothing_happens_in_a_quiet_market() {
    let quiet = Episode::named("quiet").unwrap();
    let path = run(&quiet);
    for k in 0..5 {
        assert!(lowest(&path, k) > -0.01, "{k} {}", lowest(&path, k));
    }
    let n = 60;
    let ends: Vec<DayRecord> = (0..n)
        .map(|path| *simulate(&quiet.scenario, path, Seed::default(), 1.0).last().unwrap())
        .collect();
    let calm =
        ends.iter().filter(|end| end.dma_value > 0.5 * quiet.scenario.dma.long_value).count();
    assert!(calm > 30, "{calm} of {n}");
}
