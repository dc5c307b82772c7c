#include "simulation/flight.h"

#include <algorithm>
#include <cmath>

namespace terrain {

namespace {

constexpr float kCruise = 70.0F;  // metres per second
constexpr float kSlowest = 20.0F;
constexpr float kFastest = 300.0F;
constexpr float kLowest = 12.0F;     // metres over ground or water, whatever the pilot does
constexpr float kComfort = 110.0F;   // metres over the highest ground ahead that the autopilot wants
constexpr float kTurnRate = 0.35F;   // radians per second at full deflection
constexpr float kClimbRate = 55.0F;  // metres per second at full deflection
constexpr float kResponse = 1.6F;    // how fast the aeroplane follows its controls, per second
constexpr float kPatience = 8.0F;    // seconds without hands until the autopilot takes over
constexpr float kLooksDown = 0.13F;  // radians

float ground_or_sea(const Landscape& landscape, float x, float z) { return std::max(landscape.height(x, z), 0.0F); }

// Comes nearer to `wanted` by the same share in the same time, however that is divided into frames.
float approach(float now, float wanted, float rate, float seconds) {
  return wanted + (now - wanted) * std::exp(-rate * seconds);
}

// The heading from the origin that has the highest ground before it.
float towards_mountains(const Landscape& landscape) {
  constexpr int kHeadings = 24;
  float best = 0.0F;
  float most = -1e9F;
  for (int i = 0; i < kHeadings; ++i) {
    const float heading = 6.2831853F * static_cast<float>(i) / static_cast<float>(kHeadings);
    float sum = 0.0F;
    for (float metres = 900.0F; metres < 3000.0F; metres += 150.0F) {
      sum += landscape.height(std::sin(heading) * metres, -std::cos(heading) * metres);
    }
    if (sum <= most) continue;
    most = sum;
    best = heading;
  }
  return best;
}

}  // namespace

Flight::Flight(const Landscape& landscape) : landscape_(landscape), speed_(kCruise) {
  camera_.heading = towards_mountains(landscape);
  camera_.position.y = std::max(ground_or_sea(landscape, 0.0F, 0.0F), highest_ahead(8.0F)) + kComfort;
  camera_.pitch = -kLooksDown;
}

void Flight::advance(float seconds, const Steering& steering) {
  time_ += seconds;
  hands_off_ = steering.hands_on() ? 0.0F : hands_off_ + seconds;
  const Steering wanted = hands_off_ < kPatience ? steering : autopilot();

  speed_ = std::clamp(speed_ * std::exp(0.8F * wanted.speed * seconds), kSlowest, kFastest);
  turn_rate_ = approach(turn_rate_, kTurnRate * wanted.turn, kResponse, seconds);
  climb_rate_ = approach(climb_rate_, kClimbRate * wanted.climb, kResponse, seconds);
  camera_.heading += turn_rate_ * seconds;
  camera_.roll = 0.8F * turn_rate_;
  camera_.pitch = std::atan(0.3F * climb_rate_ / speed_) - kLooksDown;

  Vec3& at = camera_.position;
  at = at + Vec3{std::sin(camera_.heading), 0.0F, -std::cos(camera_.heading)} * (speed_ * seconds);
  at.y = std::max(at.y + climb_rate_ * seconds, ground_or_sea(landscape_, at.x, at.z) + kLowest);
}

// Two slow waves that never meet the same way make a path without a visible plan.
Steering Flight::autopilot() const {
  Steering steering;
  steering.turn = 0.35F * std::sin(0.11F * time_) + 0.3F * std::sin(0.047F * time_ + 1.0F);
  const float wanted_height = highest_ahead(9.0F) + kComfort;
  steering.climb = std::clamp((wanted_height - camera_.position.y) / 120.0F, -0.5F, 1.0F);
  steering.speed = std::clamp((kCruise - speed_) / kCruise, -1.0F, 1.0F);
  return steering;
}

float Flight::highest_ahead(float seconds) const {
  float highest = 0.0F;
  for (int i = 0; i <= 12; ++i) {
    const float metres = speed_ * seconds * static_cast<float>(i) / 12.0F;
    const float x = camera_.position.x + std::sin(camera_.heading) * metres;
    const float z = camera_.position.z - std::cos(camera_.heading) * metres;
    highest = std::max(highest, landscape_.height(x, z));
  }
  return highest;
}

}  // namespace terrain
