//! The report in a browser, where there is one: drawn, silent, in both languages, and no wider than a phone.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Clicks through the page and tells the page around it what it saw.
const READER: &str = r#"
addEventListener("load", () => {
  const shown = selector => [...document.querySelectorAll(selector)].map(node => node.innerText).join(" ");
  const look = lang => {
    document.querySelector(`[data-set-lang=${lang}]`).click();
    return {
      words: shown("h2"),
      charts: [...document.querySelectorAll(".plot text")].map(t => t.textContent).join(" "),
      overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    };
  };
  const finish = () => {
    const plots = [...document.querySelectorAll(".plot")];
    const blank = plots.filter(plot => plot.querySelectorAll("svg path").length < 3).map(plot => plot.id);
    if (blank.length && performance.now() < 8000) return setTimeout(finish, 20);
    const seen = {width: innerWidth, n_plots: plots.length, blank, zh: look("zh"), en: look("en")};
    parent.postMessage(JSON.stringify(seen), "*");
  };
  finish();
});
"#;

/// A frame around the page, narrower than a browser's window can be.
fn framed(page: &str, width: u32) -> String {
    format!(
        r#"<!doctype html><body>
<script>onmessage = event => {{ document.documentElement.dataset.seen = event.data; }};</script>
<iframe src="{page}" style="width:{width}px;height:900px;border:0"></iframe>"#
    )
}

/// A phone's width, CSS pixels.
const PHONE: u32 = 400;
/// Width between the margins of a printed A4 page, CSS pixels. What is wider makes a browser shrink every page of the print.
const PAPER: u32 = 673;

/// Chromium on the search path; without one the tests say so and pass.
fn chromium() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let found = std::env::split_paths(&path)
        .flat_map(|dir| {
            ["chromium", "chromium-browser", "google-chrome"].map(|name| dir.join(name))
        })
        .find(|candidate| candidate.is_file());
    if found.is_none() {
        eprintln!("skipped: no Chromium on PATH to open the report with");
    }
    found
}

/// The page's own element tree when it has loaded, and what it wrote to the console.
fn open(chromium: &Path, page: &Path, flags: &[&str]) -> (String, Vec<String>) {
    let profile = tempfile::tempdir().expect("a folder");
    let output = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--dump-dom"])
        .args(["--enable-logging=stderr", "--v=0"])
        .args(flags)
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("the browser runs");
    let log = String::from_utf8_lossy(&output.stderr);
    let console = log.lines().filter(|line| line.contains("CONSOLE")).map(str::to_owned).collect();
    (String::from_utf8_lossy(&output.stdout).into_owned(), console)
}

/// A copy of the page with the reader in it; its content policy, which forbids that, is left out.
fn with_reader(page: &str) -> String {
    let (before, rest) =
        page.split_once("<meta http-equiv=\"Content-Security-Policy\"").expect("a policy");
    let (_, after) = rest.split_once('>').expect("the policy is closed");
    format!("{before}{}", after.replace("</body>", &format!("<script>{READER}</script></body>")))
}

fn seen(dom: &str) -> Value {
    let after = dom.split_once("data-seen=\"").expect("the reader came to its end").1;
    let json = after.split_once('"').expect("closed").0;
    serde_json::from_str(&json.replace("&quot;", "\"").replace("&amp;", "&")).expect("JSON")
}

/// What the reader saw of a page in a frame of that width.
fn look(chromium: &Path, report: &Path, page: &str, width: u32) -> Value {
    std::fs::write(report.with_file_name("read.html"), page).expect("written");
    let frame = report.with_file_name("frame.html");
    std::fs::write(&frame, framed("read.html", width)).expect("written");
    let (dom, console) = open(chromium, &frame, &["--virtual-time-budget=9000"]);
    assert_eq!(console, Vec::<String>::new(), "the console is not silent");
    seen(&dom)
}

/// On paper no page is left with a remark or two: each has at least six lines of text. Needs `pdftotext` beside Chromium.
pub(crate) fn prints(report: &Path) {
    let Some(chromium) = chromium() else { return };
    let pdf = report.with_file_name("report.pdf");
    let profile = tempfile::tempdir().expect("a folder");
    let status = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"])
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("file://{}", report.display()))
        .output()
        .expect("the browser runs")
        .status;
    assert!(status.success() && pdf.is_file(), "the page is printed");
    let Ok(text) = Command::new("pdftotext").arg("-layout").arg(&pdf).arg("-").output() else {
        eprintln!("skipped: no pdftotext on PATH to read the printed page with");
        return;
    };
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    // A form feed ends every page.
    let pages: Vec<&str> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
    assert!(pages.len() > 20, "{} pages", pages.len());
    for (i, page) in pages.iter().enumerate() {
        let n = page.lines().filter(|line| !line.trim().is_empty()).count();
        assert!(n >= 6, "page {} of the print holds {n} lines: {page}", i + 1);
    }
}

/// A report opened as it is keeps its policy and its console empty, and draws every chart, those below its window after
/// those in it; on a phone and on paper nothing is wider than the page; the buttons change words and charts.
pub(crate) fn reads(report: &Path) {
    let Some(chromium) = chromium() else { return };
    let flags = ["--window-size=1400,900", "--virtual-time-budget=9000"];
    let (dom, console) = open(&chromium, report, &flags);
    assert_eq!(console, Vec::<String>::new(), "the console is not silent");
    let n_plots = dom.matches("class=\"plot\"").count();
    assert!(n_plots > 0);
    assert_eq!(dom.matches("_echarts_instance_=").count(), n_plots, "charts drawn");

    let page = with_reader(&std::fs::read_to_string(report).expect("a page"));
    let seen = look(&chromium, report, &page, PHONE);
    assert_eq!((&seen["width"], &seen["n_plots"]), (&PHONE.into(), &n_plots.into()));
    assert_eq!(seen["blank"], serde_json::json!([]), "charts without a drawing");
    let printed = page.replace("@media print", "@media screen");
    let on_paper = look(&chromium, report, &printed, PAPER);
    for (seen, medium) in [(&seen, "a phone"), (&on_paper, "paper")] {
        for lang in ["zh", "en"] {
            assert_eq!(seen[lang]["overflow"], 0, "wider than {medium} in {lang}: {seen}");
        }
    }
    for part in ["words", "charts"] {
        assert_ne!(seen["zh"][part], seen["en"][part], "{part} does not change");
        let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        let text = |lang: &str| seen[lang][part].as_str().expect("text").to_owned();
        assert!(text("zh").contains(is_han), "{part} is not Chinese: {}", text("zh"));
        // The built-in funds have names, and a name is not translated.
        let english = text("en");
        let is_name = |word: &str| word.starts_with("示例");
        let foreign = english.split_whitespace().find(|w| w.contains(is_han) && !is_name(w));
        assert_eq!(foreign, None, "{part} is not English: {english}");
    }
}
