//! The stocks of a market, dense: one panel of the days and columns that the questions need.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use shoals_core::{Calendar, Panel, Symbol, Table, TradingDay, Values};
use shoals_data::store::{Selection, Store};
use shoals_data::{MarketTable, arrow_table};
use shoals_market::factor::definition::{Cap, Factor};
use shoals_market::universe::{Listing, MarketCap, StockMarket};
use shoals_product::swap::{LongKind, SwapTerms};
use shoals_warning::event_study::EventConfig;
use shoals_warning::liquidity::LiquidityConfig;

use crate::{
    Analysis, BucketRule, ChosenFactor, CrowdingConfig, FactorConfig, FactorSource, IndexConfig,
    StudyConfig, StudyError,
};

/// Columns of `stock_daily` that say who could be chosen and traded.
const STANDING: [&str; 5] = ["close", "is_st", "is_suspended", "limit_up", "limit_down"];
/// Columns of `stock_valuation`; every other one is of `stock_daily`.
const VALUATION: [&str; 6] =
    ["pb", "pe_ttm", "ps_ttm", "dividend_yield", "total_market_cap", "free_float_market_cap"];
/// Highest and lowest price of the day in the scale of `adjusted_close`.
const ADJUSTED_HIGH: &str = "adjusted_high";
const ADJUSTED_LOW: &str = "adjusted_low";
/// Days beyond a look-back, so that its first return has a close before it.
const MARGIN: i32 = 5;

/// What questions need of the stocks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StockNeeds {
    /// Columns beside prices and standing.
    pub columns: BTreeSet<&'static str>,
    /// First day; none for the first there is.
    pub from: Option<TradingDay>,
    /// Last day; none for the last there is.
    pub to: Option<TradingDay>,
    /// Whether index members are asked for.
    pub members: bool,
}

impl StockNeeds {
    /// What a study's questions need; none when it asks nothing of stocks.
    pub fn of(config: &StudyConfig, calendar: &Calendar) -> Option<Self> {
        let asks = |analysis| config.analyses.contains(&analysis);
        let factor = asks(Analysis::Factor).then(|| Self::of_factors(&config.factor, calendar));
        let index = asks(Analysis::Index).then(|| Self::of_index(&config.index));
        let liquidity =
            asks(Analysis::Liquidity).then(|| Self::of_liquidity(&config.liquidity, calendar));
        let crowding =
            asks(Analysis::Crowding).then(|| Self::of_crowding(&config.crowding, calendar));
        let gauge = asks(Analysis::Gauge).then(|| Self::of_gauge(config, calendar));
        let event = asks(Analysis::Event).then(|| Self::of_event(&config.event, calendar));
        let asks_books = asks(Analysis::Swap) || asks(Analysis::Attribute);
        let books = config.book.iter().filter(|_| asks_books).map(|named| &named.terms);
        let ab_swaps = config.ab_swap.iter().filter(|_| asks(Analysis::Ab));
        let books = books.chain(ab_swaps.map(|named| named.terms.book()));
        let books = books.filter_map(|terms| Self::of_book(terms, calendar));
        factor
            .into_iter()
            .chain(index)
            .chain(liquidity)
            .chain(crowding)
            .chain(event)
            .chain(gauge)
            .chain(books)
            .reduce(Self::and)
    }

    /// What a book needs; none when it holds no names.
    pub fn of_book(terms: &SwapTerms, calendar: &Calendar) -> Option<Self> {
        let cap = match terms.long.kind().ok()? {
            LongKind::Series(_) => return None,
            LongKind::Basket(_) => None,
            LongKind::MicroCap(choice) => Some(choice.market_cap.column()),
        };
        let unwind = terms.unwind.clone().unwrap_or_default();
        let reach = unwind.average_days as i32 + MARGIN;
        Some(Self {
            columns: cap.into_iter().chain(["amount"]).collect(),
            from: Some(trading_days_before(terms.swap.opened_on, reach, calendar)),
            to: Some(terms.swap.closed_on),
            members: false,
        })
    }

