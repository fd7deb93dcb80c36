//! A mapping file: what the columns of a file of the user's own mean.
//!
//! ```toml
//! table = "stock_daily"
//! kind = "stock"                 # what bare codes name
//! date_format = "20240205"
//!
//! [columns]                      # source column = canonical column
//! "交易日" = "date"
//! "代码" = "symbol"
//! "收盘" = "close"
//! "成交额" = { to = "amount", unit = "万元" }
//! "市值" = { to = "total_market_cap", unit = "亿元" }
//!
//! [constants]
//! variant = "total_return"
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use shoals_core::SecurityKind;

use crate::{DataError, MarketTable};

use super::sniff::DateFormat;

/// What a user's columns mean; read from TOML, unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    /// Table the rows belong to; columns of its companion (bars and valuation) may be named too.
    pub table: Option<MarketTable>,
    /// What bare codes name.
    pub kind: Option<SecurityKind>,
    /// The security of a file that does not name it.
    pub symbol: Option<String>,
    /// Encoding, as `gb18030`.
    pub encoding: Option<String>,
    /// Delimiter.
    pub delimiter: Option<char>,
    /// How dates are written, by example: `20240205`, `2024-02-05`, `2024/2/5`, `excel`.
    pub date_format: Option<DateFormat>,
    /// Source column to canonical column.
    pub columns: BTreeMap<String, Target>,
    /// Canonical text column to one value for every row, as `variant = "total_return"`.
    pub constants: BTreeMap<String, String>,
}

/// Where a source column goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A canonical column, values in its canonical unit.
    Column(String),
    /// A canonical column and the unit the file writes.
    WithUnit(TargetWithUnit),
}

/// A canonical column and the unit the file writes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetWithUnit {
    /// Canonical column.
    pub to: String,
    /// Unit word, as `万元`, or a factor, as `10000`.
    pub unit: String,
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TargetVisitor)
    }
}

/// Reads a column name, or a table of column and unit whose misspelt keys are named.
struct TargetVisitor;

impl<'de> Visitor<'de> for TargetVisitor {
    type Value = Target;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a canonical column, or { to = \"amount\", unit = \"万元\" }")
    }

    fn visit_str<E>(self, name: &str) -> Result<Target, E> {
        Ok(Target::Column(name.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Target, A::Error> {
        let target = TargetWithUnit::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Target::WithUnit(target))
    }
}

impl Target {
    /// The canonical column.
    pub fn column(&self) -> &str {
        match self {
            Self::Column(name) => name,
            Self::WithUnit(target) => &target.to,
        }
    }

    /// The unit, when one is given.
    pub fn unit(&self) -> Option<&str> {
        match self {
            Self::Column(_) => None,
            Self::WithUnit(target) => Some(&target.unit),
        }
    }
}

impl FromStr for Mapping {
    type Err = DataError;

    /// Reads a mapping file's text.
    fn from_str(text: &str) -> Result<Self, DataError> {
        parse(text, "mapping")
    }
}

impl Mapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// A file that cannot be read, a misspelt key or a value that is not legal.
    pub fn read(path: &Path) -> Result<Self, DataError> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|cause| DataError::Unreadable { file: file.clone(), cause })?;
        parse(&text, &file)
    }
}

fn parse(text: &str, file: &str) -> Result<Mapping, DataError> {
    toml::from_str(text).map_err(|error| DataError::Corrupt {
        file: file.to_owned(),
        format: "mapping",
        reason: error.to_string().trim_end().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_names_columns_units_and_constants() {
        let mapping: Mapping = "table = \"stock_daily\"\nkind = \"stock\"\n[columns]\n\
             day = \"date\"\n\"额\" = { to = \"amount\", unit = \"万元\" }\n"
            .parse()
            .unwrap();
        assert_eq!(mapping.table, Some(MarketTable::StockDaily));
        assert_eq!(mapping.kind, Some(SecurityKind::Stock));
        assert_eq!(mapping.columns["额"].column(), "amount");
        assert_eq!(mapping.columns["额"].unit(), Some("万元"));
    }

    #[test]
    fn a_misspelt_mapping_is_refused_with_its_key() {
        for (text, part) in [
            ("tabel = \"stock_daily\"", "tabel"),
            ("table = \"stocks\"", "stocks"),
            ("[columns]\nx = { to = \"amount\", unti = \"元\" }", "unti"),
            ("kind = \"share\"", "share"),
        ] {
            let error = text.parse::<Mapping>().unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
