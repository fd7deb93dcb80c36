//! The mask beside the data: every stock's reasons on every day.

use std::ops::Range;

use rayon::prelude::*;
use shoals_core::{Board, Calendar, Rules, Symbol, Table, TradingDay};

use super::config::trading_days_after;
use super::limit::{Bands, limit_at_scaled_close};
use super::{Limit, NameRule, Reason, Reasons, StockMarket, UniverseConfig, limit_at_close};

/// What could be chosen, bought and sold, day by day; day-major like the panel it was made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Tradability {
    days: Vec<TradingDay>,
    symbols: Vec<Symbol>,
    reasons: Vec<Reasons>,
}

impl Tradability {
    /// Examines every stock on every day, with what was known at that day's close.
    ///
    /// A stock is at a limit when its close is: `limit_up` and `limit_down` decide where given, else the
    /// band of board, standing and day in `rules` around the ex-right reference (the last adjusted close
    /// at today's scale), exact to the fen where the unadjusted `close` is known. The first days of a
    /// listing have no band. A first day bound to the issue price counts as sealed for buyers, since the
    /// issue price is not in the panel.
    pub fn of(
        market: &StockMarket,
        config: UniverseConfig,
        calendar: &Calendar,
        rules: &Rules,
    ) -> Self {
        let examiner = Examiner::new(market, config, calendar, rules);
        let width = market.symbols().len();
        let mut reasons = vec![Reasons::default(); market.days().len() * width];
        // A market without stocks has no rows to examine.
        reasons.par_chunks_mut(width.max(1)).enumerate().for_each(|(t, row)| {
            for (i, found) in row.iter_mut().enumerate() {
                *found = examiner.reasons(t, i);
            }
        });
        Self { days: market.days().to_vec(), symbols: market.symbols().to_vec(), reasons }
    }

    /// The days, rising.
    pub fn days(&self) -> &[TradingDay] {
        &self.days
    }

    /// One day's reasons, in the order of the symbols.
    pub fn row(&self, day_index: usize) -> &[Reasons] {
        let width = self.symbols.len();
        &self.reasons[day_index * width..(day_index + 1) * width]
    }

    /// Every reason between two days, both included: `reason(date, symbol, reason)`.
    pub fn reason_table(&self, from: TradingDay, to: TradingDay) -> Table {
        let span =
            self.days.partition_point(|&d| d < from)..self.days.partition_point(|&d| d <= to);
        let (mut days, mut symbols, mut names) = (Vec::new(), Vec::new(), Vec::new());
        for t in span {
            for (&symbol, reasons) in self.symbols.iter().zip(self.row(t)) {
                for reason in reasons.iter() {
                    days.push(self.days[t]);
                    symbols.push(symbol);
                    names.push(reason.name().to_owned());
                }
            }
        }
        Table::new("reason")
            .with("date", "exchange day", days)
            .with("symbol", "stock", symbols)
            .with("reason", "why it could not be chosen, bought or sold", names)
    }

    /// Stocks under each reason, day by day: `reason_count(date, reason, n)`; reasons nobody had are left
    /// out. Stocks without a price that day carry no other reason here.
    pub fn count_table(&self) -> Table {
        let (mut days, mut names, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        for (t, &day) in self.days.iter().enumerate() {
            for (reason, n) in Reason::ALL.into_iter().zip(counts_of(self.row(t))) {
                if n > 0 {
                    days.push(day);
                    names.push(reason.name().to_owned());
                    counts.push(n);
                }
            }
        }
        Table::new("reason_count")
            .with("date", "exchange day", days)
            .with("reason", "why stocks could not be chosen, bought or sold", names)
            .with("n", "stocks", counts)
    }
}

fn counts_of(row: &[Reasons]) -> [i64; Reason::ALL.len()] {
    let mut counts = [0; Reason::ALL.len()];
    for reasons in row {
        if reasons.has(Reason::NoPrice) {
            counts[Reason::NoPrice as usize] += 1;
        } else {
            reasons.iter().for_each(|reason| counts[reason as usize] += 1);
        }
    }
    counts
}

/// What is known of a stock whatever the day.
struct Stock {
    board: Board,
    /// Reasons that hold on every day.
    always: Reasons,
    has_special_name: bool,
    /// From the listing until it is old enough.
    young: Range<TradingDay>,
    /// First day with a daily limit.
    limited_from: TradingDay,
    /// A first day bound to the issue price.
    issue_price_day: Option<TradingDay>,
}

impl Stock {
    fn new(
        market: &StockMarket,
        i: usize,
        config: UniverseConfig,
        calendar: &Calendar,
        rules: &Rules,
    ) -> Self {
        let board = market.boards()[i];
        let name = match config.names {
            NameRule::Read => market.listings()[i].name.as_str(),
            NameRule::Ignored => "",
        };
        let long_ago = TradingDay::from_epoch_days(i32::MIN);
        let listed_on = market.listed_on(i);
        let ipo = listed_on.and_then(|day| rules.ipo(board, day).ok());
        let mut always = Reasons::default();
        always.add(Reason::Delisting, name.contains('退'));
        always.add(Reason::Beijing, board == Board::Beijing && !config.include_beijing);
        Self {
            board,
            always,
            has_special_name: name.contains("ST"),
            young: listed_on.map_or(long_ago..long_ago, |day| {
                day..config.listing_age.reached_on(day, calendar)
            }),
            limited_from: listed_on
                .zip(ipo)
                .map_or(long_ago, |(day, ipo)| trading_days_after(day, ipo.free_days, calendar)),
            issue_price_day: listed_on.filter(|_| ipo.is_some_and(|ipo| ipo.first_day_up > 0.0)),
        }
    }
}

/// The columns and rules that decide, ready to be asked cell by cell.
struct Examiner<'a> {
    market: &'a StockMarket,
    include_special_treatment: bool,
    stocks: Vec<Stock>,
    bands: Bands,
    adjusted_close: &'a [f64],
    close: Option<&'a [f64]>,
    limit_up: Option<&'a [f64]>,
    limit_down: Option<&'a [f64]>,
    is_st: Option<&'a [f64]>,
    is_suspended: Option<&'a [f64]>,
    is_excluded: Option<&'a [f64]>,
}

