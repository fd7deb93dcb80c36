//! Why an expression could not be read, and where.

/// What stands where something else should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "found {found} at character {} of the expression, expected {expected}\n    {text}\n    {}^",
    .at + 1,
    blanks(text, *.at)
)]
pub struct ExpressionError {
    /// The expression as written.
    pub text: String,
    /// Characters before the place.
    pub at: usize,
    /// What stands there.
    pub found: String,
    /// What could.
    pub expected: String,
}

/// As wide as the characters before the place: Chinese ones and full-width signs take two columns.
fn blanks(text: &str, at: usize) -> String {
    let width = |c: char| if u32::from(c) >= 0x1100 { 2 } else { 1 };
    " ".repeat(text.chars().take(at).map(width).sum())
}
