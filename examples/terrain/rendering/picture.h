// Pictures on disk.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "rendering/display.h"

namespace terrain {

// `pixels` are red, green and blue, row by row from the lowest, as OpenGL has them. Throws RenderingError where the
// file cannot be written.
void save_png(const std::string& path, Size size, const std::vector<uint8_t>& pixels);

}  // namespace terrain
