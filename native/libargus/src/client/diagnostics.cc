#include "diagnostics.h"

#include <cstdio>

namespace argus::client {

void Diagnostics::say(argus_level level, std::string_view message) const noexcept {
  if (function_ != nullptr) {
    function_(context_, level, {message.data(), message.size()});
    return;
  }
  constexpr const char* kWords[] = {"debug", "info", "warning", "error"};
  std::fprintf(stderr, "argus: %s: %.*s\n", kWords[static_cast<int>(level)], static_cast<int>(message.size()),
               message.data());
}

}  // namespace argus::client
