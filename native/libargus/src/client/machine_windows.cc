// Windows: the process status and tool help interfaces.
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
// These two want windows.h before them.
#include <psapi.h>
#include <tlhelp32.h>

#include <array>

#include "client/machine.h"
#include "client/utf8.h"

namespace argus::client {

namespace {

constexpr double kTick = 100e-9;                 // FILETIME counts 100 ns
constexpr double kUnixEpoch = 11'644'473'600.0;  // seconds from 1601 to 1970

double seconds(const FILETIME& time) noexcept {
  return kTick * static_cast<double>((static_cast<uint64_t>(time.dwHighDateTime) << 32U) | time.dwLowDateTime);
}

std::optional<uint64_t> count_threads() noexcept {
  const HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
  if (snapshot == INVALID_HANDLE_VALUE) return std::nullopt;
  THREADENTRY32 entry{};
  entry.dwSize = sizeof entry;
  uint64_t count = 0;
  for (BOOL more = Thread32First(snapshot, &entry); more != 0; more = Thread32Next(snapshot, &entry)) {
    count += entry.th32OwnerProcessID == GetCurrentProcessId() ? 1 : 0;
  }
  CloseHandle(snapshot);
  return count;
}

}  // namespace

ProcessUsage process_usage() noexcept {
  ProcessUsage usage;
  FILETIME created{};
  FILETIME exited{};
  FILETIME kernel{};
  FILETIME user{};
  if (GetProcessTimes(GetCurrentProcess(), &created, &exited, &kernel, &user) != 0) {
    usage.cpu_seconds = seconds(kernel) + seconds(user);
    usage.started = seconds(created) - kUnixEpoch;
  }
  PROCESS_MEMORY_COUNTERS memory{};
  if (K32GetProcessMemoryInfo(GetCurrentProcess(), &memory, sizeof memory) != 0) {
    usage.resident = memory.WorkingSetSize;
  }
  DWORD handles = 0;
  if (GetProcessHandleCount(GetCurrentProcess(), &handles) != 0) usage.open_files = handles;
  usage.threads = count_threads();
  return usage;
}

MachineUsage machine_usage() noexcept {
  MachineUsage usage;
  FILETIME idle{};
  FILETIME kernel{};
  FILETIME user{};
  if (GetSystemTimes(&idle, &kernel, &user) != 0) {  // kernel time includes idle time
    usage.total_seconds = seconds(kernel) + seconds(user);
    usage.busy_seconds = *usage.total_seconds - seconds(idle);
  }
  MEMORYSTATUSEX memory{};
  memory.dwLength = sizeof memory;
  if (GlobalMemoryStatusEx(&memory) != 0) {
    usage.memory_total = memory.ullTotalPhys;
    usage.memory_available = memory.ullAvailPhys;
  }
  return usage;
}

double thread_cpu_seconds() noexcept {
  FILETIME created{};
  FILETIME exited{};
  FILETIME kernel{};
  FILETIME user{};
  if (GetThreadTimes(GetCurrentThread(), &created, &exited, &kernel, &user) == 0) return 0.0;
  return seconds(kernel) + seconds(user);
}

uint64_t process_id() noexcept { return GetCurrentProcessId(); }

std::string host_name() {
  std::array<wchar_t, 256> name{};
  auto size = static_cast<DWORD>(name.size());
  return GetComputerNameExW(ComputerNameDnsHostname, name.data(), &size) != 0 ? to_utf8(name.data()) : "localhost";
}

}  // namespace argus::client
