// The drain: cumulative now − cumulative at the last drain, over all shards.
#include <algorithm>
#include <limits>

#include "registry.h"

namespace argus::core {

namespace {

struct Range {
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();

  void widen(double low, double high) noexcept {
    min = std::min(min, low);
    max = std::max(max, high);
  }
  bool empty() const noexcept { return min > max; }
};

void read_extremes(const ExtremesPair& pair, uint32_t epoch, Range& range) noexcept {
  const Extremes& slot = pair[epoch & 1];
  // acquire: pairs with the release in Extremes::note.
  if (slot.epoch.load(std::memory_order_acquire) != epoch) return;
  range.widen(slot.min.load(std::memory_order_relaxed), slot.max.load(std::memory_order_relaxed));
}

}  // namespace

// Reads one window out of the shards. Holds the registry's mutex for its whole life, through `collect`.
class Registry::Collector {
 public:
  // `recorder` may be nullptr.
  Collector(const ShardList& shards, uint32_t epoch, bool consume, Recorder* recorder)
      : shards_(shards), epoch_(epoch), consume_(consume), recorder_(recorder) {}

  // Each returns how many records the window holds of the series.
  uint64_t counter(uint32_t slot, Series& series, CounterColumns& out) const;
  uint64_t gauge(uint32_t slot, Series& series, GaugeColumns& out) const;
  uint64_t timing(uint32_t slot, Series& series, TimingColumns& out) const;

 private:
  static SeriesRef ref(uint32_t slot, const Series& series) { return {slot, series.serial, series.key}; }
  static void add_octaves(const Shard& shard, const TimingCell& cell, TimingTotals& now);
  static uint64_t difference(const TimingTotals& now, const TimingTotals& before, std::vector<Bin>& bins);

  void keep(Kind kind, uint32_t slot, Series& series, const CounterTotals& now) const {
    if (!consume_) return;
    series.totals = now;
    if (recorder_ != nullptr) recorder_->note(kind, slot, now, epoch_ + 1);
  }

