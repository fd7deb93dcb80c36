//! What the analyses of a study see of the market: series and contract histories, gathered from
//! canonical tables wherever those came from — a store, a plain file or the built-in market.

use std::collections::BTreeMap;
use std::path::PathBuf;

use shoals_core::{
    Calendar, FutureContract, FutureProduct, Rulebook, Series, Symbol, Table, Text, Timeline,
    TradingDay, Values,
};
use shoals_data::SourceFile;
use shoals_fund::Fund;
use shoals_fund::nav::{NavConfig, PublishedNav, total_return};
use shoals_market::future::{ContractHistory, FutureMarket};
use shoals_market::option::OptionKind;
use shoals_product::Error as ProductError;
use shoals_product::replication::OptionQuote;
use shoals_warning::crowding::Holding;

use crate::{StockView, StudyError};

/// Series by symbol.
pub type SeriesBySymbol = BTreeMap<Symbol, Series>;

/// The market as a study sees it. Every part may be empty; an analysis says what it lacks.
#[derive(Debug, Clone, Default)]
pub struct MarketView {
    /// Close of price indices and of series treated as one, points.
    pub indices: SeriesBySymbol,
    /// Close of total-return indices, points.
    pub total_return_indices: SeriesBySymbol,
    /// Dividend yield of indices, annual decimal.
    pub dividend_yields: SeriesBySymbol,
    /// Index futures with their spot index, by product, large caps first.
    pub futures: Vec<FutureMarket>,
    /// Contracts whose spot index is not given: they hedge a book, but have no basis.
    pub contracts_without_index: Vec<ContractHistory>,
    /// Implied volatility by underlying, annualised decimal.
    pub implied_volatilities: SeriesBySymbol,
    /// Close of exchange-traded funds, CNY.
    pub etfs: SeriesBySymbol,
    /// NAV of funds with dividends reinvested, CNY.
    pub fund_navs: SeriesBySymbol,
    /// The funds, with what they call themselves.
    pub funds: Vec<Fund>,
    /// Yearly rate of cash: the shortest tenor the market has.
    pub rate: Option<Series>,
    /// What they published.
    pub published_navs: Vec<PublishedNav>,
    /// Closes of option chains by underlying.
    pub options: BTreeMap<Symbol, Vec<OptionQuote>>,
    /// The stocks, where a question needs them.
    pub stocks: Option<StockView>,
    /// Money borrowed to buy stocks, all exchanges together, CNY.
    pub financing: Option<Series>,
    /// What funds hold, by the file the crowding settings name.
    pub fund_holdings: Vec<Holding>,
    /// The market's policy events, or the user's; none for the built-in ones.
    pub timeline: Option<Timeline>,
    /// Names the user has treated in the event study, in place of the smallest.
    pub treated: Option<Vec<Symbol>>,
    /// Names and weights of the user's baskets, by the file the terms name.
    pub baskets: BTreeMap<PathBuf, Vec<(Symbol, f64)>>,
    /// Store version of each table read; empty when the market did not come from a store.
    pub versions: BTreeMap<String, i64>,
    /// Import of the store it was read at.
    pub import_no: Option<u64>,
    /// Calendar and rules every analysis goes by.
    pub rulebook: Rulebook,
    /// The user's files in it.
    pub rulebook_files: Vec<SourceFile>,
    /// Files the user's own factors were read from, in the order of the factors.
    pub factor_files: Vec<SourceFile>,
    /// What a reader of the numbers must know about where they came from.
    pub notes: Vec<Text>,
}

