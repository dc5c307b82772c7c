// What a preloaded program leaves behind for `argus run`: a file of fixed layout, mapped by both.
//
// `<ARGUS_RUN_DIR>/<pid>.<time>.inside`, one per program and fork (an exec keeps its pid, so the time tells them
// apart). The program writes all but `heap_asked`, which is the parent's. Totals only grow, or are what holds now; the
// parent takes differences, so a killed program loses nothing. Numbers are in the byte order of the machine: both sides
// run on it. argus/run/cells.py reads this layout by its offsets: change one, change both, and the version.
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define ARGUS_CELLS_MAGIC 0x534e495355475241ULL  // "ARGUSINS" as a little-endian machine stores it

enum {
  ARGUS_CELLS_VERSION = 1,
  ARGUS_PROGRAM_BYTES = 88,
  // The bins of libargus' sketch (src/core/sketch.h) from 2^-30 s, which holds a nanosecond, to 2^18 s, three days.
  ARGUS_INDEX_SHIFT = 46,
  ARGUS_FIRST_BIN = (1023 - 30) * 64,
  ARGUS_BINS = 48 * 64,
};

struct argus_cells {
  _Atomic uint64_t magic;  // written last: a file without it is not ready
  uint32_t version;
  uint32_t bytes;    // of the file
  uint64_t started;  // when this was made: nanoseconds since 1970
  int32_t pid;
  uint32_t heap_known;                // 1: the allocator tells, when it is asked
  uint64_t pid_namespace;             // inode of /proc/self/ns/pid: where `pid` means something. 0: not known
  char program[ARGUS_PROGRAM_BYTES];  // the name it was started by, without folders; ends with a zero

  _Atomic uint64_t first_frames;   // frames that no time belongs to: a window's first
  _Atomic uint64_t nanoseconds;    // sum of all frame times
  _Atomic int64_t texture_bytes;   // held now, estimated (memory.h)
  _Atomic int64_t graphics_bytes;  // held now: what vkAllocateMemory gave
  _Atomic uint64_t untracked;      // windows, textures, allocations and functions that found no room in our tables
  uint8_t reserved1[24];

  _Atomic uint64_t heap_bytes;
  _Atomic uint64_t heap_nanoseconds;  // what the last answer took
  _Atomic uint32_t heap_answered;     // the question that `heap_bytes` answers
  uint8_t reserved2[44];

  _Atomic uint32_t heap_asked;  // the parent counts this up when it wants to know
  uint8_t reserved3[3836];

  _Atomic uint32_t bins[ARGUS_BINS];  // frame times; they may wrap round, differences do not mind
};

_Static_assert(offsetof(struct argus_cells, program) == 40, "layout");
_Static_assert(offsetof(struct argus_cells, first_frames) == 128, "layout");
_Static_assert(offsetof(struct argus_cells, heap_bytes) == 192, "layout");
_Static_assert(offsetof(struct argus_cells, heap_asked) == 256, "layout");
_Static_assert(offsetof(struct argus_cells, bins) == 4096, "layout");
_Static_assert(sizeof(struct argus_cells) == 16384, "layout");

// Where a frame time is counted: the same bin that an aggregator would take for as many seconds.
static inline uint32_t argus_bin_of(uint64_t nanoseconds) {
  const double seconds = (double)nanoseconds * 1e-9;
  uint64_t bits;
  __builtin_memcpy(&bits, &seconds, sizeof bits);  // no call, on the way of every frame
  const int64_t bin = (int64_t)(bits >> ARGUS_INDEX_SHIFT) - ARGUS_FIRST_BIN;
  if (bin < 0) return 0;
  return bin < ARGUS_BINS ? (uint32_t)bin : ARGUS_BINS - 1;
}
