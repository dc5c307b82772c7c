#include "settings.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "client/flight.h"
#include "client/utf8.h"

namespace argus::client {

namespace {

constexpr double kShortestInterval = 0.1;
constexpr double kLongestInterval = 3600.0;
constexpr const char* kSwitchedOn = "on";

[[noreturn]] void refuse(const char* what, std::string_view text) {
  throw std::invalid_argument(std::string("must be ") + what + ", not \"" + std::string(text) + '"');
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

std::string read_text(std::string_view text) { return std::string(text); }

std::string_view text_of(argus_string text) noexcept { return {text.data, text.size}; }

core::Tags checked_tags(const std::vector<core::TagView>& tags) {
  const std::string problem = core::problem_of("constant tags", tags.data(), tags.size());
  if (!problem.empty()) throw std::invalid_argument("cannot be used: " + problem);
  return core::sorted(tags.data(), tags.size());
}

// Fills settings one by one: the option where it is given, else the variable, else what the setting holds already.
class Resolver {
 public:
  Resolver(const Environment& environment, const Diagnostics& diagnostics)
      : environment_(environment), diagnostics_(diagnostics) {}

  template <typename Value, typename Read>
  void text(const char* option, const char* variable, argus_string given, Read read, Value& setting) const {
    if (given.size != 0) {
      from_option(option, [&] { setting = read(text_of(given)); });
    } else {
      from_variable(variable, read, setting);
    }
  }

  template <typename Assign>
  static void from_option(const char* option, Assign assign) {
    try {
      assign();
    } catch (const std::invalid_argument& error) {
      throw std::invalid_argument(std::string("option ") + option + ' ' + error.what());
    }
  }

  template <typename Value, typename Read>
  void from_variable(const char* variable, Read read, Value& setting) const {
    const char* const text = environment_(variable);
    if (text == nullptr || *text == '\0') return;
    try {
      setting = read(text);
    } catch (const std::invalid_argument& error) {
      diagnostics_.say(ARGUS_ERROR, std::string(variable) + ' ' + error.what() + "; it is ignored");
    }
  }

 private:
  const Environment& environment_;
  const Diagnostics& diagnostics_;
};

}  // namespace

std::string read_url(std::string_view text) {
  std::string_view url = text;
  while (!url.empty() && url.back() == '/') url.remove_suffix(1);
  const size_t colon = url.find("://");
  const std::string_view scheme = url.substr(0, colon == std::string_view::npos ? 0 : colon);
  const bool known = scheme == "http" || scheme == "https";
  const bool blank = std::any_of(url.begin(), url.end(), [](unsigned char c) { return c <= ' ' || c == 0x7f; });
  if (!known || blank || url.size() <= colon + 3 || url[colon + 3] == '/' || url[colon + 3] == ':') {
    refuse("an address like http://127.0.0.1:8000", text);
  }
  return std::string(url);
}

double checked_seconds(double seconds) {
  if (seconds >= kShortestInterval && seconds <= kLongestInterval) return seconds;
  refuse("a number of seconds from 0.1 to 3600", std::to_string(seconds));
}

double read_seconds(std::string_view text) {
  const std::string copy(text);  // strtod wants an end; it reads as the C locale does unless the program set another
  char* end = nullptr;
  const double seconds = std::strtod(copy.c_str(), &end);
  if (copy.empty() || *end != '\0' || !(seconds >= kShortestInterval && seconds <= kLongestInterval)) {
    refuse("a number of seconds from 0.1 to 3600", text);
  }
  return seconds;
}

uint64_t read_size(std::string_view text) {
  uint64_t size = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (problem != std::errc() || end != text.data() + text.size() || size == 0) {
    refuse("a whole number above 0", text);
  }
  return size;
}

bool read_switch(std::string_view text) {
  const std::string word = lower(text);
  if (word == "1" || word == "true" || word == "yes" || word == "on") return true;
  if (word == "0" || word == "false" || word == "no" || word == "off") return false;
  refuse("true or false", text);
}

argus_level read_level(std::string_view text) {
  const std::string word = lower(text);
  if (word == "debug") return ARGUS_DEBUG;
  if (word == "info") return ARGUS_INFO;
  if (word == "warning" || word == "warn") return ARGUS_WARNING;
  if (word == "error") return ARGUS_ERROR;
  refuse("debug, info, warning or error", text);
}

std::string read_ca_file(std::string_view text) {
#if defined(_WIN32)
  refuse("empty on Windows, where the system's certificates count (certutil -addstore Root FILE adds one)", text);
#else
  const std::filesystem::path file(text);
  std::error_code gone;
  if (!std::filesystem::is_regular_file(file, gone) || !std::ifstream(file)) refuse("a file that can be read", text);
  return std::string(text);
#endif
}

std::string read_flight_recorder(std::string_view text) {
  if (text.find('/') != std::string_view::npos) return std::string(text);
  try {
    return read_switch(text) ? kSwitchedOn : "";
  } catch (const std::invalid_argument&) {
    refuse("true, false or a folder such as /dev/shm/argus", text);
  }
}

std::string Settings::folder() const {
  if (!spool_dir.empty() || flight_recorder.empty()) return spool_dir;
  const std::filesystem::path chosen =
      flight_recorder == kSwitchedOn ? default_flight_folder() : to_path(flight_recorder);
  return to_text(chosen / application_name(url, app_id.empty() ? api_key : app_id));
}

core::Tags read_tags(std::string_view text) {
  std::vector<core::TagView> tags;
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view part = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (part.empty()) continue;
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos || trim(part.substr(0, equals)).empty()) {
      refuse("like env=prod,zone=a", text);
    }
    tags.emplace_back(trim(part.substr(0, equals)), trim(part.substr(equals + 1)));
  }
  return checked_tags(tags);
}

