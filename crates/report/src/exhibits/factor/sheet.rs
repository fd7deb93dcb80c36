//! One factor as its tables tell it: payoff, break, value and quantiles of every size bucket.

use shoals_core::TradingDay;

use super::{EXHIBIT, MARKET, name};
use crate::ReportError;
use crate::exhibits::source::{Frame, Source};
use crate::i18n::Text;

/// A factor, read.
pub(super) struct Sheet {
    pub(super) name: Text,
    /// Horizons in trading days, shortest first.
    pub(super) horizons: Vec<f64>,
    /// Size buckets, smallest first.
    pub(super) buckets: Vec<String>,
    payoffs: Vec<Payoff>,
    breaks: Vec<Break>,
    /// Days of the values, and of each group its path.
    pub(super) days: Vec<TradingDay>,
    paths: Vec<Path>,
    quantiles: Vec<Quantile>,
    coefficients: Vec<Coefficient>,
}

/// The mean rank IC of one horizon and group.
pub(super) struct Payoff {
    horizon: f64,
    bucket: String,
    pub(super) mean: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) icir: f64,
    pub(super) t: f64,
    pub(super) n: f64,
    pub(super) won: f64,
}

/// Its most likely break.
pub(super) struct Break {
    horizon: f64,
    bucket: String,
    pub(super) date: TradingDay,
    pub(super) low: TradingDay,
    pub(super) high: TradingDay,
    pub(super) before: f64,
    pub(super) after: f64,
    pub(super) sup_f: f64,
    pub(super) p: f64,
}

/// Long the top and short the bottom quantile of a group: the value of one unit, and the mean daily
/// one-way turnover of the top.
pub(super) struct Path {
    bucket: String,
    pub(super) gross: Vec<f64>,
    pub(super) net: Vec<f64>,
    pub(super) turnover: f64,
}

struct Quantile {
    horizon: f64,
    bucket: String,
    mean_return: f64,
}

struct Coefficient {
    day: TradingDay,
    horizon: f64,
    bucket: String,
    rank_ic: f64,
}

impl Sheet {
    /// Every factor of the outcome, in its order.
    pub(super) fn read_all(source: &Source) -> Result<Vec<Self>, ReportError> {
        let factors = distinct(&source.frame(EXHIBIT, "summary")?.words("factor")?);
        factors.iter().map(|factor| Self::read(source, factor)).collect()
    }

    fn read(source: &Source, factor: &str) -> Result<Self, ReportError> {
        let rows = |table| Rows::of(source.frame(EXHIBIT, table)?, factor);
        let payoffs = payoffs(&rows("summary")?)?;
        let mut horizons: Vec<f64> = payoffs.iter().map(|row| row.horizon).collect();
        horizons.sort_by(f64::total_cmp);
        horizons.dedup();
        let mut buckets: Vec<String> =
            distinct(&payoffs.iter().map(|row| row.bucket.clone()).collect::<Vec<_>>());
        buckets.retain(|bucket| bucket != MARKET);
        let (days, paths) = paths(&rows("nav")?)?;
        Ok(Self {
            name: name::factor(factor),
            horizons,
            buckets,
            breaks: breaks(&rows("break")?)?,
            days,
            paths,
            quantiles: quantiles(&rows("quantile")?)?,
            coefficients: coefficients(&rows("ic")?)?,
            payoffs,
        })
    }

    /// The horizon that is told: the longest, whose returns a holder can earn.
    pub(super) fn horizon(&self) -> f64 {
        self.horizons.last().copied().unwrap_or(f64::NAN)
    }

    /// The group that is told: the smallest companies, the market where there are no buckets.
    pub(super) fn told(&self) -> &str {
        self.buckets.first().map_or(MARKET, String::as_str)
    }

    /// The market, then the buckets.
    pub(super) fn groups(&self) -> impl Iterator<Item = &str> {
        std::iter::once(MARKET).chain(self.buckets.iter().map(String::as_str))
    }

    pub(super) fn payoff(&self, bucket: &str) -> Option<&Payoff> {
        self.payoff_over(self.horizon(), bucket)
    }

    pub(super) fn payoff_over(&self, horizon: f64, bucket: &str) -> Option<&Payoff> {
        self.payoffs.iter().find(|row| row.horizon == horizon && row.bucket == bucket)
    }

