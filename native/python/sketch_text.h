// Sketches as an engine stores them: the twin of packing.py, which describes the form and reads it, and of the numbered
// fields that VictoriaMetrics, which has nothing but doubles, keeps them in.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "number_text.h"

namespace argus::python {

constexpr uint64_t kMore = 0x80;     // the bit of a byte that says that more of its number follows
constexpr size_t kMostGroups = 5;    // of seven bits, which hold 32
constexpr size_t kBytesOfField = 6;  // a double holds whole numbers of 53 bits exactly

inline char* write_groups(char* out, uint64_t value) {
  for (; value >= kMore; value >>= 7) *out++ = static_cast<char>(value | kMore);
  *out++ = static_cast<char>(value);
  return out;
}

// The dense form is taken only where it has fewer numbers than the pairs.
inline size_t most_packed(uint32_t bins) { return 2 * static_cast<size_t>(bins) * kMostGroups; }

// `pairs` are index (after the first one its difference from the one before) and count of each bin.
inline char* pack_sketch(char* out, const uint32_t* pairs, uint32_t bins) {
  if (bins == 0) return out;
  uint64_t span = 1;
  for (uint32_t bin = 1; bin < bins; ++bin) span += pairs[2 * static_cast<size_t>(bin)];
  if (2 + span >= 2 * static_cast<uint64_t>(bins)) {
    for (size_t i = 0; i < 2 * static_cast<size_t>(bins); ++i) out = write_groups(out, pairs[i]);
    return out;
  }
  out = write_groups(out, pairs[0]);
  *out++ = 0;
  out = write_groups(out, pairs[1]);
  for (uint32_t bin = 1; bin < bins; ++bin) {
    const uint32_t* pair = pairs + 2 * static_cast<size_t>(bin);
    for (uint32_t gap = 1; gap < pair[0]; ++gap) *out++ = 0;
    out = write_groups(out, pair[1]);
  }
  return out;
}

// One number of a row, or nullptr where it is cut off or too long.
inline const char* read_groups(const char* at, const char* end, uint64_t* value) {
  *value = 0;
  for (size_t group = 0; group < kMostGroups && at < end; ++group) {
    const auto byte = static_cast<unsigned char>(*at++);
    *value |= static_cast<uint64_t>(byte & (kMore - 1)) << (7 * group);
    if (byte < kMore) return at;
  }
  return nullptr;
}

inline uint32_t* put_pair(uint32_t* out, uint64_t index, uint64_t count) {
  *out++ = static_cast<uint32_t>(index);
  *out++ = static_cast<uint32_t>(count);
  return out;
}

// Writes a row's pairs, at most one for each of its bytes; nullptr where the bytes are damaged.
inline uint32_t* unpack_sketch(std::string_view row, uint32_t* out) {
  const char* at = row.data();
  const char* end = at + row.size();
  uint64_t index = 0;
  uint64_t count = 0;
  const uint32_t* first = out;
  bool dense = false;
  while (at < end && !dense) {
    at = read_groups(at, end, &index);
    if (at != nullptr) at = read_groups(at, end, &count);
    if (at == nullptr) return nullptr;
    dense = out == first && count == 0 && at < end;
    if (!dense) out = put_pair(out, index, count);
  }
  for (uint64_t step = index; at < end; ++step) {  // from the bin before
    at = read_groups(at, end, &count);
    if (at == nullptr) return nullptr;
    if (count == 0) continue;
    out = put_pair(out, step, count);
    step = 0;
  }
  return out;
}

inline size_t most_numbered(std::string_view row, size_t name_size) {
  const size_t fields = row.size() / kBytesOfField + 2;
  return fields * (name_size + 2 * kMostText);
}

// `,sketch=2,sketch_0=…,sketch_1=…`: six bytes each, the lowest first.
inline char* write_numbered(char* out, std::string_view name, std::string_view row) {
  const size_t fields = (row.size() + kBytesOfField - 1) / kBytesOfField;
  *out++ = ',';
  out = append(out, name.data(), static_cast<int>(name.size()));
  *out++ = '=';
  out = write_whole(out, static_cast<int64_t>(fields));
  for (size_t field = 0; field < fields; ++field) {
    int64_t number = 0;
    const std::string_view bytes = row.substr(field * kBytesOfField, kBytesOfField);
    for (size_t i = bytes.size(); i > 0; --i) number = number << 8 | static_cast<unsigned char>(bytes[i - 1]);
    *out++ = ',';
    out = append(out, name.data(), static_cast<int>(name.size()));
    *out++ = '_';
    out = write_whole(out, static_cast<int64_t>(field));
    *out++ = '=';
    out = write_whole(out, number);
  }
  return out;
}

}  // namespace argus::python
