#!/usr/bin/env bash
# Proves on Linux what can be proven of libargus elsewhere. Windows: built by mingw-w64, its tests run under Wine, WinHTTP
# against a real server. macOS on x86-64 and arm64: built by zig; nothing here can run it. Called by `make test`. What is
# missing is said and skipped; with CI=true it is a failure.
set -eu
cd "$(dirname "$0")/.."
root=$(cd ../.. && pwd)
build=$root/build/native
python=${PYTHON:-python3}
status=0
mkdir -p "$build"

skipped() { # what, why
  echo "  skipped: $1: $2"
  [ "${CI:-}" != true ] || status=1
}

logged() { # log, command…: the output is shown where the command fails
  local log=$1
  "${@:2}" >> "$log" 2>&1 || { tail -n 60 "$log"; return 1; }
}

configure_and_build() { # name, options…
  : > "$build/$1.log"
  logged "$build/$1.log" cmake -S . -B "$build/$1" -DARGUS_BENCH=OFF \
    -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=20 "${@:2}"
  logged "$build/$1.log" cmake --build "$build/$1" --parallel 2
}

# A server of Wine's that stays between two programs: starting one takes longer than most tests.
start_wine() {
  export WINEPREFIX=$build/wine WINEDEBUG=-all
  wineserver=$(command -v wineserver || echo /usr/lib/wine/wineserver)
  trap '"$wineserver" -k || true' EXIT
  mkdir -p "$WINEPREFIX"
  logged "$build/windows.log" "$wineserver" -p60
  logged "$build/windows.log" wine wineboot -i
}

windows() {
  local log=$build/windows.log processes=$build/processes-windows.log
  if ! command -v x86_64-w64-mingw32-g++-posix > /dev/null || [ ! -e /usr/x86_64-w64-mingw32/lib/libz.a ]; then
    skipped windows "on Debian: apt-get install g++-mingw-w64-x86-64-posix libz-mingw-w64-dev"
    return
  fi
  configure_and_build windows -DCMAKE_TOOLCHAIN_FILE=cross/windows.cmake -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_FLAGS=-O1
  echo "  windows: library, tests and C interface compiled and linked by mingw-w64"
  if ! command -v wine > /dev/null; then
    skipped "windows' tests" "nothing runs them; on Debian: apt-get install wine"
    return
  fi
  start_wine
  : > "$processes"
  logged "$log" ctest --test-dir "$build/windows" --output-on-failure
  echo "  windows under Wine: $(grep 'tests passed' "$log")"
  (cd "$root" && ARGUS_NATIVE_BUILD=windows ARGUS_NATIVE_WRAPPER=wine logged "$processes" "$python" -m pytest -q -o timeout=300 \
    tests/native/test_processes.py tests/native/test_windows.py tests/native/test_restart.py)
  echo "  windows under Wine, WinHTTP to a server: $(tail -n 1 "$processes")"
}

# zig has neither libcurl nor zlib for macOS. What uses them is compiled with this system's headers, which are the same
# on all systems, and not linked.
find_headers() {
  local name at
  mkdir -p "$build/curl-and-zlib"
  for name in curl/curl.h zlib.h zconf.h; do
    at=$(echo "#include <$name>" | c++ -E -x c++ - 2> /dev/null | grep -o -m 1 "/[^\"]*/$name") || return 1
    case $name in
      curl/*) ln -sfn "$(dirname "$at")" "$build/curl-and-zlib/curl" ;;
      *) ln -sfn "$at" "$build/curl-and-zlib/$name" ;;
    esac
  done
}

transport_for_macos() { # CPU
  local name
  if ! find_headers; then
    skipped "macOS on $1, transport" "on Debian: apt-get install libcurl4-openssl-dev zlib1g-dev"
    return
  fi
  for name in transport_curl gzip; do
    logged "$build/macos-$1.log" "$python" -m ziglang c++ -target "$1-macos" -Os -std=c++17 -Wall -Wextra -Werror -Isrc -Iinclude \
      -isystem "$build/curl-and-zlib" -c "src/client/$name.cc" -o "$build/macos-$1/$name.o"
  done
  echo "  macOS on $1: transport_curl.cc and gzip.cc compiled; not linked, for zig brings no libcurl"
}

macos() { # CPU, as zig calls it
  if ! "$python" -m ziglang version > /dev/null 2>&1; then
    skipped "macOS on $1" "zig is missing; pip install ziglang"
    return
  fi
  configure_and_build "macos-$1" -DCMAKE_TOOLCHAIN_FILE=cross/macos.cmake -DARGUS_ZIG="$(command -v "$python")" -DARGUS_CPU="$1" \
    -DARGUS_TRANSPORT=none -DCMAKE_BUILD_TYPE=MinSizeRel
  echo "  macOS on $1: library, tests and C interface compiled and linked by zig, without transport; it was not run"
  transport_for_macos "$1"
}

# Wine's tests mostly wait; meanwhile zig has both cores.
(
  macos x86_64
  macos aarch64
  exit $status
) > "$build/macos.txt" 2>&1 &
zig=$!
windows
wait $zig || status=1
cat "$build/macos.txt"
exit $status
