//! The two encodings of a page's values, and the levels that say which rows have one.

use arrow::buffer::BooleanBuffer;

/// Bits an index below `n` takes; at least 1.
pub(super) fn width(n: usize) -> u32 {
    usize::BITS - n.saturating_sub(1).max(1).leading_zeros()
}

/// Appends `indices` as one bit-packed run of the RLE hybrid, `width` bits each, lowest bit first.
pub(super) fn packed_run(indices: &[u32], width: u32, page: &mut Vec<u8>) {
    let n_groups = indices.len().div_ceil(8);
    run_header((n_groups as u64) << 1 | 1, page);
    let end = page.len() + n_groups * width as usize;
    let (mut word, mut filled) = (0_u64, 0);
    for &index in indices {
        word |= u64::from(index) << filled;
        filled += width;
        if filled >= 32 {
            page.extend((word as u32).to_le_bytes());
            word >>= 32;
            filled -= 32;
        }
    }
    page.extend(word.to_le_bytes());
    page.resize(end, 0);
}

/// Appends the definition levels of `rows`: their length, then one run.
pub(super) fn levels(rows: &BooleanBuffer, page: &mut Vec<u8>) {
    let at = page.len();
    page.extend([0; 4]);
    if rows.count_set_bits() == rows.len() {
        run_header((rows.len() as u64) << 1, page);
        page.push(1);
    } else {
        run_header((rows.len().div_ceil(8) as u64) << 1 | 1, page);
        page.extend_from_slice(rows.sliced().as_slice());
    }
    let length = (page.len() - at - 4) as u32;
    page[at..at + 4].copy_from_slice(&length.to_le_bytes());
}

/// Appends the bytes of `values`: all first bytes, then all second ones, to the eighth.
pub(super) fn split(values: &[f64], page: &mut Vec<u8>) {
    for byte in 0..8 {
        page.extend(values.iter().map(|value| (value.to_bits() >> (8 * byte)) as u8));
    }
}

/// Appends the unsigned variable-length integer a run starts with.
fn run_header(mut header: u64, page: &mut Vec<u8>) {
    while header >= 0x80 {
        page.push(header as u8 | 0x80);
        header >>= 7;
    }
    page.push(header as u8);
}
