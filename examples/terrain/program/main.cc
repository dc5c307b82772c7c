// terrain: a flight over an endless landscape, watched by Argus. `terrain --help` lists what it understands.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "program/frame_rate.h"
#include "program/monitoring.h"
#include "program/options.h"
#include "program/rate_limit.h"
#include "rendering/display.h"

namespace terrain {

namespace {

constexpr int kUsage = 2;  // exit status of a wrong command line
constexpr double kHeadlessCap = 60.0;
constexpr float kLongestStep = 0.1F;  // seconds: a program that was held up does not leap

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

std::unique_ptr<Display> open_display(const Options& options, Monitoring& monitoring) {
  if (options.headless) return make_headless();
  const auto tell = [&monitoring, limit = RateLimit(10.0)](const std::string& problem) mutable {
    const auto held_back = limit.admit(now());
    if (!held_back) return;
    std::fprintf(stderr, "terrain: %s\n", problem.c_str());
    monitoring.rendering_problem(problem, *held_back);
  };
  return open_window({options.size, options.samples, !options.fps_cap.has_value(), tell});
}

class Program {
 public:
  Program(const Options& options, Monitoring& monitoring, Display& display)
      : options_(options),
        monitoring_(monitoring),
        display_(display),
        landscape_(options.seed),
        world_(landscape_),
        flight_(landscape_) {
    if (options.fps_cap.value_or(options.headless ? kHeadlessCap : 0.0) > 0.0) {
      shortest_frame_ = 1.0 / options.fps_cap.value_or(kHeadlessCap);
    }
  }

  void run() {
    const Vec3 start = flight_.camera().position;
    take(world_.arrive_at(start.x, start.z));
    const double began = now();
    const std::clock_t used_before = std::clock();
    double frame_began = began;
    uint64_t frames = 0;
    for (bool flying = true; flying;) {
      const Controls controls = display_.controls();
      flight_.advance(step_, controls.steering);
      take(world_.move_to(flight_.camera().position.x, flight_.camera().position.z));
      draw();
      ++frames;
      flying = !controls.quit && frames < options_.frames && now() - began < options_.seconds;
      if (!flying && !options_.screenshot.empty()) display_.save_picture(options_.screenshot);
      display_.show();
      frame_began = end_frame(frame_began);
    }
    const double seconds = now() - began;
    const double used = static_cast<double>(std::clock() - used_before) / static_cast<double>(CLOCKS_PER_SEC);
    const auto count = static_cast<double>(frames);
    std::printf("%.0f frames in %.3f s: %.1f per second, %.3f us of processor time each\n", count, seconds,
                count / seconds, 1e6 * used / count);
  }

 private:
  void take(const World::Changes& changes) {
    display_.accept(changes);
    monitoring_.chunks_changed(changes, world_.chunks().size());
  }

  void draw() {
    const Camera& camera = flight_.camera();
    const Matrix view_projection = projection(display_.aspect()) * camera.view();
    const Daylight light = daylight_at(static_cast<float>(options_.hour) + flown_ * kHoursPerSecond);
    display_.draw({camera, view_projection, seen_from(camera, view_projection, world_), light, flown_});
  }

  // Waits where frames come too fast; returns when the next one begins.
  double end_frame(double began) {
    const double done = now();
    monitoring_.frame_done(done, done - began);
    if (const auto rate = frame_rate_.frame(done)) {
      monitoring_.second_passed(*rate, display_.memory());
      display_.set_title("Terrain, " + std::to_string(std::lround(*rate)) + " frames per second");
    }
    const double early = began + shortest_frame_ - done;
    if (early > 0.0) std::this_thread::sleep_for(std::chrono::duration<double>(early));
    const double next = now();
    step_ = std::min(static_cast<float>(next - began), kLongestStep);
    flown_ += step_;
    return next;
  }

  const Options& options_;
  Monitoring& monitoring_;
  Display& display_;
  Landscape landscape_;
  World world_;
  Flight flight_;
  FrameRate frame_rate_;
  double shortest_frame_ = 0.0;
  float step_ = 0.0F;   // seconds that the next frame moves the world on
  float flown_ = 0.0F;  // seconds since the start, as the world has seen them
};

int run(const Options& options) {
  Monitoring monitoring(options.monitored, options.budget);
  try {
    const auto display = open_display(options, monitoring);
    monitoring.started(options.seed, options.headless ? "none" : "window");
    Program(options, monitoring, *display).run();
  } catch (const RenderingError& error) {
    std::fprintf(stderr, "terrain: %s\n", error.what());
    monitoring.rendering_failed(error.what());
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}

}  // namespace

}  // namespace terrain

int main(int count, char** arguments) {
  terrain::Options options;
  try {
    options = terrain::parse_options(std::vector<std::string>(arguments + 1, arguments + count));
  } catch (const terrain::UsageError& error) {
    std::fprintf(stderr, "terrain: %s; see terrain --help\n", error.what());
    return terrain::kUsage;
  }
  if (options.help) {
    std::fputs(terrain::kHelp, stdout);
    return EXIT_SUCCESS;
  }
  return terrain::run(options);
}
