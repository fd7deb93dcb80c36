//! What English is left on the Chinese page.
//!
//! Codes, file names, numbers and table names are no sentences: a sentence is a run of three Latin words.

use serde_json::Value;

/// A run of so many words is a sentence.
const SENTENCE: usize = 3;

/// Every English sentence that a reader of the Chinese page meets: in its text, in what screen readers are
/// told, and in its charts.
pub fn english_left(page: &str) -> Vec<String> {
    let (_, body) = page.split_once("<body>").expect("a page has a body");
    let (body, rest) = body.split_once("<script").expect("the charts follow the body");
    let charts = rest.split_once('>').and_then(|(_, json)| json.split_once("</script>"));
    let charts = serde_json::from_str(charts.expect("the charts are closed").0).expect("JSON");
    let mut texts = visible(body);
    texts.extend(values_of(body, "data-alt-zh=\""));
    collect_chinese(&charts, &mut texts);
    texts.iter().flat_map(|text| sentences(text)).collect()
}

/// The text nodes that the Chinese page shows: words of one language are marked in their own tag.
fn visible(body: &str) -> Vec<String> {
    let nodes = body.split('<').filter_map(|node| node.split_once('>'));
    let is_english = |tag: &str| tag.contains("lang=\"en\"") || tag.contains(" en\"");
    nodes.filter(|(tag, _)| !is_english(tag)).map(|(_, text)| text.to_owned()).collect()
}

fn values_of<'a>(body: &'a str, opening: &str) -> impl Iterator<Item = String> + use<'a> {
    let parts: Vec<&str> = body.split(opening).skip(1).collect();
    parts.into_iter().filter_map(|part| Some(part.split_once('"')?.0.to_owned()))
}

/// The Chinese of every pair of words in a chart, and every word that is none of a pair.
fn collect_chinese(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(pair) = members.get("$t") {
                texts.extend(pair[0].as_str().map(str::to_owned));
            } else {
                members.values().for_each(|member| collect_chinese(member, texts));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_chinese(item, texts)),
        Value::String(text) => texts.push(text.clone()),
        _ => {}
    }
}

fn sentences(text: &str) -> Vec<String> {
    let (mut found, mut run) = (Vec::new(), Vec::new());
    for token in text.split_whitespace().chain([""]) {
        let word = token.trim_matches(|c: char| c.is_ascii_punctuation());
        let is_word = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphabetic());
        if is_word {
            run.push(word);
            continue;
        }
        if run.len() >= SENTENCE {
            found.push(run.join(" "));
        }
        run.clear();
    }
    found
}
