"""Writes the funds and factors of the peers' style analysis for bench_w6.

usage: flatten_styles.py DATA_DIR OUT_DIR    (the folder that holds the peers' rbsa_SIZE.parquet)
Writes OUT_DIR/flat_SIZE/{factors,funds}.f64, series after series, little-endian, for the sizes S, M and L.
"""
import os
import sys

import numpy as np
import pyarrow.parquet as pq

data, out = sys.argv[1:3]
for size in "SML":
    table = pq.read_table(os.path.join(data, f"rbsa_{size}.parquet"))
    folder = os.path.join(out, f"flat_{size}")
    os.makedirs(folder, exist_ok=True)
    for name, letter in [("factors", "x"), ("funds", "f")]:
        columns = [table[c].to_numpy() for c in table.column_names if c.startswith(letter)]
        np.array(columns, dtype="<f8").tofile(os.path.join(folder, f"{name}.f64"))
