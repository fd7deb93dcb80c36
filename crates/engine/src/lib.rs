//! SQL over the store: DataFusion.
