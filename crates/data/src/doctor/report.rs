//! Findings for people and programs: a table, and lines that fit a terminal.

use std::fmt::Write as _;

use shoals_core::{Finding, Lang, Severity, Table, Text};

use crate::chinese::{FindingWords, finding_words};

/// Columns of a terminal the rendering keeps to.
const WIDTH: usize = 100;
/// Indent of the lines below the first.
const INDENT: &str = "        ";

/// The findings as a table `finding`, in their order.
///
/// Missing: `row` is 0, and `symbol`, `date` and `column` are empty, when a finding is about a whole
/// file or column.
pub fn summary(findings: &[Finding]) -> Table {
    let text = |value: &dyn Fn(&Finding) -> String| findings.iter().map(value).collect::<Vec<_>>();
    let count = |value: &dyn Fn(&Finding) -> u64| {
        findings.iter().map(|finding| value(finding) as i64).collect::<Vec<_>>()
    };
    let words: Vec<FindingWords> = findings.iter().map(finding_words).collect();
    let said = |part: &dyn Fn(&FindingWords) -> &Text| -> Vec<Text> {
        words.iter().map(|words| part(words).clone()).collect()
    };
    Table::new("finding")
        .with("kind", "name of the check, for --accept", text(&|f| f.kind.clone()))
        .with("severity", "note, warning or severe", text(&|f| f.severity.to_string()))
        .with("file", "source file", text(&|f| f.file.clone()))
        .with(
            "row",
            "1-based data row of the first case, 0 for none",
            count(&|f| f.row.unwrap_or(0)),
        )
        .with("symbol", "symbol of the first case", text(&|f| text_or_empty(f.symbol)))
        .with("date", "day of the first case", text(&|f| text_or_empty(f.date)))
        .with("column", "column in the source's words", text(&|f| text_or_empty(f.column.as_ref())))
        .with("found", "what stands there", said(&|w| &w.found))
        .with("expected", "what was expected", said(&|w| &w.expected))
        .with("count", "how many rows show the same", count(&|f| f.count))
        .with("remedy", "what to do", said(&|w| &w.remedy))
}

fn text_or_empty(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The findings as text of at most 100 columns, most severe first, and a last line that counts them.
pub fn render(findings: &[Finding], lang: Lang) -> String {
    let mut order: Vec<&Finding> = findings.iter().collect();
    order.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let mut out = String::new();
    for finding in order {
        render_one(&mut out, finding, lang);
    }
    let n = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
    out.push_str(&count_line(n(Severity::Severe), n(Severity::Warning), n(Severity::Note), lang));
    out
}

fn count_line(severe: usize, warnings: usize, notes: usize, lang: Lang) -> String {
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    match lang {
        Lang::Zh => format!("严重 {severe}，警告 {warnings}，提示 {notes}\n"),
        Lang::En => format!(
            "{severe} severe, {warnings} warning{}, {notes} note{}\n",
            plural(warnings),
            plural(notes)
        ),
    }
}

fn render_one(out: &mut String, finding: &Finding, lang: Lang) {
    let words = finding_words(finding);
    let severity = severity_word(finding.severity, lang);
    let pad = " ".repeat(8_usize.saturating_sub(width(severity)));
    let mut head = format!("{severity}{pad}{}", finding.kind);
    if lang == Lang::Zh {
        write!(head, " {}", words.kind.zh).expect("a string takes any text");
    }
    if finding.count > 1 {
        write!(head, " x{}", finding.count).expect("a string takes any text");
    }
    let (found, expected) = (words.found.get(lang), words.expected.get(lang));
    let found = match lang {
        Lang::Zh => format!("实际 {found}，预期 {expected}"),
        Lang::En => format!("found {found}, expected {expected}"),
    };
    wrap(out, &format!("{head}  {}", place(finding, lang)), "");
    wrap(out, &found, INDENT);
    wrap(out, &format!("-> {}", words.remedy.get(lang)), INDENT);
}

fn severity_word(severity: Severity, lang: Lang) -> &'static str {
    match (severity, lang) {
        (Severity::Severe, Lang::Zh) => "严重",
        (Severity::Warning, Lang::Zh) => "警告",
        (Severity::Note, Lang::Zh) => "提示",
        (Severity::Severe, Lang::En) => "severe",
        (Severity::Warning, Lang::En) => "warning",
        (Severity::Note, Lang::En) => "note",
    }
}

