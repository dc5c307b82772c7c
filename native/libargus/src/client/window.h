// A drained window with its bounds, and what an outage does to windows: they are cut into batches, or merged.
#pragma once

#include <cstddef>
#include <vector>

#include "core/window.h"

namespace argus::client {

struct TimedWindow {
  double start = 0.0;  // Unix seconds
  double end = 0.0;
  core::Window columns;

  // Summaries of all kinds.
  size_t rows() const noexcept {
    return columns.counters.series.size() + columns.gauges.series.size() + columns.timings.series.size();
  }
};

// One window from the start of the first to the end of the last: counts and sums add, extremes widen, the later `last`
// stays, sketches add.
TimedWindow merge(TimedWindow earlier, TimedWindow later);

// The window cut into windows of at most `rows` summaries each; one that is small enough comes back alone.
std::vector<TimedWindow> pieces(TimedWindow window, size_t rows);

}  // namespace argus::client
