"""Flattens the peers' fire-sale inputs for bench_w7.

usage: flatten_fire_sale.py DATA SIZE
Reads DATA/fs_{assets,books,buckets,holdings}_SIZE.parquet and writes one little-endian file a column,
DATA/flat_SIZE/fs_TABLE.COLUMN.f64. The spiral reads no Parquet, so decoding is left out of its timings.
"""
import os
import sys

import polars as pl

data, size = sys.argv[1:3]
out = os.path.join(data, f"flat_{size}")
os.makedirs(out, exist_ok=True)
for table in ("assets", "books", "buckets", "holdings"):
    frame = pl.read_parquet(os.path.join(data, f"fs_{table}_{size}.parquet"))
    for column in frame.columns:
        path = os.path.join(out, f"fs_{table}.{column}.f64")
        frame[column].to_numpy().astype("<f8").tofile(path)
