//! One sentence an event: what moved, how sure that is, and what it cannot tell.

use std::collections::BTreeMap;

use serde::Serialize;
use shoals_core::policy_event::Sign;
use shoals_core::{Text, TradingDay};
use shoals_stats::significance::adjusted_p_values;

use super::placed::Placed;
use super::series_test::SeriesTest;
use super::stocks::{Group, StockTest};
use super::subject::SubjectName;
use super::{EventConfig, EventWindow};
use crate::WarningError;

/// How much is to be made of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The move stands after the adjustment for all days tested, and no other event shares its window.
    Found,
    /// The move stands, but other events share its window.
    Confounded,
    /// It would stand alone, and not among so many.
    Suggestive,
    /// No more than an ordinary day.
    Nothing,
    /// The data do not reach.
    NotCovered,
}

impl Finding {
    /// The stable name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::Confounded => "confounded",
            Self::Suggestive => "suggestive",
            Self::Nothing => "nothing",
            Self::NotCovered => "not_covered",
        }
    }
}

/// What is to be made of one event, from the main window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventVerdict {
    /// The event and its neighbours.
    pub placed: Placed,
    /// How much is to be made of it.
    pub finding: Finding,
    /// Micro caps less the CSI 300.
    pub spread: Option<SeriesTest>,
    /// Placebo p-value of the spread, adjusted for the number of days tested; NaN where not covered.
    pub adjusted_p: f64,
    /// The treated stocks name by name.
    pub treated: Option<StockTest>,
    /// The Kolari-Pynnonen p-value, adjusted likewise.
    pub adjusted_kolari_pynnonen_p: f64,
    /// The difference in differences.
    pub difference: Option<SeriesTest>,
    /// The spread in the longest window that ends before day 0: how far it had gone by then.
    pub before: Option<SeriesTest>,
    /// Sign of the spread's move; unknown where not covered.
    pub found_sign: Sign,
    /// Whether it is the expected one; none where there is no expectation or no move.
    pub is_as_expected: Option<bool>,
    /// The sentence.
    pub sentence: Text,
}

/// The verdict on each event, in the order of their day 0.
pub(super) fn verdicts(
    placed: &[Placed],
    series: &[SeriesTest],
    stocks: &[StockTest],
    last: TradingDay,
    config: &EventConfig,
) -> Result<Vec<EventVerdict>, WarningError> {
    let main = config.main_window;
    let of_series = |subject: SubjectName| -> Vec<Option<&SeriesTest>> {
        let is = |test: &&SeriesTest, id: &str| {
            test.event_id == id && test.subject == subject && test.window == main
        };
        placed.iter().map(|one| series.iter().find(|t| is(t, &one.event.event_id))).collect()
    };
    let is_treated = |test: &&StockTest, id: &str| {
        test.event_id == id && test.group == Group::Treated && test.window == main
    };
    let treated: Vec<Option<&StockTest>> = placed
        .iter()
        .map(|one| stocks.iter().find(|t| is_treated(t, &one.event.event_id)))
        .collect();
    let (spread, difference) = (of_series(SubjectName::Spread), of_series(SubjectName::Difference));
    let placebo = |test: Option<&SeriesTest>| test.map_or(f64::NAN, |test| test.placebo_p);
    let names = |test: Option<&StockTest>| test.map_or(f64::NAN, |test| test.kolari_pynnonen_p);
    let (adjusted, n_days) =
        adjusted(placed, spread.iter().copied().map(placebo).collect(), config)?;
    let (adjusted_names, _) =
        self::adjusted(placed, treated.iter().copied().map(names).collect(), config)?;
    Ok((0..placed.len())
        .map(|i| {
            let p = adjusted[i];
            let found_sign = spread[i].map_or(Sign::Unknown, |test| sign_of(test.car));
            let expected = placed[i].event.expected_sign;
            let is_as_expected = (expected != Sign::Unknown && found_sign != Sign::Unknown)
                .then_some(expected == found_sign);
            let has_neighbours = !placed[i].confounders.is_empty();
            let finding = match spread[i] {
                None => Finding::NotCovered,
                Some(_) if p < config.size && has_neighbours => Finding::Confounded,
                Some(_) if p < config.size => Finding::Found,
                Some(test) if test.placebo_p < config.size => Finding::Suggestive,
                Some(_) => Finding::Nothing,
            };
            let mut verdict = EventVerdict {
                placed: placed[i].clone(),
                finding,
                spread: spread[i].cloned(),
                adjusted_p: p,
                treated: treated[i].cloned(),
                adjusted_kolari_pynnonen_p: adjusted_names[i],
                difference: difference[i].cloned(),
                before: before(&placed[i].event.event_id, series),
                found_sign,
                is_as_expected,
                sentence: Text::default(),
            };
            verdict.sentence = verdict.sentence(n_days, last, config);
            verdict
        })
        .collect())
}

