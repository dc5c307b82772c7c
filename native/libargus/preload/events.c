// Programs that wait for events, as servers do: their loop is the place where the parent's question for the heap is
// answered. An epoll is made while a program gets ready, often before it locks itself in, so that is when its cells are
// made; waiting for one belongs to no signal handler, unlike poll and select, so no allocation is under way in the
// thread that waits.
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

#include "heap.h"
#include "process.h"
#include "real.h"

#define EXPORTED __attribute__((visibility("default")))

typedef int create_function(int argument);
typedef int wait_function(int epoll, void* events, int most, int milliseconds);
typedef int masked_wait_function(int epoll, void* events, int most, int milliseconds, const void* signals);

// The C library's function; once it is known, a load.
static void* known(_Atomic(void*)* place, const char* name) {
  void* found = atomic_load_explicit(place, memory_order_relaxed);
  if (found == NULL) {
    found = argus_next(name);
    atomic_store_explicit(place, found, memory_order_relaxed);
  }
  return found;
}

static void begins(void) {
  if (argus_heap_known()) argus_need_cells();
}

static void waits(void) {
  struct argus_cells* own = argus_cells();
  if (own != NULL) argus_look_at_heap(own);
}

EXPORTED int epoll_create(int size) {
  static _Atomic(void*) real;
  begins();
  return ((create_function*)known(&real, "epoll_create"))(size);
}

EXPORTED int epoll_create1(int flags) {
  static _Atomic(void*) real;
  begins();
  return ((create_function*)known(&real, "epoll_create1"))(flags);
}

EXPORTED int epoll_wait(int epoll, void* events, int most, int milliseconds) {
  static _Atomic(void*) real;
  waits();
  return ((wait_function*)known(&real, "epoll_wait"))(epoll, events, most, milliseconds);
}

EXPORTED int epoll_pwait(int epoll, void* events, int most, int milliseconds, const void* signals) {
  static _Atomic(void*) real;
  waits();
  return ((masked_wait_function*)known(&real, "epoll_pwait"))(epoll, events, most, milliseconds, signals);
}
