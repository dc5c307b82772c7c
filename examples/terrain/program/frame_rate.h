// Counts frames, and says once a second how many there were per second.
#pragma once

#include <cstdint>
#include <optional>

namespace terrain {

class FrameRate {
 public:
  // A frame ended at `now`, in seconds.
  std::optional<double> frame(double now) {
    if (frames_++ == 0) began_ = now;
    const double elapsed = now - began_;
    if (elapsed < 1.0) return std::nullopt;
    const double rate = static_cast<double>(frames_ - 1) / elapsed;
    frames_ = 1;  // this frame's end begins the next second
    began_ = now;
    return rate;
  }

 private:
  double began_ = 0.0;
  uint64_t frames_ = 0;
};

}  // namespace terrain
