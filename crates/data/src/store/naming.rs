//! Names of data files: `part-000007-1-202404.parquet` is the span starting in April 2024 as the first
//! attempt at import 7 wrote it.
//!
//! A file is never written twice, because a killed attempt may have left a version that names it. So
//! the next attempt at the same import takes the next number.

/// The name of a file.
pub(super) fn part(import_no: u64, attempt: u64, span: &str) -> String {
    format!("part-{import_no:06}-{attempt}-{span}.parquet")
}

/// Import, attempt and span of a name; `None` for files that are not the store's.
pub(super) fn parse(name: &str) -> Option<(u64, u64, &str)> {
    let mut words = name.strip_prefix("part-")?.strip_suffix(".parquet")?.splitn(3, '-');
    let import_no = words.next()?.parse().ok()?;
    let attempt = words.next()?.parse().ok()?;
    Some((import_no, attempt, words.next()?))
}

/// The first attempt number of an import that no name uses.
pub(super) fn next_attempt(names: &[String], import_no: u64) -> u64 {
    let attempts = names.iter().filter_map(|name| parse(name)).filter(|p| p.0 == import_no);
    attempts.map(|p| p.1).max().map_or(1, |last| last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_strangers_do_not() {
        let name = part(7, 2, "202404");
        assert_eq!(parse(&name), Some((7, 2, "202404")));
        assert_eq!(next_attempt(std::slice::from_ref(&name), 7), 3);
        assert_eq!(next_attempt(&[name], 8), 1);
        assert_eq!(parse("part-00000-abc.snappy.parquet"), None);
        assert_eq!(parse("notes.txt"), None);
    }
}
