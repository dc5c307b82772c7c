// Hooks: functions of graphics libraries that ours stand in front of, whichever way the program comes by them.
//
// Called by name, a program's call lands in the exported function, for a preloaded library comes first. Asked for as a
// pointer (dlsym, glXGetProcAddress …) it gets one of the hook's entries: one for each definition, for a process may
// hold several libraries with the same names (a browser's own EGL stands on the system's), and each has to be called
// through.
#pragma once

#include <stdbool.h>

#include "real.h"

enum { ARGUS_ENTRIES = 4 };

struct argus_hook {
  const char* name;
  const char* companion;  // a function of the same library that the hook needs; null: none
  void* exported;
  void* entries[ARGUS_ENTRIES];
  struct argus_real linked;                // where the exported one goes, if the linker's global order tells
  struct argus_real reals[ARGUS_ENTRIES];  // where each entry goes
};

// The hook of a name, null for other names.
struct argus_hook* argus_hook_named(const char* name);

// What to give a program that asked for a hooked function and would have got `function`: an entry that calls it.
void* argus_entry_for(struct argus_hook* hook, void* function, void* companion);

// Where the exported function has to go for the code at `caller`.
struct argus_real* argus_real_for(struct argus_hook* hook, const void* caller);

// Whether the program is linked with a library that shows frames; before its first line.
bool argus_links_graphics(void);

// Every hook, by its name.
#define ARGUS_EACH_HOOK(each)                                                                                         \
  each(glXSwapBuffers) each(glXSwapBuffersMscOML) each(eglSwapBuffers) each(eglSwapBuffersWithDamageKHR)              \
      each(eglSwapBuffersWithDamageEXT) each(SDL_GL_SwapWindow) each(SDL_RenderPresent) each(SDL_UpdateWindowSurface) \
          each(SDL_UpdateWindowSurfaceRects) each(vkQueuePresentKHR) each(glTexImage1D) each(glTexImage2D)            \
              each(glTexImage3D) each(glTexImage2DMultisample) each(glTexImage3DMultisample)                          \
                  each(glCompressedTexImage2D) each(glCompressedTexImage3D) each(glCopyTexImage2D)                    \
                      each(glTexStorage1D) each(glTexStorage2D) each(glTexStorage3D) each(glTexStorage2DMultisample)  \
                          each(glTexStorage3DMultisample) each(glTextureStorage1D) each(glTextureStorage2D)           \
                              each(glTextureStorage3D) each(glGenerateMipmap) each(glGenerateTextureMipmap)           \
                                  each(glDeleteTextures) each(vkAllocateMemory) each(vkFreeMemory)                    \
                                      each(glXGetProcAddress) each(glXGetProcAddressARB) each(eglGetProcAddress)      \
                                          each(vkGetInstanceProcAddr) each(vkGetDeviceProcAddr)

#define ARGUS_DECLARE_HOOK(name) extern struct argus_hook argus_hook_##name;
ARGUS_EACH_HOOK(ARGUS_DECLARE_HOOK)
#undef ARGUS_DECLARE_HOOK
