#!/bin/sh
# Makes the tiny base model anew: the corpus from corpus.lua, then `ft-engine pretrain` with a fixed seed and number of
# steps. Six to twelve minutes on one core. The same processor and libraries give the same bytes.
# Usage: build.sh PATH_OF_FT_ENGINE OUTPUT_FOLDER
set -eu
here=$(cd "$(dirname "$0")" && pwd)
engine=${1:?"name ft-engine, e.g. build/release/libexec/fthost/ft-engine"}
output=${2:?"name the folder to write, which must not exist"}
[ ! -e "$output" ] || { echo "build.sh: $output is there already; name another folder" >&2 && exit 2; }
job=$(mktemp -d)
trap 'rm -rf "$job"' EXIT
(cd "$here" && lua5.4 check_overlap.lua && lua5.4 corpus.lua >"$job/corpus.jsonl")
cat >"$job/job.json" <<END
{"schema_version": 1, "id": "tiny-base", "method": "pretrain", "corpus": "$job/corpus.jsonl", "output": "model",
 "dtype": "F16", "threads": 1,
 "model": {"vocab_size": 1024, "hidden_size": 128, "layers": 4, "heads": 4, "kv_heads": 4, "ffn_size": 344,
           "max_positions": 256, "tied": true},
 "hyperparameters": {"epochs": 3, "batch_size": 32, "learning_rate": 0.003, "schedule": "cosine", "warmup_ratio": 0.03,
                     "weight_decay": 0.05, "max_grad_norm": 1.0, "seed": 1, "max_seq_length": 96, "log_every": 20}}
END
"$engine" pretrain "$job"
tail -n 1 "$job/events.jsonl"
mv "$job/model" "$output"
cp "$here/model/README.md" "$output/"