    /// What the factor lab needs.
    pub fn of_factors(config: &FactorConfig, calendar: &Calendar) -> Self {
        let mut columns: BTreeSet<&str> = BTreeSet::new();
        for chosen in &config.factors {
            match &chosen.source {
                FactorSource::Usual(factor) => columns.extend(columns_of(*factor)),
                FactorSource::Written(expression) => {
                    columns.extend(expression.columns().into_iter().filter_map(read_for));
                }
                FactorSource::Own(_) | FactorSource::Query(_) => {}
            }
        }
        if let BucketRule::MarketCap(buckets) = &config.buckets {
            columns.insert(buckets.cap.column());
        }
        if config.cleaning.needs_cap() {
            columns.insert(Cap::Total.column());
        }
        let look_back =
            config.factors.iter().map(ChosenFactor::look_back).max().unwrap_or_default();
        let reach = look_back as i32 + MARGIN;
        let before = |from: TradingDay| trading_days_before(from, reach, calendar);
        Self {
            columns,
            from: config.from.map(before),
            to: config.to,
            members: matches!(config.buckets, BucketRule::Members(_)),
        }
    }

    /// What the event study needs.
    pub fn of_event(config: &EventConfig, calendar: &Calendar) -> Self {
        let reach = config.reach() as i32 + MARGIN;
        Self {
            columns: BTreeSet::from([MarketCap::Total.column()]),
            from: config.from.map(|from| trading_days_before(from, reach, calendar)),
            to: config.to,
            members: false,
        }
    }

    /// What a micro-cap index needs.
    pub fn of_index(config: &IndexConfig) -> Self {
        let columns = BTreeSet::from(["amount", config.micro_cap.market_cap.column()]);
        Self { columns, from: config.from, to: config.to, members: false }
    }

    /// What the liquidity watch needs.
    pub fn of_liquidity(config: &LiquidityConfig, calendar: &Calendar) -> Self {
        let cap = config.market_cap.column();
        let columns =
            BTreeSet::from(["amount", cap, Cap::Total.column(), ADJUSTED_HIGH, ADJUSTED_LOW]);
        let reach = config.look_back() as i32 + MARGIN;
        let before = |from| trading_days_before(from, reach, calendar);
        Self { columns, from: config.from.map(before), to: config.to, members: false }
    }

    /// What the crowding analysis needs.
    pub fn of_crowding(config: &CrowdingConfig, calendar: &Calendar) -> Self {
        let config = &config.measured;
        let cap = config.market_cap.column();
        let columns = BTreeSet::from(["amount", "pb", cap, Cap::Total.column()]);
        let reach = config.look_back() as i32 + MARGIN;
        let before = |from| trading_days_before(from, reach, calendar);
        Self { columns, from: config.from.map(before), to: config.to, members: false }
    }

    /// What the gauge needs, to read liquidity and crowding over its own yardstick.
    pub fn of_gauge(config: &StudyConfig, calendar: &Calendar) -> Self {
        let from = config.gauge.from.map(|from| {
            trading_days_before(from, config.gauge.percentile_days as i32 + MARGIN, calendar)
        });
        let (liquidity, crowding) = crate::ask::gauge_settings(config, from);
        Self::of_liquidity(&liquidity, calendar).and(Self::of_crowding(&crowding, calendar))
    }

    /// What two questions need together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.columns.extend(other.columns);
        self.from = self.from.zip(other.from).map(|(a, b)| a.min(b));
        self.to = self.to.zip(other.to).map(|(a, b)| a.max(b));
        self.members |= other.members;
        self
    }
}

/// The column read for one of an expression, where it is not among prices and standing anyway. A return
/// is one of days with trading.
fn read_for(column: &'static str) -> Option<&'static str> {
    match column {
        "adjusted_close" | "close" => None,
        "return" => Some("amount"),
        other => Some(other),
    }
}

/// The day `reach` trading days before `from`, or one earlier still.
fn trading_days_before(from: TradingDay, reach: i32, calendar: &Calendar) -> TradingDay {
    let first = calendar.on_or_after(from).and_then(|day| calendar.offset(day, -reach));
    // Before the calendar two civil days hold more than one of trading.
    first.unwrap_or_else(|_| from.plus_calendar_days(-2 * reach))
}

/// Columns a usual factor is made of, beside the closes.
pub(crate) const fn columns_of(factor: Factor) -> &'static [&'static str] {
    match factor {
        Factor::Size { cap: Cap::Total } => &["total_market_cap"],
        Factor::Size { cap: Cap::FreeFloat } => &["free_float_market_cap"],
        Factor::BookToPrice => &["pb"],
        Factor::EarningsYield => &["pe_ttm"],
        Factor::LowVolatility { .. } | Factor::Illiquidity { .. } | Factor::Reversal { .. } => {
            &["amount"]
        }
        Factor::LowIdiosyncraticVolatility { .. } => &["amount", "total_market_cap"],
        Factor::LowTurnover { .. } => &["volume", "free_float_shares"],
    }
}

