// A table of fixed size from a number to what is held under it: open addressing, and no grave stays where something is
// removed. Not safe by itself: the caller holds a lock.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct argus_entry {
  uint64_t key;  // 0: free
  int64_t bytes;
  int64_t level_bytes;  // of a texture: one face of its largest level
  uint8_t faces;        // a bit for each that was defined
  uint8_t has_levels;   // smaller levels than the largest
};

struct argus_table {
  struct argus_entry* entries;
  uint32_t mask;  // number of entries, a power of two, less one
  uint32_t used;
};

// What is held under a key; null where nothing is. `key` is not 0.
struct argus_entry* argus_find(struct argus_table* table, uint64_t key);

// The same, made where it is new; null where the table is three quarters full.
struct argus_entry* argus_put(struct argus_table* table, uint64_t key);

void argus_remove(struct argus_table* table, struct argus_entry* entry);
void argus_empty(struct argus_table* table);