    pub(super) fn break_of(&self, bucket: &str) -> Option<&Break> {
        let horizon = self.horizon();
        self.breaks.iter().find(|row| row.horizon == horizon && row.bucket == bucket)
    }

    pub(super) fn path(&self, bucket: &str) -> Option<&Path> {
        self.paths.iter().find(|path| path.bucket == bucket && !path.net.is_empty())
    }

    /// Mean forward return of each quantile over the told horizon, the lowest factor first.
    pub(super) fn quantile_means(&self, bucket: &str) -> Vec<f64> {
        let horizon = self.horizon();
        let rows = self.quantiles.iter();
        rows.filter(|row| row.horizon == horizon && row.bucket == bucket)
            .map(|row| row.mean_return)
            .collect()
    }

    /// Days and running sum of the rank IC of a group over the told horizon.
    pub(super) fn summed(&self, bucket: &str) -> (Vec<TradingDay>, Vec<f64>) {
        let (horizon, mut sum) = (self.horizon(), 0.0);
        self.coefficients
            .iter()
            .filter(|row| row.horizon == horizon && row.bucket == bucket)
            .map(|row| {
                sum += row.rank_ic;
                (row.day, sum)
            })
            .unzip()
    }
}

/// The rows of one factor in a table of several.
struct Rows<'a> {
    frame: Frame<'a>,
    at: Vec<usize>,
}

impl<'a> Rows<'a> {
    fn of(frame: Frame<'a>, factor: &str) -> Result<Self, ReportError> {
        let factors = frame.words("factor")?;
        let at = (0..factors.len()).filter(|i| factors[*i] == factor).collect();
        Ok(Self { frame, at })
    }

    fn numbers(&self, column: &'static str) -> Result<Vec<f64>, ReportError> {
        let all = self.frame.numbers(column)?;
        Ok(self.at.iter().map(|i| all[*i]).collect())
    }

    fn words(&self, column: &'static str) -> Result<Vec<String>, ReportError> {
        let all = self.frame.words(column)?;
        Ok(self.at.iter().map(|i| all[*i].clone()).collect())
    }

    fn days(&self, column: &'static str) -> Result<Vec<TradingDay>, ReportError> {
        let all = self.frame.days(column)?;
        Ok(self.at.iter().map(|i| all[*i]).collect())
    }

    fn map<T>(&self, row: impl Fn(usize) -> T) -> Vec<T> {
        (0..self.at.len()).map(row).collect()
    }
}

fn payoffs(rows: &Rows) -> Result<Vec<Payoff>, ReportError> {
    let (horizon, bucket) = (rows.numbers("horizon")?, rows.words("bucket")?);
    let (mean, low, high) = (rows.numbers("mean")?, rows.numbers("low")?, rows.numbers("high")?);
    let (icir, t) = (rows.numbers("icir")?, rows.numbers("t_newey_west")?);
    let (n, won) = (rows.numbers("n")?, rows.numbers("win_rate")?);
    Ok(rows.map(|i| Payoff {
        horizon: horizon[i],
        bucket: bucket[i].clone(),
        mean: mean[i],
        low: low[i],
        high: high[i],
        icir: icir[i],
        t: t[i],
        n: n[i],
        won: won[i],
    }))
}

fn breaks(rows: &Rows) -> Result<Vec<Break>, ReportError> {
    let (horizon, bucket) = (rows.numbers("horizon")?, rows.words("bucket")?);
    let (date, low, high) = (rows.days("date")?, rows.days("low")?, rows.days("high")?);
    let (before, after) = (rows.numbers("mean_before")?, rows.numbers("mean_after")?);
    let (sup_f, p) = (rows.numbers("sup_f")?, rows.numbers("p_value")?);
    Ok(rows.map(|i| Break {
        horizon: horizon[i],
        bucket: bucket[i].clone(),
        date: date[i],
        low: low[i],
        high: high[i],
        before: before[i],
        after: after[i],
        sup_f: sup_f[i],
        p: p[i],
    }))
}

