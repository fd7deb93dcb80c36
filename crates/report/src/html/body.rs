//! The body of the page: masthead, verdict, exhibits, limits, provenance.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{both, chart_id, escape, shown};
use crate::chart::{Chart, Layer, Plot};
use crate::diagram::Diagram;
use crate::exhibit::{Exhibit, Provenance, Report, Verdict};
use crate::i18n::{self, Lang, Text};

pub(super) fn write(report: &Report, page: &mut String) {
    page.push_str("<body>");
    controls(page);
    masthead(report, page);
    page.push_str("<main>");
    report.exhibits.iter().for_each(|exhibit| self::exhibit(exhibit, page));
    limits(&report.limits, page);
    page.push_str("</main>");
    footer(&report.provenance, page);
}

fn controls(page: &mut String) {
    let _ = write!(
        page,
        "<a class=\"skip\" href=\"#verdict\">{skip}</a>\
         <nav class=\"controls\" aria-label=\"display\">\
         <button type=\"button\" data-set-lang=\"zh\" lang=\"zh-CN\">中文</button>\
         <button type=\"button\" data-set-lang=\"en\" lang=\"en\">English</button>\
         <button type=\"button\" data-theme-toggle>{theme}</button></nav>",
        skip = both(&i18n::words("page-skip")),
        theme = both(&i18n::words("page-theme")),
    );
}

fn masthead(report: &Report, page: &mut String) {
    let _ = write!(
        page,
        "<header id=\"verdict\"><p class=\"kicker\">{kicker}</p><h1>{title}</h1><p class=\"standfirst\">{subtitle}</p>",
        kicker = both(&i18n::words("page-kicker")),
        title = both(&report.title),
        subtitle = both(&report.subtitle),
    );
    page.push_str("<ol class=\"verdict\">");
    report.verdict.iter().for_each(|verdict| self::verdict(verdict, &report.exhibits, page));
    page.push_str("</ol>");
    contents(&report.exhibits, page);
    page.push_str("</header>");
}

fn verdict(verdict: &Verdict, exhibits: &[Exhibit], page: &mut String) {
    let _ = write!(
        page,
        "<li><div><span class=\"figure\">{}</span><span class=\"label\">{}</span></div><p>{}",
        both(&verdict.figure),
        both(&verdict.label),
        both(&verdict.sentence)
    );
    if let Some(exhibit) = exhibits.iter().find(|x| x.id == verdict.anchor) {
        let label = i18n::message("page-see", &[("number", usize::from(exhibit.number).into())]);
        let _ = write!(page, " <a href=\"#{}\">{}</a>", escape(&exhibit.id), both(&label));
    }
    page.push_str("</p></li>");
}

fn contents(exhibits: &[Exhibit], page: &mut String) {
    let _ = write!(
        page,
        "<nav class=\"contents\"><h2>{}</h2><ol>",
        both(&i18n::words("page-contents"))
    );
    for exhibit in exhibits {
        let _ = write!(
            page,
            "<li><a href=\"#{}\"><span class=\"number\">{}</span><span>{}</span></a></li>",
            escape(&exhibit.id),
            exhibit.number,
            both(&exhibit.question)
        );
    }
    page.push_str("</ol></nav>");
}

fn exhibit(exhibit: &Exhibit, page: &mut String) {
    let _ = write!(
        page,
        "<section class=\"exhibit\" id=\"{id}\" aria-labelledby=\"{id}-title\">\
         <p class=\"kicker\">{number}<span class=\"question\">{question}</span></p>\
         <h2 id=\"{id}-title\">{title}</h2>",
        id = escape(&exhibit.id),
        number =
            both(&i18n::message("page-exhibit", &[("number", usize::from(exhibit.number).into())])),
        question = both(&exhibit.question),
        title = both(&exhibit.title),
    );
    paragraphs("answer", &exhibit.answer, page);
    exhibit.diagrams.iter().for_each(|diagram| self::diagram(&exhibit.id, diagram, page));
    exhibit.charts.iter().for_each(|chart| self::chart(&exhibit.id, chart, page));
    exhibit.tables.iter().for_each(|table| shown::write(table, page));
    notes(&exhibit.notes, page);
    conventions(exhibit, page);
    page.push_str("</section>");
}

fn paragraphs(class: &str, texts: &[Text], page: &mut String) {
    if texts.is_empty() {
        return;
    }
    let _ = write!(page, "<div class=\"{class}\">");
    for text in texts {
        let _ = write!(page, "<p>{}</p>", both(text));
    }
    page.push_str("</div>");
}

