//! What an analysis goes by: the days that trade and the rules in force, built in or a user's.

use std::borrow::Cow;

use crate::{Calendar, CoreError, Rules};

/// Calendar and rules in force; the built-in ones by default.
///
/// ```
/// use shoals_core::{Rulebook, day};
///
/// let closed = "first = 2024-02-05\nlast = 2024-02-05\nsource = \"a typhoon\"\n\
///               status = \"recalled\"\n[closed]\n2024 = [\"02-05\"]\n";
/// let rulebook = Rulebook::default().with_calendar(closed)?;
/// assert!(!rulebook.calendar.is_open(day(2024, 2, 5)));
/// # Ok::<(), shoals_core::CoreError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Rulebook {
    /// Days the exchanges trade.
    pub calendar: Cow<'static, Calendar>,
    /// Limits, fees, margins and terms.
    pub rules: Cow<'static, Rules>,
}

impl Default for Rulebook {
    fn default() -> Self {
        Self {
            calendar: Cow::Borrowed(Calendar::shanghai()),
            rules: Cow::Borrowed(Rules::builtin()),
        }
    }
}

impl Rulebook {
    /// This rulebook with the days of a calendar file replaced.
    ///
    /// # Errors
    /// As [`Calendar::extended`].
    pub fn with_calendar(self, toml_text: &str) -> Result<Self, CoreError> {
        Ok(Self { calendar: Cow::Owned(self.calendar.extended(toml_text)?), ..self })
    }

    /// This rulebook with the rows of a rule file added.
    ///
    /// # Errors
    /// As [`Rules::overridden`].
    pub fn with_rules(self, toml_text: &str) -> Result<Self, CoreError> {
        Ok(Self { rules: Cow::Owned(self.rules.overridden(toml_text)?), ..self })
    }
}
