//! The concentration rules, checked at every close.

use shoals_core::Text;
use shoals_stats::rank::pearson;

use super::ledger::Ledger;
use super::limits::ConcentrationLines;
use super::outcome::CheckLine;
use super::{EventKind, StatementLine};

/// The rules and what the last close said to them.
#[derive(Debug, Clone)]
pub(super) struct Checker {
    pub lines: ConcentrationLines,
    /// Which rules the last close broke, in the order of `found`.
    was_broken: [bool; 4],
    long_returns: Vec<f64>,
    hedge_returns: Vec<f64>,
}

/// One rule at one close.
struct Found {
    value: f64,
    line: f64,
    is_broken: bool,
    zh: &'static str,
    en: &'static str,
}

impl Checker {
    pub(super) fn new(lines: ConcentrationLines) -> Self {
        Self { lines, was_broken: [false; 4], long_returns: Vec::new(), hedge_returns: Vec::new() }
    }

    /// The correlation of the last days' returns of both legs; NaN before there are enough.
    fn correlation(&self) -> f64 {
        let n = self.lines.correlation_days;
        let Some(first) = self.long_returns.len().checked_sub(n) else { return f64::NAN };
        pearson(&self.long_returns[first..], &self.hedge_returns[first..]).unwrap_or(f64::NAN)
    }

    fn found(&self, check: &CheckLine) -> [Found; 4] {
        let lines = &self.lines;
        let (n, least) = (check.n_names, f64::from(lines.min_names));
        [
            Found {
                value: check.largest_weight,
                line: lines.max_single_stock,
                is_broken: check.largest_weight > lines.max_single_stock,
                zh: "最大单票占比",
                en: "largest single stock",
            },
            Found {
                value: n,
                line: least,
                is_broken: n < least,
                zh: "持股数",
                en: "number of names",
            },
            Found {
                value: check.net_exposure,
                line: lines.max_net_exposure,
                is_broken: check.net_exposure.abs() > lines.max_net_exposure,
                zh: "净敞口",
                en: "net exposure",
            },
            Found {
                value: check.correlation,
                line: lines.min_correlation,
                is_broken: check.correlation < lines.min_correlation,
                zh: "多空相关系数",
                en: "long-short correlation",
            },
        ]
    }
}

impl Ledger<'_> {
    /// Checks the close of `line`, not yet in the statement, and notes what is newly broken or kept again.
    pub(super) fn check(&mut self, line: &StatementLine) {
        let Some(mut checker) = self.checker.take() else { return };
        if let Some(last) = self.statement.last() {
            // The return of the short leg's underlying: a fall of it is what the hedge gains.
            checker.long_returns.push(line.long_pnl_day / last.long_value);
            checker.hedge_returns.push(-line.hedge_pnl_day / last.hedge_value);
        }
        let breadth = self.long.breadth().filter(|_| !self.is_over);
        let (n_names, largest_weight) =
            breadth.map_or((f64::NAN, f64::NAN), |(n, largest)| (n as f64, largest));
        let mut check = CheckLine {
            date: line.date,
            largest_weight,
            n_names,
            net_exposure: (line.long_value - line.hedge_value) / line.long_value,
            correlation: checker.correlation(),
            n_broken: 0,
        };
        let found = checker.found(&check);
        check.n_broken = found.iter().filter(|rule| rule.is_broken).count();
        for (rule, was_broken) in found.iter().zip(&mut checker.was_broken) {
            // What is not known, or not held any more, neither breaks a rule nor keeps it.
            if rule.value.is_nan() || rule.is_broken == *was_broken {
                continue;
            }
            *was_broken = rule.is_broken;
            let Found { value, line: limit, zh, en, .. } = rule;
            let (kind, detail) = if rule.is_broken {
                let zh = format!("{zh} {value:.4}，越过限额 {limit}");
                (EventKind::RuleBroken, Text::new(zh, format!("{en} {value:.4}, beyond {limit}")))
            } else {
                let zh = format!("{zh} {value:.4}，回到限额 {limit} 之内");
                let en = format!("{en} {value:.4}, within {limit} again");
                (EventKind::RuleKept, Text::new(zh, en))
            };
            self.note(line.date, kind, detail);
        }
        self.checks.push(check);
        self.checker = Some(checker);
    }
}
