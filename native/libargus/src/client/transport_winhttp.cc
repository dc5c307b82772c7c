// The transport over WinHTTP, in its asynchronous mode.
//
// The other mode cannot keep the promise of `hurry`: its time limits are per step, so a server that sends a byte now
// and then holds the caller for ever, and closing the handle of a synchronous request from another thread is a race
// (WinHTTP may be about to use it). Here WinHTTP's threads only say what has happened and wake the one in `send`, which
// waits for that, for its deadline, or for `hurry`; at the deadline it closes the request, from the thread that uses
// it. WinHTTP may let go of a closed request later, so what its threads touch belongs to the request, not to `send`.
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
// It wants windows.h before it.
#include <winhttp.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <limits>
#include <system_error>
#include <utility>

#include "client/gzip.h"
#include "client/now.h"
#include "client/transport.h"
#include "client/utf8.h"
#include "client/wake.h"

namespace argus::client {

namespace {

constexpr size_t kPart = size_t{16} * 1024;  // bytes of an answer that are read at once

class Handle {
 public:
  explicit Handle(HINTERNET handle = nullptr) noexcept : handle_(handle) {}
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Handle() {
    if (handle_ != nullptr) WinHttpCloseHandle(handle_);
  }
  HINTERNET get() const noexcept { return handle_; }