/// The stocks of a market.
///
/// The panel holds A shares only. `adjusted_close` is `close` times `adjust_factor` where both are
/// known, else the close of `stock_adjusted_daily`.
#[derive(Debug, Clone)]
pub struct StockView {
    /// Prices, standing and the columns needed.
    pub market: StockMarket,
    /// Industry of each stock, from 1; 0 for none.
    pub industries: Vec<u16>,
    /// Members of each index from a day on: positions among the stocks.
    pub members: BTreeMap<Symbol, BTreeMap<TradingDay, Vec<usize>>>,
    /// Values of the user's own factors by name, in the panel's shape.
    pub own: BTreeMap<String, Vec<f64>>,
}

/// Where a view's panels come from: a table's columns, empty where there is no such table.
type PanelsOf<'a> = dyn Fn(&'static str, &[&str]) -> Result<Panel, StudyError> + 'a;

impl StockView {
    /// The tables it reads itself, by day, column and stock: they are too large to be read whole.
    pub const TABLES: [&'static str; 5] =
        ["stock_daily", "stock_adjusted_daily", "stock_valuation", "security", "index_member"];

    /// Reads what is needed from a store.
    ///
    /// # Errors
    /// No prices of stocks between the days, or a table that is not canonical.
    pub fn read(store: &Store, needs: &StockNeeds) -> Result<Self, StudyError> {
        let panels = |table: &'static str, columns: &[&str]| {
            Ok(store.panel(table.parse()?, columns, needs.from, needs.to)?)
        };
        let whole = |table: MarketTable, columns: &[&str]| -> Result<Table, StudyError> {
            let asked = Selection::default().columns(columns.iter().copied());
            Ok(arrow_table::from_query(table.name(), &store.read(table, &asked)?)?)
        };
        let columns = ["symbol", "name", "listed_on", "industry"];
        let securities = whole(MarketTable::Security, &columns)?;
        let members = needs
            .members
            .then(|| whole(MarketTable::IndexMember, &["date", "index", "symbol"]))
            .transpose()?;
        Self::assembled(&panels, &securities, members.as_ref(), needs)
    }

    /// Gathers what is needed from canonical tables.
    ///
    /// # Errors
    /// As [`StockView::read`].
    pub fn gather(tables: &[Table], needs: &StockNeeds) -> Result<Self, StudyError> {
        let find = |name: &str| tables.iter().find(|table| table.name() == name);
        let panels = |name: &'static str, columns: &[&str]| match find(name) {
            Some(table) => panel_of(table, columns, needs),
            None => empty(columns),
        };
        let none = Table::new("security");
        let members = find("index_member").filter(|_| needs.members);
        Self::assembled(&panels, find("security").unwrap_or(&none), members, needs)
    }

    fn assembled(
        panels: &PanelsOf,
        securities: &Table,
        members: Option<&Table>,
        needs: &StockNeeds,
    ) -> Result<Self, StudyError> {
        let extremes = [(ADJUSTED_HIGH, "high"), (ADJUSTED_LOW, "low")];
        let extremes = extremes.into_iter().filter(|(name, _)| needs.columns.contains(name));
        let asked: Vec<&str> = extremes.clone().map(|(_, column)| column).collect();
        let daily = panels("stock_daily", &[&["close", "adjust_factor"], &asked[..]].concat())?;
        let adjusted = panels("stock_adjusted_daily", &[&["close"], &asked[..]].concat())?;
        let grid = Grid::of([&daily, &adjusted]);
        if grid.days.is_empty() || grid.symbols.is_empty() {
            return Err(StudyError::NoStocks);
        }
        let mut panel = Panel::new(grid.days.clone(), grid.symbols.clone())?;
        let price = adjusted_close(&grid, &daily, &adjusted)?;
        for (name, column) in extremes {
            let values = adjusted_extreme(&grid, &price, column, &daily, &adjusted)?;
            panel = panel.with_column(name, values)?;
        }
        panel = panel.with_column("adjusted_close", price)?;
        panel = panel.with_column("close", grid.spread(&daily, "close")?)?;
        drop((daily, adjusted));
        let is_daily = |name: &&&str| !VALUATION.contains(name);
        let (mut of_daily, of_valuation): (Vec<&str>, Vec<&str>) =
            needs.columns.iter().copied().partition(|name| is_daily(&name));
        of_daily.retain(|name| ![ADJUSTED_HIGH, ADJUSTED_LOW].contains(name));
        of_daily.extend(&STANDING[1..]);
        for (table, columns) in [("stock_daily", of_daily), ("stock_valuation", of_valuation)] {
            // A few columns at a time: rows and panel of one stand in memory together.
            for some in columns.chunks(3) {
                let part = panels(table, some)?;
                for name in some {
                    panel = panel.with_column(*name, grid.spread(&part, name)?)?;
                }
            }
        }
        let (listings, industries) = securities_of(securities, &grid.symbols)?;
        let members =
            members.map_or(Ok(BTreeMap::new()), |table| members_of(table, &grid.symbols))?;
        let market = StockMarket::new(panel, listings)?;
        Ok(Self { market, industries, members, own: BTreeMap::new() })
    }

    /// The stocks as they were known at the close of `to`.
    #[must_use]
    pub fn known_on(mut self, to: TradingDay) -> Self {
        self.market = self.market.up_to(to);
        let n_cells = self.market.days().len() * self.market.symbols().len();
        self.own.values_mut().for_each(|values| values.truncate(n_cells));
        self
    }
}

