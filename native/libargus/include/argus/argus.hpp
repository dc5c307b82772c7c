// libargus for C++17 and later: counters, gauges, timings and log lines from any thread, for a few nanoseconds.
//
//   argus::Client client(options);
//   client.increment("chunks");
//   auto frame = client.timer("frame");
//   { auto scope = frame.start(); render(); }
//
// A thin cover of the C interface (client.h, argus.h), whole in this header, so the library and the program may be
// built with different compilers and standards. Only constructors, and the making of a handle, throw. Recording never
// throws, never waits, and does no I/O.
#pragma once

#include <argus/client.h>

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace argus {

// A wrong option, name or tag; what() names it, its value and the remedy.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Level { debug = ARGUS_DEBUG, info = ARGUS_INFO, warning = ARGUS_WARNING, error = ARGUS_ERROR };

namespace detail {

constexpr argus_string borrow(std::string_view text) noexcept { return {text.data(), text.size()}; }

inline void require(bool made) {
  if (!made) throw Error(argus_last_error());
}

}  // namespace detail

// What tells one series of a name from another. Borrows its texts.
struct Tag : argus_tag {
  constexpr Tag(std::string_view name, std::string_view text) noexcept
      : argus_tag{detail::borrow(name), detail::borrow(text)} {}
};
static_assert(sizeof(Tag) == sizeof(argus_tag), "a row of Tags is handed over as a row of argus_tags");

// A fact about a log line: text, a number or a truth value. Borrows its texts.
struct Field : argus_field {
  Field(std::string_view name, std::string_view text) noexcept : Field(name, ARGUS_TEXT) {
    value.text = detail::borrow(text);
  }
  Field(std::string_view name, const char* text) noexcept : Field(name, std::string_view(text)) {}
  Field(std::string_view name, const std::string& text) noexcept : Field(name, std::string_view(text)) {}

  template <typename Number, std::enable_if_t<std::is_arithmetic_v<Number>, int> = 0>
  Field(std::string_view name, Number number) noexcept : Field(name, type_for<Number>()) {
    if constexpr (std::is_floating_point_v<Number>) {
      value.number = static_cast<double>(number);
    } else {
      value.integer = static_cast<int64_t>(number);
    }
  }

 private:
  Field(std::string_view name, argus_field_type chosen) noexcept : argus_field{} {
    key = detail::borrow(name);
    type = chosen;
  }

  template <typename Number>
  static constexpr argus_field_type type_for() noexcept {
    if (std::is_same_v<Number, bool>) return ARGUS_BOOLEAN;
    return std::is_floating_point_v<Number> ? ARGUS_NUMBER : ARGUS_INTEGER;
  }
};
static_assert(sizeof(Field) == sizeof(argus_field), "a row of Fields is handed over as a row of argus_fields");

// Several tags or fields: a braced list, or anything with data() and size(), such as a std::vector. Borrows.
template <typename Item>
class List {
 public:
  constexpr List() noexcept = default;
  constexpr List(std::initializer_list<Item> items) noexcept : size_(items.size()) { data_ = items.begin(); }
  template <typename Row, typename = std::enable_if_t<
                              std::is_convertible_v<decltype(std::declval<const Row&>().data()), const Item*>>>
  constexpr List(const Row& row) noexcept : data_(row.data()), size_(row.size()) {}

  constexpr const Item* data() const noexcept { return data_; }
  constexpr size_t size() const noexcept { return size_; }

 private:
  const Item* data_ = nullptr;
  size_t size_ = 0;
};
using Tags = List<Tag>;
using Fields = List<Field>;

namespace detail {

// Seconds of a std::chrono duration, without its header.
template <typename Duration, typename Period = typename Duration::period>
constexpr double seconds(Duration duration) noexcept {
  return static_cast<double>(duration.count()) * (static_cast<double>(Period::num) / static_cast<double>(Period::den));
}

// Owns a series handle of the C interface; moves, does not copy.
class Handle {
 public:
  Handle() noexcept = default;
  Handle(argus_registry* registry, argus_kind kind, std::string_view name, Tags tags)
      : series_(argus_series_new(registry, kind, borrow(name), tags.data(), tags.size())) {
    require(series_ != nullptr);
  }
  Handle(Handle&& other) noexcept : series_(std::exchange(other.series_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(series_, other.series_);
    return *this;
  }
  ~Handle() { argus_series_free(series_); }

  argus_series* get() const noexcept { return series_; }

 private:
  argus_series* series_ = nullptr;
};

}  // namespace detail

// The handles: the fastest way to record. One that was made without a client records nothing. Recording through a
// handle is safe on any thread, in a signal handler, and while static objects are destroyed.

class Counter {
 public:
  Counter() noexcept = default;

  // Adds `value`, which is finite and not negative; any other is refused and counted.
  void increment(double value = 1.0) const noexcept { argus_counter_add(handle_.get(), value); }

 private:
  friend class Client;
  explicit Counter(detail::Handle handle) noexcept : handle_(std::move(handle)) {}
  detail::Handle handle_;
};

class Gauge {
 public:
  Gauge() noexcept = default;

  void set(double value) const noexcept { argus_gauge_set(handle_.get(), value); }

 private:
  friend class Client;
  explicit Gauge(detail::Handle handle) noexcept : handle_(std::move(handle)) {}
  detail::Handle handle_;
};

// Times from its making to its end. It must not outlive its timer.
class Scope {
 public:
  explicit Scope(argus_series* timer) noexcept : timer_(timer), began_(argus_clock()) {}
  Scope(Scope&& other) noexcept : timer_(std::exchange(other.timer_, nullptr)), began_(other.began_) {}
  Scope& operator=(Scope&&) = delete;
  ~Scope() {
    if (timer_ != nullptr) argus_timer_record_since(timer_, began_);
  }

  // Records nothing: what was timed did not come to its end.
  void cancel() noexcept { timer_ = nullptr; }

 private:
  argus_series* timer_;
  uint64_t began_;
};

class Timer {
 public:
  Timer() noexcept = default;

  void record(double seconds) const noexcept { argus_timer_record(handle_.get(), seconds); }
  template <typename Duration, typename = typename Duration::period>
  void record(Duration duration) const noexcept {
    record(detail::seconds(duration));
  }

  [[nodiscard]] Scope start() const noexcept { return Scope(handle_.get()); }

 private:
  friend class Client;
  explicit Timer(detail::Handle handle) noexcept : handle_(std::move(handle)) {}
  detail::Handle handle_;
};

// What is left empty comes from ARGUS_URL, ARGUS_APP_ID, …, else it has its default: docs/settings.md.
struct Options {
  std::string url;     // of the server; without one nothing is sent
  std::string app_id;  // for diagnostics; the key decides
  std::string api_key;
  std::string host;                                       // name of this machine
  std::vector<std::pair<std::string, std::string>> tags;  // carried by every series
  double flush_interval = 0.0;                            // seconds; 10 where nothing is said
  std::string log_level;                                  // least level that is sent: debug, info, warning or error
  bool system_metrics = true;                             // measure the machine and this process
  std::string spool_dir;                                  // folder that keeps undelivered batches over a restart
  uint64_t spool_bytes = 0;                               // size that folder may reach
  std::string ca_file;                    // certificates to verify the server with, instead of the system's
  argus_diagnostic diagnostic = nullptr;  // hears what the client has to say of itself; stderr where it is null
  void* diagnostic_context = nullptr;
  std::string flight_recorder;  // "on": what is recorded outlives a kill; or the folder for that
};

// Records into its own registry and sends to one server from one background thread. Its end, and that of the program,
// send what is left, for 2 s at most. In the child of a fork it goes on as an instance of its own.
class Client {
 public:
  // Throws Error for a wrong option. That the server cannot be reached is no error: data are kept and sent later.
  explicit Client(const Options& options = {}) : client_(open(options)), registry_(argus_client_registry(client_)) {}
  ~Client() { argus_client_free(client_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Recording by name: a look-up in this thread's own table. A name or tag that is empty or too long is refused and
  // counted in argus.client.rejected_values.
  void increment(std::string_view name, double value = 1.0, Tags tags = {}) noexcept {
    argus_increment(registry_, detail::borrow(name), value, tags.data(), tags.size());
  }
  void increment(std::string_view name, Tags tags) noexcept { increment(name, 1.0, tags); }

  void gauge(std::string_view name, double value, Tags tags = {}) noexcept {
    argus_gauge(registry_, detail::borrow(name), value, tags.data(), tags.size());
  }

  void timing(std::string_view name, double seconds, Tags tags = {}) noexcept {
    argus_timing(registry_, detail::borrow(name), seconds, tags.data(), tags.size());
  }
  template <typename Duration, typename = typename Duration::period>
  void timing(std::string_view name, Duration duration, Tags tags = {}) noexcept {
    timing(name, detail::seconds(duration), tags);
  }

  // Handles. These throw Error for a name or tag that is empty or too long.
  [[nodiscard]] Counter counter(std::string_view name, Tags tags = {}) {
    return Counter(detail::Handle(registry_, ARGUS_COUNTER, name, tags));
  }
  [[nodiscard]] Gauge gauge(std::string_view name, Tags tags = {}) {
    return Gauge(detail::Handle(registry_, ARGUS_GAUGE, name, tags));
  }
  [[nodiscard]] Timer timer(std::string_view name, Tags tags = {}) {
    return Timer(detail::Handle(registry_, ARGUS_TIMING, name, tags));
  }

  // The line waits in a bounded queue; one that finds it full is dropped and counted. An error is sent at once.
  void log(Level level, std::string_view message, Fields fields = {}, std::string_view logger = {}) noexcept {
    argus_log(client_, static_cast<argus_level>(level), detail::borrow(message), detail::borrow(logger), fields.data(),
              fields.size());
  }

  // Something happened, such as a deploy: a mark on the charts, and a log line.
  void event(std::string_view name, std::string_view text = {}, Tags tags = {}) noexcept {
    argus_event(client_, detail::borrow(name), detail::borrow(text), tags.data(), tags.size());
  }

  // Sends everything now. True: the server has it all; false: it has not within `timeout`, and sending goes on.
  bool flush(double timeout = 2.0) noexcept { return argus_flush(client_, timeout) != 0; }
  template <typename Duration, typename = typename Duration::period>
  bool flush(Duration timeout) noexcept {
    return flush(detail::seconds(timeout));
  }

 private:
  static argus_client* open(const Options& options) {
    std::vector<Tag> tags;
    for (const auto& [key, value] : options.tags) tags.emplace_back(key, value);
    argus_client_options plain{};
    plain.size = sizeof plain;
    plain.url = detail::borrow(options.url);
    plain.app_id = detail::borrow(options.app_id);
    plain.api_key = detail::borrow(options.api_key);
    plain.host = detail::borrow(options.host);
    plain.tags = tags.data();
    plain.tag_count = tags.size();
    plain.flush_interval = options.flush_interval;
    plain.log_level = detail::borrow(options.log_level);
    plain.system_metrics = options.system_metrics ? ARGUS_DEFAULT : ARGUS_OFF;
    plain.spool_dir = detail::borrow(options.spool_dir);
    plain.spool_bytes = options.spool_bytes;
    plain.ca_file = detail::borrow(options.ca_file);
    plain.diagnostic = options.diagnostic;
    plain.diagnostic_context = options.diagnostic_context;
    plain.flight_recorder = detail::borrow(options.flight_recorder);
    argus_client* client = argus_client_new(&plain);
    detail::require(client != nullptr);
    return client;
  }

  argus_client* client_;
  argus_registry* registry_;
};

}  // namespace argus
