//! What is left of each factor's significance when all that were tried count.

use super::{EXHIBIT, name};
use crate::ReportError;
use crate::exhibit::{Cell, Shown, ShownColumn};
use crate::exhibits::source::Source;
use crate::i18n::{Text, message, words};
use crate::number::Format;

use super::finding::p_words;

/// The trials at a horizon; none where a single factor was tried.
pub(super) fn table(source: &Source, horizon: f64) -> Result<Option<Shown>, ReportError> {
    let frame = source.frame(EXHIBIT, "trial")?;
    let (factors, horizons) = (frame.words("factor")?, frame.numbers("horizon")?);
    let (icir, t) = (frame.numbers("icir")?, frame.numbers("t_newey_west")?);
    let (p, adjusted) = (frame.numbers("p_value")?, frame.numbers("adjusted_p_value")?);
    let deflated = frame.numbers("deflated")?;
    let rows: Vec<usize> = (0..frame.n_rows()).filter(|i| horizons[*i] == horizon).collect();
    if rows.is_empty() {
        return Ok(None);
    }
    let args = [("horizon", horizon.into()), ("n", rows.len().into())];
    let mut table = Shown::new("trial", message("factor-table-trial", &args), columns());
    for i in rows {
        let probability = |p: f64| Cell::Words(Text::same(p_words(p)));
        table = table.row(vec![
            Cell::Words(name::factor(&factors[i])),
            Cell::Number(icir[i]),
            Cell::Number(t[i]),
            probability(p[i]),
            probability(adjusted[i]),
            Cell::Number(deflated[i]),
        ]);
    }
    table.note = words("factor-table-trial-note");
    Ok(Some(table))
}

fn columns() -> Vec<ShownColumn> {
    let two = Format::Number(2);
    vec![
        ShownColumn::words(words("factor-head-factor")),
        ShownColumn::number(words("factor-head-icir"), two),
        ShownColumn::number(words("factor-head-t"), two),
        ShownColumn::words(words("factor-head-alone")),
        ShownColumn::words(words("factor-head-adjusted")),
        ShownColumn::number(words("factor-head-deflated"), Format::Percent(0)),
    ]
}
