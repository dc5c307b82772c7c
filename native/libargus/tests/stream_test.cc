#include "client/stream.h"

#include <string>
#include <utility>
#include <vector>

#include "check.h"
#include "windows_for_tests.h"

using namespace argus::client;
using argus::testing::window_of_counter;

namespace {

const Sender kSender{"i", "h", "s"};

TimedWindow many(int rows) {
  TimedWindow window{0.0, 10.0, {}};
  for (int i = 0; i < rows; ++i) {
    TimedWindow one = window_of_counter("n" + std::to_string(i), 1.0);
    window.columns.counters.series.push_back(one.columns.counters.series[0]);
    window.columns.counters.sum.push_back(1.0);
    window.columns.counters.count.push_back(1);
  }
  return window;
}

void a_batch_keeps_number_and_content_until_it_is_done() {
  MetricStream stream(kSender);
  CHECK(stream.next() == nullptr);
  stream.add(window_of_counter("a", 1.0));
  const std::string body = stream.next()->body;
  stream.add(window_of_counter("b", 1.0));
  CHECK(stream.next()->seq == 1 && stream.next()->body == body);
  stream.done();
  CHECK(stream.next()->seq == 2 && stream.next()->body != body);
  stream.done();
  CHECK(stream.next() == nullptr);
}

void a_split_batch_arrives_in_halves_with_its_number() {
  MetricStream stream(kSender);
  stream.add(many(5));
  CHECK(stream.next()->records == 5);
  CHECK(stream.split());
  CHECK(stream.next()->seq == 1 && stream.next()->records == 3);
  stream.done();
  CHECK(stream.next()->seq == 2 && stream.next()->records == 2);
  stream.done();
  stream.add(window_of_counter("a", 1.0));
  stream.next();
  CHECK(!stream.split());
}

void windows_over_the_limit_merge_and_lose_nothing() {
  MetricStream stream(kSender);
  for (int i = 0; i < 200; ++i) stream.add(window_of_counter("a", 1.0, i, i + 1));
  CHECK(stream.waiting() == MetricStream::kMaxWindows && stream.merged() == 140);
  CHECK(stream.next()->body.find("\"sum\":[141]") != std::string::npos);
}

void a_window_of_many_series_is_cut() {
  MetricStream stream(kSender);
  stream.add(many(12'000));
  std::vector<uint64_t> sizes;
  while (const Batch* batch = stream.next()) {
    sizes.push_back(batch->records);
    stream.done();
  }
  CHECK(sizes == (std::vector<uint64_t>{5000, 5000, 2000}));
}

void lines_go_in_batches_and_the_oldest_give_way() {
  LogStream stream(kSender);
  stream.add(std::vector<std::string>(LogStream::kMaxWaiting + 10, "{}"));
  CHECK(stream.dropped() == 10);
  CHECK(stream.next()->records == LogStream::kMaxLines && stream.next()->path == "/api/v1/logs");
  CHECK(stream.split());
  CHECK(stream.next()->records == LogStream::kMaxLines / 2 && stream.next()->seq == 1);
}

}  // namespace

TEST_MAIN(a_batch_keeps_number_and_content_until_it_is_done(), a_split_batch_arrives_in_halves_with_its_number(),
          windows_over_the_limit_merge_and_lose_nothing(), a_window_of_many_series_is_cut(),
          lines_go_in_batches_and_the_oldest_give_way())
