// Where the eye is and which way it looks.
#pragma once

#include "simulation/vector.h"

namespace terrain {

struct Camera {
  Vec3 position;
  float heading = 0.0F;  // radians from north (-z), clockwise
  float pitch = 0.0F;    // radians, up is positive
  float roll = 0.0F;     // radians, positive with the right wing down

  [[nodiscard]] Vec3 forward() const;
  [[nodiscard]] Matrix view() const;
};

constexpr float kNearest = 2.0F;  // metres that the lens shows
constexpr float kFarthest = 9000.0F;

[[nodiscard]] Matrix projection(float aspect);

}  // namespace terrain
