//! `shoals sql` on the built-in market.

use crate::shoals::{failure, json, rows, stdout};

#[test]
fn a_select_is_answered_and_anything_else_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    stdout(folder.path(), &["demo", "-o", "demo", "--quiet"]);
    let market = ["--market", "demo/market"];
    let query = "select symbol, count(*) as n, max(date) as last from index_daily \
                 where date between '2024-01-01' and '2024-12-31' group by symbol order by symbol";
    let answer = json(folder.path(), &[&["sql", query], &market[..]].concat());
    let found = rows(&answer, "result");
    // Witness: the exchange traded on 242 days of 2024.
    assert!(found.len() >= 5);
    for row in found {
        assert_eq!(
            (row["n"].as_i64(), row["last"].as_str()),
            (Some(242), Some("2024-12-31")),
            "{row}"
        );
    }
    let (code, message) =
        failure(folder.path(), &[&["sql", "drop table index_daily"], &market[..]].concat());
    assert_eq!(code, 1);
    assert!(message.to_lowercase().contains("ddl"), "{message}");
}

/// Witness: the usual factor that the query writes down.
#[test]
fn a_factor_may_be_a_query() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    stdout(folder, &["demo", "-o", "demo", "--quiet"]);
    let query = "select date, symbol, 1 / pb as cheap from stock_valuation where pb <> 0";
    let config = format!(
        "[factor]\nfactors = [\"book_to_price\", {{ name = \"asked\", sql = \"{query}\" }}]\n"
    );
    std::fs::write(folder.join("asked.toml"), config).expect("written");
    let span = ["--market", "demo/market", "--from", "2024-01-02", "--to", "2024-05-31"];
    let both = json(folder, &[&["factor", "asked.toml"][..], &span].concat());
    let alone = json(folder, &[&["factor", "--factor-sql", query][..], &span].concat());
    let ics = |outcome: &serde_json::Value, name: &str| -> Vec<serde_json::Value> {
        let of = rows(outcome, "ic").iter().filter(|row| row["factor"] == name);
        of.map(|row| row["rank_ic"].clone()).collect()
    };
    assert!(ics(&both, "asked").len() > 500);
    assert_eq!(ics(&both, "asked"), ics(&both, "book_to_price"));
    assert_eq!(ics(&alone, "sql"), ics(&both, "book_to_price"));
    assert!(both["data"]["stock_valuation"].is_i64());
    for (query, part) in [
        ("select date, symbol, pbb from stock_valuation", "pbb"),
        ("select symbol, pb from stock_valuation", "no column holds dates"),
        ("select date, symbol, pb, pe_ttm from stock_valuation", "several columns of numbers"),
        ("drop table stock_valuation", "factor `sql`"),
    ] {
        let (code, message) =
            failure(folder, &[&["factor", "--factor-sql", query][..], &span].concat());
        assert!(code == 1 && message.contains(part), "{query}: {message}");
    }
}
