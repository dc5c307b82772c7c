// The flight recorder: whatever moment a process is killed at, what it had recorded is what is safe plus what its file
// still says. A copy of the file at that moment is what a kill leaves.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "check.h"
#include "core/flight_reader.h"
#include "core/recorder.h"
#include "core/registry.h"

using namespace argus::core;

namespace {

namespace fs = std::filesystem;

const FlightIdentity kIdentity{"host:1:abcd", "host", "cpp/test", 10.0};

fs::path test_folder() {
  static const fs::path folder = [] {
    std::string name = (fs::temp_directory_path() / "argus-flight-XXXXXX").string();
    return fs::path(mkdtemp(name.data()));
  }();
  return folder;
}

std::string fresh_path() {
  static int number = 0;
  const std::string process = std::to_string(getpid());  // a child counts on from where its parent was
  return (test_folder() / ("flight" + process + "-" + std::to_string(++number))).string();
}

std::string content(const std::string& path) {
  std::string bytes(fs::file_size(path), '\0');
  std::ifstream(path, std::ios::binary).read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

// Counts by series of all kinds, and sums.
struct Sums {
  std::map<std::string, uint64_t> counts;
  std::map<std::string, double> sums;

  void add(const Window& window) {
    add_columns(window.counters);
    add_columns(window.gauges);
    add_columns(window.timings);
  }
  template <typename Columns>
  void add_columns(const Columns& columns) {
    for (size_t row = 0; row < columns.series.size(); ++row) {
      counts[*columns.series[row].key] += columns.count[row];
      sums[*columns.series[row].key] += columns.sum[row];
    }
  }
};

struct Recording {
  std::string path = fresh_path();
  std::shared_ptr<Recorder> recorder = std::make_shared<Recorder>(path, kIdentity);
  Registry registry;

  Recording() { registry.record_into(recorder); }
  uint32_t series(Kind kind, const std::string& name) { return registry.resolve(kind, name, nullptr, 0, true); }
  Flight left() const { return read_flight(content(path)); }
};

void what_was_recorded_is_read_back() {
  Recording one;
  const uint32_t orders = one.series(Kind::counter, "orders");
  const uint32_t queue = one.series(Kind::gauge, "queue");
  const uint32_t pay = one.series(Kind::timing, "pay");
  one.registry.add(orders, 2.0);
  one.registry.add(orders, 1.0);
  one.registry.add(orders, 3.0);
  for (const double value : {4.0, -1.0, 2.0}) one.registry.set(queue, value);
  for (const double value : {0.0, 0.5, 0.25}) one.registry.time(pay, value);
  CHECK(one.recorder->put_line("{\"message\":\"hello\"}"));

  const Flight flight = one.left();
  const Window live = one.registry.peek();
  CHECK(flight.identity.instance == "host:1:abcd" && flight.identity.host == "host");
  CHECK(flight.identity.sdk == "cpp/test" && flight.identity.interval == 10.0);
  CHECK(flight.boot == boot_name());
  CHECK(flight.until > 1e9);
  CHECK(flight.window.counters.sum == live.counters.sum && flight.window.counters.count == live.counters.count);
  CHECK(*flight.window.counters.series.at(0).key == "orders");
  CHECK(flight.window.gauges.last == live.gauges.last && flight.window.gauges.min == live.gauges.min);
  CHECK(flight.window.gauges.max == live.gauges.max && flight.window.gauges.sum == live.gauges.sum);
  CHECK(flight.window.timings.count == live.timings.count && flight.window.timings.sum == live.timings.sum);
  CHECK(flight.window.timings.min == live.timings.min && flight.window.timings.max == live.timings.max);
  CHECK(flight.window.timings.bins.at(0).size() == 2);
  CHECK(flight.lines == std::vector<std::string>{"{\"message\":\"hello\"}"});
  CHECK(flight.overflows == 0);
}

void a_drain_counts_only_once_it_is_committed() {
  Recording one;
  const uint32_t orders = one.series(Kind::counter, "orders");
  const uint32_t pay = one.series(Kind::timing, "pay");
  one.registry.add(orders, 5.0);
  one.registry.time(pay, 0.5);
  one.registry.drain();
  CHECK(one.left().window.counters.sum == std::vector<double>{5.0});
  CHECK(one.left().window.timings.count == std::vector<uint64_t>{1});

  one.recorder->commit_window(7, 1234.5);
  one.registry.add(orders, 1.0);
  Flight flight = one.left();
  CHECK(flight.metrics_seq == 7 && flight.until == 1234.5);
  CHECK(flight.window.counters.sum == std::vector<double>{1.0});
  CHECK(flight.window.timings.count.empty());

  // Two drains that never came to a commit, and the extremes of windows that are not safe.
  const uint32_t queue = one.series(Kind::gauge, "queue");
  one.registry.set(queue, 9.0);
  one.registry.drain();
  one.registry.set(queue, 1.0);
  one.registry.add(orders, 1.0);
  one.registry.drain();
  flight = one.left();
  CHECK(flight.window.counters.sum == std::vector<double>{2.0});
  CHECK(flight.window.gauges.max == std::vector<double>{9.0} && flight.window.gauges.min == std::vector<double>{1.0});
}

void records_of_before_move_into_the_file_and_handles_stay() {
  Registry registry;
  Shard& shard = registry.take_shard();
  const uint32_t orders = registry.resolve(Kind::counter, "orders", nullptr, 0, true);
  const uint32_t pay = registry.resolve(Kind::timing, "pay", nullptr, 0, true);
  CounterCell* const cell = shard.counter(orders);
  shard.add(cell, 1.0);
  shard.record(shard.timing(pay), 0.5);
  registry.drain();
  shard.add(cell, 2.0);

  for (int again = 0; again < 2; ++again) {  // a client that starts anew moves them on
    const std::string path = fresh_path();
    registry.record_into(std::make_shared<Recorder>(path, kIdentity));
    shard.add(cell, 1.0);
    CHECK(shard.counter(orders) == cell);
    CHECK(read_flight(content(path)).window.counters.sum == std::vector<double>{3.0 + again});
    CHECK(read_flight(content(path)).window.timings.count.empty());
  }
  CHECK(registry.drain().counters.sum == std::vector<double>{4.0});
}

void a_slot_that_is_used_again_has_its_new_key() {
  Options options;
  options.idle_windows = 1;
  const std::string path = fresh_path();
  const auto recorder = std::make_shared<Recorder>(path, kIdentity);
  Registry registry(options);
  registry.record_into(recorder);
  const uint32_t first = registry.resolve(Kind::counter, "first", nullptr, 0, false);
  registry.add(first, 1.0);
  for (int i = 0; i < 4; ++i) registry.drain();
  recorder->commit_window(1, 1.0);
  const uint32_t second = registry.resolve(Kind::counter, std::string(300, 's').substr(0, 200), nullptr, 0, true);
  CHECK(second == first);
  registry.add(second, 4.0);
  const Window window = read_flight(content(path)).window;
  CHECK(window.counters.sum == std::vector<double>{4.0});
  CHECK(*window.counters.series.at(0).key == std::string(200, 's'));

  const Tags tags{{"env", "prod"}};
  registry.set_constant_tags(tags);
  CHECK(*read_flight(content(path)).window.counters.series.at(0).key == std::string(200, 's') + "{env=prod}");
}

// Recording, drains, batches that become safe or do not, and a kill at any moment: a copy of the file says what is
// left.
void safe_and_left_is_what_was_recorded(unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](unsigned most) { return static_cast<unsigned>(random() % most); };
  Recording one;
  Sums recorded;
  Sums safe;
  std::vector<Window> drained;
  uint64_t seq = 0;
  std::vector<std::string> lines, safe_lines, taken;
  for (int step = 0; step < 400; ++step) {
    const std::string name = "series" + std::to_string(below(60));
    const unsigned action = below(100);
    if (action < 70) {
      const auto kind = static_cast<Kind>(below(3));
      const double value = below(2) == 0 ? 1.0 : below(1000) * 0.25;
      const uint32_t slot = one.series(kind, name + "." + std::to_string(static_cast<int>(kind)));
      if (kind == Kind::counter) one.registry.add(slot, value);
      if (kind == Kind::gauge) one.registry.set(slot, value);
      if (kind == Kind::timing) one.registry.time(slot, value);
      const std::string key = name + "." + std::to_string(static_cast<int>(kind));
      ++recorded.counts[key];
      recorded.sums[key] += value;
    } else if (action < 80) {
      const std::string line(below(3000), 'l');
      if (one.recorder->put_line(line)) lines.push_back(line);
    } else if (action < 88) {
      drained.push_back(one.registry.drain());
    } else if (action < 92) {
      for (const Window& window : drained) safe.add(window);
      drained.clear();
      one.recorder->commit_window(++seq, 1.0);
    } else if (action < 95) {
      for (std::string& line : one.recorder->take_lines(1 + below(50), 1U << 20U)) taken.push_back(std::move(line));
      one.recorder->commit_lines(++seq);
      safe_lines = taken;
    } else {
      const Flight flight = one.left();
      // What was drained since the last commit is in no safe batch, so the file still holds it.
      Sums sum = safe;
      sum.add(flight.window);
      CHECK(sum.counts == recorded.counts);
      CHECK(sum.sums == recorded.sums);
      std::vector<std::string> all = safe_lines;
      all.insert(all.end(), flight.lines.begin(), flight.lines.end());
      CHECK(all == lines);
    }
  }
}

// What a process that is to be killed has recorded: told before each record, and after it.
struct Truth {
  std::atomic<uint64_t> begun;
  std::atomic<uint64_t> done;
  std::array<std::atomic<uint64_t>, 2> safe;  // records safe with the commit of an even number, and of an odd one
};

[[noreturn]] void record_until_killed(const std::string& path, Truth& truth) {
  const auto recorder = std::make_shared<Recorder>(path, kIdentity);
  Registry registry;
  registry.record_into(recorder);
  const uint32_t orders = registry.resolve(Kind::counter, "orders", nullptr, 0, true);
  const uint32_t halves = registry.resolve(Kind::counter, "halves", nullptr, 0, true);
  const uint32_t pay = registry.resolve(Kind::timing, "pay", nullptr, 0, true);
  uint64_t safe = 0;
  for (uint64_t seq = 1;; ++seq) {
    for (uint64_t i = 0; i < 100 + seq % 50; ++i) {
      truth.begun.fetch_add(1);
      registry.add(orders, 1.0);
      registry.add(halves, 0.5);
      registry.time(pay, 1e-6 * static_cast<double>(1 + seq % 1000));
      truth.done.fetch_add(1);
    }
    safe += registry.drain().counters.count.at(0);
    truth.safe[seq % 2].store(safe);
    recorder->commit_window(seq, 1.0);
  }
}

void a_killed_process_leaves_all_it_had_recorded(int kills) {
  void* const shared = mmap(nullptr, sizeof(Truth), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  std::mt19937 random(7);
  for (int number = 0; number < kills; ++number) {
    auto* const truth = new (shared) Truth{};
    const std::string path = fresh_path();
    const pid_t child = fork();
    if (child == 0) record_until_killed(path, *truth);
    while (truth->safe[1].load() == 0) std::this_thread::yield();
    usleep(static_cast<useconds_t>(random() % 3000));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);

    const Flight flight = read_flight(content(path));
    const uint64_t safe = flight.metrics_seq == 0 ? 0 : truth->safe[flight.metrics_seq % 2].load();
    Sums left;
    left.add(flight.window);
    const auto& timings = flight.window.timings;
    const uint64_t timed = safe + (timings.count.empty() ? 0 : timings.count[0]);
    const uint64_t done = truth->done.load();
    const uint64_t begun = truth->begun.load();
    for (const auto& [key, amount] : {std::pair{"orders", 1.0}, std::pair{"halves", 0.5}}) {
      const uint64_t counted = safe + left.counts[key];
      const double added = static_cast<double>(safe) + left.sums[key] / amount;
      CHECK(counted >= done && counted <= begun);
      CHECK(added >= static_cast<double>(done) && added <= static_cast<double>(begun));
    }
    CHECK(timed >= done && timed <= begun);
    fs::remove(path);
  }
  munmap(shared, sizeof(Truth));
}

void many_threads_are_all_recovered() {
  Recording one;
  const uint32_t orders = one.series(Kind::counter, "orders");
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10'000; ++i) one.registry.add(orders, 0.5);
    });
  }
  Sums safe;
  for (uint64_t seq = 1; seq < 20; ++seq) {
    safe.add(one.registry.drain());
    one.recorder->commit_window(seq, 1.0);
  }
  for (std::thread& thread : threads) thread.join();
  safe.add(one.left().window);
  CHECK(safe.counts["orders"] == 40'000 && safe.sums["orders"] == 20'000.0);
}

