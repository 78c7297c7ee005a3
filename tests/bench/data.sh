#!/bin/bash
# Megabytes a CPU second of the data commands over a generated chat file of 100 MB, beside jq reading the same file.
set -euo pipefail
# shellcheck source=measure.sh
. "$(dirname -- "$0")/measure.sh"
awk 'BEGIN {
  srand(1)
  for (i = 0; i < 400; ++i) { word = ""; for (k = 0; k < 2 + rand() * 9; ++k) word = word sprintf("%c", 97 + rand() * 26); words[i] = word }
  for (row = 0; bytes < 1e8; ++row) {
    question = answer = ""
    for (k = 0; k < 40; ++k) question = question words[int(rand() * 400)] " "
    for (k = 0; k < 120; ++k) answer = answer words[int(rand() * 400)] (k % 20 == 19 ? "\\n" : " ")
    line = "{\"messages\":[{\"role\":\"system\",\"content\":\"Answer briefly.\"},{\"role\":\"user\",\"content\":\"" question row "\"},{\"role\":\"assistant\",\"content\":\"" answer "\"}]}"
    bytes += length(line) + 1
    print line
  }
}' >"$work/chat.jsonl"
size=$(stat -c %s "$work/chat.jsonl")
report() { awk -v name="$1" -v size="$size" -v cpu="$cpu_s" -v wall="$wall_s" 'BEGIN { printf "%-40s %7.1f MB/s of CPU, %.2f s wall\n", name, size / 1e6 / cpu, wall }'; }
cpu jq -c .messages "$work/chat.jsonl"
report "jq -c .messages"
cd "$work"
"$FTHOST" init --name bench >/dev/null 2>&1
cpu "$FTHOST" validate chat.jsonl
report "fthost validate (the file)"
cpu "$FTHOST" import chat.jsonl
report "fthost import"
cpu "$FTHOST" stats
report "fthost stats"
cpu "$FTHOST" split --ratio 0.8
report "fthost split"
cpu "$FTHOST" format --output out
report "fthost format"
