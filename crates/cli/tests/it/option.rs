//! `shoals option` on one option, and on the real chain of the 50ETF (`SHOALS_DATA`).

use serde_json::Value;
use shoals_data::formats;

use crate::chinese::english_left;
use crate::shoals::{failure, json, real_data, row, rows, stdout};

fn number(row: &Value, column: &str) -> f64 {
    row[column].as_f64().unwrap_or(f64::NAN)
}

/// Witness: Haug (2007), Black-76: a put on a future at 19, strike 19, nine months, 10 %, volatility 28 %: 1.7011. The
/// volatility of that price comes back; a percent typed for a decimal is refused.
#[test]
fn a_price_and_its_volatility_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let put = ["option", "price", "--kind", "put", "--forward", "19", "--strike", "19"];
    let terms = ["--days", "273.75", "--rate", "0.1"];
    let asked = |last: [&'static str; 2]| [&put[..], &terms[..], &last[..]].concat();
    let told = json(folder.path(), &asked(["--volatility", "0.28"]));
    let price = number(&rows(&told, "price")[0], "price");
    assert!((price - 1.7011).abs() < 5e-5, "{price}");
    let mut back = asked(["--price", "1.7010507252362679"]);
    back[1] = "iv";
    let told = json(folder.path(), &back);
    assert!((number(&rows(&told, "iv")[0], "implied_volatility") - 0.28).abs() < 1e-12);
    let (code, words) = failure(folder.path(), &asked(["--volatility", "28"]));
    assert!(code == 1 && words.contains("(25% is written 0.25)"), "{code} {words}");
}

/// Witness: the figures of docs/method/option.md, now in a study: index, parity and the straddle's history stand in
/// exhibit 7 and in `tables/option`. A market without a chain leaves them out and says so.
#[test]
fn a_study_tells_the_chain_in_exhibit_7() {
    let Some(data) = real_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let import = |file: &str, market: &str| {
        let path = data.join(format!("market/{file}.parquet"));
        stdout(folder, &["import", "auto", path.to_str().unwrap(), "--market", market, "--quiet"]);
    };
    import("option_50etf_chain_daily", "m");
    import("index_daily", "m");
    import("index_daily", "bare");
    let study = "analyses = [\"option\", \"inversion\"]\n[option]\nunderlying = \"510050.SH\"\n";
    std::fs::write(folder.join("study.toml"), study).unwrap();
    stdout(folder, &["study", "study.toml", "--market", "m", "-o", "out", "--lang", "en"]);
    let page = std::fs::read_to_string(folder.join("out/report.html")).unwrap();
    for part in [
        "in the middle of",
        "Straddles held one after the other from",
        "came to 5.8% of the underlying value: theta 280.0%, gamma −240.4%",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!english_left(&page).iter().any(|text| text.contains("parity")), "English is left");
    for table in ["parity", "volatility_index", "straddle_year", "surface_grid"] {
        assert!(folder.join(format!("out/tables/option/{table}.csv")).exists(), "{table}");
    }
    let told = json(folder, &["option", "parity", "--market", "m"]);
    let mut errors: Vec<f64> =
        rows(&told, "parity").iter().map(|row| number(row, "median_error")).collect();
    errors.sort_by(f64::total_cmp);
    let at = |part: f64| errors[(part * (errors.len() - 1) as f64).round() as usize];
    assert!((at(0.5) - 0.000_454).abs() < 5e-7, "{}", at(0.5));
    assert!((at(0.99) - 0.00725).abs() < 5e-6, "{}", at(0.99));

    stdout(folder, &["study", "study.toml", "--market", "bare", "-o", "bare_out", "--lang", "en"]);
    let page = std::fs::read_to_string(folder.join("bare_out/report.html")).unwrap();
    assert!(page.contains("Left out: the market holds no option chain"));
    assert!(!folder.join("bare_out/tables/option").exists());
}

/// Witness: the published 50ETF QVIX, day by day, and the figures of docs/method/option.md: the index against it, the
/// straddle sold from 2015 to 2024 with its lines, which add up, and the parity error of a day of the storm.
#[test]
fn the_chain_of_the_50etf_gives_the_figures_of_the_method_page() {
    let Some(data) = real_data() else { return };
    let folder = tempfile::tempdir().unwrap();
    let market = data.join("market");
    let chain = market.join("option_50etf_chain_daily.parquet");
    stdout(folder.path(), &["import", "auto", chain.to_str().unwrap(), "--market", "m", "--quiet"]);

    let told = json(folder.path(), &["option", "index", "--market", "m"]);
    let index = rows(&told, "volatility_index");
    assert_eq!(index.len(), 2_252);
    let qvix = formats::read_table(&market.join("qvix_daily.parquet")).unwrap();
    let (codes, closes) = (qvix.numbers("code").unwrap(), qvix.numbers("close").unwrap());
    let shoals_core::Values::Day(days) = &qvix.column("date").unwrap().values else {
        panic!("QVIX has days")
    };
    let published =
        |day: &str| (0..codes.len()).find(|&i| codes[i] == 510_050.0 && days[i].to_string() == day);
    let pairs: Vec<(f64, f64)> = index
        .iter()
        .filter_map(|row| {
            let i = published(row["date"].as_str()?)?;
            Some((100.0 * number(row, "volatility"), closes[i]))
        })
        .filter(|(ours, theirs)| ours.is_finite() && theirs.is_finite())
        .collect();
    assert!(pairs.len() > 2_200, "{}", pairs.len());
    let n = pairs.len() as f64;
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (ours, theirs) = (mean(&|p| p.0), mean(&|p| p.1));
    let with = |a: fn(&(f64, f64)) -> f64, b: fn(&(f64, f64)) -> f64, ma: f64, mb: f64| {
        mean(&|p| (a(p) - ma) * (b(p) - mb))
    };
    let correlation = with(|p| p.0, |p| p.1, ours, theirs)
        / (with(|p| p.0, |p| p.0, ours, ours) * with(|p| p.1, |p| p.1, theirs, theirs)).sqrt();
    assert!((correlation - 0.978).abs() < 0.001, "{correlation}");
    assert!((ours - theirs + 0.68).abs() < 0.02, "{}", ours - theirs);

    let told = json(folder.path(), &["option", "straddle", "--market", "m"]);
    let all = row(&told, "straddle_year", &[("year", "all")]);
    for (line, printed) in [
        ("theta", 2.800),
        ("gamma", -2.403),
        ("vega", -0.337),
        ("delta", -0.509),
        ("residual", 0.508),
        ("total", 0.058),
        ("max_drawdown", 0.427),
    ] {
        assert!((number(all, line) - printed).abs() < 0.002, "{line} {}", number(all, line));
    }
    for day in rows(&told, "straddle_day") {
        let lines = ["delta", "gamma", "vega", "theta", "residual", "hedge"];
        let sum: f64 = lines.iter().map(|line| number(day, line)).sum();
        assert!((sum - number(day, "cost") - number(day, "total")).abs() < 1e-12, "{day}");
    }
    let surface = ["option", "surface", "--market", "m", "--on", "2024-02-05"];
    let told = json(folder.path(), &surface);
    assert_eq!(rows(&told, "surface_slice").len(), 4);
    for slice in rows(&told, "surface_slice") {
        assert!(number(slice, "median_parity_error") < 0.002, "{slice}");
    }
}
