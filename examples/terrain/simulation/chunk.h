// A square piece of the landscape, sampled finely enough to be drawn.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "simulation/landscape.h"

namespace terrain {

constexpr int kChunkCells = 64;        // along a side
constexpr float kChunkWidth = 512.0F;  // metres
constexpr int kSurfaceTexels = 129;    // along a side; the first and the last lie on the chunk's edges

// Which piece: it begins at (x, z) times the width of a chunk.
struct ChunkKey {
  int x;
  int z;
  friend bool operator<(ChunkKey a, ChunkKey b) { return std::pair(a.x, a.z) < std::pair(b.x, b.z); }
  friend bool operator==(ChunkKey a, ChunkKey b) { return a.x == b.x && a.z == b.z; }
};

// One corner of a cell.
struct GroundPoint {
  float height;
  float moisture;
};

// What light needs to know of a point, 8 bits each: the normal's x and z, from -1 to 1; and how high the horizon is to
// the east and to the west, from 0 to a right angle. The sun rises and sets there, so these are the land's shadows.
struct SurfaceTexel {
  uint8_t normal_x;
  uint8_t normal_z;
  uint8_t horizon_east;
  uint8_t horizon_west;
};

struct Chunk {
  ChunkKey key;
  std::vector<GroundPoint> ground;    // (kChunkCells + 1)², row by row from the north
  std::vector<SurfaceTexel> surface;  // kSurfaceTexels²
  float lowest;
  float highest;
  double seconds;  // that its making took
};

[[nodiscard]] Chunk make_chunk(const Landscape& landscape, ChunkKey key);

}  // namespace terrain
