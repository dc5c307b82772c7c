// What C++17 has no name for: bit arithmetic, and a hint to the compiler.
#pragma once

#include <cstdint>

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

// A function that is rarely called: kept out of its caller, whose usual way is then short.
#if defined(__GNUC__)
#define ARGUS_RARE [[gnu::noinline, gnu::cold]]
#else
#define ARGUS_RARE
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
