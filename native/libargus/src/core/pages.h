// Zeroed memory straight from the system. malloc may not be called in a signal handler; this may, on the systems that
// have signals, so a thread's very first record is as safe there as any other.
#pragma once

#include <cstddef>

#if defined(_WIN32)
#include <cstdlib>
#else
#include <sys/mman.h>
#endif

namespace argus::core {

// nullptr when memory is exhausted.
inline void* zeroed_pages(size_t bytes) noexcept {
#if defined(_WIN32)
  return std::calloc(1, bytes);
#else
  void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return pages == MAP_FAILED ? nullptr : pages;
#endif
}

inline void free_pages(void* pages, [[maybe_unused]] size_t bytes) noexcept {
  if (pages == nullptr) return;
#if defined(_WIN32)
  std::free(pages);
#else
  munmap(pages, bytes);
#endif
}

}  // namespace argus::core
