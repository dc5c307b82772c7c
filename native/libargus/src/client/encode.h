// The SDK's half of wire format v1 (docs/wire-format.md): windows and log lines become JSON bodies.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "argus/client.h"
#include "client/window.h"
#include "core/key.h"

namespace argus::client {

// Who sends.
struct Sender {
  std::string instance;
  std::string host;
  std::string sdk;
};

constexpr size_t kMaxText = 65'536;  // bytes of a log line's message, and of each text beside it
constexpr size_t kMaxFields = 100;

// The body of POST /api/v1/metrics.
std::string metrics_body(const Sender& sender, uint64_t seq, const TimedWindow& window);

// The body of POST /api/v1/logs; each line is what `log_line` returned.
std::string logs_body(const Sender& sender, uint64_t seq, const std::vector<std::string>& lines);

// One line as JSON. Fields over kMaxFields are left out and counted in the field "fields_left_out".
std::string log_line(double timestamp, argus_level level, std::string_view message, std::string_view logger,
                     const argus_field* fields, size_t count);

}  // namespace argus::client
