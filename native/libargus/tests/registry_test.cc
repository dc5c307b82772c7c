#include "core/registry.h"

#include <cmath>
#include <limits>
#include <string>

#include "check.h"

using argus::core::Kind;
using argus::core::Options;
using argus::core::Registry;
using argus::core::Shard;
using argus::core::TagView;
using argus::core::Window;

namespace {

uint32_t series(Registry& registry, Kind kind, const std::string& name, bool pin = false) {
  return registry.resolve(kind, name, nullptr, 0, pin);
}

void add(Registry& registry, const std::string& name, double value) {
  Shard& shard = registry.shard();
  shard.add(shard.counter(series(registry, Kind::counter, name)), value);
}

void a_drain_holds_what_came_since_the_last_one() {
  Registry registry;
  add(registry, "orders", 2.0);
  add(registry, "orders", 3.0);
  CHECK(registry.peek().counters.sum.at(0) == 5.0);
  Window window = registry.drain();
  CHECK(*window.counters.series.at(0).key == "orders");
  CHECK(window.counters.sum.at(0) == 5.0);
  CHECK(window.counters.count.at(0) == 2);
  CHECK(registry.drain().counters.series.empty());
  add(registry, "orders", 1.0);
  CHECK(registry.drain().counters.sum.at(0) == 1.0);
}

void ones_and_other_amounts_add_up() {
  Registry registry;
  const uint32_t slot = series(registry, Kind::counter, "orders", true);
  constexpr double large = 9007199254740991.0;  // 2^53 - 1: up to 2^53 a double holds every whole number
  registry.add(slot, large - 3.0);
  for (int i = 0; i < 3; ++i) registry.add(slot, 1.0);
  Window window = registry.drain();
  CHECK(window.counters.sum.at(0) == large && window.counters.count.at(0) == 4);
  registry.increment(slot);
  CHECK(registry.drain().counters.sum.at(0) == 1.0);
  registry.add(slot, 0.0);
  window = registry.drain();
  CHECK(window.counters.sum.at(0) == 0.0 && window.counters.count.at(0) == 1);
}

void a_gauge_keeps_last_and_extremes_of_its_window() {
  Registry registry;
  Shard& shard = registry.shard();
  const uint32_t slot = series(registry, Kind::gauge, "queue");
  for (const double value : {5.0, -1.0, 3.0}) shard.set(shard.gauge(slot), value);
  Window window = registry.drain();
  CHECK(window.gauges.last.at(0) == 3.0);
  CHECK(window.gauges.min.at(0) == -1.0);
  CHECK(window.gauges.max.at(0) == 5.0);
  shard.set(shard.gauge(slot), 4.0);
  window = registry.drain();
  CHECK(window.gauges.min.at(0) == 4.0);
  CHECK(window.gauges.max.at(0) == 4.0);
}

void a_timing_counts_every_value_in_a_bin_or_as_zero() {
  Registry registry;
  Shard& shard = registry.shard();
  const uint32_t slot = series(registry, Kind::timing, "pay");
  for (const double value : {0.0, -0.0, 0.5, 0.5, 3.0}) shard.record(shard.timing(slot), value);
  const Window window = registry.drain();
  CHECK(window.timings.count.at(0) == 5);
  CHECK(window.timings.bins.at(0).size() == 2);
  CHECK(window.timings.bins.at(0).at(0).count == 2);
  CHECK(window.timings.min.at(0) == 0.0);
  CHECK(window.timings.max.at(0) == 3.0);
}

void what_is_no_amount_is_refused_and_counted() {
  Registry registry;
  for (const double value : {-1.0, std::nan(""), std::numeric_limits<double>::infinity()}) add(registry, "n", value);
  CHECK(registry.drain().counters.series.empty());
  CHECK(registry.stats().rejected == 3);
}

void over_the_limit_totals_by_name_stay_right() {
  Registry registry(Options{2, 360});
  Shard& shard = registry.shard();
  double total = 0.0;
  for (int i = 0; i < 10; ++i) {
    const std::string value = std::to_string(i);
    const TagView tag{"user", value};
    shard.add(shard.counter(registry.resolve(Kind::counter, "orders", &tag, 1, false)), 1.0);
  }
  add(registry, "unknown", 7.0);
  const Window window = registry.drain();
  for (size_t row = 0; row < window.counters.series.size(); ++row) {
    const std::string& key = *window.counters.series[row].key;
    if (key.rfind("orders", 0) == 0) total += window.counters.sum[row];
    if (key == "argus.overflow") CHECK(window.counters.sum[row] == 7.0);
  }
  CHECK(total == 10.0);
  CHECK(registry.stats().overflowed == 9);
}

void an_idle_series_is_forgotten_and_its_slot_reused_with_clean_totals() {
  Registry registry(Options{100, 2});
  add(registry, "short", 5.0);
  const uint32_t pinned = series(registry, Kind::counter, "held", true);
  for (int i = 0; i < 4; ++i) registry.drain();
  CHECK(registry.stats().expired == 1);
  CHECK(registry.stats().series == 1);
  registry.drain();
  add(registry, "next", 2.0);
  const Window window = registry.drain();
  CHECK(*window.counters.series.at(0).key == "next");
  CHECK(window.counters.sum.at(0) == 2.0);
  Shard& shard = registry.shard();
  shard.add(shard.counter(pinned), 1.0);
  CHECK(*registry.drain().counters.series.at(0).key == "held");
}

void constant_tags_enter_every_key() {
  Registry registry;
  add(registry, "before", 1.0);
  const TagView tag{"env", "prod"};
  registry.set_constant_tags(argus::core::sorted(&tag, 1));
  add(registry, "after", 1.0);
  const Window window = registry.drain();
  CHECK(*window.counters.series.at(0).key == "before{env=prod}");
  CHECK(*window.counters.series.at(1).key == "after{env=prod}");
}

}  // namespace

TEST_MAIN(a_drain_holds_what_came_since_the_last_one(), ones_and_other_amounts_add_up(),
          a_gauge_keeps_last_and_extremes_of_its_window(), a_timing_counts_every_value_in_a_bin_or_as_zero(),
          what_is_no_amount_is_refused_and_counted(), over_the_limit_totals_by_name_stay_right(),
          an_idle_series_is_forgotten_and_its_slot_reused_with_clean_totals(), constant_tags_enter_every_key())