void a_child_never_writes_its_parents_file() {
  Recording one;
  const uint32_t orders = one.series(Kind::counter, "orders");
  one.registry.add(orders, 1.0);
  one.registry.drain();
  one.recorder->commit_window(1, 1.0);
  one.registry.add(orders, 2.0);
  const std::string child_path = fresh_path();
  const pid_t child = fork();
  if (child == 0) {
    const bool refused = !one.recorder->put_line("no");
    one.registry.add(orders, 100.0);
    one.registry.rebaseline();
    const bool clean = one.registry.drain().counters.count.empty() && one.registry.stats().overflowed == 0;
    one.registry.add(orders, 4.0);
    one.registry.record_into(std::make_shared<Recorder>(child_path, kIdentity));
    one.registry.add(orders, 8.0);
    const bool own = read_flight(content(child_path)).window.counters.sum == std::vector<double>{12.0};
    _exit(refused && clean && own ? 0 : 1);
  }
  int status = 1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK(one.left().window.counters.sum == std::vector<double>{2.0});
  CHECK(one.left().lines.empty());
  CHECK(one.registry.drain().counters.sum == std::vector<double>{2.0});
}

void lines_go_round_and_full_is_full() {
  Recording one;
  const std::string line(10'000, 'x');
  size_t put = 0;
  while (one.recorder->put_line(line)) ++put;
  CHECK(put == flight::kLineBytes / (line.size() + 4));
  CHECK(one.left().overflows == 1 && one.recorder->crowded());
  for (int round = 0; round < 120; ++round) {
    CHECK(one.recorder->take_lines(7, 1U << 20U).size() == 7);
    CHECK(!one.recorder->put_line(line));  // taken is not yet safe
    one.recorder->commit_lines(static_cast<uint64_t>(round) + 1);
    for (int i = 0; i < 7; ++i) CHECK(one.recorder->put_line(line));
    const Flight flight = one.left();
    CHECK(flight.lines.size() == put && flight.lines.back() == line);
    CHECK(flight.logs_seq == static_cast<uint64_t>(round) + 1);
  }
}

void a_file_without_room_is_counted_and_recording_goes_on() {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit little{flight::kHeadBytes + 100'000, flight::kHeadBytes + 100'000};
    setrlimit(RLIMIT_FSIZE, &little);
    Recording one;
    for (int i = 0; i < 2000; ++i) one.registry.time(one.series(Kind::timing, "t" + std::to_string(i)), 1.0);
    const bool counted = one.recorder->overflows() > 0;
    const bool recorded = one.registry.drain().timings.series.size() == 2000;
    const bool readable = one.left().window.timings.series.size() < 2000;
    _exit(counted && recorded && readable ? 0 : 1);
  }
  int status = 1;
  waitpid(child, &status, 0);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

void bytes_that_are_no_flight_are_refused() {
  Recording one;
  for (int i = 0; i < 40; ++i) {
    one.registry.add(one.series(Kind::counter, "c" + std::to_string(i)), 1.0);
    one.registry.time(one.series(Kind::timing, "t" + std::to_string(i)), 1.0 + i);
    one.recorder->put_line("line");
  }
  const std::string whole = content(one.path);
  size_t refused = 0;
  const auto read = [&](const std::string& bytes) {
    try {
      read_flight(bytes);
    } catch (const FlightProblem& problem) {
      CHECK(std::string(problem.what()).size() > 10);
      ++refused;
    }
  };
  for (size_t size = 0; size < whole.size(); size += 40'093) read(whole.substr(0, size));
  CHECK(refused == (whole.size() + 40'092) / 40'093);
  std::mt19937 random(11);
  for (int i = 0; i < 100; ++i) {  // most of the file is zeros: aim at what is not
    std::string bytes = whole;
    for (int flips = 0; flips < 4; ++flips) {
      size_t place = random() % bytes.size();
      for (int tries = 0; bytes[place] == '\0' && tries < 50; ++tries) place = random() % bytes.size();
      if (i % 2 == 0) place = random() % 10'000;
      bytes[place] = static_cast<char>(random());
    }
    read(bytes);
  }
  CHECK(read_flight(std::string(whole.size(), '\0')).lines.empty());  // killed before it had a header
}

void a_closed_file_is_gone_and_a_second_of_its_name_refused() {
  Recording one;
  bool thrown = false;
  try {
    const Recorder second(one.path, kIdentity);
  } catch (const std::system_error& error) {
    thrown = std::string(error.what()).find(one.path) != std::string::npos;
  }
  CHECK(thrown);
  one.recorder->close();
  CHECK(!fs::exists(one.path));
  one.registry.add(one.series(Kind::counter, "later"), 1.0);
  CHECK(one.registry.drain().counters.sum == std::vector<double>{1.0});
}

void run_all() {
  what_was_recorded_is_read_back();
  a_drain_counts_only_once_it_is_committed();
  records_of_before_move_into_the_file_and_handles_stay();
  a_slot_that_is_used_again_has_its_new_key();
  for (unsigned seed = 1; seed <= 10; ++seed) safe_and_left_is_what_was_recorded(seed);
  a_killed_process_leaves_all_it_had_recorded(40);
  many_threads_are_all_recovered();
  a_child_never_writes_its_parents_file();
  lines_go_round_and_full_is_full();
  a_file_without_room_is_counted_and_recording_goes_on();
  bytes_that_are_no_flight_are_refused();
  a_closed_file_is_gone_and_a_second_of_its_name_refused();
  fs::remove_all(test_folder());
}

}  // namespace

TEST_MAIN(run_all())
