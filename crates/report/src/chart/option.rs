//! A chart as an `ECharts` option in its neutral form, see [`Chart::option`](super::Chart::option).
//!
//! Two more things are left to `assets/chart.js`, because they depend on the width of the page: values are
//! zipped with the axis (`{"$v": [..]}`), and `marks` (zero line, rules, events) get their label rows.

use serde_json::{Value, json};
use shoals_core::{Segment, TradingDay};

use super::{Axis, Chart, Colour, Event, Layer, Plot, Rule, Rung, Stacking, Stroke};
use crate::i18n::Text;
use crate::number::Format;

/// Points on a day axis from which a zoom slider is offered.
const ZOOM_FROM: usize = 60;

pub(super) fn of(chart: &Chart) -> Value {
    match &chart.plot {
        Plot::Layers { axis, layers, rules, events } => {
            layered(chart.format, axis, layers, (rules, events))
        }
        Plot::Ladder { rungs } => ladder(chart.format, rungs),
        Plot::Heat { columns, rows, values, marked } => {
            heat(chart.format, columns, rows, values, marked)
        }
    }
}

fn layered(
    format: Format,
    axis: &Axis,
    layers: &[Layer],
    (rules, events): (&[Rule], &[Event]),
) -> Value {
    let (low, high) = range(layers, rules);
    let from_zero = matches!(format, Format::Percent(_))
        || layers.iter().any(has_bars)
        || rules.iter().any(is_zero);
    let mut option = json!({
        "axis": axis_values(axis),
        "xAxis": x_axis(axis),
        "yAxis": {"type": "value", "scale": !from_zero, "axisLabel": {"formatter": {"$f": ["tick", kind(format)]}}},
        "tooltip": {"trigger": "axis", "formatter": {"$f": ["tip", kind(format), digits(format)]}},
        "series": layers.iter().enumerate().flat_map(|(i, layer)| series(i, layer, axis, format)).collect::<Vec<_>>(),
        "marks": {
            "zero": low <= 0.0 && high >= 0.0 || from_zero,
            "rules": rules.iter().filter(|rule| !is_zero(rule)).map(rule).collect::<Vec<_>>(),
            "events": events.iter().map(event).collect::<Vec<_>>(),
        },
    });
    if matches!(axis, Axis::Days(days) if days.len() >= ZOOM_FROM) {
        option["zoom"] = json!(true);
    }
    option
}

fn axis_values(axis: &Axis) -> Value {
    match axis {
        Axis::Days(days) => {
            json!({"kind": "days", "at": days.iter().map(|day| day.epoch_days()).collect::<Vec<_>>()})
        }
        Axis::Names(names) => {
            json!({"kind": "names", "at": names.iter().map(words).collect::<Vec<_>>()})
        }
        Axis::Numbers { title, at } => json!({"kind": "numbers", "at": at, "title": words(title)}),
    }
}

fn x_axis(axis: &Axis) -> Value {
    match axis {
        Axis::Days(_) => json!({"type": "time", "axisLabel": {"formatter": {"$f": ["time"]}}}),
        Axis::Names(names) => {
            json!({"type": "category", "data": names.iter().map(words).collect::<Vec<_>>()})
        }
        Axis::Numbers { title, .. } => {
            json!({"type": "value", "name": words(title), "nameLocation": "middle", "nameGap": 26})
        }
    }
}

fn series(i: usize, layer: &Layer, axis: &Axis, format: Format) -> Vec<Value> {
    match layer {
        Layer::Line { name, colour, values, stroke } => {
            vec![line(name, *colour, values, *stroke, axis)]
        }
        Layer::Band { name, colour, low, high } => band(i, name, *colour, low, high),
        Layer::Bars { name, colour, values, stacking } => {
            vec![bars(name, *colour, values, *stacking)]
        }
        Layer::SignedBars { name, values } => signed_bars(name, values),
        Layer::Points { name, colour, values, are_labelled } => {
            vec![points(name, *colour, values, *are_labelled, format)]
        }
    }
}

