//! Is a column in the unit it should be in?
//!
//! Sources write lots or shares, CNY or thousands or ten thousands of it, percent or decimals, and say
//! so only in their manuals. Three kinds of evidence: amount over volume must be a price of the day;
//! shares times price must be the capitalisation; and some magnitudes no market has ever had.

use std::collections::HashMap;

use shoals_core::{Finding, FutureContract, Rules, TradingDay};

use super::checks::{
    AMOUNT_AGAINST_VOLUME, FLOAT_ABOVE_TOTAL, TURNOVER_ABOVE_FLOAT, UNIT_MISTAKE,
    WEIGHTS_INCOMPLETE,
};
use super::index::{Life, Piece, Sheet, gather};
use super::prices::number;
use super::tally::{Merge, Tally, over_lives, over_pieces};
use crate::MarketTable;

/// A power of ten that units are off by.
struct Power {
    exponent: i32,
    /// The likeliest mistaken column.
    column: &'static str,
    /// What amount over volume then says.
    meaning: &'static str,
    /// Ways to set it right, likeliest first: the columns and the units they are in.
    answers: &'static [&'static [(&'static str, &'static str)]],
}

macro_rules! powers {
    ($($power:literal, $column:literal, $meaning:literal, [$([$($of:literal = $unit:literal),+]),+];)*) => {
        &[$(Power {
            exponent: $power,
            column: $column,
            meaning: $meaning,
            answers: &[$(&[$(($of, $unit)),+]),+],
        }),*]
    };
}

const POWERS: &[Power] = powers! {
    1, "volume", "volume is in shares and amount in CNY, and both were read as larger units",
        [["volume" = "股", "amount" = "元"]];
    2, "volume", "volume is in lots of 100", [["volume" = "手"]];
    3, "amount", "amount is in CNY and was read as thousands, or volume is in thousands",
        [["amount" = "元"], ["volume" = "千股"]];
    4, "volume", "volume is in ten thousands, or amount is in CNY and was read as ten thousands",
        [["volume" = "万股"], ["amount" = "元"]];
    8, "volume", "volume is in hundred millions", [["volume" = "亿股"]];
    -1, "amount", "volume is in lots and amount in thousand CNY",
        [["volume" = "手", "amount" = "千元"]];
    -2, "volume", "volume is in shares and was read as lots, or volume is in lots and amount in ten thousand CNY",
        [["volume" = "股"], ["volume" = "手", "amount" = "万元"]];
    -3, "amount", "amount is in thousand CNY", [["amount" = "千元"]];
    -4, "amount", "amount is in ten thousand CNY", [["amount" = "万元"]];
    -6, "amount", "volume is in lots and amount in hundred million CNY",
        [["volume" = "手", "amount" = "亿元"]];
    -8, "amount", "amount is in hundred million CNY", [["amount" = "亿元"]];
};
/// A neighbouring power of ten, up or down, may be a split; it is a unit only when most rows show it.
const SPLIT_LIKE: i32 = 1;
/// The average price may leave the day's range by this much: block trades are not in the range.
const RANGE_SLACK: f64 = 0.05;
/// Without high and low, the average price lies within this fraction of the close.
const CLOSE_RANGE: f64 = 0.30;
/// Turnover above this is no turnover but a unit.
const ABSURD_RATIO: f64 = 50.0;
/// Float above total by more than this is no rounding.
const FLOAT_SLACK: f64 = 1.01;

/// A column whose usual magnitude is known: more than half of its values lie within.
struct Magnitude {
    table: MarketTable,
    column: &'static str,
    low: f64,
    high: f64,
    expected: &'static str,
}

macro_rules! magnitudes {
    ($($table:ident, $column:literal, $low:literal, $high:literal, $expected:literal;)*) => {
        &[$(Magnitude {
            table: MarketTable::$table,
            column: $column,
            low: $low,
            high: $high,
            expected: $expected,
        }),*]
    };
}

