// The variables a client is configured with: the first byte chooses which.
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "client/settings.h"

using namespace argus::client;

namespace {

void read(unsigned which, std::string_view text) {
  switch (which % 6) {
    case 0:
      if (read_url(text).size() > text.size()) std::abort();
      break;
    case 1: {
      const double seconds = read_seconds(text);
      if (!(seconds >= 0.1 && seconds <= 3600.0)) std::abort();
      break;
    }
    case 2:
      if (read_size(text) == 0) std::abort();
      break;
    case 3: read_switch(text); break;
    case 4: read_level(text); break;
    default:
      if (read_tags(text).size() > argus::core::kMaxTags) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  try {
    read(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  } catch (const std::invalid_argument& error) {
    if (*error.what() == '\0') std::abort();
  }
  return 0;
}
