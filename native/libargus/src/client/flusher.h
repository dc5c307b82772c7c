// The flush thread: every interval one window is drained and handed to delivery.
//
// Windows end at wall-clock multiples of the interval, so those of all processes line up on a chart; each instance
// sends a little later than the edge, by a share of its own, so that they do not all knock at once. Waiting is
// monotonic: a clock that jumps moves the labels of windows, never their length.
//
// Thread rule: `attend` may be called from any thread and takes no lock; `flush`, `finish` from any thread but the
// flush thread; everything else that is slow happens on the thread that `start` starts.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

#include "client/delivery.h"
#include "client/diagnostics.h"
#include "client/encode.h"
#include "client/log_queue.h"
#include "client/self_metrics.h"
#include "client/settings.h"
#include "client/stream.h"
#include "client/system_metrics.h"
#include "client/transport.h"
#include "client/wake.h"
#include "core/recorder.h"
#include "core/registry.h"

namespace argus::client {

class Flusher {
 public:
  // The references outlive the flusher.
  Flusher(core::Registry& registry, LogQueue& queue, const Settings& settings, const Diagnostics& diagnostics,
          std::unique_ptr<Transport> transport);
  ~Flusher();
  Flusher(const Flusher&) = delete;
  Flusher& operator=(const Flusher&) = delete;

  void start();

  // Keeps a line in the flight recorder. False where there is none, or it has no room. Any thread.
  bool keep_line(std::string_view line) noexcept;
  bool crowded() const noexcept { return recorder_ != nullptr && recorder_->crowded(); }

  // Lines wait that should not wait for the window's end.
  void attend(bool urgent) noexcept;

  // Sends everything now; whether the server has it all within `timeout` seconds.
  bool flush(double timeout);

  // The same for the last time: the thread has ended when it returns, a moment after `timeout` at the latest.
  bool finish(double timeout);

  // In the child of a fork, where the thread does not exist: let go of what it held. The object may then be in the
  // middle of anything, and is not to be used or destroyed.
  void abandon() noexcept;

 private:
  struct Request {
    double deadline;  // monotonic seconds
    bool last;
    bool done = false;
    bool complete = false;
  };

  bool ask(double timeout, bool last);
  std::shared_ptr<Request> next_request();
  void answer(Request& request, bool complete);

  void start_recorder();
  void run();
  void loop();
  // Runs a step. What it throws is counted, said the first time, and ends nothing: this thread must live on.
  template <typename Step>
  bool guarded(const char* what, Step step) noexcept;
  void say(const char* what, const char* became, const char* why) const noexcept;

  void take_lines();
  void end_window();
  void close_window();
  bool send(double deadline, bool now);
  double seconds_to_edge() const;
  double edge_near(double now) const;

  core::Registry& registry_;
  LogQueue& queue_;
  const Settings& settings_;
  const Diagnostics& diagnostics_;
  Sender sender_;
  const std::unique_ptr<Transport> transport_;
  Wake wake_;
  std::atomic<bool> attended_{false};
  std::atomic<bool> urgent_{false};
  std::mutex mutex_;  // guards requests_ and what is in them, and ended_
  std::condition_variable answered_;
  std::deque<std::shared_ptr<Request>> requests_;
  bool ended_ = false;
  std::thread thread_;

  // Set before the thread starts.
  std::unique_ptr<Folder> folder_;
  std::shared_ptr<core::Recorder> recorder_;

  // The flush thread's.
  MetricStream metrics_{sender_};
  LogStream logs_{sender_};
  std::optional<Delivery> delivery_;
  std::optional<SystemMetrics> system_;
  SelfMetrics self_;
  double window_start_;  // Unix seconds
  double window_began_;  // monotonic seconds
  double spread_;        // seconds
  uint64_t flush_errors_ = 0;
};

}  // namespace argus::client