fn line(name: &Text, colour: Colour, values: &[f64], stroke: Stroke, axis: &Axis) -> Value {
    let (width, dash) = match stroke {
        Stroke::Plain | Stroke::Step => (1.8, "solid"),
        Stroke::Strong => (2.6, "solid"),
        Stroke::Thin => (1.0, "solid"),
        Stroke::Dashed => (1.6, "dashed"),
    };
    let mut series = json!({
        "type": "line",
        "name": words(name),
        "data": values_of(values),
        "color": shade(colour),
        "lineStyle": {"width": width, "type": dash, "color": shade(colour)},
        // Each place of a short axis is a quote or a term; of a long one the line alone is read.
        "showSymbol": matches!(axis, Axis::Numbers { at, .. } if at.len() <= 120),
        "symbol": "circle",
        "symbolSize": 5,
        "connectNulls": matches!(axis, Axis::Numbers { .. }),
        "endLabel": {"show": true, "formatter": words(name), "color": shade(colour)},
        "labelLayout": {"moveOverlap": "shiftY"},
        "z": if stroke == Stroke::Strong { 4 } else { 3 },
    });
    if stroke == Stroke::Step {
        series["step"] = json!("end");
    }
    series
}

/// Two stacked lines without a stroke, the upper one filled down to the lower one.
fn band(i: usize, name: &Text, colour: Colour, low: &[f64], high: &[f64]) -> Vec<Value> {
    let height: Vec<f64> = high.iter().zip(low).map(|(high, low)| high - low).collect();
    let plain = |id: &str, data: Value| {
        json!({
            "type": "line", "id": format!("{id}{i}"), "stack": format!("band{i}"), "stackStrategy": "all",
            "data": data, "lineStyle": {"opacity": 0}, "showSymbol": false, "silent": true, "z": 1,
        })
    };
    let floor = plain("floor", values_of(low));
    let mut fill =
        plain("band", json!({"$v": rounded(&height), "low": rounded(low), "high": rounded(high)}));
    fill["name"] = words(name);
    fill["color"] = shade(colour);
    fill["areaStyle"] = json!({"color": shade(colour), "opacity": {"$c": "band-opacity"}});
    vec![floor, fill]
}

fn bars(name: &Text, colour: Colour, values: &[f64], stacking: Stacking) -> Value {
    let mut series = json!({
        "type": "bar", "name": words(name), "data": values_of(values), "color": shade(colour), "barMaxWidth": 34,
        "barCategoryGap": "28%", "barGap": "12%",
    });
    if stacking == Stacking::OnTop {
        series["stack"] = json!("bars");
    }
    series
}

fn signed_bars(name: &Text, values: &[f64]) -> Vec<Value> {
    let side = |keep: fn(f64) -> bool, colour| {
        let kept: Vec<f64> = values.iter().map(|x| if keep(*x) { *x } else { f64::NAN }).collect();
        bars(name, colour, &kept, Stacking::OnTop)
    };
    vec![side(|x| x >= 0.0, Colour::Rise), side(|x| x < 0.0, Colour::Fall)]
}

fn points(
    name: &Text,
    colour: Colour,
    values: &[f64],
    are_labelled: bool,
    format: Format,
) -> Value {
    json!({
        "type": "scatter", "name": words(name), "data": values_of(values), "color": shade(colour),
        "symbolSize": 9, "z": 5,
        "label": {"show": are_labelled, "position": "top", "color": shade(colour),
                  "formatter": {"$f": ["value", kind(format), digits(format)]}},
    })
}

