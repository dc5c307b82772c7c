// Functions that take or give back memory of the graphics card: counted by the outermost of them.
#include "entries.h"
#include "memory.h"

#define GET_INTEGER ((argus_get_integer*)real->companion)

#define TAKES(name, parameters, account, ...) \
  ON(void, name, parameters) {                \
    ++argus_depth;                            \
    CALL(name, __VA_ARGS__);                  \
    if (--argus_depth == 0) (account);        \
  }                                           \
  HOOK(void, name, "glGetIntegerv", parameters, __VA_ARGS__)

// One level of the texture bound to `target`.
#define LEVEL(level, format, texels) argus_texture_level(GET_INTEGER, target, level, (unsigned)(format), texels, 0)
#define COMPRESSED argus_texture_level(GET_INTEGER, target, level, format, 0, size)
// All levels of it, or of one given by name.
#define STORAGE(levels, texels) argus_texture_storage(GET_INTEGER, target, levels, format, texels)
#define NAMED(texels) argus_named_storage(texture, levels, format, texels, 1)
#define PLANE ((int64_t)width * height)

TAKES(glTexImage1D,
      (unsigned target, int level, int format, int width, int border, unsigned pixels, unsigned type, const void* data),
      LEVEL(level, format, width), target, level, format, width, border, pixels, type, data)
TAKES(glTexImage2D,
      (unsigned target, int level, int format, int width, int height, int border, unsigned pixels, unsigned type,
       const void* data),
      LEVEL(level, format, PLANE), target, level, format, width, height, border, pixels, type, data)
TAKES(glTexImage3D,
      (unsigned target, int level, int format, int width, int height, int layers, int border, unsigned pixels,
       unsigned type, const void* data),
      LEVEL(level, format, PLANE* layers), target, level, format, width, height, layers, border, pixels, type, data)
TAKES(glTexImage2DMultisample,
      (unsigned target, int samples, unsigned format, int width, int height, unsigned char fixed),
      LEVEL(0, format, PLANE* samples), target, samples, format, width, height, fixed)
TAKES(glTexImage3DMultisample,
      (unsigned target, int samples, unsigned format, int width, int height, int layers, unsigned char fixed),
      LEVEL(0, format, PLANE* layers* samples), target, samples, format, width, height, layers, fixed)
TAKES(glCompressedTexImage2D,
      (unsigned target, int level, unsigned format, int width, int height, int border, int size, const void* data),
      COMPRESSED, target, level, format, width, height, border, size, data)
TAKES(glCompressedTexImage3D,
      (unsigned target, int level, unsigned format, int width, int height, int layers, int border, int size,
       const void* data),
      COMPRESSED, target, level, format, width, height, layers, border, size, data)
TAKES(glCopyTexImage2D, (unsigned target, int level, unsigned format, int x, int y, int width, int height, int border),
      LEVEL(level, format, PLANE), target, level, format, x, y, width, height, border)

TAKES(glTexStorage1D, (unsigned target, int levels, unsigned format, int width), STORAGE(levels, width), target, levels,
      format, width)
TAKES(glTexStorage2D, (unsigned target, int levels, unsigned format, int width, int height), STORAGE(levels, PLANE),
      target, levels, format, width, height)
TAKES(glTexStorage3D, (unsigned target, int levels, unsigned format, int width, int height, int layers),
      STORAGE(levels, PLANE* layers), target, levels, format, width, height, layers)
TAKES(glTexStorage2DMultisample,
      (unsigned target, int samples, unsigned format, int width, int height, unsigned char fixed),
      STORAGE(1, PLANE* samples), target, samples, format, width, height, fixed)
TAKES(glTexStorage3DMultisample,
      (unsigned target, int samples, unsigned format, int width, int height, int layers, unsigned char fixed),
      STORAGE(1, PLANE* layers* samples), target, samples, format, width, height, layers, fixed)
TAKES(glTextureStorage1D, (unsigned texture, int levels, unsigned format, int width), NAMED(width), texture, levels,
      format, width)
TAKES(glTextureStorage2D, (unsigned texture, int levels, unsigned format, int width, int height), NAMED(PLANE), texture,
      levels, format, width, height)
TAKES(glTextureStorage3D, (unsigned texture, int levels, unsigned format, int width, int height, int layers),
      NAMED(PLANE* layers), texture, levels, format, width, height, layers)

TAKES(glGenerateMipmap, (unsigned target), argus_texture_mipmaps(GET_INTEGER, target), target)
TAKES(glGenerateTextureMipmap, (unsigned texture), argus_named_mipmaps(texture), texture)

ON(void, glDeleteTextures, (int count, const unsigned* textures)) {
  ++argus_depth;
  if (argus_depth == 1) argus_textures_deleted(count, textures);  // before another thread may be given their names
  CALL(glDeleteTextures, count, textures);
  --argus_depth;
}
HOOK(void, glDeleteTextures, NULL, (int count, const unsigned* textures), count, textures)

// VkMemoryAllocateInfo.
struct allocate_info {
  uint32_t type;
  const void* next;
  uint64_t bytes;
};

ON(int, vkAllocateMemory, (void* device, const struct allocate_info* info, const void* how, uint64_t* memory)) {
  ++argus_depth;
  const int result = CALL(vkAllocateMemory, device, info, how, memory);
  if (--argus_depth == 0 && result == 0) argus_device_memory(device, *memory, info->bytes);
  return result;
}
HOOK(int, vkAllocateMemory, NULL, (void* device, const struct allocate_info* info, const void* how, uint64_t* memory),
     device, info, how, memory)

ON(void, vkFreeMemory, (void* device, uint64_t memory, const void* how)) {
  ++argus_depth;
  if (argus_depth == 1) argus_device_memory_freed(device, memory);  // see above
  CALL(vkFreeMemory, device, memory, how);
  --argus_depth;
}
HOOK(void, vkFreeMemory, NULL, (void* device, uint64_t memory, const void* how), device, memory, how)