/// A panel without days.
fn empty(columns: &[&str]) -> Result<Panel, StudyError> {
    let mut panel = Panel::new(Vec::new(), Vec::new())?;
    for name in columns {
        panel = panel.with_column(*name, Vec::new())?;
    }
    Ok(panel)
}

/// Number columns of a table of days and symbols, dense.
fn panel_of(table: &Table, columns: &[&str], needs: &StockNeeds) -> Result<Panel, StudyError> {
    let wrong = |column: &str| StudyError::NotCanonical {
        table: table.name().to_owned(),
        column: column.to_owned(),
    };
    let Values::Day(days) = &table.column("date")?.values else { return Err(wrong("date")) };
    let Values::Symbol(symbols) = &table.column("symbol")?.values else {
        return Err(wrong("symbol"));
    };
    let is_asked = |day: &TradingDay| {
        needs.from.is_none_or(|from| *day >= from) && needs.to.is_none_or(|to| *day <= to)
    };
    let across: Vec<Symbol> =
        symbols.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let down: BTreeSet<TradingDay> = days.iter().copied().filter(is_asked).collect();
    let down: Vec<TradingDay> = down.into_iter().collect();
    let place: BTreeMap<Symbol, usize> = across.iter().enumerate().map(|(i, &s)| (s, i)).collect();
    let cells: Vec<Option<usize>> = days
        .iter()
        .zip(symbols)
        .map(|(day, symbol)| Some(down.binary_search(day).ok()? * across.len() + place[symbol]))
        .collect();
    let mut panel = Panel::new(down.clone(), across.clone())?;
    for name in columns {
        let mut values = vec![f64::NAN; down.len() * across.len()];
        let mut put = |value: &dyn Fn(usize) -> f64| {
            let rows = cells.iter().enumerate();
            rows.filter_map(|(row, cell)| Some((row, (*cell)?))).for_each(|(row, cell)| {
                values[cell] = value(row);
            });
        };
        match &table.column(name)?.values {
            Values::Number(numbers) => put(&|row| numbers[row]),
            Values::Count(counts) => put(&|row| counts[row] as f64),
            Values::Flag(flags) => put(&|row| f64::from(u8::from(flags[row]))),
            _ => return Err(wrong(name)),
        }
        panel = panel.with_column(*name, values)?;
    }
    Ok(panel)
}

/// The days and A shares of several panels.
struct Grid {
    days: Vec<TradingDay>,
    symbols: Vec<Symbol>,
}

impl Grid {
    fn of<'a>(panels: impl IntoIterator<Item = &'a Panel> + Clone) -> Self {
        let days: BTreeSet<TradingDay> =
            panels.clone().into_iter().flat_map(|panel| panel.days().iter().copied()).collect();
        let symbols = panels.into_iter().flat_map(|panel| panel.symbols().iter().copied());
        let symbols: BTreeSet<Symbol> = symbols.filter(|symbol| symbol.board().is_some()).collect();
        Self { days: days.into_iter().collect(), symbols: symbols.into_iter().collect() }
    }

    /// A column of a panel on this grid; NaN where the panel has no cell.
    fn spread(&self, panel: &Panel, name: &str) -> Result<Vec<f64>, StudyError> {
        let values = panel.column(name)?;
        let width = self.symbols.len();
        let places: Vec<Option<usize>> =
            panel.symbols().iter().map(|symbol| self.symbols.binary_search(symbol).ok()).collect();
        let mut spread = vec![f64::NAN; self.days.len() * width];
        spread.par_chunks_mut(width).zip(&self.days).for_each(|(row, day)| {
            let Ok(t) = panel.days().binary_search(day) else { return };
            let found = &values[t * places.len()..][..places.len()];
            for (place, value) in places.iter().zip(found) {
                if let Some(place) = place {
                    row[*place] = *value;
                }
            }
        });
        Ok(spread)
    }
}

