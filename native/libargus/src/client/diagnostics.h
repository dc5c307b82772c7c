// What the client has to say of itself: to the program's own function, else to stderr.
#pragma once

#include <string_view>

#include "argus/client.h"

namespace argus::client {

class Diagnostics {
 public:
  Diagnostics(argus_diagnostic function, void* context) noexcept : function_(function), context_(context) {}

  // Any thread but those that record.
  void say(argus_level level, std::string_view message) const noexcept;

 private:
  argus_diagnostic function_;
  void* context_;
};

}  // namespace argus::client
