// What the program shows its world on: a window, or nothing at all.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "simulation/daylight.h"
#include "simulation/flight.h"
#include "simulation/view.h"
#include "simulation/world.h"

namespace terrain {

// Nothing can be drawn; what() says what is missing and what would help.
class RenderingError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Size {
  int width;
  int height;
};

struct Controls {
  Steering steering;
  bool quit = false;
};

// All that one frame shows. Borrowed for the length of the call.
struct Scene {
  const Camera& camera;
  const Matrix& view_projection;
  const std::vector<SeenChunk>& seen;
  const Daylight& light;
  float seconds;  // since the start: moves the clouds and the waves
};

// Memory that the graphics driver holds for us, in bytes.
struct GraphicsMemory {
  size_t textures = 0;
  size_t buffers = 0;
};

// Its methods belong to the thread that made it.
class Display {
 public:
  Display() = default;
  virtual ~Display() = default;
  Display(const Display&) = delete;
  Display& operator=(const Display&) = delete;

  [[nodiscard]] virtual Controls controls() = 0;
  [[nodiscard]] virtual float aspect() const = 0;
  virtual void accept(const World::Changes& changes) = 0;
  virtual void draw(const Scene& scene) = 0;
  virtual void show() = 0;  // what was drawn; waits for the screen where that sets the pace
  virtual void save_picture(const std::string& path) = 0;  // of what was drawn
  virtual void set_title(const std::string& title) = 0;
  [[nodiscard]] virtual GraphicsMemory memory() const = 0;
};

struct WindowOptions {
  Size size;
  int samples;                                         // per pixel: more smooth the edges
  bool wait_for_screen;                                // one frame per refresh of the screen
  std::function<void(const std::string&)> on_problem;  // hears of errors that do not end the program
};

// Throws RenderingError where there is no display, or no OpenGL 3.3, or the program was built without SDL2.
[[nodiscard]] std::unique_ptr<Display> open_window(const WindowOptions& options);

[[nodiscard]] std::unique_ptr<Display> make_headless();

}  // namespace terrain
