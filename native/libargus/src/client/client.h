// A client: a registry's way to the server. Settings, the queue of log lines, and the flusher, for the life of the
// client and through forks.
#pragma once

#include <memory>

#include "client/diagnostics.h"
#include "client/flusher.h"
#include "client/log_queue.h"
#include "client/settings.h"
#include "core/registry.h"

namespace argus::client {

constexpr double kExitSeconds = 2.0;  // for the last flush of a client, or of all of them at the program's end

class Client {
 public:
  // `registry` outlives the client. Throws std::invalid_argument for a wrong option.
  Client(core::Registry& registry, Settings settings, const Diagnostics& diagnostics);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Any thread.
  void log(argus_level level, std::string_view message, std::string_view logger, const argus_field* fields,
           size_t count);
  void event(std::string_view name, std::string_view text, const argus_tag* tags, size_t count);
  bool flush(double timeout);

  // Sends what is left and ends the flush thread. What is recorded later goes nowhere.
  bool finish(double timeout);

  // Around a fork, on the forking thread (lifecycle.h).
  void before_fork() noexcept { registry_.lock_for_fork(); }
  void after_fork_in_parent() noexcept { registry_.unlock_after_fork(); }
  void after_fork_in_child();

 private:
  void start();
  void queue_line(std::string line, bool urgent) noexcept;

  core::Registry& registry_;
  const Settings settings_;
  const Diagnostics diagnostics_;
  LogQueue queue_;
  std::unique_ptr<Flusher> flusher_;
};

}  // namespace argus::client
