//! One source column: how its cells are read and where the values are kept.

use std::sync::Arc;

use arrow::buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow_array::types::{
    ArrowPrimitiveType, Date32Type, Float64Type, Int64Type, TimestampMicrosecondType,
};
use arrow_array::{ArrayRef, BooleanArray, Int32Array, PrimitiveArray, StringArray};
use shoals_core::SecurityKind;

use super::number::{
    NotFinite, Scale, from_text, half_width, is_missing, leading_decimal, leading_integer,
    not_finite,
};
use super::symbol::SymbolCoder;
use super::{Dialect, date};

/// How the cells of a source column are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Action {
    /// Not read.
    Skip,
    /// Days.
    Day,
    /// Local times.
    Timestamp,
    /// Numbers, multiplied by the factor to the canonical unit.
    Number(f64),
    /// Whole numbers after the factor.
    Count(f64),
    /// Yes or no.
    Flag,
    /// Whether the security traded: the opposite of suspended.
    TradeStatus,
    /// Codes, bare ones read as the kind.
    Symbol(Option<SecurityKind>),
    /// Text.
    Text,
}

/// Why a cell was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Trouble {
    /// A key cell without value.
    MissingKey,
    /// No day.
    BadDate,
    /// No number.
    BadNumber,
    /// `NaN`, or the error word of a spreadsheet.
    NotANumber,
    /// An infinity.
    Infinite,
    /// No yes or no.
    BadFlag,
    /// No security code.
    BadSymbol,
    /// Bytes of another encoding.
    BadEncoding,
    /// Too few or too many cells.
    RaggedRow,
    /// A quotation mark without its partner.
    OpenQuote,
    /// A source line of the exporter.
    SourceLine,
}

/// Values read so far; nulls are kept aside because they are few.
#[derive(Default)]
pub(crate) struct Values<T> {
    items: Vec<T>,
    nulls: Vec<u32>,
}

impl<T: Copy + Default> Values<T> {
    #[inline]
    fn push(&mut self, value: T) {
        self.items.push(value);
    }

    fn push_null(&mut self) {
        self.nulls.push(self.items.len() as u32);
        self.items.push(T::default());
    }

    fn push_option(&mut self, value: Option<T>) {
        match value {
            Some(value) => self.push(value),
            None => self.push_null(),
        }
    }

    fn truncate(&mut self, n: usize) {
        self.items.truncate(n);
        let kept = self.nulls.partition_point(|&i| (i as usize) < n);
        self.nulls.truncate(kept);
    }

    fn validity(&self) -> Option<NullBuffer> {
        if self.nulls.is_empty() {
            return None;
        }
        let mut valid = arrow_array::builder::BooleanBufferBuilder::new(self.items.len());
        valid.append_n(self.items.len(), true);
        for &i in &self.nulls {
            valid.set_bit(i as usize, false);
        }
        Some(NullBuffer::new(valid.finish()))
    }
}

fn primitive<P: ArrowPrimitiveType>(values: Values<P::Native>) -> ArrayRef
where
    P::Native: Default,
{
    let validity = values.validity();
    Arc::new(PrimitiveArray::<P>::new(values.items.into(), validity))
}

/// The cells of one source column within one chunk.
pub(crate) enum Column {
    /// Not kept.
    Skip,
    /// Days.
    Day(Values<i32>),
    /// Local times.
    Timestamp(Values<i64>),
    /// Numbers and their scale.
    Number(Values<f64>, Scale),
    /// Whole numbers and their scale.
    Count(Values<i64>, Scale),
    /// Yes or no; the second says what the source's "1" means.
    Flag(Values<bool>, bool),
    /// Numbers of symbols.
    Symbol(Values<i32>, Box<SymbolCoder>),
    /// Text end to end, and where each cell's ends.
    Text(String, Values<i32>),
}

/// Where a cell ended and what was wrong with it.
pub(crate) type Taken = (usize, Option<Trouble>);