const MAGNITUDES: &[Magnitude] = magnitudes! {
    StockDaily, "total_shares", 2e6, 1e12, "shares, above 2 million";
    StockDaily, "free_float_shares", 1e6, 1e12, "shares, above 1 million";
    StockValuation, "total_market_cap", 5e7, 5e13, "CNY, above 50 million";
    StockValuation, "free_float_market_cap", 2e7, 5e13, "CNY, above 20 million";
    StockValuation, "dividend_yield", 0.0, 0.3, "a decimal a year, 3 % written 0.03";
    IndexValuation, "dividend_yield", 0.0, 0.3, "a decimal a year, 3 % written 0.03";
    RateDaily, "rate", 0.0, 0.5, "an annualised decimal, 2 % written 0.02";
    FundamentalQuarterly, "revenue", 1e6, 1e13, "CNY, above 1 million";
    FundamentalQuarterly, "net_profit", 1e5, 1e12, "CNY, above 100 thousand";
    FundamentalQuarterly, "total_equity", 1e7, 1e14, "CNY, above 10 million";
    FundamentalQuarterly, "return_on_equity", 0.0, 0.6, "a decimal, 8 % written 0.08";
    MarginBalance, "financing_balance", 2e9, 1e14, "CNY, above 2 billion";
    MarginBalance, "financing_purchase", 5e7, 1e13, "CNY, above 50 million";
    FundNav, "net_asset", 1e6, 1e12, "CNY, above 1 million";
    FundProfile, "management_fee", 0.0, 0.1, "a decimal a year, 1.5 % written 0.015";
    FundProfile, "performance_fee", 0.0, 0.6, "a decimal of the gain, 20 % written 0.20";
};

pub(super) fn examine(sheet: &Sheet, rules: &Rules, out: &mut Vec<Finding>) {
    for magnitude in MAGNITUDES.iter().filter(|m| m.table == sheet.table) {
        most_within(sheet, magnitude, out);
    }
    match sheet.table {
        MarketTable::StockDaily => {
            average_price(sheet, rules, out);
            above(sheet, ["free_float_shares", "total_shares"], out);
        }
        MarketTable::EtfDaily | MarketTable::FutureDaily | MarketTable::StockMinute => {
            average_price(sheet, rules, out);
        }
        MarketTable::StockValuation => {
            above(sheet, ["free_float_market_cap", "total_market_cap"], out);
        }
        MarketTable::IndexMember => weights(sheet, out),
        _ => {}
    }
}

/// A column most of whose values have a magnitude no market has.
fn most_within(sheet: &Sheet, magnitude: &Magnitude, out: &mut Vec<Finding>) {
    let &Magnitude { column, low, high, expected, .. } = magnitude;
    let [wrong, known]: [Tally; 2] =
        over_pieces(sheet, |piece, [wrong, known]: &mut [Tally; 2]| {
            let Some(values) = piece.numbers(column) else { return };
            let values = &values[..];
            let is_wrong = |x: f64| (x.abs() < low || x.abs() > high) && x != 0.0;
            wrong.scan(piece, |i| is_wrong(values[i]));
            known.scan(piece, |i| values[i].abs() > 0.0);
        });
    let wrong = wrong.where_file(|file, hits| hits.count * 2 > known.in_file(file).count);
    wrong.report(sheet, &UNIT_MISTAKE, Some(column), out, |row| {
        (number(sheet.number(column, row)), format!("{expected} in most rows"))
    });
}

/// Rows by what amount over volume says of their units.
#[derive(Default)]
struct Averages {
    powers: [Tally; POWERS.len()],
    outside: Tally,
    checked: Tally,
    /// Volume above the free float, and so far above that it is a unit.
    turnover: Tally,
    absurd: Tally,
}

impl Merge for Averages {
    fn merge(&mut self, other: &Self) {
        self.powers.merge(&other.powers);
        self.outside.merge(&other.outside);
        self.checked.merge(&other.checked);
        self.turnover.merge(&other.turnover);
        self.absurd.merge(&other.absurd);
    }
}

