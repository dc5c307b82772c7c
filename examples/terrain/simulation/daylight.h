// The sun's way over the sky, and the colours of light and air that go with it.
#pragma once

#include "simulation/vector.h"

namespace terrain {

// Colours are linear light; 1 is what paper reflects at noon.
struct Daylight {
  Vec3 to_sun;      // of length 1; below the horizon at night
  float elevation;  // radians
  Vec3 sun;         // what the sun, or at night the moon, adds where it shines
  Vec3 ambient;     // what the sky adds from above
  Vec3 zenith;      // the sky's colour overhead
  Vec3 horizon;     // and where it meets the land
  float stars;      // 0 to 1
};

constexpr float kHoursPerSecond = 24.0F / 600.0F;  // a day takes ten minutes

// `hour` is 0 to 24, and may go on beyond.
[[nodiscard]] Daylight daylight_at(float hour);

}  // namespace terrain
