// Stands for OpenGL with GLX and EGL.
#include "gl_double.h"

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

static atomic_int shown;
static unsigned bound;

int frames_shown(void) { return atomic_load(&shown); }

void glXSwapBuffers(void* display, unsigned long window) {
  (void)display, (void)window;
  atomic_fetch_add(&shown, 1);
}

unsigned eglSwapBuffers(void* display, void* surface) {
  (void)display;
  if (surface != NULL) atomic_fetch_add(&shown, 1);
  return surface != NULL;  // a surface that is gone shows nothing
}

void glBindTexture(unsigned target, unsigned texture) {
  (void)target;
  bound = texture;
}

void glGetIntegerv(unsigned name, int* value) {
  (void)name;
  *value = (int)bound;
}

void glTexImage2D(unsigned target, int level, int format, int width, int height, int border, unsigned pixels,
                  unsigned type, const void* data) {
  (void)target, (void)level, (void)format, (void)width, (void)height, (void)border, (void)pixels, (void)type,
      (void)data;
}

void glCompressedTexImage2D(unsigned target, int level, unsigned format, int width, int height, int border, int size,
                            const void* data) {
  (void)target, (void)level, (void)format, (void)width, (void)height, (void)border, (void)size, (void)data;
}

void glTexStorage2D(unsigned target, int levels, unsigned format, int width, int height) {
  (void)target, (void)levels, (void)format, (void)width, (void)height;
}

void glGenerateMipmap(unsigned target) { (void)target; }

void glDeleteTextures(int count, const unsigned* textures) { (void)count, (void)textures; }

static const struct {
  const char* name;
  void* function;
} functions[] = {
    {"glXSwapBuffers", (void*)glXSwapBuffers}, {"eglSwapBuffers", (void*)eglSwapBuffers},
    {"glBindTexture", (void*)glBindTexture},   {"glGetIntegerv", (void*)glGetIntegerv},
    {"glTexImage2D", (void*)glTexImage2D},     {"glDeleteTextures", (void*)glDeleteTextures},
};

static void* function_named(const char* name) {
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; ++i) {
    if (strcmp(functions[i].name, name) == 0) return functions[i].function;
  }
  return NULL;
}

void* glXGetProcAddressARB(const char* name) { return function_named(name); }

void* eglGetProcAddress(const char* name) { return function_named(name); }
