#include "sketch.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace argus::core {

double quantile(const std::vector<Bin>& bins, uint64_t zeros, double q, double min, double max) noexcept {
  uint64_t total = zeros;
  for (const Bin& bin : bins) total += bin.count;
  if (total == 0) return std::numeric_limits<double>::quiet_NaN();

  const double exact = std::ceil(q * static_cast<double>(total));
  const uint64_t rank = std::min(total, std::max<uint64_t>(1, static_cast<uint64_t>(std::max(0.0, exact))));
  double answer = 0.0;
  uint64_t seen = zeros;
  for (const Bin& bin : bins) {
    if (seen >= rank) break;
    seen += bin.count;
    answer = midpoint_of(bin.index);
  }
  return std::min(max, std::max(min, answer));
}

}  // namespace argus::core
