//! The factors drawn: payoff by size, value by size, the running sum, decay, quantiles.

use shoals_core::TradingDay;

use super::finding::{args, capitalised, joined, p_words};
use super::name;
use super::sheet::{Payoff, Sheet};
use crate::chart::{Axis, Chart, Colour, Event, Layer, Stacking, Stroke};
use crate::exhibits::source::{period, size_colour};
use crate::i18n::{Text, message, words};
use crate::number::Format;

/// Colours of the factors, in their order.
const FACTOR_COLOURS: [Colour; super::MOST_TOLD] = [Colour::Ink, Colour::Accent, Colour::Muted];

/// Lines of size at most in one chart.
const MOST_LINES: usize = 5;

pub(super) fn all(told: &[&Sheet]) -> Vec<Chart> {
    let mut charts = Vec::new();
    charts.extend((told[0].buckets.len() > 1).then(|| payoff_chart(told)));
    charts.extend(sum_chart(told));
    charts.extend(told.iter().enumerate().filter_map(|(k, sheet)| value_chart(k, sheet)));
    charts.extend(quantile_chart(told));
    charts.extend((told[0].horizons.len() > 1).then(|| decay_chart(told)));
    charts
}

/// The mean rank IC of each factor by size, with its band.
fn payoff_chart(told: &[&Sheet]) -> Chart {
    let buckets = &told[0].buckets;
    let ends = |sheet: &&Sheet| {
        let mean = |bucket: Option<&String>| {
            bucket.and_then(|b| sheet.payoff(b)).map_or(f64::NAN, |payoff| payoff.mean)
        };
        let args = [
            ("factor", (&sheet.name).into()),
            ("small", mean(buckets.first()).into()),
            ("large", mean(buckets.last()).into()),
        ];
        message("factor-payoff-clause", &args)
    };
    let title =
        message("factor-payoff-title", &[("clauses", joined(told.iter().map(ends)).into())]);
    let axis = Axis::Names(buckets.iter().map(|b| name::bucket(b, buckets)).collect());
    let layers = banded(told, |sheet| buckets.iter().map(|bucket| sheet.payoff(bucket)).collect());
    Chart::layers("payoff", Format::Number(3), axis, layers)
        .titled(title, unit("factor-payoff-unit", told[0]))
        .captioned(words("factor-payoff-caption"))
        .with_rule(0.0, Text::default(), Colour::Faint)
}

/// The mean rank IC of each factor in the told bucket by horizon, with its band.
fn decay_chart(told: &[&Sheet]) -> Chart {
    let horizons = &told[0].horizons;
    let in_days = |horizon: f64| message("factor-horizon", &[("n", horizon.into())]);
    let axis = Axis::Names(horizons.iter().map(|horizon| in_days(*horizon)).collect());
    let layers = banded(told, |sheet| {
        horizons.iter().map(|horizon| sheet.payoff_over(*horizon, sheet.told())).collect()
    });
    let clause = |sheet: &&Sheet| {
        let mean = |horizon: f64| {
            sheet.payoff_over(horizon, sheet.told()).map_or(f64::NAN, |payoff| payoff.mean)
        };
        let (short, long) = (horizons[0], horizons[horizons.len() - 1]);
        let args = [
            ("factor", (&sheet.name).into()),
            ("short", mean(short).into()),
            ("short_days", in_days(short).into()),
            ("long", mean(long).into()),
            ("long_days", in_days(long).into()),
        ];
        message("factor-decay-clause", &args)
    };
    Chart::layers("decay", Format::Number(3), axis, layers)
        .titled(capitalised(&joined(told.iter().map(clause))), unit("factor-decay-unit", told[0]))
        .captioned(words("factor-decay-caption"))
        .with_rule(0.0, Text::default(), Colour::Faint)
        .tall(280)
}

