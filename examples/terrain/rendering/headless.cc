// The display that shows nothing: what is left is the simulation.
#include <csignal>

#include "rendering/display.h"

namespace terrain {

namespace {

volatile std::sig_atomic_t interrupted = 0;

// Ctrl-C is here what closing the window is there: the flight ends, and what was recorded is sent.
class Headless final : public Display {
 public:
  Headless() {
    const auto interrupt = [](int) { interrupted = 1; };
    std::signal(SIGINT, interrupt);
    std::signal(SIGTERM, interrupt);
  }

  Controls controls() override { return {{}, interrupted != 0}; }
  float aspect() const override { return 16.0F / 9.0F; }
  void accept(const World::Changes&) override {}
  void draw(const Scene&) override {}
  void show() override {}
  void save_picture(const std::string&) override { throw RenderingError("there is no picture without a window"); }
  void set_title(const std::string&) override {}
  GraphicsMemory memory() const override { return {}; }
};

}  // namespace

std::unique_ptr<Display> make_headless() { return std::make_unique<Headless>(); }

}  // namespace terrain
