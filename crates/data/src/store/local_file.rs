//! The store's touch on the file system: every path a message names is named here.

#![expect(clippy::disallowed_methods, reason = "the store is where market files are kept")]

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::record::SourceFile;
use crate::DataError;

fn unwritable(path: &Path, cause: std::io::Error) -> DataError {
    DataError::Unwritable { file: path.display().to_string(), cause }
}

fn unreadable(path: &Path, cause: std::io::Error) -> DataError {
    DataError::Unreadable { file: path.display().to_string(), cause }
}

/// A new file to write.
pub(super) fn create(path: &Path) -> Result<File, DataError> {
    File::create(path).map_err(|cause| unwritable(path, cause))
}

/// A file to read.
pub(super) fn open(path: &Path) -> Result<File, DataError> {
    File::open(path).map_err(|cause| unreadable(path, cause))
}

/// The text of a file.
pub(super) fn text(path: &Path) -> Result<String, DataError> {
    fs::read_to_string(path).map_err(|cause| unreadable(path, cause))
}

/// A directory and those above it.
pub(super) fn create_directory(path: &Path) -> Result<(), DataError> {
    fs::create_dir_all(path).map_err(|cause| unwritable(path, cause))
}

/// The path without links and dots; the directory must exist.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, DataError> {
    fs::canonicalize(path).map_err(|cause| unreadable(path, cause))
}

/// Names in a directory, sorted; none when there is no such directory.
pub(super) fn names(directory: &Path) -> Result<Vec<String>, DataError> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(unreadable(directory, cause)),
    };
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    Ok(names)
}

/// Removes a file; one that is gone already is no error.
pub(super) fn remove(path: &Path) -> Result<(), DataError> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => Err(unwritable(path, cause)),
        _ => Ok(()),
    }
}

/// Waits until the file's bytes have reached the disk.
pub(super) fn settle(path: &Path) -> Result<(), DataError> {
    open(path)?.sync_all().map_err(|cause| unwritable(path, cause))
}

/// Size of a file in bytes.
pub(super) fn size(path: &Path) -> Result<u64, DataError> {
    fs::metadata(path).map(|data| data.len()).map_err(|cause| unreadable(path, cause))
}

/// The regular files at `path`: itself, or everything below it, sorted.
pub(super) fn below(path: &Path) -> Result<Vec<PathBuf>, DataError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for name in names(path)? {
        files.extend(below(&path.join(name))?);
    }
    Ok(files)
}

/// The lock of a store directory, held as long as the value lives. The operating system releases it
/// when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Drop for Lock {
    /// Lets go in words: a child process that is just being started shares the open file, and closing
    /// it here alone would leave the lock to that child.
    fn drop(&mut self) {
        let _ = self.0.unlock();
    }
}

/// Takes the lock, or says that somebody else has it.
pub(super) fn lock(directory: &Path) -> Result<Lock, DataError> {
    let path = directory.join(".lock");
    let file = create(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(fs::TryLockError::WouldBlock) => {
            Err(DataError::StoreBusy { path: directory.display().to_string() })
        }
        Err(fs::TryLockError::Error(cause)) => Err(unwritable(&path, cause)),
    }
}

/// Reads a file once and hashes it.
pub(super) fn hash(path: &Path) -> Result<SourceFile, DataError> {
    let mut file = open(path)?;
    let (mut hasher, mut buffer, mut bytes) = (Sha256::new(), vec![0; 1 << 18], 0);
    loop {
        let n = file.read(&mut buffer).map_err(|cause| unreadable(path, cause))?;
        if n == 0 {
            break;
        }
        bytes += n as u64;
        hasher.update(&buffer[..n]);
    }
    let sha256 = hexadecimal(&hasher.finalize());
    Ok(SourceFile { path: path.display().to_string(), bytes, sha256 })
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).expect("below 16");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Witness: the first example of FIPS 180-4.
    #[test]
    fn a_file_is_hashed_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("abc.csv");
        fs::write(&path, "abc").unwrap();
        let file = hash(&path).unwrap();
        assert_eq!(file.bytes, 3);
        assert_eq!(file.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
