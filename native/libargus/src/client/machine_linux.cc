// Linux: /proc (proc(5)).
#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "client/machine.h"

namespace argus::client {

namespace {

// The beginning of a file of /proc, as a terminated text; empty where it cannot be read.
class ProcFile {
 public:
  explicit ProcFile(const char* path) noexcept {
    std::FILE* const file = std::fopen(path, "re");
    if (file == nullptr) return;
    const size_t size = std::fread(text_.data(), 1, text_.size() - 1, file);
    text_[size] = '\0';
    std::fclose(file);
  }
  const char* text() const noexcept { return text_.data(); }

  // The number after `name` at the begin of a line.
  std::optional<uint64_t> number_after(const char* name) const noexcept {
    const char* at = std::strstr(text(), name);
    if (at == nullptr) return std::nullopt;
    return std::strtoull(at + std::strlen(name), nullptr, 10);
  }

 private:
  std::array<char, 4096> text_{};
};

double ticks_per_second() noexcept {
  static const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  return ticks;
}

std::optional<uint64_t> open_descriptors() noexcept {
  DIR* const folder = opendir("/proc/self/fd");
  if (folder == nullptr) return std::nullopt;
  uint64_t count = 0;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's own
  while (const dirent* entry = readdir(folder)) count += entry->d_name[0] != '.' ? 1 : 0;
  closedir(folder);
  return count - 1;  // less the one that is reading
}

std::optional<double> boot_time() noexcept {
  const ProcFile stat("/proc/stat");
  const std::optional<uint64_t> seconds = stat.number_after("\nbtime ");
  if (!seconds) return std::nullopt;
  return static_cast<double>(*seconds);
}

}  // namespace

ProcessUsage process_usage() noexcept {
  ProcessUsage usage;
  rusage spent{};
  if (getrusage(RUSAGE_SELF, &spent) == 0) {
    usage.cpu_seconds = static_cast<double>(spent.ru_utime.tv_sec + spent.ru_stime.tv_sec) +
                        1e-6 * static_cast<double>(spent.ru_utime.tv_usec + spent.ru_stime.tv_usec);
  }
  // Fields are counted from behind the command's name, which may hold blanks: state is the 3rd of proc_pid_stat(5).
  const ProcFile stat("/proc/self/stat");
  const char* at = std::strrchr(stat.text(), ')');
  unsigned long long threads = 0;
  unsigned long long started = 0;
  if (at != nullptr &&
      std::sscanf(at + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu %*s %llu",
                  &threads, &started) == 2) {
    usage.threads = threads;
    static const std::optional<double> boot = boot_time();
    if (boot) usage.started = *boot + static_cast<double>(started) / ticks_per_second();
  }
  const ProcFile memory("/proc/self/statm");
  unsigned long long pages = 0;
  if (std::sscanf(memory.text(), "%*s %llu", &pages) == 1) {
    usage.resident = pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  }
  usage.open_files = open_descriptors();
  return usage;
}

MachineUsage machine_usage() noexcept {
  MachineUsage usage;
  const ProcFile stat("/proc/stat");
  std::array<unsigned long long, 8> ticks{};  // user nice system idle iowait irq softirq steal
  if (std::sscanf(stat.text(), "cpu %llu %llu %llu %llu %llu %llu %llu %llu", ticks.data(), &ticks[1], &ticks[2],
                  &ticks[3], &ticks[4], &ticks[5], &ticks[6], &ticks[7]) == static_cast<int>(ticks.size())) {
    unsigned long long total = 0;
    for (const unsigned long long part : ticks) total += part;
    usage.total_seconds = static_cast<double>(total) / ticks_per_second();
    usage.busy_seconds = static_cast<double>(total - ticks[3] - ticks[4]) / ticks_per_second();
  }
  constexpr uint64_t kKibibyte = 1024;
  const ProcFile memory("/proc/meminfo");
  if (const auto total = memory.number_after("MemTotal:")) usage.memory_total = *total * kKibibyte;
  if (const auto available = memory.number_after("MemAvailable:")) usage.memory_available = *available * kKibibyte;
  return usage;
}

double thread_cpu_seconds() noexcept {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + 1e-9 * static_cast<double>(spent.tv_nsec);
}

uint64_t process_id() noexcept { return static_cast<uint64_t>(getpid()); }

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data() : "localhost";
}

}  // namespace argus::client
