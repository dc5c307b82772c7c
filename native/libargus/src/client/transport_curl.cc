// The transport over libcurl. The multi interface drives one transfer at a time, because it can be woken.
#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <limits>
#include <mutex>

#include "client/gzip.h"
#include "client/now.h"
#include "client/transport.h"

namespace argus::client {

namespace {

constexpr int kLongestPoll = 1'000;  // ms

class Headers {
 public:
  Headers() = default;
  Headers(const Headers&) = delete;
  Headers& operator=(const Headers&) = delete;
  ~Headers() { curl_slist_free_all(list_); }
  void add(const std::string& line) {
    curl_slist* const longer = curl_slist_append(list_, line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    list_ = longer;
  }
  curl_slist* list() const noexcept { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

size_t take_body(char* data, size_t size, size_t count, void* context) {
  auto& body = static_cast<Answer*>(context)->body;
  const size_t bytes = size * count;
  if (body.size() + bytes > kLongestAnswer) return 0;
  body.append(data, bytes);
  return bytes;
}

size_t take_header(char* data, size_t size, size_t count, void* context) {
  constexpr std::string_view kRetryAfter = "retry-after:";
  const std::string_view line(data, size * count);
  const bool matches = line.size() > kRetryAfter.size() &&
                       std::equal(kRetryAfter.begin(), kRetryAfter.end(), line.begin(),
                                  [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
  if (matches) static_cast<Answer*>(context)->retry_after = read_retry_after(line.substr(kRetryAfter.size()));
  return line.size();
}

class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(const Endpoint& endpoint) : url_(endpoint.url), multi_(curl_multi_init()) {
    plain_headers_.add("Content-Type: application/json");
    if (!endpoint.api_key.empty()) plain_headers_.add("Authorization: Bearer " + endpoint.api_key);
    plain_headers_.add("Expect:");
    gzip_headers_.add("Content-Type: application/json");
    if (!endpoint.api_key.empty()) gzip_headers_.add("Authorization: Bearer " + endpoint.api_key);
    gzip_headers_.add("Expect:");
    gzip_headers_.add("Content-Encoding: gzip");
    easy_ = curl_easy_init();
    if (easy_ == nullptr || multi_ == nullptr) throw std::bad_alloc();
    configure(endpoint);
  }

  ~CurlTransport() override {
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
  }

  Answer send(std::string_view path, const std::string& body, double timeout) override {
    const bool packed = body.size() >= kGzipFrom;
    const std::string content = packed ? gzip(body) : body;
    const std::string target = url_ + std::string(path);
    Answer answer;
    curl_easy_setopt(easy_, CURLOPT_URL, target.c_str());
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, (packed ? gzip_headers_ : plain_headers_).list());
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, content.data());
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(content.size()));
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(easy_, CURLOPT_HEADERDATA, &answer);
    const CURLcode result = exchange(monotonic_now() + timeout);
    if (result != CURLE_OK) {
      throw TransportError(error_[0] != '\0' ? error_.data() : curl_easy_strerror(result));
    }
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    return answer;
  }

  void hurry(double timeout) noexcept override {
    limit_.store(monotonic_now() + timeout, std::memory_order_relaxed);
    curl_multi_wakeup(multi_);
  }

  void abandon() noexcept override {
    // Cleaning up would say goodbye on the parent's connection: only this process' copy of the socket is closed.
    if (socket_ != CURL_SOCKET_BAD) ::close(socket_);
  }

 private:
  void configure(const Endpoint& endpoint) {
    curl_easy_setopt(easy_, CURLOPT_POST, 1L);
    curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy_, CURLOPT_USERAGENT, "argus-cpp");
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    curl_easy_setopt(easy_, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy_, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, error_.data());
    curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(easy_, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(easy_, CURLOPT_CLOSESOCKETDATA, this);
    if (!endpoint.ca_file.empty()) curl_easy_setopt(easy_, CURLOPT_CAINFO, endpoint.ca_file.c_str());
  }

  CURLcode exchange(double deadline) {
    error_[0] = '\0';
    curl_multi_add_handle(multi_, easy_);
    CURLcode result = CURLE_OPERATION_TIMEDOUT;
    int running = 1;
    while (curl_multi_perform(multi_, &running) == CURLM_OK && running != 0) {
      const double left = std::min(deadline, limit_.load(std::memory_order_relaxed)) - monotonic_now();
      if (left <= 0.0) break;
      const int wait = static_cast<int>(std::min(left * 1e3 + 1.0, static_cast<double>(kLongestPoll)));
      curl_multi_poll(multi_, nullptr, 0, wait, nullptr);
    }
    if (running == 0) {
      int left = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
        if (message->msg == CURLMSG_DONE) result = message->data.result;
      }
    }
    curl_multi_remove_handle(multi_, easy_);
    return result;
  }

  static curl_socket_t open_socket(void* self, curlsocktype, curl_sockaddr* address) {
    int type = address->socktype;
#if defined(SOCK_CLOEXEC)
    type |= SOCK_CLOEXEC;
#endif
    const curl_socket_t made = ::socket(address->family, type, address->protocol);
    static_cast<CurlTransport*>(self)->socket_ = made;
    return made;
  }

  static int close_socket(void* self, curl_socket_t socket) {
    auto* const transport = static_cast<CurlTransport*>(self);
    if (transport->socket_ == socket) transport->socket_ = CURL_SOCKET_BAD;
    return ::close(socket);
  }

  const std::string url_;
  Headers plain_headers_;
  Headers gzip_headers_;
  CURL* easy_ = nullptr;
  CURLM* multi_;
  std::atomic<double> limit_{std::numeric_limits<double>::infinity()};
  curl_socket_t socket_ = CURL_SOCKET_BAD;
  std::array<char, CURL_ERROR_SIZE> error_{};
};

}  // namespace

std::unique_ptr<Transport> make_transport(const Endpoint& endpoint) {
  prepare_transport();
  return std::make_unique<CurlTransport>(endpoint);
}

void prepare_transport() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

}  // namespace argus::client
