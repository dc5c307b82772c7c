#include "simulation/daylight.h"

#include <array>

namespace terrain {

namespace {

constexpr float kPi = 3.14159265F;
constexpr float kTilt = 0.62F;  // radians between the sun's highest point and the zenith

// The colours at one height of the sun; between two rows they are mixed.
struct Mood {
  float elevation;  // radians
  Vec3 sun;
  Vec3 ambient;
  Vec3 zenith;
  Vec3 horizon;
};

constexpr std::array<Mood, 6> kMoods{{
    {-0.30F, {0.10F, 0.14F, 0.24F}, {0.034F, 0.050F, 0.095F}, {0.004F, 0.008F, 0.022F}, {0.012F, 0.020F, 0.045F}},
    {-0.08F, {0.03F, 0.03F, 0.05F}, {0.060F, 0.075F, 0.130F}, {0.022F, 0.040F, 0.110F}, {0.260F, 0.150F, 0.140F}},
    {0.03F, {1.55F, 0.62F, 0.20F}, {0.150F, 0.170F, 0.260F}, {0.075F, 0.130F, 0.280F}, {0.780F, 0.430F, 0.260F}},
    {0.18F, {2.50F, 1.55F, 0.82F}, {0.230F, 0.290F, 0.420F}, {0.085F, 0.205F, 0.500F}, {0.640F, 0.600F, 0.590F}},
    {0.45F, {2.75F, 2.30F, 1.75F}, {0.290F, 0.380F, 0.530F}, {0.105F, 0.260F, 0.600F}, {0.560F, 0.680F, 0.800F}},
    {1.57F, {2.80F, 2.60F, 2.30F}, {0.330F, 0.430F, 0.580F}, {0.085F, 0.240F, 0.620F}, {0.520F, 0.680F, 0.850F}},
}};

Mood mood_at(float elevation) {
  size_t above = 1;
  while (above + 1 < kMoods.size() && kMoods[above].elevation < elevation) ++above;
  const Mood& low = kMoods[above - 1];
  const Mood& high = kMoods[above];
  const float share = clamp01((elevation - low.elevation) / (high.elevation - low.elevation));
  return {elevation, mix(low.sun, high.sun, share), mix(low.ambient, high.ambient, share),
          mix(low.zenith, high.zenith, share), mix(low.horizon, high.horizon, share)};
}

}  // namespace

Daylight daylight_at(float hour) {
  const float turn = (hour - 6.0F) / 24.0F * 2.0F * kPi;  // 0 at sunrise, in the east
  const Vec3 to_sun{std::cos(turn), std::sin(turn) * std::cos(kTilt), std::sin(turn) * std::sin(kTilt)};
  const float elevation = std::asin(to_sun.y);
  const Mood mood = mood_at(elevation);
  return {to_sun, elevation, mood.sun, mood.ambient, mood.zenith, mood.horizon, smoothstep(0.02F, -0.2F, elevation)};
}

}  // namespace terrain
