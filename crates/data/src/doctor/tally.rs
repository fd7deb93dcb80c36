//! Counting cases without keeping them: how many per file, and the first.

use rayon::prelude::*;
use shoals_core::{Finding, Severity};

use super::checks::Check;
use super::index::{Life, Piece, Sheet};

/// How many rows of a file show a case, and the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hits {
    pub(super) count: u64,
    pub(super) first: u32,
}

impl Hits {
    const NONE: Self = Self { count: 0, first: u32::MAX };

    /// The local rows below `n` that are bad. Two passes: the count vectorises, and cases are rare.
    pub(super) fn of(n: usize, is_bad: impl Fn(usize) -> bool) -> Self {
        let count: u32 = (0..n).map(|i| u32::from(is_bad(i))).sum();
        let first = if count == 0 { None } else { (0..n).find(|&i| is_bad(i)) };
        Self { count: u64::from(count), first: first.map_or(u32::MAX, |i| i as u32) }
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.first = self.first.min(other.first);
    }
}

/// Cases of one check, file by file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tally(Vec<Hits>);

impl Tally {
    fn slot(&mut self, file: usize) -> &mut Hits {
        if self.0.len() <= file {
            self.0.resize(file + 1, Hits::NONE);
        }
        &mut self.0[file]
    }

    /// Counts one row.
    pub(super) fn hit(&mut self, file: usize, row: usize) {
        self.slot(file).merge(Hits { count: 1, first: row as u32 });
    }

    /// Counts the bad rows of a piece.
    pub(super) fn scan(&mut self, piece: &Piece, is_bad: impl Fn(usize) -> bool) {
        let hits = Hits::of(piece.n_rows(), is_bad);
        if hits.count > 0 {
            self.slot(piece.file)
                .merge(Hits { count: hits.count, first: hits.first + piece.first as u32 });
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (file, &hits) in other.0.iter().enumerate() {
            if hits.count > 0 {
                self.slot(file).merge(hits);
            }
        }
    }

    /// The hits of the files that pass.
    pub(super) fn where_file(&self, passes: impl Fn(usize, Hits) -> bool) -> Self {
        let kept =
            |(file, &hits): (usize, &Hits)| if passes(file, hits) { hits } else { Hits::NONE };
        Self(self.0.iter().enumerate().map(kept).collect())
    }

    /// The hits of a file.
    pub(super) fn in_file(&self, file: usize) -> Hits {
        self.0.get(file).copied().unwrap_or(Hits::NONE)
    }

    /// One finding a file with hits: `describe` says what was found and expected at the first row.
    pub(super) fn report(
        &self,
        sheet: &Sheet,
        check: &Check,
        column: Option<&str>,
        out: &mut Vec<Finding>,
        describe: impl Fn(usize) -> (String, String),
    ) {
        self.report_as(sheet, check, column, out, |_, _| check.severity, describe);
    }

    /// As [`report`](Self::report), with a severity that depends on the file and its hits.
    pub(super) fn report_as(
        &self,
        sheet: &Sheet,
        check: &Check,
        column: Option<&str>,
        out: &mut Vec<Finding>,
        severity: impl Fn(usize, Hits) -> Severity,
        describe: impl Fn(usize) -> (String, String),
    ) {
        for (file, &hits) in self.0.iter().enumerate().filter(|(_, hits)| hits.count > 0) {
            let row = hits.first as usize;
            let (found, expected) = describe(row);
            let severity = severity(file, hits);
            let finding = sheet.finding_at(check, severity, row, column, found, expected);
            out.push(finding.counted(hits.count));
        }
    }
}

/// Several tallies that are filled side by side.
pub(super) trait Merge: Default + Send {
    fn merge(&mut self, other: &Self);
}

impl<const N: usize> Merge for [Tally; N]
where
    Self: Default,
{
    fn merge(&mut self, other: &Self) {
        for (tally, other) in self.iter_mut().zip(other) {
            tally.merge(other);
        }
    }
}

/// Runs `check` over every piece, in parallel.
pub(super) fn over_pieces<M: Merge>(sheet: &Sheet, check: impl Fn(&Piece, &mut M) + Sync) -> M {
    sheet
        .pieces
        .par_iter()
        .fold(M::default, |mut tallies, piece| {
            check(piece, &mut tallies);
            tallies
        })
        .reduce(M::default, |mut left, right| {
            left.merge(&right);
            left
        })
}

/// Runs `check` over every subject, in parallel.
pub(super) fn over_subjects<M: Merge>(sheet: &Sheet, check: impl Fn(usize, &mut M) + Sync) -> M {
    (0..sheet.subjects.len())
        .into_par_iter()
        .with_min_len(16)
        .fold(M::default, |mut tallies, subject| {
            check(subject, &mut tallies);
            tallies
        })
        .reduce(M::default, |mut left, right| {
            left.merge(&right);
            left
        })
}

/// Runs `check` over every subject's life, in parallel; `S` is scratch space kept between subjects.
pub(super) fn over_lives<M: Merge, S: Default + Send>(
    sheet: &Sheet,
    check: impl Fn(usize, &Life, &mut S, &mut M) + Sync,
) -> M {
    (0..sheet.subjects.len())
        .into_par_iter()
        .with_min_len(16)
        .fold(
            || (M::default(), Life::default(), S::default()),
            |(mut tallies, mut life, mut scratch), subject| {
                sheet.life(subject, &mut life);
                check(subject, &life, &mut scratch, &mut tallies);
                (tallies, life, scratch)
            },
        )
        .map(|(tallies, _, _)| tallies)
        .reduce(M::default, |mut left, right| {
            left.merge(&right);
            left
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_count_the_bad_rows_and_keep_the_first() {
        let is_bad = |i: usize| i % 3 == 2;
        assert_eq!(Hits::of(8, is_bad), Hits { count: 2, first: 2 });
        assert_eq!(Hits::of(2, is_bad), Hits::NONE);
        let mut tally = Tally::default();
        tally.hit(1, 7);
        tally.hit(1, 4);
        assert_eq!(tally.in_file(1), Hits { count: 2, first: 4 });
        assert_eq!(tally.in_file(0), Hits::NONE);
        assert_eq!(tally.in_file(5), Hits::NONE);
    }
}
