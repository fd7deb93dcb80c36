//! Known files from which something is derived: contracts, levels, adjust factors.

use std::collections::BTreeMap;
use std::path::Path;

use shoals_core::{Finding, SecurityKind, Severity, Symbol, TradingDay};

use super::frame::{Frame, Rows};
use crate::formats::complete::board_word;
use crate::formats::delimited::date;
use crate::formats::delimited::symbol::parse as parse_symbol;
use crate::formats::{DateFormat, add_findings};
use crate::{DataError, Loaded, MarketTable};

/// A file that is more than a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Main contracts, identified or not.
    FutureMain,
    /// Continuous near-month series.
    FutureNear,
    /// A chain of SSE 50ETF options without contract codes.
    OptionChain,
    /// Bars of exchange-traded funds with an adjusted close beside them.
    Etf,
    /// NAVs of funds with their names.
    Fund,
    /// Third-party index levels by name.
    Series,
    /// Daily returns, turned into levels from 1,000.
    Returns,
    /// Names, boards and listing days of stocks.
    Security,
}

/// Reads a file of that kind.
pub(super) fn read(path: &Path, kind: Kind) -> Result<Vec<Loaded>, DataError> {
    let frame = Frame::read(path)?;
    let mut loaded = match kind {
        Kind::FutureMain => future_main(&frame),
        Kind::FutureNear => future_near(&frame),
        Kind::OptionChain => option_chain(&frame),
        Kind::Etf => etf(&frame),
        Kind::Fund => fund(&frame),
        Kind::Series => series(&frame),
        Kind::Returns => returns(&frame),
        Kind::Security => security(&frame),
    }?;
    add_findings(&mut loaded, frame.not_numbers());
    Ok(loaded)
}

fn some(days: Vec<i32>) -> Vec<Option<i32>> {
    days.into_iter().map(Some).collect()
}

/// Symbols of codes that are all given.
fn symbols(
    codes: Vec<Option<String>>,
    kind: Option<SecurityKind>,
) -> Result<Vec<Symbol>, DataError> {
    let parse = |code: Option<String>| parse_symbol(&code.unwrap_or_default(), kind);
    Ok(codes.into_iter().map(parse).collect::<Result<Vec<Symbol>, _>>()?)
}

/// Bars of futures under the given contracts.
fn bars(frame: &Frame, contracts: &[Symbol]) -> Result<Rows, DataError> {
    let mut rows = Rows::new(MarketTable::FutureDaily, frame.n_rows())
        .days("date", some(frame.days("date")?))
        .symbols("contract", contracts)
        .counts("volume", &frame.numbers("volume")?)
        .numbers("amount", frame.numbers("amount")?);
    for column in ["open", "high", "low", "close"] {
        rows = rows.numbers(column, frame.numbers(column)?);
    }
    Ok(rows)
}

/// The identified contract where there is one, else the source's continuous series.
fn future_main(frame: &Frame) -> Result<Vec<Loaded>, DataError> {
    let products = frame.texts("product")?;
    let contracts = frame.texts("contract")?;
    let codes = products
        .into_iter()
        .zip(contracts)
        .map(|(product, contract)| contract.or_else(|| product.map(|p| format!("{p}-MAIN.CFE"))));
    let symbols = symbols(codes.collect(), None)?;
    let n_unknown = symbols.iter().filter(|s| s.code().ends_with("-MAIN")).count() as u64;
    let rows = bars(frame, &symbols)?.counts("open_interest", &frame.numbers("open_interest")?);
    let mut loaded = rows.loaded(frame.file(), &[])?;
    if n_unknown > 0 {
        let finding = Finding::new(
            "contract_not_identified",
            Severity::Note,
            frame.file(),
            "main-contract bars that name no contract",
            "a contract in every row",
            "nothing: they are kept as the source's continuous series, as IF-MAIN.CFE",
        );
        loaded.findings.push(finding.in_column("contract").counted(n_unknown));
    }
    Ok(vec![loaded])
}

fn future_near(frame: &Frame) -> Result<Vec<Loaded>, DataError> {
    let codes = frame.texts("product")?.into_iter().map(|p| p.map(|p| format!("{p}-NEAR.CFE")));
    let symbols = symbols(codes.collect(), None)?;
    let rows = bars(frame, &symbols)?.numbers("settle", frame.numbers("settle")?);
    Ok(vec![rows.loaded(frame.file(), &[])?])
}

/// The fund the chain is written on.
const CHAIN_UNDERLYING: &str = "510050.SH";

