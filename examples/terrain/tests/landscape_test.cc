// Noise, and the land that is layered from it.
#include "simulation/landscape.h"

#include <cmath>
#include <cstdio>

#include "simulation/chunk.h"
#include "simulation/noise.h"
#include "tests/check.h"

using terrain::Chunk;
using terrain::Landscape;
using terrain::Noise;
using terrain::NoiseSample;

namespace {

bool near(float a, float b, float tolerance) { return std::fabs(a - b) <= tolerance; }

void noise_is_0_at_lattice_points_and_bounded_between() {
  const Noise noise(3);
  CHECK(near(noise.at(5.0F, -7.0F).value, 0.0F, 1e-6F));
  float highest = 0.0F;
  for (int i = 0; i < 10'000; ++i) {
    const float value = noise.at(static_cast<float>(i) * 0.137F, static_cast<float>(i) * 0.071F).value;
    highest = std::fmax(highest, std::fabs(value));
  }
  CHECK(highest > 0.6F && highest < 1.1F);
}

void noise_knows_its_slope() {
  const Noise noise(3);
  constexpr float kStep = 1e-3F;
  for (int i = 0; i < 200; ++i) {
    const float x = static_cast<float>(i) * 0.173F;
    const float z = static_cast<float>(i) * -0.291F;
    const NoiseSample here = noise.at(x, z);
    CHECK(near(here.slope_x, (noise.at(x + kStep, z).value - noise.at(x - kStep, z).value) / (2.0F * kStep), 0.02F));
    CHECK(near(here.slope_z, (noise.at(x, z + kStep).value - noise.at(x, z - kStep).value) / (2.0F * kStep), 0.02F));
  }
}

void noise_with_a_period_repeats() {
  const Noise noise(3, 8);
  CHECK(near(noise.at(1.3F, 2.6F).value, noise.at(9.3F, -5.4F).value, 1e-4F));
  CHECK(!near(noise.at(1.3F, 2.6F).value, noise.at(5.3F, 2.6F).value, 1e-3F));
}

// Kept figures: a changed landscape is a decision, not an accident.
void the_seed_alone_decides_the_land() {
  const Landscape land(10);
  CHECK(near(land.height(0.0F, 0.0F), 90.604F, 0.05F));
  CHECK(near(land.height(12345.0F, -6789.0F), 184.384F, 0.05F));
  const Landscape other(11);
  int same = 0;
  for (int i = 0; i < 100; ++i) {
    const float x = static_cast<float>(i) * 97.0F;
    CHECK(land.height(x, x) == Landscape(10).height(x, x));
    if (near(land.height(x, x), other.height(x, x), 0.5F)) ++same;
  }
  CHECK(same < 10);
}

void there_are_seas_and_mountains() {
  const Landscape land(10);
  float lowest = 0.0F;
  float highest = 0.0F;
  for (int i = 0; i < 100 * 100; ++i) {
    const float height = land.height(static_cast<float>(i % 100) * 150.0F, static_cast<float>(i / 100) * 150.0F);
    lowest = std::fmin(lowest, height);
    highest = std::fmax(highest, height);
  }
  CHECK(lowest < -40.0F);
  CHECK(highest > 500.0F);
}

void chunks_meet_without_a_crack() {
  const Landscape land(10);
  const Chunk west = terrain::make_chunk(land, {0, 0});
  const Chunk east = terrain::make_chunk(land, {1, 0});
  constexpr size_t kAcross = terrain::kChunkCells + 1;
  for (size_t row = 0; row < kAcross; ++row) {
    CHECK(west.ground[row * kAcross + kAcross - 1].height == east.ground[row * kAcross].height);
  }
  CHECK(west.lowest <= west.ground[77].height && west.ground[77].height <= west.highest);
}

}  // namespace

int main() {
  noise_is_0_at_lattice_points_and_bounded_between();
  noise_knows_its_slope();
  noise_with_a_period_repeats();
  the_seed_alone_decides_the_land();
  there_are_seas_and_mountains();
  chunks_meet_without_a_crack();
}
