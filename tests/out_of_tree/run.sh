#!/bin/sh
# A plugin author's way, from an installation alone: installs the build to a temporary prefix, makes a plugin of each kind
# with `fthost new plugin`, builds it with find_package(fthost), checks it, drops it into a folder and uses it.
# Usage: run.sh BUILD_FOLDER
set -eu
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A second run finds the same compilations, although its folder has another name.
export CCACHE_DIR="${CCACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/ccache}" CCACHE_BASEDIR="$work" CCACHE_NOHASHDIR=1
mkdir "$work/home"
export HOME="$work/home" NO_COLOR=1
unset FTHOST_PLUGIN_PATH XDG_CONFIG_HOME XDG_DATA_HOME

quietly() { # quietly WHAT COMMAND...: its output only if it fails
  what=$1
  shift
  if ! "$@" >"$work/log" 2>&1; then
    echo "out_of_tree: $what failed:"
    cat "$work/log"
    exit 1
  fi
}

quietly "the installation" cmake --install "$build" --prefix "$work/prefix"
PATH="$work/prefix/bin:$PATH"
launcher=$(command -v ccache || true)
mkdir "$work/desk"
cd "$work/desk"
for kind in scorer formatter provider storage; do
  name="my-$kind"
  quietly "fthost new plugin $kind" fthost new plugin "$kind" "$name"
  if grep -rl '@NAME@\|@CLASS@' "$name"; then
    echo "out_of_tree: the files above still hold a placeholder"
    exit 1
  fi
  quietly "configuring $name" cmake -S "$name" -B "$name/build" -DCMAKE_PREFIX_PATH="$work/prefix" \
    -DCMAKE_BUILD_TYPE=None ${launcher:+-DCMAKE_CXX_COMPILER_LAUNCHER="$launcher"}
  if grep -q "$source" "$name/build/CMakeCache.txt"; then
    echo "out_of_tree: $name was built from the source tree, not from the installation"
    exit 1
  fi
  quietly "building $name" cmake --build "$name/build"
  quietly "fthost plugin check $name" fthost plugin check "$name/build/plugins/$kind/$name.so"
  mkdir -p "$work/plugins/$kind"
  cp "$name/build/plugins/$kind/$name.so" "$work/plugins/$kind/"
done

cp "$here/use.lua" "$here/questions.jsonl" .
quietly "using the four plugins" fthost --plugin-dir "$work/plugins" run use.lua
echo "out_of_tree: four plugins made, built, checked and used"
