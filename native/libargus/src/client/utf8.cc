#include "utf8.h"

#include <cstdlib>

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#endif

namespace argus::client {

#if defined(_WIN32)

std::filesystem::path to_path(std::string_view text) { return to_wide(text); }

std::string to_text(const std::filesystem::path& path) { return to_utf8(path.native()); }

const char* environment(const char* name) {
  thread_local std::string text;
  const std::wstring wide_name = to_wide(name);
  std::wstring value;
  DWORD size = 0;
  // A value that did not fit says the size it needs, and may have changed when it is asked for again.
  while ((size = GetEnvironmentVariableW(wide_name.c_str(), value.data(), static_cast<DWORD>(value.size()))) >=
         value.size()) {
    if (size == 0) return nullptr;
    value.resize(size);
  }
  text = to_utf8({value.data(), size});
  return text.c_str();
}

std::wstring to_wide(std::string_view text) {
  const int size = static_cast<int>(text.size());
  std::wstring wide(static_cast<size_t>(MultiByteToWideChar(CP_UTF8, 0, text.data(), size, nullptr, 0)), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, text.data(), size, wide.data(), static_cast<int>(wide.size()));
  return wide;
}

std::string to_utf8(std::wstring_view wide) {
  const int size = static_cast<int>(wide.size());
  const int needed = WideCharToMultiByte(CP_UTF8, 0, wide.data(), size, nullptr, 0, nullptr, nullptr);
  std::string text(static_cast<size_t>(needed), '\0');
  WideCharToMultiByte(CP_UTF8, 0, wide.data(), size, text.data(), needed, nullptr, nullptr);
  return text;
}

#else

std::filesystem::path to_path(std::string_view text) { return text; }

std::string to_text(const std::filesystem::path& path) { return path.native(); }

// NOLINTNEXTLINE(concurrency-mt-unsafe): as safe as the program's own changes of its environment
const char* environment(const char* name) { return std::getenv(name); }

#endif

}  // namespace argus::client
