//! A factor written down: an expression over the columns of a stock panel.
//!
//! ```text
//! pb ^ -1
//! -rolling_std(return, 20) * rank(amount)
//! rolling_rank(volume / free_float_shares, 60) - 0.5
//! ```
//!
//! Numbers, the names of [`COLUMNS`], `+ - * / ^`, comparisons (`< <= > >= == !=`), `and`, `or`, `not`, brackets and the
//! operators of [`OPERATORS`]. `^` binds closest and to the right, then the sign, then `*` and `/`, `+` and `-`, a
//! comparison, `not`, `and`, `or`. What holds is 1 and what does not is 0; a number other than 0 holds. Every operator over time names its window
//! in trading days, the day itself included, and sees no later day; every operator across stocks sees
//! one day.
//!
//! Missing: NaN is "no observation" and so is a result that is not finite (a division by zero, the
//! logarithm of a loss). Arithmetic with it is missing. A window needs two thirds of its days, a rank
//! its own value too; across stocks the others are ranked without it. A comparison with it is missing, and so are `and`,
//! `or` and `not` of it, whatever the other side; `if` of a missing condition is missing, and does not look at the side it
//! does not take. A stock without an industry has no group.
//!
//! Method page: docs/method/expression.md

mod compute;
mod error;
mod operator;
mod parse;
mod token;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use shoals_core::Panel;

pub use error::ExpressionError;
pub use operator::{OPERATORS, OperatorHelp};

use super::window::LookBack;
use crate::MarketError;
use operator::{Across, Arithmetic, Each, OverTime, Within};

/// What an expression may be made of: the panel's column and its meaning.
pub const COLUMNS: [(&str, &str); 16] = [
    (
        "return",
        "simple decimal return of the day, dividends and splits in it; none without trading",
    ),
    ("adjusted_close", "close with dividends and splits, at the source's scale"),
    ("open", "CNY, unadjusted"),
    ("high", "CNY, unadjusted"),
    ("low", "CNY, unadjusted"),
    ("close", "CNY, unadjusted"),
    ("volume", "shares"),
    ("amount", "CNY"),
    ("total_shares", "shares"),
    ("free_float_shares", "shares"),
    ("pb", "price to book"),
    ("pe_ttm", "price to earnings of twelve months"),
    ("ps_ttm", "price to sales of twelve months"),
    ("dividend_yield", "decimal a year"),
    ("total_market_cap", "CNY"),
    ("free_float_market_cap", "CNY"),
];

/// A factor written down. A value of this type can be worked out on any panel with its columns.
///
/// # Example
/// ```
/// use shoals_market::factor::expression::Expression;
///
/// let quiet: Expression = "-rolling_std(return, 20) * rank(amount)".parse()?;
/// assert_eq!(quiet.columns().into_iter().collect::<Vec<_>>(), ["amount", "return"]);
/// assert_eq!(quiet.look_back(), 20);
/// let refusal = "rank(pbb)".parse::<Expression>().unwrap_err();
/// assert!(refusal.to_string().starts_with("found `pbb` at character 6"));
/// # Ok::<(), shoals_market::factor::expression::ExpressionError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    text: String,
    root: Node,
}

/// A part of an expression.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    Number(f64),
    Column(&'static str),
    Arithmetic(Arithmetic, Box<[Node; 2]>),
    Each(Each, Box<Node>),
    Across(Across, Box<Node>),
    OverTime(OverTime, Box<Node>, LookBack),
    Correlation(Box<[Node; 2]>, LookBack),
    Within(Within, Box<Node>),
    Choice(Box<[Node; 3]>),
}

impl Expression {
    /// The expression as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The columns it is made of.
    pub fn columns(&self) -> BTreeSet<&'static str> {
        let mut columns = BTreeSet::new();
        self.root.visit(&mut |node| {
            if let Node::Column(name) = node {
                columns.insert(*name);
            }
        });
        columns
    }

    /// Trading days it looks back beyond its own.
    pub fn look_back(&self) -> usize {
        self.root.look_back()
    }

    /// The factor of every stock and day, day-major; `panel` holds [`Expression::columns`] by name.
    ///
    /// # Errors
    /// A panel without one of the columns, or an expression that groups stocks.
    pub fn compute(&self, panel: &Panel) -> Result<Vec<f64>, MarketError> {
        self.compute_grouped(panel, &[])
    }

    /// The same, with the industry of each of the panel's stocks: numbers from 1, 0 for none.
    ///
    /// # Errors
    /// A panel without one of the columns, or an expression that groups stocks where none has an industry.
    pub fn compute_grouped(
        &self,
        panel: &Panel,
        industries: &[u16],
    ) -> Result<Vec<f64>, MarketError> {
        let has_groups = industries.iter().any(|industry| *industry > 0);
        if !has_groups && self.groups() {
            return Err(MarketError::NoIndustries);
        }
        compute::values(&self.root, panel, industries)
    }

    /// Whether it groups stocks by industry.
    pub fn groups(&self) -> bool {
        let mut groups = false;
        self.root.visit(&mut |node| groups |= matches!(node, Node::Within(..)));
        groups
    }
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        Ok(Self { text: text.trim().to_owned(), root: parse::parsed(text.trim())? })
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Node {
    fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Self)) {
        see(self);
        match self {
            Self::Number(_) | Self::Column(_) => {}
            Self::Each(_, inner)
            | Self::Across(_, inner)
            | Self::Within(_, inner)
            | Self::OverTime(_, inner, _) => inner.visit(see),
            Self::Choice(parts) => parts.iter().for_each(|part| part.visit(see)),
            Self::Arithmetic(_, sides) | Self::Correlation(sides, _) => {
                sides.iter().for_each(|side| side.visit(see));
            }
        }
    }

    fn look_back(&self) -> usize {
        let deeper = |sides: &[Self; 2]| sides[0].look_back().max(sides[1].look_back());
        match self {
            Self::Number(_) => 0,
            // A return needs the close before.
            Self::Column(name) => usize::from(*name == "return"),
            Self::Arithmetic(_, sides) => deeper(sides),
            Self::Each(_, inner) | Self::Across(_, inner) | Self::Within(_, inner) => {
                inner.look_back()
            }
            Self::Choice(parts) => parts.iter().map(Self::look_back).max().unwrap_or_default(),
            Self::OverTime(over, inner, days) => inner.look_back() + over.reach(days.days()),
            Self::Correlation(sides, days) => deeper(sides) + days.days() - 1,
        }
    }
}
