#include "system_metrics.h"

#include <algorithm>

#include "client/now.h"
#include "client/recording.h"

namespace argus::client {

namespace {

constexpr double kPercent = 100.0;

double share(double part, double whole) noexcept { return whole > 0.0 ? kPercent * part / whole : 0.0; }

}  // namespace

SystemMetrics::SystemMetrics() : machine_(machine_usage()), process_(process_usage()), read_at_(monotonic_now()) {
  std::error_code gone;
  disk_ = std::filesystem::current_path(gone);
}

void SystemMetrics::record(core::Registry& registry) {
  record_machine(registry);
  record_process(registry);
  record_disk(registry);
}

void SystemMetrics::record_machine(core::Registry& registry) {
  const MachineUsage now = machine_usage();
  if (now.busy_seconds && machine_.busy_seconds && now.total_seconds && machine_.total_seconds) {
    const double busy = share(*now.busy_seconds - *machine_.busy_seconds, *now.total_seconds - *machine_.total_seconds);
    record_gauge(registry, "cpu_percent", std::clamp(busy, 0.0, kPercent));
  }
  if (now.memory_total && now.memory_available) {
    const auto total = static_cast<double>(*now.memory_total);
    const auto available = static_cast<double>(*now.memory_available);
    record_gauge(registry, "memory_used", total - available);
    record_gauge(registry, "memory_available", available);
    record_gauge(registry, "memory_percent", share(total - available, total));
  }
  machine_ = now;
}

void SystemMetrics::record_process(core::Registry& registry) {
  const ProcessUsage now = process_usage();
  const double read_at = monotonic_now();
  if (now.cpu_seconds && process_.cpu_seconds) {
    record_gauge(registry, "process.cpu_percent", share(*now.cpu_seconds - *process_.cpu_seconds, read_at - read_at_));
  }
  if (now.resident) record_gauge(registry, "process.memory_rss", static_cast<double>(*now.resident));
  if (now.threads) record_gauge(registry, "process.threads", static_cast<double>(*now.threads));
  if (now.open_files) record_gauge(registry, "process.open_files", static_cast<double>(*now.open_files));
  if (now.started) record_gauge(registry, "process.uptime", unix_now() - *now.started);
  process_ = now;
  read_at_ = read_at;
}

void SystemMetrics::record_disk(core::Registry& registry) {
  std::error_code gone;
  std::filesystem::space_info space = std::filesystem::space(disk_, gone);
  if (gone) {  // the directory was removed or unmounted: the root is always there
    disk_ = disk_.root_path();
    space = std::filesystem::space(disk_, gone);
  }
  if (gone) return;
  const auto used = static_cast<double>(space.capacity - space.free);
  record_gauge(registry, "disk_used", used);
  record_gauge(registry, "disk_percent", share(used, used + static_cast<double>(space.available)));
}

}  // namespace argus::client
