// This process as the parent sees it: its cells, made when the program first shows that it has frames or an event loop.
#pragma once

#include <stdbool.h>

#include "cells.h"

// Whether `argus run` watches this process; decided before the program's first line. Where not, every hook only calls
// through.
bool argus_watching(void);

// The cells, null while there are none. Any thread. After a fork the child has none until it makes its own.
struct argus_cells* argus_cells(void);

// The cells, made where that was not tried yet in this process: the only system calls we make, and none later. Null
// where the run folder is gone, full or out of reach; the parent says so, not we.
struct argus_cells* argus_need_cells(void);

// Counts something that found no room in our tables.
void argus_untracked(void);
