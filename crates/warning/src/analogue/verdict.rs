//! The finding in one sentence: how alike, and how often chance is as alike.

use shoals_core::Text;

use super::{AnalogueOutcome, Look, Match};

/// A family-wise p-value at or below this is called evidence.
const EVIDENCE: f64 = 0.05;

pub(super) fn verdict(outcome: &AnalogueOutcome) -> Text {
    let symbol = outcome.config.symbol;
    let least = |m: &&Match| m.correlation_family_p.min(m.distance_family_p);
    let best = outcome
        .matches
        .iter()
        .filter(|m| !m.correlation.is_nan())
        .min_by(|a, b| least(a).total_cmp(&least(b)));
    let Some(best) = best else {
        let reasons: Vec<Text> = outcome
            .left_out
            .iter()
            .map(|out| {
                let (name, why) = (&out.name, &out.why);
                Text::new(format!("{name}：{}", why.zh), format!("{name}: {}", why.en))
            })
            .collect();
        let list = Text::clauses(&reasons);
        return Text::new(
            format!("库中没有可与 {symbol} 相比的片段（{}）", list.zh),
            format!("the library has no episode to compare {symbol} with ({})", list.en),
        );
    };
    let p = least(&best);
    let title = &best.title;
    let look = match best.look {
        Look::Whole => Text::new("整段", "whole paths"),
        Look::AroundPeak => Text::new("对齐高点", "aligned at the peak"),
    };
    let (correlation, distance) = (best.correlation, best.distance);
    let likeness = Text::new(
        format!(
            "{symbol} 的超额路径最像「{}」（{}，相关 {correlation:.2}，DTW 距离 {distance:.2}）",
            title.zh, look.zh
        ),
        format!(
            "the excess path of {symbol} is most like {} ({}, correlation {correlation:.2}, DTW distance {distance:.2})",
            title.en, look.en
        ),
    );
    let share = 100.0 * p;
    let judgement = if p <= EVIDENCE {
        Text::new(
            format!(
                "随机路径在全库中有同样相像之处的只占 {share:.1}%（p = {p:.3}）：不像巧合，但相像不是预测"
            ),
            format!(
                "only {share:.1}% of random paths look as like anything in the library (p = {p:.3}): hardly chance, but likeness \
                 is no forecast"
            ),
        )
    } else {
        Text::new(
            format!(
                "随机路径中有 {share:.0}% 在全库中有同样相像之处（p = {p:.2}）：这点相像不是证据"
            ),
            format!(
                "{share:.0}% of random paths look as like something in the library (p = {p:.2}): the likeness is no evidence"
            ),
        )
    };
    Text::clauses([&likeness, &judgement])
}
