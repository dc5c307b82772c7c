#include "exports.h"

#include <elf.h>
#include <stddef.h>
#include <sys/auxv.h>

// glibc turns addresses in the dynamic section into absolute ones on most machines; musl and a few others leave them
// relative.
static const void* at(ElfW(Addr) base, ElfW(Addr) address) {
  return (const void*)(address < base ? base + address : address);  // NOLINT(performance-no-int-to-ptr): ELF's own
}

bool argus_read_exports(ElfW(Addr) base, const ElfW(Dyn) * dynamic, struct argus_exports* found) {
  found->symbols = NULL;
  found->strings = NULL;
  found->versions = NULL;
  found->hash = NULL;
  found->base = base;
  for (const ElfW(Dyn)* entry = dynamic; entry->d_tag != DT_NULL; ++entry) {
    const void* address = at(base, entry->d_un.d_ptr);
    if (entry->d_tag == DT_SYMTAB) found->symbols = address;
    if (entry->d_tag == DT_STRTAB) found->strings = address;
    if (entry->d_tag == DT_VERSYM) found->versions = address;
    if (entry->d_tag == DT_GNU_HASH) found->hash = address;
  }
  return found->symbols != NULL && found->strings != NULL && found->hash != NULL;
}

static bool begins(const char* text, const char* beginning) {
  while (*beginning != '\0' && *text == *beginning) ++text, ++beginning;
  return *beginning == '\0';
}

static bool same(const char* one, const char* other) {
  while (*one != '\0' && *one == *other) ++one, ++other;
  return *one == *other;
}

static uint32_t hash_of(const char* name) {
  uint32_t hash = 5381;
  for (; *name != '\0'; ++name) hash = hash * 33 + (unsigned char)*name;
  return hash;
}

void* argus_defined_in(const struct argus_exports* object, const char* name) {
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
        same(object->strings + symbol->st_name, name)) {
      const bool hidden = object->versions != NULL && (object->versions[i] & 0x8000U) != 0;
      if (found == NULL || !hidden)
        found = (void*)(object->base + symbol->st_value);  // NOLINT(performance-no-int-to-ptr)
      if (!hidden) return found;
    }
    if ((hash & 1U) != 0) return found;
  }
}

bool argus_is_the_c_library(const char* path) {
  const char* base = path;
  for (; *path != '\0'; ++path) {
    if (*path == '/') base = path + 1;
  }
  return begins(base, "libc.so") || begins(base, "libdl.so") || begins(base, "ld-musl");
}

// The loader leaves the address of its list in the program's own dynamic section, for debuggers.
const struct link_map* argus_first_object(void) {
  const ElfW(Phdr)* segments = at(0, getauxval(AT_PHDR));
  const size_t count = segments == NULL ? 0 : getauxval(AT_PHNUM);
  ElfW(Addr) base = 0;
  for (size_t i = 0; i < count; ++i) {
    if (segments[i].p_type == PT_PHDR) base = (ElfW(Addr))segments - segments[i].p_vaddr;
  }
  for (size_t i = 0; i < count; ++i) {
    if (segments[i].p_type != PT_DYNAMIC) continue;
    for (const ElfW(Dyn)* entry = at(0, base + segments[i].p_vaddr); entry->d_tag != DT_NULL; ++entry) {
      const struct r_debug* loader = entry->d_tag == DT_DEBUG ? at(0, entry->d_un.d_ptr) : NULL;
      if (loader != NULL) return loader->r_map;
    }
  }
  return NULL;
}