/// SSE's trading code without its adjustment mark: fund, right, month, strike in thousandths of a yuan.
fn chain_code(right: &str, expiry: i32, strike: f64) -> String {
    let (year, month, _) = TradingDay::from_epoch_days(expiry).ymd();
    let strike = (strike * 1000.0).round();
    format!("510050{right}{:02}{month:02}M{strike:05}.SH", year % 100)
}

/// Contracts adjusted for a dividend can share month and strike with others: the source has no contract
/// number, so such rows meet under one code and are told.
fn option_chain(frame: &Frame) -> Result<Vec<Loaded>, DataError> {
    let (days, expiries) = (frame.days("date")?, frame.days("expiry")?);
    let (rights, strikes) = (frame.texts("type")?, frame.numbers("strike")?);
    let n = frame.n_rows();
    let mut known: BTreeMap<(String, i32, i64), Symbol> = BTreeMap::new();
    let mut contracts = Vec::with_capacity(n);
    for i in 0..n {
        let right = rights[i].clone().unwrap_or_default();
        let strike = strikes[i].unwrap_or_default();
        let key = (right.clone(), expiries[i], (strike * 1000.0).round() as i64);
        let symbol = match known.get(&key) {
            Some(symbol) => *symbol,
            None => Symbol::parse(&chain_code(&right, expiries[i], strike))?,
        };
        known.insert(key, symbol);
        contracts.push(symbol);
    }
    let duplicates = duplicate_keys(frame, &days, &contracts);
    let kinds = rights
        .iter()
        .map(|right| right.as_ref().map(|r| if r == "C" { "call" } else { "put" }.to_owned()));
    let mut loaded = Rows::new(MarketTable::OptionDaily, n)
        .days("date", some(days))
        .symbols("contract", &contracts)
        .symbols("underlying", &vec![Symbol::literal(CHAIN_UNDERLYING); n])
        .texts("kind", kinds.collect())
        .numbers("strike", strikes)
        .days("expiry", some(expiries))
        .numbers("close", frame.numbers("close")?)
        .loaded(frame.file(), &[("kind", "type"), ("contract", "strike")])?;
    loaded.findings.extend(duplicates);
    Ok(vec![loaded])
}

fn duplicate_keys(frame: &Frame, days: &[i32], contracts: &[Symbol]) -> Option<Finding> {
    let mut seen = std::collections::HashSet::with_capacity(days.len());
    let mut again = (0..days.len()).filter(|&i| !seen.insert((days[i], contracts[i])));
    let first = again.next()?;
    let count = 1 + again.count() as u64;
    Some(
        Finding::new(
            "contract_not_identified",
            Severity::Warning,
            frame.file(),
            "two contracts with one month and strike: one of them was adjusted for a dividend",
            "a contract number, or one row a day, month, strike and right",
            "the later row is kept; take chains with contract numbers where this matters",
        )
        .at_row(first as u64 + 1)
        .of_symbol(contracts[first])
        .on(date::trading_day(days[first]))
        .counted(count),
    )
}

fn etf(frame: &Frame) -> Result<Vec<Loaded>, DataError> {
    let (close, adjusted) = (frame.numbers("close")?, frame.numbers("close_qfq")?);
    let factors = close.iter().zip(&adjusted).map(|(raw, adjusted)| match (raw, adjusted) {
        (Some(raw), Some(adjusted)) if *raw > 0.0 => Some(adjusted / raw),
        _ => None,
    });
    let factors = factors.collect();
    let codes = symbols(frame.texts("code")?, Some(SecurityKind::Etf))?;
    let mut rows = Rows::new(MarketTable::EtfDaily, frame.n_rows())
        .days("date", some(frame.days("date")?))
        .symbols("symbol", &codes)
        .numbers("adjust_factor", factors)
        .counts("volume", &frame.numbers("volume")?)
        .numbers("close", close);
    for column in ["open", "high", "low"] {
        rows = rows.numbers(column, frame.numbers(column)?);
    }
    let columns = [("symbol", "code"), ("adjust_factor", "close_qfq")];
    Ok(vec![rows.loaded(frame.file(), &columns)?])
}

