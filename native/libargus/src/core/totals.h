// What a series' cells had added up to, over all shards, when they were drained last.
#pragma once

#include <cstdint>
#include <vector>

namespace argus::core {

struct CounterTotals {
  double sum = 0.0;
  uint64_t count = 0;
};

struct TimingTotals {
  double sum = 0.0;
  uint64_t zeros = 0;
  uint64_t touched = 0;
  std::vector<uint64_t> bins;  // all octaves seen so far, in the order of `octaves`
  std::vector<uint8_t> octaves;
};

}  // namespace argus::core
