// The gzip form of a body (RFC 1952), at zlib's fastest level.
#pragma once

#include <string>

namespace argus::client {

// Throws std::bad_alloc.
std::string gzip(const std::string& body);

}  // namespace argus::client