fn ladder(format: Format, rungs: &[Rung]) -> Value {
    let ends = |rung: &Rung| rung.band.map_or([rung.value; 2], |(low, high)| [low, high]);
    let (low, high) =
        finite_range(rungs.iter().flat_map(|r| ends(r).into_iter().chain([r.value, 0.0])));
    let room = (high - low) * 0.2;
    let (left, right) =
        (if low < 0.0 { low - room } else { 0.0 }, if high > 0.0 { high + room } else { 0.0 });
    let mut series = vec![json!({
        "type": "bar", "barWidth": "58%", "name": "",
        "data": rungs.iter().map(|rung| rung_item(rung, format)).collect::<Vec<_>>(),
    })];
    let beyond = |(i, rung): (usize, &Rung)| beyond_band(i, rung, format);
    let values: Vec<Value> = rungs.iter().enumerate().filter_map(beyond).collect();
    if !values.is_empty() {
        series.push(
            json!({"type": "scatter", "name": "", "symbolSize": 0, "silent": true, "itemStyle": {"opacity": 1}, "data": values}),
        );
    }
    json!({
        "ladder": true,
        "xAxis": {"type": "value", "show": false, "min": left, "max": right},
        "yAxis": {"type": "category", "inverse": true, "data": rungs.iter().map(|r| words(&r.name)).collect::<Vec<_>>()},
        "tooltip": {"trigger": "item", "formatter": {"$f": ["tip", kind(format), digits(format)]}},
        "series": series,
        "marks": {"zero_at_left": true, "whiskers": rungs.iter().map(|rung| rung.band).collect::<Vec<_>>()},
    })
}

fn rung_item(rung: &Rung, format: Format) -> Value {
    json!({
        "value": round(rung.value),
        "itemStyle": {"color": shade(rung.colour)},
        "label": {
            "show": rung.band.is_none(), "color": shade(Colour::Ink), "fontWeight": 600,
            "position": if rung.value < 0.0 { "left" } else { "right" },
            "formatter": {"$f": ["value", kind(format), digits(format)]},
        },
    })
}

/// The value of a rung with a band, written beyond the band's end, where no whisker crosses it.
fn beyond_band(i: usize, rung: &Rung, format: Format) -> Option<Value> {
    let (low, high) = rung.band?;
    let (end, side) = if rung.value < 0.0 {
        (low.min(rung.value), "left")
    } else {
        (high.max(rung.value), "right")
    };
    Some(json!({
        "value": [round(end), i],
        "label": {
            "show": true, "color": shade(Colour::Ink), "fontWeight": 600, "position": side,
            "formatter": format.show(rung.value),
        },
    }))
}

fn heat(
    format: Format,
    columns: &[Text],
    rows: &[Text],
    values: &[Vec<f64>],
    marked: &[usize],
) -> Value {
    let (low, high) = finite_range(values.iter().flatten().copied());
    let limit = low.abs().max(high.abs()).max(f64::EPSILON);
    let cells: Vec<Value> = values
        .iter()
        .enumerate()
        .flat_map(|(y, row)| row.iter().enumerate().map(move |(x, v)| json!([x, y, round(*v)])))
        .collect();
    json!({
        "heat": true,
        "xAxis": {"type": "category", "data": columns.iter().map(words).collect::<Vec<_>>()},
        "yAxis": {"type": "category", "inverse": true, "data": rows.iter().map(words).collect::<Vec<_>>()},
        "tooltip": {"trigger": "item", "formatter": {"$f": ["cell", kind(format), digits(format)]}},
        "visualMap": {
            "show": false, "min": -limit, "max": limit, "dimension": 2, "seriesIndex": 0,
            "inRange": {"color": [{"$c": "fall"}, {"$c": "heat-zero"}, {"$c": "rise"}]},
        },
        "series": [{"type": "heatmap", "name": "", "data": cells}],
        "marks": {"columns": marked},
    })
}

fn rule(rule: &Rule) -> Value {
    json!({"at": rule.at, "label": words(&rule.label), "colour": shade(rule.colour)})
}

fn event(event: &Event) -> Value {
    json!({
        "from": event.from.epoch_days(),
        "to": event.to.map(TradingDay::epoch_days),
        "label": words(&event.label),
        "colour": shade(event.colour),
    })
}