fn average_price(sheet: &Sheet, rules: &Rules, out: &mut Vec<Finding>) {
    let multipliers = multipliers(sheet, rules);
    let averages: Averages = over_pieces(sheet, |piece, averages: &mut Averages| {
        classify(sheet, piece, &multipliers, averages);
    });
    report_turnover(sheet, &averages, out);
    let n_checked = |file| averages.checked.in_file(file).count;
    let mut outside = averages.outside.clone();
    for (power, tally) in POWERS.iter().zip(&averages.powers) {
        let is_unit = |file, hits: super::tally::Hits| {
            power.exponent.abs() != SPLIT_LIKE || hits.count * 2 > n_checked(file)
        };
        outside.merge(&tally.where_file(|file, hits| !is_unit(file, hits)));
        let meaning = power.meaning;
        let known = out.len();
        tally.where_file(is_unit).report(sheet, &UNIT_MISTAKE, Some(power.column), out, |row| {
            let [amount, volume, close] =
                ["amount", "volume", "close"].map(|name| sheet.number(name, row));
            let average = amount / volume / multiplier_of(sheet, &multipliers, row);
            (
                format!(
                    "amount {} over volume {} = {}; {meaning}",
                    number(amount),
                    number(volume),
                    number(average)
                ),
                format!("an average price near the close {}", number(close)),
            )
        });
        out[known..].iter_mut().for_each(|finding| say_units(sheet, finding, power.answers));
    }
    outside.report(sheet, &AMOUNT_AGAINST_VOLUME, Some("amount"), out, |row| {
        let [amount, volume, low, high] =
            ["amount", "volume", "low", "high"].map(|name| sheet.number(name, row));
        let average = amount / volume / multiplier_of(sheet, &multipliers, row);
        let share = averages.outside.in_file(sheet.file_of(row)).count as f64
            / n_checked(sheet.file_of(row)).max(1) as f64;
        (
            format!(
                "an average price of {} ({:.1} % of the rows are outside)",
                number(average),
                share * 100.0
            ),
            format!("{} to {}", number(low), number(high)),
        )
    });
}

/// Names the options that state the units, in the source's own column names.
pub(super) fn say_units(sheet: &Sheet, finding: &mut Finding, answers: &[&[(&str, &str)]]) {
    let Some(loaded) = sheet.files.iter().find(|loaded| loaded.file == finding.file) else {
        return;
    };
    let flag =
        |(column, unit): &(&str, &str)| format!("--unit {}={unit}", loaded.source_column(column));
    // A future's volume is in lots everywhere.
    let is_sure = sheet.table != MarketTable::FutureDaily;
    let options: Vec<String> = answers
        .iter()
        .filter(|answer| is_sure || answer.iter().all(|(column, _)| *column != "volume"))
        .map(|answer| answer.iter().map(flag).collect::<Vec<_>>().join(" "))
        .collect();
    match &options[..] {
        [] => {}
        [one] => finding.remedy = format!("state the units: {one}"),
        [one, two, ..] => finding.remedy = format!("state the units: {one}, or {two}"),
    }
}

/// CNY per unit of price and volume, by subject: 1 but for futures.
fn multipliers(sheet: &Sheet, rules: &Rules) -> Vec<f64> {
    if sheet.table != MarketTable::FutureDaily {
        return Vec::new();
    }
    let multiplier = |subject: usize| {
        let contract = FutureContract::try_from(sheet.subjects[subject].symbol?).ok()?;
        let day = TradingDay::from_epoch_days(sheet.days[*sheet.rows_of(subject).last()? as usize]);
        rules.future_terms(contract.product, day).ok().map(|terms| terms.multiplier)
    };
    (0..sheet.subjects.len()).map(|subject| multiplier(subject).unwrap_or(f64::NAN)).collect()
}

fn multiplier_of(sheet: &Sheet, multipliers: &[f64], row: usize) -> f64 {
    multipliers.get(sheet.subject_of[row] as usize).copied().unwrap_or(1.0)
}

