//! SQL over the store: DataFusion on the Parquet files of one version.
//!
//! [`Engine::open`] registers every table the store holds, under its own name, as the files of the
//! version the store stands at: a query sees that version whole, whatever is imported meanwhile. The
//! engine only reads: statements that define or change anything are refused before they are planned.

mod error;

use std::sync::Arc;

use datafusion::arrow::record_batch::RecordBatch;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::error::DataFusionError;
use datafusion::execution::context::SQLOptions;
use datafusion::prelude::{SessionConfig, SessionContext};
use shoals_data::{MarketTable, Store};
use tokio::runtime::{Builder, Runtime};

pub use error::EngineError;

/// A query engine over one version of a store.
pub struct Engine {
    runtime: Runtime,
    context: SessionContext,
}

impl Engine {
    /// An engine that sees the tables of `store` at the version it stands at.
    ///
    /// # Errors
    /// When a table's files cannot be listed or their columns not be read.
    pub fn open(store: &Store) -> Result<Self, EngineError> {
        let runtime = Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|cause| EngineError::Threads { cause })?;
        let config = SessionConfig::new().with_information_schema(true);
        let context = SessionContext::new_with_config(config);
        for table in store.tables() {
            let files = store.files(table)?;
            let urls: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
            runtime.block_on(register(&context, table, &urls)).map_err(|cause| {
                EngineError::Table { table: table.to_string(), cause: cause.into() }
            })?;
        }
        Ok(Self { runtime, context })
    }

    /// Answers one query.
    ///
    /// Symbols come as text, days as `Date32`. Without `order by` rows come in no promised order.
    ///
    /// # Errors
    /// A statement that defines, changes or copies anything is refused; a query that names what does not
    /// exist or fails on the way says so.
    pub fn sql(&self, query: &str) -> Result<Vec<RecordBatch>, EngineError> {
        let options = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        self.runtime.block_on(async {
            let plan = self.context.state().create_logical_plan(query).await.map_err(failed)?;
            options
                .verify_plan(&plan)
                .map_err(|refusal| EngineError::ReadOnly { reason: refusal.strip_backtrace() })?;
            let frame = self.context.execute_logical_plan(plan).await.map_err(failed)?;
            frame.collect().await.map_err(failed)
        })
    }
}

fn failed(cause: DataFusionError) -> EngineError {
    EngineError::Query { reason: cause.strip_backtrace(), cause: Box::new(cause) }
}

async fn register(
    context: &SessionContext,
    table: MarketTable,
    files: &[String],
) -> Result<(), DataFusionError> {
    let urls = files.iter().map(ListingTableUrl::parse).collect::<Result<Vec<_>, _>>()?;
    let options = ListingOptions::new(Arc::new(ParquetFormat::default()));
    let config = ListingTableConfig::new_with_multi_paths(urls)
        .with_listing_options(options)
        .infer_schema(&context.state())
        .await?;
    context.register_table(table.name(), Arc::new(ListingTable::try_new(config)?))?;
    Ok(())
}
