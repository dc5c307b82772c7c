#include "client/log_queue.h"

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "check.h"

using argus::client::LogQueue;

namespace {

void lines_come_out_in_order() {
  LogQueue queue;
  std::vector<std::string> lines;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 5'000; ++i) CHECK(queue.put(std::to_string(i)));
    lines.clear();
    queue.take(lines);
    CHECK(lines.size() == 5'000 && lines[0] == "0" && lines[4'999] == "4999");
  }
}

void a_full_queue_drops_and_counts() {
  LogQueue queue;
  for (size_t i = 0; i < LogQueue::kCapacity; ++i) CHECK(queue.put("x"));
  CHECK(queue.crowded());
  CHECK(!queue.put("one too many"));
  CHECK(queue.dropped() == 1);
  std::vector<std::string> lines;
  queue.take(lines);
  CHECK(lines.size() == LogQueue::kCapacity && !queue.crowded());
  CHECK(queue.put("again"));
}

void of_many_writers_every_line_arrives_once_or_is_counted() {
  constexpr int kWriters = 4;
  constexpr int kLines = 20'000;
  LogQueue queue;
  std::atomic<int> running{kWriters};
  std::vector<std::thread> threads;
  for (int t = 0; t < kWriters; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kLines; ++i) queue.put(std::to_string(t) + ':' + std::to_string(i));
      running.fetch_sub(1);
    });
  }
  std::vector<std::string> lines;
  while (running.load() > 0) {
    queue.take(lines);
    std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  queue.take(lines);
  std::map<std::string, int> seen;
  for (const std::string& line : lines) CHECK(++seen[line] == 1);
  CHECK(lines.size() + queue.dropped() == size_t{kWriters} * kLines);
}

}  // namespace

TEST_MAIN(lines_come_out_in_order(), a_full_queue_drops_and_counts(),
          of_many_writers_every_line_arrives_once_or_is_counted())
