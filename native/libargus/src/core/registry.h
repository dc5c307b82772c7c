// The registry: name + tags → series, the shards that record them, and the drain that reads them.
//
// Thread rule: `resolve`, `unpin`, `set_constant_tags`, `stats` and the drain take the registry's mutex; recording
// takes nothing. Drains are serialised by the mutex.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "bits.h"
#include "key.h"
#include "recorder.h"
#include "shard.h"
#include "shard_list.h"
#include "thread_safety.h"
#include "thread_shards.h"
#include "totals.h"
#include "window.h"

namespace argus::core {

struct Options {
  uint32_t max_series = 10'000;  // over it, new series fold into an overflow series
  uint32_t idle_windows = 360;   // drains without a record before an unpinned series is forgotten
};

struct Stats {
  uint64_t series = 0;      // held now
  uint64_t rejected = 0;    // values that were not finite, or negative where that makes no sense
  uint64_t overflowed = 0;  // records that fell into an overflow series
  uint64_t expired = 0;     // series forgotten because they were idle
  uint64_t bytes = 0;       // memory of all shards
};

class Registry {
 public:
  explicit Registry(Options options = {});
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // The slot of a series, registered if it is new. `name` and tags have passed `problem_of`.
  // With `pin` the series stays until as many calls of `unpin`; a handle pins.
  uint32_t resolve(Kind kind, std::string_view name, const TagView* tags, size_t count, bool pin);
  void unpin(Kind kind, uint32_t slot);

  // Record into a series' cell: a counter's, a gauge's, a timing's. From any thread and any signal handler.
  void add(uint32_t slot, double value) noexcept {
    if (value == 1.0) return increment(slot);
    if (!usual([=](Shard& shard) { return shard.add_usual(slot, value); })) add_rarely(slot, value);
  }
  void increment(uint32_t slot) noexcept {
    if (!usual([=](Shard& shard) { return shard.increment_usual(slot); })) increment_rarely(slot);
  }
  void set(uint32_t slot, double value) noexcept {
    if (!usual([=](Shard& shard) { return shard.set_usual(slot, value); })) set_rarely(slot, value);
  }
  void time(uint32_t slot, double seconds) noexcept {
    if (!usual([=](Shard& shard) { return shard.record_usual(slot, seconds); })) time_rarely(slot, seconds);
  }

  // Runs `body` with a shard that the calling thread may write now. From any thread and any signal handler; no lock, no
  // allocator. What cannot be recorded because memory is exhausted counts as rejected.
  template <typename Body>
  void record(Body&& body) noexcept {
    Shard* const own = ThreadShards::of(*this, id_);
    if (own != nullptr && own->enter()) {
      body(*own);
      own->leave();
      return;
    }
    record_elsewhere(body);
  }

  // The calling thread's shard; it goes to the next new thread when this one ends. Throws std::bad_alloc. For a thread
  // that records in no signal handler.
  Shard& shard();

  // A shard for a writer that sees to it itself that one thread at a time writes, such as an interpreter with a
  // global lock. It lives as long as the registry. Throws std::bad_alloc.
  Shard& take_shard();

  // Changes whenever a series expires: then what was cached by name may be wrong.
  uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }

  void set_constant_tags(Tags tags);

  // From now on cells, keys and what is drained lie in the recorder's file, too; what was recorded and not drained
  // moves there. Where shards have cells already, nobody may record meanwhile. Throws std::system_error where the file
  // has no room; the registry then goes on as before.
  void record_into(std::shared_ptr<Recorder> recorder);

  Window drain() { return collect(true); }
  Window peek() { return collect(false); }

  // In the child of a fork: forget what was recorded and not drained, and take back the shards of threads that the
  // child does not have. The mutex is made anew, for its owner may not exist here.
  void rebaseline();

  // Hold the registry still while the process forks; the child calls `rebaseline` instead of unlocking.
  void lock_for_fork() noexcept ARGUS_UNCHECKED { mutex_.lock(); }
  void unlock_after_fork() noexcept ARGUS_UNCHECKED { mutex_.unlock(); }

  Stats stats();

