// The C interface of the registry. Each function is a thin cover that lets no exception out.
#include <atomic>
#include <new>
#include <string>

#include "argus/argus.h"
#include "c_guard.h"
#include "core/registry.h"

using argus::core::Bin;
using argus::core::Kind;
using argus::core::Registry;
using argus::core::Shard;
using argus::core::TickClock;

static_assert(sizeof(argus_bin) == sizeof(Bin), "a window's bins are handed out as they are");

struct argus_registry {
  Registry core;
  std::atomic<size_t> owners{1};  // whoever made it, and each handle

  explicit argus_registry(argus::core::Options options) : core(options) {}

  void acquire() noexcept { owners.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept {
    // acq_rel: what every other owner did with it comes before its end.
    if (owners.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
};

struct argus_series {
  argus_registry* owner;
  Kind kind;
  uint32_t slot;
};

struct argus_window {
  argus::core::Window core;
};

argus::core::Registry& argus::c::core_of(argus_registry* registry) noexcept { return registry->core; }

namespace {

using argus::c::check;
using argus::c::fail;
using argus::c::guarded;
using argus::c::read_options;
using argus::c::TagArray;
using argus::c::view;

// The name and tags as given, as one text; names and values are told apart by a byte that UTF-8 does not have.
void write_probe(std::string& probe, Kind kind, std::string_view name, const argus_tag* tags, size_t count) {
  constexpr char separator = '\xff';
  probe.assign(1, static_cast<char>('0' + static_cast<int>(kind)));
  probe.append(name);
  for (size_t i = 0; i < count; ++i) {
    probe.push_back(separator);
    probe.append(view(tags[i].key));
    probe.push_back(separator);
    probe.append(view(tags[i].value));
  }
}

constexpr size_t kMaxCachedNames = 65'536;

// Finds the slot in the thread's own cache, else asks the registry.
argus_status slot_of(Registry& registry, Shard& shard, Kind kind, argus_string name, const argus_tag* tags,
                     size_t count, uint32_t& slot) {
  Shard::NameCache& names = shard.names();
  const uint64_t generation = registry.generation();
  if (names.generation != generation || names.slots.size() >= kMaxCachedNames) {
    names.slots.clear();
    names.generation = generation;
  }
  write_probe(names.probe, kind, view(name), tags, count);
  const auto known = names.slots.find(names.probe);
  if (known != names.slots.end()) {
    slot = known->second;
    return ARGUS_OK;
  }
  TagArray views;
  const argus_status status = check(name, tags, count, views);
  if (status != ARGUS_OK) return status;
  slot = registry.resolve(kind, view(name), views.data(), count, false);
  names.slots.emplace(names.probe, slot);
  return ARGUS_OK;
}

// Records by name; a name or tag that cannot be a series is a value refused, too.
template <typename Record>
argus_status by_name(argus_registry* registry, Kind kind, argus_string name, const argus_tag* tags, size_t count,
                     Record record) {
  const argus_status status = guarded([&] {
    uint32_t slot = 0;
    const argus_status found = slot_of(registry->core, registry->core.shard(), kind, name, tags, count, slot);
    if (found == ARGUS_OK) record(registry->core, slot);
    return found;
  });
  if (status != ARGUS_OK) registry->core.record([](Shard& shard) { shard.refuse(); });
  return status;
}

template <typename Columns>
void fill_common(const Columns& columns, size_t row, argus_summary* summary) {
  const std::string& key = *columns.series[row].key;
  summary->key = {key.data(), key.size()};
  summary->count = columns.count[row];
  summary->sum = columns.sum[row];
}

argus_window* window_of(argus_registry* registry, bool consume) {
  argus_window* window = nullptr;
  guarded([&] {
    window = new argus_window{consume ? registry->core.drain() : registry->core.peek()};
    return ARGUS_OK;
  });
  return window;
}

}  // namespace

extern "C" {

int argus_abi_version(void) { return ARGUS_ABI_VERSION; }

const char* argus_last_error(void) { return argus::c::last_error().c_str(); }

argus_registry* argus_registry_new(const argus_options* options) {
  argus_registry* registry = nullptr;
  guarded([&] {
    argus_options given;
    if (!read_options(options, given)) return ARGUS_INVALID;
    argus::core::Options chosen;
    if (given.max_series != 0) chosen.max_series = given.max_series;
    if (given.idle_windows != 0) chosen.idle_windows = given.idle_windows;
    registry = new argus_registry(chosen);
    return ARGUS_OK;
  });
  return registry;
}

void argus_registry_free(argus_registry* registry) {
  if (registry != nullptr) registry->release();
}

argus_status argus_set_constant_tags(argus_registry* registry, const argus_tag* tags, size_t count) {
  return guarded([&] {
    TagArray views;
    const argus_status status = check({"constant tags", 13}, tags, count, views);
    if (status == ARGUS_OK) registry->core.set_constant_tags(argus::core::sorted(views.data(), count));
    return status;
  });
}

void argus_get_stats(argus_registry* registry, argus_stats* stats) {
  const argus::core::Stats now = registry->core.stats();
  *stats = {now.series, now.rejected, now.overflowed, now.expired, now.bytes};
}

void argus_rebaseline(argus_registry* registry) { registry->core.rebaseline(); }

argus_series* argus_series_new(argus_registry* registry, argus_kind kind, argus_string name, const argus_tag* tags,
                               size_t tag_count) {
  argus_series* series = nullptr;
  guarded([&] {
    TagArray views;
    const argus_status status = check(name, tags, tag_count, views);
    if (status != ARGUS_OK) return status;
    const Kind chosen = static_cast<Kind>(kind);
    if (chosen == Kind::timing) TickClock::prepare();
    const uint32_t slot = registry->core.resolve(chosen, view(name), views.data(), tag_count, true);
    series = new argus_series{registry, chosen, slot};
    registry->acquire();
    return ARGUS_OK;
  });
  return series;
}

void argus_series_free(argus_series* series) {
  if (series == nullptr) return;
  argus_registry* const owner = series->owner;
  owner->core.unpin(series->kind, series->slot);
  delete series;
  owner->release();
}

void argus_counter_add(argus_series* counter, double value) {
  if (counter == nullptr) return;
  counter->owner->core.add(counter->slot, value);
}

void argus_gauge_set(argus_series* gauge, double value) {
  if (gauge == nullptr) return;
  gauge->owner->core.set(gauge->slot, value);
}

void argus_timer_record(argus_series* timer, double seconds) {
  if (timer == nullptr) return;
  timer->owner->core.time(timer->slot, seconds);
}

uint64_t argus_clock(void) { return TickClock::ticks(); }

void argus_timer_record_since(argus_series* timer, uint64_t began) {
  argus_timer_record(timer, TickClock::seconds_since(began));
}

argus_status argus_increment(argus_registry* registry, argus_string name, double value, const argus_tag* tags,
                             size_t tag_count) {
  return by_name(registry, Kind::counter, name, tags, tag_count,
                 [=](Registry& core, uint32_t slot) { core.add(slot, value); });
}

argus_status argus_gauge(argus_registry* registry, argus_string name, double value, const argus_tag* tags,
                         size_t tag_count) {
  return by_name(registry, Kind::gauge, name, tags, tag_count,
                 [=](Registry& core, uint32_t slot) { core.set(slot, value); });
}

argus_status argus_timing(argus_registry* registry, argus_string name, double seconds, const argus_tag* tags,
                          size_t tag_count) {
  return by_name(registry, Kind::timing, name, tags, tag_count,
                 [=](Registry& core, uint32_t slot) { core.time(slot, seconds); });
}

argus_window* argus_drain(argus_registry* registry) { return window_of(registry, true); }

argus_window* argus_peek(argus_registry* registry) { return window_of(registry, false); }

void argus_window_free(argus_window* window) { delete window; }

size_t argus_window_size(const argus_window* window, argus_kind kind) {
  switch (kind) {
    case ARGUS_COUNTER: return window->core.counters.series.size();
    case ARGUS_GAUGE: return window->core.gauges.series.size();
    case ARGUS_TIMING: return window->core.timings.series.size();
  }
  return 0;
}

argus_status argus_window_row(const argus_window* window, argus_kind kind, size_t row, argus_summary* summary) {
  if (row >= argus_window_size(window, kind)) return fail(ARGUS_INVALID, "no such row in the window");
  *summary = {};
  if (kind == ARGUS_COUNTER) {
    fill_common(window->core.counters, row, summary);
  } else if (kind == ARGUS_GAUGE) {
    const auto& gauges = window->core.gauges;
    fill_common(gauges, row, summary);
    summary->min = gauges.min[row];
    summary->max = gauges.max[row];
    summary->last = gauges.last[row];
  } else {
    const auto& timings = window->core.timings;
    fill_common(timings, row, summary);
    summary->min = timings.min[row];
    summary->max = timings.max[row];
    summary->bins = reinterpret_cast<const argus_bin*>(timings.bins[row].data());
    summary->bin_count = timings.bins[row].size();
  }
  return ARGUS_OK;
}

uint32_t argus_bin_index(double value) { return argus::core::index_of(value); }

double argus_bin_midpoint(uint32_t index) { return argus::core::midpoint_of(index); }

double argus_quantile(const argus_bin* bins, size_t bin_count, uint64_t zeros, double q, double min, double max) {
  double answer = 0.0;
  guarded([&] {
    std::vector<Bin> copied;
    copied.reserve(bin_count);
    for (size_t i = 0; i < bin_count; ++i) copied.push_back({bins[i].index, bins[i].count});
    answer = argus::core::quantile(copied, zeros, q, min, max);
    return ARGUS_OK;
  });
  return answer;
}

}  // extern "C"