fn diagram(exhibit: &str, diagram: &Diagram, page: &mut String) {
    let _ = write!(
        page,
        "<figure class=\"drawn\"><figcaption><h3>{}</h3></figcaption>{}<p class=\"caption\">{}</p></figure>",
        both(&diagram.title),
        diagram.to_svg(exhibit),
        both(&diagram.caption)
    );
}

fn chart(exhibit: &str, chart: &Chart, page: &mut String) {
    let id = escape(&chart_id(exhibit, &chart.id));
    let _ = write!(
        page,
        "<figure class=\"chart\"><figcaption><h3>{title}</h3><p class=\"unit\">{unit}</p>{key}</figcaption>\
         <div class=\"plot\" id=\"{id}\" style=\"height:{height}px\" role=\"img\" tabindex=\"0\" \
         data-alt-zh=\"{zh}\" data-alt-en=\"{en}\" aria-label=\"{en}\"></div>\
         <p class=\"caption\">{caption}</p>\
         <details class=\"behind\" data-chart=\"{id}\"><summary>{behind}</summary><div class=\"scroll\"></div></details></figure>",
        title = both(&chart.title),
        unit = both(&chart.subtitle),
        key = key(chart),
        height = chart.height,
        zh = escape(chart.alt.get(Lang::Zh)),
        en = escape(chart.alt.get(Lang::En)),
        caption = both(&chart.caption),
        behind = both(&i18n::words("page-behind")),
    );
}

/// A key for what carries no label at its end: bars, bands and points.
fn key(chart: &Chart) -> String {
    let Plot::Layers { layers, .. } = &chart.plot else { return String::new() };
    let entry = |layer: &Layer| match layer {
        Layer::Band { name, colour, .. } => Some((name.clone(), colour.variable(), "band")),
        Layer::Bars { name, colour, .. } => Some((name.clone(), colour.variable(), "bar")),
        Layer::Points { name, colour, .. } => Some((name.clone(), colour.variable(), "dot")),
        Layer::Line { .. } | Layer::SignedBars { .. } => None,
    };
    let entries: Vec<String> = layers
        .iter()
        .filter_map(entry)
        .map(|(name, colour, shape)| {
            format!(
                "<li><i class=\"{shape}\" style=\"background:var(--{colour})\"></i>{}</li>",
                both(&name)
            )
        })
        .collect();
    if entries.is_empty() {
        String::new()
    } else {
        format!("<ul class=\"key\">{}</ul>", entries.concat())
    }
}

fn notes(notes: &[Text], page: &mut String) {
    if notes.is_empty() {
        return;
    }
    page.push_str("<ul class=\"notes\">");
    for note in notes {
        let _ = write!(page, "<li>{}</li>", both(note));
    }
    page.push_str("</ul>");
}

fn conventions(exhibit: &Exhibit, page: &mut String) {
    if exhibit.convention.is_empty() && exhibit.data.is_empty() {
        return;
    }
    let _ = write!(
        page,
        "<details class=\"convention\"><summary>{}</summary><dl>",
        both(&i18n::words("page-convention"))
    );
    for (name, line) in &exhibit.convention {
        let _ = write!(page, "<dt>{}</dt><dd>{}</dd>", escape(name), both(line));
    }
    if !exhibit.data.is_empty() {
        let _ = write!(
            page,
            "<dt>{}</dt><dd>{}</dd>",
            both(&i18n::words("page-data")),
            versions(&exhibit.data)
        );
    }
    page.push_str("</dl></details>");
}

fn versions(data: &BTreeMap<String, i64>) -> String {
    let one = |(table, version): (&String, &i64)| format!("{}@{version}", escape(table));
    data.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn limits(limits: &[Text], page: &mut String) {
    if limits.is_empty() {
        return;
    }
    let _ = write!(
        page,
        "<section class=\"exhibit limits\" id=\"limits-of-the-report\"><h2>{}</h2><ul class=\"notes\">",
        both(&i18n::words("page-limits"))
    );
    for limit in limits {
        let _ = write!(page, "<li>{}</li>", both(limit));
    }
    page.push_str("</ul></section>");
}

fn footer(provenance: &Provenance, page: &mut String) {
    let _ = write!(page, "<footer><h2>{}</h2><dl>", both(&i18n::words("page-provenance")));
    let mut line = |key: &str, value: String| {
        if !value.is_empty() {
            let _ = write!(page, "<dt>{}</dt><dd>{value}</dd>", both(&i18n::words(key)));
        }
    };
    line("page-tool", escape(&provenance.tool));
    line("page-fingerprint", escape(&provenance.fingerprint));
    line("page-seed", provenance.seed.map_or_else(String::new, |seed| seed.to_string()));
    line("page-data", versions(&provenance.data));
    page.push_str("</dl></footer>");
}
