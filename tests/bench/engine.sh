#!/bin/sh
# The local engine: decoding and LoRA training, one thread.
set -eu
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
exec "$FTHOST_BUILD/tests/bench/bench_engine"
