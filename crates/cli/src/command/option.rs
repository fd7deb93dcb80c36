//! `option`: prices, implied volatilities, and what a chain says.

use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use clap::{Args, Subcommand, ValueEnum};
use serde::Deserialize;
use shoals_core::{Convention, FutureProduct, Symbol, Table, Text, TradingDay};
use shoals_market::option::{
    Black76, BlackScholesMerton, ImpliedVolatility, OptionChain, OptionKind, OptionOutcome,
    StraddleTerms, black_scholes_merton, black76, hold_straddles, implied_volatility,
    parity_errors, short_margin, surface, volatility_index_history,
};
use shoals_study::{Analysis, MarketView, ask};

use crate::arguments::{AnalysisArgs, OutputArgs, RulebookArgs, parse_day};
use crate::command::analysis::read_words;
use crate::print::Answer;
use crate::rulebook::UserRulebook;
use crate::source;

/// What is insurance worth: prices, volatilities, surfaces, straddles, margins
#[derive(Debug, Args)]
pub(crate) struct OptionArgs {
    #[command(subcommand)]
    command: OptionCommand,
}

#[derive(Debug, Subcommand)]
enum OptionCommand {
    /// Price and greeks of one European option
    #[command(allow_negative_numbers = true)]
    Price {
        #[command(flatten)]
        contract: Contract,
        /// Annualised volatility, decimal
        #[arg(long)]
        volatility: f64,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// The volatility a price implies, or the bound it breaks
    #[command(allow_negative_numbers = true)]
    Iv {
        #[command(flatten)]
        contract: Contract,
        /// Price, in the unit of the underlying
        #[arg(long)]
        price: f64,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// What CFFEX asks of the seller of one index option
    #[command(allow_negative_numbers = true)]
    Margin {
        /// IO, HO or MO
        #[arg(long, value_enum)]
        product: Product,
        /// Call or put
        #[arg(long, value_enum)]
        kind: Kind,
        /// Settlement price, index points
        #[arg(long)]
        settle: f64,
        /// Close of the index
        #[arg(long)]
        underlying: f64,
        /// Strike
        #[arg(long)]
        strike: f64,
        /// Day of the rule
        #[arg(long, value_name = "DATE", value_parser = parse_day)]
        on: TradingDay,
        #[command(flatten)]
        rulebook: RulebookArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// The 30-day volatility index of a chain, day by day (the VIX of 2003)
    Index {
        #[command(flatten)]
        chain: ChainArgs,
    },
    /// How far call and put of a strike are from parity, day by day
    Parity {
        #[command(flatten)]
        chain: ChainArgs,
    },
    /// Every strike and expiry of a chain on one day
    Surface {
        /// The day; the last of the chain without it
        #[arg(long, value_name = "DATE", value_parser = parse_day)]
        on: Option<TradingDay>,
        #[command(flatten)]
        chain: ChainArgs,
    },
    /// What holding straddles earned, and from what: delta, gamma, vega, theta, hedge, cost
    Straddle {
        /// Terms in TOML, the words of [straddle]; without them a month's straddle sold and left alone
        terms: Option<PathBuf>,
        #[command(flatten)]
        chain: ChainArgs,
    },
}

/// A European option on a forward, or on a spot with a yield.
#[derive(Debug, Args)]
struct Contract {
    /// Call or put
    #[arg(long, value_enum)]
    kind: Kind,
    /// Forward or futures price of the expiry
    #[arg(long, required_unless_present = "spot", conflicts_with = "spot")]
    forward: Option<f64>,
    /// Price of the underlying itself
    #[arg(long)]
    spot: Option<f64>,
    /// Continuously compounded annual dividend yield (with --spot)
    #[arg(long, default_value_t = 0.0, allow_negative_numbers = true)]
    dividend_yield: f64,
    /// Strike
    #[arg(long)]
    strike: f64,
    /// Calendar days to expiry, of 365 a year
    #[arg(long)]
    days: f64,
    /// Continuously compounded annual rate, decimal
    #[arg(long, default_value_t = 0.02, allow_negative_numbers = true)]
    rate: f64,
}

/// A chain of the market.
#[derive(Debug, Args)]
struct ChainArgs {
    /// Underlying of the chain
    #[arg(long, value_name = "CODE", default_value = "510050.SH")]
    underlying: String,
    /// Continuously compounded annual rate of the strip, and of expiries whose quotes give none
    #[arg(long, default_value_t = 0.02, allow_negative_numbers = true)]
    rate: f64,
    #[command(flatten)]
    asked: AnalysisArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Call,
    Put,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Product {
    /// CSI 300
    #[value(name = "IO")]
    Io,
    /// SSE 50
    #[value(name = "HO")]
    Ho,
    /// CSI 1000
    #[value(name = "MO")]
    Mo,
}

/// A terms file that opens its section by name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StraddleFile {
    straddle: StraddleTerms,
}

impl From<Kind> for OptionKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Call => Self::Call,
            Kind::Put => Self::Put,
        }
    }
}

