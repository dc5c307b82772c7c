#include "wake.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#endif

namespace argus::client {

namespace {

constexpr double kLongestWait = 3600.0;  // seconds

int milliseconds(double seconds) noexcept {
  return static_cast<int>(std::min(std::max(seconds, 0.0), kLongestWait) * 1e3 + 0.999);
}

}  // namespace

Wake::Wake() { open(); }

Wake::~Wake() { close(); }

void Wake::renew() {
  close();
  open();
}

#if defined(_WIN32)

void Wake::open() {
  const HANDLE event = CreateEventW(nullptr, FALSE, FALSE, nullptr);
  if (event == nullptr) throw std::system_error(static_cast<int>(GetLastError()), std::system_category());
  reading_ = reinterpret_cast<std::intptr_t>(event);
}

void Wake::close() noexcept { CloseHandle(reinterpret_cast<HANDLE>(reading_)); }

void Wake::signal() noexcept { SetEvent(reinterpret_cast<HANDLE>(reading_)); }

void Wake::wait(double seconds) noexcept {
  WaitForSingleObject(reinterpret_cast<HANDLE>(reading_), static_cast<DWORD>(milliseconds(seconds)));
}

#else

void Wake::open() {
  int ends[2];
  if (::pipe(ends) != 0) throw std::system_error(errno, std::generic_category(), "no pipe for the flush thread");
  for (const int end : ends) {
    ::fcntl(end, F_SETFD, FD_CLOEXEC);
    ::fcntl(end, F_SETFL, O_NONBLOCK);
  }
  reading_ = ends[0];
  writing_ = ends[1];
}

void Wake::close() noexcept {
  ::close(static_cast<int>(reading_));
  ::close(static_cast<int>(writing_));
}

void Wake::signal() noexcept {
  const char byte = 0;
  // A pipe that is full wakes as well.
  [[maybe_unused]] const ssize_t written = ::write(static_cast<int>(writing_), &byte, 1);
}

void Wake::wait(double seconds) noexcept {
  pollfd ready{static_cast<int>(reading_), POLLIN, 0};
  if (::poll(&ready, 1, milliseconds(seconds)) <= 0) return;
  char bytes[64];
  while (::read(static_cast<int>(reading_), bytes, sizeof bytes) > 0) {
  }
}

#endif

}  // namespace argus::client
