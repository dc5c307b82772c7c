#include "key.h"

#include <algorithm>

namespace argus::core {

namespace {

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\\' || c == ',' || c == '=' || c == '{' || c == '}') out += '\\';
    out += c;
  }
}

std::string too_long(std::string_view what, size_t bytes) {
  return std::string(what) + " is " + std::to_string(bytes) + " bytes long; at most " + std::to_string(kMaxNameBytes) +
         " are allowed";
}

}  // namespace

Tags sorted(const TagView* tags, size_t count) {
  Tags result;
  result.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    const auto same =
        std::find_if(result.begin(), result.end(), [&](const Tag& tag) { return tag.first == tags[i].first; });
    if (same != result.end()) {
      same->second = tags[i].second;
    } else {
      result.emplace_back(tags[i].first, tags[i].second);
    }
  }
  std::sort(result.begin(), result.end());
  return result;
}

Tags merged(const Tags& tags, const Tags& constant) {
  Tags result = tags;
  for (const Tag& tag : constant) {
    const bool own = std::any_of(tags.begin(), tags.end(), [&](const Tag& t) { return t.first == tag.first; });
    if (!own) result.push_back(tag);
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::string format_key(std::string_view name, const Tags& tags) {
  std::string key;
  append_escaped(key, name);
  if (tags.empty()) return key;
  key += '{';
  for (const Tag& tag : tags) {
    if (&tag != tags.data()) key += ',';
    append_escaped(key, tag.first);
    key += '=';
    append_escaped(key, tag.second);
  }
  key += '}';
  return key;
}

std::string problem_of(std::string_view name, const TagView* tags, size_t count) {
  if (name.empty()) return "the name is empty";
  if (name.size() > kMaxNameBytes) return too_long("the name", name.size());
  if (count > kMaxTags) {
    return std::to_string(count) + " tags; at most " + std::to_string(kMaxTags) + " are allowed";
  }
  for (size_t i = 0; i < count; ++i) {
    if (tags[i].first.empty()) return "a tag's key is empty";
    if (tags[i].first.size() > kMaxNameBytes) return too_long("a tag's key", tags[i].first.size());
    if (tags[i].second.size() > kMaxNameBytes) {
      return too_long("the value of tag '" + std::string(tags[i].first) + "'", tags[i].second.size());
    }
  }
  return {};
}

}  // namespace argus::core
