// The display that is a window: SDL2, with an OpenGL 3.3 context.
#include <SDL.h>

#include <memory>
#include <optional>

#include "rendering/gl.h"
#include "rendering/picture.h"
#include "rendering/renderer.h"

namespace terrain {

namespace {

[[noreturn]] void fail(const std::string& what, const std::string& remedy) {
  throw RenderingError(what + ": " + SDL_GetError() + "; " + remedy);
}

// SDL's own start and end, so that all that needs it can be a member after this one.
class Video {
 public:
  Video() {
    if (SDL_Init(SDL_INIT_VIDEO) != 0) {
      fail("there is no display", "run under xvfb-run, or with --headless");
    }
  }
  ~Video() { SDL_Quit(); }
  Video(const Video&) = delete;
  Video& operator=(const Video&) = delete;
};

using Handle = std::unique_ptr<SDL_Window, decltype(&SDL_DestroyWindow)>;

Handle make_window(Size size, int samples) {
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MAJOR_VERSION, 3);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_MINOR_VERSION, 3);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_PROFILE_MASK, SDL_GL_CONTEXT_PROFILE_CORE);
  SDL_GL_SetAttribute(SDL_GL_CONTEXT_FLAGS, SDL_GL_CONTEXT_FORWARD_COMPATIBLE_FLAG);
  SDL_GL_SetAttribute(SDL_GL_DEPTH_SIZE, 24);
  SDL_GL_SetAttribute(SDL_GL_MULTISAMPLEBUFFERS, samples > 1 ? 1 : 0);
  SDL_GL_SetAttribute(SDL_GL_MULTISAMPLESAMPLES, samples > 1 ? samples : 0);
  constexpr Uint32 kFlags = SDL_WINDOW_OPENGL | SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI;
  constexpr int kAnywhere = SDL_WINDOWPOS_CENTERED;
  Handle window(SDL_CreateWindow("Terrain", kAnywhere, kAnywhere, size.width, size.height, kFlags), &SDL_DestroyWindow);
  if (!window) fail("no window with OpenGL could be opened", "try --samples 1, or run with --headless");
  return window;
}

class Context {
 public:
  Context(SDL_Window* window, bool wait_for_screen) : context_(SDL_GL_CreateContext(window)) {
    if (context_ == nullptr) fail("there is no OpenGL 3.3", "install a driver for it (on Debian: libgl1-mesa-dri)");
    SDL_GL_SetSwapInterval(wait_for_screen ? 1 : 0);  // a screen that cannot be waited for sets no pace
    gl::load();
  }
  ~Context() { SDL_GL_DeleteContext(context_); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

 private:
  SDL_GLContext context_;
};

class Window final : public Display {
 public:
  explicit Window(const WindowOptions& options)
      : on_problem_(options.on_problem),
        window_(make_window(options.size, options.samples)),
        context_(window_.get(), options.wait_for_screen) {
    measure();
  }

  Controls controls() override {
    Controls controls;
    SDL_Event event;
    while (SDL_PollEvent(&event) != 0) {
      const bool escape = event.type == SDL_KEYDOWN && event.key.keysym.sym == SDLK_ESCAPE;
      if (event.type == SDL_QUIT || escape) controls.quit = true;
    }
    const Uint8* held = SDL_GetKeyboardState(nullptr);
    const auto axis = [held](SDL_Scancode more, SDL_Scancode less) {
      return static_cast<float>(held[more]) - static_cast<float>(held[less]);
    };
    const auto either = [](float a, float b) { return a != 0.0F ? a : b; };
    controls.steering.turn = either(axis(SDL_SCANCODE_RIGHT, SDL_SCANCODE_LEFT), axis(SDL_SCANCODE_D, SDL_SCANCODE_A));
    controls.steering.climb = either(axis(SDL_SCANCODE_UP, SDL_SCANCODE_DOWN), axis(SDL_SCANCODE_W, SDL_SCANCODE_S));
    controls.steering.speed = axis(SDL_SCANCODE_PAGEUP, SDL_SCANCODE_PAGEDOWN);
    return controls;
  }

  float aspect() const override { return static_cast<float>(size_.width) / static_cast<float>(size_.height); }

  void accept(const World::Changes& changes) override { renderer_.accept(changes); }

  void draw(const Scene& scene) override {
    measure();
    renderer_.draw(scene, aspect());
    if (const char* error = gl::next_error()) on_problem_(error);
  }

  void show() override { SDL_GL_SwapWindow(window_.get()); }

  void save_picture(const std::string& path) override {
    std::vector<uint8_t> pixels(3UL * static_cast<size_t>(size_.width) * static_cast<size_t>(size_.height));
    gl::PixelStorei(GL_PACK_ALIGNMENT, 1);
    gl::ReadPixels(0, 0, size_.width, size_.height, GL_RGB, GL_UNSIGNED_BYTE, pixels.data());
    save_png(path, size_, pixels);
  }

  void set_title(const std::string& title) override { SDL_SetWindowTitle(window_.get(), title.c_str()); }

  GraphicsMemory memory() const override { return renderer_.memory(); }

 private:
  // In pixels, which a window may have more of than its size says.
  void measure() {
    SDL_GL_GetDrawableSize(window_.get(), &size_.width, &size_.height);
    gl::Viewport(0, 0, size_.width, size_.height);
  }

  std::function<void(const std::string&)> on_problem_;
  Video video_;
  Handle window_;
  Context context_;
  Renderer renderer_;
  Size size_{0, 0};
};

}  // namespace

std::unique_ptr<Display> open_window(const WindowOptions& options) { return std::make_unique<Window>(options); }

}  // namespace terrain
