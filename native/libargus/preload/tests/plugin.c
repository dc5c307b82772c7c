// A plug-in that is linked with OpenGL, loaded by a program that is not: its OpenGL is in nobody's scope but its own.
#include <dlfcn.h>

#include "gl_double.h"

void plugin_show(int frames);
void* plugin_next(const char* name);

void plugin_show(int frames) {
  for (int i = 0; i < frames; ++i) glXSwapBuffers(0, 7);
}

// Asks for what comes after the plug-in itself, which is its OpenGL.
void* plugin_next(const char* name) {
  void* found = dlsym(RTLD_NEXT, name);
  __asm__ volatile("" ::: "memory");  // so that it is the plug-in that asks: a jump would leave that to its caller
  return found;
}
