// Counts by standing in for the program's operator new and delete: a relaxed addition per allocation. The allocator
// itself knows how large a block is, which is also what the block truly takes.
#include "program/memory.h"

#include <atomic>
#include <cstdlib>
#include <new>

#if defined(__APPLE__)
#include <malloc/malloc.h>
#else
#include <malloc.h>
#endif

namespace {

std::atomic<size_t> allocated{0};

size_t size_of(void* block) noexcept {
#if defined(__APPLE__)
  return malloc_size(block);
#elif defined(_WIN32)
  return _msize(block);
#else
  return malloc_usable_size(block);
#endif
}

void* allocate(size_t size) {
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc();
  allocated.fetch_add(size_of(block), std::memory_order_relaxed);  // a sum needs no order
  return block;
}

void release(void* block) noexcept {
  if (block == nullptr) return;
  allocated.fetch_sub(size_of(block), std::memory_order_relaxed);
  std::free(block);
}

}  // namespace

void* operator new(size_t size) { return allocate(size); }
void* operator new[](size_t size) { return allocate(size); }
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, size_t) noexcept { release(block); }
void operator delete[](void* block, size_t) noexcept { release(block); }

namespace terrain {

size_t allocated_bytes() { return allocated.load(std::memory_order_relaxed); }

}  // namespace terrain
