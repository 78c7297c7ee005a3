#!/bin/bash
# Counting tokens: the encodings alone by kind of text, then `fthost tokens` over a generated chat file, beside jq reading it.
set -euo pipefail
# shellcheck source=measure.sh
. "$(dirname -- "$0")/measure.sh"
tables=$FTHOST_BUILD/share/fthost/tokenizers
for name in o200k_base cl100k_base; do "$FTHOST_BUILD/tests/bench/bench_tokens" "$tables/$name.ranks"; done
"$FTHOST_BUILD/tests/bench/bench_tokens" --rows >"$work/chat.jsonl"
size=$(stat -c %s "$work/chat.jsonl")
report() { awk -v name="$1" -v size="$size" -v cpu="$cpu_s" -v wall="$wall_s" 'BEGIN { printf "%-40s %7.1f MB/s of CPU, %.2f s wall\n", name, size / 1e6 / cpu, wall }'; }
cd "$work"
cpu jq -c .messages chat.jsonl
report "jq -c .messages"
for name in o200k_base cl100k_base; do
  cpu "$FTHOST" tokens chat.jsonl --encoding $name
  report "fthost tokens --encoding $name"
done
