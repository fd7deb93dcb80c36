//! Readers: files as sources write them in, canonical tables and findings out.
//!
//! A text file is sniffed (encoding, delimiter, date format, header), its columns are recognised by
//! the source's own names, units are brought to CNY, shares and decimals, codes to canonical symbols.
//! What only the user can know — what a bare `000852` names, whether 成交额 is in 万元 — is asked for
//! with [`DataError::Ambiguous`], never guessed. A cell that cannot be read is a finding with its row.
//!
//! Method page: `docs/method/data_formats.md`

#![expect(clippy::disallowed_methods, reason = "the data room reads files")]

mod columnar;
mod complete;
mod delimited;
mod delimited_file;
mod emit;
mod headers;
mod kinds;
mod layout;
mod mapping;
mod navs;
mod parquet_file;
mod profile;
mod qlib;
mod research;
mod shibor;
mod sniff;
mod spreadsheet;
mod table_file;
mod text;
mod tushare;
mod units;
mod variant;
mod walk;
mod wide;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow_array::Array;
use shoals_core::{Finding, Rulebook, SecurityKind, Severity};

pub(crate) use kinds::kinds;
pub use mapping::{Mapping, Target, TargetWithUnit};
pub use navs::{FundValues, fund_symbol, read_navs};
pub use profile::Profile;
pub use sniff::{DateFormat, Sniffed, sniff};
pub use table_file::{read_table, read_table_with};

use self::text::Container;
use crate::{DataError, Loaded, MarketTable};

/// What the user says about a file; everything left out is recognised or asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReadOptions {
    /// Table the rows belong to.
    pub table: Option<MarketTable>,
    /// The security of a file that holds one without naming it, in any code style.
    pub symbol: Option<String>,
    /// What bare codes name.
    pub kind: Option<SecurityKind>,
    /// What the columns mean.
    pub mapping: Option<Mapping>,
    /// Encoding, as `gb18030`.
    pub encoding: Option<String>,
    /// Delimiter of a text file.
    pub delimiter: Option<char>,
    /// How dates are written.
    pub date_format: Option<DateFormat>,
    /// Unit of a column, source or canonical name: `成交额` to `万元`.
    pub units: BTreeMap<String, String>,
    /// Canonical column the cells of a wide file hold (dates down, codes across), as `close`.
    pub value: Option<String>,
    /// Calendar and rules that fill what the files leave to them: expiries, price limits.
    pub rulebook: Rulebook,
}

/// Reads a file, or every recognised file of a directory in sorted order.
///
/// `progress` is told the bytes done and the total. Rows stay in the source's order.
///
/// # Errors
/// A file that is unreadable, broken as a whole, of no known layout, or that leaves a question open.
/// Single cells and rows are findings of the result instead.
pub fn read(
    profile: Profile,
    path: &Path,
    options: &ReadOptions,
    progress: &dyn Fn(u64, u64),
) -> Result<Vec<Loaded>, DataError> {
    refuse_unknown_units(path, options)?;
    let loaded =
        read_path(profile, path, options, progress).map_err(|error| text::named(path, error))?;
    refuse_idle_units(path, options, &loaded)?;
    Ok(loaded)
}

/// Refuses a unit word that is no unit of anything.
fn refuse_unknown_units(path: &Path, options: &ReadOptions) -> Result<(), DataError> {
    let Some((column, unit)) = options.units.iter().find(|(_, unit)| !units::is_known(unit)) else {
        return Ok(());
    };
    Err(DataError::Ambiguous {
        file: text::name(path),
        question: format!("`{unit}` of `{column}` is no unit"),
        how: format!("--unit {column}=UNIT with a factor or one of {}", units::words()),
    })
}

/// Refuses a unit told for a column that no file has.
fn refuse_idle_units(
    path: &Path,
    options: &ReadOptions,
    loaded: &[Loaded],
) -> Result<(), DataError> {
    let is_read = |name: &&String| loaded.iter().any(|one| has_column(one, name));
    let Some(stray) = options.units.keys().find(|name| !is_read(name)) else { return Ok(()) };
    let measured = loaded.iter().flat_map(|one| {
        let columns = one.table.columns().iter().filter(|column| has_values(one, column.name));
        let is_plain = |name| units::dimension(one.table, name) == units::Dimension::Plain;
        columns.filter(move |c| !is_plain(c.name)).map(|c| one.source_column(c.name))
    });
    let measured: Vec<&str> = measured.collect::<BTreeSet<_>>().into_iter().collect();
    Err(DataError::Ambiguous {
        file: text::name(path),
        question: format!("`{stray}` is no column that is read and measured"),
        how: format!("--unit COLUMN=UNIT with a column of {}", measured.join(", ")),
    })
}

