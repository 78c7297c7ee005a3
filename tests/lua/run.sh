#!/bin/sh
# Runs one Lua test in an empty folder with a HOME of its own. Usage: run.sh SCRIPT BUILD_FOLDER
set -u
script=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
build=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/dir"
export HOME="$work" XDG_CONFIG_HOME="$work/config" XDG_DATA_HOME="$work/data" FTHOST_PROGRAM="$build/bin/fthost"
unset FTHOST_PLUGIN_PATH
cd "$work/dir" && "$build/bin/fthost" run "$script" </dev/null
