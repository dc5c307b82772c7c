#!/usr/bin/env bash
# Builds and tests libargus every way it is promised to work: gcc and clang, C++17 and C++20, address, undefined-behaviour
# and thread sanitizers, valgrind, some seconds of fuzzing for each parser; then its format and clang-tidy. Called by
# `make test`; needs cmake, gcc, clang and its tools, valgrind, and the headers of libcurl and zlib.
set -eu
cd "$(dirname "$0")"
root=../..
build=$root/build/native

# Each file by itself is compiled in the plain builds; elsewhere a few large ones do, in half the time.
unity=(-DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=20)

configure_and_test() { # name, compiler pair, sanitizers, build type, more options
  local folder="$build/$1"
  cmake -S . -B "$folder" -DCMAKE_C_COMPILER="$2" -DCMAKE_CXX_COMPILER="$3" -DARGUS_SANITIZE="$4" \
    -DCMAKE_BUILD_TYPE="$5" "${@:6}" > "$folder.log" 2>&1 || { cat "$folder.log"; exit 1; }
  cmake --build "$folder" --parallel 2 >> "$folder.log" 2>&1 || { cat "$folder.log"; exit 1; }
  ctest --test-dir "$folder" --output-on-failure >> "$folder.log" 2>&1 || { tail -n 60 "$folder.log"; exit 1; }
  echo "  $1: $(grep 'tests passed' "$folder.log")"
}

# The processes that tests/native starts, under another tool: a sanitizer's build, or valgrind.
processes_under() { # name, what to leave out, variables…
  local log="$build/processes-$1.log"
  (cd $root && env "${@:3}" "${PYTHON:-python3}" -m pytest -q tests/native/test_processes.py -o timeout=300 -k "$2") \
    > "$log" 2>&1 || { tail -n 80 "$log"; exit 1; }
  echo "  processes under $1: $(tail -n 1 "$log")"
}

mkdir -p "$build"
configure_and_test gcc gcc g++ "" Release -DARGUS_BENCH=OFF
configure_and_test clang clang clang++ "" Release -DCMAKE_CXX_STANDARD=20
configure_and_test sanitize-address clang clang++ address,undefined Debug -DARGUS_BENCH=OFF "${unity[@]}"
configure_and_test sanitize-thread clang clang++ thread RelWithDebInfo -DARGUS_BENCH=OFF "${unity[@]}"
# Forks are left to the plain build: a sanitizer's allocator may be locked by a thread that the child does not have, and to
# valgrind what that thread held is a leak of the child's.
processes_under sanitize-address "not memory_stays and not fork" ARGUS_NATIVE_BUILD=sanitize-address
processes_under sanitize-thread "not memory_stays and not fork and not measured" ARGUS_NATIVE_BUILD=sanitize-thread
processes_under valgrind "not memory_stays and not fork and not seconds_at_most and not signal and not flood" \
  ARGUS_NATIVE_WRAPPER="valgrind --quiet --leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect --error-exitcode=99"
bash fuzz/run.sh "$build/fuzz" 6 "${unity[@]}"

(cd $root && git ls-files -z -- '*.cc' '*.h' '*.hpp' '*.c' | xargs -0 clang-format --dry-run --Werror)
echo "  clang-format: clean"
git ls-files -- 'src/*.cc' 'preload/*.c' | grep -v -e tests -e windows -e winhttp -e macos | xargs -P 2 -n 4 clang-tidy --quiet -p "$build/gcc" \
  > "$build/tidy.log" 2>&1 || { grep -v 'warnings generated' "$build/tidy.log"; exit 1; }
echo "  clang-tidy: clean"
