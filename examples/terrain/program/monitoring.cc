#include "program/monitoring.h"

#include "program/memory.h"

namespace terrain {

namespace {

constexpr double kMilliseconds = 1000.0;

}  // namespace

Monitoring::Monitoring(bool on, double frame_budget) : frame_budget_(frame_budget) {
  if (!on) return;
  client_.emplace();
  frame_time_ = client_->timer("terrain.frame_time");
  frame_rate_ = client_->gauge("terrain.fps");
  frames_over_budget_ = client_->counter("terrain.frames_over_budget");
  chunk_time_ = client_->timer("terrain.chunks.time");
  chunks_loaded_ = client_->gauge("terrain.chunks.loaded");
  chunks_generated_ = client_->counter("terrain.chunks.generated");
  chunks_dropped_ = client_->counter("terrain.chunks.dropped");
  allocated_ = client_->gauge("terrain.memory.allocated_bytes");
  textures_ = client_->gauge("terrain.memory.texture_bytes");
  buffers_ = client_->gauge("terrain.memory.buffer_bytes");
}

void Monitoring::started(uint32_t seed, const std::string& display) {
  if (client_) client_->log(argus::Level::info, "the flight begins", {{"seed", seed}, {"display", display}}, "terrain");
}

void Monitoring::frame_done(double now, double seconds) {
  frame_time_.record(seconds);
  if (seconds <= frame_budget_) return;
  frames_over_budget_.increment();
  const auto held_back = warnings_.admit(now);
  if (!held_back || !client_) return;
  client_->log(argus::Level::warning, "a frame took longer than its budget",
               {{"milliseconds", kMilliseconds * seconds},
                {"budget", kMilliseconds * frame_budget_},
                {"more_since_last_line", *held_back}},
               "terrain.frames");
}

void Monitoring::second_passed(double frames_per_second, const GraphicsMemory& memory) {
  frame_rate_.set(frames_per_second);
  allocated_.set(static_cast<double>(allocated_bytes()));
  textures_.set(static_cast<double>(memory.textures));
  buffers_.set(static_cast<double>(memory.buffers));
}

void Monitoring::chunks_changed(const World::Changes& changes, size_t loaded) {
  if (changes.loaded.empty() && changes.dropped.empty()) return;
  for (const auto& chunk : changes.loaded) chunk_time_.record(chunk->seconds);
  chunks_generated_.increment(static_cast<double>(changes.loaded.size()));
  chunks_dropped_.increment(static_cast<double>(changes.dropped.size()));
  chunks_loaded_.set(static_cast<double>(loaded));
}

void Monitoring::rendering_problem(const std::string& problem, uint64_t held_back) {
  if (!client_) return;
  client_->log(argus::Level::error, problem, {{"more_since_last_line", held_back}}, "terrain.rendering");
}

void Monitoring::rendering_failed(const std::string& problem) {
  if (client_) client_->log(argus::Level::error, problem, {}, "terrain.rendering");
}

}  // namespace terrain
