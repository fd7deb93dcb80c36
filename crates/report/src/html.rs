//! One self-contained page: no file beside it, no request, both languages inside.
//!
//! The page's policy forbids every load (`default-src 'none'`); its three scripts are allowed by their hash.
//! Words stand twice, once a language, and a style rule shows one: the page reads without scripts. Charts
//! travel as one JSON block and are drawn by the vendored library.

mod body;
mod shown;

use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::ReportError;
use crate::exhibit::Report;
use crate::i18n::{Lang, Text};

const LIBRARY: &str = include_str!("../assets/echarts/echarts.shoals.min.js");
const CHART: &str = include_str!("../assets/chart.js");
const PAGE: &str = include_str!("../assets/page.js");
const STYLE: &str = include_str!("../assets/page.css");

/// The whole page, opening in `lang`; the reader can switch, and `?lang=` or `#lang=` in the address decides.
pub fn write_html(report: &Report, lang: Lang) -> String {
    let charts = charts_json(report);
    let mut page = String::with_capacity(LIBRARY.len() + charts.len() + (1 << 18));
    head(report, lang, &mut page);
    body::write(report, &mut page);
    let _ = write!(page, "<script type=\"application/json\" id=\"charts\">{charts}</script>");
    for script in [LIBRARY, CHART, PAGE] {
        let _ = write!(page, "<script>{script}</script>");
    }
    page.push_str("</body></html>\n");
    page
}

/// Writes the whole page into a file.
///
/// # Errors
/// The file cannot be written.
pub fn save_html(path: &Path, report: &Report, lang: Lang) -> Result<(), ReportError> {
    crate::files::write(path, write_html(report, lang).as_bytes())
}

fn head(report: &Report, lang: Lang, page: &mut String) {
    let policy = format!(
        "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'",
        [LIBRARY, CHART, PAGE].map(hash_source).join(" ")
    );
    let _ = write!(
        page,
        "<!doctype html><html lang=\"{tag}\" data-lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"referrer\" content=\"no-referrer\"><meta name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"generator\" content=\"{tool}\"><link rel=\"icon\" href=\"data:,\">\
         <title data-zh=\"{zh}\" data-en=\"{en}\">{title}</title><style>{STYLE}</style></head>",
        tag = lang.tag(),
        tool = escape(&report.provenance.tool),
        zh = escape(&report.title.zh),
        en = escape(&report.title.en),
        title = escape(report.title.get(lang)),
    );
}

/// `'sha256-...'` of an inline script, as a content policy names it.
fn hash_source(script: &str) -> String {
    let digest = Sha256::digest(script.as_bytes());
    format!("'sha256-{}'", base64::engine::general_purpose::STANDARD.encode(digest))
}

fn charts_json(report: &Report) -> String {
    let charts: serde_json::Map<String, serde_json::Value> = report
        .exhibits
        .iter()
        .flat_map(|exhibit| exhibit.charts.iter().map(move |chart| (exhibit, chart)))
        .map(|(exhibit, chart)| {
            let drawn = json!({"height": chart.height, "option": chart.option()});
            (chart_id(&exhibit.id, &chart.id), drawn)
        })
        .collect();
    script_safe(&serde_json::Value::Object(charts).to_string())
}

/// Exhibits have distinct ids, charts have distinct ids within one.
fn chart_id(exhibit: &str, chart: &str) -> String {
    format!("{exhibit}-{chart}")
}

