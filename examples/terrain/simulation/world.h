// The chunks around the camera: loaded as it comes near, dropped as it leaves them behind.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <vector>

#include "simulation/chunk.h"
#include "simulation/generator.h"

namespace terrain {

constexpr int kViewChunks = 8;                                                           // seen in each direction
constexpr float kViewDistance = (static_cast<float>(kViewChunks) - 0.5F) * kChunkWidth;  // metres

class World {
 public:
  using Chunks = std::map<ChunkKey, std::shared_ptr<const Chunk>>;

  struct Changes {
    std::vector<std::shared_ptr<const Chunk>> loaded;
    std::vector<ChunkKey> dropped;
  };

  explicit World(const Landscape& landscape) : generator_(landscape) {}

  // The camera is here now: asks for the chunks that are missing, nearest first, takes those that are ready and drops
  // those that are out of sight. Never waits.
  [[nodiscard]] Changes move_to(float x, float z);

  // The same, but returns when all chunks in sight are there.
  [[nodiscard]] Changes arrive_at(float x, float z);

  [[nodiscard]] const Chunks& chunks() const { return chunks_; }

 private:
  void ask_around(ChunkKey centre);

  Chunks chunks_;
  std::set<ChunkKey> missing_;  // asked for and not there yet
  ChunkKey centre_{0, 0};
  bool placed_ = false;  // whether the camera has been anywhere
  Generator generator_;
};

}  // namespace terrain
