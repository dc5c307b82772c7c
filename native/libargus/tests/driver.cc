// One program for the tests that need a process of their own: each scenario does what its name says, and prints what
// the test compares. The server and the rest come from ARGUS_* variables.
#include <argus/argus.hpp>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <thread>
#include <vector>

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
// It wants windows.h before it.
#include <psapi.h>
#else
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

namespace {

argus::Options quiet() {
  argus::Options options;
  options.system_metrics = false;
  return options;
}

void one_of_each() {
  argus::Client client(quiet());
  client.increment("orders", 3.0);
  client.increment("orders", {{"shop", "oslo"}});
  client.gauge("fps", 60.0);
  client.timing("frame", 0.016);
  const argus::Timer timer = client.timer("scope");
  { const argus::Scope scope = timer.start(); }
  timer.start().cancel();
  client.log(argus::Level::warning, "texture missing",
             {{"path", std::string("rock.png")}, {"tries", 3}, {"ms", 1.5}, {"fatal", false}}, "terrain.textures");
  client.event("deploy", "v1.4", {{"env", "test"}});
}

void system_metrics() {
  argus::Client client;
  std::printf("%d\n", client.flush(20.0) ? 1 : 0);
}

void exit_in_the_middle() {
  static argus::Client client(quiet());
  client.increment("orders", 3.0);
  std::exit(0);
}

void wrong_option() {
  try {
    argus::Options options;
    options.url = "localhost:8000";
    const argus::Client client(options);
  } catch (const argus::Error& error) {
    std::printf("%s\n", error.what());
  }
}

// Its handle records when statics are destroyed: after main's client is gone, and after the flush at exit.
struct Late {
  argus::Counter counter;
  ~Late() { counter.increment(); }
};

void late_static() {
  static Late after_client;
  static argus::Client client(quiet());
  static Late before_client;
  after_client.counter = client.counter("late");
  before_client.counter = client.counter("late");
  client.increment("orders");
}

void nothing_is_sent_without_url() {
  argus::Client client(quiet());
  client.increment("orders");
  client.log(argus::Level::error, "nobody hears this");
  std::printf("%d\n", client.flush(20.0) ? 1 : 0);
}

void log_flood(int lines) {
  argus::Client client(quiet());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = t; i < lines; i += 4) client.log(argus::Level::info, "line", {{"i", i}});
    });
  }
  for (std::thread& thread : threads) thread.join();
  while (!client.flush(20.0)) std::this_thread::yield();
}

