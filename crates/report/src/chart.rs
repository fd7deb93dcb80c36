//! What a chart says, in our own words: typed layers over one axis, drawn by [`option`].
//!
//! A chart's title is its finding and its subtitle the unit and the period; the visual language is written
//! down in `docs/visual.md`. Long tables stay tables: a chart carries what is drawn, six significant digits.

mod option;

use serde::Serialize;
use serde_json::Value;
use shoals_core::{Segment, TradingDay};

use crate::i18n::Text;
use crate::number::Format;

/// One chart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chart {
    /// Stable `snake_case` name, unique in the report.
    pub id: String,
    /// The finding.
    pub title: Text,
    /// Unit and period.
    pub subtitle: Text,
    /// Convention and source.
    pub caption: Text,
    /// What somebody who cannot see it should know.
    pub alt: Text,
    /// How its values are shown.
    pub format: Format,
    /// Height in pixels at full width.
    pub height: u16,
    /// What is drawn.
    pub plot: Plot,
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Plot {
    /// Layers over one horizontal axis.
    Layers {
        /// The axis every layer is aligned with.
        axis: Axis,
        /// Lines, bands, areas, bars and points, the first at the bottom.
        layers: Vec<Layer>,
        /// Horizontal reference lines.
        rules: Vec<Rule>,
        /// Vertical events and shaded spans; days or categories of the axis.
        events: Vec<Event>,
    },
    /// Horizontal bars with their values beside them, the first on top.
    Ladder {
        /// The rungs.
        rungs: Vec<Rung>,
    },
    /// A grid of colours, symmetric about zero.
    Heat {
        /// Labels from left to right.
        columns: Vec<Text>,
        /// Labels from top to bottom.
        rows: Vec<Text>,
        /// A row each, aligned with `columns`; NaN is left blank.
        values: Vec<Vec<f64>>,
        /// Columns to mark above the grid.
        marked: Vec<usize>,
    },
}

/// The horizontal axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// Exchange days, evenly placed in time.
    Days(Vec<TradingDay>),
    /// Named places.
    Names(Vec<Text>),
    /// Numbers, with what they count.
    Numbers {
        /// What the axis measures, with its unit.
        title: Text,
        /// The places.
        at: Vec<f64>,
    },
}

/// One thing drawn over the axis; every vector has the axis' length, NaN is a gap.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// A line, labelled at its end.
    Line {
        /// Its name.
        name: Text,
        /// Its colour.
        colour: Colour,
        /// Its values.
        values: Vec<f64>,
        /// How it is drawn.
        stroke: Stroke,
    },
    /// A light fill between two lines: an error band.
    Band {
        /// Its name, as "90% band".
        name: Text,
        /// Its colour, drawn light.
        colour: Colour,
        /// Lower edge.
        low: Vec<f64>,
        /// Upper edge.
        high: Vec<f64>,
    },
    /// Bars from zero.
    Bars {
        /// Their name.
        name: Text,
        /// Their colour.
        colour: Colour,
        /// Their values.
        values: Vec<f64>,
        /// Beside each other or on top of each other.
        stacking: Stacking,
    },
    /// Bars from zero coloured by their sign: rising and falling.
    SignedBars {
        /// Their name.
        name: Text,
        /// Their values.
        values: Vec<f64>,
    },
    /// Marked points, each with a label.
    Points {
        /// Their name.
        name: Text,
        /// Their colour.
        colour: Colour,
        /// Their values.
        values: Vec<f64>,
        /// Whether each point carries its value as a label.
        are_labelled: bool,
    },
}

/// How several bars share a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stacking {
    /// Side by side.
    #[default]
    Beside,
    /// On top of each other, positive up and negative down.
    OnTop,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stroke {
    /// The ordinary line.
    #[default]
    Plain,
    /// The line the chart is about.
    Strong,
    /// A thin line behind the others.
    Thin,
    /// A dashed line.
    Dashed,
    /// A line that holds its value until the next.
    Step,
}

/// A horizontal reference line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rule {
    /// Where it lies.
    pub at: f64,
    /// What it is.
    pub label: Text,
    /// Its colour.
    pub colour: Colour,
}

/// A vertical mark: a thin labelled line on a day, or a light band over a span.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// First day.
    pub from: TradingDay,
    /// Last day, for a span.
    pub to: Option<TradingDay>,
    /// What happened; empty for a silent shade.
    pub label: Text,
    /// Its colour.
    pub colour: Colour,
}

/// A rung of a ladder.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rung {
    /// Its name.
    pub name: Text,
    /// Its value.
    pub value: f64,
    /// Error band, low and high, where there is one.
    pub band: Option<(f64, f64)>,
    /// Its colour.
    pub colour: Colour,
}

/// A colour by its meaning; the page knows the shade, light and dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    /// The one colour of a size segment.
    Segment(Segment),
    /// The colour of text: what the chart is about.
    Ink,
    /// What stands behind.
    Muted,
    /// What is barely there.
    Faint,
    /// The one accent.
    Accent,
    /// Rising; red by default, as in China.
    Rise,
    /// Falling.
    Fall,
}

impl Chart {
    /// A chart of layers without reference lines and events yet.
    pub fn layers(id: &str, format: Format, axis: Axis, layers: Vec<Layer>) -> Self {
        let plot = Plot::Layers { axis, layers, rules: Vec::new(), events: Vec::new() };
        Self::of(id, format, 340, plot)
    }

    /// A ladder of horizontal bars.
    pub fn ladder(id: &str, format: Format, rungs: Vec<Rung>) -> Self {
        let height = 46 + 38 * rungs.len() as u16;
        Self::of(id, format, height, Plot::Ladder { rungs })
    }

    /// A grid of colours, a row of values for each row label.
    pub fn heat(id: &str, format: Format, plot: Plot) -> Self {
        Self::of(id, format, 230, plot)
    }

    fn of(id: &str, format: Format, height: u16, plot: Plot) -> Self {
        Self {
            id: id.to_owned(),
            title: Text::default(),
            subtitle: Text::default(),
            caption: Text::default(),
            alt: Text::default(),
            format,
            height,
            plot,
        }
    }

    /// Its finding, and under it unit and period.
    #[must_use]
    pub fn titled(mut self, title: Text, subtitle: Text) -> Self {
        self.alt = Text::sentences([&title, &subtitle]);
        self.title = title;
        self.subtitle = subtitle;
        self
    }

    /// Its convention and source.
    #[must_use]
    pub fn captioned(mut self, caption: Text) -> Self {
        self.caption = caption;
        self
    }

    /// Its height in pixels at full width.
    #[must_use]
    pub fn tall(mut self, height: u16) -> Self {
        self.height = height;
        self
    }

    /// With one more horizontal reference line; other plots than layers have none.
    #[must_use]
    pub fn with_rule(mut self, at: f64, label: Text, colour: Colour) -> Self {
        if let Plot::Layers { rules, .. } = &mut self.plot {
            rules.push(Rule { at, label, colour });
        }
        self
    }

    /// With more events; other plots than layers have none.
    #[must_use]
    pub fn with_events(mut self, more: impl IntoIterator<Item = Event>) -> Self {
        if let Plot::Layers { events, .. } = &mut self.plot {
            events.extend(more);
        }
        self
    }

    /// The `ECharts` option of this chart, in a neutral form.
    ///
    /// Three directives stand for what the reader chooses and `assets/chart.js` fills in:
    /// `{"$t": [zh, en]}` words, `{"$c": name}` a colour of the theme, `{"$f": [kind, digits]}` a formatter.
    pub fn option(&self) -> Value {
        option::of(self)
    }
}
