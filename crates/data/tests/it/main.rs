//! Integration tests of the data room, one binary.

mod doctor;
mod formats;
mod store;
