// The machine's and the process' gauges, under the names the Python SDK gives them: cpu_percent (of all cores),
// memory_used, memory_available, disk_used (bytes), memory_percent, disk_percent; process.cpu_percent (of one core),
// process.memory_rss (bytes), process.threads, process.open_files, process.uptime (seconds).
#pragma once

#include <filesystem>

#include "client/machine.h"
#include "core/registry.h"

namespace argus::client {

class SystemMetrics {
 public:
  // Takes the first readings, from which the first window's shares are counted.
  SystemMetrics();

  // Records one value of each gauge. Flush thread only.
  void record(core::Registry& registry);

 private:
  void record_machine(core::Registry& registry);
  void record_process(core::Registry& registry);
  void record_disk(core::Registry& registry);

  std::filesystem::path disk_;  // the working directory at the start
  MachineUsage machine_;
  ProcessUsage process_;
  double read_at_;  // monotonic seconds
};

}  // namespace argus::client
