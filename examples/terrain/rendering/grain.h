// A square of noise that repeats: grass and rock up close, clouds and waves.
#pragma once

#include <cstdint>
#include <vector>

namespace terrain {

constexpr int kGrainTexels = 256;  // along a side

// Four bytes a texel: two kinds of layered noise, then the first one's slope along x and along z.
[[nodiscard]] std::vector<uint8_t> make_grain();

}  // namespace terrain
