// JSON text, written by appending.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace argus::client::json {

// A string in quotes. Bytes that are no UTF-8 become U+FFFD. A text of more than `limit` bytes is cut between two
// characters and marked with the number of bytes left out.
void append_text(std::string& out, std::string_view text, size_t limit = SIZE_MAX);

// The shortest digits that read back as the same double; what JSON has no number for is written as text.
void append_number(std::string& out, double value);
void append_number(std::string& out, uint64_t value);
void append_number(std::string& out, int64_t value);

// "name": – with a comma before it unless it is the first of its object.
void append_name(std::string& out, std::string_view name);

}  // namespace argus::client::json
