//! What carrying the short hedge cost, by roll rule.

use shoals_core::TradingDay;

use super::{EXHIBIT, product_colour, products_of};
use crate::ReportError;
use crate::chart::{Axis, Chart, Layer, Stacking};
use crate::columns::heading;
use crate::exhibit::{Cell, Row, Shown, ShownColumn};
use crate::exhibits::source::{Source, highest, lowest, period};
use crate::i18n::{Text, message, words};
use crate::number::Format;

const WHOLE: &str = "all";

pub(super) struct RollCost {
    periods: Vec<String>,
    products: Vec<String>,
    rules: Vec<String>,
    costs: Vec<f64>,
    /// First and last day of each row.
    spans: Vec<(TradingDay, TradingDay)>,
}

impl RollCost {
    pub(super) fn read(source: &Source) -> Result<Self, ReportError> {
        let frame = source.frame(EXHIBIT, "roll")?;
        let spans = frame.days("from")?.iter().copied().zip(frame.days("to")?.iter().copied());
        Ok(Self {
            periods: frame.words("period")?,
            products: frame.words("product")?,
            rules: frame.words("rule")?,
            costs: frame.numbers("cost_annualised")?,
            spans: spans.collect(),
        })
    }

    fn rule_names(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for rule in &self.rules {
            if !names.contains(rule) {
                names.push(rule.clone());
            }
        }
        names
    }

    fn cost(&self, period: &str, product: &str, rule: &str) -> f64 {
        (0..self.costs.len())
            .find(|i| {
                self.periods[*i] == period && self.products[*i] == product && self.rules[*i] == rule
            })
            .map_or(f64::NAN, |i| self.costs[i])
    }

    /// First and last day of a product's whole record.
    fn span(&self, product: &str) -> Option<(TradingDay, TradingDay)> {
        let row = (0..self.spans.len())
            .find(|i| self.periods[*i] == WHOLE && self.products[*i] == product)?;
        Some(self.spans[row])
    }

    fn whole(&self, product: &str) -> Vec<f64> {
        self.rule_names().iter().map(|rule| self.cost(WHOLE, product, rule)).collect()
    }

    /// The cheapest and the dearest rule for a product.
    pub(super) fn sentence(&self, product: &str) -> Option<Text> {
        let (rules, costs) = (self.rule_names(), self.whole(product));
        let (cheap, dear) = (lowest(&costs)?, highest(&costs)?);
        let (from, to) = self.span(product)?;
        Some(message(
            "roll-sentence",
            &[
                ("from", from.into()),
                ("to", to.into()),
                ("product", product.into()),
                ("cheap", costs[cheap].into()),
                ("cheap_rule", rule_words(&rules[cheap]).into()),
                ("dear", costs[dear].into()),
                ("dear_rule", rule_words(&rules[dear]).into()),
            ],
        ))
    }

    pub(super) fn chart(&self) -> Option<Chart> {
        let rules = self.rule_names();
        let products = products_of(&self.products);
        let told = self.whole(products.first()?);
        let (cheap, dear) = (lowest(&told)?, highest(&told)?);
        let args = [
            ("product", products[0].as_str().into()),
            ("rule", rule_words(&rules[cheap]).into()),
            ("saved", (told[dear] - told[cheap]).into()),
        ];
        let spans: Vec<_> = products.iter().filter_map(|product| self.span(product)).collect();
        let is_one_span = spans.windows(2).all(|pair| pair[0] == pair[1]);
        let name = |product: &String| match self.span(product) {
            Some((from, to)) if !is_one_span => format!("{product} ({})", period(&[from, to])),
            _ => product.clone(),
        };
        let layer = |product: &String| Layer::Bars {
            name: Text::same(name(product)),
            colour: product_colour(product),
            values: self.whole(product),
            stacking: Stacking::Beside,
        };
        let axis = Axis::Names(rules.iter().map(|rule| rule_words(rule)).collect());
        let unit = match spans.first() {
            Some(&(from, to)) if is_one_span => {
                message("roll-unit", &[("period", period(&[from, to]).into())])
            }
            _ => words("roll-unit-own"),
        };
        Some(
            Chart::layers("roll", Format::Percent(1), axis, products.iter().map(layer).collect())
                .titled(message("roll-title", &args), unit)
                .captioned(words("roll-caption"))
                .tall(300),
        )
    }

    /// Year by year for one product, a column a rule.
    pub(super) fn table(&self, product: &str) -> Option<Shown> {
        let rules = self.rule_names();
        let of_product = |i: &usize| self.products[*i] == product;
        let mut periods: Vec<&String> =
            (0..self.periods.len()).filter(of_product).map(|i| &self.periods[i]).collect();
        periods.sort();
        periods.dedup();
        if periods.is_empty() {
            return None;
        }
        let mut columns = vec![ShownColumn::words(heading("period"))];
        columns.extend(
            rules.iter().map(|rule| ShownColumn::number(rule_words(rule), Format::Percent(2))),
        );
        let title = message("roll-table-title", &[("product", product.into())]);
        let mut shown = Shown::new("roll", title, columns);
        for name in periods {
            let is_whole = name == WHOLE;
            let label = if is_whole { words("roll-whole") } else { Text::same(name) };
            let mut cells = vec![Cell::Words(label)];
            cells.extend(rules.iter().map(|rule| Cell::Number(self.cost(name, product, rule))));
            shown.push(Row { cells, is_emphasised: is_whole });
        }
        shown.note = words("roll-caption");
        Some(shown)
    }
}

fn rule_words(rule: &str) -> Text {
    match rule {
        "fixed_days" => words("rule-fixed-days"),
        "most_traded" => words("rule-most-traded"),
        "constant_maturity" => words("rule-constant-maturity"),
        "best_carry" => words("rule-best-carry"),
        other => Text::same(other),
    }
}
