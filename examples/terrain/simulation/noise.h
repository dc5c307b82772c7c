// Gradient noise: the random but smooth function that everything in the landscape is layered from.
#pragma once

#include <cstdint>

namespace terrain {

// Value from about -1 to 1, and its slope along x and z.
struct NoiseSample {
  float value;
  float slope_x;
  float slope_z;
};

// A lattice of random slopes, one unit apart, with a smooth surface through it that is 0 at each lattice point. The
// same seed gives the same surface. Immutable: any thread may ask.
class Noise {
 public:
  // A `period`, a power of two, makes the surface repeat, as a texture's must; without one it never does.
  explicit Noise(uint32_t seed, uint32_t period = 0) : seed_(seed), mask_(period - 1) {}

  [[nodiscard]] NoiseSample at(float x, float z) const;

  // Layers of noise, each half as wide and half as high as the one before; from about -1 to 1.
  [[nodiscard]] float layered(float x, float z, int layers) const;

  // Mountains: sharp ridges that branch into finer ones; about 0 to 1. Steep places get less of the fine layers, as if
  // rain had washed them smooth.
  [[nodiscard]] float ridges(float x, float z, int layers) const;

 private:
  uint32_t seed_;
  uint32_t mask_;
};

}  // namespace terrain
