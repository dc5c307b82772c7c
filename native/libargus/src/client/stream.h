// Numbered streams of batches on their way to the server: one of metrics, one of log lines.
//
// A batch gets its sequence number when it is first encoded, and keeps number and content until it is acknowledged, so
// the server recognises a repeat. Windows that were never sent have no number yet and merge when there are many: an
// outage costs resolution, not counts. Log lines over a limit give way, oldest first, and are counted.
//
// Thread rule: the flush thread's.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "client/encode.h"
#include "client/window.h"

namespace argus::client {

struct Batch {
  std::string_view path;  // of the request
  uint64_t seq = 0;
  std::string body;
  uint64_t records = 0;  // summaries or lines in it
};

class Stream {
 public:
  Stream(std::string_view path, const Sender& sender) : path_(path), sender_(sender) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  // The batch to send: the unacknowledged one, else a new one, else nullptr.
  const Batch* next();

  // The number of the last batch that was made.
  uint64_t seq() const noexcept { return seq_; }

  // Forget the current batch: it was acknowledged, given up, or saved.
  void done();

  // Replace a batch that was refused as too large by its two halves; false if it cannot be halved. It was not stored,
  // so its number is free for the first half.
  bool split();

 protected:
  // The body of a new batch; 0 records when there is nothing to send.
  virtual uint64_t make(uint64_t seq, std::string& body) = 0;
  virtual void put_back_halves(uint64_t records) = 0;
  virtual void forget() = 0;

  // Make larger batches again after one that was halved.
  virtual void grow() noexcept {}

  const Sender& sender() const noexcept { return sender_; }

 private:
  const std::string_view path_;
  const Sender& sender_;
  uint64_t seq_ = 0;
  std::optional<Batch> current_;
};

class MetricStream final : public Stream {
 public:
  static constexpr size_t kMaxWindows = 60;  // kept apart during an outage: ten minutes; then the oldest merge
  static constexpr size_t kMaxRows = 5'000;

  explicit MetricStream(const Sender& sender) : Stream("/api/v1/metrics", sender) {}

  void add(TimedWindow window);
  uint64_t merged() const noexcept { return merged_; }
  void count_merged() noexcept { ++merged_; }  // a window that went on, because the last one has no room
  size_t waiting() const noexcept { return waiting_.size(); }

 protected:
  uint64_t make(uint64_t seq, std::string& body) override;
  void put_back_halves(uint64_t records) override;
  void forget() override { sent_ = {}; }

 private:
  void put_front(std::vector<TimedWindow> windows);

  std::deque<TimedWindow> waiting_;
  TimedWindow sent_;  // what the current batch holds
  uint64_t merged_ = 0;
};

class LogStream final : public Stream {
 public:
  static constexpr size_t kMaxWaiting = 10'000;
  static constexpr size_t kMaxLines = 1'000;

  explicit LogStream(const Sender& sender) : Stream("/api/v1/logs", sender) {}

  void add(std::vector<std::string> lines);
  uint64_t dropped() const noexcept { return dropped_; }
  size_t waiting() const noexcept { return waiting_.size(); }

 protected:
  uint64_t make(uint64_t seq, std::string& body) override;
  void put_back_halves(uint64_t records) override;
  void forget() override { sent_.clear(); }
  void grow() noexcept override { most_ = most_ < kMaxLines / 2 ? 2 * most_ : kMaxLines; }

 private:
  void drop_oldest();

  std::deque<std::string> waiting_;
  std::vector<std::string> sent_;
  size_t most_ = kMaxLines;
  uint64_t dropped_ = 0;
};

}  // namespace argus::client
