// Log lines on their way from any thread to the flush thread: a bounded ring without locks.
//
// Each slot has a turn number, which says whose it is: a writer's when it is the place to write, the reader's when it
// is one more (a bounded queue as Vyukov described it, here with many writers and one reader). A line that finds the
// ring full is dropped and counted.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace argus::client {

class LogQueue {
 public:
  static constexpr size_t kCapacity = 8192;  // lines; a power of two

  LogQueue();

  // Any thread. False when the line was dropped.
  bool put(std::string line) noexcept;

  // Moves all lines that are there to the end of `lines`. Flush thread only.
  void take(std::vector<std::string>& lines);

  // In the child of a fork, where no other thread is: forget everything, half-written slots too.
  void reset();

  // Whether more than half of it is filled: time to take.
  bool crowded() const noexcept;

  uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

 private:
  struct Slot {
    std::atomic<uint64_t> turn{0};
    std::string line;
  };

  const std::unique_ptr<Slot[]> slots_;
  std::atomic<uint64_t> written_{0};
  std::atomic<uint64_t> read_{0};
  std::atomic<uint64_t> dropped_{0};
};

}  // namespace argus::client
