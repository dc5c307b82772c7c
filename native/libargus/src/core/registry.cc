#include "registry.h"

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>

namespace argus::core {

namespace {

constexpr std::string_view kOverflowName = "argus.overflow";
const Tags kOverflowTag{{"argus_overflow", "true"}};

}  // namespace

Registry::Registry(Options options) : options_(options), id_(ThreadShards::enroll(this)) {}

Registry::~Registry() {
  ThreadShards::strike(id_);
  if (recorder_ != nullptr) recorder_->file().forget_mappings();
}

uint32_t Registry::resolve(Kind kind, std::string_view name, const TagView* tags, size_t count, bool pin) {
  Tags own = sorted(tags, count);
  std::string identity = format_key(name, own);
  const Lock lock(mutex_);
  Book& kept = book(kind);
  const auto known = kept.by_identity.find(identity);
  uint32_t slot;
  if (known != kept.by_identity.end()) {
    slot = known->second;
  } else if (live_series_ < options_.max_series) {
    slot = add_series(kind, name, std::move(own), std::move(identity), false);
  } else {
    slot = overflow_slot(kind, name);
  }
  if (pin) ++kept.series[slot]->pins;
  return slot;
}

// Totals by name stay right: records over the limit land in a series of the same name, as long as the name is known.
uint32_t Registry::overflow_slot(Kind kind, std::string_view name) {
  const Book& kept = book(kind);
  const bool known = kept.name_uses.count(std::string(name)) != 0;
  const std::string_view target = known ? name : kOverflowName;
  const Tags tags = known ? kOverflowTag : Tags{};
  std::string identity = format_key(target, tags);
  const auto found = kept.by_identity.find(identity);
  if (found != kept.by_identity.end()) return found->second;
  return add_series(kind, target, tags, std::move(identity), true);
}

uint32_t Registry::add_series(Kind kind, std::string_view name, Tags tags, std::string identity, bool overflow) {
  Book& kept = book(kind);
  uint32_t slot;
  if (kept.free.empty()) {
    slot = static_cast<uint32_t>(kept.series.size());
    kept.series.push_back(std::make_unique<Series>());
  } else {
    slot = kept.free.back();
    kept.free.pop_back();
  }
  Series& series = *kept.series[slot];
  series.name = name;
  series.tags = std::move(tags);
  series.identity = std::move(identity);
  series.key = std::make_shared<const std::string>(format_key(name, merged(series.tags, constant_tags_)));
  series.serial = next_serial_++;
  series.pins = 0;
  series.idle = 0;
  series.live = true;
  series.overflow = overflow;
  kept.by_identity.emplace(series.identity, slot);
  ++kept.name_uses[series.name];
  ++live_series_;
  if (Recorder* const kept_in = live_recorder()) kept_in->name(kind, slot, *series.key);
  return slot;
}

void Registry::unpin(Kind kind, uint32_t slot) {
  const Lock lock(mutex_);
  Series& series = *book(kind).series[slot];
  if (series.pins > 0) --series.pins;
}

void Registry::expire_idle(Book& book) {
  book.free.insert(book.free.end(), book.resting.begin(), book.resting.end());
  book.resting.clear();
  for (uint32_t slot = 0; slot < book.series.size(); ++slot) {
    Series& series = *book.series[slot];
    if (!series.live || series.pins > 0 || series.idle < options_.idle_windows) continue;
    series.live = false;
    book.by_identity.erase(series.identity);
    const auto uses = book.name_uses.find(series.name);
    if (--uses->second == 0) book.name_uses.erase(uses);
    book.resting.push_back(slot);
    --live_series_;
    ++counted_.expired;
    // release: a thread that sees the new generation has dropped its cached slots before it records again.
    generation_.fetch_add(1, std::memory_order_release);
  }
}

void Registry::set_constant_tags(Tags tags) {
  const Lock lock(mutex_);
  constant_tags_ = std::move(tags);
  for (size_t kind = 0; kind < kKinds; ++kind) {
    Book& kept = books_[kind];
    for (uint32_t slot = 0; slot < kept.series.size(); ++slot) {
      Series& series = *kept.series[slot];
      if (!series.live) continue;
      series.key = std::make_shared<const std::string>(format_key(series.name, merged(series.tags, constant_tags_)));
      series.serial = next_serial_++;
      if (Recorder* const kept_in = live_recorder()) kept_in->name(static_cast<Kind>(kind), slot, *series.key);
    }
  }
}

void Registry::record_into(std::shared_ptr<Recorder> recorder) {
  const Lock lock(mutex_);
  const uint64_t epoch = epoch_.load(std::memory_order_relaxed);
  for (Shard& shard : shards_) {
    if (!shard.move_into(recorder->file())) {
      throw std::system_error(ENOSPC, std::generic_category(),
                              "no flight recorder: its file has no room for the cells");
    }
  }
  for (size_t kind = 0; kind < kKinds; ++kind) {
    Book& kept = books_[kind];
    for (uint32_t slot = 0; slot < kept.series.size(); ++slot) {
      const Series& series = *kept.series[slot];
      const std::string_view key = series.live ? std::string_view(*series.key) : std::string_view();
      recorder->name(static_cast<Kind>(kind), slot, key);
      if (static_cast<Kind>(kind) == Kind::timing) {
        recorder->note(slot, series.timing, epoch);
      } else {
        recorder->note(static_cast<Kind>(kind), slot, series.totals, epoch);
      }
    }
  }
  recorder->begin(epoch);
  // release: who finds the file may write it.
  flight_.store(&recorder->file(), std::memory_order_release);
  recorder_ = std::move(recorder);
}

Shard& Registry::shard() {
  Shard* shard = ThreadShards::of(*this, id_);
  if (shard == nullptr) {
    ThreadShards::forget_dead();
    shard = ThreadShards::of(*this, id_);
  }
  if (shard == nullptr) throw std::bad_alloc();
  return *shard;
}

Shard& Registry::take_shard() {
  Shard* const shard = shards_.claim();
  if (shard == nullptr) throw std::bad_alloc();
  const Lock lock(mutex_);
  taken_shards_.push_back(shard);
  return *shard;
}

void Registry::rebaseline() {
  new (&mutex_) Mutex;  // NOLINT(cppcoreguidelines-owning-memory): the old one may be locked by a thread that is gone
  {
    const Lock lock(mutex_);
    const bool zeroed = recorder_ != nullptr && recorder_->file().left();
    const Shard* const mine = ThreadShards::cached(id_);
    for (Shard& shard : shards_) {
      const bool taken = std::find(taken_shards_.begin(), taken_shards_.end(), &shard) != taken_shards_.end();
      if (&shard == mine || taken) continue;
      shard.leave();  // its thread may have been in the middle of a record
      shard.release();
    }
    if (zeroed) forget_totals();
  }
  collect(true);
}

// What the cells had added up to lay in the parent's file; here they begin again at zero.
void Registry::forget_totals() {
  for (Book& kept : books_) {
    for (const auto& series : kept.series) {
      series->totals = {};
      series->timing = {};
    }
  }
}

Stats Registry::stats() {
  const Lock lock(mutex_);
  Stats result = counted_;
  result.series = live_series_;
  result.rejected += unrecorded_.load(std::memory_order_relaxed);
  for (const Shard& shard : shards_) {
    result.rejected += shard.refused();
    result.bytes += shard.bytes();
  }
  return result;
}

}  // namespace argus::core