 private:
  struct Series {
    std::string name;
    Tags tags;
    std::string identity;  // the key without constant tags
    std::shared_ptr<const std::string> key;
    uint64_t serial = 0;
    uint32_t pins = 0;
    uint32_t idle = 0;
    bool live = false;
    bool overflow = false;
    CounterTotals totals;  // at the last drain; gauges use it too
    TimingTotals timing;
  };
  // The series of one kind. An expired slot rests for one window before it is reused, so that a thread that still
  // holds it from a name cache cannot hit its successor.
  struct Book {
    std::unordered_map<std::string, uint32_t> by_identity;
    std::unordered_map<std::string, uint32_t> name_uses;
    std::vector<std::unique_ptr<Series>> series;
    std::vector<uint32_t> resting;
    std::vector<uint32_t> free;
  };
  class Collector;

  Book& book(Kind kind) ARGUS_REQUIRES(mutex_) { return books_[static_cast<size_t>(kind)]; }
  uint32_t add_series(Kind kind, std::string_view name, Tags tags, std::string identity, bool overflow)
      ARGUS_REQUIRES(mutex_);
  uint32_t overflow_slot(Kind kind, std::string_view name) ARGUS_REQUIRES(mutex_);
  Recorder* live_recorder() const noexcept ARGUS_REQUIRES(mutex_) {
    return recorder_ != nullptr && recorder_->file().live() ? recorder_.get() : nullptr;
  }
  void expire_idle(Book& book) ARGUS_REQUIRES(mutex_);
  void forget_totals() ARGUS_REQUIRES(mutex_);
  Window collect(bool consume);

  friend class ThreadShards;
  Shard* claim_shard() noexcept { return shards_.claim(); }

  template <typename Body>
  bool usual(Body body) noexcept {
    Shard* const own = ThreadShards::usual(id_);
    if (own == nullptr || !own->enter()) return false;
    const bool done = body(*own);
    own->leave();
    return done;
  }
  ARGUS_RARE void increment_rarely(uint32_t slot) noexcept {
    record([=](Shard& shard) { shard.increment(shard.counter(slot)); });
  }
  ARGUS_RARE void add_rarely(uint32_t slot, double value) noexcept {
    record([=](Shard& shard) { shard.add(shard.counter(slot), value); });
  }
  ARGUS_RARE void set_rarely(uint32_t slot, double value) noexcept {
    record([=](Shard& shard) { shard.set(shard.gauge(slot), value); });
  }
  ARGUS_RARE void time_rarely(uint32_t slot, double seconds) noexcept {
    record([=](Shard& shard) { shard.record(shard.timing(slot), seconds); });
  }

  // For a handler that interrupted a record, and for a thread that could get no shard to keep.
  template <typename Body>
  ARGUS_RARE void record_elsewhere(Body& body) noexcept {
    Shard* const spare = shards_.claim();
    if (spare == nullptr) {
      unrecorded_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    body(*spare);
    spare->release();
  }

  const Options options_;
  const uint64_t id_;  // never reused, so that a thread's cache cannot mistake a new registry for an old one
  std::atomic<uint32_t> epoch_{1};
  std::atomic<uint64_t> generation_{0};
  std::atomic<uint64_t> unrecorded_{0};
  FlightSlot flight_{nullptr};
  ShardList shards_{epoch_, flight_};
  Mutex mutex_;
  Book books_[kKinds] ARGUS_GUARDED_BY(mutex_);
  std::vector<const Shard*> taken_shards_ ARGUS_GUARDED_BY(mutex_);
  // Kept when it is closed: a thread may still be asking it for a chunk.
  std::shared_ptr<Recorder> recorder_ ARGUS_GUARDED_BY(mutex_);
  Tags constant_tags_ ARGUS_GUARDED_BY(mutex_);
  uint64_t next_serial_ ARGUS_GUARDED_BY(mutex_) = 1;
  uint64_t live_series_ ARGUS_GUARDED_BY(mutex_) = 0;
  Stats counted_ ARGUS_GUARDED_BY(mutex_);
};

}  // namespace argus::core