impl MarketView {
    /// Gathers a view from canonical tables; tables it does not know are passed over.
    ///
    /// # Errors
    /// A table without its canonical columns, or two different values for one symbol and day.
    pub fn gather<'a>(
        tables: impl IntoIterator<Item = &'a Table>,
        rulebook: Rulebook,
    ) -> Result<Self, StudyError> {
        let mut view = Self { rulebook, ..Self::default() };
        let (mut futures, mut profiles) = (Vec::new(), Vec::new());
        for table in tables {
            match table.name() {
                "index_daily" => view.add_indices(table)?,
                "index_valuation" => {
                    view.dividend_yields.extend(by_symbol(
                        table,
                        "symbol",
                        "dividend_yield",
                        |_| true,
                    )?);
                }
                "implied_volatility_daily" => view.implied_volatilities.extend(by_symbol(
                    table,
                    "underlying",
                    "implied_volatility",
                    |_| true,
                )?),
                "etf_daily" => view.etfs.extend(by_symbol(table, "symbol", "close", |_| true)?),
                "fund_nav" => view.add_funds(table)?,
                "fund_profile" => profiles.push(table),
                "future_daily" => futures.push(table),
                "rate_daily" => view.rate = cash_rate(table)?,
                "margin_balance" => view.financing = financing(table)?,
                "option_daily" => view.add_options(table)?,
                "policy_event" if table.n_rows() > 0 => {
                    view.timeline = Some(Timeline::of_table(table)?);
                }
                _ => {}
            }
        }
        for table in futures {
            view.add_futures(table)?;
        }
        for table in profiles {
            view.name_funds(table)?;
        }
        Ok(view)
    }

    /// The view as it was known at the close of `to`.
    #[must_use]
    pub fn known_on(mut self, to: TradingDay) -> Self {
        let first = TradingDay::from_epoch_days(i32::MIN);
        for group in [
            &mut self.indices,
            &mut self.total_return_indices,
            &mut self.dividend_yields,
            &mut self.implied_volatilities,
            &mut self.etfs,
            &mut self.fund_navs,
        ] {
            for series in group.values_mut() {
                *series = series.between(first, to);
            }
        }
        for fund in &mut self.funds {
            fund.nav = fund.nav.between(first, to);
        }
        self.published_navs = self.published_navs.iter().map(|nav| nav.up_to(to)).collect();
        self.financing = self.financing.map(|series| series.between(first, to));
        self.rate = self.rate.map(|series| series.between(first, to));
        self.fund_holdings.retain(|line| line.date <= to);
        for market in &mut self.futures {
            *market = market.up_to(to);
        }
        for history in &mut self.contracts_without_index {
            *history = history.up_to(to);
        }
        for quotes in self.options.values_mut() {
            quotes.retain(|quote| quote.date <= to);
        }
        self.stocks = self.stocks.map(|stocks| stocks.known_on(to));
        self
    }

    /// The last day anything is known of.
    pub fn last_day(&self) -> Option<TradingDay> {
        let series = [&self.indices, &self.total_return_indices, &self.etfs];
        let series = series.into_iter().flat_map(BTreeMap::values).map(Series::days);
        let contracts = self.futures.iter().flat_map(|market| &market.contracts);
        let contracts = contracts.chain(&self.contracts_without_index).map(|c| c.days.as_slice());
        let stocks = self.stocks.iter().map(|stocks| stocks.market.days());
        series.chain(contracts).chain(stocks).filter_map(<[TradingDay]>::last).max().copied()
    }

    /// The index, total-return index, exchange-traded fund, own series or fund's NAV of that symbol.
    ///
    /// # Errors
    /// When there is none, naming what there is.
    pub fn series(&self, symbol: Symbol) -> Result<&Series, StudyError> {
        [&self.indices, &self.total_return_indices, &self.etfs, &self.fund_navs]
            .into_iter()
            .find_map(|group| group.get(&symbol))
            .ok_or_else(|| StudyError::NoSeries {
                symbol,
                available: list(self.indices.keys().chain(self.total_return_indices.keys())),
            })
    }

    /// The record of a futures contract.
    ///
    /// # Errors
    /// When there is none.
    pub fn contract(&self, contract: FutureContract) -> Result<&ContractHistory, StudyError> {
        self.futures
            .iter()
            .find_map(|market| market.contract(contract))
            .or_else(|| self.contracts_without_index.iter().find(|h| h.contract == contract))
            .ok_or(StudyError::NoContract { contract: contract.symbol() })
    }

    /// A product's contracts with the index they settle on.
    ///
    /// # Errors
    /// When the market lacks either.
    pub fn future_market(&self, product: FutureProduct) -> Result<&FutureMarket, StudyError> {
        let market = self.futures.iter().find(|market| market.product == product);
        market.ok_or_else(|| no_contracts(product).into())
    }

    /// The implied volatility series of an underlying.
    ///
    /// # Errors
    /// When there is none, naming what there is.
    pub fn implied_volatility(&self, underlying: Symbol) -> Result<&Series, StudyError> {
        self.implied_volatilities.get(&underlying).ok_or_else(|| StudyError::NoImpliedVolatility {
            underlying,
            available: list(self.implied_volatilities.keys()),
        })
    }

    /// The option chain of an underlying.
    ///
    /// # Errors
    /// When there is none, naming what there is.
    pub fn option_chain(&self, underlying: Symbol) -> Result<&[OptionQuote], StudyError> {
        self.options.get(&underlying).map(Vec::as_slice).ok_or_else(|| {
            let available = list(self.options.keys());
            ProductError::ChainMissing { underlying, available }.into()
        })
    }

    /// The stocks.
    ///
    /// # Errors
    /// When there are none.
    pub fn stocks(&self) -> Result<&StockView, StudyError> {
        self.stocks.as_ref().ok_or(StudyError::NoStocks)
    }

    /// Total-return NAVs of what was published.
    fn add_funds(&mut self, table: &Table) -> Result<(), StudyError> {
        let days = days_of(table)?;
        let columns = ["unit_nav", "accumulated_nav", "adjusted_nav", "dividend"];
        let columns = columns.map(|name| numbers_of(table, name).ok());
        for (symbol, rows) in rows_by_symbol(table, "fund")? {
            let mut published = PublishedNav::new(symbol.as_str());
            for row in rows {
                let value = |i: usize| columns[i].as_ref().map_or(f64::NAN, |of| of(row));
                published.push(days[row], [value(0), value(1), value(2), value(3)]);
            }
            let nav = total_return(&published, &NavConfig::default())?.nav;
            self.fund_navs.insert(symbol, nav.clone());
            self.funds.push(Fund::of(nav)?);
            self.published_navs.push(published);
        }
        Ok(())
    }

    /// Gives funds the names, kinds and benchmarks of their profiles.
    fn name_funds(&mut self, table: &Table) -> Result<(), StudyError> {
        let Values::Symbol(codes) = &table.column("fund")?.values else {
            return Err(not_canonical(table, "fund"));
        };
        let words = |name: &str| match table.column(name).map(|column| &column.values) {
            Ok(Values::Text(words)) => words.as_slice(),
            _ => &[],
        };
        let benchmarks = match table.column("benchmark").map(|column| &column.values) {
            Ok(Values::Symbol(symbols)) => symbols.as_slice(),
            _ => &[],
        };
        let known =
            |words: &[String], row: usize| words.get(row).filter(|w| !w.is_empty()).cloned();
        for fund in &mut self.funds {
            let Some(row) = codes.iter().position(|code| code.as_str() == fund.code) else {
                continue;
            };
            fund.name = known(words("name"), row).unwrap_or_else(|| fund.code.clone());
            fund.kind = known(words("kind"), row);
            fund.benchmark = benchmarks.get(row).copied();
        }
        Ok(())
    }

    fn add_options(&mut self, table: &Table) -> Result<(), StudyError> {
        let (days, strike, close) =
            (days_of(table)?, numbers_of(table, "strike")?, numbers_of(table, "close")?);
        let Values::Text(kinds) = &table.column("kind")?.values else {
            return Err(not_canonical(table, "kind"));
        };
        let Values::Day(expiries) = &table.column("expiry")?.values else {
            return Err(not_canonical(table, "expiry"));
        };
        for (underlying, rows) in rows_by_symbol(table, "underlying")? {
            let quote = |row: usize| OptionQuote {
                date: days[row],
                kind: if kinds[row] == "call" { OptionKind::Call } else { OptionKind::Put },
                expiry: expiries[row],
                strike: strike(row),
                close: close(row),
            };
            self.options.insert(underlying, rows.into_iter().map(quote).collect());
        }
        Ok(())
    }

    fn add_indices(&mut self, table: &Table) -> Result<(), StudyError> {
        let variants = match table.column("variant").map(|column| &column.values) {
            Ok(Values::Text(variants)) => variants.as_slice(),
            _ => &[],
        };
        let is_total = |row: usize| variants.get(row).is_some_and(|v| v == "total_return");
        self.indices.extend(by_symbol(table, "symbol", "close", |row| !is_total(row))?);
        self.total_return_indices.extend(by_symbol(table, "symbol", "close", is_total)?);
        Ok(())
    }

    fn add_futures(&mut self, table: &Table) -> Result<(), StudyError> {
        let mut histories: BTreeMap<FutureProduct, Vec<ContractHistory>> = BTreeMap::new();
        for (symbol, rows) in rows_by_symbol(table, "contract")? {
            // A source's continuous series is no contract that could be held.
            let Ok(contract) = FutureContract::try_from(symbol) else { continue };
            histories.entry(contract.product).or_default().push(contract_history(
                table,
                contract,
                &rows,
                &self.rulebook.calendar,
            )?);
        }
        for product in FutureProduct::ALL {
            let Some(contracts) = histories.remove(&product) else { continue };
            let Some(spot) = self.indices.get(&product.underlying()) else {
                self.contracts_without_index.extend(contracts);
                continue;
            };
            let dividend_yield = self.dividend_yields.get(&product.underlying()).cloned();
            self.futures.push(FutureMarket::new(product, contracts, spot.clone(), dividend_yield)?);
        }
        Ok(())
    }
}

