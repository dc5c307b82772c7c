// The little linear algebra that a flight over a landscape needs. Metres; x east, y up, z south.
#pragma once

#include <array>
#include <cmath>

namespace terrain {

struct Vec3 {
  float x = 0.0F;
  float y = 0.0F;
  float z = 0.0F;
};

constexpr Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
constexpr Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
constexpr Vec3 operator*(Vec3 a, float scale) { return {a.x * scale, a.y * scale, a.z * scale}; }
constexpr float dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
constexpr Vec3 cross(Vec3 a, Vec3 b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
inline Vec3 normalized(Vec3 a) { return a * (1.0F / std::sqrt(dot(a, a))); }

constexpr float mix(float a, float b, float share) { return a + (b - a) * share; }
constexpr Vec3 mix(Vec3 a, Vec3 b, float share) { return a + (b - a) * share; }

constexpr float clamp01(float value) { return value < 0.0F ? 0.0F : (value > 1.0F ? 1.0F : value); }

// From 0 where `value` is `low` or less to 1 where it is `high` or more, without a kink.
constexpr float smoothstep(float low, float high, float value) {
  const float share = clamp01((value - low) / (high - low));
  return share * share * (3.0F - 2.0F * share);
}

// Column-major, as OpenGL has it.
using Matrix = std::array<float, 16>;

constexpr Matrix operator*(const Matrix& a, const Matrix& b) {
  Matrix product{};
  for (size_t column = 0; column < 4; ++column) {
    for (size_t row = 0; row < 4; ++row) {
      for (size_t k = 0; k < 4; ++k) product[4 * column + row] += a[4 * k + row] * b[4 * column + k];
    }
  }
  return product;
}

}  // namespace terrain
