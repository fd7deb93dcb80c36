"""Flattens the peers' stock-day panel for bench_w1 and bench_w2.

usage: flatten_panel.py PANEL.parquet OUT_DIR
Writes one little-endian file a column, rows by date, then code: date.i32 and list_date.i32 (days
since 1970-01-01), stock.u32 (place of the code in rising order), close.f64, mcap.f64, factor.f64,
suspended.u8, st.u8. The market room reads no Parquet, so decoding is left out of its timings.
"""
import os
import sys

import numpy as np
import polars as pl

panel, out = sys.argv[1:3]
os.makedirs(out, exist_ok=True)
frame = pl.read_parquet(panel)
codes = np.sort(frame["code"].unique().to_numpy())
columns = {
    "date.i32": frame["date"].to_physical().to_numpy().astype("<i4"),
    "list_date.i32": frame["list_date"].to_physical().to_numpy().astype("<i4"),
    "stock.u32": np.searchsorted(codes, frame["code"].to_numpy()).astype("<u4"),
    **{f"{name}.f64": frame[name].to_numpy().astype("<f8") for name in ("close", "mcap", "factor")},
    **{f"{name}.u8": frame[name].to_numpy().astype("u1") for name in ("suspended", "st")},
}
for name, values in columns.items():
    values.tofile(os.path.join(out, name))