/// A band and a line for each factor.
fn banded<'a>(
    told: &[&'a Sheet],
    payoffs: impl Fn(&'a Sheet) -> Vec<Option<&'a Payoff>>,
) -> Vec<Layer> {
    let mut layers = Vec::new();
    for (sheet, colour) in told.iter().zip(FACTOR_COLOURS) {
        let rows = payoffs(sheet);
        let of = |value: fn(&Payoff) -> f64| -> Vec<f64> {
            rows.iter().map(|row| row.map_or(f64::NAN, value)).collect()
        };
        let (low, high) = (of(|p| p.low), of(|p| p.high));
        if low.iter().any(|x| x.is_finite()) {
            let name = message("factor-band-of", &[("factor", (&sheet.name).into())]);
            layers.push(Layer::Band { name, colour, low, high });
        }
        let values = of(|p| p.mean);
        layers.push(Layer::Line {
            name: sheet.name.clone(),
            colour,
            values,
            stroke: Stroke::Strong,
        });
    }
    layers
}

/// Days and the sum up to each.
type RunningSum = (Vec<TradingDay>, Vec<f64>);

/// The running sum of each factor's rank IC in the told bucket; a flat line pays nothing.
fn sum_chart(told: &[&Sheet]) -> Option<Chart> {
    let sums: Vec<RunningSum> = told.iter().map(|sheet| sheet.summed(sheet.told())).collect();
    let mut days: Vec<TradingDay> = sums.iter().flat_map(|(days, _)| days.clone()).collect();
    days.sort_unstable();
    days.dedup();
    if days.len() < 2 {
        return None;
    }
    let line = |((sheet, colour), (own, sum)): ((&&Sheet, Colour), &RunningSum)| {
        let value = |day: &TradingDay| own.binary_search(day).map_or(f64::NAN, |at| sum[at]);
        Layer::Line {
            name: sheet.name.clone(),
            colour,
            values: days.iter().map(value).collect(),
            stroke: Stroke::Strong,
        }
    };
    let layers = told.iter().zip(FACTOR_COLOURS).zip(&sums).map(line).collect();
    let mut unit_args = args(told[0]);
    unit_args.push(("period", period(&days).into()));
    Some(
        Chart::layers("sum", Format::Number(1), Axis::Days(days), layers)
            .titled(
                capitalised(&joined(told.iter().map(|sheet| sum_clause(sheet)))),
                message("factor-sum-unit", &unit_args),
            )
            .captioned(words("factor-sum-caption"))
            .with_rule(0.0, Text::default(), Colour::Faint)
            .with_events(told.iter().zip(FACTOR_COLOURS).flat_map(|(s, c)| break_events(s, c))),
    )
}

fn sum_clause(sheet: &Sheet) -> Text {
    let key = match sheet.break_of(sheet.told()) {
        Some(found) if found.is_significant() => "factor-sum-break",
        Some(_) => "factor-sum-no-break",
        None => "factor-sum-untested",
    };
    message(key, &args(sheet))
}

/// The day of a proven break, and the span it may lie in.
fn break_events(sheet: &Sheet, colour: Colour) -> Vec<Event> {
    let Some(found) = sheet.break_of(sheet.told()).filter(|found| found.is_significant()) else {
        return Vec::new();
    };
    let label = message(
        "factor-break-label",
        &[("factor", (&sheet.name).into()), ("p", p_words(found.p).into())],
    );
    let span = Event { from: found.low, to: Some(found.high), label: Text::default(), colour };
    vec![span, Event { from: found.date, to: None, label, colour }]
}

/// Long the top and short the bottom quantile after costs, by size.
fn value_chart(k: usize, sheet: &Sheet) -> Option<Chart> {
    let shown = spread_over_sizes(&sheet.buckets);
    let line = |(place, bucket): (usize, &str)| {
        let path = sheet.path(bucket)?;
        Some(Layer::Line {
            name: name::bucket(bucket, &sheet.buckets),
            colour: size_colour(place, sheet.buckets.len()),
            values: path.net.clone(),
            stroke: if place == 0 { Stroke::Strong } else { Stroke::Plain },
        })
    };
    let mut layers: Vec<Layer> = shown.into_iter().rev().filter_map(line).collect();
    if layers.is_empty() {
        layers.push(Layer::Line {
            name: name::bucket(super::MARKET, &[]),
            colour: Colour::Ink,
            values: sheet.path(super::MARKET)?.net.clone(),
            stroke: Stroke::Strong,
        });
    }
    let mut args = args(sheet);
    let end = |bucket: &str| {
        sheet.path(bucket).and_then(|path| path.net.last()).copied().unwrap_or(f64::NAN)
    };
    args.push(("small", end(sheet.told()).into()));
    args.push(("large", end(sheet.buckets.last().map_or("", String::as_str)).into()));
    args.push(("period", period(&sheet.days).into()));
    let key = if sheet.buckets.len() > 1 { "factor-value-title" } else { "factor-value-title-one" };
    let events = break_events(sheet, Colour::Accent);
    Some(
        Chart::layers(
            &format!("value{}", k + 1),
            Format::Number(2),
            Axis::Days(sheet.days.clone()),
            layers,
        )
        .titled(capitalised(&message(key, &args)), message("factor-value-unit", &args))
        .captioned(words("factor-value-caption"))
        .with_rule(1.0, Text::default(), Colour::Faint)
        .with_events(events),
    )
}

/// At most five buckets with their places, the first and the last among them.
fn spread_over_sizes(buckets: &[String]) -> Vec<(usize, &str)> {
    let n = buckets.len();
    let mut places: Vec<usize> = match n {
        0..=MOST_LINES => (0..n).collect(),
        _ => (0..MOST_LINES).map(|k| k * (n - 1) / (MOST_LINES - 1)).collect(),
    };
    places.dedup();
    places.into_iter().map(|place| (place, buckets[place].as_str())).collect()
}

/// Mean forward return of each quantile in the told bucket.
fn quantile_chart(told: &[&Sheet]) -> Option<Chart> {
    let means: Vec<Vec<f64>> =
        told.iter().map(|sheet| sheet.quantile_means(sheet.told())).collect();
    let n = means.iter().map(Vec::len).min().filter(|n| *n > 1)?;
    let axis = Axis::Names((1..=n).map(|q| quantile_name(q, n)).collect());
    let bars = |((sheet, colour), values): ((&&Sheet, Colour), &Vec<f64>)| Layer::Bars {
        name: sheet.name.clone(),
        colour,
        values: values[..n].to_vec(),
        stacking: Stacking::Beside,
    };
    let layers = told.iter().zip(FACTOR_COLOURS).zip(&means).map(bars).collect();
    let clause = |(sheet, values): (&&Sheet, &Vec<f64>)| {
        let mut args = args(sheet);
        args.extend([("top", values[n - 1].into()), ("bottom", values[0].into())]);
        message("factor-quantile-clause", &args)
    };
    let title = capitalised(&joined(told.iter().zip(&means).map(clause)));
    Some(
        Chart::layers("quantiles", Format::Percent(2), axis, layers)
            .titled(title, unit("factor-quantile-unit", told[0]))
            .captioned(words("factor-quantile-caption"))
            .tall(300),
    )
}

fn quantile_name(quantile: usize, n: usize) -> Text {
    match quantile {
        1 => words("factor-quantile-lowest"),
        q if q == n => words("factor-quantile-highest"),
        q => Text::same(q.to_string()),
    }
}

fn unit(key: &str, sheet: &Sheet) -> Text {
    let mut args = args(sheet);
    args.push(("period", period(&sheet.days).into()));
    message(key, &args)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_buckets_are_thinned_and_keep_both_ends() {
        let buckets: Vec<String> = (1..=10).map(|k| k.to_string()).collect();
        let places = |n: usize| -> Vec<usize> {
            spread_over_sizes(&buckets[..n]).into_iter().map(|(place, _)| place).collect()
        };
        assert_eq!(places(10), [0, 2, 4, 6, 9]);
        assert_eq!(places(3), [0, 1, 2]);
        assert!(places(0).is_empty());
    }
}
