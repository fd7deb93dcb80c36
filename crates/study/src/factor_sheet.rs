//! All factors a question tried as one outcome: their tables under each other, and what is left of
//! their significance when the number of trials counts.

use serde::Serialize;
use shoals_core::{Convention, Outcome, Table, Text, Values};
use shoals_market::factor::FactorOutcome;
use shoals_market::factor::trial::{Trial, judge};
use shoals_stats::significance::Adjustment;

use crate::FactorConfig;

/// The factors tried.
#[derive(Debug, Clone, Serialize)]
pub struct FactorSheet<'a> {
    /// Each factor's own outcome.
    pub factors: &'a [FactorOutcome],
    /// The settings they were asked under.
    pub config: &'a FactorConfig,
    /// The verdict on each factor in the whole market, by horizon; empty for a single factor.
    pub trials: Vec<(usize, Trial)>,
}

impl<'a> FactorSheet<'a> {
    /// Judges the factors by the rank IC of the whole market. A horizon at which a factor has too few
    /// days is left out.
    pub fn of(factors: &'a [FactorOutcome], config: &'a FactorConfig) -> Self {
        let horizons = factors.first().map_or(&[][..], |first| &first.evaluation.horizons);
        let trials = horizons.iter().enumerate().flat_map(|(h, &horizon)| {
            let judged = at_horizon(factors, h, horizon, config.adjustment).unwrap_or_default();
            judged.into_iter().map(move |trial| (horizon, trial))
        });
        Self { factors, config, trials: trials.collect() }
    }

    fn trial_table(&self) -> Table {
        let rows = &self.trials;
        let number = |value: fn(&Trial) -> f64| -> Vec<f64> {
            rows.iter().map(|row| value(&row.1)).collect()
        };
        Table::new("trial")
            .with("factor", "name", rows.iter().map(|row| row.1.factor.clone()).collect::<Vec<_>>())
            .with(
                "horizon",
                "trading days ahead",
                rows.iter().map(|r| r.0 as i64).collect::<Vec<_>>(),
            )
            .with("icir", "mean / std of the market's daily rank IC", number(|t| t.icir))
            .with("t_newey_west", "mean over its Newey-West error", number(|t| t.t_newey_west))
            .with("p_value", "two-sided, this factor alone", number(|t| t.p_value))
            .with("adjusted_p_value", "for all factors tried", number(|t| t.adjusted_p_value))
            .with(
                "deflated",
                "probability to beat the best of as many worthless",
                number(|t| t.deflated),
            )
            .with(
                "reaches_three",
                "|t| of at least 3",
                rows.iter().map(|row| row.1.reaches_three).collect::<Vec<_>>(),
            )
    }
}

fn at_horizon(
    factors: &[FactorOutcome],
    h: usize,
    horizon: usize,
    adjustment: Adjustment,
) -> Option<Vec<Trial>> {
    let series: Vec<Vec<f64>> =
        factors.iter().map(|factor| factor.evaluation.rank_ic(0, h).collect()).collect();
    let tried: Vec<(&str, &[f64])> =
        factors.iter().zip(&series).map(|(f, ic)| (f.factor.as_str(), ic.as_slice())).collect();
    judge(&tried, horizon, adjustment, &factors.first()?.config.testing).ok()
}

impl Outcome for FactorSheet<'_> {
    const NAME: &'static str = "factor";

    fn tables(&self) -> Vec<Table> {
        let mut of_each: Vec<_> =
            self.factors.iter().map(|factor| factor.tables().into_iter()).collect();
        let n_tables = of_each.first().map_or(0, ExactSizeIterator::len);
        let mut tables: Vec<Table> = (0..n_tables)
            .map(|_| {
                let same = of_each.iter_mut().filter_map(Iterator::next);
                under_each_other(self.factors.iter().map(|f| f.factor.as_str()).zip(same))
            })
            .collect();
        tables.push(self.trial_table());
        tables
    }

    fn convention(&self) -> Convention {
        let mut lines = self.factors.first().map(Outcome::convention).unwrap_or_default();
        lines.insert(
            "trial".to_owned(),
            Text::new(
                format!("全市场日度 RankIC；按所试 {} 个因子校正", self.factors.len()),
                format!(
                    "daily rank IC of the market, for all {} factors tried",
                    self.factors.len()
                ),
            ),
        );
        for (name, setting) in [
            ("cleaning", toml::Value::try_from(self.config.cleaning)),
            ("universe", toml::Value::try_from(self.config.universe)),
            ("sealed", toml::Value::try_from(self.config.sealed)),
            ("adjustment", toml::Value::try_from(self.config.adjustment)),
        ] {
            let written = setting.expect("legal settings are TOML").to_string();
            lines.insert(name.to_owned(), Text::same(written));
        }
        lines
    }
}

/// One table a factor, all of the same columns, with the factor's name in front.
fn under_each_other<'a>(tables: impl Iterator<Item = (&'a str, Table)>) -> Table {
    let tables: Vec<(&str, Table)> = tables.collect();
    let Some((_, first)) = tables.first() else { return Table::new("") };
    let named = tables
        .iter()
        .flat_map(|(name, table)| std::iter::repeat_n((*name).to_owned(), table.n_rows()));
    let whole = Table::new(first.name()).with(
        "factor",
        "name of the factor",
        named.collect::<Vec<String>>(),
    );
    first.columns().iter().enumerate().fold(whole, |whole, (k, column)| {
        let parts: Vec<&Values> =
            tables.iter().map(|(_, table)| &table.columns()[k].values).collect();
        whole.with(column.name.clone(), column.about.clone(), joined(&parts))
    })
}

/// Columns of one kind as one, each row copied once.
fn joined(parts: &[&Values]) -> Values {
    macro_rules! join {
        ($($kind:ident),*) => {
            match parts[0] {
                $(Values::$kind(_) => Values::$kind(
                    parts
                        .iter()
                        .flat_map(|part| match part {
                            Values::$kind(values) => values.iter().cloned(),
                            _ => unreachable!("two outcomes of one kind have the same columns"),
                        })
                        .collect(),
                ),)*
            }
        };
    }
    join!(Day, Symbol, Text, Words, Number, Count, Flag)
}
