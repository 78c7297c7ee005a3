#!/bin/sh
# Holds the house in order: who may include what, what may not be named where, how long a file may be.
# Usage: house.sh SOURCE_FOLDER
set -u
cd "$1" || exit 1
failed=0
complain() {
  echo "house: $1"
  failed=1
}

# Lines of files that match, less the allowed ones: refuse REASON PATTERN PATHS...
refuse() {
  reason=$1 pattern=$2
  shift 2
  found=$(grep -rnE "$pattern" "$@" --include='*.cpp' --include='*.hpp' --include='*.h' --include='*.c' 2>/dev/null)
  [ -z "$found" ] || complain "$reason
$found"
}

layer() { # layer FOLDER FORBIDDEN|FORBIDDEN
  refuse "host/$1 includes a layer above it or beside it" "#include \"($2)/" "host/$1"
}
layer base 'text|io|data|plugin|flow|lua|app'
layer text 'io|data|plugin|flow|lua|app'
layer io 'text|data|plugin|flow|lua|app'
layer data 'plugin|flow|lua|app'
layer plugin 'data|flow|lua|app'
layer flow 'lua|app'
layer lua 'app'

others() { # folders of host/ but one
  for folder in host/*/; do
    [ "$folder" = "host/$1/" ] || echo "$folder"
  done
}
# shellcheck disable=SC2046
refuse 'only host/lua includes lua.hpp' '#include (<lua\.h|"lua/lua\.hpp)' $(others lua) plugin-api plugins
# shellcheck disable=SC2046
refuse 'only host/io includes Beast' '#include <boost/beast' $(others io) plugin-api plugins
found=$(grep -rlE '#include <boost/dll' host plugin-api plugins | grep -v '^host/plugin/loader\.cpp$')
[ -z "$found" ] || complain "only the loader includes Boost.DLL: $found"
refuse 'plugin-api knows nothing of the host' '#include "(base|text|io|data|plugin|flow|lua|app)/' plugin-api
found=$(grep -rnE '#include "(io|data|plugin|flow|lua|app)/' plugins --include='*.cpp' --include='*.hpp' | grep -v '_test\.cpp:')
[ -z "$found" ] || complain "plugins know plugin-api and ft::text alone:
$found"
found=$(grep -rniE '"[^"]*(openai|together\.|fireworks|mistral|anthropic|sqlite|postgres|sharegpt|alpaca|rouge|bleu|levenshtein)[^"]*"' \
  host --include='*.cpp' --include='*.hpp' --include='*.h')
[ -z "$found" ] || complain "a string, not a name of another's: the host names no vendor, metric, database or format:
$found"

for file in $(git ls-files '*.cpp' '*.hpp' '*.h' '*.lua' 2>/dev/null); do
  [ -f "$file" ] || continue
  case $file in scripts/recipes/*) continue ;; esac
  lines=$(wc -l <"$file")
  [ "$lines" -le 500 ] || complain "$file has $lines lines; a file is one idea of at most 500"
done
found=$(git grep -nIE '\b(TODO|FIXME|XXX|HACK)\b' -- host plugin-api plugins scripts 2>/dev/null)
[ -z "$found" ] || complain "unfinished by its own words:
$found"
exit $failed