// Records until its input ends, then prints what the server must have in the end.
void soak() {
  argus::Client client(quiet());
  const argus::Counter orders = client.counter("orders");
  const argus::Timer work = client.timer("work");
  std::atomic<bool> stop{false};
  std::vector<long> counts(3);
  std::vector<std::thread> threads;
  for (long& count : counts) {
    threads.emplace_back([&] {
      while (!stop.load()) {
        for (int i = 0; i < 1000; ++i) {
          orders.increment();
          work.record(1e-3);
        }
        count += 1000;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
  }
  while (std::getchar() != EOF) {
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  long total = 0;
  for (const long count : counts) total += count;
  const bool complete = client.flush(20.0);
  std::printf("%ld %d\n", total, complete ? 1 : 0);
}

// No destructor, no exit handler, nothing.
[[noreturn]] void die() {
#if defined(_WIN32)
  TerminateProcess(GetCurrentProcess(), 9);
#else
  kill(getpid(), SIGKILL);
#endif
  std::abort();
}

void spool_then_die() {
  argus::Client client(quiet());
  client.increment("orders", 4.0);
  client.flush(2.0);
  die();
}

// The greatest resident size so far, in KiB.
long resident() {
#if defined(_WIN32)
  PROCESS_MEMORY_COUNTERS memory{};
  K32GetProcessMemoryInfo(GetCurrentProcess(), &memory, sizeof memory);
  return static_cast<long>(memory.PeakWorkingSetSize / 1024);
#else
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
#endif
}

void short_threads(int count) {
  argus::Client client(quiet());
  const argus::Counter orders = client.counter("orders");
  const auto record = [&] {
    orders.increment();
    client.timing("work", 1e-3);
  };
  for (int i = 0; i < count / 10; ++i) std::thread(record).join();
  const long before = resident();
  for (int i = count / 10; i < count; ++i) std::thread(record).join();
  const long grown = resident() - before;
  std::printf("%ld %d\n", grown, client.flush(20.0) ? 1 : 0);
}

#if !defined(_WIN32)

void fork_once() {
  argus::Client client(quiet());
  const argus::Counter orders = client.counter("orders");
  orders.increment(5.0);
  client.log(argus::Level::info, "before the fork");
  const pid_t child = fork();
  orders.increment(child == 0 ? 2.0 : 1.0);
  if (child == 0) {
    client.log(argus::Level::info, "in the child");
    const bool complete = client.flush(20.0);
    std::_Exit(complete ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  std::printf("%d\n", status);
}

// Many forks while other threads record, log and make series: no child hangs, no count is lost or doubled.
void fork_storm() {
  argus::Client client(quiet());
  std::atomic<bool> stop{false};
  std::atomic<long> recorded{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      for (long i = 0; !stop.load(); ++i) {
        client.increment("orders", {{"n", std::to_string(i % 500)}});
        client.log(argus::Level::info, "working");
        recorded.fetch_add(1);
      }
    });
  }
  int failed = 0;
  for (int i = 0; i < 20; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      client.increment("children");
      std::_Exit(client.flush(20.0) ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    failed += status == 0 ? 0 : 1;
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  const bool complete = client.flush(20.0);
  std::printf("%ld %d %d\n", recorded.load(), failed, complete ? 1 : 0);
}

argus::Counter signals;
argus::Timer signal_times;
std::atomic<long> handled{0};

void on_signal(int) {
  signals.increment();
  signal_times.record(1e-6);
  handled.fetch_add(1);
}

// Handlers interrupt records, allocations and look-ups, on threads that have recorded and threads that have not.
void signal_storm() {
  argus::Client client(quiet());
  signals = client.counter("signals");
  signal_times = client.timer("signal_times");
  const argus::Counter loop = client.counter("loop");
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGALRM, &action, nullptr);
  const itimerval every{{0, 50}, {0, 50}};
  setitimer(ITIMER_REAL, &every, nullptr);
  std::atomic<long> recorded{0};
  const auto work = [&] {
    for (int i = 0; i < 200'000 || handled.load() < 2000; ++i) {
      loop.increment();
      signals.increment();
      client.gauge("g", i);
      recorded.fetch_add(1);
      if (i % 64 == 0) {
        const std::vector<std::string> garbage(8, std::string(100, 'x'));
        client.increment("named", {{"n", garbage[0].substr(0, static_cast<size_t>(i % 50) + 1)}});
      }
    }
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) threads.emplace_back(work);
  for (int t = 0; t < 200; ++t) std::thread([] { std::this_thread::sleep_for(std::chrono::microseconds(100)); }).join();
  for (std::thread& thread : threads) thread.join();
  const itimerval off{};
  setitimer(ITIMER_REAL, &off, nullptr);
  const bool complete = client.flush(20.0);
  std::printf("%ld %ld %d\n", handled.load(), recorded.load(), complete ? 1 : 0);
  signals = {};
  signal_times = {};
}

#endif

}  // namespace

int main(int count, char** arguments) {
  const std::map<std::string, void (*)()> scenarios {
    {"one-of-each", one_of_each}, {"system-metrics", system_metrics}, {"exit-in-the-middle", exit_in_the_middle},
        {"wrong-option", wrong_option}, {"late-static", late_static}, {"without-url", nothing_is_sent_without_url},
        {"log-flood", [] { log_flood(40'000); }}, {"soak", soak}, {"spool-then-die", spool_then_die},
        {"100000-short-threads", [] { short_threads(100'000); }}, {"3000-short-threads", [] { short_threads(3'000); }},
#if !defined(_WIN32)
        {"fork", fork_once}, {"fork-storm", fork_storm}, {"signal-storm", signal_storm},
#endif
  };
  const auto scenario = scenarios.find(count == 2 ? arguments[1] : "");
  if (scenario == scenarios.end()) {
    std::fprintf(stderr, "usage: driver SCENARIO, one of:\n");
    for (const auto& [name, run] : scenarios) std::fprintf(stderr, "  %s\n", name.c_str());
    return 2;
  }
  scenario->second();
  return 0;
}
