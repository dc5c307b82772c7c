// What the graphics card holds for the program, by what the program asked for.
//
// A texture is its largest level (level 0) times its faces, and a third more where it has smaller levels; a texel takes
// what its internal format says (formats.c), three bytes count as four, and a format that is not known as four bytes.
// What a driver aligns, compresses or keeps twice is not seen, nor is what dies with its context. Names of textures are
// taken to be one process's: contexts that share nothing may use a name twice, and count once. Vulkan's allocations are
// exact.
#pragma once

#include <stdint.h>

typedef void argus_get_integer(unsigned name, int* value);

// One level of the texture that is bound to `target` was defined; `texels` of all its layers and samples. `bytes`,
// where not 0, is what the program says itself (compressed images).
void argus_texture_level(argus_get_integer* get, unsigned target, int level, unsigned format, int64_t texels,
                         int64_t bytes);

// Storage for all levels of a texture: the one that is bound to `target`, or one given by name.
void argus_texture_storage(argus_get_integer* get, unsigned target, int levels, unsigned format, int64_t texels);
void argus_named_storage(unsigned name, int levels, unsigned format, int64_t texels, int faces);

void argus_texture_mipmaps(argus_get_integer* get, unsigned target);
void argus_named_mipmaps(unsigned name);
void argus_textures_deleted(int count, const unsigned* names);

void argus_device_memory(const void* device, uint64_t memory, uint64_t bytes);
void argus_device_memory_freed(const void* device, uint64_t memory);

// In a forked child, which has none of it.
void argus_forget_memory(void);

// Bits that a texel of an internal format takes.
double argus_texel_bits(unsigned format);
