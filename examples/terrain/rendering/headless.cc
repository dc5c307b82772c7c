// The display that shows nothing: what is left is the simulation.
#include "rendering/display.h"

namespace terrain {

namespace {

class Headless final : public Display {
 public:
  Controls controls() override { return {}; }
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
