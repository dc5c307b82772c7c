// _GNU_SOURCE comes from the build: RTLD_NEXT, dl_iterate_phdr.
#include "real.h"

#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "exports.h"

struct search {
  const char* name;
  bool in_the_c_library;  // not just anywhere: others stand in front of dlsym as well
  void* found;
  uintptr_t object;
};

// Where this library begins and ends: the linker's own names.
extern const char __ehdr_start[] __attribute__((visibility("hidden")));  // NOLINT(bugprone-reserved-identifier)
extern const char _end[] __attribute__((visibility("hidden")));          // NOLINT(bugprone-reserved-identifier)

static bool is_ours(const void* address) {
  return (uintptr_t)address >= (uintptr_t)__ehdr_start && (uintptr_t)address < (uintptr_t)_end;
}

static bool look_in(struct search* search, const char* path, ElfW(Addr) base, const ElfW(Dyn) * dynamic) {
  struct argus_exports exports;
  if (search->in_the_c_library && !argus_is_the_c_library(path)) return false;
  if (!argus_read_exports(base, dynamic, &exports)) return false;
  void* found = argus_defined_in(&exports, search->name);
  if (found == NULL || is_ours(found)) return false;
  search->found = found;
  search->object = base;
  return true;
}

static int look_in_object(struct dl_phdr_info* object, size_t size, void* search) {
  (void)size;
  for (size_t i = 0; i < object->dlpi_phnum; ++i) {
    if (object->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    const uintptr_t dynamic = object->dlpi_addr + object->dlpi_phdr[i].p_vaddr;
    // NOLINTNEXTLINE(performance-no-int-to-ptr): ELF's own
    return look_in(search, object->dlpi_name, object->dlpi_addr, (const ElfW(Dyn)*)dynamic);
  }
  return 0;
}

static struct search walk(const char* name, bool in_the_c_library) {
  struct search search = {name, in_the_c_library, NULL, 0};
  dl_iterate_phdr(look_in_object, &search);
  return search;
}

// The first time it is asked for is before anything runs but the loader and those who ask: see exports.h.
argus_dlsym* argus_real_dlsym(void) {
  static _Atomic(argus_dlsym*) real;
  argus_dlsym* known = atomic_load_explicit(&real, memory_order_relaxed);
  if (known != NULL) return known;
  struct search search = {"dlsym", true, NULL, 0};
  const struct link_map* object = argus_first_object();
  while (object != NULL && !look_in(&search, object->l_name, object->l_addr, object->l_ld)) object = object->l_next;
  atomic_store_explicit(&real, (argus_dlsym*)search.found, memory_order_relaxed);
  return (argus_dlsym*)search.found;
}

bool argus_can_look_up(void) { return argus_real_dlsym() != NULL; }

void* argus_loaded(const char* name, uintptr_t* object) {
  const struct search search = walk(name, false);
  if (object != NULL) *object = search.object;
  return search.found;
}

// What failed was our look-up: the program must not find that in its dlerror.
static void forget_error(void) {
  char* (*error)(void) = (char* (*)(void))walk("dlerror", true).found;
  if (error != NULL) (void)error();
}

void* argus_next(const char* name) {
  argus_dlsym* look = argus_real_dlsym();
  void* found = look == NULL ? NULL : look(RTLD_NEXT, name);
  if (found == NULL) forget_error();
  return found;
}

// The library that holds an address, as dlopen gives it; null where there is none. dlopen and its like are looked up as
// well: before glibc 2.34 they live in a library that we do not ask for.
static void* library_at(const void* address, int mode) {
  int (*where)(const void*, Dl_info*) = (int (*)(const void*, Dl_info*))walk("dladdr", true).found;
  void* (*open)(const char*, int) = (void* (*)(const char*, int))walk("dlopen", true).found;
  Dl_info object;
  if (where == NULL || open == NULL || where(address, &object) == 0) return NULL;
  void* handle = open(object.dli_fname, RTLD_LAZY | RTLD_NOLOAD | mode);
  if (handle == NULL) forget_error();
  return handle;
}

static void* linked_to(const char* name, const void* caller) {
  void* handle = library_at(caller, 0);
  void* found = handle == NULL ? NULL : argus_real_dlsym()(handle, name);
  int (*close)(void*) = (int (*)(void*))walk("dlclose", true).found;
  if (handle != NULL && close != NULL) close(handle);  // gives back what opening counted
  if (found == NULL) forget_error();
  return is_ours(found) ? NULL : found;
}

void argus_keep(const void* function) { (void)library_at(function, RTLD_NODELETE); }

void* argus_linked(const char* name, const void* caller) {
  void* found = argus_next(name);
  if (found == NULL) found = linked_to(name, caller);
  if (found == NULL) found = walk(name, false).found;
  return found;
}