impl Column {
    pub(crate) fn new(action: Action, n_rows: usize) -> Self {
        fn empty<T>(n: usize) -> Values<T> {
            Values { items: Vec::with_capacity(n), nulls: Vec::new() }
        }
        match action {
            Action::Skip => Self::Skip,
            Action::Day => Self::Day(empty(n_rows)),
            Action::Timestamp => Self::Timestamp(empty(n_rows)),
            Action::Number(factor) => Self::Number(empty(n_rows), Scale::of(factor)),
            Action::Count(factor) => Self::Count(empty(n_rows), Scale::of(factor)),
            Action::Flag => Self::Flag(empty(n_rows), true),
            Action::TradeStatus => Self::Flag(empty(n_rows), false),
            Action::Symbol(kind) => Self::Symbol(empty(n_rows), Box::new(SymbolCoder::new(kind))),
            Action::Text => Self::Text(String::new(), empty(n_rows)),
        }
    }

    /// Reads the cell at `at`: the fast path when it is plain, else as text.
    #[inline]
    pub(crate) fn take(&mut self, bytes: &[u8], at: usize, dialect: Dialect) -> Taken {
        let rest = &bytes[at..];
        let fast = match self {
            Self::Skip => return (cell_end(bytes, at, dialect.delimiter), None),
            Self::Day(values) => date::leading_day(rest, dialect.date_format)
                .filter(|(_, n)| ends_at(rest, *n, dialect.delimiter))
                .map(|(day, n)| {
                    values.push(day);
                    n
                }),
            Self::Number(values, scale) => leading_decimal(rest, *scale)
                .filter(|(_, n)| ends_at(rest, *n, dialect.delimiter))
                .map(|(value, n)| {
                    values.push(value);
                    n
                }),
            Self::Count(values, scale) => leading_integer(rest)
                .filter(|(_, n)| *scale == Scale::ONE && ends_at(rest, *n, dialect.delimiter))
                .map(|(value, n)| {
                    values.push(value);
                    n
                }),
            Self::Flag(values, one) => match rest {
                [bit @ (b'0' | b'1'), end, ..] if *end == dialect.delimiter || *end == b'\n' => {
                    values.push((*bit == b'1') == *one);
                    Some(1)
                }
                _ => None,
            },
            Self::Symbol(values, coder) => {
                coder.repeated(rest, dialect.delimiter).map(|(code, n)| {
                    values.push(code);
                    n
                })
            }
            Self::Timestamp(_) | Self::Text(..) => None,
        };
        match fast {
            Some(n) => (at + n, None),
            None => self.take_text(bytes, at, dialect),
        }
    }

    /// Reads the cell at `at` as text: quotes, blanks, separators, missing words.
    fn take_text(&mut self, bytes: &[u8], at: usize, dialect: Dialect) -> Taken {
        let end = cell_end(bytes, at, dialect.delimiter);
        let raw = trim(&bytes[at..end]);
        if raw.first() == Some(&b'"') && (raw.len() < 2 || raw.last() != Some(&b'"')) {
            self.push_null();
            return (end, Some(Trouble::OpenQuote));
        }
        if let Self::Symbol(values, coder) = self
            && !raw.is_empty()
            && raw[0] != b'"'
            && let Ok(code) = coder.code(raw)
        {
            values.push(code);
            return (end, None);
        }
        let Ok(text) = std::str::from_utf8(raw) else {
            self.push_null();
            return (end, Some(Trouble::BadEncoding));
        };
        (end, self.push_text(&unquote(text), dialect).err())
    }

    /// Reads one cell's text.
    ///
    /// # Errors
    /// What is wrong with it; a null is kept in its place.
    pub(crate) fn push_text(&mut self, text: &str, dialect: Dialect) -> Result<(), Trouble> {
        let outcome = self.keep_text(text.trim(), dialect);
        if outcome.is_err() {
            self.push_null();
        }
        outcome
    }

