// What the machine and this process do, asked of the system: one file per system answers (machine_linux.cc, …).
//
// Thread rule: the flush thread's. None of these throws; what the system does not tell stays empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace argus::client {

struct ProcessUsage {
  std::optional<double> cpu_seconds;  // user and system, of all threads
  std::optional<uint64_t> resident;   // bytes
  std::optional<uint64_t> threads;
  std::optional<uint64_t> open_files;  // descriptors or handles
  std::optional<double> started;       // Unix seconds
};

struct MachineUsage {
  std::optional<double> busy_seconds;   // of all cores
  std::optional<double> total_seconds;  // busy and idle
  std::optional<uint64_t> memory_total;
  std::optional<uint64_t> memory_available;
};

ProcessUsage process_usage() noexcept;
MachineUsage machine_usage() noexcept;

// CPU time of the calling thread.
double thread_cpu_seconds() noexcept;

uint64_t process_id() noexcept;

// This machine's name; "localhost" where the system does not tell.
std::string host_name();

}  // namespace argus::client
