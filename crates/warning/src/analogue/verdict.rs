//! The finding in one sentence: how alike, and how often chance is as alike.

use shoals_core::Text;

use super::{AnalogueOutcome, Look, Match};

/// A family-wise p-value at or below this is called evidence.
const EVIDENCE: f64 = 0.05;

pub(super) fn verdict(outcome: &AnalogueOutcome) -> Text {
    let symbol = outcome.config.symbol;
    // The measure that other index histories explain least, with both its nulls.
    let nulls = |m: &Match| {
        let correlation = [m.correlation_family_p, m.correlation_own_p];
        let distance = [m.distance_family_p, m.distance_own_p];
        if correlation[0] <= distance[0] { correlation } else { distance }
    };
    let least = |m: &&Match| nulls(m)[0];
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
    let [p, own] = nulls(best);
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
    let chances = Text::new(
        format!("以别的指数历史衡量 p = {p:.3}，以它自身变动重排衡量 p = {own:.3}，均已计入全库"),
        format!(
            "p = {p:.3} against other index histories and {own:.3} against its own changes in another order, both paying for \
             the whole library"
        ),
    );
    let judgement = match (p <= EVIDENCE, own <= EVIDENCE) {
        (true, true) => {
            Text::new("不像巧合，但相像不是预测", "hardly chance, but likeness is no forecast")
        }
        (true, false) => Text::new(
            "相像的是稳步上行：它自身的变动换个次序也一样像，不是证据",
            "what is alike is the steady rise, for its own changes in another order look as alike: no evidence",
        ),
        (false, _) => Text::new("这点相像不是证据", "the likeness is no evidence"),
    };
    Text::clauses([&likeness, &chances, &judgement])
}
