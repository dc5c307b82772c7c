#include "rendering/gl.h"

#include <SDL.h>

#include <string>

#include "rendering/display.h"

namespace terrain::gl {

// NOLINTNEXTLINE(bugprone-macro-parentheses): a name that is declared cannot stand in them
#define TERRAIN_GL_DEFINE(name) decltype(&::gl##name) name = nullptr;
TERRAIN_GL_FUNCTIONS(TERRAIN_GL_DEFINE)
#undef TERRAIN_GL_DEFINE

namespace {

template <typename Function>
void fetch(Function& function, const char* name) {
  function = reinterpret_cast<Function>(SDL_GL_GetProcAddress(name));
  if (function == nullptr) throw RenderingError(std::string("the OpenGL driver has no ") + name);
}

}  // namespace

void load() {
#define TERRAIN_GL_FETCH(name) fetch(name, "gl" #name);
  TERRAIN_GL_FUNCTIONS(TERRAIN_GL_FETCH)
#undef TERRAIN_GL_FETCH
}

const char* next_error() {
  switch (GetError()) {
    case GL_NO_ERROR: return nullptr;
    case GL_INVALID_ENUM: return "OpenGL: invalid enum";
    case GL_INVALID_VALUE: return "OpenGL: invalid value";
    case GL_INVALID_OPERATION: return "OpenGL: invalid operation";
    case GL_INVALID_FRAMEBUFFER_OPERATION: return "OpenGL: incomplete framebuffer";
    case GL_OUT_OF_MEMORY: return "OpenGL: out of memory";
    default: return "OpenGL: an unknown error";
  }
}

}  // namespace terrain::gl
