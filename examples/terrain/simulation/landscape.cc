#include "simulation/landscape.h"

#include "simulation/vector.h"

namespace terrain {

namespace {

// How far apart features of a kind are, in metres, and how high they rise.
constexpr float kContinentWidth = 5200.0F;
constexpr float kRangeWidth = 4200.0F;
constexpr float kMountainWidth = 2700.0F;
constexpr float kMountainHeight = 1700.0F;
constexpr float kHillWidth = 620.0F;
constexpr float kHillHeight = 55.0F;
constexpr float kClimateWidth = 2300.0F;
constexpr float kBend = 150.0F;  // how far coasts and ridges are bent out of their way

}  // namespace

Landscape::Landscape(uint32_t seed)
    : continents_(seed * 4), mountains_(seed * 4 + 1), hills_(seed * 4 + 2), climate_(seed * 4 + 3) {}

float Landscape::height(float x, float z) const { return shape(x, z, 8, 5); }

float Landscape::rough_height(float x, float z) const { return shape(x, z, 4, 1); }

float Landscape::moisture(float x, float z) const {
  return clamp01(0.5F + 0.75F * climate_.layered(x / kClimateWidth, z / kClimateWidth, 3));
}

float Landscape::shape(float x, float z, int ridge_layers, int hill_layers) const {
  const NoiseSample bend = hills_.at(x / 1500.0F, z / 1500.0F);
  const float bent_x = x + kBend * bend.value;
  const float bent_z = z + kBend * bend.slope_x;

  const float continent = continents_.layered(bent_x / kContinentWidth, bent_z / kContinentWidth, 3) + 0.16F;
  const float land = smoothstep(-0.02F, 0.22F, continent);
  const float range = climate_.layered(bent_z / kRangeWidth, bent_x / kRangeWidth, 2);
  const float alpine = land * smoothstep(-0.28F, 0.38F, range);

  const float ridges = mountains_.ridges(bent_x / kMountainWidth, bent_z / kMountainWidth, ridge_layers);
  const float hills = hills_.layered(x / kHillWidth, z / kHillWidth, hill_layers);
  const float ground = continent < 0.0F ? 260.0F * continent : 120.0F * continent;
  return ground + kHillHeight * hills * (0.25F + 0.75F * land) + kMountainHeight * alpine * ridges * ridges;
}

}  // namespace terrain
