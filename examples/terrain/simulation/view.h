// What of the world the camera sees, and how finely each piece of it needs to be drawn.
#pragma once

#include <vector>

#include "simulation/camera.h"
#include "simulation/world.h"

namespace terrain {

constexpr int kDetailLevels = 4;  // each draws every second point of the one before

struct SeenChunk {
  const Chunk* chunk;
  int detail;  // 0 is the finest
};

// Nearest first: what is hidden behind it need not be painted. The pointers live as long as the world does not change.
[[nodiscard]] std::vector<SeenChunk> seen_from(const Camera& camera, const Matrix& view_projection, const World& world);

}  // namespace terrain
