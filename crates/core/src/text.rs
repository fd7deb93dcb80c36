//! The same words in the two languages of the house.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

/// A language of what people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    /// 中文.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Both languages, the first reader's first.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// `zh` or `en`, as on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// The tag browsers and screen readers know: `zh-CN` or `en`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// The same words in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Text {
    /// 中文.
    pub zh: String,
    /// English; what programs read where there is room for one language.
    pub en: String,
}

impl Text {
    /// Words in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// What reads the same in both: a symbol, a contract, a number.
    pub fn same(text: impl Into<String>) -> Self {
        let en = text.into();
        Self { zh: en.clone(), en }
    }

    /// The words in one language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }

    /// Whether both languages are empty.
    pub fn is_empty(&self) -> bool {
        self.zh.is_empty() && self.en.is_empty()
    }

    /// Sentences one after the other: nothing between them in Chinese, a space in English.
    #[must_use]
    pub fn sentences<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        Self::joined(parts, ["", " "])
    }

    /// Things one after the other, with a comma in English and 、 in Chinese.
    #[must_use]
    pub fn listed<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        Self::joined(parts, ["、", ", "])
    }

    /// Clauses one after the other, with a semicolon.
    #[must_use]
    pub fn clauses<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Self {
        Self::joined(parts, ["；", "; "])
    }

    fn joined<'a>(parts: impl IntoIterator<Item = &'a Self>, between: [&str; 2]) -> Self {
        let parts: Vec<&Self> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        let one = |lang, sep| parts.iter().map(|t| t.get(lang)).collect::<Vec<_>>().join(sep);
        Self { zh: one(Lang::Zh, between[0]), en: one(Lang::En, between[1]) }
    }

    /// Serialises the English alone, for `serde(serialize_with)` where programs expect a string.
    ///
    /// # Errors
    /// When the serialiser fails.
    pub fn serialize_english<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.en)
    }
}
