//! What the numbers of a factor in its told bucket amount to, in words.

use super::sheet::{Break, Path, Payoff, Sheet};
use super::{SIGNIFICANT_P, SIGNIFICANT_T, name};
use crate::i18n::{Arg, Text, message, words};
use crate::number;

/// A factor in its told bucket, as far as it can be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    /// It ranks returns, was worth holding after costs, and no decline is proven.
    Pays,
    /// It ranks returns, but costs took more than it made.
    Unpaid,
    /// It paid, and pays less since a break.
    Fell,
    /// It paid until a break, and not after it.
    Stopped,
    /// Nothing that noise would not show.
    Nothing,
    /// It ranked returns the other way.
    Against,
}

impl Finding {
    pub(super) fn of(sheet: &Sheet) -> Self {
        let told = sheet.told();
        let Some(payoff) = sheet.payoff(told) else { return Self::Nothing };
        let fall = sheet.break_of(told).filter(|found| found.is_fall());
        let net = sheet.path(told).map_or(f64::NAN, Path::net_gain);
        match fall {
            Some(fall) if fall.before > 0.0 && fall.after <= 0.0 => Self::Stopped,
            Some(fall) if fall.after > 0.0 && payoff.is_positive() => Self::Fell,
            _ if payoff.is_positive() && net < 0.0 => Self::Unpaid,
            _ if payoff.is_positive() => Self::Pays,
            _ if payoff.t <= -SIGNIFICANT_T => Self::Against,
            _ => Self::Nothing,
        }
    }

    const fn clause_key(self) -> &'static str {
        match self {
            Self::Pays => "factor-clause-pays",
            Self::Unpaid => "factor-clause-unpaid",
            Self::Fell => "factor-clause-fell",
            Self::Stopped => "factor-clause-stopped",
            Self::Nothing => "factor-clause-nothing",
            Self::Against => "factor-clause-against",
        }
    }
}

impl Payoff {
    fn is_positive(&self) -> bool {
        self.t >= SIGNIFICANT_T
    }
}

impl Break {
    pub(super) fn is_significant(&self) -> bool {
        self.p < SIGNIFICANT_P
    }

    pub(super) fn is_fall(&self) -> bool {
        self.is_significant() && self.after < self.before
    }
}

/// `p = 0.021`; bounded where three decimals would print nothing, and above 0.3, where the tail the
/// probability is taken from is none.
pub(super) fn p_words(p: f64) -> String {
    match p {
        p if p < 0.001 => "p < 0.001".to_owned(),
        p if p > 0.3 => "p > 0.3".to_owned(),
        p => format!("p = {}", number::fixed(p, 3)),
    }
}

/// The finding as a clause of a title: `value still pays (RankIC 0.062, t 5.2)`.
pub(super) fn clause(sheet: &Sheet) -> Text {
    message(Finding::of(sheet).clause_key(), &args(sheet))
}

/// The answer's paragraph on one factor: payoff, break, money, sizes.
pub(super) fn paragraph(sheet: &Sheet) -> Text {
    let args = args(sheet);
    let told = sheet.told();
    let mut parts = vec![message("factor-answer", &args)];
    if let Some(found) = sheet.break_of(told) {
        let key = match (found.is_significant(), found.after < found.before) {
            (true, true) => "factor-break-fell",
            (true, false) => "factor-break-rose",
            (false, _) => "factor-break-none",
        };
        parts.push(message(key, &args));
    }
    if sheet.path(told).is_some() {
        let has_fallen = sheet.break_of(told).is_some_and(Break::is_fall);
        parts.push(message(if has_fallen { "factor-paid-since" } else { "factor-paid" }, &args));
    }
    parts.extend(across_sizes(sheet));
    Text::sentences(&parts)
}

