// Many threads record while one drains: nothing is lost, nothing is doubled, memory stays flat.
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "check.h"
#include "core/registry.h"
#include "core/thread_shards.h"

using argus::core::Kind;
using argus::core::Registry;
using argus::core::Shard;
using argus::core::ThreadShards;
using argus::core::Window;

namespace {

constexpr int kThreads = 4;
constexpr int kRecords = 50'000;

void every_record_is_in_exactly_one_drain() {
  Registry registry;
  const uint32_t counter = registry.resolve(Kind::counter, "c", nullptr, 0, true);
  const uint32_t timing = registry.resolve(Kind::timing, "t", nullptr, 0, true);
  std::atomic<int> running{kThreads};
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kRecords; ++n) {
        Shard& shard = registry.shard();
        shard.add(shard.counter(counter), 1.0);
        shard.record(shard.timing(timing), 0.001 * (n % 7));
      }
      running.fetch_sub(1);
    });
  }
  double sum = 0.0;
  uint64_t timed = 0;
  bool last = false;
  while (true) {
    const Window window = registry.drain();
    for (const double part : window.counters.sum) sum += part;
    for (size_t row = 0; row < window.timings.count.size(); ++row) {
      timed += window.timings.count[row];
      CHECK(window.timings.min[row] >= 0.0 && window.timings.max[row] <= 0.0062);
    }
    if (last) break;
    last = running.load() == 0;
    std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(sum == kThreads * static_cast<double>(kRecords));
  CHECK(timed == uint64_t{kThreads} * kRecords);
}

void threads_that_come_and_go_share_one_shard() {
  Registry registry;
  const uint32_t counter = registry.resolve(Kind::counter, "c", nullptr, 0, true);
  const auto record = [&] {
    Shard& shard = registry.shard();
    shard.add(shard.counter(counter), 1.0);
  };
  std::thread(record).join();
  const uint64_t bytes = registry.stats().bytes;
  constexpr int kShortThreads = 2'000;
  for (int i = 0; i < kShortThreads; ++i) std::thread(record).join();
  CHECK(registry.stats().bytes == bytes);
  CHECK(registry.drain().counters.sum.at(0) == kShortThreads + 1.0);
}

void a_thread_may_outlive_its_registry() {
  std::atomic<bool> gone{false};
  std::atomic<bool> recorded{false};
  auto* registry = new Registry;
  std::thread thread([&] {
    Shard& shard = registry->shard();
    shard.add(shard.counter(registry->resolve(Kind::counter, "c", nullptr, 0, false)), 1.0);
    recorded = true;
    while (!gone) std::this_thread::yield();
  });
  while (!recorded) std::this_thread::yield();
  delete registry;
  gone = true;
  thread.join();
}

// The last test: this program then ends with the lock held. On Windows the system stops the thread that holds it first,
// and announces the main thread's end after that.
void the_process_ends_while_a_thread_is_ending() {
  static auto* const registry = new Registry;  // not destroyed, for that takes the lock
  registry->shard();
  static std::atomic<bool> held{false};
  std::thread([] {
    ThreadShards::lock_for_fork();
    held = true;
    while (true) std::this_thread::sleep_for(std::chrono::hours(1));
  }).detach();
  while (!held) std::this_thread::yield();
}

}  // namespace

TEST_MAIN(every_record_is_in_exactly_one_drain(), threads_that_come_and_go_share_one_shard(),
          a_thread_may_outlive_its_registry(), the_process_ends_while_a_thread_is_ending())