/// File, row, symbol, day and column, as far as they are known.
fn place(finding: &Finding, lang: Lang) -> String {
    let row = |row| match lang {
        Lang::Zh => format!("第 {row} 行"),
        Lang::En => format!("row {row}"),
    };
    let column_word = if lang == Lang::Zh { "列" } else { "column" };
    let mut parts = vec![finding.file.clone()];
    parts.extend(finding.row.map(row));
    parts.extend(finding.symbol.map(|symbol| symbol.to_string()));
    parts.extend(finding.date.map(|date| date.to_string()));
    parts.extend(finding.column.as_ref().map(|column| format!("{column_word} {column}")));
    parts.join(" ")
}

/// Appends `text` broken between words (inside a word only when it is longer than a line).
fn wrap(out: &mut String, text: &str, indent: &str) {
    let mut line = indent.to_owned();
    let mut used = indent.len();
    let mut is_first_word = true;
    for word in text.split(' ') {
        let n = width(word);
        if !is_first_word && used + 1 + n > WIDTH {
            end_line(out, &mut line);
            line.push_str(INDENT);
            (used, is_first_word) = (INDENT.len(), true);
        }
        if !is_first_word {
            line.push(' ');
            used += 1;
        }
        for letter in word.chars() {
            if used + letter_width(letter) > WIDTH {
                end_line(out, &mut line);
                line.push_str(INDENT);
                used = INDENT.len();
            }
            line.push(letter);
            used += letter_width(letter);
        }
        is_first_word = false;
    }
    end_line(out, &mut line);
}

fn end_line(out: &mut String, line: &mut String) {
    out.push_str(line.trim_end());
    out.push('\n');
    line.clear();
}

fn width(text: &str) -> usize {
    text.chars().map(letter_width).sum()
}

/// Two columns for Chinese letters and full-width forms, one for the rest.
fn letter_width(letter: char) -> usize {
    let is_wide = matches!(letter,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}' | '\u{20000}'..='\u{3fffd}');
    1 + usize::from(is_wide)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use shoals_core::{Symbol, Values, day};

    fn finding() -> Finding {
        Finding::new(
            "unit_mistake",
            Severity::Severe,
            "日线行情.csv",
            "amount / volume = 0.0123",
            "12.30",
            "state the unit with --unit COLUMN=UNIT or in a mapping file, or mend the cells",
        )
        .at_row(7)
        .of_symbol(Symbol::literal("600519.SH"))
        .on(day(2024, 2, 5))
        .in_column("成交额")
        .counted(3)
    }

    #[test]
    fn a_finding_is_a_row_and_three_lines() {
        let table = summary(&[finding()]);
        let names: Vec<_> = table.columns().iter().map(|c| c.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "kind", "severity", "file", "row", "symbol", "date", "column", "found", "expected",
                "count", "remedy"
            ]
        );
        assert_eq!(table.column("row").unwrap().values, Values::Count(vec![7]));
        assert_eq!(
            render(&[finding()], Lang::En),
            "severe  unit_mistake x3  日线行情.csv row 7 600519.SH 2024-02-05 column 成交额\n\
             \x20       found amount / volume = 0.0123, expected 12.30\n\
             \x20       -> state the unit with --unit COLUMN=UNIT or in a mapping file, or mend the cells\n\
             1 severe, 0 warnings, 0 notes\n"
        );
        assert_eq!(
            render(&[finding()], Lang::Zh),
            "严重    unit_mistake 单位错误 x3  日线行情.csv 第 7 行 600519.SH 2024-02-05 列 成交额\n\
             \x20       实际 amount / volume = 0.0123，预期 12.30\n\
             \x20       -> 用 --unit 列=单位 或在映射文件中说明单位，或改正这些格\n\
             严重 1，警告 0，提示 0\n"
        );
    }

    proptest! {
        /// No line is wider than the terminal and no letter is lost, whatever the texts are.
        #[test]
        fn every_line_fits(found in "[ -~成交额年]{0,400}", file in "[a-z/日]{1,150}") {
            let mut finding = finding();
            (finding.found, finding.file) = (found.clone(), file);
            let text = render(&[finding], Lang::En);
            prop_assert!(text.lines().all(|line| width(line) <= WIDTH));
            let letters = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert!(letters(&text).contains(&letters(&found)));
        }
    }
}
