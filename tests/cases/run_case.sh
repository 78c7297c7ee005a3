#!/bin/sh
# Runs one command-line case: a folder with `cmd` (a shell script) and what it must give: `out`, `err` (both optional)
# and `exit` (0 without). It runs in an empty folder with the case's `files/` in it, a HOME of its own and fthost in
# PATH. In `out` and `err`, "..." stands for anything within a line, "@DIR@" for that folder.
# Usage: run_case.sh CASE_FOLDER BUILD_FOLDER
set -u
case_dir=$(cd "$1" && pwd)
build=$(cd "$2" && pwd)
tests=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'chmod -R u+w "$work" 2>/dev/null; rm -rf "$work"' EXIT
mkdir "$work/dir" "$work/home"
[ -d "$case_dir/files" ] && cp -R "$case_dir/files/." "$work/dir/"
export HOME="$work/home" XDG_CONFIG_HOME="$work/home/config" XDG_DATA_HOME="$work/home/data" NO_COLOR=1 COLUMNS=100 LC_ALL=C.UTF-8
export FTHOST_TESTS="$tests" FTHOST_BUILD="$build"
unset FTHOST_PLUGIN_PATH
PATH="$build/bin:$PATH"
cd "$work/dir" || exit 1
sh "$case_dir/cmd" >"$work/out" 2>"$work/err" </dev/null
code=$?

# Compares line by line; "..." in the expected line matches anything.
compare() {
  awk -v name="$3" -v dir="$work/dir" '
    function pattern(text,   parts, n, i, out) {
      n = split(text, parts, /\.\.\./)
      for (i = 1; i <= n; i++) {
        gsub(/[][\\.^$*+?(){}|\/]/, "\\\\&", parts[i])
        out = out (i > 1 ? ".*" : "") parts[i]
      }
      return "^" out "$"
    }
    function plain(text,   at) {
      while ((at = index(text, dir)) > 0) text = substr(text, 1, at - 1) "@DIR@" substr(text, at + length(dir))
      return text
    }
    NR == FNR { want[++wanted] = $0; next }
    { got[++had] = plain($0) }
    END {
      bad = wanted != had
      for (i = 1; i <= wanted && i <= had; i++) if (got[i] != want[i] && got[i] !~ pattern(want[i])) bad = 1
      if (!bad) exit 0
      print "  " name " differs; expected:"
      for (i = 1; i <= wanted; i++) print "    " want[i]
      print "  got:"
      for (i = 1; i <= had; i++) print "    " got[i]
      exit 1
    }' "$1" "$2"
}

failed=0
expected=0
[ -f "$case_dir/exit" ] && expected=$(cat "$case_dir/exit")
if [ "$code" != "$expected" ]; then
  echo "  exit: expected $expected, got $code"
  failed=1
fi
for name in out err; do
  if [ -f "$case_dir/$name" ]; then
    compare "$case_dir/$name" "$work/$name" "$name" || failed=1
  elif [ "$failed" = 1 ]; then
    echo "  $name was:"
    sed 's/^/    /' "$work/$name"
  fi
done
if [ "$failed" = 1 ]; then
  echo "FAILED: $(basename "$case_dir")"
  exit 1
fi
