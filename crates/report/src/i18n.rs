//! Two languages from one catalogue.
//!
//! Every sentence of the report lives in `locales/zh.ftl` and `locales/en.ftl` (Fluent); code names it by
//! its key and hands over numbers, which each language formats itself: `PERCENT($return, digits: 1)`,
//! `NUMBER($x, digits: 2)`, `MONEY($x)`, `DAY($date)`, `MONTH($month)`. Tests prove that both catalogues
//! have the same keys, and that every key is used.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
pub use shoals_core::{Lang, Text};
use shoals_core::{Segment, TradingDay};
use unic_langid::LanguageIdentifier;

use crate::number;

const ZH: &str = include_str!("../locales/zh.ftl");
const EN: &str = include_str!("../locales/en.ftl");

/// What a message is told.
#[derive(Debug, Clone)]
pub enum Arg {
    /// A number; the message formats it. NaN prints as a dash.
    Number(f64),
    /// A name that reads the same in both languages, a day as ISO, a month as `2024-01`.
    Name(String),
    /// Words of both languages.
    Words(Text),
}

macro_rules! arg_from {
    ($($from:ty => |$value:ident| $arg:expr),* $(,)?) => {$(
        impl From<$from> for Arg {
            fn from($value: $from) -> Self {
                $arg
            }
        }
    )*};
}
arg_from! {
    f64 => |value| Self::Number(value),
    usize => |value| Self::Number(value as f64),
    i64 => |value| Self::Number(value as f64),
    &str => |value| Self::Name(value.to_owned()),
    String => |value| Self::Name(value),
    TradingDay => |value| Self::Name(value.to_string()),
    Text => |value| Self::Words(value),
    &Text => |value| Self::Words(value.clone()),
    Segment => |value| Self::Words(segment_name(value)),
}

/// The message of that key without arguments.
pub fn words(key: &str) -> Text {
    message(key, &[])
}

/// The message of that key in both languages, with its arguments filled in.
///
/// A key that is not in the catalogue comes back as itself: the report then shows the key rather than
/// nothing, and the catalogue's tests name it.
pub fn message(key: &str, args: &[(&str, Arg)]) -> Text {
    Text { zh: format_in(Lang::Zh, key, args), en: format_in(Lang::En, key, args) }
}

/// Whether the catalogue has that key.
pub fn has_message(key: &str) -> bool {
    bundle(Lang::En).has_message(key)
}

/// The segment's name for readers: `微盘股`, `CSI 300`.
pub fn segment_name(segment: Segment) -> Text {
    words(match segment {
        Segment::Micro => "segment-micro",
        Segment::Csi2000 => "segment-csi2000",
        Segment::Csi1000 => "segment-csi1000",
        Segment::Csi500 => "segment-csi500",
        Segment::Csi300 => "segment-csi300",
    })
}

fn format_in(lang: Lang, key: &str, args: &[(&str, Arg)]) -> String {
    let bundle = bundle(lang);
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
        return key.to_owned();
    };
    let mut filled = FluentArgs::new();
    for (name, arg) in args {
        filled.set(*name, fluent_value(lang, arg));
    }
    bundle.format_pattern(pattern, Some(&filled), &mut Vec::new()).into_owned()
}

fn fluent_value(lang: Lang, arg: &Arg) -> FluentValue<'static> {
    match arg {
        Arg::Number(value) => FluentValue::from(*value),
        Arg::Name(name) => FluentValue::from(name.clone()),
        Arg::Words(text) => FluentValue::from(text.get(lang).to_owned()),
    }
}

type Bundle = FluentBundle<FluentResource>;

fn bundle(lang: Lang) -> &'static Bundle {
    static BUNDLES: LazyLock<[Bundle; 2]> =
        LazyLock::new(|| [build(Lang::Zh, ZH), build(Lang::En, EN)]);
    &BUNDLES[lang as usize]
}

fn build(lang: Lang, source: &str) -> Bundle {
    let id: LanguageIdentifier = lang.tag().parse().expect("our own tags are well formed");
    let resource = FluentResource::try_new(source.to_owned())
        .expect("the embedded catalogue parses, see the catalogue's tests");
    let mut bundle = Bundle::new_concurrent(vec![id]);
    bundle.set_use_isolating(false);
    bundle.add_resource(resource).expect("the embedded catalogue has each key once");
    add_functions(&mut bundle, lang).expect("each function is added once");
    bundle
}

