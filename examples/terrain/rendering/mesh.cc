#include "rendering/mesh.h"

namespace terrain {

namespace {

constexpr int kAcross = kChunkCells + 1;
constexpr float kSkirtDepth = 40.0F;  // metres

constexpr int point_at(int row, int column) { return row * kAcross + column; }

// The points of the border, clockwise from the north-west corner and back to it.
std::vector<int> border() {
  std::vector<int> points;
  points.reserve(4UL * kChunkCells);
  for (int i = 0; i < kChunkCells; ++i) points.push_back(point_at(0, i));
  for (int i = 0; i < kChunkCells; ++i) points.push_back(point_at(i, kChunkCells));
  for (int i = kChunkCells; i > 0; --i) points.push_back(point_at(kChunkCells, i));
  for (int i = kChunkCells; i > 0; --i) points.push_back(point_at(i, 0));
  return points;
}

void add(Triangles& triangles, int a, int b, int c) {
  for (const int point : {a, b, c}) triangles.push_back(static_cast<uint16_t>(point));
}

Triangles triangles_with_step(int step) {
  Triangles triangles;
  for (int row = 0; row < kChunkCells; row += step) {
    for (int column = 0; column < kChunkCells; column += step) {
      const int a = point_at(row, column);
      const int b = point_at(row, column + step);
      const int c = point_at(row + step, column);
      const int d = point_at(row + step, column + step);
      add(triangles, a, c, b);
      add(triangles, b, c, d);
    }
  }
  const std::vector<int> edge = border();
  const int count = static_cast<int>(edge.size());
  for (int i = 0; i < count; i += step) {
    const int next = (i + step) % count;
    const int below = kAcross * kAcross + i;
    const int next_below = kAcross * kAcross + next;
    add(triangles, edge[static_cast<size_t>(i)], edge[static_cast<size_t>(next)], below);
    add(triangles, edge[static_cast<size_t>(next)], next_below, below);
  }
  return triangles;
}

}  // namespace

std::vector<GridPoint> grid_points() {
  constexpr float kCell = kChunkWidth / static_cast<float>(kChunkCells);
  std::vector<GridPoint> points;
  points.reserve(static_cast<size_t>(kAcross) * kAcross + 4UL * kChunkCells);
  for (int row = 0; row < kAcross; ++row) {
    for (int column = 0; column < kAcross; ++column) {
      points.push_back({static_cast<float>(column) * kCell, static_cast<float>(row) * kCell});
    }
  }
  for (const int point : border()) points.push_back(points[static_cast<size_t>(point)]);
  return points;
}

std::vector<GroundPoint> with_skirt(const std::vector<GroundPoint>& ground) {
  std::vector<GroundPoint> points = ground;
  for (const int point : border()) {
    const GroundPoint& edge = ground[static_cast<size_t>(point)];
    points.push_back({edge.height - kSkirtDepth, edge.moisture});
  }
  return points;
}

std::array<Triangles, kDetailLevels> grid_triangles() {
  std::array<Triangles, kDetailLevels> levels;
  for (int level = 0; level < kDetailLevels; ++level) {
    levels[static_cast<size_t>(level)] = triangles_with_step(1 << level);
  }
  return levels;
}

}  // namespace terrain
