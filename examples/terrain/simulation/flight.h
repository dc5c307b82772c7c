// Flies the camera: by itself, over hills and along valleys, or as a hand on the keys wants.
#pragma once

#include "simulation/camera.h"
#include "simulation/landscape.h"

namespace terrain {

// What the pilot's hands do; each from -1 to 1.
struct Steering {
  float turn = 0.0F;   // right is positive
  float climb = 0.0F;  // up is positive
  float speed = 0.0F;  // faster is positive
  [[nodiscard]] bool hands_on() const { return turn != 0.0F || climb != 0.0F || speed != 0.0F; }
};

class Flight {
 public:
  // Begins over the origin, heading for the mountains.
  explicit Flight(const Landscape& landscape);

  void advance(float seconds, const Steering& steering);

  [[nodiscard]] const Camera& camera() const { return camera_; }

 private:
  [[nodiscard]] Steering autopilot() const;
  [[nodiscard]] float highest_ahead(float seconds) const;

  const Landscape& landscape_;
  Camera camera_;
  float speed_;
  float turn_rate_ = 0.0F;   // radians per second
  float climb_rate_ = 0.0F;  // metres per second
  float time_ = 0.0F;
  float hands_off_ = 1e9F;  // seconds since the pilot last touched the keys
};

}  // namespace terrain