impl Product {
    fn future(self) -> FutureProduct {
        match self {
            Self::Io => FutureProduct::IF,
            Self::Ho => FutureProduct::IH,
            Self::Mo => FutureProduct::IM,
        }
    }
}

impl Contract {
    fn check(&self) -> anyhow::Result<()> {
        let numbers = [
            ("--forward", self.forward.unwrap_or(1.0)),
            ("--spot", self.spot.unwrap_or(1.0)),
            ("--strike", self.strike),
            ("--days", self.days),
        ];
        for (flag, found) in numbers {
            ensure!(
                found > 0.0 && found.is_finite(),
                "`{flag}` is {found}, expected a number above 0"
            );
        }
        Ok(())
    }

    fn years(&self) -> f64 {
        self.days / shoals_core::number::CALENDAR_DAYS_PER_YEAR
    }

    fn forward(&self) -> f64 {
        let growth = ((self.rate - self.dividend_yield) * self.years()).exp();
        self.forward.or(self.spot.map(|spot| spot * growth)).unwrap_or(f64::NAN)
    }
}

/// Answers one question about options.
pub(crate) fn run_option(args: &OptionArgs) -> anyhow::Result<()> {
    match &args.command {
        OptionCommand::Price { contract, volatility, output } => {
            contract.check()?;
            ensure!(
                (0.0..=5.0).contains(volatility),
                "`--volatility` is {volatility}, expected a decimal in [0, 5] (25% is written 0.25)"
            );
            answer("price", vec![price_table(contract, *volatility)]).print(output)
        }
        OptionCommand::Iv { contract, price, output } => {
            contract.check()?;
            answer("iv", vec![iv_table(contract, *price)?]).print(output)
        }
        OptionCommand::Margin {
            product,
            kind,
            settle,
            underlying,
            strike,
            on,
            rulebook,
            output,
        } => {
            for (flag, found) in
                [("--underlying", *underlying), ("--strike", *strike), ("--settle", *settle)]
            {
                ensure!(
                    found >= 0.0 && found.is_finite(),
                    "`{flag}` is {found}, expected index points"
                );
            }
            let user = UserRulebook::of(rulebook)?;
            let rule = user.rulebook.rules.option_margin(product.future(), *on)?;
            let margin = short_margin((*kind).into(), *settle, *underlying, *strike, rule);
            let table = Table::new("margin")
                .with("margin", "CNY for one option sold", vec![margin])
                .with("adjustment", "a fraction of the underlying value", vec![rule.adjustment])
                .with("floor", "least share of the adjusted value", vec![rule.floor])
                .with("multiplier", "CNY per index point", vec![rule.multiplier])
                .with("source", "who says so", vec![rule.source.clone()]);
            answer("margin", vec![table]).print(output)
        }
        OptionCommand::Index { chain } => {
            let (mut outcome, view, quotes) = read_chain(chain)?;
            outcome.index = volatility_index_history(&quotes, chain.rate);
            tell(chain, &outcome, &view)
        }
        OptionCommand::Parity { chain } => {
            let (mut outcome, view, quotes) = read_chain(chain)?;
            outcome.parity = parity_errors(&quotes, chain.rate);
            tell(chain, &outcome, &view)
        }
        OptionCommand::Surface { on, chain } => {
            let (mut outcome, view, quotes) = read_chain(chain)?;
            let last = quotes.days().last().context("the chain has no quote in these days")?;
            let day = on.unwrap_or(last);
            outcome.surface = surface(&quotes, day, chain.rate);
            ensure!(
                !outcome.surface.is_empty(),
                "{} has no quotes on {day}; the last day quoted is {last}",
                chain.underlying
            );
            tell(chain, &outcome, &view)
        }
        OptionCommand::Straddle { terms, chain } => {
            let terms = match terms {
                Some(path) => read_words(path, |text| {
                    toml::from_str(text).map(|file: StraddleFile| file.straddle)
                })?,
                None => StraddleTerms::default(),
            };
            let (mut outcome, view, quotes) = read_chain(chain)?;
            let history = hold_straddles(&quotes, &terms, &view.rulebook.calendar)
                .context("no straddle could be held")?;
            outcome.straddle = Some(history);
            tell(chain, &outcome, &view)
        }
    }
}