/// The financing balance of all exchanges together, on the days when as many of them are told as ever.
fn financing(table: &Table) -> Result<Option<Series>, StudyError> {
    let (days, balance) = (days_of(table)?, numbers_of(table, "financing_balance")?);
    let mut sums: BTreeMap<TradingDay, (usize, f64)> = BTreeMap::new();
    for (row, &day) in days.iter().enumerate().filter(|(row, _)| !balance(*row).is_nan()) {
        let sum = sums.entry(day).or_default();
        *sum = (sum.0 + 1, sum.1 + balance(row));
    }
    let most = sums.values().map(|sum| sum.0).max().unwrap_or_default();
    let whole = sums.into_iter().filter(|(_, (n, _))| *n == most);
    let (days, values): (Vec<TradingDay>, Vec<f64>) =
        whole.map(|(day, (_, sum))| (day, sum)).unzip();
    if days.is_empty() {
        return Ok(None);
    }
    Ok(Some(Series::new("financing_balance", days, values)?))
}

/// The rates of the shortest tenor.
fn cash_rate(table: &Table) -> Result<Option<Series>, StudyError> {
    let Values::Text(tenors) = &table.column("tenor")?.values else {
        return Err(not_canonical(table, "tenor"));
    };
    let Some(shortest) = tenors.iter().min_by_key(|tenor| days_of_tenor(tenor)) else {
        return Ok(None);
    };
    let (days, rates) = (days_of(table)?, numbers_of(table, "rate")?);
    let mut rows: Vec<(TradingDay, f64)> = (0..tenors.len())
        .filter(|&row| tenors[row] == *shortest && rates(row).is_finite())
        .map(|row| (days[row], rates(row)))
        .collect();
    rows.sort_by_key(|row| row.0);
    let (days, values) = rows.into_iter().unzip();
    Ok(Some(Series::new(shortest.clone(), days, values)?))
}

