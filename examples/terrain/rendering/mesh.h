// The shape that all chunks share: a grid of points with a skirt, and for each level of detail the triangles over it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "simulation/chunk.h"
#include "simulation/view.h"

namespace terrain {

// Points lie row by row as Chunk::ground has them; after those comes the skirt: the points of the border once more, to
// be drawn lower down, so that no crack shows where two levels of detail meet.
struct GridPoint {
  float x;  // metres from the chunk's corner
  float z;
};
[[nodiscard]] std::vector<GridPoint> grid_points();

// The ground of a chunk in the order of grid_points.
[[nodiscard]] std::vector<GroundPoint> with_skirt(const std::vector<GroundPoint>& ground);

// Triangles, three points each, that use every point, every second, every fourth, …
using Triangles = std::vector<uint16_t>;
[[nodiscard]] std::array<Triangles, kDetailLevels> grid_triangles();

}  // namespace terrain
