// A program that loads its graphics, or has none. Prints what the libraries saw; what it does is its argument.
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "gl_double.h"

typedef void swap(void* display, unsigned long window);
typedef unsigned egl_swap(void* display, void* surface);
typedef void* get(const char* name);
typedef void* get_of(void* owner, const char* name);
typedef int frames(void);
typedef void show_window(void* window);
typedef void show_frames(int frames);
typedef void bind(unsigned target, unsigned texture);
typedef void image(unsigned target, int level, int format, int width, int height, int border, unsigned pixels,
                   unsigned type, const void* data);

static void* load(const char* library, const char* name) {
  void* handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  void* function = handle == NULL ? NULL : dlsym(handle, name);
  const char* error = dlerror();  // without asking first, as many do
  if (error != NULL || function == NULL) {
    fprintf(stderr, "%s: %s\n", name, error);
    exit(1);
  }
  return function;
}

#define LOAD(type, library, name) ((type*)load(library, name))

static int shown(void) { return LOAD(frames, "libgl_double.so", "frames_shown")(); }

static void by_dlsym(void) {
  swap* show = LOAD(swap, "libgl_double.so", "glXSwapBuffers");
  for (int i = 0; i < 100; ++i) show(NULL, 1);
}

static void by_getter(void) {
  swap* show = (swap*)LOAD(get, "libgl_double.so", "glXGetProcAddressARB")("glXSwapBuffers");
  for (int i = 0; i < 60; ++i) show(NULL, 1);
  int surface;
  egl_swap* egl = (egl_swap*)LOAD(get, "libgl_double.so", "eglGetProcAddress")("eglSwapBuffers");
  for (int i = 0; i < 40; ++i) egl(NULL, &surface);
}

static void by_sdl(void) {
  int window;
  show_window* show = LOAD(show_window, "libsdl_double.so", "SDL_GL_SwapWindow");
  for (int i = 0; i < 100; ++i) show(&window);
  get* getter = LOAD(get, "libsdl_double.so", "SDL_GL_GetProcAddress");
  ((bind*)getter("glBindTexture"))(GL_TEXTURE_2D, 1);
  ((image*)getter("glTexImage2D"))(GL_TEXTURE_2D, 0, GL_RGBA8, 100, 100, 0, GL_RGBA, GL_UNSIGNED_BYTE, NULL);
}

static void by_plugin(void) { LOAD(show_frames, "libplugin.so", "plugin_show")(100); }

static void reloaded(void) {
  for (int i = 0; i < 10; ++i) {
    void* plugin = dlopen("libplugin.so", RTLD_NOW | RTLD_LOCAL);
    ((show_frames*)dlsym(plugin, "plugin_show"))(10);
    dlclose(plugin);
  }
}

// Two libraries of one name, the upper calling the lower: a frame is one frame, and each gets its calls.
static void one_above_the_other(void) {
  int surface;
  egl_swap* above = LOAD(egl_swap, "libegl_above.so", "eglSwapBuffers");
  for (int i = 0; i < 100; ++i) above(NULL, &surface);
  egl_swap* below = LOAD(egl_swap, "libgl_double.so", "eglSwapBuffers");
  for (int i = 0; i < 10; ++i) below(NULL, &surface);
  printf("%d ", LOAD(frames, "libegl_above.so", "frames_above")());
}

struct present_info {
  uint32_t type;
  const void* next;
  uint32_t wait_count;
  const void* waits;
  uint32_t swapchain_count;
  const uint64_t* swapchains;
  const uint32_t* images;
  int* results;
};

struct allocate_info {
  uint32_t type;
  const void* next;
  uint64_t bytes;
  uint32_t kind;
};

typedef int present(void* queue, const struct present_info* info);
typedef int allocate(void* device, const struct allocate_info* info, const void* how, uint64_t* memory);
typedef void give_back(void* device, uint64_t memory, const void* how);

static void by_vulkan(void) {
  get_of* device = (get_of*)LOAD(get_of, "libvulkan_double.so", "vkGetInstanceProcAddr")(NULL, "vkGetDeviceProcAddr");
  present* driver = (present*)device(NULL, "vkQueuePresentKHR");
  present* loader = LOAD(present, "libvulkan_double.so", "vkQueuePresentKHR");
  const uint64_t swapchains[] = {11, 12};
  const struct present_info one = {.swapchain_count = 1, .swapchains = swapchains};
  const struct present_info both = {.swapchain_count = 2, .swapchains = swapchains};
  for (int i = 0; i < 50; ++i) driver(NULL, &one);
  for (int i = 0; i < 25; ++i) loader(NULL, &both);

  allocate* take = (allocate*)device(NULL, "vkAllocateMemory");
  give_back* release = (give_back*)device(NULL, "vkFreeMemory");
  uint64_t memory[3];
  for (uint64_t i = 0; i < 3; ++i) take(NULL, &(struct allocate_info){.bytes = (i + 1) << 20}, NULL, &memory[i]);
  release(NULL, memory[1], NULL);
  printf("%d ", LOAD(frames, "libvulkan_double.so", "frames_presented")());
}

// Answers of dlsym that depend on who asks, or are no.
static void questions(void) {
  void* none = dlsym(RTLD_DEFAULT, "glXSwapBuffers");  // nothing here has it, but the preloaded library
  const char* error = dlerror();
  get* next = LOAD(get, "libplugin.so", "plugin_next");
  printf("%d %d %d %d ", none == NULL, error != NULL, next("glXSwapBuffers") != NULL, next("glBindTexture") != NULL);
}

// Waits for events that never come, as long as it is told, like a server with nothing to do.
static void events(const char* seconds, const char* bytes) {
  static void* volatile block;  // so that it is needed
  block = malloc(strtoul(bytes, NULL, 10));
  const int epoll = epoll_create1(0);
  struct epoll_event event;
  puts("waiting");
  fflush(stdout);
  for (long i = 0; i < strtol(seconds, NULL, 10) * 100; ++i) {
    errno = 5;
    if (epoll_wait(epoll, &event, 1, 10) != 0) exit(1);
    if (errno != 5) exit(3);
  }
  free(block);
}

int main(int count, char** arguments) {
  const struct {
    const char* name;
    void (*run)(void);
  } scenarios[] = {
      {"by-dlsym", by_dlsym},   {"by-getter", by_getter}, {"by-sdl", by_sdl},
      {"by-plugin", by_plugin}, {"by-vulkan", by_vulkan}, {"one-above-the-other", one_above_the_other},
      {"questions", questions}, {"reloaded", reloaded},
  };
  const char* wanted = count > 1 ? arguments[1] : "";
  if (strcmp(wanted, "nothing") == 0) return 0;
  if (strcmp(wanted, "events") == 0) {
    events(arguments[2], arguments[3]);
    return 0;
  }
  for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; ++i) {
    if (strcmp(wanted, scenarios[i].name) == 0) {
      scenarios[i].run();
      printf("%d\n", shown());
      return 0;
    }
  }
  fprintf(stderr, "no scenario %s\n", wanted);
  return 2;
}
