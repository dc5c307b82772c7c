#include "rendering/grain.h"

#include <algorithm>
#include <cmath>

#include "simulation/noise.h"

namespace terrain {

namespace {

constexpr uint32_t kLattice = 8;  // points along a side of the coarsest layer
constexpr int kLayers = 5;

// Layered noise whose every layer repeats after the same distance.
float repeating(uint32_t seed, int column, int row) {
  float sum = 0.0F;
  float height = 0.5F;
  uint32_t period = kLattice;
  for (int layer = 0; layer < kLayers; ++layer) {
    const float scale = static_cast<float>(period) / static_cast<float>(kGrainTexels);
    const Noise noise(seed + static_cast<uint32_t>(layer), period);
    sum += height * noise.at(static_cast<float>(column) * scale, static_cast<float>(row) * scale).value;
    height *= 0.5F;
    period *= 2;
  }
  return sum;
}

uint8_t to_byte(float value) {  // from -1 to 1
  return static_cast<uint8_t>(std::lround(std::clamp(127.5F + 127.5F * value, 0.0F, 255.0F)));
}

}  // namespace

std::vector<uint8_t> make_grain() {
  std::vector<uint8_t> texels;
  texels.reserve(4UL * kGrainTexels * kGrainTexels);
  constexpr float kSteepness = 6.0F;
  for (int row = 0; row < kGrainTexels; ++row) {
    for (int column = 0; column < kGrainTexels; ++column) {
      const float here = repeating(1, column, row);
      texels.push_back(to_byte(1.4F * here));
      texels.push_back(to_byte(1.4F * repeating(101, column, row)));
      texels.push_back(to_byte(kSteepness * (repeating(1, column + 1, row) - here)));
      texels.push_back(to_byte(kSteepness * (repeating(1, column, row + 1) - here)));
    }
  }
  return texels;
}

}  // namespace terrain
