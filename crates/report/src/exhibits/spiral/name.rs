//! Names of holders, mechanisms and kinds of events for readers.

use crate::i18n::{Text, words};

const HOLDERS: [(&str, &str); 9] = [
    ("dma", "spiral-holder-dma"),
    ("neutral", "spiral-holder-neutral"),
    ("enhanced", "spiral-holder-enhanced"),
    ("snowball", "spiral-holder-snowball"),
    ("chaser", "spiral-holder-chaser"),
    ("bargain", "spiral-holder-bargain"),
    ("locked", "spiral-holder-locked"),
    ("margin_account", "spiral-holder-margin"),
    ("national_team", "spiral-holder-team"),
];

const CHANNELS: [(&str, &str); 9] = [
    ("dma_calls", "spiral-channel-dma"),
    ("redemption", "spiral-channel-redemption"),
    ("enhanced", "spiral-channel-enhanced"),
    ("snowball", "spiral-channel-snowball"),
    ("chaser", "spiral-channel-chaser"),
    ("margin_accounts", "spiral-channel-margin"),
    ("locked", "spiral-channel-locked"),
    ("depth", "spiral-channel-depth"),
    ("fund_mix", "spiral-channel-mix"),
];

const KINDS: [(&str, &str); 8] = [
    ("rule", "spiral-kind-rule"),
    ("purchase", "spiral-kind-purchase"),
    ("knock_in", "spiral-kind-knock-in"),
    ("forced_sale", "spiral-kind-forced-sale"),
    ("wiped_out", "spiral-kind-wiped-out"),
    ("limit_down", "spiral-kind-limit-down"),
    ("margin_call", "spiral-kind-margin-call"),
    ("cascade", "spiral-kind-cascade"),
];

/// The words of a name, or the name itself.
fn of(list: &[(&str, &str)], name: &str) -> Text {
    let found = list.iter().find(|(known, _)| *known == name);
    found.map_or_else(|| Text::same(name), |(_, key)| words(key))
}

/// Every kind of holder, by its stable name.
pub(super) fn holders() -> impl Iterator<Item = &'static str> {
    HOLDERS.into_iter().map(|(name, _)| name)
}

pub(super) fn holder(name: &str) -> Text {
    of(&HOLDERS, name)
}

pub(super) fn channel(name: &str) -> Text {
    of(&CHANNELS, name)
}

pub(super) fn kind(name: &str) -> Text {
    of(&KINDS, name)
}

/// A name inside a sentence: without its capital, but where it is a word of capitals.
pub(super) fn within(name: &Text) -> Text {
    let mut letters = name.en.chars();
    let first = letters.next();
    let is_plain = letters.clone().next().is_some_and(char::is_lowercase);
    match first.filter(|_| is_plain) {
        Some(first) => {
            Text::new(name.zh.clone(), first.to_lowercase().chain(letters).collect::<String>())
        }
        None => name.clone(),
    }
}
