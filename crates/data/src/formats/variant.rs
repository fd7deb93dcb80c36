//! Is an index level a price or a total return one?

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, StringArray};

use crate::{DataError, Loaded, MarketTable};

/// The words of the column.
const WORDS: [&str; 2] = ["price", "total_return"];

/// The variant a canonical code stands for: CSI numbers total return indices `H0` and `H2` and four
/// digits (H00300 of 000300, H20955 of 930955); `H1` and `H3` are price indices.
pub(crate) fn of_code(code: &str) -> &'static str {
    let number = code.split('.').next().unwrap_or_default();
    let is_total = number.len() == 6
        && (number.starts_with("H0") || number.starts_with("H2"))
        && number[1..].bytes().all(|b| b.is_ascii_digit());
    WORDS[usize::from(is_total)]
}

/// The variant of each row of a symbol column.
pub(crate) fn of_codes(codes: &ArrayRef) -> ArrayRef {
    let codes = codes.as_dictionary::<Int32Type>();
    let names = codes.values().as_string::<i32>().iter();
    let known: Vec<&str> = names.map(|name| of_code(name.unwrap_or_default())).collect();
    Arc::new(codes.keys().iter().map(|key| key.map(|k| known[k as usize])).collect::<StringArray>())
}

/// Whether a word may stand in the column.
pub(crate) fn is_word(word: &str) -> bool {
    WORDS.contains(&word)
}

/// Refuses index rows whose variant is another word.
///
/// # Errors
/// At the first such row.
pub(crate) fn check(loaded: &Loaded) -> Result<(), DataError> {
    if loaded.table != MarketTable::IndexDaily {
        return Ok(());
    }
    let mut at = 0;
    for batch in &loaded.batches {
        let words = batch.column_by_name("variant").expect("the schema has it").as_string::<i32>();
        if let Some(i) = words.iter().position(|word| word.is_some_and(|word| !is_word(word))) {
            return Err(DataError::BadValue {
                file: loaded.file.clone(),
                row: loaded.source_row(at + i),
                column: loaded.source_column("variant").to_owned(),
                found: words.value(i).to_owned(),
                expected: WORDS.join(" or "),
            });
        }
        at += words.len();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_csi_says_which_variant_it_is() {
        for (code, variant) in [
            ("H00300.CSI", "total_return"),
            ("H00852.SH", "total_return"),
            ("H20955.CSI", "total_return"),
            ("000300.SH", "price"),
            ("H30533.CSI", "price"),
            ("H11001.CSI", "price"),
            ("H0ME12.OWN", "price"),
        ] {
            assert_eq!(of_code(code), variant, "{code}");
        }
    }
}
