//! Numbers on slices: ranks, performance, drawdown, bootstrap, regression.
