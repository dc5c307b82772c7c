#include "thread_shards.h"

#include <map>

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

ARGUS_THREAD_LOCAL std::array<ThreadShards::Held, ThreadShards::kRegistries> ThreadShards::held_{};

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
  for (Held& entry : held_) {
    const uint64_t id = entry.registry_id.load(std::memory_order_relaxed);
    if (id != 0 && id != kBusy && all.alive.count(id) == 0) entry.registry_id.store(0, std::memory_order_relaxed);
  }
}

void ThreadShards::lock_for_fork() noexcept ARGUS_UNCHECKED { roll().mutex.lock(); }

void ThreadShards::unlock_after_fork() noexcept ARGUS_UNCHECKED { roll().mutex.unlock(); }

Shard* ThreadShards::cached(uint64_t registry_id) noexcept {
  for (const Held& entry : held_) {
    if (entry.registry_id.load(std::memory_order_relaxed) == registry_id) return entry.shard;
  }
  return nullptr;
}

Shard* ThreadShards::claim(Registry& registry, uint64_t registry_id) noexcept {
  for (Held& entry : held_) {
    uint64_t unused = 0;
    // A handler that interrupts here finds the entry busy, and takes the next.
    if (!entry.registry_id.compare_exchange_strong(unused, kBusy, std::memory_order_relaxed)) continue;
    entry.shard = registry.claim_shard();
    std::atomic_signal_fence(std::memory_order_seq_cst);
    entry.registry_id.store(entry.shard == nullptr ? 0 : registry_id, std::memory_order_relaxed);
    arm_thread_exit();
    return entry.shard;
  }
  return nullptr;
}

void ThreadShards::end_thread() noexcept {
  Roll& all = roll();
  const Lock lock(all.mutex);  // held meanwhile: a registry that is being destroyed waits in `strike`
  for (Held& entry : held_) {
    const uint64_t id = entry.registry_id.exchange(0, std::memory_order_relaxed);
    if (all.alive.count(id) != 0) entry.shard->release();
  }
}

}  // namespace argus::core
