#include "json.h"

#include <array>
#include <charconv>
#include <cmath>

namespace argus::client::json {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Length of the UTF-8 character at the front of `text` (1–4), 0 if there is none (RFC 3629: no surrogates, no overlong
// forms, nothing above U+10FFFF).
size_t character_length(std::string_view text) noexcept {
  const auto at = [&](size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto follows = [&](size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return at(i) >= low && at(i) <= high;
  };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;
    return follows(1, low, high) && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

void append_ascii(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20) {
    out += c;
    return;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\u00";
  out += kDigits[byte >> 4U];
  out += kDigits[byte & 0xFU];
}

template <typename Number>
void append_digits(std::string& out, Number value) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

}  // namespace

void append_text(std::string& out, std::string_view text, size_t limit) {
  out += '"';
  size_t done = 0;
  while (done < text.size()) {
    const size_t length = character_length(text.substr(done));
    if (done + (length == 0 ? 1 : length) > limit) break;
    if (length == 0) {
      out += kReplacement;
      ++done;
    } else if (length == 1) {
      append_ascii(out, text[done++]);
    } else {
      out.append(text.substr(done, length));
      done += length;
    }
  }
  if (done < text.size()) {
    out += "\xE2\x80\xA6 (";  // an ellipsis
    append_digits(out, text.size() - done);
    out += " more bytes)";
  }
  out += '"';
}

void append_number(std::string& out, double value) {
  if (std::isfinite(value)) {
    append_digits(out, value);
  } else {
    out += std::isnan(value) ? "\"nan\"" : (value > 0 ? "\"inf\"" : "\"-inf\"");
  }
}

void append_number(std::string& out, uint64_t value) { append_digits(out, value); }

void append_number(std::string& out, int64_t value) { append_digits(out, value); }

void append_name(std::string& out, std::string_view name) {
  if (!out.empty() && out.back() != '{') out += ',';
  append_text(out, name);
  out += ':';
}

}  // namespace argus::client::json
