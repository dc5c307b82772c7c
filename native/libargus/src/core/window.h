// What a drain returns: the summaries of one window, in columns. Row i of every column belongs to series[i].
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sketch.h"

namespace argus::core {

// Names a row's series: the key as the wire wants it, and where a binding may cache what it made of it.
struct SeriesRef {
  uint32_t slot;    // reused after the series expired
  uint64_t serial;  // never reused; also changes when constant tags change the key
  std::shared_ptr<const std::string> key;
};

struct CounterColumns {
  std::vector<SeriesRef> series;
  std::vector<double> sum;
  std::vector<uint64_t> count;
};

struct GaugeColumns {
  std::vector<SeriesRef> series;
  std::vector<double> last, min, max, sum;
  std::vector<uint64_t> count;
};

struct TimingColumns {
  std::vector<SeriesRef> series;
  std::vector<uint64_t> count;
  std::vector<double> sum, min, max;
  std::vector<std::vector<Bin>> bins;
};

struct Window {
  CounterColumns counters;
  GaugeColumns gauges;
  TimingColumns timings;
};

}  // namespace argus::core
