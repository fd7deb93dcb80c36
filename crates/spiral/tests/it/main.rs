//! The spiral's rooms against independent programs, closed forms and invariants.

mod china_2024;
mod counterfactual;
mod fire_sale;
mod model;
mod oracle;
mod overlap;
mod scenario_file;
mod stress;
mod walk;
