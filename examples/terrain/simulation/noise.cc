#include "simulation/noise.h"

#include <array>
#include <cmath>

namespace terrain {

namespace {

struct Gradient {
  float x;
  float z;
};

constexpr size_t kDirections = 256;

const std::array<Gradient, kDirections>& gradients() {
  static const std::array<Gradient, kDirections> table = [] {
    std::array<Gradient, kDirections> made{};
    for (size_t i = 0; i < kDirections; ++i) {
      const double angle = 2.0 * 3.14159265358979 * static_cast<double>(i) / static_cast<double>(kDirections);
      made[i] = {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
    }
    return made;
  }();
  return table;
}

// Spreads the bits of a lattice point so well that neighbours have nothing in common.
constexpr uint32_t scramble(uint32_t x, uint32_t z, uint32_t seed) {
  uint32_t bits = x * 0x9E3779B1U + z * 0x85EBCA77U + seed * 0xC2B2AE3DU;
  bits = (bits ^ (bits >> 15U)) * 0x2C1B3C6DU;
  bits = (bits ^ (bits >> 12U)) * 0x297A2D39U;
  return bits ^ (bits >> 15U);
}

constexpr float kToUnit = 1.5F;  // gradient noise with unit slopes stays within 0.71; typical extremes come to 1

// Between two layers the plane is turned by some 37 degrees, so that their lattices do not line up.
constexpr float kTurnCosine = 0.8F;
constexpr float kTurnSine = 0.6F;

}  // namespace

NoiseSample Noise::at(float x, float z) const {
  const float floor_x = std::floor(x);
  const float floor_z = std::floor(z);
  const auto left = static_cast<uint32_t>(static_cast<int32_t>(floor_x));
  const auto top = static_cast<uint32_t>(static_cast<int32_t>(floor_z));
  const float in_x = x - floor_x;
  const float in_z = z - floor_z;

  const auto& table = gradients();
  const auto slope = [&](uint32_t i, uint32_t j) { return table[scramble(i & mask_, j & mask_, seed_) >> 24U]; };
  const Gradient a = slope(left, top);
  const Gradient b = slope(left + 1, top);
  const Gradient c = slope(left, top + 1);
  const Gradient d = slope(left + 1, top + 1);

  // The four planes' heights here, blended by a curve whose first two derivatives vanish at the lattice points.
  const float at_a = a.x * in_x + a.z * in_z;
  const float at_b = b.x * (in_x - 1.0F) + b.z * in_z;
  const float at_c = c.x * in_x + c.z * (in_z - 1.0F);
  const float at_d = d.x * (in_x - 1.0F) + d.z * (in_z - 1.0F);
  const float u = in_x * in_x * in_x * (in_x * (in_x * 6.0F - 15.0F) + 10.0F);
  const float w = in_z * in_z * in_z * (in_z * (in_z * 6.0F - 15.0F) + 10.0F);
  const float du = 30.0F * in_x * in_x * (in_x - 1.0F) * (in_x - 1.0F);
  const float dw = 30.0F * in_z * in_z * (in_z - 1.0F) * (in_z - 1.0F);
  const float twist = at_a - at_b - at_c + at_d;

  const auto blend = [&](float p, float q, float r, float s) {
    return p + u * (q - p) + w * (r - p) + u * w * (p - q - r + s);
  };
  return {kToUnit * blend(at_a, at_b, at_c, at_d),
          kToUnit * (blend(a.x, b.x, c.x, d.x) + du * (at_b - at_a + w * twist)),
          kToUnit * (blend(a.z, b.z, c.z, d.z) + dw * (at_c - at_a + u * twist))};
}

float Noise::layered(float x, float z, int layers) const {
  float sum = 0.0F;
  float height = 0.5F;
  for (int layer = 0; layer < layers; ++layer) {
    sum += height * at(x, z).value;
    height *= 0.5F;
    x *= 2.0F;
    z *= 2.0F;
  }
  return sum * 1.4F;
}

float Noise::ridges(float x, float z, int layers) const {
  constexpr float kRound = 0.03F;   // how blunt the crests are
  constexpr float kWashed = 0.12F;  // how much smoother steep ground is than level ground
  constexpr float kFiner = 2.03F;   // not 2: the layers' lattices must not line up
  float sum = 0.0F;
  float total = 0.0F;
  float height = 1.0F;
  float slope_x = 0.0F;
  float slope_z = 0.0F;
  float presence = 1.0F;
  for (int layer = 0; layer < layers; ++layer) {
    const NoiseSample noise = at(x, z);
    const float fold = std::sqrt(noise.value * noise.value + kRound);
    const float ridge = 1.0F - fold;
    const float share = height * presence / (1.0F + kWashed * (slope_x * slope_x + slope_z * slope_z));
    sum += share * ridge * ridge;
    total += height;
    const float steepness = 2.0F * share * ridge * noise.value / fold;
    slope_x -= steepness * noise.slope_x;
    slope_z -= steepness * noise.slope_z;
    presence = std::fmin(1.0F, 1.9F * ridge * presence);
    height *= 0.5F;
    const float turned_x = kTurnCosine * x - kTurnSine * z;
    z = kFiner * (kTurnSine * x + kTurnCosine * z);
    x = kFiner * turned_x;
  }
  return sum / total;
}

}  // namespace terrain