/// JSON that cannot end the script element it stands in, nor open a comment.
fn script_safe(json: &str) -> String {
    json.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// Text as HTML: the five characters that mean something are written as entities.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Words of both languages; the page shows one.
fn both(text: &Text) -> String {
    if text.zh == text.en {
        return escape(&text.zh);
    }
    format!(
        "<span class=\"zh\" lang=\"zh-CN\">{}</span><span class=\"en\" lang=\"en\">{}</span>",
        escape(&text.zh),
        escape(&text.en)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{Axis, Chart, Colour, Layer, Stroke};
    use crate::exhibit::{Exhibit, Verdict};
    use crate::number::Format;
    use shoals_core::day;

    const HOSTILE: &str = "</script><script>alert('x')</script><!-- \" & ]]>";

    fn hostile_report() -> Report {
        let line = Layer::Line {
            name: Text::same(HOSTILE),
            colour: Colour::Ink,
            values: vec![1.0, f64::NAN],
            stroke: Stroke::Plain,
        };
        let axis = Axis::Days(vec![day(2024, 1, 2), day(2024, 1, 3)]);
        let chart = Chart::layers("nav", Format::Number(2), axis, vec![line])
            .titled(Text::same(HOSTILE), Text::new("单位", "unit"));
        let exhibit = Exhibit {
            number: 2,
            id: "inversion".to_owned(),
            title: Text::same(HOSTILE),
            question: Text::new("问题", "A question"),
            verdict: vec![Verdict { sentence: Text::new("结论", HOSTILE), ..Verdict::default() }],
            charts: vec![chart],
            ..Exhibit::default()
        };
        Report {
            title: Text::new("报告", HOSTILE),
            verdict: Report::verdict_of(std::slice::from_ref(&exhibit)),
            exhibits: vec![exhibit],
            ..Report::default()
        }
    }

    #[test]
    fn hostile_words_stay_words() {
        let page = write_html(&hostile_report(), Lang::Zh);
        assert!(!page.contains("<script>alert"), "the words stayed words");
        assert_eq!(
            page.matches("</script>").count(),
            4,
            "the charts and three scripts, nothing else"
        );
        assert_eq!(page.matches("<script").count(), 4 + LIBRARY.matches("<script").count());
    }

    #[test]
    fn the_embedded_json_is_what_was_meant() {
        let page = write_html(&hostile_report(), Lang::En);
        let after = page.split("id=\"charts\">").nth(1).unwrap();
        let json: serde_json::Value =
            serde_json::from_str(after.split("</script>").next().unwrap()).unwrap();
        let option = &json["inversion-nav"]["option"];
        assert_eq!(option["series"][0]["name"], HOSTILE);
        assert_eq!(option["series"][0]["data"]["$v"], json!([1, null]));
        assert_eq!(option["axis"]["at"], json!([19_724, 19_725]));
    }

    #[test]
    fn nothing_is_loaded_from_anywhere() {
        let page = write_html(&hostile_report(), Lang::En);
        assert!(page.contains("default-src 'none'"));
        let namespaces = ["http://www.w3.org/"];
        for (at, _) in page.match_indices("http://").chain(page.match_indices("https://")) {
            let start = &page[at..page.len().min(at + 60)];
            assert!(namespaces.iter().any(|known| start.starts_with(known)), "loads {start}");
        }
        for loader in ["src=\"", "@import", "url(h", "fetch(\"", "<iframe"] {
            assert!(!page.contains(loader), "the page has {loader}");
        }
    }

    #[test]
    fn both_languages_are_on_the_page_and_the_asked_one_opens() {
        for (lang, opening) in [
            (Lang::Zh, "<html lang=\"zh-CN\" data-lang=\"zh\">"),
            (Lang::En, "<html lang=\"en\" data-lang=\"en\">"),
        ] {
            let page = write_html(&hostile_report(), lang);
            assert!(page.contains(opening));
            assert!(page.contains(">问题<") && page.contains(">A question<"));
        }
    }

    #[test]
    fn every_script_on_the_page_is_named_by_the_policy() {
        let page = write_html(&hostile_report(), Lang::En);
        for part in page.split("<script>").skip(1) {
            let script = part.split("</script>").next().unwrap();
            assert!(page.contains(&hash_source(script)));
        }
    }

    /// The value of a theme's colour: the first block of the style is light, the second dark.
    fn colour_of(name: &str, theme: usize) -> [f64; 3] {
        let block = STYLE.split("--paper:").nth(theme + 1).unwrap();
        let block = format!("--paper:{}", block.split('}').next().unwrap());
        let hex = block.split(&format!("--{name}:#")).nth(1).unwrap();
        let hex: String = hex.chars().take_while(char::is_ascii_hexdigit).collect();
        let wide: String =
            if hex.len() == 3 { hex.chars().flat_map(|c| [c, c]).collect() } else { hex };
        [0, 2, 4].map(|i| f64::from(u8::from_str_radix(&wide[i..i + 2], 16).unwrap()) / 255.0)
    }

    /// WCAG 2.2 relative luminance.
    fn luminance(rgb: [f64; 3]) -> f64 {
        let linear =
            |c: f64| if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) };
        let [r, g, b] = rgb.map(linear);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// Every colour that words are written in stands out by 4.5 to 1 (WCAG 2.2, 1.4.3) on the page.
    #[test]
    fn words_can_be_read_in_both_themes() {
        for theme in [0, 1] {
            let paper = luminance(colour_of("paper", theme));
            for name in [
                "ink", "text", "muted", "accent", "up", "down", "micro", "csi2000", "csi1000",
                "csi500", "csi300",
            ] {
                let ink = luminance(colour_of(name, theme));
                let contrast = (paper.max(ink) + 0.05) / (paper.min(ink) + 0.05);
                assert!(contrast >= 4.5, "{name} in theme {theme}: {contrast:.2}");
            }
        }
    }
}