    /// Keeps the value a trimmed text stands for; on an error nothing is kept.
    fn keep_text(&mut self, text: &str, dialect: Dialect) -> Result<(), Trouble> {
        match self {
            Self::Skip => {}
            Self::Flag(values, one) => {
                values.push_option(flag(text, *one).map_err(|()| Trouble::BadFlag)?);
            }
            Self::Number(values, scale) => values.push_option(number(text, *scale)?),
            Self::Count(values, scale) => values.push_option(whole(text, *scale)?),
            _ if is_missing(text) => self.push_null(),
            Self::Day(values) => {
                let day = date::from_text(text, dialect.date_format);
                values.push(day.ok_or(Trouble::BadDate)?);
            }
            Self::Timestamp(values) => {
                let stamp = date::timestamp(text, dialect.date_format);
                values.push(stamp.ok_or(Trouble::BadDate)?);
            }
            Self::Symbol(values, coder) => {
                let plain: String = text.chars().map(half_width).collect();
                values.push(coder.code(plain.as_bytes()).map_err(|_| Trouble::BadSymbol)?);
            }
            Self::Text(data, ends) => {
                data.push_str(text);
                ends.push(data.len() as i32);
            }
        }
        Ok(())
    }

    /// Keeps a null.
    pub(crate) fn push_null(&mut self) {
        match self {
            Self::Skip => {}
            Self::Day(values) | Self::Symbol(values, _) => values.push_null(),
            Self::Timestamp(values) | Self::Count(values, _) => values.push_null(),
            Self::Number(values, _) => values.push_null(),
            Self::Flag(values, _) => values.push_null(),
            Self::Text(data, ends) => {
                ends.push_null();
                *ends.items.last_mut().expect("just pushed") = data.len() as i32;
            }
        }
    }

    /// Whether the last cell is null.
    pub(crate) fn is_last_null(&self) -> bool {
        fn last<T>(values: &Values<T>) -> bool {
            values.nulls.last().is_some_and(|i| *i as usize + 1 == values.items.len())
        }
        match self {
            Self::Skip => false,
            Self::Day(values) | Self::Symbol(values, _) => last(values),
            Self::Timestamp(values) | Self::Count(values, _) => last(values),
            Self::Number(values, _) => last(values),
            Self::Flag(values, _) => last(values),
            Self::Text(_, ends) => last(ends),
        }
    }

    /// Forgets the cells from `n` on.
    pub(crate) fn truncate(&mut self, n: usize) {
        match self {
            Self::Skip => {}
            Self::Day(values) | Self::Symbol(values, _) => values.truncate(n),
            Self::Timestamp(values) | Self::Count(values, _) => values.truncate(n),
            Self::Number(values, _) => values.truncate(n),
            Self::Flag(values, _) => values.truncate(n),
            Self::Text(data, ends) => {
                ends.truncate(n);
                data.truncate(ends.items.last().map_or(0, |end| *end as usize));
            }
        }
    }
}

/// Index of the delimiter or line end that closes the cell at `at`.
#[inline]
pub(crate) fn cell_end(bytes: &[u8], at: usize, delimiter: u8) -> usize {
    let rest = &bytes[at..];
    if rest.first() == Some(&b'"')
        && let Some(close) = closing_quote(rest)
    {
        let after = at + close + 1;
        return after + next_mark(&bytes[after..], delimiter);
    }
    at + next_mark(rest, delimiter)
}

#[inline]
fn next_mark(bytes: &[u8], delimiter: u8) -> usize {
    memchr::memchr2(delimiter, b'\n', bytes).unwrap_or(bytes.len())
}

/// Index of the quotation mark that closes the one `bytes` starts with; `""` stands for one inside.
fn closing_quote(bytes: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        let quote = at + memchr::memchr(b'"', bytes.get(at..)?)?;
        if bytes.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        at = quote + 2;
    }
}

#[inline]
fn ends_at(rest: &[u8], n: usize, delimiter: u8) -> bool {
    rest.get(n).is_some_and(|b| *b == delimiter || *b == b'\n' || *b == b'\r')
}

