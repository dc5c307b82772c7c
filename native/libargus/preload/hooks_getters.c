// Functions that give functions: for a hooked name they give its entry.
#include "entries.h"

#define GIVES(name)                                                                                    \
  ON(void*, name, (const char* wanted)) {                                                              \
    void* found = CALL(name, wanted);                                                                  \
    struct argus_hook* hook = wanted == NULL ? NULL : argus_hook_named(wanted);                        \
    if (hook == NULL) return found;                                                                    \
    return argus_entry_for(hook, found, hook->companion == NULL ? NULL : CALL(name, hook->companion)); \
  }                                                                                                    \
  HOOK(void*, name, NULL, (const char* wanted), wanted)

GIVES(glXGetProcAddress)
GIVES(glXGetProcAddressARB)
GIVES(eglGetProcAddress)

// An instance's or a device's; none of Vulkan's hooks has a companion.
#define GIVES_OF(name)                                                          \
  ON(void*, name, (void* owner, const char* wanted)) {                          \
    void* found = CALL(name, owner, wanted);                                    \
    struct argus_hook* hook = wanted == NULL ? NULL : argus_hook_named(wanted); \
    return hook == NULL ? found : argus_entry_for(hook, found, NULL);           \
  }                                                                             \
  HOOK(void*, name, NULL, (void* owner, const char* wanted), owner, wanted)

GIVES_OF(vkGetInstanceProcAddr)
GIVES_OF(vkGetDeviceProcAddr)
