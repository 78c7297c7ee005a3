#!/bin/bash
# CPU time of starting: the mean of 50 runs.
set -euo pipefail
# shellcheck source=measure.sh
. "$(dirname -- "$0")/measure.sh"
fifty() { for _ in {1..50}; do "$@"; done; }
for option in --version --help; do
  cpu fifty "$FTHOST" $option
  awk -v option="$option" -v cpu="$cpu_s" 'BEGIN { printf "fthost %s: %.1f ms of CPU\n", option, cpu * 1000 / 50 }'
done
