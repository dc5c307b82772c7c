// A shard: one writer's cells of every series.
//
// Thread rule: one thread writes a shard at a time; the drain reads it meanwhile. When its thread ends, the shard
// with all it holds goes to the next new thread, so totals only grow and memory stays at the greatest number of
// threads that ever lived at once.
//
// Signal rule: a record is a load and a store, so a handler that interrupted one on the same thread must not write the
// same cells. `enter` tells it so; it then claims another shard for the moment.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "bits.h"
#include "cell.h"
#include "clock.h"
#include "slab.h"

namespace argus::core {

class Shard {
 public:
  // `epoch` and `flight` are the registry's and outlive the shard; `number` is its own in the registry.
  Shard(const std::atomic<uint32_t>& epoch, const FlightSlot& flight, uint32_t number) noexcept
      : epoch_(epoch),
        counters_(flight, flight::Part::counters, number),
        gauges_(flight, flight::Part::gauges, number),
        timings_(flight, flight::Part::timings, number),
        octaves_(flight, flight::Part::octaves, number) {}

  CounterCell* counter(uint32_t slot) noexcept { return counters_.ensure(slot); }
  GaugeCell* gauge(uint32_t slot) noexcept { return gauges_.ensure(slot); }
  TimingCell* timing(uint32_t slot) noexcept { return timings_.ensure(slot); }

  // Take the shard for a thread, if it is free; free it again, with all it holds.
  bool claim() noexcept {
    bool taken = false;
    // acquire: pairs with `release`, so what its last thread wrote is seen.
    return !claimed_.load(std::memory_order_relaxed) &&
           claimed_.compare_exchange_strong(taken, true, std::memory_order_acquire, std::memory_order_relaxed);
  }
  void release() noexcept { claimed_.store(false, std::memory_order_release); }

  // Begin and end a record on the thread that claimed the shard. False: this thread is in the middle of one.
  bool enter() noexcept {
    if (entered_.load(std::memory_order_relaxed)) return false;
    entered_.store(true, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);
    return true;
  }
  void leave() noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    entered_.store(false, std::memory_order_relaxed);
  }

  // Record into a cell of this shard. What is not a number to count with is refused and counted.
  void add(CounterCell* cell, double value) noexcept {
    if (cell == nullptr || !is_amount(value)) return refuse();
    if (value == 1.0) {
      cell->increment();
    } else {
      cell->add(value);
    }
  }

  void increment(CounterCell* cell) noexcept {
    if (cell == nullptr) return refuse();
    cell->increment();
  }

  void set(GaugeCell* cell, double value) noexcept {
    if (cell == nullptr || !is_finite(value)) return refuse();
    cell->set(value, epoch(), order_stamp());
  }

  void record(TimingCell* cell, double seconds) noexcept {
    if (cell == nullptr || !is_amount(seconds)) return refuse();
    if (!count_in_bin(*cell, seconds)) return refuse();
    add_up(*cell, seconds);
  }

  // The same for a series whose cell and bins are there already, which is nearly always; else false, and nothing is
  // done. They call no function, so what calls them has no registers to save.
  bool increment_usual(uint32_t slot) noexcept {
    CounterCell* const cell = counters_.find(slot);
    if (cell == nullptr) return false;
    cell->increment();
    return true;
  }

  bool add_usual(uint32_t slot, double value) noexcept {
    CounterCell* const cell = counters_.find(slot);
    if (cell == nullptr || !is_amount(value)) return false;
    cell->add(value);
    return true;
  }

  bool set_usual(uint32_t slot, double value) noexcept {
    GaugeCell* const cell = gauges_.find(slot);
    if (cell == nullptr) return false;
    set(cell, value);
    return true;
  }

  bool record_usual(uint32_t slot, double seconds) noexcept {
    TimingCell* const cell = timings_.find(slot);
    const BinPlace place = place_within_octaves(seconds);
    if (cell == nullptr || place.octave >= kOctaves) return false;
    const uint32_t known = cell->octaves[place.octave].load(std::memory_order_relaxed);
    if (known == 0) return false;
    grow(octaves_.at(known - 1).bins[place.position], uint64_t{1});
    add_up(*cell, seconds);
    return true;
  }

  // For the drain: cells that exist, and what was refused.
  const CounterCell* find_counter(uint32_t slot) const noexcept { return counters_.find(slot); }
  const GaugeCell* find_gauge(uint32_t slot) const noexcept { return gauges_.find(slot); }
  const TimingCell* find_timing(uint32_t slot) const noexcept { return timings_.find(slot); }
  const Octave* find_octave(uint32_t index) const noexcept { return octaves_.find(index); }
  uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

  void refuse() noexcept { grow(refused_, uint64_t{1}); }

  // See Slab.
  bool move_into(FlightFile& file) noexcept {
    return counters_.move_into(file) && gauges_.move_into(file) && timings_.move_into(file) && octaves_.move_into(file);
  }

  size_t bytes() const noexcept {
    return sizeof *this + counters_.bytes() + gauges_.bytes() + timings_.bytes() + octaves_.bytes();
  }

  // Names this shard's thread has resolved before, valid while `generation` is the registry's. Owner thread only.
  struct NameCache {
    std::unordered_map<std::string, uint32_t> slots;
    uint64_t generation = 0;
    std::string probe;  // kept between calls so that a look-up allocates nothing
  };
  NameCache& names() noexcept { return names_; }

 private:
  uint32_t epoch() const noexcept { return epoch_.load(std::memory_order_relaxed); }

  // All of a record but its bin.
  void add_up(TimingCell& cell, double seconds) noexcept {
    grow(cell.sum, seconds);
    const uint32_t now = epoch();
    cell.extremes[now & 1].note(seconds, now);
    grow(cell.touched, uint64_t{1});
  }

  // False only when a new octave could not be allocated.
  bool count_in_bin(TimingCell& cell, double seconds) noexcept {
    if (seconds == 0.0) {
      grow(cell.zeros, uint64_t{1});
      return true;
    }
    const BinPlace place = place_of(seconds);
    const uint32_t known = cell.octaves[place.octave].load(std::memory_order_relaxed);
    Octave* octave = known != 0 ? octaves_.ensure(known - 1) : new_octave(cell, place.octave);
    if (octave == nullptr) return false;
    grow(octave->bins[place.position], uint64_t{1});
    return true;
  }

  ARGUS_RARE Octave* new_octave(TimingCell& cell, unsigned octave) noexcept {
    Octave* made = octaves_.ensure(octaves_made_);
    if (made == nullptr) return nullptr;
    // release: a drain that sees the index finds the octave's chunk.
    cell.octaves[octave].store(++octaves_made_, std::memory_order_release);
    return made;
  }

  friend class ShardList;

  const std::atomic<uint32_t>& epoch_;
  std::atomic<bool> claimed_{true};
  std::atomic<bool> entered_{false};
  Shard* next_ = nullptr;  // in the registry's list; written before the shard is in it
  std::atomic<uint64_t> refused_{0};
  uint32_t octaves_made_ = 0;
  Slab<CounterCell> counters_;
  Slab<GaugeCell> gauges_;
  Slab<TimingCell> timings_;
  Slab<Octave> octaves_;
  NameCache names_;
};

}  // namespace argus::core
