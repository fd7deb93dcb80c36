//! The only place of this room that touches files.

#![expect(
    clippy::disallowed_methods,
    reason = "the report writes its own files, here and nowhere else"
)]

use std::fs;
use std::path::Path;

use crate::ReportError;

/// Makes a directory and its parents.
pub(crate) fn make_dir(path: &Path) -> Result<(), ReportError> {
    fs::create_dir_all(path).map_err(|cause| ReportError::Write { path: path.to_owned(), cause })
}

/// Writes a whole file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), ReportError> {
    fs::write(path, bytes).map_err(|cause| ReportError::Write { path: path.to_owned(), cause })
}