fn adjusted_close(grid: &Grid, daily: &Panel, adjusted: &Panel) -> Result<Vec<f64>, StudyError> {
    let mut price = grid.spread(daily, "close")?;
    let factor = grid.spread(daily, "adjust_factor")?;
    let other = grid.spread(adjusted, "close")?;
    price.par_iter_mut().zip(factor).zip(other).for_each(|((price, factor), other)| {
        let product = *price * factor;
        *price = if product.is_nan() { other } else { product };
    });
    Ok(price)
}

/// The day's `high` or `low` in the scale of the adjusted close: its ratio to the close beside it, by the
/// unadjusted bar where there is one.
fn adjusted_extreme(
    grid: &Grid,
    price: &[f64],
    column: &str,
    daily: &Panel,
    adjusted: &Panel,
) -> Result<Vec<f64>, StudyError> {
    let ratio = |panel: &Panel| -> Result<Vec<f64>, StudyError> {
        let mut ratio = grid.spread(panel, column)?;
        let close = grid.spread(panel, "close")?;
        ratio.par_iter_mut().zip(close).for_each(|(extreme, close)| *extreme /= close);
        Ok(ratio)
    };
    let (mut scaled, other) = (ratio(daily)?, ratio(adjusted)?);
    scaled.par_iter_mut().zip(other).zip(price).for_each(|((scaled, other), price)| {
        *scaled = if scaled.is_nan() { other } else { *scaled } * price;
    });
    Ok(scaled)
}

/// What is known of each symbol itself, and its industry.
fn securities_of(
    table: &Table,
    symbols: &[Symbol],
) -> Result<(Vec<Listing>, Vec<u16>), StudyError> {
    let mut listings = vec![Listing::default(); symbols.len()];
    let mut industries = vec![0; symbols.len()];
    if table.n_rows() == 0 {
        return Ok((listings, industries));
    }
    let (code, name) = (texts(table, "symbol")?, texts(table, "name")?);
    let (listed_on, industry) = (texts(table, "listed_on")?, texts(table, "industry")?);
    let known: BTreeSet<&String> = industry.iter().filter(|word| !word.is_empty()).collect();
    let number: BTreeMap<&String, u16> = known.into_iter().zip(1..).collect();
    for row in 0..table.n_rows() {
        let Ok(i) = symbols.binary_search(&Symbol::parse(&code[row])?) else { continue };
        let listed_on = (!listed_on[row].is_empty()).then(|| listed_on[row].parse()).transpose()?;
        listings[i] = Listing { listed_on, name: name[row].clone() };
        industries[i] = number.get(&industry[row]).copied().unwrap_or_default();
    }
    Ok((listings, industries))
}

/// Members by index and day.
fn members_of(
    table: &Table,
    symbols: &[Symbol],
) -> Result<BTreeMap<Symbol, BTreeMap<TradingDay, Vec<usize>>>, StudyError> {
    let mut members: BTreeMap<Symbol, BTreeMap<TradingDay, Vec<usize>>> = BTreeMap::new();
    if table.n_rows() == 0 {
        return Ok(members);
    }
    let days = texts(table, "date")?;
    let (index, symbol) = (texts(table, "index")?, texts(table, "symbol")?);
    for row in 0..table.n_rows() {
        let of_index = members.entry(Symbol::parse(&index[row])?).or_default();
        let on_day = of_index.entry(days[row].parse()?).or_default();
        on_day.extend(symbols.binary_search(&Symbol::parse(&symbol[row])?).ok());
    }
    Ok(members)
}

/// A column as text: symbols by their code, days in ISO; empty is "not given".
fn texts(table: &Table, name: &str) -> Result<Vec<String>, StudyError> {
    match &table.column(name)?.values {
        Values::Text(texts) => Ok(texts.clone()),
        Values::Symbol(symbols) => Ok(symbols.iter().map(Symbol::to_string).collect()),
        Values::Day(days) => Ok(days.iter().map(TradingDay::to_string).collect()),
        _ => Err(StudyError::NotCanonical {
            table: table.name().to_owned(),
            column: name.to_owned(),
        }),
    }
}
