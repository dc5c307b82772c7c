#include "backoff.h"

#include <algorithm>

namespace argus::client {

void Backoff::failed(double now, double at_least) {
  const double share = std::uniform_real_distribution<double>(0.5, 1.0)(random_);
  not_before_ = now + std::max(share * pause_, at_least);
  pause_ = std::min(2.0 * pause_, kLongestPause);
}

void Backoff::succeeded() noexcept {
  pause_ = kFirstPause;
  not_before_ = 0.0;
}

}  // namespace argus::client
