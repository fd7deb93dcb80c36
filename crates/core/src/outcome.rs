//! What every analysis returns: plain data, the tables of it, and the conventions it was made under.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Table, Text};

/// Convention lines, name to sentence: annualisation, price used, sample, error band.
pub type Convention = BTreeMap<String, Text>;

/// The result of an analysis.
///
/// Implementors are plain structs with public documented fields. Table and column names are stable:
/// scripts, the report and Python read exactly these.
pub trait Outcome: Serialize {
    /// The outcome's name, as in `shoals schema NAME`.
    const NAME: &'static str;

    /// Every table of the outcome.
    fn tables(&self) -> Vec<Table>;

    /// What the numbers mean: day count, price, sample size, error band.
    fn convention(&self) -> Convention;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conventions_print_in_the_order_of_their_names() {
        let lines = Convention::from([
            ("price".into(), Text::new("收盘价", "close")),
            ("day_count".into(), Text::same("ACT/365")),
        ]);
        assert_eq!(serde_json_like(&lines), "day_count=ACT/365;price=close");
    }

    fn serde_json_like(lines: &Convention) -> String {
        lines.iter().map(|(k, v)| format!("{k}={}", v.en)).collect::<Vec<_>>().join(";")
    }
}
