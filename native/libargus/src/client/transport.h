// HTTP to the server behind one small interface: transport_curl.cc on Linux and macOS, transport_winhttp.cc on Windows.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "client/answer.h"

namespace argus::client {

// No answer came. The batch may or may not have been stored.
class TransportError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

constexpr size_t kGzipFrom = 1024;                      // bytes; a shorter body is sent as it is
constexpr size_t kLongestAnswer = size_t{1024} * 1024;  // bytes

class Transport {
 public:
  Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  virtual ~Transport() = default;

  // POSTs the body; throws TransportError when no whole answer came within `timeout` seconds. One thread.
  virtual Answer send(std::string_view path, const std::string& body, double timeout) = 0;

  // An exchange that is going on ends within `timeout` seconds from now, and so does each later one. Any thread.
  virtual void hurry(double timeout) noexcept = 0;

  // In the child of a fork: let go of the connection without a word to the server, for it is the parent's.
  virtual void abandon() noexcept = 0;
};

struct Endpoint {
  std::string url;
  std::string api_key;
  std::string ca_file;  // empty on Windows, whose own certificates count
};

// Verifies TLS, compresses, keeps the connection. Throws std::invalid_argument for a URL that it cannot use.
std::unique_ptr<Transport> make_transport(const Endpoint& endpoint);

// Loads what HTTP needs, once per process: before anything is registered with atexit, so that it is unloaded after.
void prepare_transport();

}  // namespace argus::client
