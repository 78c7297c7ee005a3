#!/bin/sh
# The snippets of one document, in an empty folder with a HOME of its own. Usage: run_doc.sh DOC.md BUILD_FOLDER
set -u
doc=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
build=$(cd "$2" && pwd)
source=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/dir" "$work/home"
export HOME="$work/home" XDG_CONFIG_HOME="$work/home/config" XDG_DATA_HOME="$work/home/data" NO_COLOR=1 COLUMNS=120 LC_ALL=C.UTF-8
unset FTHOST_PLUGIN_PATH
PATH="$build/bin:$PATH"
cd "$work/dir" || exit 1
lua5.4 "$source/tests/docs/run_doc.lua" "$doc" "$source" </dev/null