/// One sentence for page one.
pub(super) fn verdict_sentence(sheet: &Sheet) -> Text {
    let mut args = args(sheet);
    args.push(("clause", clause(sheet).into()));
    let key =
        if sheet.path(sheet.told()).is_some() { "factor-verdict" } else { "factor-verdict-bare" };
    message(key, &args)
}

/// Where among the sizes it pays most and least.
fn across_sizes(sheet: &Sheet) -> Option<Text> {
    let mut rows: Vec<(&str, &Payoff)> = sheet
        .buckets
        .iter()
        .filter_map(|bucket| Some((bucket.as_str(), sheet.payoff(bucket)?)))
        .filter(|(_, payoff)| payoff.mean.is_finite())
        .collect();
    rows.sort_by(|a, b| a.1.mean.total_cmp(&b.1.mean));
    let (worst, best) = (rows.first()?, rows.last()?);
    (rows.len() > 1).then(|| {
        let args = [
            ("best", name::bucket(best.0, &sheet.buckets).into()),
            ("best_mean", best.1.mean.into()),
            ("best_t", best.1.t.into()),
            ("worst", name::bucket(worst.0, &sheet.buckets).into()),
            ("worst_mean", worst.1.mean.into()),
            ("worst_t", worst.1.t.into()),
        ];
        message("factor-sizes", &args)
    })
}

/// Everything the messages on the told bucket may name.
pub(super) fn args(sheet: &Sheet) -> Vec<(&'static str, Arg)> {
    let told = sheet.told();
    let mut args: Vec<(&'static str, Arg)> = vec![
        ("factor", (&sheet.name).into()),
        ("bucket", name::told(told, &sheet.buckets).into()),
        ("horizon", sheet.horizon().into()),
    ];
    if let Some(payoff) = sheet.payoff(told) {
        args.extend([("mean", payoff.mean.into()), ("t", payoff.t.into()), ("n", payoff.n.into())]);
        args.push(("band", band(payoff).into()));
    }
    if let Some(found) = sheet.break_of(told) {
        args.extend([("day", found.date.into()), ("from", found.low.into())]);
        args.extend([("to", found.high.into()), ("p", p_words(found.p).into())]);
        args.extend([("before", found.before.into()), ("after", found.after.into())]);
    }
    if let Some(path) = sheet.path(told) {
        args.extend([("gross", path.gross_gain().into()), ("net", path.net_gain().into())]);
        let since = sheet.break_of(told).map(|found| path.net_since(&sheet.days, found.date));
        args.push(("since", since.unwrap_or(f64::NAN).into()));
        args.extend([("first", sheet.days[0].into())]);
        args.extend(sheet.days.last().map(|day| ("last", Arg::from(*day))));
        if let Some((year, net)) = path.net_years(&sheet.days).pop() {
            args.extend([("year", year.to_string().into()), ("last_net", net.into())]);
        }
    }
    args
}

fn band(payoff: &Payoff) -> Text {
    if payoff.low.is_finite() && payoff.high.is_finite() {
        let ends = [("low", payoff.low.into()), ("high", payoff.high.into())];
        message("factor-band", &ends)
    } else {
        words("factor-band-none")
    }
}

/// A title that begins with a name: English names stand in small letters elsewhere.
pub(super) fn capitalised(text: &Text) -> Text {
    let mut letters = text.en.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    Text::new(text.zh.clone(), first + letters.as_str())
}

/// Clauses of several factors as one: `a; b`.
pub(super) fn joined(clauses: impl Iterator<Item = Text>) -> Text {
    let clauses: Vec<Text> = clauses.collect();
    let of =
        |of: fn(&Text) -> &str, mark: &str| clauses.iter().map(of).collect::<Vec<_>>().join(mark);
    Text::new(of(|text| text.zh.as_str(), "；"), of(|text| text.en.as_str(), "; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_at_either_end_are_bounded() {
        assert_eq!([4e-5, 0.0214, 1.0].map(p_words), ["p < 0.001", "p = 0.021", "p > 0.3"]);
    }
}
