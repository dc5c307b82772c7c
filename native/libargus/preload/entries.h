// What makes a hook of a function: `ON(type, name, parameters) { body }` says what happens, with `real` to call
// through, and `HOOK(type, name, companion, parameters, arguments…)` makes the exported function, the entries and the
// row of the table.
//
// The functions' types are written out, for graphics libraries' headers are not always at hand: handles and pointers
// that are only passed on are `void *` or numbers as wide, and a result that SDL 2 has not and SDL 3 has is the
// register it would be in.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "hooks.h"

// How deep this thread is in hooked functions: SDL shows a frame through GLX or EGL, which count only where nobody is
// above.
extern __thread unsigned argus_depth __attribute__((tls_model("initial-exec")));

// NOLINTBEGIN(bugprone-macro-parentheses): types, names and lists of parameters cannot stand in them
#define LIST(...) __VA_ARGS__
#define CALL(name, ...) ((name##_function*)real->function)(__VA_ARGS__)

#define ON(type, name, parameters)         \
  typedef type name##_function parameters; \
  static inline type on_##name(struct argus_real* real, LIST parameters)

#define ENTRY(number, type, name, parameters, ...) \
  static type name##_##number parameters { return on_##name(&argus_hook_##name.reals[number], __VA_ARGS__); }

#define HOOK(type, name, needs, parameters, ...)                                                                      \
  __attribute__((visibility("default"))) type name parameters {                                                       \
    return on_##name(argus_real_for(&argus_hook_##name, __builtin_return_address(0)), __VA_ARGS__);                   \
  }                                                                                                                   \
  ENTRY(0, type, name, parameters, __VA_ARGS__)                                                                       \
  ENTRY(1, type, name, parameters, __VA_ARGS__)                                                                       \
  ENTRY(2, type, name, parameters, __VA_ARGS__)                                                                       \
  ENTRY(3, type, name, parameters, __VA_ARGS__)                                                                       \
  struct argus_hook argus_hook_##name = {                                                                             \
      #name,        needs,         (void*)name, {(void*)name##_0, (void*)name##_1, (void*)name##_2, (void*)name##_3}, \
      {NULL, NULL}, {{NULL, NULL}}};
// NOLINTEND(bugprone-macro-parentheses)
