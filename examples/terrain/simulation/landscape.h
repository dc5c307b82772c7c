// The shape of the land: a height and a climate for every point of an endless plane.
#pragma once

#include <cstdint>

#include "simulation/noise.h"

namespace terrain {

// Decided by the seed alone. Immutable: any thread may ask.
class Landscape {
 public:
  explicit Landscape(uint32_t seed);

  // Metres above the sea.
  [[nodiscard]] float height(float x, float z) const;

  // The same without the smallest features: enough for what casts long shadows, in half the time.
  [[nodiscard]] float rough_height(float x, float z) const;

  // From 0, dry, to 1, wet.
  [[nodiscard]] float moisture(float x, float z) const;

 private:
  [[nodiscard]] float shape(float x, float z, int ridge_layers, int hill_layers) const;

  Noise continents_;
  Noise mountains_;
  Noise hills_;
  Noise climate_;
};

}  // namespace terrain
