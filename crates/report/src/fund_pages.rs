//! The X-ray of many funds as pages: one of all beside each other, one of each.

use std::path::Path;

use shoals_core::Outcome;
use shoals_fund::xray::FundOutcome;

use crate::exhibits::{self, Source};
use crate::i18n::{Text, message, words};
use crate::telling::Versions;
use crate::{Lang, Provenance, Report, ReportError, files, write_html};

/// Writes `index.html`, a page a fund named by its code, and every table as Parquet, CSV and JSON.
///
/// # Errors
/// A file that cannot be written.
pub fn write_funds(
    folder: &Path,
    outcome: &FundOutcome,
    data: &Versions,
    tool: &str,
    lang: Lang,
) -> Result<(), ReportError> {
    files::make_dir(folder)?;
    let provenance =
        Provenance { data: data.clone(), tool: tool.to_owned(), ..Provenance::default() };
    let convention = outcome.convention();
    let tables = outcome.tables();
    crate::write_tables(&folder.join("tables"), &tables)?;
    let all = exhibits::fund(&Source { tables: &tables, convention: &convention, data })?;
    let title = message("fund-pages-title", &[("n", outcome.funds.len().into())]);
    let page = Report {
        title: words("fund-pages"),
        subtitle: title,
        verdict: Report::verdict_of(std::slice::from_ref(&all)),
        exhibits: vec![all],
        provenance: provenance.clone(),
        ..Report::default()
    };
    files::write(&folder.join("index.html"), write_html(&page, lang).as_bytes())?;
    for fund in &outcome.funds {
        let tables = outcome.alone(fund).tables();
        let source = Source { tables: &tables, convention: &convention, data };
        let exhibit = exhibits::fund_page(&source, &fund.fund.code)?;
        let page = Report {
            title: Text::same(&fund.fund.name),
            subtitle: exhibit.question.clone(),
            verdict: Report::verdict_of(std::slice::from_ref(&exhibit)),
            exhibits: vec![exhibit],
            provenance: provenance.clone(),
            ..Report::default()
        };
        let name = format!("{}.html", fund.fund.code);
        files::write(&folder.join(name), write_html(&page, lang).as_bytes())?;
    }
    Ok(())
}
