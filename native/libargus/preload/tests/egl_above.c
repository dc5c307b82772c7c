// Stands for an EGL that a program brings along and that draws by the system's, as a browser's does: both have the same
// names.
#include <dlfcn.h>
#include <stddef.h>

unsigned eglSwapBuffers(void* display, void* surface);
int frames_above(void);

static int shown;

int frames_above(void) { return shown; }

unsigned eglSwapBuffers(void* display, void* surface) {
  ++shown;
  return ((unsigned (*)(void*, void*))dlsym(dlopen("libgl_double.so", RTLD_NOW | RTLD_LOCAL), "eglSwapBuffers"))(
      display, surface);
}
