#!/bin/bash
# The data commands over a generated chat file, one thread and then two: megabytes a CPU second, seconds, peak memory; beside
# jq and Python's json reading the same file in the same minute. ROWS=1000000 for the large one (default 100000).
set -euo pipefail
# shellcheck source=measure.sh
. "$(dirname -- "$0")/measure.sh"
rows=${ROWS:-100000}
"$FTHOST_BUILD/tests/bench/bench_corpus" "$rows" --equal 0.02 --near 0.02 >"$work/chat.jsonl"
cd "$work"
size=$(stat -c %s chat.jsonl)
printf '%s rows, %s bytes\n' "$rows" "$size"
report() { awk -v name="$1" -v size="$size" -v cpu="$cpu_s" -v wall="$wall_s" -v peak="$peak_mb" 'BEGIN { printf "%-46s %7.1f MB/s of CPU, %6.2f s, %6.1f MB\n", name, size / 1e6 / cpu, wall, peak }'; }
cpu_and_peak jq -c .messages chat.jsonl
report "jq -c .messages"
for parser in nlohmann simdjson; do
  cpu_and_peak "$FTHOST_BUILD/tests/bench/bench_parse" $parser chat.jsonl
  report "$parser, every line parsed"
done
if command -v python3 >/dev/null; then
  cpu_and_peak python3 -c 'import json, sys
for line in open("chat.jsonl", "rb"): json.loads(line)'
  report "python3 json.loads"
fi
cat >pipeline.lua <<'END'
local ft = require "ft"
local threads = math.tointeger((...))
ft.flow.pipeline {
  path = "chat.jsonl", threads = threads, dedupe = {}, split = { train = 0.8, seed = 1, by = "rating" },
  outputs = { train = "train.jsonl", validation = "val.jsonl" },
}
END
for threads in 1 2; do
  cpu_and_peak "$FTHOST" validate chat.jsonl --provider openai --threads $threads
  report "validate --provider openai, $threads threads"
  cpu_and_peak "$FTHOST" tokens chat.jsonl --encoding o200k_base --threads $threads
  report "tokens o200k_base, $threads threads"
  cpu_and_peak "$FTHOST" run pipeline.lua $threads
  report "exact dedupe and split, written, $threads threads"
  cpu_and_peak "$FTHOST" dedupe chat.jsonl --near 0.8 --output kept.jsonl --threads $threads
  report "dedupe --near 0.8, $threads threads"
  cpu_and_peak "$FTHOST" leakage val.jsonl --in train.jsonl --near 0 --threads $threads || true
  report "leakage --near 0, $threads threads"
done
cpu_and_peak "$FTHOST" redact chat.jsonl --output redacted.jsonl
report "redact"
