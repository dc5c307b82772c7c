// Any bytes as text of a log line: what comes out is valid UTF-8 between quotes, with no bare control character.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "client/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string once;
  argus::client::json::append_text(once, text, 64);
  if (once.size() < 2 || once.front() != '"' || once.back() != '"') std::abort();
  for (const char c : once) {
    if (static_cast<unsigned char>(c) < 0x20) std::abort();
  }
  // Valid UTF-8 stays as it is: written again, only quotes and backslashes are escaped anew.
  std::string again;
  argus::client::json::append_text(again, once);
  size_t escaped = 0;
  for (const char c : once) escaped += c == '"' || c == '\\' ? 1 : 0;
  if (again.size() != once.size() + escaped + 2) std::abort();
  return 0;
}
