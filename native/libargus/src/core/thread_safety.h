// A mutex that clang's -Wthread-safety understands, and the annotations we use.
#pragma once

#include <mutex>

#if defined(__clang__)
#define ARGUS_ANNOTATE(x) __attribute__((x))
#else
#define ARGUS_ANNOTATE(x)
#endif
#define ARGUS_GUARDED_BY(x) ARGUS_ANNOTATE(guarded_by(x))
#define ARGUS_REQUIRES(x) ARGUS_ANNOTATE(requires_capability(x))
#define ARGUS_UNCHECKED ARGUS_ANNOTATE(no_thread_safety_analysis)

namespace argus::core {

class ARGUS_ANNOTATE(capability("mutex")) Mutex {
 public:
  void lock() ARGUS_ANNOTATE(acquire_capability()) { mutex_.lock(); }
  void unlock() ARGUS_ANNOTATE(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class ARGUS_ANNOTATE(scoped_lockable) Lock {
 public:
  explicit Lock(Mutex& mutex) ARGUS_ANNOTATE(acquire_capability(mutex)) : mutex_(mutex) { mutex_.lock(); }
  ~Lock() ARGUS_ANNOTATE(release_capability()) { mutex_.unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  Mutex& mutex_;
};

}  // namespace argus::core
