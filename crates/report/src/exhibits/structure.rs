//! The DMA structure, drawn: who pays whom, and what each is exposed to.

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
