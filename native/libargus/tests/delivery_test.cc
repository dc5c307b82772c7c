// What delivery makes of each answer, with a transport that plays a script; the protocol itself is tested against the
// real server (tests/native).
#include "client/delivery.h"

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "check.h"
#include "windows_for_tests.h"

using namespace argus::client;
using argus::testing::window_of_counter;

namespace {

std::vector<std::string> said;
void hear(void*, argus_level, argus_string message) { said.emplace_back(message.data, message.size); }

class ScriptedTransport final : public Transport {
 public:
  std::deque<std::function<Answer()>> script;
  std::vector<std::string> bodies;
  std::vector<double> timeouts;

  Answer send(std::string_view, const std::string& body, double timeout) override {
    bodies.push_back(body);
    timeouts.push_back(timeout);
    if (script.empty()) return {200, R"({"accepted": 1, "duplicate": false, "rejected": []})", 0.0};
    const auto next = script.front();
    script.pop_front();
    return next();
  }
  void hurry(double) noexcept override {}
  void abandon() noexcept override {}

  void answer(int status, const std::string& body = "{}", double retry_after = 0.0) {
    script.emplace_back([=] { return Answer{status, body, retry_after}; });
  }
  void fail() {
    script.emplace_back([]() -> Answer { throw TransportError("connection refused"); });
  }
};

struct Bench {
  Sender sender{"i", "h", "s"};
  Diagnostics diagnostics{hear, nullptr};
  double now = 100.0;
  ScriptedTransport transport;
  MetricStream metrics{sender};
  LogStream logs{sender};
  Delivery delivery{transport, metrics, logs, nullptr, diagnostics, [this] { return now; }, 1};

  Bench() { said.clear(); }
  bool run() { return delivery.run(now + 30.0); }
  uint64_t count(const char* name) const {
    const auto found = delivery.counts().find(name);
    return found == delivery.counts().end() ? 0 : found->second;
  }
};

void metrics_go_before_lines_and_each_is_forgotten() {
  Bench bench;
  bench.metrics.add(window_of_counter("a", 1.0));
  bench.logs.add({"{}"});
  CHECK(bench.run() && bench.transport.bodies.size() == 2 && bench.count("batches_sent") == 2);
  CHECK(bench.transport.bodies[0].find("counters") != std::string::npos);
  CHECK(bench.run() && bench.transport.bodies.size() == 2);
}

void a_failure_pauses_and_then_sends_the_same_again() {
  Bench bench;
  bench.metrics.add(window_of_counter("a", 1.0));
  bench.transport.fail();
  CHECK(!bench.run());
  CHECK(!bench.run() && bench.transport.bodies.size() == 1);
  bench.now += 1.01;
  CHECK(bench.run() && bench.transport.bodies.at(0) == bench.transport.bodies.at(1));
  CHECK(said.size() == 2 && said[0].find("does not answer (connection refused)") != std::string::npos);
  CHECK(said[1] == "the server answers again");
}

void pauses_grow_and_end_at_a_minute() {
  Bench bench;
  bench.metrics.add(window_of_counter("a", 1.0));
  double pause = 0.0;
  for (int i = 0; i < 12; ++i) {
    bench.transport.fail();
    CHECK(!bench.run());
    const double began = bench.now;
    while (bench.transport.bodies.size() == static_cast<size_t>(i) + 1 && bench.now < began + 100.0) {
      bench.now += 0.25;
      bench.transport.fail();
      bench.run();
    }
    bench.transport.script.clear();
    pause = bench.now - began;
    CHECK(pause <= 60.25);
  }
  CHECK(pause >= 30.0 && said.size() == 1);
}

void the_servers_retry_after_is_kept() {
  for (const int status : {429, 503}) {
    Bench bench;
    bench.metrics.add(window_of_counter("a", 1.0));
    bench.transport.answer(status, "{}", 20.0);
    CHECK(!bench.run());
    bench.now += 19.9;
    CHECK(!bench.run() && bench.transport.bodies.size() == 1);
    bench.now += 0.2;
    CHECK(bench.run() && bench.count("send_failures") == 1);
    CHECK(bench.transport.bodies.at(0) == bench.transport.bodies.at(1));
  }
}

void a_refused_key_keeps_the_batch_and_slows_down() {
  Bench bench;
  bench.metrics.add(window_of_counter("a", 1.0));
  bench.transport.answer(401, R"({"error": {"code": "unauthorized", "message": "unknown key"}})");
  CHECK(!bench.run());
  bench.now += 59.0;
  CHECK(!bench.run());
  bench.now += 1.1;
  CHECK(bench.run() && said.at(0) == "the server refuses the key (401: unknown key); data are kept");
}

void a_refused_batch_is_dropped_counted_and_said() {
  Bench bench;
  bench.metrics.add(window_of_counter("a", 1.0));
  bench.transport.answer(400, R"({"error": {"message": "no end", "where": "end"}})");
  CHECK(bench.run() && bench.count("batches_dropped") == 1 && bench.count("records_dropped") == 1);
  CHECK(said.at(0) == "the server refuses a batch of 1 records (400: no end at end); dropped");
}

void a_batch_that_is_too_large_is_halved() {
  Bench bench;
  TimedWindow window = window_of_counter("a", 1.0);
  window = merge(std::move(window), window_of_counter("b", 1.0));
  bench.metrics.add(std::move(window));
  bench.transport.answer(413);
  CHECK(bench.run() && bench.transport.bodies.size() == 3 && bench.count("batches_split") == 1);
}

void rejected_rows_are_counted_and_said() {
  Bench bench;
  bench.metrics.add(window_of_counter("a", 1.0));
  bench.transport.answer(200, R"({"accepted": 0, "rejected": [{"key": "a"}, {"key": "b"}]})");
  CHECK(bench.run() && bench.count("server_rejected") == 2);
  CHECK(said.at(0) == R"(the server rejected 2 rows, first {"key": "a"})");
}

void nothing_is_sent_after_the_deadline() {
  Bench bench;
  bench.metrics.add(window_of_counter("a", 1.0));
  CHECK(!bench.delivery.run(bench.now) && bench.transport.bodies.empty());
  CHECK(bench.delivery.run(bench.now + 2.0) && bench.transport.timeouts.at(0) == 2.0);
}

}  // namespace

TEST_MAIN(metrics_go_before_lines_and_each_is_forgotten(), a_failure_pauses_and_then_sends_the_same_again(),
          pauses_grow_and_end_at_a_minute(), the_servers_retry_after_is_kept(),
          a_refused_key_keeps_the_batch_and_slows_down(), a_refused_batch_is_dropped_counted_and_said(),
          a_batch_that_is_too_large_is_halved(), rejected_rows_are_counted_and_said(),
          nothing_is_sent_after_the_deadline())
