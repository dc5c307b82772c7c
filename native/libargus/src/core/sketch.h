// The log-linear sketch: how a positive double maps to a bin, and back.
//
// A bin's index is the top 18 bits of the IEEE-754 double: exponent and 6 bits of mantissa, so every power of two
// is split into 64 linear bins and a bin's midpoint is off by at most 1/128 of any value in it. No logarithm is
// taken, and merging is adding counts. The idea is that of HdrHistogram and hg64 (Tony Finch, 2022).
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

namespace argus::core {

constexpr unsigned kBinsPerOctave = 64;
constexpr unsigned kOctaves = 128;
constexpr int kLowestExponent = -64;  // octave 0 holds [2^-64, 2^-63); the last one ends at 2^64
constexpr unsigned kIndexShift = 46;
constexpr unsigned kExponentBias = 1023;

// One bin of a drained sketch. Bins are listed ascending by index; index 0 is never listed (zero bucket).
struct Bin {
  uint32_t index;
  uint64_t count;
};

// Where a positive finite value is counted.
struct BinPlace {
  unsigned octave;
  unsigned position;
};

// The place of a value from 2^-64 to 2^64. Of any other double, be it zero, negative or no number, the octave is not
// below kOctaves: one comparison tells.
inline BinPlace place_within_octaves(double value) noexcept {
  constexpr auto first = static_cast<unsigned>(static_cast<int>(kExponentBias) + kLowestExponent);
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return {static_cast<unsigned>(bits >> 52) - first, static_cast<unsigned>(bits >> kIndexShift) & (kBinsPerOctave - 1)};
}

// Values below 2^-64 count in the first bin, values from 2^64 on in the last.
inline BinPlace place_of(double value) noexcept {
  const BinPlace place = place_within_octaves(value);
  if (place.octave < kOctaves) return place;
  return value < 1.0 ? BinPlace{0, 0} : BinPlace{kOctaves - 1, kBinsPerOctave - 1};
}

inline uint32_t index_of(BinPlace place) noexcept {
  constexpr auto first = static_cast<uint32_t>(static_cast<int>(kExponentBias) + kLowestExponent);
  return (first + place.octave) * kBinsPerOctave + place.position;
}

inline uint32_t index_of(double value) noexcept { return index_of(place_of(value)); }

// The smallest value of a bin; the next bin's is where it ends.
inline double lower_bound_of(uint32_t index) noexcept {
  const uint64_t bits = static_cast<uint64_t>(index) << kIndexShift;
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

inline double midpoint_of(uint32_t index) noexcept { return 0.5 * (lower_bound_of(index) + lower_bound_of(index + 1)); }

// Nearest-rank quantile (0 ≤ q ≤ 1) of `zeros` zeros and the bins' values, clamped to [min, max].
// Relative error ≤ 1/128. NaN when there is nothing to answer from.
double quantile(const std::vector<Bin>& bins, uint64_t zeros, double q, double min, double max) noexcept;

}  // namespace argus::core
