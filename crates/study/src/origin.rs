//! Where every value of the effective configuration came from.

use serde::{Deserialize, Serialize};

/// Who set a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Nobody: the documented default holds.
    Default,
    /// The study file.
    File,
    /// A flag of the command line.
    Flag,
}

/// One value of the effective configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EffectiveValue {
    /// Dotted key, as `inversion.window_days`.
    pub key: String,
    /// The value as TOML.
    pub value: String,
    /// Who set it.
    pub origin: Origin,
}

/// Every leaf of `effective`, with its origin: in `flags`, else in the file, else the default.
pub(crate) fn effective_values(
    effective: &toml::Table,
    file: &toml::Table,
    flags: &[String],
) -> Vec<EffectiveValue> {
    let mut leaves = Vec::new();
    collect(&toml::Value::Table(effective.clone()), String::new(), &mut leaves);
    let file = toml::Value::Table(file.clone());
    leaves
        .into_iter()
        .map(|(key, value)| {
            let origin = if flags.contains(&key) {
                Origin::Flag
            } else if holds(&file, &key) {
                Origin::File
            } else {
                Origin::Default
            };
            EffectiveValue { key, value, origin }
        })
        .collect()
}

fn collect(value: &toml::Value, key: String, leaves: &mut Vec<(String, String)>) {
    let under = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
    match value {
        toml::Value::Table(table) => {
            table.iter().for_each(|(name, value)| collect(value, under(name), leaves));
        }
        toml::Value::Array(items) if items.iter().any(toml::Value::is_table) => {
            let numbered = items.iter().enumerate();
            numbered.for_each(|(i, item)| collect(item, under(&i.to_string()), leaves));
        }
        leaf => leaves.push((key, leaf.to_string())),
    }
}

/// Whether the dotted key leads to a value.
fn holds(value: &toml::Value, key: &str) -> bool {
    let step = |value: &toml::Value, name: &str| match value {
        toml::Value::Table(table) => table.get(name).cloned(),
        toml::Value::Array(items) => name.parse::<usize>().ok().and_then(|i| items.get(i).cloned()),
        _ => None,
    };
    key.split('.').try_fold(value.clone(), |value, name| step(&value, name)).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_says_who_set_it() {
        let effective: toml::Table =
            "seed = 7\n[inversion]\nwindow_days = 20\n[[book]]\nname = \"a\"\nrate = 0.04\n"
                .parse()
                .unwrap();
        let file: toml::Table =
            "[inversion]\nwindow_days = 20\n[[book]]\nname = \"a\"\n".parse().unwrap();
        let values = effective_values(&effective, &file, &["seed".to_owned()]);
        let origins: Vec<(&str, &str, Origin)> =
            values.iter().map(|v| (v.key.as_str(), v.value.as_str(), v.origin)).collect();
        assert_eq!(origins.len(), 4);
        assert!(origins.contains(&("seed", "7", Origin::Flag)));
        assert!(origins.contains(&("inversion.window_days", "20", Origin::File)));
        assert!(origins.contains(&("book.0.name", "\"a\"", Origin::File)));
        assert!(origins.contains(&("book.0.rate", "0.04", Origin::Default)));
    }
}
