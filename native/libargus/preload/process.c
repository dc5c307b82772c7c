#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "heap.h"
#include "hooks.h"
#include "memory.h"
#include "real.h"

enum { FOLDER_BYTES = 3072, PATH_BYTES = 4096 };

// Only glibc has these, and a reference that musl cannot resolve would end the program there: so they may be missing.
extern const char* gnu_get_libc_version(void) __attribute__((weak));
// NOLINTNEXTLINE(bugprone-reserved-identifier): it is glibc's own name
extern int __register_atfork(void (*before)(void), void (*parent)(void), void (*child)(void), void* library)
    __attribute__((weak));

static bool watching;
// As they were at the start: programs change their environment, and write over their names.
static char folder[FOLDER_BYTES];
static char program[ARGUS_PROGRAM_BYTES];
static _Atomic(struct argus_cells*) cells;
static atomic_bool tried;

bool argus_watching(void) { return watching; }

// acquire: who sees the cells sees what they hold.
struct argus_cells* argus_cells(void) {
  return atomic_load_explicit(&cells, memory_order_acquire);
}

void argus_untracked(void) {
  struct argus_cells* own = argus_cells();
  if (own != NULL) atomic_fetch_add_explicit(&own->untracked, 1, memory_order_relaxed);
}

// "pid:[4026531836]" → 4026531836; 0 where it cannot be told.
static uint64_t pid_namespace(void) {
  char text[64];
  const ssize_t length = readlink("/proc/self/ns/pid", text, sizeof text - 1);
  text[length < 0 ? 0 : length] = '\0';
  const char* digits = strchr(text, '[');
  uint64_t number = 0;
  if (digits != NULL) {
    for (++digits; *digits >= '0' && *digits <= '9'; ++digits) number = number * 10 + (uint64_t)(*digits - '0');
  }
  return number;
}

static struct argus_cells* map_file(const char* path) {
  const int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return NULL;
  // Every block now: a store into a hole of a full disk would be a SIGBUS.
  void* mapped = MAP_FAILED;
  if (posix_fallocate(file, 0, sizeof(struct argus_cells)) == 0) {
    mapped = mmap(NULL, sizeof(struct argus_cells), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  }
  if (mapped == MAP_FAILED) unlink(path);
  close(file);
  return mapped == MAP_FAILED ? NULL : mapped;
}

static void make_cells(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  const uint64_t started = (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
  char path[PATH_BYTES];
  snprintf(path, sizeof path, "%s/%d.%016llx.inside", folder, (int)getpid(), (unsigned long long)started);
  struct argus_cells* made = map_file(path);
  if (made == NULL) return;
  made->version = ARGUS_CELLS_VERSION;
  made->bytes = sizeof *made;
  made->started = started;
  made->pid = (int32_t)getpid();
  made->heap_known = argus_heap_known() ? 1 : 0;
  made->pid_namespace = pid_namespace();
  memcpy(made->program, program, sizeof program);
  // release, twice: the parent that sees the magic, and the thread that sees the pointer, see the rest.
  atomic_store_explicit(&made->magic, ARGUS_CELLS_MAGIC, memory_order_release);
  atomic_store_explicit(&cells, made, memory_order_release);
}

struct argus_cells* argus_need_cells(void) {
  if (!watching) return NULL;
  struct argus_cells* own = argus_cells();
  if (own != NULL || atomic_load_explicit(&tried, memory_order_relaxed)) return own;
  if (atomic_exchange(&tried, true)) return NULL;  // another thread is at it
  const int kept = errno;
  make_cells();
  errno = kept;
  return argus_cells();
}

// The mapping is the parent's, and so are its totals: a child that draws makes a file of its own, one that execs or
// computes makes none. (Its heap is its parent's too, copied on write.)
static void begin_again(void) {
  atomic_store(&cells, NULL);
  atomic_store(&tried, false);
  argus_forget_heap();
  argus_forget_memory();
}

__attribute__((constructor)) static void begin(void) {
  const char* given = getenv("ARGUS_RUN_DIR");  // NOLINT(concurrency-mt-unsafe): there is one thread yet
  if (given == NULL || given[0] != '/' || strlen(given) >= sizeof folder) return;
  if (gnu_get_libc_version == NULL || __register_atfork == NULL || !argus_can_look_up()) return;
  memcpy(folder, given, strlen(given) + 1);
  memcpy(program, program_invocation_short_name, strnlen(program_invocation_short_name, sizeof program - 1));
  if (__register_atfork(NULL, NULL, begin_again, NULL) != 0) return;
  argus_prepare_heap();
  watching = true;
  // Now, before the program may lock itself in; a program that loads its graphics later makes them when it asks for
  // them.
  if (argus_links_graphics()) argus_need_cells();
}
