// The canonical key of a series: `name` or `name{k=v,k2=v2}`, tags sorted by key, `\ , = { }` escaped with `\`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace argus::core {

constexpr size_t kMaxNameBytes = 256;
constexpr size_t kMaxTags = 32;

using Tag = std::pair<std::string, std::string>;
using Tags = std::vector<Tag>;  // sorted by key, keys unique
using TagView = std::pair<std::string_view, std::string_view>;

// Tags sorted by key; of two tags with one key the later wins.
Tags sorted(const TagView* tags, size_t count);

// `tags` and, where they have no tag of that key, `constant`.
Tags merged(const Tags& tags, const Tags& constant);

std::string format_key(std::string_view name, const Tags& tags);

// Why a name and tags cannot be a series, in words for a person; empty when they can.
std::string problem_of(std::string_view name, const TagView* tags, size_t count);

}  // namespace argus::core
