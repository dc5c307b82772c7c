// The functions that ours stand in front of, found as the program would have found them without us.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct argus_real {
  _Atomic(void*) function;   // what to call
  _Atomic(void*) companion;  // glGetIntegerv of the same library, for hooks that need it; null: none, or not yet
};

// dlsym itself. Ours is in front of it, so it is found by walking the loaded objects; null only where nothing defines
// it.
typedef void* argus_dlsym(void* handle, const char* name);
argus_dlsym* argus_real_dlsym(void);

// Whether functions can be looked up here at all.
bool argus_can_look_up(void);

// The first definition among the loaded objects; before the program's first line these are the ones it is linked with,
// in the order that the linker searches. `object`, where given, tells which one it is. Leaves dlerror alone.
void* argus_loaded(const char* name, uintptr_t* object);

// The next definition of `name` after ours in the order that the linker searches; null where there is none.
void* argus_next(const char* name);

// Keeps the library that holds a function loaded for good: we remember where a call by name goes, and that shall not go
// away. (A pointer that a program asked for is its own to throw away.)
void argus_keep(const void* function);

// The definition that code at `caller` is linked with. It may be in no global scope: a plug-in's own copy of SDL is
// not. Where the caller was left by a tail call, so that its address tells nothing, the first loaded library that
// defines it.
void* argus_linked(const char* name, const void* caller);
