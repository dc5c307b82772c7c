#include "simulation/view.h"

#include <algorithm>
#include <cmath>

namespace terrain {

namespace {

// Half of what the lens shows lies on the positive side of each plane.
struct Plane {
  Vec3 normal;
  float offset;
};

// The left, right, lower, upper and nearest border of the picture, read off the rows of the matrix.
std::array<Plane, 5> borders(const Matrix& m) {
  const auto plane = [&](size_t row, float sign) {
    return Plane{{m[3] + sign * m[row], m[7] + sign * m[4 + row], m[11] + sign * m[8 + row]},
                 m[15] + sign * m[12 + row]};
  };
  return {plane(0, 1.0F), plane(0, -1.0F), plane(1, 1.0F), plane(1, -1.0F), plane(2, 1.0F)};
}

// Whether the box around a chunk lies wholly outside of a border: then so does its corner that is furthest inside.
bool outside(const Chunk& chunk, const Plane& plane) {
  const float left = static_cast<float>(chunk.key.x) * kChunkWidth;
  const float top = static_cast<float>(chunk.key.z) * kChunkWidth;
  const Vec3 corner{plane.normal.x > 0.0F ? left + kChunkWidth : left,
                    plane.normal.y > 0.0F ? std::max(chunk.highest, 0.0F) : chunk.lowest,
                    plane.normal.z > 0.0F ? top + kChunkWidth : top};
  return dot(plane.normal, corner) + plane.offset < 0.0F;
}

float distance_to(const Chunk& chunk, Vec3 eye) {
  const float x = (static_cast<float>(chunk.key.x) + 0.5F) * kChunkWidth - eye.x;
  const float z = (static_cast<float>(chunk.key.z) + 0.5F) * kChunkWidth - eye.z;
  return std::sqrt(x * x + z * z);
}

int detail_at(float distance) {
  constexpr float kFinest = 1.3F * kChunkWidth;  // so far a chunk is drawn with all its points
  int level = 0;
  for (float reach = kFinest; level < kDetailLevels - 1 && distance > reach; reach *= 2.0F) ++level;
  return level;
}

}  // namespace

std::vector<SeenChunk> seen_from(const Camera& camera, const Matrix& view_projection, const World& world) {
  struct Candidate {
    float distance;
    const Chunk* chunk;
  };
  const auto planes = borders(view_projection);
  std::vector<Candidate> candidates;
  for (const auto& entry : world.chunks()) {
    const Chunk& chunk = *entry.second;
    const bool hidden = std::any_of(planes.begin(), planes.end(), [&](auto& plane) { return outside(chunk, plane); });
    if (!hidden) candidates.push_back({distance_to(chunk, camera.position), &chunk});
  }
  std::sort(candidates.begin(), candidates.end(), [](auto& a, auto& b) { return a.distance < b.distance; });

  std::vector<SeenChunk> seen;
  seen.reserve(candidates.size());
  for (const Candidate& each : candidates) seen.push_back({each.chunk, detail_at(each.distance)});
  return seen;
}

}  // namespace terrain
