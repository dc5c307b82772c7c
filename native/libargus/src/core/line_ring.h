// Log lines in a flight file, until they are in a batch that is safe elsewhere.
//
// Lines lie one after another, each behind its length, round and round; a line that is written counts once the end has
// moved behind it. A line for which there is no room is refused: old ones never give way, for they are nowhere else.
// Thread rule: `put` from any thread; `take` and `keep` are the flush thread's.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "flight_layout.h"

namespace argus::core {

class LineRing {
 public:
  // Both lie in the file. `live` says whether they may be written.
  LineRing(std::byte* ring, std::atomic<uint64_t>& written, const std::atomic<bool>& live) noexcept
      : ring_(ring), written_(written), live_(live) {}

  // False where the line has no room.
  bool put(std::string_view line) {
    if (!live_.load(std::memory_order_acquire)) return false;
    const std::lock_guard<std::mutex> lock(mutex_);
    const uint64_t begin = written_.load(std::memory_order_relaxed);
    const auto size = static_cast<uint32_t>(line.size());
    if (line.size() + sizeof size > flight::kLineBytes - (begin - kept_)) return false;
    store(begin, &size, sizeof size);
    store(begin + sizeof size, line.data(), line.size());
    ++waiting_;
    // release: the bytes come before the end that covers them.
    written_.store(begin + sizeof size + line.size(), std::memory_order_release);
    return true;
  }

  // Up to `most` of the oldest lines not taken yet, of about `bytes` together. They stay in the file until `keep`.
  std::vector<std::string> take(size_t most, size_t bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::vector<std::string> lines;
    const uint64_t end = written_.load(std::memory_order_relaxed);
    for (size_t size = 0; taken_ != end && lines.size() < most && size < bytes; size += lines.back().size()) {
      uint32_t length = 0;
      load(taken_, &length, sizeof length);
      lines.emplace_back(length, '\0');
      load(taken_ + sizeof length, lines.back().data(), length);
      taken_ += sizeof length + length;
      --waiting_;
    }
    return lines;
  }

  // What was taken is safe elsewhere; `commit(end)` says so in the file before the room is used again.
  template <typename Commit>
  void keep(Commit commit) {
    const std::lock_guard<std::mutex> lock(mutex_);
    commit(taken_);
    kept_ = taken_;
  }

  size_t waiting() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return waiting_;
  }

  // Whether more than half of it is filled: time to take.
  bool crowded() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return written_.load(std::memory_order_relaxed) - kept_ > flight::kLineBytes / 2;
  }

 private:
  void store(uint64_t at, const void* from, size_t bytes) noexcept {
    const size_t begin = at % flight::kLineBytes;
    const size_t first = std::min<size_t>(bytes, flight::kLineBytes - begin);
    std::memcpy(ring_ + begin, from, first);
    std::memcpy(ring_, static_cast<const char*>(from) + first, bytes - first);
  }
  void load(uint64_t at, void* to, size_t bytes) const noexcept {
    const size_t begin = at % flight::kLineBytes;
    const size_t first = std::min<size_t>(bytes, flight::kLineBytes - begin);
    std::memcpy(to, ring_ + begin, first);
    std::memcpy(static_cast<char*>(to) + first, ring_, bytes - first);
  }

  std::byte* const ring_;
  std::atomic<uint64_t>& written_;
  const std::atomic<bool>& live_;
  std::mutex mutex_;  // guards all below
  uint64_t taken_ = 0;
  uint64_t kept_ = 0;
  size_t waiting_ = 0;
};

}  // namespace argus::core
