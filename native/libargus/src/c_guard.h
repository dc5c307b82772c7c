// What both halves of the C interface share: errors as status and words, and arguments as views.
#pragma once

#include <array>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "argus/argus.h"
#include "core/key.h"
#include "core/registry.h"

namespace argus::c {

using TagArray = std::array<core::TagView, core::kMaxTags>;

// What argus_last_error answers to the calling thread.
std::string& last_error();

argus_status fail(argus_status status, const char* message) noexcept;

inline std::string_view view(argus_string text) noexcept { return {text.data, text.size}; }

// Copies the tags into views and checks name and tags.
argus_status check(argus_string name, const argus_tag* tags, size_t count, TagArray& views);

// Copies options whose struct begins with its size; NULL leaves all at 0. A program built with an older header passes a
// shorter struct: what it does not have stays 0. False, with an error, for a size that no header had.
template <typename Options>
bool read_options(const Options* given, Options& chosen) noexcept {
  chosen = {};
  if (given == nullptr) return true;
  if (given->size < sizeof given->size || given->size > sizeof chosen) {
    fail(ARGUS_INVALID, "options.size must be the sizeof of its struct, in a header no newer than the library");
    return false;
  }
  std::memcpy(&chosen, given, given->size);
  return true;
}

// The registry behind the handle.
core::Registry& core_of(argus_registry* registry) noexcept;

// Runs `body`, which returns a status; an exception becomes one.
template <typename Body>
argus_status guarded(Body body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return fail(ARGUS_NO_MEMORY, "out of memory");
  } catch (const std::exception& error) {
    return fail(ARGUS_INVALID, error.what());
  }
}

}  // namespace argus::c
