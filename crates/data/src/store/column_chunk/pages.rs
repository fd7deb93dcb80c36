//! Pages under one codec, and the metadata of the chunk they make.

use arrow::buffer::BooleanBuffer;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use zstd::bulk::Compressor;

use super::bits;

/// An encoded column chunk, ready to be appended to a row group.
pub(in crate::store) struct Chunk {
    /// Its pages.
    pub(in crate::store) bytes: Vec<u8>,
    /// What the file's footer says of it.
    pub(in crate::store) close: ColumnCloseResult,
}

/// The pages written so far.
pub(super) struct Pages<'a> {
    descriptor: &'a ColumnDescPtr,
    sink: TrackedWrite<Vec<u8>>,
    compressor: Compressor<'static>,
    page: Vec<u8>,
    encodings: Vec<Encoding>,
    uncompressed: usize,
    dictionary_offset: Option<i64>,
    data_offset: Option<i64>,
}

impl<'a> Pages<'a> {
    pub(super) fn new(descriptor: &'a ColumnDescPtr) -> Result<Self, ParquetError> {
        Ok(Self {
            descriptor,
            sink: TrackedWrite::new(Vec::new()),
            compressor: Compressor::new(ZstdLevel::default().compression_level())?,
            page: Vec::new(),
            encodings: Vec::new(),
            uncompressed: 0,
            dictionary_offset: None,
            data_offset: None,
        })
    }

    /// Writes the dictionary page: `n` values, plain.
    pub(super) fn dictionary(&mut self, plain: &[u8], n: usize) -> Result<(), ParquetError> {
        self.encodings.push(Encoding::PLAIN);
        let page = Page::DictionaryPage {
            buf: self.compressor.compress(plain)?.into(),
            num_values: n as u32,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        self.dictionary_offset = Some(self.write(page, plain.len())?);
        Ok(())
    }

    /// Writes a data page of `rows`; `values` appends the encoded values of the rows that have one.
    pub(super) fn data(
        &mut self,
        rows: &BooleanBuffer,
        encoding: Encoding,
        values: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), ParquetError> {
        self.page.clear();
        if self.descriptor.max_def_level() > 0 {
            bits::levels(rows, &mut self.page);
        }
        values(&mut self.page);
        if self.data_offset.is_none() {
            self.encodings.extend([Encoding::RLE, encoding]);
        }
        let page = Page::DataPage {
            buf: self.compressor.compress(&self.page)?.into(),
            num_values: rows.len() as u32,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let offset = self.write(page, self.page.len())?;
        self.data_offset.get_or_insert(offset);
        Ok(())
    }

    /// Writes a page; returns where it starts.
    fn write(&mut self, page: Page, uncompressed: usize) -> Result<i64, ParquetError> {
        let mut writer = SerializedPageWriter::new(&mut self.sink);
        let spec = writer.write_page(CompressedPage::new(page, uncompressed))?;
        self.uncompressed += spec.uncompressed_size;
        Ok(spec.offset as i64)
    }

    pub(super) fn finish(
        self,
        n_rows: usize,
        statistics: Statistics,
    ) -> Result<Chunk, ParquetError> {
        let bytes = self.sink.into_inner()?;
        let metadata = ColumnChunkMetaData::builder(self.descriptor.clone())
            .set_encodings(self.encodings)
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_num_values(n_rows as i64)
            .set_total_compressed_size(bytes.len() as i64)
            .set_total_uncompressed_size(self.uncompressed as i64)
            .set_data_page_offset(self.data_offset.unwrap_or_default())
            .set_dictionary_page_offset(self.dictionary_offset)
            .set_statistics(statistics)
            .build()?;
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: n_rows as u64,
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok(Chunk { bytes, close })
    }
}

/// Doubles as the plain encoding has them.
pub(super) fn plain(values: &[f64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
