#!/bin/sh
# The quickstart, twice: it succeeds, the tuned model beats its base by at least a fifth of the held-out rows, and the
# second run gives the same numbers. Usage: quickstart.sh BUILD_FOLDER
set -eu
build=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME="$work" XDG_CONFIG_HOME="$work/config" XDG_DATA_HOME="$work/share"
recipe="$build/share/fthost/scripts/recipes/quickstart.lua"
for run in 1 2; do
  "$build/bin/fthost" --project "$work/quickstart" run "$recipe" >"$work/out" 2>&1 || {
    cat "$work/out"
    exit 1
  }
  jq 'del(.seconds)' "$work/quickstart/summary.json" >"$work/summary.$run"
done
cat "$work/summary.1"
cmp "$work/summary.1" "$work/summary.2"
jq -e '.counts.held_out >= 50 and .tuned.exact - .base.exact >= 0.2 and .mcnemar_p < 0.01 and
  .fresh.tuned.exact - .fresh.base.exact >= 0.2' "$work/summary.1"
