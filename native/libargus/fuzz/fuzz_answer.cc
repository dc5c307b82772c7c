// The server's answers: a body, and a Retry-After header.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "client/answer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const argus::client::Words words = argus::client::words_of(text);
  if (words.message.size() > text.size() * 2 || words.first_rejected.size() > text.size()) std::abort();
  const double pause = argus::client::read_retry_after(text);
  if (!(pause >= 0.0 && pause <= 3600.0)) std::abort();
  return 0;
}
