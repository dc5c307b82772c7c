#include "file_lock.h"

#include <cerrno>
#include <system_error>
#include <utility>

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace argus::client {

namespace {

#if defined(_WIN32)
HANDLE as_handle(std::intptr_t handle) noexcept { return reinterpret_cast<HANDLE>(handle); }

std::error_code last_error() noexcept { return {static_cast<int>(GetLastError()), std::system_category()}; }

std::intptr_t open_file(const std::filesystem::path& file, DWORD disposition) noexcept {
  const HANDLE handle = CreateFileW(file.c_str(), GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE,
                                    nullptr, disposition, FILE_ATTRIBUTE_NORMAL, nullptr);
  return reinterpret_cast<std::intptr_t>(handle);  // INVALID_HANDLE_VALUE is -1
}

bool lock_file(std::intptr_t handle) noexcept {
  OVERLAPPED whole{};
  return LockFileEx(as_handle(handle), LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &whole) != 0;
}

void close_file(std::intptr_t handle) noexcept { CloseHandle(as_handle(handle)); }

bool write_some(std::intptr_t handle, std::string_view& rest) noexcept {
  DWORD written = 0;
  if (WriteFile(as_handle(handle), rest.data(), static_cast<DWORD>(rest.size()), &written, nullptr) == 0) return false;
  rest.remove_prefix(written);
  return true;
}

bool sync_file(std::intptr_t handle) noexcept { return FlushFileBuffers(as_handle(handle)) != 0; }

std::intptr_t open_lock(const std::filesystem::path& file) noexcept { return open_file(file, OPEN_ALWAYS); }
std::intptr_t open_new(const std::filesystem::path& file) noexcept { return open_file(file, CREATE_ALWAYS); }
#else
constexpr mode_t kOwnerOnly = 0600;

std::error_code last_error() noexcept { return {errno, std::generic_category()}; }

std::intptr_t open_lock(const std::filesystem::path& file) noexcept {
  return ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly);
}
std::intptr_t open_new(const std::filesystem::path& file) noexcept {
  return ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kOwnerOnly);
}

bool lock_file(std::intptr_t handle) noexcept {
  const int file = static_cast<int>(handle);
  struct stat seen {};
  // One whose folder was removed in this moment is nobody's.
  return ::flock(file, LOCK_EX | LOCK_NB) == 0 && ::fstat(file, &seen) == 0 && seen.st_nlink != 0;
}

void close_file(std::intptr_t handle) noexcept { ::close(static_cast<int>(handle)); }

bool write_some(std::intptr_t handle, std::string_view& rest) noexcept {
  const ssize_t written = ::write(static_cast<int>(handle), rest.data(), rest.size());
  if (written < 0) return errno == EINTR;
  rest.remove_prefix(static_cast<size_t>(written));
  return true;
}

bool sync_file(std::intptr_t handle) noexcept { return ::fsync(static_cast<int>(handle)) == 0; }
#endif

}  // namespace

FileLock::FileLock(FileLock&& other) noexcept : handle_(std::exchange(other.handle_, kNone)) {}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

FileLock::~FileLock() { unlock(); }

bool FileLock::try_lock(const std::filesystem::path& file) noexcept {
  const std::intptr_t opened = open_lock(file);
  if (opened == kNone) return false;
  if (!lock_file(opened)) {
    close_file(opened);
    return false;
  }
  unlock();
  handle_ = opened;
  return true;
}

void FileLock::unlock() noexcept {
  if (handle_ != kNone) close_file(std::exchange(handle_, kNone));
}

void write_durably(const std::filesystem::path& file, std::string_view content) {
  const std::intptr_t opened = open_new(file);
  if (opened == -1) throw std::filesystem::filesystem_error("cannot write", file, last_error());
  bool done = true;
  while (done && !content.empty()) done = write_some(opened, content);
  done = done && sync_file(opened);
  const std::error_code problem = done ? std::error_code() : last_error();
  close_file(opened);
  if (!done) throw std::filesystem::filesystem_error("cannot write", file, problem);
}

}  // namespace argus::client
