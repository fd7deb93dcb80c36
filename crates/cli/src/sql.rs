//! Queries over the tables of a market directory; the engine is there under the feature `sql`.

use shoals_core::Table;
use shoals_data::store::Store;

/// The answer to a query, as the table `result`.
#[cfg(feature = "sql")]
pub(crate) fn ask(store: &Store, query: &str) -> anyhow::Result<Table> {
    let batches = shoals_engine::Engine::open(store)?.sql(query)?;
    Ok(shoals_data::arrow_table::from_query("result", &batches)?)
}

/// Says how to get the engine.
#[cfg(not(feature = "sql"))]
pub(crate) fn ask(_: &Store, _: &str) -> anyhow::Result<Table> {
    anyhow::bail!(NO_ENGINE)
}

/// Why a build without the engine answers no query, and what to do.
#[cfg(not(feature = "sql"))]
pub(crate) const NO_ENGINE: &str = "this build has no SQL engine; build it with `cargo install --path crates/cli --features sql`, \
     or point DuckDB, Polars or Spark at the Delta tables in the market directory";
