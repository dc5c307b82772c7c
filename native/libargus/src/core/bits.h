// Bit arithmetic that C++17 has no name for.
#pragma once

#include <cstdint>

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

namespace argus::core {

// The place of the highest bit that is set, 0 for the lowest. `value` is not 0.
inline unsigned highest_bit(uint32_t value) noexcept {
#if defined(_MSC_VER) && !defined(__clang__)
  unsigned long place;
  _BitScanReverse(&place, value);
  return static_cast<unsigned>(place);
#else
  return 31U - static_cast<unsigned>(__builtin_clz(value));
#endif
}

}  // namespace argus::core
