//! The words of Shoals: exchange days, symbols, panels, market rules, findings and tables.
//!
//! Every other room speaks in these types. Nothing here touches a file, a clock or the environment;
//! the data files of [`rules`] and [`calendar`] are compiled in.

pub mod calendar;
pub mod contract;
mod day;
mod error;
mod finding;
pub mod number;
mod outcome;
mod panel;
pub mod policy_event;
mod rulebook;
pub mod rules;
mod seed;
mod segment;
mod series;
mod symbol;
mod table;
mod text;

pub use calendar::Calendar;
pub use contract::{FutureContract, FutureProduct};
pub use day::{TradingDay, day, range_in_words};
pub use error::CoreError;
pub use finding::{Finding, Severity};
pub use outcome::{Convention, Outcome};
pub use panel::Panel;
pub use policy_event::{PolicyEvent, Timeline};
pub use rulebook::Rulebook;
pub use rules::Rules;
pub use seed::{Seed, Stream};
pub use segment::Segment;
pub use series::Series;
pub use symbol::{Board, Exchange, SecurityKind, Symbol};
pub use table::{Column, Lines, Table, Values};
pub use text::{Lang, Text};
