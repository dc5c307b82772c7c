// What a record costs in C++, beside what others do: atomic<double> with compare-and-swap, fetch_add, a mutex.
// Prints nanoseconds per operation and thread, for one and two threads at once; run it alone on the machine.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "argus/argus.h"
#include "core/registry.h"

namespace {

using Clock = std::chrono::steady_clock;
using argus::core::Kind;
using argus::core::Registry;

constexpr int kRounds = 5;
constexpr long kOperations = 5'000'000;

template <typename Work>
double nanoseconds(int threads, long operations, Work work) {
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::thread> running;
    std::vector<double> took(static_cast<size_t>(threads));
    for (int i = 0; i < threads; ++i) {
      running.emplace_back([&, i] {
        const auto began = Clock::now();
        work(operations);
        const std::chrono::duration<double, std::nano> spent = Clock::now() - began;
        took[static_cast<size_t>(i)] = spent.count() / static_cast<double>(operations);
      });
    }
    double worst = 0.0;
    for (size_t i = 0; i < running.size(); ++i) {
      running[i].join();
      worst = took[i] > worst ? took[i] : worst;
    }
    best = worst < best ? worst : best;
  }
  return best;
}

template <typename Work>
void row(const char* name, long operations, Work work) {
  const double one = nanoseconds(1, operations, work);
  const double two = nanoseconds(2, operations, work);
  std::printf("%-34s %8.2f ns  %8.2f ns\n", name, one, two);
}

}  // namespace

int main() {
  Registry registry;
  argus_registry* c = argus_registry_new(nullptr);
  argus_series* handle = argus_series_new(c, ARGUS_COUNTER, {"c", 1}, nullptr, 0);
  const uint32_t counter = registry.resolve(Kind::counter, "c", nullptr, 0, true);
  const uint32_t gauge = registry.resolve(Kind::gauge, "g", nullptr, 0, true);
  const uint32_t timing = registry.resolve(Kind::timing, "t", nullptr, 0, true);
  std::atomic<double> shared{0.0};
  std::atomic<uint64_t> number{0};
  std::mutex mutex;
  double guarded = 0.0;

  std::printf("%-34s %11s  %11s\n", "per operation", "1 thread", "2 threads");
  row("counter add", kOperations, [&](long n) {
    for (auto& shard = registry.shard(); n > 0; --n) shard.add(shard.counter(counter), 1.0);
  });
  row("counter add, C handle", kOperations, [&](long n) {
    for (; n > 0; --n) argus_counter_add(handle, 1.0);
  });
  row("gauge set", kOperations, [&](long n) {
    for (auto& shard = registry.shard(); n > 0; --n) shard.set(shard.gauge(gauge), 1.0);
  });
  row("timing record", kOperations, [&](long n) {
    for (auto& shard = registry.shard(); n > 0; --n) shard.record(shard.timing(timing), 1e-3);
  });
  row("by name with 2 tags, C", kOperations / 10, [&](long n) {
    const argus_tag tags[] = {{{"shop", 4}, {"oslo", 4}}, {{"env", 3}, {"prod", 4}}};
    for (; n > 0; --n) argus_increment(c, {"orders", 6}, 1.0, tags, 2);
  });
  row("atomic<double> compare-and-swap", kOperations, [&](long n) {
    for (; n > 0; --n) {
      double seen = shared.load();
      while (!shared.compare_exchange_weak(seen, seen + 1.0)) {
      }
    }
  });
  row("atomic<uint64> fetch_add", kOperations, [&](long n) {
    for (; n > 0; --n) number.fetch_add(1);
  });
  row("mutex", kOperations, [&](long n) {
    for (; n > 0; --n) {
      const std::lock_guard<std::mutex> lock(mutex);
      guarded += 1.0;
    }
  });

  Registry large(argus::core::Options{20'000, 360});
  auto& shard = large.shard();
  std::vector<uint32_t> slots;
  for (int i = 0; i < 10'000; ++i) {
    slots.push_back(large.resolve(Kind::counter, "series." + std::to_string(i), nullptr, 0, true));
  }
  double best = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    for (const uint32_t slot : slots) shard.add(shard.counter(slot), 1.0);
    const auto began = Clock::now();
    const auto window = large.drain();
    const std::chrono::duration<double, std::milli> spent = Clock::now() - began;
    if (spent.count() < best && window.counters.sum.size() == slots.size()) best = spent.count();
  }
  std::printf("drain of 10 000 series: %.2f ms\n", best);
  argus_series_free(handle);
  argus_registry_free(c);
  return guarded > 0.0 ? 0 : 1;
}
