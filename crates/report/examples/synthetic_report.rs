//! Writes the report of a small made-up market: `cargo run -p shoals-report --example synthetic_report -- report.html`.

#![expect(clippy::disallowed_methods, reason = "an example is a shell: it reads its arguments")]

#[path = "../tests/synthetic/mod.rs"]
#[expect(unreachable_pub, reason = "shared with the tests")]
mod synthetic;

use std::path::PathBuf;

use shoals_report::Lang;
use shoals_report::html::save_html;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let path = PathBuf::from(args.next().unwrap_or_else(|| "report.html".to_owned()));
    let world = synthetic::World::new(args.next().as_deref() != Some("calm"));
    save_html(&path, &synthetic::report(&world), Lang::Zh)?;
    Ok(())
}
