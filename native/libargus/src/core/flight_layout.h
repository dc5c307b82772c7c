// The layout of a flight file, version 2: what a recording process leaves behind when it is killed. Told for readers in
// docs/flight-recorder.md; a change here is a new version.
//
//   header | commits | directory of chunks | ring of log lines | chunks, each a whole number of pages
//
// Everything is in the byte order of the machine that wrote it. A writer may be killed between any two stores, so each
// part says what it holds only when it holds it: the magic, a directory entry's part, a key's place, the number of
// commits and the end of the log lines are stored last.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "cell.h"

namespace argus::core::flight {

constexpr std::array<char, 8> kMagic{'A', 'R', 'G', 'U', 'S', 'F', 'L', 'T'};
constexpr uint32_t kVersion = 2;
constexpr uint32_t kOrder = 0x01020304;

constexpr uint64_t kMostBytes = uint64_t{256} << 20U;  // of a file; what does not fit is counted and not recovered
constexpr uint32_t kMostEntries = 4096;                // chunks
constexpr uint64_t kLineBytes = uint64_t{1} << 20U;    // of log lines not yet in a batch

// The numbers are on disk: do not change them.
enum class Part : uint32_t {
  none = 0,
  counters = 1,  // CounterCell; the owner is the shard
  gauges = 2,    // GaugeCell; the owner is the shard
  timings = 3,   // TimingCell; the owner is the shard
  octaves = 4,   // Octave; the owner is the shard
  keys = 5,      // KeyPlace; the owner is the kind
  texts = 6,     // KeyText, one after another
  totals = 7,    // Totals; the owner is the kind: counters or gauges
  timing_totals = 8,
  octave_totals = 9,
};

struct Header {
  std::array<char, 8> magic;
  uint32_t version;
  uint32_t order;
  uint64_t commits_at;
  uint64_t entries_at;
  uint64_t lines_at;
  double interval;  // seconds between two windows
  // Texts end with a zero byte.
  std::array<char, 64> boot;       // names the time since the machine was started
  std::array<char, 64> sdk;        // as in a batch
  std::array<char, 256> host;      // as in a batch
  std::array<char, 512> instance;  // as in a batch
};

// What of the recording is safe elsewhere: in batches that lie as files beside this one, or are acknowledged.
struct Commit {
  uint64_t epoch;        // of the first window that is not
  uint64_t metrics_seq;  // of the last batch of summaries that is
  uint64_t logs_seq;     // of the last batch of log lines that is
  uint64_t lines;        // bytes of log lines, since the beginning, that are
  double until;          // Unix seconds: where the last window that is safe ended
  std::array<uint64_t, 3> unused;
};

struct Commits {
  std::atomic<uint64_t> count;          // commits so far; the last is of[count % 2]. 0: recording has not begun
  std::atomic<uint64_t> lines_written;  // bytes of log lines since the beginning
  std::atomic<uint64_t> overflows;      // chunks and keys for which the file had no room
  std::array<uint64_t, 5> unused;
  std::array<Commit, 2> of;
};

// Where a chunk lies. A chunk of number c holds 16 << c items (slab.h).
struct Entry {
  std::atomic<uint32_t> part;
  uint32_t owner;
  uint32_t chunk;
  uint32_t unused;
  uint64_t at;     // bytes from the file's beginning
  uint64_t bytes;  // of its items
};

struct KeyPlace {
  std::atomic<uint64_t> text;  // where in the file the series' KeyText lies; 0: the slot has none
};

struct KeyText {
  uint32_t size;  // bytes of the key, which follow
};

// What a series' cells had added up to at its last drains. Of the copies whose stamp is not above the last commit's
// epoch, the one with the higher stamp counts; stamp 0: never written. So one store, the commit's, moves the line
// between safe and unsafe for all series at once.
struct Totals {
  struct Copy {
    std::atomic<uint64_t> stamp;
    double sum;
    uint64_t count;
  };
  std::array<Copy, 2> copies;
};

struct TimingTotals {
  struct Copy {
    std::atomic<uint64_t> stamp;
    double sum;
    uint64_t zeros;
  };
  std::array<Copy, 2> copies;
  std::array<uint32_t, kOctaves> octaves;  // 1 + index of the OctaveTotals, 0: none
};

struct OctaveTotals {
  std::array<std::array<uint64_t, kBinsPerOctave>, 2> bins;  // of each copy
};

constexpr uint64_t kCommitsAt = 4096;
constexpr uint64_t kEntriesAt = 8192;
constexpr uint64_t kLinesAt = kEntriesAt + kMostEntries * sizeof(Entry);
constexpr uint64_t kHeadBytes = kLinesAt + kLineBytes;  // chunks begin on the next page

static_assert(sizeof(Header) <= kCommitsAt && sizeof(Commits) <= kEntriesAt - kCommitsAt);
static_assert(sizeof(Entry) == 32 && sizeof(Commit) == 64 && sizeof(Commits) == 192);
static_assert(sizeof(CounterCell) == 24 && sizeof(GaugeCell) == 80 && sizeof(TimingCell) == 584);
static_assert(sizeof(Octave) == 512 && sizeof(Totals) == 48 && sizeof(TimingTotals) == 560);

}  // namespace argus::core::flight
