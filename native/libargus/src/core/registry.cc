#include "registry.h"

#include <algorithm>
#include <new>

namespace argus::core {

namespace {

constexpr std::string_view kOverflowName = "argus.overflow";
const Tags kOverflowTag{{"argus_overflow", "true"}};

}  // namespace

Registry::Registry(Options options) : options_(options), id_(ThreadShards::enroll(this)) {}

Registry::~Registry() { ThreadShards::strike(id_); }

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
    slot = add_series(kept, name, std::move(own), std::move(identity), false);
  } else {
    slot = overflow_slot(kept, name);
  }
  if (pin) ++kept.series[slot]->pins;
  return slot;
}

// Totals by name stay right: records over the limit land in a series of the same name, as long as the name is known.
uint32_t Registry::overflow_slot(Book& book, std::string_view name) {
  const bool known = book.name_uses.count(std::string(name)) != 0;
  const std::string_view target = known ? name : kOverflowName;
  const Tags tags = known ? kOverflowTag : Tags{};
  std::string identity = format_key(target, tags);
  const auto found = book.by_identity.find(identity);
  if (found != book.by_identity.end()) return found->second;
  return add_series(book, target, tags, std::move(identity), true);
}

uint32_t Registry::add_series(Book& book, std::string_view name, Tags tags, std::string identity, bool overflow) {
  uint32_t slot;
  if (book.free.empty()) {
    slot = static_cast<uint32_t>(book.series.size());
    book.series.push_back(std::make_unique<Series>());
  } else {
    slot = book.free.back();
    book.free.pop_back();
  }
  Series& series = *book.series[slot];
  series.name = name;
  series.tags = std::move(tags);
  series.identity = std::move(identity);
  series.key = std::make_shared<const std::string>(format_key(name, merged(series.tags, constant_tags_)));
  series.serial = next_serial_++;
  series.pins = 0;
  series.idle = 0;
  series.live = true;
  series.overflow = overflow;
  book.by_identity.emplace(series.identity, slot);
  ++book.name_uses[series.name];
  ++live_series_;
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
  for (Book& kept : books_) {
    for (const auto& series : kept.series) {
      if (!series->live) continue;
      series->key = std::make_shared<const std::string>(format_key(series->name, merged(series->tags, constant_tags_)));
      series->serial = next_serial_++;
    }
  }
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
    const Shard* const mine = ThreadShards::cached(id_);
    for (Shard& shard : shards_) {
      const bool taken = std::find(taken_shards_.begin(), taken_shards_.end(), &shard) != taken_shards_.end();
      if (&shard == mine || taken) continue;
      shard.leave();  // its thread may have been in the middle of a record
      shard.release();
    }
  }
  collect(true);
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
