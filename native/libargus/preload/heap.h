// How much of the heap the program uses, by its allocator's own statistics. Walking them takes locks and time, so it is
// done when the parent asks, by a thread of the program that has just shown a frame or is about to wait for events:
// places where no allocation is under way, as a signal handler or `exit` might be.
#pragma once

#include <stdbool.h>

#include "cells.h"

// Finds the allocator; before the program's first line.
void argus_prepare_heap(void);

// Whether the allocator is one that tells.
bool argus_heap_known(void);

// A forked child answers no more for the heap that it shares with its parent.
void argus_forget_heap(void);

void argus_answer_heap(struct argus_cells* own);

// Answers the parent where it has asked.
static inline void argus_look_at_heap(struct argus_cells* own) {
  if (atomic_load_explicit(&own->heap_asked, memory_order_relaxed) !=
      atomic_load_explicit(&own->heap_answered, memory_order_relaxed)) {
    argus_answer_heap(own);
  }
}