fn classify(sheet: &Sheet, piece: &Piece, multipliers: &[f64], averages: &mut Averages) {
    let Some(volume) = piece.numbers("volume") else { return };
    turnover(piece, &volume, averages);
    let Some(amount) = piece.numbers("amount") else { return };
    let Some(close) = piece.numbers("close") else { return };
    let (low, high) = (piece.numbers("low"), piece.numbers("high"));
    let range = |i: usize| match (&low, &high) {
        (Some(low), Some(high)) if low[i] > 0.0 && high[i] > 0.0 => (low[i], high[i]),
        _ => (close[i] * (1.0 - CLOSE_RANGE), close[i] * (1.0 + CLOSE_RANGE)),
    };
    averages.checked.scan(piece, |i| amount[i] > 0.0 && volume[i] > 0.0);
    for i in 0..piece.n_rows() {
        let row = piece.first + i;
        let average = amount[i] / volume[i] / multiplier_of(sheet, multipliers, row);
        let (low, high) = range(i);
        let is_within =
            average >= low * (1.0 - RANGE_SLACK) && average <= high * (1.0 + RANGE_SLACK);
        if is_within || !(average > 0.0 && average.is_finite() && low > 0.0) {
            continue;
        }
        let power = POWERS.iter().position(|power| {
            let scaled = average * 10_f64.powi(-power.exponent);
            scaled >= low * (1.0 - RANGE_SLACK) && scaled <= high * (1.0 + RANGE_SLACK)
        });
        power.map_or(&mut averages.outside, |k| &mut averages.powers[k]).hit(piece.file, row);
    }
}

/// Volume against the free float.
fn turnover(piece: &Piece, volume: &[f64], averages: &mut Averages) {
    let Some(float) = piece.numbers("free_float_shares") else { return };
    let float = &float[..];
    averages.turnover.scan(piece, |i| volume[i] > float[i] && volume[i] <= float[i] * ABSURD_RATIO);
    averages.absurd.scan(piece, |i| volume[i] > float[i] * ABSURD_RATIO && float[i] > 0.0);
}

fn report_turnover(sheet: &Sheet, averages: &Averages, out: &mut Vec<Finding>) {
    let describe = |row: usize| {
        let [volume, float] = ["volume", "free_float_shares"].map(|name| sheet.number(name, row));
        let turnover = volume / float * 100.0;
        (
            format!("volume {} of {} shares, {turnover:.0} %", number(volume), number(float)),
            "at most 100 % of the free float a day".to_owned(),
        )
    };
    averages.turnover.report(sheet, &TURNOVER_ABOVE_FLOAT, Some("volume"), out, describe);
    averages.absurd.report(sheet, &UNIT_MISTAKE, Some("volume"), out, describe);
}

