// Which shard the calling thread writes, per registry.
//
// The fast path is one thread-local comparison. A thread that ends returns its shards to the registries that are
// still alive; a registry that is destroyed first is struck off the roll, so neither order of destruction hurts.
#pragma once

#include <cstdint>

#include "shard.h"

namespace argus::core {

class Registry;

class ThreadShards {
 public:
  static Shard& of(Registry& registry);

  // The calling thread's shard of that registry, nullptr if it has none.
  static Shard* cached(uint64_t registry_id) noexcept;

  // Put a registry on the roll and give it its id; take it off again.
  static uint64_t enroll(Registry* registry);
  static void strike(uint64_t registry_id);

  // Return a borrowed shard; nothing happens if its registry is gone.
  static void give_back(uint64_t registry_id, Shard* shard);

 private:
  static Shard& borrow(Registry& registry);
};

}  // namespace argus::core