/// The spread in the longest window before day 0.
fn before(id: &str, series: &[SeriesTest]) -> Option<SeriesTest> {
    let is = |test: &&SeriesTest| {
        test.event_id == id && test.subject == SubjectName::Spread && test.window.to < 0
    };
    series.iter().filter(is).max_by_key(|test| test.window.len()).cloned()
}

fn sign_of(value: f64) -> Sign {
    match value {
        value if value > 0.0 => Sign::Up,
        value if value < 0.0 => Sign::Down,
        _ => Sign::Unknown,
    }
}

/// P-values adjusted for the number of different days 0 (events of one day are one test), and that number.
fn adjusted(
    placed: &[Placed],
    p_values: Vec<f64>,
    config: &EventConfig,
) -> Result<(Vec<f64>, usize), WarningError> {
    let by_day: BTreeMap<TradingDay, f64> = placed
        .iter()
        .zip(&p_values)
        .filter(|(_, p)| !p.is_nan())
        .map(|(one, p)| (one.day_0, *p))
        .collect();
    let days: Vec<f64> = by_day.values().copied().collect();
    let adjusted = adjusted_p_values(&days, config.adjustment)
        .map_err(|cause| WarningError::Statistic { what: "adjusted p-values", cause })?;
    let place: BTreeMap<TradingDay, f64> = by_day.keys().copied().zip(adjusted).collect();
    let of = |(one, p): (&Placed, f64)| {
        if p.is_nan() { p } else { place.get(&one.day_0).copied().unwrap_or(f64::NAN) }
    };
    Ok((placed.iter().zip(p_values).map(of).collect(), days.len()))
}

/// `−3.2 %`, with a true minus sign.
fn percent(value: f64) -> String {
    let magnitude = format!("{:.1}", 100.0 * value.abs());
    let sign = match (magnitude.as_str(), value < 0.0) {
        ("0.0", _) => "",
        (_, true) => "\u{2212}",
        (_, false) => "+",
    };
    format!("{sign}{magnitude} %")
}

fn number(value: f64, digits: usize) -> String {
    let sign = if value < 0.0 { "\u{2212}" } else { "" };
    format!("{sign}{:.digits$}", value.abs())
}

impl EventVerdict {
    fn sentence(&self, n_days: usize, last: TradingDay, config: &EventConfig) -> Text {
        let Some(test) = &self.spread else { return self.not_covered(last) };
        let parts = [
            Some(self.moved(test, n_days, config)),
            self.expectation(config),
            self.gone_before(config),
            self.by_name(),
            self.beside_control(),
            Some(self.limits(test)),
        ];
        Text::sentences(parts.iter().flatten())
    }

    fn not_covered(&self, last: TradingDay) -> Text {
        let day_0 = self.placed.day_0;
        if day_0 > last {
            Text::new(
                format!("数据止于 {last}，未及首个可反应日 {day_0}：无法回答。"),
                format!(
                    "The data end on {last}, before {day_0}, the first day it could act on: not answered."
                ),
            )
        } else {
            Text::new(
                format!("{day_0} 前后没有足够的收盘价作估计与窗口：无法回答。"),
                format!(
                    "Too few closes about {day_0} to estimate and to tell its window: not answered."
                ),
            )
        }
    }

