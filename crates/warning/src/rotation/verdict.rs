//! The finding in one sentence, which says plainly when there is none.

use shoals_core::Text;

use super::{RotationOutcome, Rule};

/// What the record is worth.
pub(super) fn verdict(outcome: &RotationOutcome) -> Text {
    let days = outcome.config.horizon_days;
    let Some(skill) = &outcome.skill else {
        return Text::new(
            format!("没有一个 {days} 日展望到期，模型的判断尚无成绩可言"),
            format!("no outlook of {days} days is over yet, so the model's calls have no record"),
        );
    };
    let (model, always) = (&outcome.records[0], &outcome.records[outcome.records.len() - 1]);
    let percent = |x: f64| format!("{:.1}%", 100.0 * x).replace('-', "−");
    let n = model.n;
    let (hit, plain) = (percent(model.hit_rate), percent(always.hit_rate));
    let (value, low, high) = (percent(skill.brier_skill), percent(skill.low), percent(skill.high));
    let record = Text::new(
        format!(
            "{n} 次样本外 {days} 日展望，模型说对 {hit}，一直站小盘说对 {plain}；对气候概率的 Brier 技巧 {value}（{low} 至 {high}）"
        ),
        format!(
            "of {n} out-of-sample outlooks over {days} days the model was right on {hit}, always small on {plain}; its Brier \
             skill over climatology is {value} ({low} to {high})"
        ),
    );
    let judgement = if skill.low > 0.0 {
        Text::new("区间在零以上：有技巧", "the band lies above zero: it has skill")
    } else if skill.high < 0.0 {
        Text::new(
            "区间在零以下：不如不看",
            "the band lies below zero: it was worse than looking at nothing",
        )
    } else if skill.low.is_nan() {
        Text::new(
            "判断太少，没有区间：不能说有技巧",
            "too few calls for a band: no skill can be claimed",
        )
    } else {
        Text::new("区间含零：没有技巧的证据", "the band contains zero: no evidence of skill")
    };
    Text::clauses([&record, &judgement, &rival(outcome)])
}

/// The naive rule that was right more often than the model, if one was.
fn rival(outcome: &RotationOutcome) -> Text {
    let model = outcome.records[0].hit_rate;
    let rivals = outcome.records[1..].iter().filter(|r| r.rule != Rule::Regime);
    match rivals.max_by(|a, b| a.hit_rate.total_cmp(&b.hit_rate)) {
        Some(best) if best.hit_rate >= model => {
            let (zh, en) = match best.rule {
                Rule::Momentum => ("动量", "momentum"),
                Rule::MovingAverage => ("均线", "the moving averages"),
                Rule::Outlook | Rule::Regime | Rule::AlwaysSmall => ("一直站小盘", "always small"),
            };
            let hit = 100.0 * best.hit_rate;
            Text::new(
                format!("{zh}（{hit:.1}%）不比它差"),
                format!("{en} did no worse ({hit:.1}%)"),
            )
        }
        _ => Text::default(),
    }
}
