//! The only reader of market files: formats, doctor, store.