    /// What moved, and whether it stands.
    fn moved(&self, test: &SeriesTest, n_days: usize, config: &EventConfig) -> Text {
        let EventWindow { from, to } = test.window;
        let (car, t) = (percent(test.car), number(test.t, 1));
        let (p, adjusted) = (number(test.placebo_p, 3), number(self.adjusted_p, 3));
        let window = test.window.label();
        let span = if from == 0 && to == 0 { String::new() } else { format!(" {window}") };
        let day_0 = self.placed.day_0;
        let (zh, en) = match self.finding {
            Finding::Found => ("成立", "it stands"),
            Finding::Confounded => (
                "成立，但窗口与其他事件重叠",
                "it stands, but its window is shared with other events",
            ),
            Finding::Suggestive => {
                ("单独看显著，多重检验后不成立", "alone it would stand, among so many it does not")
            }
            Finding::Nothing | Finding::NotCovered => ("与平日无异", "no more than other days do"),
        };
        let method = match config.adjustment {
            shoals_stats::significance::Adjustment::Bonferroni => "Bonferroni",
            shoals_stats::significance::Adjustment::Holm => "Holm",
            shoals_stats::significance::Adjustment::BenjaminiYekutieli => "Benjamini-Yekutieli",
        };
        Text::new(
            format!(
                "{day_0}{span}：微盘减沪深 300 的异常收益 {car}（t {t}，安慰剂 p {p}，{method} 校正 {n_days} 个日期后 {adjusted}）：{zh}。"
            ),
            format!(
                "{day_0}{span}: micro caps less the CSI 300 made {car} that the market does not explain (t {t}, placebo p {p}, {adjusted} after {method} over {n_days} days): {en}."
            ),
        )
    }

    /// Whether that is the expected sign; where nothing stands, a sign is a coin.
    fn expectation(&self, config: &EventConfig) -> Option<Text> {
        let is_as_expected = self.is_as_expected?;
        let stands = self.adjusted_p < config.size;
        Some(match (is_as_expected, stands) {
            (true, true) => Text::new("方向如预期。", "The sign is the expected one."),
            (false, true) => Text::new("方向与预期相反。", "The sign is against expectation."),
            (true, false) => Text::new(
                "方向如预期，但分不清于偶然。",
                "The sign is the expected one, which by chance it is half of the time.",
            ),
            (false, false) => Text::new(
                "方向与预期相反，但分不清于偶然。",
                "The sign is against expectation, which by chance it is half of the time.",
            ),
        })
    }

    /// How far it had gone before, where that was no ordinary move.
    fn gone_before(&self, config: &EventConfig) -> Option<Text> {
        let test = self.before.as_ref().filter(|test| test.placebo_p < config.size)?;
        let (window, car, p) = (test.window.label(), percent(test.car), number(test.placebo_p, 3));
        Some(Text::new(
            format!("此前 {window} 已有 {car}（安慰剂 p {p}）。"),
            format!("In {window} it had already made {car} (placebo p {p})."),
        ))
    }

    /// The difference in differences.
    fn beside_control(&self) -> Option<Text> {
        let test = self.difference.as_ref()?;
        let (car, p) = (percent(test.car), number(test.placebo_p, 3));
        Some(Text::new(
            format!("处理组减对照组（双重差分）{car}，安慰剂 p {p}。"),
            format!("Treated less control, beyond its usual day: {car} (placebo p {p})."),
        ))
    }

    /// The names, and by how much taking them for independent would overstate.
    fn by_name(&self) -> Option<Text> {
        let tests = &self.treated.as_ref()?.tests;
        let (car, n) = (percent(tests.mean_car), tests.n_names);
        let (patell, corrected) = (number(tests.patell_z, 1), number(tests.kolari_pynnonen_t, 1));
        let p = number(self.adjusted_kolari_pynnonen_p, 3);
        Some(Text::new(
            format!(
                "逐只看，{n} 只处理组股票平均 {car}，Kolari-Pynnönen t {corrected}（校正后 p {p}；当作相互独立时 Patell z 会是 {patell}）。"
            ),
            format!(
                "Name by name, the {n} treated stocks made {car} on average, Kolari-Pynnonen t {corrected} (adjusted p {p}; taken for independent, Patell's z would be {patell})."
            ),
        ))
    }

    /// What it cannot tell.
    fn limits(&self, test: &SeriesTest) -> Text {
        let small = format!("{:.1} %", 100.0 * test.detectable);
        let missed = Text::new(
            format!("小于 {small} 的影响，十次里会漏掉两次以上。"),
            format!("An effect below {small} would be missed in two of ten and more."),
        );
        if self.placed.confounders.is_empty() {
            return missed;
        }
        let names = Text::clauses(&self.placed.confounders);
        let confounded = Text::new(
            format!("与 {} 同窗，无法分辨是谁所致。", names.zh),
            format!("It shares its window with {} and cannot tell which of them it was.", names.en),
        );
        Text::sentences([&missed, &confounded])
    }
}
