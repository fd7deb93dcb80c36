//! Exhibit 17: what the report does not know, what its numbers mean, and what the data room found.

use std::collections::BTreeMap;

use shoals_core::{Convention, Finding, Severity};
use shoals_data::finding_words;

use crate::exhibit::{Cell, Exhibit, Row, Shown, ShownColumn};
use crate::i18n::{Text, message, words};
use crate::number::Format;

/// Kinds of findings listed at most; the others are counted.
const FINDING_ROWS: usize = 40;

/// What exhibit 17 tells.
#[derive(Debug, Clone, Copy)]
pub struct LimitsInput<'a> {
    /// Everything the data room found in the tables the study read.
    pub findings: &'a [Finding],
    /// Every outcome's name with its conventions.
    pub conventions: &'a [(String, Convention)],
    /// The market tables read, each with its version.
    pub data: &'a BTreeMap<String, i64>,
}

/// Exhibit 17: limits, conventions, data findings, and what would change the conclusion.
pub fn limits(input: &LimitsInput) -> Exhibit {
    let mut exhibit = Exhibit {
        number: 17,
        id: "limits".to_owned(),
        question: words("limits-question"),
        title: title(input.findings),
        data: input.data.clone(),
        ..Exhibit::default()
    };
    exhibit.answer = vec![words("limits-answer"), words("limits-change")];
    if !input.findings.is_empty() {
        exhibit.tables.push(finding_table(input.findings));
    }
    if !input.conventions.is_empty() {
        exhibit.tables.push(convention_table(input.conventions));
    }
    exhibit.notes =
        ["limits-index", "limits-cost", "limits-price", "limits-sample", "limits-cause"]
            .map(words)
            .into();
    exhibit
}

/// Rows touched by findings of that severity.
fn count(findings: &[Finding], severity: Severity) -> usize {
    findings.iter().filter(|f| f.severity == severity).count()
}

fn title(findings: &[Finding]) -> Text {
    if findings.is_empty() {
        return words("limits-title-clean");
    }
    let (severe, warnings) =
        (count(findings, Severity::Severe), count(findings, Severity::Warning));
    let key = if severe > 0 { "limits-title-severe" } else { "limits-title" };
    message(
        key,
        &[("n", findings.len().into()), ("severe", severe.into()), ("warnings", warnings.into())],
    )
}

fn finding_table(findings: &[Finding]) -> Shown {
    let columns = vec![
        ShownColumn::words(words("finding-kind")),
        ShownColumn::words(words("finding-severity")),
        ShownColumn::words(words("finding-file")),
        ShownColumn::number(words("finding-findings"), Format::Number(0)),
        ShownColumn::number(words("finding-count"), Format::Number(0)),
        ShownColumn::words(words("finding-found")),
    ];
    let mut shown = Shown::new("findings", words("finding-title"), columns);
    let groups = groups(findings);
    for group in groups.iter().take(FINDING_ROWS) {
        shown.push(finding_row(group));
    }
    let args = [
        ("shown", shown.rows.len().into()),
        ("kinds", groups.len().into()),
        ("n", findings.len().into()),
    ];
    shown.note = message("finding-note", &args);
    shown
}

/// Findings of one kind and severity together, the gravest first, then by the rows they touch; in a
/// group the one with the most rows first.
fn groups(findings: &[Finding]) -> Vec<Vec<&Finding>> {
    let mut by_kind: BTreeMap<(Severity, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        by_kind.entry((finding.severity, &finding.kind)).or_default().push(finding);
    }
    let mut groups: Vec<Vec<&Finding>> = by_kind.into_values().collect();
    for group in &mut groups {
        group.sort_by_key(|f| std::cmp::Reverse(f.count));
    }
    groups.sort_by_key(|group| std::cmp::Reverse((group[0].severity, n_rows(group))));
    groups
}

fn n_rows(group: &[&Finding]) -> u64 {
    group.iter().map(|finding| finding.count).sum()
}

fn finding_row(group: &[&Finding]) -> Row {
    let first = group[0];
    let said = finding_words(&Finding {
        found: without_folders(&first.found),
        expected: without_folders(&first.expected),
        ..first.clone()
    });
    let found = [("found", said.found.into()), ("expected", said.expected.into())];
    let cells = vec![
        Cell::Words(said.kind),
        Cell::Words(severity_words(first.severity)),
        Cell::Words(files(group)),
        Cell::Number(group.len() as f64),
        Cell::Number(n_rows(group) as f64),
        Cell::Words(message("finding-sentence", &found)),
    ];
    Row { cells, is_emphasised: first.severity == Severity::Severe }
}

/// The name of the first file, and how many others there are; a reader has no use for its folder.
fn files(group: &[&Finding]) -> Text {
    let mut names: Vec<&str> = group.iter().map(|finding| base_name(&finding.file)).collect();
    let first = names[0];
    names.sort_unstable();
    names.dedup();
    match names.len() {
        1 => Text::same(first),
        n => message("finding-files", &[("file", first.into()), ("n", (n - 1).into())]),
    }
}

/// The sentence with each path in it cut to its file.
fn without_folders(sentence: &str) -> String {
    let is_file = |word: &str| word.contains(['/', '\\']) && base_name(word).contains('.');
    let cut = |word| if is_file(word) { base_name(word) } else { word };
    sentence.split(' ').map(cut).collect::<Vec<_>>().join(" ")
}

fn base_name(file: &str) -> &str {
    file.rsplit(['/', '\\']).next().unwrap_or(file)
}

fn severity_words(severity: Severity) -> Text {
    match severity {
        Severity::Note => words("severity-note"),
        Severity::Warning => words("severity-warning"),
        Severity::Severe => words("severity-severe"),
    }
}

fn convention_table(conventions: &[(String, Convention)]) -> Shown {
    let columns = ["convention-outcome", "convention-name", "convention-line"]
        .map(|key| ShownColumn::words(words(key)))
        .into();
    let mut shown = Shown::new("conventions", words("convention-title"), columns);
    for (outcome, lines) in conventions {
        for (i, (name, line)) in lines.iter().enumerate() {
            let first = if i == 0 { Text::same(outcome) } else { Text::default() };
            let cells = [first, Text::same(name), line.clone()].map(Cell::Words).into();
            shown.push(Row { cells, is_emphasised: false });
        }
    }
    shown
}
