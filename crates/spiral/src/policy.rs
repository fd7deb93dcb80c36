//! What the authorities and brokers allow, day by day.

use serde::{Deserialize, Serialize};

/// Rules in force on a day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Margin a DMA book must restore, a fraction of its long value: 0.25 is four times leverage, 1 is none.
    pub initial_margin: f64,
    /// Below this a DMA book is called.
    pub call_ratio: f64,
    /// Below this it is liquidated.
    pub liquidation_ratio: f64,
    /// Whether a DMA book may sell no more stock than it buys.
    pub net_sell_ban: bool,
    /// Whether redemptions of funds are stopped.
    pub redemption_gate: bool,
    /// Most a DMA book may hold, a share of what it held at the start, prices aside; above it both legs are cut at once.
    #[serde(default = "no_cap")]
    pub dma_cap: f64,
}

const fn no_cap() -> f64 {
    f64::INFINITY
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            initial_margin: 0.25,
            call_ratio: 0.15,
            liquidation_ratio: 0.10,
            net_sell_ban: false,
            redemption_gate: false,
            dma_cap: no_cap(),
        }
    }
}

/// A change of the rules from a day on; what is not written stays.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    /// Day of the scenario, 0 the first.
    pub from_day: usize,
    /// See [`Rules`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_margin: Option<f64>,
    /// See [`Rules`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_ratio: Option<f64>,
    /// See [`Rules`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liquidation_ratio: Option<f64>,
    /// See [`Rules`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_sell_ban: Option<bool>,
    /// See [`Rules`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redemption_gate: Option<bool>,
    /// See [`Rules`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dma_cap: Option<f64>,
}

/// The rules of `day`: the changes up to it, the later over the earlier.
pub fn rules_of(first: Rules, changes: &[Change], day: usize) -> Rules {
    let mut rules = first;
    for change in changes.iter().filter(|change| change.from_day <= day) {
        rules = Rules {
            initial_margin: change.initial_margin.unwrap_or(rules.initial_margin),
            call_ratio: change.call_ratio.unwrap_or(rules.call_ratio),
            liquidation_ratio: change.liquidation_ratio.unwrap_or(rules.liquidation_ratio),
            net_sell_ban: change.net_sell_ban.unwrap_or(rules.net_sell_ban),
            redemption_gate: change.redemption_gate.unwrap_or(rules.redemption_gate),
            dma_cap: change.dma_cap.unwrap_or(rules.dma_cap),
        };
    }
    rules
}
