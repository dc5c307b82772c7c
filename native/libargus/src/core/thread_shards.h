// Which shard the calling thread writes, per registry.
//
// The fast path is one thread-local comparison. A thread that ends frees its shards in the registries that are still
// alive; a registry that is destroyed first is struck off the roll, so neither order of destruction hurts.
//
// Signal rule: `of` and `cached` take no lock and allocate nothing.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "shard.h"

// A thread_local with a constructor is reached through a call that makes it first; one without is a plain address, and
// only GNU's older word for it promises the compiler, in every file, that there is none.
#if defined(__GNUC__)
#define ARGUS_THREAD_LOCAL __thread
#else
#define ARGUS_THREAD_LOCAL thread_local
#endif

namespace argus::core {

class Registry;

class ThreadShards {
 public:
  // The calling thread's shard, where that is its table's first, which it nearly always is: a program has one registry.
  // Else nullptr. The id is read when the table is found: in a shared library that takes a call, over which a register
  // would have to be saved for it.
  static Shard* usual(const uint64_t& registry_id) noexcept {
    const Held& first = held()[0];
    return first.registry_id.load(std::memory_order_relaxed) == registry_id ? first.shard : nullptr;
  }

  // nullptr when memory is exhausted, or this thread's table is full: `kRegistries` at once.
  static Shard* of(Registry& registry, uint64_t registry_id) noexcept {
    Shard* const shard = cached(registry_id);
    return shard != nullptr ? shard : claim(registry, registry_id);
  }

  // The calling thread's shard of that registry, nullptr if it has none.
  static Shard* cached(uint64_t registry_id) noexcept;

  // Make room in the calling thread's table: forget registries that are gone. Takes a lock.
  static void forget_dead();

  // Put a registry on the roll and give it its id; take it off again.
  static uint64_t enroll(Registry* registry);
  static void strike(uint64_t registry_id);

  // Hold the roll's lock while the process forks.
  static void lock_for_fork() noexcept;
  static void unlock_after_fork() noexcept;

  // The thread that has this table ends: free its shards. Called by the system.
  static void end_thread(void* table) noexcept;

 private:
  // An entry that is in use does not change, so a signal handler between two instructions of `of` does no harm.
  struct Held {
    std::atomic<uint64_t> registry_id;  // 0: free, kBusy: being taken
    Shard* shard;
  };
  static constexpr size_t kRegistries = 8;
  static constexpr uint64_t kBusy = UINT64_MAX;

  using Table = std::array<Held, kRegistries>;

  static Shard* claim(Registry& registry, uint64_t registry_id) noexcept;

  // The calling thread's.
#if defined(_WIN32)
  // Not the compiler's storage: mingw's gcc takes a thread's away before the system says that the thread ends.
  static Table& held() noexcept;
#else
  static Table& held() noexcept { return held_; }

  // Trivially destructible, so that it can be read until the thread's very end.
  static ARGUS_THREAD_LOCAL Table held_;
#endif
};

}  // namespace argus::core
