#!/usr/bin/env bash
# Builds and tests libargus every way it is promised to work: gcc, clang, address and undefined-behaviour sanitizers,
# thread sanitizer; then its format and clang-tidy. Called by `make test`; needs cmake, gcc, clang and its tools.
set -eu
cd "$(dirname "$0")"
build=../../build/native

configure_and_test() { # name, compiler pair, sanitizers, build type
  local folder="$build/$1"
  cmake -S . -B "$folder" -DCMAKE_C_COMPILER="$2" -DCMAKE_CXX_COMPILER="$3" -DARGUS_SANITIZE="$4" \
    -DCMAKE_BUILD_TYPE="$5" > "$folder.log" 2>&1 || { cat "$folder.log"; exit 1; }
  cmake --build "$folder" --parallel 2 >> "$folder.log" 2>&1 || { cat "$folder.log"; exit 1; }
  ctest --test-dir "$folder" --output-on-failure >> "$folder.log" 2>&1 || { tail -n 60 "$folder.log"; exit 1; }
  echo "  $1: $(grep 'tests passed' "$folder.log")"
}

mkdir -p "$build"
configure_and_test gcc gcc g++ "" Release
configure_and_test clang clang clang++ "" Release
configure_and_test sanitize-address clang clang++ address,undefined Debug
configure_and_test sanitize-thread clang clang++ thread RelWithDebInfo

sources=$(git ls-files -- '*.cc' '*.h' '*.c' ../python)
clang-format --dry-run --Werror $sources
echo "  clang-format: clean"
clang-tidy --quiet -p "$build/clang" src/*.cc 2> "$build/tidy.log" || { cat "$build/tidy.log"; exit 1; }
echo "  clang-tidy: clean"
