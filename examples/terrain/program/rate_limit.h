// Keeps a report that could come with every frame from becoming a flood.
#pragma once

#include <cstdint>
#include <optional>

namespace terrain {

// Lets one report through per interval, with the number of those it held back since the last.
class RateLimit {
 public:
  explicit RateLimit(double seconds) : seconds_(seconds) {}

  std::optional<uint64_t> admit(double now) {
    if (admitted_ && now - *admitted_ < seconds_) {
      ++held_back_;
      return std::nullopt;
    }
    admitted_ = now;
    const uint64_t count = held_back_;
    held_back_ = 0;
    return count;
  }

 private:
  double seconds_;
  std::optional<double> admitted_;
  uint64_t held_back_ = 0;
};

}  // namespace terrain
