#include "table.h"

#include <string.h>

static uint32_t home_of(const struct argus_table* table, uint64_t key) {
  return (uint32_t)((key * 0x9e3779b97f4a7c15ULL) >> 32) & table->mask;  // Fibonacci hashing: neighbours part
}

// Where the key is, or the free place where it belongs.
static struct argus_entry* place_of(struct argus_table* table, uint64_t key) {
  uint32_t i = home_of(table, key);
  while (table->entries[i].key != 0 && table->entries[i].key != key) i = (i + 1) & table->mask;
  return &table->entries[i];
}

struct argus_entry* argus_find(struct argus_table* table, uint64_t key) {
  struct argus_entry* entry = place_of(table, key);
  return entry->key == 0 ? NULL : entry;
}

struct argus_entry* argus_put(struct argus_table* table, uint64_t key) {
  struct argus_entry* entry = place_of(table, key);
  if (entry->key != 0) return entry;
  if (table->used >= table->mask - table->mask / 4) return NULL;
  ++table->used;
  entry->key = key;
  return entry;
}

void argus_remove(struct argus_table* table, struct argus_entry* entry) {
  uint32_t hole = (uint32_t)(entry - table->entries);
  // Those that follow move up, unless that would take one before its home.
  for (uint32_t i = (hole + 1) & table->mask; table->entries[i].key != 0; i = (i + 1) & table->mask) {
    const uint32_t home = home_of(table, table->entries[i].key);
    if (((i - home) & table->mask) < ((i - hole) & table->mask)) continue;
    table->entries[hole] = table->entries[i];
    hole = i;
  }
  memset(&table->entries[hole], 0, sizeof *entry);
  --table->used;
}

void argus_empty(struct argus_table* table) {
  if (table->used != 0) memset(table->entries, 0, (table->mask + 1UL) * sizeof *table->entries);
  table->used = 0;
}
