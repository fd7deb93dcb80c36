//! Reads files as an import would and prints the tables, the findings and the time it took.
//!
//! `cargo run --release -p shoals-data --example read_files -- PROFILE PATH [TABLE]`
#![expect(clippy::print_stdout, reason = "an example talks")]
#![expect(clippy::disallowed_methods, reason = "an example is its own shell")]

use std::time::Instant;

use shoals_data::formats::{Profile, ReadOptions, read};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(profile), Some(path)) = (arguments.next(), arguments.next()) else {
        return Err("say a profile and a path, as: auto prices.csv".into());
    };
    let profile: Profile = profile.parse()?;
    let table = arguments.next().map(|name| name.parse()).transpose()?;
    let options = ReadOptions { table, ..ReadOptions::default() };
    let started = Instant::now();
    let loaded = read(profile, path.as_ref(), &options, &|_, _| {})?;
    let seconds = started.elapsed().as_secs_f64();
    for table in &loaded {
        println!("{:>10} rows of {:<24} from {}", table.n_rows(), table.table, table.file);
    }
    for finding in loaded.iter().flat_map(|table| &table.findings) {
        println!("{finding}");
    }
    println!("{seconds:.3} s");
    Ok(())
}