Settings resolve(const argus_client_options& options, const Environment& environment, const Diagnostics& diagnostics) {
  const Resolver resolver(environment, diagnostics);
  Settings settings;
  resolver.text("url", "ARGUS_URL", options.url, read_url, settings.url);
  resolver.text("app_id", "ARGUS_APP_ID", options.app_id, read_text, settings.app_id);
  resolver.text("api_key", "ARGUS_API_KEY", options.api_key, read_text, settings.api_key);
  resolver.text("host", "ARGUS_HOST", options.host, read_text, settings.host);
  resolver.text("log_level", "ARGUS_LOG_LEVEL", options.log_level, read_level, settings.log_level);
  resolver.text("spool_dir", "ARGUS_SPOOL_DIR", options.spool_dir, read_text, settings.spool_dir);
  resolver.text("ca_file", "ARGUS_CA_FILE", options.ca_file, read_ca_file, settings.ca_file);
  resolver.text("flight_recorder", "ARGUS_FLIGHT_RECORDER", options.flight_recorder, read_flight_recorder,
                settings.flight_recorder);
  if (options.tag_count != 0) {
    Resolver::from_option("tags", [&] {
      std::vector<core::TagView> tags;
      for (size_t i = 0; i < options.tag_count; ++i) {
        tags.emplace_back(text_of(options.tags[i].key), text_of(options.tags[i].value));
      }
      settings.tags = checked_tags(tags);
    });
  } else {
    resolver.from_variable("ARGUS_TAGS", read_tags, settings.tags);
  }
  if (options.flush_interval != 0.0) {
    Resolver::from_option("flush_interval", [&] { settings.flush_interval = checked_seconds(options.flush_interval); });
  } else {
    resolver.from_variable("ARGUS_FLUSH_INTERVAL", read_seconds, settings.flush_interval);
  }
  if (options.spool_bytes != 0) {
    settings.spool_bytes = options.spool_bytes;
  } else {
    resolver.from_variable("ARGUS_SPOOL_BYTES", read_size, settings.spool_bytes);
  }
  if (options.system_metrics != ARGUS_DEFAULT) {
    settings.system_metrics = options.system_metrics == ARGUS_ON;
  } else {
    resolver.from_variable("ARGUS_SYSTEM_METRICS", read_switch, settings.system_metrics);
  }
  if (!settings.url.empty() && settings.api_key.empty()) {
    diagnostics.say(ARGUS_WARNING,
                    "no api_key: the server will refuse what is sent; set ARGUS_API_KEY or Options::api_key");
  }
  return settings;
}

}  // namespace argus::client
