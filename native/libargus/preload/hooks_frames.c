// Functions that show a frame: the outermost of them counts it, when it has been shown.
#include <stdbool.h>

#include "entries.h"
#include "frames.h"

__thread unsigned argus_depth __attribute__((tls_model("initial-exec")));

// `window` tells whose frame it is, `shown` whether it was: both may use the parameters, and `result`.
#define SHOWS(type, name, parameters, window, shown, ...)                      \
  ON(type, name, parameters) {                                                 \
    argus_frame_begins();                                                      \
    ++argus_depth;                                                             \
    const type result = CALL(name, __VA_ARGS__);                               \
    if (--argus_depth == 0 && (shown)) argus_frame_shown((uintptr_t)(window)); \
    return result;                                                             \
  }                                                                            \
  HOOK(type, name, NULL, parameters, __VA_ARGS__)

SHOWS(intptr_t, glXSwapBuffers, (void* display, uintptr_t window), window, true, display, window)
SHOWS(int64_t, glXSwapBuffersMscOML, (void* display, uintptr_t window, int64_t when, int64_t every, int64_t at), window,
      result >= 0, display, window, when, every, at)

SHOWS(unsigned, eglSwapBuffers, (void* display, void* surface), surface, result != 0, display, surface)
SHOWS(unsigned, eglSwapBuffersWithDamageKHR, (void* display, void* surface, void* areas, int count), surface,
      result != 0, display, surface, areas, count)
SHOWS(unsigned, eglSwapBuffersWithDamageEXT, (void* display, void* surface, void* areas, int count), surface,
      result != 0, display, surface, areas, count)

SHOWS(intptr_t, SDL_GL_SwapWindow, (void* window), window, true, window)
SHOWS(intptr_t, SDL_RenderPresent, (void* renderer), renderer, true, renderer)
SHOWS(intptr_t, SDL_UpdateWindowSurface, (void* window), window, true, window)
SHOWS(intptr_t, SDL_UpdateWindowSurfaceRects, (void* window, const void* areas, int count), window, true, window, areas,
      count)

// VkPresentInfoKHR: it may show frames in several windows at once.
struct present_info {
  uint32_t type;
  const void* next;
  uint32_t wait_count;
  const void* waits;
  uint32_t swapchain_count;
  const uint64_t* swapchains;
};

ON(int, vkQueuePresentKHR, (void* queue, const struct present_info* info)) {
  ++argus_depth;
  const int result = CALL(vkQueuePresentKHR, queue, info);
  if (--argus_depth != 0 || result < 0) return result;
  for (uint32_t i = 0; i < info->swapchain_count; ++i) argus_vulkan_frame_shown((uintptr_t)info->swapchains[i]);
  return result;
}
HOOK(int, vkQueuePresentKHR, NULL, (void* queue, const struct present_info* info), queue, info)
