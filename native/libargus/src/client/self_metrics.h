// What Argus says of itself: every loss, and its own cost, as metrics of the application it serves (argus.client.* and
// argus.overhead_percent, as the Python SDK has them).
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "client/delivery.h"
#include "client/log_queue.h"
#include "client/stream.h"
#include "core/registry.h"

namespace argus::client {

class SelfMetrics {
 public:
  // Remembers how many records a window held.
  void note(const core::Window& window);

  // Records what changed since the last window, which took `elapsed` seconds. Flush thread only.
  void record(core::Registry& registry, double elapsed, const LogQueue& queue, const MetricStream& metrics,
              const LogStream& logs, const Delivery& delivery, uint64_t flush_errors);

 private:
  double overhead_percent(double elapsed);

  std::map<std::string, uint64_t> reported_;
  double thread_seconds_ = 0.0;
  uint64_t records_ = 0;
};

}  // namespace argus::client
