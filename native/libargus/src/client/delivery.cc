#include "delivery.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "client/utf8.h"

namespace argus::client {

namespace {

constexpr double kTimeout = 10.0;    // seconds for one exchange
constexpr double kSlowRetry = 60.0;  // while the key is refused: somebody has to change something first

constexpr uint64_t kFirstWindowBytes = 65'536;  // what the first window is taken to need in the folder

constexpr int kOk = 200;
constexpr int kBadRequest = 400;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kNotAllowed = 405;
constexpr int kTooLarge = 413;

std::string described(const Answer& answer) {
  const Words words = words_of(answer.body);
  std::string text = std::to_string(answer.status) + ": ";
  text += words.message.empty() ? "no reason given" : words.message;
  if (!words.where.empty()) text += " at " + words.where;
  return text;
}

}  // namespace

Delivery::Delivery(Transport& transport, MetricStream& metrics, LogStream& logs, std::unique_ptr<Folder> folder,
                   const Diagnostics& diagnostics, Clock clock, uint64_t seed, std::shared_ptr<core::Recorder> recorder)
    : transport_(transport),
      metrics_(metrics),
      logs_(logs),
      folder_(std::move(folder)),
      diagnostics_(diagnostics),
      clock_(std::move(clock)),
      backoff_(seed),
      recorder_(std::move(recorder)) {
  if (folder_ == nullptr) return;
  const auto tell = [this](argus_level level, const std::string& message) { diagnostics_.say(level, message); };
  for (SavedBatch& batch : folder_->orphans(tell)) saved_.push_back(std::move(batch));
  if (saved_.empty()) return;
  diagnostics_.say(ARGUS_INFO,
                   std::to_string(saved_.size()) + " undelivered batches of an earlier process will be sent");
}

bool Delivery::run(double deadline, bool now) {
  if (recorder_ != nullptr) save();
  if (!now && !backoff_.ready(clock_())) return false;
  if (!send_saved(deadline)) {
    save();
    return false;
  }
  if (recorder_ != nullptr) return all_safe();
  const bool complete = send_stream(metrics_, deadline) && send_stream(logs_, deadline);
  if (!complete) save();
  return complete;
}

bool Delivery::send_saved(double deadline) {
  while (!saved_.empty()) {
    const SavedBatch batch = saved_.front();
    const std::optional<std::string> body = Folder::read(batch);
    if (!body && std::filesystem::exists(batch.file)) {
      ++counts_["spool_files_unreadable"];
      say(State::unreadable, ARGUS_ERROR,
          "a batch of the spool folder cannot be read and stays: " + to_text(batch.file));
      saved_.pop_front();
      continue;
    }
    // A file that is gone gave way to newer ones, and was counted then.
    if (body && deliver(batch.path, *body, batch.records, nullptr, deadline) == Outcome::stop) return false;
    folder_->remove(batch);
    saved_.pop_front();
  }
  return true;
}

bool Delivery::send_stream(Stream& stream, double deadline) {
  while (const Batch* batch = stream.next()) {
    const Outcome outcome = deliver(batch->path, batch->body, batch->records, &stream, deadline);
    if (outcome == Outcome::stop) return false;
    if (outcome == Outcome::done) stream.done();
  }
  return true;
}

bool Delivery::takes_window() {
  if (recorder_ == nullptr) return true;
  const bool fits =
      save_stream(metrics_, tentative_windows_) && folder_->has_room(2 * std::max(window_bytes_, kFirstWindowBytes));
  if (!fits && recorder_ != nullptr) behind_ = true;
  return fits || recorder_ == nullptr;
}

void Delivery::keep_window(double until) {
  if (recorder_ == nullptr) return;
  if (!save_stream(metrics_, tentative_windows_)) {
    behind_ = true;
    return;
  }
  recorder_->commit_window(metrics_.seq(), until);
  window_bytes_ = 0;
  for (const SavedBatch& batch : tentative_windows_) window_bytes_ += batch.bytes;
  release(tentative_windows_);
  behind_ = false;
}

void Delivery::save() {
  if (folder_ == nullptr) return;
  if (recorder_ == nullptr) {
    if (save_stream(metrics_, saved_)) save_stream(logs_, saved_);
    return;
  }
  save_stream(metrics_, tentative_windows_);
  save_lines();
}

// All lines that were taken out of the recorder are in the stream: they are safe when the stream is empty.
void Delivery::save_lines() {
  if (!save_stream(logs_, tentative_lines_) || recorder_ == nullptr) return;
  recorder_->commit_lines(logs_.seq());
  release(tentative_lines_);
}

bool Delivery::save_stream(Stream& stream, std::deque<SavedBatch>& to) {
  while (const Batch* batch = stream.next()) {
    try {
      to.push_back(folder_->save(*batch));
    } catch (const std::filesystem::filesystem_error& error) {
      say(State::spool, ARGUS_ERROR,
          std::string("cannot write to the spool folder: ") + error.what() + "; batches are kept in memory");
      if (recorder_ != nullptr && saved_.empty()) give_up_recorder();
      return false;
    }
    stream.done();
  }
  return true;
}

void Delivery::release(std::deque<SavedBatch>& tentative) {
  std::move(tentative.begin(), tentative.end(), std::back_inserter(saved_));
  tentative.clear();
}

// Sending makes no room: go on without files. What is in some already is sent from there.
void Delivery::give_up_recorder() {
  recorder_->close();
  recorder_ = nullptr;
  release(tentative_windows_);
  release(tentative_lines_);
  diagnostics_.say(ARGUS_ERROR, "the flight recorder is off: its folder has no room");
}

bool Delivery::all_safe() const noexcept {
  return !behind_ && tentative_windows_.empty() && tentative_lines_.empty() && metrics_.waiting() == 0 &&
         logs_.waiting() == 0;
}

void Delivery::close() {
  save();
  if (recorder_ != nullptr && all_safe()) recorder_->close();
  if (folder_ != nullptr) folder_->close();
}

void Delivery::abandon() noexcept {
  transport_.abandon();
  if (folder_ != nullptr) folder_->abandon();
}

Delivery::Outcome Delivery::deliver(std::string_view path, const std::string& body, uint64_t records, Stream* stream,
                                    double deadline) {
  const double seconds = std::min(kTimeout, deadline - clock_());
  if (seconds <= 0.0) return Outcome::stop;
  try {
    const Answer answer = transport_.send(path, body, seconds);
    return answer.status == kOk ? accepted(answer) : refused(answer, records, stream);
  } catch (const TransportError& error) {
    failed(State::away, std::string("the server does not answer (") + error.what() + "); data are kept and sent later");
    return Outcome::stop;
  }
}

Delivery::Outcome Delivery::accepted(const Answer& answer) {
  const Words words = words_of(answer.body);
  if (!words.accepted) {  // a proxy's login page, say, is a 200 too
    failed(State::foreign, "what answers there is no Argus server; data are kept. Is url right?", kSlowRetry);
    return Outcome::stop;
  }
  backoff_.succeeded();
  say(State::ok, ARGUS_INFO, "the server answers again");
  if (words.rejected != 0) {
    counts_["server_rejected"] += words.rejected;
    say(State::rejected, ARGUS_WARNING,
        "the server rejected " + std::to_string(words.rejected) + " rows, first " + words.first_rejected);
  }
  ++counts_["batches_sent"];
  return Outcome::done;
}

Delivery::Outcome Delivery::refused(const Answer& answer, uint64_t records, Stream* stream) {
  const int status = answer.status;
  if (status == kUnauthorized || status == kForbidden) {
    failed(State::key, "the server refuses the key (" + described(answer) + "); data are kept", kSlowRetry);
    return Outcome::stop;
  }
  if (status == kTooLarge && stream != nullptr && stream->split()) {
    ++counts_["batches_split"];
    return Outcome::again;
  }
  if (status == kBadRequest || status == kTooLarge) {  // waiting does not cure it
    ++counts_["batches_dropped"];
    counts_["records_dropped"] += records;
    say(State::bad, ARGUS_ERROR,
        "the server refuses a batch of " + std::to_string(records) + " records (" + described(answer) + "); dropped");
    return Outcome::done;
  }
  // Not found, not allowed: what a proxy says while the server behind it is replaced, or of a wrong url.
  const bool not_here = status == kNotFound || status == kNotAllowed;
  const double pause = answer.retry_after == 0.0 && not_here ? kSlowRetry : answer.retry_after;
  failed(State::busy, "the server cannot take data now (" + described(answer) + "); they are kept", pause);
  return Outcome::stop;
}

void Delivery::failed(State state, const std::string& message, double at_least) {
  ++counts_["send_failures"];
  backoff_.failed(clock_(), at_least);
  say(state, ARGUS_WARNING, message);
}

// Says a change of state, once; being well at the start is no news.
void Delivery::say(State state, argus_level level, const std::string& message) {
  if (state == state_) return;
  state_ = state;
  diagnostics_.say(level, message);
}

}  // namespace argus::client
