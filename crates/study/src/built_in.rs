//! The built-in market in a store, with its truth beside it.

use shoals_core::{Calendar, Rules, Seed, Severity};
use shoals_data::store::{PreparedImport, Store};
use shoals_data::{DataError, Loaded, MarketTable, arrow_table, doctor};
use shoals_sample::{SampleConfig, SampleMarket, generate};

use crate::StudyError;

/// The profile an import of the built-in market is recorded under.
const PROFILE: &str = "sample";

/// Generates the built-in market and commits it, examined like any other import; a store that holds
/// the same market already is left as it is.
///
/// # Errors
/// When the doctor finds something severe, which would be a defect of the built-in market, or the
/// store cannot be written.
pub fn keep(
    store: &Store,
    config: &SampleConfig,
    seed: Seed,
    tool_version: &str,
    imported_at: &str,
) -> Result<(), StudyError> {
    let source = format!(
        "seed {}, {} stocks, {} to {}",
        seed.0,
        config.n_stocks(),
        config.from(),
        config.to()
    );
    let is_kept = |record: &shoals_data::store::ImportRecord| {
        record.profile == PROFILE && record.source == source && record.tool_version == tool_version
    };
    if store.history().last().is_some_and(is_kept) {
        return Ok(());
    }
    let market = generate(config, seed)?;
    let loaded = loaded(&market)?;
    let findings = doctor::examine(&loaded, Calendar::shanghai(), Rules::builtin());
    let n = findings.iter().filter(|finding| finding.severity == Severity::Severe).count();
    if n > 0 {
        return Err(DataError::Refused { n, findings }.into());
    }
    let import = PreparedImport {
        profile: PROFILE.to_owned(),
        source,
        findings,
        tool_version: tool_version.to_owned(),
        ..PreparedImport::default()
    };
    store.commit(import.with_rows(loaded), imported_at)?;
    Ok(())
}

/// Whether a store holds the built-in market.
pub fn is_in(store: &Store) -> bool {
    store.history().iter().any(|record| record.profile == PROFILE)
}

fn loaded(market: &SampleMarket) -> Result<Vec<Loaded>, StudyError> {
    market
        .tables
        .iter()
        .map(|rows| {
            let table: MarketTable = rows.name().parse()?;
            let batch = arrow_table::to_market_batch(rows, table)?;
            Ok(Loaded {
                table,
                file: format!("sample/{table}"),
                batches: vec![batch],
                source_rows: None,
                source_columns: std::collections::BTreeMap::new(),
                findings: Vec::new(),
            })
        })
        .collect()
}