fn range(layers: &[Layer], rules: &[Rule]) -> (f64, f64) {
    let of = |layer: &Layer| match layer {
        Layer::Line { values, .. }
        | Layer::Bars { values, .. }
        | Layer::SignedBars { values, .. }
        | Layer::Points { values, .. } => values.clone(),
        Layer::Band { low, high, .. } => [low.as_slice(), high].concat(),
    };
    finite_range(layers.iter().flat_map(of).chain(rules.iter().map(|rule| rule.at)))
}

/// Smallest and largest finite value; `(0, 0)` when there is none.
fn finite_range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values
        .filter(|x| x.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    if low <= high { (low, high) } else { (0.0, 0.0) }
}

/// A rule that only asks for zero to be in the picture.
fn is_zero(rule: &Rule) -> bool {
    rule.at == 0.0 && rule.label.is_empty()
}

fn has_bars(layer: &Layer) -> bool {
    matches!(layer, Layer::Bars { .. } | Layer::SignedBars { .. })
}

fn words(text: &Text) -> Value {
    if text.zh == text.en { json!(text.zh) } else { json!({"$t": [text.zh, text.en]}) }
}

fn shade(colour: Colour) -> Value {
    json!({"$c": colour.variable()})
}

fn kind(format: Format) -> &'static str {
    match format {
        Format::Percent(_) => "percent",
        Format::Number(_) => "number",
    }
}

fn digits(format: Format) -> usize {
    match format {
        Format::Percent(digits) | Format::Number(digits) => digits,
    }
}

fn values_of(values: &[f64]) -> Value {
    json!({"$v": rounded(values)})
}

fn rounded(values: &[f64]) -> Vec<Value> {
    values.iter().map(|x| round(*x)).collect()
}

/// Six significant digits are more than a screen shows; NaN becomes `null`, a gap.
fn round(x: f64) -> Value {
    if !x.is_finite() {
        return Value::Null;
    }
    format!("{x:.5e}").parse::<f64>().map_or(Value::Null, |short| {
        if short.fract() == 0.0 && short.abs() < 1e15 { json!(short as i64) } else { json!(short) }
    })
}

impl Colour {
    /// The name of the theme's colour, without the leading dashes of its style property.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Segment(segment) => match segment {
                Segment::Micro => "micro",
                Segment::Csi2000 => "csi2000",
                Segment::Csi1000 => "csi1000",
                Segment::Csi500 => "csi500",
                Segment::Csi300 => "csi300",
            },
            Self::Ink => "ink",
            Self::Muted => "muted",
            Self::Faint => "faint",
            Self::Accent => "accent",
            Self::Rise => "rise",
            Self::Fall => "fall",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_are_kept_and_nothing_is_a_gap() {
        for (x, expected) in [
            (0.123_456_789, json!(0.123_457)),
            (-1234.0, json!(-1234)),
            (f64::NAN, Value::Null),
            (f64::INFINITY, Value::Null),
        ] {
            assert_eq!(round(x), expected);
        }
    }

    #[test]
    fn the_value_of_a_rung_stands_beyond_its_whisker() {
        let rung = |value, band| Rung { name: Text::same("a"), value, band, colour: Colour::Ink };
        let of = |value, band| beyond_band(3, &rung(value, band), Format::Percent(1));
        let down = of(-0.2, Some((-0.3, 0.1))).unwrap();
        assert_eq!(
            (&down["value"], &down["label"]["position"]),
            (&json!([-0.3, 3]), &json!("left"))
        );
        let up = of(0.2, Some((0.1, 0.15))).unwrap();
        assert_eq!((&up["value"], &up["label"]["formatter"]), (&json!([0.2, 3]), &json!("20.0%")));
        assert_eq!(of(0.2, None), None);
    }

    #[test]
    fn a_band_is_drawn_from_its_floor() {
        let both = band(2, &Text::same("90%"), Colour::Ink, &[-1.0, f64::NAN], &[2.0, 3.0]);
        assert_eq!(both[0]["data"]["$v"], json!([-1, null]));
        assert_eq!(both[1]["data"]["$v"], json!([3, null]));
        assert_eq!(both[1]["data"]["high"], json!([2, 3]));
    }
}
