// What a record costs in C++, beside the ways of others: an atomic<double> with compare-and-swap (as prometheus-cpp
// counts) and a mutex (as OpenTelemetry's SDK aggregates). Run it alone on the machine; compare ratios of one run.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <argus/argus.hpp>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/recorder.h"
#include "core/registry.h"

namespace {

using argus::core::Kind;
using argus::core::Registry;

// The same record with its cell in a flight file, and without: a pair of one run, and of one machine code. They come
// first, while the thread has no other registry: that of a program is its threads' only one.
[[gnu::noinline]] void add(benchmark::State& state, Registry& registry) {
  const uint32_t slot = registry.resolve(Kind::counter, "counter", nullptr, 0, true);
  for (auto _ : state) registry.add(slot, 1.0);
}

void registry_add(benchmark::State& state) {
  Registry registry;
  add(state, registry);
}
BENCHMARK(registry_add);

void registry_add_recorded(benchmark::State& state) {
  const std::string path = "/dev/shm/argus-bench-" + std::to_string(getpid());
  const auto recorder = std::make_shared<argus::core::Recorder>(
      path, argus::core::FlightIdentity{"bench:1:1", "bench", "cpp/bench", 10.0});
  Registry registry;
  registry.record_into(recorder);
  add(state, registry);
  recorder->close();
}
BENCHMARK(registry_add_recorded);

argus::Client& client() {
  static argus::Client instance = [] {
    argus::Options options;
    options.system_metrics = false;
    return argus::Client(options);
  }();
  return instance;
}

void counter_increment(benchmark::State& state) {
  const argus::Counter counter = client().counter("counter");
  for (auto _ : state) counter.increment();
}
BENCHMARK(counter_increment)->Threads(1)->Threads(2)->UseRealTime();

void gauge_set(benchmark::State& state) {
  const argus::Gauge gauge = client().gauge("gauge");
  for (auto _ : state) gauge.set(1.0);
}
BENCHMARK(gauge_set)->Threads(1)->Threads(2)->UseRealTime();

void timing_record(benchmark::State& state) {
  const argus::Timer timer = client().timer("timing");
  for (auto _ : state) timer.record(1e-3);
}
BENCHMARK(timing_record)->Threads(1)->Threads(2)->UseRealTime();

void scoped_timer(benchmark::State& state) {
  const argus::Timer timer = client().timer("scope");
  for (auto _ : state) const argus::Scope scope = timer.start();
  state.SetLabel(argus::core::TickClock::uses_counter() ? "time-stamp counter" : "steady clock");
}
BENCHMARK(scoped_timer)->Threads(1)->Threads(2)->UseRealTime();

// Some 70 ns of a program's own: 64 steps of which each needs the one before (Lehmer's generator).
uint64_t worked(uint64_t value) {
  for (int step = 0; step < 64; ++step) value = value * 6364136223846793005U + 1442695040888963407U;
  return value;
}

// A scope is there to time something. Its price is what is more with it than without, a pair of one run; scopes that
// are empty, as above, wait for each other.
void work_alone(benchmark::State& state) {
  uint64_t value = 1;
  for (auto _ : state) benchmark::DoNotOptimize(value = worked(value));
}
BENCHMARK(work_alone);

void work_timed(benchmark::State& state) {
  const argus::Timer timer = client().timer("work");
  uint64_t value = 1;
  for (auto _ : state) {
    const argus::Scope scope = timer.start();
    benchmark::DoNotOptimize(value = worked(value));
  }
}
BENCHMARK(work_timed);

void by_name_with_2_tags(benchmark::State& state) {
  for (auto _ : state) client().increment("orders", {{"shop", "oslo"}, {"env", "prod"}});
}
BENCHMARK(by_name_with_2_tags)->Threads(1)->Threads(2)->UseRealTime();

std::atomic<double> shared{0.0};
void atomic_compare_and_swap(benchmark::State& state) {
  for (auto _ : state) {
    double seen = shared.load();
    while (!shared.compare_exchange_weak(seen, seen + 1.0)) {
    }
  }
}
BENCHMARK(atomic_compare_and_swap)->Threads(1)->Threads(2)->UseRealTime();

std::mutex mutex;
double guarded = 0.0;
void mutex_add(benchmark::State& state) {
  for (auto _ : state) {
    const std::lock_guard<std::mutex> lock(mutex);
    benchmark::DoNotOptimize(guarded += 1.0);
  }
}
BENCHMARK(mutex_add)->Threads(1)->Threads(2)->UseRealTime();

void drain_of_10_000_series(benchmark::State& state) {
  Registry registry(argus::core::Options{20'000, 360});
  std::vector<uint32_t> slots;
  for (int i = 0; i < 10'000; ++i) {
    slots.push_back(registry.resolve(Kind::counter, "series." + std::to_string(i), nullptr, 0, true));
  }
  for (auto _ : state) {
    state.PauseTiming();
    auto& shard = registry.shard();
    for (const uint32_t slot : slots) shard.add(shard.counter(slot), 1.0);
    state.ResumeTiming();
    const auto window = registry.drain();
    if (window.counters.sum.size() != slots.size()) state.SkipWithError("the drain is not whole");
  }
}
BENCHMARK(drain_of_10_000_series);

}  // namespace

BENCHMARK_MAIN();
