//! What the benchmark peers share: the flattened panel, the clock and the line they print.

use std::path::{Path, PathBuf};
use std::time::Instant;

use shoals_core::TradingDay;

pub(crate) type Failure = Box<dyn std::error::Error>;

/// Sizes and folders of a run: `--size`, `SHOALS_BENCH_DATA` and `SHOALS_BENCH_OUT`.
pub(crate) struct Run {
    work: &'static str,
    pub(crate) size: String,
    data: PathBuf,
    out: PathBuf,
}

/// Wall and CPU seconds of a phase.
#[derive(Default, Clone, Copy)]
pub(crate) struct Cost {
    wall: f64,
    cpu: f64,
}

impl Run {
    pub(crate) fn from_arguments(work: &'static str) -> Result<Self, Failure> {
        let mut arguments = std::env::args().skip_while(|word| word != "--size").skip(1);
        let size = arguments.next().unwrap_or_else(|| "S".to_owned());
        let folder = |name| std::env::var(name).map_err(|_| format!("{name} is not set"));
        let data = Path::new(&folder("SHOALS_BENCH_DATA")?).join(format!("flat_{size}"));
        let out = Path::new(&folder("SHOALS_BENCH_OUT")?).join(format!("{work}_{size}"));
        std::fs::create_dir_all(&out)?;
        Ok(Self { work, size, data, out })
    }

    /// The panel's days, its number of stocks, and where each row of the file goes.
    pub(crate) fn layout(&self) -> Result<Layout, Failure> {
        let dates = self.column("date.i32", i32::from_le_bytes)?;
        let stocks = self.column("stock.u32", u32::from_le_bytes)?;
        let n_stocks = stocks.iter().max().map_or(0, |&last| last as usize + 1);
        let mut days: Vec<i32> = dates.clone();
        days.dedup();
        let mut day = 0;
        let places = dates.iter().zip(&stocks).map(|(date, &stock)| {
            day += usize::from(days[day] != *date);
            (day * n_stocks) as u32 + stock
        });
        let places = places.collect();
        let days = days.into_iter().map(TradingDay::from_epoch_days).collect();
        Ok(Layout { days, n_stocks, places })
    }

    /// A column in dense form; `absent` where a stock has no row.
    pub(crate) fn dense<T: Copy, const N: usize>(
        &self,
        layout: &Layout,
        name: &str,
        absent: T,
        read: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>, Failure> {
        let mut values = vec![absent; layout.days.len() * layout.n_stocks];
        for (&place, value) in layout.places.iter().zip(self.column(name, read)?) {
            values[place as usize] = value;
        }
        Ok(values)
    }

    pub(crate) fn column<T, const N: usize>(
        &self,
        name: &str,
        read: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>, Failure> {
        let bytes = std::fs::read(self.data.join(name))?;
        Ok(bytes.as_chunks::<N>().0.iter().map(|&chunk| read(chunk)).collect())
    }

    /// Writes `shoals.NAME.csv`, which the peers' compare.py reads beside their own results.
    pub(crate) fn save(
        &self,
        name: &str,
        columns: &[(String, Vec<String>)],
    ) -> Result<(), Failure> {
        let header: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
        let mut text = header.join(",") + "\n";
        for row in 0..columns[0].1.len() {
            let cells: Vec<&str> = columns.iter().map(|(_, cells)| cells[row].as_str()).collect();
            text += &(cells.join(",") + "\n");
        }
        Ok(std::fs::write(self.out.join(format!("shoals.{name}.csv")), text)?)
    }

    /// The line of JSON every peer prints.
    pub(crate) fn print(&self, load: Cost, compute: Cost, peak_rss_mb: f64, checksum: f64) {
        let line = serde_json::json!({
            "work": self.work, "peer": "shoals", "size": self.size,
            "seconds": compute.wall, "cpu_seconds": compute.cpu,
            "load_seconds": load.wall, "load_cpu_seconds": load.cpu,
            "total_seconds": load.wall + compute.wall,
            "peak_rss_mb": peak_rss_mb, "threads": rayon::current_num_threads(),
            "checksum": checksum,
        });
        println!("{line}");
    }
}

/// Where the rows of the file stand in a dense panel.
pub(crate) struct Layout {
    pub(crate) days: Vec<TradingDay>,
    pub(crate) n_stocks: usize,
    places: Vec<u32>,
}

/// Runs a phase and says what it cost.
pub(crate) fn measured<T>(
    phase: impl FnOnce() -> Result<T, Failure>,
) -> Result<(T, Cost), Failure> {
    let (start, cpu) = (Instant::now(), cpu_seconds()?);
    let result = phase()?;
    Ok((result, Cost { wall: start.elapsed().as_secs_f64(), cpu: cpu_seconds()? - cpu }))
}

/// User and system time of all threads, in ticks of 10 ms.
fn cpu_seconds() -> Result<f64, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<&str> = after_name.split_whitespace().skip(11).take(2).collect();
    Ok(ticks.iter().map(|t| t.parse::<f64>()).sum::<Result<f64, _>>()? / 100.0)
}

/// Most memory the process ever held.
pub(crate) fn peak_rss_mb() -> Result<f64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    let kib = line.split_whitespace().nth(1).unwrap_or("NaN");
    Ok(kib.parse::<f64>()? / 1024.0)
}

/// Numbers with all their digits.
pub(crate) fn cells(values: impl IntoIterator<Item = f64>) -> Vec<String> {
    values.into_iter().map(|value| value.to_string()).collect()
}