fn answer(name: &'static str, tables: Vec<Table>) -> Answer {
    let mut answer = Answer::plain(name, tables);
    answer.convention = Convention::from([
        ("years".to_owned(), Text::same("ACT/365")),
        ("rate".to_owned(), Text::new("连续复利", "continuously compounded")),
    ]);
    answer
}

fn price_table(contract: &Contract, volatility: f64) -> Table {
    let Contract { rate, strike, dividend_yield, .. } = *contract;
    let (kind, years) = (contract.kind.into(), contract.years());
    let numbers: Vec<(&str, f64, &str)> = if let Some(spot) = contract.spot {
        let terms = BlackScholesMerton { spot, strike, volatility, years, rate, dividend_yield };
        let found = black_scholes_merton(kind, &terms);
        vec![
            ("price", found.price, "present value"),
            ("delta", found.delta, "by the spot"),
            ("gamma", found.gamma, "second, by the spot"),
            ("vega", found.vega, "per 1.00 of volatility"),
            ("theta", found.theta, "per year of passing time"),
            ("rho", found.rho, "per 1.00 of rate"),
            ("dividend_rho", found.dividend_rho, "per 1.00 of dividend yield"),
        ]
    } else {
        let forward = contract.forward();
        let found = black76(kind, &Black76 { forward, strike, volatility, years, rate });
        vec![
            ("price", found.price, "present value"),
            ("delta", found.delta, "by the forward"),
            ("gamma", found.gamma, "second, by the forward"),
            ("vega", found.vega, "per 1.00 of volatility"),
            ("theta", found.theta, "per year of passing time"),
            ("rho", found.rho, "per 1.00 of rate, the forward unchanged"),
        ]
    };
    numbers.into_iter().fold(Table::new("price"), |table, (name, value, about)| {
        table.with(name, about, vec![value])
    })
}

fn iv_table(contract: &Contract, price: f64) -> anyhow::Result<Table> {
    let (forward, years) = (contract.forward(), contract.years());
    let kind = contract.kind.into();
    let found = implied_volatility(kind, price, forward, contract.strike, years, contract.rate);
    match found {
        ImpliedVolatility::Volatility(volatility) => Ok(Table::new("iv")
            .with("implied_volatility", "annualised decimal", vec![volatility])
            .with("forward", "forward of the expiry", vec![forward])),
        ImpliedVolatility::BelowIntrinsic { bound } => bail!(
            "`--price` is {price}, below {bound}, what exercising the forward is worth; no volatility gives it"
        ),
        ImpliedVolatility::AboveMaximum { bound } => {
            bail!(
                "`--price` is {price}, expected a price below {bound}, which no volatility reaches"
            )
        }
        ImpliedVolatility::Undefined => bail!("`--price` is {price}, expected a number"),
    }
}

fn read_chain(args: &ChainArgs) -> anyhow::Result<(OptionOutcome, MarketView, OptionChain)> {
    let underlying = Symbol::parse(&args.underlying)?;
    let view = source::view(&args.asked, Analysis::Option)?;
    let period = args.asked.common.period;
    let chain = ask::chain_between(&view, underlying, period.from, period.to)?;
    let (index, parity, surface) = (Vec::new(), Vec::new(), Vec::new());
    let outcome = OptionOutcome { underlying, index, parity, surface, straddle: None };
    Ok((outcome, view, chain))
}

fn tell(args: &ChainArgs, outcome: &OptionOutcome, view: &MarketView) -> anyhow::Result<()> {
    Answer::of(outcome, view)?.print(&args.asked.common.output)
}