  const ShardList& shards_;
  const uint32_t epoch_;
  const bool consume_;
  Recorder* const recorder_;
};

uint64_t Registry::Collector::counter(uint32_t slot, Series& series, CounterColumns& out) const {
  CounterTotals now;
  for (const Shard& shard : shards_) {
    const CounterCell* cell = shard.find_counter(slot);
    if (cell == nullptr) continue;
    const uint64_t ones = cell->ones.load(std::memory_order_relaxed);
    now.count += cell->count.load(std::memory_order_relaxed) + ones;
    now.sum += cell->sum.load(std::memory_order_relaxed) + static_cast<double>(ones);
  }
  const uint64_t count = now.count - series.totals.count;
  if (count == 0) return 0;
  out.series.push_back(ref(slot, series));
  out.sum.push_back(now.sum - series.totals.sum);
  out.count.push_back(count);
  keep(Kind::counter, slot, series, now);
  return count;
}

uint64_t Registry::Collector::gauge(uint32_t slot, Series& series, GaugeColumns& out) const {
  CounterTotals now;
  Range range;
  double last = 0.0;
  uint64_t newest = 0;
  for (const Shard& shard : shards_) {
    const GaugeCell* cell = shard.find_gauge(slot);
    if (cell == nullptr) continue;
    const uint64_t count = cell->count.load(std::memory_order_relaxed);
    if (count == 0) continue;
    now.count += count;
    now.sum += cell->sum.load(std::memory_order_relaxed);
    read_extremes(cell->extremes, epoch_, range);
    const uint64_t stamp = cell->stamp.load(std::memory_order_relaxed);
    if (stamp >= newest) {
      newest = stamp;
      last = cell->last.load(std::memory_order_relaxed);
    }
  }
  const uint64_t count = now.count - series.totals.count;
  if (count == 0) return 0;
  // A record that raced the end of the window has its extremes in the next one: the last value bounds them.
  if (range.empty()) range.widen(last, last);
  out.series.push_back(ref(slot, series));
  out.last.push_back(last);
  out.min.push_back(range.min);
  out.max.push_back(range.max);
  out.sum.push_back(now.sum - series.totals.sum);
  out.count.push_back(count);
  keep(Kind::gauge, slot, series, now);
  return count;
}

uint64_t Registry::Collector::timing(uint32_t slot, Series& series, TimingColumns& out) const {
  TimingTotals now;
  for (const Shard& shard : shards_) {
    const TimingCell* cell = shard.find_timing(slot);
    if (cell != nullptr) now.touched += cell->touched.load(std::memory_order_relaxed);
  }
  if (now.touched == series.timing.touched) return 0;

  Range range;
  now.octaves = series.timing.octaves;
  now.bins.assign(series.timing.bins.size(), 0);
  for (const Shard& shard : shards_) {
    const TimingCell* cell = shard.find_timing(slot);
    if (cell == nullptr) continue;
    now.sum += cell->sum.load(std::memory_order_relaxed);
    now.zeros += cell->zeros.load(std::memory_order_relaxed);
    read_extremes(cell->extremes, epoch_, range);
    add_octaves(shard, *cell, now);
  }
  const uint64_t zeros = now.zeros - series.timing.zeros;
  std::vector<Bin> bins;
  const uint64_t count = zeros + difference(now, series.timing, bins);
  if (count == 0) return 0;
  if (zeros > 0) range.widen(0.0, 0.0);
  if (range.empty()) range.widen(lower_bound_of(bins.front().index), lower_bound_of(bins.back().index + 1));
  out.series.push_back(ref(slot, series));
  out.count.push_back(count);
  out.sum.push_back(now.sum - series.timing.sum);
  out.min.push_back(range.min);
  out.max.push_back(range.max);
  out.bins.push_back(std::move(bins));
  if (consume_) {
    series.timing = std::move(now);
    if (recorder_ != nullptr) recorder_->note(slot, series.timing, epoch_ + 1);
  }
  return count;
}

void Registry::Collector::add_octaves(const Shard& shard, const TimingCell& cell, TimingTotals& now) {
  for (unsigned octave = 0; octave < kOctaves; ++octave) {
    // acquire: pairs with the release in Shard::new_octave.
    const uint32_t known = cell.octaves[octave].load(std::memory_order_acquire);
    if (known == 0) continue;
    const Octave* counts = shard.find_octave(known - 1);
    const auto place = std::find(now.octaves.begin(), now.octaves.end(), octave);
    const auto row = static_cast<size_t>(place - now.octaves.begin());
    if (place == now.octaves.end()) {
      now.octaves.push_back(static_cast<uint8_t>(octave));
      now.bins.resize(now.bins.size() + kBinsPerOctave, 0);
    }
    uint64_t* const bins = now.bins.data() + row * kBinsPerOctave;
    for (unsigned i = 0; i < kBinsPerOctave; ++i) {
      bins[i] += counts->bins[i].load(std::memory_order_relaxed);
    }
  }
}

// Octaves keep their row from drain to drain, so `before` is a prefix of `now`.
uint64_t Registry::Collector::difference(const TimingTotals& now, const TimingTotals& before, std::vector<Bin>& bins) {
  uint64_t total = 0;
  for (size_t row = 0; row < now.octaves.size(); ++row) {
    for (unsigned i = 0; i < kBinsPerOctave; ++i) {
      const size_t at = row * kBinsPerOctave + i;
      const uint64_t count = now.bins[at] - (at < before.bins.size() ? before.bins[at] : 0);
      if (count == 0) continue;
      total += count;
      bins.push_back({index_of(BinPlace{now.octaves[row], i}), count});
    }
  }
  std::sort(bins.begin(), bins.end(), [](const Bin& a, const Bin& b) { return a.index < b.index; });
  return total;
}

Window Registry::collect(bool consume) {
  TickClock::refine();
  const Lock lock(mutex_);
  // From here on writers note extremes in the next window's slot; this window's stay still while they are read.
  const uint32_t epoch =
      consume ? epoch_.fetch_add(1, std::memory_order_acq_rel) : epoch_.load(std::memory_order_relaxed);
  Recorder* const kept_in = consume ? live_recorder() : nullptr;
  const Collector collector(shards_, epoch, consume, kept_in);
  Window window;
  for (size_t kind = 0; kind < kKinds; ++kind) {
    Book& kept = books_[kind];
    for (uint32_t slot = 0; slot < kept.series.size(); ++slot) {
      Series& series = *kept.series[slot];
      if (!series.live) continue;
      uint64_t records = 0;
      switch (static_cast<Kind>(kind)) {
        case Kind::counter: records = collector.counter(slot, series, window.counters); break;
        case Kind::gauge: records = collector.gauge(slot, series, window.gauges); break;
        case Kind::timing: records = collector.timing(slot, series, window.timings); break;
      }
      if (!consume) continue;
      series.idle = records == 0 ? series.idle + 1 : 0;
      if (series.overflow) counted_.overflowed += records;
    }
    if (consume) expire_idle(kept);
  }
  if (kept_in != nullptr) kept_in->drained(epoch + 1);
  return window;
}

}  // namespace argus::core