impl<'a> Examiner<'a> {
    fn new(
        market: &'a StockMarket,
        config: UniverseConfig,
        calendar: &Calendar,
        rules: &Rules,
    ) -> Self {
        let stock = |i| Stock::new(market, i, config, calendar, rules);
        let column = |name| market.panel().column(name).ok();
        Self {
            market,
            include_special_treatment: config.include_special_treatment,
            stocks: (0..market.symbols().len()).map(stock).collect(),
            bands: Bands::new(market.days(), rules),
            adjusted_close: market.adjusted_close(),
            close: column("close"),
            limit_up: column("limit_up"),
            limit_down: column("limit_down"),
            is_st: column("is_st"),
            is_suspended: column("is_suspended"),
            is_excluded: column("is_excluded"),
        }
    }

    fn reasons(&self, t: usize, i: usize) -> Reasons {
        let (cell, day, stock) =
            (t * self.stocks.len() + i, self.market.days()[t], &self.stocks[i]);
        let is_special = match at(self.is_st, cell) {
            unknown if unknown.is_nan() => stock.has_special_name,
            known => known == 1.0,
        };
        let mut reasons = stock.always;
        reasons.add(Reason::Suspended, at(self.is_suspended, cell) == 1.0);
        reasons.add(Reason::SpecialTreatment, is_special && !self.include_special_treatment);
        reasons.add(Reason::Young, stock.young.contains(&day));
        reasons.add(Reason::Excluded, at(self.is_excluded, cell) == 1.0);
        if self.adjusted_close[cell].is_nan() {
            reasons.add(Reason::NoPrice, true);
            return reasons;
        }
        let limit = self.limit(t, i, is_special);
        reasons.add(Reason::LimitUp, limit == Some(Limit::Up));
        reasons.add(Reason::LimitDown, limit == Some(Limit::Down));
        reasons.add(Reason::IssuePriceBound, stock.issue_price_day == Some(day));
        reasons
    }

    fn limit(&self, t: usize, i: usize, is_special: bool) -> Option<Limit> {
        let (cell, stock) = (t * self.stocks.len() + i, &self.stocks[i]);
        let close = at(self.close, cell);
        let (up, down) = (at(self.limit_up, cell), at(self.limit_down, cell));
        let is_given = !up.is_nan() || !down.is_nan();
        if is_given && !close.is_nan() {
            return at_given_limit(close, up, down);
        }
        if self.market.days()[t] < stock.limited_from {
            return None;
        }
        let band = self.bands.of(t, stock.board, is_special);
        let (now, before) = (self.adjusted_close[cell], self.close_before(t, i));
        if close.is_nan() {
            limit_at_scaled_close(now, before, band)
        } else {
            limit_at_close(close, before * close / now, band)
        }
    }

    /// The last adjusted close before day `t`; NaN for none. Walks back only over a gap.
    fn close_before(&self, t: usize, i: usize) -> f64 {
        let width = self.stocks.len();
        let earlier = (0..t).rev().map(|day| self.adjusted_close[day * width + i]);
        earlier.into_iter().find(|price| !price.is_nan()).unwrap_or(f64::NAN)
    }
}

fn at(column: Option<&[f64]>, cell: usize) -> f64 {
    column.map_or(f64::NAN, |values| values[cell])
}

/// Prices are whole fen, so half a fen tells them apart.
fn at_given_limit(close: f64, up: f64, down: f64) -> Option<Limit> {
    if close > up - 0.005 {
        Some(Limit::Up)
    } else if close < down + 0.005 {
        Some(Limit::Down)
    } else {
        None
    }
}
