// A PNG is a signature and three chunks: what it holds, the rows packed by zlib, and the end.
#include "rendering/picture.h"

#include <zlib.h>

#include <fstream>

namespace terrain {

namespace {

std::string big_endian(size_t number) {
  std::string bytes;
  for (const size_t shift : {24U, 16U, 8U, 0U}) bytes.push_back(static_cast<char>((number >> shift) & 0xFFU));
  return bytes;
}

std::string chunk(const std::string& type, const std::string& content) {
  const std::string body = type + content;
  const auto check = crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  return big_endian(content.size()) + body + big_endian(check);
}

std::string pack(const std::string& plain) {
  uLongf size = compressBound(static_cast<uLong>(plain.size()));
  std::string packed(size, '\0');
  const int status = compress(reinterpret_cast<Bytef*>(packed.data()), &size,
                              reinterpret_cast<const Bytef*>(plain.data()), static_cast<uLong>(plain.size()));
  if (status != Z_OK) throw RenderingError("zlib could not pack the picture");
  packed.resize(size);
  return packed;
}

}  // namespace

void save_png(const std::string& path, Size size, const std::vector<uint8_t>& pixels) {
  const size_t row_bytes = 3 * static_cast<size_t>(size.width);
  std::string rows;
  for (size_t row = static_cast<size_t>(size.height); row-- > 0;) {
    const uint8_t* line = pixels.data() + row * row_bytes;
    rows.push_back('\1');  // each byte as its difference to the same colour of the pixel before: packs better
    for (size_t i = 0; i < row_bytes; ++i) rows.push_back(static_cast<char>(line[i] - (i < 3 ? 0 : line[i - 3])));
  }
  const std::string header = big_endian(static_cast<size_t>(size.width)) +
                             big_endian(static_cast<size_t>(size.height)) +
                             std::string("\x08\x02\x00\x00\x00", 5);  // 8 bits each of red, green and blue
  std::ofstream file(path, std::ios::binary);
  file << "\x89PNG\r\n\x1a\n" << chunk("IHDR", header) << chunk("IDAT", pack(rows)) << chunk("IEND", "");
  file.close();
  if (!file) throw RenderingError("the picture could not be written to " + path);
}

}  // namespace terrain
