// A client's settings: options of the program, else ARGUS_* variables, else defaults (docs/settings.md).
//
// An option that is wrong is the program's mistake and throws. A variable that is wrong is somebody's at its start: it
// never stops the program; it is said once, and the default takes its place.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "argus/client.h"
#include "client/diagnostics.h"
#include "core/key.h"

namespace argus::client {

struct Settings {
  std::string url;  // empty: nothing is sent
  std::string app_id;
  std::string api_key;
  std::string host;
  core::Tags tags;
  double flush_interval = 10.0;
  argus_level log_level = ARGUS_INFO;
  bool system_metrics = true;
  std::string spool_dir;
  uint64_t spool_bytes = uint64_t{64} * 1024 * 1024;
  std::string ca_file;
  std::string flight_recorder;  // empty: off; "on", or a folder

  // Where the application's instances keep what is undelivered; empty: in memory only.
  std::string folder() const;
};

// The value of a variable, nullptr where it is not set.
using Environment = std::function<const char*(const char* name)>;

// Throws std::invalid_argument for a wrong option.
Settings resolve(const argus_client_options& options, const Environment& environment, const Diagnostics& diagnostics);

// How each kind of text is read. All throw std::invalid_argument, which says what the text must be.
std::string read_url(std::string_view text);
double read_seconds(std::string_view text);
double checked_seconds(double seconds);
uint64_t read_size(std::string_view text);
bool read_switch(std::string_view text);
argus_level read_level(std::string_view text);
std::string read_ca_file(std::string_view text);
std::string read_flight_recorder(std::string_view text);  // empty, "on", or a folder
core::Tags read_tags(std::string_view text);              // env=prod,zone=a

}  // namespace argus::client
