//! The operators, by the field's names.

/// What two values become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Min,
    Max,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Equal,
    Unequal,
    And,
    Or,
}

/// What one value becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Each {
    Negative,
    Log,
    Abs,
    Sign,
    Sqrt,
    Not,
}

/// What a day's stocks become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Across {
    Rank,
    ZScore,
    Demean,
}

/// What the day's stocks of one industry become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    Rank,
    Mean,
    Neutral,
}

/// What a stock's days become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OverTime {
    Delay,
    Delta,
    Mean,
    Std,
    Median,
    Min,
    Max,
    Rank,
}

impl OverTime {
    /// Days before its own that a window of `days` reaches.
    pub(super) const fn reach(self, days: usize) -> usize {
        match self {
            Self::Delay | Self::Delta => days,
            _ => days - 1,
        }
    }

    /// Fewest days that say anything.
    pub(super) const fn min_days(self) -> usize {
        match self {
            Self::Std => 2,
            _ => 1,
        }
    }
}

/// What an operator takes and does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Arithmetic(Arithmetic),
    Each(Each),
    Across(Across),
    Within(Within),
    OverTime(OverTime),
    Correlation,
    Choice,
}

/// An operator as people read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperatorHelp {
    /// Its name.
    pub name: &'static str,
    /// How it is written.
    pub usage: &'static str,
    /// What it gives.
    pub about: &'static str,
    pub(super) operator: Operator,
}

const fn help(
    name: &'static str,
    usage: &'static str,
    about: &'static str,
    operator: Operator,
) -> OperatorHelp {
    OperatorHelp { name, usage, about, operator }
}

/// Every operator that is written as a word.
pub const OPERATORS: [OperatorHelp; 22] = [
    help("log", "log(x)", "natural logarithm; none of zero or less", Operator::Each(Each::Log)),
    help("abs", "abs(x)", "size without sign", Operator::Each(Each::Abs)),
    help("sign", "sign(x)", "1, 0 or -1", Operator::Each(Each::Sign)),
    help("sqrt", "sqrt(x)", "root; none of less than zero", Operator::Each(Each::Sqrt)),
    help("min", "min(x, y)", "the smaller", Operator::Arithmetic(Arithmetic::Min)),
    help("max", "max(x, y)", "the larger", Operator::Arithmetic(Arithmetic::Max)),
    help(
        "rank",
        "rank(x)",
        "average rank among the day's stocks over their number, (0, 1], 1 the largest",
        Operator::Across(Across::Rank),
    ),
    help(
        "zscore",
        "zscore(x)",
        "(x - mean) / std of the day's stocks, divisor n - 1; none where all are equal",
        Operator::Across(Across::ZScore),
    ),
    help("demean", "demean(x)", "x - mean of the day's stocks", Operator::Across(Across::Demean)),
    help(
        "group_rank",
        "group_rank(x)",
        "average rank among the day's stocks of the same industry over their number, (0, 1]",
        Operator::Within(Within::Rank),
    ),
    help(
        "group_mean",
        "group_mean(x)",
        "mean of the day's stocks of the same industry",
        Operator::Within(Within::Mean),
    ),
    help(
        "group_neutral",
        "group_neutral(x)",
        "x less the mean of the day's stocks of the same industry",
        Operator::Within(Within::Neutral),
    ),
    help(
        "if",
        "if(condition, x, y)",
        "x where the condition holds, y where it does not; none where it is missing",
        Operator::Choice,
    ),
    help("delay", "delay(x, days)", "x so many days before", Operator::OverTime(OverTime::Delay)),
    help(
        "delta",
        "delta(x, days)",
        "x less x so many days before",
        Operator::OverTime(OverTime::Delta),
    ),
    help(
        "rolling_mean",
        "rolling_mean(x, days)",
        "mean of the days observed",
        Operator::OverTime(OverTime::Mean),
    ),
    help(
        "rolling_std",
        "rolling_std(x, days)",
        "standard deviation of the days observed, divisor n - 1",
        Operator::OverTime(OverTime::Std),
    ),
    help(
        "rolling_median",
        "rolling_median(x, days)",
        "middle of the days observed",
        Operator::OverTime(OverTime::Median),
    ),
    help(
        "rolling_min",
        "rolling_min(x, days)",
        "smallest of the days observed",
        Operator::OverTime(OverTime::Min),
    ),
    help(
        "rolling_max",
        "rolling_max(x, days)",
        "largest of the days observed",
        Operator::OverTime(OverTime::Max),
    ),
    help(
        "rolling_rank",
        "rolling_rank(x, days)",
        "average rank of the day's own x among the days observed over their number, (0, 1]",
        Operator::OverTime(OverTime::Rank),
    ),
    help(
        "rolling_corr",
        "rolling_corr(x, y, days)",
        "Pearson correlation of the days with both; none where one is constant",
        Operator::Correlation,
    ),
];
