//! Who receives what of a product's value: the waterfall, one function.

use serde::Serialize;
use shoals_core::Text;

/// What each layer has put in and is owed, CNY.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Claims {
    /// Money of A with the fixed return it has earned so far.
    pub senior: f64,
    /// Money of B.
    pub junior: f64,
    /// Money that loses first.
    pub buffer: f64,
    /// Part of the gain that goes to the buffer's owner, in `[0, 1]`; B takes the rest.
    pub buffer_gain_share: f64,
}

/// What each layer receives, CNY, at least 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Receipts {
    /// To A.
    pub senior: f64,
    /// To B.
    pub junior: f64,
    /// To the buffer's owner.
    pub buffer: f64,
    /// What A is owed and not paid.
    pub senior_shortfall: f64,
    /// What the product owes its broker beyond all it has; 0 unless its value is below 0.
    pub owed: f64,
}

/// A layer of the structure, the first to lose first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Loses first.
    Buffer,
    /// The levered share.
    Junior,
    /// The fixed-rate share.
    Senior,
}

impl Layer {
    /// Every layer, the first to lose first.
    pub const ALL: [Self; 3] = [Self::Buffer, Self::Junior, Self::Senior];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Buffer => "buffer",
            Self::Junior => "junior",
            Self::Senior => "senior",
        }
    }

    /// The name for readers.
    pub fn words(self) -> Text {
        match self {
            Self::Buffer => Text::new("安全垫", "buffer"),
            Self::Junior => Text::new("劣后级 B", "junior B"),
            Self::Senior => Text::new("优先级 A", "senior A"),
        }
    }
}

impl Receipts {
    /// What one layer receives.
    pub const fn of(&self, layer: Layer) -> f64 {
        match layer {
            Layer::Buffer => self.buffer,
            Layer::Junior => self.junior,
            Layer::Senior => self.senior,
        }
    }
}

/// Shares out a product's value: A its claim, B its money, the buffer its money, then the gain.
///
/// Money is neither made nor lost: `senior + junior + buffer − owed = value`. Without a buffer B receives
/// `max(value − claim of A, 0)`, and A loses `max(claim − value, 0)`.
///
/// * `value`: what the product is worth, CNY; may be below 0.
///
/// # Example
/// ```
/// use shoals_product::ab_swap::{Claims, distribute};
/// let claims = Claims { senior: 78.0, junior: 20.0, buffer: 5.0, buffer_gain_share: 0.0 };
/// let of = |value| {
///     let paid = distribute(value, &claims);
///     [paid.senior, paid.junior, paid.buffer]
/// };
/// assert_eq!(of(110.0), [78.0, 27.0, 5.0]);
/// assert_eq!(of(100.0), [78.0, 20.0, 2.0]); // the buffer loses first,
/// assert_eq!(of(90.0), [78.0, 12.0, 0.0]); //  then B,
/// assert_eq!(of(70.0), [70.0, 0.0, 0.0]); //   then A
/// ```
pub fn distribute(value: f64, claims: &Claims) -> Receipts {
    let available = value.max(0.0);
    let senior = available.min(claims.senior);
    let after_senior = available - senior;
    let junior = after_senior.min(claims.junior);
    let after_junior = after_senior - junior;
    let buffer = after_junior.min(claims.buffer);
    let gain = after_junior - buffer;
    let to_buffer = claims.buffer_gain_share * gain;
    Receipts {
        senior,
        junior: junior + (gain - to_buffer),
        buffer: buffer + to_buffer,
        senior_shortfall: claims.senior - senior,
        owed: (-value).max(0.0),
    }
}