/// A part above its whole.
fn above(sheet: &Sheet, [part, whole]: [&'static str; 2], out: &mut Vec<Finding>) {
    let [over, absurd]: [Tally; 2] =
        over_pieces(sheet, |piece, [over, absurd]: &mut [Tally; 2]| {
            let Some((parts, wholes)) = piece.numbers(part).zip(piece.numbers(whole)) else {
                return;
            };
            let (parts, wholes) = (&parts[..], &wholes[..]);
            over.scan(piece, |i| {
                parts[i] > wholes[i] * FLOAT_SLACK && parts[i] <= wholes[i] * ABSURD_RATIO
            });
            absurd.scan(piece, |i| parts[i] > wholes[i] * ABSURD_RATIO && wholes[i] > 0.0);
        });
    let describe = |row: usize| {
        let [found, limit] = [part, whole].map(|name| number(sheet.number(name, row)));
        (found, format!("at most the {whole} {limit}"))
    };
    over.report(sheet, &FLOAT_ABOVE_TOTAL, Some(part), out, describe);
    absurd.report(sheet, &UNIT_MISTAKE, Some(part), out, describe);
}

/// Weights of one index and day: how many, their sum, the first row.
#[derive(Default)]
struct WeightSum {
    sum: f64,
    first: usize,
}

fn weights(sheet: &Sheet, out: &mut Vec<Finding>) {
    let mut sums: HashMap<(String, i32), WeightSum> = HashMap::new();
    for piece in &sheet.pieces {
        let Some(weights) = piece.numbers("weight") else { continue };
        for (i, weight) in weights.iter().enumerate().filter(|(_, weight)| !weight.is_nan()) {
            let row = piece.first + i;
            let index = piece.text("index", i).unwrap_or_default().to_owned();
            let sum = sums
                .entry((index, sheet.days[row]))
                .or_insert_with(|| WeightSum { sum: 0.0, first: row });
            sum.sum += weight;
        }
    }
    let (mut percent, mut incomplete) = (Tally::default(), Tally::default());
    for WeightSum { sum, first } in sums.values() {
        let file = sheet.file_of(*first);
        match sum {
            0.98..=1.02 => {}
            98.0..=102.0 => percent.hit(file, *first),
            _ => incomplete.hit(file, *first),
        }
    }
    let describe = |row: usize| {
        let key = (sheet.place(row).0.text("index", sheet.place(row).1), sheet.days[row]);
        let sum = sums.get(&(key.0.unwrap_or_default().to_owned(), key.1)).map_or(0.0, |s| s.sum);
        (
            format!("weights of {} that sum to {}", key.0.unwrap_or_default(), number(sum)),
            "1".to_owned(),
        )
    };
    percent.report(sheet, &UNIT_MISTAKE, Some("weight"), out, describe);
    incomplete.report(sheet, &WEIGHTS_INCOMPLETE, Some("weight"), out, describe);
}

/// Capitalisation against price times shares, where both tables are in the import.
pub(super) fn across(sheets: &[Sheet], out: &mut Vec<Finding>) {
    let of = |table| sheets.iter().find(|sheet| sheet.table == table);
    let Some((daily, valuation)) = of(MarketTable::StockDaily).zip(of(MarketTable::StockValuation))
    else {
        return;
    };
    for (cap, shares) in
        [("total_market_cap", "total_shares"), ("free_float_market_cap", "free_float_shares")]
    {
        market_value(daily, valuation, cap, shares, out);
    }
}

#[derive(Default)]
struct Scratch {
    daily: Life,
    close: Vec<f64>,
    shares: Vec<f64>,
    cap: Vec<f64>,
}

fn market_value(daily: &Sheet, valuation: &Sheet, cap: &str, shares: &str, out: &mut Vec<Finding>) {
    let Some((close, share_count)) = daily.column("close").zip(daily.column(shares)) else {
        return;
    };
    let Some(caps) = valuation.column(cap) else { return };
    let by_symbol: HashMap<_, usize> = daily
        .subjects
        .iter()
        .enumerate()
        .filter_map(|(i, subject)| Some((subject.symbol?, i)))
        .collect();
    let [tally]: [Tally; 1] = over_lives(
        valuation,
        |subject, life: &Life, values: &mut Scratch, [tally]: &mut [Tally; 1]| {
            let symbol = valuation.subjects[subject].symbol;
            let Some(&other) = symbol.and_then(|symbol| by_symbol.get(&symbol)) else { return };
            daily.life(other, &mut values.daily);
            gather(Some(&close), &values.daily, &mut values.close);
            gather(Some(&share_count), &values.daily, &mut values.shares);
            gather(Some(&caps), life, &mut values.cap);
            let mut j = 0;
            for (i, &day) in life.days.iter().enumerate() {
                while j < values.daily.days.len() && values.daily.days[j] < day {
                    j += 1;
                }
                if values.daily.days.get(j) == Some(&day)
                    && is_power_of_ten_off(values.cap[i] / (values.close[j] * values.shares[j]))
                {
                    let row = life.rows[i] as usize;
                    tally.hit(valuation.file_of(row), row);
                }
            }
        },
    );
    tally.report(valuation, &UNIT_MISTAKE, Some(cap), out, |row| {
        let value = number(valuation.number(cap, row));
        (value, format!("close times {shares}, which is a power of ten away"))
    });
}

/// Whether a ratio lies at 10^2, 10^3, 10^4, 10^8 or their inverses, within a fifth.
fn is_power_of_ten_off(ratio: f64) -> bool {
    if !(ratio > 0.0 && ratio.is_finite()) {
        return false;
    }
    let power = ratio.log10();
    matches!(power.round().abs() as i32, 2 | 3 | 4 | 8) && (power - power.round()).abs() < 0.08
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_near_a_unit_are_told_from_splits_and_noise() {
        for (ratio, is_unit) in [
            (1e4, true),
            (0.98e-8, true),
            (1.1e-3, true),
            (100.0, true),
            (1.0, false),
            (10.0, false),
            (250.0, false),
            (f64::NAN, false),
            (f64::INFINITY, false),
            (0.0, false),
        ] {
            assert_eq!(is_power_of_ten_off(ratio), is_unit, "{ratio}");
        }
    }
}
