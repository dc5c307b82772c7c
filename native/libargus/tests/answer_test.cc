#include "client/answer.h"

#include <fstream>
#include <iterator>
#include <string>

#include "check.h"

using argus::client::read_retry_after;
using argus::client::Words;
using argus::client::words_of;

namespace {

std::string golden(const char* name) {
  std::ifstream file(std::string(ARGUS_GOLDEN) + '/' + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

void the_golden_answers_are_read() {
  const Words accepted = words_of(golden("answer_accepted.json"));
  CHECK(accepted.accepted && accepted.rejected == 1);
  CHECK(accepted.first_rejected == R"({"key": "orders{shop=oslo}", "reason": "series limit of 10000 reached"})");
  const Words error = words_of(golden("answer_error.json"));
  CHECK(error.message == "step must be greater than 0, got -1" && error.where == "step");
  CHECK(error.rejected == 0);
}

void what_is_no_json_object_has_no_words() {
  for (const char* body : {"", "<html>502</html>", "[1]", "null", "{", R"({"error": )", R"({"error": {"message": "x)",
                           R"({"rejected": [1, 2})", "{]", R"({"a" 1})"}) {
    const Words words = words_of(body);
    CHECK(!words.accepted && words.rejected == 0 && words.message.empty());
  }
}

void other_shapes_are_passed_over() {
  const Words words = words_of(R"({"x": [{"error": {"message": "no"}}, [], {}], "rejected": 3, "error": "text",
                                   "error": {"message": 5, "where": "a\"b\nc"}})");
  CHECK(words.rejected == 0 && words.message.empty() && words.where == "a\"b\nc");
}

void depth_has_a_bound() { CHECK(words_of("{\"a\":" + std::string(1'000'000, '[')).rejected == 0); }

void a_pause_is_seconds_and_at_most_an_hour() {
  CHECK(read_retry_after(" 5\r\n") == 5.0);
  CHECK(read_retry_after("1.5") == 1.5);
  CHECK(read_retry_after("999999") == 3600.0);
  for (const char* header : {"", "-3", "nan", "Wed, 21 Oct 2015 07:28:00 GMT", "5 minutes"}) {
    CHECK(read_retry_after(header) == 0.0);
  }
}

}  // namespace

TEST_MAIN(the_golden_answers_are_read(), what_is_no_json_object_has_no_words(), other_shapes_are_passed_over(),
          depth_has_a_bound(), a_pause_is_seconds_and_at_most_an_hour())
