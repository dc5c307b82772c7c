// An exclusive lock on a file, which the system releases when its process ends however it ends; and a write that is on
// the disk when it returns.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace argus::client {

class FileLock {
 public:
  FileLock() noexcept = default;
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

  // Makes the file if need be. False while another process holds it, or where it cannot be opened.
  bool try_lock(const std::filesystem::path& file) noexcept;
  bool held() const noexcept { return handle_ != kNone; }
  void unlock() noexcept;

 private:
  static constexpr std::intptr_t kNone = -1;
  std::intptr_t handle_ = kNone;
};

// Throws std::filesystem::filesystem_error.
void write_durably(const std::filesystem::path& file, std::string_view content);

}  // namespace argus::client
