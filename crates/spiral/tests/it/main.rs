//! The spiral's rooms against independent programs, closed forms and invariants.

mod fire_sale;
mod oracle;
mod overlap;
