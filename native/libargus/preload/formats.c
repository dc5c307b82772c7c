// What a texel of each internal format takes, in bits. The numbers are OpenGL's; whole bytes of three count as four, as
// cards store them. Unsized formats (GL_RGBA and so on) are what drivers choose for them: eight bits a channel.
#include <stddef.h>

#include "memory.h"

struct format {
  unsigned first, last;  // a range of numbers
  double bits;
};

// Ascending by number.
static const struct format formats[] = {
    {0x0001, 0x0001, 8},    // 1: luminance
    {0x0002, 0x0002, 16},   // 2: luminance and alpha
    {0x0003, 0x0004, 32},   // 3, 4: RGB, RGBA
    {0x1902, 0x1902, 32},   // DEPTH_COMPONENT
    {0x1903, 0x1906, 8},    // RED, GREEN, BLUE, ALPHA
    {0x1907, 0x1908, 32},   // RGB, RGBA
    {0x1909, 0x1909, 8},    // LUMINANCE
    {0x190A, 0x190A, 16},   // LUMINANCE_ALPHA
    {0x2A10, 0x2A10, 8},    // R3_G3_B2
    {0x803C, 0x803C, 8},    // ALPHA8
    {0x803E, 0x803E, 16},   // ALPHA16
    {0x8040, 0x8040, 8},    // LUMINANCE8
    {0x8042, 0x8042, 16},   // LUMINANCE16
    {0x8045, 0x8045, 16},   // LUMINANCE8_ALPHA8
    {0x8048, 0x8048, 32},   // LUMINANCE16_ALPHA16
    {0x804B, 0x804B, 8},    // INTENSITY8
    {0x804D, 0x804D, 16},   // INTENSITY16
    {0x804F, 0x8050, 16},   // RGB4, RGB5
    {0x8051, 0x8052, 32},   // RGB8, RGB10
    {0x8053, 0x8054, 64},   // RGB12, RGB16
    {0x8055, 0x8057, 16},   // RGBA2, RGBA4, RGB5_A1
    {0x8058, 0x8059, 32},   // RGBA8, RGB10_A2
    {0x805A, 0x805B, 64},   // RGBA12, RGBA16
    {0x81A5, 0x81A5, 16},   // DEPTH_COMPONENT16
    {0x81A6, 0x81A7, 32},   // DEPTH_COMPONENT24, 32
    {0x8227, 0x8228, 16},   // RG, RG_INTEGER
    {0x8229, 0x8229, 8},    // R8
    {0x822A, 0x822B, 16},   // R16, RG8
    {0x822C, 0x822C, 32},   // RG16
    {0x822D, 0x822D, 16},   // R16F
    {0x822E, 0x822F, 32},   // R32F, RG16F
    {0x8230, 0x8230, 64},   // RG32F
    {0x8231, 0x8232, 8},    // R8I, R8UI
    {0x8233, 0x8234, 16},   // R16I, R16UI
    {0x8235, 0x8236, 32},   // R32I, R32UI
    {0x8237, 0x8238, 16},   // RG8I, RG8UI
    {0x8239, 0x823A, 32},   // RG16I, RG16UI
    {0x823B, 0x823C, 64},   // RG32I, RG32UI
    {0x83F0, 0x83F1, 4},    // COMPRESSED_RGB(A)_S3TC_DXT1
    {0x83F2, 0x83F3, 8},    // COMPRESSED_RGBA_S3TC_DXT3, DXT5
    {0x84F9, 0x84F9, 32},   // DEPTH_STENCIL
    {0x8814, 0x8815, 128},  // RGBA32F, RGB32F
    {0x881A, 0x881B, 64},   // RGBA16F, RGB16F
    {0x88F0, 0x88F0, 32},   // DEPTH24_STENCIL8
    {0x8C3A, 0x8C3A, 32},   // R11F_G11F_B10F
    {0x8C3D, 0x8C3D, 32},   // RGB9_E5
    {0x8C40, 0x8C43, 32},   // SRGB, SRGB8, SRGB_ALPHA, SRGB8_ALPHA8
    {0x8C48, 0x8C49, 32},   // COMPRESSED_SRGB, COMPRESSED_SRGB_ALPHA: the driver may not
    {0x8C4C, 0x8C4D, 4},    // COMPRESSED_SRGB(_ALPHA)_S3TC_DXT1
    {0x8C4E, 0x8C4F, 8},    // COMPRESSED_SRGB_ALPHA_S3TC_DXT3, DXT5
    {0x8CAC, 0x8CAC, 32},   // DEPTH_COMPONENT32F
    {0x8CAD, 0x8CAD, 64},   // DEPTH32F_STENCIL8
    {0x8D48, 0x8D48, 8},    // STENCIL_INDEX8
    {0x8D62, 0x8D62, 16},   // RGB565
    {0x8D70, 0x8D71, 128},  // RGBA32UI, RGB32UI
    {0x8D76, 0x8D77, 64},   // RGBA16UI, RGB16UI
    {0x8D7C, 0x8D7D, 32},   // RGBA8UI, RGB8UI
    {0x8D82, 0x8D83, 128},  // RGBA32I, RGB32I
    {0x8D88, 0x8D89, 64},   // RGBA16I, RGB16I
    {0x8D8E, 0x8D8F, 32},   // RGBA8I, RGB8I
    {0x8DBB, 0x8DBC, 4},    // COMPRESSED_(SIGNED_)RED_RGTC1
    {0x8DBD, 0x8DBE, 8},    // COMPRESSED_(SIGNED_)RG_RGTC2
    {0x8E8C, 0x8E8F, 8},    // COMPRESSED_*_BPTC_*
    {0x8F94, 0x8F94, 8},    // R8_SNORM
    {0x8F95, 0x8F95, 16},   // RG8_SNORM
    {0x8F96, 0x8F97, 32},   // RGB8_SNORM, RGBA8_SNORM
    {0x8F98, 0x8F98, 16},   // R16_SNORM
    {0x8F99, 0x8F99, 32},   // RG16_SNORM
    {0x8F9A, 0x8F9B, 64},   // RGB16_SNORM, RGBA16_SNORM
    {0x906F, 0x906F, 32},   // RGB10_A2UI
    {0x9270, 0x9271, 4},    // COMPRESSED_(SIGNED_)R11_EAC
    {0x9272, 0x9273, 8},    // COMPRESSED_(SIGNED_)RG11_EAC
    {0x9274, 0x9277, 4},    // COMPRESSED_(S)RGB8_ETC2, with one bit of alpha too
    {0x9278, 0x9279, 8},    // COMPRESSED_(S)RGBA8_ETC2_EAC
    {0x93A1, 0x93A1, 32},   // BGRA8_EXT
    {0x93B0, 0x93B0, 8},    // COMPRESSED_RGBA_ASTC_4x4: 128 bits for each block
    {0x93B1, 0x93B1, 128.0 / 20},  {0x93B2, 0x93B2, 128.0 / 25},  {0x93B3, 0x93B3, 128.0 / 30},
    {0x93B4, 0x93B4, 128.0 / 36},  {0x93B5, 0x93B5, 128.0 / 40},  {0x93B6, 0x93B6, 128.0 / 48},
    {0x93B7, 0x93B7, 128.0 / 64},  {0x93B8, 0x93B8, 128.0 / 50},  {0x93B9, 0x93B9, 128.0 / 60},
    {0x93BA, 0x93BA, 128.0 / 80},  {0x93BB, 0x93BB, 128.0 / 100}, {0x93BC, 0x93BC, 128.0 / 120},
    {0x93BD, 0x93BD, 128.0 / 144}, {0x93D0, 0x93D0, 8},  // the same in sRGB
    {0x93D1, 0x93D1, 128.0 / 20},  {0x93D2, 0x93D2, 128.0 / 25},  {0x93D3, 0x93D3, 128.0 / 30},
    {0x93D4, 0x93D4, 128.0 / 36},  {0x93D5, 0x93D5, 128.0 / 40},  {0x93D6, 0x93D6, 128.0 / 48},
    {0x93D7, 0x93D7, 128.0 / 64},  {0x93D8, 0x93D8, 128.0 / 50},  {0x93D9, 0x93D9, 128.0 / 60},
    {0x93DA, 0x93DA, 128.0 / 80},  {0x93DB, 0x93DB, 128.0 / 100}, {0x93DC, 0x93DC, 128.0 / 120},
    {0x93DD, 0x93DD, 128.0 / 144},
};

double argus_texel_bits(unsigned format) {
  size_t low = 0;
  size_t high = sizeof formats / sizeof formats[0];
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (format > formats[middle].last) {
      low = middle + 1;
    } else if (format < formats[middle].first) {
      high = middle;
    } else {
      return formats[middle].bits;
    }
  }
  return 32;
}
