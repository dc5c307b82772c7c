#include "frames.h"

#include <stdbool.h>
#include <time.h>

#include "heap.h"
#include "process.h"

enum { WINDOWS = 16 };

// When a window last showed a frame. A window belongs to one thread at a time, so a race here can only be about a
// window that is new, or one too many: it costs a frame time, never a frame.
struct window {
  _Atomic uintptr_t key;   // 0: free
  _Atomic uint64_t shown;  // nanoseconds of the monotonic clock
};

static struct window windows[WINDOWS];
static atomic_bool has_opengl;

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

// The window's place; for a new one a free place, else that of the window that has been still for longest.
static struct window* place_of(uintptr_t key, bool* is_new) {
  struct window* oldest = &windows[0];
  for (struct window* window = windows; window < windows + WINDOWS; ++window) {
    uintptr_t holder = atomic_load_explicit(&window->key, memory_order_relaxed);
    if (holder == key) return window;
    if (holder == 0 && atomic_compare_exchange_strong(&window->key, &holder, key)) {
      *is_new = true;
      return window;
    }
    if (atomic_load_explicit(&window->shown, memory_order_relaxed) <
        atomic_load_explicit(&oldest->shown, memory_order_relaxed)) {
      oldest = window;
    }
  }
  *is_new = true;
  atomic_store_explicit(&oldest->key, key, memory_order_relaxed);
  argus_untracked();
  return oldest;
}

static void show(struct argus_cells* own, uintptr_t key) {
  bool is_new = false;
  struct window* window = place_of(key, &is_new);
  const uint64_t time = now();
  const uint64_t before = atomic_exchange_explicit(&window->shown, time, memory_order_relaxed);
  if (is_new || before >= time) {
    atomic_fetch_add_explicit(&own->first_frames, 1, memory_order_relaxed);
  } else {
    atomic_fetch_add_explicit(&own->nanoseconds, time - before, memory_order_relaxed);
    atomic_fetch_add_explicit(&own->bins[argus_bin_of(time - before)], 1, memory_order_relaxed);
  }
  argus_look_at_heap(own);
}

void argus_frame_begins(void) {
  if (!atomic_load_explicit(&has_opengl, memory_order_relaxed)) {
    atomic_store_explicit(&has_opengl, true, memory_order_relaxed);
  }
}

void argus_frame_shown(uintptr_t window) {
  struct argus_cells* own = argus_need_cells();
  if (own != NULL) show(own, window);
}

void argus_vulkan_frame_shown(uintptr_t window) {
  struct argus_cells* own = argus_need_cells();
  if (own != NULL && !atomic_load_explicit(&has_opengl, memory_order_relaxed)) show(own, window);
}
