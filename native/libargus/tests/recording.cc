// Records until it is killed, and tells a file before and after each record what it has recorded: recording TRUTH RUN.
// tests/recorder kills it.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <argus/argus.hpp>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <string>
#include <thread>

namespace {

// Begun and done, of orders, of payments, and of events (tests/support/recording.py).
struct Truth {
  std::atomic<uint64_t> orders_begun, orders_done, payments_begun, payments_done, events_begun, events_done;
};

Truth* open_truth(const char* path) {
  const int file = open(path, O_RDWR | O_CLOEXEC);
  void* const pages = mmap(nullptr, sizeof(Truth), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  return file < 0 || pages == MAP_FAILED ? nullptr : static_cast<Truth*>(pages);
}

}  // namespace

int main(int count, char** words) {
  Truth* const truth = count == 3 ? open_truth(words[1]) : nullptr;
  if (truth == nullptr) {
    std::fprintf(stderr, "usage: recording TRUTH RUN, where TRUTH is a file of %zu bytes\n", sizeof(Truth));
    return 2;
  }
  const std::string run = words[2];
  argus::Options options;
  options.flush_interval = 0.1;
  options.system_metrics = false;
  options.tags = {{"run", run}};
  argus::Client client(options);
  std::thread payments([&] {
    const argus::Timer pay = client.timer("pay");
    for (uint64_t step = 0;; ++step) {
      ++truth->payments_begun;
      pay.record(static_cast<double>(step % 1000) * 1e-6);
      ++truth->payments_done;
    }
  });
  for (uint64_t step = 0;; ++step) {
    ++truth->orders_begun;
    client.increment("orders");
    ++truth->orders_done;
    if (step % 100'000 != 0) continue;
    ++truth->events_begun;
    client.event("step", "run " + run + " step " + std::to_string(step));
    ++truth->events_done;
  }
}
