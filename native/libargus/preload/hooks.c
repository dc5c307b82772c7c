// _GNU_SOURCE comes from the build: RTLD_NEXT.
#include "hooks.h"

#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "process.h"

enum { CALLERS = 32 };

// Which definition a place in the code calls, where that had to be searched for. Filled once, never changed.
struct call_site {
  _Atomic uintptr_t key;
  _Atomic(struct argus_real*) real;
};

static struct call_site call_sites[CALLERS];

#define ROW(name) &argus_hook_##name,
static struct argus_hook* const hooks[] = {ARGUS_EACH_HOOK(ROW)};
#undef ROW

struct argus_hook* argus_hook_named(const char* name) {
  const bool ours = strncmp(name, "gl", 2) == 0 || strncmp(name, "egl", 3) == 0 || strncmp(name, "SDL_", 4) == 0 ||
                    strncmp(name, "vk", 2) == 0;
  if (!ours) return NULL;
  for (size_t i = 0; i < sizeof hooks / sizeof hooks[0]; ++i) {
    if (strcmp(hooks[i]->name, name) == 0) return hooks[i];
  }
  return NULL;
}

// The place that leads to a definition; null where all are taken by others.
static struct argus_real* real_of(struct argus_hook* hook, void* function, void* companion) {
  for (struct argus_real* real = hook->reals; real < hook->reals + ARGUS_ENTRIES; ++real) {
    void* there = NULL;
    if (!atomic_compare_exchange_strong(&real->function, &there, function) && there != function) continue;
    if (companion != NULL) atomic_store(&real->companion, companion);
    return real;
  }
  argus_untracked();
  return NULL;
}

static bool is_an_entry(const struct argus_hook* hook, const void* function) {
  bool found = function == hook->exported;
  for (int i = 0; i < ARGUS_ENTRIES; ++i) found |= function == hook->entries[i];
  return found;
}

void* argus_entry_for(struct argus_hook* hook, void* function, void* companion) {
  if (function == NULL || is_an_entry(hook, function) || !argus_watching()) return function;
  (void)argus_need_cells();  // now, for later the program may be locked in
  const struct argus_real* real = real_of(hook, function, companion);
  return real == NULL ? function : hook->entries[real - hook->reals];
}

// Stands for a function that nothing defines: only a program that asks whether a weak symbol is there can call it.
static intptr_t absent(void) { return 0; }

static struct argus_real* search(struct argus_hook* hook, const void* caller) {
  void* function = argus_next(hook->name);
  if (function != NULL) {
    if (hook->companion != NULL) atomic_store(&hook->linked.companion, argus_next(hook->companion));
    argus_keep(function);
    atomic_store(&hook->linked.function, function);
    return &hook->linked;
  }
  static __thread struct argus_real uncounted __attribute__((tls_model("initial-exec")));
  function = argus_linked(hook->name, caller);
  void* companion = hook->companion == NULL ? NULL : argus_linked(hook->companion, caller);
  struct argus_real* real = function == NULL ? NULL : real_of(hook, function, companion);
  if (real != NULL) {
    argus_keep(function);
    return real;
  }
  atomic_store(&uncounted.function, function == NULL ? (void*)absent : function);
  return &uncounted;
}

struct argus_real* argus_real_for(struct argus_hook* hook, const void* caller) {
  if (atomic_load_explicit(&hook->linked.function, memory_order_acquire) != NULL) return &hook->linked;
  const uintptr_t key = (uintptr_t)caller ^ (uintptr_t)hook;
  struct call_site* site = call_sites;
  for (; site < call_sites + CALLERS; ++site) {
    uintptr_t there = atomic_load_explicit(&site->key, memory_order_relaxed);
    if (there == 0 && atomic_compare_exchange_strong(&site->key, &there, key)) break;
    if (there != key) continue;
    struct argus_real* known = atomic_load_explicit(&site->real, memory_order_acquire);
    if (known != NULL) return known;
    break;
  }
  struct argus_real* real = search(hook, caller);
  const bool stays = real >= hook->reals && real < hook->reals + ARGUS_ENTRIES;
  if (stays && site < call_sites + CALLERS) atomic_store_explicit(&site->real, real, memory_order_release);
  return real;
}

bool argus_links_graphics(void) {
  static const char* const showing[] = {"glXSwapBuffers", "eglSwapBuffers", "SDL_GL_SwapWindow", "vkQueuePresentKHR"};
  for (size_t i = 0; i < sizeof showing / sizeof showing[0]; ++i) {
    if (argus_loaded(showing[i], NULL) != NULL) return true;
  }
  return false;
}

static __attribute__((noinline)) void* look_up(struct argus_hook* hook, void* handle, const void* caller) {
  argus_dlsym* look = argus_real_dlsym();
  void* found = look(handle, hook->name);
  if (found == hook->exported) {  // where everything is searched, ours comes first: it is there if another one is
    if (argus_linked(hook->name, caller) != NULL) return found;
    (void)look(RTLD_NEXT, hook->name);  // so that dlerror says that it is not
    return NULL;
  }
  void* companion = found == NULL || hook->companion == NULL ? NULL : look(handle, hook->companion);
  void* entry = argus_entry_for(hook, found, companion);
  if (found != NULL) (void)look(handle, hook->name);  // dlerror shall tell of the program's look-up, not of ours
  return entry;
}

// The program's dlsym. What dlsym finds with RTLD_NEXT and RTLD_DEFAULT depends on who calls it, so names that are not
// hooked leave by a jump, which keeps the caller's address; a test watches that the compiler makes it one.
__attribute__((visibility("default"))) void* dlsym(void* restrict handle, const char* restrict name) {
  argus_dlsym* look = argus_real_dlsym();
  if (look == NULL) return NULL;
  struct argus_hook* hook = handle == RTLD_NEXT || !argus_watching() ? NULL : argus_hook_named(name);
  if (hook == NULL) return look(handle, name);
  return look_up(hook, handle, __builtin_return_address(0));
}
