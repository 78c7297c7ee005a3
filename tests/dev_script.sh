#!/bin/sh
# ./dev without Debian's package tools: programs of the same names stand in for them, write down how they are called and
# keep a list of "installed" packages. Usage: dev_script.sh [SOURCE_DIR]. Nothing of the machine is touched.
set -u
source=$(CDPATH='' cd -- "${1:-$(dirname -- "$0")/..}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

mkdir -p "$work/bin" "$work/tree"
cp "$source/dev" "$source/CMakePresets.json" "$work/tree/"
mkdir -p "$work/tree/tools/tokenizers"
sum=$(echo ranks | sha256sum | cut -d ' ' -f 1)
echo "toy 1.0.0 $sum" >"$work/tree/tools/tokenizers/package"
export XDG_CACHE_HOME="$work/cache"
: >"$work/installed"
: >"$work/calls"
cat >"$work/bin/dpkg-query" <<END
#!/bin/sh
sed 's/.*/&:installed /' "$work/installed" | tr -d '\n'
END
cat >"$work/bin/apt-get" <<END
#!/bin/sh
echo "\$*" >>"$work/calls"
case " \$* " in
  *" --print-uris "*) echo "'http://localhost/x.deb' x.deb 2000000 SHA256:0" ;;
  *" -s "*) [ -e "$work/lists" ] || exit 100; case \$* in *1.81-dev*) echo "Remv libboost1.74-dev [1.74.0]" ;; esac ;;
  *" update "*) : >"$work/lists" ;;
  *" install "*) [ -e "$work/broken" ] && { echo "E: no space left"; exit 100; }
    for word; do case \$word in -* | install | DPkg*) ;; *) echo "\$word" >>"$work/installed" ;; esac; done ;;
esac
END
cat >"$work/bin/npm" <<END
#!/bin/sh
echo "npm \$*" >>"$work/calls"
[ -e "$work/offline" ] && { echo "npm ERR! network" >&2; exit 1; }
echo ranks >toy-1.0.0.tgz
END
printf '#!/bin/sh\necho 0\n' >"$work/bin/id"
chmod +x "$work/bin/"*
release() { printf 'PRETTY_NAME="%s"\nID=%s\nVERSION_ID="%s"\n' "$1" "$2" "$3" >"$work/os-release"; }

# run ARGUMENT... leaves $out (both streams) and $code.
run() {
  out=$(FTHOST_OS_RELEASE="$work/os-release" PATH="$work/bin:$PATH" "$work/tree/dev" "$@" 2>&1 </dev/null)
  code=$?
}
fail() {
  failures=$((failures + 1))
  printf 'FAILED: %s\n  code %s, output:\n%s\n' "$1" "$code" "$out"
}
expect_code() { [ "$code" = "$1" ] || fail "$2: exit code is not $1"; }
expect_text() { case $out in *"$1"*) ;; *) fail "$2: \"$1\" is not said" ;; esac; }
expect_silence() { [ -z "$out" ] || fail "$1: something is said"; }

release "Debian GNU/Linux 12 (bookworm)" debian 12

run --help
expect_code 0 "help"
for verb in setup build quickstart test fuzz lint fmt bench install; do
  [ "$(printf '%s\n' "$out" | grep -c "^  $verb ")" = 1 ] || fail "help: no line for $verb"
done
help=$out
run
[ "$out" = "$help" ] || fail "no argument: not the help"
run build --help
[ "$out" = "$help" ] || fail "--help after a verb: not the help"

run quikstart
expect_code 2 "unknown verb"
expect_text 'did you mean "quickstart"?' "unknown verb"
run build relaese
expect_code 2 "unknown preset"
expect_text 'did you mean "release"?' "unknown preset"
run test --fast
expect_code 2 "unknown flag"
expect_text '--fast' "unknown flag"
run install
expect_code 2 "install without a folder"
[ ! -s "$work/calls" ] || fail "apt-get was called before anything was set up"

run setup
expect_code 0 "first setup"
expect_text libboost1.81-dev "first setup"
expect_text "so removed: libboost1.74-dev" "first setup"
grep -qx libtorch-dev "$work/installed" || fail "first setup: libtorch-dev was not installed"
grep -q -- '-y .*install ' "$work/calls" || fail "first setup: apt-get install was not called"
expect_text "Fetching toy 1.0.0" "first setup"
[ -f "$work/cache/fthost/toy-1.0.0.tgz" ] || fail "first setup: the package is not in the cache"
grep -q "npm pack .*toy@1.0.0" "$work/calls" || fail "first setup: npm was not asked"
: >"$work/calls"
run setup
expect_code 0 "second setup"
expect_silence "second setup"
[ ! -s "$work/calls" ] || fail "second setup: apt-get or npm was called"

echo damaged >"$work/cache/fthost/toy-1.0.0.tgz"
run setup
expect_code 0 "a damaged package"
expect_text "is not what it should be" "a damaged package"
[ "$(cat "$work/cache/fthost/toy-1.0.0.tgz")" = ranks ] || fail "a damaged package: it was not fetched again"
rm "$work/cache/fthost/toy-1.0.0.tgz"
: >"$work/offline"
run setup
expect_code 0 "no network for npm"
expect_text "npm ERR! network" "no network for npm"
expect_text "token counts will be estimates" "no network for npm"
[ -z "$(ls "$work/cache/fthost")" ] || fail "no network for npm: something was left in the cache"
rm "$work/offline"
echo "toy 1.0.0 0$sum" >"$work/tree/tools/tokenizers/package"
run setup
expect_code 0 "another package than expected"
expect_text "its SHA-256 is not 0$sum" "another package than expected"
[ -z "$(ls "$work/cache/fthost")" ] || fail "another package than expected: it was kept"
echo "toy 1.0.0 $sum" >"$work/tree/tools/tokenizers/package"
run setup
expect_code 0 "setup again"

grep -vx libpcre2-dev "$work/installed" >"$work/fewer"
mv "$work/fewer" "$work/installed"
run setup
grep -q 'install libpcre2-dev$' "$work/calls" || fail "one package missing: not exactly that one was installed"

: >"$work/installed"
release "Debian GNU/Linux 13 (trixie)" debian 13
run setup
expect_code 0 "Debian 13"
grep -qx libboost1.83-dev "$work/installed" || fail "Debian 13: libboost1.83-dev was not installed"
case $out in *removed*) fail "Debian 13: something is said to be removed" ;; esac

: >"$work/installed"
: >"$work/broken"
run setup
expect_code 2 "failing apt-get"
expect_text "no space left" "failing apt-get"
rm "$work/broken"

: >"$work/calls"
release "Fedora Linux 43" fedora 43
run setup
expect_code 2 "unknown system"
expect_text "Fedora Linux 43" "unknown system"
expect_text "libtorch" "unknown system"
[ "$(printf '%s\n' "$out" | wc -l)" = 1 ] || fail "unknown system: not one sentence"
[ ! -s "$work/calls" ] || fail "unknown system: apt-get was called"

FTHOST_JOBS=many
export FTHOST_JOBS
run fmt
expect_code 2 "FTHOST_JOBS that is no number"

[ "$failures" = 0 ] || exit 1
echo "dev: as expected"