/// Whether a table was read from a column of that name, the source's or the canonical one.
fn has_column(loaded: &Loaded, name: &str) -> bool {
    let mut sources = loaded.source_columns.iter();
    sources.any(|(canonical, source)| canonical == name || source == name)
        || has_values(loaded, name)
}

fn has_values(loaded: &Loaded, canonical: &str) -> bool {
    let columns = loaded.batches.iter().filter_map(|batch| batch.column_by_name(canonical));
    columns.into_iter().any(|column| column.null_count() < column.len())
}

fn read_path(
    profile: Profile,
    path: &Path,
    options: &ReadOptions,
    progress: &dyn Fn(u64, u64),
) -> Result<Vec<Loaded>, DataError> {
    if profile == Profile::Qlib || qlib::is_store(path) {
        return qlib::read(path, options, progress);
    }
    if path.is_dir() {
        return walk::read_directory(profile, path, options, progress);
    }
    let loaded = if profile == Profile::Market || profile == Profile::Auto {
        research::read(std::slice::from_ref(&path.to_owned()), &options.rulebook, progress)?
    } else {
        None
    };
    match loaded {
        Some(loaded) => Ok(loaded),
        None if profile == Profile::Market => read_file(Profile::Auto, path, options, progress),
        None => read_file(profile, path, options, progress),
    }
}

/// Reads one file, whatever its extension says it is; every error names it.
fn read_file(
    profile: Profile,
    path: &Path,
    options: &ReadOptions,
    progress: &dyn Fn(u64, u64),
) -> Result<Vec<Loaded>, DataError> {
    read_container(profile, path, options, progress).map_err(|error| text::named(path, error))
}

fn read_container(
    profile: Profile,
    path: &Path,
    options: &ReadOptions,
    progress: &dyn Fn(u64, u64),
) -> Result<Vec<Loaded>, DataError> {
    let container = text::container(path)?;
    let note = mislabelled(path, container)?;
    let encoding = options.encoding.as_deref();
    let encoding = encoding.or(options.mapping.as_ref().and_then(|m| m.encoding.as_deref()));
    let mut loaded = match container {
        Container::Parquet => parquet_file::read(path, profile, options)?,
        Container::Workbook => {
            let mut tables = Vec::new();
            for sheet in spreadsheet::sheets(path)? {
                tables.extend(delimited_file::read(sheet, profile, options, progress)?);
            }
            tables
        }
        Container::Json => {
            let (text, findings) = tushare::response(path)?;
            let mut tables = delimited_file::read(text, Profile::Tushare, options, progress)?;
            add_findings(&mut tables, findings);
            tables
        }
        Container::Html => {
            let reason = "it is a web page, most likely an error the server answered with";
            return Err(text::corrupt(path, "data", reason));
        }
        Container::Text => {
            delimited_file::read(text::open(path, encoding)?, profile, options, progress)?
        }
    };
    add_findings(&mut loaded, note);
    let len = std::fs::metadata(path).map_err(|cause| text::unreadable(path, cause))?.len();
    progress(len, len);
    Ok(loaded)
}

fn add_findings(loaded: &mut [Loaded], findings: impl IntoIterator<Item = Finding>) {
    if let Some(first) = loaded.first_mut() {
        first.findings.extend(findings);
    }
}

/// A file whose extension promises another content: an error where that content is needed, else a note.
fn mislabelled(path: &Path, container: Container) -> Result<Option<Finding>, DataError> {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let promised = match extension.as_str() {
        "parquet" => Container::Parquet,
        "xlsx" | "xls" | "xlsm" | "xlsb" => Container::Workbook,
        "json" => Container::Json,
        "csv" | "txt" | "tsv" => Container::Text,
        _ => return Ok(None),
    };
    if promised == container || container == Container::Html {
        return Ok(None);
    }
    // Many terminals export tab-parted text under the name of a workbook.
    let is_text_workbook = promised == Container::Workbook && container == Container::Text;
    if matches!(promised, Container::Parquet | Container::Json)
        || (is_text_workbook && text::open(path, None).is_err())
    {
        let format = if promised == Container::Parquet { "Parquet" } else { "JSON" };
        let format = if is_text_workbook { "Excel" } else { format };
        return Err(text::corrupt(path, format, "its first bytes are not those of the format"));
    }
    Ok(Some(Finding::new(
        "wrong_extension",
        Severity::Note,
        text::name(path),
        format!("{} under the extension .{extension}", container_word(container)),
        format!("{} there", container_word(promised)),
        "nothing: it is read as what it is; rename it when convenient",
    )))
}

fn container_word(container: Container) -> &'static str {
    match container {
        Container::Parquet => "a Parquet file",
        Container::Workbook => "an Excel workbook",
        Container::Json => "JSON",
        Container::Html => "a web page",
        Container::Text => "delimited text",
    }
}
