"""Flattens the peers' option chain and their hard points for bench_w3.

usage: flatten_chain.py CHAIN.parquet HARD.parquet OUT_DIR
Writes little-endian files chain_COLUMN.f64 and hard_COLUMN.f64 (flag: +1 a call, -1 a put).
"""
import os
import sys

import polars as pl

chain, hard, out = sys.argv[1:4]
os.makedirs(out, exist_ok=True)
for name, path in (("chain", chain), ("hard", hard)):
    frame = pl.read_parquet(path)
    for column in ("flag", "F", "K", "T", "r", "sigma", "price"):
        values = frame[column].to_numpy().astype("<f8")
        values.tofile(os.path.join(out, f"{name}_{column}.f64"))
