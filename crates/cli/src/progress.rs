//! A progress bar on a terminal, nothing when piped or quiet.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over bytes.
pub(crate) fn bytes(quiet: bool) -> ProgressBar {
    bar(quiet, "{msg:.dim} {bar:32} {bytes}/{total_bytes} {eta}")
}

/// A spinner over named steps.
pub(crate) fn steps(quiet: bool) -> ProgressBar {
    bar(quiet, "{spinner} {msg} {elapsed:.dim}")
}

fn bar(quiet: bool, template: &str) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::no_length();
    bar.set_style(ProgressStyle::with_template(template).expect("a literal template is legal"));
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
