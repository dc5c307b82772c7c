#include "thread_shards.h"

#include <map>

#include "pages.h"
#include "registry.h"
#include "thread_exit.h"

namespace argus::core {

namespace {

struct Roll {
  Mutex mutex;
  std::map<uint64_t, Registry*> alive ARGUS_GUARDED_BY(mutex);
  uint64_t last_id ARGUS_GUARDED_BY(mutex) = 0;

  Roll() { prepare_thread_exit(ThreadShards::end_thread); }
};

// Leaked on purpose: threads that end during static destruction still ask it.
Roll& roll() {
  static Roll* const instance = new Roll;  // NOLINT(cppcoreguidelines-owning-memory)
  return *instance;
}

}  // namespace

#if defined(_WIN32)
ThreadShards::Table& ThreadShards::held() noexcept {
  void* const own = armed_thread_exit();
  if (own != nullptr) return *static_cast<Table*>(own);
  void* const made = zeroed_pages(sizeof(Table));
  if (made != nullptr && arm_thread_exit(made)) return *static_cast<Table*>(made);
  free_pages(made, sizeof(Table));
  // No room: this thread records like one with too many registries.
  static Table full{};
  for (Held& entry : full) entry.registry_id.store(kBusy, std::memory_order_relaxed);
  return full;
}
#else
ARGUS_THREAD_LOCAL ThreadShards::Table ThreadShards::held_{};
#endif

uint64_t ThreadShards::enroll(Registry* registry) {
  forget_dead();
  Roll& all = roll();
  const Lock lock(all.mutex);
  all.alive.emplace(++all.last_id, registry);
  return all.last_id;
}

void ThreadShards::strike(uint64_t registry_id) {
  {
    Roll& all = roll();
    const Lock lock(all.mutex);
    all.alive.erase(registry_id);
  }
  forget_dead();
}

void ThreadShards::forget_dead() {
  Roll& all = roll();
  const Lock lock(all.mutex);
  for (Held& entry : held()) {
    const uint64_t id = entry.registry_id.load(std::memory_order_relaxed);
    if (id != 0 && id != kBusy && all.alive.count(id) == 0) entry.registry_id.store(0, std::memory_order_relaxed);
  }
}

void ThreadShards::lock_for_fork() noexcept ARGUS_UNCHECKED { roll().mutex.lock(); }

void ThreadShards::unlock_after_fork() noexcept ARGUS_UNCHECKED { roll().mutex.unlock(); }

Shard* ThreadShards::cached(uint64_t registry_id) noexcept {
  for (const Held& entry : held()) {
    if (entry.registry_id.load(std::memory_order_relaxed) == registry_id) return entry.shard;
  }
  return nullptr;
}

Shard* ThreadShards::claim(Registry& registry, uint64_t registry_id) noexcept {
  for (Held& entry : held()) {
    uint64_t unused = 0;
    // A handler that interrupts here finds the entry busy, and takes the next.
    if (!entry.registry_id.compare_exchange_strong(unused, kBusy, std::memory_order_relaxed)) continue;
    entry.shard = registry.claim_shard();
    std::atomic_signal_fence(std::memory_order_seq_cst);
    entry.registry_id.store(entry.shard == nullptr ? 0 : registry_id, std::memory_order_relaxed);
    // Where the system has no key left, a thread's shard stays its own: memory, but no record, is spent.
    arm_thread_exit(&held());
    return entry.shard;
  }
  return nullptr;
}

void ThreadShards::end_thread(void* table) noexcept {
  Roll& all = roll();
  const Lock lock(all.mutex);  // held meanwhile: a registry that is being destroyed waits in `strike`
  for (Held& entry : *static_cast<Table*>(table)) {
    const uint64_t id = entry.registry_id.exchange(0, std::memory_order_relaxed);
    if (all.alive.count(id) != 0) entry.shard->release();
  }
#if defined(_WIN32)
  free_pages(table, sizeof(Table));
#endif
}

}  // namespace argus::core
