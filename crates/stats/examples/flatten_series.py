"""Writes the series of the peers' bubble test for bench_w4.

usage: flatten_series.py W4_FOLDER OUT_DIR    (the folder that holds the peers' spec.py)
Writes OUT_DIR/flat_SIZE/series.f64, little-endian, for the sizes S, M and L.
"""
import os
import sys

folder, out = sys.argv[1:3]
sys.argv = sys.argv[:1]
sys.path.insert(0, folder)
import spec

for size, n in spec.N.items():
    os.makedirs(os.path.join(out, f"flat_{size}"), exist_ok=True)
    spec.series(n).astype("<f8").tofile(os.path.join(out, f"flat_{size}", "series.f64"))
