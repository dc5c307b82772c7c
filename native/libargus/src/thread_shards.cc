#include "thread_shards.h"

#include <map>
#include <utility>
#include <vector>

#include "registry.h"

namespace argus::core {

namespace {

struct Roll {
  Mutex mutex;
  std::map<uint64_t, Registry*> alive ARGUS_GUARDED_BY(mutex);
  uint64_t last_id ARGUS_GUARDED_BY(mutex) = 0;
};

// Leaked on purpose: threads that end during static destruction still ask it.
Roll& roll() {
  static Roll* const instance = new Roll;  // NOLINT(cppcoreguidelines-owning-memory)
  return *instance;
}

// Trivially destructible, so it can still be read when a record comes after the thread's other locals are gone.
struct Latest {
  uint64_t registry_id;
  Shard* shard;
};
thread_local Latest latest{0, nullptr};
thread_local bool ended = false;

struct Borrowed {
  std::vector<std::pair<uint64_t, Shard*>> shards;
  Borrowed() = default;
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  ~Borrowed();
};
thread_local Borrowed borrowed;

}  // namespace

uint64_t ThreadShards::enroll(Registry* registry) {
  Roll& all = roll();
  const Lock lock(all.mutex);
  all.alive.emplace(++all.last_id, registry);
  return all.last_id;
}

void ThreadShards::strike(uint64_t registry_id) {
  Roll& all = roll();
  const Lock lock(all.mutex);
  all.alive.erase(registry_id);
}

Shard* ThreadShards::cached(uint64_t registry_id) noexcept {
  if (latest.registry_id == registry_id) return latest.shard;
  if (ended) return nullptr;
  for (const auto& [id, shard] : borrowed.shards) {
    if (id == registry_id) return shard;
  }
  return nullptr;
}

Shard& ThreadShards::of(Registry& registry) {
  if (latest.registry_id == registry.id_) return *latest.shard;
  return borrow(registry);
}

Shard& ThreadShards::borrow(Registry& registry) {
  Shard* shard = cached(registry.id_);
  if (shard == nullptr) {
    shard = registry.lend_shard();
    // After the thread's end nobody returns the shard: one is spent, and no record is lost.
    if (!ended) borrowed.shards.emplace_back(registry.id_, shard);
  }
  latest = {registry.id_, shard};
  return *shard;
}

void ThreadShards::give_back(uint64_t registry_id, Shard* shard) {
  Roll& all = roll();
  const Lock lock(all.mutex);  // held while returning: a registry that is being destroyed waits in `strike`
  const auto found = all.alive.find(registry_id);
  if (found != all.alive.end()) found->second->return_shard(shard);
}

namespace {

Borrowed::~Borrowed() {
  ended = true;
  latest = {0, nullptr};
  for (const auto& [id, shard] : shards) ThreadShards::give_back(id, shard);
}

}  // namespace

}  // namespace argus::core
