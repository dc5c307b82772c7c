#include "simulation/camera.h"

namespace terrain {

namespace {

constexpr float kFieldOfView = 0.96F;  // radians, vertical: 55 degrees

}  // namespace

Vec3 Camera::forward() const {
  return {std::sin(heading) * std::cos(pitch), std::sin(pitch), -std::cos(heading) * std::cos(pitch)};
}

Matrix Camera::view() const {
  const Vec3 ahead = forward();
  const Vec3 level_right{std::cos(heading), 0.0F, std::sin(heading)};
  const Vec3 level_up = cross(level_right, ahead);
  const Vec3 right = level_right * std::cos(roll) - level_up * std::sin(roll);
  const Vec3 up = level_up * std::cos(roll) + level_right * std::sin(roll);
  return {right.x,
          up.x,
          -ahead.x,
          0.0F,
          right.y,
          up.y,
          -ahead.y,
          0.0F,
          right.z,
          up.z,
          -ahead.z,
          0.0F,
          -dot(right, position),
          -dot(up, position),
          dot(ahead, position),
          1.0F};
}

Matrix projection(float aspect) {
  const float zoom = 1.0F / std::tan(kFieldOfView / 2.0F);
  const float depth = kNearest - kFarthest;
  Matrix lens{};
  lens[0] = zoom / aspect;
  lens[5] = zoom;
  lens[10] = (kFarthest + kNearest) / depth;
  lens[11] = -1.0F;
  lens[14] = 2.0F * kFarthest * kNearest / depth;
  return lens;
}

}  // namespace terrain
