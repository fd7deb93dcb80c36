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
