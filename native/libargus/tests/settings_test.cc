#include "client/settings.h"

#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "check.h"
#include "client/flight.h"
#include "client/utf8.h"

using namespace argus::client;

namespace {

std::vector<std::string> said;

void the_folder_is_the_one_that_the_python_sdk_finds() {
  CHECK(application_name("http://127.0.0.1:8000", "shop") == "47f8b13189ad021c");  // as in tests/recorder
  Settings settings;
  settings.url = "http://127.0.0.1:8000";
  settings.api_key = "key";
  CHECK(settings.folder().empty());
  settings.flight_recorder = read_flight_recorder("/var/flights");
  const std::filesystem::path flights = "/var/flights";
  CHECK(settings.folder() == to_text(flights / application_name(settings.url, "key")));
  settings.app_id = "shop";
  CHECK(settings.folder() == to_text(flights / "47f8b13189ad021c"));
  settings.flight_recorder = read_flight_recorder("Yes");
  CHECK(settings.folder() == to_text(default_flight_folder() / "47f8b13189ad021c"));
  settings.spool_dir = "/var/spool/shop";
  CHECK(settings.folder() == settings.spool_dir);
  CHECK(read_flight_recorder("off").empty());
  bool refused = false;
  try {
    read_flight_recorder("ture");
  } catch (const std::invalid_argument&) {
    refused = true;
  }
  CHECK(refused);
}

void hear(void*, argus_level, argus_string message) { said.emplace_back(message.data, message.size); }

Settings resolved(const argus_client_options& options, const std::map<std::string, std::string>& variables) {
  said.clear();
  const auto lookup = [&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
  return resolve(options, lookup, Diagnostics(hear, nullptr));
}

std::string complaint(const argus_client_options& options) {
  try {
    resolved(options, {});
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

argus_string text(const char* value) { return {value, std::string_view(value).size()}; }

void what_nobody_says_has_its_default() {
  const Settings settings = resolved({}, {});
  CHECK(settings.url.empty() && settings.flush_interval == 10.0 && settings.log_level == ARGUS_INFO);
  CHECK(settings.system_metrics && settings.spool_bytes == 64U * 1024 * 1024);
  CHECK(said.empty());
}

void an_option_wins_over_a_variable() {
  argus_client_options options{};
  options.url = text("https://one.example/argus/");
  options.flush_interval = 1.0;
  const argus_tag tag{text("env"), text("prod")};
  options.tags = &tag;
  options.tag_count = 1;
  options.system_metrics = ARGUS_ON;
  const Settings settings = resolved(options, {{"ARGUS_URL", "http://two.example"},
                                               {"ARGUS_API_KEY", "k"},
                                               {"ARGUS_FLUSH_INTERVAL", "5"},
                                               {"ARGUS_TAGS", "env=test"},
                                               {"ARGUS_SYSTEM_METRICS", "off"}});
  CHECK(settings.url == "https://one.example/argus" && settings.api_key == "k");
  CHECK(settings.flush_interval == 1.0 && settings.system_metrics);
  CHECK(settings.tags == (argus::core::Tags{{"env", "prod"}}));
}

void variables_fill_what_options_leave_open() {
  const Settings settings = resolved({}, {{"ARGUS_FLUSH_INTERVAL", "0.5"},
                                          {"ARGUS_LOG_LEVEL", "WARNING"},
                                          {"ARGUS_SYSTEM_METRICS", "no"},
                                          {"ARGUS_SPOOL_BYTES", "1000"},
                                          {"ARGUS_TAGS", "zone=b, env=prod,"}});
  CHECK(settings.flush_interval == 0.5 && settings.log_level == ARGUS_WARNING && !settings.system_metrics);
  CHECK(settings.spool_bytes == 1000);
  CHECK(settings.tags == (argus::core::Tags{{"env", "prod"}, {"zone", "b"}}));
}

void a_wrong_option_throws_and_names_itself_its_value_and_the_remedy() {
  argus_client_options options{};
  options.url = text("localhost:8000");
  CHECK(complaint(options) == "option url must be an address like http://127.0.0.1:8000, not \"localhost:8000\"");
  options = {};
  options.flush_interval = -1.0;
  CHECK(complaint(options).find("option flush_interval must be a number of seconds from 0.1 to 3600") == 0);
  options = {};
  options.log_level = text("loud");
  CHECK(complaint(options) == "option log_level must be debug, info, warning or error, not \"loud\"");
  options = {};
  const argus_tag tag{text(""), text("prod")};
  options.tags = &tag;
  options.tag_count = 1;
  CHECK(complaint(options) == "option tags cannot be used: a tag's key is empty");
#if defined(_WIN32)
  options = {};
  options.ca_file = text("ca.pem");
  CHECK(complaint(options).find("option ca_file must be empty on Windows") == 0);
  CHECK(complaint(options).find("certutil -addstore Root FILE") != std::string::npos);
#endif
}

void a_wrong_variable_is_said_once_and_the_default_takes_its_place() {
  const Settings settings = resolved({}, {{"ARGUS_URL", "ftp://x"},
                                          {"ARGUS_FLUSH_INTERVAL", "soon"},
                                          {"ARGUS_SPOOL_BYTES", "-3"},
                                          {"ARGUS_TAGS", "prod"},
                                          {"ARGUS_CA_FILE", "/"}});
  CHECK(settings.url.empty() && settings.flush_interval == 10.0 && settings.tags.empty() && settings.ca_file.empty());
  CHECK(said.size() == 5);
  CHECK(said[0] == "ARGUS_URL must be an address like http://127.0.0.1:8000, not \"ftp://x\"; it is ignored");
}

void a_missing_key_is_said() {
  resolved({}, {{"ARGUS_URL", "http://127.0.0.1:8000"}});
  CHECK(said.size() == 1 && said[0].find("no api_key") == 0);
}

void addresses_without_a_host_are_refused() {
  for (const char* url : {"http://", "http:///x", "https://:80", "", "http", "http://a b", "://x"}) {
    bool refused = false;
    try {
      read_url(url);
    } catch (const std::invalid_argument&) {
      refused = true;
    }
    CHECK(refused);
  }
}

}  // namespace

TEST_MAIN(what_nobody_says_has_its_default(), an_option_wins_over_a_variable(),
          the_folder_is_the_one_that_the_python_sdk_finds(), variables_fill_what_options_leave_open(),
          a_wrong_option_throws_and_names_itself_its_value_and_the_remedy(),
          a_wrong_variable_is_said_once_and_the_default_takes_its_place(), a_missing_key_is_said(),
          addresses_without_a_host_are_refused())
