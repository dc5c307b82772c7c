// Stands for SDL: it loads OpenGL by itself and shows frames through it.
#include <dlfcn.h>
#include <stddef.h>

void SDL_GL_SwapWindow(void* window);
void* SDL_GL_GetProcAddress(const char* name);

static void* opengl(const char* name) { return dlsym(dlopen("libgl_double.so", RTLD_NOW | RTLD_LOCAL), name); }

void SDL_GL_SwapWindow(void* window) {
  ((void (*)(void*, unsigned long))opengl("glXSwapBuffers"))(NULL, (unsigned long)window);
}

void* SDL_GL_GetProcAddress(const char* name) { return ((void* (*)(const char*))opengl("glXGetProcAddressARB"))(name); }
