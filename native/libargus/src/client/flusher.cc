#include "flusher.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <exception>
#include <random>
#include <type_traits>

#include "client/machine.h"
#include "client/now.h"
#include "client/utf8.h"

#if !defined(_WIN32)
#include <pthread.h>

#include <csignal>
#endif

namespace argus::client {

namespace {

constexpr const char* kSdk = "cpp/" ARGUS_VERSION;
constexpr double kSpread = 0.1;                  // share of the interval over which instances spread their sending
constexpr double kRoundSeconds = 30.0;           // longest time one round of delivery may take
constexpr double kUrgentPause = 1.0;             // between two early deliveries because of an error line
constexpr size_t kLineBytes = size_t{1} << 20U;  // of log lines that are taken out of the flight recorder at once
constexpr double kEdgeTolerance = 0.5;           // by which a drain may miss the edge and the window still ends there

std::string new_instance(const std::string& host) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::random_device random;
  std::string instance = host + ':' + std::to_string(process_id()) + ':';
  for (int i = 0; i < 8; ++i) instance += kDigits[random() % kDigits.size()];
  return instance;
}

#if defined(_WIN32)
struct SignalsBlocked {};
void name_thread() noexcept {}
#else
// The program's handlers run on the program's threads: the flush thread inherits that all signals are blocked.
class SignalsBlocked {
 public:
  SignalsBlocked() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

void name_thread() noexcept {
#if defined(__APPLE__)
  pthread_setname_np("argus-flush");
#else
  pthread_setname_np(pthread_self(), "argus-flush");
#endif
}
#endif

}  // namespace

Flusher::Flusher(core::Registry& registry, LogQueue& queue, const Settings& settings, const Diagnostics& diagnostics,
                 std::unique_ptr<Transport> transport)
    : registry_(registry),
      queue_(queue),
      settings_(settings),
      diagnostics_(diagnostics),
      transport_(std::move(transport)),
      window_start_(unix_now()),
      window_began_(monotonic_now()) {
  sender_.host = settings.host.empty() ? host_name() : settings.host;
  sender_.instance = new_instance(sender_.host);
  sender_.sdk = kSdk;
  std::random_device random;
  spread_ = std::uniform_real_distribution<double>(0.0, kSpread)(random) * settings.flush_interval;
  if (!settings.flight_recorder.empty()) start_recorder();
}

// Before the first record, or in the child of a fork: nobody records while cells move into the file.
void Flusher::start_recorder() {
  try {
    const std::filesystem::path root = to_path(settings_.folder());
    if (settings_.spool_dir.empty()) prepare_flight_folder(root);
    auto folder = std::make_unique<Folder>(root, sender_.instance, settings_.spool_bytes);
    const std::string file = to_text(folder->claim() / kFlight);
    auto recorder = std::make_shared<core::Recorder>(
        file, core::FlightIdentity{sender_.instance, sender_.host, sender_.sdk, settings_.flush_interval});
    try {
      registry_.record_into(recorder);
    } catch (const std::system_error&) {
      recorder->close();
      throw;
    }
    folder_ = std::move(folder);
    recorder_ = std::move(recorder);
  } catch (const std::system_error& error) {  // also of file systems
    diagnostics_.say(ARGUS_WARNING, std::string("the flight recorder is off: ") + error.what());
  }
}

bool Flusher::keep_line(std::string_view line) noexcept { return recorder_ != nullptr && recorder_->put_line(line); }

Flusher::~Flusher() {
  if (thread_.joinable()) finish(0.0);
}

void Flusher::start() {
  [[maybe_unused]] const SignalsBlocked blocked;
  thread_ = std::thread([this] { run(); });
}

void Flusher::attend(bool urgent) noexcept {
  if (urgent) urgent_.store(true, std::memory_order_relaxed);
  if (!attended_.exchange(true, std::memory_order_acq_rel)) wake_.signal();
}

bool Flusher::flush(double timeout) { return ask(timeout, false); }

bool Flusher::finish(double timeout) {
  if (!thread_.joinable()) return false;
  transport_->hurry(timeout);
  const bool complete = ask(timeout, true);
  thread_.join();
  return complete;
}

void Flusher::abandon() noexcept {
  if (recorder_ != nullptr) recorder_->file().leave();
  if (folder_ != nullptr) folder_->abandon();
  if (delivery_) delivery_->abandon();
}

bool Flusher::ask(double timeout, bool last) {
  auto request = std::make_shared<Request>(Request{monotonic_now() + timeout, last});
  std::unique_lock<std::mutex> lock(mutex_);
  if (ended_) return false;
  requests_.push_back(request);
  wake_.signal();
  const auto wait = std::chrono::duration<double>(std::max(timeout, 0.0));
  answered_.wait_for(lock, wait, [&] { return request->done || ended_; });
  return request->complete;
}

std::shared_ptr<Flusher::Request> Flusher::next_request() {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (requests_.empty()) return nullptr;
  auto request = requests_.front();
  requests_.pop_front();
  return request;
}

void Flusher::answer(Request& request, bool complete) {
  const std::lock_guard<std::mutex> lock(mutex_);
  request.complete = complete;
  request.done = true;
  answered_.notify_all();
}

void Flusher::run() {
  name_thread();
  try {
    loop();
  } catch (const std::exception& error) {  // of memory or descriptors there are none left
    say("monitoring", "has ended; the program goes on without it", error.what());
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  ended_ = true;
  answered_.notify_all();
}

template <typename Step>
bool Flusher::guarded(const char* what, Step step) noexcept {
  try {
    if constexpr (std::is_void_v<decltype(step())>) {
      step();
      return true;
    } else {
      return step();
    }
  } catch (const std::exception& error) {
    if (flush_errors_++ == 0) say(what, "failed and will be tried again", error.what());
    return false;
  }
}

// Without allocating: memory may be what is missing.
void Flusher::say(const char* what, const char* became, const char* why) const noexcept {
  std::array<char, 512> text{};
  std::snprintf(text.data(), text.size(), "%s %s: %s", what, became, why);
  diagnostics_.say(ARGUS_ERROR, text.data());
}

void Flusher::loop() {
  if (folder_ == nullptr && !settings_.spool_dir.empty()) {
    folder_ = std::make_unique<Folder>(to_path(settings_.spool_dir), sender_.instance, settings_.spool_bytes);
  }
  delivery_.emplace(*transport_, metrics_, logs_, std::move(folder_), diagnostics_, monotonic_now,
                    std::random_device{}(), recorder_);
  if (settings_.system_metrics) system_.emplace();

  double edge = monotonic_now() + seconds_to_edge();
  double send_at = edge + spread_;
  double last_urgent = 0.0;
  while (true) {
    wake_.wait(std::min(edge, send_at) - monotonic_now());
    attended_.store(false, std::memory_order_release);
    take_lines();
    if (const auto request = next_request()) {
      end_window();
      const bool complete = send(request->deadline, true);
      if (request->last) {
        guarded("saving what is left", [this] { delivery_->close(); });
      }
      answer(*request, complete);
      if (request->last) return;
      continue;
    }
    const double now = monotonic_now();
    if (urgent_.exchange(false, std::memory_order_relaxed)) {
      send_at = std::min(send_at, std::max(now, last_urgent + kUrgentPause));
      last_urgent = send_at;
    }
    if (now >= edge) {
      end_window();
      edge = monotonic_now() + seconds_to_edge();
      send_at = std::min(send_at, now + spread_);
    }
    if (now >= send_at) {
      send(now + kRoundSeconds, false);
      send_at = edge + spread_;
    }
  }
}

void Flusher::take_lines() {
  guarded("taking log lines", [this] {
    std::vector<std::string> lines;
    queue_.take(lines);
    if (!lines.empty()) logs_.add(std::move(lines));
    if (recorder_ == nullptr || logs_.waiting() >= LogStream::kMaxWaiting) return;
    lines = recorder_->take_lines(LogStream::kMaxWaiting - logs_.waiting(), kLineBytes);
    if (!lines.empty()) logs_.add(std::move(lines));
    if (recorder_->crowded()) delivery_->save();
  });
}

void Flusher::end_window() {
  guarded("closing the window", [this] { close_window(); });
}

void Flusher::close_window() {
  if (!delivery_->takes_window()) {
    metrics_.count_merged();
    return;
  }
  if (system_) system_->record(registry_);
  const double now = monotonic_now();
  const double elapsed = now - window_began_;
  window_began_ = now;
  self_.record(registry_, elapsed, queue_, metrics_, logs_, *delivery_, flush_errors_);
  TimedWindow window;
  window.end = edge_near(unix_now());
  window.start = window.end - elapsed;
  if (std::fabs(window.start - window_start_) < 1.0)
    window.start = std::min(window_start_, window.end);  // else the clock jumped
  window_start_ = window.end;
  window.columns = registry_.drain();
  self_.note(window.columns);
  const double end = window.end;
  if (window.rows() != 0) metrics_.add(std::move(window));
  delivery_->keep_window(end);
}

bool Flusher::send(double deadline, bool now) {
  return guarded("sending", [&] { return delivery_->run(deadline, now); });
}

// One that is almost here is passed over.
double Flusher::seconds_to_edge() const {
  const double interval = settings_.flush_interval;
  const double ahead = interval - std::fmod(unix_now(), interval);
  return ahead < std::min(kEdgeTolerance, interval / 4.0) ? ahead + interval : ahead;
}

double Flusher::edge_near(double now) const {
  const double interval = settings_.flush_interval;
  const double edge = std::round(now / interval) * interval;
  return std::fabs(edge - now) < std::min(kEdgeTolerance, interval / 4.0) ? edge : now;
}

}  // namespace argus::client
