// Frames: when each window showed one, and how long after the one before.
#pragma once

#include <stdint.h>

// A frame is about to be shown by OpenGL or by SDL: from now on, Vulkan's frames are the driver's way of presenting
// these.
void argus_frame_begins(void);

// A frame was shown in `window`. Any thread. One record into the histogram; nothing is allocated, locked or called but
// a clock.
void argus_frame_shown(uintptr_t window);

// The same for a frame of Vulkan, which is not counted in a program that draws with OpenGL.
void argus_vulkan_frame_shown(uintptr_t window);