 private:
  HINTERNET handle_;
};

// What WinHTTP's threads read and write, and tell. One step is under way at a time, so each field has one writer.
struct Progress {
  std::string content;  // of the request: WinHTTP does not copy it
  std::array<char, kPart> part;
  std::atomic<DWORD> happened{0};  // the step that is over, or REQUEST_ERROR; releases the fields below
  DWORD bytes = 0;                 // that were read
  DWORD error = 0;
  DWORD distrust = 0;  // what is wrong with the server's certificate
  std::shared_ptr<Wake> wake;
};

using SharedProgress = std::shared_ptr<Progress>;

void CALLBACK hear(HINTERNET, DWORD_PTR context, DWORD status, LPVOID details, DWORD size) noexcept {
  auto* const shared = reinterpret_cast<SharedProgress*>(context);
  if (shared == nullptr) return;  // a session's or connection's handle, or a request that never began
  Progress& progress = **shared;
  switch (status) {
    case WINHTTP_CALLBACK_STATUS_HANDLE_CLOSING:  // WinHTTP's last word
      delete shared;                              // NOLINT(cppcoreguidelines-owning-memory)
      return;
    case WINHTTP_CALLBACK_STATUS_SECURE_FAILURE: progress.distrust = *static_cast<DWORD*>(details); return;
    case WINHTTP_CALLBACK_STATUS_REQUEST_ERROR:
      progress.error = static_cast<WINHTTP_ASYNC_RESULT*>(details)->dwError;
      break;
    case WINHTTP_CALLBACK_STATUS_READ_COMPLETE: progress.bytes = size; break;
    case WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE:
    case WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE: break;
    default: return;
  }
  progress.happened.store(status, std::memory_order_release);
  progress.wake->signal();
}

std::string described(DWORD error, DWORD distrust = 0) {
  std::string text;
  switch (error) {
    case ERROR_WINHTTP_TIMEOUT: text = "timed out"; break;
    case ERROR_WINHTTP_NAME_NOT_RESOLVED: text = "its name is not known"; break;
    case ERROR_WINHTTP_CANNOT_CONNECT: text = "cannot connect"; break;
    case ERROR_WINHTTP_CONNECTION_ERROR: text = "the connection was cut"; break;
    case ERROR_WINHTTP_INVALID_SERVER_RESPONSE: text = "its answer is not HTTP"; break;
    case ERROR_WINHTTP_SECURE_CHANNEL_ERROR:
    case ERROR_WINHTTP_SECURE_FAILURE: text = "no TLS connection: is its certificate trusted?"; break;
    default: text = std::system_category().message(static_cast<int>(error));
  }
  if ((distrust & WINHTTP_CALLBACK_STATUS_FLAG_INVALID_CA) != 0) text += " Its issuer is unknown";
  if ((distrust & WINHTTP_CALLBACK_STATUS_FLAG_CERT_CN_INVALID) != 0) text += " It is for another host";
  if ((distrust & WINHTTP_CALLBACK_STATUS_FLAG_CERT_DATE_INVALID) != 0) text += " It has expired";
  if ((distrust & WINHTTP_CALLBACK_STATUS_FLAG_CERT_REVOKED) != 0) text += " It was revoked";
  return text + " [" + std::to_string(error) + ']';
}

void check(BOOL done) {
  if (done == FALSE) throw TransportError(described(GetLastError()));
}

Handle checked(HINTERNET handle) {
  check(handle != nullptr ? TRUE : FALSE);
  return Handle(handle);
}

struct Address {
  std::wstring host;
  std::wstring prefix;  // of each path
  INTERNET_PORT port = 0;
  bool secure = false;
};

Address address_of(const std::string& url) {
  const std::wstring wide = to_wide(url);
  URL_COMPONENTS parts{};
  parts.dwStructSize = sizeof parts;
  // Told that a length is wanted, WinHTTP points into the URL.
  parts.dwHostNameLength = parts.dwUrlPathLength = static_cast<DWORD>(-1);
  if (WinHttpCrackUrl(wide.c_str(), static_cast<DWORD>(wide.size()), 0, &parts) == FALSE) {
    throw std::invalid_argument("option url must be an address like http://127.0.0.1:8000, not \"" + url + '"');
  }
  return {std::wstring(parts.lpszHostName, parts.dwHostNameLength),
          std::wstring(parts.lpszUrlPath, parts.dwUrlPathLength), parts.nPort, parts.nScheme == INTERNET_SCHEME_HTTPS};
}

Handle open_session() {
  // The proxy that `netsh winhttp` set, if any; looking for one in the network may take seconds.
  Handle session = checked(WinHttpOpen(L"argus-cpp", WINHTTP_ACCESS_TYPE_DEFAULT_PROXY, WINHTTP_NO_PROXY_NAME,
                                       WINHTTP_NO_PROXY_BYPASS, WINHTTP_FLAG_ASYNC));
  // Handles inherit it when they are made.
  constexpr DWORD kHeard =
      WINHTTP_CALLBACK_FLAG_ALL_COMPLETIONS | WINHTTP_CALLBACK_FLAG_HANDLES | WINHTTP_CALLBACK_FLAG_SECURE_FAILURE;
  const auto before = WinHttpSetStatusCallback(session.get(), hear, kHeard, 0);
  check(before != WINHTTP_INVALID_STATUS_CALLBACK ? TRUE : FALSE);
  return session;
}

class WinHttpTransport final : public Transport {
 public:
  explicit WinHttpTransport(const Endpoint& endpoint)
      : address_(address_of(endpoint.url)),
        headers_(L"Content-Type: application/json\r\n"),
        wake_(std::make_shared<Wake>()),
        session_(open_session()),
        connection_(checked(WinHttpConnect(session_.get(), address_.host.c_str(), address_.port, 0))) {
    if (!endpoint.api_key.empty()) headers_ += to_wide("Authorization: Bearer " + endpoint.api_key + "\r\n");
  }

  Answer send(std::string_view path, const std::string& body, double timeout) override {
    const double deadline = monotonic_now() + timeout;
    const bool packed = body.size() >= kGzipFrom;
    auto progress = std::make_shared<Progress>();
    progress->content = packed ? gzip(body) : body;
    progress->wake = wake_;
    const Handle request = open(path, progress, timeout);
    const std::wstring headers = packed ? headers_ + L"Content-Encoding: gzip\r\n" : headers_;
    const auto size = static_cast<DWORD>(progress->content.size());
    check(WinHttpSendRequest(request.get(), headers.c_str(), static_cast<DWORD>(headers.size()),
                             progress->content.data(), size, size, 0));
    wait_for(WINHTTP_CALLBACK_STATUS_SENDREQUEST_COMPLETE, *progress, deadline);
    check(WinHttpReceiveResponse(request.get(), nullptr));
    wait_for(WINHTTP_CALLBACK_STATUS_HEADERS_AVAILABLE, *progress, deadline);
    Answer answer;
    answer.status = std::atoi(header(request, WINHTTP_QUERY_STATUS_CODE).c_str());
    answer.retry_after = read_retry_after(header(request, WINHTTP_QUERY_RETRY_AFTER));
    while (read_part(request, *progress, deadline)) {
      if (answer.body.size() + progress->bytes > kLongestAnswer) throw TransportError("its answer is too long");
      answer.body.append(progress->part.data(), progress->bytes);
    }
    return answer;
  }

