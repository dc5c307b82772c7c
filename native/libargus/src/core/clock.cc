#include "clock.h"

#include <mutex>

#if defined(ARGUS_HAS_TSC) && !(defined(_MSC_VER) && !defined(__clang__))
#include <cpuid.h>
#endif

namespace argus::core {

namespace {

constexpr double kNanosecond = 1e-9;
constexpr uint64_t kFirstMeasure = 1'000'000;  // ns: reading two clocks takes some 50 ns, an error of 1 in 20 000

// One moment on both clocks.
struct Moment {
  uint64_t counter;
  uint64_t nanoseconds;
};

// Of several tries the one with the shortest gap between the two readings is the truest.
Moment now_on_both() noexcept {
  Moment best{};
  uint64_t narrowest = UINT64_MAX;
  for (int i = 0; i < 5; ++i) {
    const uint64_t before = order_stamp();
    const uint64_t nanoseconds = steady_nanoseconds();
    const uint64_t after = order_stamp();
    if (after - before >= narrowest) continue;
    narrowest = after - before;
    best = {before + narrowest / 2, nanoseconds};
  }
  return best;
}

bool counter_is_invariant() noexcept {
#if defined(_MSC_VER) && !defined(__clang__) && defined(ARGUS_HAS_TSC)
  int registers[4];
  __cpuid(registers, static_cast<int>(0x80000000));
  if (static_cast<unsigned>(registers[0]) < 0x80000007U) return false;
  __cpuid(registers, static_cast<int>(0x80000007));
  return (registers[3] & (1 << 8)) != 0;
#elif defined(ARGUS_HAS_TSC)
  // CPUID leaf 0x80000007, EDX bit 8: "invariant TSC" (Intel SDM vol. 3, 18.17; AMD APM vol. 3, appendix E).
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  return __get_cpuid(0x80000007U, &eax, &ebx, &ecx, &edx) != 0 && (edx & (1U << 8U)) != 0;
#elif defined(__aarch64__)
  return true;  // the architecture's generic timer
#else
  return false;
#endif
}

double rate_since(const Moment& begin) noexcept {
  const Moment now = now_on_both();
  const double elapsed = static_cast<double>(now.nanoseconds - begin.nanoseconds) * kNanosecond;
  return elapsed / static_cast<double>(now.counter - begin.counter);
}

// Where measuring began. Written once, before `source_` says that there is a counter.
Moment& origin() noexcept {
  static Moment moment{};
  return moment;
}

}  // namespace

std::atomic<TickClock::Source> TickClock::source_{TickClock::Source::unknown};
std::atomic<double> TickClock::seconds_per_tick_{kNanosecond};

void TickClock::prepare() noexcept {
  static std::once_flag once;
  std::call_once(once, [] {
    if (source_.load(std::memory_order_relaxed) != Source::unknown) return;
    if (!counter_is_invariant()) {
      source_.store(Source::steady, std::memory_order_relaxed);
      return;
    }
    origin() = now_on_both();
    while (steady_nanoseconds() - origin().nanoseconds < kFirstMeasure) {
    }
    seconds_per_tick_.store(rate_since(origin()), std::memory_order_relaxed);
    // release: who sees the counter in use sees where measuring began, and the rate.
    source_.store(Source::counter, std::memory_order_release);
  });
}

void TickClock::refine() noexcept {
  if (source_.load(std::memory_order_acquire) != Source::counter) return;
  seconds_per_tick_.store(rate_since(origin()), std::memory_order_relaxed);
}

// Nobody has made a timer yet: then nothing is measured with these ticks that needs the counter, and a signal handler
// must not wait for `prepare` in another thread.
uint64_t TickClock::first_ticks() noexcept { return steady_nanoseconds(); }

}  // namespace argus::core
