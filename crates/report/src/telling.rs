//! From a study's outcome to a report, and from a report to the files of a study.

use std::collections::BTreeMap;
use std::path::Path;

use shoals_core::{Convention, Finding, Outcome, Table, TradingDay, Values};
use shoals_product::swap::{OnBreach, SwapOutcome};
use shoals_study::{FactorSheet, Named, StudyOutcome, ask};

use crate::exhibit::Verdict;
use crate::exhibits::{self, LimitsInput, MarginLines, Source};
use crate::i18n::{message, words};
use crate::{Exhibit, Lang, Provenance, Report, ReportError, Text, files, write_html};

/// Versions of the market tables read.
pub(crate) type Versions = BTreeMap<String, i64>;

/// Hedges of books that differ by less of the long value are drawn as one: whole lots round.
const SAME_HEDGE: f64 = 0.01;

/// Tells a study: an exhibit for each answer, the verdict first, the limits last.
///
/// `findings` are what the data room found in the imports the study stands on.
///
/// # Errors
/// An outcome without the tables or columns an exhibit reads.
pub fn tell(outcome: &StudyOutcome, findings: &[Finding]) -> Result<Report, ReportError> {
    let data = &outcome.lock.data;
    let mut exhibits = Vec::new();
    for (i, book) in outcome.books.iter().enumerate() {
        let mut exhibit = book_exhibit(book, data)?;
        let is_alike = |earlier: &&Named<SwapOutcome>| is_drawn_alike(&earlier.terms, &book.terms);
        // One drawing for books of one structure; the amounts stand in each ledger.
        if let Some(drawn) = outcome.books[..i].iter().find(is_alike) {
            exhibit.diagrams.clear();
            let name = [("book", drawn.name.as_str().into())];
            exhibit.notes.insert(0, message("swap-note-drawn", &name));
        }
        exhibits.push(exhibit);
    }
    if let Some(ladder) = &outcome.inversion {
        exhibits.push(told(ladder, data, exhibits::inversion)?);
    }
    for ab in &outcome.ab_swaps {
        let mut exhibit = told(&ab.terms, data, exhibits::ab)?;
        name_it(&mut exhibit, &ab.name, outcome.ab_swaps.len());
        exhibits.push(exhibit);
    }
    exhibits.extend(factor_exhibit(outcome)?);
    for replication in &outcome.replications {
        let mut exhibit = told(&replication.terms, data, exhibits::replicate)?;
        name_it(&mut exhibit, &replication.name, outcome.replications.len());
        exhibits.push(exhibit);
    }
    for attribution in &outcome.attributions {
        let mut exhibit = told(attribution, data, exhibits::attribute)?;
        name_it(&mut exhibit, &attribution.name, outcome.attributions.len());
        exhibits.push(exhibit);
    }
    let basis = outcome.basis.as_ref().map(|o| told(o, data, exhibits::basis)).transpose()?;
    let option = outcome.option.as_ref().map(|o| told(o, data, exhibits::option)).transpose()?;
    exhibits.extend(match (basis, option) {
        (Some(basis), Some(option)) => Some(joined(basis, option)),
        (basis, option) => basis.or(option),
    });
    if let Some(liquidity) = &outcome.liquidity {
        exhibits.push(told(liquidity, data, exhibits::liquidity)?);
    }
    if let Some(event) = &outcome.event {
        exhibits.push(told(event, data, exhibits::event)?);
    }
    if let Some(fund) = &outcome.fund {
        exhibits.push(told(fund, data, exhibits::fund)?);
    }
    if let Some(index) = &outcome.index {
        let (mut tables, convention) = (index.tables(), index.convention());
        tables.push(ask::window_bucket_table(&outcome.window_buckets));
        let source = Source { tables: &tables, convention: &convention, data };
        exhibits.push(exhibits::index(&source)?);
    }
    if let Some(crowding) = &outcome.crowding {
        exhibits.push(told(crowding, data, exhibits::crowding)?);
    }
    if let Some(alike) = &outcome.analogue {
        exhibits.push(told(alike, data, exhibits::analogue)?);
    }
    let bubble = outcome.bubble.as_ref();
    exhibits.extend(bubble.map(|o| told(o, data, exhibits::bubble)).transpose()?);
    if let Some(ratio) = &outcome.rotation {
        exhibits.push(told(ratio, data, exhibits::rotation)?);
    }
    exhibits.extend(spiral_exhibit(outcome)?);
    if let Some(gauge) = &outcome.gauge {
        exhibits.push(told(gauge, data, exhibits::gauge)?);
    }
    if outcome.books.len() > 1 {
        for (book, exhibit) in outcome.books.iter().zip(&mut exhibits) {
            name_it(exhibit, &book.name, outcome.books.len());
        }
    }
    number_ids(&mut exhibits);
    exhibits.push(limits(outcome, findings));
    Ok(Report {
        title: Text::same(&outcome.title),
        subtitle: subtitle(outcome),
        verdict: Report::verdict_of(&exhibits),
        exhibits,
        provenance: Provenance {
            data: data.clone(),
            seed: Some(outcome.lock.seed),
            tool: outcome.lock.tool_version.clone(),
            fingerprint: outcome.lock.fingerprint.clone(),
        },
        ..Report::default()
    })
}

