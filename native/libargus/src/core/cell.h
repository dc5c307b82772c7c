// Cells: what one writer has recorded of one series since its shard was made.
//
// Invariants: a cell has exactly one writer at a time, so a record is a relaxed load and a relaxed store, never a
// read-modify-write; a cell only grows and is never reset, so a drain takes differences and cannot race a reset.
// Relaxed suffices throughout because no cell guards other memory: a drain that misses a store sees it next time.
#pragma once

#include <array>
#include <atomic>
#include <cfloat>
#include <cstddef>
#include <cstdint>

#include "sketch.h"

namespace argus::core {

// The numbers are in flight files: do not change them.
enum class Kind : uint8_t { counter = 0, gauge = 1, timing = 2 };
constexpr size_t kKinds = 3;

template <typename Number>
inline void grow(std::atomic<Number>& total, Number by) noexcept {
  total.store(total.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
// gcc carries an atomic double through a general register, both ways: six cycles more in the chain from one record of a
// cell to the next. An aligned movsd is the same relaxed load or store (Intel SDM vol. 3, 9.1.1).
inline void grow(std::atomic<double>& total, double by) noexcept {
  double sum;
  asm volatile("movsd %1, %0" : "=x"(sum) : "m"(total));
  sum += by;
  asm volatile("movsd %1, %0" : "=m"(total) : "x"(sum));
}
#endif

inline bool is_finite(double value) noexcept { return value >= -DBL_MAX && value <= DBL_MAX; }
inline bool is_amount(double value) noexcept { return value >= 0.0 && value <= DBL_MAX; }

// Smallest and largest value of a window. There are two, used by odd and even epochs: a writer that has entered the
// next window leaves the closed one's extremes alone until the drain has read them.
struct Extremes {
  std::atomic<double> min{0.0};
  std::atomic<double> max{0.0};
  std::atomic<uint32_t> epoch{0};

  void note(double value, uint32_t now) noexcept {
    if (epoch.load(std::memory_order_relaxed) != now) {
      min.store(value, std::memory_order_relaxed);
      max.store(value, std::memory_order_relaxed);
      // release: a drain that sees the new epoch sees this window's extremes, not the ones before.
      epoch.store(now, std::memory_order_release);
      return;
    }
    if (value < min.load(std::memory_order_relaxed)) min.store(value, std::memory_order_relaxed);
    if (value > max.load(std::memory_order_relaxed)) max.store(value, std::memory_order_relaxed);
  }
};

using ExtremesPair = std::array<Extremes, 2>;

// A counter is nearly always increased by 1. Such records are kept in one integer: a store instead of two, and the next
// record of the cell waits for an integer's addition, which is shorter than a double's.
struct CounterCell {
  std::atomic<double> sum{0.0};    // of the records that added something else than 1
  std::atomic<uint64_t> count{0};  // of those records
  std::atomic<uint64_t> ones{0};   // the records that added 1

  void increment() noexcept { grow(ones, uint64_t{1}); }
  void add(double value) noexcept {
    grow(sum, value);
    grow(count, uint64_t{1});
  }
};

struct GaugeCell {
  std::atomic<double> last{0.0};
  std::atomic<uint64_t> stamp{0};  // when `last` was set: the newest of several shards wins
  std::atomic<double> sum{0.0};
  std::atomic<uint64_t> count{0};
  ExtremesPair extremes{};

  void set(double value, uint32_t epoch, uint64_t now) noexcept {
    last.store(value, std::memory_order_relaxed);
    stamp.store(now, std::memory_order_relaxed);
    grow(sum, value);
    extremes[epoch & 1].note(value, epoch);
    grow(count, uint64_t{1});
  }
};

// The 64 bins of one power of two, made when the first value falls into it.
struct Octave {
  std::array<std::atomic<uint64_t>, kBinsPerOctave> bins{};
};

struct TimingCell {
  std::atomic<double> sum{0.0};
  std::atomic<uint64_t> zeros{0};
  std::atomic<uint64_t> touched{0};  // lets a drain pass over an idle cell; the count itself comes from the bins
  ExtremesPair extremes{};
  std::array<std::atomic<uint32_t>, kOctaves> octaves{};  // 1 + index in the shard's octave slab, 0: none yet
};

}  // namespace argus::core
