// Chunks that come and go, what the camera sees of them, and its way between them.
#include "simulation/world.h"

#include <algorithm>
#include <cmath>

#include "simulation/flight.h"
#include "simulation/view.h"
#include "tests/check.h"

using terrain::Camera;
using terrain::Flight;
using terrain::kChunkWidth;
using terrain::kViewChunks;
using terrain::Landscape;
using terrain::World;
using terrain::operator*;

namespace {

// One world for all: a full circle of chunks takes a few seconds to make.
void all_chunks_in_sight_are_loaded(World& world) {
  const World::Changes changes = world.arrive_at(0.0F, 0.0F);
  CHECK(changes.loaded.size() == world.chunks().size());
  CHECK(changes.dropped.empty());
  CHECK(world.chunks().count({kViewChunks, 0}) == 1);
  CHECK(world.chunks().count({kViewChunks, 1}) == 0);
}

void the_nearest_ground_before_the_camera_is_seen_first_and_finest(const World& world) {
  Camera camera;
  camera.position = {256.0F, 400.0F, 256.0F};  // looks north, to negative z
  const auto seen = terrain::seen_from(camera, terrain::projection(1.6F) * camera.view(), world);
  CHECK(!seen.empty() && seen.size() < world.chunks().size() / 2);
  CHECK(seen.front().detail == 0);
  CHECK(seen.back().detail == terrain::kDetailLevels - 1);
  CHECK(std::none_of(seen.begin(), seen.end(), [](auto& each) { return each.chunk->key.z > 0; }));
}

void a_step_over_a_border_and_back_drops_nothing(World& world) {
  CHECK(world.arrive_at(10.0F, 10.0F).loaded.empty());
  CHECK(world.arrive_at(-1.0F, 1.0F).dropped.empty());
  const World::Changes back = world.arrive_at(1.0F, 1.0F);
  CHECK(back.loaded.empty() && back.dropped.empty());
}

void what_is_left_behind_is_dropped(World& world) {
  const size_t before = world.chunks().size();
  const World::Changes moved = world.arrive_at(4.0F * kChunkWidth, 0.0F);
  CHECK(!moved.loaded.empty() && !moved.dropped.empty());
  CHECK(world.chunks().size() == before + moved.loaded.size() - moved.dropped.size());
  CHECK(world.chunks().count({-kViewChunks, 0}) == 0);
}

void the_autopilot_gets_far_and_never_into_the_ground() {
  const Landscape land(10);
  Flight flight(land);
  float furthest = 0.0F;
  for (int frame = 0; frame < 60 * 300; ++frame) {
    flight.advance(1.0F / 60.0F, {});
    const auto at = flight.camera().position;
    CHECK(at.y >= std::fmax(land.height(at.x, at.z), 0.0F) + 10.0F);
    CHECK(at.y < 1500.0F);
    furthest = std::fmax(furthest, std::hypot(at.x, at.z));
  }
  CHECK(furthest > 4000.0F);
}

void a_hand_on_the_keys_steers_until_it_lets_go() {
  const Landscape land(10);
  Flight flight(land);
  terrain::Steering right;
  right.turn = 1.0F;
  const float before = flight.camera().heading;
  for (int frame = 0; frame < 60 * 3; ++frame) flight.advance(1.0F / 60.0F, right);
  CHECK(flight.camera().heading > before + 0.5F);
  CHECK(flight.camera().roll > 0.0F);
}

}  // namespace

int main() {
  const Landscape land(10);
  World world(land);
  all_chunks_in_sight_are_loaded(world);
  the_nearest_ground_before_the_camera_is_seen_first_and_finest(world);
  a_step_over_a_border_and_back_drops_nothing(world);
  what_is_left_behind_is_dropped(world);
  the_autopilot_gets_far_and_never_into_the_ground();
  a_hand_on_the_keys_steers_until_it_lets_go();
}