/// Writes `report.html`, `study.lock` and, under `tables/`, every table as Parquet, CSV and JSON.
///
/// # Errors
/// A file that cannot be written.
pub fn write_study(
    dir: &Path,
    outcome: &StudyOutcome,
    report: &Report,
    lang: Lang,
) -> Result<(), ReportError> {
    files::make_dir(dir)?;
    for section in outcome.sections() {
        crate::write_tables(&dir.join("tables").join(&section.name), &section.tables)?;
    }
    files::write(&dir.join("report.html"), write_html(report, lang).as_bytes())?;
    files::write(&dir.join("study.lock"), outcome.lock.to_toml()?.as_bytes())
}

/// An analysis' conventions under its own name.
fn convention<O: Outcome>(outcome: &O) -> (String, Convention) {
    (O::NAME.to_owned(), outcome.convention())
}

fn told<O: Outcome>(
    outcome: &O,
    data: &Versions,
    exhibit: impl Fn(&Source) -> Result<Exhibit, ReportError>,
) -> Result<Exhibit, ReportError> {
    let (tables, convention): (Vec<Table>, Convention) = (outcome.tables(), outcome.convention());
    exhibit(&Source { tables: &tables, convention: &convention, data })
}

/// One exhibit of two of the same number: the second's answer, charts and tables after the first's.
fn joined(mut first: Exhibit, second: Exhibit) -> Exhibit {
    first.answer.extend(second.answer);
    first.charts.extend(second.charts);
    first.tables.extend(second.tables);
    first.notes.extend(second.notes);
    let lines = second.convention.into_iter();
    first.convention.extend(lines.map(|(key, line)| (format!("{}.{key}", second.id), line)));
    first.data.extend(second.data);
    first
}

fn book_exhibit(book: &Named<SwapOutcome>, data: &Versions) -> Result<Exhibit, ReportError> {
    let swap = &book.terms.terms.swap;
    let lines = MarginLines {
        call_ratio: swap.call_ratio,
        liquidation_ratio: swap.liquidation_ratio,
        financing_rate: swap.financing_rate,
        runs_on: swap.on_breach == OnBreach::Report,
    };
    told(&book.terms, data, |source| exhibits::swap(source, &lines))
}

/// Whether two books are one structure: as levered, at the same rate, hedged to the same part.
fn is_drawn_alike(one: &SwapOutcome, other: &SwapOutcome) -> bool {
    let (a, b) = (&one.terms.swap, &other.terms.swap);
    let hedged = |book: &SwapOutcome| {
        book.statement.first().map_or(f64::NAN, |line| line.hedge_value / line.long_value)
    };
    a.initial_margin_ratio == b.initial_margin_ratio
        && a.margin_base == b.margin_base
        && a.financing_rate == b.financing_rate
        && (hedged(one) - hedged(other)).abs() < SAME_HEDGE
}

fn factor_exhibit(outcome: &StudyOutcome) -> Result<Option<Exhibit>, ReportError> {
    if outcome.factors.is_empty() {
        return Ok(None);
    }
    let sheet = FactorSheet::of(&outcome.factors, &outcome.factor_config);
    let (tables, convention) = (sheet.tables(), factor_convention(outcome));
    let source = Source { tables: &tables, convention: &convention, data: &outcome.lock.data };
    exhibits::factor(&source).map(Some)
}

fn spiral_exhibit(outcome: &StudyOutcome) -> Result<Option<Exhibit>, ReportError> {
    let Some(spiral) = &outcome.spiral else { return Ok(None) };
    let mut tables = spiral.tables();
    tables.extend(outcome.levers.iter().flat_map(Outcome::tables));
    let convention = spiral_convention(outcome);
    let source = Source { tables: &tables, convention: &convention, data: &outcome.lock.data };
    exhibits::spiral(&source).map(Some)
}

/// The replay's conventions, and those of the levers under names of their own.
fn spiral_convention(outcome: &StudyOutcome) -> Convention {
    let mut lines = outcome.spiral.as_ref().map(Outcome::convention).unwrap_or_default();
    let levers = outcome.levers.iter().flat_map(Outcome::convention);
    lines.extend(levers.map(|(name, line)| (format!("lever_{name}"), line)));
    lines
}

/// The factors' own conventions, and how their quantiles are held and their bands drawn.
fn factor_convention(outcome: &StudyOutcome) -> Convention {
    let mut lines = FactorSheet::of(&outcome.factors, &outcome.factor_config).convention();
    let Some(config) = outcome.factors.first().map(|factor| serde_json::json!(factor.config))
    else {
        return lines;
    };
    let holding = &config["holding"];
    let at = match holding["trade_at"].as_str() {
        Some("same_close") => "holding-same-close",
        _ => "holding-next-close",
    };
    let number = |value: &serde_json::Value| value.as_f64().unwrap_or(f64::NAN);
    let args = [
        ("days", number(&holding["days"]).into()),
        ("cost", number(&holding["cost_rate"]).into()),
        ("at", words(at).into()),
    ];
    lines.insert("holding".to_owned(), message("convention-holding", &args));
    let testing = &config["testing"];
    let args = [
        ("coverage", (1.0 - number(&testing["tail_probability"])).into()),
        ("n", number(&testing["replications"]).into()),
    ];
    lines.insert("band".to_owned(), message("convention-band", &args));
    lines
}

