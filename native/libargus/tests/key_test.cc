#include "core/key.h"

#include <string>

#include "check.h"

using argus::core::format_key;
using argus::core::merged;
using argus::core::problem_of;
using argus::core::sorted;
using argus::core::TagView;

namespace {

void tags_are_sorted_and_escaped() {
  const TagView tags[] = {{"z", "1,2"}, {"a", "x=y"}};
  CHECK(format_key("or{ders", sorted(tags, 2)) == "or\\{ders{a=x\\=y,z=1\\,2}");
  CHECK(format_key("orders", {}) == "orders");
}

void a_repeated_tag_keeps_its_later_value() {
  const TagView tags[] = {{"a", "1"}, {"a", "2"}};
  CHECK(format_key("n", sorted(tags, 2)) == "n{a=2}");
}

void own_tags_win_over_constant_ones() {
  const TagView own[] = {{"env", "test"}};
  const TagView constant[] = {{"env", "prod"}, {"zone", "a"}};
  CHECK(format_key("n", merged(sorted(own, 1), sorted(constant, 2))) == "n{env=test,zone=a}");
}

void problems_are_told_in_words() {
  CHECK(problem_of("orders", nullptr, 0).empty());
  CHECK(problem_of("", nullptr, 0) == "the name is empty");
  CHECK(problem_of(std::string(257, 'x'), nullptr, 0) == "the name is 257 bytes long; at most 256 are allowed");
  const TagView empty_key[] = {{"", "v"}};
  CHECK(problem_of("n", empty_key, 1) == "a tag's key is empty");
}

}  // namespace

TEST_MAIN(tags_are_sorted_and_escaped(), a_repeated_tag_keeps_its_later_value(), own_tags_win_over_constant_ones(),
          problems_are_told_in_words())
