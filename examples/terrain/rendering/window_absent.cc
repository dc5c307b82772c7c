// Stands in for window.cc where the program was built without SDL2.
#include "rendering/display.h"

namespace terrain {

std::unique_ptr<Display> open_window(const WindowOptions&) {
  throw RenderingError(
      "this program was built without SDL2, so it has no window: run it with --headless, "
      "or install SDL2's headers (on Debian: apt-get install libsdl2-dev) and build it again");
}

}  // namespace terrain
