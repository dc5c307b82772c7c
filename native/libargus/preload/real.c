// _GNU_SOURCE comes from the build: RTLD_NEXT, dl_iterate_phdr.
#include "real.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// What an object exports, as its dynamic section tells.
struct exports {
  const ElfW(Sym) * symbols;
  const char* strings;
  const ElfW(Versym) * versions;
  const uint32_t* hash;  // DT_GNU_HASH, which every glibc and every library of this century has
  ElfW(Addr) base;
};

// glibc turns addresses in the dynamic section into absolute ones on most machines; musl and a few others leave them
// relative.
static const void* at(ElfW(Addr) base, ElfW(Addr) address) {
  return (const void*)(address < base ? base + address : address);  // NOLINT(performance-no-int-to-ptr): ELF's own
}

static bool read_exports(const struct dl_phdr_info* object, struct exports* found) {
  memset(found, 0, sizeof *found);
  found->base = object->dlpi_addr;
  for (size_t i = 0; i < object->dlpi_phnum; ++i) {
    if (object->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    const ElfW(Dyn)* entry = at(0, found->base + object->dlpi_phdr[i].p_vaddr);
    for (; entry->d_tag != DT_NULL; ++entry) {
      const void* address = at(found->base, entry->d_un.d_ptr);
      if (entry->d_tag == DT_SYMTAB) found->symbols = address;
      if (entry->d_tag == DT_STRTAB) found->strings = address;
      if (entry->d_tag == DT_VERSYM) found->versions = address;
      if (entry->d_tag == DT_GNU_HASH) found->hash = address;
    }
  }
  return found->symbols != NULL && found->strings != NULL && found->hash != NULL;
}

static uint32_t hash_of(const char* name) {
  uint32_t hash = 5381;
  for (; *name != '\0'; ++name) hash = hash * 33 + (unsigned char)*name;
  return hash;
}

// A function that the object defines under this name, in its default version where it has several.
static void* defined_in(const struct exports* object, const char* name) {
  const uint32_t buckets = object->hash[0];
  const uint32_t first = object->hash[1];
  const uint32_t bloom_words = object->hash[2];
  const uint32_t* bucket = object->hash + 4 + bloom_words * (sizeof(ElfW(Addr)) / sizeof(uint32_t));
  const uint32_t* chain = bucket + buckets;
  const uint32_t wanted = hash_of(name);
  void* found = NULL;
  uint32_t i = buckets == 0 ? 0 : bucket[wanted % buckets];
  if (i < first) return NULL;
  for (;; ++i) {
    const uint32_t hash = chain[i - first];
    const ElfW(Sym)* symbol = &object->symbols[i];
    if ((hash | 1U) == (wanted | 1U) && symbol->st_shndx != SHN_UNDEF && ELF64_ST_TYPE(symbol->st_info) == STT_FUNC &&
        strcmp(object->strings + symbol->st_name, name) == 0) {
      const bool hidden = object->versions != NULL && (object->versions[i] & 0x8000U) != 0;
      if (found == NULL || !hidden)
        found = (void*)(object->base + symbol->st_value);  // NOLINT(performance-no-int-to-ptr)
      if (!hidden) return found;
    }
    if ((hash & 1U) != 0) return found;
  }
}

struct search {
  const char* name;
  bool in_the_c_library;  // not just anywhere: others stand in front of dlsym as well
  void* found;
  uintptr_t object;
};

static bool is_the_c_library(const char* path) {
  const char* slash = strrchr(path, '/');
  const char* base = slash == NULL ? path : slash + 1;
  return strncmp(base, "libc.so", 7) == 0 || strncmp(base, "libdl.so", 8) == 0 || strncmp(base, "ld-musl", 7) == 0;
}

// Where this library begins and ends: the linker's own names.
extern const char __ehdr_start[] __attribute__((visibility("hidden")));  // NOLINT(bugprone-reserved-identifier)
extern const char _end[] __attribute__((visibility("hidden")));          // NOLINT(bugprone-reserved-identifier)

static bool is_ours(const void* address) {
  return (uintptr_t)address >= (uintptr_t)__ehdr_start && (uintptr_t)address < (uintptr_t)_end;
}

static int look_in(struct dl_phdr_info* object, size_t size, void* data) {
  (void)size;
  struct search* search = data;
  struct exports exports;
  if (search->in_the_c_library && !is_the_c_library(object->dlpi_name)) return 0;
  if (!read_exports(object, &exports)) return 0;
  void* found = defined_in(&exports, search->name);
  if (found == NULL || is_ours(found)) return 0;
  search->found = found;
  search->object = object->dlpi_addr;
  return 1;
}

static struct search walk(const char* name, bool in_the_c_library) {
  struct search search = {name, in_the_c_library, NULL, 0};
  dl_iterate_phdr(look_in, &search);
  return search;
}

argus_dlsym* argus_real_dlsym(void) {
  static _Atomic(argus_dlsym*) real;
  argus_dlsym* known = atomic_load_explicit(&real, memory_order_relaxed);
  if (known == NULL) {
    known = (argus_dlsym*)walk("dlsym", true).found;
    atomic_store_explicit(&real, known, memory_order_relaxed);
  }
  return known;
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