/// Where a study tells several of a kind, each title carries its own name.
fn name_it(exhibit: &mut Exhibit, name: &str, n: usize) {
    if n > 1 {
        exhibit.title = Text {
            zh: format!("{name}：{}", exhibit.title.zh),
            en: format!("{name}: {}", exhibit.title.en),
        };
        for Verdict { sentence, .. } in &mut exhibit.verdict {
            *sentence = Text {
                zh: format!("{name}：{}", sentence.zh),
                en: format!("{name}: {}", sentence.en),
            };
        }
    }
}

/// Anchors stay apart where two exhibits are of one kind.
fn number_ids(exhibits: &mut [Exhibit]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for exhibit in exhibits {
        let n = seen.entry(exhibit.id.clone()).or_default();
        *n += 1;
        if *n > 1 {
            exhibit.id = format!("{}_{n}", exhibit.id);
        }
    }
}

fn limits(outcome: &StudyOutcome, findings: &[Finding]) -> Exhibit {
    let mut conventions: Vec<(String, Convention)> = Vec::new();
    conventions.extend(outcome.bubble.as_ref().map(convention));
    conventions.extend(outcome.inversion.as_ref().map(convention));
    conventions.extend(outcome.basis.as_ref().map(convention));
    conventions.extend(outcome.books.iter().map(|o| (o.name.clone(), o.terms.convention())));
    conventions.extend(outcome.ab_swaps.iter().map(|o| (o.name.clone(), o.terms.convention())));
    conventions.extend(outcome.replications.iter().map(|o| (o.name.clone(), o.terms.convention())));
    conventions.extend(outcome.attributions.iter().map(|o| (o.name.clone(), o.convention())));
    if !outcome.factors.is_empty() {
        conventions.push(("factor".to_owned(), factor_convention(outcome)));
    }
    conventions.extend(outcome.option.as_ref().map(convention));
    conventions.extend(outcome.index.as_ref().map(convention));
    conventions.extend(outcome.liquidity.as_ref().map(convention));
    conventions.extend(outcome.crowding.as_ref().map(convention));
    conventions.extend(outcome.event.as_ref().map(convention));
    conventions.extend(outcome.fund.as_ref().map(convention));
    conventions.extend(outcome.gauge.as_ref().map(convention));
    conventions.extend(outcome.analogue.as_ref().map(convention));
    conventions.extend(outcome.rotation.as_ref().map(convention));
    if outcome.spiral.is_some() {
        conventions.push(("spiral".to_owned(), spiral_convention(outcome)));
    }
    let input = LimitsInput { findings, conventions: &conventions, data: &outcome.lock.data };
    let mut exhibit = exhibits::limits(&input);
    exhibit.notes.extend(outcome.unanswered.iter().map(|(name, reason)| Text {
        zh: format!("未能回答：{name}。原因是程序的报错，原文见英文版与命令行。"),
        en: format!("Not answered: {name}. {reason}"),
    }));
    exhibit.notes.extend(outcome.skipped.iter().map(|why| Text {
        zh: format!("未作：{}。", why.zh),
        en: format!("Left out: {}.", why.en),
    }));
    exhibit.notes.extend(outcome.lock.rulebook.iter().map(|file| {
        let (path, hash) = (&file.path, &file.sha256[..12]);
        Text::new(
            format!("`{path}`（SHA-256 {hash}…）覆盖了内置的交易日历与规则。"),
            format!("`{path}` (SHA-256 {hash}…) stands over the built-in calendar and rules."),
        )
    }));
    exhibit
}

/// The days the study tells about, as its analyses found them.
fn subtitle(outcome: &StudyOutcome) -> Text {
    let days = |table: &Table| match table.column("date").map(|column| &column.values) {
        Ok(Values::Day(days)) => days.iter().min().copied().zip(days.iter().max().copied()),
        _ => None,
    };
    let sections = outcome.sections();
    let spans = || sections.iter().flat_map(|section| section.tables.iter().filter_map(days));
    match (spans().map(|span| span.0).min(), spans().map(|span| span.1).max()) {
        (Some(first), Some(to)) => {
            // Yardsticks reach back before the first day the study tells about.
            let asked = outcome.lock.config.iter().find(|value| value.key == "from");
            let asked = asked.and_then(|value| value.value.trim_matches('"').parse().ok());
            let from = asked.map_or(first, |asked: TradingDay| asked.max(first));
            message("page-question", &[("period", format!("{from} – {to}").into())])
        }
        _ => Text::default(),
    }
}
