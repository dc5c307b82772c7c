#include "c_guard.h"

namespace argus::c {

std::string& last_error() {
  thread_local std::string message;
  return message;
}

argus_status fail(argus_status status, const char* message) noexcept {
  try {
    last_error() = message;
  } catch (const std::exception&) {
    return ARGUS_NO_MEMORY;
  }
  return status;
}

argus_status check(argus_string name, const argus_tag* tags, size_t count, TagArray& views) {
  const size_t copied = count < views.size() ? count : views.size();
  for (size_t i = 0; i < copied; ++i) views[i] = {view(tags[i].key), view(tags[i].value)};
  const std::string problem = core::problem_of(view(name), views.data(), count);
  return problem.empty() ? ARGUS_OK : fail(ARGUS_INVALID, problem.c_str());
}

}  // namespace argus::c
