// Where the preloaded library counts a frame time, as a function that Python calls.
#include "cells.h"

uint32_t bin_of(uint64_t nanoseconds);
uint32_t bin_of(uint64_t nanoseconds) { return ARGUS_FIRST_BIN + argus_bin_of(nanoseconds); }