/// Days of a tenor as `1D`, `2W`, `3M`, `1Y`.
fn days_of_tenor(tenor: &str) -> u32 {
    let unit = match tenor.chars().last() {
        Some('D' | 'N') => 1,
        Some('W') => 7,
        Some('M') => 30,
        _ => 365,
    };
    let number = tenor.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().unwrap_or(1_u32);
    number.saturating_mul(unit)
}

/// One contract's rows as a history, rising in days.
fn contract_history(
    table: &Table,
    contract: FutureContract,
    rows: &[usize],
    calendar: &Calendar,
) -> Result<ContractHistory, StudyError> {
    let days = days_of(table)?;
    let pick = |name: &str| -> Result<Vec<f64>, StudyError> {
        let values = numbers_of(table, name)?;
        Ok(rows.iter().map(|&row| values(row)).collect())
    };
    Ok(ContractHistory::new(
        contract,
        calendar,
        rows.iter().map(|&row| days[row]).collect(),
        pick("close")?,
        pick("settle")?,
        pick("volume")?,
        pick("open_interest")?,
    )?)
}

/// Series by symbol of one number column, from the rows that `wanted` lets pass.
fn by_symbol(
    table: &Table,
    key: &str,
    value: &str,
    wanted: impl Fn(usize) -> bool,
) -> Result<SeriesBySymbol, StudyError> {
    let (days, values) = (days_of(table)?, numbers_of(table, value)?);
    let mut all = SeriesBySymbol::new();
    for (symbol, rows) in rows_by_symbol(table, key)? {
        let rows: Vec<usize> =
            rows.into_iter().filter(|&row| wanted(row) && !values(row).is_nan()).collect();
        if rows.is_empty() {
            continue;
        }
        let series = Series::new(
            symbol.as_str(),
            rows.iter().map(|&row| days[row]).collect(),
            rows.iter().map(|&row| values(row)).collect(),
        )?;
        all.insert(symbol, series);
    }
    Ok(all)
}

