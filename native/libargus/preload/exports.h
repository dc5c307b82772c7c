// The functions that a loaded object defines, read from its own tables.
//
// Nothing in here calls another function: a sanitizer asks dlsym, and so us, for the functions it stands in front of,
// while the ones that it has (even strcmp) lead nowhere yet.
#pragma once

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

// What an object exports, as its dynamic section tells.
struct argus_exports {
  const ElfW(Sym) * symbols;
  const char* strings;
  const ElfW(Versym) * versions;
  const uint32_t* hash;  // DT_GNU_HASH, which every glibc and every library of this century has
  ElfW(Addr) base;
};

// Whether the object at `base`, with this dynamic section, exports anything.
bool argus_read_exports(ElfW(Addr) base, const ElfW(Dyn) * dynamic, struct argus_exports* found);

// A function that the object defines under this name, in its default version where it has several; null: none.
void* argus_defined_in(const struct argus_exports* object, const char* name);

// Whether a path is that of the C library, or of the part of it that dlsym was in before glibc 2.34.
bool argus_is_the_c_library(const char* path);

// The objects that the program was started with, as the loader lists them; null where it cannot be told. To be walked
// only while there is one thread: the list has a lock, which is the loader's.
const struct link_map* argus_first_object(void);
