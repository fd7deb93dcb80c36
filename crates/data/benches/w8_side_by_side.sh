#!/bin/sh
# CSV to sorted Parquet: the peers and shoals, one after the other, on the same file.
#
#   PEERS=DIR           peers' scripts (w8/peers.py with common.py above it)
#   PYTHON=python3      an interpreter that has the peers installed
#   SHOALS_BENCH_DATA   directory with stock_day_{S,M,L}.csv
#   PROFILE=release     cargo profile of our side; `dev` is the quick start's
#
# usage: w8_side_by_side.sh [SIZE] [REPETITIONS]
set -eu
: "${PEERS:?name the directory of the peers' scripts}" "${SHOALS_BENCH_DATA:?name the directory of the data}"
size=${1:-L}
repetitions=${2:-3}
profile=${PROFILE:-release}
here=$(cd "$(dirname "$0")" && pwd)
export SHOALS_BENCH_OUT="${SHOALS_BENCH_OUT:-${TMPDIR:-/tmp}/shoals_w8}"
mkdir -p "$SHOALS_BENCH_OUT"
cargo build --quiet --manifest-path "$here/../Cargo.toml" --profile "$profile" --example w8
for _ in $(seq "$repetitions"); do
    for peer in duckdb polars polars_stream; do
        "${PYTHON:-python3}" -B "$PEERS/w8/peers.py" --peer="$peer" --size "$size"
    done
    cargo run --quiet --manifest-path "$here/../Cargo.toml" --profile "$profile" --example w8 -- --size "$size"
done
