// When to try again: exponential, with jitter, and never before the server's own Retry-After.
#pragma once

#include <cstdint>
#include <random>

namespace argus::client {

class Backoff {
 public:
  explicit Backoff(uint64_t seed) : random_(seed) {}

  // Times are monotonic seconds.
  bool ready(double now) const noexcept { return now >= not_before_; }
  void failed(double now, double at_least = 0.0);
  void succeeded() noexcept;

 private:
  static constexpr double kFirstPause = 1.0;
  static constexpr double kLongestPause = 60.0;

  std::mt19937_64 random_;
  double pause_ = kFirstPause;
  double not_before_ = 0.0;
};

}  // namespace argus::client
