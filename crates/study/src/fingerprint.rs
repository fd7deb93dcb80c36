//! One number that stands for everything a study found: equal fingerprints, equal bytes.

use sha2::{Digest, Sha256};
use shoals_core::{Table, Values};

/// SHA-256 over names and values, written as lower-case hexadecimal.
#[derive(Debug, Clone, Default)]
pub struct Fingerprint(Sha256);

impl Fingerprint {
    /// Adds a piece of text; its length goes first, so that pieces cannot run into each other.
    pub fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
    }

    /// Adds a table: its name, and each column's name and values.
    pub fn table(&mut self, table: &Table) {
        self.text(table.name());
        for column in table.columns() {
            self.text(&column.name);
            self.values(&column.values);
        }
    }

    /// The fingerprint of everything added.
    pub fn finish(self) -> String {
        self.0.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            for nibble in [byte >> 4, byte & 15] {
                text.push(char::from_digit(nibble.into(), 16).expect("a nibble is a digit"));
            }
            text
        })
    }

    fn values(&mut self, values: &Values) {
        self.0.update((values.len() as u64).to_le_bytes());
        for row in 0..values.len() {
            match values {
                Values::Day(days) => self.0.update(days[row].epoch_days().to_le_bytes()),
                Values::Symbol(symbols) => self.text(symbols[row].as_str()),
                Values::Text(texts) => self.text(&texts[row]),
                Values::Words(words) => self.text(&words[row].en),
                Values::Number(numbers) => self.number(numbers[row]),
                Values::Count(counts) => self.0.update(counts[row].to_le_bytes()),
                Values::Flag(flags) => self.0.update([u8::from(flags[row])]),
            }
        }
    }

    /// Every NaN is the same "no observation".
    fn number(&mut self, x: f64) {
        let x = if x.is_nan() { f64::NAN } else { x };
        self.0.update(x.to_bits().to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tables: &[Table]) -> String {
        let mut fingerprint = Fingerprint::default();
        for table in tables {
            fingerprint.table(table);
        }
        fingerprint.finish()
    }

    #[test]
    fn any_change_of_a_name_or_value_shows() {
        let table =
            |name: &str, column: &str, x: f64| Table::new(name).with(column, "", vec![x, f64::NAN]);
        let base = of(&[table("a", "b", 1.0)]);
        assert_eq!(base, of(&[table("a", "b", 1.0)]));
        assert_eq!(base.len(), 64);
        for other in
            [table("x", "b", 1.0), table("a", "x", 1.0), table("a", "b", 1.0 + f64::EPSILON)]
        {
            assert_ne!(base, of(&[other]));
        }
    }

    #[test]
    fn every_nan_is_the_same() {
        let with = |nan: f64| of(&[Table::new("t").with("x", "", vec![nan])]);
        assert_eq!(with(f64::NAN), with(-f64::NAN));
    }

    /// Witness: the published SHA-256 of the empty message.
    #[test]
    fn nothing_added_is_the_digest_of_nothing() {
        assert!(Fingerprint::default().finish().starts_with("e3b0c44298fc1c14"));
    }
}
