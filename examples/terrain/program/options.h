// The command line.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "rendering/display.h"

namespace terrain {

// The command line is wrong; what() names the argument, its value and the remedy.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Options {
  bool help = false;
  bool headless = false;
  bool monitored = true;
  double seconds = std::numeric_limits<double>::infinity();
  uint64_t frames = std::numeric_limits<uint64_t>::max();
  Size size{1280, 720};
  int samples = 1;  // per pixel
  uint32_t seed = 10;
  double hour = 8.0;              // of the day, at the start
  std::optional<double> fps_cap;  // 0: none. Unsaid: the screen's own pace, and 60 without one
  double budget = 1.0 / 30.0;     // seconds that a frame may take before that is worth a warning
  std::string screenshot;         // empty: none
};

[[nodiscard]] Options parse_options(const std::vector<std::string>& arguments);

extern const char* const kHelp;

}  // namespace terrain
