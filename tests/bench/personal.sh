#!/bin/sh
# The finder of personal data: texts without hits, with digits, with a hit a line, and the reference files where there are any.
set -eu
shared=${FTHOST_SHARED:-$(dirname -- "$0")/../../../shared}
set --
for file in "$shared"/data/*.json; do [ -f "$file" ] && set -- "$@" "$file"; done
exec "$FTHOST_BUILD/tests/bench/bench_personal" "$@"
