#!/bin/bash
# CPU time of tasks: 10,000 and 100,000 through ft.map, 64 at a time.
set -euo pipefail
# shellcheck source=measure.sh
. "$(dirname -- "$0")/measure.sh"
cat >"$work/map.lua" <<'LUA'
local ft = require "ft"
local items = {}
for i = 1, tonumber(arg[1]) do items[i] = i end
local out = ft.map(items, {concurrency = 64}, function(i) ft.sleep(0) return i * 2 end)
assert(#out == #items and out[#items] == 2 * #items)
LUA
for count in 10000 100000; do
  cpu "$FTHOST" run "$work/map.lua" "$count"
  awk -v count="$count" -v cpu="$cpu_s" 'BEGIN { printf "ft.map over %d tasks that wait once: %.2f s of CPU, %.1f us a task\n", count, cpu, cpu * 1e6 / count }'
done
