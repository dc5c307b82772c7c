// The doubles' functions that the test programs call by name.
#pragma once

#include <stdint.h>

enum {
  GL_TEXTURE_2D = 0x0DE1,
  GL_TEXTURE_CUBE_MAP = 0x8513,
  GL_TEXTURE_CUBE_MAP_POSITIVE_X = 0x8515,
  GL_PROXY_TEXTURE_2D = 0x8064,
  GL_RGBA = 0x1908,
  GL_RGBA8 = 0x8058,
  GL_R8 = 0x8229,
  GL_COMPRESSED_DXT1 = 0x83F1,
  GL_UNSIGNED_BYTE = 0x1401,
};

void glXSwapBuffers(void* display, unsigned long window);
unsigned eglSwapBuffers(void* display, void* surface);
void* glXGetProcAddressARB(const char* name);
void* eglGetProcAddress(const char* name);
void glBindTexture(unsigned target, unsigned texture);
void glGetIntegerv(unsigned name, int* value);
void glTexImage2D(unsigned target, int level, int format, int width, int height, int border, unsigned pixels,
                  unsigned type, const void* data);
void glCompressedTexImage2D(unsigned target, int level, unsigned format, int width, int height, int border, int size,
                            const void* data);
void glTexStorage2D(unsigned target, int levels, unsigned format, int width, int height);
void glGenerateMipmap(unsigned target);
void glDeleteTextures(int count, const unsigned* textures);

// How often the double itself was called to show a frame.
int frames_shown(void);
