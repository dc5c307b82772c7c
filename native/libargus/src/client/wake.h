// Wakes one waiting thread without a lock: a pipe, or an event on Windows.
#pragma once

#include <cstdint>

namespace argus::client {

class Wake {
 public:
  // Throws std::system_error when the system has no descriptors left.
  Wake();
  ~Wake();
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  // Any thread.
  void signal() noexcept;

  // Until a signal, also one that came before, or for `seconds`. One thread.
  void wait(double seconds) noexcept;

  // In the child of a fork: the parent's pipe is the parent's.
  void renew();

 private:
  void open();
  void close() noexcept;

  std::intptr_t reading_ = -1;
  std::intptr_t writing_ = -1;
};

}  // namespace argus::client
