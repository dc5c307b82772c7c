// macOS: Mach's task and host interfaces, and sysctl(3).
#include <mach/mach.h>
#include <mach/mach_host.h>
#include <sys/resource.h>
#include <sys/sysctl.h>
#include <unistd.h>

#include <array>
#include <ctime>

#include "client/machine.h"

namespace argus::client {

namespace {

std::optional<double> started() noexcept {
  std::array<int, 4> name{CTL_KERN, KERN_PROC, KERN_PROC_PID, getpid()};
  kinfo_proc process{};
  size_t size = sizeof process;
  if (sysctl(name.data(), static_cast<u_int>(name.size()), &process, &size, nullptr, 0) != 0) return std::nullopt;
  const timeval& time = process.kp_proc.p_starttime;
  return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
}

std::optional<uint64_t> count_threads() noexcept {
  thread_act_array_t threads = nullptr;
  mach_msg_type_number_t count = 0;
  if (task_threads(mach_task_self(), &threads, &count) != KERN_SUCCESS) return std::nullopt;
  for (mach_msg_type_number_t i = 0; i < count; ++i) mach_port_deallocate(mach_task_self(), threads[i]);
  vm_deallocate(mach_task_self(), reinterpret_cast<vm_address_t>(threads), count * sizeof *threads);
  return count;
}

}  // namespace

ProcessUsage process_usage() noexcept {
  ProcessUsage usage;
  rusage spent{};
  if (getrusage(RUSAGE_SELF, &spent) == 0) {
    usage.cpu_seconds = static_cast<double>(spent.ru_utime.tv_sec + spent.ru_stime.tv_sec) +
                        1e-6 * static_cast<double>(spent.ru_utime.tv_usec + spent.ru_stime.tv_usec);
  }
  mach_task_basic_info_data_t task{};
  mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
  if (task_info(mach_task_self(), MACH_TASK_BASIC_INFO, reinterpret_cast<task_info_t>(&task), &count) == KERN_SUCCESS) {
    usage.resident = task.resident_size;
  }
  usage.threads = count_threads();
  usage.started = started();
  return usage;
}

MachineUsage machine_usage() noexcept {
  MachineUsage usage;
  const mach_port_t host = mach_host_self();
  host_cpu_load_info_data_t load{};
  mach_msg_type_number_t count = HOST_CPU_LOAD_INFO_COUNT;
  if (host_statistics(host, HOST_CPU_LOAD_INFO, reinterpret_cast<host_info_t>(&load), &count) == KERN_SUCCESS) {
    double total = 0.0;
    for (const natural_t ticks : load.cpu_ticks) total += ticks;
    usage.total_seconds = total;  // in ticks: only their ratio is used
    usage.busy_seconds = total - load.cpu_ticks[CPU_STATE_IDLE];
  }
  uint64_t memory = 0;
  size_t size = sizeof memory;
  if (sysctlbyname("hw.memsize", &memory, &size, nullptr, 0) == 0) usage.memory_total = memory;
  vm_statistics64_data_t pages{};
  count = HOST_VM_INFO64_COUNT;
  if (host_statistics64(host, HOST_VM_INFO64, reinterpret_cast<host_info64_t>(&pages), &count) == KERN_SUCCESS) {
    usage.memory_available = (uint64_t{pages.free_count} + pages.inactive_count) * static_cast<uint64_t>(getpagesize());
  }
  mach_port_deallocate(mach_task_self(), host);
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
