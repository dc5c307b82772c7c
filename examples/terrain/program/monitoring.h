// Everything that monitoring took. The rest of the program calls these.
#pragma once

#include <argus/argus.hpp>
#include <optional>
#include <string>

#include "program/rate_limit.h"
#include "rendering/display.h"
#include "simulation/world.h"

namespace terrain {

// Address and key come from ARGUS_URL and ARGUS_API_KEY. Switched off there is no client, and its handles, made
// without one, record nothing. Belongs to the thread that draws.
class Monitoring {
 public:
  Monitoring(bool on, double frame_budget);

  void started(uint32_t seed, const std::string& display);
  void frame_done(double now, double seconds);
  void second_passed(double frames_per_second, const GraphicsMemory& memory);
  void chunks_changed(const World::Changes& changes, size_t loaded);
  void rendering_problem(const std::string& problem, uint64_t held_back);
  void rendering_failed(const std::string& problem);

 private:
  std::optional<argus::Client> client_;
  argus::Timer frame_time_;
  argus::Timer chunk_time_;
  argus::Gauge frame_rate_;
  argus::Gauge allocated_;
  argus::Gauge textures_;
  argus::Gauge buffers_;
  argus::Gauge chunks_loaded_;
  argus::Counter chunks_generated_;
  argus::Counter chunks_dropped_;
  argus::Counter frames_over_budget_;
  double frame_budget_;
  RateLimit warnings_{10.0};
};

}  // namespace terrain
