//! What an import changes of the rows the store held already, as findings.

use shoals_core::{Finding, Symbol, TradingDay};

use super::merge::Replaced;
use crate::MarketTable;
use crate::doctor::STORED_VALUE_CHANGED;

/// One finding a column: the first observation replaced, and how many there are.
pub(super) fn findings(table: MarketTable, replaced: &[Replaced]) -> Vec<Finding> {
    let mut columns: Vec<usize> = replaced.iter().map(|one| one.column).collect();
    columns.sort_unstable();
    columns.dedup();
    let of = |column| replaced.iter().filter(move |one: &&Replaced| one.column == column);
    columns
        .into_iter()
        .filter_map(|column| {
            let count = of(column).map(|one| one.count).sum();
            Some(finding(table, of(column).next()?).counted(count))
        })
        .collect()
}

fn finding(table: MarketTable, first: &Replaced) -> Finding {
    let Replaced { column, key, old, new, .. } = first;
    let mut finding = Finding::new(
        STORED_VALUE_CHANGED.kind,
        STORED_VALUE_CHANGED.severity,
        table.name(),
        new,
        format!("{old}, as stored"),
        STORED_VALUE_CHANGED.remedy,
    )
    .in_column(table.columns()[*column].name);
    finding.date = key.iter().find_map(|part| part.parse::<TradingDay>().ok());
    finding.symbol = key.iter().find_map(|part| part.parse::<Symbol>().ok());
    finding
}
