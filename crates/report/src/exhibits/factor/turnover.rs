//! How fast a factor changes its names inside each size bucket.

use super::{EXHIBIT, name};
use crate::ReportError;
use crate::exhibit::{Cell, Shown, ShownColumn};
use crate::exhibits::source::Source;
use crate::i18n::{message, words};
use crate::number::Format;

/// New names at the shortest lag, a row a factor and bucket: lowest quantile, mean of all, highest. None where nothing was
/// counted inside buckets.
pub(super) fn table(source: &Source, buckets: &[String]) -> Result<Option<Shown>, ReportError> {
    let Some(frame) = source.optional(EXHIBIT, "bucket_turnover") else { return Ok(None) };
    let (factors, groups) = (frame.words("factor")?, frame.words("bucket")?);
    let (lags, quantiles) = (frame.numbers("lag")?, frame.numbers("quantile")?);
    let shares = frame.numbers("new_names")?;
    let Some(lag) = lags.iter().copied().reduce(f64::min) else { return Ok(None) };
    let args = [("lag", lag.into())];
    let mut table = Shown::new("new_names", message("factor-table-new", &args), columns());
    let rows: Vec<usize> = (0..frame.n_rows()).filter(|i| lags[*i] == lag).collect();
    let is_same = |a: &usize, b: &usize| factors[*a] == factors[*b] && groups[*a] == groups[*b];
    for of_bucket in rows.chunk_by(is_same) {
        let of_quantile = |edge: fn(f64, f64) -> f64| {
            let at = of_bucket.iter().map(|i| quantiles[*i]).reduce(edge);
            let row = of_bucket.iter().find(|i| Some(quantiles[**i]) == at);
            row.map_or(f64::NAN, |i| shares[*i])
        };
        let known: Vec<f64> =
            of_bucket.iter().map(|i| shares[*i]).filter(|share| share.is_finite()).collect();
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        table = table.row(vec![
            Cell::Words(name::factor(&factors[of_bucket[0]])),
            Cell::Words(name::bucket(&groups[of_bucket[0]], buckets)),
            Cell::Number(of_quantile(f64::min)),
            Cell::Number(mean),
            Cell::Number(of_quantile(f64::max)),
        ]);
    }
    table.note = words("factor-table-new-note");
    Ok(Some(table))
}

fn columns() -> Vec<ShownColumn> {
    let percent = |key: &str| ShownColumn::number(words(key), Format::Percent(1));
    vec![
        ShownColumn::words(words("factor-head-factor")),
        ShownColumn::words(words("factor-head-bucket")),
        percent("factor-head-lowest"),
        percent("factor-head-mean-quantile"),
        percent("factor-head-highest"),
    ]
}
