// Numbers as JSON and line protocol have them: doubles in the fewest digits that read back the same, as msgspec writes
// them, and back. Whatever is not plain here is left to whoever calls: `read_*` return nullptr for it.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#ifndef __cpp_lib_to_chars
#error "this standard library reads and writes no doubles by <charconv>; Argus does without this extension"
#endif

namespace argus::python {

// Room that any number takes: 17 digits, their point, sign and exponent; of whole numbers 20.
constexpr int kMostText = 32;

// Digits of a decimal number that tell all doubles of as many digits apart.
constexpr double kSafe = 1e15;

inline char* append(char* out, const char* text, int size) {
  std::memcpy(out, text, static_cast<size_t>(size));
  return out + size;
}

inline char* write_whole(char* out, int64_t value) { return std::to_chars(out, out + kMostText, value).ptr; }

// Numbers of at most three decimals, as most measured values are, a third of the time that the general way takes: a
// decimal of up to 15 digits is the shortest text of the double that is nearest to it.
inline char* write_decimal(char* out, double value) {
  const double magnitude = std::fabs(value);
  if (!(magnitude < kSafe / 1000) || magnitude == 0) return nullptr;
  const auto thousandths = static_cast<int64_t>(magnitude * 1000 + 0.5);
  if (static_cast<double>(thousandths) / 1000 != magnitude) return nullptr;
  if (value < 0) *out++ = '-';
  out = write_whole(out, thousandths / 1000);
  auto rest = static_cast<int>(thousandths % 1000);
  *out++ = '.';
  *out++ = static_cast<char>('0' + rest / 100);
  rest %= 100;
  if (rest == 0) return out;
  *out++ = static_cast<char>('0' + rest / 10);
  rest %= 10;
  if (rest != 0) *out++ = static_cast<char>('0' + rest);
  return out;
}

// Puts the point among the digits where the exponent is small, as msgspec does: from 0.00001 to 9999999999999999.0.
inline char* write_any(char* out, double value) {
  if (!std::isfinite(value)) return append(out, "null", 4);
  if (std::signbit(value)) *out++ = '-';
  if (value == 0) return append(out, "0.0", 3);
  char text[kMostText];
  const char* end = std::to_chars(text, text + kMostText, std::fabs(value), std::chars_format::scientific).ptr;
  char digits[kMostText];
  int count = 0;
  const char* at = text;
  for (; *at != 'e'; ++at) {
    if (*at != '.') digits[count++] = *at;
  }
  ++at;
  if (*at == '+') ++at;
  int exponent = 0;
  std::from_chars(at, end, exponent);
  const int point = exponent + 1;  // where it stands among the digits
  if (point > 16 || point <= -5) {
    *out++ = digits[0];
    if (count > 1) {
      *out++ = '.';
      out = append(out, digits + 1, count - 1);
    }
    *out++ = 'e';
    return write_whole(out, exponent);
  }
  if (point < 1) {
    out = append(out, "0.", 2);
    for (int zero = point; zero < 0; ++zero) *out++ = '0';
    return append(out, digits, count);
  }
  if (point < count) {
    out = append(out, digits, point);
    *out++ = '.';
    return append(out, digits + point, count - point);
  }
  out = append(out, digits, count);
  for (int zero = count; zero < point; ++zero) *out++ = '0';
  return append(out, ".0", 2);
}

inline char* write_real(char* out, double value) {
  char* end = write_decimal(out, value);
  return end != nullptr ? end : write_any(out, value);
}

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Up to 18 digits: what any 64 bits hold.
inline const char* read_whole(const char* at, const char* end, int64_t* value) {
  const char* begin = at;
  if (at < end && *at == '-') ++at;
  const char* first = at;
  uint64_t number = 0;
  while (at < end && is_digit(*at)) number = number * 10 + static_cast<uint64_t>(*at++ - '0');
  const auto digits = at - first;
  if (digits < 1 || digits > 18 || (*first == '0' && (digits > 1 || first != begin))) return nullptr;
  if (at < end && (*at == '.' || *at == 'e' || *at == 'E')) return nullptr;
  *value = first == begin ? static_cast<int64_t>(number) : -static_cast<int64_t>(number);
  return at;
}

inline const char* read_real(const char* at, const char* end, double* value) {
  static constexpr double kPowers[] = {1,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                       1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  const char* begin = at;
  if (at < end && *at == '-') ++at;
  const char* first = at;
  uint64_t number = 0;
  while (at < end && is_digit(*at)) number = number * 10 + static_cast<uint64_t>(*at++ - '0');
  auto digits = at - first;
  if (digits < 1 || (*first == '0' && digits > 1)) return nullptr;
  int64_t decimals = 0;
  const bool whole = at == end || *at != '.';
  if (!whole) {
    const char* point = at++;
    while (at < end && is_digit(*at)) number = number * 10 + static_cast<uint64_t>(*at++ - '0');
    decimals = at - point - 1;
    if (decimals < 1) return nullptr;
    digits += decimals;
  } else if (number == 0 && first != begin) {
    return nullptr;  // whether -0 has a sign is for JSON's reader to say
  }
  const bool has_exponent = at < end && (*at == 'e' || *at == 'E');
  if (!has_exponent && digits <= 15) {  // both are exact, so their quotient is the nearest double
    const double magnitude = static_cast<double>(number) / kPowers[decimals];
    *value = first == begin ? magnitude : -magnitude;
    return at;
  }
  const auto result = std::from_chars(begin, end, *value);
  return result.ec == std::errc() && result.ptr >= at ? result.ptr : nullptr;
}

}  // namespace argus::python
