#include "simulation/chunk.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace terrain {

namespace {

constexpr int kTexelsPerCell = (kSurfaceTexels - 1) / kChunkCells;
constexpr float kTexelWidth = kChunkWidth / static_cast<float>(kSurfaceTexels - 1);

// Heights at every texel and one beyond each edge, for slopes.
constexpr int kHeightsAcross = kSurfaceTexels + 2;

constexpr int kHorizonPoints = 33;  // along a side: shadows are soft
constexpr float kHorizonStep = kChunkWidth / static_cast<float>(kHorizonPoints - 1);
constexpr int kHorizonReach = 96;  // steps that a mountain's shadow may reach

constexpr float kRightAngle = 1.57079633F;

uint8_t to_byte(float share) { return static_cast<uint8_t>(std::lround(255.0F * std::clamp(share, 0.0F, 1.0F))); }

std::vector<float> sample_heights(const Landscape& landscape, float left, float top) {
  std::vector<float> heights;
  heights.reserve(static_cast<size_t>(kHeightsAcross) * kHeightsAcross);
  for (int row = -1; row <= kSurfaceTexels; ++row) {
    for (int column = -1; column <= kSurfaceTexels; ++column) {
      heights.push_back(landscape.height(left + static_cast<float>(column) * kTexelWidth,
                                         top + static_cast<float>(row) * kTexelWidth));
    }
  }
  return heights;
}

// The horizon of the points along one line from west to east: how high, in right angles, the land ahead rises.
class HorizonRow {
 public:
  HorizonRow(const Landscape& landscape, float left, float z) {
    for (int i = -kHorizonReach; i < kHorizonPoints + kHorizonReach; ++i) {
      heights_.push_back(landscape.rough_height(left + static_cast<float>(i) * kHorizonStep, z));
    }
  }

  // `direction` is 1 to look east, -1 to look west.
  [[nodiscard]] float angle(int point, int direction) const {
    const int here = point + kHorizonReach;
    float steepest = 0.0F;
    for (int step = 1; step <= kHorizonReach; ++step) {
      const float rise = at(here + direction * step) - at(here);
      steepest = std::max(steepest, rise / (static_cast<float>(step) * kHorizonStep));
    }
    return std::atan(steepest) / kRightAngle;
  }

 private:
  [[nodiscard]] float at(int i) const { return std::max(heights_[static_cast<size_t>(i)], 0.0F); }
  std::vector<float> heights_;
};

struct Horizon {
  float east;
  float west;
};

std::vector<Horizon> sample_horizon(const Landscape& landscape, float left, float top) {
  std::vector<Horizon> points;
  points.reserve(static_cast<size_t>(kHorizonPoints) * kHorizonPoints);
  for (int row = 0; row < kHorizonPoints; ++row) {
    const HorizonRow line(landscape, left, top + static_cast<float>(row) * kHorizonStep);
    for (int i = 0; i < kHorizonPoints; ++i) points.push_back({line.angle(i, 1), line.angle(i, -1)});
  }
  return points;
}

// Between the four points of the coarser grid around a texel.
Horizon horizon_at(const std::vector<Horizon>& points, int row, int column) {
  constexpr int kTexels = (kSurfaceTexels - 1) / (kHorizonPoints - 1);
  const int r = std::min(row / kTexels, kHorizonPoints - 2);
  const int c = std::min(column / kTexels, kHorizonPoints - 2);
  const float down = static_cast<float>(row - r * kTexels) / static_cast<float>(kTexels);
  const float right = static_cast<float>(column - c * kTexels) / static_cast<float>(kTexels);
  const auto value = [&](float Horizon::*side) {
    const auto point = [&](int y, int x) {
      return points[static_cast<size_t>((r + y) * kHorizonPoints + c + x)].*side;
    };
    const float upper = point(0, 0) + (point(0, 1) - point(0, 0)) * right;
    const float lower = point(1, 0) + (point(1, 1) - point(1, 0)) * right;
    return upper + (lower - upper) * down;
  };
  return {value(&Horizon::east), value(&Horizon::west)};
}

}  // namespace

Chunk make_chunk(const Landscape& landscape, ChunkKey key) {
  const auto began = std::chrono::steady_clock::now();
  const float left = static_cast<float>(key.x) * kChunkWidth;
  const float top = static_cast<float>(key.z) * kChunkWidth;
  const std::vector<float> heights = sample_heights(landscape, left, top);
  const auto height = [&](int row, int column) {
    return heights[static_cast<size_t>((row + 1) * kHeightsAcross + column + 1)];
  };

  Chunk chunk{key, {}, {}, height(0, 0), height(0, 0), 0.0};
  chunk.ground.reserve(static_cast<size_t>(kChunkCells + 1) * (kChunkCells + 1));
  for (int row = 0; row < kSurfaceTexels; row += kTexelsPerCell) {
    for (int column = 0; column < kSurfaceTexels; column += kTexelsPerCell) {
      const float here = height(row, column);
      chunk.lowest = std::min(chunk.lowest, here);
      chunk.highest = std::max(chunk.highest, here);
      const float x = left + static_cast<float>(column) * kTexelWidth;
      const float z = top + static_cast<float>(row) * kTexelWidth;
      chunk.ground.push_back({here, landscape.moisture(x, z)});
    }
  }

  const std::vector<Horizon> horizon = sample_horizon(landscape, left, top);
  chunk.surface.reserve(static_cast<size_t>(kSurfaceTexels) * kSurfaceTexels);
  for (int row = 0; row < kSurfaceTexels; ++row) {
    for (int column = 0; column < kSurfaceTexels; ++column) {
      const float run = 2.0F * kTexelWidth;
      const float slope_x = (height(row, column + 1) - height(row, column - 1)) / run;
      const float slope_z = (height(row + 1, column) - height(row - 1, column)) / run;
      const float length = std::sqrt(slope_x * slope_x + slope_z * slope_z + 1.0F);
      const Horizon sky = horizon_at(horizon, row, column);
      chunk.surface.push_back({to_byte(0.5F - 0.5F * slope_x / length), to_byte(0.5F - 0.5F * slope_z / length),
                               to_byte(sky.east), to_byte(sky.west)});
    }
  }
  chunk.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return chunk;
}

}  // namespace terrain
