// How much memory the program holds.
#pragma once

#include <cstddef>

namespace terrain {

// Bytes that C++ code of this process has allocated and not freed; what C libraries and the graphics driver allocate
// is not in it. Any thread.
[[nodiscard]] size_t allocated_bytes();

}  // namespace terrain