fn paths(rows: &Rows) -> Result<(Vec<TradingDay>, Vec<Path>), ReportError> {
    let (mut days, buckets) = (rows.days("date")?, rows.words("bucket")?);
    let (gross, net) = (rows.numbers("long_short")?, rows.numbers("long_short_net")?);
    let turnover = rows.numbers("top_turnover")?;
    days.dedup();
    let path = |name: &String| {
        let of = |values: &[f64]| -> Vec<f64> {
            let rows = values.iter().zip(&buckets);
            rows.filter(|(_, bucket)| *bucket == name).map(|(value, _)| *value).collect()
        };
        Path {
            bucket: name.clone(),
            gross: of(&gross),
            net: of(&net),
            turnover: mean_of_observed(&of(&turnover)),
        }
    };
    Ok((days, distinct(&buckets).iter().map(path).collect()))
}

fn quantiles(rows: &Rows) -> Result<Vec<Quantile>, ReportError> {
    let (horizon, bucket) = (rows.numbers("horizon")?, rows.words("bucket")?);
    let means = rows.numbers("mean_return")?;
    Ok(rows.map(|i| Quantile {
        horizon: horizon[i],
        bucket: bucket[i].clone(),
        mean_return: means[i],
    }))
}

fn coefficients(rows: &Rows) -> Result<Vec<Coefficient>, ReportError> {
    let (days, horizon) = (rows.days("date")?, rows.numbers("horizon")?);
    let (bucket, rank_ic) = (rows.words("bucket")?, rows.numbers("rank_ic")?);
    Ok(rows.map(|i| Coefficient {
        day: days[i],
        horizon: horizon[i],
        bucket: bucket[i].clone(),
        rank_ic: rank_ic[i],
    }))
}

/// Each name once, in the order of first appearance.
fn distinct(names: &[String]) -> Vec<String> {
    let mut once: Vec<String> = Vec::new();
    for name in names {
        if !once.contains(name) {
            once.push(name.clone());
        }
    }
    once
}

fn mean_of_observed(values: &[f64]) -> f64 {
    let observed: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
    observed.iter().sum::<f64>() / observed.len() as f64
}

impl Path {
    /// Gain after costs over the whole record.
    pub(super) fn net_gain(&self) -> f64 {
        self.net.last().map_or(f64::NAN, |value| value - 1.0)
    }

    /// Gain before costs over the whole record.
    pub(super) fn gross_gain(&self) -> f64 {
        self.gross.last().map_or(f64::NAN, |value| value - 1.0)
    }

    /// Gain after costs from the close of a day to the end.
    pub(super) fn net_since(&self, days: &[TradingDay], day: TradingDay) -> f64 {
        match days.partition_point(|known| *known <= day) {
            0 => self.net_gain(),
            n => self.net.last().map_or(f64::NAN, |last| last / self.net[n - 1] - 1.0),
        }
    }

    /// Calendar years with their gain after costs; the first counts from one unit.
    pub(super) fn net_years(&self, days: &[TradingDay]) -> Vec<(i32, f64)> {
        let (mut years, mut before) = (Vec::new(), 1.0);
        for (i, day) in days.iter().enumerate() {
            if days.get(i + 1).is_none_or(|next| next.year() != day.year()) {
                years.push((day.year(), self.net[i] / before - 1.0));
                before = self.net[i];
            }
        }
        years
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::day;

    /// By hand: 1.1 at the end of the first year, then 1.1 to 0.99.
    #[test]
    fn years_and_the_time_since_are_ratios_of_values() {
        let days = [day(2022, 12, 29), day(2022, 12, 30), day(2023, 1, 3), day(2023, 1, 4)];
        let net = vec![1.0, 1.1, 1.2, 0.99];
        let path = Path { bucket: MARKET.to_owned(), gross: net.clone(), net, turnover: 0.1 };
        let years = path.net_years(&days);
        assert_eq!(years.iter().map(|(year, _)| *year).collect::<Vec<_>>(), [2022, 2023]);
        for (found, expected) in [
            (years[0].1, 0.1),
            (years[1].1, -0.1),
            (path.net_since(&days, day(2022, 12, 31)), -0.1),
            (path.net_since(&days, day(2022, 1, 1)), -0.01),
        ] {
            assert!((found - expected).abs() < 1e-12, "{found} is not {expected}");
        }
    }
}
