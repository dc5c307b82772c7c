#include "diagnostics.h"

#include <cstdio>

namespace argus::client {

void Diagnostics::say(argus_level level, const std::string& message) const {
  if (function_ != nullptr) {
    function_(context_, level, {message.data(), message.size()});
    return;
  }
  constexpr const char* kWords[] = {"debug", "info", "warning", "error"};
  std::fprintf(stderr, "argus: %s: %s\n", kWords[static_cast<int>(level)], message.c_str());
}

}  // namespace argus::client
