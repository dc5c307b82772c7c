// The wire format's golden files, written by this SDK. The text may differ from the file in blanks and in the order of
// members, so both are compared without blanks and with the members in the order in which this SDK writes them.
#include "client/encode.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include "check.h"
#include "client/json.h"
#include "windows_for_tests.h"

using namespace argus::client;
using argus::testing::ref;

namespace {

// The members of the golden object and of ours, each without blanks outside of texts, sorted.
std::vector<std::string> members(const std::string& json) {
  std::vector<std::string> parts(1);
  int depth = 0;
  bool text = false;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"' && (i == 0 || json[i - 1] != '\\')) text = !text;
    if (!text) {
      if (c == ' ' || c == '\n') continue;
      if (c == '}' || c == ']') --depth;
      const bool outermost = (c == '{' && depth == 0) || (c == '}' && depth == 0);
      if (c == '{' || c == '[') ++depth;
      if (outermost) continue;
      if (c == ',' && depth == 1) {
        parts.emplace_back();
        continue;
      }
    }
    parts.back() += c;
  }
  std::sort(parts.begin(), parts.end());
  return parts;
}

std::string golden(const char* name) {
  std::ifstream file(std::string(ARGUS_GOLDEN) + '/' + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

// JSON has one kind of number: 17.0 and 17 are the same.
std::string without_point_zero(std::string json) {
  for (size_t at = json.find(".0"); at != std::string::npos; at = json.find(".0", at + 1)) {
    const char after = at + 2 < json.size() ? json[at + 2] : ' ';
    if (after == ',' || after == ']' || after == '}') json.erase(at, 2);
  }
  return json;
}

void the_golden_batch_is_written() {
  TimedWindow window = argus::testing::window_of_counter("orders{shop=oslo}", 17.0, 1763900000.0, 1763900010.0);
  window.columns.counters.count[0] = 17;
  auto& gauges = window.columns.gauges;
  argus::testing::add_gauge(window, "cpu_percent", 12.5);
  gauges.min[0] = 3.0;
  gauges.max[0] = 40.1;
  gauges.sum[0] = 125.0;
  gauges.count[0] = 10;
  argus::testing::add_timing(window, "http.request{route=/}", {{65058, 1}, {65101, 1}, {65146, 1}}, 0.061, 0.0, 0.03,
                             1);
  const std::string body = metrics_body({"web-1:4711:1b9f", "web-1", "python/1.0.0"}, 42, window);
  CHECK(members(body) == members(without_point_zero(golden("ingest_batch.json"))));
}

void the_golden_lines_are_written() {
  argus_field order{};
  order.key = {"order", 5};
  order.type = ARGUS_INTEGER;
  order.value.integer = 991;
  const std::string line = log_line(1763900003.2, ARGUS_ERROR, "payment failed", "shop.pay", &order, 1);
  std::string body = logs_body({"web-1:4711:1b9f", "web-1", "cpp"}, 7, {line});
  body.erase(body.find(",\"sdk\":\"cpp\""), std::string_view(",\"sdk\":\"cpp\"").size());
  CHECK(members(body) == members(golden("ingest_logs.json")));
}

std::string text(std::string_view value, size_t limit = SIZE_MAX) {
  std::string out;
  json::append_text(out, value, limit);
  return out;
}

void text_is_escaped_and_what_is_no_utf8_replaced() {
  CHECK(text("a\"b\\c\n\x01") == R"("a\"b\\c\n\u0001")");
  CHECK(text("é€😀") == "\"é€😀\"");
  CHECK(text("x\x80y\xC3") == "\"x\xEF\xBF\xBDy\xEF\xBF\xBD\"");
  CHECK(text("\xED\xA0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // a surrogate
  CHECK(text("\xC0\xAF") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");                  // an overlong form
}

void long_text_is_cut_between_characters_and_marked() {
  CHECK(text("abcdef", 4) == "\"abcd… (2 more bytes)\"");
  CHECK(text("ab€", 4) == "\"ab… (3 more bytes)\"");
}

void numbers_read_back_as_the_same() {
  std::string out;
  json::append_number(out, 0.1);
  out += ' ';
  json::append_number(out, std::numeric_limits<double>::max());
  out += ' ';
  json::append_number(out, std::numeric_limits<double>::infinity());
  out += ' ';
  json::append_number(out, std::numeric_limits<uint64_t>::max());
  CHECK(out == "0.1 1.7976931348623157e+308 \"inf\" 18446744073709551615");
}

void fields_over_the_limit_are_counted() {
  std::vector<argus_field> fields(kMaxFields + 3);
  for (argus_field& field : fields) {
    field.key = {"k", 1};
    field.type = ARGUS_BOOLEAN;
    field.value.integer = 1;
  }
  const std::string line = log_line(1.0, ARGUS_DEBUG, "m", "", fields.data(), fields.size());
  CHECK(line.find("\"fields_left_out\":3}}") != std::string::npos);
}

}  // namespace

TEST_MAIN(the_golden_batch_is_written(), the_golden_lines_are_written(), text_is_escaped_and_what_is_no_utf8_replaced(),
          long_text_is_cut_between_characters_and_marked(), numbers_read_back_as_the_same(),
          fields_over_the_limit_are_counted())
