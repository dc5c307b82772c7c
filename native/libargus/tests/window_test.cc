#include "client/window.h"

#include <string>

#include "check.h"
#include "windows_for_tests.h"

using argus::client::merge;
using argus::client::pieces;
using argus::client::TimedWindow;
using argus::testing::add_gauge;
using argus::testing::add_timing;
using argus::testing::window_of_counter;

namespace {

void merging_adds_counts_and_widens_extremes() {
  TimedWindow earlier = window_of_counter("a", 2.0, 0.0, 10.0);
  add_gauge(earlier, "g", 5.0);
  add_timing(earlier, "t", {{10, 1}, {30, 2}}, 0.5, 0.1, 0.3);
  TimedWindow later = window_of_counter("a", 3.0, 10.0, 20.0);
  add_gauge(later, "g", 1.0);
  add_gauge(later, "h", 7.0);
  add_timing(later, "t", {{20, 4}, {30, 1}}, 0.25, 0.05, 0.2, 1);
  const TimedWindow both = merge(earlier, later);
  CHECK(both.start == 0.0 && both.end == 20.0 && both.rows() == 4);
  CHECK(both.columns.counters.sum.at(0) == 5.0 && both.columns.counters.count.at(0) == 2);
  const auto& gauges = both.columns.gauges;
  CHECK(gauges.last.at(0) == 1.0 && gauges.min.at(0) == 1.0 && gauges.max.at(0) == 5.0 && gauges.sum.at(0) == 6.0);
  CHECK(*gauges.series.at(1).key == "h");
  const auto& timings = both.columns.timings;
  CHECK(timings.count.at(0) == 9 && timings.sum.at(0) == 0.75 && timings.min.at(0) == 0.05 && timings.max.at(0) == 0.3);
  const auto& bins = timings.bins.at(0);
  CHECK(bins.size() == 3 && bins[0].index == 10 && bins[1].count == 4 && bins[2].index == 30 && bins[2].count == 3);
}

void cutting_keeps_every_row_once_and_in_order() {
  TimedWindow window{0.0, 10.0, {}};
  for (int i = 0; i < 7; ++i) {
    const std::string key = std::to_string(i);
    TimedWindow one = window_of_counter("c" + key, i);
    window.columns.counters.series.push_back(one.columns.counters.series[0]);
    window.columns.counters.sum.push_back(i);
    window.columns.counters.count.push_back(1);
    add_gauge(window, "g" + key, i);
    add_timing(window, "t" + key, {{1, 1}}, i, i, i);
  }
  std::string keys;
  size_t rows = 0;
  for (const TimedWindow& piece : pieces(window, 4)) {
    CHECK(piece.rows() <= 4 && piece.end == 10.0);
    rows += piece.rows();
    for (const auto& series : piece.columns.counters.series) keys += *series.key;
    for (const auto& series : piece.columns.gauges.series) keys += *series.key;
    for (const auto& series : piece.columns.timings.series) keys += *series.key;
  }
  CHECK(rows == 21);
  CHECK(keys == "c0c1c2c3c4c5c6g0g1g2g3g4g5g6t0t1t2t3t4t5t6");
}

}  // namespace

TEST_MAIN(merging_adds_counts_and_widens_extremes(), cutting_keeps_every_row_once_and_in_order())
