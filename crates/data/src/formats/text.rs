//! Files to UTF-8: containers told by their first bytes, encodings by their content.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

use super::delimited::Source;
use crate::DataError;

/// What a file is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    /// Apache Parquet.
    Parquet,
    /// An Excel workbook, either kind.
    Workbook,
    /// A JSON document.
    Json,
    /// A web page, most likely an error of a server.
    Html,
    /// Text, perhaps compressed with gzip.
    Text,
}

/// Bytes looked at to tell encoding and layout.
const HEAD_BYTES: usize = 256 << 10;

/// A text file ready to be parsed.
pub(crate) struct Text {
    /// The file as the user named it.
    pub(crate) file: String,
    /// Its name without extensions.
    pub(crate) stem: String,
    /// `UTF-8`, `gb18030` or `UTF-16LE`.
    pub(crate) encoding: &'static str,
    /// Whether a byte order mark stood first.
    pub(crate) has_bom: bool,
    /// All of it; data start is not known yet, the byte order mark is left out.
    pub(crate) source: Source,
    /// Its first lines, whole.
    pub(crate) head: String,
}

/// What the file at `path` is.
///
/// # Errors
/// When it cannot be read or is empty.
pub(crate) fn container(path: &Path) -> Result<Container, DataError> {
    let head = first_bytes(path, 512)?;
    if head.is_empty() {
        return Err(corrupt(path, "text", "it is empty"));
    }
    if head.starts_with(b"PAR1") {
        return Ok(Container::Parquet);
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Ok(Container::Workbook);
    }
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head).trim_ascii_start();
    let opening = text[..text.len().min(15)].to_ascii_lowercase();
    if opening.starts_with(b"<!doctype") || opening.starts_with(b"<html") {
        return Ok(Container::Html);
    }
    let is_json = matches!(text.first(), Some(b'{' | b'['));
    Ok(if is_json { Container::Json } else { Container::Text })
}

/// Opens a text file: plain, with a byte order mark, GBK or GB18030, UTF-16, or any of them gzipped.
///
/// # Errors
/// When it cannot be read, is empty, not text, cut, or not of the encoding the user named.
pub(crate) fn open(path: &Path, encoding: Option<&str>) -> Result<Text, DataError> {
    let head = first_bytes(path, HEAD_BYTES)?;
    if head.starts_with(&[0x1F, 0x8B]) {
        return decode(path, &inflate(path)?, encoding);
    }
    let named = encoding.map(|label| known_encoding(path, label)).transpose()?;
    let is_plain = named.is_none_or(|named| named == UTF_8)
        && !head.starts_with(&[0xFF, 0xFE])
        && !head.starts_with(&[0xFE, 0xFF])
        && is_utf8_prefix(&head);
    if !is_plain {
        return decode(path, &read_whole(path)?, encoding);
    }
    refuse_binary(path, &head)?;
    let len = std::fs::metadata(path).map_err(|cause| unreadable(path, cause))?.len();
    let has_bom = head.starts_with(b"\xEF\xBB\xBF");
    let start = if has_bom { 3 } else { 0 };
    Ok(Text {
        file: name(path),
        stem: stem(path),
        encoding: UTF_8.name(),
        has_bom,
        head: head_text(&head[start as usize..], len > HEAD_BYTES as u64),
        source: Source::File { path: path.to_owned(), start, len },
    })
}

/// Text already in UTF-8, as converters from other containers make it.
pub(crate) fn in_memory(path: &Path, text: String) -> Text {
    let cut = text.len() > HEAD_BYTES;
    Text {
        file: name(path),
        stem: stem(path),
        encoding: UTF_8.name(),
        has_bom: false,
        head: head_text(&text.as_bytes()[..text.len().min(HEAD_BYTES)], cut),
        source: Source::Memory { bytes: text.into_bytes(), start: 0 },
    }
}

fn decode(path: &Path, bytes: &[u8], encoding: Option<&str>) -> Result<Text, DataError> {
    if bytes.is_empty() {
        return Err(corrupt(path, "text", "it is empty"));
    }
    let (encoding, bom) = match encoding {
        Some(label) => (known_encoding(path, label)?, Encoding::for_bom(bytes).map_or(0, |b| b.1)),
        None => guess(bytes),
    };
    let (text, had_errors) = encoding.decode_without_bom_handling(&bytes[bom..]);
    if had_errors {
        return Err(undecodable(path, encoding));
    }
    refuse_binary(path, &text.as_bytes()[..text.len().min(HEAD_BYTES)])?;
    let text = text.into_owned();
    Ok(Text { encoding: encoding.name(), has_bom: bom > 0, ..in_memory(path, text) })
}

