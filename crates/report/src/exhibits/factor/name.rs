//! What factors and size buckets are called.

use shoals_core::Segment;

use super::MARKET;
use crate::i18n::{self, Text, message, words};

/// Factors with a name for readers, and its key.
const KNOWN: [(&str, &str); 8] = [
    ("size", "factor-name-size"),
    ("book_to_price", "factor-name-book-to-price"),
    ("earnings_yield", "factor-name-earnings-yield"),
    ("low_volatility", "factor-name-low-volatility"),
    ("low_idiosyncratic_volatility", "factor-name-low-idiosyncratic-volatility"),
    ("illiquidity", "factor-name-illiquidity"),
    ("low_turnover", "factor-name-low-turnover"),
    ("reversal", "factor-name-reversal"),
];

/// `low_volatility_60` is low volatility over 60 days; a name of the user's own stays as it is.
pub(super) fn factor(name: &str) -> Text {
    let (stem, days) = match name.rsplit_once('_') {
        Some((stem, days)) if days.parse::<usize>().is_ok() => (stem, days.parse::<usize>().ok()),
        _ => (name, None),
    };
    let Some((_, key)) = KNOWN.into_iter().find(|(known, _)| *known == stem) else {
        return Text::same(name);
    };
    match days {
        Some(n) => message("factor-name-days", &[("name", words(key).into()), ("n", n.into())]),
        None => words(key),
    }
}

/// The name of an index whose members are a bucket; none for a bucket by size alone.
fn index_name(bucket: &str) -> Option<Text> {
    let segment = Segment::ALL.into_iter().find(|segment| segment.symbol().as_str() == bucket);
    segment.map(i18n::segment_name).or_else(|| bucket.contains('.').then(|| Text::same(bucket)))
}

/// A bucket by its place among the sizes, in a word or two.
pub(super) fn bucket(name: &str, buckets: &[String]) -> Text {
    if name == MARKET {
        return words("factor-bucket-market");
    }
    if let Some(index) = index_name(name) {
        return index;
    }
    match buckets.iter().position(|bucket| bucket == name) {
        Some(0) => words("factor-bucket-smallest"),
        Some(k) if k + 1 == buckets.len() => words("factor-bucket-largest"),
        Some(k) => message("factor-bucket-nth", &[("k", (k + 1).into())]),
        None => Text::same(name),
    }
}

/// The bucket a sentence is about, in full.
pub(super) fn told(name: &str, buckets: &[String]) -> Text {
    if name == MARKET {
        return words("factor-told-market");
    }
    match index_name(name) {
        Some(index) => message("factor-told-index", &[("name", index.into())]),
        None => message("factor-told-smallest", &[("n", buckets.len().into())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_back_is_told_and_an_unknown_name_is_kept() {
        for (name, zh, en) in [
            ("low_volatility", "低波动", "low volatility"),
            ("low_volatility_60", "低波动（60 日）", "low volatility (60 days)"),
            ("my_factor_60", "my_factor_60", "my_factor_60"),
        ] {
            assert_eq!(factor(name), Text::new(zh, en));
        }
    }
}