fn fund(frame: &Frame) -> Result<Vec<Loaded>, DataError> {
    let funds = symbols(frame.texts("fund")?, Some(SecurityKind::Fund))?;
    let (names, kinds) = (frame.texts("fund_name")?, frame.texts("invest_type")?);
    let mut profiles: BTreeMap<Symbol, (Option<String>, Option<String>)> = BTreeMap::new();
    for (i, fund) in funds.iter().enumerate() {
        let profile = profiles.entry(*fund).or_default();
        if profile.0.is_none() {
            *profile = (names[i].clone(), kinds[i].clone());
        }
    }
    let nav = Rows::new(MarketTable::FundNav, frame.n_rows())
        .days("date", some(frame.days("date")?))
        .symbols("fund", &funds)
        .numbers("unit_nav", frame.numbers("unit_nav")?)
        .numbers("accumulated_nav", frame.numbers("acc_nav")?)
        .numbers("dividend", frame.numbers("dividend")?)
        .loaded(frame.file(), &[("accumulated_nav", "acc_nav")])?;
    let own: Vec<Symbol> = profiles.keys().copied().collect();
    let (names, kinds) = profiles.into_values().unzip();
    let profile = Rows::new(MarketTable::FundProfile, own.len())
        .symbols("fund", &own)
        .texts("name", names)
        .texts("kind", kinds)
        .loaded(frame.file(), &[("name", "fund_name"), ("kind", "invest_type")])?;
    Ok(vec![nav, profile])
}

/// Names of third-party series, and the symbols they get.
const SERIES: &[(&str, &str)] = &[
    ("microcap_rsrs_proxy_nav.csv", "microcap_rsrs_proxy"),
    ("wind_microcap_top_50_biweekly_16y_cached.csv", "microcap_top50"),
    ("wind_microcap_top_50_biweekly_thursday_16y_cached.csv", "microcap_top50_thu"),
];

fn series(frame: &Frame) -> Result<Vec<Loaded>, DataError> {
    let mut known = BTreeMap::new();
    let mut symbols = Vec::with_capacity(frame.n_rows());
    for series in frame.texts("series")? {
        let series = series.unwrap_or_default();
        let symbol = if let Some(symbol) = known.get(&series) {
            *symbol
        } else {
            let row = SERIES.iter().find(|row| row.0 == series);
            Symbol::own(row.map_or(series.as_str(), |row| row.1))?
        };
        known.insert(series, symbol);
        symbols.push(symbol);
    }
    let rows = Rows::new(MarketTable::IndexDaily, frame.n_rows())
        .days("date", some(frame.days("date")?))
        .symbols("symbol", &symbols)
        .numbers("close", frame.numbers("close")?)
        .text("variant", "price");
    Ok(vec![rows.loaded(frame.file(), &[("symbol", "series")])?])
}

/// Return columns, and the symbols their levels get.
const RETURNS: [(&str, &str); 3] = [
    ("ew400_exst_daily_ret", "microcap400"),
    ("wind_868008_ret", "wind_868008"),
    ("all_a_capw_ret", "all_a_capw"),
];

/// Levels from 1,000: the first stands a return after the base, as the source's first row does.
fn returns(frame: &Frame) -> Result<Vec<Loaded>, DataError> {
    const BASE: f64 = 1000.0;
    let days = frame.days("date")?;
    let (mut all_days, mut symbols, mut levels) = (Vec::new(), Vec::new(), Vec::new());
    for (column, own) in RETURNS {
        let symbol = Symbol::own(own)?;
        let mut level = BASE;
        for (day, day_return) in days.iter().zip(frame.numbers(column)?) {
            level *= 1.0 + day_return.unwrap_or(0.0);
            all_days.push(Some(*day));
            symbols.push(symbol);
            levels.push(day_return.map(|_| level));
        }
    }
    let n = days.len() as u64;
    let mut loaded = Rows::new(MarketTable::IndexDaily, all_days.len())
        .days("date", all_days)
        .symbols("symbol", &symbols)
        .numbers("close", levels)
        .text("variant", "price")
        .loaded(frame.file(), &[("close", "daily returns")])?;
    loaded.source_rows = Some((0..RETURNS.len()).flat_map(|_| 1..=n).collect());
    Ok(vec![loaded])
}

fn security(frame: &Frame) -> Result<Vec<Loaded>, DataError> {
    let stocks = symbols(frame.texts("code")?, Some(SecurityKind::Stock))?;
    let (new, old) = (frame.texts("name_2023_08")?, frame.texts("name_2023_03")?);
    let names = new.into_iter().zip(old).map(|(new, old)| new.or(old)).collect();
    let listed = frame.texts("list_date")?.into_iter();
    let listed =
        listed.map(|day| day.and_then(|d| date::from_text(&d, DateFormat::Compact))).collect();
    let boards = stocks.iter().map(|s| s.board().map(|b| board_word(b).to_owned())).collect();
    let rows = Rows::new(MarketTable::Security, frame.n_rows())
        .symbols("symbol", &stocks)
        .texts("name", names)
        .text("kind", "stock")
        .texts("board", boards)
        .days("listed_on", listed)
        .texts("industry", frame.texts("industry")?);
    let columns = [("symbol", "code"), ("name", "name_2023_08"), ("listed_on", "list_date")];
    Ok(vec![rows.loaded(frame.file(), &columns)?])
}
