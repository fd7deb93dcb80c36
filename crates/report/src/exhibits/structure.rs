//! The DMA structure and the AB one before it, drawn: who pays whom, and what each is exposed to.

use crate::diagram::{Diagram, Flow, FlowKind, Party};
use crate::i18n::{Text, message, words};

/// What the drawing says in numbers.
pub(super) struct BookFacts {
    /// Margin paid at the opening, CNY.
    pub(super) margin: f64,
    /// Stocks carried, CNY.
    pub(super) long: f64,
    /// Futures short, CNY; NaN when not known.
    pub(super) hedge: f64,
    /// Financing rate, annual decimal.
    pub(super) financing_rate: f64,
}

/// Fund, broker, stock market, futures exchange and the five flows between them.
pub(super) fn dma(facts: &BookFacts) -> Diagram {
    let leverage = facts.long / facts.margin;
    Diagram {
        id: "dma".to_owned(),
        title: message("swap-diagram-title", &[("leverage", leverage.into())]),
        caption: words("swap-diagram-caption"),
        size: (460, 426),
        boxes: parties(facts),
        flows: flows(facts),
    }
}

fn parties(facts: &BookFacts) -> Vec<Party> {
    let party = |place, name: &str, lines: Vec<Text>, is_subject| Party {
        place,
        name: words(name),
        lines,
        is_subject,
    };
    let money = |key: &str, value: f64| vec![message(key, &[("money", value.into())])];
    vec![
        party(
            (110, 8, 240, 66),
            "swap-party-fund",
            money("swap-party-fund-line", facts.margin),
            true,
        ),
        party(
            (110, 178, 240, 66),
            "swap-party-broker",
            vec![words("swap-party-broker-line")],
            false,
        ),
        party(
            (4, 352, 214, 66),
            "swap-party-stocks",
            money("swap-party-stocks-line", facts.long),
            false,
        ),
        party(
            (242, 352, 214, 66),
            "swap-party-futures",
            money("swap-party-futures-line", facts.hedge),
            false,
        ),
    ]
}

fn flows(facts: &BookFacts) -> Vec<Flow> {
    let flow = |path: &[(i16, i16)], kind, lines: Vec<Text>, label_at| Flow {
        path: path.to_vec(),
        kind,
        lines,
        label_at,
    };
    let rate = message("swap-flow-financing", &[("rate", facts.financing_rate.into())]);
    vec![
        flow(
            &[(152, 74), (152, 176)],
            FlowKind::Cash,
            vec![words("swap-flow-margin"), rate],
            (4, 120),
        ),
        flow(
            &[(308, 178), (308, 76)],
            FlowKind::Exposure,
            vec![words("swap-flow-return"), words("swap-flow-return-2")],
            (320, 120),
        ),
        flow(
            &[(152, 244), (111, 350)],
            FlowKind::Order,
            vec![words("swap-flow-buys"), words("swap-flow-buys-2")],
            (4, 288),
        ),
        flow(
            &[(308, 244), (349, 350)],
            FlowKind::Order,
            vec![words("swap-flow-shorts"), words("swap-flow-shorts-2")],
            (346, 288),
        ),
    ]
}

/// What the drawing of an AB swap says in numbers, CNY.
pub(super) struct AbFacts {
    /// Money of A.
    pub(super) senior: f64,
    /// Money of B.
    pub(super) junior: f64,
    /// Money that loses first.
    pub(super) buffer: f64,
    /// Long value over the money of B.
    pub(super) leverage: f64,
}

/// A, B and buffer over the product that owns the stocks.
pub(super) fn ab(facts: &AbFacts) -> Diagram {
    Diagram {
        id: "ab".to_owned(),
        title: message("ab-diagram-title", &[("leverage", facts.leverage.into())]),
        caption: words("ab-diagram-caption"),
        size: (460, 426),
        boxes: ab_parties(facts),
        flows: ab_flows(facts.buffer > 0.0),
    }
}

fn ab_parties(facts: &AbFacts) -> Vec<Party> {
    let party = |place, name: &str, value: f64, is_subject| Party {
        place,
        name: words(name),
        lines: vec![message("ab-party-line", &[("money", value.into())])],
        is_subject,
    };
    let mut boxes = vec![
        party((4, 8, 144, 66), "ab-party-senior", facts.senior, false),
        party((158, 8, 144, 66), "ab-party-junior", facts.junior, true),
        Party {
            place: (110, 190, 240, 66),
            name: words("ab-party-product"),
            lines: vec![words("ab-party-product-line")],
            is_subject: false,
        },
        Party {
            place: (4, 352, 214, 66),
            name: words("swap-party-stocks"),
            lines: vec![words("ab-party-stocks-line")],
            is_subject: false,
        },
        Party {
            place: (242, 352, 214, 66),
            name: words("swap-party-futures"),
            lines: vec![words("ab-party-futures-line")],
            is_subject: false,
        },
    ];
    if facts.buffer > 0.0 {
        boxes.push(party((312, 8, 144, 66), "ab-party-buffer", facts.buffer, false));
    }
    boxes
}

fn ab_flows(has_buffer: bool) -> Vec<Flow> {
    let flow = |path: &[(i16, i16)], kind, lines: &[&str], label_at| Flow {
        path: path.to_vec(),
        kind,
        lines: lines.iter().map(|key| words(key)).collect(),
        label_at,
    };
    let mut flows = vec![
        flow(
            &[(136, 190), (76, 76)],
            FlowKind::Cash,
            &["ab-flow-senior", "ab-flow-senior-2"],
            (4, 128),
        ),
        flow(
            &[(230, 190), (230, 76)],
            FlowKind::Exposure,
            &["ab-flow-junior", "ab-flow-junior-2"],
            (240, 118),
        ),
        flow(&[(152, 256), (111, 350)], FlowKind::Order, &["ab-flow-buys"], (24, 300)),
        flow(&[(308, 256), (349, 350)], FlowKind::Order, &["ab-flow-shorts"], (346, 300)),
    ];
    if has_buffer {
        flows.push(flow(&[(384, 76), (324, 188)], FlowKind::Cash, &["ab-flow-buffer"], (368, 156)));
    }
    flows
}
