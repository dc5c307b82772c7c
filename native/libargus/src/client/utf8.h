// Every text in libargus is UTF-8. POSIX systems take it as it is; Windows' own interfaces speak UTF-16, and what its C
// library makes of a narrow text depends on the machine's settings.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace argus::client {

std::filesystem::path to_path(std::string_view text);
std::string to_text(const std::filesystem::path& path);

// The value of a variable, nullptr where it is not set; valid until the calling thread asks again.
const char* environment(const char* name);

#if defined(_WIN32)
// What is no UTF-8, or no UTF-16, becomes U+FFFD.
std::wstring to_wide(std::string_view text);
std::string to_utf8(std::wstring_view wide);
#endif

}  // namespace argus::client
