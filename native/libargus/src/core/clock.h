// Two readings of time that cost next to nothing.
//
// `order_stamp` orders the writes of different threads; its unit does not matter. `ticks` measures a stretch of time:
// the CPU's time-stamp counter where it is invariant (it runs at one rate whatever the CPU's clock does, and does not
// stop), else nanoseconds of the steady clock.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#elif defined(__x86_64__) || defined(__i386__)
#include <x86intrin.h>
#endif

#if defined(__x86_64__) || defined(__i386__) || defined(_M_X64)
#define ARGUS_HAS_TSC 1
#endif

namespace argus::core {

inline uint64_t steady_nanoseconds() noexcept {
  return static_cast<uint64_t>(std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count());
}

inline uint64_t order_stamp() noexcept {
#if defined(ARGUS_HAS_TSC)
  return __rdtsc();
#elif defined(__aarch64__)
  uint64_t ticks;
  asm volatile("mrs %0, cntvct_el0" : "=r"(ticks));
  return ticks;
#else
  return steady_nanoseconds();
#endif
}

class TickClock {
 public:
  // Signal-safe, any thread.
  static uint64_t ticks() noexcept {
    const Source source = source_.load(std::memory_order_relaxed);
    if (source == Source::counter) return order_stamp();
    return source == Source::steady ? steady_nanoseconds() : first_ticks();
  }

  // Seconds from `began` until now; 0 where the counters of two cores disagree about which came first.
  static double seconds_since(uint64_t began) noexcept {
    const uint64_t now = ticks();
    if (now <= began) return 0.0;
    // Signed, for that is one instruction and no branch.
    return static_cast<double>(static_cast<int64_t>(now - began)) * seconds_per_tick_.load(std::memory_order_relaxed);
  }

  // Finds out what there is, and the counter's rate: about 1 ms, the first time.
  static void prepare() noexcept;

  // Measures the rate again over the time since `prepare`: the longer, the better. Once per window.
  static void refine() noexcept;

  static bool uses_counter() noexcept { return source_.load(std::memory_order_relaxed) == Source::counter; }

 private:
  enum class Source : uint8_t { unknown, counter, steady };

  static uint64_t first_ticks() noexcept;

  static std::atomic<Source> source_;
  static std::atomic<double> seconds_per_tick_;
};

}  // namespace argus::core
