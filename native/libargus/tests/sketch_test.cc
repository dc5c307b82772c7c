#include "core/sketch.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "check.h"

using argus::core::Bin;
using argus::core::index_of;
using argus::core::kOctaves;
using argus::core::lower_bound_of;
using argus::core::midpoint_of;
using argus::core::place_within_octaves;
using argus::core::quantile;

namespace {

void a_bin_holds_its_values_within_the_promised_error() {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> exponent(-60.0, 60.0);
  for (int i = 0; i < 100'000; ++i) {
    const double value = std::exp2(exponent(random));
    const uint32_t index = index_of(value);
    CHECK(lower_bound_of(index) <= value && value < lower_bound_of(index + 1));
    CHECK(std::fabs(midpoint_of(index) - value) <= value / 128.0);
  }
}

void values_outside_the_range_count_at_its_edges() {
  CHECK(index_of(std::numeric_limits<double>::denorm_min()) == index_of(std::exp2(-64.0)));
  CHECK(index_of(std::numeric_limits<double>::max()) == index_of(std::exp2(64.0) * 0.999));
}

void one_comparison_tells_what_is_not_within_the_octaves() {
  using Double = std::numeric_limits<double>;
  for (const double value :
       {0.0, -0.0, -1.0, -Double::max(), Double::denorm_min(), std::exp2(-64.0) * 0.999, std::exp2(64.0), Double::max(),
        Double::infinity(), -Double::infinity(), Double::quiet_NaN(), -Double::quiet_NaN()}) {
    CHECK(place_within_octaves(value).octave >= kOctaves);
  }
  CHECK(place_within_octaves(std::exp2(-64.0)).octave == 0);
  CHECK(place_within_octaves(std::exp2(64.0) * 0.999).octave == kOctaves - 1);
}

void quantiles_are_those_of_the_sorted_values() {
  std::mt19937_64 random(2);
  std::lognormal_distribution<double> duration(-4.0, 1.0);
  std::vector<double> values;
  std::map<uint32_t, uint64_t> counts;
  for (int i = 0; i < 5'000; ++i) {
    values.push_back(duration(random));
    ++counts[index_of(values.back())];
  }
  std::sort(values.begin(), values.end());
  std::vector<Bin> bins;
  for (const auto& [index, count] : counts) bins.push_back({index, count});
  for (const double q : {0.0, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<size_t>(std::max(1.0, std::ceil(q * 5'000.0)));
    const double exact = values[rank - 1];
    CHECK_NEAR(quantile(bins, 0, q, values.front(), values.back()), exact, exact / 128.0);
  }
}

void zeros_come_first_and_nothing_has_no_quantile() {
  const std::vector<Bin> bins{{index_of(1.0), 1}};
  CHECK(quantile(bins, 3, 0.5, 0.0, 1.0) == 0.0);
  CHECK(quantile(bins, 3, 1.0, 0.0, 1.0) == 1.0);
  CHECK(std::isnan(quantile({}, 0, 0.5, 0.0, 0.0)));
}

}  // namespace

TEST_MAIN(a_bin_holds_its_values_within_the_promised_error(), values_outside_the_range_count_at_its_edges(),
          one_comparison_tells_what_is_not_within_the_octaves(), quantiles_are_those_of_the_sorted_values(),
          zeros_come_first_and_nothing_has_no_quantile())