fn add_functions(bundle: &mut Bundle, lang: Lang) -> Result<(), fluent_bundle::FluentError> {
    bundle.add_function("PERCENT", |args, named| {
        text_of(args, |x| number::percent(x, digits(named, 1)))
    })?;
    bundle.add_function("NUMBER", |args, named| {
        text_of(args, |x| number::fixed(x, digits(named, 0)))
    })?;
    bundle.add_function("MONEY", move |args, _| text_of(args, |x| number::money(x, lang)))?;
    bundle
        .add_function("DAY", move |args, _| date_of(args, |text| number::long_day(text, lang)))?;
    bundle
        .add_function("MONTH", move |args, _| date_of(args, |text| number::long_month(text, lang)))
}

fn digits(named: &FluentArgs, default: usize) -> usize {
    match named.get("digits") {
        Some(FluentValue::Number(number)) => number.value as usize,
        _ => default,
    }
}

fn text_of<'a>(args: &[FluentValue<'a>], format: impl Fn(f64) -> String) -> FluentValue<'a> {
    match args.first() {
        Some(FluentValue::Number(number)) => FluentValue::from(format(number.value)),
        _ => FluentValue::Error,
    }
}

fn date_of<'a>(args: &[FluentValue<'a>], format: impl Fn(&str) -> String) -> FluentValue<'a> {
    match args.first() {
        Some(FluentValue::String(text)) => FluentValue::from(format(text)),
        _ => FluentValue::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Keys made from a table's column name; they are used when some room of the house names the column.
    const COLUMN: &str = "column-";

    fn keys(catalogue: &str) -> BTreeSet<&str> {
        let is_key = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase());
        catalogue.lines().filter(is_key).filter_map(|line| line.split(" = ").next()).collect()
    }

    /// Every source file below a crate's `src`, as one text.
    #[expect(clippy::disallowed_methods, reason = "the test reads the crate's own source")]
    fn source(of: &str) -> String {
        fn read(dir: &std::path::Path, all: &mut String) {
            for entry in std::fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    read(&path, all);
                } else {
                    all.push_str(&std::fs::read_to_string(&path).unwrap());
                }
            }
        }
        let mut all = String::new();
        read(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(of), &mut all);
        all
    }

    #[test]
    fn both_catalogues_parse_and_have_the_same_keys() {
        for catalogue in [ZH, EN] {
            assert!(FluentResource::try_new(catalogue.to_owned()).is_ok());
        }
        assert_eq!(keys(ZH), keys(EN));
    }

    #[test]
    fn both_languages_are_told_the_same_arguments() {
        let arguments = |catalogue: &'static str, key: &str| -> BTreeSet<&'static str> {
            let after = catalogue.split(&format!("\n{key} = ")).nth(1).unwrap_or("");
            let own = after.lines().take_while(|l| !l.is_empty()).enumerate();
            let own = own.take_while(|(i, line)| *i == 0 || line.starts_with(' '));
            own.flat_map(|(_, line)| line.split('$').skip(1))
                .map(|rest| {
                    rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap()
                })
                .collect()
        };
        for key in keys(EN) {
            assert_eq!(arguments(ZH, key), arguments(EN, key), "{key}");
        }
    }

    #[test]
    fn every_key_is_used_and_every_used_key_exists() {
        let rooms = [
            "src",
            "../market/src",
            "../product/src",
            "../fund/src",
            "../warning/src",
            "../spiral/src",
            "../data/src",
            "../cli/src",
        ]
        .map(source);
        let source = &rooms[0];
        for key in keys(EN) {
            let quoted = |name: &str| format!("\"{name}\"");
            let is_used = match key.strip_prefix(COLUMN) {
                Some(column) => rooms.iter().any(|room| room.contains(&quoted(column))),
                None => source.contains(&quoted(key)),
            };
            assert!(is_used, "nobody uses `{key}`");
        }
        for opening in ["words(\"", "message(\""] {
            for (at, _) in
                source.match_indices(opening).filter(|(at, _)| !source[..*at].ends_with('.'))
            {
                let key = source[at + opening.len()..].split('"').next().unwrap();
                assert!(key.is_empty() || has_message(key), "`{key}` is not in the catalogue");
            }
        }
    }

    #[test]
    fn numbers_are_formatted_by_the_message() {
        let text = message("swap-line-call", &[("ratio", 0.15.into())]);
        assert_eq!(text, Text::new("追保线 15%", "call 15%"));
    }
}