fn trim(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii()
}

/// A cell without its quotation marks.
pub(crate) fn unquote(text: &str) -> std::borrow::Cow<'_, str> {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) if inner.contains("\"\"") => inner.replace("\"\"", "\"").into(),
        Some(inner) => inner.into(),
        None => text.into(),
    }
}

/// A number, or nothing.
///
/// # Errors
/// When the text is no number, or one that is not finite.
fn number(text: &str, scale: Scale) -> Result<Option<f64>, Trouble> {
    match not_finite(text) {
        Some(NotFinite::NotANumber) => return Err(Trouble::NotANumber),
        Some(NotFinite::Infinite) => return Err(Trouble::Infinite),
        None => {}
    }
    let value = from_text(text, scale).map_err(|()| Trouble::BadNumber)?;
    if value.is_some_and(f64::is_infinite) { Err(Trouble::Infinite) } else { Ok(value) }
}

/// A number rounded to a whole one, or nothing.
///
/// # Errors
/// As [`number`], and when no 64-bit integer holds it.
fn whole(text: &str, scale: Scale) -> Result<Option<i64>, Trouble> {
    const LARGEST: f64 = 9.2e18;
    match number(text, scale)?.map(f64::round) {
        Some(value) if value.abs() >= LARGEST => Err(Trouble::BadNumber),
        value => Ok(value.map(|x| x as i64)),
    }
}

/// What is kept of a yes or no; `None` is "not known".
///
/// Words about trading mean the same in either kind of column; `one` says what a plain yes means.
///
/// # Errors
/// When the text is no answer at all.
fn flag(text: &str, one: bool) -> Result<Option<bool>, ()> {
    const YES: &[&str] = &["1", "1.0", "true", "t", "yes", "y", "是", "st", "*st"];
    const NO: &[&str] = &["0", "0.0", "false", "f", "no", "n", "否"];
    const TRADING: &[&str] = &["交易", "正常交易", "正常"];
    let word = text.to_lowercase();
    let word = word.as_str();
    if word == "停牌" || TRADING.contains(&word) {
        return Ok(Some(word == "停牌"));
    }
    if word == "-1" || word == "-1.0" || is_missing(text) {
        return Ok(None);
    }
    if YES.contains(&word) {
        return Ok(Some(one));
    }
    if NO.contains(&word) { Ok(Some(!one)) } else { Err(()) }
}

/// A column in Arrow form; symbol columns are still numbers of the chunk's own coder.
pub(crate) enum Finished {
    /// Not kept.
    Skip,
    /// Any type but symbols.
    Array(ArrayRef),
    /// Numbers of symbols and the coder that gave them.
    Symbol(Int32Array, Box<SymbolCoder>),
}

impl Column {
    /// The column in Arrow form.
    pub(crate) fn finish(self) -> Finished {
        Finished::Array(match self {
            Self::Skip => return Finished::Skip,
            Self::Symbol(values, coder) => {
                let validity = values.validity();
                return Finished::Symbol(Int32Array::new(values.items.into(), validity), coder);
            }
            Self::Day(values) => primitive::<Date32Type>(values),
            Self::Timestamp(values) => primitive::<TimestampMicrosecondType>(values),
            Self::Number(values, _) => primitive::<Float64Type>(values),
            Self::Count(values, _) => primitive::<Int64Type>(values),
            Self::Flag(values, _) => {
                let validity = values.validity();
                let bits = BooleanBuffer::collect_bool(values.items.len(), |i| values.items[i]);
                Arc::new(BooleanArray::new(bits, validity))
            }
            Self::Text(data, ends) => {
                let validity = ends.validity();
                let offsets = std::iter::once(0).chain(ends.items).collect::<Vec<i32>>();
                let offsets = OffsetBuffer::new(offsets.into());
                Arc::new(StringArray::new(offsets, data.into_bytes().into(), validity))
            }
        })
    }
}