  void hurry(double timeout) noexcept override {
    limit_.store(monotonic_now() + timeout, std::memory_order_relaxed);
    wake_->signal();
  }

  void abandon() noexcept override {}  // Windows has no fork

 private:
  Handle open(std::string_view path, const SharedProgress& progress, double timeout) const {
    const std::wstring target = address_.prefix + to_wide(path);
    Handle request =
        checked(WinHttpOpenRequest(connection_.get(), L"POST", target.c_str(), nullptr, WINHTTP_NO_REFERER,
                                   WINHTTP_DEFAULT_ACCEPT_TYPES, address_.secure ? WINHTTP_FLAG_SECURE : 0));
    DWORD features = WINHTTP_DISABLE_REDIRECTS | WINHTTP_DISABLE_COOKIES | WINHTTP_DISABLE_AUTHENTICATION;
    check(WinHttpSetOption(request.get(), WINHTTP_OPTION_DISABLE_FEATURE, &features, sizeof features));
    // Per step: they end the work of WinHTTP's threads on a request that `send` has given up.
    const int step = static_cast<int>(timeout * 1e3) + 1;
    check(WinHttpSetTimeouts(request.get(), step, step, step, step));
    auto owned = std::make_unique<SharedProgress>(progress);
    auto context = reinterpret_cast<DWORD_PTR>(owned.get());
    check(WinHttpSetOption(request.get(), WINHTTP_OPTION_CONTEXT_VALUE, &context, sizeof context));
    [[maybe_unused]] auto* const deleted_by_hear = owned.release();
    return request;
  }

  void wait_for(DWORD step, Progress& progress, double deadline) const {
    DWORD happened = 0;
    while ((happened = progress.happened.exchange(0, std::memory_order_acquire)) == 0) {
      const double left = std::min(deadline, limit_.load(std::memory_order_relaxed)) - monotonic_now();
      if (left <= 0.0) throw TransportError(described(ERROR_WINHTTP_TIMEOUT));
      wake_->wait(left);
    }
    if (happened != step) throw TransportError(described(progress.error, progress.distrust));
  }

  // False at the end of the answer.
  bool read_part(const Handle& request, Progress& progress, double deadline) const {
    check(WinHttpReadData(request.get(), progress.part.data(), static_cast<DWORD>(progress.part.size()), nullptr));
    wait_for(WINHTTP_CALLBACK_STATUS_READ_COMPLETE, progress, deadline);
    return progress.bytes != 0;
  }

  // Empty where the answer has no such header.
  static std::string header(const Handle& request, DWORD which) {
    std::array<wchar_t, 64> text{};
    auto size = static_cast<DWORD>(sizeof text);
    const BOOL found = WinHttpQueryHeaders(request.get(), which, WINHTTP_HEADER_NAME_BY_INDEX, text.data(), &size,
                                           WINHTTP_NO_HEADER_INDEX);
    return found == FALSE ? std::string() : to_utf8({text.data(), size / sizeof(wchar_t)});
  }

  const Address address_;
  std::wstring headers_;
  const std::shared_ptr<Wake> wake_;  // outlives this where WinHTTP still has a word to say
  const Handle session_;
  const Handle connection_;
  std::atomic<double> limit_{std::numeric_limits<double>::infinity()};
};

}  // namespace

std::unique_ptr<Transport> make_transport(const Endpoint& endpoint) {
  return std::make_unique<WinHttpTransport>(endpoint);
}

// The system loads WinHTTP with the program and unloads it after everything registered with atexit.
void prepare_transport() {}

}  // namespace argus::client
