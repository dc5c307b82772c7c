// Recording from signal handlers: on a thread in the middle of a record, and on one that has never recorded.
#include <pthread.h>

#include <csignal>
#include <ctime>
#include <thread>

#include "argus/argus.h"
#include "check.h"
#include "core/registry.h"

using argus::core::Kind;
using argus::core::Registry;
using argus::core::Shard;

namespace {

Registry* registry = nullptr;
uint32_t counter = 0;

void record() {
  registry->record([](Shard& shard) { shard.add(shard.counter(counter), 1.0); });
}

void on_signal(int) { record(); }

void a_handler_that_interrupts_a_record_writes_elsewhere() {
  Registry mine;
  registry = &mine;
  counter = mine.resolve(Kind::counter, "c", nullptr, 0, true);
  std::signal(SIGUSR1, on_signal);
  mine.record([](Shard& shard) {
    auto* const cell = shard.counter(counter);
    const uint64_t seen = cell->ones.load();
    std::raise(SIGUSR1);
    cell->ones.store(seen + 1);  // as the interrupted record would, with what it loaded before
  });
  const auto window = mine.drain();
  CHECK(window.counters.sum.at(0) == 2.0 && window.counters.count.at(0) == 2);
}

void a_handler_may_make_a_threads_first_record() {
  Registry mine;
  registry = &mine;
  counter = mine.resolve(Kind::counter, "c", nullptr, 0, true);
  std::signal(SIGUSR1, on_signal);
  std::thread([] { std::raise(SIGUSR1); }).join();
  std::thread([] { std::raise(SIGUSR1); }).join();
  CHECK(mine.drain().counters.sum.at(0) == 2.0);
}

void a_thread_with_more_registries_than_its_table_holds_records_all_the_same() {
  std::vector<std::unique_ptr<Registry>> many;
  for (int i = 0; i < 12; ++i) many.push_back(std::make_unique<Registry>());
  for (auto& one : many) {
    registry = one.get();
    counter = one->resolve(Kind::counter, "c", nullptr, 0, true);
    record();
    record();
    CHECK(one->drain().counters.sum.at(0) == 2.0);
  }
}

void time_since_a_moment_is_that_of_the_steady_clock() {
  argus_registry* const c = argus_registry_new(nullptr);
  argus_series* const timer = argus_series_new(c, ARGUS_TIMING, {"t", 1}, nullptr, 0);
  const uint64_t began = argus_clock();
  const uint64_t steady = argus::core::steady_nanoseconds();
  const timespec pause{0, 30'000'000};
  nanosleep(&pause, nullptr);
  const double elapsed = 1e-9 * static_cast<double>(argus::core::steady_nanoseconds() - steady);
  argus_timer_record_since(timer, began);
  argus_window* const window = argus_drain(c);
  argus_summary row;
  CHECK(argus_window_row(window, ARGUS_TIMING, 0, &row) == ARGUS_OK);
  CHECK_NEAR(row.sum, elapsed, 0.002);
  argus_window_free(window);
  argus_series_free(timer);
  argus_registry_free(c);
}

void a_handle_outlives_its_registry() {
  argus_registry* const c = argus_registry_new(nullptr);
  argus_series* const series = argus_series_new(c, ARGUS_COUNTER, {"c", 1}, nullptr, 0);
  argus_registry_free(c);
  argus_counter_add(series, 1.0);
  argus_series_free(series);
  argus_counter_add(nullptr, 1.0);
}

}  // namespace

TEST_MAIN(a_handler_that_interrupts_a_record_writes_elsewhere(), a_handler_may_make_a_threads_first_record(),
          a_thread_with_more_registries_than_its_table_holds_records_all_the_same(),
          time_since_a_moment_is_that_of_the_steady_clock(), a_handle_outlives_its_registry())
