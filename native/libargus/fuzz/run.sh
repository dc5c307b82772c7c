#!/usr/bin/env bash
# Fuzzes every parser of foreign bytes for some seconds each: run.sh BUILD-FOLDER SECONDS. Inputs that broke one are left in
# BUILD-FOLDER; found ones become tests.
set -eu
folder=$1
seconds=$2
cmake -S "$(dirname "$0")/.." -B "$folder" -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Debug \
  -DARGUS_SANITIZE=address,undefined -DARGUS_FUZZ=ON -DARGUS_BENCH=OFF > "$folder.fuzz.log" 2>&1 || { cat "$folder.fuzz.log"; exit 1; }
cmake --build "$folder" --parallel 2 --target fuzzers >> "$folder.fuzz.log" 2>&1 || { tail -n 60 "$folder.fuzz.log"; exit 1; }
for program in "$folder"/fuzz/fuzz_*; do
  [ -x "$program" ] && [ -f "$program" ] || continue
  name=$(basename "$program")
  mkdir -p "$folder/corpus/$name"
  "$program" -max_total_time="$seconds" -max_len=4096 -timeout=5 -rss_limit_mb=1024 -artifact_prefix="$folder/" \
    "$folder/corpus/$name" > "$folder/$name.log" 2>&1 || { tail -n 40 "$folder/$name.log"; exit 1; }
  echo "  $name: $(grep -o 'Done [0-9]* runs in [0-9]* second' "$folder/$name.log")s, nothing found"
done
