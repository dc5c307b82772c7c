#include "memory.h"

#include <pthread.h>
#include <stddef.h>

#include "process.h"
#include "table.h"

enum { TEXTURES = 1 << 14, ALLOCATIONS = 1 << 13, FIRST_FACE = 0x8515, LAST_FACE = 0x851A };

static struct argus_entry texture_entries[TEXTURES];
static struct argus_entry allocation_entries[ALLOCATIONS];
static struct argus_table textures = {texture_entries, TEXTURES - 1, 0};
static struct argus_table allocations = {allocation_entries, ALLOCATIONS - 1, 0};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;  // of both tables; never held while we call anything of others

// What to ask glGetIntegerv for the texture bound to a target; 0 for proxies, which take no memory.
static unsigned binding_of(unsigned target) {
  switch (target) {
    case 0x0DE0: return 0x8068;  // GL_TEXTURE_1D
    case 0x0DE1: return 0x8069;  // GL_TEXTURE_2D
    case 0x806F: return 0x806A;  // GL_TEXTURE_3D
    case 0x84F5: return 0x84F6;  // GL_TEXTURE_RECTANGLE
    case 0x8513: return 0x8514;  // GL_TEXTURE_CUBE_MAP
    case 0x8C18: return 0x8C1C;  // GL_TEXTURE_1D_ARRAY
    case 0x8C1A: return 0x8C1D;  // GL_TEXTURE_2D_ARRAY
    case 0x9009: return 0x900A;  // GL_TEXTURE_CUBE_MAP_ARRAY
    case 0x9100: return 0x9104;  // GL_TEXTURE_2D_MULTISAMPLE
    case 0x9102: return 0x9105;  // GL_TEXTURE_2D_MULTISAMPLE_ARRAY
    default: return target >= FIRST_FACE && target <= LAST_FACE ? 0x8514 : 0;
  }
}

static unsigned bound_to(argus_get_integer* get, unsigned target) {
  const unsigned binding = binding_of(target);
  int texture = 0;
  if (get != NULL && binding != 0) get(binding, &texture);
  return (unsigned)texture;  // 0, the texture that nobody made, is not followed
}

// Sets what a texture takes, and adds the difference to the total. The caller holds the lock.
static void weigh(struct argus_cells* own, struct argus_entry* texture) {
  int64_t bytes = texture->level_bytes * __builtin_popcount(texture->faces);
  if (texture->has_levels) bytes += bytes / 3;
  atomic_fetch_add_explicit(&own->texture_bytes, bytes - texture->bytes, memory_order_relaxed);
  texture->bytes = bytes;
}

// The entry of a texture with the lock held; null, and no lock, where nothing is to be counted.
static struct argus_entry* begin(const struct argus_cells* own, unsigned texture) {
  if (own == NULL || texture == 0) return NULL;
  pthread_mutex_lock(&lock);
  struct argus_entry* entry = argus_put(&textures, texture);
  if (entry != NULL) return entry;
  pthread_mutex_unlock(&lock);
  argus_untracked();
  return NULL;
}

static int64_t bytes_of(unsigned format, int64_t texels) {
  return texels <= 0 ? 0 : (int64_t)((double)texels * argus_texel_bits(format) / 8.0);
}

void argus_texture_level(argus_get_integer* get, unsigned target, int level, unsigned format, int64_t texels,
                         int64_t bytes) {
  struct argus_cells* own = argus_need_cells();
  struct argus_entry* texture = begin(own, own == NULL ? 0 : bound_to(get, target));
  if (texture == NULL) return;
  if (level == 0) {
    const unsigned face = target >= FIRST_FACE && target <= LAST_FACE ? target - FIRST_FACE : 0;
    texture->level_bytes = bytes > 0 ? bytes : bytes_of(format, texels);
    texture->faces |= (uint8_t)(1U << face);
  } else {
    texture->has_levels = 1;
  }
  weigh(own, texture);
  pthread_mutex_unlock(&lock);
}

void argus_named_storage(unsigned name, int levels, unsigned format, int64_t texels, int faces) {
  struct argus_cells* own = argus_need_cells();
  struct argus_entry* texture = begin(own, name);
  if (texture == NULL) return;
  texture->level_bytes = bytes_of(format, texels);
  texture->faces = (uint8_t)((1U << faces) - 1);
  texture->has_levels = levels > 1;
  weigh(own, texture);
  pthread_mutex_unlock(&lock);
}

void argus_texture_storage(argus_get_integer* get, unsigned target, int levels, unsigned format, int64_t texels) {
  const int faces = target == 0x8513 ? 6 : 1;
  if (argus_need_cells() != NULL) argus_named_storage(bound_to(get, target), levels, format, texels, faces);
}

void argus_named_mipmaps(unsigned name) {
  struct argus_cells* own = argus_cells();
  struct argus_entry* texture = begin(own, name);
  if (texture == NULL) return;
  texture->has_levels = 1;
  weigh(own, texture);
  pthread_mutex_unlock(&lock);
}

void argus_texture_mipmaps(argus_get_integer* get, unsigned target) {
  if (argus_cells() != NULL) argus_named_mipmaps(bound_to(get, target));
}

// Takes an entry out of its table and its bytes off the total.
static void drop(struct argus_table* table, _Atomic int64_t* total, uint64_t key) {
  pthread_mutex_lock(&lock);
  struct argus_entry* entry = argus_find(table, key);
  if (entry != NULL) {
    atomic_fetch_sub_explicit(total, entry->bytes, memory_order_relaxed);
    argus_remove(table, entry);
  }
  pthread_mutex_unlock(&lock);
}

void argus_textures_deleted(int count, const unsigned* names) {
  struct argus_cells* own = argus_cells();
  if (own == NULL || names == NULL) return;
  for (int i = 0; i < count; ++i) {
    if (names[i] != 0) drop(&textures, &own->texture_bytes, names[i]);
  }
}

// Handles of two devices may be the same number.
static uint64_t allocation_key(const void* device, uint64_t memory) {
  const uint64_t key = memory ^ ((uint64_t)(uintptr_t)device * 0x9e3779b97f4a7c15ULL);
  return key == 0 ? 1 : key;
}

void argus_device_memory(const void* device, uint64_t memory, uint64_t bytes) {
  struct argus_cells* own = argus_need_cells();
  if (own == NULL) return;
  pthread_mutex_lock(&lock);
  struct argus_entry* entry = argus_put(&allocations, allocation_key(device, memory));
  if (entry != NULL) {
    atomic_fetch_add_explicit(&own->graphics_bytes, (int64_t)bytes - entry->bytes, memory_order_relaxed);
    entry->bytes = (int64_t)bytes;
  }
  pthread_mutex_unlock(&lock);
  if (entry == NULL) argus_untracked();
}

void argus_device_memory_freed(const void* device, uint64_t memory) {
  struct argus_cells* own = argus_cells();
  if (own != NULL && memory != 0) drop(&allocations, &own->graphics_bytes, allocation_key(device, memory));
}

void argus_forget_memory(void) {
  pthread_mutex_init(&lock, NULL);  // another thread of the parent may have held it
  argus_empty(&textures);
  argus_empty(&allocations);
}
