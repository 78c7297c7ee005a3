#!/bin/sh
# Real files of other tools, where reference data lies ($FTHOST_SHARED or ../shared): each is imported whole, goes out in
# every format that can carry it with nothing lost unnamed, and comes back as it was. Usage: shared_data.sh BUILD_FOLDER
set -u
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
data=${FTHOST_SHARED:-$here/../../shared}/data
if [ ! -d "$data" ]; then
  echo "skipped: no reference data at $data"
  exit 77
fi
data=$(cd "$data" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home"
export HOME="$work/home" XDG_CONFIG_HOME="$work/home/config" XDG_DATA_HOME="$work/home/share" NO_COLOR=1
PATH="$build/bin:$PATH"
cd "$work" || exit 1
failed=0
fail() {
  echo "FAILED: $*"
  failed=1
}

# to FILE WRITTEN FORMAT...: every row of the file is written, or refused with an error; and so many are written.
to() {
  file=$1 wanted=$2
  shift 2
  rows=$(jq length "$data/$file")
  [ "$wanted" = all ] && wanted=$rows
  for format in "$@"; do
    rm -rf out.jsonl out dataset_info.json
    fthost --json convert "$data/$file" --to "$format" --output out.jsonl >report.json 2>err.txt
    jq -e --argjson rows "$rows" --argjson wanted "$wanted" '.rows == $rows and .written == $wanted and
      .broken == $rows - $wanted and ((.findings | map(select(.severity == "error") | .line) | unique | length) == .broken)' \
      report.json >/dev/null || fail "$file to $format: $(jq -c '[.rows, .written, .broken, .error]' report.json), not $wanted of $rows"
    [ "$wanted" != 0 ] || [ ! -e out.jsonl ] || fail "$file to $format: an empty file is there"
  done
}

# same FILE FORMAT: into a project's records and back. What is not equal is named as lost.
cat >export.lua <<'END'
local ft = require "ft"
local report = require("ft.dataset").open(arg[1]):export(arg[2], { format = arg[3], format_options = { list = true } })
io.write(ft.json.encode(report), "\n")
END
same() {
  file=$1 format=$2
  rm -rf project back.json
  mkdir project
  rows=$(jq length "$data/$file")
  (cd project && fthost init --name desk && fthost --json import "$data/$file" >../report.json) >/dev/null 2>err.txt
  jq -e --argjson rows "$rows" '.read == $rows and .appended == $rows and .broken == 0' report.json >/dev/null ||
    fail "$file: $(jq -c '[.read, .appended, .broken]' report.json) of $rows rows imported"
  [ "$(wc -l <project/data/examples.jsonl)" = "$rows" ] || fail "$file: not $rows records"
  fthost run export.lua project/data/examples.jsonl back.json "$format" >report.json 2>err.txt
  jq -S . "$data/$file" >want
  jq -S . back.json >got
  if cmp -s want got; then
    echo "$file: $rows rows, back as they were"
  elif jq -e '[.losses[] | select(.message != "bookkeeping")] | length > 0' report.json >/dev/null; then
    echo "$file: $rows rows, back but for $(jq -c '[.losses[] | select(.message != "bookkeeping") | .path] | unique' report.json)"
  else
    fail "$file to records and back: $(diff want got | head -5)"
  fi
}

same alpaca_en_demo.json alpaca
same identity.json alpaca
same glaive_toolcall_en_demo.json sharegpt
same dpo_en_demo.json llama-factory
same kto_en_demo.json llama-factory

chats="alpaca bedrock bedrock-converse chatml fireworks gemini openai-chat sharegpt together"
for file in alpaca_en_demo.json identity.json; do
  # shellcheck disable=SC2086
  to "$file" all $chats csv dialogue-text json openai-batch prompt-completion trl
  to "$file" 0 gemini-preference llama-factory openai-preference text
done
to glaive_toolcall_en_demo.json all bedrock-converse csv dialogue-text fireworks gemini json openai-batch openai-chat sharegpt together trl
to glaive_toolcall_en_demo.json 147 alpaca bedrock chatml # the rows without calls
to glaive_toolcall_en_demo.json 39 prompt-completion # those of one turn
to glaive_toolcall_en_demo.json 0 gemini-preference llama-factory openai-preference text
to dpo_en_demo.json all csv fireworks gemini-preference llama-factory openai-batch openai-preference together trl
to dpo_en_demo.json 0 alpaca bedrock bedrock-converse chatml dialogue-text gemini json openai-chat prompt-completion sharegpt text
to kto_en_demo.json all csv json llama-factory openai-batch trl
# shellcheck disable=SC2086
to kto_en_demo.json 150 $chats dialogue-text # those whose label is true
to kto_en_demo.json 0 gemini-preference openai-preference text

exit $failed
