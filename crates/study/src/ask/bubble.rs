//! Had small companies run away from large ones?

use shoals_core::{Segment, Symbol, Text};
use shoals_warning::bubble::{BubbleConfig, BubbleOutcome, Pair, bubble as test_ratios};

use crate::{MarketView, StudyError};

/// The whole market.
const ALL_SHARE: &str = "000985.CSI";

/// The ratios a market's indices make: micro caps over all shares (over the CSI 300 where there is no all-share
/// index), and the CSI 1000 over the CSI 300.
fn bubble_pairs(view: &MarketView) -> Vec<Pair> {
    let [micro, small, large] =
        [Segment::Micro, Segment::Csi1000, Segment::Csi300].map(Segment::symbol);
    let all = Symbol::literal(ALL_SHARE);
    let has_all = view.indices.contains_key(&all);
    let below = if has_all { ("micro_all", all) } else { ("micro_large", large) };
    [(below.0, micro, below.1), ("small_large", small, large)]
        .into_iter()
        .filter_map(|(name, above, below)| {
            let (above, below) = (view.indices.get(&above)?, view.indices.get(&below)?);
            Some(Pair { name: name.to_owned(), above: above.clone(), below: below.clone() })
        })
        .collect()
}

/// Tests the market's ratios for bubbles.
///
/// # Errors
/// No ratio in the market, too few common days, or settings that are not legal.
pub fn bubble(view: &MarketView, config: &BubbleConfig) -> Result<BubbleOutcome, StudyError> {
    Ok(test_ratios(&bubble_pairs(view), config)?)
}

/// Why bubbles cannot be asked of a market, when it has no two indices to compare.
pub fn bubble_missing(view: &MarketView) -> Option<Text> {
    bubble_pairs(view).is_empty().then(|| {
        Text::new(
            "市场没有可比的两个指数，未作泡沫检验；导入微盘、中证1000、沪深300 指数后再问",
            "the market holds no two indices to compare, so bubbles were left out; import the micro-cap, CSI 1000 and \
             CSI 300 indices to ask",
        )
    })
}
