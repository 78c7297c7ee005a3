#!/bin/sh
# Kills (SIGKILL) a process that adds and changes records, many times, each time after another number of acknowledgements;
# then every acknowledged record must be there and the file must be valid. Usage: kill.sh BUILD_FOLDER [TIMES]
set -eu
build=$(cd "$1" && pwd)
times=${2:-200}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME="$work" XDG_CONFIG_HOME="$work/config" XDG_DATA_HOME="$work/share"
mkdir "$work/project"
cd "$work/project"
fthost="$build/bin/fthost"
"$fthost" init --name kill >/dev/null
mkfifo "$work/pipe"
round=0
while [ "$round" -lt "$times" ]; do
  round=$((round + 1))
  "$fthost" run "$here/writer.lua" "$round" >"$work/pipe" 2>"$work/err" &
  pid=$!
  want=$((round * 7 % 11 + 1))
  {
    while [ "$want" -gt 0 ] && read -r line; do
      echo "$line"
      want=$((want - 1))
    done
    kill -KILL "$pid"
    cat
  } <"$work/pipe" >>"$work/acknowledged"
  wait "$pid" 2>/dev/null || true
  if [ -s "$work/err" ] && grep -v 'repaired\|torn\|newline' "$work/err"; then
    echo "round $round said that"
    exit 1
  fi
done
"$fthost" run "$here/check.lua" "$work/acknowledged"
