// Delivery: sends what the streams and the spool folder hold, in order, and acts on the server's answers
// (docs/wire-format.md).
//
// Order matters within a stream, for the server takes an older number for a repeat; so what lies in files goes first,
// and the first failure ends the round. With a flight recorder every batch becomes a file, and is sent only when the
// recorder knows that it is one: until then a process that is killed is taken not to have made it, so the server must
// not have seen it. Thread rule: the flush thread's.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "client/backoff.h"
#include "client/diagnostics.h"
#include "client/folder.h"
#include "client/stream.h"
#include "client/transport.h"
#include "core/recorder.h"

namespace argus::client {

class Delivery {
 public:
  using Clock = std::function<double()>;  // monotonic seconds

  // `folder` may be null, and `recorder`; where there is a recorder, there is a folder, which holds its file.
  Delivery(Transport& transport, MetricStream& metrics, LogStream& logs, std::unique_ptr<Folder> folder,
           const Diagnostics& diagnostics, Clock clock, uint64_t seed,
           std::shared_ptr<core::Recorder> recorder = nullptr);

  // Sends until nothing is left or `deadline` has come; true when nothing is left. While the server is away a round
  // does nothing until its pause is over, unless `now`.
  bool run(double deadline, bool now = false);

  // Whether there is room to keep one more window apart; else it shall go on, in its cells.
  bool takes_window();

  // Makes what was drained, up to `until` in Unix seconds, safe in files, where there is a recorder.
  void keep_window(double until);

  // Writes what is undelivered into the folder, where there is one.
  void save();

  // Saves what is left and releases the folder.
  void close();

  // In the child of a fork.
  void abandon() noexcept;

  // What became of batches, by the name of its metric: batches_sent, send_failures, records_dropped, …
  const std::map<std::string, uint64_t>& counts() const noexcept { return counts_; }
  const Folder* folder() const noexcept { return folder_.get(); }
  uint64_t flight_overflows() const noexcept { return recorder_ != nullptr ? recorder_->overflows() : 0; }

 private:
  enum class State { ok, away, key, foreign, busy, rejected, bad, spool, unreadable };

  bool send_saved(double deadline);
  bool send_stream(Stream& stream, double deadline);
  bool save_stream(Stream& stream, std::deque<SavedBatch>& to);
  void save_lines();
  void release(std::deque<SavedBatch>& tentative);
  void give_up_recorder();
  bool all_safe() const noexcept;

  enum class Outcome { done, again, stop };
  Outcome deliver(std::string_view path, const std::string& body, uint64_t records, Stream* stream, double deadline);
  Outcome accepted(const Answer& answer);
  Outcome refused(const Answer& answer, uint64_t records, Stream* stream);
  void failed(State state, const std::string& message, double at_least = 0.0);
  void say(State state, argus_level level, const std::string& message);

  Transport& transport_;
  MetricStream& metrics_;
  LogStream& logs_;
  std::unique_ptr<Folder> folder_;
  const Diagnostics& diagnostics_;
  const Clock clock_;
  Backoff backoff_;
  std::deque<SavedBatch> saved_;
  std::shared_ptr<core::Recorder> recorder_;
  // Files of which the recorder does not know yet.
  std::deque<SavedBatch> tentative_windows_;
  std::deque<SavedBatch> tentative_lines_;
  bool behind_ = false;  // the recorder holds windows that are in no file, because there is no room
  uint64_t window_bytes_ = 0;
  std::map<std::string, uint64_t> counts_;
  State state_ = State::ok;
};

}  // namespace argus::client
