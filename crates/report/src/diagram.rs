//! Structures drawn, not described: boxes and the flows between them, as SVG.
//!
//! A diagram is plain data on a small grid; [`Diagram::to_svg`] draws it with the page's colours and both
//! languages inside, so it follows the language switch and the dark theme without a redraw.

use std::fmt::Write as _;

use serde::Serialize;

use crate::html::escape;
use crate::i18n::{Lang, Text};

/// Boxes and the flows between them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diagram {
    /// Stable `snake_case` name.
    pub id: String,
    /// What it shows.
    pub title: Text,
    /// How to read it.
    pub caption: Text,
    /// Width and height of the drawing, in its own units.
    pub size: (u16, u16),
    /// The parties.
    pub boxes: Vec<Party>,
    /// What moves between them.
    pub flows: Vec<Flow>,
}

/// A box.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Party {
    /// Left, top, width and height.
    pub place: (i16, i16, u16, u16),
    /// Its name.
    pub name: Text,
    /// Smaller lines under the name.
    pub lines: Vec<Text>,
    /// Whether it is the one the diagram is about.
    pub is_subject: bool,
}

/// An arrow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flow {
    /// Corner points, from tail to head.
    pub path: Vec<(i16, i16)>,
    /// What moves.
    pub kind: FlowKind,
    /// Lines written beside it.
    pub lines: Vec<Text>,
    /// Where the first line begins.
    pub label_at: (i16, i16),
}

/// What an arrow moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowKind {
    /// Cash: margin, financing, settlement.
    Cash,
    /// Exposure: what the book gains and loses with.
    Exposure,
    /// Orders in the market.
    Order,
}

impl FlowKind {
    const fn class(self) -> &'static str {
        match self {
            Self::Cash => "cash",
            Self::Exposure => "exposure",
            Self::Order => "order",
        }
    }
}

impl Diagram {
    /// The drawing as one `<svg>` element; its ids begin with `prefix`, so that a page can hold several.
    pub fn to_svg(&self, prefix: &str) -> String {
        let id = escape(&format!("{prefix}-{}", self.id));
        let (width, height) = self.size;
        let mut svg = format!(
            "<svg class=\"diagram\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-zh {id}-en\">"
        );
        for (lang, title) in both(&self.title) {
            let _ = write!(
                svg,
                "<title id=\"{id}-{lang}\" lang=\"{}\">{}</title>",
                lang.tag(),
                escape(title)
            );
        }
        svg.push_str(&markers(&id));
        self.flows.iter().for_each(|flow| flow.draw(&id, &mut svg));
        self.boxes.iter().for_each(|party| party.draw(&mut svg));
        svg.push_str("</svg>");
        svg
    }
}

fn markers(id: &str) -> String {
    let one = |kind: FlowKind| {
        let class = kind.class();
        format!(
            "<marker id=\"{id}-{class}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" \
             markerHeight=\"7\" orient=\"auto-start-reverse\"><path class=\"head {class}\" d=\"M0 0L8 4L0 8z\"/></marker>"
        )
    };
    let kinds = [FlowKind::Cash, FlowKind::Exposure, FlowKind::Order];
    format!("<defs>{}</defs>", kinds.into_iter().map(one).collect::<String>())
}

impl Party {
    fn draw(&self, svg: &mut String) {
        let (x, y, width, height) = self.place;
        let class = if self.is_subject { "party subject" } else { "party" };
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"3\"/>"
        );
        let middle = x + width as i16 / 2;
        let mut line_y = y + height as i16 / 2 + 5 - 9 * self.lines.len() as i16;
        draw_text(svg, "name", (middle, line_y), &self.name);
        for line in &self.lines {
            line_y += 18;
            draw_text(svg, "line", (middle, line_y), line);
        }
    }
}

impl Flow {
    fn draw(&self, diagram: &str, svg: &mut String) {
        let class = self.kind.class();
        let points: Vec<String> = self.path.iter().map(|(x, y)| format!("{x},{y}")).collect();
        let _ = write!(
            svg,
            "<polyline class=\"flow {class}\" points=\"{}\" marker-end=\"url(#{diagram}-{class})\"/>",
            points.join(" ")
        );
        let (x, mut y) = self.label_at;
        for line in &self.lines {
            draw_text(svg, &format!("flow-label {class}"), (x, y), line);
            y += 17;
        }
    }
}

fn both(text: &Text) -> [(Lang, &str); 2] {
    Lang::ALL.map(|lang| (lang, text.get(lang)))
}

fn draw_text(svg: &mut String, class: &str, (x, y): (i16, i16), text: &Text) {
    for (lang, words) in both(text) {
        let _ = write!(
            svg,
            "<text class=\"{class} {lang}\" x=\"{x}\" y=\"{y}\">{}</text>",
            escape(words)
        );
    }
}
