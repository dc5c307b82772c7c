#include "simulation/world.h"

#include <algorithm>
#include <cmath>
#include <deque>

namespace terrain {

namespace {

// A chunk is dropped a little further out than where it is loaded: a camera that circles on the border does not make
// it come and go.
constexpr int kDropChunks = kViewChunks + 2;

int squared_distance(ChunkKey a, ChunkKey b) { return (a.x - b.x) * (a.x - b.x) + (a.z - b.z) * (a.z - b.z); }

ChunkKey chunk_at(float x, float z) {
  return {static_cast<int>(std::floor(x / kChunkWidth)), static_cast<int>(std::floor(z / kChunkWidth))};
}

}  // namespace

World::Changes World::move_to(float x, float z) {
  const ChunkKey here = chunk_at(x, z);
  Changes changes;
  if (!placed_ || !(here == centre_)) {
    placed_ = true;
    centre_ = here;
    for (auto each = chunks_.begin(); each != chunks_.end();) {
      const bool far = squared_distance(each->first, here) > kDropChunks * kDropChunks;
      if (far) changes.dropped.push_back(each->first);
      each = far ? chunks_.erase(each) : std::next(each);
    }
    ask_around(here);
  }
  if (missing_.empty()) return changes;
  for (auto& chunk : generator_.take()) {
    if (missing_.erase(chunk->key) == 0) continue;  // out of sight before it was ready
    chunks_.emplace(chunk->key, chunk);
    changes.loaded.push_back(std::move(chunk));
  }
  return changes;
}

World::Changes World::arrive_at(float x, float z) {
  Changes changes = move_to(x, z);
  generator_.wait();
  for (auto& chunk : move_to(x, z).loaded) changes.loaded.push_back(std::move(chunk));
  return changes;
}

void World::ask_around(ChunkKey centre) {
  missing_.clear();
  for (int z = centre.z - kViewChunks; z <= centre.z + kViewChunks; ++z) {
    for (int x = centre.x - kViewChunks; x <= centre.x + kViewChunks; ++x) {
      const ChunkKey key{x, z};
      if (squared_distance(key, centre) <= kViewChunks * kViewChunks && chunks_.count(key) == 0) missing_.insert(key);
    }
  }
  std::deque<ChunkKey> wanted(missing_.begin(), missing_.end());
  std::stable_sort(wanted.begin(), wanted.end(),
                   [&](ChunkKey a, ChunkKey b) { return squared_distance(a, centre) < squared_distance(b, centre); });
  generator_.ask(std::move(wanted));
}

}  // namespace terrain
