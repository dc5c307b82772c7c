// Windows as a drain would return them, for tests of what happens to them afterwards.
#pragma once

#include <memory>
#include <string>

#include "client/window.h"

namespace argus::testing {

inline core::SeriesRef ref(const std::string& key) { return {0, 0, std::make_shared<const std::string>(key)}; }

inline client::TimedWindow window_of_counter(const std::string& key, double sum, double start = 0.0,
                                             double end = 10.0) {
  client::TimedWindow window{start, end, {}};
  window.columns.counters.series.push_back(ref(key));
  window.columns.counters.sum.push_back(sum);
  window.columns.counters.count.push_back(1);
  return window;
}

inline void add_gauge(client::TimedWindow& window, const std::string& key, double value) {
  core::GaugeColumns& gauges = window.columns.gauges;
  gauges.series.push_back(ref(key));
  for (auto* column : {&gauges.last, &gauges.min, &gauges.max, &gauges.sum}) column->push_back(value);
  gauges.count.push_back(1);
}

inline void add_timing(client::TimedWindow& window, const std::string& key, std::vector<core::Bin> bins, double sum,
                       double min, double max, uint64_t zeros = 0) {
  core::TimingColumns& timings = window.columns.timings;
  uint64_t count = zeros;
  for (const core::Bin& bin : bins) count += bin.count;
  timings.series.push_back(ref(key));
  timings.count.push_back(count);
  timings.sum.push_back(sum);
  timings.min.push_back(min);
  timings.max.push_back(max);
  timings.bins.push_back(std::move(bins));
}

}  // namespace argus::testing
