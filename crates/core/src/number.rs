//! The day-count and annualisation constants every convention line names.

/// Trading days a year on the A-share market, the default to annualise daily figures.
pub const TRADING_DAYS_PER_YEAR: f64 = 242.0;

/// Calendar days a year (ACT/365): financing and the default basis annualisation.
pub const CALENDAR_DAYS_PER_YEAR: f64 = 365.0;

/// Months a year.
pub const MONTHS_PER_YEAR: f64 = 12.0;
