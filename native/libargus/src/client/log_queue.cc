#include "log_queue.h"

#include <utility>

namespace argus::client {

LogQueue::LogQueue() : slots_(std::make_unique<Slot[]>(kCapacity)) { reset(); }

void LogQueue::reset() {
  for (size_t i = 0; i < kCapacity; ++i) {
    slots_[i].line.clear();
    slots_[i].turn.store(i, std::memory_order_relaxed);
  }
  written_.store(0, std::memory_order_relaxed);
  read_.store(0, std::memory_order_relaxed);
}

bool LogQueue::put(std::string line) noexcept {
  uint64_t place = written_.load(std::memory_order_relaxed);
  while (true) {
    Slot& slot = slots_[place % kCapacity];
    const auto ahead = static_cast<int64_t>(slot.turn.load(std::memory_order_acquire) - place);
    if (ahead < 0) {  // the reader is a whole round behind
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    if (ahead == 0 && written_.compare_exchange_weak(place, place + 1, std::memory_order_relaxed)) {
      slot.line = std::move(line);
      slot.turn.store(place + 1, std::memory_order_release);
      return true;
    }
    if (ahead > 0) place = written_.load(std::memory_order_relaxed);
  }
}

void LogQueue::take(std::vector<std::string>& lines) {
  uint64_t place = read_.load(std::memory_order_relaxed);
  while (slots_[place % kCapacity].turn.load(std::memory_order_acquire) == place + 1) {
    Slot& slot = slots_[place % kCapacity];
    lines.push_back(std::move(slot.line));
    slot.line = {};
    slot.turn.store(place + kCapacity, std::memory_order_release);
    read_.store(++place, std::memory_order_relaxed);
  }
}

bool LogQueue::crowded() const noexcept {
  return written_.load(std::memory_order_relaxed) - read_.load(std::memory_order_relaxed) > kCapacity / 2;
}

}  // namespace argus::client
