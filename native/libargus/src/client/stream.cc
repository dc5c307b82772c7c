#include "stream.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace argus::client {

const Batch* Stream::next() {
  if (!current_) {
    Batch batch;
    batch.path = path_;
    batch.seq = seq_ + 1;
    batch.records = make(batch.seq, batch.body);
    if (batch.records == 0) return nullptr;
    ++seq_;
    current_ = std::move(batch);
  }
  return &*current_;
}

void Stream::done() {
  current_.reset();
  forget();
  grow();
}

bool Stream::split() {
  if (!current_ || current_->records < 2) return false;
  put_back_halves(current_->records);
  seq_ = current_->seq - 1;
  current_.reset();
  forget();
  return true;
}

void MetricStream::add(TimedWindow window) {
  for (TimedWindow& piece : pieces(std::move(window), kMaxRows)) waiting_.push_back(std::move(piece));
  while (waiting_.size() > kMaxWindows) {
    TimedWindow first = std::move(waiting_.front());
    waiting_.pop_front();
    TimedWindow second = std::move(waiting_.front());
    waiting_.pop_front();
    put_front(pieces(merge(std::move(first), std::move(second)), 2 * kMaxRows));
    ++merged_;
  }
}

uint64_t MetricStream::make(uint64_t seq, std::string& body) {
  if (waiting_.empty()) return 0;
  sent_ = std::move(waiting_.front());
  waiting_.pop_front();
  body = metrics_body(sender(), seq, sent_);
  return sent_.rows();
}

void MetricStream::put_back_halves(uint64_t records) {
  put_front(pieces(std::move(sent_), static_cast<size_t>((records + 1) / 2)));
}

void MetricStream::put_front(std::vector<TimedWindow> windows) {
  waiting_.insert(waiting_.begin(), std::make_move_iterator(windows.begin()), std::make_move_iterator(windows.end()));
}

void LogStream::add(std::vector<std::string> lines) {
  std::move(lines.begin(), lines.end(), std::back_inserter(waiting_));
  drop_oldest();
}

void LogStream::drop_oldest() {
  while (waiting_.size() > kMaxWaiting) {
    waiting_.pop_front();
    ++dropped_;
  }
}

uint64_t LogStream::make(uint64_t seq, std::string& body) {
  const size_t count = std::min(most_, waiting_.size());
  if (count == 0) return 0;
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  sent_.assign(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  body = logs_body(sender(), seq, sent_);
  return count;
}

void LogStream::put_back_halves(uint64_t records) {
  most_ = static_cast<size_t>(records / 2);
  waiting_.insert(waiting_.begin(), std::make_move_iterator(sent_.begin()), std::make_move_iterator(sent_.end()));
  drop_oldest();
}

}  // namespace argus::client
