//! A fund as the analyses read it.

use serde::Serialize;
use shoals_core::{Series, Symbol};

use crate::{FundError, Periods};

/// What a holder's money became, and what the fund calls itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fund {
    /// Its code, or the heading of its column in a file.
    pub code: String,
    /// Its name; the code where none is known.
    pub name: String,
    /// What it calls itself, where known: "fixed income plus", "market neutral".
    pub kind: Option<String>,
    /// Its own benchmark, where known.
    pub benchmark: Option<Symbol>,
    /// CNY a unit with dividends reinvested, on the days it was published.
    #[serde(skip)]
    pub nav: Series,
}

impl Fund {
    /// A fund of a NAV series alone, named by the series.
    ///
    /// # Errors
    /// A NAV that is neither positive nor missing.
    pub fn of(nav: Series) -> Result<Self, FundError> {
        let code = nav.name().to_owned();
        let mut values = nav.days().iter().zip(nav.values());
        if let Some((&day, &found)) =
            values.find(|(_, x)| !(x.is_nan() || x.is_finite() && **x > 0.0))
        {
            return Err(FundError::NavNotPositive { fund: code, day, found });
        }
        Ok(Self { name: code.clone(), code, kind: None, benchmark: None, nav })
    }

    /// Its returns from one published value to the next.
    pub fn periods(&self) -> Periods {
        Periods::of(&self.nav)
    }
}