/// The encoding of bytes: a mark, valid UTF-8, or the Chinese one.
fn guess(bytes: &[u8]) -> (&'static Encoding, usize) {
    if let Some((encoding, len)) = Encoding::for_bom(bytes) {
        return (encoding, len);
    }
    let is_utf8 = std::str::from_utf8(bytes).is_ok();
    (if is_utf8 { UTF_8 } else { GB18030 }, 0)
}

fn known_encoding(path: &Path, label: &str) -> Result<&'static Encoding, DataError> {
    let known = Encoding::for_label(label.as_bytes())
        .filter(|encoding| [UTF_8, GBK, GB18030, UTF_16LE, UTF_16BE].contains(encoding));
    known.ok_or_else(|| DataError::Ambiguous {
        file: name(path),
        question: format!("there is no encoding `{label}`"),
        how: "--encoding utf-8, gb18030 or utf-16le".to_owned(),
    })
}

fn undecodable(path: &Path, encoding: &'static Encoding) -> DataError {
    DataError::Ambiguous {
        file: name(path),
        question: format!("its bytes are not {} throughout", encoding.name()),
        how: "--encoding utf-8 or --encoding gb18030, or save it again as UTF-8".to_owned(),
    }
}

/// Whether bytes cut anywhere are the beginning of UTF-8 text.
fn is_utf8_prefix(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && bytes.len() - error.valid_up_to() < 4,
    }
}

fn refuse_binary(path: &Path, head: &[u8]) -> Result<(), DataError> {
    if memchr::memchr(0, head).is_some() {
        return Err(corrupt(path, "text", "it holds binary data"));
    }
    Ok(())
}

/// The first lines as text; the last one is left out when it may be cut.
fn head_text(bytes: &[u8], is_cut: bool) -> String {
    let end = if is_cut {
        memchr::memrchr(b'\n', bytes).map_or(bytes.len(), |n| n + 1)
    } else {
        bytes.len()
    };
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

fn first_bytes(path: &Path, n: usize) -> Result<Vec<u8>, DataError> {
    let mut head = Vec::new();
    let file = File::open(path).map_err(|cause| unreadable(path, cause))?;
    file.take(n as u64).read_to_end(&mut head).map_err(|cause| unreadable(path, cause))?;
    Ok(head)
}

/// The whole file.
pub(crate) fn read_whole(path: &Path) -> Result<Vec<u8>, DataError> {
    std::fs::read(path).map_err(|cause| unreadable(path, cause))
}

fn inflate(path: &Path) -> Result<Vec<u8>, DataError> {
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(&read_whole(path)?[..])
        .read_to_end(&mut bytes)
        .map_err(|cause| corrupt(path, "gzip", cause.to_string()))?;
    Ok(bytes)
}

/// The file as the user named it.
pub(crate) fn name(path: &Path) -> String {
    path.display().to_string()
}

/// The file's name without `.csv`, `.csv.gz` and the like.
pub(crate) fn stem(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let known = [".gz", ".csv", ".txt", ".tsv", ".json", ".xlsx", ".xls", ".xlsm", ".parquet"];
    let mut stem: &str = &name;
    while let Some(shorter) = known.iter().find_map(|end| stem.strip_suffix(end)) {
        stem = shorter;
    }
    stem.to_owned()
}

/// The error of a file that cannot be read.
pub(crate) fn unreadable(path: &Path, cause: std::io::Error) -> DataError {
    DataError::Unreadable { file: name(path), cause }
}

/// The error of a file that is broken as a whole.
pub(crate) fn corrupt(path: &Path, format: &'static str, reason: impl Into<String>) -> DataError {
    DataError::Corrupt { file: name(path), format, reason: reason.into() }
}

/// The error with its file, where a columnar operation did not know it.
pub(crate) fn named(path: &Path, error: DataError) -> DataError {
    match error {
        DataError::Arrow(cause) => corrupt(path, "data", cause.to_string()),
        other => other,
    }
}

/// The path of a file a finding may name.
pub(crate) fn path_of(file: &str) -> PathBuf {
    PathBuf::from(file)
}
