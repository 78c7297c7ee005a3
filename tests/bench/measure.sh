# shellcheck shell=bash disable=SC2034
# Sourced by the benchmarks: cpu COMMAND... runs it and sets cpu_s (user and system seconds of the command and its
# children, milliseconds apart) and wall_s. A command that fails ends the benchmark.
cpu() {
  local TIMEFORMAT='%U %S %R' times user system
  times=$({ time "$@" >/dev/null 2>"$work/errors" || kill $$; } 2>&1) || { cat "$work/errors" >&2 && exit 1; }
  read -r user system wall_s <<<"$times"
  cpu_s=$(awk -v u="$user" -v s="$system" 'BEGIN { printf "%.3f", u + s }')
}
# The same of the run with the least CPU of RUNS (3), and peak_mb, the most memory that any had at one time. An exit of 1,
# by which commands tell what they found, is no failure.
cpu_and_peak() {
  local best_cpu="" best_wall="" most="0.0" run
  for ((run = 0; run < ${RUNS:-3}; run++)); do
    once "$@"
    read -r best_cpu best_wall most < <(awk -v c="$cpu_s" -v w="$wall_s" -v p="$peak_mb" -v bc="${best_cpu:-1e9}" \
      -v bw="${best_wall:-1e9}" -v m="$most" 'BEGIN { print (c < bc ? c : bc), (w < bw ? w : bw), (p > m ? p : m) }')
  done
  cpu_s=$best_cpu wall_s=$best_wall peak_mb=$most
}
once() {
  /usr/bin/time -o "$work/time" -f '%U %S %e %M' "$@" >/dev/null 2>"$work/errors" || [ $? -eq 1 ] || { cat "$work/errors" >&2 && exit 1; }
  local user system kilobytes
  read -r user system wall_s kilobytes < <(tail -n 1 "$work/time")
  cpu_s=$(awk -v u="$user" -v s="$system" 'BEGIN { printf "%.3f", u + s }')
  peak_mb=$(awk -v k="$kilobytes" 'BEGIN { printf "%.1f", k / 1024 }')
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
