#include "heap.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

#include "real.h"

// glibc's struct mallinfo2, since 2.33: declared here, for the headers at hand may be older.
struct heap_statistics {
  size_t arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost;
};

typedef struct heap_statistics glibc_statistics(void);
typedef int jemalloc_control(const char* name, void* old, size_t* old_size, void* new, size_t new_size);
typedef int tcmalloc_property(const char* name, size_t* value);

static glibc_statistics* glibc;
static jemalloc_control* jemalloc;
static tcmalloc_property* tcmalloc;
static atomic_flag answering = ATOMIC_FLAG_INIT;

// A statistics function, if it belongs to the allocator that the program allocates with.
static void* of_allocator(const char* name, uintptr_t allocator) {
  uintptr_t object = 0;
  void* found = argus_loaded(name, &object);
  return object == allocator ? found : NULL;
}

void argus_prepare_heap(void) {
  // An interpreter of Python has its objects elsewhere, and speaks for itself.
  if (argus_loaded("Py_BytesMain", NULL) != NULL) return;
  uintptr_t allocator = 0;
  if (argus_loaded("malloc", &allocator) == NULL) return;
  glibc = (glibc_statistics*)of_allocator("mallinfo2", allocator);
  jemalloc = (jemalloc_control*)of_allocator("mallctl", allocator);
  tcmalloc = (tcmalloc_property*)of_allocator("MallocExtension_GetNumericProperty", allocator);
}

bool argus_heap_known(void) { return glibc != NULL || jemalloc != NULL || tcmalloc != NULL; }

void argus_forget_heap(void) {
  glibc = NULL;
  jemalloc = NULL;
  tcmalloc = NULL;
}

// Bytes that the program holds.
static uint64_t heap_bytes(void) {
  size_t bytes = 0;
  if (jemalloc != NULL) {
    uint64_t epoch = 1;  // any number makes it add up anew
    size_t size = sizeof bytes;
    jemalloc("epoch", NULL, NULL, &epoch, sizeof epoch);
    if (jemalloc("stats.allocated", &bytes, &size, NULL, 0) != 0) bytes = 0;
  } else if (tcmalloc != NULL) {
    if (tcmalloc("generic.current_allocated_bytes", &bytes) == 0) bytes = 0;
  } else if (glibc != NULL) {
    const struct heap_statistics now = glibc();
    bytes = now.uordblks + now.hblkhd;
  }
  return bytes;
}

static uint64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

void argus_answer_heap(struct argus_cells* own) {
  if (!argus_heap_known() || atomic_flag_test_and_set(&answering)) return;
  const int kept = errno;
  const uint32_t question = atomic_load_explicit(&own->heap_asked, memory_order_relaxed);
  const uint64_t began = nanoseconds();
  atomic_store_explicit(&own->heap_bytes, heap_bytes(), memory_order_relaxed);
  atomic_store_explicit(&own->heap_nanoseconds, nanoseconds() - began, memory_order_relaxed);
  // release: who sees the answer's number sees the answer.
  atomic_store_explicit(&own->heap_answered, question, memory_order_release);
  atomic_flag_clear(&answering);
  errno = kept;
}