/// The rows of each symbol, rising in days.
fn rows_by_symbol(table: &Table, key: &str) -> Result<BTreeMap<Symbol, Vec<usize>>, StudyError> {
    let Values::Symbol(symbols) = &table.column(key)?.values else {
        return Err(not_canonical(table, key));
    };
    let days = days_of(table)?;
    let mut rows: BTreeMap<Symbol, Vec<usize>> = BTreeMap::new();
    for (row, &symbol) in symbols.iter().enumerate() {
        rows.entry(symbol).or_default().push(row);
    }
    for of_symbol in rows.values_mut() {
        of_symbol.sort_by_key(|&row| days[row]);
    }
    Ok(rows)
}

fn days_of(table: &Table) -> Result<&[TradingDay], StudyError> {
    match &table.column("date")?.values {
        Values::Day(days) => Ok(days),
        _ => Err(not_canonical(table, "date")),
    }
}

/// A column read as numbers; counts are whole numbers of the same meaning.
fn numbers_of<'a>(
    table: &'a Table,
    name: &str,
) -> Result<Box<dyn Fn(usize) -> f64 + 'a>, StudyError> {
    match &table.column(name)?.values {
        Values::Number(values) => Ok(Box::new(|row| values[row])),
        Values::Count(values) => Ok(Box::new(|row| values[row] as f64)),
        _ => Err(not_canonical(table, name)),
    }
}

fn not_canonical(table: &Table, column: &str) -> StudyError {
    StudyError::NotCanonical { table: table.name().to_owned(), column: column.to_owned() }
}

pub(crate) fn no_contracts(product: FutureProduct) -> ProductError {
    ProductError::ProductMissing { product: product.code(), index: product.underlying() }
}

fn list<'a>(symbols: impl Iterator<Item = &'a Symbol>) -> String {
    let symbols: Vec<String> = symbols.map(Symbol::to_string).collect();
    if symbols.is_empty() { "none".to_owned() } else { symbols.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoals_core::day;

    fn index_table() -> Table {
        let (a, b) = (Symbol::literal("000852.SH"), Symbol::literal("H00852.CSI"));
        Table::new("index_daily")
            .with("date", "", vec![day(2024, 2, 5), day(2024, 2, 2), day(2024, 2, 5)])
            .with("symbol", "", vec![a, a, b])
            .with("close", "", vec![4293.07, 4574.9, 6000.0])
            .with(
                "variant",
                "",
                vec!["price".to_owned(), "price".to_owned(), "total_return".to_owned()],
            )
    }

    fn future_table() -> Table {
        let contracts = ["IM2403.CFE", "IM-MAIN.CFE"].map(|code| Symbol::parse(code).unwrap());
        Table::new("future_daily")
            .with("date", "", vec![day(2024, 2, 5); 2])
            .with("contract", "", contracts.to_vec())
            .with("close", "", vec![4044.6, 4100.0])
            .with("settle", "", vec![4050.0, f64::NAN])
            .with("volume", "", vec![100_i64, 1])
            .with("open_interest", "", vec![f64::NAN; 2])
    }

    #[test]
    fn unsorted_rows_become_rising_series_of_their_variant() {
        let view = MarketView::gather([&index_table()], Rulebook::default()).unwrap();
        let series = view.series(Symbol::literal("000852.SH")).unwrap();
        assert_eq!(series.values(), &[4574.9, 4293.07]);
        assert_eq!(view.total_return_indices.len(), 1);
        let error = view.series(Symbol::literal("000300.SH")).unwrap_err().to_string();
        assert!(error.contains("000300.SH") && error.contains("000852.SH"), "{error}");
    }

    #[test]
    fn contracts_find_their_index_and_continuous_series_are_left_out() {
        // The futures stand before their index, as files may.
        let view =
            MarketView::gather([&future_table(), &index_table()], Rulebook::default()).unwrap();
        assert_eq!(view.futures.len(), 1);
        let history = view.contract("IM2403".parse().unwrap()).unwrap();
        assert_eq!((history.close[0], history.volume[0]), (4044.6, 100.0));
        assert!(view.contract("IM2406".parse().unwrap()).is_err());
    }

    #[test]
    fn a_table_without_its_columns_is_named() {
        let error = MarketView::gather([&Table::new("index_daily")], Rulebook::default());
        assert!(error.unwrap_err().to_string().contains("no column `date`"));
    }
}
