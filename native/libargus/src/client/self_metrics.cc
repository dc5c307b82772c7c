#include "self_metrics.h"

#include <algorithm>
#include <numeric>

#include "client/machine.h"
#include "client/recording.h"

namespace argus::client {

namespace {

// What one record is taken to cost: a counter by handle (bench/record_bench.cc).
constexpr double kRecordSeconds = 4e-9;
constexpr double kShortestWindow = 1e-3;

uint64_t total(const std::vector<uint64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

}  // namespace

void SelfMetrics::note(const core::Window& window) {
  records_ = total(window.counters.count) + total(window.gauges.count) + total(window.timings.count);
}

void SelfMetrics::record(core::Registry& registry, double elapsed, const LogQueue& queue, const MetricStream& metrics,
                         const LogStream& logs, const Delivery& delivery, uint64_t flush_errors) {
  const core::Stats stats = registry.stats();
  std::map<std::string, uint64_t> totals = delivery.counts();
  totals["rejected_values"] = stats.rejected;
  totals["overflowed_records"] = stats.overflowed;
  totals["expired_series"] = stats.expired;
  totals["log_lines_dropped"] = queue.dropped() + logs.dropped();
  totals["flush_errors"] = flush_errors;
  totals["merged_windows"] = metrics.merged();
  if (const Folder* const folder = delivery.folder()) {
    totals["flight_overflows"] = delivery.flight_overflows();
    totals["spool_files_dropped"] = folder->dropped_files();
    totals["spool_records_dropped"] = folder->dropped_records();
    record_gauge(registry, "argus.client.spool_bytes", static_cast<double>(folder->bytes()));
  }
  for (const auto& [name, now] : totals) {
    uint64_t& before = reported_[name];
    if (now != before) record_count(registry, "argus.client." + name, static_cast<double>(now - before));
    before = now;
  }
  record_gauge(registry, "argus.client.series", static_cast<double>(stats.series));
  record_gauge(registry, "argus.overhead_percent", overhead_percent(elapsed));
}

// The share of one core that Argus took: the flush thread's CPU time and the records' estimate.
double SelfMetrics::overhead_percent(double elapsed) {
  const double now = thread_cpu_seconds();
  const double spent = now - thread_seconds_ + static_cast<double>(records_) * kRecordSeconds;
  thread_seconds_ = now;
  return 100.0 * spent / std::max(elapsed, kShortestWindow);
}

}  // namespace argus::client
