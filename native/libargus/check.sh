#!/usr/bin/env bash
# Builds and tests libargus every way it is promised to work: gcc and clang, C++17 and C++20, address, undefined-behaviour
# and thread sanitizers, valgrind, some seconds of fuzzing for each parser; then its format and clang-tidy. Called by
# `make test`; needs cmake, gcc, clang and its tools, valgrind, and the headers of libcurl and zlib.
set -eu
cd "$(dirname "$0")"
root=../..
build=$root/build/native

# gcc compiles each file by itself. The others compile a few large ones, in a third of the time.
unity=(-DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=20)

logged() { # log, command…: the output is shown where the command fails
  "${@:2}" >> "$1" 2>&1 || { tail -n 60 "$1"; exit 1; }
}

configure() { # name, compiler pair, sanitizers, more options
  : > "$build/$1.log"
  logged "$build/$1.log" cmake -S . -B "$build/$1" -DCMAKE_C_COMPILER="$2" -DCMAKE_CXX_COMPILER="$3" -DARGUS_SANITIZE="$4" "${@:5}"
}

build_and_test() { # name
  logged "$build/$1.log" cmake --build "$build/$1" --parallel 2
  logged "$build/$1.log" ctest --test-dir "$build/$1" --output-on-failure
  echo "  $1: $(grep 'tests passed' "$build/$1.log")"
}

# The processes that tests/native starts, under another tool: a sanitizer's build, or valgrind.
processes_under() { # name, what to leave out, variables…
  local log="$build/processes-$1.log"
  (cd $root && env "${@:3}" "${PYTHON:-python3}" -m pytest -q tests/native/test_processes.py -o timeout=300 -k "$2") \
    > "$log" 2>&1 || { tail -n 80 "$log"; exit 1; }
  echo "  processes under $1: $(tail -n 1 "$log")"
}

mkdir -p "$build"
: > "$build/gcc.log"
logged "$build/gcc.log" env PYTHONPATH=$root "${PYTHON:-python3}" $root/tests/support/built.py
build_and_test gcc
configure clang clang clang++ "" -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS=-O1 -DCMAKE_CXX_STANDARD=20 "${unity[@]}"
build_and_test clang
configure sanitize-address clang clang++ address,undefined -DCMAKE_BUILD_TYPE=Debug -DARGUS_FUZZ=ON -DARGUS_BENCH=OFF "${unity[@]}"
build_and_test sanitize-address
configure sanitize-thread clang clang++ thread -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS=-O1 -DARGUS_BENCH=OFF "${unity[@]}"
build_and_test sanitize-thread
# Forks are left to the plain build: a sanitizer's allocator may be locked by a thread that the child does not have, and to
# valgrind what that thread held is a leak of the child's.
processes_under sanitize-address "not memory_stays and not fork" ARGUS_NATIVE_BUILD=sanitize-address
processes_under sanitize-thread "not memory_stays and not fork and not measured" ARGUS_NATIVE_BUILD=sanitize-thread
processes_under valgrind "not memory_stays and not fork and not seconds_at_most and not signal and not flood" \
  ARGUS_NATIVE_WRAPPER="valgrind --quiet --leak-check=full --show-leak-kinds=definite,indirect --errors-for-leak-kinds=definite,indirect --error-exitcode=99"
bash fuzz/run.sh "$build/sanitize-address" 4

(cd $root && git ls-files -z -- '*.cc' '*.h' '*.hpp' '*.c' | xargs -0 clang-format --dry-run --Werror)
echo "  clang-format: clean"
# The library's files as they are compiled together, in C++17: clang-tidy looks through the system's headers too, each time.
tidy() { # build, files each…
  xargs -P 2 -n "$2" clang-tidy --quiet -p "$build/$1" --checks=-bugprone-suspicious-include >> "$build/tidy.log" 2>&1 ||
    { grep -v 'warnings generated' "$build/tidy.log"; exit 1; }
}
: > "$build/tidy.log"
ls "$build"/sanitize-thread/CMakeFiles/argus.dir/Unity/*.cxx | tidy sanitize-thread 1
git ls-files -- 'preload/*.c' | grep -v tests | tidy gcc 7
echo "  clang-tidy: clean"
