"""Writes the NAVs of the peers' fund benchmark for bench_w5.

usage: flatten_nav.py DATA_DIR    (the folder that holds nav_S.parquet and its sisters)
Writes DATA_DIR/flat_SIZE/nav_date.i32 and nav_level.f64 (the benchmark, then the funds, a column after the other),
little-endian.
"""
import os
import sys

import numpy as np
import pyarrow.parquet as pq

folder = sys.argv[1]
for size in "SML":
    table = pq.read_table(os.path.join(folder, f"nav_{size}.parquet"))
    out = os.path.join(folder, f"flat_{size}")
    os.makedirs(out, exist_ok=True)
    table["date"].to_numpy().astype("datetime64[D]").astype("<i4").tofile(os.path.join(out, "nav_date.i32"))
    levels = np.concatenate([table[name].to_numpy() for name in table.column_names if name != "date"])
    levels.astype("<f8").tofile(os.path.join(out, "nav_level.f64"))
