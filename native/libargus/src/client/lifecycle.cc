#include "lifecycle.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "client/client.h"
#include "client/now.h"
#include "client/transport.h"
#include "core/thread_safety.h"
#include "core/thread_shards.h"

#if !defined(_WIN32)
#include <pthread.h>
#endif

namespace argus::client::lifecycle {

namespace {

using core::Lock;
using core::Mutex;

struct Watched {
  Mutex mutex;
  std::vector<Client*> clients ARGUS_GUARDED_BY(mutex);
  bool registered ARGUS_GUARDED_BY(mutex) = false;
};

// Leaked on purpose: clients with static storage end after everything that this file could own.
Watched& watched() {
  static Watched* const instance = new Watched;  // NOLINT(cppcoreguidelines-owning-memory)
  return *instance;
}

void flush_at_exit() {
  Watched& all = watched();
  const Lock lock(all.mutex);
  const double deadline = monotonic_now() + kExitSeconds;
  for (Client* client : all.clients) client->finish(std::max(0.0, deadline - monotonic_now()));
}

#if !defined(_WIN32)
void before_fork() ARGUS_UNCHECKED {
  watched().mutex.lock();
  core::ThreadShards::lock_for_fork();
  for (Client* client : watched().clients) client->before_fork();
}

void in_parent() ARGUS_UNCHECKED {
  for (Client* client : watched().clients) client->after_fork_in_parent();
  core::ThreadShards::unlock_after_fork();
  watched().mutex.unlock();
}

void in_child() ARGUS_UNCHECKED {
  core::ThreadShards::unlock_after_fork();
  for (Client* client : watched().clients) client->after_fork_in_child();
  watched().mutex.unlock();
}
#endif

}  // namespace

void watch(Client* client) {
  Watched& all = watched();
  const Lock lock(all.mutex);
  all.clients.push_back(client);
  if (all.registered) return;
  all.registered = true;
  prepare_transport();
  std::atexit(flush_at_exit);
#if !defined(_WIN32)
  pthread_atfork(before_fork, in_parent, in_child);
#endif
}

void forget(Client* client) {
  Watched& all = watched();
  const Lock lock(all.mutex);
  all.clients.erase(std::remove(all.clients.begin(), all.clients.end(), client), all.clients.end());
}

}  // namespace argus::client::lifecycle
